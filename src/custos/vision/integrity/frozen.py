"""The same picture again and again, although the stream goes on.

Told by decoded pictures that repeat to the last bit, against what this camera does normally:

    exact    every picture repeats the one before, for HOLD_S and three times as long as has been usual
    nearly   a still picture coded anew changes at every key frame and for a few pictures after it, and then repeats:
             many more pictures of the last seconds repeat than have been usual

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
LEAST_PICTURES = 12
REPEATING, TIMES_REPEATING = 0.33, 2.5
"""Share of repeated pictures in a window: at least, and against the most that has been usual."""
LEAST_WINDOWS = 3
CALM = 0.04
"""Share of pixels that change in the middle picture of the window, by how much they do."""
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
        self._shares: deque[tuple[float, float]] = deque()
        self._usual_share: float | None = (
            None  # the most that was usual before it began to repeat nearly; None: it has not
        )
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

    def check(self, at_s: float, *, light: float | None, is_poor: bool = False) -> Evidence | None:
        """Evidence when the picture has stood still for too long.

        Args:
            light: how strongly the known view shows, 1 as usual; in less light there is less noise to see.
            is_poor: there is less to see, or to code, than usual; a codec that saves bits repeats what hardly changes.
        """
        if self._seen_s < KNOWN_S:
            return None
        dimmed = light is not None and light < DIMMED
        if self._still_since_s is not None and self._was_lively:
            still_s = at_s - self._still_since_s
            if still_s >= max(DIM_HOLD_S if dimmed else HOLD_S, TIMES_USUAL * self.usual_still_s):
                return self._evidence("exact", still_s)
        return None if dimmed else self._nearly(at_s, is_poor=is_poor)

    def forget(self) -> None:
        """The stream was away: what stood still before says nothing."""
        self._still_since_s = self._last_s = self._usual_share = None
        self._window.clear()

    @property
    def usual_still_s(self) -> float:
        """The longest time it has stood still, of late."""
        return max((length_s for _, length_s in self._runs), default=0.0)

    def _nearly(self, at_s: float, *, is_poor: bool) -> Evidence | None:
        """Whether many pictures repeat, and the others change little; remembers how many do, when they do not. What
        repeats in a poor stream is usual of it, and no news when that gets a little better."""
        if len(self._window) < LEAST_PICTURES or self._window[-1][0] - self._window[0][0] < WINDOW_S * 0.8:
            return None
        changed = sorted(step.changed for _, step in self._window)
        repeating = sum(share == 0 for share in changed) / len(changed)
        calm = changed[len(changed) // 2] <= CALM
        if self._usual_share is not None:
            if calm and repeating >= REPEATING:
                return self._evidence("nearly", WINDOW_S, repeating, self._usual_share)
            self._usual_share = None
        # the newest windows may be those in which it began
        old = [share for then_s, share in self._shares if then_s <= at_s - 2 * WINDOW_S]
        if len(old) >= LEAST_WINDOWS:
            wanted = max(REPEATING, TIMES_REPEATING * max(old))
            if not is_poor and repeating >= wanted and calm:
                self._forget_beginning(at_s)
                self._usual_share = max(old)
                return self._evidence("nearly", WINDOW_S, repeating, self._usual_share)
        if not self._shares or at_s - self._shares[-1][0] >= WINDOW_S / 2:
            _remember(self._shares, at_s, repeating)
        return None

    def _forget_beginning(self, at_s: float) -> None:
        """The windows in which it began are not usual: taken for it, they ended a freeze that went on."""
        while self._shares and self._shares[-1][0] > at_s - 2 * WINDOW_S:
            self._shares.pop()

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
