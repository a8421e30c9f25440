"""Devices' clocks as in life: they drift, are stepped back by a time server, and now and then stand an hour off.

keeps_time("doors/front") -> bool     DeviceClock(rng, since, runs_free).offset_s(at) -> seconds ahead of true time

Cameras and panels are synchronised. Door controllers and tills count by a crystal: tens of parts per million too fast
or too slow (a tuning fork at 32.768 kHz is sold with 20 ppm at 25 degrees, and is slower in the cold and in the heat of
a cabinet). Every few hours they ask a time server, which steps them, backwards too; now and then it is out of reach for
days. And some are started again in the wrong time zone, until somebody notices some hours later.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from random import Random

DRIFT_PPM = 30.0
ASKS_EVERY_H = (4.0, 12.0)
OUTAGE_AFTER_DAYS = 40.0
"""The mean time until a device's time server is out of reach."""
OUTAGE_DAYS = (1.0, 4.0)
ZONE_AFTER_DAYS = 400.0
"""The mean time until a device is started in the wrong time zone: with 25 devices about twice in a month."""
ZONE_FOR_H = (2.0, 8.0)
ZONE_OFF_H = (-1.0, 1.0, 1.0, 2.0)
"""By so much; a summer time that was forgotten or kept is the most frequent."""
RIGHT_WITHIN_S = 0.25
LEAD = timedelta(days=40)
"""More than a month, so that events of all its days come after it."""


def keeps_time(source: str) -> bool:
    """Whether what stands at "doors/front" has a clock of its own that goes wrong."""
    return source.startswith(("doors/", "tills/"))


class DeviceClock:
    """One device's clock, which may be read for the times of a month in any order.

    Args:
        since: a time of that month; what happens to the clock begins `LEAD` before.
        runs_free: whether it goes wrong at all.
    """

    def __init__(self, rng: Random, since: datetime, runs_free: bool) -> None:
        self._asks, self._zone_rng = rng, Random(rng.random())
        self._drift_ppm = rng.gauss(0, DRIFT_PPM)
        self._runs_free = runs_free
        self._set_at, self._right_s = [since - LEAD], [0.0]
        self._outage_at = _after(self._set_at[0], OUTAGE_AFTER_DAYS, self._asks)
        self._zones: list[tuple[datetime, datetime, float]] = []
        self._zone_at = _after(self._set_at[0], ZONE_AFTER_DAYS, self._zone_rng)

    def offset_s(self, at: datetime) -> float:
        """How far it is ahead of the true time."""
        if not self._runs_free:
            return 0.0
        while self._set_at[-1] <= at:
            self._ask()
        while self._zone_at <= at:
            self._start_in_another_zone()
        nth = max(bisect_right(self._set_at, at) - 1, 0)
        drifted_s = self._drift_ppm * 1e-6 * (at - self._set_at[nth]).total_seconds()
        zone_s = sum(off_s for begins, ends, off_s in self._zones if begins <= at < ends)
        return self._right_s[nth] + drifted_s + zone_s

    def _ask(self) -> None:
        """The next time it asks the time server, and is stepped."""
        asks_at = self._set_at[-1] + timedelta(hours=self._asks.uniform(*ASKS_EVERY_H))
        if asks_at >= self._outage_at:
            asks_at += timedelta(days=self._asks.uniform(*OUTAGE_DAYS))
            self._outage_at = _after(asks_at, OUTAGE_AFTER_DAYS, self._asks)
        self._set_at.append(asks_at)
        self._right_s.append(self._asks.uniform(-RIGHT_WITHIN_S, RIGHT_WITHIN_S))

    def _start_in_another_zone(self) -> None:
        ends = self._zone_at + timedelta(hours=self._zone_rng.uniform(*ZONE_FOR_H))
        self._zones.append((self._zone_at, ends, self._zone_rng.choice(ZONE_OFF_H) * 3600))
        self._zone_at = _after(ends, ZONE_AFTER_DAYS, self._zone_rng)


def _after(at: datetime, mean_days: float, rng: Random) -> datetime:
    return at + timedelta(days=rng.expovariate(1 / mean_days))
