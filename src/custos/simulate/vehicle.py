"""Vans and cars: a side profile drawn out to a width, seen in true perspective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
_FIXED_POINT_BITS = 4
Corner = tuple[float, float]
"""(forward, up) of a point of a side, metres."""


class Body(StrEnum):
    VAN = "van"
    CAR = "car"


@dataclass(frozen=True, slots=True)
class Shape:
    """Outline and fittings of a kind of vehicle, metres.

    Args:
        profile: the side's outline from the rear bumper over the roof to the front bumper.
        half_width_m: at the waist; the roof is narrower by `tuck_m` on each side.
        waist_m: height above which the sides lean in.
        windows: side windows.
        seams: lines on the side (doors).
        glazed: indices of profile edges that are glass (edge i runs from corner i to i + 1).
        wheels: forward places of the axles.
        coco: what the truth calls it.
    """

    profile: tuple[Corner, ...]
    half_width_m: float
    tuck_m: float
    waist_m: float
    windows: tuple[tuple[Corner, ...], ...]
    seams: tuple[tuple[Corner, Corner], ...]
    glazed: tuple[int, ...]
    wheels: tuple[float, float]
    wheel_m: float
    coco: str


SHAPES: dict[Body, Shape] = {
    Body.VAN: Shape(
        profile=((-2.55, 0.35), (-2.6, 0.6), (-2.55, 2.25), (-2.4, 2.38), (0.95, 2.38), (1.25, 2.26), (1.95, 1.42),
                 (2.5, 1.18), (2.66, 0.9), (2.68, 0.4)),
        half_width_m=1.0, tuck_m=0.13, waist_m=1.25,
        windows=(((0.62, 1.35), (0.62, 2.0), (1.22, 2.0), (1.72, 1.42), (1.72, 1.35)),),
        seams=(((0.5, 0.45), (0.5, 2.2)), ((-0.85, 0.45), (-0.85, 2.2)), ((1.8, 0.5), (1.8, 1.35))),
        glazed=(5,), wheels=(-1.6, 1.72), wheel_m=0.36, coco="truck",
    ),
    Body.CAR: Shape(
        profile=((-2.1, 0.3), (-2.16, 0.55), (-2.12, 0.9), (-1.85, 0.98), (-1.2, 1.42), (-0.9, 1.47), (0.1, 1.46),
                 (0.35, 1.4), (1.05, 0.98), (1.9, 0.8), (2.12, 0.62), (2.14, 0.3)),
        half_width_m=0.89, tuck_m=0.2, waist_m=0.92,
        windows=(((-1.5, 0.98), (-1.08, 1.36), (-0.5, 1.39), (-0.5, 0.98)), ((-0.42, 0.98), (-0.42, 1.39), (0.16, 1.36), (0.8, 0.98))),
        seams=(((-0.46, 0.35), (-0.46, 0.95)), ((0.6, 0.35), (0.72, 0.95))),
        glazed=(3, 7), wheels=(-1.32, 1.33), wheel_m=0.31, coco="car",
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
    polygons: int = field(default=0)

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
        corners = np.array([(f, s * shape.half_width_m, u) for f, u in (*shape.profile, (-2.6, 0), (2.6, 0)) for s in (1, -1)])
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
        alpha = cv2.resize(sheet.alpha, small, interpolation=cv2.INTER_AREA).astype(np.uint8)
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
        if i in shape.glazed:
            sheet.fill(_world(pose, _inset(strip, 0.1)), self._shaded((95, 82, 70), placed))
            sheet.fill(_world(pose, _inset(strip, 0.1)[[0, 1, 2]] * [1, 0.55, 1]), self._shaded((125, 112, 98), placed))
        for lamp, lamp_colour in _lamps(shape, i):
            sheet.fill(_world(pose, lamp), lamp_colour)

    def _paint_side(self, sheet: _Sheet, shape: Shape, colour: Colour, pose: Pose, side: float) -> None:
        outline = _side(shape, shape.profile, side)
        placed = _world(pose, outline)
        order = placed if side > 0 else placed[::-1]
        body = self._shaded(colour, order)
        sheet.fill(placed, body)
        low = tuple(_clip_height(shape.profile, shape.waist_m * 0.5))
        sheet.fill(_world(pose, _side(shape, low, side)), [c * 0.82 for c in body])
        for window in shape.windows:
            sheet.fill(_world(pose, _side(shape, window, side)), self._shaded((78, 68, 58), order))
            glint = (window[0], window[1], window[2])
            sheet.fill(_world(pose, _side(shape, glint, side)), self._shaded((108, 96, 84), order))
        for (f0, u0), (f1, u1) in shape.seams:
            seam = ((f0 - 0.012, u0), (f0 + 0.012, u0), (f1 + 0.012, u1), (f1 - 0.012, u1))
            sheet.fill(_world(pose, _side(shape, seam, side)), [c * 0.6 for c in body])
        self._wheels(sheet, shape, pose, side=side)

    def _wheels(self, sheet: _Sheet, shape: Shape, pose: Pose, *, side: float = 0.0, far: bool = False) -> None:
        """Arches, tyres and hubs of one side, or only the tyres of both."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        rings = ((1.0, (24, 24, 24)),) if far else ((1.2, (20, 20, 20)), (1.0, (34, 34, 34)), (0.6, (150, 152, 152)), (0.25, (70, 70, 70)))
        for axle in shape.wheels:
            for s in (1.0, -1.0) if far else (side,):
                for share, colour in rings:
                    r = shape.wheel_m * share
                    up = np.maximum(shape.wheel_m + r * np.sin(turn), 0.0 if share <= 1 else 0.3)
                    across = np.full(len(turn), s * shape.half_width_m * (0.9 if far else 1.0))
                    sheet.fill(_world(pose, np.stack([axle + r * np.cos(turn), across, up], axis=1)), colour)


