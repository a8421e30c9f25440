"""What waits for a viewer: bounded, in order, and never broken video."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from custos.model.event import Picture
from custos.model.frame import StreamInfo
from custos.model.live import CameraState, LiveItem, TrackView
from custos.server.live.queue import ViewerQueue
from custos.testing.cameras import START, packet

STREAM = StreamInfo("h264", 64, 48)


def drained(queue: ViewerQueue) -> list[LiveItem]:
    async def read() -> list[LiveItem]:
        return [item async for item in queue]

    queue.end()
    return asyncio.run(read())


def picture(n: int) -> Picture:
    return Picture(f"p{n}", "dock", START + timedelta(seconds=n), b"jpeg")


def test_an_empty_queue_that_ends_gives_nothing() -> None:
    assert drained(ViewerQueue()) == []


def test_items_come_out_in_order_from_the_first_key_frame_on() -> None:
    queue = ViewerQueue()
    tracks = TrackView(START, ())
    for item in (STREAM, packet(0), packet(1, key=True), tracks, packet(2)):
        queue.put(item)
    assert drained(queue) == [STREAM, packet(1, key=True), tracks, packet(2)]


@pytest.mark.parametrize("limits", [(5, 10_000), (1000, 500)], ids=["items", "bytes"])
def test_a_viewer_too_slow_goes_on_at_the_next_key_frame(limits: tuple[int, int]) -> None:
    queue = ViewerQueue(most_items=limits[0], most_bytes=limits[1])
    body = bytes(120)
    queue.put(STREAM)
    for n in range(7):
        queue.put(packet(n, key=n == 0, data=body))
    assert len(queue) <= 5
    queue.put(packet(7, key=True, data=body))
    queue.put(packet(8, data=body))
    assert drained(queue) == [STREAM, packet(7, key=True, data=body), packet(8, data=body)]


def test_it_never_grows_whatever_comes() -> None:
    queue = ViewerQueue(most_items=20, most_bytes=10_000)
    for n in range(2000):
        queue.put(STREAM)
        queue.put(packet(n, key=n % 3 == 0, data=bytes(n % 700)))
        queue.put(TrackView(START, ()))
        queue.put(picture(n))
        queue.put(CameraState("dock", "connected", START))
        assert len(queue) <= 22
        assert queue._bytes <= 10_000


def test_of_pictures_and_states_only_the_latest_waits() -> None:
    queue = ViewerQueue()
    for n in range(3):
        queue.put(picture(n))
        queue.put(CameraState("dock", "connected", START, fps=float(n)))
    assert drained(queue) == [CameraState("dock", "connected", START, fps=2.0), picture(2)]


def test_a_viewer_late_in_a_long_group_sees_it_whole() -> None:
    """A hub hands over up to 600 packets since the key frame at once, before any can be sent."""
    queue = ViewerQueue()
    group: list[LiveItem] = [STREAM, *(packet(n, key=n == 0, data=bytes(10_000)) for n in range(600))]
    for item in group:
        queue.put(item)
    assert drained(queue) == group


def test_a_long_group_is_bounded_in_bytes() -> None:
    queue = ViewerQueue()
    for n in range(600):
        queue.put(packet(n, key=n == 0, data=bytes(20_000)))
        assert queue._bytes <= 8 << 20


def test_after_a_pause_the_video_begins_with_a_key_frame() -> None:
    queue = ViewerQueue()
    queue.put(STREAM)
    queue.put(packet(0, key=True))
    queue.pause()
    for item in (packet(1), packet(2, key=True), picture(1), TrackView(START, ())):
        queue.put(item)
    queue.resume()
    queue.put(packet(3))
    queue.put(packet(4, key=True))
    assert drained(queue) == [STREAM, packet(4, key=True)]


def test_a_reader_that_waits_is_woken() -> None:
    async def walk() -> LiveItem:
        queue = ViewerQueue()
        reading = asyncio.ensure_future(anext(queue))
        await asyncio.sleep(0)
        queue.put(STREAM)
        return await reading

    assert asyncio.run(walk()) == STREAM
