"""How far a device's clock is from ours, from what it tells and when that arrives.

A message can be late, but it cannot arrive before it was sent: of the last messages, the one that seems to come from
furthest in the future travelled the shortest, and its difference is the nearest to the truth (as in Cristian's
algorithm, F. Cristian, "Probabilistic clock synchronization", 1989, with one-way messages only).

What is told late looks like a clock that is behind, and only that: a message from the future proves a clock that is
ahead. So a backlog, whose messages come all at once and each with another age, counts as no clock; and where something
may lie between the device and us that keeps messages back (a broker, a program), a clock that is behind is told of, and
its times are left as they are.

A clock that is suddenly behind is hidden by the messages before, as long as they are among the last. They are forgotten
where those since agree with each other: what lay about for minutes comes all at once, and each with another age; what
is sent again after a time-out, or fetched by turns, is late by less than minutes or not always by as much.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

SAMPLES = 16
APART_S = 1.0
"""Messages that come closer together are one sample of how steady the difference is: of a burst, the best."""
STEADY_SAMPLES = 5
STEADY_ENOUGH = 3
STEADY_S = 1.5
"""A difference is steady when so many of the last samples differ by so much at most."""
SET_BACK_SAMPLES = 3
SET_BACK_S = 300.0
MEANWHILE_S = 60.0
"""Samples that agree over so long, and are further back than that, show that the clock was set back. Of one passage
through a door come several messages at once: they are of one age also where they lay about."""
LEAST = 3
"""A single message may be old, and says little."""
WHOLE_S = 60.0
"""Many tills leave the seconds out; a whole minute that has not gone by yet fits a clock that is right."""
AGAIN = 0.8
"""A clock that was off counts as right again at this part of the limit, so that the border does not chatter."""


class ClockWatch:
    """One device's clock."""

    def __init__(self, limit_s: float, *, is_direct: bool = True) -> None:
        """`is_direct`: nothing between the device and us keeps messages back."""
        self.limit_s = limit_s
        self.is_off = False
        self._is_direct = is_direct
        self._offsets_s: deque[float] = deque(maxlen=SAMPLES)
        self._apart: deque[tuple[datetime, float]] = deque(maxlen=STEADY_SAMPLES)
        self._steady_s: float | None = None

    @property
    def offset_s(self) -> float | None:
        """The device's clock less ours; None until enough was heard."""
        return max(self._offsets_s) if len(self._offsets_s) >= LEAST else None

    def heard(self, device_at: datetime, received_at: datetime) -> bool:
        """Note a message; whether that changed `is_off`."""
        offset_s = (device_at - received_at).total_seconds()
        if device_at.timestamp() % WHOLE_S == 0 and -WHOLE_S < offset_s < 0:
            return False
        self._offsets_s.append(offset_s)
        if self._apart and abs((received_at - self._apart[-1][0]).total_seconds()) < APART_S:
            begun_at, best_s = self._apart.pop()
            self._apart.append((begun_at, max(best_s, offset_s)))
        else:
            self._apart.append((received_at, offset_s))
        self._look_for_steady()
        self._look_for_set_back()
        return self._judge()

    @property
    def is_moved(self) -> bool:
        """Whether the times of a clock that is off so are moved, once the difference is steady."""
        return self._is_direct or (self.offset_s or 0.0) > 0

    def ours(self, device_at: datetime, received_at: datetime) -> datetime:
        """A time the device told, in our time, where its clock is off by more than its limit and steadily so.

        One that looks right as it is, or lies later than the difference explains, is left: the clock was set.
        """
        steady_s = self._steady_s
        if not self.is_off or not self.is_moved or steady_s is None or abs(steady_s) <= self.limit_s:
            return device_at
        raw_s = (device_at - received_at).total_seconds()
        if abs(raw_s) <= self.limit_s or raw_s > steady_s + max(STEADY_S, self.limit_s):
            return device_at
        return device_at - timedelta(seconds=round(steady_s))

    def _look_for_steady(self) -> None:
        """What is steady stays so until another difference is; a late message in between changes nothing."""
        if len(self._apart) < STEADY_SAMPLES:
            return
        best_s = max(offset_s for _, offset_s in self._apart)
        if sum(best_s - offset_s <= STEADY_S for _, offset_s in self._apart) >= STEADY_ENOUGH:
            self._steady_s = best_s

    def _look_for_set_back(self) -> None:
        """Where the newest samples agree, far behind those before, these were of the clock as it stood then."""
        newest = list(self._apart)[-SET_BACK_SAMPLES:]
        offsets_s = [offset_s for _, offset_s in newest]
        if len(newest) < SET_BACK_SAMPLES or max(offsets_s) - min(offsets_s) > STEADY_S:
            return
        meanwhile_s = (newest[-1][0] - newest[0][0]).total_seconds()
        if meanwhile_s >= MEANWHILE_S and max(self._offsets_s) - max(offsets_s) > SET_BACK_S:
            self._offsets_s = deque(offsets_s, maxlen=SAMPLES)
            self._apart = deque(newest, maxlen=STEADY_SAMPLES)
            self._steady_s = max(offsets_s)

    def measured(self, offset_s: float) -> bool:
        """Note a difference that was measured by asking; it counts alone. Whether that changed `is_off`."""
        self._offsets_s.clear()
        self._offsets_s.extend([offset_s] * LEAST)
        return self._judge()

    def _judge(self) -> bool:
        offset_s = self.offset_s
        if offset_s is None:
            return False
        was_off = self.is_off
        limit_s = self.limit_s * (AGAIN if was_off else 1.0)
        self.is_off = offset_s > limit_s or (offset_s < -limit_s and (was_off or not self._is_backlog()))
        return self.is_off != was_off

    def _is_backlog(self) -> bool:
        """Whether the newest messages have ages as different as those of things that lay about."""
        newest = list(self._offsets_s)[-LEAST:]
        return max(newest) - min(newest) > self.limit_s
