"""Pixels to the eleven basic colour terms of Berlin and Kay (Basic Color Terms, 1969).

`name_shares(bgr, light) -> (11,) shares`. Borders are drawn in CIELAB's lightness, chroma and hue (CIE 15:2004, 8.2.1),
seen under D65 after the light of the scene is taken out. They follow where people put the terms (Sturges and
Whitfield, Locating basic colours in the Munsell space, 1995): brown is dark orange, pink is light red, and what is
almost without chroma is black, grey or white by its lightness alone. Clothes are seen shaded and never fill the range
of a screen, so white begins lower and black ends higher than on one.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.appearance.light import LINEAR, Light

NAMES = ("black", "grey", "white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
BLACK, GREY, WHITE, RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE, PINK, BROWN = range(len(NAMES))

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

BLACK_BELOW, WHITE_FROM = 26.0, 75.0
"""Lightness, 0..100."""
UPRIGHT = 2.0
"""What makes an upright surface as bright as one that lies: it sees half as much of the sky or the ceiling."""
IN_SHADOW = 0.35
"""What the darker half of the pixels counts for."""
COLOURLESS = 10.5
"""Chroma below which a middling lightness has no hue; more is needed near black and near white."""


def to_lab(bgr: Image, light: Light, lift: float = 1.0) -> Floats:
    """(n, 3) lightness, a, b of the (n, 3) uint8 pixels, with `light` taken out (von Kries, in linear light)."""
    linear = LINEAR[bgr.reshape(-1, 3)] * (np.array(light.gains, np.float32) * np.float32(lift))
    lab = cv2.cvtColor(np.minimum(linear, 1.0)[None], cv2.COLOR_LBGR2Lab)[0]
    return np.asarray(lab, np.float32)


def names_of(lab: Floats) -> Indices:
    """(n,) indices into NAMES of (n, 3) CIELAB colours."""
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    named = _hue_names(lightness, chroma, hue)
    plain = chroma < COLOURLESS + 0.7 * np.maximum(20 - lightness, 0) + 0.25 * np.maximum(lightness - 85, 0)
    greys = np.where(lightness < BLACK_BELOW, BLACK, np.where(lightness < WHITE_FROM, GREY, WHITE))
    return np.where(plain, greys, named)


def _hue_names(lightness: Floats, chroma: Floats, hue: Floats) -> Indices:
    """As if every colour had a hue. Hues in degrees: red about 35, yellow 100, green 140, blue 280, purple 320."""
    # CIELAB bends blue: a deep blue has the hue of a pale purple (Moroney, A hypothesis regarding the poor blue
    # constancy of CIELAB, 2003)
    blue_to = 298 + np.clip((chroma - 40) * 0.2, 0, 9.5) + 0.25 * np.maximum(25 - lightness, 0)
    purple_to = np.where(lightness > 60, 332.0, 338.0)
    yellow_to = np.where(lightness > 85, 117.0, 110.0)
    warm = np.where((hue >= 72), 115, 108)
    is_vivid = (lightness + 0.9 * chroma > warm) & (lightness > 44)
    is_light = (lightness > 78) & (chroma < 36)
    rules = [
        ((hue >= purple_to) & (hue < 355), np.where(lightness > 46, PINK, PURPLE)),
        ((hue >= 355) | (hue < 17), np.where(lightness > 44, PINK, RED)),
        (hue < 46, np.where(lightness > 59, PINK, np.where((chroma < 30) & (hue > 25), BROWN, RED))),
        (hue < 82, np.where(is_vivid, ORANGE, np.where(is_light & (hue < 62), PINK, BROWN))),
        (hue < 100, np.where((lightness > 62) & ((chroma > 40) | (lightness > 80)), YELLOW, BROWN)),
        (hue < yellow_to, np.where((lightness > 62) & ((chroma > 40) | (lightness > 80)), YELLOW, GREEN)),
        (hue < 190, np.full(len(hue), GREEN)),
        (hue < blue_to, np.full(len(hue), BLUE)),
    ]
    return np.select([where for where, _ in rules], [what for _, what in rules], default=PURPLE)


def name_shares(bgr: Image, light: Light, weights: Floats | None = None, *, lift: float = 1.0) -> Floats:
    """(11,) share of each name in the (..., 3) uint8 pixels, adding up to 1; zeros where nothing has weight.

    Folds and the shadow under an arm are darker than the cloth: pixels less bright than the middle one count for less.

    Args:
        light: that fell on them.
        weights: (...) of each pixel, 0 leaves it out.
        lift: UPRIGHT for clothes and the sides of vehicles.
    """
    everywhere = np.ones(bgr.shape[:-1], np.float32)
    return shares_of_each([(bgr, everywhere if weights is None else weights)], light, lift=lift)[0]


def shares_of_each(parts: Sequence[tuple[Image, Floats]], light: Light, *, lift: float = 1.0) -> list[Floats]:
    """`name_shares` of several (pixels, weights) at once: with few pixels it is the calls that take the time."""
    kept = [(bgr.reshape(-1, 3)[of], weights.reshape(-1)[of]) for bgr, weights in parts for of in [weights.ravel() > 0]]
    if not any(len(pixels) for pixels, _ in kept):
        return [np.zeros(len(NAMES), np.float32) for _ in parts]
    lab = to_lab(np.concatenate([pixels for pixels, _ in kept]), light, lift)
    ends = np.cumsum([len(pixels) for pixels, _ in kept])[:-1]
    lightness, names = np.split(lab[:, 0], ends), np.split(names_of(lab), ends)
    return [_shares(*part) for part in zip(lightness, names, (weight for _, weight in kept), strict=True)]


def _shares(lightness: Floats, names: Indices, weight: Floats) -> Floats:
    if not len(names):
        return np.zeros(len(NAMES), np.float32)
    weight = np.where(lightness < _middle(lightness), weight * np.float32(IN_SHADOW), weight)
    sums = np.bincount(names, weights=weight, minlength=len(NAMES))
    return (sums / float(sums.sum())).astype(np.float32)


def _middle(values: Floats) -> np.float32:
    """Their median, as NumPy's, in a fifth of its time where they are few."""
    half = len(values) // 2
    if len(values) % 2:
        return np.float32(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1]
    return np.float32((low + high) / np.float32(2))
