"""CloudEvents in over HTTP, and how devices fare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from custos.adapters.devices.sia import SiaAdapter
from custos.model.account import Role
from custos.model.devices import HttpDevice, Panel, PanelState, SiaReceiver
from custos.model.event import Json
from custos.pipeline.cloudevents import instant_text
from custos.pipeline.ports import EventQuery
from custos.server.shapes.device import DeviceTold
from custos.testing.devices import MemoryHub, outlet_of
from custos.testing.serving import SITE, Served, serving

BRIDGE = HttpDevice(id="bridge", name="Badge bridge", token="bridge-token-of-the-test", speaks_for=("doors",))
ASLEEP = HttpDevice(id="asleep", name="Asleep", token="asleep-token-of-the-test", enabled=False)
Told = dict[str, Json]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site"), site=replace(SITE, devices=(BRIDGE, ASLEEP))) as running:
        yield running


@pytest.fixture
def bridge(served: Served) -> httpx.Client:
    return served.client(Authorization=f"Bearer {BRIDGE.token}")


def opened(event_id: str = "e-1", **changed: Json) -> Told:
    event: Told = {
        "specversion": "1.0",
        "id": event_id,
        "type": "custos.door.opened",
        "source": "/sites/hq/doors/dock",
        "time": instant_text(datetime.now(UTC)),
        "data": {"door_id": "dock"},
    }
    return {**event, **changed}


def stored(served: Served, *ids: str) -> list[str]:
    """Which of `ids` the store has."""
    return sorted(event.id for event in served.store.events_by_id("hq", ids))


def test_an_empty_batch_is_taken(bridge: httpx.Client, served: Served) -> None:
    answer = bridge.post("/api/v1/events", json=[])
    assert answer.json() == {"accepted": 0, "new": 0, "duplicates": 0}


def test_one_event_is_stored_as_it_is_and_told_again_is_the_same(bridge: httpx.Client, served: Served) -> None:
    event = opened()
    headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
    first = bridge.post("/api/v1/events", content=json.dumps(event), headers=headers)
    assert (first.status_code, first.json()) == (200, {"accepted": 1, "new": 1, "duplicates": 0})
    again = bridge.post("/api/v1/events", json=event)
    assert again.json() == {"accepted": 1, "new": 0, "duplicates": 1}
    assert served.sign_in().get("/api/v1/events/e-1").json() == {**event, "datacontenttype": "application/json"}


def test_a_batch_with_doubles_late_and_out_of_order(bridge: httpx.Client, served: Served) -> None:
    before, now = served.devices.states()["bridge"], datetime.now(UTC)
    times = [instant_text(now - timedelta(hours=hours)) for hours in (0, 30, 1)]
    batch = [opened(f"b-{i}", time=time) for i, time in enumerate(times)]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = bridge.post("/api/v1/events", content=json.dumps([*batch, batch[1]]), headers=headers)
    assert answer.json() == {"accepted": 4, "new": 3, "duplicates": 1}
    assert stored(served, "b-0", "b-1", "b-2") == ["b-0", "b-1", "b-2"]
    told = served.devices.states()["bridge"]
    assert (told.events - before.events, told.late - before.late, told.state) == (3, 2, "connected")
    assert told.duplicates - before.duplicates == 0  # doubles within a request never reach the device's count


def test_binary_mode_has_its_attributes_in_headers(bridge: httpx.Client, served: Served) -> None:
    attributes = {f"ce-{name}": str(value) for name, value in opened("e%2D7").items() if name != "data"}
    answer = bridge.post("/api/v1/events", json={"door_id": "dock"}, headers=attributes)
    assert answer.json()["new"] == 1
    assert stored(served, "e-7") == ["e-7"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "what"),
    [
        ({"type": "custos.door.exploded"}, "/type", "'door.exploded' is no type that can be sent"),
        ({"type": "custos.incident.opened"}, "/type", "no type that can be sent"),
        ({"type": "door.opened"}, "", "type must begin with 'custos.'"),
        ({"specversion": "0.3"}, "", "specversion must be '1.0'"),
        ({"source": "/sites/other/doors/dock"}, "/source", "must be /sites/hq/KIND/ID"),
        ({"source": "/sites/hq/doors"}, "/source", "must be /sites/hq/KIND/ID"),
        ({"source": "/sites/hq/tills/one"}, "/source", "device 'bridge' may speak for doors, not for"),
        ({"time": "2026-05-04T12:00:00"}, "", "time must say its offset"),
        ({"time": "2100-01-01T00:00:00Z"}, "/time", "more than a day ahead"),
        ({"id": "x" * 201}, "/id", "at most 200 printable"),
        ({"subject": "a\nb"}, "/subject", "at most 200 printable"),
        ({"data": {}}, "/data", "needs the field 'door_id'"),
        ({"data": {"door_id": "dock", "detail": "\0"}}, "/data", "no NUL"),
        ({"data": {"door_id": "dock", "colour": "red"}}, "/data", "has no field 'colour'"),
    ],
)  # fmt: skip
def test_one_wrong_event_refuses_the_batch_and_is_pointed_to(
    bridge: httpx.Client, served: Served, wrong: Told, pointer: str, what: str
) -> None:
    answer = bridge.post("/api/v1/events", json=[opened("good"), opened("bad", **wrong)])
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == f"/1{pointer}"
    assert what in fault["detail"]
    assert stored(served, "good", "bad") == []


@pytest.mark.parametrize("body", ["", "{", "7", "[7]", '{"a": NaN}', "[" * 100_000])
def test_what_is_no_cloudevent_is_refused(bridge: httpx.Client, body: str) -> None:
    answer = bridge.post("/api/v1/events", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_too_many_at_once_are_refused(bridge: httpx.Client) -> None:
    answer = bridge.post("/api/v1/events", json=[{}] * 1001)
    assert "at most 1000 events, got 1001" in answer.text


def test_an_id_of_another_source_is_not_taken_for_a_double(bridge: httpx.Client, served: Served) -> None:
    """Two bridges that both count from 1 lost each other's events in silence."""
    bridge.post("/api/v1/events", json=opened("1")).raise_for_status()
    other = opened("1", source="/sites/hq/doors/gate", data={"door_id": "gate"})
    answer = bridge.post("/api/v1/events", json=other)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:custos:problem:id-is-taken")
    assert bridge.post("/api/v1/events", json=[opened("2"), {**other, "id": "2"}]).status_code == 409
    assert stored(served, "1", "2") == ["1"]


