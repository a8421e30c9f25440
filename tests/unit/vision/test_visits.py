"""Visits to a zone: who came, who stayed, who left, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest

from custos.model.site import Hours, Schedule, Zone
from custos.testing.check_behaviour import Foot, tracks_at
from custos.testing.clock import START, after
from custos.vision.behaviours import Sighting, ZoneVisits

IN: Foot = (0.5, 0.5)
OUT: Foot = (0.1, 0.1)
DOG = 16
STEP_S = 0.2
SQUARE = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))


def visits(
    *, loiter_s: float | None = None, min_dwell_s: float = 0.3, classes: tuple[str, ...] = ("person",)
) -> ZoneVisits:
    return ZoneVisits(Zone("dock", "Dock", SQUARE, classes, loiter_s, min_dwell_s))


def play(zone: ZoneVisits, feet: Iterable[Foot | None], *, from_s: float = 0, step_s: float = STEP_S) -> list[Sighting]:
    """Track 1 at these places, one after another; None: not to be seen."""
    said: list[Sighting] = []
    for step, foot in enumerate(feet):
        there = {} if foot is None else {1: foot}
        said += zone.update(tracks_at(there), at=after(from_s + step * step_s))
    return said


def nightly(*, loiter_s: float | None = None, sensitivity: float = 0.5) -> ZoneVisits:
    """From two to four seconds after the start of the tests' clock."""
    span = Hours(frozenset(range(7)), after(2).time(), after(4).time())
    hours = Schedule((span,), "UTC")
    return ZoneVisits(Zone("dock", "Dock", SQUARE, loiter_s=loiter_s, hours=hours, sensitivity=sensitivity))


def stay(seconds: float, foot: Foot | None = IN, step_s: float = STEP_S) -> list[Foot | None]:
    return [foot] * round(seconds / step_s)


def told(said: Sequence[Sighting]) -> list[str]:
    """ "entered 1.0" for what happened one second after the start."""
    return [f"{s.type.removeprefix('zone.')} {(s.at - START) / timedelta(seconds=1):.1f}" for s in said]


def test_an_empty_zone() -> None:
    zone = visits(loiter_s=1)
    assert play(zone, [OUT, None, OUT]) == []
    assert zone.present() == frozenset()
    assert zone.end() == []


def test_in_and_out() -> None:
    zone = visits()
    said = play(zone, [OUT] * 5 + [IN] * 10 + [OUT] * 5)
    assert told(said) == ["entered 1.0", "left 2.8"]
    assert [s.track_id for s in said] == [1, 1]
    assert [dict(s.data) for s in said] == [{"zone_id": "dock"}, {"zone_id": "dock", "dwell_s": 1.8}]


def test_outside_its_hours_nobody_is_in_a_zone() -> None:
    assert play(nightly(), [OUT, *stay(1.0), *[OUT] * 4]) == []


def test_a_visit_begins_and_ends_with_the_hours() -> None:
    zone = nightly(loiter_s=1.0)
    assert told(play(zone, [OUT, *stay(6.0)])) == ["entered 2.0", "loitered 3.0", "left 3.8"]
    assert zone.present() == frozenset()
    assert zone.end() == []


@pytest.mark.parametrize(("sensitivity", "expected"), [(0.0, []), (0.5, ["loitered 4.2"]), (1.0, ["loitered 2.2"])])
def test_sensitivity_moves_the_limit(sensitivity: float, expected: list[str]) -> None:
    zone = ZoneVisits(Zone("dock", "Dock", SQUARE, loiter_s=4.0, sensitivity=sensitivity))
    said = play(zone, [OUT, *stay(5.0)])
    assert [one for one in told(said) if one.startswith("loitered")] == expected


