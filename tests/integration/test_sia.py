"""The SIA DC-09 receiver on real sockets: acknowledged as the standard says, whatever is sent."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from custos.adapters.devices import listening, sia
from custos.adapters.devices.outlet import Outlet
from custos.adapters.devices.room import DeviceRoom
from custos.adapters.devices.sia import SiaAdapter
from custos.adapters.devices.sia_frame import encrypted, framed, stamp
from custos.model.devices import Panel, PanelSilence, PanelWait, SiaReceiver
from custos.model.errors import CustosError
from custos.model.event import Event, Picture, source_of
from custos.model.site import Site
from custos.pipeline.silences import read_silences
from custos.testing.devices import PATIENCE_S, MemoryHub, outlet_of, until
from custos.testing.store import InMemoryStore

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
KEY = bytes(range(16))
PLAIN = Panel(id="north", account="1234")
SECRET = Panel(id="vault", account="ABC1", key=KEY, supervised_s=60)
RECEIVER = SiaReceiver(id="receiver", name="Receiver", listen="127.0.0.1:0", panels=(PLAIN, SECRET))
ALARM = b'"SIA-DCS"0001L0#1234[#1234|Nri1/BA012]'
ACK = framed(b'"ACK"0001L0#1234[]')


class Bench:
    """A receiver that listens, and a panel that talks to it."""

    def __init__(
        self, receiver: SiaReceiver = RECEIVER, *, before: Sequence[Event] = (), began_at: datetime = NOON
    ) -> None:
        """`before`: what was stored before this start."""
        self.receiver = receiver
        self.hub = MemoryHub()
        self.now = began_at
        self.clock_set_by_s = 0.0
        self.writers: list[asyncio.StreamWriter] = []
        store = InMemoryStore()
        store.append(before)

        async def silences(panel_ids: Collection[str]) -> Mapping[str, PanelSilence | PanelWait]:
            store.append(self.hub.of("panel."))
            return read_silences(store, "hq", panel_ids)

        self.outlet: Outlet = outlet_of(receiver, self.hub, lambda: self.now, silences=silences)
        self.adapter = SiaAdapter(receiver, self.outlet, self.steady_s)

    def steady_s(self) -> float:
        return (self.now - NOON).total_seconds() - self.clock_set_by_s

    def listens_by(self, ways: int) -> bool:
        """TCP and UDP are two."""
        return len(self.adapter.ports) == ways

    def set_clock(self, by_s: float) -> None:
        """Somebody sets this machine's clock."""
        self.clock_set_by_s += by_s
        self.now += timedelta(seconds=by_s)

    async def connect(self, host: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that comes from `host`."""
        found = await asyncio.open_connection("127.0.0.1", self.adapter.ports["tcp"], local_addr=(host, 0))
        self.writers.append(found[1])
        return found

    async def tcp(self, *parts: bytes, answers: int | None = None, wait_s: float = PATIENCE_S) -> bytes:
        """What comes back on one connection: as many answers as parts, if not said otherwise, each within `wait_s`."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
            await writer.drain()
        told = b""
        try:
            while piece := await asyncio.wait_for(reader.read(4096), wait_s):
                told += piece
                if told.count(b"\r") >= (len(parts) if answers is None else answers):
                    break
        except TimeoutError:
            pass
        writer.close()
        return told

    async def udp(self, part: bytes, wait_s: float = PATIENCE_S) -> bytes:
        """The answer, or nothing if none comes in this time."""
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as panel:
            panel.setblocking(False)
            await loop.sock_connect(panel, ("127.0.0.1", self.adapter.ports["udp"]))
            await loop.sock_sendall(panel, part)
            try:
                return await asyncio.wait_for(loop.sock_recv(panel, 4096), wait_s)
            except TimeoutError:
                return b""


def sealed(data: str, *, at: datetime = NOON, sequence: int = 7, account: str = "ABC1", id_: str = "SIA-DCS") -> bytes:
    content = f"{data}]".encode() + stamp(at).encode()
    body = f'"*{id_}"{sequence:04d}R1L2#{account}['.encode()
    return framed(body + encrypted(content, KEY, lambda n: b"Q7xK2mZp9LwR4tYs"[:n]))


def run(walk: Callable[[Bench], Awaitable[None]], bench: Bench | None = None) -> Bench:
    """`walk` beside a receiver that listens."""
    bench = bench or Bench()

    async def both() -> None:
        listens = asyncio.create_task(bench.adapter.run())
        try:
            await until(lambda: set(bench.adapter.ports) == set(bench.receiver.transports) or listens.done())
            await walk(bench)
        finally:
            for writer in bench.writers:
                writer.close()
            listens.cancel()
            await asyncio.wait([listens])

    asyncio.run(both())
    return bench


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_an_alarm_is_stored_and_then_acknowledged(way: str) -> None:
    async def walk(bench: Bench) -> None:
        assert await getattr(bench, way)(framed(ALARM)) == ACK
        assert await getattr(bench, way)(framed(ALARM)) == ACK  # the ACK was lost, and the panel tries again

    bench = run(walk)
    (alarm,) = bench.hub.of("panel.")
    assert (alarm.type, alarm.source, alarm.at) == ("panel.alarmed", source_of("hq", "panels", "north"), NOON)
    assert alarm.data == {
        "panel_id": "north", "code_system": "sia", "code": "BA", "kind": "burglary", "meaning": "burglary alarm",
        "account": "1234", "partition": "1", "zone": "012",
    }  # fmt: skip
    assert bench.outlet.state.state == "connected"
    assert bench.outlet.state.duplicates == 1


def test_contact_id_and_several_events_in_one_frame() -> None:
    async def walk(bench: Bench) -> None:
        told = await bench.tcp(
            framed(b'"ADM-CID"0002L0#1234[#1234|1130 01 012]'),
            framed(b'"ADM-CID"0003L0#1234[#1234|3130 01 012]'),
            framed(b'"SIA-DCS"0004L0#1234[#1234|Nri1/FA01/FT02]'),
            framed(b'"NULL"0005L0#1234[]'),
        )
        assert [told.count(b'"ACK"%04d' % i) for i in (2, 3, 4, 5)] == [1, 1, 1, 1]

    assert run(walk).hub.told("panel.") == ["panel.alarmed", "panel.restored", "panel.alarmed", "panel.troubled"]


def test_encrypted_frames_are_acknowledged_encrypted_and_give_nothing_away() -> None:
    async def walk(bench: Bench) -> None:
        told = await bench.tcp(sealed("#ABC1|Nri1/PA007"))
        assert told[9:].startswith(b'"*ACK"0007R1L2#ABC1[')
        assert b"PA" not in told

    bench = run(walk)
    (alarm,) = bench.hub.of("panel.")
    assert (alarm.type, alarm.data["kind"], alarm.data["panel_id"]) == ("panel.alarmed", "panic", "vault")


@pytest.mark.parametrize(("offset_s", "answer"), [(-39, b"*ACK"), (19, b"*ACK"), (-41, b"NAK"), (21, b"NAK")])
def test_the_time_window_of_encrypted_frames(offset_s: float, answer: bytes) -> None:
    async def walk(bench: Bench) -> None:
        told = await bench.udp(sealed("#ABC1|Nri1/PA007", at=NOON + timedelta(seconds=offset_s)))
        assert told[9:].startswith(b'"' + answer)
        if answer == b"NAK":
            assert told == framed(b'"NAK"0000R0L0A0[]_12:00:00,05-04-2026')

    assert len(run(walk).hub.of("panel.")) == (answer != b"NAK")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (framed(b'"SIA-DCS"0001L0#9999[#9999|Nri1/BA01]'), "the account is not in the site file"),
        (framed(b'"SIA-DCS"0001L0[Nri1/BA01]'), "the account is not in the site file"),
        (framed(b'"SIA-DCS"0001L0#1234[#1234|hello]'), "panel north: the data is no SIA event"),
        (framed(b'"ADM-CID"0001L0#1234[#1234|9999]'), "panel north: the data is no Contact ID event"),
        (framed(b'"SIA-PIC"0001L0#1234[#1234|x]'), "panel north: the frame's id is not known"),
        (framed(b'"SIA-DCS"0001L0#ABC1[#ABC1|Nri1/OP1]'), "panel vault: the frame is in clear"),
        (framed(b'"*SIA-DCS"0001L0#1234[' + b"00" * 32), "panel north: the frame is encrypted and no key is agreed"),
        (framed(b'"*SIA-DCS"0001L0#ABC1[' + b"00" * 32), "panel vault: the frame cannot be decrypted"),
    ],
)
def test_a_sound_frame_that_means_nothing_here_gets_duh(frame: bytes, reason: str) -> None:
    async def walk(bench: Bench) -> None:
        told = await bench.tcp(frame)
        assert told[9:].startswith(b'"DUH"0001L0')

    bench = run(walk)
    assert bench.hub.events == {}
    assert bench.outlet.state.last_misunderstood == reason


