"""Somebody goes against the way that a directed line shows: up a down escalator, out through an entrance, up a one-way
lane.

The line is an arrow: from its first point to its second is the right way. Where the ground is calibrated, ways are
compared on the ground; otherwise on the picture.

    (right) --against for hold_s in all, and a body's length far--> told, once for each track
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import acos, degrees, hypot

import numpy as np

from custos.geometry.polygons import Point, contains
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Line, Zone
from custos.vision.behaviours.company import Company
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.trails import DEPTH, Trails

OVER_S = 0.8
"""A way is the mean of this long: steps sway."""
MOVING_MPS = 0.4
FAR_M = 1.0
"""Somebody who sways back and forth is nowhere near this far."""


@dataclass(slots=True)
class _Against:
    for_s: float = 0.0
    far_m: float = 0.0
    is_told: bool = False
    is_now: bool = False


class WrongWay:
    """Those who go against one line's way."""

    def __init__(self, spec: BehaviourSpec, line: Line, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._line, self._zone = spec, line, zone
        self._hold_s, self._angle = spec.value("hold_s"), spec.value("angle_degrees")
        self._company = Company(spec)
        self._floor = floor
        self._trails = Trails(2 * OVER_S, floor)
        self._against: dict[int, _Against] = {}
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        chosen = self._company.of(tracks)
        self._trails.update(chosen, at)
        step_s = 0.0 if self._last_at is None else min(max((at - self._last_at).total_seconds(), 0.0), OVER_S)
        self._last_at = at
        inside = self._inside(chosen)
        right = self._right_way(tracks.width_px / tracks.height_px)
        found = []
        for row, track_id in enumerate(chosen.track_id.tolist()):
            found += self._step(track_id, right, step_s, at) if inside[row] else []
        for track_id in tracks.ended:
            self._against.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        self._company.end()
        self._trails.end()
        self._against.clear()
        self._last_at = None
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        wrong = tuple(track_id for track_id, one in self._against.items() if one.is_now and one.is_told)
        there = tuple(track_id for track_id in wrong if self._trails.of(track_id))
        arrow = (self._line.points,)
        text = "wrong way" if there else ""
        zone_id = self._zone.id if self._zone else None
        return (Overlay(self._spec.id, text, None, zone_id, self._line.id, there, arrow, is_alert=bool(there)),)

    def _inside(self, tracks: Tracks) -> list[bool]:
        if self._zone is None:
            return [True] * len(tracks)
        return [bool(one) for one in contains(self._zone.polygon, tracks.foot_points())]

    def _right_way(self, aspect: float) -> Point:
        """The arrow, in the same measure as the trails."""
        a, b = self._line.points
        if self._floor is not None:
            start, end = self._floor.metres([a, b])
            if np.isfinite([start, end]).all():
                return float(end[0] - start[0]), float(end[1] - start[1])
        return (b[0] - a[0]) * aspect, (b[1] - a[1]) * DEPTH

    def _step(self, track_id: int, right: Point, step_s: float, at: datetime) -> list[Sighting]:
        way = self._trails.velocity_mps(track_id, OVER_S)
        if way is None:
            return []
        speed_mps = hypot(*way)
        one = self._against.setdefault(track_id, _Against())
        if speed_mps < MOVING_MPS:  # standing still is no way at all
            one.is_now = False
            return []
        off = _angle_degrees(way, right)
        one.is_now = off >= self._angle
        if not one.is_now:
            if off < 90:  # turned round: what was is forgiven
                one.for_s = one.far_m = 0.0
                one.is_told = False
            return []
        one.for_s += step_s
        one.far_m += speed_mps * step_s
        if one.is_told or one.for_s < self._hold_s or one.far_m < FAR_M:
            return []
        one.is_told = True
        data: dict[str, Json] = {"line_id": self._line.id, "off_degrees": round(off, 1), "for_s": round(one.for_s, 3)}
        if self._zone is not None:
            data["zone_id"] = self._zone.id
        return [Sighting("direction.violated", track_id, at, data)]


def _angle_degrees(a: Point, b: Point) -> float:
    """Between two ways, 0..180."""
    size = hypot(*a) * hypot(*b)
    return 0.0 if size == 0 else degrees(acos(min(1.0, max(-1.0, (a[0] * b[0] + a[1] * b[1]) / size))))
