"""Every behaviour passes `custos.testing.check_behaviour`: the two of zones and lines, and every kind of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custos.model.behaviours import BEHAVIOUR_KINDS
from custos.model.event_types import EVENT_TYPES
from custos.model.site import Direction, Line, Zone
from custos.testing.behaviour_cases import CASES
from custos.testing.check_behaviour import CHECKS, MakeBehaviour, Story, play, stroll
from custos.vision.behaviours import LineCrossing, ZoneVisits
from custos.vision.behaviours.registry import CONSTRUCTORS

SQUARE = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
ACROSS = ((0.0, 0.5), (1.0, 0.5))
BEHAVIOURS: dict[str, MakeBehaviour] = {
    "zone": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE)),
    "zone with loitering": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE, loiter_s=2.0)),
    "zone without dwell": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE, min_dwell_s=0)),
    "line": lambda: LineCrossing(Line("across", "Across", ACROSS)),
    "line, one way": lambda: LineCrossing(Line("across", "Across", ACROSS, Direction.LEFT)),
}
Check = Callable[[MakeBehaviour, Story], None]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_behaviour_of_zones_and_lines(make: MakeBehaviour, check: Check) -> None:
    check(make, stroll)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", BEHAVIOUR_KINDS)
def test_behaviour_of_the_table(kind: str, check: Check) -> None:
    check(CASES[kind].make, CASES[kind].told)


@pytest.mark.parametrize("kind", BEHAVIOUR_KINDS)
def test_a_kind_makes_the_events_it_lists_and_says_who_it_is(kind: str) -> None:
    case, listed = CASES[kind], BEHAVIOUR_KINDS[kind].events
    assert set(listed) <= set(EVENT_TYPES)
    said = play(case.make(), case.told)
    assert {sighting.type for sighting in said} == set(listed)
    assert {sighting.data["behaviour_id"] for sighting in said} == {case.spec.id}


def test_table_constructors_and_cases_are_of_the_same_kinds() -> None:
    assert set(CONSTRUCTORS) == set(CASES) == set(BEHAVIOUR_KINDS)
