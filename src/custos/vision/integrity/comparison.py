"""The view a camera has learned, and a look compared with it, block by block.

Everything is measured by projection on the learned view: `gain` says how strongly what was there is still there,
`match` (a correlation) how surely. Light that grows or falls changes all gains alike and no match; noise, rain and
passers-by change neither much, for they do not resemble the view.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.small_view import Bands, Plane, SmallView

COLUMNS, ROWS = 12, 8
LEARN_S, LIGHT_S = 60.0, 15.0
KNOWN_S = 6.0
"""The view counts as learned after so long."""
TAKE_S = 2.0
"""It is taken anew from the running mean at most this often."""
TEXTURED = 2.0
"""Grey levels (root mean square of the shapes in a block) from which a block shows something to compare with."""
LEAST_TEXTURED = 20
"""Fewer blocks with something in them, and a view is too plain to say anything about."""
SEEN_FINE, SEEN_COARSE = 0.3, 0.45
SHOWN_GAIN = 0.08
FLAT = 0.3
"""Share of the detail that is left, by energy, at which a block counts as flat."""

Blocks = NDArray[np.float32]
BlockMask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A view as learned: its mean picture, taken apart.

    Args:
        since_s, until_s: of the looks it was learned from.
        light: grey levels, the 95th of a hundred pixels by brightness, as it usually is. contrast: from the 5th to
            that one.
    """

    small: Plane
    bands: Bands
    fine: Blocks
    coarse: Blocks
    since_s: float
    until_s: float
    light: float
    contrast: float

    @property
    def textured(self) -> BlockMask:
        """(ROWS, COLUMNS) bool: blocks with something in them."""
        mask: BlockMask = self.coarse >= TEXTURED**2
        return mask

    @property
    def tells_something(self) -> bool:
        return int(np.count_nonzero(self.textured)) >= LEAST_TEXTURED


@dataclass(frozen=True, eq=False)
class Comparison:
    """A look against the view as known; blocks are (ROWS, COLUMNS)."""

    view: SmallView
    known: Known
    noise: float = 0.0
    """Energy of the sensor's noise in the fine band, grey levels squared."""

    @cached_property
    def fine_energy(self) -> Blocks:
        energy: Blocks = np.maximum(blocks(self.view.bands.fine**2) - np.float32(self.noise), 0)
        return energy

    @cached_property
    def coarse_energy(self) -> Blocks:
        return blocks(self.view.bands.coarse**2)

    @cached_property
    def _fine_product(self) -> Blocks:
        return blocks(self.view.bands.fine * self.known.bands.fine)

    @cached_property
    def _coarse_product(self) -> Blocks:
        return blocks(self.view.bands.coarse * self.known.bands.coarse)

    @cached_property
    def fine_match(self) -> Blocks:
        """-1..1."""
        return _match(self._fine_product, blocks(self.view.bands.fine**2), self.known.fine)

    @cached_property
    def coarse_match(self) -> Blocks:
        """-1..1."""
        return _match(self._coarse_product, self.coarse_energy, self.known.coarse)

    @cached_property
    def fine_gain(self) -> Blocks:
        return _gain(self._fine_product, self.known.fine)

    @cached_property
    def coarse_gain(self) -> Blocks:
        return _gain(self._coarse_product, self.known.coarse)

    @cached_property
    def seen(self) -> BlockMask:
        """Blocks in which the known view shows."""
        mask: BlockMask = (self.fine_match >= SEEN_FINE) | (self.coarse_match >= SEEN_COARSE)
        return mask & self.known.textured

    @cached_property
    def flat(self) -> BlockMask:
        """Blocks in which hardly any of the known detail is left."""
        fine = self.fine_energy <= FLAT * self.known.fine
        coarse = self.coarse_energy <= FLAT * self.known.coarse
        return fine & coarse & self.known.textured

    @cached_property
    def seen_share(self) -> float:
        """Share of the textured blocks in which the known view shows, 0..1."""
        return _share(self.seen, self.known.textured)

    @cached_property
    def shown_share(self) -> float:
        """The same, of blocks that show it with a contrast that can be seen: what shimmers through does not count."""
        return _share(self.seen & (self.coarse_gain >= SHOWN_GAIN), self.known.textured)

    @cached_property
    def aligned_share(self) -> float:
        """Share of the textured blocks whose edges lie where they lay, 0..1: a small shift of the view ends it."""
        return _share(self.fine_match >= SEEN_FINE, self.known.textured)

    @cached_property
    def likeness(self) -> float:
        """How like the known view the middle one of the textured blocks is, -1..1."""
        match = (self.fine_match + self.coarse_match)[self.known.textured] / 2
        return float(np.median(match)) if match.size else 0.0

    @cached_property
    def flat_share(self) -> float:
        return _share(self.flat, self.known.textured)

    @cached_property
    def broad_match(self) -> float:
        """How alike light and dark lie over the whole picture, -1..1."""
        a, b = (band - band.mean() for band in (self.view.bands.broad, self.known.bands.broad))
        return float((a * b).sum() / np.sqrt(max(float((a * a).sum() * (b * b).sum()), 1e-3)))

    @cached_property
    def broad_gain(self) -> float:
        """How much light and dark differ over the whole picture, 1 as in the known view."""
        a, b = (band - band.mean() for band in (self.view.bands.broad, self.known.bands.broad))
        return float((a * b).sum() / max(float((b * b).sum()), 1e-3))

    @cached_property
    def light(self) -> float:
        """How strongly the view shows, 1 as usual: the middle gain of the blocks in which it does."""
        gains = self.coarse_gain[self.seen]
        return float(np.median(gains)) if gains.size else 0.0


