"""Who is in sight, whatever the order in which a camera's events are heard."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from custos.correlation.facts import Sight
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
