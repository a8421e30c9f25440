"""Capsules into a shaded picture with soft edges: `draw(look, gait, aspect, light) -> Sprite`.

Each pixel of each capsule gets a normal and a height towards the viewer; the highest capsule wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.simulate.body import Capsule, Gait, Part, Stance, pose
from custos.simulate.look import Colour, Hair, Look, Top
from custos.simulate.texture import cloth

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
PX_PER_M = 100.0
_SIDE_M, _BELOW_M, _ABOVE_M = 0.72, 0.22, 2.02
_LYING_SIDE_M, _LYING_BELOW_M = 1.3, 1.1
_BACKGROUND = -1e6
_OUTLINE = 1.6
"""Squared distance from the axis, in half widths, up to which a pixel can be partly seen."""
_FOLDS = 0.13
_SHARP_PX, _SHARPNESS = 3.0, 1.5
_SHORTEST_M = 1e-3
_CAP_SHADING = 0.45
"""Ends of limbs are shaded less than round, or every joint would show as a seam."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """From where a body is seen.

    Args:
        heading_deg: of the body, against the line of sight: 0 shows the back, 180 the face, 90 faces right.
        elevation_deg: how far above the horizon of the body's middle the camera hangs.
    """

    heading_deg: float
    elevation_deg: float


@dataclass(frozen=True, slots=True)
class Light:
    """How a body is lit, in the axes of the picture.

    Args:
        direction: (right, up, towards the viewer) of where the light comes from; any length.
        ambient, diffuse: shares of the colour without and with facing the light.
    """

    direction: tuple[float, float, float] = (-0.2, 0.95, 0.2)
    ambient: float = 0.42
    diffuse: float = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A drawn body.

    Args:
        colour: (h, w, 3) float32 0..255, premultiplied with alpha.
        alpha: (h, w) float32 0..1.
        foot_xy: pixel of the ground between the feet.
        px_per_m: how many pixels a metre across is.
    """

    colour: Floats
    alpha: Floats
    foot_xy: tuple[float, float]
    px_per_m: float


