"""The types of devices' events, and what is said of an event that is not as its type says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from custos.model.event import Event, Json, source_of
from custos.model.event_shape import faults_of
from custos.model.event_types import EVENT_TYPES
from custos.testing.check_event import check_event

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DOOR = source_of("hq", "doors", "dock")


def event(kind: str, data: dict[str, Json], source: str = DOOR) -> Event:
    return Event("e1", kind, AT, source, None, data)


def test_an_event_as_its_type_says_has_no_faults() -> None:
    granted = event("access.granted", {"door_id": "dock", "credential": "1234", "reader_id": "dock-in"})
    assert faults_of(granted, EVENT_TYPES["access.granted"]) == []
    check_event(granted)


def test_what_only_pictures_give_may_be_missing_where_the_device_says_so() -> None:
    told: dict[str, Json] = {"since": "2026-05-04T12:00:00Z", "words": "Blurred.", "seen_by": "device"}
    check_event(event("camera.defocused", told))
    seen = faults_of(event("camera.defocused", {**told, "seen_by": "us"}), EVENT_TYPES["camera.defocused"])
    assert seen == [f"camera.defocused needs the field {name!r}" for name in ("score", "sharpness", "shapes")]
    short = faults_of(event("camera.defocused", {"seen_by": "device"}), EVENT_TYPES["camera.defocused"])
    assert short == [f"camera.defocused needs the field {name!r}" for name in ("since", "words")]


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("door.opened", {}, "needs the field 'door_id'"),
        ("door.opened", {"door_id": "dock", "colour": "red"}, "has no field 'colour'"),
        ("door.opened", {"door_id": 7}, "door_id must be text, got 7"),
        ("door.opened", {"door_id": ""}, "door_id must be text, got ''"),
        ("pos.sold", {"till_id": "t1", "amount": "12"}, "amount must be number, got '12'"),
        ("pos.sold", {"till_id": "t1", "amount": True}, "amount must be number, got True"),
        ("pos.sold", {"till_id": "t1", "amount": float("nan")}, "amount must be number, got nan"),
        ("pos.sold", {"till_id": "t1", "amount": float("inf")}, "amount must be number, got inf"),
        ("door.tampered", {"door_id": "dock", "active": 1}, "active must be flag, got 1"),
    ],
)
def test_a_fault_names_the_field(kind: str, data: dict[str, Json], told: str) -> None:
    (fault,) = faults_of(event(kind, data), EVENT_TYPES[kind])
    assert told in fault


@pytest.mark.parametrize(
    ("source", "data", "door_id"),
    [
        (DOOR, {}, "dock"),
        ("/sites/hq/devices/north", {"door_id": "gate"}, "gate"),
        ("/sites/hq/cameras/dock", {}, None),
        ("/sites/hq/doors", {"door_id": 3}, None),
    ],
)
def test_the_door_of_an_event(source: str, data: dict[str, Json], door_id: str | None) -> None:
    assert event("door.opened", data, source).door_id == door_id


def test_every_type_is_named_in_the_past_tense_and_has_a_subject() -> None:
    for name in EVENT_TYPES:
        about, _, what = name.partition(".")
        assert about, name
        assert what, name
        assert what.split("_")[-1] not in ("open", "close", "alarm", "sale"), name
