"""The light of a scene, from what its camera has learned of the background.

`SceneLight.learn(bgr, foreground, at_s)`, then `.light`. A light is three gains that make a grey surface grey and a
white one about white.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.motion import Mask

Floats = NDArray[np.float32]


def _srgb_to_linear() -> Floats:
    """(256,) share of full light of each level (IEC 61966-2-1)."""
    level = np.arange(256) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


LINEAR = _srgb_to_linear()
LINEAR.setflags(write=False)
_ROOT: Floats = np.cbrt(LINEAR)
"""(256,) its cube root."""


LIKE, UNLIKE = 0.04, 0.12
"""Differences of the cube root of light: up to the one a pixel is background, from the other it is not."""


@dataclass(frozen=True, slots=True)
class Light:
    """What the pixels of a camera are multiplied with, in linear light, to be seen as under daylight.

    Args:
        gains: blue, green, red.
    """

    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if not all(0.0 < gain < 100.0 for gain in self.gains):
            raise ValueError(f"gains must lie between 0 and 100, got {self.gains}")


@dataclass(frozen=True, slots=True)
class LightSettings:
    """One set for all footage. Chromaticities are natural logarithms of blue or red over green, linear light."""

    width_px: int = 96
    first_s: float = 1.0  # between two lessons at the start
    later_s: float = 5.0
    start_s: float = 10.0
    memory_s: float = 60.0
    dark: float = 0.012  # of full light: below it a pixel's colour is noise
    bright: float = 0.92  # above it a channel may be cut off
    bin: float = 0.04
    reach: float = 1.6
    blur_bins: float = 2.0
    prior_along: float = 0.55  # towards warm and cold, along the locus of daylight and lamps
    prior_across: float = 0.16  # towards green and magenta
    white: float = 0.5  # where the brightest part of an ordinary scene lies
    most_gain: float = 6.0


class SceneLight:
    """One camera's learned background in colour, and the light on it."""

    def __init__(self, settings: LightSettings = LightSettings()) -> None:
        self._settings = settings
        self._background: Floats | None = None
        self._root: Floats = np.zeros((0, 0, 3), np.float32)  # the cube root of the background
        self._seen: Floats = np.zeros((0, 0), np.float32)
        self._first_s = 0.0
        self._learned_s = float("-inf")
        self.light = Light()

    def wants(self, at_s: float) -> bool:
        """Whether it is time for another lesson."""
        s = self._settings
        starting = self._background is None or at_s - self._first_s < s.start_s
        return at_s - self._learned_s >= (s.first_s if starting else s.later_s) or at_s < self._learned_s

    def learn(self, bgr: Image, foreground: Mask, at_s: float) -> None:
        """Take the (h, w, 3) picture into the background where nothing stands before it."""
        s = self._settings
        height, width = bgr.shape[:2]
        size = (min(s.width_px, width), max(1, round(height * min(s.width_px, width) / width)))
        small = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
        small_linear = LINEAR[small]
        covered = cv2.resize(foreground.view(np.uint8), size, interpolation=cv2.INTER_AREA).astype(bool)
        if self._background is None or self._background.shape != small_linear.shape:
            self._background = small_linear
            self._seen = np.where(covered, 0, 1).astype(np.float32)
            self._first_s = at_s
        else:
            rate = 1 - np.exp(-max(at_s - self._learned_s, 0.0) / s.memory_s)
            rates = np.where(covered, 0.0, np.maximum(rate, 1 / (self._seen + 1))).astype(np.float32)[..., None]
            self._background = self._background + rates * (small_linear - self._background)
            self._seen = self._seen + ~covered
        self._root = np.cbrt(self._background)
        self._learned_s = at_s
        self.light = estimate(self._background.reshape(-1, 3), s)

    def unlike(self, bgr: Image, xyxy: tuple[int, int, int, int], size_px: tuple[int, int]) -> Floats:
        """(h, w) 0..1 how surely the pixels of a part of the picture are not its learned background.

        Args:
            bgr: (h, w, 3), the part, at any size.
            xyxy: where it lies in the picture, pixels.
            size_px: width and height of the picture.
        """
        if self._background is None:
            return np.ones(bgr.shape[:2], np.float32)
        rows, columns = self._background.shape[:2]
        y = places(xyxy[1], xyxy[3] - 1, bgr.shape[0], rows, size_px[1])
        x = places(xyxy[0], xyxy[2] - 1, bgr.shape[1], columns, size_px[0])
        behind = self._root[y[:, None], x]
        # cube roots are how lightness is seen (CIELAB without its matrix)
        away = np.abs(_ROOT[bgr] - behind).max(axis=2)
        away -= np.float32(LIKE)
        away /= np.float32(UNLIKE - LIKE)
        return np.asarray(away.clip(0, 1, out=away), np.float32)