class _Screen:
    """Axes of the picture for one aspect: body (forward, left, up) to (right, up, towards the viewer)."""

    def __init__(self, aspect: Aspect) -> None:
        heading, elevation = np.radians(aspect.heading_deg), np.radians(aspect.elevation_deg)
        right = np.array([np.sin(heading), -np.cos(heading), 0.0])
        away = np.array([np.cos(heading), np.sin(heading), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        self.matrix = np.stack(
            [
                right,
                up * np.cos(elevation) + away * np.sin(elevation),
                up * np.sin(elevation) - away * np.cos(elevation),
            ]
        )
        self.sideways = abs(np.cos(heading)), abs(np.sin(heading))


class _Canvas:
    """The picture being drawn, with heights towards the viewer; wider for somebody who falls."""

    def __init__(self, stance: Stance) -> None:
        lies = stance is Stance.LIE
        self.side_m = _LYING_SIDE_M if lies else _SIDE_M
        self.width = round(2 * self.side_m * PX_PER_M)
        self.height = round(((_LYING_BELOW_M if lies else _BELOW_M) + _ABOVE_M) * PX_PER_M)
        self.colour = np.zeros((self.height, self.width, 3), np.float32)
        self.alpha = np.zeros((self.height, self.width), np.float32)
        self.level = np.full((self.height, self.width), _BACKGROUND, np.float32)


def outline(look: Look, gait: Gait, aspect: Aspect) -> Sprite:
    """Where one person would be drawn: exactly the alpha of `draw`, all black, in half the time."""
    screen, canvas = _Screen(aspect), _Canvas(gait.stance)
    for capsule in pose(look, gait):
        _cover(canvas, capsule, screen)
    return _sprite(canvas)


def draw(look: Look, gait: Gait, aspect: Aspect, light: Light) -> Sprite:
    """One person; about 2 ms."""
    screen, canvas = _Screen(aspect), _Canvas(gait.stance)
    towards = np.array(light.direction) / np.linalg.norm(light.direction)
    for capsule in pose(look, gait):
        _draw_capsule(canvas, capsule, screen, look, light, towards.astype(np.float32))
    canvas.colour *= canvas.alpha[..., None]
    _sharpen(canvas)
    return _sprite(canvas)


def _sprite(canvas: _Canvas) -> Sprite:
    return Sprite(canvas.colour, canvas.alpha, (canvas.side_m * PX_PER_M, _ABOVE_M * PX_PER_M), PX_PER_M)


def _sharpen(canvas: _Canvas) -> None:
    """Lift seams, folds and edges, as the sharpening in every camera does."""
    soft = cv2.GaussianBlur(canvas.colour, (0, 0), _SHARP_PX)
    crisp = canvas.colour + np.float32(_SHARPNESS) * (canvas.colour - soft)
    canvas.colour = np.clip(crisp, 0, 255 * canvas.alpha[..., None], dtype=np.float32)


def half(sprite: Sprite) -> Sprite:
    """The same at half the size."""
    size = (sprite.alpha.shape[1] // 2, sprite.alpha.shape[0] // 2)
    sx, sy = size[0] / sprite.alpha.shape[1], size[1] / sprite.alpha.shape[0]
    return Sprite(
        np.asarray(cv2.resize(sprite.colour, size, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(sprite.alpha, size, interpolation=cv2.INTER_AREA), np.float32),
        (sprite.foot_xy[0] * sx, sprite.foot_xy[1] * sy),
        sprite.px_per_m * sx,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Covered:
    """The (n,) pixels where a capsule is seen.

    Args:
        at: of the flattened canvas.
        t: 0..1 along the capsule.
        n_perp, n_axis, n_out: parts of the normal across, along the limb, and towards the viewer.
        cover: 0..1 of the pixel.
        width_m: half width of the limb there.
        level_m: height towards the viewer.
    """

    at: Indices
    t: Floats
    n_perp: Floats
    n_axis: Floats
    n_out: Floats
    cover: Floats
    width_m: Floats
    level_m: Floats


@dataclass(frozen=True, slots=True)
class _Line:
    """A limb on the screen: its direction (right, up), and its length in metres."""

    axis: tuple[float, float]
    length: float


def _draw_capsule(
    canvas: _Canvas, capsule: Capsule, screen: _Screen, look: Look, light: Light, towards: Floats
) -> None:
    covered = _cover(canvas, capsule, screen)
    if covered is None:
        return
    line, seen = covered
    shade = _shade(seen, line.axis, light, towards)
    colours = _paint(capsule, look, seen, line.axis, screen)
    if capsule.part not in (Part.SKIN, Part.HEAD):
        along_m = seen.t * np.float32(line.length) + np.float32(3 * capsule.start[2])
        shade *= cloth(seen.n_perp * seen.width_m + np.float32(7 * capsule.end[1] + 5), along_m, _FOLDS)
    canvas.colour.reshape(-1, 3)[seen.at] = colours * shade[:, None]


def _cover(canvas: _Canvas, capsule: Capsule, screen: _Screen) -> tuple[_Line, _Covered] | None:
    """Put the capsule's alpha and heights on the canvas; its line and pixels there, None for none."""
    a, b = (screen.matrix @ capsule.start).tolist(), (screen.matrix @ capsule.end).tolist()
    right, up = b[0] - a[0], b[1] - a[1]
    length = float(np.hypot(right, up))
    # A limb that points at the viewer has no direction on the screen; any will do.
    axis = (right / length, up / length) if length > _SHORTEST_M else (0.0, 1.0)
    seen = _seen(canvas, capsule, a, b, axis, screen)
    if seen is None:
        return None
    flat_alpha = canvas.alpha.reshape(-1)
    flat_alpha[seen.at] = np.maximum(flat_alpha[seen.at], seen.cover)
    solid = seen.cover >= 0.5
    canvas.level.reshape(-1)[seen.at[solid]] = seen.level_m[solid]
    return _Line(axis, length), seen


def _seen(
    canvas: _Canvas, capsule: Capsule, a: list[float], b: list[float], axis: tuple[float, float], screen: _Screen
) -> _Covered | None:
    """The pixels within the capsule's outline that nothing nearer covers; None for none."""
    lateral, frontal = screen.sideways
    across = float(np.hypot(lateral, frontal * capsule.depth))
    through = float(np.hypot(frontal, lateral * capsule.depth))
    reach = max(capsule.start_m, capsule.end_m) * across + capsule.cap_m + 0.02
    x0 = max(int((min(a[0], b[0]) - reach + canvas.side_m) * PX_PER_M), 0)
    x1 = min(int((max(a[0], b[0]) + reach + canvas.side_m) * PX_PER_M) + 2, canvas.width)
    y0 = max(int((_ABOVE_M - max(a[1], b[1]) - reach) * PX_PER_M), 0)
    y1 = min(int((_ABOVE_M - min(a[1], b[1]) + reach) * PX_PER_M) + 2, canvas.height)
    x = ((np.arange(x0, x1) + 0.5) / PX_PER_M - canvas.side_m - a[0]).astype(np.float32)[None, :]
    y = (_ABOVE_M - (np.arange(y0, y1) + 0.5) / PX_PER_M - a[1]).astype(np.float32)[:, None]
    length = max(float(np.hypot(b[0] - a[0], b[1] - a[1])), _SHORTEST_M)
    along = x * np.float32(axis[0]) + y * np.float32(axis[1])
    t = np.minimum(np.maximum(along * np.float32(1 / length), 0), 1)
    width = np.float32(capsule.start_m * across) + np.float32((capsule.end_m - capsule.start_m) * across) * t
    n_perp = (y * np.float32(axis[0]) - x * np.float32(axis[1])) / width
    n_axis = (along - t * np.float32(length)) * np.float32(1 / capsule.cap_m)
    d2 = n_perp * n_perp + n_axis * n_axis
    near = np.flatnonzero(d2 < _OUTLINE)
    d2, t, width = d2.reshape(-1)[near], t.reshape(-1)[near], width.reshape(-1)[near]
    cover = np.minimum((1 - np.sqrt(d2)) * width * np.float32(PX_PER_M) + np.float32(0.5), 1)
    n_out = np.sqrt(np.maximum(1 - d2, 0))
    level = np.float32(a[2]) + np.float32(b[2] - a[2]) * t + width * np.float32(through / across) * n_out
    at = (near // (x1 - x0) + y0) * canvas.width + near % (x1 - x0) + x0
    wins = np.flatnonzero((cover > 0) & (level > canvas.level.reshape(-1)[at]))
    if not len(wins):
        return None
    kept = near[wins]
    return _Covered(
        at[wins], t[wins], n_perp.reshape(-1)[kept], n_axis.reshape(-1)[kept], n_out[wins], cover[wins], width[wins],
        level[wins],
    )  # fmt: skip


def _shade(seen: _Covered, axis: tuple[float, float], light: Light, towards: Floats) -> Floats:
    """(n,) share of the colour that is seen under the light."""
    n_right, n_up = _tilted(seen.n_axis * np.float32(_CAP_SHADING), seen.n_perp, *axis)
    lit = n_right * towards[0] + n_up * towards[1] + seen.n_out * towards[2]
    shade = np.float32(light.ambient) + np.float32(light.diffuse) * np.maximum(lit, 0) + np.float32(0.1) * n_up
    edge = np.sqrt(np.maximum(1 - seen.n_perp * seen.n_perp, 0))
    return np.asarray(shade * (np.float32(0.78) + np.float32(0.22) * edge), np.float32)


def _tilted(n_axis: Floats, n_perp: Floats, ax: float, ay: float) -> tuple[Floats, Floats]:
    """Normal along and across a limb to normal right and up on the screen, the limb pointing along (ax, ay)."""
    return n_axis * np.float32(ax) - n_perp * np.float32(ay), n_axis * np.float32(ay) + n_perp * np.float32(ax)


def _paint(capsule: Capsule, look: Look, seen: _Covered, axis: tuple[float, float], screen: _Screen) -> Floats:
    """(n, 3) colours under full light."""
    plain: dict[Part, Colour] = {
        Part.SKIN: look.skin,
        Part.HEAD: look.skin,
        Part.HAIR: look.hair_colour,
        Part.TOP: look.top_colour,
        Part.TORSO: look.top_colour,
        Part.LEG: look.leg_colour,
        Part.SHOE: look.shoe_colour,
        Part.BAG: look.bag_colour,
        Part.BOX: (95, 135, 175),
    }
    colours = np.empty((len(seen.t), 3), np.float32)
    colours[:] = plain[capsule.part]
    if capsule.part is Part.HAIR and look.hair is Hair.CAP:
        colours[:] = look.top_colour
    if capsule.part not in (Part.HEAD, Part.TORSO):
        return colours
    n_right, n_up = _tilted(seen.n_axis, seen.n_perp, *axis)
    normal = np.stack([n_right, n_up, seen.n_out], axis=1) @ screen.matrix.astype(np.float32)
    forward, left, up, t = normal[:, 0], normal[:, 1], normal[:, 2], seen.t
    if capsule.part is Part.HEAD:
        if look.hair is not Hair.BALD:
            colours[(forward < 0.05 + 0.9 * up) | (up > 0.6)] = look.hair_colour
        eyes = (forward > 0.7) & (np.abs(np.abs(left) - 0.36) < 0.16) & (t > 0.5) & (t < 0.85)
        colours[eyes] *= 0.45
        colours[(forward > 0.8) & (np.abs(left) < 0.28) & (t < 0.12)] *= (0.75, 0.7, 0.85)
    elif look.top is Top.JACKET:
        colours[(forward > 0.3) & (np.abs(left) < 0.26)] = look.shirt_colour
    elif look.top is Top.VEST:
        colours[(np.abs(t - 0.5) < 0.16) | (np.abs(np.abs(left) - 0.55) < 0.1)] = (205, 210, 210)
    return colours
