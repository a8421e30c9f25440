"""A receiver of SIA DC-09 over UDP and TCP: what panels report, acknowledged once it is stored.

A frame whose CRC or length is wrong gets no answer, as the standard says; one that is sound and means nothing here gets
DUH; an encrypted one whose time is out of the window gets NAK, with our time; one that cannot be stored gets no
answer either, and its panel sends it again. The same frame again (a retry) is acknowledged again and told once.

Silence is measured by a clock that nobody sets, and what was told of it before a restart is still known after it. A
panel that was not heard before a restart is waited for no longer after it: what was waited is stored as it grows, and
at the end, where that is no kill. What a start waited since it heard the panel is stored at the end alone: else a panel
whose pauses are long enough for it would leave two events at each.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custos.adapters.devices.listening import Connection, admission, listen_tcp, listen_udp
from custos.adapters.devices.outlet import Outlet, content_id, heard_data
from custos.adapters.devices.panel_reports import Report, contact_id_reports, sia_reports
from custos.adapters.devices.sia_frame import (
    CR,
    LF,
    LONGEST,
    Content,
    Frame,
    Splitter,
    Unable,
    Unreadable,
    content_of,
    negative,
    occurred_at,
    positive,
    read_frame,
    unable,
)
from custos.model.devices import Panel, PanelSilence, PanelState, PanelWait, SiaReceiver
from custos.model.errors import CustosError
from custos.model.event import Event, Json, source_of

log = logging.getLogger(__name__)
IDLE_S = 24 * 3600.0
PROOF_S = 30.0
"""Within so much a connection must have brought a frame of a panel of ours; a panel speaks when it has connected."""
RETRIES = timedelta(minutes=15)
"""The same data under the same sequence number within this is a retry, though its time may be a new one."""
RETRIES_UNNUMBERED = timedelta(minutes=1)
"""The same, of a panel that keeps no sequence (0000) and sends no time."""
REMEMBERED = 4096
WATCH_S = 1.0
FIRST_WAIT_S = 60.0
"""A start that waited so long for a panel, or an eighth of what it may be silent, stores it; then after twice that."""
UNNUMBERED = "0000"
READERS = {"SIA-DCS": sia_reports, "ADM-CID": contact_id_reports}


@dataclass(slots=True)
class _Heard:
    """When a panel was last heard, and whether its silence was told.

    Args:
        steady_s: the same as `at`, of a clock that nobody sets.
        newest: the newest time that it told in an encrypted frame, by whether that lay ahead of the window.
        began_s: when this start began to wait for it, of the same clock.
        grace_s: so much longer it is waited for where starts before have waited, as it may come back with this one.
        waits: how often it was stored that this start waits for it.
        is_awaited: that it is waited for stands in the store, by this start or one before.
        is_recalled: what stands in the store of starts before is known; the rest is of this one, which knows it.
        telling: held while what is told of it is being stored, so that the store tells last what is known last.
    """

    at: datetime
    steady_s: float
    ever: bool = False
    silent_since: datetime | None = None
    newest: dict[bool, datetime] = field(default_factory=dict)
    began_s: float = 0.0
    grace_s: float = 0.0
    waits: int = 0
    is_awaited: bool = False
    is_recalled: bool = False
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What outlives an adapter that failed, as where its port was taken: else silence would be waited for anew.

    Args:
        told: when a frame was first heard and what time it told, by what makes a retry the same.
    """

    heard: dict[str, _Heard]
    told: OrderedDict[tuple[str, ...], tuple[datetime, datetime]] = field(default_factory=OrderedDict)


