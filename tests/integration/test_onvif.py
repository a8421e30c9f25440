"""An ONVIF device over real SOAP: its clock, what it is, its events, its restarts."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custos.adapters.devices import onvif
from custos.adapters.devices.onvif_soap import digest_of
from custos.adapters.devices.room import DeviceRoom
from custos.model.devices import DeviceState, OnvifDevice
from custos.model.site import Camera, Site
from custos.testing.devices import MemoryHub, until
from custos.testing.onvif_peer import OnvifPeer

PASSWORD = "correct horse"
DOOR = {"DoorToken": "Door 1"}
READER = {"AccessPointToken": "AP1"}
CARD = {"CredentialToken": "7"}


def device(peer: OnvifPeer, **changed: str) -> OnvifDevice:
    told = OnvifDevice(
        id="eye",
        name="Eye",
        url=peer.url,
        username="custos",
        password=PASSWORD,
        camera_id="dock",
        names=(("Door 1", "gate"), ("door of AP1", "gate")),
        pull_s=0.2,
    )
    return replace(told, **changed)  # type: ignore[arg-type]


class Bench:
    def __init__(self, peer: OnvifPeer, **changed: str) -> None:
        self.peer, self.hub = peer, MemoryHub()
        site = Site(
            id="hq", name="HQ", cameras=(Camera(id="dock", name="Dock", url="x"),), devices=(device(peer, **changed),)
        )
        self.room = DeviceRoom(
            site, accept=self.hub.accept, clock=lambda: datetime.now(UTC), session="s", first_pause_s=0.05
        )

    def state(self) -> DeviceState:
        return self.room.states()["eye"]


def run(peer: OnvifPeer, walk: Callable[[Bench], Awaitable[None]], **changed: str) -> Bench:
    bench = Bench(peer, **changed)

    async def both() -> None:
        await bench.room.start()
        try:
            await until(lambda: bench.state().state in ("connected", "lost"))
            await walk(bench)
        finally:
            await bench.room.close()

    asyncio.run(both())
    return bench


def test_the_digest_is_the_one_of_onvifs_application_programmers_guide() -> None:
    """ONVIF Application Programmer's Guide 1.0, 6.1.1.3: nonce, date and password "userpassword"."""
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    assert digest_of(nonce, "2010-09-16T07:50:45Z", "userpassword") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="


def test_a_device_whose_clock_is_off_is_asked_in_its_own_time_and_says_what_it_is() -> None:
    async def walk(bench: Bench) -> None:
        bench.peer.notify("tns1:Door/State/DoorPhysicalState", DOOR, {"State": "Open"})
        await until(lambda: bench.hub.told("door.") == ["door.opened"])

    with OnvifPeer(password=PASSWORD, offset_s=-3600.0) as peer:
        bench = run(peer, walk)
        assert peer.subscriptions == set()  # it was unsubscribed
    state, (opened,) = bench.state(), bench.hub.of("door.")
    assert abs((datetime.now(UTC) - opened.at).total_seconds()) < 60  # its time is made ours
    assert state.clock_offset_s == pytest.approx(-3600, abs=30)
    assert bench.hub.told("device.") == ["device.clock_drifted", "device.connected"]
    assert dict(state.details) == {
        "maker": "Acme", "model": "Eye 3", "firmware": "1.2.3", "serial number": "SN-7", "hardware": "hw1",
        "stream main": "rtsp://10.0.0.9:554/main", "stream sub": "rtsp://10.0.0.9:554/sub",
    }  # fmt: skip
    assert PASSWORD not in repr(state)


def test_doors_badges_and_pictures_are_told_and_what_is_said_twice_is_not() -> None:
    at = datetime.now(UTC)

    async def walk(bench: Bench) -> None:
        peer = bench.peer
        for _ in range(2):
            peer.notify(
                "tns1:AccessControl/AccessGranted/Credential", READER, {"CredentialToken": "7"}, operation="", at=at
            )
        for operation in ("Initialized", "Initialized", "Changed"):
            peer.notify("tns1:Door/State/DoorPhysicalState", DOOR, {"State": "Open"}, operation=operation)
        peer.notify("tns1:VideoSource/ImageTooDark/ImagingService", {"Source": "1"}, {"State": "true"})
        peer.notify("tns1:Acme/Strange", {}, {})
        peer.notify(
            "tns1:AccessControl/Denied/Credential", READER, {"Reason": "CredentialExpired"}, operation="", at=at
        )
        await until(lambda: "access.denied" in bench.hub.told())

    with OnvifPeer(password=PASSWORD) as peer:
        bench = run(peer, walk)
    assert bench.hub.told() == [
        "device.connected", "access.granted", "door.opened", "camera.blinded", "access.denied",
    ]  # fmt: skip
    granted = bench.hub.of("access.granted")[0]
    assert (granted.door_id, granted.data["credential"], granted.at) == ("gate", "7", at)
    assert bench.hub.of("camera.")[0].camera_id == "dock"
    assert (bench.state().misunderstood, bench.state().duplicates) == (1, 1)


