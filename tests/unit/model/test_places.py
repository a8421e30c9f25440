"""How small a zone or a line may be."""

from __future__ import annotations

import pytest

from custos.model.naming import Point
from custos.model.places import line_flaw, polygon_flaw


@pytest.mark.parametrize(
    ("polygon", "told"),
    [
        pytest.param(((0.1, 0.1), (0.3, 0.3), (0.5, 0.5)), "a sliver", id="corners on a line"),
        pytest.param(((0.1, 0.1), (0.5, 0.1), (0.5, 0.10001)), "further apart", id="a sliver"),
        pytest.param(((0.1, 0.1), (0.113, 0.1), (0.113, 0.113), (0.1, 0.113)), "covers 0.00017", id="too small"),
        pytest.param(((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), None, id="a zone"),
        pytest.param(((0.7, 0.1), (0.72, 0.1), (0.72, 0.11), (0.7, 0.11)), None, id="as small as it may be"),
    ],
)
def test_polygons(polygon: tuple[Point, ...], told: str | None) -> None:
    flaw = polygon_flaw(polygon)
    assert told in str(flaw) if told is not None else flaw is None


@pytest.mark.parametrize(
    ("end", "told"), [(0.10001, "1e-05 of the picture long"), (0.1199, "0.02 is the least"), (0.12, None), (0.9, None)]
)
def test_lines(end: float, told: str | None) -> None:
    flaw = line_flaw((0.1, 0.5), (end, 0.5))
    assert told in str(flaw) if told is not None else flaw is None
