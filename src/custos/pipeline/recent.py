"""The last minutes of a camera, so that an incident shows what was before it: `keep(packet)`, `nearest(moments)`.

Key frames are kept as they came: that costs no processor at all, and they are decoded only when somebody asks. Where
they come seldom, pictures that the walk has decoded anyway fill the gaps (`is_wanting`, `keep_picture`), as
JPEGs. The older, the fewer: a picture a second at most for `NEAR_S`, then one in `FAR_APART_S` up to `FAR_S`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.model.frame import Packet, StreamInfo

APART_S = 0.9
NEAR_S = 20.0
FAR_S = 180.0
FAR_APART_S = 6.0
SELDOM_S = 2.5
"""Key frames further apart than this leave gaps that are to be filled."""
TOLERANCE_S = 3.0
"""A moment is shown by a picture that is nearer than this, or by none; older ones are thinner, `FAR_TOLERANCE_S`."""
FAR_TOLERANCE_S = 4.0
LIMIT_BYTES = 8 << 20
"""Of one camera; beyond it the oldest go."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as it was kept: a key frame and how it is coded, or a JPEG."""

    at: datetime
    data: Packet | bytes
    info: StreamInfo | None = None

    @property
    def size(self) -> int:
        return len(self.data.data if isinstance(self.data, Packet) else self.data)


class RecentPictures:
    """Of one camera. Thread-safe; bounded in time, number and bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._near: deque[Kept] = deque()
        self._far: deque[Kept] = deque()
        self._bytes = 0

    def keep(self, packet: Packet, info: StreamInfo) -> None:
        """A packet of the stream; those that are no key frames are let go."""
        if packet.is_keyframe:
            self._put(Kept(packet.captured_at, packet, info))

    def keep_picture(self, at: datetime, jpeg: bytes) -> None:
        """A picture of a stream whose key frames come seldom."""
        self._put(Kept(at, jpeg))

    def is_wanting(self, at: datetime) -> bool:
        """Whether a picture of `at` would fill a gap between key frames."""
        with self._lock:
            return not self._near or (at - self._near[-1].at).total_seconds() >= SELDOM_S

    def nearest(self, moments: Sequence[datetime]) -> list[Kept]:
        """The picture nearest to each moment, oldest first, each once; none for a moment without one near it."""
        with self._lock:
            kept = [*self._far, *self._near]
            newest = kept[-1].at if kept else None
        found: dict[datetime, Kept] = {}
        for moment in moments:
            best = min(kept, key=lambda one: abs(one.at - moment), default=None)
            if best is None or newest is None:
                continue
            is_far = (newest - best.at).total_seconds() > NEAR_S
            if abs(best.at - moment).total_seconds() <= (FAR_TOLERANCE_S if is_far else TOLERANCE_S):
                found[best.at] = best
        return [found[at] for at in sorted(found)]

    def _put(self, one: Kept) -> None:
        with self._lock:
            if self._near and abs((one.at - self._near[-1].at).total_seconds()) < APART_S:
                return
            if self._near and one.at < self._near[-1].at:  # the camera's clock was set back: what was is no order
                self._near.clear()
                self._far.clear()
                self._bytes = 0
            self._near.append(one)
            self._bytes += one.size
            self._thin(one.at)

    def _thin(self, now: datetime) -> None:
        while (now - self._near[0].at).total_seconds() > NEAR_S:
            old = self._near.popleft()
            if self._far and (old.at - self._far[-1].at).total_seconds() < FAR_APART_S:
                self._bytes -= old.size
            else:
                self._far.append(old)
        while self._far and (now - self._far[0].at > timedelta(seconds=FAR_S) or self._bytes > LIMIT_BYTES):
            self._bytes -= self._far.popleft().size
        while len(self._near) > 1 and self._bytes > LIMIT_BYTES:
            self._bytes -= self._near.popleft().size
