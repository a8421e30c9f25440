"""Where metres lie in a picture: four points of the ground clicked on it, and their places in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import hypot, isfinite, sqrt

from custos.model.naming import Point, check_points

FLAT_IMAGE = 0.0005
"""Three points that span less of the picture than this are on one line, as far as a mouse can tell."""
FLAT_SHARE = 0.001
"""The same on the ground, as a share of the square of the longest side."""
SIDE_M = (0.05, 2000.0)
"""Sides of the calibrated quadrangle, shortest and longest."""
SCALE_M = (0.3, 1000.0)
"""How many metres a whole picture may be wide, judged by the area of the quadrangle."""

Four = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Ground:
    """A four-point calibration of flat ground.

    Args:
        image: four points on the picture, 0..1, going around a quadrangle.
        metres: the same four on the ground, x and y in metres, from any origin; the two may be mirrored, because
            only distances are ever taken from them.
    """

    image: Four
    metres: Four

    def __post_init__(self) -> None:
        for name, points in (("image", self.image), ("metres", self.metres)):
            if len(points) != 4 or any(len(point) != 2 for point in points):
                raise ValueError(f"ground: {name} must be 4 points [x, y], got {len(points)}")
            if not all(isfinite(v) for point in points for v in point):
                raise ValueError(f"ground: {name} must be finite numbers, got {list(points)}")
        check_points(self.image, "ground")
        _check_spread(self.image, "image", FLAT_IMAGE)
        longest_m = max(_sides(self.metres))
        if not all(SIDE_M[0] <= side_m <= SIDE_M[1] for side_m in _sides(self.metres)):
            raise ValueError(
                f"ground: the sides of the quadrangle must measure {SIDE_M[0]:g}..{SIDE_M[1]:g} m, got "
                f"{', '.join(f'{round(side_m, 2):g}' for side_m in _sides(self.metres))}; are these metres?"
            )
        _check_spread(self.metres, "metres", FLAT_SHARE * longest_m**2)
        for name, points in (("image", self.image), ("metres", self.metres)):
            if not _is_convex(points):
                raise ValueError(
                    f"ground: the {name} points do not go around a convex quadrangle; list all four in the order in "
                    "which you walk around it, the same order in image and metres"
                )
        if not SCALE_M[0] <= self.picture_m <= SCALE_M[1]:
            raise ValueError(
                f"ground: by these points the picture shows {self.picture_m:.3g} m of ground, expected "
                f"{SCALE_M[0]:g}..{SCALE_M[1]:g} m; check the metres, or click points further apart"
            )

    @property
    def picture_m(self) -> float:
        """About how many metres of ground the picture is wide, around the calibrated part."""
        return sqrt(_area(self.metres) / _area(self.image))


def _sides(points: Sequence[Point]) -> list[float]:
    return [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise((*points, points[0]))]


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the area of the triangle, positive when it turns right on the screen."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _check_spread(points: Sequence[Point], name: str, least: float) -> None:
    for three in combinations(range(4), 3):
        a, b, c = (points[i] for i in three)
        if abs(_turn(a, b, c)) / 2 < least:
            numbers = ", ".join(str(i + 1) for i in three)
            raise ValueError(
                f"ground: {name} points {numbers} lie on one line (or on one spot); four corners of a quadrangle are "
                "needed, such as those of a parking bay"
            )


def _is_convex(points: Sequence[Point]) -> bool:
    turns = [_turn(points[i], points[(i + 1) % 4], points[(i + 2) % 4]) > 0 for i in range(4)]
    return all(turns) or not any(turns)


def _area(points: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise((*points, points[0])))) / 2
