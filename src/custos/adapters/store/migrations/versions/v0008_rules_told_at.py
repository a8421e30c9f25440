"""What time rules had been told when they heard an event: after a start they are kept still, and consumers are not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("events", sa.Column("rules_told_at", Instant(), nullable=True))  # no row is written anew for that
