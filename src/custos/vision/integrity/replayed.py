"""An old recording runs in the stream's place: what the camera showed some time ago comes again, noise and all.

A ring keeps the marks of the last pictures (custos.vision.integrity.fingerprint). Once a second the newest is laid
beside all of them; where one fits, the seconds before must fit as well, at the same distance. Packets played again fit
to the last bit. A recording that was coded anew fits as far as noise and movement outlive the coding: where nothing
moves and nothing of the noise is left, it cannot be told.

A lamp that blinks fits itself in the one or two pictures in which it is switched, and so far that the seconds before
fit on the whole. So the middle one of the pictures must fit as well: all of a recording has been before.

A camera whose own stream repeats itself (a still scene without noise, coded in the same way in every group of
pictures; a blinking lamp over the whole picture) fits at many distances at once, and from the beginning: that is how
it is, and no replay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.fingerprint import WORDS, Bits, Step
from custos.vision.integrity.sighting import Evidence

PICTURES = 6000
"""Ten minutes at ten pictures a second; 1.6 MB."""
SEARCH_S = 1.0
SHORTEST_S = 1.5
"""A repetition must lie at least so far back."""
WINDOW_S, LONGEST_WINDOW_S = 3.0, 9.0
LEAST_PICTURES = 8
"""Of a camera that is looked at once a second they take longer."""
LEAST_MARKS = 80
"""A picture with fewer marks says nothing."""
MARKED = 0.5
"""So many of the window's pictures must say something."""
CANDIDATE, CONFIRMED = 0.3, 0.35
MIDDLE = 0.2
"""So well fits the middle one of the pictures: by 0.5 to 0.8 in recordings coded anew, by 0.1 at most beside lamps."""
EXACT = 0.9
PERIODIC = 6
"""As many distances that fit, and the stream is one that always repeats itself."""
KNOWN_S = 20.0
Rows = NDArray[np.intp]
Fit = NDArray[np.float64]


