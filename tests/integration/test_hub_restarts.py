"""A start tells rules and consumers what life told them, and says only what life had not yet said.

Hubs settle here, as those of `custos up` do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Generic, TypeVar

import pytest

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.rulefiles.reader import parse_rule
from custos.app.ordered_hub import OrderedHub
from custos.correlation import RuleDefinition, build_rules, revise_rules
from custos.model.errors import CustosError
from custos.model.event import Event, Json, Signal
from custos.model.site import PresenceRule, Site
from custos.pipeline.clock import ClockStep
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Commit, IncidentQuery
from custos.testing.premises import DoorEvents, at, site
from custos.testing.store import InMemoryStore

MINUTE = PresenceRule("there", "Somebody there", (("lobby", "desk"),), None, 60.0)
TEN_SECONDS = replace(MINUTE, longer_than_s=10.0)
LEFT_OPEN = parse_rule("""
id: stays-open
title: Left open for five minutes
status: stable
level: high
description: A door was opened and not closed within five minutes.
operator: "{door} stands open: send somebody."
falsepositives: [none]
events:
  opened: {type: door.opened}
  closed: {type: door.closed}
correlation: {type: absence, rules: [opened], without: [closed], group-by: [door], timespan: 5m}
examples:
  - {name: a, fires: true, events: [{at: 0, type: door.opened, door: safe}]}
  - {name: b, fires: false, events: [{at: 0, type: door.closed, door: safe}]}
""")
Said = TypeVar("Said")


class Life:
    """One site's hubs after each other, over a store whose disk may be full."""

    def __init__(self, *rules: PresenceRule, files: Sequence[RuleDefinition] = (), settle_s: float = 10.0) -> None:
        self.store, self.settle_s, self.files = FullStore(), settle_s, files
        self.ids = count()
        self.restart(-100, *rules)

    def restart(self, now: float, *rules: PresenceRule) -> None:
        changed = self.site_of(rules)
        self.hub = Hub(
            "hq", self.store, InProcessBus(), lambda: build_rules(changed, self.files),
            make_consumers=lambda: build_access(changed), new_id=lambda: f"{next(self.ids)}", settle_s=self.settle_s,
        )  # fmt: skip
        self.hub.start(at(now))

    def site_of(self, rules: Iterable[PresenceRule]) -> Site:
        return replace(site(), rules=tuple(rules))

    def goes_on(self, *steps: float | Event) -> None:
        """It is so late, in seconds, or that is heard."""
        for step in steps:
            if isinstance(step, Event):
                self.hub.accept([step])
            else:
                self.hub.advance(at(step))

    @property
    def titles(self) -> list[str]:
        return [incident.title for incident in self.store.incidents("hq", IncidentQuery()).items]


class FullStore(InMemoryStore):
    is_full = False

    def commit(self, commit: Commit) -> list[Event]:
        if self.is_full:
            raise CustosError("The disk is full.")
        return super().commit(commit)


class Log(Generic[Said]):
    """A rule or consumer that only notes what it hears, and what time it had been told then."""

    rule_id = "log"
    memory: Mapping[str, float] = dict.fromkeys(
        ("door.opened", "door.closed", "access.granted", "zone.entered", "zone.left"), 3600.0
    )

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.heard: list[tuple[datetime | None, str]] = []

    def update(self, event: Event) -> list[Said]:
        self.heard.append((self.at, event.id))
        return []

    def advance(self, at: datetime) -> list[Said]:
        self.at = at
        return []


def moved(id_: str, type_: str, seconds: float, **data: Json) -> Event:
    told = {"zone_id": "desk", "class": "person", **data}
    return Event(id_, type_, at(seconds), "/sites/hq/cameras/lobby", "tracks/lobby-a-1", told)


def backlog() -> list[float | Event]:
    """What doors and cameras tell a hub that was away from 50 to 90: who is furthest behind comes last."""
    door = DoorEvents()
    return [
        -50, moved("in", "zone.entered", 0), 1, 50,
        door.opened(61), 61, door.closed(62.8), 61, 62.8, door.granted(63.2, "1001"),
        moved("out", "zone.left", 59, dwell_s=59.0), 63.2, 98, 101, door.opened(104), 105,
    ]  # fmt: skip


@pytest.mark.parametrize("second", [5, 7, 9, 12, 15])
def test_a_start_tells_what_life_told(second: int) -> None:
    """Rules were told at a start what had been told only to doors while the hub settled."""
    store = InMemoryStore()
    rules: list[Log[Signal]] = []
    consumers: list[Log[Event]] = []

    def make_rules() -> list[Log[Signal]]:
        rules.append(Log())
        return rules[-1:]

    def started(now: float) -> Hub:
        def make_consumers() -> list[object]:
            consumers.append(Log())
            return [*build_access(site()), consumers[-1]]

        new_id = iter(map(str, count(len(rules) * 100))).__next__
        hub = Hub("hq", store, InProcessBus(), make_rules, make_consumers=make_consumers, new_id=new_id)  # type: ignore[arg-type]
        hub.start(at(now))
        return hub

    hub = started(-100)
    for n, step in enumerate(backlog()):
        if n in (4, second):
            before = rules[-1].heard[:], consumers[-1].heard[:]
            hub = started(91 if n < 12 else 103)
            assert (rules[-1].heard, consumers[-1].heard) == before
        if isinstance(step, Event):
            hub.accept([step])
        else:
            hub.advance(at(step))
    assert len(rules) == 3
    assert len(rules[-1].heard) > len(consumers[-1].heard) == 6  # rules hear what doors conclude


