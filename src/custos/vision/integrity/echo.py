"""A recording coded anew, of whatever length: what is shown now was shown before at one sharp distance.

    key(number), step(step, number)     check() -> Evidence | None

Coding leaves so little of a sensor's noise that no two pictures look alike; but over the pictures of four seconds what
is left adds up. For every distance, in pictures of the stream, the marks that agree less those that contradict are
summed, and told in sigmas of chance. So is it in each of the picture's 16 parts alone, and no part counts for more
than CLIP: who walks where somebody walked before fills few of them, a recording all.

A codec repeats itself too: in steps into key frames, and in those at the same place after them. It does so at many
distances alike, the multiples of its group of pictures and their neighbours: a comb. So a distance is compared with
those that lie a whole number of groups from it, multiples themselves are left to custos.vision.integrity.replayed, and
where a second distance stands out nearly as far nothing is told. Nor is it where the distances next to it fit nearly as
well: noise fits at one alone, and what fits at several is light or movement that returns, as a headlight's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.fingerprint import PIXELS, WORDS, Bits, Step
from custos.vision.integrity.sighting import Evidence

SHORTEST, LONGEST = 20, 1200
"""Pictures between what is shown and when it was before: at ten a second two minutes, two thirds of a megabyte."""
BLOCK, BLOCKS = 10, 4
"""Pictures that are summed at a time, and so many sums are looked at together."""
EVERY = 2
"""Every other picture is laid beside those before: half the work, and enough."""
LEAST_LOOKED = 8
CLIP, LEAST_CHANCE = 3.0, 4.0
LEAST_MARKS, MARKED = 80, 0.4
"""A picture with fewer marks shows no noise; so many of those laid beside others must show some."""
SIGMAS, SECOND = 6.0, 0.6
SHARP = 0.7
"""Of how well the best distance fits, those next to it do no better than this share."""
FITTING, FITS = 3, 3.0
"""So many of the sums must fit by so many sigmas each: a lamp that is switched fits one switched before, once."""
STAYS = 3.0
"""Told once, so many sigmas at that distance are enough."""
NEAR = 4
"""Distances so near to the best are no others: what moves slowly fits there too."""
IN_A_ROW = 2
LEAST_DISTANCES, LEAST_OF_A_PLACE = 20, 5
KNOWN = 200
"""Pictures of a stream before anything is told of it."""
REGULAR_KEYS = 4
BITS = PIXELS // WORDS
Marks = NDArray[np.int32]
Sigmas = NDArray[np.float32]
Fit = NDArray[np.float64]
DISTANCES = np.arange(LONGEST, SHORTEST, -1)


@dataclass(slots=True)
class _Sums:
    """Of BLOCK pictures, by distance and part of the picture: marks that agree less those that contradict, and how many
    there are of either by chance. `looked`: pictures that were laid beside others; `marked`: that show noise."""

    same: Marks = field(default_factory=lambda: np.zeros((len(DISTANCES), WORDS), np.int32))
    chance: Sigmas = field(default_factory=lambda: np.zeros((len(DISTANCES), WORDS), np.float32))
    looked: int = 0
    marked: int = 0


class Echo:
    """One stream's last pictures, and at which distance they come again."""

    def __init__(self) -> None:
        self._rose: Bits = np.zeros((2 * LONGEST, WORDS), np.uint64)
        self._fell: Bits = np.zeros((2 * LONGEST, WORDS), np.uint64)
        self._marks: NDArray[np.uint8] = np.zeros((2 * LONGEST, WORDS), np.uint8)
        self._row = LONGEST  # of the next picture, with LONGEST before it
        self._number: int | None = None
        self._seen = 0
        self._keys: deque[int] = deque(maxlen=REGULAR_KEYS)
        self._sums: deque[_Sums] = deque([_Sums()], maxlen=BLOCKS)
        self._best: deque[int | None] = deque(maxlen=IN_A_ROW)
        self._evidence: Evidence | None = None
        self._distance = 0

    @property
    def distance(self) -> int:
        """Of the evidence, in pictures."""
        return self._distance

    def key(self, number: int) -> None:
        """The packet of that number is a key frame."""
        self._keys.append(number)

    def step(self, step: Step | None, number: int) -> None:
        """Take the picture of the packet of that number; the step is that from the packet before, None when that was
        not decoded."""
        passed = 1 if self._number is None else number - self._number
        if passed <= 0:
            return
        self._number = number
        for _ in range(min(passed - 1, LONGEST)):
            self._take(None)
        self._take(step)

    def check(self) -> Evidence | None:
        """Evidence when the last seconds have been before; as long as too little is decoded to know, what it was."""
        return self._evidence

    def _take(self, step: Step | None) -> None:
        if self._row == len(self._rose):
            for ring in (self._rose, self._fell, self._marks):
                ring[:LONGEST], ring[LONGEST:] = ring[LONGEST:].copy(), 0
            self._row = LONGEST
        row = self._row
        if step is not None:
            self._rose[row], self._fell[row] = step.rose, step.fell
            self._marks[row] = np.bitwise_count(step.rose | step.fell)
            if self._seen % EVERY == 0:
                self._lay(row)
        self._row += 1
        self._seen += 1
        if self._seen % BLOCK == 0:
            self._judge()
            self._sums.append(_Sums())

    def _lay(self, row: int) -> None:
        """Lay the picture beside those before, at every distance."""
        before, sums = slice(row - LONGEST, row - SHORTEST), self._sums[-1]
        rose, fell, rose_before, fell_before = self._rose[row], self._fell[row], self._rose[before], self._fell[before]
        sums.same += np.bitwise_count((rose_before & rose) | (fell_before & fell))
        sums.same -= np.bitwise_count((rose_before & fell) | (fell_before & rose))
        sums.chance += self._marks[before] * (self._marks[row].astype(np.float32) / BITS)
        sums.looked += 1
        sums.marked += int(self._marks[row].sum()) >= LEAST_MARKS

    def _judge(self) -> None:
        looked, marked = sum(one.looked for one in self._sums), sum(one.marked for one in self._sums)
        if looked < LEAST_LOOKED or self._seen < KNOWN:
            return
        stands_out = self._stand_out() if marked >= MARKED * looked else None
        if self._evidence is not None and stands_out is not None:
            at_it = stands_out[np.abs(DISTANCES - self._distance) <= NEAR]
            self._evidence = self._told(float(at_it.max()), looked) if at_it.max() >= STAYS else None
            return
        best = None if stands_out is None else _only_peak(stands_out, _fit(self._sums))
        if best is not None and not self._is_steady(best):
            best = None
        self._best.append(best)
        found = [one for one in self._best if one is not None]
        if best is None or stands_out is None or len(found) < IN_A_ROW or max(found) - min(found) > NEAR:
            self._evidence = None
            return
        self._distance = best
        self._evidence = self._told(float(stands_out[LONGEST - best]), looked)

    def _stand_out(self) -> Sigmas | None:
        """By how many sigmas each distance stands out from those with the same place in the group of pictures; None
        while there are too few."""
        fit = _fit(self._sums)
        chance = np.sum([one.chance for one in self._sums], axis=0)
        known = (self._seen - BLOCK * BLOCKS >= DISTANCES) & (chance.sum(axis=1) > 0)
        group = self._group()
        place = DISTANCES % group
        if group > 1:
            known &= place != 0
        if np.count_nonzero(known) < LEAST_DISTANCES:
            return None
        spread = np.zeros(len(fit), np.float32)
        for one in np.unique(place[known]).tolist():
            rows = known & (place == one)
            if np.count_nonzero(rows) >= LEAST_OF_A_PLACE:
                fit[rows] -= np.median(fit[rows])
                spread[rows] = _sigma(fit[rows])
        stands_out: Sigmas = (fit / np.maximum(spread, max(_sigma(fit[known]), 1.0))).astype(np.float32)
        stands_out[~known] = 0.0
        return stands_out

    def _is_steady(self, distance: int) -> bool:
        """Whether the sums fit at that distance one by one."""
        row = LONGEST - distance
        return sum(float(_fit([one], slice(row, row + 1))[0]) >= FITS for one in self._sums) >= FITTING

    def _group(self) -> int:
        """Pictures from key frame to key frame; 1 where that is not always the same."""
        gaps = set(np.diff(self._keys).tolist())
        return int(gaps.pop()) if len(self._keys) == REGULAR_KEYS and len(gaps) == 1 else 1

    def _told(self, sigmas: float, looked: int) -> Evidence:
        return {
            "score": round(min(sigmas / (2 * SIGMAS), 1.0), 3),
            "repetition": "coded anew",
            "pictures": looked,
        }


