"""Weekly hours, and the days on which other hours hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custos.model.naming import check_id


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day on some weekdays (0 Monday .. 6 Sunday); `start` after `end` runs past midnight."""

    weekdays: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly hours in a time zone; an empty schedule is never in force."""

    hours: tuple[Hours, ...]
    time_zone: str

    def __post_init__(self) -> None:
        ZoneInfo(self.time_zone)

    def covers(self, at: datetime) -> bool:
        """Whether `at` (aware) lies within the hours; `start` is in, `end` is out."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        now = local.time().replace(tzinfo=None)
        for span in self.hours:
            if span.start < span.end:
                if local.weekday() in span.weekdays and span.start <= now < span.end:
                    return True
            elif (local.weekday() in span.weekdays and now >= span.start) or (
                (local.weekday() - 1) % 7 in span.weekdays and now < span.end
            ):
                return True
        return False

    def covers_all(self, since: datetime, until: datetime) -> bool:
        """Whether all the time from `since` to `until` (aware) lies within the hours; they may end right after."""
        return self.covers(since) and self.covers(until) and all(map(self.covers, self._ends(since, until)))

    def _ends(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """The times in between at which a span ends: another may begin there. An end in the hour that a change of
        clocks repeats is one twice."""
        zone = ZoneInfo(self.time_zone)
        first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            for span in self.hours:
                end = datetime.combine(day, span.end, zone)
                yield from (
                    at for at in (end, end.replace(fold=1)) if since.timestamp() <= at.timestamp() <= until.timestamp()
                )


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which schedules hold their holiday hours."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class SiteSchedule:
    """Hours with a name, for doors, roles and rules.

    Args:
        hours: on ordinary days.
        on_holidays: on holidays, whatever the weekday; without hours it is never in force then.
    """

    id: str
    name: str
    hours: Schedule
    on_holidays: Schedule

    def __post_init__(self) -> None:
        check_id(self.id, "schedule")

    def covers(self, at: datetime, holidays: frozenset[date]) -> bool:
        """Whether `at` (aware) lies within the hours; a span past midnight belongs to the day it began on."""
        local = at.astimezone(ZoneInfo(self.hours.time_zone))
        return any(self._began(local, back, holidays) for back in (0, 1))

    def _began(self, local: datetime, days_back: int, holidays: frozenset[date]) -> bool:
        """Whether a span that began `days_back` days before covers this local time."""
        day = date.fromordinal(local.toordinal() - days_back)
        now = local.time().replace(tzinfo=None)
        for span in (self.on_holidays if day in holidays else self.hours).hours:
            if day.weekday() not in span.weekdays:
                continue
            overnight = span.start >= span.end
            if days_back == 0 and span.start <= now and (overnight or now < span.end):
                return True
            if days_back == 1 and overnight and now < span.end:
                return True
        return False
