"""How the tables came to be what they are, step by step, and the walk from any of them to the newest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from custos.model.errors import CustosError

if TYPE_CHECKING:
    from custos.adapters.store.database import Database

_migrating = threading.Lock()
"""Alembic's context is one for the whole process: two databases migrated at once would swap their tables."""


def upgrade(database: Database) -> None:
    """Bring the tables up to date. Raises CustosError when a newer Custos has written the database."""
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
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
