"""The stream brings less than it used to: fewer pictures a second, or, with its fine detail gone, fewer bits.

A quiet or a dark scene needs fewer bits too, so a fall of the bitrate alone says nothing: it counts when the picture
has lost fine detail in the same light.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

from custos.vision.integrity.sighting import Evidence

WINDOW_S = 4.0
KNOWN_S, DETAIL_KNOWN_S = 16.0, 8.0
USUAL_WINDOWS = 75
"""Five minutes."""
DOUBT_S = 30.0
"""For so long a stream that has lost detail is not taken for usual: by then it is told, or it was light or weather."""
RELEARN_S = 1800.0
"""A stream that has brought less for so long was set so: that is how it is now."""
SLOW = 0.6
STARVED = 0.45
DULLED, THINNED = 0.85, 0.95
"""Of the finest detail, compared with what is usual."""
SAME_LIGHT = (0.7, 1.4)


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in over a window."""

    fps: float
    kbps: float
    detail: float | None


class StreamFlow:
    """Counts what comes in, and remembers what usually does."""

    def __init__(self) -> None:
        self._packets: deque[tuple[float, int]] = deque()
        self._bits = 0
        self._first_s: float | None = None
        self._judged_s = 0.0
        self._usual: deque[Flow] = deque(maxlen=USUAL_WINDOWS)
        self._less_since_s: float | None = None
        self.is_thin = False
        """Fewer bits come in than usual, and some of the fine detail is lost: it may be that nothing new is coded."""
        self._is_dull = False  # fine detail is lost
        self._dull_since_s: float | None = None

    def packet(self, size_bytes: int, at_s: float) -> None:
        """A packet of so many bytes was captured then."""
        if self._first_s is None or (self._packets and at_s < self._packets[-1][0] - 10):
            self.forget()
            self._first_s = self._judged_s = at_s
        self._packets.append((at_s, size_bytes * 8))
        self._bits += size_bytes * 8
        while self._packets and self._packets[0][0] <= at_s - WINDOW_S:
            self._bits -= self._packets.popleft()[1]

    def check(self, at_s: float, *, detail: float | None, light: float | None) -> Evidence | None:
        """Evidence when less comes in than usual.

        Args:
            detail: finest detail against that of the known view; None when it cannot be said.
            light: how strongly the known view shows, 1 as usual.
        """
        if self._first_s is None or at_s - self._first_s < WINDOW_S:
            return None
        now = self._now(at_s, detail)
        evidence = self._slow(now) or self._starved(now, light)
        if evidence is None:
            self._less_since_s = None
        elif self._less_since_s is None:
            self._less_since_s = at_s
        elif at_s - self._less_since_s >= RELEARN_S:
            self._usual.clear()
            evidence = self._less_since_s = None
        if not self._is_dull:
            self._dull_since_s = None
        elif self._dull_since_s is None:
            self._dull_since_s = at_s
        in_doubt = self._dull_since_s is not None and at_s - self._dull_since_s < DOUBT_S
        if evidence is None and not in_doubt and at_s - self._judged_s >= WINDOW_S:
            self._judged_s = at_s
            self._usual.append(now)
        return evidence

    def forget(self) -> None:
        """The stream was away: the window starts anew, what is usual stays."""
        self._packets.clear()
        self._bits = 0
        self._first_s = None

    def _now(self, at_s: float, detail: float | None) -> Flow:
        recent = sum(1 for captured_s, _ in self._packets if captured_s > at_s - WINDOW_S)
        return Flow(recent / WINDOW_S, self._bits / 1000 / WINDOW_S, detail)

    def _slow(self, now: Flow) -> Evidence | None:
        if len(self._usual) * WINDOW_S < KNOWN_S:
            return None
        usual_fps = median(flow.fps for flow in self._usual)
        if now.fps >= SLOW * usual_fps:
            return None
        return {
            "cause": "frame rate",
            "score": round(min(max(1 - now.fps / usual_fps, 0.0), 1.0), 3),
            "fps": round(now.fps, 2),
            "usual_fps": round(usual_fps, 2),
        }

    def _starved(self, now: Flow, light: float | None) -> Evidence | None:
        self.is_thin = self._is_dull = False
        known = [flow for flow in self._usual if flow.detail is not None]
        if now.detail is None or light is None or len(known) * WINDOW_S < DETAIL_KNOWN_S:
            return None
        lowest_kbps = min(flow.kbps for flow in known)
        # never more than the view as known has: in light that comes and goes it is passed for a while
        usual_detail = min(median(flow.detail for flow in known if flow.detail is not None), 1.0)
        is_short = now.kbps < STARVED * lowest_kbps
        self.is_thin = is_short and now.detail < THINNED * usual_detail
        self._is_dull = now.detail < DULLED * usual_detail
        if not (is_short and self._is_dull) or not SAME_LIGHT[0] <= light <= SAME_LIGHT[1]:
            return None
        return {
            "cause": "bitrate",
            "score": round(min(max(1 - now.kbps / lowest_kbps, 0.0), 1.0), 3),
            "kbps": round(now.kbps, 1),
            "usual_kbps": round(median(flow.kbps for flow in known), 1),
            "detail": round(now.detail / max(usual_detail, 1e-3), 3),
        }