def test_a_wrong_crc_gets_no_answer_and_the_next_frame_does() -> None:
    async def walk(bench: Bench) -> None:
        wrong = b"\n0000" + framed(ALARM)[5:]
        assert await bench.udp(wrong, wait_s=0.1) == b""
        assert await bench.tcp(wrong, framed(ALARM), answers=1) == ACK

    assert run(walk).hub.told("panel.") == ["panel.alarmed"]


def test_what_cannot_be_stored_is_not_acknowledged_and_told_once_when_it_comes_again() -> None:
    async def walk(bench: Bench) -> None:
        bench.hub.broken = True
        assert await bench.tcp(framed(ALARM), wait_s=0.1) == b""
        await until(lambda: bench.hub.times_refused > 0)
        bench.hub.broken = False
        bench.now += timedelta(seconds=30)
        assert await bench.tcp(framed(ALARM)) == ACK

    (alarm,) = run(walk).hub.of("panel.alarmed")
    assert alarm.at == NOON
    assert alarm.data["received_at"] == "2026-05-04T12:00:30Z"


def test_a_retry_under_a_new_time_is_the_same_event_and_a_later_alarm_is_not() -> None:
    """An encrypted frame that was lost must be sent again with a new time, or it would fall out of the window."""

    async def walk(bench: Bench) -> None:
        for seconds in (0, 30, 3600):
            bench.now = NOON + timedelta(seconds=seconds)
            assert b"*ACK" in await bench.udp(sealed("#ABC1|Nri1/PA007", at=bench.now))

    assert [event.at for event in run(walk).hub.of("panel.alarmed")] == [NOON, NOON + timedelta(hours=1)]


