"""Every behaviour passes `custos.testing.check_behaviour`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custos.model.site import Direction, Line, Zone
from custos.testing.check_behaviour import CHECKS, MakeBehaviour
from custos.vision.behaviours import LineCrossing, ZoneVisits

SQUARE = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
ACROSS = ((0.0, 0.5), (1.0, 0.5))
BEHAVIOURS: dict[str, MakeBehaviour] = {
    "zone": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE)),
    "zone with loitering": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE, loiter_s=2.0)),
    "zone without dwell": lambda: ZoneVisits(Zone("middle", "Middle", SQUARE, min_dwell_s=0)),
    "line": lambda: LineCrossing(Line("across", "Across", ACROSS)),
    "line, one way": lambda: LineCrossing(Line("across", "Across", ACROSS, Direction.LEFT)),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("make", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_behaviour(make: MakeBehaviour, check: Callable[[MakeBehaviour], None]) -> None:
    check(make)
