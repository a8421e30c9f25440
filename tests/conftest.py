"""How the tests are dealt out to the processes of one run (`make test` takes one for each core, at most four).

A file stays together, because what it starts is its own. The files of tests/browser that stand before the demo stay
together, because they share one running demo. It keeps a core busy, so beside it stand the tests that mostly wait for
something; then come those that compute, the longest first, so that all processes end at the same time.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

BROWSER = PurePosixPath("tests/browser")
TAKES_A_WHILE = (
    f"{BROWSER / 'test_behaviours.py'}::test_counts_are_drawn_over_time_and_in_words",
    str(BROWSER / "test_story.py"),
)
"""Of the demo's story: most of it has passed while the others had their turn, so these come last."""
NEW_SITE = BROWSER / "test_new_site.py"
PREMISES = BROWSER / "test_premises.py"
WITHOUT_THE_DEMO = {BROWSER / "test_entry.py": NEW_SITE, NEW_SITE: NEW_SITE, PREMISES: PREMISES}
"""By file, with whom it stays together: a new site is up once for both files that stand before it."""
ORDER = [
    PurePosixPath("tests", *place.split("/"))
    for place in ("browser", "integration", "acceptance", "unit/vision", "unit/pipeline", "unit/simulate", "tfjs", "")
]

# A machine may be as slow as it likes: how long an example takes is no error.
settings.register_profile("custos", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("custos")


def _scope(nodeid: str) -> PurePosixPath:
    file = PurePosixPath(nodeid.split("::", 1)[0])
    return WITHOUT_THE_DEMO.get(file, BROWSER) if file.is_relative_to(BROWSER) else file


class TogetherByScope(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Deals out what stays together as one (marks of xdist's own do not hold with pytest 9.2)."""

    def _split_scope(self, nodeid: str) -> str:
        return str(_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TogetherByScope:
    """Deal out in the order of collection: the scheduler's own puts files of many tests first, not long ones."""
    config.option.loadscopereorder = False
    return TogetherByScope(config, log)


def _place(item: pytest.Item) -> tuple[int, bool]:
    scope = _scope(item.nodeid)
    if scope in WITHOUT_THE_DEMO:
        scope = ORDER[2]
    place = next(place for place, folder in enumerate(ORDER) if scope.is_relative_to(folder))
    return place, item.nodeid.startswith(TAKES_A_WHILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within a folder nothing else changes place."""
    items.sort(key=_place)