def test_a_panel_without_sequence_numbers_may_repeat_itself() -> None:
    async def walk(bench: Bench) -> None:
        for seconds in (0, 20, 90):
            bench.now = NOON + timedelta(seconds=seconds)
            await bench.udp(framed(ALARM.replace(b"0001", b"0000")))

    assert len(run(walk).hub.of("panel.alarmed")) == 2


def test_an_event_from_a_panels_memory_is_told_at_its_own_time() -> None:
    async def walk(bench: Bench) -> None:
        body = b'"SIA-DCS"0005L0#1234[#1234|Nri1/FA03][H09:15:00,05-04-2026]_12:00:00,05-04-2026'
        await bench.udp(framed(body))

    (alarm,) = run(walk).hub.of("panel.")
    assert alarm.at == datetime(2026, 5, 4, 9, 15, tzinfo=UTC)


def test_a_silent_panel_is_told_once_and_again_when_it_is_heard() -> None:
    async def walk(bench: Bench) -> None:
        await bench.udp(sealed("", id_="NULL"))
        for seconds in (59, 61, 62, 300):
            bench.now = NOON + timedelta(seconds=seconds)
            await bench.adapter.watch()
        await bench.udp(sealed("", id_="NULL", at=bench.now, sequence=8))

    bench = run(walk)
    silent, heard = bench.hub.of("panel.")
    assert (silent.type, silent.at, silent.data["limit_s"]) == ("panel.silent", NOON + timedelta(seconds=60), 60)
    assert silent.data["heard_at"] == "2026-05-04T12:00:00Z"
    assert (heard.type, heard.data["silent_s"]) == ("panel.heard", 300)


def test_a_clock_that_is_set_neither_makes_a_panel_silent_nor_hides_that_it_is() -> None:
    """Set ahead by an hour, every panel was silent; set back by one, none was for an hour."""

    async def walk() -> None:
        bench = Bench()
        await bench.adapter.answer(sealed("", id_="NULL")[1:-1])
        bench.set_clock(3600)
        await bench.adapter.watch()
        assert bench.hub.told("panel.") == []
        bench.set_clock(-7200)
        bench.now += timedelta(seconds=61)
        await bench.adapter.watch()
        (silent,) = bench.hub.of("panel.")
        assert (silent.type, silent.at) == ("panel.silent", bench.now - timedelta(seconds=1))
        bench.now += timedelta(seconds=39)
        await bench.adapter.answer(sealed("", id_="NULL", at=bench.now, sequence=8)[1:-1])
        assert [event.data.get("silent_s") for event in bench.hub.of("panel.heard")] == [100]

    asyncio.run(walk())


@pytest.mark.parametrize("ever", [True, False])
def test_a_panel_that_was_silent_before_a_restart_is_told_to_be_heard_after_it(ever: bool) -> None:
    """The map showed "Silent" for a month: nobody remembered what the panel came back from."""

    async def walk() -> None:
        before = Bench()
        if ever:
            await before.adapter.answer(sealed("", id_="NULL")[1:-1])
        before.now += timedelta(seconds=200)
        await before.adapter.watch()
        after = Bench(before=before.hub.of("panel."), began_at=NOON + timedelta(seconds=210))
        await after.adapter.recall()
        assert after.outlet.state.panels["vault"].silent_since == NOON + timedelta(seconds=60)
        assert after.outlet.state.panels["north"].silent_since is None
        after.now += timedelta(seconds=90)
        await after.adapter.watch()
        assert after.hub.told("panel.") == []  # it was told once, before the restart
        await after.adapter.answer(sealed("", id_="NULL", at=after.now, sequence=9)[1:-1])
        await after.adapter.answer(sealed("", id_="NULL", at=after.now, sequence=10)[1:-1])
        (heard,) = after.hub.of("panel.")
        assert (heard.type, heard.data["silent_s"]) == ("panel.heard", 300)
        assert after.outlet.state.panels["vault"].silent_since is None
        again = Bench(before=[*before.hub.of("panel."), heard], began_at=after.now)
        await again.adapter.recall()
        assert again.outlet.state.panels["vault"].silent_since is None

    asyncio.run(walk())


