"""Pictures about a second apart that have become alike: what a still in the stream's place shows a camera that dozes.

Two pictures of a living camera a second apart differ by the noise of both, by much the same from one second to the
next. A still coded anew differs by what its coding adds: at once less than the noise was, and after some key frames
nothing at all. Told, against what was usual of late:

    exactly    TWICE in the last seconds a picture was to the last bit the one a second before, and never until then
    nearly     they differ by less than FAINT of the least that has been usual

No picture between is needed. A camera whose pictures are now and then alike without being frozen (a quiet scene under
such compression that nothing of the noise is left) is not judged, nor is one whose light has just been switched: with
it the noise changes, and what was usual is learned anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.sighting import Evidence

APART_S, LONGEST_S = 0.95, 3.0
"""Between the two pictures that are compared: at least, and at most."""
RECENT_S, LEAST_RECENT = 6.5, 4
TWICE = 2
FAINT, LIVING = 0.35, 0.6
"""Share of the least usual difference: a still's is below the one, a living camera's above the other."""
SETTLED_S = 12.0
"""For so long nothing is taken for usual: it may be how something began."""
USUAL_S, NEVER_S = 120.0, 900.0
LEAST_USUAL = 8
LIVELY = 0.3
"""Share of the pixels that change from second to second, usually, in a picture whose noise can be seen."""
SWITCHED_LEVELS = 6.0
"""Grey levels by which the middle pixel changes when a lamp is switched or an exposure steps."""
CAP_LEVELS = 8
"""A pixel that something passes over counts no more than this."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a picture from the one about a second before.

    Args:
        levels: grey levels, on average, what the whole picture did taken away.
        changed: share of the pixels, 0..1.
    """

    at_s: float
    levels: float
    changed: float


class Alike:
    """One camera's differences from second to second. All times in seconds, of any one origin."""

    def __init__(self) -> None:
        self._last: NDArray[np.int16] | None = None
        self._last_s = float("-inf")
        self._recent: deque[Difference] = deque()
        self._usual: deque[Difference] = deque()
        self._was_alike_s = float("-inf")
        self._least = 0.0  # of the usual differences, when it was found
        self._since_s: float | None = None

    def step(self, values: NDArray[np.int16], at_s: float) -> None:
        """Take a picture's values, always at the same pixels; those that follow too closely are passed by."""
        since_s = at_s - self._last_s
        if 0 <= since_s < APART_S:
            return
        last, self._last, self._last_s = self._last, values, at_s
        if last is None or last.shape != values.shape or not 0 <= since_s <= LONGEST_S:
            return
        change = values - last
        middle = float(np.median(change))
        if abs(middle) >= SWITCHED_LEVELS:
            self._recent.clear()
            self._usual.clear()
            self._since_s = None
            return
        levels = float(np.minimum(np.abs(change - np.int16(round(middle))), CAP_LEVELS).mean())
        self._recent.append(Difference(at_s, levels, float(np.count_nonzero(change)) / change.size))
        self._settle(at_s)

    def check(self, at_s: float, *, is_poor: bool = False) -> Evidence | None:
        """Evidence while what is shown is a still.

        Args:
            is_poor: there is less to see, or to code, than usual: that pictures are alike may come of that.
        """
        recent = [one for one in self._recent if one.at_s > at_s - RECENT_S]
        if self._since_s is not None:
            if len(recent) >= TWICE and all(one.levels >= LIVING * self._least for one in recent[-TWICE:]):
                self._since_s = None
                self._recent.clear()
                return None
            return self._evidence(at_s, recent)
        if is_poor or len(recent) < LEAST_RECENT or not self._is_lively(at_s):
            return None
        least = min(one.levels for one in self._usual)
        levels = sorted(one.levels for one in recent)
        exactly = sum(one.changed == 0 for one in recent) >= TWICE
        if not exactly and levels[len(levels) // 2] > FAINT * least:
            return None
        self._least = least
        living = [one.at_s for one in self._recent if one.levels >= LIVING * least]
        self._since_s = max(living, default=recent[0].at_s)
        return self._evidence(at_s, recent)

    def forget(self) -> None:
        """The stream was away: the next picture follows no other."""
        self._last, self._last_s, self._since_s = None, float("-inf"), None
        self._recent.clear()

    def _settle(self, at_s: float) -> None:
        """What is old enough, and not of a still, is usual."""
        while self._recent[0].at_s <= at_s - SETTLED_S:
            one = self._recent.popleft()
            if self._since_s is None:
                self._usual.append(one)
                if one.changed == 0:
                    self._was_alike_s = one.at_s
        while self._usual and self._usual[0].at_s <= at_s - USUAL_S:
            self._usual.popleft()

    def _is_lively(self, at_s: float) -> bool:
        """Whether it is known what is usual, and that is noise all the time."""
        if len(self._usual) < LEAST_USUAL or at_s - self._was_alike_s < NEVER_S:
            return False
        changed = sorted(one.changed for one in self._usual)
        return changed[len(changed) // 2] >= LIVELY

    def _evidence(self, at_s: float, recent: list[Difference]) -> Evidence:
        alike = sum(one.changed == 0 for one in recent) / max(len(recent), 1)
        left = sum(one.levels for one in recent) / max(len(recent), 1) / max(self._least, 1e-3)
        return {
            "score": round(min(max(1 - left, 0.5), 1.0), 3),
            "repetition": "exact" if alike == 1.0 else "nearly",
            "still_s": round(at_s - (at_s if self._since_s is None else self._since_s), 1),
            "usual_still_s": 0.0,
            "repeating": round(alike, 3),
            "usual_repeating": 0.0,
        }
