"""Events in the order of their times.

    add(event) -> list[Event]     until(at) -> list[Event]

Whoever concludes from something that is *missing* (opened, and no grant) has to wait for what may still be on its
way. An event is held until something LATE_S younger has been heard, or that much time has passed; so events that come
up to LATE_S late, in any order, come out the same way. Those that are later than that come out at once.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

from custos.model.event import Event

LATE_S = 2.0
"""So late may an event come without changing what is concluded."""
FUTURE_S = 1.0
"""A clock that runs further ahead than this does not hurry the others."""
LATE, FUTURE = timedelta(seconds=LATE_S), timedelta(seconds=FUTURE_S)
MAX_HELD = 20_000
MAX_REMEMBERED = 20_000

_SAME_INSTANT = (
    "door.locked",
    "exit.requested",
    "access.granted",
    "door.unlocked",
    "door.opened",
    "access.taken",
    "line.crossed",
    "door.closed",
    "access.not_taken",
)
"""What comes first when a controller stamps a whole passage with one second."""
_RANK = {name: rank for rank, name in enumerate(_SAME_INSTANT)}


def place_of(event: Event) -> tuple[datetime, int, str]:
    """Where it stands among others: by its time, then by its type, then by its id."""
    return event.at, _RANK.get(event.type, len(_RANK)), event.id


class Ordering:
    """Holds events back until their order is certain. Bounded: beyond the limit the oldest come out early."""

    def __init__(self) -> None:
        self._held: list[tuple[datetime, int, str, Event]] = []
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._told_at: datetime | None = None
        self.reached: datetime | None = None
        """Everything up to here has come out."""

    def add(self, event: Event) -> list[Event]:
        """Take an event in; what comes out now, in order. One that was heard before does nothing."""
        if event.id in self._seen:
            return []
        self._seen[event.id] = None
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        heapq.heappush(self._held, (*place_of(event), event))
        heard_at = event.at
        if self._told_at is not None:
            heard_at = min(heard_at, self._told_at + FUTURE)
        return self._release(heard_at - LATE)

    def until(self, at: datetime) -> list[Event]:
        """It is `at` now; what comes out."""
        self._told_at = at
        return self._release(at - LATE)

    def _release(self, sure: datetime) -> list[Event]:
        if self.reached is None or sure > self.reached:
            self.reached = sure
        out: list[Event] = []
        while self._held and (self._held[0][0] <= self.reached or len(self._held) > MAX_HELD):
            out.append(heapq.heappop(self._held)[3])
        return out


class Recent:
    """Whether a word was said before; remembers the last `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._words: OrderedDict[str, None] = OrderedDict()

    def is_new(self, word: str) -> bool:
        """Remember it, and say whether it was unknown."""
        if word in self._words:
            return False
        self._words[word] = None
        if len(self._words) > self._limit:
            self._words.popitem(last=False)
        return True

    def extend(self, words: Iterable[str]) -> None:
        for word in words:
            self.is_new(word)
