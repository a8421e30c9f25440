"""A receiver of SIA DC-09 over UDP and TCP: what panels report, acknowledged once it is stored.

A frame whose CRC or length is wrong gets no answer, as the standard says; one that is sound and means nothing here gets
DUH; an encrypted one whose time is out of the window gets NAK, with our time; one that cannot be stored gets no
answer either, and its panel sends it again. The same frame again (a retry) is acknowledged again and told once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.adapters.devices.listening import listen_tcp, listen_udp
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
from custos.model.devices import Panel, SiaReceiver
from custos.model.errors import CustosError
from custos.model.event import Event, Json, source_of

IDLE_S = 24 * 3600.0
RETRIES = timedelta(minutes=15)
"""The same data under the same sequence number within this is a retry, though its time may be a new one."""
RETRIES_UNNUMBERED = timedelta(minutes=1)
"""The same, of a panel that keeps no sequence (0000) and sends no time."""
REMEMBERED = 4096
WATCH_S = 1.0
UNNUMBERED = "0000"
READERS = {"SIA-DCS": sia_reports, "ADM-CID": contact_id_reports}


@dataclass(slots=True)
class _Heard:
    """When a panel was last heard, and whether its silence was told."""

    at: datetime
    ever: bool = False
    silent: bool = False


class SiaAdapter:
    """Listens for the panels of one entry of the site file."""

    def __init__(self, device: SiaReceiver, outlet: Outlet) -> None:
        self._device = device
        self._outlet = outlet
        self._panels = {panel.account: panel for panel in device.panels}
        now = outlet.clock()
        self._heard = {panel.id: _Heard(now) for panel in device.panels}
        self._told: OrderedDict[tuple[str, ...], tuple[datetime, datetime]] = OrderedDict()
        self.ports: dict[str, int] = {}
        """Where it listens, by transport."""

    async def run(self) -> None:
        """Listen until cancelled. CustosError when the port is taken."""
        async with AsyncExitStack() as ports:
            if "tcp" in self._device.transports:
                _, port = await ports.enter_async_context(listen_tcp(self._device.listen, self._serve, limit=LONGEST))
                self.ports["tcp"] = port
            if "udp" in self._device.transports:
                _, port = await ports.enter_async_context(listen_udp(self._device.listen, self._answer_datagram))
                self.ports["udp"] = port
            self._outlet.describe({f"{name} port": str(port) for name, port in self.ports.items()})
            self._outlet.waiting()
            while True:
                await asyncio.sleep(WATCH_S)
                await self.watch()

    async def watch(self) -> None:
        """Tell of the panels that have been silent for too long."""
        now = self._outlet.clock()
        for panel in self._device.panels:
            heard = self._heard[panel.id]
            if panel.supervised_s is None or heard.silent:
                continue
            if (now - heard.at).total_seconds() > panel.supervised_s:
                data: dict[str, Json] = {"limit_s": panel.supervised_s}
                if heard.ever:
                    data["heard_at"] = heard.at.isoformat().replace("+00:00", "Z")
                at = heard.at + timedelta(seconds=panel.supervised_s)
                await self._tell([self._event(panel, "panel.silent", at, data, content_id(panel.id, str(heard.at)))])
                heard.silent = True

    async def answer(self, raw: bytes) -> bytes | None:
        """What to say to the bytes between LF and CR; None is the answer to what is no frame."""
        now = self._outlet.clock()
        try:
            frame = read_frame(raw, self._device.crcs)
        except Unreadable as error:
            self._outlet.misunderstood(str(error))
            return None
        panel = self._panels.get(frame.account)
        try:
            if panel is None:
                raise Unable("the account is not in the site file")
            content = content_of(frame, panel.key)
            if frame.encrypted and self._is_out_of_time(content, now):
                await self._told_time(panel, content, now)
                self._outlet.misunderstood(f"panel {panel.id}: the frame's time is out of the window")
                return negative(frame, at=now)
            events = self._events(panel, frame, content, now)
        except Unable as error:
            self._outlet.misunderstood(f"panel {panel.id}: {error}" if panel else str(error))
            return unable(frame)
        try:
            await self._tell(events)
            await self._is_heard(panel, now)
        except CustosError as error:
            self._outlet.misunderstood(f"panel {panel.id}: not stored: {error}")
            return None
        await self._told_time(panel, content, now)
        return positive(frame, key=panel.key, at=now, padding=_padding)

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
        if heard.silent:
            silent_s = round((now - heard.at).total_seconds(), 3)
            event_id = content_id(panel.id, str(heard.at), "heard")
            await self._tell([self._event(panel, "panel.heard", now, {"silent_s": silent_s}, event_id)])
        heard.at, heard.ever, heard.silent = now, True, False
        await self._outlet.connected()

    async def _told_time(self, panel: Panel, content: Content, now: datetime) -> None:
        """Every panel has a clock of its own."""
        if content.stamped_at is not None:
            part = panel.id if len(self._device.panels) > 1 else ""
            await self._outlet.heard_clock(content.stamped_at, now, part=part)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One panel's connection: frame after frame, each answered before the next is read."""
        splitter = Splitter()
        while True:
            async with asyncio.timeout(IDLE_S):
                data = await reader.read(LONGEST)
            if not data:
                return
            for raw in splitter.feed(data):
                reply = await self.answer(raw)
                if reply is not None:
                    writer.write(reply)
                    await writer.drain()

    async def _answer_datagram(self, data: bytes) -> bytes | None:
        """A datagram is one frame; some panels leave its LF and CR out."""
        return await self.answer(data.removeprefix(LF).removesuffix(CR))


def _padding(count: int) -> bytes:
    return secrets.token_hex(count)[:count].encode()
