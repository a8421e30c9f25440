"""Events to CloudEvents and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custos.model.event import Event, Json
from custos.pipeline.cloudevents import from_cloudevent, to_cloudevent

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TOLD: dict[str, Json] = {
    "specversion": "1.0",
    "id": "e1",
    "type": "custos.zone.entered",
    "source": "/sites/hq/cameras/dock",
    "subject": "tracks/dock-1-7",
    "time": "2026-05-04T12:00:00Z",
    "datacontenttype": "application/json",
    "data": {"zone_id": "restricted"},
}


def test_an_event_becomes_the_documented_object() -> None:
    event = Event("e1", "zone.entered", AT, "/sites/hq/cameras/dock", "tracks/dock-1-7", {"zone_id": "restricted"})
    assert to_cloudevent(event) == TOLD
    assert from_cloudevent(TOLD) == event


def test_no_subject_is_left_out_and_null_is_none() -> None:
    event = Event("e1", "system.started", AT, "/sites/hq")
    assert "subject" not in to_cloudevent(event)
    assert from_cloudevent({**to_cloudevent(event), "subject": None}) == event


@given(
    at=st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001 - aware below
    offset_min=st.integers(-14 * 60, 14 * 60),
    data=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.floats(0, 1))),
)
def test_every_event_comes_back_as_it_was(at: datetime, offset_min: int, data: dict[str, Json]) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    event = Event("e", "line.crossed", at.replace(tzinfo=zone), "/sites/hq/cameras/dock", None, data)
    told = to_cloudevent(event)
    assert str(told["time"]).endswith("Z")
    assert from_cloudevent(told) == event


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"specversion": "0.3"}, "specversion must be '1.0', got '0.3'"),
        ({"specversion": None}, "specversion must be '1.0', got None"),
        ({"id": ""}, "id must be a text that is not empty, got ''"),
        ({"id": 7}, "id must be a text that is not empty, got 7"),
        ({"type": "com.example.thing"}, "type must begin with 'custos.', got 'com.example.thing'"),
        ({"type": "custos."}, "type must begin with 'custos.'"),
        ({"source": None}, "source must be a text"),
        ({"subject": 3}, "subject must be a text"),
        ({"time": "yesterday"}, "time must be an ISO 8601 date and time, got 'yesterday'"),
        ({"time": "2026-05-04T12:00:00"}, "time must say its offset"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time must be an ISO 8601"),
        ({"datacontenttype": "text/xml"}, "datacontenttype must be 'application/json', got 'text/xml'"),
        ({"data": [1]}, "data must be an object, got list"),
        ({"data_base64": "aGk="}, "no attribute 'data_base64'"),
        ({"Not-A-Name": 1}, "no attribute 'Not-A-Name'"),
    ],
)
def test_what_is_no_event_of_ours_is_refused(change: dict[str, Json], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        from_cloudevent({**TOLD, **change})


def test_well_named_extensions_are_ignored() -> None:
    assert from_cloudevent({**TOLD, "traceparent": "00-0af7"}) == from_cloudevent(TOLD)
