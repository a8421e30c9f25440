"""Doors on the walk of an event: what is concluded is stored with what it was concluded from, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.store import open_store
from custos.model.event import Event, Signal
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


def test_after_a_start_doors_speak_as_soon_as_something_is_heard_and_not_before(store: Store) -> None:
    door = DoorEvents()
    hub_over(store).accept([door.opened(0)])
    hub = hub_over(store, now=1, settle_s=10)
    assert hub.advance(at(3)) == []  # who opened it may be on the way
    hub.accept([door.closed(4)])
    assert [e.type for e in hub.advance(at(5))] == ["door.forced"]


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
