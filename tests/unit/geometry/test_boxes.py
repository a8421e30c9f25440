"""Areas and overlaps of boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from custos.geometry.boxes import areas, intersections, iou

Box = tuple[float, float, float, float]
UNIT: Box = (0, 0, 10, 10)


def boxes(*rows: Box) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(rows, np.float64).reshape(-1, 4)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param(UNIT, UNIT, 1.0, id="the same"),
        pytest.param(UNIT, (20, 20, 30, 30), 0.0, id="apart"),
        pytest.param(UNIT, (10, 0, 20, 10), 0.0, id="touching"),
        pytest.param(UNIT, (5, 0, 15, 10), 50 / 150, id="half"),
        pytest.param(UNIT, (2, 2, 4, 4), 4 / 100, id="inside"),
        pytest.param(UNIT, (5, 5, 5, 5), 0.0, id="a point inside"),
        pytest.param(UNIT, (5, 0, 5, 10), 0.0, id="a line inside"),
        pytest.param((5, 5, 5, 5), (5, 5, 5, 5), 0.0, id="two points, one place"),
    ],
)
def test_iou(a: Box, b: Box, expected: float) -> None:
    assert iou(boxes(a), boxes(b)) == pytest.approx(np.array([[expected]]))


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 2), (3, 0), (3, 2)])
def test_every_box_of_one_with_every_box_of_the_other(n: int, m: int) -> None:
    a, b = boxes(*[UNIT] * n), boxes(*[UNIT] * m)
    assert iou(a, b).shape == intersections(a, b).shape == (n, m)
    assert areas(a).tolist() == [100.0] * n


corners = arrays(np.float64, (4, 2, 2), elements=st.floats(-1000, 1000, width=32))


@given(corners)
def test_iou_is_a_share_and_the_same_both_ways(corners: np.ndarray[tuple[int, int, int], np.dtype[np.float64]]) -> None:
    xyxy = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    overlap = iou(xyxy, xyxy)
    assert ((overlap >= 0) & (overlap <= 1 + 1e-9)).all()
    assert overlap == pytest.approx(overlap.T)
