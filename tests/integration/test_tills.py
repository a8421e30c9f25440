"""Tills: lines of text over TCP and JSON over HTTP, from the site file to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from custos.adapters.devices.lines import LONGEST, LineAdapter
from custos.adapters.sitefile.reader import parse_site
from custos.model.devices import HttpDevice, LineDevice
from custos.testing.devices import MemoryHub, outlet_of, until
from custos.testing.serving import SITE, Served, serving

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TOKEN = "back-office-token-of-the-test"
TEXT = """\
site: {id: hq, name: HQ, time_zone: Europe/Berlin}
devices:
- id: tills
  kind: lines
  listen: "127.0.0.1:0"
  encoding: cp1252
  lines: ["{time} {till} {kind} {operator} {amount} {receipt}", "{time} {till} {kind}"]
  time_form: "%d.%m.%Y-%H:%M:%S"
  decimal_comma: true
  values: {operator: {"17": anna}}
  events:
  - {type: pos.sold, when: {kind: SALE}, time: "{time}", id: "{receipt}",
     data: {till_id: "{till}", operator: "{operator}", amount: "{amount}", receipt: "{receipt}", currency: EUR}}
  - {type: pos.refunded, when: {kind: REFUND}, time: "{time}", id: "{receipt}",
     data: {till_id: "{till}", operator: "{operator}", amount: "{amount}", receipt: "{receipt}"}}
  - {type: pos.opened, when: {kind: [NOSALE, DRAWER]}, time: "{time}", data: {till_id: "{till}"}}
- id: back-office
  kind: json
  token: ${TOKEN}
  time_form: unix_ms
  events:
  - {type: pos.voided, when: {kind: VOID}, time: "{at}", id: "{tx}",
     data: {till_id: "{register.no}", amount: "{total}", operator: "{cashier}"}}
  - {type: pos.overridden, when: {kind: PRICE}, time: "{at}", id: "{tx}",
     data: {till_id: "{register.no}", amount: "{total}", list_amount: "{list}", reason: "{why}"}}
