"""Somebody comes up to the same place again and again: a cue of unease, told from movement alone.

    (away) --a: inside the zone--> (near) --b: outside for away_s--> (away)

Each a counts; `times` of them within window_s make `person.returned`. One track is one person: somebody who leaves the
picture between two approaches is not known again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.within import inside


@dataclass(slots=True)
class _Visitor:
    near_at: datetime | None = None  # when it was last inside
    approaches: deque[datetime] = field(default_factory=lambda: deque(maxlen=50))
    is_told: bool = False


class Returning:
    """The approaches to one zone."""

    def __init__(self, spec: BehaviourSpec, zone: Zone) -> None:
        self._spec, self._zone = spec, zone
        self._times, self._window_s = round(spec.value("times")), spec.value("window_s")
        self._away_s = spec.value("away_s")
        self._visitors: dict[int, _Visitor] = {}
        self._there: tuple[int, ...] = ()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        found: list[Sighting] = []
        self._there = tuple(tracks.track_id.tolist())
        here = inside(self._zone, tracks)
        for row, track_id in enumerate(self._there):
            if here[row] and int(tracks.class_id[row]) in self._spec.class_ids:
                found += self._near(track_id, at)
        for track_id in tracks.ended:
            self._visitors.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        self._visitors.clear()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        marks = []
        for track_id in self._there:
            visitor = self._visitors.get(track_id)
            if visitor is not None and len(visitor.approaches) > 1:
                text = f"here {len(visitor.approaches)} times"
                marks.append(
                    Overlay(self._spec.id, text, zone_id=self._zone.id, track_ids=(track_id,), is_alert=visitor.is_told)
                )
        return tuple(marks)

    def _near(self, track_id: int, at: datetime) -> list[Sighting]:
        visitor = self._visitors.setdefault(track_id, _Visitor())
        was_at, visitor.near_at = visitor.near_at, at
        if was_at is not None and (at - was_at).total_seconds() < self._away_s:
            return []
        if visitor.approaches and (at - visitor.approaches[-1]).total_seconds() > self._window_s:
            visitor.is_told = False
        visitor.approaches.append(at)
        recent = [one for one in visitor.approaches if (at - one).total_seconds() <= self._window_s]
        if len(recent) < self._times or visitor.is_told:
            return []
        visitor.is_told = True
        span_s = (at - recent[0]).total_seconds()
        data: dict[str, Json] = {
            "zone_id": self._zone.id,
            "times": len(recent),
            "duration_s": round(span_s, 1),
            "why": f"came to {self._zone.name} {len(recent)} times in {span_s:.0f} s, and went away in between",
        }
        return [Sighting("person.returned", track_id, at, data)]
