"""A condition that must hold for a while before it counts, and be gone for a while before it is over."""

from __future__ import annotations

from datetime import datetime


class Holding:
    """Turns a flickering condition into a steady one.

    (off) --true for hold_s--> (on) --false for release_s--> (off)
    """

    def __init__(self, hold_s: float, *, release_s: float) -> None:
        self._hold_s, self._release_s = hold_s, release_s
        self._true_since: datetime | None = None
        self._false_since: datetime | None = None
        self.is_on = False
        self.last_at: datetime | None = None
        """When it was true last."""

    def update(self, holds: bool, at: datetime) -> datetime | None:
        """Since when the condition has held, at the moment it begins to count; None at all others."""
        if holds:
            self._false_since = None
            self.last_at = at
            self._true_since = self._true_since or at
            if not self.is_on and (at - self._true_since).total_seconds() >= self._hold_s:
                self.is_on = True
                return self._true_since
            return None
        self._false_since = self._false_since or at
        if not self.is_on:
            self._true_since = None
        elif (at - self._false_since).total_seconds() >= self._release_s:
            self.is_on, self._true_since = False, None
        return None

    def end(self) -> None:
        self._true_since = self._false_since = None
        self.is_on = False