"""
DEVICES = parse_site(TEXT, environ={"TOKEN": TOKEN}).devices
LINES = next(device for device in DEVICES if isinstance(device, LineDevice))


def run(walk: Callable[[LineAdapter, MemoryHub], Awaitable[None]], device: LineDevice = LINES) -> MemoryHub:
    """`walk` beside an adapter that listens."""
    hub = MemoryHub()

    async def both() -> None:
        adapter = LineAdapter(device, outlet_of(device, hub, lambda: NOON))
        listening = asyncio.create_task(adapter.run())
        try:
            await until(lambda: adapter.port > 0)
            await walk(adapter, hub)
        finally:
            listening.cancel()
            await asyncio.wait([listening])

    asyncio.run(both())
    return hub


async def send(adapter: LineAdapter, *parts: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", adapter.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def test_a_day_at_a_till() -> None:
    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        await send(
            adapter,
            b"04.05.2026-13:59:58  T7  SALE    17     1.234,50   R-1\r\n04.05.2026-13:59:59 T7 REF",
            b"UND 18 -12,50 R-2\r\n\r\n04.05.2026-14:00:00 T7 DRAWER\r\n",
            b"04.05.2026-14:00:00 T7 REFUND 18 -12,50 R-2\r\n",  # sent again
            b"WELCOME TO THE SHOP\r\n",
        )
        await until(lambda: adapter._outlet.state.misunderstood > 0)

    hub = run(walk)
    assert hub.told("pos.") == ["pos.sold", "pos.refunded", "pos.opened"]
    sold, refunded, _ = hub.of("pos.")
    assert (sold.source, sold.data["operator"], sold.data["amount"]) == ("/sites/hq/tills/t7", "anna", 1234.5)
    assert (refunded.data["operator"], refunded.data["amount"], refunded.at.second) == ("18", 12.5, 59)


def test_a_till_that_goes_and_comes_is_told_and_a_last_line_without_its_end_counts() -> None:
    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        for i in range(2):
            await send(adapter, b"04.05.2026-14:00:00 T7 SALE 17 1,00 R-%d" % i)
            await until(lambda n=i: hub.told("device.").count("device.lost") == n + 1)  # type: ignore[misc]

    assert run(walk).told() == ["device.connected", "pos.sold", "device.lost"] * 2


def test_endless_lines_and_rubbish_are_counted_and_the_next_line_is_read() -> None:
    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        forged = b"04.05.2026-14:00:00 T7 DRAWER"  # the end of a line that is too long is no line
        noise = bytes(range(1, 10)) + b"\n"
        await send(adapter, b"x" * (3 * LONGEST), forged, b"\n" + noise, b"04.05.2026-14:00:00 T7 NOSALE\n")
        await until(lambda: bool(hub.told("pos.")))
        assert adapter._outlet.state.misunderstood == 2

    assert run(walk).told("pos.") == ["pos.opened"]


def test_a_full_disk_makes_the_till_wait_and_loses_nothing() -> None:
    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        hub.broken = True
        await send(adapter, *(b"04.05.2026-14:00:00 T7 SALE 17 1,00 R-%d\n" % i for i in range(20)))
        await until(lambda: hub.times_refused > 0)
        hub.broken = False
        await until(lambda: len(hub.told("pos.")) == 20)

    run(walk)


def test_many_tills_behind_one_address_say_nothing_all_night_and_stay() -> None:
    """After a restart the 33rd till of a shop reset the first, which came again and reset the second, all night."""

    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        tills = [await asyncio.open_connection("127.0.0.1", adapter.port) for _ in range(40)]
        for i, (_, writer) in enumerate(tills):
            writer.write(b"04.05.2026-14:00:00 T%d SALE 17 1,00 R-%d\n" % (i, i))
        await until(lambda: len(hub.told("pos.")) == 40)
        for _, writer in tills:
            writer.close()

    run(walk)


def test_strangers_are_turned_away() -> None:
    async def walk(adapter: LineAdapter, hub: MemoryHub) -> None:
        await send(adapter, b"04.05.2026-14:00:00 T7 NOSALE\n")
        await until(lambda: adapter._outlet.state.misunderstood == 1)
        assert adapter._outlet.state.last_misunderstood == "127.0.0.1 tried to connect and is not in 'allow'"

    assert run(walk, replace(LINES, allow=("10.0.0.0/8",))).told() == []


OTHER = HttpDevice(id="other", name="Other", token="another-token-of-the-test")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site"), site=replace(SITE, devices=(*DEVICES, OTHER))) as running:
        yield running


@pytest.fixture
def office(served: Served) -> httpx.Client:
    return served.client(Authorization=f"Bearer {TOKEN}")


PATH = "/api/v1/devices/back-office/records"


def void(tx: str, **changed: object) -> dict[str, object]:
    at = datetime.now(UTC).timestamp() * 1000
    return {"kind": "VOID", "tx": tx, "at": round(at), "register": {"no": 7}, "total": -3.2, **changed}


def test_records_in_json_are_stored_once(served: Served, office: httpx.Client) -> None:
    assert office.post(PATH, json=void("1")).json() == {"accepted": 1, "new": 1, "duplicates": 0}
    price = void("2", kind="PRICE", total=5, list=7.5, why="damaged")
    assert office.post(PATH, json=[void("1"), price]).json() == {"accepted": 2, "new": 1, "duplicates": 1}
    newest = served.sign_in().get("/api/v1/events", params={"type": "pos."}).json()["items"][0]
    assert (newest["type"], newest["source"]) == ("custos.pos.overridden", "/sites/hq/tills/7")
    assert newest["data"] == {"till_id": "7", "amount": 5, "list_amount": 7.5, "reason": "damaged"}


def test_a_record_that_makes_no_sense_refuses_them_all_and_is_pointed_to(served: Served, office: httpx.Client) -> None:
    answer = office.post(PATH, json=[void("10"), void("11", kind="?"), void("12", at="noon"), 7])
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["detail"]) for fault in answer.json()["errors"]] == [
        ("/1", "no entry of 'events' fits it: kind '?'"),
        ("/2", "'noon' is no time of the form 'unix_ms'"),
        ("/3", "no entry of 'events' fits it: kind ''"),
    ]
    assert office.post(PATH, json=[void("10")]).json()["new"] == 1
    assert served.devices.states()["back-office"].misunderstood >= 3


def test_only_the_device_itself_and_administrators_post_its_records(served: Served, office: httpx.Client) -> None:
    other = served.client(Authorization=f"Bearer {OTHER.token}")
    assert other.post(PATH, json=void("20")).status_code == 404
    assert office.post("/api/v1/devices/other/records", json=void("20")).status_code == 404
    assert office.post("/api/v1/devices/tills/records", json=void("20")).status_code == 404
    assert office.post("/api/v1/events", json=[]).status_code == 403
    assert served.client().post(PATH, json=void("20")).status_code == 401
    assert served.sign_in().post(PATH, json=void("20")).status_code == 200
    assert office.post(PATH, json=[void("x")] * 1001).status_code == 422
