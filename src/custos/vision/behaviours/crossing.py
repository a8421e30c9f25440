"""Who crosses a directed line, and which way; after ONVIF's LineDetector.

A track has a side once its foot point is clearly off the line; it crosses when its side changes and the way between
passes through the line, so that somebody swaying on the line is not counted at every sway.
"""

from __future__ import annotations

from datetime import datetime
from math import hypot

from custos.geometry.polygons import Point, segments_cross, side
from custos.model.detections import Tracks, class_ids
from custos.model.overlay import Overlay
from custos.model.site import Direction, Line
from custos.vision.behaviours.sighting import Sighting

CLEAR = 0.012
"""Distance from the line, in picture sizes, at which a point is clearly on one side."""


class LineCrossing:
    """The crossings of one line."""

    def __init__(self, line: Line, classes: frozenset[int] | None = None) -> None:
        """`classes` counts instead of the line's own, for behaviours that choose theirs."""
        self.line = line
        self._classes = class_ids(line.classes) if classes is None else classes
        self._last: dict[int, Point] = {}

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        """Crossings since the last update."""
        found: list[Sighting] = []
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
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        """The line itself is drawn already."""
        return ()

    def _step(self, track_id: int, foot: Point, at: datetime) -> list[Sighting]:
        a, b = self.line.points
        length = hypot(b[0] - a[0], b[1] - a[1])
        offset = side(a, b, foot) / length
        if abs(offset) < CLEAR:
            return []
        before = self._last.get(track_id)
        self._last[track_id] = foot
        if before is None or (side(a, b, before) > 0) == (offset > 0) or not segments_cross(a, b, before, foot):
            return []
        direction = Direction.RIGHT if offset > 0 else Direction.LEFT
        if self.line.direction not in (Direction.ANY, direction):
            return []
        return [Sighting("line.crossed", track_id, at, {"line_id": self.line.id, "direction": direction.value})]
