"""How far a device's clock is from ours, from what it tells and when that arrives.

A message can be late, but it cannot arrive before it was sent: of the last messages, the one that seems to come from
furthest in the future travelled the shortest, and its difference is the nearest to the truth (as in Cristian's
algorithm, F. Cristian, "Probabilistic clock synchronization", 1989, with one-way messages only).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

SAMPLES = 16
LEAST = 3
"""A single message may be old, and says little."""
AGAIN = 0.8
"""A clock that was off counts as right again at this part of the limit, so that the border does not chatter."""


class ClockWatch:
    """One device's clock."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.is_off = False
        self._offsets_s: deque[float] = deque(maxlen=SAMPLES)

    @property
    def offset_s(self) -> float | None:
        """The device's clock less ours; None until enough was heard."""
        return max(self._offsets_s) if len(self._offsets_s) >= LEAST else None

    def heard(self, device_at: datetime, received_at: datetime) -> bool:
        """Note a message; whether that changed `is_off`."""
        self._offsets_s.append((device_at - received_at).total_seconds())
        return self._judge()

    def measured(self, offset_s: float) -> bool:
        """Note a difference that was measured by asking; it counts alone. Whether that changed `is_off`."""
        self._offsets_s.clear()
        self._offsets_s.extend([offset_s] * LEAST)
        return self._judge()

    def _judge(self) -> bool:
        offset_s = self.offset_s
        if offset_s is None:
            return False
        was_off = self.is_off
        self.is_off = abs(offset_s) > self.limit_s * (AGAIN if was_off else 1.0)
        return self.is_off != was_off
