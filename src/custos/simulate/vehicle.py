"""Vans, cars, and things that stand about: a side profile drawn out to a width, seen in true perspective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from custos.simulate.layer import Image, Layer, darken
from custos.simulate.look import Colour
from custos.simulate.motion import Pose
from custos.simulate.scenes.scene import Sun
from custos.simulate.sprite import Light
from custos.simulate.view import Array, View

_OVERSAMPLING = 2
_SHARP_PX, _SHARPNESS = 2.0, 0.8
_FIXED_POINT_BITS = 4
Corner = tuple[float, float]
"""(forward, up) of a point of a side, metres."""


class Body(StrEnum):
    VAN = "van"
    CAR = "car"
    CARTON = "carton"  # what somebody with Stance.CARRY has in the arms
    SUITCASE = "suitcase"


_GLASS: Colour = (62, 54, 46)
_GLINT: Colour = (120, 108, 92)
_BLACK: Colour = (38, 38, 38)
_LAMP: Colour = (235, 245, 250)
_TAIL: Colour = (35, 35, 200)
_PLATE: Colour = (210, 225, 225)


@dataclass(frozen=True, slots=True)
class Panel:
    """Something on a face that spans the whole width.

    Args:
        edge: of the profile, counted from the rear bumper; edge i runs from corner i to i + 1.
        along: from .. to, shares of the edge.
        across: from .. to, shares of half the width; drawn on both sides unless it spans the middle.
        colour: under full light.
    """

    edge: int
    along: tuple[float, float]
    across: tuple[float, float]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Shape:
    """Outline and fittings of a kind of vehicle, metres.

    Args:
        profile: the side's outline from the rear bumper over the roof to the front bumper.
        half_width_m: at the waist; the roof is narrower by `tuck_m` on each side.
        waist_m: height above which the sides lean in.
        windows: side windows.
        seams: lines on the side (doors).
        panels: glass, lamps, plates and grilles on the rear, top and front.
        mirror: where the mirrors hang, if it has any.
        wheels: forward places of the axles.
        coco: what the truth calls it.
    """

    profile: tuple[Corner, ...]
    half_width_m: float
    tuck_m: float
    waist_m: float
    windows: tuple[tuple[Corner, ...], ...]
    seams: tuple[tuple[Corner, Corner], ...]
    panels: tuple[Panel, ...]
    mirror: Corner | None
    wheels: tuple[float, ...]
    wheel_m: float
    coco: str


SHAPES: dict[Body, Shape] = {
    Body.VAN: Shape(
        profile=((-2.3, 0.32), (-2.38, 0.62), (-2.3, 1.95), (-2.15, 2.12), (0.75, 2.12), (1.05, 2.02), (1.72, 1.3),
                 (2.28, 1.06), (2.4, 0.82), (2.42, 0.36)),
        half_width_m=0.95, tuck_m=0.14, waist_m=1.15,
        windows=(((0.5, 1.22), (0.5, 1.84), (1.06, 1.84), (1.52, 1.3), (1.52, 1.22)),
                 ((-0.75, 1.22), (-0.75, 1.84), (0.36, 1.84), (0.36, 1.22)),
                 ((-2.1, 1.22), (-2.08, 1.84), (-0.9, 1.84), (-0.9, 1.22))),
        seams=(((0.43, 0.4), (0.43, 1.98)), ((-0.82, 0.4), (-0.82, 1.98)), ((1.62, 0.7), (1.62, 1.22)),
               ((-2.1, 1.02), (1.6, 1.02))),
        panels=(Panel(0, (0.0, 1.0), (-0.98, 0.98), _BLACK), Panel(1, (0.5, 0.9), (0.06, 0.86), _GLASS),
                Panel(1, (0.72, 0.88), (0.1, 0.5), _GLINT), Panel(1, (0.02, 0.98), (-0.015, 0.015), _BLACK),
                Panel(1, (0.12, 0.48), (0.84, 0.98), _TAIL), Panel(1, (0.1, 0.19), (-0.28, 0.28), _PLATE),
                Panel(5, (0.1, 0.94), (-0.9, 0.9), _GLASS), Panel(5, (0.15, 0.6), (-0.82, -0.1), _GLINT),
                Panel(7, (0.1, 0.95), (0.55, 0.95), _LAMP), Panel(7, (0.3, 0.9), (-0.45, 0.45), _BLACK),
                Panel(8, (0.1, 0.35), (-0.6, 0.6), _BLACK), Panel(8, (0.5, 1.0), (-0.98, 0.98), _BLACK),
                Panel(8, (0.42, 0.62), (-0.28, 0.28), _PLATE)),
        mirror=(1.36, 1.3), wheels=(-1.45, 1.55), wheel_m=0.35, coco="truck",
    ),
    Body.CAR: Shape(
        profile=((-2.1, 0.3), (-2.16, 0.55), (-2.12, 0.9), (-1.85, 0.98), (-1.2, 1.42), (-0.9, 1.47), (0.1, 1.46),
                 (0.35, 1.4), (1.05, 0.98), (1.9, 0.8), (2.12, 0.62), (2.14, 0.3)),
        half_width_m=0.89, tuck_m=0.2, waist_m=0.92,
        windows=(((-1.5, 0.98), (-1.08, 1.36), (-0.5, 1.39), (-0.5, 0.98)),
                 ((-0.42, 0.98), (-0.42, 1.39), (0.16, 1.36), (0.8, 0.98))),
        seams=(((-0.46, 0.35), (-0.46, 0.95)), ((0.6, 0.35), (0.72, 0.95))),
        panels=(Panel(0, (0.0, 1.0), (-0.98, 0.98), _BLACK), Panel(1, (0.3, 0.8), (0.7, 0.97), _TAIL),
                Panel(1, (0.15, 0.45), (-0.28, 0.28), _PLATE), Panel(3, (0.08, 0.92), (-0.9, 0.9), _GLASS),
                Panel(3, (0.3, 0.85), (-0.8, 0.0), _GLINT), Panel(7, (0.06, 0.94), (-0.92, 0.92), _GLASS),
                Panel(7, (0.1, 0.6), (-0.82, -0.1), _GLINT), Panel(9, (0.1, 0.9), (0.55, 0.95), _LAMP),
                Panel(9, (0.2, 0.9), (-0.45, 0.45), _BLACK), Panel(10, (0.3, 0.9), (-0.7, 0.7), _BLACK),
                Panel(10, (0.1, 0.42), (-0.28, 0.28), _PLATE)),
        mirror=(0.72, 1.0), wheels=(-1.32, 1.33), wheel_m=0.31, coco="car",
    ),
    Body.CARTON: Shape(
        profile=((-0.16, 0.0), (-0.16, 0.34), (0.16, 0.34), (0.16, 0.0)), half_width_m=0.22, tuck_m=0.0, waist_m=0.3,
        windows=(), seams=(), panels=(Panel(1, (0.42, 0.58), (-1.0, 1.0), (150, 190, 215)),),
        mirror=None, wheels=(), wheel_m=0.0, coco="unknown",
    ),
    Body.SUITCASE: Shape(
        profile=((-0.13, 0.0), (-0.13, 0.62), (0.13, 0.62), (0.13, 0.0)), half_width_m=0.24, tuck_m=0.02, waist_m=0.5,
        windows=(), seams=(((-0.13, 0.3), (0.13, 0.3)),), panels=(Panel(1, (0.4, 0.6), (-0.4, 0.4), _BLACK),),
        mirror=None, wheels=(), wheel_m=0.0, coco="suitcase",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paintwork:
    """A vehicle's body and colour."""

    body: Body
    colour: Colour