async def starts(
    told: list[Event],
    *,
    run_s: float,
    pause_s: float,
    times: int,
    heard_in: Sequence[int] = (),
    is_killed: bool = True,
) -> datetime:
    """The server is started again and again, and the panel heard at the end of some starts; adds to what is stored."""
    now = NOON
    for i in range(times):
        bench = Bench(before=told, began_at=now)
        listens = None if is_killed else asyncio.create_task(bench.adapter.run())
        if listens is None:
            await bench.adapter.recall()
        else:
            await until(partial(bench.listens_by, 2))
        for _ in range(round(run_s / 5)):
            bench.now += timedelta(seconds=5)
            await bench.adapter.watch()
        if i in heard_in:
            await bench.adapter.answer(sealed("", id_="NULL", at=bench.now, sequence=i + 1)[1:-1])
        if listens is not None:
            listens.cancel()
            await asyncio.wait([listens])
        told += bench.hub.of("panel.")
        now = bench.now + timedelta(seconds=pause_s)
    return now


def test_a_silent_panel_is_noticed_though_the_server_is_started_again_before_it_may_be_silent_no_longer() -> None:
    """A server that was started every half minute never noticed, of panels that may be silent for one."""

    async def walk() -> None:
        told: list[Event] = []
        now = await starts(told, run_s=30, pause_s=3600, times=5)
        assert [event.type for event in told].count("panel.silent") == 1  # though it is started again after that
        waits = [event.data["waited_s"] for event in told if event.type == "panel.awaited"]
        assert waits == [10, 15, 30, 40, 45, 60]  # what nobody could hear does not count
        (silent,) = (event for event in told if event.type == "panel.silent")
        assert silent.data == {"panel_id": "vault", "limit_s": 60}
        assert silent.at == NOON + timedelta(seconds=2 * 3630 + 7.5)  # it got as long to come back
        last = Bench(before=told, began_at=now)
        await last.adapter.recall()
        await last.adapter.answer(sealed("", id_="NULL", at=now)[1:-1])
        assert last.hub.told("panel.") == ["panel.heard"]

    asyncio.run(walk())


def test_a_silent_panel_is_noticed_by_a_server_that_is_stopped_before_it_has_stored_that_it_waits() -> None:
    """Two hundred starts of five seconds stored nothing, and noticed nothing, of a panel that may be silent for 60."""

    async def walk() -> None:
        told: list[Event] = []
        await starts(told, run_s=5, pause_s=5, times=16, is_killed=False)
        waits = [event.data["waited_s"] for event in told if event.type == "panel.awaited"]
        assert waits == [5 * i for i in range(1, 14)]  # each once
        assert [event.type for event in told[13:]] == ["panel.silent"]
        assert told[13].at == NOON + timedelta(seconds=13 * 10 + 2.5)  # 60 and 7.5 to come back, of listening
        told = []
        await starts(told, run_s=5, pause_s=5, times=3, heard_in=range(3), is_killed=False)
        assert told == []

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("waited_s", "told", "more_s"),
    [(0, [], 60), (7, [], 60), (8, ["panel.awaited"], 59.5), (58, ["panel.awaited"], 9.5), (61, ["panel.silent"], 0)],
)
def test_what_was_waited_since_a_panel_was_heard_is_known_after_a_stop(
    waited_s: float, told: list[str], more_s: float
) -> None:
    """What a start had waited after it had heard the panel was waited once more by the next."""

    async def waits(bench: Bench) -> None:
        await bench.adapter.answer(sealed("", id_="NULL")[1:-1])
        bench.now += timedelta(seconds=waited_s)

    before = run(waits)
    assert before.hub.told("panel.") == told
    assert [event.data["waited_s"] for event in before.hub.of("panel.awaited")] == [waited_s] * (
        "panel.awaited" in told
    )

    async def walk() -> None:
        after = Bench(before=before.hub.of("panel."), began_at=before.now + timedelta(hours=1))
        await after.adapter.recall()
        silent_at = after.now + timedelta(seconds=more_s)
        after.now = silent_at
        await after.adapter.watch()
        assert after.hub.told("panel.silent") == []
        after.now += timedelta(seconds=1)
        await after.adapter.watch()
        assert [event.at for event in after.hub.of("panel.silent")] == [silent_at] * (more_s > 0)

    asyncio.run(walk())


def test_a_stop_ends_though_what_was_waited_cannot_be_stored() -> None:
    async def walk(bench: Bench) -> None:
        bench.now += timedelta(seconds=5)
        bench.hub.broken = True

    bench = run(walk)
    assert (bench.hub.told(), bench.hub.times_refused) == ([], 1)


def test_what_was_waited_counts_once_though_the_adapter_fails_and_is_begun_again() -> None:
    """Each time it was begun again it added what this start itself had stored: silent after half the time."""

    async def walk() -> None:
        told: list[Event] = []
        now = await starts(told, run_s=30, pause_s=5, times=1)
        bench = Bench(before=told, began_at=now)
        for _ in range(7):
            await bench.adapter.recall()
            bench.now += timedelta(seconds=5)
            await bench.adapter.watch()
        assert [event.data["waited_s"] for event in bench.hub.of("panel.")] == [40, 45, 60]
        await bench.adapter.recall()
        bench.now += timedelta(seconds=5)
        await bench.adapter.watch()
        assert [event.at for event in bench.hub.of("panel.silent")] == [now + timedelta(seconds=37.5)]

    asyncio.run(walk())


