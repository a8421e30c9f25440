"""The wire between a worker and the hub: who comes and goes, and that no event is lost or doubled."""

from __future__ import annotations

import asyncio
import socket
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from custos.adapters.link import hub_side, worker_side
from custos.adapters.link.hub_side import WorkerLinks
from custos.adapters.link.messages import (
    PAYLOAD_LIMIT,
    Configure,
    StatesTold,
    Watch,
    pack,
)
from custos.adapters.link.worker_side import HubLink
from custos.model.calibration import Calibration
from custos.model.errors import CustosError, UsageError
from custos.model.live import CameraState
from custos.testing.cameras import START
from custos.testing.link import (
    HELLO,
    PATIENCE_S,
    SITE,
    STATE,
    Store,
    Worker,
    connected,
    event,
    hub_at,
    items,
    picture,
    run,
)

# -- coming and going


def test_a_worker_is_told_which_cameras_were_moved_and_when_a_person_has_looked(tmp_path: Path) -> None:
    """And sees all the same when that cannot be read."""
    known = {"yard": Calibration(START, "It was moved.")}

    def calibrations() -> dict[str, Calibration]:
        if not known:
            raise CustosError("the store cannot be read")
        return dict(known)

    async def main() -> None:
        path = tmp_path / "hub.sock"
        hub = WorkerLinks(path, site=SITE, base_dir=Path("/srv"), accept=Store().accept, calibrations=calibrations)
        await hub.start()
        worker = Worker(path)
        assert (await worker.await_configure()).calibrations["yard"].is_due
        known["yard"] = replace(known["yard"], confirmed_at=START)
        hub.recalibrated()
        assert await worker.order() == Configure(SITE, "/srv", dict(known))
        known.clear()
        hub.recalibrated()
        assert await worker.order() == Configure(SITE, "/srv")
        await worker.close()
        await hub.close()

    run(main())


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
            while ends.hub.detector_name() != "yolox-nano@12345678":  # noqa: ASYNC110  it travels beside the events
                await asyncio.sleep(0.01)
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
        await store.wait(lambda: store.asked > 10)
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
