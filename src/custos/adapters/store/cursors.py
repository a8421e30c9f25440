"""Where a page ended: opaque text of the last item's instant and its number in the order of storing.

The next page starts behind that item, wherever new ones have come in since; an offset would show some twice.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHAPE = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """An item's place in a list: `at` first, then `number`."""

    at: datetime
    number: int


def to_cursor(place: Place) -> str:
    micros = (place.at - _EPOCH) // _MICROSECOND
    return base64.urlsafe_b64encode(f"{micros}.{place.number}".encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> Place:
    """Raises ValueError for text that `to_cursor` did not make."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        shape = _SHAPE.fullmatch(raw)
        if shape is not None:
            place = Place(_EPOCH + int(shape[1]) * _MICROSECOND, int(shape[2]))
            if to_cursor(place) == cursor:
                return place
    except (binascii.Error, UnicodeError, OverflowError):
        pass
    raise ValueError(f"this cursor was not made here: {cursor[:80]!r}")
