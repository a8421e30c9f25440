"""Profile M: a camera's metadata over RTSP, from packets to the events of its zones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from custos.adapters.devices import onvif
from custos.adapters.devices.room import DeviceRoom
from custos.adapters.devices.rtsp_metadata import Gathering, metadata_documents
from custos.model.devices import OnvifDevice
from custos.model.errors import CustosError
from custos.model.site import Camera, Site, Zone
from custos.testing.devices import PATIENCE_S, MemoryHub, until
from custos.testing.onvif_peer import OnvifPeer
from custos.testing.rtsp_metadata_peer import MetadataPeer

PASSWORD = "correct horse"


def scene(at: datetime, x: float | None) -> bytes:
    """Somebody whose foot is at `x` (0..1); None: a heartbeat. Coordinates are -1..1, y upwards."""
    left, right = (2 * (x or 0) - 1 - 0.1, 2 * (x or 0) - 1 + 0.1)
    someone = (
        f'<tt:Object ObjectId="15"><tt:Appearance><tt:Shape><tt:BoundingBox left="{left}" top="0.2" right="{right}" '
        'bottom="-0.6"/><tt:CenterOfGravity x="0" y="0"/></tt:Shape><tt:Class><tt:Type Likelihood="0.9">Human</tt:Type>'
        "</tt:Class></tt:Appearance></tt:Object>"
    )
    frame = f'<tt:Frame UtcTime="{at.isoformat()}">{someone if x is not None else ""}</tt:Frame>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?><tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema">'
        f"<tt:VideoAnalytics>{frame}</tt:VideoAnalytics></tt:MetadataStream>"
    ).encode()


async def take(url: str, count: int, **account: str) -> list[bytes]:
    found: list[bytes] = []
    documents = metadata_documents(url, **account)
    async for document in documents:
        found.append(document)
        if len(found) == count:
            break
    await documents.aclose()  # type: ignore[attr-defined]
    return found


def test_documents_come_whole_out_of_packets_for_who_knows_the_password() -> None:
    sent = [bytes([65 + i]) * (150 * i + 1) for i in range(8)]

    async def walk() -> None:
        async with MetadataPeer(sent, password=PASSWORD) as peer:
            assert await take(peer.url, 8, username="custos", password=PASSWORD) == sent
            with pytest.raises(CustosError, match="name or password is wrong") as caught:
                await take(peer.url, 1, username="custos", password="wrong horse")
            assert "horse" not in str(caught.value)

    asyncio.run(walk())


def test_a_document_that_lost_a_packet_is_left_out() -> None:
    sent = [b"a" * 500, b"b" * 500, b"c" * 500]

    async def walk() -> None:
        async with MetadataPeer(sent, lose=frozenset({4})) as peer:  # the second of three of the second document
            assert await take(peer.url, 2) == [sent[0], sent[2]]

    asyncio.run(walk())


@pytest.mark.parametrize(("encoding", "told"), [("H264", "no ONVIF metadata"), ("vnd.onvif.metadata.gzip", "no ONVIF")])
def test_a_stream_without_metadata_is_said(encoding: str, told: str) -> None:
    async def walk() -> None:
        async with MetadataPeer([], encoding=encoding) as peer:
            with pytest.raises(CustosError, match=told):
                await take(peer.url, 1)

    asyncio.run(walk())


def test_a_camera_that_is_not_there_or_hangs_up_is_said() -> None:
    async def walk() -> None:
        async with MetadataPeer([b"a"], ends=True) as peer:
            with pytest.raises(CustosError, match="broke off"):
                await take(peer.url, 2)
        with pytest.raises(CustosError, match="cannot be reached"):
            await take(peer.url, 1)

    asyncio.run(walk())


@pytest.mark.parametrize("packet", [b"", b"x" * 11, b"\x40" + b"x" * 20])
def test_what_is_no_rtp_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match="no RTP"):
        Gathering().add(packet)


def test_padding_sources_and_extensions_are_taken_off() -> None:
    """RFC 3550, 5.1: padding tells its length in its last byte; X and CC stand before the payload."""
    head = bytes([0b10110001, 0x80 | 107, 0, 1]) + bytes(8) + b"CSRC" + b"\xab\xcd\x00\x01more"
    assert Gathering().add(head + b"<a/>" + b"\x00\x00\x03") == b"<a/>"


def test_a_cameras_own_analytics_are_events_of_its_zone_whatever_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock is an hour behind; the stream breaks off in the middle and goes on; a forged document does no harm."""
    monkeypatch.setattr(onvif, "FIRST_PAUSE_S", 0.05)
    hub = MemoryHub()
    zone = Zone(id="bay", name="Bay", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), min_dwell_s=0)
    camera = Camera(id="dock", name="Dock", url="x", zones=(zone,))
    began = datetime.now(UTC)
    behind = began - timedelta(hours=1)
    walked = [scene(behind + timedelta(seconds=0.2 * i), 0.9 - 0.05 * i) for i in range(14)]
    documents = [*walked, b"<rubbish/>", scene(behind + timedelta(seconds=5.5), None)]

    async def walk() -> None:
        with OnvifPeer(password=PASSWORD, offset_s=-3600.0) as eye:
            async with MetadataPeer(documents, password=PASSWORD, ends=True) as stream:
                eye.stream_port = stream.port
                device = OnvifDevice(
                    id="eye", name="Eye", url=eye.url, username="custos", password=PASSWORD, camera_id="dock",
                    pull_s=0.2, metadata=True,
                )  # fmt: skip
                site = Site(id="hq", name="HQ", cameras=(camera,), devices=(device,))
                room = DeviceRoom(site, accept=hub.accept, clock=lambda: datetime.now(UTC), session="s")
                await room.start()
                await until(lambda: stream.plays >= 2 and hub.told("track.ended") != [])
                assert room.states()["eye"].state == "connected"
                assert room.states()["eye"].misunderstood >= 1
                hub.broken = True
                await until(lambda: hub.times_refused > 0)
                await asyncio.wait_for(room.close(), PATIENCE_S)  # the end waits for no store that refuses

    asyncio.run(walk())
    assert hub.told("zone.")[:2] == ["zone.entered", "zone.left"]
    entered = hub.of("zone.entered")[0]
    # foot at 0.5 at i = 8
    assert abs((entered.at - began).total_seconds() - 1.6) < 30, "and not an hour"
    assert (entered.camera_id, entered.data["class"], entered.data["model"]) == ("dock", "person", "onvif")
    assert entered.data["box"] == pytest.approx([0.45, 0.4, 0.55, 0.8], abs=0.06)
