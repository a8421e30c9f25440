"""Both ends of the wire in one process, for tests of it: `async with connected(folder) as ends`.

The hub runs in the test's event loop, the worker's threads are its own, the socket is real.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from custos.adapters.link.hub_side import WorkerLinks
from custos.adapters.link.messages import (
    Configure,
    Hello,
    Message,
    PacketSent,
    StreamTold,
    TracksTold,
)
from custos.adapters.link.worker_side import HubLink
from custos.model.event import Event, Json, Picture
from custos.model.frame import Clock, Packet, StreamInfo
from custos.model.live import CameraState, LiveItem, TrackBox, TrackView
from custos.model.site import (
    Camera,
    DetectorChoice,
    Direction,
    Hours,
    Line,
    PresenceRule,
    Schedule,
    Site,
    Zone,
)
from custos.testing.clock import START, after

PATIENCE_S = 60.0
DOCK = Zone("dock", "Dock", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)), ("person", "vehicle"), 30.0)
YARD = Camera(
    "yard",
    "Hof „Süd“",
    "rtsp://viewer:secret@camera.example/1",
    (DOCK,),
    (Line("gate", "Gate", ((0.1, 0.5), (0.9, 0.5)), Direction.LEFT),),
)
NIGHT = Schedule((Hours(frozenset({0, 6}), time(22, 30), time(6)),), "Europe/Berlin")
SITE = Site(
    "hq",
    "Headquarters",
    "Europe/Berlin",
    (YARD, Camera("roof", "Roof", "roof.mp4", enabled=False)),
    (PresenceRule("night", "Somebody at the dock", (("yard", "dock"),), NIGHT, 10.0),),
    DetectorChoice("yolox-nano"),
)
HELLO = Hello("w-1", "stage@00000000", "0.1.0")
H264 = StreamInfo("h264", 640, 480, b"\x00\x01parameters", 25.0, "yuv420p")
STATE = CameraState(
    "yard", "connected", START, fps=25.0, latency_s=0.2, tracks=1, speeds_refused=3, speeds_above_mps=12.5
)
VIEW = TrackView(START, (TrackBox(7, "tracks/yard-s-7", "person", 0.9, (0.1, 0.2, 0.3, 0.4), True),))
GOP = 10


def event(n: int) -> Event:
    data: dict[str, Json] = {
        "zone_id": "dock",
        "box": [0.1, 0.2, 0.3, 0.4],
        "deep": {"path": [[0.5, 1], [1, 0.25]], "none": None},
    }
    return Event(f"e-{n}", "zone.entered", after(n), "/sites/hq/cameras/yard", "tracks/yard-s-1", data)


def picture(n: int, size: int = 5) -> Picture:
    return Picture(f"e-{n}", "yard", after(n), bytes([n % 256]) * size, (0.1, 0.2, 0.3, 0.4))


def packet(n: int, size: int = 20) -> Packet:
    data = b"%d " % n * (size // 2)
    return Packet(data, n / 25, n / 25, after(n / 25), Clock.CAMERA, is_keyframe=n % GOP == 0)


def number(packet: Packet) -> int:
    return round(packet.dts_s * 25)


class Store:
    """Stores every event once, as the real one does."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.pictures: list[Picture] = []
        self.problems: list[Exception] = []
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.asked = 0
        self._news = asyncio.Condition()

    async def accept(self, events: Sequence[Event], pictures: Sequence[Picture]) -> None:
        async with self._news:
            self.asked += 1
            self._news.notify_all()
        await self.may_store.wait()
        if self.problems:
            raise self.problems.pop(0)
        async with self._news:
            known = {e.id for e in self.events}
            self.events += [e for e in events if e.id not in known]
            self.pictures += pictures
            self._news.notify_all()

    async def wait(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(done)

    async def await_events(self, count: int) -> None:
        await self.wait(lambda: len(self.events) >= count)


class Worker:
    """A worker's end, and what the hub has said to it."""

    def __init__(self, path: Path, hello: Hello = HELLO) -> None:
        self.orders: asyncio.Queue[Message] = asyncio.Queue()
        self.downs: asyncio.Queue[None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def heard(order: Message) -> None:
            loop.call_soon_threadsafe(self.orders.put_nowait, order)

        def down() -> None:
            loop.call_soon_threadsafe(self.downs.put_nowait, None)

        self.link = HubLink(path, hello, on_message=heard, on_down=down)
        self.link.start()

    async def order(self) -> Message:
        return await asyncio.wait_for(self.orders.get(), PATIENCE_S)

    async def await_configure(self) -> Configure:
        while True:
            order = await self.order()
            if isinstance(order, Configure):
                return order

    def stream(self, info: StreamInfo = H264) -> None:
        told = StreamTold("yard", info.codec, info.width_px, info.height_px, info.fps, info.pixel_format)
        self.link.send_live(told, info.extradata)

    def packets(self, first: int, end: int) -> None:
        for n in range(first, end):
            self.link.send_live(packet_sent(n), packet(n).data)

    async def close(self) -> None:
        await asyncio.to_thread(self.link.close)


def packet_sent(n: int) -> PacketSent:
    p = packet(n)
    return PacketSent("yard", p.pts_s, p.dts_s, p.captured_at, p.clock, p.is_keyframe)


def hub_at(path: Path, store: Store, site: Site = SITE) -> WorkerLinks:
    return WorkerLinks(path, site=site, base_dir=Path("/srv/custos"), accept=store.accept)


@dataclass(slots=True)
class Ends:
    """Both ends, connected."""

    hub: WorkerLinks
    store: Store
    worker: Worker
    path: Path

    async def await_everything_sent(self) -> None:
        """Until the hub has what the worker has sent so far."""
        async with self.hub.watch("roof", pictures=True) as viewer:
            self.worker.link.send_live(TracksTold("roof", VIEW))
            await items(viewer, lambda got: VIEW in got)


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[Ends]:
    path, store = folder / "hub.sock", Store()
    hub = hub_at(path, store)
    await hub.start()
    worker = Worker(path)
    try:
        await worker.await_configure()
        yield Ends(hub, store, worker, path)
    finally:
        await worker.close()
        await hub.close()


def run(main: Coroutine[None, None, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(60):
            await main

    asyncio.run(limited())


async def items(viewer: AsyncIterator[LiveItem], done: Callable[[list[LiveItem]], bool]) -> list[LiveItem]:
    """What a viewer gets, until `done` says so of all of it."""
    got: list[LiveItem] = []
    async with asyncio.timeout(PATIENCE_S):
        while not done(got):
            got.append(await anext(viewer))
    return got


def packets_of(got: Sequence[LiveItem]) -> list[int]:
    return [number(item) for item in got if isinstance(item, Packet)]
