"""Offers of events, taken in by one hub: who is told what, how many steps that takes, and what time it is meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from custos.adapters.bus import InProcessBus
from custos.app import ordered_hub
from custos.app.ordered_hub import OrderedHub
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Signal
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Commit
from custos.testing.store import InMemoryStore

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
T = tuple[OrderedHub, "Disk", "Listening"]


def event(name: str, seconds: float = 0.0, *, site: str = "hq") -> Event:
    return Event(name, "door.opened", START + timedelta(seconds=seconds), f"/sites/{site}/doors/dock")


class Disk(InMemoryStore):
    """Counts its transactions, and is full when told."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.is_full = False

    def commit(self, commit: Commit) -> list[Event]:
        if self.is_full:
            raise CustosError("the disk is full")
        self.commits += 1
        return super().commit(commit)


class Listening:
    """A rule that notes what time it was told."""

    rule_id = "listening"

    def __init__(self) -> None:
        self.told: list[float] = []
        self.poison = ""

    def update(self, event: Event) -> list[Signal]:
        if event.id == self.poison:
            raise ZeroDivisionError(event.id)
        return []

    def advance(self, at: datetime) -> list[Signal]:
        self.told.append((at - START).total_seconds())
        return []


class Clock:
    """`now_s` passes by itself; `set_by_s` is what somebody has set it by."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.set_by_s = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.now_s + self.set_by_s)


def new_hub(clock: Clock | None = None, *, grace_s: float = 0.0) -> T:
    store, rule, ids = Disk(), Listening(), count()
    hub = Hub("hq", store, InProcessBus(), lambda: [rule], new_id=lambda: str(next(ids)), settle_s=0.0)
    hub.start(START)
    rule.told.clear()
    clock = clock or Clock()
    return OrderedHub(hub, clock=clock, steady=lambda: clock.now_s, grace_s=grace_s), store, rule


def run(main: Coroutine[None, None, None]) -> None:
    asyncio.run(main)


def ids(new: list[Event]) -> list[str]:
    return [one.id for one in new]


def test_an_offer_of_nothing_is_taken() -> None:
    async def main() -> None:
        hub, store, _ = new_hub()
        assert await hub.accept([]) == []
        assert store.commits == 0

    run(main())


def test_offers_that_wait_are_one_step_and_each_is_told_what_was_new_of_its_own() -> None:
    async def main() -> None:
        hub, store, _ = new_hub()
        await hub.accept([event("a")])
        told = await asyncio.gather(
            hub.accept([event("a"), event("b")]), hub.accept([event("b"), event("c")]), hub.accept([event("a")])
        )
        assert [ids(one) for one in told] == [["b"], ["c"], []]
        assert store.commits == 2
        assert [e.id for e in store.replay("hq", since=START)] == ["a", "b", "c"]

    run(main())


def test_a_step_takes_in_no_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_hub, "MOST_EVENTS", 3)

    async def main() -> None:
        hub, store, _ = new_hub()
        whole = [event(f"whole-{n}") for n in range(5)]
        await asyncio.gather(hub.accept(whole), *(hub.accept([event(f"{n}")]) for n in range(4)))
        assert store.commits == 3  # the five that came together, three, and one
        assert len(list(store.replay("hq", since=START))) == 9

    run(main())


@pytest.mark.parametrize("wrong", [event("x", site="elsewhere"), event("poison")], ids=["another site", "a bug"])
def test_what_is_wrong_with_one_offer_does_not_touch_the_others(wrong: Event) -> None:
    async def main() -> None:
        hub, store, rule = new_hub()
        rule.poison = "poison"
        told = await asyncio.gather(
            hub.accept([event("a")]), hub.accept([wrong]), hub.accept([event("b")]), return_exceptions=True
        )
        assert isinstance(told[1], UsageError | ZeroDivisionError)
        assert [told[0], told[2]] == [[event("a")], [event("b")]]
        assert [e.id for e in store.replay("hq", since=START)] == ["a", "b"]

    run(main())


def test_a_full_disk_is_told_to_all_and_they_may_offer_again() -> None:
    async def main() -> None:
        hub, store, _ = new_hub()
        store.is_full = True
        told = await asyncio.gather(*(hub.accept([event(name)]) for name in "ab"), return_exceptions=True)
        assert [type(one) for one in told] == [CustosError, CustosError]
        store.is_full = False
        assert [ids(one) for one in await asyncio.gather(*(hub.accept([event(name)]) for name in "ab"))] == [
            ["a"],
            ["b"],
        ]

    run(main())


def test_who_offered_may_go_before_it_is_taken() -> None:
    async def main() -> None:
        hub, store, _ = new_hub()
        going = asyncio.create_task(hub.accept([event("a")]))
        await asyncio.sleep(0)
        going.cancel()
        assert ids(await hub.accept([event("b")])) == ["b"]
        assert [e.id for e in store.replay("hq", since=START)] == ["a", "b"]

    run(main())


def test_time_passes_no_faster_than_the_events_that_wait() -> None:
    """A hub that was away for a minute was told that it is now: doors had stood open for a minute, in the middle of the
    events that said when they had been closed."""

    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)
        clock.now_s = 60.0
        await hub.accept([event("a", 1.0)])
        clock.now_s = 61.0
        await hub.accept([event("other", 2.0)])  # another sender is a little further
        await hub.advance()
        clock.now_s = 63.5
        waiting = [asyncio.create_task(hub.accept([event(f"b-{n}", 3.0 + n)])) for n in range(2)]
        await asyncio.sleep(0)
        await hub.advance()
        await asyncio.gather(*waiting)
        clock.now_s = 67.0
        await hub.accept([event("c", 66.5)])
        await hub.advance()  # nobody is behind any more
        assert rule.told == [1.0, 2.0, 67.0]

    run(main())


def test_time_waits_for_the_oldest_event_of_a_batch_that_waits() -> None:
    """Symptom: of a batch that had to wait its turn, time went to its last event; all before that came too late."""

    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)
        clock.now_s = 60.0
        waiting = asyncio.create_task(hub.accept([event("a", 5.0), event("b", 50.0)]))
        await asyncio.sleep(0)
        await hub.advance()
        await waiting
        await hub.advance()
        assert rule.told == [5.0, 50.0]

    run(main())


def test_a_failed_step_of_a_hub_that_is_behind_forgets_nothing_that_others_told() -> None:
    """Symptom: what others had told of more than a minute after the time that a straggler had reached was taken to be
    from the future, and doors had not heard of it until the next start."""
    heard: list[list[str]] = []

    class Door:
        memory: Mapping[str, float] = {"door.opened": 3600.0}

        def __init__(self) -> None:
            heard.append([])

        def update(self, event: Event) -> list[Event]:
            heard[-1].append(event.id)
            return []

        def advance(self, at: datetime) -> list[Event]:
            return []

    async def main() -> None:
        clock, store, names = Clock(), Disk(), count()
        inner = Hub(
            "hq", store, InProcessBus(), tuple, make_consumers=lambda: [Door()], new_id=lambda: str(next(names))
        )
        inner.start(START)
        hub = OrderedHub(inner, clock=clock, steady=lambda: clock.now_s, grace_s=0.0)
        clock.now_s = 300.0
        await hub.accept([event("straggler", 100.0)])
        await hub.accept([event("on time", 299.0)])
        await hub.advance()
        store.is_full = True
        with pytest.raises(CustosError):
            await hub.accept([event("next", 300.0)])
        store.is_full = False
        await hub.accept([event("next", 300.0)])

    run(main())
    assert heard == [["straggler", "on time", "next"], ["straggler", "on time", "next"]]


def test_time_never_runs_back_and_wrong_clocks_do_not_stop_it() -> None:
    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)
        clock.now_s = 3600.0
        await hub.advance()
        await hub.accept([event("slow", 3500.0)])  # long after the start
        await hub.advance()
        await hub.accept([event("from another age", 10.0)])
        clock.now_s = 3601.0
        await hub.accept([event("ahead", 4000.0)])
        await hub.advance()
        assert rule.told == [3600.0, 3600.0, 3601.0]

    run(main())


def test_time_does_not_run_back_for_who_waits() -> None:
    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)
        clock.now_s = 100.0
        await hub.advance()
        waiting = asyncio.create_task(hub.accept([event("late", 50.0)]))
        await asyncio.sleep(0)
        clock.now_s = 100.5
        await hub.advance()
        await waiting
        assert rule.told == [100.0, 100.0]

    run(main())


def test_at_first_it_is_no_time_until_somebody_comes() -> None:
    """The clock was told between the start and the first worker's return: all that the worker had kept was too late."""

    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock, grace_s=10.0)
        clock.now_s = 60.0
        await hub.advance()
        assert rule.told == []
        await hub.accept([event("a", 5.0)])
        await hub.advance()
        clock.now_s = 62.0
        await hub.accept([event("who comes last is furthest behind", 1.0)])
        await hub.advance()
        assert rule.told == []
        clock.now_s = 63.0
        await hub.advance()
        assert rule.told == [1.0]
        clock.now_s = 69.0
        await hub.advance()
        assert rule.told == [1.0]
        clock.now_s = 70.0
        await hub.advance()
        assert rule.told == [1.0, 70.0]

    run(main())


