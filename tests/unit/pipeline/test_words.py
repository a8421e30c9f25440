"""Events in plain words."""

from __future__ import annotations

import pytest

from custos.model.event import Event, Json
from custos.pipeline.words import LONGEST, event_words
from custos.testing.clock import START

NAMES = {"doors/front": "Front door", "zones/lobby/desk": "Reception"}
CAMERA, DOOR = "/sites/hq/cameras/lobby", "/sites/hq/doors/front"


@pytest.mark.parametrize(
    ("type_", "source", "data", "words"),
    [
        ("zone.entered", CAMERA, {"class": "person", "zone_id": "desk"}, "A person came into Reception"),
        ("zone.entered", CAMERA, {"class": "unknown", "zone_id": "x"}, "Something that moves came into a zone"),
        (
            "zone.entered",
            CAMERA,
            {"class": "person", "zone_id": "desk", "doubtful": "The view has shifted by 12% of its width."},
            "A person came into Reception (the camera had been moved: its zones and lines may be off)",
        ),
        ("track.started", CAMERA, {"class": "umbrella"}, "An umbrella is in the picture"),
        ("door.opened", DOOR, {}, "Front door's contact says that it is open"),
        ("door.held", DOOR, {}, "Front door has stood open for longer than its timer allows"),
        (
            "access.denied",
            DOOR,
            {"reason": "CredentialNotActive"},
            "A credential was refused: the credential is not active",
        ),
        ("access.denied", DOOR, {"reason": "Zone 4 is armed"}, "A credential was refused: Zone 4 is armed"),
        ("access.denied", DOOR, {"reason": "Unauthorized"}, "A credential was refused: not allowed there"),
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


def test_a_device_that_talks_too_much_is_cut_short() -> None:
    long = Event("e", "access.denied", START, DOOR, None, {"reason": "x" * 4000})
    assert len(event_words(long, NAMES)) == LONGEST


def test_a_long_name_is_cut_and_its_doubt_is_not() -> None:
    """Symptom: the mark that the camera had been moved was cut off."""
    event = Event("e", "zone.entered", START, CAMERA, None, {"zone_id": "desk", "doubtful": "It has shifted."})
    told = event_words(event, {"zones/lobby/desk": "Hall " * 60})
    assert len(told) == LONGEST
    assert told.endswith(" (the camera had been moved: its zones and lines may be off)")
