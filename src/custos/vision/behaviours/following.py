"""One goes through a line right behind another, the same way: what tailgating is built on.

Whether the second had a right to is not for the picture to say; the access side joins this with what the door knows.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Direction, Line
from custos.vision.behaviours.company import EVERY_CLASS, Company
from custos.vision.behaviours.crossing import LineCrossing
from custos.vision.behaviours.sighting import Sighting

SHOWN_S = 3.0


class Following:
    """Who follows whom over one line."""

    def __init__(self, spec: BehaviourSpec, line: Line) -> None:
        self._spec, self._line = spec, line
        self._gap_s = spec.value("gap_s")
        self._company = Company(spec)
        self._crossing = LineCrossing(replace(line.place(), direction=spec.direction or Direction.ANY), EVERY_CLASS)
        self._recent: deque[Sighting] = deque()
        self._told: tuple[datetime, tuple[int, ...]] | None = None
        self._there: frozenset[int] = frozenset()
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._last_at = at
        self._there = frozenset(tracks.track_id.tolist())
        while self._recent and (at - self._recent[0].at).total_seconds() > self._gap_s:
            self._recent.popleft()
        if self._told and (at - self._told[0]).total_seconds() > SHOWN_S:
            self._told = None
        found = []
        for crossing in self._crossing.update(self._company.of(tracks), at=at):
            found += self._follows(crossing)
            self._recent.append(crossing)
        return found

    def end(self) -> list[Sighting]:
        self._company.end()
        self._crossing.end()
        self._recent.clear()
        self._told = None
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        if self._told is None:
            return (Overlay(self._spec.id, line_id=self._line.id),)
        pair = tuple(t for t in self._told[1] if t in self._there)
        return (Overlay(self._spec.id, "followed", line_id=self._line.id, track_ids=pair, is_alert=True),)

    def _follows(self, crossing: Sighting) -> list[Sighting]:
        """The nearest one ahead, if there is one."""
        ways = crossing.data["direction"]
        ahead = [one for one in self._recent if one.data["direction"] == ways and one.track_id != crossing.track_id]
        if not ahead or crossing.track_id is None or ahead[-1].track_id is None:
            return []
        leader = ahead[-1]
        gap_s = round((crossing.at - leader.at).total_seconds(), 3)
        self._told = crossing.at, (ahead[-1].track_id, crossing.track_id)
        data: dict[str, Json] = {"line_id": self._line.id, "direction": ways, "gap_s": gap_s}
        return [Sighting("line.followed", crossing.track_id, crossing.at, data, (ahead[-1].track_id,))]
