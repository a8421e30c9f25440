"""What was collected when incidents opened, and the pictures of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, exists, select, text

from custos.adapters.store.schema import (
    GONE_ON,
    incident_contexts,
    incident_events,
    incident_places,
    incident_snapshots,
    incidents,
)
from custos.model.context import About, Collected, IncidentContext, Snapshot

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    _Inserting = Callable[[Table], SqliteInsert] | Callable[[Table], PostgresInsert]

_CONTEXT = TypeAdapter(IncidentContext)


def put_contexts(connection: Connection, new: Sequence[IncidentContext], inserting: _Inserting) -> None:
    """Insert, or replace one that is not done; none of an incident that is not there. What is done stays as it is."""
    known = _there(connection, [context.incident_id for context in new])
    for context in new:
        if context.incident_id not in known:
            continue
        values = {
            "incident_id": context.incident_id,
            "site_id": context.site_id,
            "state": context.state.value,
            "context": _CONTEXT.dump_python(context, mode="json"),
        }
        statement = inserting(incident_contexts).values(values)
        replacing = statement.on_conflict_do_update(
            index_elements=["incident_id"],
            set_={"state": values["state"], "context": values["context"]},
            where=incident_contexts.c.state != Collected.DONE.value,
        )
        connection.execute(replacing)
        links = [
            {"incident_id": context.incident_id, "event_id": event_id, "site_id": context.site_id}
            for event_id in sorted(context.held_event_ids)
        ]
        if links:
            connection.execute(inserting(incident_events).on_conflict_do_nothing(), links)
        about = About(context.incident_id, context.site_id, context.is_about)
        _put_places(connection, about, inserting)


def put_abouts(connection: Connection, new: Sequence[About], inserting: _Inserting) -> None:
    """Add to where incidents are and whom they are about; nothing of an incident that is not there."""
    known = _there(connection, [about.incident_id for about in new])
    for about in new:
        if about.incident_id in known:
            _put_places(connection, about, inserting)


def _put_places(connection: Connection, about: About, inserting: _Inserting) -> None:
    places = [{"incident_id": about.incident_id, "place": place, "site_id": about.site_id} for place in about.places]
    if places:
        connection.execute(inserting(incident_places).on_conflict_do_nothing(), places)


def put_snapshots(connection: Connection, new: Sequence[Snapshot], inserting: _Inserting) -> None:
    """Insert those not known, but for those of an incident that is not there."""
    known = _there(connection, [snapshot.incident_id for snapshot in new])
    values = [
        {
            "id": one.id,
            "incident_id": one.incident_id,
            "site_id": one.site_id,
            "camera_id": one.camera_id,
            "at": one.at,
            "jpeg": one.jpeg,
        }
        for one in new
        if one.incident_id in known
    ]
    if values:
        connection.execute(inserting(incident_snapshots).on_conflict_do_nothing(index_elements=["id"]), values)


def read_context(connection: Connection, site_id: str, incident_id: str) -> IncidentContext | None:
    mine = (incident_contexts.c.site_id == site_id, incident_contexts.c.incident_id == incident_id)
    row = connection.execute(select(incident_contexts.c.context).where(*mine)).one_or_none()
    return None if row is None else _CONTEXT.validate_python(row[0])


def read_snapshot(connection: Connection, site_id: str, incident_id: str, snapshot_id: str) -> Snapshot | None:
    table = incident_snapshots.c
    mine = (table.site_id == site_id, table.incident_id == incident_id, table.id == snapshot_id)
    row = connection.execute(select(incident_snapshots).where(*mine)).mappings().one_or_none()
    if row is None:
        return None
    return Snapshot(row["id"], row["incident_id"], row["site_id"], row["camera_id"], row["at"], row["jpeg"])


def read_kept_snapshots(connection: Connection, site_id: str, incident_id: str) -> set[str]:
    table = incident_snapshots.c
    mine = (table.site_id == site_id, table.incident_id == incident_id)
    return set(connection.scalars(select(table.id).where(*mine)))


def read_uncollected(connection: Connection, site_id: str, since: datetime) -> list[str]:
    is_done = exists().where(
        incident_contexts.c.incident_id == incidents.c.id, incident_contexts.c.state == Collected.DONE.value
    )
    found = select(incidents.c.id).where(incidents.c.site_id == site_id, incidents.c.opened_at >= since, ~is_done)
    return list(connection.scalars(found.order_by(incidents.c.opened_at, incidents.c.number)))


def read_gone_on(connection: Connection, site_id: str, since: datetime) -> list[str]:
    mine = (incidents.c.site_id == site_id, incidents.c.updated_at >= since, text(GONE_ON))
    return list(connection.scalars(select(incidents.c.id).where(*mine).order_by(incidents.c.updated_at)))


def _there(connection: Connection, ids: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(incidents.c.id).where(incidents.c.id.in_(set(ids))))) if ids else set()
