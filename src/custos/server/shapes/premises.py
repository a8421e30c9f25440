"""Areas, doors and holders. Who somebody is stands only in what is told to those who may see people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from custos.access import AreaView, DoorView
from custos.model.access import AccessPlan, AccessRole, Area, Credential, Door, Holder, Permission
from custos.model.schedule import SiteSchedule
from custos.server.shapes.base import LINE_PATTERN, Asked, Instant, Told
from custos.server.shapes.event import CloudEventTold
from custos.server.shapes.site import HoursTold, PointTold

HOLDERS_TOLD = 200


class InsideTold(Told):
    """Somebody in an area, by their credential. `holder_id` is null for a credential nobody is known to hold."""

    holder_id: str | None
    name: str | None
    credential: str | None
    since: Instant


class AreaTold(Told):
    """An area. `people`: by their credentials; `seen`: by cameras, null where none looks; `cameras`: those that look.
    `disagreed_since`: since when cameras have seen more people than credentials say (`area.disagreed`), null while the
    two agree. `inside`: who they are, null for those who may not see people."""

    id: str
    name: str
    outside: bool
    passback: Literal["none", "soft", "hard", "timed"]
    max_people: int | None
    outline: list[PointTold]
    doors: list[str]
    cameras: list[str]
    people: int
    seen: int | None
    disagreed_since: Instant | None
    inside: list[InsideTold] | None

    @classmethod
    def of(cls, area: Area, view: AreaView | None, plan: AccessPlan, *, with_people: bool) -> AreaTold:
        inside = view.inside if view is not None else ()
        who = [
            InsideTold(
                holder_id=one.holder_id,
                name=holder.name if (holder := plan.holder(one.holder_id or "")) is not None else None,
                credential=one.credential,
                since=since,
            )
            for one, since in inside
        ]
        return cls(
            id=area.id,
            name=area.name,
            outside=area.is_outside,
            passback=area.passback.value,
            max_people=area.max_people,
            outline=list(area.outline),
            doors=[door.id for door in plan.doors if area.id in door.areas],
            cameras=list(dict.fromkeys(camera_id for camera_id, _ in area.zones)),
            people=len(inside),
            seen=view.seen if view is not None else None,
            disagreed_since=view.disagreed_since if view is not None else None,
            inside=who if with_people else None,
        )


class ReaderTold(Told):
    id: str
    into: str


class ThresholdTold(Told):
    """`inward`: the crossing that leads into the door's second area."""

    camera_id: str
    line_id: str
    inward: Literal["left", "right"]


class DoorStateTold(Told):
    """A door now, in ONVIF's terms. `people_in`, `people_out`: in the present opening, null while it is closed or
    nobody counts; `uncounted` says why nobody does, "" when somebody does."""

    contact: Literal["open", "closed", "unknown"]
    lock: Literal["locked", "unlocked"]
    alarm: Literal["normal", "forced", "held", "propped"]
    own_alarm: str
    mode: str
    online: bool
    tampered: bool
    shunted: bool
    free: bool
    opened_at: Instant | None
    changed_at: Instant | None
    people_in: int | None
    people_out: int | None
    uncounted: str

    @classmethod
    def of(cls, view: DoorView) -> DoorStateTold:
        people = view.people or (None, None)
        return cls.model_validate(
            {
                "contact": view.contact,
                "lock": view.lock,
                "alarm": view.alarm,
                "own_alarm": view.own_alarm,
                "mode": view.mode,
                "online": view.is_online,
                "tampered": view.is_tampered,
                "shunted": view.is_shunted,
                "free": view.is_free,
                "opened_at": view.opened_at,
                "changed_at": view.changed_at,
                "people_in": people[0],
                "people_out": people[1],
                "uncounted": view.uncounted,
            }
        )


class DoorWeekTold(Told):
    """How often it happened at a door in the last seven days."""

    forced: int
    held: int
    propped: int
    tailgated: int
    denied: int
    used: int


WEEK_TYPES: dict[str, str] = {
    "door.forced": "forced",
    "door.held": "held",
    "door.propped": "propped",
    "access.tailgated": "tailgated",
    "access.denied": "denied",
    "door.used": "used",
}
"""Which event type counts as what in DoorWeekTold."""


class DoorTold(Told):
    """A door. `areas`: going in leads from the first to the second. `state`: null until the hub knows of the door.
    `last_event`: the newest in its log."""

    id: str
    name: str
    areas: tuple[str, str]
    readers: list[ReaderTold]
    sensor: bool
    release_time_s: float
    open_time_s: float
    extended_open_time_s: float
    pre_alarm_time_s: float
    propped_after_s: float
    cameras: list[str]
    threshold: ThresholdTold | None
    free: str | None
    interlock: list[str]
    position: PointTold | None
    device: str | None
    state: DoorStateTold | None
    week: DoorWeekTold
    last_event: CloudEventTold | None

    @classmethod
    def of(
        cls, door: Door, view: DoorView | None, week: Mapping[str, int], last_event: CloudEventTold | None
    ) -> DoorTold:
        """`week`: how often each of WEEK_TYPES happened."""
        threshold = door.threshold
        return cls(
            id=door.id,
            name=door.name,
            areas=door.areas,
            readers=[ReaderTold(id=r.id, into=r.into) for r in door.readers],
            sensor=door.has_sensor,
            release_time_s=door.release_time_s,
            open_time_s=door.open_time_s,
            extended_open_time_s=door.extended_open_time_s,
            pre_alarm_time_s=door.pre_alarm_time_s,
            propped_after_s=door.propped_after_s,
            cameras=list(door.cameras),
            threshold=None
            if threshold is None
            else ThresholdTold(
                camera_id=threshold.camera_id,
                line_id=threshold.line_id,
                inward="left" if threshold.inward == "left" else "right",
            ),
            free=door.free,
            interlock=list(door.interlock),
            position=door.position,
            device=door.device,
            state=None if view is None else DoorStateTold.of(view),
            week=DoorWeekTold.model_validate({name: week.get(type_, 0) for type_, name in WEEK_TYPES.items()}),
            last_event=last_event,
        )


