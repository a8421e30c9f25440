"""A pinhole camera over flat ground: metres in, pixels out. World: x right, y away, z up; headings like a compass
(0 looks along +y, 90 along +x)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Xy = tuple[float, float]
"""A place on the ground, metres."""
_NEAR_M = 0.1


def heading_vector(heading_deg: float) -> Array:
    """(2,) unit vector on the ground."""
    angle = np.radians(heading_deg)
    return np.array([np.sin(angle), np.cos(angle)])


@cache
def _axes(yaw_deg: float, pitch_deg: float) -> Array:
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    forward = np.array([np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), -np.sin(pitch)])
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    axes = np.stack([right, np.cross(forward, right), forward])
    axes.setflags(write=False)
    return axes


@dataclass(frozen=True, slots=True)
class Projection:
    """Points as the camera sees them.

    Args:
        xy: (n, 2) pixels, origin top left.
        depth_m: (n,) metres along the optical axis; what is behind the camera is clamped to 0.1 m.
    """

    xy: Array
    depth_m: Array


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera hangs and how it looks.

    Args:
        width_px, height_px: of the picture.
        position_m: (x, y, z) of the lens.
        yaw_deg: compass heading of the optical axis.
        pitch_deg: how far it looks down.
        focal_widths: focal length in picture widths (0.85 is a horizontal field of view of 61 degrees).
    """

    width_px: int
    height_px: int
    position_m: tuple[float, float, float]
    yaw_deg: float
    pitch_deg: float
    focal_widths: float

    @property
    def focal_px(self) -> float:
        return self.focal_widths * self.width_px

    def axes(self) -> Array:
        """(3, 3): rows right, down, forward."""
        return _axes(self.yaw_deg, self.pitch_deg)

    def project(self, points_m: Array) -> Projection:
        """(n, 3) world points to pixels."""
        seen = (np.asarray(points_m, float) - np.array(self.position_m)) @ self.axes().T
        depth = np.maximum(seen[:, 2], _NEAR_M)
        centre = np.array([self.width_px / 2, self.height_px / 2])
        return Projection(centre + self.focal_px * seen[:, :2] / depth[:, None], depth)

    def ground_to_picture(self, places: tuple[Xy, ...]) -> tuple[Xy, ...]:
        """Places on the ground as fractions of the picture, cut to 0..1 and rounded to four digits."""
        points = np.array([(x, y, 0.0) for x, y in places])
        fractions = self.project(points).xy / [self.width_px, self.height_px]
        return tuple((round(float(x), 4), round(float(y), 4)) for x, y in np.clip(fractions, 0.0, 1.0))

    def rays(self, scale: int) -> NDArray[np.float32]:
        """(h * scale, w * scale, 3) directions through the middle of each pixel, 1 m deep along the axis."""
        x = ((np.arange(self.width_px * scale) + 0.5) / scale - self.width_px / 2) / self.focal_px
        y = ((np.arange(self.height_px * scale) + 0.5) / scale - self.height_px / 2) / self.focal_px
        right, down, forward = self.axes()
        directions = x[None, :, None] * right + y[:, None, None] * down + forward
        return np.asarray(directions, np.float32)
