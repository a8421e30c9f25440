"""People into layers: drawn once for each of a few dozen poses and headings, then placed, scaled and leaned."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from custos.simulate.body import Gait, Stance
from custos.simulate.layer import Image, Layer, darken
from custos.simulate.look import Look
from custos.simulate.motion import Step
from custos.simulate.scenes.scene import Sun
from custos.simulate.sprite import Aspect, Light, Sprite, draw, half, outline
from custos.simulate.view import Array, View

_HEADINGS, _PHASES, _SWINGS, _INTOS, _ELEVATION_DEG = 24, 14, 2, 8, 8.0
_KEPT = 400
"""Drawings kept for one camera, about 60 kB each."""
_OUTLINES_KEPT = 2000
"""Outlines kept for all cameras, about 15 kB each: neither light nor place is in them."""
_CONTACT_M = 0.34


@dataclass(frozen=True, slots=True)
class _Key:
    look: Look
    stance: Stance
    phase: int
    swing: int
    into: int
    heading: int
    elevation: int


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """A sprite cut to what is drawn, at full and half size.

    Args:
        colour, alpha: uint8, premultiplied.
        foot: (2,) pixel between the feet.
        up_px: from there to the crown.
    """

    colour: Image
    alpha: Image
    foot: Array
    up_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A person at an instant, ready to be put into the picture.

    Args:
        layer: the body.
        foot_xy: pixel of the ground between the feet.
        affine: (2, 3) from the drawing to the picture.
    """

    layer: Layer
    foot_xy: Array
    drawing: _Drawing
    step: Step
    look: Look
    px_per_m: float


class People:
    """Draws people for one camera.

    Args:
        light: None draws outlines only, which say as much of where somebody is seen.
    """

    def __init__(self, view: View, light: Light | None, sun: Sun | None) -> None:
        self._view, self._light, self._sun = view, light, sun
        self._drawings: OrderedDict[_Key, tuple[_Drawing, _Drawing]] = OrderedDict()
        self._contact = _soft_disc(48)

    def figure(self, look: Look, step: Step) -> Figure | None:
        """A person standing on the ground there; None when behind the camera or out of sight."""
        x, y = step.place
        seen = self._view.project(np.array([(x, y, 0.0), (x, y, look.height_m), (x, y, look.height_m / 2)]))
        foot, crown = seen.xy[0], seen.xy[1]
        depth = float(seen.depth_m[0])
        reach = self._view.focal_px / depth
        outside = foot[0] < -reach or foot[0] > self._view.width_px + reach or crown[1] > self._view.height_px
        if seen.depth_m.min() < 1.0 or outside or foot[1] < 0:
            return None
        full, small = self._drawing(self._key(look, step))
        tall = float(np.hypot(*(foot - crown)))
        drawing = small if tall < full.up_px * 0.55 else full
        layer = _lay(drawing, foot, crown, depth)
        return Figure(layer, foot, drawing, step, look, float(self._view.focal_px / seen.depth_m[2]))

    def shade(self, frame: Image, figure: Figure) -> None:
        """Put the figure's shadows on the ground."""
        if self._sun is not None:
            self._cast_shadow(frame, figure, self._sun)
        pitch = np.radians(self._view.pitch_deg + 8)
        width = max(3, round(2 * _CONTACT_M * figure.px_per_m))
        height = max(2, round(width * float(np.sin(pitch)) * 0.8))
        disc = cv2.resize(self._contact, (width, height), interpolation=cv2.INTER_AREA)
        left, top = np.round(figure.foot_xy - [width / 2, height / 2]).astype(int)
        darken(frame, int(left), int(top), disc.astype(np.uint8))

    def _cast_shadow(self, frame: Image, figure: Figure, sun: Sun) -> None:
        """The silhouette laid along the ground, away from the sun."""
        x, y = figure.step.place
        tip_m = np.array([[x + figure.look.height_m * sun.per_m[0], y + figure.look.height_m * sun.per_m[1], 0.0]])
        along = (self._view.project(tip_m).xy[0] - figure.foot_xy) / figure.drawing.up_px
        across = np.array([figure.px_per_m / (figure.drawing.up_px / figure.look.height_m), 0.0])
        linear = np.stack([across, -along], axis=1)
        layer = _warp(figure.drawing.alpha, linear, figure.drawing.foot, figure.foot_xy)
        soft = cv2.blur(layer.image, (3, 3))
        darken(frame, layer.left, layer.top, cv2.convertScaleAbs(soft, alpha=sun.strength).astype(np.uint8))

    def _key(self, look: Look, step: Step) -> _Key:
        x, y = step.place
        cx, cy, cz = self._view.position_m
        azimuth = np.degrees(np.arctan2(x - cx, y - cy))
        elevation = np.degrees(np.arctan2(cz - look.height_m / 2, np.hypot(x - cx, y - cy)))
        gait = step.gait
        return _Key(
            look,
            gait.stance,
            round(gait.phase * _PHASES) % _PHASES if gait.swing > 0.05 else 0,
            min(round(gait.swing * _SWINGS), _SWINGS + 1),
            round(gait.into * _INTOS),
            round((step.heading_deg - azimuth) / 360 * _HEADINGS) % _HEADINGS,
            round(elevation / _ELEVATION_DEG),
        )

    def _drawing(self, key: _Key) -> tuple[_Drawing, _Drawing]:
        if self._light is None:
            return _outlined(key)
        found = self._drawings.get(key)
        if found is not None:
            self._drawings.move_to_end(key)
            return found
        made = _cut_both(draw(key.look, _gait(key), _aspect(key), self._light), key)
        self._drawings[key] = made
        if len(self._drawings) > _KEPT:
            self._drawings.popitem(last=False)
        return made


