"""Where tracked objects are on the ground, and how fast they go.

    whereabouts = Whereabouts(floor, of=classes); whereabouts.update(tracks, at=at)
    whereabouts.pace(track_id) -> Pace | None

With the camera's ground calibrated, places are metres. Without, they are an estimate, added up from the steps in the
picture: a person is taken to be 1.7 m tall (a vehicle 1.5 m), the lens to see 61 degrees, and the camera to hang 3 m
up. That is right to about a third for most cameras, and everything told from it says that it is an estimate.

A step that nothing of its kind can make is a mistake of the tracker or of the calibration: it is never measured, the
path begins anew, and `refused` says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import hypot, isfinite

import numpy as np

from custos.model.detections import Tracks, class_ids
from custos.vision.behaviours.floor import Floor

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PERSONS = class_ids(("person",))
VEHICLES = class_ids(("vehicle",))
CYCLES = class_ids(("bicycle", "motorcycle"))
FASTEST_MPS = {"person": 12.5, "cycle": 45.0, "vehicle": 85.0, "else": 25.0}
"""Nobody runs faster (the 100 m record peaks at 12.4 m/s), and no vehicle that a fixed camera can follow drives so."""
TALL_M, VEHICLE_TALL_M = 1.7, 1.5
FOCAL_WIDTHS, HANGS_M = 0.85, 3.0
"""What is assumed of a camera without calibration."""
STEADY = 0.8
"""The height that is believed is one that most of the last ones reach: somebody who bends does not go away."""
PIXEL = 1.5
"""How well the lower edge of a box is known, pixels."""
PACE_S = 1.0
LEAST_FIXES = 3


def seconds(at: datetime) -> float:
    """Seconds since 2000."""
    return (at - EPOCH) / timedelta(seconds=1)


def kind_of(class_id: int) -> str:
    """A key of FASTEST_MPS."""
    if class_id in PERSONS:
        return "person"
    if class_id in CYCLES:
        return "cycle"
    return "vehicle" if class_id in VEHICLES else "else"


@dataclass(frozen=True, slots=True)
class Fix:
    """A place at a time: seconds since 2000, metres, and how well it is known along the line of sight."""

    t_s: float
    x_m: float
    y_m: float
    error_m: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast something goes.

    Args:
        mps: metres a second.
        error_mps: one standard deviation.
        vx_mps, vy_mps: its parts.
    """

    mps: float
    error_mps: float
    vx_mps: float
    vy_mps: float

    @property
    def least_mps(self) -> float:
        """What it goes at least, as far as can be told."""
        return max(self.mps - 2 * self.error_mps, 0.0)


@dataclass(slots=True)
class _Path:
    kind: str
    fixes: deque[Fix] = field(default_factory=deque)
    heights_px: deque[float] = field(default_factory=lambda: deque(maxlen=15))
    foot_px: tuple[float, float] = (0.0, 0.0)


