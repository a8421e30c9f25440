"""Pictures about a second apart that have become alike: a still in the stream's place, also of a camera that dozes.

Two pictures of a living camera a second apart differ by the noise of both. A still coded anew differs by what its
coding adds: less from key frame to key frame, and then nothing. Told when

    IN_A_ROW of the pictures of the last seconds are like the one a second before: at most ALIKE of the pixels differ,
    none was until then, and noise was to be seen wherever nothing moved

Over when as many differ, one after the other; or when new ones keep coming: what its coding makes of a still comes
again and again, but what a living camera shows is new with every key frame. What that one repeats is how it is now.
After an interruption it is over as well when what comes is plainly not what stood still before it
(custos.vision.integrity.departed).

No picture between is needed. A camera whose pictures are now and then alike without being frozen (a quiet scene under
such compression that nothing of the noise is left), or in which nearly all moves all the time, is not judged, nor is
one whose light has just been switched: with it the noise changes, and what was usual is learned anew.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.departed import MOVED, MUCH_MOVED, departed
from custos.vision.integrity.sighting import Evidence

APART_S, LONGEST_S = 0.95, 3.0
"""Between the two pictures that are compared: at least, and at most."""
RECENT_S = 6.5
ALIKE = 0.08
"""Share of the pixels that may differ in pictures that are alike."""
IN_A_ROW = 3
SETTLED_S = 12.0
"""For so long nothing is taken for usual: it may be how something began."""
USUAL_S, NEVER_S = 120.0, 900.0
LEAST_USUAL = 8
LIVELY = 0.3
"""Share of the pixels at rest that change from second to second, in a picture whose noise can be seen."""
AT_REST_LEVELS, AT_REST = 4, 0.25
"""Grey levels by which noise changes a pixel, no more; the share of the picture that must be at rest to see it."""
SWITCHED_LEVELS = 6.0
"""Grey levels by which the middle pixel changes when a lamp is switched or an exposure steps."""
CONVERGED_S, NEW_S, LEAST_NEW = 12.0, 90.0, 3
"""A still's coding makes new pictures for so long; as many in so many seconds after that are a living camera's."""
BEGUN_S = 3.5
"""The first pictures of a stream may be coarse: more must have moved in them to show life."""
KEPT = 60
"""Pictures a second apart with which a new one is compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a picture from the one about a second before.

    Args:
        changed: share of the pixels, 0..1. noise: share of those at rest that changed a little; None when too few are.
    """

    at_s: float
    changed: float
    noise: float | None

    @property
    def is_alike(self) -> bool:
        """Hardly anything differs."""
        return self.changed <= ALIKE


class Alike:
    """One camera's differences from second to second. All times in seconds, of any one origin."""

    def __init__(self) -> None:
        self._last: NDArray[np.int16] | None = None
        self._last_s = float("-inf")
        self._recent: deque[Difference] = deque()
        self._usual: deque[Difference] = deque()
        self._was_alike_s = float("-inf")
        self._since_s: float | None = None
        self._coded_s = float("-inf")  # since when the still is coded as it is now
        self._kept: deque[NDArray[np.int16]] = deque(maxlen=KEPT)  # pictures since it stood still
        self._new_s: deque[float] = deque()  # when one of them came that had not been before
        self._still: NDArray[np.int16] | None = None  # what stood still before the stream was away
        self._departed_s: deque[float] = deque(maxlen=LEAST_NEW)  # when a picture came that is plainly not that

    def step(self, values: NDArray[np.int16], at_s: float) -> None:
        """Take a picture's values, always at the same pixels; those that follow too closely are passed by."""
        since_s = at_s - self._last_s
        if 0 <= since_s < APART_S:
            return
        last, self._last, self._last_s = self._last, values, at_s
        if last is None:
            self._coded_s = at_s
        if last is None or last.shape != values.shape or not 0 <= since_s <= LONGEST_S:
            return
        still = self._still
        if still is not None:
            moved = MOVED if at_s - self._coded_s > BEGUN_S else MUCH_MOVED
            if departed(values, (*self._kept, last), still, moved=moved):
                self._departed_s.append(at_s)
        change = values - last
        middle = float(np.median(change))
        if abs(middle) >= SWITCHED_LEVELS:
            self._relearn()
            return
        self._recent.append(_difference(change, round(middle), at_s))
        if self._since_s is not None:
            self._compare(values, at_s)
        self._settle(at_s)

    def check(self, at_s: float, *, is_poor: bool = False) -> Evidence | None:
        """Evidence while what is shown is a still.

        Args:
            is_poor: there is less to see, or to code, than usual: that pictures are alike may come of that.
        """
        recent = [one for one in self._recent if one.at_s > at_s - RECENT_S]
        if self._since_s is not None:
            if self._lives(at_s):
                self._since_s = self._still = None
                self._recent.clear()
                return None
            return self._evidence(at_s, recent)
        row = _last_row(recent)
        if is_poor or len(row) < IN_A_ROW or not self._is_lively(at_s):
            return None
        self._since_s = row[0].at_s
        self._kept.clear()
        self._new_s.clear()
        return self._evidence(at_s, recent)

    def forget(self, *, still_since_s: float | None = None) -> None:
        """The stream was away: the next picture follows no other, and what comes may be coded in another way.

        Args:
            still_since_s: what was shown until then was a still, since when; it is one until the picture lives again.
        """
        still = self._still
        if still is None:  # the first that was kept of it: what came last may be broken
            still = self._kept[0] if self._since_s is not None and self._kept else self._last
        self._last, self._last_s = None, float("-inf")
        self._relearn()
        self._kept.clear()
        self._new_s.clear()
        self._departed_s.clear()
        if still_since_s is not None:
            self._since_s, self._still = still_since_s, still

    def _relearn(self) -> None:
        self._since_s = self._still = None
        self._recent.clear()
        self._usual.clear()

    def _settle(self, at_s: float) -> None:
        """What is old enough, and not of a still, is usual."""
        while self._recent[0].at_s <= at_s - SETTLED_S:
            one = self._recent.popleft()
            if self._since_s is None:
                self._usual.append(one)
                if one.is_alike:
                    self._was_alike_s = one.at_s
        while self._usual and self._usual[0].at_s <= at_s - USUAL_S:
            self._usual.popleft()

    def _compare(self, values: NDArray[np.int16], at_s: float) -> None:
        """Remember a picture of what stands still, and whether it is a new one."""
        if all(np.count_nonzero(values - one) > ALIKE * values.size for one in self._kept):
            self._new_s.append(at_s)
        self._kept.append(values)

    def _lives(self, at_s: float) -> bool:
        """Whether what stood still does so no longer, or never did."""
        newest = [*self._recent][-IN_A_ROW:]
        if len(newest) == IN_A_ROW and not any(one.is_alike for one in newest) and self._all_new(newest):
            return True
        if len(self._departed_s) == LEAST_NEW and self._departed_s[0] > at_s - NEW_S:
            return True
        since_s = max(self._since_s or at_s, self._coded_s) + CONVERGED_S
        if sum(then_s > max(since_s, at_s - NEW_S) for then_s in self._new_s) < LEAST_NEW:
            return False
        self._was_alike_s = at_s
        self._usual.clear()
        return True

    def _all_new(self, newest: list[Difference]) -> bool:
        """A still whose key frames lie at no whole second may differ every time, by what has been before."""
        return {one.at_s for one in newest} <= {*self._new_s}

    def _is_lively(self, at_s: float) -> bool:
        """Whether it is known what is usual, and that is noise all the time."""
        noise = sorted(one.noise for one in self._usual if one.noise is not None)
        if len(noise) < LEAST_USUAL or at_s - self._was_alike_s < NEVER_S:
            return False
        return noise[len(noise) // 4] >= LIVELY

    def _evidence(self, at_s: float, recent: list[Difference]) -> Evidence:
        alike = sum(one.changed == 0 for one in recent) / max(len(recent), 1)
        left = sum(one.changed for one in recent) / max(len(recent), 1)
        return {
            "score": round(min(max(1 - left, 0.5), 1.0), 3),
            "repetition": "exact" if alike == 1.0 else "nearly",
            "still_s": round(at_s - (at_s if self._since_s is None else self._since_s), 1),
            "usual_still_s": 0.0,
            "repeating": round(alike, 3),
        }


def _difference(change: NDArray[np.int16], middle: int, at_s: float) -> Difference:
    """Of grey levels that changed by `middle` for the whole picture."""
    at_rest = np.abs(change - np.int16(middle)) <= AT_REST_LEVELS
    count = int(np.count_nonzero(at_rest))
    noise = np.count_nonzero(change[at_rest] != middle) / count if count >= AT_REST * change.size else None
    return Difference(at_s, float(np.count_nonzero(change)) / change.size, noise)


def _last_row(recent: list[Difference]) -> list[Difference]:
    """The newest that are alike, one after the other."""
    first = next((i for i in range(len(recent), 0, -1) if not recent[i - 1].is_alike), 0)
    return recent[first:]
