"""Cheap marks of a picture: a thousand pixels, spread over it, and which of them rose or fell since the one before.

The sensor's noise makes them: what a live camera shows never has the same noise twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image

PIXELS = 1024
PARTS = 4
WORDS = PIXELS // 64
_MIDDLE = (PIXELS // 2 - 1, PIXELS // 2)
"""Between which the median lies."""
Bits = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """From one picture to the next.

    Args:
        rose, fell: (WORDS,) uint64, one bit for each pixel, after what the whole picture did is taken away.
        changed: share of the pixels whose value is another one, 0..1.
        spread: share of the picture's 16 parts in which one is: noise is everywhere, a passer-by is not.
    """

    rose: Bits
    fell: Bits
    changed: float
    spread: float

    @property
    def is_still(self) -> bool:
        """The picture is exactly the one before."""
        return self.changed == 0.0

    @property
    def marks(self) -> int:
        """How many pixels rose or fell."""
        return int(np.bitwise_count(self.rose | self.fell).sum())


class Fingerprints:
    """Marks the pictures of one camera, in their order."""

    def __init__(self) -> None:
        self._shape = (0, 0)
        self._places: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
        self._parts = np.zeros(PIXELS, np.intp)
        self._last: NDArray[np.int16] | None = None

    def step(self, luma: Image) -> Step | None:
        """The step from the picture before to this one; None for the first of its size."""
        if luma.shape != self._shape or self._places is None:
            self._shape = (luma.shape[0], luma.shape[1])
            self._places, self._last = _spread(*self._shape), None
            rows, columns = (p * PARTS // size for p, size in zip(self._places, self._shape, strict=True))
            self._parts = rows * PARTS + columns
        values = luma[self._places].astype(np.int16)
        last, self._last = self._last, values
        if last is None:
            return None
        change = values - last
        changed = float(np.count_nonzero(change)) / PIXELS
        if changed == 0.0:
            nothing = np.zeros(WORDS, np.uint64)
            return Step(nothing, nothing, 0.0, 0.0)
        spread = float(np.count_nonzero(np.bincount(self._parts[change != 0], minlength=PARTS * PARTS)))
        low, high = np.partition(change, _MIDDLE)[list(_MIDDLE)].tolist()
        change -= np.int16((low + high) / 2)
        return Step(_packed(change > 0), _packed(change < 0), changed, spread / PARTS**2)

    @property
    def values(self) -> NDArray[np.int16] | None:
        """(PIXELS,) grey levels of the picture that was marked last."""
        return self._last

    def forget(self) -> None:
        """The next picture follows no other."""
        self._last = None


def _spread(h: int, w: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """PIXELS places, evenly and on no grid that a codec's blocks share (the R2 sequence, Roberts 2018); by parts, so
    that each of the WORDS words of marks is of one of them, but for a few at their edges."""
    n = np.arange(1, PIXELS + 1)
    y, x = (0.5 + n * 0.7548776662466927) % 1, (0.5 + n * 0.5698402909980532) % 1
    by_part = np.argsort((y * PARTS).astype(np.intp) * PARTS + (x * PARTS).astype(np.intp), kind="stable")
    return (y[by_part] * h).astype(np.intp), (x[by_part] * w).astype(np.intp)


def _packed(mask: NDArray[np.bool_]) -> Bits:
    return np.packbits(mask).view(np.uint64)
