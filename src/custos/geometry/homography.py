"""Plane to plane by four points: (3, 3) matrices; Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1.

matrix = solve(image, ground); apply(matrix, points) -> (n, 2); invert(matrix); scale_at(matrix, points) -> (n,)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]
_HORIZON = 1e-9


def solve(source: ArrayLike, target: ArrayLike) -> Matrix:
    """The (3, 3) matrix that takes the (4, 2) `source` points to the (4, 2) `target` points.

    It is positive (its third row, at a point) on the side of the horizon on which the source points lie. ValueError
    when three of either lie on a line.
    """
    a, b = np.asarray(source, float), np.asarray(target, float)
    if a.shape != (4, 2) or b.shape != (4, 2):
        raise ValueError(f"a homography is solved from two times (4, 2) points, got {a.shape} and {b.shape}")
    from_unit, to_unit = _conditioning(a), _conditioning(b)
    equations = []
    for (x, y), (u, v) in zip(apply(from_unit, a), apply(to_unit, b), strict=True):
        equations.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
        equations.append([0, 0, 0, x, y, 1, -v * x, -v * y, -v])
    _, singular, rows = np.linalg.svd(np.array(equations))
    if singular[7] < 1e-9 * singular[0]:
        raise ValueError("three of the four points lie on one line")
    matrix = np.linalg.inv(to_unit) @ rows[8].reshape(3, 3) @ from_unit
    if abs(np.linalg.det(rows[8].reshape(3, 3))) < 1e-9:
        raise ValueError("three of the four points lie on one line")
    depth = _depths(matrix, a)
    if not ((depth > 0).all() or (depth < 0).all()):
        raise ValueError("the horizon runs between the points: list both in the same order around the quadrangle")
    oriented: Matrix = matrix if depth[0] > 0 else -matrix
    return oriented


def invert(matrix: Matrix) -> Matrix:
    """The way back; what was on this side of the horizon stays there, because the new third row is 1 / the old."""
    inverse: Matrix = np.asarray(np.linalg.inv(matrix), np.float64)
    return inverse


def apply(matrix: Matrix, points: ArrayLike) -> Points:
    """(n, 2) points taken over; NaN for those on or beyond the horizon."""
    given = np.asarray(points, float).reshape(-1, 2)
    moved = np.column_stack([given, np.ones(len(given))]) @ matrix.T
    depth = np.where(moved[:, 2:] > _HORIZON, moved[:, 2:], np.nan)
    taken: Points = moved[:, :2] / depth
    return taken


def scale_at(matrix: Matrix, points: ArrayLike) -> NDArray[np.float64]:
    """(n,) target units per source unit at each of the (n, 2) points, the mean of all directions (the square root of
    the Jacobian's determinant, det(H) / w^3); NaN beyond the horizon."""
    given = np.asarray(points, float).reshape(-1, 2)
    depth = _depths(matrix, given)
    depth = np.where(depth > _HORIZON, depth, np.nan)
    scale: NDArray[np.float64] = np.sqrt(abs(float(np.linalg.det(matrix))) / depth**3)
    return scale


def _depths(matrix: Matrix, points: Points) -> Points:
    depths: Points = points @ matrix[2, :2] + matrix[2, 2]
    return depths


def _conditioning(points: Points) -> Matrix:
    """Moves points to around 0 with a mean distance of sqrt(2) (section 4.4), so that large metres do no harm."""
    centre = points.mean(axis=0)
    spread = float(np.hypot(*(points - centre).T).mean()) or 1.0
    k = np.sqrt(2) / spread
    return np.array([[k, 0, -k * centre[0]], [0, k, -k * centre[1]], [0, 0, 1.0]])
