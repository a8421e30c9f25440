"""What adapters of devices are tested with: a hub in memory, and waiting for what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from custos.adapters.devices.outlet import Outlet, Silences, no_silences
from custos.model.devices import Device
from custos.model.errors import CustosError
from custos.model.event import Event, Picture
from custos.testing.check_event import check_event

PATIENCE_S = 60.0


class MemoryHub:
    """Stores events once, like the hub; refuses while `broken`, and counts how often it did."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.broken = False
        self.times_refused = 0

    async def accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> list[Event]:
        """As `custos.pipeline.hub.Hub`; AssertionError for an event that is not as its type says."""
        if self.broken:
            self.times_refused += 1
            raise CustosError("the disk is full.")
        for event in events:
            check_event(event)
        new = list({event.id: event for event in events if event.id not in self.events}.values())
        self.events |= {event.id: event for event in new}
        return new

    def told(self, prefix: str = "") -> list[str]:
        """The types of what was stored, in order, as far as they begin with `prefix`."""
        return [event.type for event in self.events.values() if event.type.startswith(prefix)]

    def of(self, prefix: str) -> list[Event]:
        """What was stored of these types."""
        return [event for event in self.events.values() if event.type.startswith(prefix)]


def outlet_of(
    device: Device,
    hub: MemoryHub,
    clock: Callable[[], datetime],
    *,
    site_id: str = "hq",
    silences: Silences = no_silences,
) -> Outlet:
    """The way from the device to the hub."""
    return Outlet(device, site_id=site_id, accept=hub.accept, clock=clock, session="test", silences=silences)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what happens in another task or on the network; TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  anything may be waited for
            await asyncio.sleep(0.005)