def _fit(sums: Iterable[_Sums], rows: slice = slice(None)) -> Fit:
    """How well what is shown fits what was, by distance, in sigmas of chance and at most CLIP in each part."""
    there = list(sums)
    same = np.sum([one.same[rows] for one in there], axis=0)
    chance = np.sum([one.chance[rows] for one in there], axis=0)
    parts = np.clip(same / np.sqrt(np.maximum(chance, LEAST_CHANCE)), -CLIP, CLIP)
    fit: Fit = parts.sum(axis=1) / np.sqrt(WORDS)
    return fit


def _only_peak(stands_out: Sigmas, fit: Fit) -> int | None:
    """The distance that stands out alone and sharply. A short recording, shown again and again, fits at several: then
    the shortest, all the others being its multiples."""
    row = int(np.argmax(stands_out))
    best = float(stands_out[row])
    beside = max(fit[row - 1], fit[row + 1]) if 0 < row < len(fit) - 1 else fit[row]
    if best < SIGMAS or beside > SHARP * fit[row]:
        return None
    far = DISTANCES[stands_out > SECOND * best]
    near = np.where(far.min() + NEAR >= DISTANCES, stands_out, 0.0)
    distance = int(DISTANCES[int(np.argmax(near))])
    times = np.maximum(np.round(far / distance), 1.0)
    return distance if bool(np.all(np.abs(far - times * distance) <= NEAR)) else None


def _sigma(values: NDArray[np.float64]) -> float:
    """Of a normal distribution, whatever stands out from it."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
