"""How the tests are dealt out to the processes of one run (`make test` takes one for each core, at most four).

A file stays together, because what it starts is its own; the browser's folder stays together, because its tests share
one running site. What takes longest begins first.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SHARE_A_SITE = "browser"
LONGEST_FIRST = ("browser", "acceptance", "integration")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name what the test stays together with; the name counts only where the run has several processes."""
    part = item.path.relative_to(TESTS)
    group = SHARE_A_SITE if part.parts[0] == SHARE_A_SITE else str(part)
    item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders that take longest first; within a folder nothing changes place."""
    places = {folder: place for place, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.relative_to(TESTS).parts[0], len(places)))
