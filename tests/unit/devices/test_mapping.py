"""Records to events: templates, value maps, times, numbers, lines of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custos.adapters.devices.mapping import LineForm, Mapper, Misread, fields_of, flat, id_of, unknown_fields
from custos.model.event import Json
from custos.model.mapping import EventTemplate, RecordMapping
from custos.testing.check_event import check_event

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SALE = EventTemplate(
    type="pos.sold",
    when=(("kind", ("SALE", "S")),),
    data=(("till_id", "{till}"), ("amount", "{total}"), ("operator", "{who}")),
    time="{time}",
)
RECORD = {"kind": "SALE", "till": "Till 7", "total": "12.50", "who": "17", "time": "2026-05-04T13:59:58"}


def mapper(*events: EventTemplate, zone: str = "Europe/Berlin", form: str = "iso", comma: bool = False) -> Mapper:
    mapping = RecordMapping(
        events=events or (SALE,),
        values=(("who", (("17", "anna"),)),),
        time_form=form,
        time_zone=zone,
        decimal_comma=comma,
    )
    return Mapper(mapping, site_id="hq", scope="tills")


def test_an_empty_record_makes_nothing() -> None:
    with pytest.raises(Misread, match="no entry of 'events' fits it: kind ''"):
        mapper().events({}, received_at=NOON)


def test_a_record_becomes_an_event_with_values_and_time_zone() -> None:
    (event,) = mapper().events(RECORD, received_at=NOON)
    check_event(event)
    assert (event.type, event.source) == ("pos.sold", "/sites/hq/tills/till-7")
    assert event.at == NOON - timedelta(seconds=2)
    assert dict(event.data) == {
        "till_id": "till-7", "amount": 12.5, "operator": "anna", "received_at": "2026-05-04T12:00:00Z",
    }  # fmt: skip


def test_the_same_record_is_the_same_event_whenever_it_comes() -> None:
    first, again = (mapper().events(RECORD, received_at=NOON + timedelta(hours=h))[0] for h in (0, 5))
    other = mapper().events({**RECORD, "total": "12.51"}, received_at=NOON)[0]
    assert first.id == again.id != other.id


def test_without_a_time_of_its_own_every_record_is_another_event() -> None:
    plain = EventTemplate(type="pos.opened", data=(("till_id", "{till}"),))
    ids = {mapper(plain).events({"till": "1"}, received_at=NOON + timedelta(seconds=s))[0].id for s in range(3)}
    assert len(ids) == 3


def test_an_id_of_its_own_counts_alone_and_within_its_type() -> None:
    named = EventTemplate(type="pos.voided", data=(("till_id", "{till}"),), id="{tx}")
    opened = EventTemplate(type="pos.opened", data=(("till_id", "{till}"),), id="{tx}")
    record = {"till": "1", "tx": "4711"}
    first = mapper(named, opened).events(record, received_at=NOON)
    again = mapper(named, opened).events({**record, "more": "x"}, received_at=NOON + timedelta(days=1))
    assert [e.type for e in first] == ["pos.voided", "pos.opened"]
    assert [e.id for e in first] == [e.id for e in again]
    assert len({e.id for e in first}) == 2
    with pytest.raises(Misread, match="what makes it unique is missing"):
        mapper(named).events({"till": "1"}, received_at=NOON)


def test_a_record_may_be_understood_and_make_nothing() -> None:
    ignored = EventTemplate(type="none", when=(("kind", ("PING",)),))
    assert mapper(SALE, ignored).events({"kind": "PING"}, received_at=NOON) == []


def test_who_says_so_can_be_said() -> None:
    camera = EventTemplate(
        type="motion.started", data=(("source", "{area}"),), source="cameras/{cam}"
    )  # fmt: skip
    (event,) = mapper(camera).events({"cam": "Dock 2", "area": "left"}, received_at=NOON)
    assert event.camera_id == "dock-2"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"total": "twelve"}, "amount must be a number, got 'twelve'"),
        ({"total": ""}, "amount is missing: {total}"),
        ({"total": "1e400"}, "amount must be a number"),
        ({"total": "nan"}, "amount must be a number"),
        ({"till": "???"}, "'???' cannot be an id"),
        ({"time": "noon"}, "'noon' is no time of the form 'iso'"),
        ({"time": ""}, "the time is missing: {time}"),
        ({"time": "2026-05-06T12:00:00"}, "lies more than a day ahead"),
        ({"time": "0001-01-01T00:00:00"}, "is no time"),
        ({"kind": "VOID"}, "no entry of 'events' fits it: kind 'VOID'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_record_is_said(changed: dict[str, str], told: str) -> None:
    with pytest.raises(Misread) as caught:
        mapper().events({**RECORD, **changed}, received_at=NOON)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "comma", "amount"),
    [("12", False, 12), ("-12.5", False, 12.5), ("1,234.50", False, 1234.5), ("€ 3.20", False, 3.2),
     ("3.20 CHF", False, 3.2), ("1'234.50", False, 1234.5), ("1.234,50", True, 1234.5), ("12,5 €", True, 12.5),
     (".50", False, 0.5)],
)  # fmt: skip
def test_amounts_as_tills_write_them(text: str, comma: bool, amount: float) -> None:
    (event,) = mapper(comma=comma).events({**RECORD, "total": text}, received_at=NOON)
    assert event.data["amount"] == amount


@pytest.mark.parametrize(
    ("form", "text", "zone", "expected"),
    [
        ("iso", "2026-05-04T12:00:00Z", "Europe/Berlin", NOON),
        ("iso", "2026-05-04 14:00:00", "Europe/Berlin", NOON),
        ("unix", "1777896000", "Europe/Berlin", NOON),
        ("unix_ms", "1777896000000", "UTC", NOON),
        ("%d.%m.%Y %H:%M", "04.05.2026 14:00", "Europe/Berlin", NOON),
        ("%m/%d/%Y %I:%M:%S %p", "05/04/2026 08:00:00 AM", "America/New_York", NOON),
        ("%Y-%m-%d %H:%M:%S %z", "2026-05-04 07:00:00 -0500", "Europe/Berlin", NOON),
        # the hour that comes twice is taken the first time, the hour that is not there is an hour later
        ("iso", "2026-10-25T02:30:00", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("iso", "2026-03-29T02:30:00", "Europe/Berlin", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_times_as_devices_write_them(form: str, text: str, zone: str, expected: datetime) -> None:
    assert mapper(form=form, zone=zone).instant(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, {}),
        ({"a": None, "b": True, "c": 1.5}, {"b": "true", "c": "1.5"}),
        ({"a": {"b": [1, {"c": "x"}]}}, {"a.b.0": "1", "a.b.1.c": "x"}),
    ],
)
def test_json_becomes_flat(value: Json, expected: dict[str, str]) -> None:
    assert flat(value) == expected


def test_json_that_is_too_much_is_refused() -> None:
    deep: Json = "x"
    for _ in range(200):
        deep = {"a": deep}
    for value in (deep, list(range(600))):
        with pytest.raises(Misread, match="more than 500 fields, or they are nested"):
            flat(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "line", "expected"),
    [
        ("{a};{b}", "1;2", {"a": "1", "b": "2"}),
        ("{a};{b}", "1;2;3", {"a": "1", "b": "2;3"}),
        ("{a} {b}", "  x \t  y z ", {"a": "x", "b": "y z"}),
        ("POS {a}: {b} EUR", "POS 7: 12,50 EUR", {"a": "7", "b": "12,50"}),
        ("POS {a}: {b} EUR", "POS 7: 12,50 USD", None),
        ("POS {a}", "TILL 7", None),
        ("{a};{b}", "no semicolon", None),
        ("{a};{b}", ";", {"a": "", "b": ""}),
        ("<{a}|{b}>", "<1|2>", {"a": "1", "b": "2"}),
        ("<{a}|{b}>", "<1|2> and more", None),
        ("{a} {b}", "one", None),
    ],
)
def test_lines_of_text(form: str, line: str, expected: dict[str, str] | None) -> None:
    assert LineForm.of(form).read(line) == expected


@pytest.mark.parametrize("form", ["", "no fields", "{a}{b}", "{a} {a}", "{a", "a}", "{{a}}"])
def test_forms_that_make_no_sense(form: str) -> None:
    with pytest.raises(ValueError, match=r"brace|field"):
        LineForm.of(form)


@given(st.text(max_size=300))
def test_any_line_is_read_or_not_and_nothing_else(line: str) -> None:
    for form in ("{time} {till} {kind} {amount}", "{a};{b};{c}", "<{a}|{b}>"):
        found = LineForm.of(form).read(line)
        assert found is None or set(found) == set(fields_of(form))


@given(st.dictionaries(st.sampled_from(["kind", "till", "total", "who", "time"]), st.text(max_size=40)))
def test_any_record_makes_sound_events_or_is_misread(record: dict[str, str]) -> None:
    try:
        events = mapper(SALE, EventTemplate(type="pos.opened", data=(("till_id", "{till}"),))).events(
            record, received_at=NOON
        )
    except Misread:
        return
    for event in events:
        check_event(event)


@pytest.mark.parametrize(("text", "expected"), [("Main Entrance", "main-entrance"), ("T_07", "t-07"), ("é1", "1")])
def test_ids_are_written_small(text: str, expected: str) -> None:
    assert id_of(text) == expected


def test_fields_that_no_record_has_are_found() -> None:
    assert unknown_fields(RecordMapping(events=(SALE,)), ["kind", "till", "total", "time"]) == ["who"]
