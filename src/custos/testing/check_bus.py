"""What every `Bus` must do. Each `check_*` takes a fresh bus, runs inside an event loop and raises
AssertionError.

@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_bus(check): asyncio.run(check(InProcessBus()))
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

from custos.model.event import Event
from custos.pipeline.ports import Bus, Subscription

START = datetime(2026, 3, 2, 22, tzinfo=UTC)
PATIENCE_S = 60.0
MANY = 20_000
"""More events than any reader may fall behind."""


def event(n: int, type_: str = "zone.entered") -> Event:
    return Event(f"ev-{n}", type_, START, "/sites/hq/cameras/dock", data={"n": n})


async def check_publishing_to_nobody(bus: Bus) -> None:
    bus.publish(event(1))
    subscription = bus.subscribe()
    bus.publish(event(2))
    assert await _read(subscription, 1) == [event(2)]


async def check_every_reader_gets_every_event_in_order(bus: Bus) -> None:
    readers = [bus.subscribe(), bus.subscribe()]
    for n in range(100):
        bus.publish(event(n))
    for reader in readers:
        assert await _read(reader, 100) == [event(n) for n in range(100)]
        assert reader.dropped == 0


async def check_subjects(bus: Bus) -> None:
    """A type whole, a prefix ending in ".", "*" for all, or several of these."""
    whole, prefix, everything = bus.subscribe("zone.left"), bus.subscribe("zone."), bus.subscribe("*")
    either = bus.subscribe("zone.left", "door.")
    for n, type_ in enumerate(("zone.left", "zoned.out", "zone.lefty", "camera.lost", "door.opened")):
        bus.publish(event(n, type_))
    bus.publish(event(9, "zone.left"))
    assert [e.data["n"] for e in await _read(whole, 2)] == [0, 9]
    assert [e.data["n"] for e in await _read(prefix, 3)] == [0, 2, 9]
    assert [e.data["n"] for e in await _read(everything, 6)] == [0, 1, 2, 3, 4, 9]
    assert [e.data["n"] for e in await _read(either, 3)] == [0, 4, 9]


async def check_threads_may_publish(bus: Bus) -> None:
    """A reader that waits is woken from another thread, and nothing is lost between many."""
    subscription = bus.subscribe()
    waiting = asyncio.create_task(_read(subscription, 400))
    await asyncio.sleep(0)

    def publish(first: int) -> None:
        for n in range(first, first + 100):
            bus.publish(event(n))

    await asyncio.gather(*(asyncio.to_thread(publish, first) for first in (0, 100, 200, 300)))
    got = [int(str(e.data["n"])) for e in await waiting]
    assert sorted(got) == list(range(400))
    assert [n for n in got if n < 100] == list(range(100))


async def check_slow_reader_loses_the_oldest(bus: Bus) -> None:
    """And is told how many; publishing never waits for it."""
    subscription = bus.subscribe()
    for n in range(MANY):
        bus.publish(event(n))
    assert 0 < subscription.dropped < MANY
    rest = await _read(subscription, MANY - subscription.dropped)
    assert [e.data["n"] for e in rest] == list(range(subscription.dropped, MANY))


async def check_closing_ends_the_reading(bus: Bus) -> None:
    """Of a reader that waits, too; twice is once; others go on."""
    closed, other = bus.subscribe(), bus.subscribe()
    waiting = asyncio.create_task(_read(closed, 5))
    await asyncio.sleep(0)
    closed.close()
    closed.close()
    assert await asyncio.wait_for(waiting, PATIENCE_S) == []
    bus.publish(event(1))
    assert await _read(closed, 5) == []
    assert await _read(other, 1) == [event(1)]


async def check_durable_reader_finds_what_came_while_it_was_away(bus: Bus) -> None:
    first = bus.subscribe("zone.", durable="archive")
    bus.publish(event(1))
    assert await _read(first, 1) == [event(1)]
    first.close()
    bus.publish(event(2))
    bus.publish(event(3, "camera.lost"))
    second = bus.subscribe("zone.", durable="archive")
    bus.publish(event(4))
    assert await _read(second, 2) == [event(2), event(4)]


async def _read(subscription: Subscription, count: int) -> list[Event]:
    """The next `count` events, or fewer when the subscription ends."""
    got: list[Event] = []
    async with asyncio.timeout(PATIENCE_S):
        async for one in subscription:
            got.append(one)
            if len(got) == count:
                break
    return got


CHECKS: tuple[Callable[[Bus], Coroutine[None, None, None]], ...] = (
    check_publishing_to_nobody,
    check_every_reader_gets_every_event_in_order,
    check_subjects,
    check_threads_may_publish,
    check_slow_reader_loses_the_oldest,
    check_closing_ends_the_reading,
    check_durable_reader_finds_what_came_while_it_was_away,
)
