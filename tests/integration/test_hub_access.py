"""Doors on the walk of an event: what is concluded is stored with what it was concluded from, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from custos.access import AccessWatch, DoorView, build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.store import open_store
from custos.model.event import Event, Json, Signal
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Store
from custos.testing.premises import DoorEvents, at, site
from custos.testing.store import InMemoryStore


class HearsAll:
    """A rule that only notes what it hears."""

    rule_id = "notes"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def update(self, event: Event) -> list[Signal]:
        self.heard.append(event.type)
        return []

    def advance(self, at: object) -> list[Signal]:
        return []


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    opened = open_store(f"sqlite:///{tmp_path / 'custos.db'}")
    yield opened
    opened.close()


def hub_over(store: Store, rule: HearsAll | None = None, *, now: float = 0, settle_s: float = 0) -> Hub:
    rules = [] if rule is None else [rule]
    hub = Hub(
        "hq", store, InProcessBus(), lambda: rules, make_consumers=lambda: build_access(site()),
        new_id=lambda: "x", settle_s=settle_s,
    )  # fmt: skip
    hub.start(at(now))
    return hub


def concluded(store: Store) -> list[str]:
    return [e.type for e in store.replay("hq", since=at(-60)) if e.id.startswith("acc-")]


def test_conclusions_are_stored_heard_and_come_back(store: Store) -> None:
    rule, door = HearsAll(), DoorEvents()
    hub = hub_over(store, rule)
    assert [e.type for e in hub.accept([door.opened(0)])] == ["door.opened"]
    assert [e.type for e in hub.advance(at(3))] == ["door.forced"]
    denied = ["access.denied", "access.refused", "access.duressed"]
    assert [e.type for e in hub.accept([door.denied(4, "1009")])] == denied
    assert rule.heard == ["door.opened", "door.forced", *denied]
    assert concluded(store) == ["door.forced", "access.refused", "access.duressed"]


def test_what_was_sent_twice_is_concluded_once(store: Store) -> None:
    door = DoorEvents()
    hub = hub_over(store)
    hub.accept([door.denied(0, "1009")])
    assert hub.accept(door.told) == []
    assert concluded(store) == ["access.refused", "access.duressed"]


@pytest.mark.parametrize("restart_after", range(6))
def test_a_restart_between_any_two_steps_repeats_and_loses_nothing(store: Store, restart_after: int) -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a"), door.crossed(2.5, "b"), door.closed(40)]
    hub = hub_over(store)
    for n, event in enumerate(events):
        if n == restart_after:
            hub = hub_over(store, now=(event.at - at(0)).total_seconds())
        hub.advance(event.at)
        hub.accept([event])
    if restart_after == len(events):
        hub = hub_over(store, now=41)
    hub.advance(at(100))
    assert sorted(concluded(store)) == [
        "access.passed", "access.tailgated", "door.held", "door.secured", "door.used",
    ]  # fmt: skip


@pytest.mark.parametrize("restart_after", range(6))
def test_what_came_late_comes_late_again_after_a_restart(store: Store, restart_after: int) -> None:
    """A badge that was told 9 s late could not excuse its door any more; a start heard it in time, and let the same
    passage be one that was forced and one that was granted."""
    door = DoorEvents()
    arrivals = [
        (1, door.opened(0)), (4, door.crossed(1, "a")), (9, door.granted(0, "1001")), (10, door.crossed(2, "b")),
        (11, door.closed(3)), (30, door.granted(29, "1001")),
    ]  # fmt: skip

    def live(lived: Store, restarts: tuple[int, ...]) -> list[str]:
        hub = hub_over(lived)
        for n, (heard_s, event) in enumerate(arrivals):
            for tick in (heard_s - 0.4, heard_s):
                hub.advance(at(tick))
            if n in restarts:
                hub = hub_over(lived, now=heard_s)
            hub.accept([event])
        hub.advance(at(100))
        return [event.id for event in lived.replay("hq", since=at(-60)) if event.id.startswith("acc-")]

    assert live(store, (restart_after, 5)) == live(InMemoryStore(), ())
    assert "door.forced" in concluded(store)


def test_after_a_start_doors_speak_as_soon_as_something_is_heard_and_not_before(store: Store) -> None:
    door = DoorEvents()
    hub_over(store).accept([door.opened(0)])
    hub = hub_over(store, now=1, settle_s=10)
    assert hub.advance(at(3)) == []  # who opened it may be on the way
    hub.accept([door.closed(4)])
    assert [e.type for e in hub.advance(at(5))] == ["door.forced"]


LONG_AGO_S = -40 * 3600.0
"""Longer than a start hears again."""


def of_camera(type_: str, seconds: float, **data: Json) -> Event:
    return Event(f"{type_}-{seconds:g}", type_, at(seconds), "/sites/hq/cameras/lobby", "cameras/lobby", data)


def restarted(store: Store, *before: Event) -> Hub:
    """A hub that has heard these, in this order, was started again at 0 and told what time it is."""
    hub = hub_over(store, now=min((e.at - at(0)).total_seconds() for e in before) - 3600)
    for event in sorted(before, key=lambda e: e.at):
        hub.advance(event.at)
        hub.accept([event])
    hub = hub_over(store)
    hub.advance(at(0))
    return hub


def door_of(hub: Hub) -> DoorView:
    (watch,) = hub.consult(list)
    assert isinstance(watch, AccessWatch)
    return next(view for view in watch.doors(at(0)) if view.id == "front")


def openings(store: Store, hub: Hub) -> list[tuple[str, object]]:
    """What is told of a door that opens and closes."""
    door = DoorEvents(prefix="now")
    hub.accept([door.opened(10), door.closed(15)])
    hub.advance(at(60))
    return [(e.type, e.data.get("uncounted")) for e in store.replay("hq", since=at(5)) if e.id.startswith("acc-")]


def test_a_door_unlocked_long_before_a_restart_is_not_forced(store: Store) -> None:
    """A start forgot a door that had been set to stand open two days ago, and told of a break-in."""
    hub = restarted(store, DoorEvents().say("door.mode_changed", LONG_AGO_S, mode="LockedOpen"))
    assert (door_of(hub).lock, door_of(hub).mode) == ("unlocked", "LockedOpen")
    assert openings(store, hub) == [("door.used", None)]


def test_a_door_locked_again_before_a_restart_is_forced(store: Store) -> None:
    door = DoorEvents()
    unlocked = door.say("door.unlocked", LONG_AGO_S), door.say("door.mode_changed", LONG_AGO_S + 1, mode="LockedOpen")
    hub = restarted(store, *unlocked, door.say("door.locked", LONG_AGO_S + 60))
    assert [type_ for type_, _ in openings(store, hub)] == ["door.forced", "door.used", "door.secured"]


def test_where_nothing_says_that_it_locks_an_old_unlocking_was_the_end_of_a_grant(store: Store) -> None:
    door = DoorEvents()
    hub = restarted(store, door.granted(LONG_AGO_S, "1001"), door.say("door.unlocked", LONG_AGO_S + 0.5))
    assert door_of(hub).lock == "locked"


def test_what_a_controller_stamped_with_one_second_long_ago_left_the_door_locked(store: Store) -> None:
    """Symptom: a door that was used once, two days ago, stood unlocked after every start, and was never forced."""
    door = DoorEvents()
    said = [door.say("door.unlocked", LONG_AGO_S), door.opened(LONG_AGO_S), door.say("door.locked", LONG_AGO_S)]
    hub = restarted(store, door.granted(LONG_AGO_S, "1001"), *said, door.closed(LONG_AGO_S + 5))
    assert door_of(hub).lock == "locked"
    assert [type_ for type_, _ in openings(store, hub)] == ["door.forced", "door.used", "door.secured"]


def test_unlocked_and_locked_within_one_second_without_a_grant_is_locked_after_a_restart(store: Store) -> None:
    door = DoorEvents()
    said = [door.say("door.unlocked", LONG_AGO_S), door.say("door.locked", LONG_AGO_S)]
    assert door_of(restarted(store, *said)).lock == "locked"  # which came last nobody knows: what is shut is not missed


def test_a_door_unlocked_after_it_was_locked_stands_unlocked_after_a_restart(store: Store) -> None:
    door = DoorEvents()
    said = [door.say("door.locked", LONG_AGO_S), door.say("door.unlocked", LONG_AGO_S + 1)]
    assert door_of(restarted(store, *said)).lock == "unlocked"


@pytest.mark.parametrize(("type_", "gone"), [("camera.lost", "has no picture"), ("camera.moved", "was moved")])
def test_a_camera_that_was_gone_long_before_a_restart_counts_nobody(store: Store, type_: str, gone: str) -> None:
    hub = restarted(store, of_camera("camera.connected", LONG_AGO_S - 60), of_camera(type_, LONG_AGO_S))
    assert gone in door_of(hub).uncounted
    ((_, uncounted), *_) = [one for one in openings(store, hub) if one[0] == "door.used"]
    assert gone in str(uncounted)


def test_a_camera_whose_signal_came_back_counts_whatever_else_was_restored_since(store: Store) -> None:
    back = [of_camera("camera.restored", LONG_AGO_S + n, was=was) for n, was in
            ((60, "camera.signal_lost"), (90, "camera.degraded"))]  # fmt: skip
    assert door_of(restarted(store, of_camera("camera.signal_lost", LONG_AGO_S), *back)).uncounted == ""
    assert "no picture" in door_of(restarted(InMemoryStore(), of_camera("camera.signal_lost", LONG_AGO_S))).uncounted


DAY_S = 86_400.0


def test_a_camera_lost_since_its_signal_came_back_counts_nobody(store: Store) -> None:
    """Symptom: the pair of older signals was heard after it, and a door believed a dead camera after every start."""
    back = of_camera("camera.restored", -20 * DAY_S + 60, was="camera.signal_lost")
    lost = of_camera("camera.lost", -5 * DAY_S)
    view = door_of(restarted(store, of_camera("camera.signal_lost", -20 * DAY_S), back, lost))
    assert "no picture" in view.uncounted


def test_a_camera_connected_since_its_signal_was_lost_counts(store: Store) -> None:
    """Symptom: it was blind for good after a start."""
    lost = of_camera("camera.signal_lost", -20 * DAY_S)
    assert door_of(restarted(store, lost, of_camera("camera.connected", -5 * DAY_S))).uncounted == ""


def test_a_signal_lost_since_the_camera_connected_counts_nobody(store: Store) -> None:
    connected = of_camera("camera.connected", -20 * DAY_S)
    view = door_of(restarted(store, connected, of_camera("camera.signal_lost", -5 * DAY_S)))
    assert "no picture" in view.uncounted


def test_what_a_controller_said_long_before_a_restart_still_holds(store: Store) -> None:
    door = DoorEvents()
    said = [
        door.say("door.tampered", LONG_AGO_S, active=True),
        door.say("door.alarmed", LONG_AGO_S + 1, alarm="DoorOpenTooLong"),
        door.say("door.shunted", LONG_AGO_S + 2, for_s=3 * 86_400),
    ]
    view = door_of(restarted(store, *said))
    assert (view.is_tampered, view.own_alarm, view.is_shunted) == (True, "DoorOpenTooLong", True)


def test_other_doors_from_now_on(store: Store) -> None:
    hub = hub_over(store)
    hub.accept([DoorEvents().opened(0)])
    hub.configure(tuple, tuple)
    assert hub.consult(lambda consumers: list(consumers)) == []
    assert hub.advance(at(10)) == []


def test_a_change_just_after_a_start_loses_nothing_that_doors_had_to_say(store: Store) -> None:
    door = DoorEvents()
    hub_over(store).accept([door.opened(0), DoorEvents("safe").closed(4)])
    hub = hub_over(store, now=5, settle_s=10)
    hub.configure(tuple, lambda: build_access(site()))
    hub.accept([door.closed(6)])
    assert [e.type for e in hub.advance(at(6))] == ["door.forced"]
