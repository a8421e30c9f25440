"""Where a device's adapter puts what it heard: events go to the hub, and the device's state is kept.

await outlet.tell(events)            new ones; CustosError: not stored, the device should send them again
await outlet.tell_surely(events)     for devices that never repeat themselves: waits until they are stored
await outlet.tell_at_last(events)    once and not for long, where this side ends
await outlet.connected() / lost(reason)
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from custos.adapters.devices.clock import ClockWatch
from custos.model.devices import Device, DeviceState, PanelSilence, PanelState, PanelWait
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Json, Picture, source_of

log = logging.getLogger(__name__)
Accept = Callable[[Sequence[Event], Sequence[Picture]], Awaitable[Sequence[Event]]]
"""The hub's: stores events, and gives back those that were new."""
Memory = TypeVar("Memory")
Silences = Callable[[Collection[str]], Awaitable[Mapping[str, PanelSilence | PanelWait]]]
"""Of these panels, those that are silent or waited for by what stands in the store."""
DIRECT = frozenset({"sia", "lines", "onvif"})
"""Kinds that speak to us themselves: nothing in between keeps their messages back."""
PARTS = 256
"""So many parts of a device have a clock of their own."""
LATE = timedelta(minutes=1)
RETRY_S = 1.0
LAST_S = 2.0
"""So long the end of an adapter waits for the store."""
TELLS_APART = timedelta(seconds=1)


def content_id(*parts: str) -> str:
    """An event id made of what it is about: the same content is the same event."""
    return "dev-" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


async def no_silences(panel_ids: Collection[str]) -> Mapping[str, PanelSilence | PanelWait]:
    """Of a store that holds nothing yet."""
    return {}


