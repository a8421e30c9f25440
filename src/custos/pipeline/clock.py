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

CLOCK_SET = "system.clock_set"
STEP = timedelta(seconds=2)
"""Smaller steps are left alone: time stands still until the clock comes by again. Several that add up are one."""
ON_ITS_WAY = timedelta(minutes=10)
"""After a step, cameras may still tell of what they saw before it."""
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
    def words(self) -> str:
        way = "back" if self.by < timedelta() else "forward"
        return f"the clock was set {way} by {abs(self.by).total_seconds():.1f} s"

    def stamped(self, at: datetime) -> bool:
        """Whether `at` may have been told by the clock before it was set."""
        return self.since_at <= at <= self.from_at + min(STEP, abs(self.by) / 2)

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
        steady: seconds of a clock that only goes on.
    """

    def __init__(self, clock: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._clock = clock
        self._steady = steady
        self._since_at, self._since_s = clock(), steady()
        self._last: tuple[ClockStep, float] | None = None

    def look(self) -> ClockStep | None:
        """The step since the last one that was followed."""
        now, gone = self._clock(), timedelta(seconds=self._steady() - self._since_s)
        by = now - (self._since_at + gone)
        return ClockStep(self._since_at, now - by, by) if abs(by) >= STEP else None

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


def heard_again(events: Iterable[Event], steps: Sequence[ClockStep]) -> Iterator[Event]:
    """Stored events with the times that the clock as it is now would have given them.

    Args:
        events: in the order in which they were stored, the steps' own events among them.
        steps: those whose events are among them, in the same order.

    What a device stamped with a clock of its own (it has a `received_at`) keeps its time.
    """
    later = list(steps)
    for event in events:
        if event.type == CLOCK_SET and later:
            del later[0]
        at = event.at
        if "received_at" not in event.data:
            for step in later:
                if not step.stamped(at):
                    break  # it is not of this run of the clock at all
                at += step.by
        yield event if at == event.at else replace(event, at=at)
