"""Live video over the wire: late viewers, slow viewers, and a site that changes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from custos.adapters.link import hub_side, worker_side
from custos.adapters.link.hub_side import VIEWER_LIMIT
from custos.adapters.link.messages import (
    Configure,
    Message,
    PacketSent,
    PictureSent,
    Snapshot,
    StreamTold,
    TracksTold,
    Watch,
    lengths,
    unpack,
)
from custos.adapters.link.worker_side import HubLink
from custos.model.event import Picture
from custos.model.frame import StreamInfo
from custos.model.live import TrackView
from custos.testing.clock import START
from custos.testing.link import (
    GOP,
    H264,
    HELLO,
    PATIENCE_S,
    SITE,
    VIEW,
    YARD,
    Store,
    Worker,
    connected,
    hub_at,
    items,
    packet,
    packet_sent,
    packets_of,
    run,
)


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
