"""The parts of a scene that never move: flat textured surfaces, cast ray by ray into a picture and a depth map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.simulate.texture import Floats, Paint
from custos.simulate.view import View

Vec3 = tuple[float, float, float]
_OVERSAMPLING = 2
_FAR_M = 1e4
_TOUCH_M = 0.02


@dataclass(frozen=True, slots=True)
class Surface:
    """A parallelogram.

    Args:
        origin: one corner, metres.
        across, up: its two edges; texture coordinates count metres along them.
        paint: colours under full light.
        shade: 0..1, how much light reaches this side.
        solid: whether it hides what is behind it (the ground and marks on it hide nobody).
        opacity: 0..1 at (u, v) given as shares of the edges; None is 1 everywhere.
    """

    origin: Vec3
    across: Vec3
    up: Vec3
    paint: Paint
    shade: float = 1.0
    solid: bool = True
    opacity: float | None = None
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Lamp:
    """A pool of light (or, with a negative strength, of shadow).

    Args:
        place: its middle, metres.
        reach_m: where it has fallen to a third.
        strength: added share of light in the middle.
    """

    place: Vec3
    reach_m: float
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """An empty scene.

    Args:
        bgr: (h, w, 3) uint8.
        depth_m: (h, w) float32, metres along the optical axis of what is seen.
        wall_m: (h, w) float32, the same for what can hide a person, else very far.
    """

    bgr: NDArray[np.uint8]
    depth_m: Floats
    wall_m: Floats


def ground(x0: float, x1: float, y0: float, y1: float, paint: Paint, *, z: float = 0.0, shade: float = 1.0) -> Surface:
    """A level floor."""
    return Surface((x0, y0, z), (x1 - x0, 0, 0), (0, y1 - y0, 0), paint, shade, solid=False)


def wall_y(y: float, x0: float, x1: float, z0: float, z1: float, paint: Paint, *, shade: float = 0.9) -> Surface:
    """A wall across the view, facing the camera."""
    return Surface((x0, y, z0), (x1 - x0, 0, 0), (0, 0, z1 - z0), paint, shade)


def wall_x(x: float, y0: float, y1: float, z0: float, z1: float, paint: Paint, *, shade: float = 0.8) -> Surface:
    """A wall along the view."""
    return Surface((x, y0, z0), (0, y1 - y0, 0), (0, 0, z1 - z0), paint, shade)


def shadow(x0: float, x1: float, y0: float, y1: float, strength: float = 0.5) -> Surface:
    """A soft dark patch on the ground, under furniture."""
    return Surface((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), _black, 1.0, solid=False, opacity=strength, soft=True)


def mark(x0: float, x1: float, y0: float, y1: float, paint: Paint, opacity: float = 0.8) -> Surface:
    """Something painted on the ground."""
    return Surface((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), paint, 1.0, solid=False, opacity=opacity)


def box(
    x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], paint: Paint, top: Paint | None = None
) -> list[Surface]:
    """A cuboid (no underside) with a shadow where it stands on the ground."""
    sides = [
        wall_y(y[0], x[0], x[1], z[0], z[1], paint, shade=0.86),
        wall_y(y[1], x[0], x[1], z[0], z[1], paint, shade=0.6),
        wall_x(x[0], y[0], y[1], z[0], z[1], paint, shade=0.72),
        wall_x(x[1], y[0], y[1], z[0], z[1], paint, shade=0.66),
        Surface((x[0], y[0], z[1]), (x[1] - x[0], 0, 0), (0, y[1] - y[0], 0), top or paint, 1.0),
    ]
    if z[0] > 0.01:
        return sides
    return [shadow(x[0] - 0.3, x[1] + 0.3, y[0] - 0.35, y[1] + 0.3), *sides]


def _black(u: Floats, v: Floats) -> Floats:
    return np.zeros((len(u), 3), np.float32)


def cast(view: View, surfaces: Sequence[Surface], lamps: Sequence[Lamp], ambient: float) -> Backdrop:
    """The picture of an empty scene; about a second.

    Args:
        view: the camera.
        surfaces: marks on the ground after the ground itself.
        lamps: pools of light.
        ambient: light everywhere, 1 full.
    """
    rays = view.rays(_OVERSAMPLING)
    height, width = rays.shape[:2]
    colour = np.full((height, width, 3), 200, np.float32)
    depth = np.full((height, width), _FAR_M, np.float32)
    wall = np.full((height, width), _FAR_M, np.float32)
    for surface in surfaces:
        _cast_surface(view, surface, lamps, ambient, rays, colour, depth, wall)
    size = (view.width_px, view.height_px)
    small = cv2.resize(np.clip(colour, 0, 255), size, interpolation=cv2.INTER_AREA)
    return Backdrop(
        small.astype(np.uint8),
        np.asarray(cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST), np.float32),
        np.asarray(cv2.resize(wall, size, interpolation=cv2.INTER_NEAREST), np.float32),
    )


def _cast_surface(
    view: View,
    surface: Surface,
    lamps: Sequence[Lamp],
    ambient: float,
    rays: Floats,
    colour: Floats,
    depth: Floats,
    wall: Floats,
) -> None:
    camera, origin = np.array(view.position_m, np.float32), np.array(surface.origin, np.float32)
    across, up = np.array(surface.across, np.float32), np.array(surface.up, np.float32)
    rows, columns = _extent(view, surface, rays.shape[1], rays.shape[0])
    part = rays[rows, columns]
    normal = np.cross(across, up)
    facing = part @ normal
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.float32((origin - camera) @ normal) / facing
    reached = (far > 0.05) & (far <= depth[rows, columns] + _TOUCH_M)
    if not reached.any():
        return
    t = far[reached]
    hit = camera + part[reached] * t[:, None] - origin
    u, v = hit @ across / (across @ across), hit @ up / (up @ up)
    inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    if not inside.any():
        return
    reached[reached] = inside
    u, v, t, hit = u[inside], v[inside], t[inside], hit[inside] + origin
    paint = surface.paint(u * np.float32(np.linalg.norm(across)), v * np.float32(np.linalg.norm(up)))
    paint = paint * (_brightness(hit, lamps, ambient) * np.float32(surface.shade) * _corner(surface, hit))[:, None]
    target = colour[rows, columns]
    if surface.opacity is not None:
        alpha = np.full(len(u), surface.opacity, np.float32)
        if surface.soft:
            alpha *= np.clip(np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v)) * np.float32(4), 0, 1)
        target[reached] = target[reached] * (1 - alpha[:, None]) + paint * alpha[:, None]
        return
    target[reached] = paint
    depth[rows, columns][reached] = t
    wall[rows, columns][reached] = t if surface.solid else _FAR_M


def _brightness(hit: Floats, lamps: Sequence[Lamp], ambient: float) -> Floats:
    light = np.full(len(hit), ambient, np.float32)
    for lamp in lamps:
        away = hit - np.array(lamp.place, np.float32)
        light += np.float32(lamp.strength) * np.exp(-(away * away).sum(axis=1) / np.float32(lamp.reach_m**2))
    return light


def _corner(surface: Surface, hit: Floats) -> Floats:
    """Walls are darker near the floor, where less light comes."""
    if surface.up[2] == 0:
        return np.ones(len(hit), np.float32)
    return np.asarray(1 - 0.28 * np.exp(-np.clip(hit[:, 2], 0, None) / 0.22), np.float32)


def _extent(view: View, surface: Surface, width: int, height: int) -> tuple[slice, slice]:
    """Rows and columns that can see the surface; everything when it reaches behind the camera."""
    origin, across, up = (np.array(v, float) for v in (surface.origin, surface.across, surface.up))
    corners = np.stack([origin, origin + across, origin + up, origin + across + up])
    seen = view.project(corners)
    if (seen.depth_m < 0.2).any():
        return slice(0, height), slice(0, width)
    xy = seen.xy * _OVERSAMPLING
    left, top = np.clip(np.floor(xy.min(axis=0)) - 1, 0, [width, height]).astype(int)
    right, bottom = np.clip(np.ceil(xy.max(axis=0)) + 2, 0, [width, height]).astype(int)
    return slice(int(top), int(bottom)), slice(int(left), int(right))
