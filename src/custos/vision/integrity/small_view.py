"""The whole picture at one look: small, and taken apart into three bands of detail.

fine    below about 1.5 px of the small picture: edges that a lens out of focus loses first
coarse  from there to about 6 px: shapes
broad   the rest: where it is light and where dark
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.shrinking import shrink

WIDTH_PX = 192
FINE_PX, COARSE_PX = 1.2, 6.0
BLACK, WHITE = 40.0, 232.0
"""Grey levels of limited-range video (16 black, 235 white): darker than a tenth of the range; as good as white."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """A small picture taken apart; each (h, w) float32, grey levels."""

    fine: Plane
    coarse: Plane
    broad: Plane

    @classmethod
    def of(cls, small: Plane) -> Bands:
        soft = _soft(small, FINE_PX)
        broad = _softer(small, COARSE_PX)
        return cls(small - soft, soft - broad, broad)

    @property
    def detail(self) -> Plane:
        """Fine and coarse together."""
        return self.fine + self.coarse


@dataclass(frozen=True, slots=True, eq=False)
class SmallView:
    """What one look sees.

    Args:
        at_s: when, seconds.
        small: (h, w) float32 grey levels, w at most WIDTH_PX.
        mean, dark, light: grey levels: the average, and the 5th and 95th of a hundred pixels by brightness.
        white: share of pixels as good as white, 0..1.
    """

    at_s: float
    small: Plane
    bands: Bands
    mean: float
    dark: float
    light: float
    white: float

    @classmethod
    def at(cls, luma: Image, at_s: float) -> SmallView:
        """Of the full picture's luma (h, w)."""
        small = shrink(luma, WIDTH_PX)
        dark, light = np.percentile(small[::2, ::2], (5, 95))
        white = float(np.count_nonzero(small >= WHITE)) / small.size
        return cls(at_s, small, Bands.of(small), float(small.mean()), float(dark), float(light), white)

    @property
    def is_black(self) -> bool:
        """Nothing in it is brighter than a tenth of white."""
        return self.light <= BLACK


def _soft(picture: Plane, sigma_px: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)


def _softer(picture: Plane, sigma_px: float) -> Plane:
    """The same for a large sigma, at a quarter of the size: five times as fast."""
    h, w = picture.shape
    quarter = cv2.resize(picture, (max(w // 4, 1), max(h // 4, 1)), interpolation=cv2.INTER_AREA)
    soft = _soft(np.asarray(quarter, np.float32), sigma_px / 4)
    return np.asarray(cv2.resize(soft, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)
