"""Values to rows and back. The only place where a row's untyped columns are looked at."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import RowMapping

from custos.adapters.store.database import to_json
from custos.adapters.store.schema import EPOCH, MICROSECOND, check_words
from custos.model.event import (
    Disposition,
    Event,
    Incident,
    IncidentState,
    Json,
    Picture,
    Signal,
    TimelineEntry,
)

Value = Json | datetime | bytes
Values = dict[str, Value]
EventRow = tuple[str, str, str, int, str, str | None, str | None, str, int | None, int | None]
EVENT_COLUMNS = ("id", "site_id", "type", "at", "source", "camera_id", "subject", "data", "told_at", "rules_told_at")
Told = tuple[datetime | None, datetime | None]
"""What time consumers and rules had been told."""
IMPORTED: Told = (EPOCH, EPOCH)
"""Stands there for what nobody heard, since it was imported."""


def event_values(event: Event, told: Told) -> Values:
    return {
        "id": event.id,
        "site_id": event.site_id,
        "type": event.type,
        "at": event.at,
        "source": event.source,
        "camera_id": event.camera_id,
        "subject": event.subject,
        "data": dict(event.data),
        "told_at": told[0],
        "rules_told_at": told[1],
    }


def event_row(event: Event, told: tuple[int | None, int | None]) -> EventRow:
    """`event_values` as SQLite keeps them, in the order of EVENT_COLUMNS: a third of what SQLAlchemy takes for that."""
    subject, camera_id = event.subject, event.camera_id
    check_words("".join((event.id, event.type, event.source, subject or "")))  # of which the others are parts
    at, data = (event.at - EPOCH) // MICROSECOND, to_json(dict(event.data))
    return event.id, event.site_id, event.type, at, event.source, camera_id, subject, data, *told


def event_of(row: RowMapping) -> Event:
    return Event(row["id"], row["type"], row["at"], row["source"], row["subject"], row["data"])


def picture_values(picture: Picture, site_id: str) -> Values:
    return {
        "id": picture.id,
        "site_id": site_id,
        "camera_id": picture.camera_id,
        "at": picture.at,
        "jpeg": picture.jpeg,
        "box": None if picture.box is None else list(picture.box),
    }


def picture_of(row: RowMapping) -> Picture:
    box = None if row["box"] is None else tuple(row["box"])
    return Picture(row["id"], row["camera_id"], row["at"], row["jpeg"], box)


def signal_values(signal: Signal) -> Values:
    values: Values = asdict(signal)
    return values | {"reasons": list(signal.reasons), "event_ids": list(signal.event_ids)}


def incident_values(incident: Incident) -> Values:
    return {
        "id": incident.id,
        "number": incident.number,
        "site_id": incident.site_id,
        "title": incident.title,
        "severity": incident.severity,
        "risk": incident.risk,
        "state": incident.state.value,
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        "group": incident.group,
        "rule_id": incident.rule_id,
        "camera_id": incident.camera_id,
        "zone_id": incident.zone_id,
        "event_ids": list(incident.event_ids),
        "signal_ids": list(incident.signal_ids),
        "subjects": list(incident.subjects),
        "reasons": list(incident.reasons),
        "timeline": [_line(entry) for entry in incident.timeline],
        "disposition": None if incident.disposition is None else incident.disposition.value,
        "assignee": incident.assignee,
        "resolved_at": incident.resolved_at,
        "group_gap_s": incident.group_gap_s,
        "version": incident.version,
    }


def incident_of(row: RowMapping) -> Incident:
    return Incident(
        id=row["id"],
        number=row["number"],
        site_id=row["site_id"],
        title=row["title"],
        severity=row["severity"],
        risk=row["risk"],
        state=IncidentState(row["state"]),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        group=row["group"],
        rule_id=row["rule_id"],
        camera_id=row["camera_id"],
        zone_id=row["zone_id"],
        event_ids=tuple(row["event_ids"]),
        signal_ids=tuple(row["signal_ids"]),
        subjects=tuple(row["subjects"]),
        reasons=tuple(row["reasons"]),
        timeline=tuple(_entry(line) for line in row["timeline"]),
        disposition=None if row["disposition"] is None else Disposition(row["disposition"]),
        assignee=row["assignee"],
        resolved_at=row["resolved_at"],
        group_gap_s=row["group_gap_s"],
        version=row["version"],
    )


def _line(entry: TimelineEntry) -> dict[str, Json]:
    """`at` in microseconds since 1970."""
    micros = (entry.at - EPOCH) // MICROSECOND
    return {
        "at": micros,
        "kind": entry.kind,
        "text": entry.text,
        "actor": entry.actor,
        "event_id": entry.event_id,
    }


def _entry(line: dict[str, str]) -> TimelineEntry:
    at = EPOCH + int(line["at"]) * MICROSECOND
    return TimelineEntry(at, line["kind"], line["text"], line["actor"], line["event_id"])
