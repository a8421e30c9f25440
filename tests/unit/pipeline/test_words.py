"""Events in plain words."""

from __future__ import annotations

import pytest

from custos.model.event import Event, Json
from custos.pipeline.words import LONGEST, event_words
from custos.testing.clock import START

NAMES = {"doors/front": "Front door", "areas/hall": "Hall", "zones/lobby/desk": "Reception"}
CAMERA, DOOR = "/sites/hq/cameras/lobby", "/sites/hq/doors/front"
TILL, PANEL = "/sites/hq/tills/till-1", "/sites/hq/panels/main"


@pytest.mark.parametrize(
    ("type_", "source", "data", "words"),
    [
        ("zone.entered", CAMERA, {"class": "person", "zone_id": "desk"}, "A person came into “Reception”"),
        ("zone.entered", CAMERA, {"class": "unknown", "zone_id": "x"}, "Something that moves came into a zone"),
        (
            "zone.entered",
            CAMERA,
            {"class": "person", "zone_id": "desk", "doubtful": "The view has shifted by 12% of its width."},
            "A person came into “Reception” (the camera had been moved: its zones and lines may be off)",
        ),
        ("track.started", CAMERA, {"class": "umbrella"}, "An umbrella is in the picture"),
        ("door.opened", DOOR, {}, "Front door was opened"),
        ("door.opened", "/sites/hq/doors/new", {}, "A door's contact says that it is open"),
        ("door.used", DOOR, {"reason": "1 credentials in, 0 out"}, "Used"),
        (
            "door.used",
            DOOR,
            {"because": "forced", "open_s": 3.4, "people_in": 2, "people_out": 0, "event_ids": []},
            "Used by force, open for 3 s; 2 went in",
        ),
        ("access.granted", DOOR, {}, "Somebody was let in"),
        ("access.granted", DOOR, {"credential": "2207"}, "Unknown credential 2207 was let in"),
        ("access.passed", DOOR, {"credential": "2207", "into_area": "hall"}, "Unknown credential 2207 went into Hall"),
        ("pos.refunded", TILL, {}, "Refund"),
        (
            "pos.refunded",
            TILL,
            {"amount": 89, "currency": "EUR", "operator": "anna", "reason": "broken"},
            "Refund of 89.00 EUR by anna: broken",
        ),
        ("pos.opened", TILL, {"operator": "anna"}, "Drawer opened without a sale by anna"),
        ("panel.alarmed", PANEL, {}, "An intrusion panel reports an alarm"),
        ("panel.alarmed", PANEL, {"meaning": "burglary alarm", "zone": "11"}, "Burglary alarm, zone 11"),
        ("door.held", DOOR, {}, "Front door has stood open for longer than its timer allows"),
        (
            "access.denied",
            DOOR,
            {"reason": "CredentialNotActive"},
            "Somebody was refused: the credential is not active",
        ),
        ("access.denied", DOOR, {"reason": "Zone 4 is armed"}, "Somebody was refused: Zone 4 is armed"),
        ("access.denied", DOOR, {"reason": "Unauthorized"}, "Somebody was refused: not allowed there"),
        ("access.passed", DOOR, {"reason": "By McDonald gate", "event_ids": []}, "By McDonald gate"),
        (
            "access.refused",
            DOOR,
            {"reason": "Refused: CredentialExpired", "event_ids": []},
            "Refused: the credential has expired",
        ),
        ("camera.covered", CAMERA, {"words": "Half of the picture is hidden"}, "Half of the picture is hidden"),
        ("made.up", CAMERA, {}, "made.up"),
    ],
)
def test_in_words(type_: str, source: str, data: dict[str, Json], words: str) -> None:
    assert event_words(Event("e", type_, START, source, None, data), NAMES) == words


def test_a_holder_stands_by_name_where_that_may_be_told() -> None:
    """Symptom: a door's log on an incident said "A credential was let in, or somebody without one"."""
    granted = Event("e", "access.granted", START, DOOR, None, {"credential": "2207"})
    assert event_words(granted, NAMES, "Mia Brandt") == "Mia Brandt was let in"
    refused = Event("e", "access.denied", START, DOOR, None, {"reason": "CredentialExpired"})
    assert event_words(refused, NAMES, "Mia Brandt") == "Mia Brandt was refused: the credential has expired"


def test_a_device_that_talks_too_much_is_cut_short() -> None:
    long = Event("e", "access.denied", START, DOOR, None, {"reason": "x" * 4000})
    assert len(event_words(long, NAMES)) == LONGEST


def test_a_long_name_is_cut_and_its_doubt_is_not() -> None:
    """Symptom: the mark that the camera had been moved was cut off."""
    event = Event("e", "zone.entered", START, CAMERA, None, {"zone_id": "desk", "doubtful": "It has shifted."})
    told = event_words(event, {"zones/lobby/desk": "Hall " * 60})
    assert len(told) == LONGEST
    assert told.endswith(" (the camera had been moved: its zones and lines may be off)")
