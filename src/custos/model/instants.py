"""The instants that can be told: those whose year, in UTC, a database and a browser can hold.

is_tellable(at) -> bool
"""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9001, 1, 1, tzinfo=UTC)
"""Out."""


def is_tellable(at: datetime) -> bool:
    """Whether aware `at` lies in the years 1970..9000 of UTC: written in one zone, it is told in another."""
    return EARLIEST <= at < END
