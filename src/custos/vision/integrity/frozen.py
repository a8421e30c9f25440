"""The same picture again and again, although the stream goes on.

Told by decoded pictures that repeat to the last bit, against what this camera does normally:

    exact    every picture repeats the one before, three times as long as has been usual, and for HOLD_S at least; much
             longer when the picture was hardly changing before, unless key frames repeat as well
    nearly   a still picture coded anew changes at every key frame and for a few pictures after it, and then repeats:
             many more pictures of the last seconds repeat than have been usual

A quiet scene under heavy compression, or a drawn one without noise, repeats itself for seconds: that is what is usual
there. A camera that has never shown anything else cannot be told from a frozen one, and is left alone.
"""

from __future__ import annotations

from collections import deque

from custos.vision.integrity.fingerprint import Step
from custos.vision.integrity.sighting import Evidence

HOLD_S, QUIET_HOLD_S = 5.0, 20.0
TIMES_USUAL = 3.0
LIVELY = 0.02
"""Share of pixels that change from picture to picture where a camera's noise is seen, on average over a window."""
WINDOW_S = 6.0
LEAST_PICTURES = 12
REPEATING, TIMES_REPEATING = 0.33, 2.5
"""Share of repeated pictures in a window: at least, and against the most that has been usual."""
CALM = 0.04
"""Share of pixels that change in the middle picture of the window, by how much they do."""
KNOWN_S = 12.0
USUAL_S = 900.0
DIMMED = 0.6


class Stillness:
    """How long the picture has stood still, and how long it usually does."""

    def __init__(self) -> None:
        self._still_since_s: float | None = None
        self._keyframes = 0
        self._was_lively = False
        self._has_changed = False
        self._window: deque[tuple[float, float]] = deque()
        self._runs: deque[tuple[float, float]] = deque()
        self._shares: deque[tuple[float, float]] = deque()
        self._seen_s = 0.0
        self._last_s: float | None = None

    def keyframe(self) -> None:
        """A key frame came in."""
        self._keyframes += 1

    def step(self, step: Step, at_s: float) -> None:
        """Take a picture's step."""
        dt_s = 0.0 if self._last_s is None else min(at_s - self._last_s, 1.0)
        self._last_s = at_s
        self._seen_s += dt_s
        self._window.append((at_s, step.changed))
        while at_s - self._window[0][0] > WINDOW_S:
            self._window.popleft()
        if step.is_still and self._still_since_s is None:
            self._still_since_s, self._keyframes = at_s - dt_s, 0
            changed = [share for _, share in self._window if share > 0]
            self._was_lively = sum(changed) >= LIVELY * len(self._window)
        elif not step.is_still:
            self._has_changed = True
            if self._still_since_s is not None:
                _remember(self._runs, at_s, at_s - self._still_since_s)
                self._still_since_s = None

    def check(self, at_s: float, *, light: float | None, is_starved: bool = False) -> Evidence | None:
        """Evidence when the picture has stood still for too long.

        Args:
            light: how strongly the known view shows, 1 as usual; in less light there is less noise to see.
            is_starved: the stream has lost most of its bits; a codec that saves repeats what hardly changes.
        """
        if self._seen_s < KNOWN_S or not self._has_changed:
            return None
        dimmed = light is not None and light < DIMMED
        if self._still_since_s is not None:
            still_s = at_s - self._still_since_s
            if still_s >= self._wanted_s(dimmed=dimmed):
                return self._evidence("exact", still_s)
        return None if dimmed or is_starved else self._nearly(at_s)

    def forget(self) -> None:
        """The stream was away: what stood still before says nothing."""
        self._still_since_s = self._last_s = None
        self._window.clear()

    @property
    def usual_still_s(self) -> float:
        """The longest time it has stood still, of late."""
        return max((length_s for _, length_s in self._runs), default=0.0)

    def _wanted_s(self, *, dimmed: bool) -> float:
        abrupt = self._was_lively and not dimmed
        least_s = HOLD_S if abrupt or self._keyframes >= 3 else QUIET_HOLD_S
        return max(least_s, TIMES_USUAL * self.usual_still_s)

    def _nearly(self, at_s: float) -> Evidence | None:
        """Whether many pictures repeat, and the others change little; remembers how many do, when they do not."""
        if len(self._window) < LEAST_PICTURES or self._window[-1][0] - self._window[0][0] < WINDOW_S * 0.8:
            return None
        changed = sorted(share for _, share in self._window)
        repeating = sum(share == 0 for share in changed) / len(changed)
        # the newest windows may be those in which it began
        usual = max((share for then_s, share in self._shares if then_s <= at_s - 2 * WINDOW_S), default=0.0)
        if repeating >= max(REPEATING, TIMES_REPEATING * usual) and changed[len(changed) // 2] <= CALM:
            return self._evidence("nearly", WINDOW_S, repeating, usual)
        if not self._shares or at_s - self._shares[-1][0] >= WINDOW_S / 2:
            _remember(self._shares, at_s, repeating)
        return None

    def _evidence(self, repetition: str, still_s: float, repeating: float = 1.0, usual: float = 0.0) -> Evidence:
        return {
            "score": round(repeating if repetition == "exact" else min(0.5 + repeating, 1.0), 3),
            "repetition": repetition,
            "still_s": round(still_s, 1),
            "usual_still_s": round(self.usual_still_s, 1),
            "repeating": round(repeating, 3),
            "usual_repeating": round(usual, 3),
        }


def _remember(kept: deque[tuple[float, float]], at_s: float, value: float) -> None:
    kept.append((at_s, value))
    while at_s - kept[0][0] > USUAL_S:
        kept.popleft()