@pytest.mark.parametrize("what", ["a start", "the clock is set", "a failed step"])
def test_who_had_left_when_it_was_heard_is_not_there_after_another_start(what: str) -> None:
    """Symptom: doors were told of 62.8 while the hub settled, a camera then that its visitor had left after 59 s; the
    next start, set clock or full disk opened an incident of a visit of over a minute."""
    life = Life(MINUTE)
    life.goes_on(*backlog()[:4])
    life.restart(90, MINUTE)
    life.goes_on(*backlog()[4:-2])
    assert life.titles == []
    if what == "a start":
        life.restart(110, MINUTE)
    elif what == "the clock is set":
        life.hub.set_clock(ClockStep(at(-1000), at(102), timedelta(seconds=5)))
    else:
        life.store.is_full = True
        with pytest.raises(CustosError):
            life.goes_on(DoorEvents(prefix="full").opened(105))
        life.store.is_full = False
    life.goes_on(111, 121, 125)
    assert life.titles == []


@pytest.mark.parametrize("settle_s", [0.0, 10.0])
def test_a_rule_that_was_changed_says_nothing_of_what_was_over_before_a_start(settle_s: float) -> None:
    life = Life(settle_s=settle_s)
    visit = (-20.0, moved("in", "zone.entered", -15), 2.0, moved("out", "zone.left", 5, dwell_s=20.0), 6.0, 30.0)
    life.goes_on(*visit, DoorEvents().opened(31), 32)
    life.restart(40, TEN_SECONDS)
    life.goes_on(41, 45, 51, 52)
    assert life.titles == []


@pytest.mark.parametrize("how", ["configure", "revise"])
def test_a_rule_that_was_changed_says_nothing_of_what_was_over_after_a_failed_step(how: str) -> None:
    life = Life(settle_s=0.0)
    visit = (-20.0, moved("in", "zone.entered", -15), 2.0, moved("out", "zone.left", 5, dwell_s=20.0), 6.0, 30.0)
    life.goes_on(*visit, DoorEvents().opened(31), 32)
    changed = life.site_of([TEN_SECONDS])
    if how == "configure":
        life.hub.configure(lambda: build_rules(changed), lambda: build_access(changed))
    else:
        life.hub.revise(lambda: build_rules(changed), lambda *_: build_rules(changed), replay_s=3600.0)
    life.goes_on(33, 40)
    life.store.is_full = True
    with pytest.raises(CustosError):
        life.goes_on(DoorEvents(prefix="q").closed(41))
    life.store.is_full = False
    life.goes_on(DoorEvents(prefix="q").closed(41), 42)
    assert life.titles == []


def test_after_a_failed_step_nothing_is_said_that_was_due_before_it() -> None:
    """A rule that began when its door had long been open; nothing was stored since the door was opened."""
    life = Life(settle_s=0.0)
    life.goes_on(-1, DoorEvents().opened(0), 400)
    changed = life.site_of([])
    life.hub.revise(
        lambda: build_rules(changed, [LEFT_OPEN]),
        lambda _, past, now: revise_rules([], changed, [LEFT_OPEN], past, now),
        replay_s=3600.0,
    )
    life.goes_on(401)
    life.store.is_full = True
    with pytest.raises(CustosError):
        life.goes_on(DoorEvents("safe").closed(402))
    life.store.is_full = False
    life.goes_on(402, 410)
    assert life.titles == []


@pytest.mark.parametrize("is_restarted", [False, True])
def test_what_fell_due_while_the_hub_settled_is_said_once_after_another_start(is_restarted: bool) -> None:
    """Symptom: what has been missing bears the time of what it was missed after, so of "open for five minutes" it was
    believed to have been said long ago."""
    life, safe = Life(files=[LEFT_OPEN]), DoorEvents("safe")
    life.goes_on(-1, DoorEvents().opened(0), 1, 290)
    life.restart(295)
    life.goes_on(safe.granted(303, "1001"), 304, safe.opened(304))
    if is_restarted:
        life.restart(306)
    life.goes_on(307, 312, 317, 330)
    assert life.titles == ["Left open for five minutes"]


def test_a_rule_that_is_made_longer_knows_who_came_hours_ago() -> None:
    """Symptom: rules of a site that was edited heard as much of the past as the rules before them had needed, also
    after a full disk or when the clock was set: who had been there for hours by then was never told of."""
    store, ids = InMemoryStore(), count()
    hub = Hub("hq", store, InProcessBus(), tuple, new_id=lambda: f"{next(ids)}", replay_s=3600.0, settle_s=0.0)
    hub.start(at(-1))
    hub.advance(at(-1))
    hub.accept([moved("in", "zone.entered", 0)])
    now = 3 * 3600.0
    hub.advance(at(now))
    changed = replace(site(), rules=(replace(MINUTE, longer_than_s=4 * 3600.0),))
    ordered = OrderedHub(hub, clock=lambda: at(now), steady=lambda: now)
    asyncio.run(ordered.configure(changed))
    hub.advance(at(now + 3660.0))
    assert [incident.title for incident in store.incidents("hq", IncidentQuery()).items] == ["Somebody there"]


def test_after_days_without_an_event_a_start_says_what_fell_due_meanwhile() -> None:
    """What time they were told is further back than rules hear again."""
    life, door = Life(), DoorEvents()
    life.goes_on(-1, door.granted(0, "1001"), door.opened(1), 2)
    life.restart(30 * 3600.0)
    life.goes_on(30 * 3600.0 + 11)
    assert "door.held" in [event.type for event in life.store.replay("hq", since=at(0))]