def places(first: int, last: int, count: int, cells: int, size_px: int) -> NDArray[np.intp]:
    """(count,) in which of the `cells` along one side of a picture of `size_px` lie so many pixels, spread evenly from
    `first` to `last`: as NumPy's linspace has them, which takes three times as long."""
    pixels = np.arange(count) * ((last - first) / max(count - 1, 1))
    pixels += first
    pixels[1:][-1:] = last
    cell = (pixels * cells / size_px).astype(np.intp)
    return np.minimum(np.maximum(cell, 0), cells - 1)


def estimate(linear: Floats, settings: LightSettings = LightSettings()) -> Light:
    """The light on a scene of (n, 3) blue, green, red in linear light.

    The most usual chromaticity among its surfaces, bright ones counting for more, is taken for the light's own, as in
    Barron, Convolutional Color Constancy (2015), with a prior in place of his trained filter: most cameras have
    balanced their white already, and what is left lies along the line from lamps to sky.
    """
    s = settings
    is_lit = (linear.min(axis=1) > s.dark * 0.3) & (linear.mean(axis=1) > s.dark)
    kept = linear[is_lit & (linear.max(axis=1) < s.bright)]
    if len(kept) < 16:
        return Light()
    blue, red = np.log(kept[:, 0] / kept[:, 1]), np.log(kept[:, 2] / kept[:, 1])
    place = _mode(blue, red, np.sqrt(kept.mean(axis=1)), s)
    return _with_exposure(float(place[0]), float(place[1]), linear, s)


def _mode(blue: Floats, red: Floats, weights: Floats, s: LightSettings) -> NDArray[np.float64]:
    """(2,) where the chromaticities (n,) gather, the prior considered."""
    count = int(2 * s.reach / s.bin)
    edges = np.linspace(-s.reach, s.reach, count + 1)
    histogram, _, _ = np.histogram2d(blue, red, bins=(edges, edges), weights=weights)
    density = cv2.GaussianBlur(histogram, (0, 0), s.blur_bins)
    centres = (edges[:-1] + edges[1:]) / 2
    x, y = np.meshgrid(centres, centres, indexing="ij")
    # warm light has less blue and more red; on the locus of black bodies about 1.6 times as much of the one
    along, across = (x * 0.85 - y * 0.53), (x * 0.53 + y * 0.85)
    prior = np.exp(-0.5 * ((along / s.prior_along) ** 2 + (across / s.prior_across) ** 2))
    score = density * prior
    best = np.unravel_index(int(score.argmax()), score.shape)
    near = (np.abs(x - x[best]) <= 3 * s.bin) & (np.abs(y - y[best]) <= 3 * s.bin)
    around = np.where(near, score, 0.0)
    total = max(float(around.sum()), 1e-12)
    return np.array([(x * around).sum() / total, (y * around).sum() / total])


def _with_exposure(blue: float, red: float, linear: Floats, s: LightSettings) -> Light:
    """Gains that undo a chromaticity, and bring the brightest part of the scene to where it is by day."""
    gains = np.array([np.exp(-blue), 1.0, np.exp(-red)])
    luminance = linear @ (gains * [0.0722, 0.7152, 0.2126])
    top = max(float(np.percentile(luminance, 97)), 1e-4)
    gains *= np.clip(s.white / top, 1.0, s.most_gain)
    return Light((float(gains[0]), float(gains[1]), float(gains[2])))