class Outlet:
    """One device's way to the hub. Lives in one event loop.

    Args:
        session: text that no earlier run had; makes the ids of the device's own state events.
    """

    def __init__(
        self,
        device: Device,
        *,
        site_id: str,
        accept: Accept,
        clock: Callable[[], datetime],
        session: str,
        silences: Silences = no_silences,
    ) -> None:
        self.device = device
        self.silences = silences
        self.site_id = site_id
        self.clock = clock
        self._accept = accept
        self.session = session
        self._told = 0
        self._walks = 0
        self._memory: object = None
        self._away_since: datetime | None = None
        self._is_measured = False
        self._attacks: dict[str, dict[tuple[str, str], datetime]] = {}
        self._watches = {"": self._new_watch()}
        self._offsets_s: dict[str, float] = {}
        status = "waiting" if device.enabled else "disabled"
        self.state = DeviceState(device.id, device.kind, status, clock())

    async def tell(self, events: Sequence[Event]) -> list[Event]:
        """Have events stored; those that were new. CustosError: none of them was stored."""
        now = self.clock()
        self.state = replace(self.state, heard_at=now)
        if not events:
            return []
        ids = {event.id for event in events}
        new = [event for event in await self._accept(events, ()) if event.id in ids]
        self.state = replace(
            self.state,
            events=self.state.events + len(new),
            duplicates=self.state.duplicates + len(events) - len(new),
            late=self.state.late + sum(now - event.at > LATE for event in new),
        )
        return new

    async def tell_surely(self, events: Sequence[Event]) -> list[Event]:
        """`tell`, again and again while the store cannot store."""
        while True:
            try:
                return await self.tell(events)
            except UsageError:
                raise
            except CustosError as error:
                log.warning("events of %s wait: %s", self.device.id, error)
                await asyncio.sleep(RETRY_S)

    async def tell_at_last(self, events: Sequence[Event]) -> None:
        """`tell` in a task that is being cancelled, which nobody can cancel again: once, for `LAST_S` at most."""
        if not events:
            return
        try:
            async with asyncio.timeout(LAST_S):
                await self.tell(events)
        except (CustosError, TimeoutError) as error:
            log.error("%d events of %s are lost: %s", len(events), self.device.id, error or "the store hangs")

    def misunderstood(self, what: str, count: int = 1) -> None:
        """Something was heard that makes no event. `what`: in words, without credentials and keys."""
        total = self.state.misunderstood + count
        self.state = replace(self.state, heard_at=self.clock(), misunderstood=total, last_misunderstood=what[:500])
        if total & (total - 1) == 0:  # the 1st, 2nd, 4th, 8th ...: a log that a broken device cannot fill
            log.warning("%s %s: not understood (%d so far): %s", self.device.kind, self.device.id, total, what[:500])

    def left_out(self, frames: int, *, part: str = "") -> None:
        """Frames of a camera's scenes came too late, or twice."""
        name = f"frames of {part} left out as late" if part else "frames left out as late"
        self.describe({name: str(int(self.state.details.get(name, "0")) + frames)})

    def describe(self, details: Mapping[str, str]) -> None:
        """What the device says of itself, added to what it said before."""
        self.state = replace(self.state, details={**self.state.details, **details})

    def show_panels(self, *states: PanelState) -> None:
        """How some of its panels fare now."""
        self.state = replace(self.state, panels={**self.state.panels, **{one.panel_id: one for one in states}})

    def new_walk(self) -> str:
        """Text that no walk of a camera's scenes had before, of this connection or another: its tracks' subjects."""
        self._walks += 1
        return f"{self.session}-{self._walks}"

    def attacks_of(self, part: str = "") -> dict[tuple[str, str], datetime]:
        """What is done to cameras, as a part of the device tells, by property, and since when: outlives connections."""
        return self._attacks.setdefault(part, {})

    def kept(self, make: Callable[[], Memory]) -> Memory:
        """What the device's adapter is to know when it is begun again after a fault: made by the first, once."""
        if self._memory is None:
            self._memory = make()
        return cast(Memory, self._memory)

    def waiting(self) -> None:
        """Ready for a device that speaks first, and has not yet."""
        if self.state.state in ("disabled", "lost", "connecting"):
            self.state = replace(self.state, state="waiting", since=self.clock(), reason="")

    def connecting(self) -> None:
        if self.state.state in ("waiting", "disabled"):
            self.state = replace(self.state, state="connecting", since=self.clock())

    async def connected(self) -> None:
        """The device answers; told as an event where it did not before."""
        if self.state.state == "connected":
            return
        now = self.clock()
        away_s = (now - self._away_since).total_seconds() if self._away_since else 0.0
        self._away_since = None
        self.state = replace(self.state, state="connected", since=now, reason="")
        await self._say("device.connected", {"after_s": round(away_s, 3)})

    async def lost(self, reason: str) -> None:
        """The device does not answer; told as an event where it did before, or at the first try."""
        if self.state.state == "lost":
            self.state = replace(self.state, reason=reason[:300])
            return
        now = self.clock()
        self._away_since = now
        self.state = replace(self.state, state="lost", since=now, reason=reason[:300])
        await self._say("device.lost", {"reason": reason[:300] or "it does not answer"})

    @property
    def clock_shift(self) -> timedelta:
        """What makes the device's times ours, where its clock was asked for and is off by more than its limit."""
        watch = self._watches[""]
        offset_s = watch.offset_s
        is_known = self._is_measured and watch.is_off and offset_s is not None
        return timedelta(seconds=-round(offset_s)) if is_known and offset_s is not None else timedelta()

    async def heard_clock(self, device_at: datetime, received_at: datetime, *, part: str = "") -> None:
        """A message that the device stamped itself arrived. `part`: which of its clocks, where it has several."""
        watch = self._watches.get(part)
        if watch is None:
            if len(self._watches) > PARTS:
                return
            watch = self._watches[part] = self._new_watch()
        await self._clock_told(part, watch, watch.heard(device_at, received_at))

    async def measured_clock(self, offset_s: float) -> None:
        """The device was asked for its time."""
        self._is_measured = True
        watch = self._watches[""]
        await self._clock_told("", watch, watch.measured(offset_s))

    def our_time(self, device_at: datetime, received_at: datetime, *, part: str = "") -> datetime:
        """A time that the device told, in ours where its clock is known to be off, and steadily."""
        watch = self._watches.get(part)
        return device_at if watch is None else watch.ours(device_at, received_at)

    def in_our_time(self, events: Sequence[Event], received_at: datetime, *, part: str = "") -> list[Event]:
        """Events that the device stamped itself, in our time; their ids stay those of the device's time."""
        watch = self._watches.get(part)
        if watch is None or not watch.is_off:
            return list(events)
        return [_moved(event, watch.ours(event.at, received_at), received_at) for event in events]

    def _new_watch(self) -> ClockWatch:
        return ClockWatch(self.device.clock_limit_s, is_direct=self.device.kind in DIRECT)

    async def _clock_told(self, part: str, watch: ClockWatch, changed: bool) -> None:
        """The state tells of the clock that is furthest off."""
        offset_s = watch.offset_s
        if offset_s is None:
            return
        if self._offsets_s.get(part) != offset_s:
            self._offsets_s[part] = offset_s
            furthest_s = max(self._offsets_s.values(), key=abs)
            self.state = replace(self.state, clock_offset_s=round(furthest_s, 3))
        if changed:
            data: dict[str, Json] = {"offset_s": round(offset_s, 3), "limit_s": watch.limit_s, "active": watch.is_off}
            data |= {"moved": True} if watch.is_off and watch.is_moved else {}
            if part:
                data["part"] = part
                self.describe({f"clock of {part}": f"{offset_s:+.0f} s" if watch.is_off else "right"})
            await self._say("device.clock_drifted", data)

    async def _say(self, kind: str, data: Mapping[str, Json]) -> None:
        self._told += 1
        event = Event(
            content_id(self.site_id, self.device.id, self.session, str(self._told)),
            kind,
            self.clock(),
            source_of(self.site_id, "devices", self.device.id),
            None,
            {"device_id": self.device.id, "kind": self.device.kind, **data},
        )
        try:
            await self._accept([event], ())
        except CustosError as error:  # the state is told all the same; the device must not wait for a full disk
            log.error("%s of %s is not stored: %s", kind, self.device.id, error)


def _moved(event: Event, at: datetime, received_at: datetime) -> Event:
    """The event at another time, and what it says of when it was heard."""
    if at == event.at:
        return event
    data = {name: value for name, value in event.data.items() if name != "received_at"}
    told = heard_data(at, received_at) if "received_at" in event.data else {}
    return replace(event, at=at, data=data | told)


def heard_data(at: datetime, received_at: datetime) -> dict[str, Json]:
    """{"received_at": ...} where that differs from when it happened."""
    if abs(received_at - at) <= TELLS_APART:
        return {}
    return {"received_at": received_at.isoformat().removesuffix("+00:00") + "Z"}
