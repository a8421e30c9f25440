"""Heat maps: the time is all there, the ways are right, and maps add up from events."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.vision.behaviours.play import behaviour, said, spec

from custos.model.event import Json
from custos.model.flow import FlowGrid, grid_of
from custos.testing.acting import act, on_picture
from custos.testing.behaviour_cases import passes, stays


def test_nobody_leaves_no_map() -> None:
    assert said(behaviour(spec("flow", {"period_s": 5})), act([], until_s=30)) == []


def test_the_place_of_a_long_stay_is_the_warmest_and_the_time_is_all_there() -> None:
    place = (0.5, 9.0)
    part = stays(1, 0, (-4.0, 9.0), place, 20.0, (4.0, 9.0))
    told = said(behaviour(spec("flow", {"period_s": 10})), act([part]))
    assert len(told) >= 3
    total = sum((grid_of(s.data) for s in told), FlowGrid.empty(32, 18))
    assert float(total.seconds.sum()) == pytest.approx(part.route.end_s - 0.2, abs=1.0)
    (spot,) = on_picture(place)
    row, column = divmod(int(total.seconds.argmax()), total.columns)
    assert (row - total.cell(*spot)[0], column - total.cell(*spot)[1]) in ((0, 0), (1, 0))  # boxes reach to the toes


def test_ways_point_where_people_go() -> None:
    told = said(behaviour(spec("flow", {"columns": 16})), act([passes(1, 0, (-4.0, 9.0), (4.0, 9.0))]))
    grid = sum((grid_of(s.data) for s in told), FlowGrid.empty(16, 9))
    ways = grid.ways[grid.seconds > 0]
    assert (ways[:, 0] > 0).all()
    assert float(np.abs(ways[:, 1]).max()) < 0.02
    start, end = on_picture((-4.0, 9.0), (4.0, 9.0))
    assert float(ways[:, 0].sum()) == pytest.approx(end[0] - start[0], abs=0.05)


def test_near_miss_a_gap_in_the_stream_is_no_stay() -> None:
    """Two sightings with ten seconds between them say nothing of where somebody was."""
    tracks = list(act([stays(1, 0, (0.0, 9.0), (0.0, 9.0), 30.0, (0.0, 9.5))], fps=0.1))
    assert said(behaviour(spec("flow")), tracks) == []


def test_an_event_holds_a_map_and_gives_it_back() -> None:
    grid = FlowGrid.empty(4, 3)
    assert grid.is_empty
    grid.seconds[2, 3], grid.ways[2, 3] = 12.34, (0.5, -0.25)
    data = grid.to_data()
    assert data == {"columns": 4, "rows": 3, "cells": [11, 123, 500, -250]}
    back = grid_of(data) + FlowGrid.empty(4, 3)
    assert (back.seconds[2, 3], tuple(back.ways[2, 3])) == (12.3, (0.5, -0.25))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "needs columns"),
        ({"columns": 4, "rows": 3, "cells": [1, 2, 3]}, "four numbers each"),
        ({"columns": 4, "rows": 3, "cells": [12, 1, 0, 0]}, "no cell 12"),
        ({"columns": 400, "rows": 3, "cells": []}, "got 400 x 3"),
    ],
)
def test_what_is_no_map_is_refused(data: dict[str, Json], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        grid_of(data)


def test_maps_of_different_sizes_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        FlowGrid.empty(4, 3) + FlowGrid.empty(3, 4)


def test_points_beyond_the_border_count_to_it() -> None:
    grid = FlowGrid.empty(4, 3)
    assert [grid.cell(*point) for point in ((-0.1, 0.5), (1.0, 1.0), (0.5, 1.2))] == [(1, 0), (2, 3), (2, 2)]
