"""Devices whose clocks are off: what becomes of the times they tell, and how that shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from custos.adapters.devices.room import DeviceRoom
from custos.adapters.devices.sia import SiaAdapter
from custos.adapters.devices.sia_frame import framed, stamp
from custos.model.devices import HttpDevice, Panel, SiaReceiver
from custos.model.event import Event
from custos.model.site import Site
from custos.testing.devices import MemoryHub, outlet_of

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SLOW, RIGHT = Panel(id="slow", account="1234"), Panel(id="right", account="5678")


class Receiver:
    """A receiver of panels, and the time, which passes ten seconds with every frame."""

    def __init__(self, panels: tuple[Panel, ...]) -> None:
        self.hub, self.now = MemoryHub(), NOON
        receiver = SiaReceiver(id="receiver", name="Receiver", listen="127.0.0.1:0", panels=panels)
        self.outlet = outlet_of(receiver, self.hub, lambda: self.now)
        self.adapter = SiaAdapter(receiver, self.outlet)

    async def alarm(self, account: str, number: int, offset_s: float) -> datetime:
        """A panel whose clock is so much off alarms; when it really did."""
        self.now += timedelta(seconds=10)
        told_at = self.now + timedelta(seconds=offset_s)
        body = f'"SIA-DCS"{number:04d}L0#{account}[#{account}|Nri1/BA01]{stamp(told_at)}'
        answer = await self.adapter.answer(framed(body.encode())[1:-1])
        assert answer is not None
        assert b"ACK" in answer
        return self.now


def test_a_panel_that_is_ninety_seconds_behind_is_told_of_and_then_moved() -> None:
    async def walk() -> None:
        site = Receiver((SLOW,))
        happened = [await site.alarm("1234", i, -90.0) for i in range(1, 9)]
        alarms = site.hub.of("panel.")
        off = [(at - alarm.at).total_seconds() for at, alarm in zip(happened, alarms, strict=True)]
        assert off == [90.0] * 5 + [0.0] * 3
        assert [("received_at" in alarm.data) for alarm in alarms] == [True] * 5 + [False] * 3
        (drifted,) = site.hub.of("device.clock")
        assert (drifted.data["offset_s"], drifted.data["active"], drifted.data["moved"]) == (-90.0, True, True)
        assert "part" not in drifted.data
        assert site.outlet.state.clock_offset_s == -90.0

    asyncio.run(walk())


def test_a_retry_whose_first_try_was_taken_as_told_is_no_second_alarm() -> None:
    async def walk() -> None:
        site = Receiver((SLOW,))
        for i in range(1, 6):
            await site.alarm("1234", i, -90.0)
        await site.alarm("1234", 5, -90.0)
        assert len(site.hub.of("panel.")) == 5

    asyncio.run(walk())


def test_each_panel_has_a_clock_of_its_own() -> None:
    async def walk() -> None:
        site = Receiver((SLOW, RIGHT))
        for i in range(1, 9):
            await site.alarm("1234", i, -90.0)
            happened_at = await site.alarm("5678", i, 0.0)
        (drifted,) = site.hub.of("device.clock")
        assert drifted.data["part"] == "slow"
        assert site.outlet.state.clock_offset_s == -90.0, "the one that is furthest off"
        assert site.outlet.state.details["clock of slow"] == "-90 s"
        assert site.hub.of("panel.")[-1].at == happened_at

    asyncio.run(walk())


def opened(number: int, at: datetime) -> Event:
    return Event(f"o{number}", "door.opened", at, "/sites/hq/doors/dock", None, {"door_id": "dock"})


def posted(offsets_s: Sequence[float]) -> tuple[MemoryHub, DeviceRoom, list[datetime]]:
    """A program that posts an event every ten seconds, each stamped so much off; and when it really did."""
    hub, now = MemoryHub(), NOON
    bridge = HttpDevice(id="bridge", name="Bridge", token="t" * 24, speaks_for=("doors",))
    room = DeviceRoom(Site("hq", "HQ", devices=(bridge,)), accept=hub.accept, clock=lambda: now, session="s")
    happened = []

    async def walk() -> None:
        nonlocal now
        for number, offset_s in enumerate(offsets_s):
            now += timedelta(seconds=10)
            happened.append(now)
            await room.take("bridge", [opened(number, now + timedelta(seconds=offset_s))])

    asyncio.run(walk())
    return hub, room, happened


def test_a_program_whose_clock_is_ahead_is_moved_so_that_its_events_stand_in_order() -> None:
    hub, room, happened = posted([90.0] * 7)
    assert [event.at for event in hub.of("door.")][5:] == happened[5:]
    assert room.states()["bridge"].clock_offset_s == 90.0
    assert [event.data.get("moved") for event in hub.of("device.clock")] == [True]


def test_a_program_that_is_behind_may_only_be_slow_and_is_told_of() -> None:
    hub, room, happened = posted([-90.0] * 7)
    assert [event.at for event in hub.of("door.")] == [at - timedelta(seconds=90) for at in happened]
    (drifted,) = hub.of("device.clock")
    assert "moved" not in drifted.data
    assert room.states()["bridge"].clock_offset_s == -90.0


def test_a_clock_that_drifts_past_its_limit_is_told_once_and_again_when_it_is_set() -> None:
    hub, room, _ = posted([*(0.5 * i for i in range(30)), *[0.0] * 20])
    assert [event.data["active"] for event in hub.of("device.clock")] == [True, False]
    assert room.states()["bridge"].clock_offset_s == 0.0
