"""The keys that areas, doors, roles, holders and schedules have in a site file."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag

from custos.adapters.sitefile.fields import Entry, Id, Name, Outline, PointEntry, Week, refusal

_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}([ T]([01]\d|2[0-3]):[0-5]\d)?$")


def _a_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise refusal(f"{text!r} is no day", "Write it like 2026-12-25.") from error
    return text


def _a_day_or_time(text: str) -> str:
    if not _INSTANT.match(text):
        raise refusal(f"{text!r} is no date", 'Write it like 2026-12-25, or "2026-12-25 18:00".')
    _a_day(text[:10])
    return text


def _a_time(text: str) -> str:
    if text != "never" and not _TIME.match(text):
        raise refusal(f"{text!r} is no time of the day", 'Write it like "04:00", in quotes.')
    return text


Day = Annotated[str, AfterValidator(_a_day)]
DayOrTime = Annotated[str, AfterValidator(_a_day_or_time)]
DayTime = Annotated[str, AfterValidator(_a_time)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Ids = list[str]


class AreaEntry(Entry):
    """A space that people can be in."""

    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    outside: bool = Field(False, description="Everybody may be here, and nobody is counted.")
    passback: Literal["none", "soft", "hard", "timed"] = Field(
        "none", description="What is asked of those who come in without having gone out."
    )
    passback_s: Seconds = Field(600, description="For timed anti-passback.")
    forgive_at: DayTime = Field("04:00", description="When it is forgotten, every day, who is in; or 'never'.")
    first_in: Ids = Field([], description="Roles of which somebody must be the first in on a day.")
    max_people: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(None, description="More are told of.")
    zones: Ids = Field([], description="Zones in which cameras see the people of this area, as 'camera/zone'.")
    outline: Outline | None = Field(None, description="Corners [x, y] on the site's plan, 0..1.")


class ReaderEntry(Entry):
    """What reads credentials at a door."""

    id: Id = Field(description="Unique within the site.")
    into: Id = Field(description="The area it lets people into.")


class DoorEntry(Entry):
    """A door between two areas, with ONVIF's timers."""

    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    areas: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(
        description="[from, into]: going in leads from the first to the second."
    )
    readers: list[ReaderEntry] = Field([], description="What reads credentials here.")
    sensor: bool = Field(True, description="Whether a contact tells that it opens and closes.")
    release_time_s: Seconds = Field(5, description="How long it stays unlocked for whoever was let in.")
    open_time_s: Seconds = Field(30, description="How long it may stand open.")
    extended_open_time_s: Seconds | None = Field(
        None, description="How long for holders who need longer; twice open_time_s when left out."
    )
    pre_alarm_time_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        0, description="So long before it has stood open for too long a warning is told; 0 for none."
    )
    propped_after_s: Seconds = Field(300, description="So long after that it counts as propped open.")
    cameras: Ids = Field([], description="Cameras that see it.")
    threshold: str | None = Field(None, description="The line that people cross in it, as 'camera/line'.")
    threshold_inward: Literal["left", "right"] = Field(
        "left", description="Which crossing of that line leads into the second area."
    )
    free: str | None = Field(None, description="The schedule in which it stands unlocked for everybody.")
    interlock: Ids = Field([], description="Doors that must not be open at the same time.")
    walk_s: dict[str, Seconds] = Field({}, description="The least time to walk to other doors.")
    position: PointEntry | None = Field(None, description="[x, y] on the site's plan, 0..1.")
    device: Name | None = Field(None, description="The device that tells of it; the door is offline while it is lost.")


class PermissionEntry(Entry):
    """These doors, and all doors into these areas, in these hours."""

    areas: Ids = Field([], description="All doors into these areas.")
    doors: Ids = Field([], description="These doors, both ways.")
    schedule: str | None = Field(None, description="In its hours only; always when left out.")


