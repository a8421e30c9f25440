"""A store in memory, for tests: it passes the suite that the real one passes (`custos.testing.check_store`)."""

from custos.adapters.store.memory import InMemoryStore

__all__ = ["InMemoryStore"]