class Whereabouts:
    """The paths of one camera's objects over the last `keep_s`.

    Args:
        floor: of the calibration; None estimates.
        of: classes that are followed.
    """

    def __init__(self, floor: Floor | None, *, of: frozenset[int], keep_s: float = 3.0) -> None:
        self._floor, self._of, self._keep_s = floor, of, keep_s
        self._paths: dict[int, _Path] = {}
        self._size = (1, 1)
        self._refused: dict[int, float] = {}

    @property
    def is_estimate(self) -> bool:
        """Whether these metres are guessed from heights."""
        return self._floor is None

    @property
    def refused(self) -> Mapping[int, float]:
        """Tracks whose last step was impossible: a speed above what FASTEST_MPS allows, and that limit in m/s."""
        return self._refused

    def update(self, tracks: Tracks, *, at: datetime) -> None:
        """Take the tracks' places; those that are remembered and not seen tell nothing new."""
        self._size = (tracks.width_px, tracks.height_px)
        self._refused = {}
        t_s = seconds(at)
        for row, track_id in enumerate(tracks.track_id.tolist()):
            if int(tracks.class_id[row]) in self._of and tracks.observed[row]:
                left, top, right, bottom = (float(v) for v in tracks.xyxy[row])
                path = self._paths.get(track_id)
                if path is None:
                    path = self._paths[track_id] = _Path(kind_of(int(tracks.class_id[row])))
                path.heights_px.append(max(bottom - top, 1.0))
                if not self._step(path, ((left + right) / 2, bottom), t_s):
                    self._refused[track_id] = FASTEST_MPS[path.kind]
        for track_id in tracks.ended:
            self._paths.pop(track_id, None)

    def forget(self) -> None:
        self._paths.clear()
        self._refused = {}

    def fixes(self, track_id: int) -> Sequence[Fix]:
        """The latest places, oldest first; empty for somebody unknown."""
        path = self._paths.get(track_id)
        return () if path is None else path.fixes

    def pace(self, track_id: int, over_s: float = PACE_S) -> Pace | None:
        """The speed over the last `over_s`, a straight line through the places; None while that is not known."""
        path = self._paths.get(track_id)
        if path is None or not path.fixes:
            return None
        since_s = path.fixes[-1].t_s - over_s - 1e-3
        fixes = [fix for fix in path.fixes if fix.t_s >= since_s]
        if len(fixes) < LEAST_FIXES or fixes[-1].t_s - fixes[0].t_s < 0.55 * over_s:
            return None
        return _fitted(fixes)

    def apart_m(self, one: int, other: int) -> float | None:
        """Metres between two on the ground; None unless both are known."""
        a, b = self._paths.get(one), self._paths.get(other)
        if a is None or b is None or not a.fixes or not b.fixes:
            return None
        if self._floor is not None:
            return hypot(a.fixes[-1].x_m - b.fixes[-1].x_m, a.fixes[-1].y_m - b.fixes[-1].y_m)
        scale = (_scale(a), _scale(b))
        step = self._estimated(a.foot_px, b.foot_px, (scale[0] + scale[1]) / 2)
        return hypot(*step)

    def reach_m(self, track_id: int, point_px: tuple[float, float]) -> float | None:
        """Metres from somebody's place to a point of the ground, given in pixels; None unless both are known."""
        path = self._paths.get(track_id)
        if path is None or not path.fixes:
            return None
        if self._floor is None:
            return hypot(*self._estimated(path.foot_px, point_px, _scale(path)))
        (x, y) = self._floor.metres([(point_px[0] / self._size[0], point_px[1] / self._size[1])])[0].tolist()
        reach_m = hypot(x - path.fixes[-1].x_m, y - path.fixes[-1].y_m)
        return reach_m if isfinite(reach_m) else None

    def _step(self, path: _Path, foot_px: tuple[float, float], t_s: float) -> bool:
        """Whether the step to this place can be; the path begins anew where it cannot."""
        is_possible = True
        fix = self._fix(path, foot_px, t_s)
        path.foot_px = foot_px
        if fix is None:
            path.fixes.clear()
            return True
        if path.fixes:
            last = path.fixes[-1]
            dt_s = fix.t_s - last.t_s
            gone_m = hypot(fix.x_m - last.x_m, fix.y_m - last.y_m)
            if dt_s <= 0:
                return True
            if gone_m > FASTEST_MPS[path.kind] * dt_s + 3 * max(fix.error_m, last.error_m):
                path.fixes.clear()
                is_possible = False
        path.fixes.append(fix)
        while path.fixes[0].t_s < t_s - self._keep_s:
            path.fixes.popleft()
        return is_possible

    def _fix(self, path: _Path, foot_px: tuple[float, float], t_s: float) -> Fix | None:
        if self._floor is not None:
            width, height = self._size
            foot = (foot_px[0] / width, foot_px[1] / height)
            places = self._floor.metres([foot, (foot[0], foot[1] - PIXEL / height)])
            (x, y), (x1, y1) = ((float(p[0]), float(p[1])) for p in places)
            if not isfinite(x + y):
                return None
            return Fix(t_s, x, y, hypot(x1 - x, y1 - y) if isfinite(x1 + y1) else float("inf"))
        m_per_px = _scale(path)
        error_m = hypot(*self._estimated((0.0, 0.0), (0.0, PIXEL), m_per_px))
        if not path.fixes:
            return Fix(t_s, 0.0, 0.0, error_m)
        dx, dy = self._estimated(path.foot_px, foot_px, m_per_px)
        last = path.fixes[-1]
        return Fix(t_s, last.x_m + dx, last.y_m + dy, error_m)

    def _estimated(
        self, start_px: tuple[float, float], end_px: tuple[float, float], m_per_px: float
    ) -> tuple[float, float]:
        """Metres to the right and away, between two points on the ground of the picture."""
        away_m = FOCAL_WIDTHS * self._size[0] * m_per_px
        right = (end_px[0] - start_px[0]) * m_per_px
        away = (start_px[1] - end_px[1]) * m_per_px * away_m / HANGS_M
        return right, away


class OnTheGround:
    """A behaviour that follows its tracks over the ground, by whereabouts of its own."""

    _where: Whereabouts

    @property
    def refused(self) -> Mapping[int, float]:
        """As `Whereabouts.refused`."""
        return self._where.refused


def _scale(path: _Path) -> float:
    """Metres a pixel is where it stands, by how tall its kind is."""
    tall_m = VEHICLE_TALL_M if path.kind == "vehicle" else TALL_M
    return tall_m / float(np.quantile(np.array(path.heights_px), STEADY))


def _fitted(fixes: Sequence[Fix]) -> Pace:
    t = np.array([fix.t_s for fix in fixes])
    t -= t.mean()
    places = np.array([(fix.x_m, fix.y_m) for fix in fixes])
    spread = float((t * t).sum())
    velocity = (t[:, None] * places).sum(axis=0) / spread
    off = places - places.mean(axis=0) - t[:, None] * velocity
    scatter = float((off * off).sum()) / max(len(t) - 2, 1)
    pixels = float(np.mean([fix.error_m for fix in fixes])) ** 2
    error = float(np.sqrt(max(scatter, pixels / 4) / spread))
    vx, vy = float(velocity[0]), float(velocity[1])
    return Pace(hypot(vx, vy), error, vx, vy)


def kmh(mps: float) -> float:
    """Kilometres an hour, one decimal."""
    return round(mps * 3.6, 1)
