"""Events, signals and incidents: what happened, what may matter, and what somebody handles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from custos.model.frame import require_aware

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
NO_DATA: Mapping[str, Json] = MappingProxyType({})
TYPE_PREFIX = "custos."
"""Stands before an event's type in its CloudEvents form."""


@dataclass(frozen=True, slots=True)
class Event:
    """An immutable fact.

    Args:
        id: unique for ever; a second event with this id is the same event.
        type: dotted, past tense, listed in `custos.model.event_types`: "zone.entered".
        at: when it happened (aware), not when we heard of it.
        source: "/sites/<site>/cameras/<camera>"; who says so.
        subject: what it is about: "tracks/<camera>-<session>-<n>"; may be None.
        data: fields as the type's definition says.
    """

    id: str
    type: str
    at: datetime
    source: str
    subject: str | None = None
    data: Mapping[str, Json] = field(default_factory=lambda: NO_DATA)

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
        if not self.id or not self.type or not self.source:
            raise ValueError(f"an event needs id, type and source, got {self.id!r}, {self.type!r}, {self.source!r}")

    @property
    def camera_id(self) -> str | None:
        """The camera that says so, or None for another source."""
        return self._told_by("cameras")

    @property
    def door_id(self) -> str | None:
        """The door it is about: the one that says so, or the one its data name."""
        named = self.data.get("door_id")
        return self._told_by("doors") or (named if isinstance(named, str) else None)

    def _told_by(self, kind: str) -> str | None:
        _, told_by, own_id = _parts(self.source)
        return own_id if told_by == kind else None

    @property
    def site_id(self) -> str:
        return _parts(self.source)[0]


@lru_cache(maxsize=8192)
def _parts(source: str) -> tuple[str, str, str | None]:
    """(site, kind, own id) of a source. Remembered: every rule asks it of every event, of few sources."""
    parts = source.split("/")
    site_id = parts[2] if len(parts) >= 3 and parts[1] == "sites" else ""
    return (site_id, parts[3], parts[4]) if len(parts) >= 5 else (site_id, "", None)


def source_of(site_id: str, kind: str, own_id: str) -> str:
    """The `source` of what a part of the site says; `kind`: "doors", "panels", "tills", "sensors", "devices", ..."""
    return f"/sites/{site_id}/{kind}/{own_id}"


def camera_source(site_id: str, camera_id: str) -> str:
    """The `source` of a camera's events."""
    return source_of(site_id, "cameras", camera_id)


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that shows an event.

    Args:
        id: the event's id.
        box: left, top, right, bottom of the subject, normalised, or None.
    """

    id: str
    camera_id: str
    at: datetime
    jpeg: bytes
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """ "This may matter": a rule speaking about events.

    Args:
        id: made of what it is about, so that a replay makes the same one.
        rule_id: who says so.
        score: 0..1.
        reasons: sentences for an operator.
        event_ids: what it rests on, oldest first.
        group: signals with one group belong to one incident while it is open.
        group_gap_s: how long after the last signal the group still takes new ones.
        opens: False for one that only tells more of what an earlier signal began ("still there"): it joins the
            group's live incident, and never opens one, so that what a person has resolved stays resolved.
    """

    id: str
    rule_id: str
    at: datetime
    site_id: str
    camera_id: str | None
    zone_id: str | None
    subject: str | None
    title: str
    severity: str
    score: float
    reasons: tuple[str, ...]
    event_ids: tuple[str, ...]
    group: str
    group_gap_s: float
    opens: bool = True


class IncidentState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """How an incident ended."""

    REAL_THREAT = "real_threat"
    POLICY_BREACH = "policy_breach"
    NUISANCE = "nuisance"
    FALSE_ALARM = "false_alarm"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of an incident's history. `kind`: "signal", "event", "state", "note"."""

    at: datetime
    kind: str
    text: str
    actor: str = "custos"
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A case a person handles: signals and events grouped.

    Args:
        id: "inc-<ulid-like>"; number is what people say aloud, counting from 1 per site.
        version: grows with every change; a change that names an old version is refused.
        risk: 0..100.
    """

    id: str
    number: int
    site_id: str
    title: str
    severity: str
    risk: int
    state: IncidentState
    opened_at: datetime
    updated_at: datetime
    group: str
    rule_id: str
    camera_id: str | None
    zone_id: str | None
    event_ids: tuple[str, ...]
    signal_ids: tuple[str, ...]
    subjects: tuple[str, ...]
    reasons: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...]
    disposition: Disposition | None = None
    assignee: str | None = None
    resolved_at: datetime | None = None
    group_gap_s: float = 300.0
    version: int = 1