def test_a_slow_clock_does_not_stop_the_time_of_a_hub_that_cannot_keep_up() -> None:
    """A device whose clock was five minutes slow stopped the time of the whole site for as long as each step took more
    than a quarter of a second; for what it is late by in addition to that, it is waited for."""

    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)

        async def offered(at_s: float, *events: Event, waits_s: float) -> None:
            clock.now_s = at_s
            waiting = [asyncio.create_task(hub.accept([one])) for one in events]
            await asyncio.sleep(0)
            clock.now_s += waits_s
            await hub.advance()
            await asyncio.gather(*waiting)
            await hub.advance()

        device = "/sites/hq/devices/slow"
        await offered(3600.0, replace(event("s-0", 3300.0), source=device), waits_s=0.3)
        for n in range(1, 10):
            await offered(3600.0 + n, replace(event(f"s-{n}", 3300.0 + n), source=device), waits_s=0.3)
        assert rule.told[-1] == 3609.3
        await offered(3620.0, replace(event("s-10", 3310.0), source=device), event("c", 3619.0), waits_s=1.0)
        assert rule.told[-1] == 3610.0  # ten seconds more than ever: it is behind
        clock.now_s = 3625.0
        await hub.advance()
        assert rule.told[-1] == 3625.0

    run(main())


def test_a_hub_that_cannot_keep_up_waits_for_who_offers_next_however_long_it_has_run() -> None:
    """One who had just been taken and not yet offered the next was believed to have no more: time leapt to that of the
    others, and what they sent next was too late."""

    async def main() -> None:
        clock = Clock()
        hub, _, rule = new_hub(clock)
        clock.now_s = 3600.0
        waiting = [asyncio.create_task(hub.accept([event(f"a-{n}", 3500.0 + n)])) for n in range(2)]
        await asyncio.sleep(0)
        clock.now_s = 3602.0  # that long they had to wait
        await asyncio.gather(*waiting)
        await hub.advance()
        clock.now_s = 3604.0
        await hub.accept([event("slow clock", 3400.0)])  # taken at once
        await hub.advance()
        clock.now_s = 3610.0
        await hub.advance()
        assert rule.told == [3500.0, 3500.0, 3610.0]

    run(main())
