"""What surfaces are covered with: `Paint = Callable[[u_m, v_m], colours]`, arrays of metres in, (n, 3) BGR 0..255 out.

u runs along a surface, v up (or away, on the ground). Noise repeats every few metres and is the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.simulate.look import Colour

Floats = NDArray[np.float32]
Paint = Callable[[Floats, Floats], Floats]
_TILE = 512


@cache
def _tile(seed: int, blurs: tuple[tuple[float, float], ...]) -> Floats:
    """(512, 512) float32 noise of deviation 1 that repeats seamlessly: a sum of (blur in pixels, weight)."""
    white = np.fft.rfft2(np.random.default_rng(seed).standard_normal((_TILE, _TILE)))
    frequency = np.hypot(np.fft.fftfreq(_TILE)[:, None], np.fft.rfftfreq(_TILE)[None, :])
    total = np.zeros((_TILE, _TILE))
    for blur, weight in blurs:
        smooth = np.fft.irfft2(white * np.exp(-2 * (np.pi * blur * frequency) ** 2), s=(_TILE, _TILE))
        total += weight * (smooth - smooth.mean()) / smooth.std()
        white = white[::-1].copy()
        white = np.roll(white, 1, axis=0)
    return np.asarray(total / total.std(), np.float32)


_ROUGH = ((1.0, 0.5), (4.0, 0.7), (16.0, 0.9), (48.0, 1.0))
_CLOTH = ((1.5, 0.5), (3.5, 0.8), (8.0, 0.6))


def _pick(tile: Floats, u_m: Floats, v_m: Floats, px_per_m: float) -> Floats:
    column = (u_m * np.float32(px_per_m)).astype(np.int32) % _TILE
    row = (v_m * np.float32(px_per_m)).astype(np.int32) % _TILE
    return np.asarray(tile[row, column], np.float32)


def cloth(u_m: Floats, v_m: Floats, amount: float) -> Floats:
    """How much lighter or darker folds make a garment at these places: about 1."""
    folds = 1 + np.float32(amount) * _pick(_tile(8, _CLOTH), u_m, v_m, 120)
    return np.asarray(np.clip(folds, 0.45, 1.6), np.float32)


def noise(u_m: Floats, v_m: Floats, px_per_m: float, seed: int = 1) -> Floats:
    """Noise of every size, about -1..1, at these places."""
    return _pick(_tile(seed, _ROUGH), u_m, v_m, px_per_m) * np.float32(0.3)


def _hash(i: NDArray[np.int32], j: NDArray[np.int32], seed: int) -> Floats:
    """A number 0..1 for each cell (i, j)."""
    mixed = (i.astype(np.int64) * 73_856_093) ^ (j.astype(np.int64) * 19_349_663) ^ (seed * 83_492_791)
    return ((mixed * 2_654_435_761 >> 7) % 4096 / np.float32(4096)).astype(np.float32)


def _tinted(colour: Colour, factor: Floats) -> Floats:
    return factor[:, None] * np.array(colour, np.float32)


def plaster(colour: Colour, rough: float = 0.06, seed: int = 1) -> Paint:
    """A painted wall, or concrete with a higher `rough`."""

    def paint(u: Floats, v: Floats) -> Floats:
        stains = noise(u, v, 22, seed) * np.float32(rough) + noise(u, v, 160, seed + 1) * np.float32(rough * 0.6)
        return _tinted(colour, 1 + stains)

    return paint


def tiles(colour: Colour, size_m: float, *, joint: float = 0.75, vary: float = 0.08, seed: int = 2) -> Paint:
    """Square tiles with darker joints."""

    def paint(u: Floats, v: Floats) -> Floats:
        i, j = np.floor(u / size_m).astype(np.int32), np.floor(v / size_m).astype(np.int32)
        factor = 1 + (_hash(i, j, seed) - np.float32(0.5)) * np.float32(vary) + noise(u, v, 90, seed) * np.float32(0.04)
        edge = np.minimum(np.abs(u / size_m - i - 0.5), np.float32(1)), np.abs(v / size_m - j - 0.5)
        in_joint = np.maximum(edge[0], edge[1]) > 0.5 - 0.008 / size_m
        return _tinted(colour, np.where(in_joint, factor * np.float32(joint), factor).astype(np.float32))

    return paint


def bricks(colour: Colour, mortar: Colour = (150, 158, 165), seed: int = 3) -> Paint:
    """Brickwork, 0.24 x 0.08 m, every second row shifted."""

    def paint(u: Floats, v: Floats) -> Floats:
        row = np.floor(v / 0.083).astype(np.int32)
        shifted = u + np.float32(0.125) * (row % 2)
        column = np.floor(shifted / 0.25).astype(np.int32)
        factor = 0.86 + 0.28 * _hash(column, row, seed) + noise(u, v, 120, seed) * np.float32(0.1)
        colours = _tinted(colour, factor.astype(np.float32))
        joint = (np.abs(shifted / 0.25 - column - 0.5) > 0.47) | (np.abs(v / 0.083 - row - 0.5) > 0.42)
        colours[joint] = np.array(mortar, np.float32) * 0.85
        return colours

    return paint


def asphalt(colour: Colour = (92, 90, 88), seed: int = 4) -> Paint:
    """A road: coarse grain, patches, a few cracks."""

    def paint(u: Floats, v: Floats) -> Floats:
        grain = noise(u, v, 260, seed) * np.float32(0.16) + noise(u, v, 14, seed + 1) * np.float32(0.13)
        crack = np.abs(noise(u, v, 30, seed + 2)) < 0.006
        return _tinted(colour, (1 + grain) * np.where(crack, np.float32(0.78), np.float32(1)))

    return paint


def planks(colour: Colour, width_m: float = 0.14, seed: int = 5) -> Paint:
    """Wood with grain along u."""

    def paint(u: Floats, v: Floats) -> Floats:
        board = np.floor(v / width_m).astype(np.int32)
        factor = 0.9 + 0.2 * _hash(board, board, seed) + noise(u * np.float32(0.15), v, 160, seed) * np.float32(0.14)
        joint = np.abs(v / width_m - board - 0.5) > 0.46
        return _tinted(colour, np.where(joint, factor * np.float32(0.6), factor).astype(np.float32))

    return paint


def slats(colour: Colour, width_m: float = 0.1, depth: float = 0.22, seed: int = 6) -> Paint:
    """A roller shutter: horizontal rounded slats."""

    def paint(u: Floats, v: Floats) -> Floats:
        wave = np.cos(v * np.float32(2 * np.pi / width_m)) * np.float32(depth / 2)
        return _tinted(colour, (1 - depth / 4 + wave + noise(u, v, 40, seed) * np.float32(0.05)).astype(np.float32))

    return paint


def glass(top: Colour, bottom: Colour, height_m: float, frame_m: float, width_m: float) -> Paint:
    """Panes with a slanted reflection in dark frames every `width_m`."""

    def paint(u: Floats, v: Floats) -> Floats:
        share = np.clip(v / np.float32(height_m), 0, 1)[:, None]
        colours = np.array(bottom, np.float32) * (1 - share) + np.array(top, np.float32) * share
        streak = np.sin((u + v * np.float32(0.6)) * np.float32(2.1)) > 0.55
        colours[streak] *= np.float32(1.18)
        pane = np.abs((u % np.float32(width_m)) - np.float32(width_m / 2)) > width_m / 2 - frame_m
        colours[pane | (v < frame_m) | (v > height_m - frame_m)] = (48, 46, 44)
        return np.asarray(colours, np.float32)

    return paint


def goods(seed: int, shelf_m: float = 0.42) -> Paint:
    """A shelf full of boxes and bottles."""
    palette = np.array(
        [(60, 60, 190), (50, 140, 200), (70, 150, 70), (170, 110, 50), (205, 205, 200), (60, 190, 215), (120, 60, 120)],
        np.float32,
    )

    def paint(u: Floats, v: Floats) -> Floats:
        shelf = np.floor(v / shelf_m).astype(np.int32)
        place = np.floor(u / 0.13 + shelf * 0.37).astype(np.int32)
        height = 0.45 + 0.4 * _hash(place // 3, shelf, seed)
        colours = palette[(_hash(place // 3, shelf, seed + 1) * len(palette)).astype(np.int32)]
        colours = colours * (0.8 + 0.25 * _hash(place, shelf, seed + 2))[:, None]
        inside = v / shelf_m - shelf
        gap = np.abs(u / 0.13 + shelf * 0.37 - place - 0.5) > 0.45
        colours[(inside > height) | gap] = (38, 40, 42)
        colours[inside < 0.1] = (165, 172, 178)
        colours[(inside > height * 0.4) & (inside < height * 0.6) & ~gap] *= np.float32(1.25)
        return np.asarray(colours, np.float32)

    return paint


def hatch(colour: Colour, ground: Paint, stripe_m: float = 0.9, line_m: float = 0.12) -> Paint:
    """Worn painted stripes at 45 degrees over another paint."""

    def paint(u: Floats, v: Floats) -> Floats:
        colours = ground(u, v)
        worn = noise(u, v, 70, 9) < 0.32
        striped = (((u + v) % np.float32(stripe_m)) < line_m) & worn
        colours[striped] = colours[striped] * 0.25 + np.array(colour, np.float32) * 0.75
        return colours

    return paint


def picture(bgr: NDArray[np.uint8], width_m: float, height_m: float) -> Paint:
    """An image stretched over the surface."""

    def paint(u: Floats, v: Floats) -> Floats:
        column = np.clip(u / width_m * bgr.shape[1], 0, bgr.shape[1] - 1).astype(np.int32)
        row = np.clip((1 - v / height_m) * bgr.shape[0], 0, bgr.shape[0] - 1).astype(np.int32)
        return np.asarray(bgr[row, column], np.float32)

    return paint


def sign(text: str, width_m: float, height_m: float, *, ink: Colour, ground: Colour) -> Paint:
    """A board with one line of text."""
    px = 160
    board = np.full((round(height_m * px), round(width_m * px), 3), ground, np.uint8)
    size, _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
    scale = min(0.86 * board.shape[1] / size[0], 0.55 * board.shape[0] / size[1])
    start = (round((board.shape[1] - size[0] * scale) / 2), round((board.shape[0] + size[1] * scale) / 2))
    cv2.putText(board, text, start, cv2.FONT_HERSHEY_DUPLEX, scale, ink, max(1, round(scale * 2)), cv2.LINE_AA)
    return picture(board, width_m, height_m)


def sky(horizon: Colour = (225, 215, 200), zenith: Colour = (205, 160, 115), height_m: float = 30.0) -> Paint:
    """A gradient with soft clouds."""

    def paint(u: Floats, v: Floats) -> Floats:
        share = np.clip(v / np.float32(height_m), 0, 1)[:, None]
        colours = np.array(horizon, np.float32) * (1 - share) + np.array(zenith, np.float32) * share
        cloud = np.clip(noise(u, v * np.float32(2), 5, 12) * 1.4, 0, 1)[:, None]
        return np.asarray(colours * (1 - cloud) + 238 * cloud, np.float32)

    return paint
