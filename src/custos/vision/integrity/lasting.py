"""A condition that must last before it counts, and must be gone for a while before it is over.

    (off) --a: held for begin_s--> (on) --b: not held for end_s--> (off)

Held and not held are summed, not counted in a row: one look that says otherwise takes back twice its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LONGEST_STEP_S = 1.5
"""Between two looks that lie further apart nobody knows what was: no more than this counts."""


class Turn(Enum):
    """What an update made of a condition."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(slots=True)
class Lasting:
    """One condition. `since_s`: when it began to hold, None while nothing speaks for it."""

    begin_s: float
    end_s: float
    is_on: bool = False
    since_s: float | None = None
    _held_s: float = 0.0
    _gone_s: float = 0.0
    _last_s: float | None = None

    def update(self, holds: bool, at_s: float, *, begin_s: float | None = None) -> Turn | None:
        """It holds, or does not, at `at_s` (seconds, any origin, increasing). `begin_s`: this time, in place of its
        own."""
        step_s = 0.0 if self._last_s is None else min(max(at_s - self._last_s, 0.0), LONGEST_STEP_S)
        self._last_s = at_s
        if self.is_on:
            return self._on(holds, step_s)
        return self._off(holds, at_s, step_s, self.begin_s if begin_s is None else begin_s)

    def forget(self) -> None:
        """It does not hold, and never did."""
        self.is_on, self.since_s, self._held_s, self._gone_s = False, None, 0.0, 0.0

    def _off(self, holds: bool, at_s: float, step_s: float, begin_s: float) -> Turn | None:
        if holds and self.since_s is None:
            self.since_s, self._held_s = at_s, 0.0
            step_s = 0.0
        self._held_s = self._held_s + step_s if holds else max(self._held_s - 2 * step_s, 0.0)
        if not holds and self._held_s == 0.0:
            self.since_s = None
        if not holds or self._held_s < begin_s:
            return None
        self.is_on, self._gone_s = True, 0.0
        return Turn.BEGAN

    def _on(self, holds: bool, step_s: float) -> Turn | None:
        self._gone_s = max(self._gone_s - 2 * step_s, 0.0) if holds else self._gone_s + step_s
        if self._gone_s < self.end_s:
            return None
        return Turn.ENDED
