"""The store, over SQLAlchemy: SQLite embedded, PostgreSQL when outgrown; and one in memory."""

from custos.adapters.store.accounts import SqlAccounts
from custos.adapters.store.memory import InMemoryStore
from custos.adapters.store.store import SqlStore, open_store

__all__ = ["InMemoryStore", "SqlAccounts", "SqlStore", "open_store"]
