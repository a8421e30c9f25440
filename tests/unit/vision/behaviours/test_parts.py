"""What behaviours are made of: hours, classes, periods, conditions that hold, and metres."""

from __future__ import annotations

from datetime import time

import numpy as np
import pytest
from tests.unit.vision.behaviours.play import behaviour, said, spec

from custos.model.schedule import Hours, Schedule
from custos.model.site import Direction
from custos.testing.acting import VIEW, Part, act, ground_of, on_picture
from custos.testing.behaviour_cases import GATE, behind, passes
from custos.testing.check_behaviour import tracks_at
from custos.testing.clock import START, after
from custos.vision.behaviours import Floor
from custos.vision.behaviours.company import Company
from custos.vision.behaviours.holding import Holding
from custos.vision.behaviours.periods import Period
from custos.vision.behaviours.trails import Trails, middle

NOON_UTC = Schedule((Hours(frozenset(range(7)), time(12), time(13)),), "UTC")
"""START is noon."""
NIGHT = Schedule((Hours(frozenset(range(7)), time(22), time(6)),), "Europe/Berlin")


@pytest.mark.parametrize(("hours", "count"), [(None, 1), (NOON_UTC, 1), (NIGHT, 0), (Schedule((), "UTC"), 0)])
def test_a_behaviour_speaks_within_its_hours_only(hours: Schedule | None, count: int) -> None:
    it = behaviour(spec("following", line_id="gate", hours=hours), lines=(GATE,))
    assert len(said(it, behind())) == count


def test_who_came_before_the_hours_is_not_new_in_them() -> None:
    """The first crosses a second before the hours begin, the second a second after: it is followed all the same."""
    opens = Schedule((Hours(frozenset(range(7)), time(12, 0, 5), time(13)),), "UTC")
    parts = [passes(i, 0.2 + 1.5 * i, (0.0, 12.0), (0.0, 5.5)) for i in (1, 2)]
    crossed = said(behaviour(spec("following", line_id="gate"), lines=(GATE,)), act(parts))
    assert 5.0 < (crossed[0].at - START).total_seconds() < 5.0 + float(str(crossed[0].data["gap_s"]))
    assert len(said(behaviour(spec("following", line_id="gate", hours=opens), lines=(GATE,)), act(parts))) == 1


def test_once_a_person_always_a_person() -> None:
    company = Company(spec("flow", classes=("person",)))
    there = {1: (0.5, 0.5)}
    assert len(company.of(tracks_at(there, class_id=2))) == 0
    assert len(company.of(tracks_at(there, class_id=0))) == 1
    assert len(company.of(tracks_at(there, class_id=-1))) == 1
    company.of(tracks_at({}, ended=(1,)))
    assert len(company.of(tracks_at(there, class_id=-1))) == 0


def test_periods_begin_on_whole_ones() -> None:
    period = Period(60)
    assert period.end(START) is None
    assert period.over(after(20)) is None
    assert period.over(after(59.9)) is None
    assert period.over(after(60)) == (after(60), 40.0)
    assert period.over(after(119)) is None
    assert period.over(after(121)) == (after(120), 60.0)
    assert period.end(after(150)) == (after(150), 30.0)


def test_a_period_that_nobody_watched_is_no_long_one() -> None:
    period = Period(60)
    period.over(after(10))
    assert period.over(after(3610)) == (after(60), 50.0)
    assert period.over(after(3660)) == (after(3660), 50.0)


def test_a_clock_set_back_begins_anew() -> None:
    period = Period(60)
    period.over(after(30))
    assert period.over(after(-100)) is None
    assert period.over(after(-60)) == (after(-60), 40.0)


def test_a_condition_must_hold() -> None:
    holding = Holding(2.0, release_s=1.0)
    states = []
    for step, holds in enumerate([1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1]):
        since = holding.update(bool(holds), after(step))
        states.append((holding.is_on, None if since is None else (since - START).total_seconds()))
    assert [on for on, _ in states] == [False] * 4 + [True] * 4 + [False] * 3
    assert [since for _, since in states if since is not None] == [2.0]


def test_speed_is_measured_on_the_ground() -> None:
    """1.3 m/s and 3 m/s by the script, across the view and along it."""
    for way in (((-3.0, 9.0), (3.0, 9.0)), ((0.0, 15.0), (0.0, 6.0))):
        for speed_mps in (1.3, 3.0):
            trails = Trails(2.0, Floor(ground_of()))
            seen = []
            for at, tracks in act([passes(1, 0, *way, speed_mps=speed_mps)]):
                trails.update(tracks, at)
                velocity = trails.velocity_mps(1, 1.0)
                seen += [np.hypot(*velocity)] if velocity is not None else []
            assert float(np.median(seen)) == pytest.approx(speed_mps, rel=0.05)


def test_without_a_calibration_bodies_are_the_measure() -> None:
    trails = Trails(2.0)
    seen = []
    for at, tracks in act([passes(1, 0, (-3.0, 9.0), (3.0, 9.0))]):
        trails.update(tracks, at)
        velocity = trails.velocity_mps(1, 1.0)
        seen += [np.hypot(*velocity)] if velocity is not None else []
    assert float(np.median(seen)) == pytest.approx(1.3, rel=0.25)


def test_distances_between_people() -> None:
    parts = [Part(i, passes(i, 0, (x, 9.0), (x, 9.2), speed_mps=0.1).route) for i, x in ((1, -1.0), (2, 1.0), (3, 3.0))]
    trails = Trails(1.0, Floor(ground_of()))
    for at, tracks in act(parts, until_s=1):
        trails.update(tracks, at)
    assert trails.apart_m([1, 2, 3]) == pytest.approx(np.array([[0, 2, 4], [2, 0, 2], [4, 2, 0]]), abs=0.15)
    assert trails.apart_m([]).shape == (0, 0)
    place = middle([trails.of(1)[-1], trails.of(3)[-1]]).place
    assert place is not None
    assert place[0] == pytest.approx(1.0, abs=0.1)


def test_the_floor_and_back() -> None:
    floor = Floor(ground_of())
    places = np.array([[0.0, 8.0], [2.0, 20.0]])
    assert floor.metres(on_picture((0.0, 8.0), (2.0, 20.0))) == pytest.approx(places, abs=1e-6)
    assert floor.picture(places) == pytest.approx(np.array(on_picture((0.0, 8.0), (2.0, 20.0))), abs=1e-9)
    across_m = float(floor.scale(on_picture((0.0, 8.0)))[0])
    left, right = on_picture((-0.5, 8.0), (0.5, 8.0))
    assert across_m > 1 / (right[0] - left[0])  # the depth of the ground makes the mean scale larger than across
    assert VIEW.width_px == 640


def test_directions_are_told_as_lines_tell_them() -> None:
    it = behaviour(spec("following", line_id="gate", direction=Direction.RIGHT), lines=(GATE,))
    assert [s.data["direction"] for s in said(it, behind())] == ["right"]
