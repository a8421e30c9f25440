"""Points in polygons, sides of lines, crossings."""

from __future__ import annotations

import numpy as np
import pytest

from custos.geometry.polygons import Point, area, contains, first_self_crossing, segments_cross, side

WHOLE: list[Point] = [(0, 0), (1, 0), (1, 1), (0, 1)]
CONCAVE: list[Point] = [(0, 0), (1, 0), (1, 1), (0.5, 0.4), (0, 1)]
"""A square with a notch cut into its lower side."""
BOW: list[Point] = [(0, 0), (1, 1), (1, 0), (0, 1)]
TRIANGLE: list[Point] = [(0.2, 0.8), (0.5, 0.2), (0.8, 0.8)]


def test_no_points() -> None:
    assert contains(WHOLE, np.zeros((0, 2))).tolist() == []


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        pytest.param(WHOLE, (0.5, 0.5), True, id="middle"),
        pytest.param(WHOLE, (1.5, 0.5), False, id="beside"),
        pytest.param(WHOLE, (0.5, -0.1), False, id="above"),
        pytest.param(WHOLE, (0.5, 1.0), True, id="lower border"),
        pytest.param(WHOLE, (0.5, 0.0), False, id="upper border"),
        pytest.param(WHOLE, (0.0, 0.5), True, id="left border"),
        pytest.param(WHOLE, (1.0, 0.5), False, id="right border"),
        pytest.param(CONCAVE, (0.5, 0.3), True, id="above the notch"),
        pytest.param(CONCAVE, (0.5, 0.7), False, id="in the notch"),
        pytest.param(CONCAVE, (0.1, 0.7), True, id="left of the notch"),
        pytest.param(CONCAVE, (0.5, 0.4), True, id="tip of the notch"),
        pytest.param(TRIANGLE, (0.3, 0.3), False, id="beside the tip"),
        pytest.param(TRIANGLE, (-0.1, 0.8), False, id="level with a corner, left"),
        pytest.param(TRIANGLE, (0.9, 0.2), False, id="level with the tip, right"),
        pytest.param(BOW, (0.5, 0.2), False, id="bow tie, between the halves"),
        pytest.param(BOW, (0.1, 0.5), True, id="bow tie, left half"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_contains(polygon: list[Point], point: Point, expected: bool, turned: bool) -> None:
    corners = polygon[::-1] if turned else polygon
    for first in range(len(corners)):  # whichever corner comes first
        rolled = corners[first:] + corners[:first]
        assert contains(rolled, np.array([point])).tolist() == [expected]


def test_somebody_cut_off_by_the_lower_edge_stands_in_the_zone_at_that_edge() -> None:
    """Symptom: a zone drawn down to the edge of the picture was never entered by those nearest to the camera."""
    foot = np.array([[0.5, 1.0]], np.float32)  # of a box clipped to the picture
    assert contains([(0.2, 0.6), (0.8, 0.6), (0.8, 1.0), (0.2, 1.0)], foot).all()


def test_two_zones_that_share_a_border_share_nobody() -> None:
    points = np.stack(np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21)), axis=-1).reshape(-1, 2)
    upper = contains([(0, 0), (1, 0), (1, 0.5), (0, 0.5)], points)
    lower = contains([(0, 0.5), (1, 0.5), (1, 1), (0, 1)], points)
    assert not (upper & lower).any()
    assert (upper | lower).tolist() == contains(WHOLE, points).tolist()


@pytest.mark.parametrize(
    ("point", "sign"),
    [((0.5, 0.8), 1), ((0.5, 0.2), -1), ((0.5, 0.5), 0), ((2.0, 0.5), 0)],
    ids=["below", "above", "on it", "on it, beyond its end"],
)
def test_side_of_a_line_to_the_right(point: Point, sign: int) -> None:
    """Walking right on the screen, one's right hand is below."""
    assert np.sign(side((0, 0.5), (1, 0.5), point)) == sign
    assert np.sign(side((1, 0.5), (0, 0.5), point)) == -sign


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "expected"),
    [
        pytest.param((0, 0), (2, 2), (0, 2), (2, 0), True, id="cross"),
        pytest.param((0, 0), (1, 1), (2, 2), (3, 0), False, id="apart"),
        pytest.param((0, 0), (2, 0), (1, 0), (1, 5), True, id="touching with an end"),
        pytest.param((0, 0), (1, 0), (1, 0), (2, 3), True, id="end to end"),
        pytest.param((0, 0), (2, 0), (3, 0), (4, 0), False, id="one line, apart"),
        pytest.param((0, 0), (2, 0), (1, 0), (4, 0), True, id="one line, overlapping"),
        pytest.param((0, 0), (2, 0), (0, 1), (2, 1), False, id="parallel"),
        pytest.param((0, 0), (2, 0), (3, -1), (3, 1), False, id="past the end"),
        pytest.param((1, 1), (1, 1), (0, 0), (2, 2), True, id="a point on it"),
        pytest.param((1, 2), (1, 2), (0, 0), (2, 2), False, id="a point beside it"),
    ],
)
def test_segments_cross(a: Point, b: Point, c: Point, d: Point, expected: bool) -> None:
    for p, q in ((a, b), (b, a)):
        for r, s in ((c, d), (d, c)):
            assert segments_cross(p, q, r, s) is expected
            assert segments_cross(r, s, p, q) is expected


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        pytest.param(TRIANGLE, None, id="triangle"),
        pytest.param(WHOLE, None, id="square"),
        pytest.param(CONCAVE, None, id="concave"),
        pytest.param(BOW, (0, 2), id="bow tie"),
        pytest.param([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)], (0, 2), id="a corner touches an edge"),
    ],
)
def test_first_self_crossing(polygon: list[Point], expected: tuple[int, int] | None) -> None:
    assert first_self_crossing(polygon) == expected


def test_area() -> None:
    assert area(WHOLE) == area(WHOLE[::-1]) == 1.0
    assert area(TRIANGLE) == pytest.approx(0.18)
    assert area([(0, 0), (1, 1), (0.5, 0.5)]) == 0
