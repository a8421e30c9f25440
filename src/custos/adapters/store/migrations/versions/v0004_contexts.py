"""What is collected when an incident opens, and its pictures: both go with the incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Instant, Words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "incident_contexts",
        sa.Column("incident_id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_contexts_incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_contexts"),
    )
    op.create_table(
        "incident_snapshots",
        sa.Column("id", Words(), nullable=False),
        sa.Column("incident_id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("camera_id", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_snapshots_incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incident_snapshots"),
    )
    op.create_index("ix_incident_snapshots_incident_id", "incident_snapshots", ["incident_id"])