def test_a_subscription_is_renewed_early_and_made_anew_when_it_is_forgotten() -> None:
    async def walk(bench: Bench) -> None:
        await until(lambda: bench.peer.requests.count("Renew") >= 2)
        assert bench.peer.made == 1
        bench.peer.subscriptions.clear()  # cameras do that, whatever time they granted
        bench.peer.notify("tns1:VideoSource/MotionAlarm", {"Source": "1"}, {"State": "true"})
        await until(lambda: bench.hub.told("motion.") == ["motion.started"])  # a pull under way may still bring it
        await until(lambda: bench.peer.made == 2)

    with OnvifPeer(password=PASSWORD, life_s=1.0) as peer:
        bench = run(peer, walk)
    assert bench.hub.told("device.") == ["device.connected"]


def test_a_device_that_restarts_is_told_and_found_again() -> None:
    async def walk(bench: Bench) -> None:
        await asyncio.to_thread(bench.peer.stop)
        await until(lambda: bench.state().state == "lost")
        assert "ExceptionGroup" not in bench.state().reason
        await asyncio.to_thread(bench.peer.start)
        await until(lambda: bench.state().state == "connected")
        bench.peer.notify("tns1:Door/State/LockPhysicalState", DOOR, {"State": "Unlocked"})
        await until(lambda: bench.hub.told("door.") == ["door.unlocked"])

    with OnvifPeer(password=PASSWORD) as peer:
        bench = run(peer, walk)
    assert bench.hub.told("device.") == ["device.connected", "device.lost", "device.connected"]


def test_what_is_over_when_a_device_is_found_again_is_told() -> None:
    topic, source = "tns1:VideoSource/ImageTooDark/ImagingService", {"Source": "1"}

    async def walk(bench: Bench) -> None:
        bench.peer.notify(topic, source, {"State": "true"})
        await until(lambda: bench.hub.told("camera.") == ["camera.blinded"])
        await asyncio.to_thread(bench.peer.stop)
        await until(lambda: bench.state().state == "lost")
        await asyncio.to_thread(bench.peer.start)
        await until(lambda: bench.state().state == "connected")
        bench.peer.notify(topic, source, {"State": "false"}, operation="Initialized")
        await until(lambda: bench.hub.told("camera.") == ["camera.blinded", "camera.restored"])

    with OnvifPeer(password=PASSWORD) as peer:
        run(peer, walk)


def test_an_older_device_tells_its_services_as_capabilities() -> None:
    async def walk(bench: Bench) -> None:
        assert bench.state().state == "connected"

    with OnvifPeer(password=PASSWORD, services=False) as peer:
        run(peer, walk)
        assert "GetCapabilities" in peer.requests


def test_a_wrong_password_is_said_and_not_repeated() -> None:
    async def walk(bench: Bench) -> None:
        assert bench.state().state == "lost"

    with OnvifPeer(password=PASSWORD) as peer:
        bench = run(peer, walk, password="wrong horse")
    assert "Sender not authorized" in bench.state().reason
    assert "wrong horse" not in repr(bench.hub.events)


@pytest.mark.parametrize("answer", ["", "hello", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a/>', "<" * 10_000])
def test_a_device_that_speaks_nonsense_is_lost_and_the_rest_goes_on(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(bench: Bench) -> None:
        assert bench.state().state == "lost"
        assert "no SOAP" in bench.state().reason

    with OnvifPeer(password=PASSWORD) as peer:
        monkeypatch.setattr(peer, "answer", lambda path, request: (200, answer))
        run(peer, walk)


def test_a_pull_that_never_works_does_not_turn_in_circles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "LEAST_WAIT_S", 0.01)

    async def walk(bench: Bench) -> None:
        await until(lambda: bench.state().state == "lost")
        assert bench.peer.made <= 6

    with OnvifPeer(password=PASSWORD) as peer:
        monkeypatch.setattr(
            peer, "_unknown", lambda path: "<s:Fault><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>"
        )
        run(peer, walk)
