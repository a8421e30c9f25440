"""What is left behind, and what is taken; by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import UNKNOWN_CLASS, Thing
from custos.model.site import Zone
from custos.testing.check_behaviour import Foot, tracks_at
from custos.testing.clock import after
from custos.vision.behaviours.belongings import LeftBehind, Removed
from custos.vision.behaviours.sighting import Sighting

BAG = Thing(1, (0.48, 0.55, 0.52, 0.6), is_gone=False, age_s=0.0, by=(1,), class_id=0)
AT_IT: Foot = (0.52, 0.6)
AWAY: Foot = (0.95, 0.6)


def play(
    behaviour: LeftBehind | Removed, *steps: tuple[float, dict[int, Foot], Thing | None], step_s: float = 0.2
) -> list[Sighting]:
    """For so long, these people at these places, and this thing."""
    said: list[Sighting] = []
    t_s, age_s = 0.0, 0.0
    for seconds, feet, thing in steps:
        for _ in range(round(seconds / step_s)):
            things = () if thing is None else (replace(thing, age_s=age_s),)
            said += behaviour.update(replace(tracks_at(feet), things=things), at=after(t_s))
            t_s, age_s = t_s + step_s, 0.0 if thing is None else age_s + step_s
    return said


def left(zone: Zone | None = None, **settings: float) -> LeftBehind:
    return LeftBehind(BehaviourSpec("left", "object-left", settings=settings or {"after_s": 5.0}), zone, None)


def removed(zone: Zone | None = None) -> Removed:
    return Removed(BehaviourSpec("taken", "object-removed"), zone)


def over(by: tuple[int, ...], thing: Thing = BAG) -> Thing:
    return replace(thing, is_over=True, over_by=by)


def test_nothing_is_left_in_an_empty_picture() -> None:
    assert play(left(), (20, {}, None)) == []
    assert play(removed(), (20, {}, None)) == []


def test_left_when_its_owner_has_gone_away_for_long_enough() -> None:
    (one,) = play(left(), (6, {1: AT_IT}, BAG), (4, {1: AWAY}, BAG), (20, {}, BAG))
    assert one.type == "object.left"
    assert (one.track_id, one.others) == (None, (1,))
    assert one.at == pytest.approx(after(11.0), abs=after(11.4) - after(11.0))
    assert one.data["alone_s"] == pytest.approx(5.0, abs=0.2)
    assert one.data["box"] == list(BAG.box)


def test_not_left_while_its_owner_stands_by() -> None:
    assert play(left(), (100, {1: AT_IT}, BAG)) == []


def test_an_owner_who_comes_back_in_time_starts_the_clock_again() -> None:
    steps = [(4.0, {1: AWAY}, BAG), (1.0, {1: AT_IT}, BAG)] * 6
    assert play(left(), *steps) == []


def test_somebody_else_at_it_stops_the_clock_and_passers_by_do_not_turn_it_back() -> None:
    """The tracker may have given the owner another name."""
    assert play(left(), (2, {1: AT_IT}, BAG), (60, {7: AT_IT}, BAG)) == []
    (one,) = play(left(), (4, {}, BAG), (1, {7: AT_IT}, BAG), (3, {}, BAG))
    assert one.data["alone_s"] == pytest.approx(5.0, abs=0.3)


def test_a_track_of_the_thing_itself_does_not_stop_the_clock() -> None:
    """What no detector can name may be followed as something unknown: it is not with itself."""
    behaviour = left()
    said: list[Sighting] = []
    for step in range(60):
        itself = replace(tracks_at({9: AT_IT}, class_id=UNKNOWN_CLASS), things=(replace(BAG, age_s=step / 5),))
        said += behaviour.update(itself, at=after(step / 5))
    assert [one.type for one in said] == ["object.left"]


def test_it_is_told_when_it_is_taken_up_and_by_whom() -> None:
    said = play(left(), (10, {}, BAG), (0.2, {1: AT_IT}, over((1,))), (5, {}, None))
    assert [one.type for one in said] == ["object.left", "object.retrieved"]
    assert said[1].data["by_owner"] is True
    said = play(left(), (10, {}, BAG), (0.2, {7: AT_IT}, over((7,))), (5, {}, None))
    assert said[1].data["by_owner"] is False
    assert said[1].others == (7,)


def test_what_is_taken_up_before_it_was_left_is_not_told() -> None:
    assert play(left(), (4, {}, BAG), (0.2, {1: AT_IT}, over((1,))), (20, {}, None)) == []


def test_removed_is_told_once_after_a_while() -> None:
    gone = replace(BAG, is_gone=True)
    (one,) = play(removed(), (30, {}, gone))
    assert (one.type, one.others, one.at) == ("object.removed", (1,), after(4.0))


def test_something_left_that_somebody_else_takes_is_removed_and_by_its_owner_it_is_not() -> None:
    assert play(removed(), (10, {}, BAG), (0.2, {1: AT_IT}, over((1,)))) == []
    (one,) = play(removed(), (10, {}, BAG), (0.2, {7: AT_IT}, over((7,))))
    assert one.others == (7,)
    assert "other than who" in str(one.data["why"])


def test_put_back_in_time_is_not_removed() -> None:
    gone = replace(BAG, is_gone=True)
    assert play(removed(), (3, {}, gone), (0.2, {}, over((1,), gone)), (20, {}, None)) == []


@pytest.mark.parametrize(("corner", "expected"), [((0.3, 0.4), 1), ((0.6, 0.7), 0)])
def test_only_in_its_zone(corner: tuple[float, float], expected: int) -> None:
    x, y = corner
    zone = Zone("here", "Here", ((x, y), (x + 0.3, y), (x + 0.3, y + 0.3), (x, y + 0.3)))
    assert len(play(left(zone, after_s=5.0), (10, {}, BAG))) == expected
    assert len(play(removed(zone), (10, {}, replace(BAG, is_gone=True)))) == expected


def test_only_by_its_classes() -> None:
    cars = BehaviourSpec("left", "object-left", classes=("vehicle",), settings={"after_s": 5.0})
    assert play(LeftBehind(cars, None, None), (10, {}, BAG)) == []
    assert len(play(LeftBehind(cars, None, None), (10, {}, replace(BAG, class_id=2)))) == 1
