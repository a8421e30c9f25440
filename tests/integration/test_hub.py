"""The walk of an event: store, rules, incidents and bus together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from custos.adapters.bus import InProcessBus
from custos.adapters.store import SqlStore, open_store
from custos.correlation import build_rules
from custos.incidents.lifecycle import Action, Change, Refused
from custos.model.errors import CustosError, UsageError
from custos.model.event import Disposition, Event, Incident, IncidentState, Json, Picture
from custos.model.event_types import EVENT_TYPES
from custos.model.site import Camera, Hours, PresenceRule, Schedule, Site, Zone
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Conflict, EventQuery, IncidentQuery, Rule, Store
from custos.testing.store import InMemoryStore

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
RULE = PresenceRule("after-hours", "Somebody in the yard", (("dock", "yard"),), None, 10.0)
END = Event("end", "system.started", START, "/sites/hq/server")


def site(*rules: PresenceRule) -> Site:
    zones = (Zone("yard", "Yard", SQUARE), Zone("gate", "Gate", SQUARE))
    return Site("hq", "HQ", cameras=(Camera("dock", "Dock", "rtsp://dock", zones),), rules=rules)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def moved(kind: str, seconds: float, *, track: int = 1, zone: str = "yard", dwell_s: float | None = None) -> Event:
    data: dict[str, Json] = {"zone_id": zone, "class": "person"}
    if dwell_s is not None:
        data["dwell_s"] = dwell_s
    subject = f"tracks/dock-s1-{track}"
    return Event(f"{kind}-{track}-{zone}-{seconds}", kind, at(seconds), "/sites/hq/cameras/dock", subject, data)


def entered(seconds: float, *, track: int = 1, zone: str = "yard") -> Event:
    return moved("zone.entered", seconds, track=track, zone=zone)


def left(seconds: float, since: float, *, track: int = 1, zone: str = "yard") -> Event:
    return moved("zone.left", seconds, track=track, zone=zone, dwell_s=seconds - since)


class Desk:
    """A hub over a store, and what its bus has carried."""

    def __init__(self, store: Store, *rules: PresenceRule, settle_s: float = 0.0) -> None:
        self.store = store
        self.bus = InProcessBus()
        self.ids = count(1)
        self._listen()
        self.hub = self.new_hub(*rules, settle_s=settle_s)
        self.hub.start(START)

    def new_hub(self, *rules: PresenceRule, settle_s: float = 0.0) -> Hub:
        new_id = lambda: f"{next(self.ids):04}"  # noqa: E731 - one line says it
        return Hub("hq", self.store, self.bus, lambda: build_rules(site(*rules)), new_id=new_id, settle_s=settle_s)

    def restart(self, *rules: PresenceRule, now: float, settle_s: float = 0.0) -> None:
        self.hub = self.new_hub(*rules, settle_s=settle_s)
        self.hub.start(at(now))

    def incidents(self) -> list[Incident]:
        """Oldest first."""
        return self.store.incidents("hq", IncidentQuery()).items[::-1]

    def stored(self) -> list[Event]:
        return list(self.store.replay("hq", since=START - timedelta(days=1)))

    def heard(self) -> list[Event]:
        """What the bus has carried since the last time."""
        self.bus.publish(END)

        async def read() -> list[Event]:
            got: list[Event] = []
            async for event in self.bus.subscribe(durable="test"):
                if event == END:
                    break
                got.append(event)
            return got

        return asyncio.run(read())

    def _listen(self) -> None:
        async def listen() -> None:
            self.bus.subscribe(durable="test").close()

        asyncio.run(listen())


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    opened = open_store(f"sqlite:///{tmp_path / 'custos.db'}")
    yield opened
    opened.close()


def test_nothing_in_nothing_out(store: Store) -> None:
    desk = Desk(store, RULE)
    assert desk.hub.accept([]) == []
    assert desk.hub.advance(at(100)) == []
    assert desk.stored() == desk.heard() == []


def test_events_are_stored_published_and_come_back(store: Store) -> None:
    desk = Desk(store)
    events = [entered(0), left(3, 0)]
    assert desk.hub.accept(events) == events
    assert desk.stored() == events == desk.heard()


def test_doubles_are_heard_once(store: Store) -> None:
    desk = Desk(store, RULE)
    assert desk.hub.accept([entered(0), entered(0), left(30, 0)])[:2] == [entered(0), left(30, 0)]
    desk.heard()
    assert desk.hub.accept([entered(0), left(30, 0)]) == []
    assert desk.heard() == []
    assert len(desk.incidents()) == 1


def test_picture_comes_with_its_event_or_later(store: Store) -> None:
    desk = Desk(store)
    picture = Picture(entered(0).id, "dock", START, b"jpeg", (0.1, 0.2, 0.3, 0.4))
    late = Picture(left(3, 0).id, "dock", at(3), b"late")
    desk.hub.accept([entered(0), left(3, 0)], [picture])
    desk.hub.accept([left(3, 0)], [late])
    assert store.picture("hq", picture.id) == picture
    assert store.picture("hq", late.id) == late


def test_event_of_another_site_is_refused_whole(store: Store) -> None:
    desk = Desk(store)
    foreign = replace(entered(1), id="foreign", source="/sites/branch/cameras/dock")
    with pytest.raises(UsageError, match=r"'branch'.*'hq'"):
        desk.hub.accept([entered(0), foreign])
    assert desk.stored() == []


def test_one_person_lingering_is_one_incident(store: Store) -> None:
    """An hour of it: opened once, updated every minute, numbered 1, its events in the store like all
    others."""
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    for second in range(0, 3600, 5):
        desk.hub.advance(at(second))
    desk.hub.accept([left(3600, 0)])
    (incident,) = desk.incidents()
    assert (incident.number, incident.title, incident.state) == (1, RULE.title, IncidentState.OPEN)
    assert incident.opened_at == at(10)
    assert incident.updated_at == at(3600)
    assert incident.event_ids == (entered(0).id, left(3600, 0).id)
    assert incident.timeline[-1].text == "Left after 1 h"
    told = [e for e in desk.heard() if e.type.startswith("incident.")]
    assert [e.type for e in told] == ["incident.opened"] + ["incident.updated"] * 60
    assert [e for e in desk.stored() if e.type.startswith("incident.")] == told
    assert told[0].data == {
        "incident_id": incident.id,
        "number": 1,
        "title": RULE.title,
        "severity": "medium",
        "risk": told[0].data["risk"],
        "state": "open",
    }
    assert incident.version == 61


def test_people_soon_after_each_other_are_one_incident_and_hours_later_another(store: Store) -> None:
    desk = Desk(store, RULE)
    for start, track in ((0, 1), (200, 2), (7200, 3)):
        desk.hub.accept([entered(start, track=track)])
        desk.hub.advance(at(start + 15))
        desk.hub.accept([left(start + 20, start, track=track)])
    assert [(i.number, len(i.subjects)) for i in desk.incidents()] == [(1, 2), (2, 1)]


def test_one_call_may_open_several(store: Store) -> None:
    rule = replace(RULE, zones=(("dock", "yard"), ("dock", "gate")))
    desk = Desk(store, rule)
    visits = [(0, "yard", 1), (5, "gate", 2), (4000, "yard", 3)]
    events = [
        e
        for start, zone, track in visits
        for e in (entered(start, zone=zone, track=track), left(start + 30, start, zone=zone, track=track))
    ]
    desk.hub.accept(events)
    assert [(i.number, i.zone_id, i.version, len(i.signal_ids)) for i in desk.incidents()] == [
        (1, "yard", 1, 2),
        (2, "gate", 1, 2),
        (3, "yard", 1, 2),
    ]


def test_late_visit_is_one_incident_of_its_own(store: Store) -> None:
    """News of an hour ago, while another incident of the zone is live: not one incident for each of its
    signals."""
    desk = Desk(store, RULE)
    desk.hub.accept([entered(4000, track=2)])
    desk.hub.advance(at(4015))
    desk.hub.accept([entered(0), left(600, 0), left(4020, 4000, track=2)])
    late, live = sorted(desk.incidents(), key=lambda i: i.opened_at)
    assert (late.number, late.opened_at, late.timeline[-1].text) == (2, at(10), "Left after 10 min")
    assert (live.number, live.opened_at, live.timeline[-1].text) == (1, at(4010), "Left after 20 s")


def test_resolved_stays_resolved_while_the_person_is_still_there(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    desk.hub.advance(at(15))
    change = Change(Action.RESOLVE, "Ann", at(20), disposition=Disposition.NUISANCE)
    resolved = desk.hub.change_incident(desk.incidents()[0].id, change)
    desk.hub.advance(at(200))
    desk.hub.accept([left(210, 0)])
    assert desk.incidents() == [resolved]
    desk.hub.accept([entered(220, track=2), left(250, 220, track=2)])
    assert [i.state for i in desk.incidents()] == [IncidentState.RESOLVED, IncidentState.OPEN]


def test_change_is_stored_and_published(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0), left(20, 0)])
    desk.heard()
    before = desk.incidents()[0]
    changed = desk.hub.change_incident(before.id, Change(Action.ACKNOWLEDGE, "Ann", at(30)), version=before.version)
    assert (changed.state, changed.assignee, changed.version) == (IncidentState.ACKNOWLEDGED, "Ann", 2)
    assert desk.incidents() == [changed]
    (event,) = desk.heard()
    assert (event.type, event.at, event.subject) == ("incident.changed", at(30), f"incidents/{before.id}")
    assert (event.data["actor"], event.data["state"]) == ("Ann", "acknowledged")
    assert desk.stored()[-1] == event
    resolve = Change(Action.RESOLVE, "Ann", at(40), disposition=Disposition.TEST)
    desk.hub.change_incident(before.id, resolve, version=2)
    assert desk.heard()[0].data["disposition"] == "test"


def test_change_that_cannot_be_made_changes_nothing(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0), left(20, 0)])
    desk.heard()
    (incident,) = desk.incidents()
    with pytest.raises(LookupError, match="inc-none"):
        desk.hub.change_incident("inc-none", Change(Action.ACKNOWLEDGE, "Ann", at(30)))
    with pytest.raises(Conflict, match="at version 1, not 7"):
        desk.hub.change_incident(incident.id, Change(Action.ACKNOWLEDGE, "Ann", at(30)), version=7)
    with pytest.raises(Refused, match="only a resolved one"):
        desk.hub.change_incident(incident.id, Change(Action.REOPEN, "Ann", at(30)), version=1)
    assert desk.incidents() == [incident]
    assert desk.heard() == []


def test_own_events_have_the_fields_they_are_said_to_have(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0), left(20, 0)])
    desk.hub.accept([entered(30), left(60, 30)])
    resolve = Change(Action.RESOLVE, "Ann", at(70), disposition=Disposition.TEST)
    desk.hub.change_incident(desk.incidents()[0].id, resolve)
    told = [e for e in desk.heard() if e.type.startswith("incident.")]
    assert [e.type for e in told] == ["incident.opened", "incident.updated", "incident.changed"]
    for event in told:
        assert set(event.data) == {field.name for field in EVENT_TYPES[event.type].fields}


def test_restart_goes_on_where_it_was(store: Store) -> None:
    """The visit that goes on is known; what was said is not said again; what is due is said, into the same
    incident."""
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    desk.hub.advance(at(75))
    before = desk.incidents()
    desk.restart(RULE, now=80)
    desk.heard()
    assert desk.hub.advance(at(81)) == []
    assert desk.incidents() == before
    desk.hub.advance(at(135))
    desk.hub.accept([left(140, 0)])
    (incident,) = desk.incidents()
    assert [e.at for e in incident.timeline] == [at(10), at(70), at(130), at(140)]


def test_restart_does_not_take_the_gone_for_lingering(store: Store) -> None:
    """After a power cut the camera says within seconds that it started anew: nobody has been there for
    hours."""
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    desk.hub.advance(at(5))
    desk.restart(RULE, now=7200, settle_s=10)
    assert desk.hub.advance(at(7205)) == []
    desk.hub.accept([Event("up", "camera.connected", at(7206), "/sites/hq/cameras/dock")])
    assert desk.hub.advance(at(7300)) == []
    assert desk.incidents() == []


def test_new_rule_speaks_of_what_goes_on_and_not_of_what_is_over(store: Store) -> None:
    desk = Desk(store)
    desk.hub.accept([entered(0, track=1), left(100, 0, track=1), entered(200, track=2)])
    desk.hub.configure(lambda: build_rules(site(RULE)))
    desk.hub.advance(at(215))
    (incident,) = desk.incidents()
    assert incident.subjects == ("tracks/dock-s1-2",)


@pytest.mark.parametrize("heard_at", [13, 15], ids=["before the start", "after the start"])
def test_a_change_just_after_a_start_loses_nothing_that_waits_to_be_said(store: Store, heard_at: float) -> None:
    """A camera was added within seconds of a start: who had been in the yard for long enough was never told of."""
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    if heard_at < 14:
        desk.hub.accept([entered(heard_at, zone="gate", track=9)])
    desk.restart(RULE, now=14, settle_s=10)
    if heard_at > 14:
        desk.hub.accept([entered(heard_at, zone="gate", track=9)])
        desk.hub.advance(at(heard_at))
    other = replace(RULE, id="other", zones=(("dock", "gate"),), longer_than_s=1.0)
    for rules in ((RULE,), (RULE, other)):
        desk.hub.configure(partial(build_rules, site(*rules)))
    assert desk.hub.advance(at(23)) == []
    desk.hub.advance(at(30))
    assert [i.opened_at for i in desk.incidents() if i.rule_id == RULE.id] == [at(10)]


def test_a_rule_removed_just_after_a_start_says_no_more(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0), entered(13, zone="gate", track=9)])
    desk.restart(RULE, now=14, settle_s=10)
    desk.hub.configure(lambda: build_rules(site()))
    assert desk.hub.advance(at(30)) == []


def test_rules_that_cannot_be_made_leave_those_before_them_at_work(store: Store) -> None:
    def broken() -> list[Rule]:
        raise CustosError("such a rule cannot be")

    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    with pytest.raises(CustosError, match="such a rule"):
        desk.hub.configure(broken)
    desk.hub.advance(at(15))
    assert len(desk.incidents()) == 1


def test_removed_rule_is_silent(store: Store) -> None:
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    desk.hub.configure(lambda: build_rules(site()))
    assert desk.hub.advance(at(100)) == []


def test_hours_of_the_rule_count(store: Store) -> None:
    always = Schedule((Hours(frozenset(range(7)), time(0), time(0)),), "UTC")
    desk = Desk(store, replace(RULE, expected=always))
    desk.hub.accept([entered(0), left(900, 0)])
    assert desk.incidents() == []


def test_hub_must_be_started() -> None:
    hub = Hub("hq", InMemoryStore(), InProcessBus(), list, new_id=lambda: "1")
    with pytest.raises(RuntimeError, match="start"):
        hub.accept([entered(0)])
    with pytest.raises(ValueError, match="aware"):
        hub.start(datetime(2026, 3, 2))  # noqa: DTZ001 - naive is what is refused


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[SqlStore, Callable[[], None], Callable[[], None]]]:
    """A store that cannot write between the first call and the second."""
    path = tmp_path / "custos.db"
    store = open_store(f"sqlite:///{path}")
    with store.database.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=20")
    other = sqlite3.connect(path, isolation_level=None)
    yield store, lambda: other.execute("BEGIN IMMEDIATE").close(), lambda: other.execute("ROLLBACK").close()
    other.close()
    store.close()


def test_step_that_cannot_be_stored_has_not_happened(
    locked: tuple[SqlStore, Callable[[], None], Callable[[], None]],
) -> None:
    """Nothing is published; sent again it happens once, and the rules have not heard it twice."""
    store, lock, unlock = locked
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0)])
    desk.heard()
    lock()
    for _ in range(2):
        with pytest.raises(CustosError, match="locked"):
            desk.hub.accept([left(30, 0), entered(40, track=2)])
    with pytest.raises(CustosError, match="locked"):
        desk.hub.advance(at(35))
    assert desk.heard() == []
    unlock()
    assert desk.incidents() == []
    desk.hub.accept([left(30, 0), entered(40, track=2)])
    (incident,) = desk.incidents()
    assert [e.at for e in incident.timeline] == [at(10), at(30)]
    assert [e.type for e in desk.heard()] == ["zone.left", "zone.entered", "incident.opened"]
    desk.hub.advance(at(60))
    assert [i.subjects for i in desk.incidents()] == [("tracks/dock-s1-1", "tracks/dock-s1-2")]


def test_change_that_cannot_be_stored_has_not_happened(
    locked: tuple[SqlStore, Callable[[], None], Callable[[], None]],
) -> None:
    store, lock, unlock = locked
    desk = Desk(store, RULE)
    desk.hub.accept([entered(0), left(30, 0)])
    (incident,) = desk.incidents()
    desk.heard()
    lock()
    with pytest.raises(CustosError, match="locked"):
        desk.hub.change_incident(incident.id, Change(Action.ACKNOWLEDGE, "Ann", at(30)))
    unlock()
    assert desk.incidents() == [incident]
    assert desk.heard() == []
    desk.hub.change_incident(incident.id, Change(Action.ACKNOWLEDGE, "Ann", at(30)), version=1)
    assert store.events("hq", EventQuery(types=("incident.changed",))).items[0].data["state"] == "acknowledged"
