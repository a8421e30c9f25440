"""What becomes of times when this machine's clock is set: `watch.look() -> ClockStep | None`.

A clock that goes back by an hour would hold up, for an hour, everything that waits for a time: a door that stands
open, somebody who should have badged. One that goes forward by an hour would have all of it be over at once. So a step
is noticed against a clock that nobody sets, and stored as an event (`system.clock_set`); whoever remembers goes on as
if what was stamped before it had been stamped by the clock as it is now (`as_of_now`, `heard_again`). Stored events
keep their times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from custos.model.event import Event, Json
from custos.pipeline.ports import Heard

CLOCK_SET = "system.clock_set"
STEP = timedelta(seconds=2)
"""Smaller steps are left alone: time stands still until the clock comes by again. Several that add up are one."""
ON_ITS_WAY = timedelta(minutes=10)
"""After a step, cameras may still tell of what they saw before it."""
TOGETHER_S = 0.2
"""Two clocks that are read within this time are read at once."""
READINGS = 5
AHEAD = timedelta(seconds=1)
"""No camera's event is stamped further ahead of this machine's clock."""


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The clock was set.

    Args:
        since_at: from here to `from_at` it went by itself; all three by the clock before it was set.
        by: how far it was set; negative when it went back.
    """

    since_at: datetime
    from_at: datetime
    by: timedelta

    @property
    def to_at(self) -> datetime:
        return self.from_at + self.by

    @property
    def stamped_until(self) -> datetime:
        """No time is later that the clock told before it was set; a little more, for it may have been set unseen."""
        return self.from_at + min(STEP, abs(self.by) / 2)

    @property
    def words(self) -> str:
        way = "back" if self.by < timedelta() else "forward"
        return f"the clock was set {way} by {abs(self.by).total_seconds():.1f} s"

    def stamped(self, at: datetime) -> bool:
        """Whether `at` may have been told by the clock before it was set."""
        return self.since_at <= at <= self.stamped_until

    def event(self, event_id: str, site_id: str) -> Event:
        data: dict[str, Json] = {
            "by_s": self.by.total_seconds(),
            "from_at": self.from_at.astimezone(UTC).isoformat(),
            "since_at": self.since_at.astimezone(UTC).isoformat(),
        }
        return Event(event_id, CLOCK_SET, self.to_at, f"/sites/{site_id}/server", None, data)

    @classmethod
    def of(cls, event: Event) -> ClockStep:
        """As the event of it tells."""
        since_at, from_at = (datetime.fromisoformat(str(event.data[name])) for name in ("since_at", "from_at"))
        return cls(since_at, from_at, event.at - from_at)


class ClockWatch:
    """Notices steps.

    Args:
        clock: the time of day, aware; anybody may set it.
        steady: seconds since this machine was started, of a clock that only goes on: what an earlier process of ours
            stored since then was stamped by the same clock.
    """

    def __init__(self, clock: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._clock = clock
        self._steady = steady
        now, now_s, _ = self._read()
        self._since_at = now - timedelta(seconds=now_s)
        self._last: tuple[ClockStep, float] | None = None

    def look(self) -> ClockStep | None:
        """The step since the last one that was followed; None as well when both clocks could not be read at once."""
        now, now_s, is_at_once = self._read()
        by = now - (self._since_at + timedelta(seconds=now_s))
        return ClockStep(self._since_at, now - by, by) if is_at_once and abs(by) >= STEP else None

    def _read(self) -> tuple[datetime, float, bool]:
        """Both clocks, and whether at once: a process that is stopped between the two has not set the clock."""
        for _ in range(READINGS):
            before_s, now, after_s = self._steady(), self._clock(), self._steady()
            if after_s - before_s <= TOGETHER_S:
                return now, before_s, True
        return now, before_s, False

    def follow(self, step: ClockStep) -> None:
        """The step is known to all: go on from there."""
        self._since_at += step.by
        self._last = (step, self._steady())

    def as_of_now(self, events: Sequence[Event]) -> Sequence[Event]:
        """With the times that the clock as it is now would have given to what cameras saw before the last step."""
        if self._last is None or self._steady() - self._last[1] > ON_ITS_WAY.total_seconds():
            return events
        step, now = self._last[0], self._clock()

        def is_old(event: Event) -> bool:
            is_of_then = step.by > timedelta() or event.at > now + AHEAD
            return event.camera_id is not None and is_of_then and step.stamped(event.at)

        return [replace(event, at=event.at + step.by) if is_old(event) else event for event in events]


def heard_again(stored: Iterable[Heard], steps: Sequence[ClockStep]) -> Iterator[Heard]:
    """Stored events with the times that the clock as it is now would have given them.

    Args:
        stored: in the order in which they were stored, the steps' own events among them.
        steps: those whose events are among them, in the same order.

    What a device stamped with a clock of its own (it has a `received_at`, or was imported) keeps its time.
    """
    later = list(steps)
    for one in stored:
        event, told_at = one.event, one.told_at and _as_of_now(one.told_at, later)
        rules_told_at = one.rules_told_at and _as_of_now(one.rules_told_at, later)
        if event.type == CLOCK_SET and later:
            del later[0]
        is_anothers = one.is_imported or "received_at" in event.data
        at = event.at if is_anothers else _as_of_now(event.at, later)
        event = event if at == event.at else replace(event, at=at)
        yield Heard(one.sequence, event, told_at, rules_told_at, one.is_imported)


def _as_of_now(at: datetime, later: Iterable[ClockStep]) -> datetime:
    for step in later:
        if not step.stamped(at):
            break  # it is not of this run of the clock at all
        at += step.by
    return at


def spans_before(since: datetime, steps: Sequence[ClockStep]) -> list[tuple[datetime, datetime]]:
    """What to read beside the events stamped at `since` or later, to hear all that is of then as of the clock as it is
    now: the times before it that the clock told then, the earliest first, none twice.

    Args:
        steps: oldest first.

    A board without a battery begins every time in 1970 and is then set forward by half a century: of that, the seconds
    until it was set are read, not all since 1970.
    """
    found: list[tuple[datetime, datetime]] = []
    needed = since
    after: ClockStep | None = None
    for step in reversed(steps):
        if after is None or not after.stamped(step.to_at):
            needed = since  # the run of the clock that this step ends is not followed by the one after it
        after = None
        if step.to_at < since <= step.stamped_until:
            found.append((step.to_at, step.to_at))  # the step's own event, or what it set back would lie in the future
        if step.stamped_until + step.by < needed:
            continue
        is_whole = needed - step.since_at <= step.by  # compared so that no year comes up that there is not
        first = step.since_at if is_whole else needed - step.by
        needed, after = min(first, since), step
        if first < since:
            found.append((first, min(step.stamped_until, since)))
    return _joined(sorted(found))


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Without those that overlap."""
    joined: list[tuple[datetime, datetime]] = []
    for first, last in spans:
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
