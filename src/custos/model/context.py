"""What was collected of an incident when it opened: values, which are not changed afterwards.

Places are written as "doors/front", "areas/office", "cameras/lobby", "tills/1", "panels/main", "sensors/gate". People
stand here by their ids alone: names are the site file's, so that taking somebody out of it takes their name out of
history too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from custos.model.frame import require_aware
from custos.model.naming import Point


class Collected(StrEnum):
    """How far collecting has come."""

    BEGUN = "begun"  # everything but what happens in the seconds after it opened
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a camera that sees an incident's place, taken around the time it opened.

    Args:
        id: made of the incident, the camera and the time: the same picture is stored once.
        at: when it was taken (aware).
    """

    id: str
    incident_id: str
    site_id: str
    camera_id: str
    at: datetime
    jpeg: bytes

    def __post_init__(self) -> None:
        require_aware(self.at, "at")


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is. `position`: on the site's plan, 0..1; None when it is not drawn there."""

    place: str
    name: str
    position: Point | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """The rule that fired, as it stood then: what it looks for, and what else may look like this."""

    rule_id: str
    title: str
    description: str
    false_positives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """Which snapshot shows the place at which time."""

    snapshot_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CameraStrip:
    """The snapshots of one camera, the oldest first. `missing`: why there are none, "" when there are."""

    camera_id: str
    name: str
    shots: tuple[Shot, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """What a door's or a holder's log had, the newest event first. `of`: "doors/front" or "holders/ada"."""

    of: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody known by a credential to be in an area, since when."""

    holder_id: str | None
    credential: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Who was in an area: by their credentials, and how many cameras saw (None where none looks)."""

    area_id: str
    name: str
    inside: tuple[Present, ...]
    seen: int | None


@dataclass(frozen=True, slots=True)
class Related:
    """An earlier incident with the same places or holders."""

    incident_id: str
    number: int
    title: str
    opened_at: datetime
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """Where an incident is by now and whom it is about, as one looks for it: also what joined it after it opened.

    Args:
        places: "doors/front", "holders/ada".
    """

    incident_id: str
    site_id: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentContext:
    """The whole picture of an incident when it opened.

    Args:
        at: the time it is about, which is when the incident opened (aware).
        known_at: when logs, people and related incidents were looked up.
        places: where it is, the first the one it is about.
        holders: ids of those it is about.
        event_ids: what the rule rested on, oldest first.
    """

    incident_id: str
    site_id: str
    state: Collected
    at: datetime
    known_at: datetime
    cause: Cause
    places: tuple[Place, ...] = ()
    holders: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    strips: tuple[CameraStrip, ...] = ()
    logs: tuple[Log, ...] = ()
    people: tuple[Occupancy, ...] = ()
    related: tuple[Related, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
        require_aware(self.known_at, "known_at")

    @property
    def held_event_ids(self) -> tuple[str, ...]:
        """Every event it names, which retention leaves alone as long as the incident is there."""
        return tuple(dict.fromkeys((*self.event_ids, *(one for log in self.logs for one in log.event_ids))))

    @property
    def is_about(self) -> tuple[str, ...]:
        """Where it is and whom it is about, as one looks for it: "doors/front", "holders/ada"."""
        return tuple(dict.fromkeys((*(one.place for one in self.places), *(f"holders/{one}" for one in self.holders))))

    def done(self, strips: tuple[CameraStrip, ...], logs: tuple[Log, ...]) -> IncidentContext:
        """With what the seconds after it opened have added."""
        return replace(self, state=Collected.DONE, strips=strips, logs=logs)
