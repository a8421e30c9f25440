"""Whether two boxes show the same person, by the colours of their clothes: `Sights.of(row)`, `unlikeness(a, b)`.

A histogram of a box's upper and of its lower half in CIELAB, coarse in hue and finer in lightness, of what differs from
the background and is hidden by nobody. It tells apart two who walk beside each other, under the same light and within
seconds; not who somebody is tomorrow. Read only when asked for: where the tracker has a choice.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import areas, intersections
from custos.model.frame import Image
from custos.vision.motion import Mask

Print = NDArray[np.float32]
"""(2, bins) of the upper and the lower half, each adding up to 1."""
LEVELS, HUES = 8, 5
LEVEL, HUE = 256 // LEVELS, 6
"""Width of a bin: of lightness, and of a* and b* around grey; what is more colourful than the last bin counts as it."""
BINS = LEVELS * HUES * HUES
_HUE: NDArray[np.intp] = np.clip((np.arange(256) - 128) // HUE + HUES // 2, 0, HUES - 1)
_OF_LEVEL, _OF_A, _OF_B = np.arange(256) // LEVEL * HUES * HUES, _HUE * HUES, _HUE
"""What each value of a channel adds to the number of a bin."""
SIDES, CROWN, FEET = 0.2, 0.1, 0.08
"""Left out of a box, where the background shows: at each side, above, below."""
LEAST_PX = 3, 8
MOST_ROWS = 64
FILLED = 0.25
"""With less of it in the foreground, all of a box counts: who stands long is background."""
SEEN = 0.5
"""Least share of a box that nobody hides."""
FREE = 0.15
"""Share of a box up to which others may reach into it when it is taken as what somebody looks like."""


def unlikeness(one: Print, other: Print) -> float:
    """0 for the same colours, 1 for none in common: 1 less Bhattacharyya's coefficient, mean of the halves."""
    return 1.0 - float(np.sqrt(one * other).sum()) / len(one)


class Sights:
    """What is seen in the boxes of one picture.

    Args:
        picture: (h, w, 3) BGR; made when first asked for.
        foreground: of the motion gate.
        xyxy: (n, 4) what was detected, pixels.
    """

    def __init__(self, picture: Callable[[], Image], foreground: Mask, xyxy: NDArray[np.floating]) -> None:
        self._picture, self._foreground = picture, foreground
        self._xyxy = xyxy.astype(np.float64)
        overlap = intersections(self._xyxy, self._xyxy)
        np.fill_diagonal(overlap, 0)
        self.is_free: NDArray[np.bool_] = overlap.max(axis=1, initial=0) < FREE * np.maximum(areas(self._xyxy), 1)
        """(n,) nobody else reaches into it."""
        self._read: dict[int, Print | None] = {}

    def of(self, row: int) -> Print | None:
        """What a detection shows, read once; None where too little is to be seen."""
        if row not in self._read:
            self._read[row] = self.at(self._xyxy[row])
        return self._read[row]

    def at(self, box: NDArray[np.floating]) -> Print | None:
        """What is seen in a box (4,) besides detections that stand before it: their feet are lower in the picture."""
        before = self._xyxy[self._xyxy[:, 3] > box[3]]
        before = before[intersections(box[None], before)[0] > 0] if len(before) else before
        return _print(self._picture(), box.astype(np.float64), self._foreground, before)


def _print(bgr: Image, box: NDArray[np.float64], foreground: Mask, before: NDArray[np.float64]) -> Print | None:
    height, width = bgr.shape[:2]
    w, h = box[2:] - box[:2]
    inner = box + np.array([SIDES * w, CROWN * h, -SIDES * w, -FEET * h])
    limits = np.array([width, height, width, height])
    left, top, right, bottom = np.minimum(np.maximum(np.rint(inner), 0), limits).astype(int).tolist()
    if right - left < LEAST_PX[0] or bottom - top < LEAST_PX[1]:
        return None
    step = -(-(bottom - top) // MOST_ROWS)
    rows, columns = np.arange(top, bottom, step), np.arange(left, right, step)
    seen = np.ones((len(rows), len(columns)), np.bool_)
    for x1, y1, x2, y2 in before:
        seen &= ~(((rows >= y1) & (rows < y2))[:, None] & ((columns >= x1) & (columns < x2))[None, :])
    if len(before) and np.count_nonzero(seen) < SEEN * seen.size:
        return None
    moving = foreground[(rows * foreground.shape[0] // height)[:, None], columns * foreground.shape[1] // width]
    moving &= seen
    bins = _bins(bgr[top:bottom:step, left:right:step])
    counted = moving if np.count_nonzero(moving) >= FILLED * moving.size else seen
    bins[len(rows) // 2 :] += BINS
    both = np.bincount(bins[counted], minlength=2 * BINS).reshape(2, BINS)
    total = both.sum(axis=1, keepdims=True)
    return (both / total).astype(np.float32) if total.min() > 0 else None


def _bins(bgr: Image) -> NDArray[np.intp]:
    """(h, w) the number of each pixel's bin."""
    lab = cv2.cvtColor(np.ascontiguousarray(bgr), cv2.COLOR_BGR2LAB)
    numbers: NDArray[np.intp] = _OF_LEVEL[lab[..., 0]] + _OF_A[lab[..., 1]] + _OF_B[lab[..., 2]]
    return numbers
