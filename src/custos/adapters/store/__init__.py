"""The store, over SQLAlchemy: SQLite embedded, PostgreSQL when outgrown."""

from custos.adapters.store.accounts import SqlAccounts
from custos.adapters.store.store import SqlStore, open_store

__all__ = ["SqlAccounts", "SqlStore", "open_store"]
