"""Packets that were here before come again: an old recording, sent as it was recorded. Nothing is decoded for it.

The packets of a living camera are never the same twice, as the noise in them is not. A still scene without noise is
coded to the same packets from one key frame to the next, or to the next but one: that is near, and no replay; after
somebody has passed it returns to those of before, for as long as one or two key frames. Small packets, which say that
nothing has changed, tell nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from custos.vision.integrity.sighting import Evidence

PACKETS = 6000
LEAST_BYTES = 200
NEAR_KEYS = 3
"""So many key frames must lie between a packet and its repetition."""
KEYS, MANY = 3, 20
"""In a row, at the same distance: so many key frames, or so many packets of any kind."""
SHORTEST_S = 1.5
KNOWN_S = 20.0
"""A stream that repeats itself so early does so by its nature."""
LASTS_S = 3.0
"""Without a further one the repetition is over."""


@dataclass(frozen=True, slots=True)
class _Sent:
    number: int
    key: int  # how many key frames had come
    at_s: float


class Resent:
    """What one stream has brought, and how much of it in a row has been before."""

    def __init__(self) -> None:
        self._sent: dict[tuple[int, int], _Sent] = {}
        self._order: deque[tuple[int, int]] = deque()
        self._number = self._key = 0
        self._first_s: float | None = None
        self._is_so = False
        self._distance = 0
        self._ago_s = 0.0
        self._count = self._keys = 0
        self._began_s = self._last_s = 0.0

    def packet(self, digest: int, size_bytes: int, at_s: float, *, is_keyframe: bool) -> None:
        """Take a packet: what it says in short (a checksum), its size, and when it was captured."""
        if self._first_s is None:
            self._first_s = at_s
        self._number += 1
        self._key += is_keyframe
        if size_bytes < LEAST_BYTES:
            return
        now, name = _Sent(self._number, self._key, at_s), (digest, size_bytes)
        before = self._sent.pop(name, None)
        self._sent[name] = now
        if before is None:
            self._order.append(name)
            if len(self._order) > PACKETS:
                self._sent.pop(self._order.popleft(), None)
        self._follow(before, now, is_keyframe)

    def check(self, at_s: float) -> Evidence | None:
        """Evidence while the last packets are those of before."""
        if self._is_so or self._first_s is None or not self._is_long or at_s - self._last_s > LASTS_S:
            return None
        if self._began_s - self._first_s < KNOWN_S:
            self._is_so = True
            return None
        return {"score": 1.0, "repetition": "exact", "ago_s": round(self._ago_s, 2), "pictures": self._count}

    @property
    def _is_long(self) -> bool:
        many = self._keys >= KEYS or self._count >= MANY
        return many and self._last_s - self._began_s >= SHORTEST_S

    def _follow(self, before: _Sent | None, now: _Sent, is_keyframe: bool) -> None:
        if before is None or now.key - before.key < NEAR_KEYS:
            self._count = self._keys = self._distance = 0
            return
        distance = now.number - before.number
        if distance != self._distance:
            self._count = self._keys = 0
            self._distance, self._began_s = distance, now.at_s
        self._ago_s, self._last_s = now.at_s - before.at_s, now.at_s
        self._count += 1
        self._keys += is_keyframe