def test_a_clock_runs_at_the_feet_of_whoever_is_inside() -> None:
    zone = visits(loiter_s=2)
    play(zone, [OUT] * 2)
    assert zone.overlays() == ()
    play(zone, stay(1.2), from_s=0.4)
    (mark,) = zone.overlays()
    assert (mark.text, mark.track_ids, mark.is_alert) == ("1 of 2 s", (1,), False)
    assert mark.at == pytest.approx(IN)
    play(zone, stay(3.0), from_s=1.6)
    (mark,) = zone.overlays()
    assert (mark.text, mark.track_ids, mark.is_alert) == ("loiters, 4 s", (1,), True)
    play(zone, [None], from_s=4.6)
    assert zone.overlays() == ()


def test_present_are_those_whose_visit_goes_on() -> None:
    zone = visits()
    play(zone, [OUT, IN])
    assert zone.present() == frozenset()  # too short to be a visit
    play(zone, [IN, IN], from_s=0.6)
    assert zone.present() == {1}
    play(zone, stay(1, OUT), from_s=1)
    assert zone.present() == frozenset()


def test_who_is_in_the_zone_at_the_end_has_left_when_last_seen() -> None:
    zone = visits()
    play(zone, stay(3))
    assert told(zone.end()) == ["left 2.8"]


def test_who_ends_in_the_zone_has_left_when_last_seen() -> None:
    zone = visits()
    assert told(play(zone, [*stay(3), *stay(2, None)])) == ["entered 0.0"]
    assert told(zone.update(tracks_at({}, ended=(1,)), at=after(5))) == ["left 2.8"]
    assert zone.present() == frozenset()


def test_five_separate_two_second_visits_are_not_a_ten_second_loiter() -> None:
    """Symptom: somebody who passed a zone five times was reported as loitering; the seconds were added up."""
    zone = visits(loiter_s=5)
    five = [foot for _ in range(5) for foot in (*stay(2), *stay(2, OUT))]
    said = play(zone, five)
    assert "zone.loitered" not in [s.type for s in said]
    assert [s.data["dwell_s"] for s in said if s.type == "zone.left"] == [1.8] * 5


def test_loitering_is_told_once_a_visit_when_the_time_is_up() -> None:
    zone = visits(loiter_s=5)
    said = play(zone, [*stay(1, OUT), *stay(12), *stay(2, OUT), *stay(7)])
    assert told(said) == ["entered 1.0", "loitered 6.0", "left 12.8", "entered 15.0", "loitered 20.0"]
    assert said[1].data == {"zone_id": "dock", "dwell_s": 5}


def test_just_too_short_to_loiter() -> None:
    assert told(play(visits(loiter_s=5), [*stay(5), *stay(2, OUT)])) == ["entered 0.0", "left 4.8"]


@pytest.mark.parametrize(
    ("feet", "expected"),
    [
        pytest.param([IN, OUT] * 10, ["entered 0.0"], id="every picture"),
        pytest.param([*stay(2), OUT, *stay(2), OUT, OUT, *stay(2)], ["entered 0.0"], id="now and then"),
        pytest.param([*stay(2), *stay(0.8, OUT), *stay(1)], ["entered 0.0", "left 1.8", "entered 2.8"], id="gone"),
        pytest.param([OUT, IN, OUT, OUT, OUT, OUT, IN, OUT, OUT, OUT, OUT], [], id="only touched"),
    ],
)
def test_a_foot_that_flickers_on_the_border_is_one_visit(feet: list[Foot | None], expected: list[str]) -> None:
    """Symptom: somebody who stood on the border entered and left ten times a second."""
    assert told(play(visits(), feet)) == expected


def test_who_cannot_be_seen_for_a_moment_keeps_the_place() -> None:
    zone = visits(loiter_s=5)
    said = play(zone, [*stay(2), *stay(2, None), *stay(2)])
    assert told(said) == ["entered 0.0", "loitered 5.0"]


def test_who_comes_to_light_again_outside_has_left_when_last_seen_inside() -> None:
    assert told(play(visits(), [*stay(2), *stay(2, None), OUT])) == ["entered 0.0", "left 1.8"]


