"""The wire between a worker and the hub: a real socket, real threads, a real event loop."""

from __future__ import annotations

import asyncio
import socket
import stat
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time
from itertools import pairwise
from pathlib import Path

import pytest

from custos.adapters.link import hub_side, worker_side
from custos.adapters.link.hub_side import VIEWER_LIMIT, WorkerLinks
from custos.adapters.link.messages import (
    PAYLOAD_LIMIT,
    Configure,
    EventsStored,
    Hello,
    Message,
    PacketSent,
    PictureSent,
    Snapshot,
    StatesTold,
    StreamTold,
    TracksTold,
    Watch,
    WireError,
    lengths,
    pack,
    unpack,
)
from custos.adapters.link.worker_side import HubLink
from custos.model.errors import CustosError, UsageError
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

PATIENCE_S = 20.0
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
STATE = CameraState("yard", "connected", START, fps=25.0, latency_s=0.2, tracks=1)
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


# -- messages


MESSAGES: tuple[Message, ...] = (
    HELLO,
    EventsStored(12),
    StatesTold((STATE, CameraState("roof", "disabled", START))),
    StatesTold(()),
    TracksTold("yard", VIEW),
    StreamTold("yard", "h264", 640, 480, 25.0, "yuv420p"),
    packet_sent(3),
    PictureSent("yard", START),
    Configure(SITE, "/srv/custos"),
    Configure(Site("hq", "Empty"), ""),
    Watch("yard", packets=True, pictures=False),
    Snapshot("yard"),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    wire = pack(message, b"payload")
    header, payload = lengths(wire[:8])
    assert unpack(wire[8 : 8 + header]) == message
    assert wire[8 + header :] == b"payload"
    assert payload == 7


@pytest.mark.parametrize("prefix", [b"", b"\x00", b"GET / HT", b"\xff" * 8, b"\x00" * 4 + b"\xff" * 4])
def test_absurd_lengths_are_refused(prefix: bytes) -> None:
    with pytest.raises(WireError):
        lengths(prefix)


NO_MESSAGES = (
    b"",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b'{"kind": 7, "body": {}}',
    b'{"kind": "Order", "body": {}}',
    b'{"kind": "Watch", "body": {"camera_id": "yard"}}',
    b'{"kind": "EventsStored", "body": {"sequence": ' + b"9" * 5000 + b"}}",
    b'{"kind": "Configure", "body": {"site": {"id": "NOT an id", "name": ""}, "base_dir": ""}}',
    b'{"kind": "Hello", "body": ' + b"[" * 100_000,
)


@pytest.mark.parametrize("header", NO_MESSAGES, ids=lambda header: header[:20].decode(errors="replace"))
def test_what_is_no_message_is_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        unpack(header)


# -- coming and going


def test_the_socket_is_for_this_user_only(tmp_path: Path) -> None:
    async def main() -> None:
        hub = hub_at(tmp_path / "run" / "hub.sock", Store())
        await hub.start()
        mode = (tmp_path / "run" / "hub.sock").stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
        await hub.close()
        assert not (tmp_path / "run" / "hub.sock").exists()

    run(main())


def test_a_worker_is_told_the_site_and_tells_how_its_cameras_fare(tmp_path: Path) -> None:
    async def main() -> None:
        path, store = tmp_path / "hub.sock", Store()
        worker = Worker(path)  # before there is a hub
        hub = hub_at(path, store)
        await hub.start()
        assert {c: s.state for c, s in hub.states().items()} == {"yard": "unserved", "roof": "disabled"}
        assert hub.detector_name() is None
        assert await worker.await_configure() == Configure(SITE, "/srv/custos")
        assert hub.detector_name() == "stage@00000000"
        async with hub.watch("yard", pictures=True) as viewer:
            worker.link.send_live(StatesTold((STATE,)))
            assert await items(viewer, lambda got: bool(got)) == [STATE]
            assert hub.states()["yard"] == STATE
            await worker.close()
            (gone,) = await items(viewer, lambda got: bool(got))
        assert isinstance(gone, CameraState)
        assert (gone.state, hub.states()["yard"]) == ("unserved", gone)
        await hub.close()

    run(main())


def test_a_worker_may_say_its_name_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends:
            ends.worker.link.introduce(replace(HELLO, detector="yolox-nano@12345678"))
            ends.worker.link.send_events([event(1)])
            await ends.store.await_events(1)
            assert ends.hub.detector_name() == "yolox-nano@12345678"
            assert ends.worker.orders.empty()  # it is not configured again

    run(main())


def test_a_hub_that_ends_late_leaves_the_socket_of_its_successor_alone(tmp_path: Path) -> None:
    """Symptom: after a crash the old server took the new one's socket away, and no worker ever came back."""

    async def main() -> None:
        path, store = tmp_path / "hub.sock", Store()
        old, new = hub_at(path, store), hub_at(path, store)
        await old.start()
        await new.start()
        await old.close()
        worker = Worker(path)
        await worker.await_configure()
        await worker.close()
        await new.close()

    run(main())


# -- events


def test_events_are_stored_with_their_pictures_and_acknowledged(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends:
            ends.worker.link.send_events([])
            ends.worker.link.send_events([event(1), event(2)], [picture(1), picture(2, size=100_000)])
            ends.worker.link.send_events([event(3)])
            await ends.store.await_events(3)
            assert ends.store.events == [event(1), event(2), event(3)]
            assert ends.store.pictures == [picture(1), picture(2, size=100_000)]
            await ends.worker.close()  # when everything is acknowledged
            asked = ends.store.asked
            again = Worker(ends.path)
            await again.await_configure()
            assert ends.store.asked == asked
            await again.close()

    run(main())


def test_a_hub_that_is_started_again_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        path, store = tmp_path / "hub.sock", Store()
        worker = Worker(path)
        for n in range(10):  # nobody listens yet
            worker.link.send_events([event(n)], [picture(n)])
        first = hub_at(path, store)
        await first.start()
        await store.await_events(10)
        store.may_store.clear()
        for n in range(10, 20):
            worker.link.send_events([event(n)], [picture(n)])
        await store.wait(lambda: store.asked == 11)
        await first.close()  # while it stores
        await asyncio.wait_for(worker.downs.get(), PATIENCE_S)
        store.may_store.set()
        for n in range(20, 30):
            worker.link.send_events([event(n)], [picture(n)])
        second = hub_at(path, store)
        await second.start()
        await store.await_events(30)
        assert [e.id for e in store.events] == [f"e-{n}" for n in range(30)]
        await worker.close()
        await second.close()

    run(main())


@pytest.mark.parametrize(
    "problem", [CustosError("the disk is full."), RuntimeError("something nobody has thought of")], ids=repr
)
def test_events_that_cannot_be_stored_are_kept_until_they_can(
    tmp_path: Path, problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Symptom: after an unexpected error no event was stored any more, and nobody knew."""
    monkeypatch.setattr(hub_side, "RETRY_S", 0.01)

    async def main() -> None:
        async with connected(tmp_path) as ends:
            ends.store.problems += [problem, problem]
            ends.worker.link.send_events([event(1)])
            ends.worker.link.send_events([event(2)])
            await ends.store.await_events(2)
            assert ends.store.asked == 4

    run(main())


def test_events_that_are_refused_do_not_stop_the_others(tmp_path: Path) -> None:
    """Symptom: one event of a site that had been renamed was tried for ever, and all later ones waited behind it."""

    async def main() -> None:
        async with connected(tmp_path) as ends:
            ends.store.problems += [UsageError("an event of another site.")]
            ends.worker.link.send_events([event(1)])
            ends.worker.link.send_events([event(2)])
            await ends.store.await_events(1)
            assert ends.store.events == [event(2)]

    run(main())


def test_more_pictures_than_a_message_holds_are_left_out(tmp_path: Path) -> None:
    """Symptom: twenty people in a 4K picture made a message that no hub takes, and it was sent again for ever."""

    async def main() -> None:
        async with connected(tmp_path) as ends:
            large = PAYLOAD_LIMIT // 3 + 1
            ends.worker.link.send_events([event(n) for n in range(4)], [picture(n, size=large) for n in range(4)])
            await ends.store.await_events(4)
            assert [p.id for p in ends.store.pictures] == ["e-0", "e-1"]

    run(main())


def test_without_a_hub_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest events go, and before them the pictures of the oldest."""
    monkeypatch.setattr(worker_side, "KEPT_LIMIT", 20)
    monkeypatch.setattr(worker_side, "PICTURES_LIMIT", 5)

    async def main() -> None:
        path, store = tmp_path / "hub.sock", Store()
        worker = Worker(path)
        for n in range(30):
            worker.link.send_events([event(n)], [picture(n)])
        assert worker.link.forgotten == 10
        hub = hub_at(path, store)
        await hub.start()
        await store.await_events(20)
        assert [e.id for e in store.events] == [f"e-{n}" for n in range(10, 30)]
        assert [p.id for p in store.pictures] == [f"e-{n}" for n in range(25, 30)]
        await worker.close()
        await hub.close()

    run(main())


# -- live


def test_a_late_viewer_starts_at_the_last_key_frame(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=False) as early:
            assert await ends.worker.order() == Watch("yard", packets=True, pictures=False)
            ends.worker.stream()
            ends.worker.packets(3, 25)  # from the middle of a group
            got = await items(early, lambda got: 24 in packets_of(got))
            assert got[0] == H264
            assert packets_of(got) == list(range(10, 25))
            async with ends.hub.watch("yard", pictures=False) as late:
                await ends.worker.order()
                ends.worker.packets(25, 32)
                got = await items(late, lambda got: 31 in packets_of(got))
            assert got[0] == H264
            assert packets_of(got) == list(range(20, 32))
            assert got[1] == packet(20)
            assert packets_of(await items(early, lambda got: 31 in packets_of(got))) == list(range(25, 32))
        assert await ends.worker.order() == Watch("yard", packets=True, pictures=False)
        assert await ends.worker.order() == Watch("yard", packets=False, pictures=False)

    run(main())


def test_a_viewer_of_pictures_gets_pictures(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=True) as viewer:
            assert await ends.worker.order() == Watch("yard", packets=False, pictures=True)
            ends.worker.stream()
            ends.worker.packets(0, 3)
            ends.worker.link.send_live(PictureSent("yard", START), b"jpeg")
            ends.worker.link.send_live(TracksTold("yard", VIEW))
            got = await items(viewer, lambda got: VIEW in got)
            assert [type(item) for item in got] == [StreamInfo, Picture, TrackView]
            assert isinstance(got[1], Picture)
            assert (got[1].jpeg, got[1].at) == (b"jpeg", START)

    run(main())


def test_packets_still_on_their_way_from_an_earlier_viewer_are_not_for_the_next(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends:
            async with ends.hub.watch("yard", pictures=False):
                await ends.worker.order()
            ends.worker.packets(0, 5)  # the worker does not know yet that nobody watches
            async with ends.hub.watch("yard", pictures=False) as viewer:
                ends.worker.stream()
                ends.worker.packets(0, 8)
                got = await items(viewer, lambda got: 7 in packets_of(got))
            assert got[0] == H264
            assert packets_of(got) == list(range(8))

    run(main())


def test_a_slow_viewer_starts_again_at_a_key_frame_and_costs_no_more_than_so_much(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=False) as slow:
            await ends.worker.order()
            ends.worker.stream()
            last = 3 * VIEWER_LIMIT + 7
            for n in range(last):
                ends.worker.packets(n, n + 1)
            await ends.await_everything_sent()
            ends.worker.packets(last, last + GOP + 1)
            got = await items(slow, lambda got: last + GOP in packets_of(got))
        numbers = packets_of(got)
        assert len(got) <= VIEWER_LIMIT + GOP + 1
        assert got[0] == H264
        assert numbers[0] % GOP == 0
        assert numbers == list(range(numbers[0], last + GOP + 1))

    run(main())


def test_a_long_group_reaches_a_late_viewer_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Symptom: with a camera that sends a key frame every 20 s, a late viewer saw nothing until the next."""

    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=False) as early:
            await ends.worker.order()
            ends.worker.stream()
            for n in range(500):
                sent = replace(packet_sent(n), is_keyframe=n == 0)
                ends.worker.link.send_live(sent, packet(n).data)
            await items(early, lambda got: 499 in packets_of(got))
            async with ends.hub.watch("yard", pictures=False) as late:
                got = await items(late, lambda got: 499 in packets_of(got))
            assert packets_of(got) == list(range(500))

    run(main())


def test_a_hub_that_does_not_keep_up_gets_streams_that_go_on_at_a_key_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Symptom: when the hub was slow the oldest messages went, the description of the stream among them."""
    monkeypatch.setattr(worker_side, "LIVE_LIMIT", 200_000)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(tmp_path / "hub.sock"))
    server.listen()
    server.settimeout(PATIENCE_S)
    link = HubLink(tmp_path / "hub.sock", HELLO, on_message=lambda message: None)
    link.start()
    connection, _ = server.accept()
    connection.settimeout(PATIENCE_S)
    with server, connection, connection.makefile("rb") as wire:
        assert read(wire.read) == HELLO
        link.send_live(StreamTold("yard", "h264", 640, 480, 25.0, ""))
        for n in range(500):
            link.send_live(packet_sent(n), bytes(2_000))
        link.send_live(
            Watch("yard", packets=True, pictures=False)
        )  # what is not a mere picture of the moment gets through
        got: list[Message] = []
        while not got or not isinstance(got[-1], Watch):
            got.append(read(wire.read))
        for n in range(500, 520):
            link.send_live(packet_sent(n), bytes(2_000))
        while not isinstance(got[-1], PacketSent) or round(got[-1].dts_s * 25) < 519:
            got.append(read(wire.read))
        link.close()
    numbers = [round(m.dts_s * 25) for m in got if isinstance(m, PacketSent)]
    assert isinstance(got[0], StreamTold)
    assert len(numbers) < 520 - 100
    holes = [b for a, b in pairwise(numbers) if b != a + 1]
    assert holes
    assert all(n % GOP == 0 for n in holes)


def read(take: Callable[[int], bytes]) -> Message:
    header, payload = lengths(take(8))
    message = unpack(take(header))
    take(payload)
    return message


def test_a_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        path, store = tmp_path / "hub.sock", Store()
        hub = hub_at(path, store)
        await hub.start()
        assert await hub.snapshot("yard") is None  # nobody there who could
        worker = Worker(path)
        await worker.await_configure()
        both = asyncio.gather(hub.snapshot("yard"), hub.snapshot("yard"))
        assert [await worker.order(), await worker.order()] == [Snapshot("yard")] * 2
        worker.link.send_live(PictureSent("yard", START), b"jpeg")
        for shown in await both:
            assert shown is not None
            assert (shown.jpeg, shown.camera_id, shown.at) == (b"jpeg", "yard", START)
        monkeypatch.setattr(hub_side, "SNAPSHOT_S", 0.05)
        assert await hub.snapshot("yard") is None
        await worker.close()
        await hub.close()

    run(main())


# -- changes of the site


def test_a_changed_site_reaches_the_worker_and_viewers_go_on(tmp_path: Path) -> None:
    """Symptom: after the address of a camera was changed, whoever watched it saw a still picture."""

    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=False) as viewer:
            await ends.worker.order()
            ends.worker.stream()
            ends.worker.packets(0, 3)
            await items(viewer, lambda got: 2 in packets_of(got))
            changed = replace(SITE, cameras=(replace(YARD, url="rtsp://camera.example/2"),))
            ends.hub.configure(changed)
            assert await ends.worker.order() == Configure(changed, "/srv/custos")
            assert await ends.worker.order() == Watch("yard", packets=True, pictures=False)
            assert set(ends.hub.states()) == {"yard"}
            smaller = replace(H264, width_px=320)
            ends.worker.stream(smaller)
            ends.worker.packets(100, 103)
            got = await items(viewer, lambda got: 102 in packets_of(got))
            assert got[0] == smaller
            assert packets_of(got) == [100, 101, 102]

    run(main())


def test_whoever_watches_when_the_worker_is_started_again_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends, ends.hub.watch("yard", pictures=False) as viewer:
            await ends.worker.order()
            ends.worker.stream()
            ends.worker.packets(0, 3)
            await ends.worker.close()
            again = Worker(ends.path)
            await again.await_configure()
            assert await again.order() == Watch("yard", packets=True, pictures=False)
            again.stream()
            again.packets(47, 53)
            got = await items(viewer, lambda got: 52 in packets_of(got))
            assert packets_of(got)[-3:] == [50, 51, 52]
            assert not {47, 48, 49} & set(packets_of(got))
            await again.close()

    run(main())


# -- nonsense


def naive_packet() -> bytes:
    fields = b'"pts_s":0,"dts_s":0,"captured_at":"2026-05-04T12:00:00","clock":"file","is_keyframe":true'
    body = b'{"camera_id":"yard",%s}' % fields
    header = b'{"kind":"PacketSent","body":%s}' % body
    return len(header).to_bytes(4, "big") + bytes(4) + header


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", id="a browser"),
        pytest.param(b"\xff" * 64, id="absurd lengths"),
        pytest.param(pack(HELLO)[:-4] + b"!!!!", id="no JSON"),
        pytest.param(pack(Watch("yard", packets=True, pictures=True)), id="an order"),
        pytest.param(naive_packet(), id="a time without a zone"),
    ],
)
def test_nonsense_is_cut_off_and_others_go_on(tmp_path: Path, nonsense: bytes) -> None:
    async def main() -> None:
        async with connected(tmp_path) as ends:
            reader, writer = await asyncio.open_unix_connection(ends.path)
            writer.write(nonsense)
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
            writer.close()
            ends.worker.link.send_events([event(1)])
            await ends.store.await_events(1)

    run(main())


def test_a_message_cut_off_in_the_middle_is_the_end_of_the_connection(tmp_path: Path) -> None:
    """Symptom: a hub that was killed while it spoke left its worker waiting for the rest for ever."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(tmp_path / "hub.sock"))
    server.listen()
    server.settimeout(PATIENCE_S)
    went_down = threading.Event()
    link = HubLink(tmp_path / "hub.sock", HELLO, on_message=lambda message: None, on_down=went_down.set)
    link.start()
    with server:
        for cut in (3, 10, 30):
            connection, _ = server.accept()
            with connection:
                connection.sendall(pack(Configure(SITE, ""))[:cut])
                connection.shutdown(socket.SHUT_WR)
                assert went_down.wait(PATIENCE_S)
                went_down.clear()
        link.close()


def test_a_link_without_a_hub_closes_at_once(tmp_path: Path) -> None:
    link = HubLink(tmp_path / "hub.sock", HELLO, on_message=lambda message: None)
    link.close()
    link = HubLink(tmp_path / "hub.sock", HELLO, on_message=lambda message: None)
    link.start()
    link.send_events([event(1)])
    link.send_live(StatesTold((STATE,)))
    link.close()
