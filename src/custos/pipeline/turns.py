"""Who is next, when there is not enough for all: `Turns.ask(key, weight)`, `take() -> key`.

Self-clocked fair queueing (Golestani 1994): everybody who keeps asking gets a share by weight, nobody waits for ever,
who has not asked for a while is not owed anything, and no clock is needed. Weights: see `MOVING`, `RESTING`, `QUIET`.
"""

from __future__ import annotations

MOVING = 1.0
"""Something moves in the picture."""
RESTING = 0.5
"""Somebody is there, nothing moves."""
QUIET = 0.25
"""Nobody is there: the first to give way."""


class Turns:
    """Keys that wait for their turn. Not thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[str, float] = {}  # key: when its service would end, in served weight
        self._served: dict[str, float] = {}
        self._now = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, key: str) -> bool:
        return key in self._waiting

    def ask(self, key: str, weight: float) -> None:
        """Wait for a turn, if it does not wait yet; one that has become busier since comes the sooner."""
        if weight <= 0:
            raise ValueError(f"weight must be positive, got {weight}")
        end = max(self._now, self._served.get(key, 0.0)) + 1 / weight
        self._waiting[key] = min(end, self._waiting.get(key, end))

    def take(self) -> str:
        """The next key, which waits no longer. KeyError when nobody waits."""
        if not self._waiting:
            raise KeyError("nobody waits")
        key = min(self._waiting, key=lambda one: self._waiting[one])  # of equals the one that asked first
        self._now = self._served[key] = self._waiting.pop(key)
        if len(self._served) > 4 * (len(self._waiting) + 16):  # those who have not asked for long are owed nothing
            self._served = {one: end for one, end in self._served.items() if end > self._now}
        return key

    def leave(self, key: str) -> None:
        """Wait no longer."""
        self._waiting.pop(key, None)
