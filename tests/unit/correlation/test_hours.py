"""When weekly hours begin and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custos.correlation.hours import Span, next_change, spans_outside
from custos.model.site import Hours, Schedule

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
MONDAY = date(2026, 3, 2)


def schedule(*spans: tuple[frozenset[int], str, str], time_zone: str = "UTC") -> Schedule:
    return Schedule(
        tuple(Hours(days, time.fromisoformat(start), time.fromisoformat(end)) for days, start, end in spans),
        time_zone,
    )


def utc(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), UTC)


OFFICE = schedule((WEEKDAYS, "08:00", "18:00"))
NIGHT = schedule((EVERY_DAY, "22:00", "06:00"))


@pytest.mark.parametrize(
    ("hours", "at", "change"),
    [
        (schedule(), utc("12:00"), None),
        (schedule((EVERY_DAY, "00:00", "00:00")), utc("12:00"), None),
        (OFFICE, utc("07:59:59.999999"), utc("08:00")),
        (OFFICE, utc("08:00"), utc("18:00")),
        (OFFICE, utc("17:59"), utc("18:00")),
        (OFFICE, utc("18:00"), utc("08:00", MONDAY + timedelta(days=1))),
        (OFFICE, utc("18:00", MONDAY + timedelta(days=4)), utc("08:00", MONDAY + timedelta(days=7))),
        (NIGHT, utc("23:00"), utc("06:00", MONDAY + timedelta(days=1))),
        (NIGHT, utc("06:00"), utc("22:00")),
        (
            schedule((frozenset({0}), "10:00", "11:00")),
            utc("11:00"),
            utc("10:00", MONDAY + timedelta(days=7)),
        ),
    ],
)
def test_next_change(hours: Schedule, at: datetime, change: datetime | None) -> None:
    assert next_change(hours, at) == change


@pytest.mark.parametrize(
    ("span", "at", "change"),
    [
        # Spring: 02:00 becomes 03:00 at 01:00 UTC, and hours that begin within the gap begin with the jump.
        (("02:30", "05:00"), "2026-03-29T00:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        (("22:00", "02:30"), "2026-03-28T22:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        # Autumn: 03:00 becomes 02:00 at 01:00 UTC; hours that ended at 02:30 are in force again.
        (("22:00", "02:30"), "2026-10-25T00:00:00+00:00", "2026-10-25T00:30:00+00:00"),
        (("22:00", "02:30"), "2026-10-25T00:30:00+00:00", "2026-10-25T01:00:00+00:00"),
        (("22:00", "02:30"), "2026-10-25T01:00:00+00:00", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_next_change_where_the_clock_jumps(span: tuple[str, str], at: str, change: str) -> None:
    hours = schedule((EVERY_DAY, *span), time_zone="Europe/Berlin")
    assert next_change(hours, datetime.fromisoformat(at)) == datetime.fromisoformat(change)


def test_without_a_schedule_everything_is_outside() -> None:
    assert list(spans_outside(None, utc("12:00"))) == [Span(utc("12:00"), None)]
    assert list(spans_outside(schedule(), utc("12:00"))) == [Span(utc("12:00"), None)]


def test_hours_that_never_end_leave_nothing_outside() -> None:
    assert list(spans_outside(schedule((EVERY_DAY, "00:00", "00:00")), utc("12:00"))) == []


def test_spans_outside_go_on() -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert list(islice(spans_outside(OFFICE, utc("06:00")), 2)) == [
        Span(utc("06:00"), utc("08:00")),
        Span(utc("18:00"), utc("08:00", tuesday)),
    ]
    assert next(spans_outside(OFFICE, utc("12:00"))) == Span(utc("18:00"), utc("08:00", tuesday))


clock_times = st.builds(lambda q: time(q // 4, 15 * (q % 4)), st.integers(0, 95))
schedules = st.builds(
    Schedule,
    st.lists(st.builds(Hours, st.frozensets(st.integers(0, 6), min_size=1), clock_times, clock_times), max_size=3).map(
        tuple
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "America/Asuncion"]),
)
AROUND_JUMPS = (
    "2026-03-28",
    "2026-10-24",
    "2026-03-07",
    "2026-10-31",
    "2026-04-04",
    "2026-10-03",
    "2026-06-15",
)
instants = st.builds(
    lambda day, minutes: datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=minutes),
    st.sampled_from(AROUND_JUMPS),
    st.integers(0, 3 * 24 * 60),
)


@settings(max_examples=50, deadline=None)
@given(schedules, instants)
def test_next_change_is_the_first_minute_that_differs(hours: Schedule, at: datetime) -> None:
    """Against looking at every minute of two days; all changes of these zones fall on whole minutes."""
    change = next_change(hours, at)
    minutes = (at + timedelta(minutes=n) for n in range(1, 2 * 24 * 60))
    looked_up = next((m for m in minutes if hours.covers(m) != hours.covers(at)), None)
    if looked_up is not None:
        assert change == looked_up
    else:
        assert change is None or change >= at + timedelta(days=2)


@settings(max_examples=40, deadline=None)
@given(schedules, instants)
def test_spans_outside_are_outside(hours: Schedule, at: datetime) -> None:
    for span in islice(spans_outside(hours, at), 3):
        assert span.start >= at
        assert not hours.covers(span.start)
        assert span.start == at or hours.covers(span.start - timedelta(microseconds=1))
        if span.end is not None:
            assert hours.covers(span.end)
            assert not hours.covers(span.end - timedelta(microseconds=1))


def test_instants_are_utc() -> None:
    berlin = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert next(spans_outside(None, berlin)).start.tzinfo is UTC
