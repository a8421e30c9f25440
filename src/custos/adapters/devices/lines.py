"""Lines of text over TCP, as tills, receipt printers and serial converters send them: one record a line."""

from __future__ import annotations

import asyncio

from custos.adapters.devices.listening import Connection, admission, listen_tcp
from custos.adapters.devices.mapping import LineForm, Mapper, Misread
from custos.adapters.devices.outlet import Outlet
from custos.model.devices import LineDevice
from custos.model.event import Event

LONGEST = 8192
IDLE_S = 7 * 24 * 3600.0


class LineAdapter:
    """Listens for the lines of one entry of the site file."""

    def __init__(self, device: LineDevice, outlet: Outlet) -> None:
        self._device = device
        self._outlet = outlet
        self._forms = [LineForm.of(form) for form in device.lines]
        self._mapper = Mapper(device.mapping, site_id=outlet.site_id, scope=device.id)
        self._admits = admission(device.allow, outlet.misunderstood)
        self._connected = 0
        self.port = 0
        """Where it listens."""

    async def run(self) -> None:
        """Listen until cancelled. CustosError when the port is taken."""
        listening = listen_tcp(self._device.listen, self._serve, limit=LONGEST, admits=self._admits)
        async with listening as (_, port):
            self.port = port
            self._outlet.describe({"tcp port": str(port)})
            self._outlet.waiting()
            await asyncio.Event().wait()

    async def _serve(self, connection: Connection) -> None:
        """One connection. A line is read when the one before is stored: a full disk makes the sender wait.

        A line that is understood proves it; until then it may be quiet, as a till is overnight.
        """
        self._connected += 1
        try:
            await self._outlet.connected()
            while (line := await self._line(connection.reader)) is not None:
                with connection.busy():
                    is_understood = await self._take(line)
                if is_understood:
                    connection.prove()
        finally:
            self._connected -= 1
            if not self._connected and not _is_ending():
                await self._outlet.lost("the connection was closed")

    async def _line(self, reader: asyncio.StreamReader) -> str | None:
        """The next line, None at the end; one that is too long is counted and left out."""
        is_rest = False
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    raw = await reader.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                await reader.readexactly(error.consumed)
                if not is_rest:
                    self._outlet.misunderstood(f"a line is longer than {LONGEST} bytes")
                is_rest = True
                continue
            except asyncio.IncompleteReadError as error:
                if is_rest or not error.partial.strip():
                    return None
                raw = error.partial
            if is_rest:  # of a line that was too long: no record of its own
                is_rest = False
                continue
            text = raw.decode(self._device.encoding, "replace").strip("\r\n\0\x02\x03 \t")
            if text:
                return text
            if not raw.endswith(b"\n"):
                return None

    async def _take(self, line: str) -> bool:
        """Whether it was understood."""
        try:
            events = self._events(line)
        except Misread as error:
            self._outlet.misunderstood(str(error))
            return False
        if not self._device.mapping.tells_time:
            await self._outlet.tell_surely(events)
            return True
        now = self._outlet.clock()
        await self._outlet.tell_surely(self._outlet.in_our_time(events, now))
        if events:
            await self._outlet.heard_clock(events[0].at, now)
        return True

    def _events(self, line: str) -> list[Event]:
        for form in self._forms:
            record = form.read(line)
            if record is not None:
                return self._mapper.events(record, received_at=self._outlet.clock())
        raise Misread(f"no form of a line fits {line[:80]!r}")


def _is_ending() -> bool:
    """Whether this task is being cancelled: the server ends, which is no fault of the device."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
