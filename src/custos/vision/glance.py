"""Has anything changed since the last picture? `Glance.differs(luma) -> bool`, far cheaper than the motion gate.

It says yes too readily rather than too seldom: what it lets pass unseen, nobody looks at again.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.motion import parts
from custos.vision.shrinking import shrink

WIDTH_PX = 96
SIGMAS = 5.0
LEAST_LEVELS = 7.0
"""Grey levels, on cells of the shrunken picture: grain averages out there."""
CELLS = 3
"""So many changed cells next to each other are something: a person of 40 pixels in 640 covers about 12."""
NOISE_SHARE = 0.1
DOUBTED_SHARE = 0.3
FIRST_NOISE = 1.0


class Glance:
    """One camera's last picture, small, and how much each of its cells changes from picture to picture."""

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None
        self._noise = np.zeros(0, np.float32)
        self._doubted: NDArray[np.float32] | None = None

    def differs(self, luma: Image) -> bool:
        """Compare `luma` (h, w) with the picture before, and remember it. The first one does not differ."""
        small = shrink(luma, WIDTH_PX)
        if self._last is None or self._last.shape != small.shape:
            self._last, self._noise = small, np.full_like(small, FIRST_NOISE)
            return False
        difference = small - self._last
        difference = np.abs(difference - np.median(difference))  # a change of exposure is no change in the scene
        changed = difference > np.maximum(SIGMAS * self._noise, LEAST_LEVELS)
        self._last = small
        differs = _largest(changed) >= CELLS
        self._doubted = difference if differs else None
        if not differs:  # what moves is no noise
            self._learn(difference, NOISE_SHARE)
        return differs

    def was_wrong(self) -> None:
        """What differed at last was nothing: such changes are this camera's noise."""
        if self._doubted is not None:
            self._learn(self._doubted, DOUBTED_SHARE)
            self._doubted = None

    def _learn(self, difference: NDArray[np.float32], share: float) -> None:
        # 1.25 x mean absolute deviation estimates sigma of a normal distribution
        self._noise += np.float32(share) * (np.float32(1.25) * difference - self._noise)

    def renew(self, luma: Image) -> None:
        """Remember `luma` without judging it."""
        small = shrink(luma, WIDTH_PX)
        if self._last is None or self._last.shape != small.shape:
            self._noise = np.full_like(small, FIRST_NOISE)
        self._last = small


def _largest(mask: NDArray[np.bool_]) -> int:
    if np.count_nonzero(mask) < CELLS:
        return 0
    _, _, stats = parts(mask.view(np.uint8))
    return int(stats[1:, cv2.CC_STAT_AREA].max())
