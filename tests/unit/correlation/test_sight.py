"""Who is in sight, whatever the order in which a camera's events are heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from custos.correlation.facts import MAX_OVER, Sight
from custos.model.event import Event
from custos.testing.premises import at

PLACES = {"cameras/lobby": ("track.started", "track.ended"), "zones/lobby/floor": ("zone.entered", "zone.left")}


def told(type_: str, seconds: float, track: int = 1) -> Event:
    data = {"class": "person", "zone_id": "floor"}
    event_id, source = f"{type_}-{track}-{seconds}", "/sites/hq/cameras/lobby"
    return Event(event_id, type_, at(seconds), source, f"tracks/lobby-1-{track}", data)


def counts(sight: Sight, place: str, seconds: float) -> list[int]:
    """How many are seen at one time, in the minute before."""
    return [seen for _, seen in sight.moments(place, at(seconds) - timedelta(seconds=60), at(seconds))]


def test_nobody_was_ever_seen() -> None:
    assert (counts(Sight(), "cameras/lobby", 0), Sight().people("cameras/lobby", at(0), at(60))) == ([], set())


@pytest.mark.parametrize("place", PLACES)
def test_a_coming_that_is_heard_after_the_going_leaves_nobody_in_sight(place: str) -> None:
    """Symptom: a detector that went off for nothing at night was called verified: a track of the afternoon, whose start
    had come late, was still in the picture."""
    came, went = PLACES[place]
    for order in permutations((told(came, 0), told(went, 4), told(came, 0))):
        sight = Sight()
        for event in order:
            sight.hear(event)
        assert counts(sight, place, 20) == [1], [event.type for event in order]
        assert counts(sight, place, 3600) == []
        assert sight.people(place, at(-30), at(0)) == {"tracks/lobby-1-1"}, "it was there from its coming on"


@pytest.mark.parametrize("place", PLACES)
def test_who_comes_back_is_in_sight_again(place: str) -> None:
    came, went = PLACES[place]
    sight = Sight()
    for event in (told(came, 0), told(went, 4), told(came, 30)):
        sight.hear(event)
    assert counts(sight, place, 3600) == [1]


def heard(events: Iterable[Event]) -> Sight:
    sight = Sight()
    for event in events:
        sight.hear(event)
    return sight


FLOOR = "zones/lobby/floor"
START, ENTER, LEAVE, END = "track.started", "zone.entered", "zone.left", "track.ended"


@pytest.mark.parametrize(
    ("story", "picture", "floor"),
    [
        (((ENTER, 0), (LEAVE, 4), (ENTER, 30)), None, [(0, None)]),
        (((ENTER, 0), (LEAVE, 4), (ENTER, 30), (LEAVE, 35)), None, [(0, 35)]),
        (((START, 0), (LEAVE, 4), (END, 9), (START, 30)), [(0, None)], [(4, 4)]),
        (((START, 0), (ENTER, 1), (END, 4)), [(0, 4)], [(1, 4)]),
        (((START, 0), (ENTER, 1), (LEAVE, 3), (END, 30)), [(0, 30)], [(1, 3)]),
        (((START, 0), (ENTER, 2), (LEAVE, 3), (ENTER, 8), (END, 9)), [(0, 9)], [(2, 9)]),
        (((START, 0), (ENTER, 1), ("camera.lost", 6)), [(0, 6)], [(1, 6)]),
        (((START, 0), ("camera.stalled", 6), (START, 8), (ENTER, 9)), [(0, None)], [(9, None)]),
    ],
)
def test_a_story_is_the_same_in_whatever_order_it_is_heard(
    story: Sequence[tuple[str, float]],
    picture: Sequence[tuple[float, float | None]] | None,
    floor: Sequence[tuple[float, float | None]],
) -> None:
    for order in permutations(told(type_, seconds) for type_, seconds in story):
        sight = heard(order)
        for place, stays in (("cameras/lobby", picture or []), (FLOOR, floor)):
            for second in (-1, 0, 1, 3, 4, 5, 6, 9, 20, 35, 40, 3600):
                there = any(a <= second and (b is None or second <= b) for a, b in stays)
                assert bool(sight.people(place, at(second), at(second))) == there, (place, second, order)


@pytest.mark.parametrize("place", PLACES)
def test_a_coming_is_over_even_where_its_end_was_forgotten(place: str) -> None:
    came, went = PLACES[place]
    sight = heard([told(went, 4), told(came, 900, 2), told(went, 905, 2), told(came, 0)])
    assert counts(sight, place, 3600) == []
    sight.hear(told(came, 3600))
    assert counts(sight, place, 3600) == [1], "back again"


def test_a_visit_is_over_where_the_end_of_its_track_was_forgotten() -> None:
    sight = heard([told(START, 0), told(END, 4), told(START, 900, 2), told(END, 905, 2), told(ENTER, 1)])
    assert (counts(sight, FLOOR, 3600), counts(sight, FLOOR, 4)) == ([], [1])


def test_what_is_kept_of_those_who_are_forgotten_is_bounded() -> None:
    sight = heard(told(LEAVE, 1000.0 * n, n) for n in range(MAX_OVER + 9))
    assert [len(place.over) for place in sight._places.values()] == [MAX_OVER]