class Repetition:
    """The ring of one camera, and what comes again in it."""

    def __init__(self, pictures: int = PICTURES) -> None:
        self._size = pictures
        self._rose: Bits = np.zeros((0, WORDS), np.uint64)
        self._fell: Bits = np.zeros((0, WORDS), np.uint64)
        self._marks = np.zeros(0, np.int32)
        self._at_s = np.zeros(0, np.float64)
        self._next = 0  # counts every picture ever; its row is the rest by the size
        self._first_s: float | None = None
        self._searched_s = float("-inf")
        self._lag: int | None = None
        self._evidence: Evidence | None = None

    def step(self, step: Step, at_s: float) -> None:
        """Take a picture's step."""
        if self._first_s is None:
            self._first_s = at_s
        row = self._next % self._size
        if row >= len(self._at_s):
            self._grow()
        self._rose[row], self._fell[row] = step.rose, step.fell
        self._marks[row], self._at_s[row] = step.marks, at_s
        self._next += 1

    def check(self, at_s: float) -> Evidence | None:
        """Evidence when the last seconds have been before."""
        if self._first_s is None or at_s - self._first_s < KNOWN_S:
            return None
        if at_s - self._searched_s >= SEARCH_S:
            self._searched_s = at_s
            self._evidence = self._kept(at_s) or self._found(at_s)
        return self._evidence

    def _kept(self, at_s: float) -> Evidence | None:
        """What was found, while it goes on."""
        if self._lag is None:
            return None
        evidence = self._at(self._lag, at_s)
        if evidence is None:
            self._lag = None
        return evidence

    def _found(self, at_s: float) -> Evidence | None:
        newest = self._newest_marked(at_s)
        if newest is None:
            return None
        count = min(self._next, self._size)
        fit = self._fit(newest % self._size, slice(0, count))
        fit[self._at_s[:count] > self._at_s[newest % self._size] - SHORTEST_S] = 0
        best = int(np.argmax(fit))
        if fit[best] < CANDIDATE or self._is_periodic(fit):
            return None
        lag = (newest - best) % self._size
        evidence = self._at(lag, at_s)
        self._lag = None if evidence is None else lag
        return evidence

    def _is_periodic(self, fit: Fit) -> bool:
        """Whether it fits at many distances; neighbours of one another count once."""
        fits = np.flatnonzero(fit >= 0.6 * fit.max())
        return int(np.count_nonzero(np.diff(fits, prepend=-10) > 3)) > PERIODIC

    def _newest_marked(self, at_s: float) -> int | None:
        """The newest picture of the last second that says something."""
        for number in range(self._next - 1, max(self._next - self._size, -1), -1):
            row = number % self._size
            if self._at_s[row] < at_s - SEARCH_S:
                return None
            if self._marks[row] >= LEAST_MARKS:
                return number
        return None

    def _at(self, lag: int, at_s: float) -> Evidence | None:
        """Evidence that the last WINDOW_S fit what was `lag` pictures before."""
        least = max(self._next - self._size, 0)
        numbers = np.arange(max(self._next - 1 - self._size // 2, least), self._next)
        taken_s = self._at_s[numbers % self._size]
        since_s = min(at_s - WINDOW_S, taken_s[-min(LEAST_PICTURES, len(taken_s))])
        numbers = numbers[(taken_s >= since_s) & (taken_s >= at_s - LONGEST_WINDOW_S) & (numbers - lag >= least)]
        rows, before = numbers % self._size, (numbers - lag) % self._size
        marked = (self._marks[rows] >= LEAST_MARKS) & (self._marks[before] >= LEAST_MARKS // 2)
        if np.count_nonzero(marked) < max(LEAST_PICTURES, MARKED * len(numbers)):
            return None
        same, marks = self._agreement(rows[marked], before[marked])
        fit = same.sum() / marks.sum()
        if fit < CONFIRMED or np.median(same / marks) < MIDDLE:
            return None
        ago_s = float(self._at_s[rows[-1]] - self._at_s[before[-1]])
        return {
            "score": round(float(fit), 3),
            "repetition": "exact" if fit >= EXACT else "coded anew",
            "ago_s": round(ago_s, 2),
            "pictures": int(np.count_nonzero(marked)),
        }

    def _agreement(self, rows: Rows, before: Rows) -> tuple[Fit, Fit]:
        """(marks that agree less those that contradict, marks in all), each (n,), of pictures laid on earlier ones,
        row by row; all must have marks."""
        rose, fell = self._rose[rows], self._fell[rows]
        rose_before, fell_before = self._rose[before], self._fell[before]
        same = np.bitwise_count((rose & rose_before) | (fell & fell_before)).sum(axis=1, dtype=np.float64)
        same -= np.bitwise_count((rose & fell_before) | (fell & rose_before)).sum(axis=1)
        return same, np.sqrt(self._marks[rows] * self._marks[before].astype(np.float64))

    def _fit(self, row: int, rows: slice) -> Fit:
        """How well one picture's marks fit each of the others', -1..1."""
        rose, fell = self._rose[row], self._fell[row]
        one, other = self._rose[rows], self._fell[rows]
        same = np.bitwise_count(one & rose).sum(axis=1, dtype=np.int32)
        same += np.bitwise_count(other & fell).sum(axis=1, dtype=np.int32)
        same -= np.bitwise_count(one & fell).sum(axis=1, dtype=np.int32)
        same -= np.bitwise_count(other & rose).sum(axis=1, dtype=np.int32)
        marks = np.sqrt(np.maximum(self._marks[rows], LEAST_MARKS // 2) * float(self._marks[row]))
        fit: Fit = same / np.maximum(marks, 1.0)
        return fit

    def _grow(self) -> None:
        """Room for as many again: a camera that is slow, or new, need not hold the whole ring."""
        more = min(max(len(self._at_s), 256), self._size - len(self._at_s))
        self._rose = np.concatenate([self._rose, np.zeros((more, WORDS), np.uint64)])
        self._fell = np.concatenate([self._fell, np.zeros((more, WORDS), np.uint64)])
        self._marks = np.concatenate([self._marks, np.zeros(more, np.int32)])
        self._at_s = np.concatenate([self._at_s, np.zeros(more)])