def test_what_was_waited_is_asked_for_again_where_the_store_could_not_be_read() -> None:
    async def walk() -> None:
        told: list[Event] = []
        now = await starts(told, run_s=30, pause_s=5, times=1)
        bench = Bench(before=told, began_at=now)
        silences = bench.outlet.silences

        async def unreadable(panel_ids: Collection[str]) -> Mapping[str, PanelSilence | PanelWait]:
            raise CustosError("the store cannot be read.")

        bench.outlet.silences = unreadable
        with pytest.raises(CustosError):
            await bench.adapter.recall()
        bench.outlet.silences = silences
        await bench.adapter.recall()
        bench.now += timedelta(seconds=10)
        await bench.adapter.watch()
        assert [event.data["waited_s"] for event in bench.hub.of("panel.")] == [40]

    asyncio.run(walk())


@pytest.mark.parametrize(("waited_s", "kind"), [(10, "panel.awaited"), (61, "panel.silent")])
def test_a_panel_that_is_heard_while_it_is_stored_that_it_is_not_is_heard_by_the_store_as_well(
    waited_s: float, kind: str
) -> None:
    """The store said "awaited" of a panel that was heard, and the next start took its wait for one that goes on."""

    async def walk() -> None:
        bench = Bench()
        asked, stored, accept = asyncio.Event(), asyncio.Event(), bench.hub.accept

        async def slowly(events: Sequence[Event], pictures: Sequence[Picture] = ()) -> Sequence[Event]:
            if any(event.type == kind for event in events):
                asked.set()
                await stored.wait()
            return await accept(events, pictures)

        bench.outlet._accept = slowly
        bench.now += timedelta(seconds=waited_s)
        watches = asyncio.create_task(bench.adapter.watch())
        await asked.wait()
        hears = asyncio.create_task(bench.adapter.answer(sealed("", id_="NULL", at=bench.now)[1:-1]))
        for _ in range(20):
            await asyncio.sleep(0)  # it gets as far as it can
        stored.set()
        await asyncio.gather(watches, hears)
        assert bench.hub.told("panel.") == [kind, "panel.heard"]
        assert bench.outlet.state.panels["vault"].silent_since is None
        assert await bench.outlet.silences(["vault"]) == {}

    asyncio.run(walk())


def test_a_panel_that_is_heard_between_starts_is_not_silent_and_is_waited_for_from_then_on() -> None:
    async def walk() -> None:
        told: list[Event] = []
        await starts(told, run_s=30, pause_s=5, times=8, heard_in=(0, 2, 4, 6))
        assert {event.type for event in told} == {"panel.awaited", "panel.heard"}
        assert [event.data["silent_s"] for event in told if event.type == "panel.heard"] == [30, 60, 60, 60]
        told = []
        await starts(told, run_s=5, pause_s=5, times=40, heard_in=range(40))
        assert told == []  # soon heard: nothing is worth storing
        now = await starts(told, run_s=30, pause_s=5, times=1)
        bench = Bench(before=told, began_at=now)
        await bench.adapter.recall()
        await bench.adapter.answer(sealed("", id_="NULL", at=now)[1:-1])
        bench.now += timedelta(seconds=61)
        await bench.adapter.watch()
        assert [event.at for event in bench.hub.of("panel.silent")] == [now + timedelta(seconds=60)]

    asyncio.run(walk())


def test_a_panel_that_may_be_silent_by_now_is_heard_once_more_and_waited_for_by_nobody() -> None:
    async def walk() -> None:
        told: list[Event] = []
        now = await starts(told, run_s=30, pause_s=5, times=1)
        free = replace(RECEIVER, panels=(PLAIN, replace(SECRET, supervised_s=None)))
        bench = Bench(free, before=told, began_at=now)
        await bench.adapter.recall()
        bench.now += timedelta(seconds=100)
        await bench.adapter.watch()
        assert bench.hub.told() == []
        await bench.adapter.answer(sealed("", id_="NULL", at=bench.now)[1:-1])
        assert bench.hub.told("panel.") == ["panel.heard"]

    asyncio.run(walk())


def test_a_panel_gets_time_to_be_heard_though_it_was_waited_for_nearly_long_enough() -> None:
    """The site file allows less silence now than was waited already: no silence before the panel could come back."""

    async def walk() -> None:
        told: list[Event] = []
        now = await starts(told, run_s=45, pause_s=5, times=1)
        strict = replace(RECEIVER, panels=(replace(SECRET, supervised_s=16),))
        bench = Bench(strict, before=told, began_at=now)
        await bench.adapter.recall()
        bench.now += timedelta(seconds=1)
        await bench.adapter.watch()
        assert bench.hub.told("panel.silent") == []
        bench.now += timedelta(seconds=1.5)
        await bench.adapter.watch()
        assert bench.hub.told("panel.silent") == ["panel.silent"]

    asyncio.run(walk())