@pytest.mark.parametrize(
    ("age_s", "began"),
    [pytest.param(0.0, "10.0", id="new"), pytest.param(0.6, "9.4", id="0.6 s"), pytest.param(9.0, "9.0", id="old")],
)
def test_a_visit_is_dated_back_to_when_its_track_was_first_seen(age_s: float, began: str) -> None:
    """A tracker makes sure before it tells of anybody: they were in the zone before, but not for long."""
    zone = visits(min_dwell_s=0)
    assert told(zone.update(tracks_at({1: IN}, age_s=age_s), at=after(10))) == [f"entered {began}"]


def test_who_was_known_before_is_not_dated_back() -> None:
    zone = visits(min_dwell_s=0)
    zone.update(tracks_at({1: OUT}, age_s=3), at=after(10))
    assert told(zone.update(tracks_at({1: IN}, age_s=3.2), at=after(10.2))) == ["entered 10.2"]


def test_other_classes_do_not_count() -> None:
    zone = visits(min_dwell_s=0, loiter_s=0.1)
    for step in range(10):
        assert zone.update(tracks_at({1: IN}, class_id=DOG), at=after(step)) == []
    assert zone.update(tracks_at({}, ended=(1,)), at=after(11)) == []
    animals = visits(min_dwell_s=0, classes=("animal",))
    assert told(animals.update(tracks_at({1: IN}, class_id=DOG, age_s=0), at=START)) == ["entered 0.0"]


def test_a_dog_that_turns_out_to_be_a_person_was_there_all_the_time() -> None:
    zone = visits()
    for step in range(10):
        assert zone.update(tracks_at({1: IN}, class_id=DOG), at=after(step * STEP_S)) == []
    said = play(zone, [*stay(1), *stay(1, OUT)], from_s=2)
    assert told(said) == ["entered 0.0", "left 2.8"]


def test_a_person_who_looks_like_a_dog_for_a_moment_stays() -> None:
    zone = visits(loiter_s=5)
    assert told(play(zone, stay(2))) == ["entered 0.0"]
    for step in range(10):
        assert zone.update(tracks_at({1: IN}, class_id=DOG), at=after(2 + step * STEP_S)) == []
    assert told(play(zone, stay(2), from_s=4)) == ["loitered 5.0"]


@pytest.mark.parametrize("times_s", [[0, 0.04, 2.9, 3.0, 7.5, 7.6], [0, 9], [0.0, *(n / 25 for n in range(1, 250))]])
def test_seconds_are_true_seconds_whatever_the_frame_rate(times_s: list[float]) -> None:
    """Symptom: dwell was counted in frames, and a camera that slowed down at night let everybody loiter."""
    zone = visits(loiter_s=5)
    said = [s for t in times_s for s in zone.update(tracks_at({1: IN}, age_s=0), at=after(t))]
    said += zone.end()
    last = max(times_s)
    assert told(said) == ["entered 0.0", "loitered 5.0", f"left {last:.1f}"]
    assert said[-1].data["dwell_s"] == pytest.approx(last)


def test_two_people_are_two_visits() -> None:
    zone = visits()
    zone.update(tracks_at({1: IN, 2: OUT}), at=START)
    zone.update(tracks_at({1: IN, 2: IN}), at=after(1))
    said = zone.update(tracks_at({1: OUT, 2: IN}), at=after(2))
    assert [(s.type, s.track_id) for s in said] == [("zone.left", 1), ("zone.entered", 2)]


def test_somebody_at_the_lower_edge_of_the_picture_is_in_a_zone_that_reaches_it() -> None:
    zone = ZoneVisits(Zone("front", "Front", ((0.2, 0.6), (0.8, 0.6), (0.8, 1.0), (0.2, 1.0))))
    assert told(play(zone, stay(1, (0.5, 1.0)))) == ["entered 0.0"]
