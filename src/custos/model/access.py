"""Areas, doors, holders, roles: who may go where and when, and which cameras see it. Values only.

Words and timers are those of ONVIF's Door Control, Access Control and Access Rules service specifications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from custos.model.frame import require_aware
from custos.model.naming import Point, check_id, check_points, check_unique
from custos.model.schedule import Holiday, SiteSchedule

MAX_SECONDS = 86_400.0
VIEWED = ("tills", "panels", "sensors", "devices")
"""What a view may be of."""


class Passback(StrEnum):
    """What an area asks of those who come in without having gone out."""

    NONE = "none"  # nothing
    SOFT = "soft"  # it is told; the door lets them in
    HARD = "hard"  # the controller is to refuse them; that somebody went through all the same is told
    TIMED = "timed"  # a second entry within `passback_s` is told; later ones are not


@dataclass(frozen=True, slots=True)
class Area:
    """A space people can be in.

    Args:
        is_outside: everybody may be here, and nobody is counted.
        passback_s: for timed anti-passback.
        forgive_at: local time at which it is forgotten, every day, who is in; None never.
        first_in: roles of which somebody must be the first in on a day, before the others; () asks for nobody.
        max_people: more people inside are told of; None for any number.
        zones: (camera_id, zone_id) in which cameras see the people of this area.
        outline: polygon on the site's plan, 0..1; () when it is not drawn.
    """

    id: str
    name: str
    is_outside: bool = False
    passback: Passback = Passback.NONE
    passback_s: float = 600.0
    forgive_at: time | None = time(4)
    first_in: tuple[str, ...] = ()
    max_people: int | None = None
    zones: tuple[tuple[str, str], ...] = ()
    outline: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        check_id(self.id, "area")
        check_points(self.outline, f"area {self.id!r}: outline")
        if self.is_outside and self.passback is not Passback.NONE:
            raise ValueError(f"area {self.id!r}: outside there is no anti-passback")
        if not 0 < self.passback_s <= MAX_SECONDS:
            raise ValueError(f"area {self.id!r}: passback_s must lie in 0..86400 s, got {self.passback_s}")


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads credentials at a door; `into`: the area it lets people into."""

    id: str
    into: str

    def __post_init__(self) -> None:
        check_id(self.id, "reader")


@dataclass(frozen=True, slots=True)
class Threshold:
    """The line in a camera's picture that people cross when they go through a door.

    Args:
        inward: "left" or "right": the crossing that leads into the door's second area.
    """

    camera_id: str
    line_id: str
    inward: str

    def __post_init__(self) -> None:
        if self.inward not in ("left", "right"):
            raise ValueError(f"inward must be 'left' or 'right', got {self.inward!r}")


@dataclass(frozen=True, slots=True)
class Door:
    """A door between two areas.

    Args:
        areas: (from, into): going in leads from the first to the second.
        has_sensor: whether a contact tells that it opens and closes.
        release_time_s: how long it stays unlocked for whoever was let in.
        open_time_s: how long it may stand open; `extended_open_time_s` for holders who need longer.
        pre_alarm_time_s: so long before that a warning is told; 0 for none.
        propped_after_s: so long after that it counts as propped open.
        cameras: which see it. threshold: where its threshold is in a picture.
        free: id of the schedule in which it stands unlocked for everybody; None never.
        interlock: doors that must not be open at the same time.
        walk_s: the least time to walk to other doors, seconds by door id.
        position: on the site's plan, 0..1.
        device: id of the device that tells of it; while that is lost the door is offline.
    """

    id: str
    name: str
    areas: tuple[str, str]
    readers: tuple[Reader, ...] = ()
    has_sensor: bool = True
    release_time_s: float = 5.0
    open_time_s: float = 30.0
    extended_open_time_s: float = 60.0
    pre_alarm_time_s: float = 0.0
    propped_after_s: float = 300.0
    cameras: tuple[str, ...] = ()
    threshold: Threshold | None = None
    free: str | None = None
    interlock: tuple[str, ...] = ()
    walk_s: tuple[tuple[str, float], ...] = ()
    position: Point | None = None
    device: str | None = None

    def __post_init__(self) -> None:
        check_id(self.id, "door")
        check_unique([r.id for r in self.readers], f"door {self.id!r}: reader")
        if self.areas[0] == self.areas[1]:
            raise ValueError(f"door {self.id!r}: it joins {self.areas[0]!r} with itself")
        for reader in self.readers:
            if reader.into not in self.areas:
                raise ValueError(f"door {self.id!r}: reader {reader.id!r} leads into none of its areas")
        if not self.open_time_s <= self.extended_open_time_s <= MAX_SECONDS:
            raise ValueError(f"door {self.id!r}: extended_open_time_s must not be shorter than open_time_s")
        if not 0 <= self.pre_alarm_time_s < self.open_time_s:
            raise ValueError(f"door {self.id!r}: pre_alarm_time_s must be shorter than open_time_s")
        if not 0 < self.release_time_s <= MAX_SECONDS:
            raise ValueError(f"door {self.id!r}: release_time_s must lie in 0..86400 s, got {self.release_time_s}")
        if self.position is not None:
            check_points([self.position], f"door {self.id!r}: position")

    def has_reader_into(self, area_id: str) -> bool:
        """Whether going into this area by this door takes a credential."""
        return any(r.into == area_id for r in self.readers)

    def other_side(self, area_id: str) -> str:
        """The area one comes from when one goes into `area_id`."""
        return self.areas[0] if area_id == self.areas[1] else self.areas[1]


