"""What the sizes of compressed pictures tell: `PacketSizes.update(size_bytes, is_keyframe) -> bool`.

A codec spends bytes on what has changed. A quiet camera's inter pictures have sizes of their own, by their place after
the key frame; when something moves they become others: larger, mostly, but an encoder that has spent its bytes on a
movement may also leave out the refinement it would have made in a still picture. Nothing is decoded for it. Whether
that holds for a stream (at a constant bit rate it does not) is learned from its own past: `is_telling`.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

PLACES = 24
"""Places after the key frame that have a level of their own; all later ones share the last."""
REMEMBERED = 24
"""Quiet sizes kept for each place."""
LEARNED = 5
"""So many at a place give a level."""
LEARNED_LEAST = 20
"""Quiet sizes at places with a level."""
LEAST_SPREAD = 0.06
"""Of the logarithm: sizes may differ by 6% without meaning anything."""
SURPRISE = 5.0
DRIFT = 1.25
LARGEST_STEP = 4.0
"""A cumulative sum (CUSUM, Page 1954) of spreads off the level, less the drift, at most this much for one picture."""
EPISODES = 12
TELLING_SHARE = 0.6
_LEAST_BYTES = 64


class PacketSizes:
    """One stream's sizes. Learns only what it is told was quiet."""

    def __init__(self) -> None:
        self._levels: list[deque[float]] = [deque(maxlen=REMEMBERED) for _ in range(PLACES)]
        self._medians: list[float | None] = [None] * PLACES
        self._recent: list[tuple[int, float]] = []  # (place, log size) not yet known to be quiet
        self._spread = LEAST_SPREAD
        self._place = 0
        self._is_learned = False
        self._sum = 0.0
        self._was_right: deque[bool] = deque(maxlen=EPISODES)

    @property
    def is_telling(self) -> bool:
        """Whether a change would show: quiet sizes are known, and left their level with most movements seen so far.

        A stream that has shown no movement yet has the benefit of the doubt.
        """
        seen = self._was_right
        return self._is_learned and sum(seen) >= TELLING_SHARE * len(seen)

    def update(self, size_bytes: int, *, is_keyframe: bool) -> bool:
        """Take the next packet's size; True when the sizes have left the quiet level."""
        if is_keyframe:
            self._place = 0
            return self._sum >= SURPRISE
        place = min(self._place, PLACES - 1)
        self._place += 1
        size = math.log(size_bytes + _LEAST_BYTES)
        self._recent.append((place, size))
        del self._recent[:-256]
        level = self._medians[place]
        if level is None:
            return False
        step = min(abs(size - level) / self._spread, LARGEST_STEP) - DRIFT
        self._sum = min(max(self._sum + step, 0.0), 1.5 * SURPRISE)
        return self._sum >= SURPRISE

    def was_quiet(self) -> None:
        """Nothing moved in the pictures since the last verdict: their sizes are quiet ones."""
        for place, size in self._recent:
            sizes = self._levels[place]
            sizes.append(size)
            if len(sizes) >= LEARNED:
                self._medians[place] = median(sizes)
        self._recent.clear()
        self._sum = 0.0
        self._judge_spread()

    def _judge_spread(self) -> None:
        levels = zip(self._levels, self._medians, strict=True)
        deviations = [abs(size - level) for sizes, level in levels if level is not None for size in sizes]
        self._is_learned = len(deviations) >= LEARNED_LEAST
        if deviations:  # 1.4826 x median absolute deviation estimates sigma of a normal distribution
            self._spread = max(1.4826 * median(deviations), LEAST_SPREAD)

    def was_moving(self, *, rose: bool) -> None:
        """A movement began in the pictures since the last verdict; `rose`: whether `update` had said so."""
        if self._is_learned:
            self._was_right.append(rose)
        self._recent.clear()

    def forget_recent(self) -> None:
        """The pictures since the last verdict were neither quiet nor a beginning."""
        self._recent.clear()
        self._sum = 0.0
