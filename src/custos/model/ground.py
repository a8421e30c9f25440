"""Where metres lie in a picture: four points of the ground clicked on it, and their places in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import hypot, isfinite, sqrt

import numpy as np

from custos.model.naming import Point, check_points
from custos.model.places import Flaw

FLAT_IMAGE = 0.0005
"""Three points that span less of the picture than this are on one line, as far as a mouse can tell."""
FLAT_SHARE = 0.001
"""The same on the ground, as a share of the square of the longest side."""
SIDE_M = (0.05, 2000.0)
"""Sides of the calibrated quadrangle, shortest and longest."""
SCALE_M = (0.3, 1000.0)
"""How many metres a whole picture may be wide, judged by the area of the quadrangle."""

FOCAL = (0.25, 10.0)
"""Focal lengths in widths of the picture: from 127 to 6 degrees of view."""
SHAPES = (9 / 16, 3 / 4, 1.0, 4 / 3, 16 / 9, 21 / 9)
"""Width by height: that of the picture is not known here."""
SQUARE = 10.0
"""A metre may look so many times longer one way than the other, beyond what perspective explains: clicks are not exact,
lenses bend, streams are crops."""

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


def ground_flaw(ground: Ground) -> Flaw | None:
    """What is wrong with the proportions of a calibration: no camera could see the ground like this."""
    if _stretch(ground) <= SQUARE:
        return None
    sides = ", ".join(f"{round(side_m, 2):g}" for side_m in _sides(ground.metres))
    what = f"no camera sees {sides} m from point to point like this: one way is far too long for the other"
    return Flaw(what, "Measure both ways, and check which side is which.")


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


def _stretch(ground: Ground) -> float:
    """How many times longer than another way a metre of the ground is, for the camera that explains the points best:
    1 when one with square pixels, the middle of the picture before it, sees them just so.

    Such a camera takes two directions of the ground that are square to each other and equally long to two that are so
    again (Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 8.8).
    """
    places = (np.array(ground.metres) - ground.metres[0]) / max(_sides(ground.metres))
    best = float("inf")
    for shape in SHAPES:
        seen = (np.array(ground.image) - 0.5) / (1, shape)
        equations = [
            row
            for (x, y), (u, v) in zip(places, seen, strict=True)
            for row in ([x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y])
        ]
        a, b, _, c, d, _, e, f = np.linalg.solve(equations, seen.ravel())
        focal = np.geomspace(*FOCAL, 25)[:, None, None]
        ways = np.array([[a, b], [c, d]]) / focal
        both = np.concatenate([ways, np.broadcast_to([[[e, f]]], (len(focal), 1, 2))], axis=1)
        longest, shortest = np.linalg.svd(both, compute_uv=False).T
        best = min(best, float((longest / np.maximum(shortest, 1e-12)).min()))
    return best
