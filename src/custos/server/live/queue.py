"""What waits to be sent to one viewer of a camera: bounded, and never late for long."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Self

from custos.model.event import Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.live import CameraState, LiveItem, TrackView

MOST_ITEMS = 900
"""A late viewer gets all since the last key frame at once, up to 600 packets; and what comes meanwhile."""
MOST_BYTES = 8 << 20


class ViewerQueue:
    """In with `put`, out with `async for`.

    When a viewer is too slow, everything that waits is let go and the video goes on at the next key frame. Of
    pictures and camera states only the latest waits.
    """

    def __init__(self, *, most_items: int = MOST_ITEMS, most_bytes: int = MOST_BYTES) -> None:
        self._most_items = most_items
        self._most_bytes = most_bytes
        self._flow: deque[StreamInfo | Packet | TrackView] = deque()
        self._bytes = 0
        self._state: CameraState | None = None
        self._picture: Picture | None = None
        self._paused = False
        self._waits_for_keyframe = True
        self._ended = False
        self._ready = asyncio.Event()

    def __len__(self) -> int:
        return len(self._flow) + (self._state is not None) + (self._picture is not None)

    def put(self, item: LiveItem) -> None:
        """Never blocks, never grows past the limits."""
        if isinstance(item, CameraState):
            self._state = item
        elif isinstance(item, StreamInfo):
            self._waits_for_keyframe = True
            self._append(item)
        elif self._paused:
            self._waits_for_keyframe = True
            return
        elif isinstance(item, Picture):
            self._picture = item
        elif isinstance(item, Packet):
            self._put_packet(item)
        else:
            self._append(item)
        self._ready.set()

    def _put_packet(self, packet: Packet) -> None:
        if self._waits_for_keyframe and not packet.is_keyframe:
            return
        self._waits_for_keyframe = False
        self._append(packet)

    def _append(self, item: StreamInfo | Packet | TrackView) -> None:
        size = len(item.data) if isinstance(item, Packet) else 0
        if len(self._flow) >= self._most_items or self._bytes + size > self._most_bytes:
            self._let_go()
            if isinstance(item, Packet) and not item.is_keyframe:
                return
            self._waits_for_keyframe = not isinstance(item, Packet)
        self._flow.append(item)
        self._bytes += size

    def _let_go(self) -> None:
        """Drop what waits, but for the description of the stream that goes on."""
        streams = [waiting for waiting in self._flow if isinstance(waiting, StreamInfo)]
        self._flow.clear()
        self._flow.extend(streams[-1:])
        self._bytes = 0
        self._waits_for_keyframe = True

    def pause(self) -> None:
        """Let go of what waits and take nothing but states and stream descriptions until `resume`."""
        self._paused = True
        self._picture = None
        self._let_go()

    def resume(self) -> None:
        self._paused = False

    def end(self) -> None:
        """No more will come."""
        self._ended = True
        self._ready.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveItem:
        while True:
            if (item := self._next()) is not None:
                return item
            if self._ended:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()

    def _next(self) -> LiveItem | None:
        if self._state is not None:
            state, self._state = self._state, None
            return state
        if self._flow:
            item = self._flow.popleft()
            self._bytes -= len(item.data) if isinstance(item, Packet) else 0
            return item
        picture, self._picture = self._picture, None
        return picture