def test_a_wait_that_cannot_be_stored_is_stored_at_the_next_turn() -> None:
    async def walk() -> None:
        bench = Bench()
        bench.now += timedelta(seconds=10)
        bench.hub.broken = True
        await bench.adapter.watch()
        bench.hub.broken = False
        bench.now += timedelta(seconds=1)
        await bench.adapter.watch()
        assert [event.data["waited_s"] for event in bench.hub.of("panel.")] == [11]

    asyncio.run(walk())


def test_the_silence_that_was_stored_last_counts_though_the_clock_stood_ahead_before() -> None:
    """Told in tomorrow's time, it stood over the panel's return until tomorrow, at every restart."""

    async def walk() -> None:
        bench = Bench(began_at=NOON + timedelta(days=1))
        bench.now += timedelta(seconds=61)
        await bench.adapter.watch()
        bench.set_clock(-86400)
        await bench.adapter.answer(sealed("", id_="NULL", at=bench.now)[1:-1])
        assert bench.hub.told("panel.") == ["panel.silent", "panel.heard"]
        again = Bench(before=bench.hub.of("panel."), began_at=bench.now)
        await again.adapter.recall()
        assert again.outlet.state.panels["vault"].silent_since is None

    asyncio.run(walk())


@pytest.mark.parametrize("offset_s", [-300, 300])
def test_a_panels_clock_that_disagrees_is_measured(offset_s: float) -> None:
    """Its frames are refused, each new, as those of a panel are that has drifted out of the window."""

    async def walk(bench: Bench) -> None:
        for i in range(4):
            bench.now += timedelta(seconds=30)
            await bench.udp(sealed("", id_="NULL", at=bench.now + timedelta(seconds=offset_s), sequence=i + 1))

    unsupervised = replace(RECEIVER, panels=(PLAIN, replace(SECRET, supervised_s=None)))  # or it would be silent
    bench = run(walk, Bench(unsupervised))
    assert bench.outlet.state.clock_offset_s == offset_s
    assert bench.hub.told("device.clock") == ["device.clock_drifted"]
    assert bench.hub.told("panel.") == []
    way = "behind" if offset_s < 0 else "ahead"
    assert bench.outlet.state.last_misunderstood == f"panel vault: the frame's time is out of the window, 300 s {way}"


@pytest.mark.parametrize("delay_s", [30, 3600])
def test_frames_that_were_recorded_and_are_sent_again_are_no_clock(delay_s: int) -> None:
    """One recorded frame, sent forty times, passed for a clock that is an hour behind, and so did a day of them."""

    async def walk() -> None:
        bench = Bench()
        recorded = []
        for i in range(20):
            bench.now += timedelta(seconds=1)
            recorded.append(sealed("", id_="NULL", at=bench.now, sequence=i + 1)[1:-1])
            await bench.adapter.answer(recorded[-1])
        bench.now += timedelta(seconds=delay_s - 20)
        for frame in [*recorded, *recorded[:1] * 40]:
            bench.now += timedelta(seconds=1)
            await bench.adapter.answer(frame)
        assert bench.hub.told("device.clock") == []
        assert bench.outlet.state.clock_offset_s == 0

    asyncio.run(walk())


def test_a_panel_whose_clock_once_stood_in_another_year_is_measured_when_it_is_right() -> None:
    async def walk() -> None:
        bench = Bench()
        await bench.adapter.answer(sealed("", id_="NULL", at=NOON.replace(year=2035))[1:-1])
        for i in range(20):
            bench.now += timedelta(seconds=30)
            await bench.adapter.answer(sealed("", id_="NULL", at=bench.now, sequence=i + 1)[1:-1])
        assert bench.outlet.state.clock_offset_s == 0

    asyncio.run(walk())


def test_a_panel_is_measured_again_after_our_own_clock_stood_ahead() -> None:
    """A server began a day ahead, and a panel took its time over; both were set right, and its alarms were moved."""

    async def walk() -> None:
        bench = Bench(began_at=NOON + timedelta(days=1))
        await bench.adapter.answer(sealed("", id_="NULL", at=bench.now)[1:-1])
        bench.set_clock(-86400)
        for i in range(5):  # it does not know yet
            bench.now += timedelta(seconds=30)
            await bench.adapter.answer(sealed("", id_="NULL", at=bench.now + timedelta(days=1), sequence=i + 1)[1:-1])
        assert bench.outlet.state.clock_offset_s == 86400
        for i in range(20):
            bench.now += timedelta(seconds=30)
            await bench.adapter.answer(sealed("", id_="NULL", at=bench.now, sequence=i + 10)[1:-1])
        assert bench.outlet.state.clock_offset_s == 0
        assert [event.data["active"] for event in bench.hub.of("device.clock")] == [True, False]

    asyncio.run(walk())


