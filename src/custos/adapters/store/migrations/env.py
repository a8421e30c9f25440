"""Alembic's way in: `Database.migrate` hands over its connection, whose transaction all steps share."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from custos.adapters.store.schema import metadata

connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    raise TypeError(f"migrations run over a connection of Database.migrate, got {type(connection).__name__}")
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True)
context.run_migrations()
