"""A small site with doors, and the events its devices would send: for tests of doors, rules and pages.

story = DoorEvents("front"); story.granted(0, "1001"); story.opened(1); story.crossed(2, "a"); story.closed(4)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from custos.model.access import (
    AccessPlan,
    AccessRole,
    Area,
    Credential,
    CredentialState,
    Door,
    Holder,
    Passback,
    Permission,
    Reader,
    Threshold,
)
from custos.model.event import Event, Json
from custos.model.schedule import Hours, Schedule, SiteSchedule
from custos.model.site import Camera, Line, Site, Zone

START = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
"""A Tuesday morning."""
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
FRONT = Door(
    "front",
    "Front door",
    ("street", "office"),
    (Reader("front-in", "office"),),
    threshold=Threshold("lobby", "sill", "left"),
    cameras=("lobby",),
    walk_s=(("safe", 20.0),),
)
SAFE = Door(
    "safe",
    "Strongroom door",
    ("office", "vault"),
    (Reader("safe-in", "vault"), Reader("safe-out", "office")),
    open_time_s=20.0,
    pre_alarm_time_s=5.0,
)
STAFF = AccessRole("staff", "Staff", (Permission(("office", "vault")),))
KEEPER = AccessRole("keeper", "Keyholder", (Permission(("office", "vault")),), escorts=True)
VISITOR = AccessRole("visitor", "Visitor", (Permission(("office",)),), needs_escort=True)


def day_schedule(schedule_id: str = "day", begins_h: int = 7, ends_h: int = 19) -> SiteSchedule:
    """Every day between these hours, UTC; closed on holidays."""
    hours = Hours(frozenset(range(7)), START.time().replace(hour=begins_h), START.time().replace(hour=ends_h))
    return SiteSchedule(schedule_id, schedule_id, Schedule((hours,), "UTC"), Schedule((), "UTC"))


def plan(*doors: Door, passback: Passback = Passback.SOFT) -> AccessPlan:
    """A street, an office and a strongroom in it; four people. `doors`: in place of those with their ids."""
    changed = {door.id: door for door in doors}
    return AccessPlan(
        areas=(
            Area("street", "Street", is_outside=True),
            Area("office", "Office", passback=passback, zones=(("lobby", "floor"),)),
            Area("vault", "Strongroom", passback=passback),
        ),
        doors=tuple(changed.get(door.id, door) for door in (FRONT, SAFE)),
        holders=(
            Holder("ada", "Ada", ("staff",), (Credential("1001"), Credential("1009", is_duress=True))),
            Holder("ben", "Ben", ("keeper",), (Credential("1002"),), needs_longer=True),
            Holder("cleo", "Cleo", ("visitor",), (Credential("1003"),)),
            Holder("dan", "Dan", ("staff",), (Credential("1004", CredentialState.LOST),)),
        ),
        roles=(STAFF, KEEPER, VISITOR),
        schedules=(day_schedule(),),
    )


def site(access: AccessPlan | None = None) -> Site:
    """The site "hq" with one camera over the front door."""
    line, zones = (
        Line("sill", "Sill", ((0.0, 0.5), (1.0, 0.5))),
        (Zone("floor", "Floor", SQUARE), Zone("desk", "Desk", SQUARE)),
    )
    camera = Camera("lobby", "Lobby", "lobby.mp4", zones, (line,))
    return Site("hq", "HQ", cameras=(camera,), access=plan() if access is None else access)


def at(seconds: float) -> datetime:
    """So long after START."""
    return START + timedelta(seconds=seconds)


class DoorEvents:
    """Makes the events of one door; ids count up, so that a story is the same every time it is told."""

    def __init__(
        self, door_id: str = "front", *, prefix: str = "", camera: tuple[str, str] = ("lobby", "sill")
    ) -> None:
        self.door_id = door_id
        self.told: list[Event] = []
        self._prefix = prefix or door_id
        self._ids = count(1)

    def say(self, type_: str, seconds: float, **data: Json) -> Event:
        """Any event of the door."""
        told = {name: value for name, value in data.items() if value is not None}
        event = Event(
            f"{self._prefix}-{next(self._ids)}",
            type_,
            at(seconds),
            f"/sites/hq/doors/{self.door_id}",
            f"doors/{self.door_id}",
            {"door_id": self.door_id, **told},
        )
        self.told.append(event)
        return event

    def granted(self, seconds: float, credential: str, *, reader: str | None = None) -> Event:
        return self.say("access.granted", seconds, credential=credential, reader_id=reader)

    def taken(self, seconds: float, credential: str, *, reader: str | None = None) -> Event:
        return self.say("access.taken", seconds, credential=credential, reader_id=reader)

    def not_taken(self, seconds: float, credential: str, *, reader: str | None = None) -> Event:
        return self.say("access.not_taken", seconds, credential=credential, reader_id=reader)

    def denied(self, seconds: float, credential: str, *, reason: str = "Other", reader: str | None = None) -> Event:
        return self.say("access.denied", seconds, credential=credential, reader_id=reader, reason=reason)

    def opened(self, seconds: float) -> Event:
        return self.say("door.opened", seconds)

    def closed(self, seconds: float) -> Event:
        return self.say("door.closed", seconds)

    def exit(self, seconds: float) -> Event:
        return self.say("exit.requested", seconds)

    def crossed(self, seconds: float, track: str, direction: str = "left") -> Event:
        """Somebody crosses the threshold; "left" leads in."""
        data: dict[str, Json] = {"line_id": "sill", "direction": direction, "class": "person", "confidence": 0.9}
        event = Event(
            f"{self._prefix}-{next(self._ids)}",
            "line.crossed",
            at(seconds),
            "/sites/hq/cameras/lobby",
            f"tracks/lobby-1-{track}",
            {**data, "box": [0.4, 0.2, 0.5, 0.6]},
        )
        self.told.append(event)
        return event

    def passed(self, seconds: float, credential: str, *, reader: str | None = None) -> None:
        """One person badges, opens, goes through, and the door closes behind them."""
        self.granted(seconds, credential, reader=reader)
        self.opened(seconds + 1)
        if self.door_id == "front":
            self.crossed(seconds + 2, f"{credential}-{seconds:g}")
        self.closed(seconds + 4)
