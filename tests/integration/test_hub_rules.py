"""From a door's contact to an incident: devices, conclusions, rules and the hub together."""

from __future__ import annotations

from itertools import count

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.correlation import build_rules
from custos.correlation.example_site import example_site
from custos.model.event import Event, Incident, Json
from custos.pipeline.hub import Hub
from custos.pipeline.ports import IncidentQuery
from custos.testing.premises import at
from custos.testing.store import InMemoryStore

RULES = read_rules([SHIPPED])


class Desk:
    """A hub with the shipped rules on the example site, told one second at a time."""

    def __init__(self) -> None:
        self.store = InMemoryStore()
        self._ids = count(1)
        self._told = count(1)
        self.start(0)

    def start(self, seconds: float) -> None:
        """Start, or start again."""
        site = example_site()
        self.hub = Hub(
            site.id, self.store, InProcessBus(), lambda: build_rules(site, RULES),
            make_consumers=lambda: build_access(site), new_id=lambda: f"{next(self._ids):04}", settle_s=0,
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
