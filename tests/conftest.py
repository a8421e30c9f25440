"""How the tests are dealt out to the processes of one run (`make test` takes one for each core, at most four).

A file stays together, because what it starts is its own; the browser's folder stays together, because its tests share
one running site. What takes longest begins first.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

SHARE_A_SITE = PurePosixPath("tests/browser")
LONGEST_FIRST = ("browser", "acceptance", "integration")


class TogetherByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A file is dealt out as one, and so is the browser's folder (marks of xdist's own do not hold with pytest 9.2)."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.split("::", 1)[0])
        return str(SHARE_A_SITE if file.is_relative_to(SHARE_A_SITE) else file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TogetherByFile:
    """Deal out in the order of collection: the scheduler's own puts files of many tests first, not long ones."""
    config.option.loadscopereorder = False
    return TogetherByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the folders that take longest first; within a folder nothing changes place."""
    places = {f"tests/{folder}/": place for place, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: next((place for top, place in places.items() if item.nodeid.startswith(top)), 9))
