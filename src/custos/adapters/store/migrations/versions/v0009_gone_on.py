"""Incidents that went on after they opened, by when: few, in an index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    went_on = sa.text("version > 1")
    op.create_index(
        "ix_incidents_gone_on",
        "incidents",
        ["site_id", "updated_at"],
        sqlite_where=went_on,
        postgresql_where=went_on,
    )