class CredentialState(StrEnum):
    ACTIVE = "active"
    LOST = "lost"
    STOLEN = "stolen"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Credential:
    """A badge, fob or PIN. `number`: as readers tell it; `is_duress`: its use means that the holder is under threat."""

    number: str
    state: CredentialState = CredentialState.ACTIVE
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    is_duress: bool = False

    def __post_init__(self) -> None:
        if not self.number:
            raise ValueError("a credential needs a number")
        for name, at in (("valid_from", self.valid_from), ("valid_until", self.valid_until)):
            if at is not None:
                require_aware(at, name)

    def is_usable(self, at: datetime) -> bool:
        """Whether it may be used at `at`: active, already valid and still valid."""
        begun = self.valid_from is None or self.valid_from <= at
        return self.state is CredentialState.ACTIVE and begun and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom credentials belong to. `needs_longer`: doors may stand open for their extended time."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] = ()
    needs_longer: bool = False

    def __post_init__(self) -> None:
        check_id(self.id, "holder")


@dataclass(frozen=True, slots=True)
class Permission:
    """These doors, and all doors into these areas, in the hours of this schedule (None: always)."""

    areas: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    schedule: str | None = None


@dataclass(frozen=True, slots=True)
class AccessRole:
    """What its holders may.

    Args:
        needs_escort: they go nowhere without somebody whose role `escorts`.
        is_exempt: anti-passback does not hold for them.
    """

    id: str
    name: str
    may: tuple[Permission, ...] = ()
    needs_escort: bool = False
    escorts: bool = False
    is_exempt: bool = False

    def __post_init__(self) -> None:
        check_id(self.id, "role")


