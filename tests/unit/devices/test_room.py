"""Devices are kept running, tell how they fare, and lose nothing on the way to the hub."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from custos.adapters.devices import outlet as outlet_module
from custos.adapters.devices.outlet import Outlet, content_id, heard_data
from custos.adapters.devices.room import Adapter, DeviceRoom
from custos.model.devices import Device, HttpDevice
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, source_of
from custos.model.site import Site
from custos.testing.devices import MemoryHub, until

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TOKEN = "a-token-long-enough-to-use"


def device(device_id: str, *, enabled: bool = True, name: str = "x") -> HttpDevice:
    return HttpDevice(id=device_id, name=name, token=TOKEN, enabled=enabled)


def site(*devices: Device) -> Site:
    return Site(id="hq", name="HQ", devices=devices)


class Failing:
    """An adapter that connects, and is cut off."""

    def __init__(self, outlet: Outlet, begun: list[str]) -> None:
        self._outlet, self._begun = outlet, begun

    async def run(self) -> None:
        self._begun.append(self._outlet.device.id)
        await self._outlet.connected()
        if len(self._begun) == 2:
            raise RuntimeError("a fault of ours")
        if len(self._begun) > 3:
            await asyncio.Event().wait()
        raise CustosError("the broker hung up.")


class BadlyEnding:
    """An adapter with a fault in what it does when it is ended."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    async def run(self) -> None:
        await self._outlet.connected()
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("a fault of ours, at the end")


def opened(event_id: str, at: datetime = NOW) -> Event:
    return Event(event_id, "door.opened", at, source_of("hq", "doors", "dock"), None, {"door_id": "dock"})


def test_no_devices_no_states() -> None:
    async def walk() -> None:
        room = DeviceRoom(site(), accept=MemoryHub().accept, clock=lambda: NOW, session="s")
        await room.start()
        assert room.states() == {}
        with pytest.raises(UsageError):
            await room.take("bridge", [])
        await room.close()

    asyncio.run(walk())


def test_a_device_that_fails_is_begun_again_and_both_are_told() -> None:
    hub, begun = MemoryHub(), list[str]()

    def make(device: Device, outlet: Outlet, site: Site) -> Adapter | None:
        return Failing(outlet, begun) if device.id == "broker" else None

    async def walk() -> None:
        two = site(device("broker"), device("asleep", enabled=False))
        room = DeviceRoom(two, accept=hub.accept, clock=lambda: NOW, session="s", make=make, first_pause_s=0.001)
        await room.start()
        await until(lambda: len(begun) == 4)
        assert (room.states()["broker"].state, room.states()["asleep"].state) == ("connected", "disabled")
        await room.close()

    asyncio.run(walk())
    assert hub.told() == ["device.connected", "device.lost"] * 3 + ["device.connected"]
    reasons = [event.data["reason"] for event in hub.events.values() if event.type == "device.lost"]
    assert reasons == ["the broker hung up.", "the adapter failed: RuntimeError", "the broker hung up."]


def test_only_a_device_that_changed_begins_anew() -> None:
    hub, begun = MemoryHub(), list[str]()

    class Waiting:
        def __init__(self, outlet: Outlet) -> None:
            self._outlet = outlet

        async def run(self) -> None:
            begun.append(f"{self._outlet.device.id} {self._outlet.device.name}")
            await asyncio.Event().wait()

    async def walk() -> None:
        room = DeviceRoom(
            site(device("a"), device("b"), device("c")),
            accept=hub.accept,
            clock=lambda: NOW,
            session="s",
            make=lambda device, outlet, site: Waiting(outlet),
        )
        await room.start()
        await until(lambda: len(begun) == 3)
        room.configure(site(device("a"), device("b", name="renamed"), device("d")))
        await until(lambda: len(begun) == 5)
        assert list(room.states()) == ["a", "b", "d"]
        await room.close()

    asyncio.run(walk())
    assert begun == ["a x", "b x", "c x", "b renamed", "d x"]


def test_doubles_and_late_events_are_counted() -> None:
    hub = MemoryHub()

    async def walk() -> None:
        room = DeviceRoom(site(device("bridge")), accept=hub.accept, clock=lambda: NOW, session="s")
        late = opened("late", NOW - timedelta(hours=3))
        assert [e.id for e in await room.take("bridge", [opened("1"), late])] == ["1", "late"]
        assert await room.take("bridge", [late]) == []
        state = room.states()["bridge"]
        assert (state.events, state.duplicates, state.late, state.heard_at) == (2, 1, 1, NOW)

    asyncio.run(walk())


def test_while_the_store_is_full_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet_module, "RETRY_S", 0.001)
    hub = MemoryHub()

    async def walk() -> None:
        outlet = Outlet(device("bridge"), site_id="hq", accept=hub.accept, clock=lambda: NOW, session="s")
        hub.broken = True
        with pytest.raises(CustosError):
            await outlet.tell([opened("1")])
        assert outlet.state.events == 0
        waiting = asyncio.create_task(outlet.tell_surely([opened("1")]))
        await until(lambda: hub.times_refused >= 3)
        assert not waiting.done()
        hub.broken = False
        assert [event.id for event in await waiting] == ["1"]

    asyncio.run(walk())


def test_what_is_not_understood_is_counted_and_the_newest_kept() -> None:
    outlet = Outlet(device("bridge"), site_id="hq", accept=MemoryHub().accept, clock=lambda: NOW, session="s")
    for i in range(3):
        outlet.misunderstood(f"line {i}")
    assert (outlet.state.misunderstood, outlet.state.last_misunderstood) == (3, "line 2")


def test_the_same_content_is_the_same_id() -> None:
    assert content_id("a", "b") == content_id("a", "b")
    assert content_id("a", "b") != content_id("ab")


def test_only_what_took_time_says_when_it_was_heard() -> None:
    assert heard_data(NOW, NOW + timedelta(seconds=0.5)) == {}
    assert heard_data(NOW, NOW + timedelta(hours=1)) == {"received_at": "2026-05-04T13:00:00Z"}


def test_a_device_whose_end_fails_is_ended_all_the_same() -> None:
    hub = MemoryHub()

    async def walk() -> None:
        room = DeviceRoom(
            site(device("broker")),
            accept=hub.accept,
            clock=lambda: NOW,
            session="s",
            make=lambda device, outlet, site: BadlyEnding(outlet),
            first_pause_s=0.001,
        )
        await room.start()
        await until(lambda: room.states()["broker"].state == "connected")
        await asyncio.wait_for(room.close(), 30)

    asyncio.run(walk())
    assert hub.told() == ["device.connected"]
