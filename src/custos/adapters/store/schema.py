"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from custos.model.errors import UsageError
from custos.model.state_types import STATE_TYPES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, to the microsecond, read back in UTC.

    PostgreSQL keeps a timestamptz; SQLite, which has no such type, whole microseconds since 1970, which sort.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[int]:
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import TIMESTAMP  # only here: it takes long to import

            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant must be aware, got naive {value.isoformat()}")
        return value.astimezone(UTC) if dialect.name == "postgresql" else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return EPOCH + value * MICROSECOND if isinstance(value, int) else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that both databases can hold: no NUL (PostgreSQL refuses it), nothing that is not Unicode."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None:
            check_words(value)
        return value


def check_words(value: str) -> None:
    """Raises UsageError for text that one of the databases cannot hold."""
    if "\0" in value or not (value.isascii() or _is_unicode(value)):
        raise UsageError(f"Text with a NUL or half a character cannot be stored: {value[:80]!r}.")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts by itself only in a column declared INTEGER PRIMARY KEY.
_Counter = BigInteger().with_variant(Integer(), "sqlite")

IS_STATE = "type IN ({})".format(", ".join(f"'{name}'" for name in STATE_TYPES))
"""Said in a query in the same words, so that the databases know that their index of states serves it."""
STATES_INDEX = "ix_events_states"
GONE_ON = "version > 1"
"""Of an incident that changed after it had opened; said in these words, as IS_STATE."""

events = Table(
    "events",
    metadata,
    Column("sequence", _Counter, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, unique=True),
    Column("site_id", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Words, nullable=False),
    Column("camera_id", Words),
    Column("subject", Words),
    Column("data", JSON, nullable=False),
    Column("told_at", Instant),
    Column("rules_told_at", Instant),
    Index(None, "site_id", "at", "sequence"),
    Index(None, "site_id", "type", "at", "sequence"),
    Index(None, "site_id", "camera_id", "at", "sequence"),
    Index(None, "site_id", "subject", "at", "sequence"),
    Index(None, "site_id", "source", "at", "sequence"),
    Index(
        STATES_INDEX,
        "site_id",
        "type",
        "source",
        "at",
        "sequence",
        sqlite_where=text(IS_STATE),
        postgresql_where=text(IS_STATE),
    ),
    sqlite_autoincrement=True,  # a pruned event's sequence is never given again: cursors stay right
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", Words, primary_key=True),
    Column("site_id", Words, nullable=False),
    Column("camera_id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
    Column("box", JSON(none_as_null=True)),
    Index(None, "site_id", "at"),
)

signals = Table(
    "signals",
    metadata,
    Column("id", Words, primary_key=True),
    Column("site_id", Words, nullable=False),
    Column("rule_id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("camera_id", Words),
    Column("zone_id", Words),
    Column("subject", Words),
    Column("title", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("score", Float, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("event_ids", JSON, nullable=False),
    Column("group", Words, nullable=False),
    Column("group_gap_s", Float, nullable=False),
    Column("opens", Boolean, nullable=False),
    Index(None, "site_id", "at"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("site_id", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("risk", Integer, nullable=False),
    Column("state", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("group", Words, nullable=False),
    Column("rule_id", Words, nullable=False),
    Column("camera_id", Words),
    Column("zone_id", Words),
    Column("event_ids", JSON, nullable=False),
    Column("signal_ids", JSON, nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("timeline", JSON, nullable=False),
    Column("disposition", Words),
    Column("assignee", Words),
    Column("resolved_at", Instant),
    Column("group_gap_s", Float, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("site_id", "number"),
    Index(None, "site_id", "opened_at", "number"),
    Index(None, "site_id", "group", "opened_at"),
    Index("ix_incidents_gone_on", "site_id", "updated_at", sqlite_where=text(GONE_ON), postgresql_where=text(GONE_ON)),
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("incident_id", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("event_id", Words, primary_key=True),
    Column("site_id", Words, nullable=False),
    Index(None, "event_id"),
)
"""What incidents rest on or ever rested on, and what their contexts name: retention leaves it alone."""

incident_contexts = Table(
    "incident_contexts",
    metadata,
    Column("incident_id", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("site_id", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("context", JSON, nullable=False),
)

incident_places = Table(
    "incident_places",
    metadata,
    Column("incident_id", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Words, primary_key=True),
    Column("site_id", Words, nullable=False),
    Index(None, "site_id", "place"),
)
"""What contexts say of where incidents are and whom they are about, as it is looked for."""

incident_snapshots = Table(
    "incident_snapshots",
    metadata,
    Column("id", Words, primary_key=True),
    Column("incident_id", Words, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("site_id", Words, nullable=False),
    Column("camera_id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
)
"""They go with their incident."""

users = Table(
    "users",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, unique=True),
    Column("role", Words, nullable=False),
    Column("password_hash", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Words, primary_key=True),
    Column("user_id", Words, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Words, primary_key=True),
    Column("user_id", Words, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("secret_hash", Words, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("expires_at", Instant),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False, unique=True),
    Column("role", Words, nullable=False),
    Column("token_hash", Words, nullable=False, unique=True),
    Column("invited_by", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("token_hash", Words, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
