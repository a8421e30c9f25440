"""The finest detail of the full picture, in a few of its rows: what a codec short of bits drops first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image

ROWS = 24
LEARN_S = 60.0
PIECE_PX = 32
LEAST_ENERGY = 2.0
"""Grey levels squared; a piece of a row with less detail says nothing."""
LEAST_PIECES = 20

Lines = NDArray[np.float32]


class FineDetail:
    """Learns the rows' detail, and says how much of it a picture still has."""

    def __init__(self) -> None:
        self._mean: Lines | None = None
        self._learned_s = 0.0
        self._last_s = 0.0

    def measure(self, luma: Image) -> float | None:
        """What is left of the known detail, 1 as known; None while nothing is known. The middle of many pieces of the
        rows: whoever stands before some of them does not count."""
        if self._mean is None or self._learned_s < 3:
            return None
        now = _second_differences(luma)
        if now.shape != self._mean.shape:
            return None
        known = _pieces(self._mean * self._mean)
        tells = known >= LEAST_ENERGY
        if np.count_nonzero(tells) < LEAST_PIECES:
            return None
        return float(np.median(_pieces(now * self._mean)[tells] / known[tells]))

    def learn(self, luma: Image, at_s: float) -> None:
        """Take a picture in."""
        now = _second_differences(luma)
        if self._mean is None or self._mean.shape != now.shape:
            self._mean, self._learned_s, self._last_s = now, 0.0, at_s
            return
        step_s = min(max(at_s - self._last_s, 0.0), 1.5)
        self._last_s = at_s
        self._learned_s += step_s
        share = np.float32(1 - np.exp(-step_s / min(LEARN_S, max(self._learned_s, 0.5))))
        self._mean += share * (now - self._mean)


def _second_differences(luma: Image) -> Lines:
    """(rows, w - 2): each pixel against its neighbours left and right."""
    step = max(luma.shape[0] // ROWS, 1)
    rows = luma[step // 2 :: step].astype(np.float32)
    differences: Lines = rows[:, 1:-1] - np.float32(0.5) * (rows[:, :-2] + rows[:, 2:])
    return differences


def _pieces(lines: Lines) -> Lines:
    """Means over pieces of PIECE_PX; what is left over at the end of a row is left out."""
    rows, w = lines.shape
    count = w // PIECE_PX
    means: Lines = lines[:, : count * PIECE_PX].reshape(rows, count, PIECE_PX).mean(axis=2)
    return means