def test_a_silence_that_cannot_be_stored_is_told_at_the_next_turn() -> None:
    """A full disk when it was due closed the port, dropped every panel and began to wait for the silence anew."""

    async def walk() -> None:
        bench = Bench()
        bench.now += timedelta(seconds=61)
        bench.hub.broken = True
        await bench.adapter.watch()
        assert bench.hub.times_refused == 1
        bench.now += timedelta(seconds=1)
        bench.hub.broken = False
        await bench.adapter.watch()
        (silent,) = bench.hub.of("panel.")
        assert (silent.type, silent.at) == ("panel.silent", NOON + timedelta(seconds=60))

    asyncio.run(walk())


def test_an_adapter_that_is_begun_again_knows_since_when_panels_are_silent_and_what_they_told() -> None:
    async def walk() -> None:
        bench = Bench()
        await bench.adapter.answer(sealed("#ABC1|Nri1/PA007", at=bench.now)[1:-1])
        bench.now += timedelta(seconds=50)
        again = SiaAdapter(bench.receiver, bench.outlet, bench.steady_s)
        bench.now += timedelta(seconds=11)
        await again.watch()
        assert [event.at for event in bench.hub.of("panel.silent")] == [NOON + timedelta(seconds=60)]
        await again.answer(sealed("#ABC1|Nri1/PA007", at=bench.now)[1:-1])  # the same, under a new time
        assert len(bench.hub.of("panel.alarmed")) == 1

    asyncio.run(walk())


def test_idle_connections_keep_no_panel_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """256 idle connections of one machine took every place for a day: the next panel's was reset."""
    monkeypatch.setattr(listening, "CONNECTIONS", 8)
    monkeypatch.setattr(sia, "PROOF_S", 3600.0)

    async def walk(bench: Bench) -> None:
        panel = await bench.connect("127.0.0.2")
        assert await told_by(panel) == ACK
        strangers = [await bench.connect() for _ in range(7)]
        impostors = [await bench.connect("127.0.0.3") for _ in range(4)]
        assert await asyncio.wait_for(strangers[3][0].read(), PATIENCE_S) == b""  # the oldest of these give way
        for impostor in impostors:  # a panel in clear can be imitated; still, who holds the most gives way
            assert await told_by(impostor) == ACK
        other = await bench.connect("127.0.0.4")
        assert await told_by(other) == ACK
        for _ in range(9):
            assert await told_by(await bench.connect("127.0.0.3")) == ACK
        assert await told_by(panel) == ACK
        assert await told_by(other) == ACK

    run(walk)


