"""Who crosses a line each way, summed by period; after ONVIF's LineCounting.

Every crossing is `line.crossed` already; the sums are what plots and reports are made of, and cost one event a period
however many come. A period in which nobody crossed is not told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Direction, Line
from custos.vision.behaviours.company import EVERY_CLASS, Company
from custos.vision.behaviours.crossing import LineCrossing
from custos.vision.behaviours.periods import Period
from custos.vision.behaviours.sighting import Sighting


class LineCount:
    """The sums of one line. Which way a crossing leads is judged by `LineCrossing`."""

    def __init__(self, spec: BehaviourSpec, line: Line) -> None:
        self._spec, self._line = spec, line
        counted = replace(line.place(), direction=spec.direction or Direction.ANY)
        self._company = Company(spec)
        self._crossing = LineCrossing(counted, EVERY_CLASS)
        self._period = Period(spec.value("period_s"))
        self._now = {Direction.LEFT: 0, Direction.RIGHT: 0}
        self._total = dict(self._now)
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        """The sums of a period that is over, dated to its end."""
        over = self._period.over(at)
        found = self._tell(*over) if over else []
        for crossing in self._crossing.update(self._company.of(tracks), at=at):
            way = Direction(str(crossing.data["direction"]))
            self._now[way] += 1
            self._total[way] += 1
        self._last_at = at
        return found

    def end(self) -> list[Sighting]:
        """The period that is cut off."""
        self._company.end()
        self._crossing.end()
        cut = self._period.end(self._last_at)
        return self._tell(*cut) if cut else []

    def overlays(self) -> tuple[Overlay, ...]:
        left, right = self._total[Direction.LEFT], self._total[Direction.RIGHT]
        return (Overlay(self._spec.id, f"left {left}, right {right}", line_id=self._line.id),)

    def _tell(self, at: datetime, period_s: float) -> list[Sighting]:
        left, right = self._now[Direction.LEFT], self._now[Direction.RIGHT]
        self._now = {Direction.LEFT: 0, Direction.RIGHT: 0}
        if not left + right:
            return []
        data: dict[str, Json] = {"line_id": self._line.id, "left": left, "right": right, "period_s": round(period_s, 3)}
        return [Sighting("line.counted", None, at, data)]