class PermittedTold(Told):
    """Somebody who may go through a door now."""

    id: str
    name: str
    roles: list[str]


class WayTold(Told):
    """One way through a door. `free`: nobody needs a credential now, and `free_because` says why. Otherwise `count`
    holders may pass now, of whom `holders` are the first 200."""

    into: str
    free: bool
    free_because: str
    count: int
    holders: list[PermittedTold]


class PassingTold(Told):
    """Who may go through a door at `at`, each way."""

    at: Instant
    ways: list[WayTold]

    @classmethod
    def of(cls, door: Door, view: DoorView | None, plan: AccessPlan, at: datetime) -> PassingTold:
        ways = []
        for into in door.areas:
            why = _free_because(door, view, plan, into, at)
            may = [] if why else plan.those_who_may(door, into, at)
            holders = [PermittedTold(id=h.id, name=h.name, roles=list(h.roles)) for h in may[:HOLDERS_TOLD]]
            ways.append(WayTold(into=into, free=bool(why), free_because=why, count=len(may), holders=holders))
        return cls(at=at, ways=ways[::-1])


def _free_because(door: Door, view: DoorView | None, plan: AccessPlan, into: str, at: datetime) -> str:
    """Why nobody needs a credential to go into this area by this door; "" when one is needed."""
    if not door.has_reader_into(into):
        return "There is no reader this way."
    if door.free is not None and plan.in_force(door.free, at):
        schedule = plan.schedule(door.free)
        return f"The door stands unlocked in these hours: {schedule.name if schedule else door.free}."
    if view is not None and view.lock == "unlocked":
        return "The door stands unlocked."
    area = plan.area(into)
    return f"{area.name} is outside: the way out needs no permission." if area is not None and area.is_outside else ""


class ShuntAsked(Asked):
    """For how long a door's alarms are to be suspended, and why."""

    for_s: Annotated[float, Field(ge=10, le=86_400)]
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=LINE_PATTERN)]


class CredentialTold(Told):
    """A credential. Its duress mark is told to nobody: who reads over a shoulder must not learn of it."""

    number: str
    state: Literal["active", "lost", "stolen", "blocked"]
    valid_from: Instant | None
    valid_until: Instant | None

    @classmethod
    def of(cls, credential: Credential) -> CredentialTold:
        return cls(
            number=credential.number,
            state=credential.state.value,
            valid_from=credential.valid_from,
            valid_until=credential.valid_until,
        )


class TimesTold(Told):
    """A schedule of the site file: weekly hours, and those on holidays, of which there are none when it is not in force
    then."""

    name: str
    hours: list[HoursTold]
    on_holidays: list[HoursTold]

    @classmethod
    def of(cls, schedule: SiteSchedule) -> TimesTold:
        return cls(
            name=schedule.name,
            hours=[HoursTold.of(span) for span in schedule.hours.hours],
            on_holidays=[HoursTold.of(span) for span in schedule.on_holidays.hours],
        )


class MayTold(Told):
    """Where a role lets its holders go: by these doors and by all doors into these areas. `when`: null for always;
    `now`: whether that is so at this moment."""

    role: str
    areas: list[str]
    doors: list[str]
    when: TimesTold | None
    now: bool

    @classmethod
    def of(cls, role: AccessRole, one: Permission, plan: AccessPlan, at: datetime) -> MayTold:
        schedule = plan.schedule(one.schedule) if one.schedule is not None else None
        return cls(
            role=role.name,
            areas=list(one.areas),
            doors=list(one.doors),
            when=None if schedule is None else TimesTold.of(schedule),
            now=plan.in_force(one.schedule, at),
        )


class HolderNameTold(Told):
    """`of`: as it was asked, "holders/ada" or "credentials/1001"."""

    of: str
    id: str
    name: str


class HolderTold(Told):
    """Somebody to whom credentials belong. `role_names`: of their `roles`, in the same order. `may`: where these let
    them go, with a credential that may be used then. `needs_escort`: they go nowhere without somebody who may escort.
    `area_id`: where they went last, by their credentials; null when unknown. `last_event`: the newest in their log."""

    id: str
    name: str
    roles: list[str]
    role_names: list[str]
    may: list[MayTold]
    needs_escort: bool
    needs_longer: bool
    credentials: list[CredentialTold]
    area_id: str | None
    area_since: Instant | None
    last_event: CloudEventTold | None

    @classmethod
    def of(
        cls,
        holder: Holder,
        areas: list[AreaView],
        last_event: CloudEventTold | None,
        plan: AccessPlan,
        at: datetime,
    ) -> HolderTold:
        """`at`: now."""
        known = [role for one in holder.roles if (role := plan.role(one)) is not None]
        where = next(
            ((view.id, since) for view in areas for who, since in view.inside if who.holder_id == holder.id), None
        )
        return cls(
            id=holder.id,
            name=holder.name,
            roles=list(holder.roles),
            role_names=[role.name for role in known],
            may=[MayTold.of(role, one, plan, at) for role in known for one in role.may],
            needs_escort=any(role.needs_escort for role in known),
            needs_longer=holder.needs_longer,
            credentials=[CredentialTold.of(one) for one in holder.credentials if not one.is_duress],
            area_id=where[0] if where else None,
            area_since=where[1] if where else None,
            last_event=last_event,
        )
