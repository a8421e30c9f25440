"""How many impossible speeds a camera's behaviours have dropped in the last hour: `RefusedSpeeds`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(hours=1)
GRAIN = timedelta(minutes=1)
"""Those of a minute are kept as one: a camera that is calibrated absurdly drops many a second."""


@dataclass(slots=True)
class _Minute:
    began_at: datetime
    count: int
    above_mps: float


class RefusedSpeeds:
    """Counts of one camera; an hour is over when that minute is."""

    def __init__(self) -> None:
        self._minutes: deque[_Minute] = deque()

    def note(self, at: datetime, limits_mps: Sequence[float]) -> None:
        """So many were dropped now, each above its limit."""
        if not limits_mps:
            return
        last = self._minutes[-1] if self._minutes else None
        if last is None or at - last.began_at >= GRAIN:
            self._forget(at)
            self._minutes.append(_Minute(at, len(limits_mps), min(limits_mps)))
        else:
            last.count += len(limits_mps)
            last.above_mps = min(last.above_mps, *limits_mps)

    def last_hour(self, at: datetime) -> tuple[int, float]:
        """How many, and a speed in m/s that they were all above; (0, 0) when there were none."""
        self._forget(at)
        count = sum(minute.count for minute in self._minutes)
        return count, min((minute.above_mps for minute in self._minutes), default=0.0)

    def _forget(self, at: datetime) -> None:
        while self._minutes and at - self._minutes[0].began_at >= KEPT:
            self._minutes.popleft()
