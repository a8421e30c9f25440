"""From a door's contact to an incident: devices, conclusions, rules and the hub together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest

from custos.access import AccessWatch, build_access
from custos.adapters.bus import InProcessBus
from custos.correlation import PresenceTracker, RuleEngine, build_rules, revise_rules
from custos.correlation.example_site import example_site
from custos.model.event import Event, Incident, Json
from custos.pipeline.clock import ClockStep
from custos.pipeline.hub import REPLAY_S, Hub, Past
from custos.pipeline.ports import Commit, IncidentQuery, Rule
from custos.testing.premises import at
from custos.testing.rules import shipped_rules
from custos.testing.store import InMemoryStore

RULES = shipped_rules()


class Desk:
    """A hub with the shipped rules on the example site, told one second at a time."""

    def __init__(self, replay_s: float = REPLAY_S) -> None:
        self.store, self._replay_s = InMemoryStore(), replay_s
        self._ids = count(1)
        self._told = count(1)
        self.start(0)

    def start(self, seconds: float) -> None:
        """Start, or start again."""
        site = example_site()
        self.hub = Hub(
            site.id, self.store, InProcessBus(), lambda: build_rules(site, RULES),
            make_consumers=lambda: build_access(site), new_id=lambda: f"{next(self._ids):04}", settle_s=0,
            replay_s=self._replay_s,
        )  # fmt: skip
        self.hub.start(at(seconds))

    def door(self, seconds: float, type_: str, door_id: str = "safe", **data: Json) -> None:
        source = f"/sites/example/doors/{door_id}"
        self.hub.advance(at(seconds))
        self.hub.accept([Event(f"d{next(self._told)}", type_, at(seconds), source, None, {"door_id": door_id, **data})])

    def track(self, seconds: float, type_: str, camera: str, **data: Json) -> None:
        source, subject = f"/sites/example/cameras/{camera}", f"tracks/{camera}-1-1"
        self.hub.advance(at(seconds))
        told: dict[str, Json] = {"class": "person", **data}
        self.hub.accept([Event(f"t{next(self._told)}", type_, at(seconds), source, subject, told)])

    def tell(self, seconds: float, type_: str, place: str, **data: Json) -> None:
        self.hub.advance(at(seconds))
        event = Event(f"e{next(self._told)}", type_, at(seconds), f"/sites/example/{place}", None, data)
        self.hub.accept([event])

    def door_stands(self, door_id: str) -> str:
        """ "open", "closed" or "unknown"."""
        (watch,) = self.hub.consult(list)
        assert isinstance(watch, AccessWatch)
        return next(door.contact for door in watch.doors(at(0)) if door.id == door_id)

    def incidents(self) -> dict[str, Incident]:
        found = self.store.incidents("example", IncidentQuery()).items
        return {i.rule_id: i for i in found}


def test_a_quiet_day_opens_nothing() -> None:
    desk = Desk()
    desk.door(0, "access.granted", credential="1001", reader_id="safe-in")
    desk.door(1, "door.opened")
    desk.door(4, "door.closed")
    desk.hub.advance(at(600))
    assert desk.incidents() == {}


def test_refused_and_forced_with_somebody_there() -> None:
    desk = Desk()
    desk.door(0, "access.denied", credential="77", reader_id="safe-in", reason="Unauthorized")
    desk.track(20, "track.started", "corridor")
    desk.door(30, "door.opened")
    desk.start(31)
    desk.door(38, "door.closed")
    desk.hub.advance(at(600))
    told = desk.incidents()
    assert set(told) == {"denied-then-forced", "door-forced-somebody-seen"}
    refused = told["denied-then-forced"]
    assert (refused.severity, refused.title) == ("high", "Refused, then forced")
    assert refused.reasons[0] == (
        "Somebody was refused at Strongroom door and then it was forced: treat it as a break-in."
    )
    types = [e.type for e in desk.store.events_by_id("example", refused.event_ids)]
    assert types == ["access.denied", "door.forced"]
    desk.start(700)
    desk.hub.advance(at(720))
    assert len(desk.store.incidents("example", IncidentQuery()).items) == 2, "a restart opens nothing anew"


def test_a_tailgater_from_badge_and_camera() -> None:
    desk = Desk()
    line: dict[str, Json] = {"line_id": "sill", "direction": "left"}
    desk.door(0, "access.granted", "front", credential="1001", reader_id="front-in")
    desk.door(1, "door.opened", "front")
    desk.track(2, "line.crossed", "lobby", **line)
    source, data = "/sites/example/cameras/lobby", {**line, "class": "person"}
    desk.hub.accept([Event("second", "line.crossed", at(3), source, "tracks/lobby-1-2", data)])
    desk.door(6, "door.closed", "front")
    desk.hub.advance(at(60))
    told = desk.incidents()
    assert set(told) == {"tailgating"}
    assert "2 people went in through Front door, and one credential was used" in told["tailgating"].reasons


def test_what_was_due_when_the_hub_ended_is_told_when_it_is_back() -> None:
    """A device whose clock ran ahead carried the time away while the hub heard the past again: what was missing counted
    as told, and never was."""
    desk = Desk()
    desk.hub.advance(at(1))
    desk.door(30, "door.opened")
    desk.hub.advance(at(33))
    source = "/sites/example/doors/front"
    desk.hub.accept([Event("ahead", "door.opened", at(90), source, None, {"door_id": "front"})])
    desk.start(36)
    desk.hub.advance(at(37))
    assert desk.incidents() == {}
    desk.hub.advance(at(60))
    assert set(desk.incidents()) == {"door-forced-nobody-seen"}


def revised(desk: Desk, seconds: float) -> None:
    """Rule files are read for the first time, so that what is at work is new."""
    site = example_site()

    def change(at_work: Sequence[Rule], past: Past, now: datetime) -> Sequence[Rule]:
        return revise_rules([one for one in at_work if isinstance(one, PresenceTracker)], site, RULES, past, now)

    desk.hub.advance(at(seconds))
    desk.hub.revise(lambda: build_rules(site, RULES), change, replay_s=3600)


def revised_after_a_quiet_start(desk: Desk, seconds: float) -> None:
    """What is at work heard nothing since the start, and one of its rules is another."""
    site = example_site()

    def change(at_work: Sequence[Rule], past: Past, now: datetime) -> Sequence[Rule]:
        return revise_rules([one for one in at_work if isinstance(one, RuleEngine)], site, RULES[::-1], past, now)

    desk.start(seconds)
    desk.hub.revise(lambda: build_rules(site, RULES), change, replay_s=3600)


@pytest.mark.parametrize("begin_anew", [Desk.start, revised, revised_after_a_quiet_start])
@pytest.mark.parametrize(("came_at", "told"), [(36_000, set()), (3000, {"after-hours-presence"})])
def test_who_badged_long_before_a_restart_explains_who_is_seen(
    begin_anew: Callable[[Desk, float], None], came_at: float, told: set[str]
) -> None:
    """The guard comes at eight, or before noon, and is seen at eleven at night; a start hears an hour again."""
    desk, eleven = Desk(replay_s=3600), 13 * 3600
    desk.door(came_at, "access.granted", "front", credential="1002", reader_id="front-in")
    desk.door(came_at + 1, "door.opened", "front")
    desk.door(came_at + 4, "door.closed", "front")
    begin_anew(desk, eleven)
    desk.track(eleven + 10, "zone.entered", "lobby", zone_id="floor")
    desk.hub.advance(at(eleven + 60))
    assert set(desk.incidents()) == told


def test_a_camera_that_was_covered_long_before_a_restart_contradicts_no_panel() -> None:
    desk = Desk(replay_s=3600)
    desk.tell(0, "camera.covered", "cameras/shop")
    desk.start(20_000)
    desk.tell(20_010, "panel.alarmed", "panels/panel-1", panel_id="panel-1", kind="burglary")
    desk.hub.advance(at(20_100))
    assert set(desk.incidents()) == {"camera-attacked", "panel-alarm-unwatched"}


def begun_anew(desk: Desk, seconds: float) -> None:
    """Another site file."""
    site = example_site()
    desk.hub.advance(at(seconds))
    desk.hub.configure(lambda: build_rules(site, RULES), lambda: build_access(site))


def clock_set(desk: Desk, seconds: float) -> None:
    """The clock goes forward by an hour."""
    before = at(seconds - 3600)
    desk.hub.advance(before)
    desk.hub.set_clock(ClockStep(before - timedelta(seconds=1), before, timedelta(hours=1)))


HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.mark.parametrize(
    ("begin_anew", "told", "is_blind"),
    [
        (Desk.start, [("camera.lost", 5 * HOUR_S)], True),
        (revised, [("camera.lost", 5 * HOUR_S)], True),
        (revised_after_a_quiet_start, [("camera.stalled", 5 * HOUR_S)], True),
        (begun_anew, [("camera.signal_lost", 5 * DAY_S)], True),
        (clock_set, [("camera.connected", 15 * DAY_S), ("camera.lost", 2 * DAY_S)], True),
        (Desk.start, [("camera.lost", 5 * HOUR_S), ("camera.connected", 4 * HOUR_S)], False),
        (revised, [("camera.lost", 5 * HOUR_S), ("camera.connected", 2000.0)], False),  # of which all is heard again
        (begun_anew, [("camera.signal_lost", 15 * DAY_S), ("camera.connected", 2 * DAY_S)], False),
    ],
)
def test_a_camera_that_was_dead_long_before_a_restart_contradicts_no_panel(
    begin_anew: Callable[[Desk, float], None], told: list[tuple[str, float]], is_blind: bool
) -> None:
    """Symptom: five hours after a camera was lost, a panel's alarm was told as one that the cameras deny."""
    desk, now = Desk(replay_s=3600), 20 * DAY_S
    for type_, ago_s in told:
        desk.tell(now - ago_s, type_, "cameras/shop")
    begin_anew(desk, now)
    desk.tell(now + 10, "panel.alarmed", "panels/panel-1", panel_id="panel-1", kind="burglary")
    desk.hub.advance(at(now + 100))
    assert ("panel-alarm-unwatched" in desk.incidents()) == is_blind