@lru_cache(maxsize=_OUTLINES_KEPT)
def _outlined(key: _Key) -> tuple[_Drawing, _Drawing]:
    full, small = _cut_both(outline(key.look, _gait(key), _aspect(key)), key)
    return _without_colour(full), _without_colour(small)


def _without_colour(drawing: _Drawing) -> _Drawing:
    """The same with one black for all pixels."""
    return replace(drawing, colour=np.broadcast_to(np.uint8(0), drawing.colour.shape))


def _aspect(key: _Key) -> Aspect:
    return Aspect(key.heading * 360 / _HEADINGS, key.elevation * _ELEVATION_DEG)


def _gait(key: _Key) -> Gait:
    return Gait(key.stance, key.phase / _PHASES, key.swing / _SWINGS, key.into / _INTOS)


def _cut_both(sprite: Sprite, key: _Key) -> tuple[_Drawing, _Drawing]:
    up_m = key.look.height_m * float(np.cos(np.radians(key.elevation * _ELEVATION_DEG)))
    return _cut(sprite, up_m), _cut(half(sprite), up_m)


def _cut(sprite: Sprite, up_m: float) -> _Drawing:
    rows = np.flatnonzero(sprite.alpha.max(axis=1) > 0)
    columns = np.flatnonzero(sprite.alpha.max(axis=0) > 0)
    y0, y1, x0, x1 = max(rows[0] - 1, 0), rows[-1] + 2, max(columns[0] - 1, 0), columns[-1] + 2
    return _Drawing(
        np.clip(sprite.colour[y0:y1, x0:x1] + 0.5, 0, 255).astype(np.uint8),
        np.clip(sprite.alpha[y0:y1, x0:x1] * 255 + 0.5, 0, 255).astype(np.uint8),
        np.array([sprite.foot_xy[0] - x0, sprite.foot_xy[1] - y0]),
        up_m * sprite.px_per_m,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Warped:
    left: int
    top: int
    image: Image


def _warp(image: Image, linear: Array, origin: Array, target: Array) -> _Warped:
    """`image` under x -> linear (x - origin) + target, cut to its own patch."""
    height, width = image.shape[:2]
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) - origin
    placed = corners @ linear.T + target
    left, top = np.floor(placed.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(placed.max(axis=0)).astype(int) + 1
    offset = target - linear @ origin - [left, top]
    matrix = np.concatenate([linear, offset[:, None]], axis=1)
    warped = cv2.warpAffine(image, matrix, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    return _Warped(int(left), int(top), warped.astype(np.uint8))


def _lay(drawing: _Drawing, foot: Array, crown: Array, depth_m: float) -> Layer:
    """The drawing turned and scaled so that feet and crown are where the camera sees them."""
    up = (crown - foot) / drawing.up_px
    linear = np.array([[-up[1], -up[0]], [up[0], -up[1]]])
    both = np.dstack([drawing.colour, drawing.alpha])
    warped = _warp(both, linear, drawing.foot, foot)
    colour, alpha = np.ascontiguousarray(warped.image[..., :3]), np.ascontiguousarray(warped.image[..., 3])
    return Layer(warped.left, warped.top, colour, alpha, depth_m)


def _soft_disc(size: int) -> Image:
    at = (np.arange(size) + 0.5) / size * 2 - 1
    away = np.hypot(at[None, :], at[:, None])
    return np.asarray(np.clip(1 - away, 0, 1) ** 0.8 * 150, np.uint8)
