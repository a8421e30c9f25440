"""Periods that begin on whole ones, so that the sums of a day add up whenever a camera was started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Period:
    """The running period of a behaviour that tells sums.

    Args:
        period_s: its length; periods begin at whole multiples since midnight UTC for lengths that divide a day.
    """

    def __init__(self, period_s: float) -> None:
        self._length = timedelta(seconds=period_s)
        self._from_at: datetime | None = None
        self._until_at: datetime | None = None

    def over(self, at: datetime) -> tuple[datetime, float] | None:
        """(end, length in seconds) of the period that is over at `at`, once; None while it goes on.

        The first period begins at the first call, and is shorter. When nothing was heard for longer than a period,
        the one that was begun ends as it should have, and the next begins now.
        """
        if self._until_at is None or self._from_at is None or at < self._from_at:  # a clock set back begins anew
            self._begin(at)
            return None
        if at < self._until_at:
            return None
        ended = self._until_at, (self._until_at - self._from_at) / timedelta(seconds=1)
        begins_at = self._until_at if at - self._until_at < self._length else at
        self._begin(begins_at)
        return ended

    def end(self, at: datetime | None) -> tuple[datetime, float] | None:
        """The period that is cut off at `at`; None when none was begun."""
        begun, self._from_at, self._until_at = self._from_at, None, None
        if begun is None or at is None or at <= begun:
            return None
        return at, (at - begun) / timedelta(seconds=1)

    def _begin(self, at: datetime) -> None:
        self._from_at = at
        self._until_at = _EPOCH + ((at - _EPOCH) // self._length + 1) * self._length
