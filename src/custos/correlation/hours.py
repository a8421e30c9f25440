"""When weekly hours begin and end, to the microsecond and across changes of the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custos.model.site import Schedule

_HORIZON_DAYS = 8
"""A weekly schedule that has not changed its mind after a week and a day never will."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; None is for ever. UTC."""

    start: datetime
    end: datetime | None


def spans_outside(schedule: Schedule | None, since: datetime) -> Iterator[Span]:
    """The spans outside the schedule from `since` on, in order and for ever; the first may begin at `since`.

    Without a schedule everything is outside.
    """
    since = since.astimezone(UTC)
    if schedule is None:
        yield Span(since, None)
        return
    start: datetime | None = since if not schedule.covers(since) else next_change(schedule, since)
    while start is not None:
        end = next_change(schedule, start)
        yield Span(start, end)
        start = next_change(schedule, end) if end is not None else None


def next_change(schedule: Schedule, at: datetime) -> datetime | None:
    """The first instant after `at` at which `schedule.covers` says something else; None when it never
    will."""
    covered = schedule.covers(at)
    for instant in _boundaries(schedule, at):
        if schedule.covers(instant) != covered:
            return instant
    return None


def _boundaries(schedule: Schedule, at: datetime) -> list[datetime]:
    """Every instant after `at` at which the schedule might change: where a span starts or ends, both times
    where the clock shows that time twice, and where the clock itself jumps. In order; UTC."""
    zone = ZoneInfo(schedule.time_zone)
    times = {t for span in schedule.hours for t in (span.start, span.end)}
    first_day = at.astimezone(zone).date()
    instants: set[datetime] = set()
    for n in range(_HORIZON_DAYS + 1):
        day = first_day + timedelta(days=n)
        for fold in (0, 1):
            instants |= {datetime.combine(day, t, zone).replace(fold=fold).astimezone(UTC) for t in times}
        instants |= _clock_jumps(day, zone)
    return sorted(i for i in instants if i > at)


def _clock_jumps(day: date, zone: ZoneInfo) -> set[datetime]:
    """The instant of the local day at which the zone's distance from UTC changes, if it does."""
    low = datetime.combine(day, time(), zone).astimezone(UTC)
    high = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return set()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return {high.replace(microsecond=0)}