async def told_by(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
    """The answer to an alarm on this connection."""
    reader, writer = connection
    writer.write(framed(ALARM))
    return await asyncio.wait_for(reader.readuntil(b"\r"), PATIENCE_S)


def test_a_connection_whose_frame_is_being_stored_gives_way_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a cut of the network all panels of a site came back at once, and reset each other's alarms."""
    monkeypatch.setattr(listening, "CONNECTIONS", 2)
    monkeypatch.setattr(sia, "PROOF_S", 3600.0)

    async def walk(bench: Bench) -> None:
        stored, accept, waiting = asyncio.Event(), bench.hub.accept, [0]

        async def slowly(events: Sequence[Event], pictures: Sequence[Picture] = ()) -> Sequence[Event]:
            waiting[0] += 1
            await stored.wait()
            return await accept(events, pictures)

        bench.outlet._accept = slowly
        panels = [asyncio.create_task(told_by(await bench.connect())) for _ in range(2)]
        await until(lambda: waiting[0] == 2)
        reader, _ = await bench.connect()
        with suppress(ConnectionError):  # so it may look to who comes when all are busy
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        stored.set()
        assert await asyncio.gather(*panels) == [ACK, ACK]

    run(walk)


def test_those_that_were_closed_and_have_not_seen_it_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk was full every connection that gave way left its task behind."""
    monkeypatch.setattr(listening, "CONNECTIONS", 2)
    served = [0]

    async def serve(connection: listening.Connection) -> None:
        served[0] += 1
        await asyncio.Event().wait()

    async def walk() -> None:
        async with listening.listen_tcp("127.0.0.1:0", serve, limit=100, admits=lambda host: True) as (host, port):
            opened = [await asyncio.open_connection(host, port) for _ in range(7)]
            with suppress(ConnectionError):
                assert await asyncio.wait_for(opened[-1][0].read(), PATIENCE_S) == b""
            for _, writer in opened:
                writer.close()

    asyncio.run(walk())
    assert served == [4]


def test_a_connection_that_brings_no_frame_of_a_panel_is_closed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sia, "PROOF_S", 0.3)

    async def proven(bench: Bench) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """However slow this machine is."""
        while True:
            panel = await bench.connect()
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                assert await told_by(panel) == ACK
                return panel

    async def walk(bench: Bench) -> None:
        panel = await proven(bench)
        for said in (b"", b"GET / HTTP/1.1\r\n\r\n", sealed("", id_="NULL", at=NOON - timedelta(hours=1))):
            reader, writer = await bench.connect()
            writer.write(said)
            answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
            assert b"ACK" not in answer
        assert await told_by(panel) == ACK

    run(walk)


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_who_is_not_in_allow_is_not_heard(way: str) -> None:
    async def walk(bench: Bench) -> None:
        with suppress(ConnectionError):  # so it may look to the stranger
            assert await getattr(bench, way)(framed(ALARM), wait_s=0.1 if way == "udp" else PATIENCE_S) == b""
        await until(lambda: bench.outlet.state.misunderstood > 0)

    bench = run(walk, Bench(replace(RECEIVER, allow=("192.0.2.0/24", "::1/128"))))
    assert bench.hub.events == {}
    assert bench.outlet.state.last_misunderstood == "127.0.0.1 tried to connect and is not in 'allow'"


def test_a_peer_that_is_gone_without_a_word_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening.keep_alive(writer)
        own = writer.get_extra_info("socket")
        kept.append(own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
        writer.close()

    async def walk() -> None:
        server = await asyncio.start_server(look, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()
        server.close()

    asyncio.run(walk())
    assert kept == [1]


def test_ten_thousand_malformed_frames_are_neither_accepted_nor_harmful() -> None:
    """Sound frames mutated by a seeded generator, on one connection and on the datagram's path; none may count as
    sound unless it still is one, byte for byte, and no answer holds a part of the key."""
    rng = random.Random(20260504)
    sound = [framed(ALARM), framed(ALARM, binary_crc=True), sealed("#ABC1|Nri1/PA007"), framed(b'"NULL"0000L0#1234[]')]

    def mutated() -> bytes:
        frame = bytearray(rng.choice(sound))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(frame)) if frame else 0
            match rng.randrange(5):
                case 0 if frame:
                    frame[at] ^= 1 << rng.randrange(8)
                case 1:
                    frame[at:at] = rng.randbytes(rng.randint(1, 8))
                case 2:
                    del frame[at : at + rng.randint(1, 9)]
                case 3:
                    frame[at:] = frame[at:][::-1]
                case _:
                    frame = bytearray(rng.randbytes(rng.randint(0, 60)))
        return bytes(frame)

    def sound_form(frame: bytes) -> bytes:
        """The same for frames that mean the same: hexadecimal digits may be lower-case."""
        return frame.removeprefix(b"\n").removesuffix(b"\r").upper()

    malformed = [one for one in (mutated() for _ in range(10_500)) if sound_form(one) not in
                 {sound_form(good) for good in sound}][:10_000]  # fmt: skip
    assert len(malformed) == 10_000

    async def walk(bench: Bench) -> None:
        answers = [await bench.adapter.answer(one.removeprefix(b"\n").removesuffix(b"\r")) for one in malformed]
        assert {answer for answer in answers if answer} == set()
        told = await bench.tcp(
            b"".join(one for one in malformed[:2000] if not any(good in one for good in sound)),
            b"\r\n\r\n" + framed(ALARM),
            answers=1,
        )
        assert told == ACK
        assert KEY.hex().upper().encode() not in told

    bench = run(walk)
    assert bench.hub.told("panel.") == ["panel.alarmed"]
    assert bench.outlet.state.misunderstood >= 10_000
    assert KEY.hex() not in bench.outlet.state.last_misunderstood.lower()


def test_a_well_formed_frame_with_any_content_is_never_accepted_without_the_key() -> None:
    """The CRC is no secret: whoever can compute it must still not get anything past the key."""
    rng = random.Random(1)

    async def walk(bench: Bench) -> None:
        for _ in range(1500):
            blocks = rng.randbytes(16 * rng.randint(1, 4)).hex().upper().encode()
            answer = await bench.adapter.answer(framed(b'"*SIA-DCS"0001L0#ABC1[' + blocks)[1:-1])
            assert answer is not None
            assert answer[9:].startswith(b'"DUH"')

    assert run(walk).hub.events == {}


def test_a_port_that_is_taken_is_said_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sia, "WATCH_S", 0.01)
    hub = MemoryHub()

    async def walk() -> None:
        taken = socket.create_server(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        receiver = SiaReceiver(
            id="receiver", name="x", listen=f"127.0.0.1:{port}", panels=(PLAIN,), transports=("tcp",)
        )
        room = DeviceRoom(
            Site(id="hq", name="x", devices=(receiver,)),
            accept=hub.accept,
            clock=lambda: NOON,
            session="s",
            first_pause_s=0.02,
        )
        await room.start()
        await until(lambda: room.states()["receiver"].state == "lost")
        assert "cannot listen on 127.0.0.1" in room.states()["receiver"].reason
        taken.close()
        await until(lambda: room.states()["receiver"].state == "waiting")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(framed(ALARM))
        assert await asyncio.wait_for(reader.readuntil(b"\r"), PATIENCE_S) == ACK
        await room.close()
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        writer.close()

    asyncio.run(walk())
    assert hub.told() == ["device.lost", "panel.alarmed", "device.connected"]
