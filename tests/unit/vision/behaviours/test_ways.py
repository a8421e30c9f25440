"""Against the way, and right behind another: acted, with those who only look like it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.vision.behaviours.play import behaviour, said, seconds, spec

from custos.model.ground import Ground
from custos.model.site import Direction
from custos.simulate.motion import Drive, Pose
from custos.testing.acting import VEHICLE_M, Part, act, ground_of
from custos.testing.behaviour_cases import GATE, LANE, YARD, against, behind, passes
from custos.vision.behaviours import Sighting

GROUND = ground_of()
WRONG = spec("wrong-way", line_id="lane")
TAIL = spec("following", line_id="gate")


def wrong(parts: list[Part], ground: Ground | None = GROUND, **settings: float) -> list[Sighting]:
    return said(behaviour(replace(WRONG, settings=settings), lines=(LANE,), ground=ground), act(parts))


def followed(parts: list[Part], **settings: float) -> list[Sighting]:
    return said(behaviour(replace(TAIL, settings=settings), lines=(GATE,)), act(parts))


def test_nobody_goes_no_way() -> None:
    assert wrong([]) == []
    assert followed([]) == []


@pytest.mark.parametrize("ground", [GROUND, None], ids=["calibrated", "on the picture"])
def test_one_of_two_goes_against_the_lane(ground: Ground | None) -> None:
    (one,) = said(behaviour(WRONG, lines=(LANE,), ground=ground), against())
    assert one.track_id == 2
    assert float(str(one.data["off_degrees"])) > 150
    assert float(str(one.data["for_s"])) == pytest.approx(1.5, abs=0.8)


def test_near_miss_across_the_lane_is_not_against_it() -> None:
    assert wrong([passes(1, 0, (-4.0, 9.0), (4.0, 9.0)), passes(2, 0, (4.0, 8.0), (-4.0, 8.6))]) == []


def test_near_miss_a_step_back() -> None:
    """Somebody goes on after a second of going back, as people do when they make way."""
    assert wrong([passes(1, 0, (0.0, 14.0), (0.0, 9.0), (0.0, 9.8), (0.0, 6.0))]) == []


def test_near_miss_standing_still_is_no_way() -> None:
    sway = [passes(1, 0, (0.0, 9.0), *[(0.0, 9.0 + 0.15 * (-1) ** i) for i in range(40)], speed_mps=0.3)]
    assert wrong(sway) == []
    assert wrong([passes(1, 0, (0.0, 9.0), (0.0, 11.5), speed_mps=0.25)]) == []  # shuffling in a queue


def test_a_car_in_a_one_way_lane() -> None:
    car = Part(1, Drive((Pose(0, (0.0, 5.0), 0), Pose(4, (0.0, 25.0), 0))), "car", VEHICLE_M)
    assert [s.track_id for s in wrong([car])] == [1]
    right = Part(1, Drive((Pose(0, (0.0, 25.0), 180), Pose(4, (0.0, 5.0), 180))), "car", VEHICLE_M)
    assert wrong([right]) == []


def test_outside_its_zone_it_does_not_look() -> None:
    beside = [passes(1, 0, (5.0, 8.0), (7.0, 16.0))]
    assert len(wrong(beside)) == 1
    it = behaviour(replace(WRONG, zone_id="yard"), lines=(LANE,), zones=(YARD,), ground=GROUND)
    assert said(it, act(beside)) == []


def test_who_turns_round_and_back_again_is_told_of_again() -> None:
    told = wrong([passes(1, 0, (0.0, 6.0), (0.0, 13.0), (0.0, 6.0), (0.0, 13.0))])
    assert [s.track_id for s in told] == [1, 1]


def test_who_comes_right_behind_is_told_of() -> None:
    (one,) = said(behaviour(TAIL, lines=(GATE,)), behind())
    assert (one.track_id, one.others) == (2, (1,))
    assert 1.0 <= float(str(one.data["gap_s"])) <= 2.0
    assert one.data["direction"] == "right"


def test_three_in_a_row_are_two_who_follow() -> None:
    told = followed([passes(i, 1.2 * i, (0.0, 12.0), (0.0, 5.5)) for i in (1, 2, 3)])
    assert [(s.track_id, s.others) for s in told] == [(2, (1,)), (3, (2,))]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([passes(1, 0, (0, 12), (0, 5.5)), passes(2, 3.5, (0, 12), (0, 5.5))], id="three seconds later"),
        pytest.param([passes(1, 0, (0, 12), (0, 5.5)), passes(2, 0, (1, 5.5), (1, 12))], id="the other way"),
        pytest.param([passes(1, 0, (0, 12), (0, 7.4), (0, 9.0), (0, 5.5))], id="the same one, back and forth"),
        pytest.param([passes(1, 0, (0, 12), (0, 5.5)), passes(2, 1, (0, 12), (0, 8.6), (4, 8.6))], id="turns aside"),
    ],
)
def test_near_misses_of_following(parts: list[Part]) -> None:
    assert followed(parts) == []


def test_direction_and_sensitivity_of_following() -> None:
    parts = [passes(i, 3.0 * i, (0.0, 12.0), (0.0, 5.5)) for i in (1, 2)]
    assert followed(parts) == []
    wide = behaviour(replace(TAIL, sensitivity=1.0), lines=(GATE,))
    assert [s.track_id for s in said(wide, act(parts))] == [2]
    other_way = behaviour(replace(TAIL, sensitivity=1.0, direction=Direction.LEFT), lines=(GATE,))
    assert said(other_way, act(parts)) == []


def test_the_gap_is_in_true_seconds_at_any_frame_rate() -> None:
    parts = [passes(i, 1.5 * i, (0.0, 12.0), (0.0, 5.5)) for i in (1, 2)]
    for fps in (2.5, 5.0, 12.5):
        (one,) = said(behaviour(TAIL, lines=(GATE,)), act(parts, fps=fps))
        assert float(str(one.data["gap_s"])) == pytest.approx(1.5, abs=1 / fps + 1e-6)
        assert seconds(one) > 0
