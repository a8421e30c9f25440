"""Routes: where somebody is, which way they look, and when they are not there."""

from __future__ import annotations

import numpy as np
import pytest

from custos.simulate.body import Stance
from custos.simulate.motion import Drive, Pose, Route, Step, Wait, Walk


def step(route: Route, t_s: float) -> Step:
    found = route.at(t_s)
    assert found is not None
    return found


def test_nobody_is_there_before_the_start_or_after_the_end() -> None:
    route = Route.of(10.0, (0.0, 0.0), (Walk((0.0, 13.0)),), speed_mps=1.3)
    assert route.at(9.9) is None
    assert route.at(route.end_s + 0.1) is None
    assert route.end_s == pytest.approx(20.0, abs=0.1)
    assert step(route, 10.0).place == pytest.approx((0, 0))
    assert step(route, route.end_s).place == pytest.approx((0, 13.0))


def test_walks_at_its_speed_facing_ahead() -> None:
    route = Route.of(0.0, (0.0, 0.0), (Walk((13.0, 0.0)),), speed_mps=1.3)
    middle = step(route, 5.0)
    assert middle.place == pytest.approx((6.5, 0.0), abs=0.05)
    assert middle.heading_deg == pytest.approx(90.0, abs=0.5)
    assert middle.gait.stance is Stance.WALK
    assert middle.gait.swing == pytest.approx(1.0, abs=0.05)


def test_a_wait_stands_still_and_turns() -> None:
    legs = (Walk((0.0, 5.0)), Wait(10.0, 180.0, Stance.PHONE), Walk((0.0, 10.0)))
    route = Route.of(0.0, (0.0, 0.0), legs, speed_mps=1.0)
    a, b = step(route, 8.0), step(route, 13.0)
    assert a.place == b.place == pytest.approx((0.0, 5.0), abs=0.01)
    assert abs(a.heading_deg) % 360 == pytest.approx(180.0)
    assert a.gait.stance is Stance.PHONE
    assert a.gait.swing == 0.0


def test_corners_are_round_and_nobody_jumps() -> None:
    route = Route.of(0.0, (0.0, 0.0), (Walk((0.0, 5.0)), Walk((5.0, 5.0))), speed_mps=1.3)
    places = np.array([step(route, t).place for t in np.arange(0, route.end_s, 0.1)])
    assert np.hypot(*np.diff(places, axis=0).T).max() < 0.16
    assert np.hypot(*(places - [0.0, 5.0]).T).min() > 0.05


def test_whoever_carries_something_keeps_carrying_it_while_walking() -> None:
    route = Route.of(0.0, (0.0, 0.0), (Walk((0.0, 9.0), Stance.CARRY),))
    assert step(route, 3.0).gait.stance is Stance.CARRY
    assert step(route, 3.0).gait.swing > 0.8


def test_a_vehicle_stops_where_its_poses_are_equal() -> None:
    drive = Drive((Pose(0, (10.0, 0.0), 270), Pose(4, (0.0, 0.0), 270), Pose(10, (0.0, 0.0), 270)))
    parked = [drive.at(t) for t in (6.0, 8.0)]
    assert [p.place for p in parked if p] == [(0.0, 0.0)] * 2
    assert drive.at(-0.1) is None
    assert drive.at(10.1) is None
