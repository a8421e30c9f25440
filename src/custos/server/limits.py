"""How often: an allowance per principal, and growing waits between attempts to sign in. Bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one principal or address may ask.

    Args:
        requests_per_s, burst: the general allowance, a token bucket.
        free_attempts: attempts to sign in before the first wait, per address and per user.
        longest_wait_s: the most an address waits. longest_user_wait_s: the most a user's name waits; short,
            because anybody can make a name wait.
        live_sockets: WebSockets open at once.
        body_bytes: of a request.
    """

    requests_per_s: float = 50.0
    burst: int = 300
    free_attempts: int = 5
    longest_wait_s: float = 900.0
    longest_user_wait_s: float = 60.0
    live_sockets: int = 64
    body_bytes: int = 1 << 20


KEYS_KEPT = 4096


@dataclass(slots=True)
class _Level:
    tokens: float
    at: datetime


class Allowance:
    """A token bucket per key; of more than `KEYS_KEPT` keys the one unused for longest starts afresh."""

    def __init__(self, *, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._levels: OrderedDict[str, _Level] = OrderedDict()

    def wait_s(self, key: str, now: datetime) -> float:
        """Take one request of `key` at `now`; 0.0 when it may go ahead, otherwise the seconds to wait."""
        level = self._levels.setdefault(key, _Level(self._burst, now))
        self._levels.move_to_end(key)
        if len(self._levels) > KEYS_KEPT:
            self._levels.popitem(last=False)
        gone_s = max(0.0, (now - level.at).total_seconds())
        level.tokens = min(self._burst, level.tokens + gone_s * self._per_s)
        level.at = now
        if level.tokens < 1.0:
            return (1.0 - level.tokens) / self._per_s
        level.tokens -= 1.0
        return 0.0


@dataclass(slots=True)
class _Tries:
    count: int
    last_at: datetime


class Attempts:
    """Attempts per key: some are free, then each doubles the wait for the next.

    An attempt counts when it begins, so that many at once are not all free; `succeeded` takes it back.
    """

    def __init__(self, *, free: int, longest_wait_s: float) -> None:
        self._free = free
        self._longest_wait_s = longest_wait_s
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait_s(self, key: str, now: datetime) -> float:
        """Begin an attempt of `key` at `now`; 0.0 when it may go ahead, otherwise the seconds to wait."""
        tries = self._tries.get(key)
        if tries is not None and now < tries.last_at:  # the clock was set back: wait from here
            tries.last_at = now
        gone_s = (now - tries.last_at).total_seconds() if tries else 0.0
        if tries is None or gone_s > 2 * self._longest_wait_s:
            tries = self._tries[key] = _Tries(0, now)
        wait_s = self._pause_s(tries.count) - gone_s
        if wait_s > 0:
            return wait_s
        tries.count += 1
        tries.last_at = now
        self._tries.move_to_end(key)
        if len(self._tries) > KEYS_KEPT:
            self._tries.popitem(last=False)
        return 0.0

    def _pause_s(self, count: int) -> float:
        if count < self._free:
            return 0.0
        return float(min(self._longest_wait_s, 2.0 ** min(count - self._free, 30)))

    def succeeded(self, key: str, *, forget_all: bool) -> None:
        """The attempt was good: take it back, or forget every earlier one of the key as well."""
        tries = self._tries.get(key)
        if tries is None:
            return
        tries.count -= 1
        if forget_all or tries.count <= 0:
            del self._tries[key]