def blocks(plane: Plane) -> Blocks:
    """(h, w) to means over (ROWS, COLUMNS)."""
    return np.asarray(cv2.resize(plane, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def _match(product: Blocks, a: Blocks, b: Blocks) -> Blocks:
    match: Blocks = product / np.sqrt(np.maximum(a * b, 1e-2))
    return match


def _gain(product: Blocks, known: Blocks) -> Blocks:
    gain: Blocks = (product / np.maximum(known, np.float32(0.05))).astype(np.float32)
    return gain


def _share(mask: BlockMask, of: BlockMask) -> float:
    return float(np.count_nonzero(mask & of)) / max(int(np.count_nonzero(of)), 1)


class Learned:
    """The view as it is learned: a running mean, quick at first, then over a minute."""

    def __init__(self) -> None:
        self._mean: Plane | None = None
        self._known: Known | None = None
        self._light = self._contrast = 0.0
        self._since_s = self._last_s = 0.0
        self._learned_s = 0.0

    @property
    def known(self) -> Known | None:
        """None until the view has been seen for KNOWN_S."""
        return self._known

    def learn(self, view: SmallView) -> None:
        """Take a look into the mean."""
        small, at_s = view.small, view.at_s
        if self._mean is None or self._mean.shape != small.shape:
            self._mean, self._known, self._learned_s = small.copy(), None, 0.0
            self._light, self._contrast = view.light, view.light - view.dark
            self._since_s = self._last_s = at_s
            return
        step_s = min(max(at_s - self._last_s, 0.0), 1.5)
        self._last_s = at_s
        self._learned_s += step_s
        share = float(1 - np.exp(-step_s / min(LEARN_S, max(self._learned_s, 0.5))))
        self._mean += np.float32(share) * (small - self._mean)
        share = float(1 - np.exp(-step_s / LIGHT_S))
        self._light += share * (view.light - self._light)
        self._contrast += share * (view.light - view.dark - self._contrast)
        if self._learned_s >= KNOWN_S and (self._known is None or at_s - self._known.until_s >= TAKE_S):
            self._known = self._taken()

    def _taken(self) -> Known:
        assert self._mean is not None
        bands = Bands.of(self._mean)
        fine, coarse = blocks(bands.fine**2), blocks(bands.coarse**2)
        mean = self._mean.copy()
        return Known(mean, bands, fine, coarse, self._since_s, self._last_s, self._light, self._contrast)
