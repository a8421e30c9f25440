"""What is the matter with panels and their zones, told by told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custos.model.event import Event, Json
from custos.server.panels import panel_troubles

START = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
Said = tuple[str, dict[str, Json]]


def told(*said: Said, panel: str = "main") -> list[Event]:
    """One event a second."""
    return [
        Event(f"{n}", f"panel.{type_}", START + timedelta(seconds=n), f"/sites/hq/panels/{panel}", None,
              {"panel_id": panel, **data})
        for n, (type_, data) in enumerate(said)
    ]  # fmt: skip


BURGLARY: Said = ("alarmed", {"zone": "01", "kind": "burglary", "partition": "1"})
TAMPER: Said = ("alarmed", {"zone": "01", "kind": "tamper", "partition": "1"})
LID: Said = ("troubled", {"kind": "tamper"})


@pytest.mark.parametrize(
    ("said", "panel", "zone", "other"),
    [
        ((), None, None, None),
        ((BURGLARY,), "alarm", "alarm", None),
        ((BURGLARY, BURGLARY, ("restored", {"zone": "01", "kind": "burglary"})), None, None, None),
        ((BURGLARY, ("restored", {"zone": "02", "kind": "burglary"})), "alarm", "alarm", None),
        ((BURGLARY, ("restored", {"zone": "01", "kind": "fire"})), "alarm", "alarm", None),
        ((BURGLARY, ("restored", {"kind": "burglary"})), None, None, None),
        ((BURGLARY, ("disarmed", {"partition": "1"})), None, None, None),
        ((BURGLARY, ("disarmed", {"partition": "2"})), "alarm", "alarm", None),
        ((BURGLARY, ("disarmed", {})), None, None, None),
        ((("disarmed", {}), BURGLARY), "alarm", "alarm", None),
        ((TAMPER,), "tamper", "tamper", None),
        ((TAMPER, ("disarmed", {})), "tamper", "tamper", None),
        ((LID,), "tamper", None, None),
        ((("troubled", {"kind": "power", "zone": "01"}),), None, None, None),
        ((TAMPER, BURGLARY), "alarm", "alarm", None),
        ((("silent", {}),), "silent", "silent", "silent"),
        ((("silent", {}), TAMPER), "tamper", "tamper", "silent"),
        ((("silent", {}), ("heard", {})), None, None, None),
    ],
)
def test_what_is_the_matter(said: tuple[Said, ...], panel: str | None, zone: str | None, other: str | None) -> None:
    troubles = panel_troubles(told(*said))
    found = [troubles.of(place) for place in ("panels/main", "panels/main/01", "panels/main/02")]
    assert [None if one is None else one.what for one in found] == [panel, zone, other]


def test_since_when_and_of_which_panel() -> None:
    troubles = panel_troubles([*told(("heard", {}), BURGLARY, BURGLARY), *told(("silent", {}), panel="shed")])
    alarm = troubles.of("panels/main/01")
    assert alarm is not None
    assert alarm.since == START + timedelta(seconds=1)
    assert troubles.of("panels/mai") is None
    assert troubles.of("panels/shed/01") is not None
