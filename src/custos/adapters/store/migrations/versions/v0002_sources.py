"""Events by who says so: the log of one door."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_events_site_id_source_at_sequence", "events", ["site_id", "source", "at", "sequence"])
