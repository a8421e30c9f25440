"""A rule's memory of visits: which go on, which are over, and which ends came before their beginnings.
Bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.model.event import Event

SAME_INSTANT_S = 0.05
"""`dwell_s` is rounded; two visits of one subject to one zone lie further apart than this."""
REMEMBERED = timedelta(minutes=10)
"""A visit that is over is remembered so long, so that its events arriving again are known."""
FORGETTING = timedelta(minutes=1)
"""So often it is looked which are; at a start, hours of time pass in thousands of steps."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where visits of one subject follow each other and never overlap."""

    camera_id: str
    zone_id: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A visit will have something to say.

    Args:
        n: counts what the visit says.
        counted_from: since when it counts: its beginning, or the end of the hours.
        opens: it is the first thing since then.
    """

    at: datetime
    n: int
    counted_from: datetime
    opens: bool


@dataclass(slots=True, eq=False)
class Visit:
    """One unbroken stay. `left_at` is known when its `zone.left` has come; without it, a visit that has
    `ended_at` ended unseen."""

    entered: Event
    place: Place
    plan: Iterator[Due]
    due: Due | None
    left_at: datetime | None = None
    ended_at: datetime | None = None
    has_spoken: bool = False


class Visits:
    """The visits of one rule.

    Args:
        limit: at most so many visits, and so many early ends; beyond it the oldest go, those that are over
        first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._all: dict[str, Visit] = {}
        self._going: dict[str, Visit] = {}
        self._of_place: dict[Place, list[Visit]] = {}
        self._early_ends: dict[Place, dict[str, Event]] = {}
        self._early_count = 0
        self._forgot_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._all) + self._early_count

    def __contains__(self, entered_id: str) -> bool:
        return entered_id in self._all

    def going(self) -> list[Visit]:
        """Visits whose end is not known."""
        return list(self._going.values())

    def begin(self, visit: Visit) -> Event | None:
        """Remember a visit; its end, if that came before."""
        self._all[visit.entered.id] = self._going[visit.entered.id] = visit
        self._of_place.setdefault(visit.place, []).append(visit)
        if len(self._all) > self._limit:
            over = next((v for v in self._all.values() if v.ended_at is not None), None)
            self._drop(over or next(iter(self._all.values())))
        ends = self._early_ends.get(visit.place, {})
        end = next((end for end in ends.values() if _belongs(end, visit)), None)
        if end is not None:
            self._drop_end(visit.place, end.id)
        return end

    def of_end(self, left: Event, place: Place) -> Visit | None:
        """The visit that this `zone.left` ends, or has ended before."""
        return next((v for v in self._of_place.get(place, ()) if _belongs(left, v)), None)

    def keep_end(self, left: Event, place: Place) -> None:
        """Its beginning is still on its way."""
        ends = self._early_ends.setdefault(place, {})
        self._early_count += left.id not in ends
        ends[left.id] = left
        if self._early_count > self._limit:
            oldest = next(iter(self._early_ends))
            self._drop_end(oldest, next(iter(self._early_ends[oldest])))

    def end(self, visit: Visit, left_at: datetime) -> None:
        visit.left_at = visit.ended_at = left_at
        self._going.pop(visit.entered.id, None)

    def lose(self, concerned: Callable[[Visit], bool], at: datetime) -> None:
        """Those visits are over, and nobody saw when."""
        for visit in self.going():
            if concerned(visit):
                visit.ended_at = max(at, visit.entered.at)
                del self._going[visit.entered.id]

    def forget(self, at: datetime, *, longest: timedelta) -> None:
        """What has been over for long, and what began more than `longest` ago; within a minute."""
        if self._forgot_at is not None and abs(at - self._forgot_at) < FORGETTING:
            return
        self._forgot_at = at
        for visit in list(self._all.values()):
            is_old = visit.ended_at is not None and visit.ended_at + REMEMBERED <= at
            if is_old or visit.entered.at + longest <= at:
                self._drop(visit)
        for place, ends in list(self._early_ends.items()):
            for end in list(ends.values()):
                if end.at + REMEMBERED <= at:
                    self._drop_end(place, end.id)

    def _drop(self, visit: Visit) -> None:
        del self._all[visit.entered.id]
        self._going.pop(visit.entered.id, None)
        here = self._of_place[visit.place]
        here.remove(visit)
        if not here:
            del self._of_place[visit.place]

    def _drop_end(self, place: Place, event_id: str) -> None:
        del self._early_ends[place][event_id]
        self._early_count -= 1
        if not self._early_ends[place]:
            del self._early_ends[place]


def entered_at(left: Event) -> datetime | None:
    """When the visit began that this `zone.left` ends; None when it does not say."""
    dwell_s = left.data.get("dwell_s")
    if isinstance(dwell_s, bool) or not isinstance(dwell_s, int | float) or not 0 <= dwell_s < 1e7:
        return None
    return left.at - timedelta(seconds=dwell_s)


def _belongs(left: Event, visit: Visit) -> bool:
    """Whether `left` ends this visit; one that does not say how long it was ends whatever began before it."""
    since = entered_at(left)
    if since is None:
        return visit.left_at is None and visit.entered.at <= left.at
    return abs((since - visit.entered.at).total_seconds()) <= SAME_INSTANT_S
