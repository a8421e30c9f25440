"""A clock that goes when it is told to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class ManualClock:
    """Wherever a `Callable[[], datetime]` is wanted. Thread-safe.

    >>> clock = ManualClock()
    >>> clock.advance(1.5)
    >>> clock().isoformat()
    '2026-05-04T12:00:01.500000+00:00'
    """

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass; a negative number sets the clock back."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


def after(seconds: float, start: datetime = START) -> datetime:
    """The moment so long after `start`."""
    return start + timedelta(seconds=seconds)
