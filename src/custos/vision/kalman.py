"""A constant-velocity Kalman filter for boxes: centre x, centre y, width, height, each with its own speed.

The four coordinates are independent, so every covariance is a 2x2 matrix and all tracks are filtered at once as
columns of shape (n, 4). Noise scales with the height of the box, as in SORT (Bewley et al. 2016) and ByteTrack
(Zhang et al. 2022); time is in true seconds, so that an uneven frame rate does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.float64]
ACCELERATION = np.array([1.2, 0.8, 0.075, 0.1])
"""Standard deviation of the acceleration, heights per second squared. Sizes change slowly: a box that is suddenly
smaller shows a part."""
MEASUREMENT = np.array([0.05, 0.05, 0.07, 0.06])
"""Standard deviation of a confident measurement, heights."""
START_SPEED = np.array([0.9, 0.5, 0.1, 0.2])
"""Standard deviation of the speed of a new track, heights per second."""


def to_centre(xyxy: NDArray[np.floating]) -> Columns:
    """(n, 4) corners to (n, 4) centre x, centre y, width, height."""
    xyxy = xyxy.astype(np.float64)
    return np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]], axis=1)


def to_corners(cxcywh: Columns) -> NDArray[np.float32]:
    """(n, 4) centre form to corners; sizes below one pixel become one pixel."""
    half = np.maximum(cxcywh[:, 2:], 1.0) / 2
    corners = np.empty((len(cxcywh), 4), np.float32)
    np.subtract(cxcywh[:, :2], half, out=corners[:, :2], casting="same_kind")
    np.add(cxcywh[:, :2], half, out=corners[:, 2:], casting="same_kind")
    return corners


@dataclass(slots=True)
class Kalman:
    """State of n boxes: `position`, `speed` (n, 4), and the covariances `pp`, `pv`, `vv` (n, 4)."""

    position: Columns
    speed: Columns
    pp: Columns
    pv: Columns
    vv: Columns
    _corners: NDArray[np.float32] | None = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, cxcywh: Columns) -> Kalman:
        """New filters standing still at these boxes (n, 4)."""
        h = cxcywh[:, 3:4]
        return cls(
            cxcywh.copy(),
            np.zeros_like(cxcywh),
            (2 * MEASUREMENT * h) ** 2,
            np.zeros_like(cxcywh),
            (START_SPEED * h) ** 2,
        )

    @property
    def corners(self) -> NDArray[np.float32]:
        """(n, 4) the boxes' corners, as `to_corners` makes them; not to be written. Asked for often between two steps,
        so they are kept until the next one."""
        if self._corners is None:
            self._corners = to_corners(self.position)
            self._corners.setflags(write=False)
        return self._corners

    def keep(self, which: NDArray[np.bool_]) -> Kalman:
        return Kalman(*(column[which] for column in self._columns()))

    def join(self, other: Kalman) -> Kalman:
        return Kalman(*(np.concatenate(pair) for pair in zip(self._columns(), other._columns(), strict=True)))

    def predict(self, dt_s: NDArray[np.floating], damping: NDArray[np.floating]) -> None:
        """Move on by `dt_s` (n,); `damping` (n,) in 0..1 is the share of speed kept per second. With 0 s a box has
        stood still, and its speed is forgotten."""
        self._corners = None
        dt_s = dt_s[:, None]
        keep = np.where(dt_s > 0, np.power(np.clip(damping, 1e-6, 1.0)[:, None], dt_s), 0.0)
        sigma = ACCELERATION * np.maximum(self.position[:, 3:4], 1.0)
        self.position[:] += self.speed * dt_s
        self.position[:, 2:] = np.maximum(self.position[:, 2:], 1.0)
        self.speed[:] *= keep
        self.pp[:] += 2 * dt_s * self.pv + dt_s**2 * self.vv + sigma**2 * dt_s**4 / 4
        self.pv[:] += dt_s * self.vv + sigma**2 * dt_s**3 / 2
        self.vv[:] += sigma**2 * dt_s**2

    def correct(self, rows: NDArray[np.intp], cxcywh: Columns, confidence: NDArray[np.floating]) -> None:
        """Take measurements (m, 4) for those rows; low `confidence` (m,) weighs less."""
        self._corners = None
        noise = MEASUREMENT * np.maximum(self.position[rows, 3:4], 1.0) * (2.0 - np.clip(confidence, 0, 1))[:, None]
        pp, pv, vv = self.pp[rows], self.pv[rows], self.vv[rows]
        total = pp + noise**2
        gain_p, gain_v = pp / total, pv / total
        innovation = cxcywh - self.position[rows]
        self.position[rows] += gain_p * innovation
        self.speed[rows] += gain_v * innovation
        self.pp[rows] = (1 - gain_p) * pp
        self.pv[rows] = (1 - gain_p) * pv
        self.vv[rows] = vv - gain_v * pv

    def place(self, row: int, cxcywh: Columns) -> None:
        """Row `row` begins anew at this box (1, 4), standing still."""
        self._corners = None
        for column, begun in zip(self._columns(), Kalman.of(cxcywh)._columns(), strict=True):
            column[row] = begun[0]

    def reshape(self, row: int, cxcywh: NDArray[np.float64]) -> None:
        """Row `row` is this box (4,) now, and goes on as it went; its size keeps still."""
        self._corners = None
        self.position[row] = cxcywh
        self.speed[row, 2:] = 0

    def rest(self, row: int, cxcywh: NDArray[np.float64]) -> None:
        """Row `row` stands still at this box (4,)."""
        self._corners = None
        self.position[row], self.speed[row] = cxcywh, 0

    def _columns(self) -> tuple[Columns, Columns, Columns, Columns, Columns]:
        return self.position, self.speed, self.pp, self.pv, self.vv
