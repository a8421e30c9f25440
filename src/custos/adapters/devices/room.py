"""The site's devices, kept running: one adapter each, begun again with growing pauses when it fails.

room = DeviceRoom(site, accept=hub.accept, clock=now_utc, session=...)
await room.start(); room.configure(other_site); await room.close()
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from custos.adapters.devices.lines import LineAdapter
from custos.adapters.devices.mapping import Mapper, Misread, flat
from custos.adapters.devices.outlet import Accept, Outlet, Silences, no_silences
from custos.adapters.devices.sia import SiaAdapter
from custos.model.devices import Device, DeviceState, JsonDevice, LineDevice, MqttBroker, OnvifDevice, SiaReceiver
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Json
from custos.model.site import Camera, Site

log = logging.getLogger(__name__)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
"""After a run of this length the pauses begin again with the shortest."""


class Adapter(Protocol):
    """Listens to one device. `run` ends only by an exception: CustosError when the device cannot be reached."""

    async def run(self) -> None: ...


AdapterOf = Callable[[Device, Outlet, Site], Adapter | None]
"""Makes the adapter of a device; None for one that speaks through the API and needs none."""


def adapter_of(device: Device, outlet: Outlet, site: Site) -> Adapter | None:
    """The adapter for the device's kind."""
    match device:
        case SiaReceiver():
            return SiaAdapter(device, outlet)
        case MqttBroker():
            from custos.adapters.devices.mqtt import MqttAdapter  # imported where there is one: a start waits for it

            return MqttAdapter(device, outlet, site)
        case OnvifDevice():
            from custos.adapters.devices.onvif import OnvifAdapter  # the same

            return OnvifAdapter(device, outlet, site)
        case LineDevice():
            return LineAdapter(device, outlet)
        case _:
            return None


@dataclass(eq=False, slots=True)
class _Place:
    outlet: Outlet
    cameras: tuple[Camera, ...]
    task: asyncio.Task[None] | None = None


class DeviceRoom:
    """Every device of one site. Lives in one event loop, but `states` may be read from anywhere."""

    def __init__(
        self,
        site: Site,
        *,
        accept: Accept,
        clock: Callable[[], datetime],
        session: str,
        silences: Silences = no_silences,
        make: AdapterOf = adapter_of,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._site = site
        self._accept = accept
        self._clock = clock
        self._session = session
        self._silences = silences
        self._make = make
        self._first_pause_s = first_pause_s
        self._runs = 0
        self._places: dict[str, _Place] = {}
        self._ending: set[asyncio.Task[None]] = set()
        for device in site.devices:
            self._places[device.id] = self._place(device)

    def states(self) -> Mapping[str, DeviceState]:
        return {device_id: place.outlet.state for device_id, place in tuple(self._places.items())}

    def read(self, device_id: str, records: Sequence[Json]) -> tuple[list[Event], list[tuple[int, str]]]:
        """The events of a device's records, and which records make none and why. UsageError: it posts none."""
        place = self._places.get(device_id)
        if place is None or not isinstance(place.outlet.device, JsonDevice):
            raise UsageError(f"there is no device {device_id!r} that posts records.")
        mapper = Mapper(place.outlet.device.mapping, site_id=self._site.id, scope=device_id)
        now = self._clock()
        events: list[Event] = []
        faults: list[tuple[int, str]] = []
        for i, record in enumerate(records):
            try:
                events += mapper.events(flat(record), received_at=now)
            except Misread as error:
                faults.append((i, str(error)))
                place.outlet.misunderstood(str(error))
        return events, faults

    async def take(self, device_id: str, events: Sequence[Event]) -> list[Event]:
        """Store what a device posted; those that were new. CustosError: not stored. UsageError: no such device."""
        place = self._places.get(device_id)
        if place is None:
            raise UsageError(f"there is no device {device_id!r}.")
        outlet, now = place.outlet, self._clock()
        tells_time = not isinstance(outlet.device, JsonDevice) or outlet.device.mapping.tells_time
        new = await outlet.tell(outlet.in_our_time(events, now) if tells_time else events)
        await outlet.connected()
        fresh = {event.id for event in new}
        told_at = [event.at for event in events if event.id in fresh]
        if tells_time and told_at:  # of a batch, the one that travelled the shortest
            await outlet.heard_clock(max(told_at), now)
        return new

    async def start(self) -> None:
        """Begin with every device."""
        for place in self._places.values():
            self._begin(place)

    def configure(self, site: Site) -> None:
        """Devices that changed begin anew; the others go on undisturbed."""
        self._site = site
        wanted = {device.id: device for device in site.devices}
        for device_id, place in tuple(self._places.items()):
            device = wanted.get(device_id)
            if device != place.outlet.device or self._cameras(device) != place.cameras:
                self._end(place)
                del self._places[device_id]
        for device in site.devices:
            if device.id not in self._places:
                place = self._places[device.id] = self._place(device)
                self._begin(place, after=tuple(self._ending))

    async def close(self) -> None:
        """End every adapter."""
        for place in self._places.values():
            self._end(place)
        if self._ending:
            await asyncio.wait(tuple(self._ending))

    def _place(self, device: Device) -> _Place:
        self._runs += 1
        outlet = Outlet(
            device,
            site_id=self._site.id,
            accept=self._accept,
            clock=self._clock,
            session=f"{self._session}-{self._runs}",
            silences=self._silences,
        )
        return _Place(outlet, self._cameras(device))

    def _cameras(self, device: Device) -> tuple[Camera, ...]:
        """The cameras whose zones and lines the device's adapter knows; it begins anew when one changes."""
        found = (self._site.camera(camera_id) for camera_id in device.camera_ids)
        return tuple(camera for camera in found if camera is not None)

    def _begin(self, place: _Place, after: tuple[asyncio.Task[None], ...] = ()) -> None:
        if place.outlet.device.enabled:
            place.task = asyncio.create_task(self._keep(place.outlet, after))

    def _end(self, place: _Place) -> None:
        if place.task is not None:
            place.task.cancel()
            self._ending.add(place.task)
            place.task.add_done_callback(self._ending.discard)
            place.task = None

    async def _keep(self, outlet: Outlet, after: tuple[asyncio.Task[None], ...]) -> None:
        """Run the device's adapter, again and again."""
        if after:  # whoever listened on the same port before must have let go of it
            await asyncio.wait(after, timeout=5)
        device = outlet.device
        pause_s = self._first_pause_s
        while True:
            adapter = self._make(device, outlet, self._site)
            if adapter is None:
                return
            began_at = self._clock()
            try:
                await adapter.run()
                reason = "the connection ended"
            except CustosError as error:
                reason = str(error)
            except Exception as error:  # the edge of this device: the others, and the server, go on
                log.exception("the adapter of %s failed", device.id)
                reason = f"the adapter failed: {type(error).__name__}"
            if _is_cancelled():  # a fault while it cleaned up took the place of the cancellation
                return
            log.warning("%s %s: %s", device.kind, device.id, reason)
            await outlet.lost(reason)
            steady = (self._clock() - began_at).total_seconds() >= STEADY_S
            pause_s = self._first_pause_s if steady else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
