"""Where incidents are and whom they are about, so that a door's or a holder's are found by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Words

revision = "0006"
down_revision = "0005"
AT_A_TIME = 1000
"""Contexts in memory: each is some tens of kilobytes, and there may be a hundred thousand."""


def upgrade() -> None:
    op.create_table(
        "incident_places",
        sa.Column("incident_id", Words(), nullable=False),
        sa.Column("place", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_places_incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", "place", name="pk_incident_places"),
    )
    op.create_index("ix_incident_places_site_id_place", "incident_places", ["site_id", "place"])
    _fill()


def _fill() -> None:
    """From what was collected of incidents before."""
    connection = op.get_bind()
    contexts = sa.table(
        "incident_contexts", sa.column("incident_id"), sa.column("site_id"), sa.column("context", sa.JSON())
    )
    places = sa.table("incident_places", sa.column("incident_id"), sa.column("place"), sa.column("site_id"))
    page = sa.select(contexts).order_by(contexts.c.incident_id).limit(AT_A_TIME)
    found = connection.execute(page).all()
    while found:
        _fill_from(found, places, connection)
        found = connection.execute(page.where(contexts.c.incident_id > found[-1].incident_id)).all()


def _fill_from(found: Iterable[Any], places: sa.TableClause, connection: sa.Connection) -> None:
    for incident_id, site_id, context in found:
        told = json.loads(context) if isinstance(context, str) else context
        named = [one["place"] for one in told["places"]] + [f"holders/{one}" for one in told["holders"]]
        rows = [{"incident_id": incident_id, "place": one, "site_id": site_id} for one in dict.fromkeys(named)]
        if rows:
            connection.execute(places.insert(), rows)
