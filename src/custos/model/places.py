"""What zones, lines and behaviours share: whom they are about, which way, how sensitive, and how small they may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import dist

from custos.model.naming import Point

PERSON = ("person",)


class Direction(StrEnum):
    """Which way over a line, looking from its first point to its second (ONVIF LineDetector)."""

    ANY = "any"
    LEFT = "left"  # towards the left-hand side
    RIGHT = "right"  # towards the right-hand side


LEAST_AREA = 0.0002
"""Of the picture: 46 of the pixels of 640 x 360. Where somebody stands is not known better than to a few pixels."""
SOME_AREA = 1e-6
"""Of a site's plan, on which a small room of a large site is small indeed: a square metre of a square kilometre."""
LEAST_BREADTH = 0.004
"""Of the picture's size: 1.4 lines of 360. What is narrower has an area and still nobody in it."""
LEAST_LENGTH = 0.02
"""Of the picture's size: 13 pixels of 640. A shorter line is passed beside."""
ROUNDING = 1e-9
"""From 0.1 to 0.12 it is 0.01999...: what is at a limit is not under it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a zone or a line can do nothing, and how to mend it. Whoever draws one is refused; one that is
    stored is read, with a warning."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}"


def polygon_flaw(
    polygon: Sequence[Point], *, least_area: float = LEAST_AREA, least_breadth: float = LEAST_BREADTH
) -> Flaw | None:
    """What is wrong with the size of a simple polygon, 0..1: it covers next to nothing, or is a sliver."""
    around = [*polygon, polygon[0]]
    area = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(around))) / 2
    breadth = 2 * area / (sum(dist(a, b) for a, b in pairwise(around)) or 1.0)
    is_sliver = breadth < least_breadth - ROUNDING
    if area >= least_area - ROUNDING and not is_sliver:
        return None
    if is_sliver:
        what = f"the polygon is a sliver, about {breadth:.2g} of the picture wide; {least_breadth:g} is the least"
    else:
        what = f"the polygon covers {area:.2g} of the picture; {least_area:g} is the least"
    return Flaw(what, "Draw its corners further apart, not all on one line.")


def line_flaw(a: Point, b: Point) -> Flaw | None:
    """What is wrong with the length of a line, 0..1."""
    length = dist(a, b)
    if length >= LEAST_LENGTH - ROUNDING:
        return None
    what = f"the line is {length:.2g} of the picture long; {LEAST_LENGTH:g} is the least"
    return Flaw(what, "Draw its two points further apart.")


def strictness(sensitivity: float) -> float:
    """What thresholds are multiplied by: 1 at a sensitivity of 0.5, a half at 1, two at 0."""
    return float(2.0 ** (1.0 - 2.0 * sensitivity))


def check_sensitivity(sensitivity: float, what: str) -> None:
    """ValueError unless it lies in 0..1."""
    if not 0.0 <= sensitivity <= 1.0:
        raise ValueError(f"{what}: sensitivity must lie in 0..1, got {sensitivity}")
