"""Who crosses a directed line, and which way; after ONVIF's LineDetector.

A track has a side once its foot point is clearly off the line; it crosses when its side changes and the way between
passes through the line, so that somebody swaying on the line is not counted at every sway. What counts as clearly moves
with the line's sensitivity. Outside the line's hours sides are kept and crossings are not told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from math import hypot

from custos.geometry.polygons import Point, segments_cross, side
from custos.model.detections import Tracks, class_ids
from custos.model.overlay import Overlay
from custos.model.places import strictness
from custos.model.site import Direction, Line
from custos.vision.behaviours.sighting import Sighting

CLEAR = 0.012
"""Distance from the line, in picture sizes, at which a point is clearly on one side, at a sensitivity of 0.5."""
SHOWN_S = 4.0
"""For so long the last crossing is drawn as an arrow."""


@dataclass(frozen=True, slots=True)
class _Crossing:
    at: datetime
    track_id: int
    direction: Direction
    way: tuple[Point, Point]


class LineCrossing:
    """The crossings of one line."""

    def __init__(self, line: Line, classes: frozenset[int] | None = None) -> None:
        """`classes` counts instead of the line's own, for behaviours that choose theirs."""
        self.line = line
        self._classes = class_ids(line.classes) if classes is None else classes
        self._clear = CLEAR * strictness(line.sensitivity)
        self._last: dict[int, Point] = {}
        self._counts: Counter[Direction] = Counter()
        self._crossed: _Crossing | None = None
        self._there: frozenset[int] = frozenset()
        self._at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        """Crossings since the last update."""
        found: list[Sighting] = []
        self._at, self._there = at, frozenset(tracks.track_id.tolist())
        for track_id, class_id, foot in zip(
            tracks.track_id.tolist(), tracks.class_id.tolist(), tracks.foot_points().tolist(), strict=True
        ):
            if class_id in self._classes:
                found += self._step(track_id, (foot[0], foot[1]), at)
        for track_id in tracks.ended:
            self._last.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        """Nothing more will come."""
        self._last.clear()
        self._crossed = None
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        """How many have crossed each way; for a while the last one's way through the line, and who it was."""
        if not self._counts or self._at is None:
            return ()
        ways = [Direction.LEFT, Direction.RIGHT] if self.line.direction is Direction.ANY else [self.line.direction]
        text = ", ".join(f"{way.value} {self._counts[way]}" for way in ways)
        last = self._crossed
        if last is None or (self._at - last.at).total_seconds() > SHOWN_S:
            return (Overlay(self.line.id, text, line_id=self.line.id),)
        text = f"{text}; just now to the {last.direction.value}"
        who = (last.track_id,) if last.track_id in self._there else ()
        return (Overlay(self.line.id, text, line_id=self.line.id, track_ids=who, arrows=(last.way,)),)

    def _step(self, track_id: int, foot: Point, at: datetime) -> list[Sighting]:
        a, b = self.line.points
        length = hypot(b[0] - a[0], b[1] - a[1])
        offset = side(a, b, foot) / length
        if abs(offset) < self._clear:
            return []
        before = self._last.get(track_id)
        self._last[track_id] = foot
        if before is None or (side(a, b, before) > 0) == (offset > 0) or not segments_cross(a, b, before, foot):
            return []
        direction = Direction.RIGHT if offset > 0 else Direction.LEFT
        if self.line.direction not in (Direction.ANY, direction):
            return []
        if self.line.hours is not None and not self.line.hours.covers(at):
            return []
        self._counts[direction] += 1
        self._crossed = _Crossing(at, track_id, direction, (before, foot))
        return [Sighting("line.crossed", track_id, at, {"line_id": self.line.id, "direction": direction.value})]