def _side(shape: Shape, corners: Sequence[Corner], side: float) -> Array:
    """(n, 3) body points (forward, left, up) of corners on one side (1 left, -1 right)."""
    top = max(up for _, up in shape.profile)
    lean = [max(0.0, up - shape.waist_m) / (top - shape.waist_m) * shape.tuck_m for _, up in corners]
    return np.array([(f, side * (shape.half_width_m - inward), u) for (f, u), inward in zip(corners, lean, strict=True)])


def _clip_height(profile: Sequence[Corner], top_m: float) -> list[Corner]:
    """The profile cut off above a height."""
    return [profile[0], (profile[1][0], top_m), (profile[-1][0], top_m), profile[-1]]


def _inset(strip: Array, share: float) -> Array:
    """A face made smaller towards its middle."""
    middle = strip.mean(axis=0)
    return middle + (strip - middle) * (1 - share)


def _lamps(shape: Shape, edge: int) -> list[tuple[Array, Colour]]:
    """Lights and plates on the rear and front faces."""
    if edge not in (1, len(shape.profile) - 2):
        return []
    rear = edge == 1
    (f0, u0), (f1, u1) = shape.profile[edge], shape.profile[edge + 1]
    lit: Colour = (40, 40, 190) if rear else (225, 235, 240)

    def at(share: float) -> Corner:
        return f0 + (f1 - f0) * share, u0 + (u1 - u0) * share

    spans = ((0.3, 0.55) if rear else (0.05, 0.45))
    (fa, ua), (fb, ub) = at(spans[0]), at(spans[1])
    lamps = []
    for s in (1.0, -1.0):
        outer, inner = s * shape.half_width_m * 0.96, s * shape.half_width_m * (0.8 if rear else 0.62)
        lamps.append((np.array([(fa, outer, ua), (fb, outer, ub), (fb, inner, ub), (fa, inner, ua)]), lit))
    (fa, ua), (fb, ub) = at(0.08 if rear else 0.62), at(0.18 if rear else 0.8)
    lamps.append((np.array([(fa, 0.26, ua), (fb, 0.26, ub), (fb, -0.26, ub), (fa, -0.26, ua)]), (215, 222, 222)))
    return lamps


def _world(pose: Pose, points: Array) -> Array:
    """Body points (forward, left, up) to world points."""
    heading = np.radians(pose.heading_deg)
    forward = np.array([np.sin(heading), np.cos(heading), 0.0])
    left = np.array([-np.cos(heading), np.sin(heading), 0.0])
    return points[:, :1] * forward + points[:, 1:2] * left + points[:, 2:] * [0, 0, 1] + [*pose.place, 0.0]


def _normal(points: Array) -> Array:
    """Unit normal of a polygon (Newell)."""
    following = np.roll(points, -1, axis=0)
    normal = np.cross(points, following).sum(axis=0)
    return normal / max(float(np.linalg.norm(normal)), 1e-9)


def _faces(points: Array, eye: Array) -> bool:
    """Whether a polygon's outer side (counter-clockwise from outside) looks at the eye."""
    return bool(_normal(points) @ (eye - points.mean(axis=0)) > 0)
