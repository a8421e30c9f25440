"""The same picture again and again, although the stream goes on.

Told by decoded pictures that repeat to the last bit, every one the one before, for HOLD_S and three times as long as
has been usual of this camera. A still coded anew changes at every key frame: custos.vision.integrity.alike knows it.

Only a camera whose noise was to be seen all over the picture until then can freeze. A drawn scene without noise, or a
quiet one under heavy compression, repeats itself without being frozen, and nobody can tell when it is.
"""

from __future__ import annotations

from collections import deque

from custos.vision.integrity.fingerprint import Step
from custos.vision.integrity.sighting import Evidence

HOLD_S, DIM_HOLD_S = 5.0, 20.0
TIMES_USUAL = 3.0
LIVELY = 0.6
"""Share of the picture's parts in which something changes from picture to picture, on average over a window."""
WINDOW_S = 6.0
KNOWN_S = 12.0
USUAL_S = 900.0
DIMMED = 0.6


class Stillness:
    """How long the picture has stood still, and how long it usually does."""

    def __init__(self) -> None:
        self._still_since_s: float | None = None
        self._was_lively = False
        self._window: deque[tuple[float, Step]] = deque()
        self._runs: deque[tuple[float, float]] = deque()
        self._seen_s = 0.0
        self._last_s: float | None = None

    def step(self, step: Step, at_s: float) -> None:
        """Take a picture's step."""
        dt_s = 0.0 if self._last_s is None else min(at_s - self._last_s, 1.0)
        self._last_s = at_s
        self._seen_s += dt_s
        if step.is_still and self._still_since_s is None:
            self._still_since_s = at_s - dt_s
            spreads = [one.spread for _, one in self._window]
            self._was_lively = bool(spreads) and sum(spreads) >= LIVELY * len(spreads)
        elif not step.is_still and self._still_since_s is not None:
            _remember(self._runs, at_s, at_s - self._still_since_s)
            self._still_since_s = None
        self._window.append((at_s, step))
        while at_s - self._window[0][0] > WINDOW_S:
            self._window.popleft()

    def check(self, at_s: float, *, light: float | None) -> Evidence | None:
        """Evidence when the picture has stood still for too long.

        Args:
            light: how strongly the known view shows, 1 as usual; in less light there is less noise to see.
        """
        if self._seen_s < KNOWN_S:
            return None
        dimmed = light is not None and light < DIMMED
        if self._still_since_s is not None and self._was_lively:
            still_s = at_s - self._still_since_s
            if still_s >= max(DIM_HOLD_S if dimmed else HOLD_S, TIMES_USUAL * self.usual_still_s):
                return self._evidence(still_s)
        return None

    def forget(self) -> None:
        """The stream was away: what stood still before says nothing, and what comes may be coded in another way."""
        self._still_since_s = self._last_s = None
        self._seen_s = 0.0
        self._window.clear()

    @property
    def usual_still_s(self) -> float:
        """The longest time it has stood still, of late."""
        return max((length_s for _, length_s in self._runs), default=0.0)

    def _evidence(self, still_s: float) -> Evidence:
        return {
            "score": 1.0,
            "repetition": "exact",
            "still_s": round(still_s, 1),
            "usual_still_s": round(self.usual_still_s, 1),
            "repeating": 1.0,
        }


def _remember(kept: deque[tuple[float, float]], at_s: float, value: float) -> None:
    kept.append((at_s, value))
    while at_s - kept[0][0] > USUAL_S:
        kept.popleft()
