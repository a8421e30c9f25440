"""The ground: events, pictures, signals, incidents, and who may sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from custos.adapters.store.schema import Instant, Words

revision = "0001"
down_revision = None


def upgrade() -> None:
    _what_happened()
    _what_matters()
    _who_may_sign_in()


def _what_happened() -> None:
    op.create_table(
        "events",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("type", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("camera_id", Words(), nullable=True),
        sa.Column("subject", Words(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
        sa.UniqueConstraint("id", name="uq_events_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_site_id_at_sequence", "events", ["site_id", "at", "sequence"])
    op.create_index("ix_events_site_id_camera_id_at_sequence", "events", ["site_id", "camera_id", "at", "sequence"])
    op.create_index("ix_events_site_id_subject_at_sequence", "events", ["site_id", "subject", "at", "sequence"])
    op.create_index("ix_events_site_id_type_at_sequence", "events", ["site_id", "type", "at", "sequence"])
    op.create_table(
        "pictures",
        sa.Column("id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("camera_id", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("box", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
    )
    op.create_index("ix_pictures_site_id_at", "pictures", ["site_id", "at"])


def _what_matters() -> None:
    op.create_table(
        "signals",
        sa.Column("id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("rule_id", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("camera_id", Words(), nullable=True),
        sa.Column("zone_id", Words(), nullable=True),
        sa.Column("subject", Words(), nullable=True),
        sa.Column("title", Words(), nullable=False),
        sa.Column("severity", Words(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("event_ids", sa.JSON(), nullable=False),
        sa.Column("group", Words(), nullable=False),
        sa.Column("group_gap_s", sa.Float(), nullable=False),
        sa.Column("opens", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
    )
    op.create_index("ix_signals_site_id_at", "signals", ["site_id", "at"])
    op.create_table(
        "incidents",
        sa.Column("id", Words(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("severity", Words(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("group", Words(), nullable=False),
        sa.Column("rule_id", Words(), nullable=False),
        sa.Column("camera_id", Words(), nullable=True),
        sa.Column("zone_id", Words(), nullable=True),
        sa.Column("event_ids", sa.JSON(), nullable=False),
        sa.Column("signal_ids", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("timeline", sa.JSON(), nullable=False),
        sa.Column("disposition", Words(), nullable=True),
        sa.Column("assignee", Words(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("group_gap_s", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("site_id", "number", name="uq_incidents_site_id_number"),
    )
    op.create_index("ix_incidents_site_id_group_opened_at", "incidents", ["site_id", "group", "opened_at"])
    op.create_index("ix_incidents_site_id_opened_at_number", "incidents", ["site_id", "opened_at", "number"])
    op.create_table(
        "incident_events",
        sa.Column("incident_id", Words(), nullable=False),
        sa.Column("event_id", Words(), nullable=False),
        sa.Column("site_id", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_events_incident_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", "event_id", name="pk_incident_events"),
    )
    op.create_index("ix_incident_events_event_id", "incident_events", ["event_id"])


def _who_may_sign_in() -> None:
    op.create_table(
        "users",
        sa.Column("id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("name_key", Words(), nullable=False),
        sa.Column("role", Words(), nullable=False),
        sa.Column("password_hash", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("id_hash", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", Words(), nullable=False),
        sa.Column("user_id", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("secret_hash", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("secret_hash", name="uq_api_tokens_secret_hash"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_table(
        "setup_links",
        sa.Column("token_hash", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_setup_links"),
    )
