"""Hours as people write them: {mon-fri: "07:00-19:00", sat: ["08:00-12:00", "13:00-15:00"]}."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time

from custos.adapters.sitefile.problems import Refused, did_you_mean
from custos.model.site import Hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$")


def read_hours(week: Mapping[str, str | Sequence[str]]) -> tuple[Hours, ...]:
    """Spans of the day by weekdays. Refused says which key or span makes no sense, and why."""
    return tuple(
        _span(weekdays, text)
        for days, spans in week.items()
        for weekdays in [_weekdays(days)]
        for text in ([spans] if isinstance(spans, str) else spans)
    )


def _weekdays(text: str) -> frozenset[int]:
    """ "mon", "mon-fri", "fri-mon" (over the week's end), "mon,wed", "daily"."""
    if text == "daily":
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.strip().partition("-")
        start, end = _weekday(first, text), _weekday(last or first, text)
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(days)


def _weekday(word: str, text: str) -> int:
    if word.strip() not in WEEKDAYS:
        raise Refused(f"{text!r} names no days", did_you_mean(word, [*WEEKDAYS, "daily"]))
    return WEEKDAYS.index(word.strip())


def _span(weekdays: frozenset[int], text: str) -> Hours:
    match = _SPAN.match(text)
    if not match:
        raise Refused(f"{text!r} is no span of the day", 'Write it like "07:00-19:00".')
    start_h, start_min, end_h, end_min = (int(group) for group in match.groups())
    if start_h > 23 or start_min > 59 or (end_h, end_min) > (24, 0) or end_min > 59:
        raise Refused(f"{text!r} is no span of the day", "Hours run from 00:00 to 24:00.")
    if (start_h, start_min) == (end_h, end_min):
        raise Refused(f"{text!r} is empty", 'The whole day is "00:00-24:00".')
    return Hours(weekdays, time(start_h, start_min), time(end_h % 24, end_min))


def week_of(hours: Sequence[Hours]) -> dict[str, str | list[str]]:
    """The reverse of `read_hours`, for writing: spans of the same days together."""
    week: dict[str, list[str]] = {}
    for span in hours:
        end = f"{span.end:%H:%M}" if span.end != time(0) else "24:00"
        week.setdefault(_days_text(span.weekdays), []).append(f"{span.start:%H:%M}-{end}")
    return {days: spans[0] if len(spans) == 1 else list(spans) for days, spans in week.items()}


def _days_text(weekdays: frozenset[int]) -> str:
    """ "daily", "mon-fri", "sat,mon"."""
    days = sorted(weekdays)
    if len(days) == 7:
        return "daily"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}"
    return ",".join(WEEKDAYS[day] for day in days)