class SiaAdapter:
    """Listens for the panels of one entry of the site file.

    Args:
        steady: seconds of a clock that nobody sets.
    """

    def __init__(self, device: SiaReceiver, outlet: Outlet, steady: Callable[[], float] = time.monotonic) -> None:
        self._device = device
        self._outlet = outlet
        self._steady = steady
        self._admits = admission(device.allow, outlet.misunderstood)
        self._panels = {panel.account: panel for panel in device.panels}
        memory = outlet.kept(lambda: self._memory(device))
        self._heard, self._told = memory.heard, memory.told
        self.ports: dict[str, int] = {}
        """Where it listens, by transport."""
        self._show(*device.panels)

    def _memory(self, device: SiaReceiver) -> _Memory:
        now, steady_s = self._outlet.clock(), self._steady()
        return _Memory({panel.id: _Heard(now, steady_s, began_s=steady_s) for panel in device.panels})

    async def run(self) -> None:
        """Listen until cancelled. CustosError when the port is taken, or it cannot be read which panels are silent."""
        await self.recall()
        try:
            await self._listen()
        except asyncio.CancelledError:  # the ports are closed: nothing is heard any more
            await self._end()
            raise

    async def _listen(self) -> None:
        listen, admits = self._device.listen, self._admits
        async with AsyncExitStack() as ports:
            if "tcp" in self._device.transports:
                opening = listen_tcp(listen, self._serve, limit=LONGEST, admits=admits, proof_s=PROOF_S)
                _, self.ports["tcp"] = await ports.enter_async_context(opening)
            if "udp" in self._device.transports:
                opening = listen_udp(listen, self._answer_datagram, admits=admits)
                _, self.ports["udp"] = await ports.enter_async_context(opening)
            self._outlet.describe({f"{name} port": str(port) for name, port in self.ports.items()})
            self._outlet.waiting()
            while True:
                await asyncio.sleep(WATCH_S)
                await self.watch()

    async def recall(self) -> None:
        """Which panels were silent or waited for before this start, and not heard since. CustosError: unreadable."""
        silences = await self._outlet.silences([panel.id for panel in self._device.panels])
        now = self._outlet.clock()
        for panel in self._device.panels:
            silence, heard = silences.get(panel.id), self._heard[panel.id]
            if heard.is_recalled:
                continue
            heard.is_recalled = True
            if isinstance(silence, PanelWait):
                heard.is_awaited = True
                if panel.supervised_s is not None:
                    is_same = silence.limit_s == panel.supervised_s
                    waited_s = silence.waited_s if is_same else min(silence.waited_s, panel.supervised_s)
                    heard.steady_s = heard.began_s - waited_s
                    heard.grace_s = _first_wait_s(panel.supervised_s)
            elif isinstance(silence, PanelSilence):
                heard.at, heard.silent_since = silence.heard_at, silence.since
                heard.steady_s = self._steady() - max((now - silence.heard_at).total_seconds(), 0.0)
                self._show(panel)

    async def watch(self) -> None:
        """Tell of the panels that have been silent for too long, and store of others how long they are waited for."""
        for panel in self._device.panels:
            heard = self._heard[panel.id]
            try:
                async with heard.telling:
                    if event := self._unheard(panel, heard):
                        await self._tell([event])
                        self._is_told(panel, heard, event)
            except CustosError as error:  # the ports stay open, and what is due is due at the next turn, too
                log.warning("that panel %s is silent waits: %s", panel.id, error)
                return

    async def _end(self) -> None:
        due = (self._unheard(panel, self._heard[panel.id], is_last=True) for panel in self._device.panels)
        await self._outlet.tell_at_last([event for event in due if event])

    def _unheard(self, panel: Panel, heard: _Heard, *, is_last: bool = False) -> Event | None:
        """What is to be told of a panel because it is not heard. `is_last`: nobody will ask again in this start."""
        limit_s = panel.supervised_s
        if limit_s is None or heard.silent_since is not None:
            return None
        waited_s = self._steady() - heard.steady_s
        over_s = waited_s - limit_s - heard.grace_s
        if over_s > 0:
            return self._silent(panel, heard, limit_s, over_s)
        if self._is_wait_due(heard, limit_s, is_last=is_last):
            return self._awaited(panel, heard, limit_s, waited_s)
        return None

    def _is_wait_due(self, heard: _Heard, limit_s: float, *, is_last: bool) -> bool:
        """After twice the time each, so that half of what any start waited is kept, and few events keep it."""
        first_s, here_s = _first_wait_s(limit_s), self._steady() - heard.began_s
        if heard.ever:  # that it was heard not long before the end is not worth an event: what is lost is lost once
            return is_last and self._steady() - heard.steady_s >= first_s
        return here_s > 0 if is_last else here_s >= first_s * 2.0**heard.waits

    def _silent(self, panel: Panel, heard: _Heard, limit_s: float, over_s: float) -> Event:
        data: dict[str, Json] = {"limit_s": limit_s}
        if heard.ever:
            data["heard_at"] = heard.at.isoformat().replace("+00:00", "Z")
        at = self._outlet.clock() - timedelta(seconds=round(over_s, 3))
        return self._event(panel, "panel.silent", at, data, content_id(panel.id, str(heard.at)))

    def _awaited(self, panel: Panel, heard: _Heard, limit_s: float, waited_s: float) -> Event:
        data: dict[str, Json] = {"waited_s": round(waited_s, 3), "limit_s": limit_s}
        event_id = content_id(panel.id, str(heard.at), "awaited", str(heard.waits))
        return self._event(panel, "panel.awaited", self._outlet.clock(), data, event_id)

    def _is_told(self, panel: Panel, heard: _Heard, event: Event) -> None:
        if event.type == "panel.silent":
            heard.silent_since = event.at
            self._show(panel)
        else:
            heard.waits, heard.is_awaited = heard.waits + 1, True

    def _show(self, *panels: Panel) -> None:
        told = ((panel, self._heard[panel.id]) for panel in panels)
        self._outlet.show_panels(
            *(PanelState(of.id, its.at if its.ever else None, its.silent_since, of.supervised_s) for of, its in told)
        )

    async def answer(self, raw: bytes) -> bytes | None:
        """What to say to the bytes between LF and CR; None is the answer to what is no frame."""
        return (await self._answered(raw))[0]

    async def _answered(self, raw: bytes) -> tuple[bytes | None, bool]:
        """The answer, and whether the frame was acknowledged."""
        now = self._outlet.clock()
        try:
            frame = read_frame(raw, self._device.crcs)
        except Unreadable as error:
            self._outlet.misunderstood(str(error))
            return None, False
        panel = self._panels.get(frame.account)
        try:
            if panel is None:
                raise Unable("the account is not in the site file")
            content = content_of(frame, panel.key)
            if frame.encrypted and self._is_out_of_time(content, now):
                await self._told_time(panel, frame, content, now)
                self._outlet.misunderstood(f"panel {panel.id}: {_out_of_window(content, now)}")
                return negative(frame, at=now), False
            events = self._events(panel, frame, content, now)
        except Unable as error:
            self._outlet.misunderstood(f"panel {panel.id}: {error}" if panel else str(error))
            return unable(frame), False
        try:
            await self._tell(events)
            await self._is_heard(panel, now)
        except CustosError as error:
            self._outlet.misunderstood(f"panel {panel.id}: not stored: {error}")
            return None, False
        await self._told_time(panel, frame, content, now)
        return positive(frame, key=panel.key, at=now, padding=_padding), True

    def _is_out_of_time(self, content: Content, now: datetime) -> bool:
        if content.stamped_at is None:
            return True
        ahead_s = (content.stamped_at - now).total_seconds()
        return not -self._device.behind_s <= ahead_s <= self._device.ahead_s

    def _events(self, panel: Panel, frame: Frame, content: Content, now: datetime) -> list[Event]:
        if frame.id == "NULL":
            return []
        reader = READERS.get(frame.id)
        if reader is None:
            raise Unable("the frame's id is not known")
        try:
            reports = reader(content.data)
        except ValueError as error:
            raise Unable(str(error)) from error
        at = self._first_told(frame, content, now)
        return [self._report(panel, frame, content, report, i, at, now) for i, report in enumerate(reports)]

    def _first_told(self, frame: Frame, content: Content, now: datetime) -> datetime:
        """When it happened, as the first frame said that told it: a retry may carry a new time."""
        said_at = occurred_at(content) or content.stamped_at
        if said_at is not None and said_at - now > timedelta(days=1):
            said_at = None  # a clock that is set to another year must not upset every timer
        numbered = frame.sequence != UNNUMBERED
        key = (frame.account, frame.sequence, content.data, "" if numbered or said_at is None else str(said_at))
        heard_at, at = self._told.get(key, (now, said_at or now))
        if now - heard_at > (RETRIES if numbered or said_at is not None else RETRIES_UNNUMBERED):
            heard_at, at = now, said_at or now
        self._told[key] = (heard_at, at)
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return at

    def _report(
        self, panel: Panel, frame: Frame, content: Content, report: Report, index: int, at: datetime, now: datetime
    ) -> Event:
        part = panel.id if len(self._device.panels) > 1 else ""
        ours_at = self._outlet.our_time(at, now, part=part)
        data: dict[str, Json] = {
            "code_system": report.code_system,
            "code": report.code,
            "kind": report.meaning.kind,
            "meaning": report.meaning.words,
            "account": frame.account,
            **heard_data(ours_at, now),
        }
        told = {"partition": report.partition, "zone": report.zone, "user": report.user, "detail": report.text}
        data |= {name: value for name, value in told.items() if value}
        said = (frame.sequence, content.data, at.isoformat(), str(index))
        return self._event(panel, report.meaning.type, ours_at, data, content_id(self._device.id, panel.id, *said))

    def _event(self, panel: Panel, kind: str, at: datetime, data: dict[str, Json], event_id: str) -> Event:
        source = source_of(self._outlet.site_id, "panels", panel.id)
        return Event(event_id, kind, at, source, None, {"panel_id": panel.id, **data})

    async def _tell(self, events: list[Event]) -> None:
        await self._outlet.tell(events)

    async def _is_heard(self, panel: Panel, now: datetime) -> None:
        heard = self._heard[panel.id]
        async with heard.telling:
            if heard.silent_since is not None or heard.is_awaited:
                silent_s = round(self._steady() - heard.steady_s, 3)
                event_id = content_id(panel.id, str(heard.at), "heard")
                await self._tell([self._event(panel, "panel.heard", now, {"silent_s": silent_s}, event_id)])
            heard.at, heard.steady_s, heard.ever, heard.silent_since = now, self._steady(), True, None
            heard.grace_s, heard.is_awaited = 0.0, False
            self._show(panel)
        await self._outlet.connected()

    async def _told_time(self, panel: Panel, frame: Frame, content: Content, now: datetime) -> None:
        """Every panel has a clock of its own.

        Whoever has recorded encrypted frames can send them again, and their times must not pass for the panel's
        clock: each of them is as old as when it was recorded. A panel's clock goes on, also one that is off; so a frame
        counts that tells a later time than all before it. Of times that lay ahead there is a newest of their own, so
        that a clock which once stood in another year is measured again when it is right. Where it was our clock that
        stood ahead and was set back, times that looked right then are no measure any more.
        """
        if content.stamped_at is None:
            return
        if frame.encrypted:
            newest, is_ahead = self._heard[panel.id].newest, self._is_ahead(content.stamped_at, now)
            right = newest.get(False)
            if right is not None and self._is_ahead(right, now):
                del newest[False]
            before = newest.get(is_ahead)
            if before is not None and content.stamped_at <= before:
                return
            newest[is_ahead] = content.stamped_at
        part = panel.id if len(self._device.panels) > 1 else ""
        await self._outlet.heard_clock(content.stamped_at, now, part=part)

    def _is_ahead(self, stamped_at: datetime, now: datetime) -> bool:
        return (stamped_at - now).total_seconds() > self._device.ahead_s

    async def _serve(self, connection: Connection) -> None:
        """One panel's connection: frame after frame, each answered before the next is read.

        A frame that is acknowledged proves it. One that is refused does not, so that one which was recorded holds no
        connection open for longer than any other bytes.
        """
        splitter = Splitter()
        while True:
            async with asyncio.timeout(IDLE_S):
                data = await connection.reader.read(LONGEST)
            if not data:
                return
            for raw in splitter.feed(data):
                with connection.busy():
                    reply, is_ours = await self._answered(raw)
                if is_ours:
                    connection.prove()
                if reply is not None:
                    connection.writer.write(reply)
                    await connection.writer.drain()

    async def _answer_datagram(self, data: bytes) -> bytes | None:
        """A datagram is one frame; some panels leave its LF and CR out."""
        return await self.answer(data.removeprefix(LF).removesuffix(CR))


def _first_wait_s(limit_s: float) -> float:
    return min(limit_s / 8, FIRST_WAIT_S)


def _out_of_window(content: Content, now: datetime) -> str:
    offset_s = (content.stamped_at - now).total_seconds() if content.stamped_at is not None else 0.0
    words = f"{abs(offset_s):.0f} s {'ahead' if offset_s > 0 else 'behind'}"
    return f"the frame's time is out of the window, {words}"


def _padding(count: int) -> bytes:
    return secrets.token_hex(count)[:count].encode()
