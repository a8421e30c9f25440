"""How the tables came to be what they are, step by step, and the walk from any of them to the newest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from custos.model.errors import CustosError

if TYPE_CHECKING:
    from custos.adapters.store.database import Database

_migrating = threading.Lock()
"""Alembic's context is one for the whole process: two databases migrated at once would swap their tables."""
LOCKED_S = 15.0
"""So long it is waited for whoever reads a table of PostgreSQL that is to be changed; all others wait behind that."""


def upgrade(database: Database) -> None:
    """Bring the tables up to date. Raises CustosError when a newer Custos has written the database, and when another
    program, such as a backup, keeps them locked."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    with _migrating, database.write(alone=True) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return
        if current is not None and current not in {r.revision for r in script.walk_revisions()}:
            raise CustosError(
                f"The database was written by a newer Custos: its tables are at {current!r}, "
                f"this version knows them up to {script.get_current_head()!r}.",
                where=database.where,
                remedy="Install that version or a later one, or name another database.",
            )
        if not database.is_sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = {LOCKED_S * 1000:.0f}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