class RoleEntry(Entry):
    """What its holders may."""

    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    may: list[PermissionEntry] = Field([], description="Where they may go, and when.")
    needs_escort: bool = Field(False, description="They go nowhere without somebody who escorts.")
    escorts: bool = Field(False, description="They may escort.")
    passback_exempt: bool = Field(False, description="Anti-passback does not hold for them.")


class CredentialEntry(Entry):
    """A badge, fob or PIN."""

    number: Name = Field(description="As readers tell it, in quotes; unique within the site.")
    state: Literal["active", "lost", "stolen", "blocked"] = Field("active", description="Whether it may still be used.")
    valid_from: DayOrTime | None = Field(None, description="Its first day, or instant, in the site's time zone.")
    valid_until: DayOrTime | None = Field(None, description="Its last day, or the instant it ends.")
    duress: bool = Field(False, description="Its use means that the holder is under threat.")


class HolderEntry(Entry):
    """Somebody to whom credentials belong."""

    id: Id = Field(description="Unique within the site; part of events, so no name.")
    name: Name | None = Field(None, description="What people call them; the id when left out.")
    roles: Ids = Field([], description="What they may.")
    credentials: list[CredentialEntry] = Field([], description="Badges, fobs and PINs.")
    needs_longer: bool = Field(False, description="Doors may stand open for their extended time.")


class ScheduleEntry(Entry):
    """Hours with a name."""

    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    hours: Week = Field(description='Hours by weekday, {mon-fri: "07:00-19:00"}.')
    on_holidays: Week | None = Field(None, description="Hours on holidays instead; none when left out.")


class ViewEntry(Entry):
    """Where cameras see a till, a panel or a sensor."""

    of: Annotated[
        str,
        Field(
            pattern=r"^((tills|panels|sensors|devices)/[a-z0-9][a-z0-9-]{0,62}"
            r"|panels/[a-z0-9][a-z0-9-]{0,62}/[A-Za-z0-9-]{1,16})$"
        ),
    ] = Field(
        description="What is seen: 'tills/<id>', 'panels/<id>', one of a panel's own zones 'panels/<id>/<zone>', "
        "'sensors/<id>' or 'devices/<id>'."
    )
    cameras: Ids = Field([], description="Cameras that see it.")
    zones: Ids = Field([], description="Zones in front of it, as 'camera/zone'.")
    areas: Ids = Field([], description="Areas that it covers: the rooms in which a panel's detector looks for people.")
    position: PointEntry | None = Field(None, description="[x, y] on the site's plan, 0..1.")


class HolidayEntry(Entry):
    """A day on which schedules hold their holiday hours."""

    date: Day = Field(description="Like 2026-12-25.")
    name: Name = Field(description="What people call it.")


def _holders_form(value: object) -> str:
    return "list" if isinstance(value, list) else "file"


Holders = Annotated[
    Annotated[Name, Tag("file")] | Annotated[list[HolderEntry], Field(max_length=100_000), Tag("list")],
    Discriminator(_holders_form),
]


class HoldersFile(Entry):
    """A file of its own for those to whom credentials belong."""

    holders: Annotated[list[HolderEntry], Field(max_length=100_000)]


ENTRIES: tuple[type[BaseModel], ...] = (
    AreaEntry, DoorEntry, ReaderEntry, RoleEntry, PermissionEntry, HolderEntry, CredentialEntry, ScheduleEntry,
    HolidayEntry, ViewEntry,
)  # fmt: skip
PLACES: dict[tuple[str, ...], type[BaseModel]] = {
    ("areas",): AreaEntry,
    ("doors",): DoorEntry,
    ("doors", "readers"): ReaderEntry,
    ("roles",): RoleEntry,
    ("roles", "may"): PermissionEntry,
    ("holders",): HolderEntry,
    ("holders", "credentials"): CredentialEntry,
    ("schedules",): ScheduleEntry,
    ("holidays",): HolidayEntry,
    ("views",): ViewEntry,
}
