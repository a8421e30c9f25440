"""The suite of `Store`, on SQLite, on PostgreSQL and on the store in memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custos.adapters.store import SqlStore
from custos.pipeline.ports import Store
from custos.testing.check_store import CHECKS
from custos.testing.store import InMemoryStore

Check = Callable[[Store], None]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("prepared_url", ["sqlite", "postgresql"], indirect=True)
def test_database(check: Check, prepared_url: str, new_store: Callable[[str], SqlStore]) -> None:
    check(new_store(prepared_url))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_memory(check: Check) -> None:
    check(InMemoryStore())
