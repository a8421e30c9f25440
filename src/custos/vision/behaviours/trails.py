"""Where tracks have been in the last seconds, and how fast they go and how far apart they are, in metres.

With a ground calibration metres are measured. Without one they are judged by the height of bodies: a person is taken
to be 1.7 m high where they stand, and the camera to look down at them by 30 degrees, so that a way up the picture is
twice as long as one across. That is good to a quarter or so for somebody who crosses the picture, and to a factor of
two along the line of sight; behaviours that promise metres ask for the calibration.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from custos.geometry.polygons import Point
from custos.model.detections import Tracks
from custos.vision.behaviours.floor import Floor

BODY_M = 1.7
DEPTH = 2.0
"""1 / sin(30 degrees)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A track at one instant.

    Args:
        foot: 0..1 of the picture.
        place: on the ground, metres; None without a calibration, and above the horizon.
        unit: metres per picture height at this place, by the height of the body; for want of a calibration.
    """

    at: datetime
    foot: Point
    place: Point | None
    unit: float


class Trails:
    """The marks of every track over the last `window_s` seconds."""

    def __init__(self, window_s: float, floor: Floor | None = None) -> None:
        self._window_s = window_s
        self._floor = floor
        self._marks: dict[int, deque[Mark]] = {}
        self._aspect = 16 / 9

    def update(self, tracks: Tracks, at: datetime) -> None:
        self._aspect = tracks.width_px / tracks.height_px
        feet = tracks.foot_points()
        heights = np.maximum((tracks.xyxy[:, 3] - tracks.xyxy[:, 1]) / tracks.height_px, 1e-3)
        places = self._floor.metres(feet) if self._floor is not None else None
        for row, track_id in enumerate(tracks.track_id.tolist()):
            place = None if places is None or not np.isfinite(places[row]).all() else _point(places[row])
            mark = Mark(at, _point(feet[row]), place, BODY_M / float(heights[row]))
            marks = self._marks.setdefault(track_id, deque())
            marks.append(mark)
            # one mark from before the window stays, so that the whole of it can be looked at
            while len(marks) > 2 and (at - marks[1].at).total_seconds() >= self._window_s:
                marks.popleft()
        for track_id in tracks.ended:
            self._marks.pop(track_id, None)

    def end(self) -> None:
        self._marks.clear()

    def of(self, track_id: int) -> deque[Mark]:
        """Oldest first; empty for somebody unknown."""
        return self._marks.get(track_id, deque())

    def move_m(self, start: Mark, end: Mark) -> Point:
        """From one mark to another, metres: on the ground; or, without a calibration, x to the right, y towards the
        camera."""
        if start.place is not None and end.place is not None:
            return end.place[0] - start.place[0], end.place[1] - start.place[1]
        unit = (start.unit + end.unit) / 2
        return (end.foot[0] - start.foot[0]) * unit * self._aspect, (end.foot[1] - start.foot[1]) * unit * DEPTH

    def velocity_mps(self, track_id: int, over_s: float) -> Point | None:
        """The mean over the last `over_s` seconds; None while the track is not known for half as long."""
        marks = self.of(track_id)
        if not marks:
            return None
        last = marks[-1]
        start = next((m for m in marks if (last.at - m.at).total_seconds() <= over_s), last)
        span_s = (last.at - start.at).total_seconds()
        if span_s < over_s / 2:
            return None
        dx, dy = self.move_m(start, last)
        return dx / span_s, dy / span_s

    def apart_m(self, track_ids: list[int]) -> NDArray[np.float64]:
        """(n, n) distances between the tracks' latest marks, metres."""
        marks = [self._marks[track_id][-1] for track_id in track_ids]
        unit = np.array([m.unit for m in marks])
        feet = np.array([m.foot for m in marks]).reshape(-1, 2) * [self._aspect, DEPTH]
        apart = _distances(feet) * (unit[:, None] + unit[None, :]) / 2
        places = np.array([m.place or (np.nan, np.nan) for m in marks]).reshape(-1, 2)
        measured = _distances(places)
        return np.where(np.isfinite(measured), measured, apart)


def middle(marks: Sequence[Mark]) -> Mark:
    """Of one mark or more."""
    places = [m.place for m in marks if m.place is not None]
    place = None if len(places) < len(marks) else _point(np.mean(places, axis=0))
    return Mark(
        marks[-1].at, _point(np.mean([m.foot for m in marks], axis=0)), place, float(np.mean([m.unit for m in marks]))
    )


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    apart: NDArray[np.float64] = np.hypot(
        points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1]
    )
    return apart


def _point(xy: NDArray[np.floating]) -> Point:
    return float(xy[0]), float(xy[1])