@dataclass(slots=True)
class _Sheet:
    """The oversampled patch being painted.

    Args:
        origin: (2,) picture pixel of its top left corner.
    """

    origin: Array
    colour: Image
    alpha: Image
    view: View

    def fill(self, points: Array, colour: Sequence[float]) -> None:
        """Paint a polygon of (n, 3) world points."""
        pixels = (self.view.project(points).xy - self.origin) * _OVERSAMPLING
        fixed = np.round(pixels * 2**_FIXED_POINT_BITS).astype(np.int32)
        cv2.fillPoly(self.colour, [fixed], tuple(colour), cv2.LINE_8, _FIXED_POINT_BITS)
        cv2.fillPoly(self.alpha, [fixed], (255,), cv2.LINE_8, _FIXED_POINT_BITS)


class Vehicles:
    """Draws vehicles for one camera; a parked one is drawn once."""

    def __init__(self, view: View, light: Light, sun: Sun | None) -> None:
        self._view, self._light, self._sun = view, light, sun
        self._last: dict[Paintwork, tuple[Pose, Layer | None]] = {}

    def layer(self, paintwork: Paintwork, pose: Pose) -> Layer | None:
        """The vehicle at that pose; None when out of sight."""
        last = self._last.get(paintwork)
        if last is not None and last[0].place == pose.place and last[0].heading_deg == pose.heading_deg:
            return last[1]
        made = self._draw(paintwork, pose)
        self._last[paintwork] = (pose, made)
        return made

    def shade(self, frame: Image, paintwork: Paintwork, pose: Pose) -> None:
        """Put the vehicle's shadow on the ground."""
        shape = SHAPES[paintwork.body]
        long, wide = shape.profile[-1][0], shape.half_width_m
        base = _world(pose, np.array([(s * long, w * wide, 0.0) for s, w in ((-1, -1), (-1, 1), (1, 1), (1, -1))]))
        spots = [base]
        if self._sun is not None:
            height = max(up for _, up in shape.profile)
            offset = np.array([self._sun.per_m[0] * height, self._sun.per_m[1] * height, 0.0])
            spots.append((base - base.mean(axis=0)) * 0.92 + base.mean(axis=0) + offset)
        seen = self._view.project(np.concatenate(spots))
        if seen.depth_m.min() < 0.5:
            return
        hull = cv2.convexHull(seen.xy.astype(np.float32))[:, 0]
        left, top = np.floor(hull.min(axis=0)).astype(int) - 6
        width, height_px = np.ceil(hull.max(axis=0)).astype(int) - [left, top] + 6
        if width > 4 * self._view.width_px or height_px > 4 * self._view.height_px:
            return
        darkness = np.zeros((int(height_px), int(width)), np.uint8)
        cv2.fillConvexPoly(darkness, np.round(hull - [left, top]).astype(np.int32), (125,))
        darken(frame, int(left), int(top), cv2.blur(darkness, (9, 5)).astype(np.uint8))

    def _draw(self, paintwork: Paintwork, pose: Pose) -> Layer | None:
        shape = SHAPES[paintwork.body]
        reach = shape.profile[-1][0] + 0.1
        outline = (*shape.profile, (-reach, 0.0), (reach, 0.0))
        corners = np.array([(f, s * shape.half_width_m, u) for f, u in outline for s in (1.25, -1.25)])
        seen = self._view.project(_world(pose, corners))
        if seen.depth_m.min() < 1.0:
            return None
        low, high = np.floor(seen.xy.min(axis=0)) - 3, np.ceil(seen.xy.max(axis=0)) + 3
        if (high < 0).any() or low[0] > self._view.width_px or low[1] > self._view.height_px:
            return None
        width, height = (high - low).astype(int)
        size = (int(height) * _OVERSAMPLING, int(width) * _OVERSAMPLING)
        sheet = _Sheet(low, np.zeros((*size, 3), np.uint8), np.zeros(size, np.uint8), self._view)
        self._paint(sheet, shape, paintwork.colour, pose)
        small = (int(width), int(height))
        colour = cv2.resize(sheet.colour, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
        soft = cv2.GaussianBlur(colour, (0, 0), _SHARP_PX)
        colour = cv2.addWeighted(colour, 1 + _SHARPNESS, soft, -_SHARPNESS, 0).astype(np.uint8)
        alpha = cv2.resize(sheet.alpha, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
        colour = np.minimum(colour, alpha[..., None])
        depth = float(self._view.project(np.array([(*pose.place, 0.0)])).depth_m[0])
        return Layer(int(low[0]), int(low[1]), colour, alpha, depth)

    def _paint(self, sheet: _Sheet, shape: Shape, colour: Colour, pose: Pose) -> None:
        """Far faces first; faces turned away are left out."""
        faces: list[tuple[float, int]] = []
        eye = np.array(self._view.position_m)
        strips = [self._strip(shape, i) for i in range(len(shape.profile) - 1)]
        for i, strip in enumerate(strips):
            placed = _world(pose, strip)
            if _faces(placed, eye):
                faces.append((float(np.linalg.norm(placed.mean(axis=0) - eye)), i))
        self._wheels(sheet, shape, pose, far=True)
        for _, i in sorted(faces, reverse=True):
            self._paint_strip(sheet, shape, colour, pose, i, strips[i])
        for side in (1.0, -1.0):
            outline = _world(pose, _side(shape, shape.profile, side))
            if _faces(outline if side > 0 else outline[::-1], eye):
                self._paint_side(sheet, shape, colour, pose, side)

    def _strip(self, shape: Shape, i: int) -> Array:
        """(4, 3) the face over the whole width along edge i of the profile."""
        a, b = shape.profile[i], shape.profile[i + 1]
        return np.concatenate([_side(shape, (a, b), -1.0), _side(shape, (b, a), 1.0)])

    def _shaded(self, colour: Sequence[float], points: Array) -> tuple[float, ...]:
        right, down, forward = self._view.axes()
        normal = _normal(points)
        lit = self._light.direction[0] * (normal @ right) - self._light.direction[1] * (normal @ down)
        lit -= self._light.direction[2] * (normal @ forward)
        factor = self._light.ambient + self._light.diffuse * max(float(lit), 0.0)
        return tuple(min(255.0, c * factor) for c in colour)

    def _paint_strip(self, sheet: _Sheet, shape: Shape, colour: Colour, pose: Pose, i: int, strip: Array) -> None:
        placed = _world(pose, strip)
        sheet.fill(placed, self._shaded(colour, placed))
        for panel in shape.panels:
            if panel.edge == i:
                for corners in _panel(strip, panel):
                    sheet.fill(_world(pose, corners), panel.colour)

    def _paint_side(self, sheet: _Sheet, shape: Shape, colour: Colour, pose: Pose, side: float) -> None:
        outline = _side(shape, shape.profile, side)
        placed = _world(pose, outline)
        order = placed if side > 0 else placed[::-1]
        body = self._shaded(colour, order)
        sheet.fill(placed, body)
        sill = _clip_height(shape.profile, shape.waist_m * 0.44)
        sheet.fill(_world(pose, _side(shape, sill, side)), [c * 0.5 for c in body])
        for window in shape.windows:
            sheet.fill(_world(pose, _side(shape, window, side)), _GLASS)
            sheet.fill(_world(pose, _side(shape, window[:3], side)), [c * 1.35 for c in _GLASS])
        for (f0, u0), (f1, u1) in shape.seams:
            seam = ((f0 - 0.012, u0), (f0 + 0.012, u0), (f1 + 0.012, u1), (f1 - 0.012, u1))
            sheet.fill(_world(pose, _side(shape, seam, side)), [c * 0.6 for c in body])
        self._wheels(sheet, shape, pose, side=side)
        if shape.mirror is None:
            return
        f, u = shape.mirror
        out = side * np.array([1.0, 1.22, 1.22, 1.0]) * shape.half_width_m
        sheet.fill(_world(pose, np.stack([np.full(4, f), out, [u, u, u + 0.2, u + 0.2]], axis=1)), _BLACK)

    def _wheels(self, sheet: _Sheet, shape: Shape, pose: Pose, *, side: float = 0.0, far: bool = False) -> None:
        """Arches, tyres and hubs of one side, or only the tyres of both."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        rings = ((1.0, 24),) if far else ((1.2, 20), (1.0, 34), (0.6, 150), (0.25, 70))
        for axle in shape.wheels:
            for s in (1.0, -1.0) if far else (side,):
                for share, grey in rings:
                    r = shape.wheel_m * share
                    up = np.maximum(shape.wheel_m + r * np.sin(turn), 0.0 if share <= 1 else 0.3)
                    across = np.full(len(turn), s * shape.half_width_m * (0.9 if far else 1.0))
                    sheet.fill(_world(pose, np.stack([axle + r * np.cos(turn), across, up], axis=1)), (grey,) * 3)


def _side(shape: Shape, corners: Sequence[Corner], side: float) -> Array:
    """(n, 3) body points (forward, left, up) of corners on one side (1 left, -1 right)."""
    top = max(up for _, up in shape.profile)
    lean = [max(0.0, up - shape.waist_m) / (top - shape.waist_m) * shape.tuck_m for _, up in corners]
    placed = zip(corners, lean, strict=True)
    return np.array([(f, side * (shape.half_width_m - inward), u) for (f, u), inward in placed])


def _clip_height(profile: Sequence[Corner], top_m: float) -> list[Corner]:
    """The profile cut off above a height."""
    return [profile[0], (profile[1][0], top_m), (profile[-1][0], top_m), profile[-1]]


def _panel(strip: Array, panel: Panel) -> list[Array]:
    """The (4, 3) corners of a panel on its face, one or two of them."""
    right0, right1, left1, left0 = strip

    def at(along: float, across: float) -> Array:
        right, left = right0 + (right1 - right0) * along, left0 + (left1 - left0) * along
        return np.asarray((right + left) / 2 + (left - right) / 2 * across)

    (a, b), (c, d) = panel.along, panel.across
    spans = [(c, d)] if c <= 0 <= d else [(c, d), (-d, -c)]
    return [np.stack([at(a, low), at(b, low), at(b, high), at(a, high)]) for low, high in spans]


def _world(pose: Pose, points: Array) -> Array:
    """Body points (forward, left, up) to world points."""
    heading = np.radians(pose.heading_deg)
    forward = np.array([np.sin(heading), np.cos(heading), 0.0])
    left = np.array([-np.cos(heading), np.sin(heading), 0.0])
    axes = np.stack([forward, left, np.array([0.0, 0.0, 1.0])])
    return np.asarray(points @ axes + [*pose.place, 0.0], float)


def _normal(points: Array) -> Array:
    """Unit normal of a polygon (Newell)."""
    following = np.roll(points, -1, axis=0)
    normal = np.cross(points, following).sum(axis=0)
    return np.asarray(normal / max(float(np.linalg.norm(normal)), 1e-9), float)


def _faces(points: Array, eye: Array) -> bool:
    """Whether a polygon's outer side (counter-clockwise from outside) looks at the eye."""
    return bool(_normal(points) @ (eye - points.mean(axis=0)) > 0)
