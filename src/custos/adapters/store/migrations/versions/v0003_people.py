"""People besides the first administrator: who is invited, and who may sign in no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Instant, Words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("users", sa.Column("disabled_at", Instant(), nullable=True))
    op.create_table(
        "invitations",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("name_key", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("token_hash", Words(), nullable=False),
        sa.Column("invited_by", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("name_key", name="uq_invitations_name_key"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
