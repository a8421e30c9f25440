"""Points, polygons and directed lines in the plane; y grows downwards, as in pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]


def contains(polygon: Sequence[Point], points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of the (n, 2) `points` lie inside `polygon` (even-odd rule).

    Of the border the bottom and the left are in, the top and the right out: somebody cut off by the lower edge of the
    picture has the foot point y = 1, and stands in a zone that reaches down to it.
    """
    x, y = points[:, 0], points[:, 1]
    inside = np.zeros(len(points), bool)
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if y1 == y2:
            continue
        spans = (y1 >= y) != (y2 >= y)
        inside ^= spans & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def side(a: Point, b: Point, point: Point) -> float:
    """Positive when `point` lies to the right of the directed line a to b (as seen on the screen), 0 on it."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether segment ab meets segment cd, end points and overlaps included."""
    d1, d2, d3, d4 = side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
    if ((d1 > 0) != (d2 > 0)) and ((d3 > 0) != (d4 > 0)) and d1 * d2 < 0 and d3 * d4 < 0:
        return True
    return any(
        s == 0 and _within(p, q, r) for s, p, q, r in ((d1, a, b, c), (d2, a, b, d), (d3, c, d, a), (d4, c, d, b))
    )


def _within(a: Point, b: Point, point: Point) -> bool:
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])


def first_self_crossing(polygon: Sequence[Point]) -> tuple[int, int] | None:
    """Indices of the first two edges that cross (edge i runs from point i to point i+1), or None."""
    n = len(polygon)
    for i in range(n):
        for j in range(i + 1, n):
            if j == i + 1 or (i == 0 and j == n - 1):
                continue
            if segments_cross(polygon[i], polygon[(i + 1) % n], polygon[j], polygon[(j + 1) % n]):
                return i, j
    return None


def area(polygon: Sequence[Point]) -> float:
    """Area of a simple polygon, in the square of its unit."""
    return (
        abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True))) / 2
    )