@dataclass(frozen=True, slots=True)
class View:
    """Where cameras see something that is no door: `of` is "tills/<id>", "panels/<id>", "sensors/<id>", or one of a
    panel's own zones, "panels/<id>/<zone>"; `position`: where that stands on the site's plan; `areas`: those it covers,
    whose zones see it too."""

    of: str
    cameras: tuple[str, ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    position: Point | None = None
    areas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kind, _, one = self.of.partition("/")
        if kind not in VIEWED:
            raise ValueError(f"a view is of {', '.join(VIEWED)}, got {self.of!r}")
        own_id, _, zone = one.partition("/")
        check_id(own_id, kind[:-1])
        if zone and kind != "panels":
            raise ValueError(f"only a panel has zones of its own, got {self.of!r}")
        if self.position is not None:
            check_points([self.position], f"view of {self.of!r}: position")


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """Areas, doors and people of a site, as its file says; ValueError when one names what is not there."""

    areas: tuple[Area, ...] = ()
    doors: tuple[Door, ...] = ()
    holders: tuple[Holder, ...] = ()
    roles: tuple[AccessRole, ...] = ()
    schedules: tuple[SiteSchedule, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    views: tuple[View, ...] = ()
    _index: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for what, ids in (
            ("area", [a.id for a in self.areas]),
            ("door", [d.id for d in self.doors]),
            ("holder", [h.id for h in self.holders]),
            ("role", [r.id for r in self.roles]),
            ("schedule", [s.id for s in self.schedules]),
            ("reader", [r.id for d in self.doors for r in d.readers]),
        ):
            check_unique(ids, what)
        numbers = [c.number for h in self.holders for c in h.credentials]
        check_unique(numbers, "credential")
        object.__setattr__(self, "_index", _Index.of(self))
        self._check_names()

    def __bool__(self) -> bool:
        return bool(self.areas or self.doors or self.holders)

    def area(self, area_id: str) -> Area | None:
        return self._index.areas.get(area_id)

    def areas_seen(self, camera_id: str | None, zone_id: object) -> tuple[Area, ...]:
        """Those whose people a camera sees in this zone."""
        is_zone = camera_id is not None and isinstance(zone_id, str)
        return self._index.areas_of_zones.get((camera_id, zone_id), ()) if is_zone else ()

    def door(self, door_id: str) -> Door | None:
        return self._index.doors.get(door_id)

    def holder(self, holder_id: str) -> Holder | None:
        return self._index.holders.get(holder_id)

    def role(self, role_id: str) -> AccessRole | None:
        return self._index.roles.get(role_id)

    def schedule(self, schedule_id: str) -> SiteSchedule | None:
        return self._index.schedules.get(schedule_id)

    def credential(self, number: str) -> tuple[Holder, Credential] | None:
        """Whose it is, and what is known of it."""
        return self._index.credentials.get(number)

    def in_force(self, schedule_id: str | None, at: datetime) -> bool:
        """Whether the schedule covers `at`, holidays included; without a schedule: always."""
        if schedule_id is None:
            return True
        schedule = self.schedule(schedule_id)
        return schedule is not None and schedule.covers(at, self._index.holidays)

    def permits(self, holder: Holder, door: Door, into: str, at: datetime) -> bool:
        """Whether one of the holder's roles may go by this door into this area at this time.

        The way out into an area that is outside needs no permission.
        """
        area = self.area(into)
        if area is not None and area.is_outside:
            return True
        return any(self.in_force(one.schedule, at) for one in self._permissions(holder, door, into))

    def permits_at_times(self, holder: Holder, door: Door, into: str) -> bool:
        """Whether there are hours at which one of the holder's roles may go by this door into this area."""
        return next(self._permissions(holder, door, into), None) is not None

    def _permissions(self, holder: Holder, door: Door, into: str) -> Iterator[Permission]:
        """What the holder's roles may that is about this door or area, at whatever time."""
        for role_id in holder.roles:
            role = self.role(role_id)
            for one in role.may if role is not None else ():
                if into in one.areas or door.id in one.doors:
                    yield one

    def those_who_may(self, door: Door, into: str, at: datetime) -> list[Holder]:
        """Who may go by this door into this area at this time, with a credential that may be used then."""
        return [
            one
            for one in self.holders
            if any(c.is_usable(at) for c in one.credentials) and self.permits(one, door, into, at)
        ]

    def _check_names(self) -> None:
        known: dict[str, Mapping[str, object]] = {
            "area": self._index.areas,
            "door": self._index.doors,
            "role": self._index.roles,
            "schedule": self._index.schedules,
        }
        for what, named, by in self._names():
            if named not in known[what]:
                raise ValueError(f"{by}: no {what} {named!r}; known: {sorted(known[what])}")

    def _names(self) -> list[tuple[str, str, str]]:
        """(kind, id, who names it) of everything that one part says of another."""
        named: list[tuple[str, str, str]] = []
        for area in self.areas:
            named += [("role", one, f"area {area.id!r}") for one in area.first_in]
        for door in self.doors:
            by = f"door {door.id!r}"
            named += [("area", one, by) for one in door.areas]
            named += [("door", one, by) for one in (*door.interlock, *(other for other, _ in door.walk_s))]
            named += [("schedule", door.free, by)] if door.free is not None else []
        for role in self.roles:
            for may in role.may:
                by = f"role {role.id!r}"
                named += [("area", one, by) for one in may.areas]
                named += [("door", one, by) for one in may.doors]
                named += [("schedule", may.schedule, by)] if may.schedule is not None else []
        for view in self.views:
            named += [("area", one, f"view of {view.of!r}") for one in view.areas]
        for holder in self.holders:
            named += [("role", one, f"holder {holder.id!r}") for one in holder.roles]
        return named


@dataclass(frozen=True, slots=True)
class _Index:
    """The parts by what they are asked for."""

    areas: dict[str, Area]
    doors: dict[str, Door]
    holders: dict[str, Holder]
    roles: dict[str, AccessRole]
    schedules: dict[str, SiteSchedule]
    credentials: dict[str, tuple[Holder, Credential]]
    holidays: frozenset[date]
    areas_of_zones: dict[tuple[object, object], tuple[Area, ...]]

    @classmethod
    def of(cls, plan: AccessPlan) -> _Index:
        areas_of_zones: dict[tuple[object, object], tuple[Area, ...]] = {}
        for area in plan.areas:
            for zone in area.zones:
                areas_of_zones[zone] = (*areas_of_zones.get(zone, ()), area)
        return cls(
            {a.id: a for a in plan.areas},
            {d.id: d for d in plan.doors},
            {h.id: h for h in plan.holders},
            {r.id: r for r in plan.roles},
            {s.id: s for s in plan.schedules},
            {c.number: (h, c) for h in plan.holders for c in h.credentials},
            frozenset(h.day for h in plan.holidays),
            areas_of_zones,
        )


NO_ACCESS = AccessPlan()
