"""Incidents: in lists, in full, and what people do to them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from custos.incidents.lifecycle import MAX_NAME_CHARS, MAX_NOTE_CHARS, Action
from custos.model.event import Disposition, Incident, IncidentState, Picture, TimelineEntry
from custos.model.site import Severity
from custos.server.shapes.base import LINE_PATTERN, NOTE_PATTERN, Asked, Instant, Told
from custos.server.shapes.event import CloudEventTold
from custos.server.shapes.site import ZoneTold


class IncidentTold(Told):
    """A case a person handles. `version` goes into the next change; `risk` 0..100."""

    id: str
    number: int
    title: str
    severity: Severity
    risk: int
    state: IncidentState
    opened_at: Instant
    updated_at: Instant
    resolved_at: Instant | None
    rule_id: str
    camera_id: str | None
    zone_id: str | None
    disposition: Disposition | None
    assignee: str | None
    version: int
    reasons: list[str]
    picture_id: str | None
    event_count: int

    @classmethod
    def of(cls, incident: Incident, picture_id: str | None) -> IncidentTold:
        return cls(
            id=incident.id,
            number=incident.number,
            title=incident.title,
            severity=Severity(incident.severity),
            risk=incident.risk,
            state=incident.state,
            opened_at=incident.opened_at,
            updated_at=incident.updated_at,
            resolved_at=incident.resolved_at,
            rule_id=incident.rule_id,
            camera_id=incident.camera_id,
            zone_id=incident.zone_id,
            disposition=incident.disposition,
            assignee=incident.assignee,
            version=incident.version,
            reasons=list(incident.reasons),
            picture_id=picture_id,
            event_count=len(incident.event_ids),
        )


class TimelineTold(Told):
    """One line of the history. `kind`: "signal", "event", "state", "note"."""

    at: Instant
    kind: str
    text: str
    actor: str
    event_id: str | None

    @classmethod
    def of(cls, entry: TimelineEntry) -> TimelineTold:
        return cls.model_validate(entry, from_attributes=True)


class PictureTold(Told):
    """The picture at /api/v1/events/{id}/picture.jpg; `box` left, top, right, bottom in 0..1."""

    id: str
    camera_id: str
    at: Instant
    box: tuple[float, float, float, float] | None

    @classmethod
    def of(cls, picture: Picture) -> PictureTold:
        return cls(id=picture.id, camera_id=picture.camera_id, at=picture.at, box=picture.box)


class PathTold(Told):
    """Where a subject's foot point has been, oldest first, in 0..1 of the camera's picture."""

    subject: str
    camera_id: str | None
    class_name: Annotated[str, Field(alias="class")]
    points: list[tuple[float, float]]
    started_at: Instant | None
    ended_at: Instant | None


class IncidentDetailTold(IncidentTold):
    """Everything there is to know of it."""

    timeline: list[TimelineTold]
    events: list[CloudEventTold]
    picture: PictureTold | None
    paths: list[PathTold]
    zone: ZoneTold | None


class ChangeAsked(Asked):
    """`version`: as last seen. `resolve` needs a disposition, `note` a note; `assign` null takes it away."""

    version: Annotated[int, Field(ge=1, le=2**31)]
    action: Action
    disposition: Disposition | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE_CHARS, pattern=NOTE_PATTERN)] | None = None
    assignee: Annotated[str, Field(max_length=MAX_NAME_CHARS, pattern=LINE_PATTERN)] | None = None
