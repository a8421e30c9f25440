"""Tailgating: people across the threshold in one opening, against credentials used for it, both ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from custos.access import AccessWatch
from custos.model.access import Reader
from custos.model.event import Event
from custos.testing.check_event import check_events
from custos.testing.premises import FRONT, DoorEvents, at, plan, site

BOTH_WAYS = replace(FRONT, readers=(Reader("front-in", "office"), Reader("front-out", "street")))


def tell(events: Iterable[Event], watch: AccessWatch | None = None) -> list[Event]:
    watch = watch or AccessWatch(site())
    said = [one for event in sorted(events, key=lambda e: e.at) for one in watch.update(event)]
    said += watch.advance(at(3600))
    check_events(said)
    return said


def tailgated(said: Iterable[Event]) -> list[tuple[object, ...]]:
    return [
        (e.data["direction"], e.data["people"], e.data["credentials"]) for e in said if e.type == "access.tailgated"
    ]


# -- the three counter-examples of the field


def test_two_colleagues_who_both_badge_during_one_opening_are_not_tailgating() -> None:
    door = DoorEvents()
    before = [door.granted(0, "1001"), door.granted(1, "1002"), door.opened(2), door.crossed(3, "a")]
    assert tailgated(tell([*before, door.crossed(4, "b"), door.closed(6)])) == []
    door = DoorEvents()
    held = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.granted(3, "1002")]
    assert tailgated(tell([*held, door.crossed(4, "b"), door.closed(6)])) == []


def test_someone_leaving_while_another_enters_is_not_tailgating() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "out", "right"), door.crossed(2.5, "in")]
    assert tailgated(tell([*events, door.closed(5)])) == []


def test_one_who_follows_closely_without_a_badge_is() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.crossed(2.8, "b"), door.closed(5)]
    said = tell(events)
    assert tailgated(said) == [("in", 2, 1)]
    (told,) = [e for e in said if e.type == "access.tailgated"]
    assert told.at == at(2.8)
    assert told.data["holder_id"] == "ada", "whom they followed"
    assert told.data["camera_id"] == "lobby"
    assert "2 people went in through Front door, and one credential was used" in str(told.data["reason"])


# -- edges


def test_it_is_told_while_the_door_still_stands_open() -> None:
    watch = AccessWatch(site())
    door = DoorEvents()
    for event in (door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.crossed(3, "b")):
        watch.update(event)
    assert tailgated(watch.advance(at(6.5))) == []
    assert tailgated(watch.advance(at(7.1))) == [("in", 2, 1)]


def test_a_badge_just_after_crossing_counts() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.crossed(3, "b")]
    assert tailgated(tell([*events, door.granted(4, "1002"), door.closed(6)])) == []


def test_a_badge_handed_back_is_one_credential() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.granted(3, "1001")]
    assert tailgated(tell([*events, door.crossed(4, "b"), door.closed(6)])) == [("in", 2, 1)]


def test_who_badged_and_did_not_go_does_not_cover_another() -> None:
    """Credentials taken count, not those granted: the controller says that the second was not taken."""
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.granted(0.5, "1002"), door.opened(1), door.taken(1.5, "1001")]
    events += [door.crossed(2, "a"), door.crossed(3, "b"), door.closed(4), door.not_taken(5.5, "1002")]
    assert tailgated(tell(events)) == [("in", 2, 1)]


def test_one_who_steps_in_and_out_again_has_not_gone() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.crossed(2.5, "b")]
    assert tailgated(tell([*events, door.crossed(3.5, "b", "right"), door.closed(5)])) == []


def test_slipping_in_while_somebody_leaves() -> None:
    door = DoorEvents()
    events = [door.exit(0), door.opened(1), door.crossed(2, "a", "right"), door.crossed(3, "b"), door.closed(5)]
    said = tell(events)
    assert tailgated(said) == [("in", 1, 0)]
    assert "while somebody left" in str(next(e for e in said if e.type == "access.tailgated").data["reason"])


def test_leaving_is_counted_where_the_way_out_has_a_reader() -> None:
    watch = AccessWatch(site(plan(BOTH_WAYS)))
    door = DoorEvents()
    events = [door.granted(0, "1001", reader="front-out"), door.opened(1), door.crossed(2, "a", "right")]
    assert tailgated(tell([*events, door.crossed(3, "b", "right"), door.closed(5)], watch)) == [("out", 2, 1)]


@pytest.mark.parametrize("unlock", ["door.unlocked", "door.shunted"])
def test_nobody_tailgates_where_nobody_needs_a_badge(unlock: str) -> None:
    door = DoorEvents()
    events = [door.say(unlock, 0), door.opened(10), door.crossed(12, "a"), door.crossed(13, "b"), door.closed(15)]
    assert tailgated(tell(events)) == []


def test_a_lock_released_for_a_grant_does_not_stand_unlocked() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.say("door.unlocked", 0.2), door.opened(1), door.say("door.locked", 1.2)]
    assert tailgated(tell([*events, door.crossed(2, "a"), door.crossed(3, "b"), door.closed(5)])) == [("in", 2, 1)]


def test_a_forced_door_is_no_tailgating_but_its_people_are_told() -> None:
    door = DoorEvents()
    said = tell([door.opened(0), door.crossed(1, "a"), door.crossed(2, "b"), door.closed(4)])
    assert tailgated(said) == []
    assert [e.data["people_in"] for e in said if e.type == "door.used"] == [2]


def test_a_camera_whose_clock_runs_ahead_of_the_contact() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.crossed(0.5, "a"), door.crossed(0.9, "b"), door.opened(1), door.closed(5)]
    assert tailgated(tell(events)) == [("in", 2, 1)]


# -- where there is no camera


def test_without_a_camera_it_says_that_nobody_counts() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, threshold=None))))
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.closed(5)], watch)
    (used,) = [e for e in said if e.type == "door.used"]
    assert used.data["uncounted"] == "No camera sees this door's threshold"
    assert "people_in" not in used.data
    assert "nobody counted the people: no camera sees" in str(used.data["reason"])
    assert watch.doors(at(10))[0].uncounted == "No camera sees this door's threshold"


def test_a_camera_without_a_picture_counts_nobody() -> None:
    watch = AccessWatch(site())
    lost = Event("c1", "camera.lost", at(-5), "/sites/hq/cameras/lobby", None, {"reason": "refused"})
    back = Event("c2", "camera.connected", at(60), "/sites/hq/cameras/lobby", None, {})
    first, second = DoorEvents(), DoorEvents(prefix="second")
    first.passed(0, "1001")
    second.passed(70, "1002")
    said = tell([lost, *first.told, back, *second.told], watch)
    used = [e.data.get("uncounted") for e in said if e.type == "door.used"]
    assert used == ["Camera lobby has no picture", None]
