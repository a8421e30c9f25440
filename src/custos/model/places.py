"""What zones, lines and behaviours share: whom they are about, and which way."""

from __future__ import annotations

from enum import StrEnum

PERSON = ("person",)


class Direction(StrEnum):
    """Which way over a line, looking from its first point to its second (ONVIF LineDetector)."""

    ANY = "any"
    LEFT = "left"  # towards the left-hand side
    RIGHT = "right"  # towards the right-hand side
