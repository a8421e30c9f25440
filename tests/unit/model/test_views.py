"""What places are called."""

from __future__ import annotations

import pytest

from custos.model.views import name_of

NAMES = {"doors/front": "Front door"}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("", ""),
        ("doors/front", "Front door"),
        ("doors/side", "side"),
        ("zones/lobby/desk", "desk"),
        ("holders/till-1", "till-1"),
        ("tills/till-1", "Till 1"),
        ("panels/dock-panel", "Dock panel"),
        ("panels/dock-panel/11", "Dock panel, zone 11"),
    ],
)
def test_a_place_without_a_name(place: str, name: str) -> None:
    assert name_of(place, NAMES) == name
