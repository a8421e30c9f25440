"""The suite of `Bus`, on the one inside the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from custos.adapters.bus import InProcessBus
from custos.pipeline.ports import Bus
from custos.testing.check_bus import CHECKS, event


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_in_process(check: Callable[[Bus], Coroutine[None, None, None]]) -> None:
    asyncio.run(check(InProcessBus()))


def test_reader_whose_loop_is_over_is_forgotten() -> None:
    """A browser that is gone must not keep its mailbox for ever, nor stop the publisher."""
    bus = InProcessBus()

    async def leave() -> None:
        bus.subscribe()

    asyncio.run(leave())
    bus.publish(event(1))
    assert bus.subscriptions == 0


def test_durable_name_has_one_subject() -> None:
    async def main() -> None:
        bus = InProcessBus()
        bus.subscribe("zone.", durable="archive").close()
        with pytest.raises(ValueError, match=r"'zone\.' already"):
            bus.subscribe("*", durable="archive")

    asyncio.run(main())


def test_mailbox_must_hold_something() -> None:
    with pytest.raises(ValueError, match="got 0"):
        InProcessBus(mailbox_events=0)
