"""The newest event of each state, however old: few rows of a table of millions, in an index of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_STATES = (
    "type IN ('camera.connected', 'camera.lost', 'camera.moved', 'camera.recalibrated', 'camera.stalled', "
    "'device.connected', 'device.lost', 'door.alarmed', 'door.locked', 'door.mode_changed', 'door.shunted', "
    "'door.tampered', 'door.unlocked', 'door.unshunted')"
)


def upgrade() -> None:
    op.create_index(
        "ix_events_states",
        "events",
        ["site_id", "type", "source", "at", "sequence"],
        sqlite_where=sa.text(_STATES),
        postgresql_where=sa.text(_STATES),
    )
