"""A recording coded anew, whole groups of pictures or not: what is shown now was shown before at one sharp distance.

    key(number), step(step, number, at_s)     check() -> Evidence | None

Coding leaves so little of a sensor's noise that no two pictures look alike; but over forty pictures what is left adds
up. For every distance, in pictures of the stream, the marks that agree less those that contradict are
summed, and told in sigmas of chance. So is it in each of the picture's 16 parts alone, and no part counts for more
than CLIP: who walks where somebody walked before fills few of them, a recording all.

A codec repeats itself too: in steps into key frames, and in those at the same place after them. It does so at many
distances alike, the multiples of its group of pictures and their neighbours: a comb. So a distance is compared with
those that lie a whole number of groups from it, multiples themselves are left to custos.vision.integrity.replayed, and
where a second distance stands out nearly as far nothing is told. Nor is it where the distances next to it fit nearly as
well: noise fits at one alone, and what fits at several is light or movement that returns, as a headlight's.

A lamp that is switched on fits the same lamp switched on before, sharply and by far, in one picture of the forty. So no
picture counts for more than PAIR, and the middle one of them must fit as well: all of a recording has been before.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.fingerprint import PIXELS, WORDS, Bits, Step
from custos.vision.integrity.sighting import Evidence

SHORTEST, LONGEST = 20, 1200
"""Pictures between what is shown and when it was before: at ten a second two minutes, at 25 a second 48 s. Rings and
sums of one stream take about 1.3 MB."""
BLOCK, BLOCKS = 10, 4
"""Pictures that are summed at a time, and so many sums are looked at together."""
EVERY = 2
"""Every other picture is laid beside those before: half the work, and enough."""
LEAST_LOOKED = 8
CLIP, LEAST_CHANCE = 3.0, 4.0
PAIR, LEAST_OF_A_PAIR = 6.0, 16.0
"""Sigmas that one picture laid on another adds at most, and by how many marks these are measured at least."""
MIDDLE, MIDDLE_STAYS = 3.0, 1.5
"""By so many sigmas of what a median is by chance, the middle one of the pictures fits: to begin, and to stay."""
LEAST_MARKS, MARKED = 80, 0.4
"""A picture with fewer marks shows no noise; so many of those laid beside others must show some."""
SIGMAS, SECOND = 6.0, 0.6
SHARP = 0.7
"""Of how well the best distance fits, those next to it do no better than this share."""
STAYS = 3.0
"""Told once, so many sigmas at that distance are enough."""
NEAR = 4
"""Distances so near to the best are no others: what moves slowly fits there too."""
IN_A_ROW = 2
UNSURE = 300
"""What was told stands for so many pictures of which too few are decoded to know."""
LEAST_DISTANCES, LEAST_OF_A_PLACE = 20, 5
KNOWN = 200
"""Pictures of a stream before anything is told of it."""
REGULAR_KEYS, LONGEST_GROUP = 4, 100
"""So many key frames make a rhythm; longer groups have too few distances at one place to compare with each other."""
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
        self._at_s: Fit = np.full(2 * LONGEST, np.nan)  # where there is a step
        self._row = LONGEST  # of the next picture, with LONGEST before it
        self._number: int | None = None
        self._seen = 0
        self._keys: deque[int] = deque()  # of the last LONGEST pictures
        self._sums: deque[_Sums] = deque([_Sums()], maxlen=BLOCKS)
        self._best: deque[int | None] = deque(maxlen=IN_A_ROW)
        self._evidence: Evidence | None = None
        self._distance = 0
        self._unsure = 0  # pictures since it was last known whether it still is so

    @property
    def distance(self) -> int:
        """Of the evidence, in pictures."""
        return self._distance

    def key(self, number: int) -> None:
        """The packet of that number is a key frame."""
        self._keys.append(number)
        while self._keys[0] < number - LONGEST - BLOCK * BLOCKS:
            self._keys.popleft()

    def step(self, step: Step | None, number: int, at_s: float) -> None:
        """Take the picture of the packet of that number, captured at that second; the step is that from the packet
        before, None when that was not decoded."""
        passed = 1 if self._number is None else number - self._number
        if passed <= 0:
            return
        self._number = number
        for _ in range(min(passed - 1, LONGEST)):
            self._take(None, at_s)
        self._take(step, at_s)

    def check(self) -> Evidence | None:
        """Evidence when the last seconds have been before; as long as too little is decoded to know, what it was."""
        return self._evidence

    def _take(self, step: Step | None, at_s: float) -> None:
        if self._row == len(self._rose):
            for ring in (self._rose, self._fell, self._marks):
                ring[:LONGEST], ring[LONGEST:] = ring[LONGEST:].copy(), 0
            self._at_s[:LONGEST], self._at_s[LONGEST:] = self._at_s[LONGEST:].copy(), np.nan
            self._row = LONGEST
        row = self._row
        if step is not None:
            self._rose[row], self._fell[row], self._at_s[row] = step.rose, step.fell, at_s
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
        same, chance = self._agreement(row, before)
        fit = same.sum(axis=1) / np.sqrt(np.maximum(chance.sum(axis=1), LEAST_OF_A_PAIR))
        is_too_well = np.abs(fit) > PAIR
        if is_too_well.any():
            share = PAIR / np.abs(fit[is_too_well])
            same[is_too_well] = np.rint(same[is_too_well] * share[:, None]).astype(np.int32)
        sums.same += same
        sums.chance += chance
        sums.looked += 1
        sums.marked += int(self._marks[row].sum()) >= LEAST_MARKS

    def _agreement(self, row: int | NDArray[np.intp], before: slice | NDArray[np.intp]) -> tuple[Marks, Sigmas]:
        """(n, WORDS) marks that agree less those that contradict, and how many there are of either by chance."""
        rose, fell, rose_before, fell_before = self._rose[row], self._fell[row], self._rose[before], self._fell[before]
        same = np.bitwise_count((rose_before & rose) | (fell_before & fell)).astype(np.int32)
        same -= np.bitwise_count((rose_before & fell) | (fell_before & rose))
        return same, self._marks[before] * (self._marks[row].astype(np.float32) / BITS)

    def _judge(self) -> None:
        looked, marked = sum(one.looked for one in self._sums), sum(one.marked for one in self._sums)
        if looked < LEAST_LOOKED or self._seen < KNOWN:
            self._unsure += BLOCK
            if self._unsure > UNSURE:
                self._evidence = None
            return
        if self._evidence is not None and len(self._pairs(self._distance)) < LEAST_LOOKED:
            self._unsure += BLOCK  # what it is held against was not decoded when it was shown before
            if self._unsure > max(UNSURE, self._distance):
                self._evidence = None
            return
        self._unsure = 0
        fit = self._fit()
        stands_out = self._stand_out(fit) if marked >= MARKED * looked else None
        if self._evidence is not None and stands_out is not None:
            near = np.abs(DISTANCES - self._distance) <= NEAR
            best = int(DISTANCES[near][np.argmax(stands_out[near])])
            sigmas = float(stands_out[LONGEST - best])
            stays = sigmas >= STAYS and self._middle(best) >= MIDDLE_STAYS
            self._evidence = self._told(sigmas, looked) if stays else None
            return
        peak = None if stands_out is None else _only_peak(stands_out, fit)
        if peak is not None and self._middle(peak) < MIDDLE:
            peak = None
        self._best.append(peak)
        found = [one for one in self._best if one is not None]
        if peak is None or stands_out is None or len(found) < IN_A_ROW or max(found) - min(found) > NEAR:
            self._evidence = None
            return
        self._distance = peak
        self._evidence = self._told(float(stands_out[LONGEST - peak]), looked)

    def _stand_out(self, fit: Fit) -> Sigmas | None:
        """By how many sigmas each distance stands out from those with the same place in the group of pictures; None
        while there are too few."""
        chance = np.sum([one.chance.sum(axis=1) for one in self._sums], axis=0)
        known = (self._seen - BLOCK * BLOCKS >= DISTANCES) & (chance > 0)
        group = self._group()
        if group is None:
            known &= ~self._are_of_keys()
        elif group > 1:
            known &= DISTANCES % group != 0
        if np.count_nonzero(known) < LEAST_DISTANCES:
            return None
        places = group or 1
        fits = np.full(-(-len(fit) // places) * places, np.nan)
        fits[: len(fit)] = np.where(known, fit, np.nan)
        by_place = fits.reshape(-1, places)
        are_enough = np.count_nonzero(~np.isnan(by_place), axis=0) >= LEAST_OF_A_PLACE
        by_place -= np.where(are_enough, _medians(by_place), 0.0)
        spread = np.where(are_enough, 1.4826 * _medians(np.abs(by_place)), 0.0)
        least = max(_sigma(fits[: len(fit)][known]), 1.0)
        stands_out: Sigmas = (by_place / np.maximum(spread, least)).ravel()[: len(fit)].astype(np.float32)
        stands_out[~known] = 0.0
        return stands_out

    def _fit(self) -> Fit:
        """How well what is shown fits what was, by distance, in sigmas of chance and at most CLIP in each part."""
        same = np.sum([one.same for one in self._sums], axis=0)
        chance = np.sum([one.chance for one in self._sums], axis=0)
        parts = np.clip(same / np.sqrt(np.maximum(chance, LEAST_CHANCE)), -CLIP, CLIP)
        fit: Fit = parts.sum(axis=1) / np.sqrt(WORDS)
        return fit

    def _pairs(self, distance: int) -> NDArray[np.intp]:
        """Rows of the last pictures that can be laid beside those so far before them."""
        rows = np.arange(self._row - BLOCK * BLOCKS, self._row)
        return rows[~np.isnan(self._at_s[rows]) & ~np.isnan(self._at_s[rows - distance])]

    def _middle(self, distance: int) -> float:
        """How well the middle one of the last pictures fits at that distance, in sigmas of what a median is by chance
        (that of n values is wider than their mean by sqrt(pi / 2))."""
        rows = self._pairs(distance)
        if len(rows) < LEAST_LOOKED:
            return 0.0
        same, chance = self._agreement(rows, rows - distance)
        fit = same.sum(axis=1) / np.sqrt(np.maximum(chance.sum(axis=1), LEAST_OF_A_PAIR))
        return float(np.median(fit) / np.sqrt(np.pi / 2 / len(rows)))

    def _ago_s(self) -> float:
        """How long ago the last pictures were shown before, an outage in between included."""
        rows = self._pairs(self._distance)
        if len(rows) and (ago_s := float(np.median(self._at_s[rows] - self._at_s[rows - self._distance]))) > 0:
            return ago_s
        passed = np.diff(self._at_s[self._row - BLOCK * BLOCKS : self._row])  # the clock was set back
        passed = passed[passed > 0]
        return self._distance * float(np.median(passed)) if len(passed) else 0.0

    def _are_of_keys(self) -> NDArray[np.bool_]:
        """Of each distance, whether a key frame among the last pictures lies so far from one before, or nearly."""
        keys = np.array(self._keys, np.int64)
        late = keys[keys > (self._number or 0) - BLOCK * BLOCKS]
        between = np.unique(late[:, None] - keys[None, :])
        are: NDArray[np.bool_] = np.isin(DISTANCES, np.concatenate([between - 1, between, between + 1]))
        return are

    def _group(self) -> int | None:
        """Pictures from key frame to key frame; None where that is not always the same, or they lie far apart."""
        last = list(self._keys)[-REGULAR_KEYS:]
        gaps = set(np.diff(last).tolist())
        if len(last) < REGULAR_KEYS or len(gaps) != 1:
            return None
        group = int(gaps.pop())
        return group if 0 < group <= LONGEST_GROUP else None

    def _told(self, sigmas: float, looked: int) -> Evidence:
        return {
            "score": round(min(sigmas / (2 * SIGMAS), 1.0), 3),
            "repetition": "coded anew",
            "ago_s": round(self._ago_s(), 2),
            "pictures": looked,
        }


def _only_peak(stands_out: Sigmas, fit: Fit) -> int | None:
    """The distance that stands out alone and sharply; multiples of it, and what it is a multiple of, are no others: a
    recording is shown again and again."""
    row = int(np.argmax(stands_out))
    best, distance = float(stands_out[row]), int(DISTANCES[row])
    beside = max(fit[row - 1], fit[row + 1]) if 0 < row < len(fit) - 1 else fit[row]
    if best < SIGMAS or beside > SHARP * fit[row]:
        return None
    others = np.abs(DISTANCES - distance) > NEAR
    for times in (2, 3):
        others &= np.abs(DISTANCES - times * distance) > times * NEAR
        others &= np.abs(DISTANCES * times - distance) > times * NEAR
    return distance if float(stands_out[others].max(initial=0.0)) <= SECOND * best else None


def _sigma(values: NDArray[np.float64]) -> float:
    """Of a normal distribution, whatever stands out from it."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _medians(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each column, what is not a number left out; where nothing is, the same."""
    ordered, counts = np.sort(columns, axis=0), np.count_nonzero(~np.isnan(columns), axis=0)
    each = np.arange(columns.shape[1])
    low, high = ordered[np.maximum(counts - 1, 0) // 2, each], ordered[np.minimum(counts // 2, len(columns) - 1), each]
    medians: NDArray[np.float64] = (low + high) / 2
    return medians