def imported(desk: Desk, seconds: float) -> None:
    """A table that somebody imports: a door opened with nobody let in, and a drawer with nothing sold."""
    table: list[tuple[str, str, dict[str, Json]]] = [
        ("door.opened", "doors/safe", {"door_id": "safe"}),
        ("pos.opened", "tills/till-1", {"till_id": "till-1"}),
    ]
    events = [
        Event(f"row{n}", type_, at(seconds + n), f"/sites/example/{place}", None, data)
        for n, (type_, place, data) in enumerate(table)
    ]
    desk.store.commit(Commit(events, is_imported=True))


@pytest.mark.parametrize(
    ("begin_anew", "seconds"), [(Desk.start, -7200.0), (Desk.start, 15.0), (Desk.start, 40.0), (revised, 40.0)]
)
def test_what_was_imported_into_a_store_that_has_lived_is_known_and_nothing_is_said_of_it(
    begin_anew: Callable[[Desk, float], None], seconds: float
) -> None:
    """Symptom: after the next start there were incidents of a door that had been opened in an imported log, and of a
    drawer. Of what was not imported, and was due when nobody listened, is spoken all the same."""
    desk = Desk()
    desk.door(18, "door.opened", "front")
    desk.tell(20, "pos.opened", "tills/till-2", till_id="till-2")
    imported(desk, seconds)
    begin_anew(desk, 60)
    desk.hub.advance(at(200))
    assert {"door-forced-nobody-seen", "drawer-opened-no-sale"} <= set(desk.incidents())
    assert desk.incidents()["drawer-opened-no-sale"].event_ids == ("e2",)
    assert {e.door_id for e in desk.store.replay("example", since=at(-9000), types=("door.forced",))} == {"front"}
    desk.start(210)
    desk.hub.advance(at(4000))
    assert desk.door_stands("safe") == "open"
    assert {e.door_id for e in desk.store.replay("example", since=at(-9000), types=("door.held",))} == {"front"}
    assert all({*one.event_ids}.isdisjoint({"row0", "row1"}) for one in desk.incidents().values())


def test_what_happens_upon_something_imported_is_told() -> None:
    desk = Desk()
    imported(desk, -20.0)
    desk.start(0)
    desk.door(5, "door.closed")
    desk.hub.advance(at(60))
    (used,) = desk.store.replay("example", since=at(-9000), types=("door.used",))
    assert used.data["event_ids"] == ["row0", "d1"]