@pytest.mark.parametrize("secret", ["wrong", BRIDGE.token[:-1], BRIDGE.token + "x", ASLEEP.token, "bridge"])
def test_no_token_of_a_device_no_way_in(served: Served, secret: str) -> None:
    client = served.client(Authorization=f"Bearer {secret}")
    assert client.post("/api/v1/events", json=opened("x-1")).status_code == 401
    assert stored(served, "x-1") == []


@pytest.mark.parametrize("path", ["site", "events", "incidents", "devices", "devices/bridge", "cameras", "events/e-1"])
def test_a_device_sends_and_sees_nothing(bridge: httpx.Client, path: str) -> None:
    bridge.post("/api/v1/events", json=opened()).raise_for_status()
    assert bridge.get(f"/api/v1/{path}").status_code == 404


def test_a_device_cannot_make_tokens_or_cameras(bridge: httpx.Client) -> None:
    assert bridge.post("/api/v1/tokens", json={"name": "x", "expires_in_days": None}).status_code == 403
    assert bridge.get("/api/v1/tokens").json()["items"] == []


@pytest.mark.parametrize(("role", "status"), [(Role.ADMINISTRATOR, 200), (Role.OPERATOR, 403), (Role.VIEWER, 403)])
def test_only_administrators_send_with_an_api_token(tmp_path: Path, role: Role, status: int) -> None:
    with serving(tmp_path) as own:
        answer = own.acting_as(role).post("/api/v1/events", json=opened(source="/sites/hq/tills/one"))
    assert answer.status_code == status


def test_a_receiver_tells_how_each_of_its_panels_fares() -> None:
    receiver = SiaReceiver(id="sia", name="Receiver", listen="127.0.0.1:0", panels=(Panel(id="vault", account="ABC1"),))
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    outlet = outlet_of(receiver, MemoryHub(), lambda: at)
    SiaAdapter(receiver, outlet)
    (vault,) = DeviceTold.of(receiver, outlet.state).panels
    assert vault.model_dump() == {"id": "vault", "heard_at": None, "silent_since": None, "supervised_s": None}
    outlet.show_panels(PanelState("vault", None, at, 60.0))
    (vault,) = DeviceTold.of(receiver, outlet.state).panels
    assert (vault.silent_since, vault.supervised_s) == (at, 60.0)
    assert DeviceTold.of(BRIDGE, outlet_of(BRIDGE, MemoryHub(), lambda: at).state).panels == []


def test_a_device_that_is_not_there_is_not_found(served: Served) -> None:
    client = served.sign_in()
    assert client.get("/api/v1/devices/bridge").json()["name"] == "Badge bridge"
    assert client.get("/api/v1/devices/asleep").json()["state"] == "disabled"
    assert client.get("/api/v1/devices/nobody").status_code == 404
    assert BRIDGE.token not in client.get("/api/v1/devices").text


def test_a_clock_that_disagrees_is_measured_and_told_once(bridge: httpx.Client, served: Served) -> None:
    for i in range(5):
        ahead = instant_text(datetime.now(UTC) + timedelta(seconds=90))
        bridge.post("/api/v1/events", json=opened(f"ahead-{i}", time=ahead)).raise_for_status()
    told = served.sign_in().get("/api/v1/devices/bridge").json()
    assert told["clock_offset_s"] == pytest.approx(90, abs=5)
    drifted = served.store.events("hq", EventQuery(types=("device.clock_drifted",)), limit=10).items
    assert [event.data["active"] for event in drifted] == [True]
