"""What time consumers and rules had been told when they heard an event, so that a start hears it as life did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("events", sa.Column("told_at", Instant(), nullable=True))  # no row is written anew for that
