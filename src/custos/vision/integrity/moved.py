"""The camera looks elsewhere: the known view has shifted or turned, or another one has taken its place and stays.

After ONVIF's GlobalSceneChange.
"""

from __future__ import annotations

import numpy as np

from custos.vision.integrity.comparison import LEAST_TEXTURED, TEXTURED, Comparison, blocks
from custos.vision.integrity.registration import Shift, register
from custos.vision.integrity.sighting import Evidence
from custos.vision.integrity.small_view import SmallView

UNALIGNED = 0.5
"""Look for a shift when fewer of the known edges than this share lie where they lay."""
LEAST_SHIFT = 0.012
ELSEWHERE, ELSEWHERE_ALIGNED = 0.25, 0.25
"""Its middle block is no more like the known view's than this, and no more edges lie where they lay (some do by
chance): it is another one."""
STEADY = 0.6
STEADY_S = 0.9
TRY_S = 0.9
SWING_S = 10.0
"""A camera that is being turned stays on the move no longer. What lasts so long and is no move is something else."""


class ViewShift:
    """Looks for a shift, at most once in TRY_S, and only when something is wrong."""

    def __init__(self) -> None:
        self._tried_s = float("-inf")
        self._found: Evidence | None = None
        self._swings_s: float | None = None  # when a shift was found first, and the view has not been as known since
        self._before: SmallView | None = None

    def check(self, now: Comparison) -> Evidence | None:
        """Evidence when this look is of a shifted view."""
        steady = self._steady(now.view)
        if now.aligned_share >= UNALIGNED or now.view.is_black or not _shows_something(now.view):
            self._found = self._swings_s = None
            return None
        if now.view.at_s - self._tried_s >= TRY_S:
            self._tried_s = now.view.at_s
            shift = register(now.known.bands, now.view.bands)
            self._found = _evidence(now, shift, steady or self._swings(now.view.at_s))
            if shift is not None and self._found is not None and self._swings_s is None:
                self._swings_s = now.view.at_s
        return self._found

    def _swings(self, at_s: float) -> bool:
        """Whether it had begun to shift just before: another view is where it went, also while it is on its way."""
        return self._swings_s is not None and at_s - self._swings_s <= SWING_S

    def _steady(self, view: SmallView) -> bool:
        """Whether this view is the one of a moment ago."""
        before = self._before
        if before is None or before.small.shape != view.small.shape:
            self._before = view
            return False
        if view.at_s - before.at_s >= STEADY_S:
            self._before = view
        a, b = before.bands.detail, view.bands.detail
        match = blocks(a * b) / np.sqrt(np.maximum(blocks(a * a) * blocks(b * b), 1e-2))
        return float(np.median(match)) >= STEADY


def _evidence(now: Comparison, shift: Shift | None, is_sure: bool) -> Evidence | None:
    if shift is not None:
        if shift.size < LEAST_SHIFT:
            return None
        return {
            "score": round(shift.match, 3),
            "shift": [round(shift.x, 4), round(shift.y, 4)],
            "turned_deg": round(shift.turned_deg, 1),
            "seen": round(now.aligned_share, 3),
        }
    is_other = now.likeness <= ELSEWHERE and now.aligned_share <= ELSEWHERE_ALIGNED
    if is_sure and is_other and now.flat_share < 0.5:
        return {"score": round(1 - now.seen_share, 3), "seen": round(now.aligned_share, 3)}
    return None


def _shows_something(view: SmallView) -> bool:
    energy = blocks(view.bands.coarse**2)
    return int(np.count_nonzero(energy >= TEXTURED**2)) >= LEAST_TEXTURED
