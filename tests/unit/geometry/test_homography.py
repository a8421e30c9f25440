"""Plane to plane by four points: against a pinhole camera that this code did not make."""

from __future__ import annotations

import numpy as np
import pytest

from custos.geometry.homography import apply, invert, scale_at, solve
from custos.testing.acting import VIEW

PLACES = np.array([[-2.0, 12.0], [2.0, 12.0], [2.0, 6.0], [-2.0, 6.0]])


def seen(places: np.ndarray) -> np.ndarray:
    """Where the simulated camera sees these places, 0..1."""
    points = np.column_stack([places, np.zeros(len(places))])
    return VIEW.project(points).xy / [VIEW.width_px, VIEW.height_px]


def test_no_points_are_taken_nowhere() -> None:
    assert apply(np.eye(3), np.zeros((0, 2))).shape == (0, 2)


def test_it_agrees_with_the_camera_away_from_the_four_points() -> None:
    matrix = solve(seen(PLACES), PLACES)
    others = np.array([[0.0, 9.0], [-3.5, 20.0], [1.0, 5.2], [6.0, 40.0]])
    assert apply(matrix, seen(others)) == pytest.approx(others, abs=1e-6)
    assert apply(invert(matrix), others) == pytest.approx(seen(others), abs=1e-9)


def test_the_sky_is_nowhere_on_the_ground() -> None:
    matrix = solve(seen(PLACES), PLACES)
    horizon = 0.5 - np.tan(np.radians(20)) * VIEW.focal_px / VIEW.height_px
    assert np.isnan(apply(matrix, [[0.5, horizon - 0.01]])).all()
    assert np.isfinite(apply(matrix, [[0.5, horizon + 0.01]])).all()
    assert np.isnan(scale_at(matrix, [[0.5, horizon - 0.01]])).all()


def test_the_scale_is_what_a_small_square_measures() -> None:
    matrix = solve(seen(PLACES), PLACES)
    middle = seen(np.array([[0.5, 9.0]]))
    corners = middle + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 1e-4
    x, y = apply(matrix, corners).T
    side_m = np.sqrt(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)
    assert scale_at(matrix, middle)[0] == pytest.approx(side_m / 2e-4, rel=1e-4)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_mirrored_and_far_off_places_do_no_harm(offset: float) -> None:
    mirrored = PLACES * [-1, 1] + offset
    matrix = solve(seen(PLACES), mirrored)
    assert apply(matrix, seen(np.array([[1.0, 8.0]]))) == pytest.approx(np.array([[-1.0, 8.0]]) + offset, abs=1e-3)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ([[0, 0], [1, 0], [2, 0], [0, 1]], "three of the four"),
        ([[0, 0], [0, 0], [1, 1], [0, 1]], "three of the four"),
        ([[0, 0], [1, 1], [1, 0], [0, 1]], "horizon runs between"),
        ([[0, 0], [1, 0], [1, 1]], r"\(3, 2\)"),
    ],
)
def test_what_is_no_quadrangle_is_refused(source: list[list[float]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        solve(source, [[0, 0], [4, 0], [4, 4], [0, 4]])
