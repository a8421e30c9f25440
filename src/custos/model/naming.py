"""Ids and points, as every part of a site has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

ID_PATTERN = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")
Point = tuple[float, float]


def check_id(value: str, what: str) -> None:
    """ValueError unless `value` can be an id."""
    if not ID_PATTERN.fullmatch(value):
        raise ValueError(f"{what} id must be lower-case letters, digits and '-', at most 63, got {value!r}")


def check_points(points: Sequence[Point], what: str) -> None:
    """ValueError unless every point lies in the picture."""
    for x, y in points:
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise ValueError(f"{what}: coordinates are fractions of the picture, 0..1, got ({x}, {y})")


def check_unique(ids: Sequence[str], what: str) -> None:
    """ValueError when an id is used twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"{what} id {one!r} is used twice; every id must be unique")
        seen.add(one)
