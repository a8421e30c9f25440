"""MQTT against a real Mosquitto: templates, ONVIF's own topics, restarts of the broker, nothing lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import aiomqtt
import pytest

from custos.adapters.devices import mqtt
from custos.adapters.devices.mqtt import MqttAdapter
from custos.adapters.devices.outlet import Outlet
from custos.adapters.devices.room import Adapter, DeviceRoom
from custos.adapters.sitefile.reader import parse_site
from custos.model.devices import Device, MqttBroker
from custos.model.event import Json
from custos.model.site import Site
from custos.testing.devices import PATIENCE_S, MemoryHub, until
from custos.testing.mosquitto import Mosquitto, find_mosquitto

pytestmark = pytest.mark.skipif(find_mosquitto() is None, reason="needs mosquitto, which is not installed")
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse"
TEXT = """\
site: {{id: hq, name: HQ}}
cameras:
- id: dock
  url: x
  zones: [{{id: bay, polygon: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], min_dwell_s: 0}}]
devices:
- id: broker
  kind: mqtt
  host: 127.0.0.1
  port: {port}
  version: "{version}"
  username: custos
  password: ${{PASSWORD}}
  topics:
  - topic: site/{{hall}}/doors/{{door}}/contact
    events:
    - {{type: door.opened, when: {{payload: open}}, data: {{door_id: "{{hall}}-{{door}}"}}}}
    - {{type: door.closed, when: {{payload: closed}}, data: {{door_id: "{{hall}}-{{door}}"}}}}
  - topic: sensors/#
    events:
    - {{type: sensor.measured, time: "{{at}}", data: {{sensor_id: "{{name}}", quantity: temperature, value: "{{t.c}}",
       unit: Cel}}}}
  onvif:
  - {{prefix: BoschCam1, camera: dock, names: {{Door1: gate, "door of AP1": gate}}}}
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto"), user="custos", password=PASSWORD) as running:
        yield running


def site_of(broker: Mosquitto, version: str = "5", password: str = PASSWORD) -> Site:
    return parse_site(TEXT.format(port=broker.port, version=version), environ={"PASSWORD": password})


class Bench:
    """A room that listens to a broker, and one who publishes."""

    def __init__(self, broker: Mosquitto, site: Site) -> None:
        self.broker, self.hub, self.now = broker, MemoryHub(), NOON
        self.steady_s: float | None = 0.0
        """Seconds of a clock that nobody sets but the test; None: it breaks."""
        self.room = DeviceRoom(
            site, accept=self.hub.accept, clock=lambda: self.now, session="s", first_pause_s=0.05, make=self.adapter
        )

    def adapter(self, device: Device, outlet: Outlet, site: Site) -> Adapter:
        assert isinstance(device, MqttBroker)
        return MqttAdapter(device, outlet, site, steady=self.steady)

    def steady(self) -> float:
        if self.steady_s is None:
            raise RuntimeError("the clock is broken")
        return self.steady_s

    def state(self) -> str:
        return self.room.states()["broker"].state

    async def publish(self, *messages: tuple[str, str | bytes], retain: bool = False) -> None:
        async with aiomqtt.Client("127.0.0.1", self.broker.port, username="custos", password=PASSWORD) as client:
            for topic, payload in messages:
                await client.publish(topic, payload, qos=1, retain=retain)

    async def until(self, *types: str, prefix: str = "") -> None:
        await until(lambda: self.hub.told(prefix) == list(types))


def run(broker: Mosquitto, walk: Callable[[Bench], Awaitable[None]], version: str = "5") -> Bench:
    bench = Bench(broker, site_of(broker, version))

    async def both() -> None:
        await bench.room.start()
        try:
            await until(lambda: bench.state() == "connected")
            await walk(bench)
        finally:
            await bench.room.close()

    asyncio.run(both())
    return bench


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_topics_become_events(broker: Mosquitto, version: str) -> None:
    async def walk(bench: Bench) -> None:
        await bench.publish(
            ("site/North/doors/7/contact", "open"),
            ("site/North/doors/7/contact", "ajar"),
            ("site/North/doors/7/contact", b"\xff\xfe"),
            ("sensors/cold/store", json.dumps({"at": "2026-05-04T11:59:59Z", "name": "Store", "t": {"c": -18.5}})),
            ("sensors/cold/store", json.dumps({"at": "2026-05-04T11:59:59Z", "name": "Store", "t": {"c": -18.5}})),
            ("site/North/doors/7/contact", "closed"),
        )
        await until(lambda: "door.closed" in bench.hub.told())

    bench = run(broker, walk, version)
    assert bench.hub.told() == ["device.connected", "door.opened", "sensor.measured", "door.closed"]
    opened, measured = bench.hub.of("door.opened")[0], bench.hub.of("sensor.")[0]
    assert (opened.source, opened.at) == ("/sites/hq/doors/north-7", NOON)
    assert (measured.data["value"], measured.at) == (-18.5, NOON - timedelta(seconds=1))
    state = bench.room.states()["broker"]
    assert (state.misunderstood, state.duplicates) == (2, 1)
    assert "UTF-8" in state.last_misunderstood


def test_the_broker_restarts_and_nothing_that_was_published_is_lost(broker: Mosquitto) -> None:
    async def walk(bench: Bench) -> None:
        await bench.publish(("site/n/doors/1/contact", "open"))
        await bench.until("door.opened", prefix="door.")
        broker.stop()
        await until(lambda: bench.state() == "lost")
        broker.start()
        await until(lambda: bench.state() == "connected")
        await bench.room.close()  # while this side is away, the broker keeps what comes
        await bench.publish(("site/n/doors/1/contact", "closed"), ("site/n/doors/2/contact", "open"))
        again = Bench(broker, site_of(broker))
        await again.room.start()
        await again.until("door.closed", "door.opened", prefix="door.")
        await again.room.close()

    bench = run(broker, walk)
    assert bench.hub.told("device.") == ["device.connected", "device.lost", "device.connected"]


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(broker: Mosquitto) -> None:
    async def walk(bench: Bench) -> None:
        bench.hub.broken = True
        await bench.publish(("site/n/doors/9/contact", "open"))
        await until(lambda: bench.hub.times_refused > 0)
        await bench.room.close()  # this side dies before it could store
        again = Bench(broker, site_of(broker))
        await again.room.start()
        await again.until("door.opened", prefix="door.")
        await again.room.close()

    assert run(broker, walk).hub.told("door.") == []


def test_a_retained_state_without_a_time_is_no_event(broker: Mosquitto) -> None:
    async def walk(bench: Bench) -> None:
        await bench.publish(("site/n/doors/5/contact", "open"), retain=True)
        await bench.until("door.opened", prefix="door.")  # live: it happens now
        await bench.room.close()
        again = Bench(broker, site_of(broker))
        await again.room.start()
        await until(lambda: again.state() == "connected")
        await again.publish(("site/n/doors/6/contact", "closed"))
        await again.until("door.closed", prefix="door.")
        await again.room.close()
        await bench.publish(("site/n/doors/5/contact", ""), retain=True)

    run(broker, walk)


def test_a_wrong_password_is_said_and_not_repeated(broker: Mosquitto) -> None:
    bench = Bench(broker, site_of(broker, password="wrong horse"))

    async def walk() -> None:
        await bench.room.start()
        await until(lambda: bench.state() == "lost")
        await bench.room.close()

    asyncio.run(walk())
    reason = bench.room.states()["broker"].reason
    assert "ot authori" in reason or "user name" in reason
    assert "wrong horse" not in reason


def event(at: datetime, source: dict[str, Json], data: dict[str, Json], operation: str = "Changed") -> str:
    told = {"UtcTime": at.isoformat(), "PropertyOperation": operation, "Source": source, "Data": data}
    return json.dumps(told)


def test_onvif_events_are_understood_as_they_are(broker: Mosquitto) -> None:
    base = "BoschCam1/onvif-ej/"
    door: dict[str, Json] = {"DoorToken": "Door1"}
    listed: dict[str, Json] = {"SimpleItem": [{"Name": "AccessPointToken", "Value": "AP1"}]}
    motion = base + "VideoSource/MotionAlarm/&1"

    async def walk(bench: Bench) -> None:
        await bench.publish(
            (base + "Door/State/DoorPhysicalState/&Door1", event(NOON, door, {"State": "Open"})),
            (base + "Door/State/DoorPhysicalState/&Door1", event(NOON, door, {"State": "Open"}, "Initialized")),
            (base + "tns1:AccessControl/tns1:AccessGranted/Credential/&AP1", event(NOON, listed, {
                "SimpleItem": [{"Name": "CredentialToken", "Value": "1042"}]}, "")),
            (base + "AccessControl/Denied/CredentialNotFound/Card/&AP1", event(NOON, listed, {"Card": "99"}, "")),
            (motion, event(NOON, {"Source": "1"}, {"State": True})),
            (motion, b""),  # the property is deleted
            (base + "VideoSource/ImageTooDark/ImagingService/&1", event(NOON, {"Source": "1"}, {"State": True})),
            (base + "Nonsense/Thing", event(NOON, {}, {})),
            (base + "Door/State/DoorPhysicalState/&Door1", "not json"),
            (base + "Door/State/DoorPhysicalState/&Door1", event(NOON, door, {"State": "Closed"})),
        )  # fmt: skip
        await until(lambda: "door.closed" in bench.hub.told())

    bench = run(broker, walk)
    assert bench.hub.told() == [
        "device.connected", "door.opened", "access.granted", "access.denied", "motion.started", "motion.ended",
        "camera.blinded", "door.closed",
    ]  # fmt: skip
    granted, denied = bench.hub.of("access.")
    assert (granted.door_id, granted.data["reader_id"], granted.data["credential"]) == ("gate", "ap1", "1042")
    assert denied.data["reason"] == "CredentialNotFound"
    (alarm,) = bench.hub.of("camera.")
    assert (alarm.camera_id, alarm.data["onvif_topic"]) == ("dock", "tns1:VideoSource/ImageTooDark/ImagingService")
    assert bench.room.states()["broker"].misunderstood == 2


def scene(at: datetime, left: float) -> str:
    """A person, 100 of 640 px wide, whose left side is at `left` px; y counts upwards from the bottom, 480 px high."""
    box = {"@left": left, "@top": 300.0, "@right": left + 100, "@bottom": 60.0}
    human = {"Type": [{"@Likelihood": 0.8, "#text": "Human"}]}
    return json.dumps(
        {
            "Frame": [
                {
                    "@UtcTime": at.isoformat(),
                    "@Source": "MyClassifier",
                    "Transformation": {
                        "Translate": {"@x": -1.0, "@y": -1.0},
                        "Scale": {"@x": 0.003125, "@y": 0.00416667},
                    },
                    "Object": [{"@ObjectId": 15, "Appearance": {"Shape": {"BoundingBox": box}, "Class": human}}],
                }
            ]
        }
    )


def test_a_cameras_own_analytics_go_through_the_zones_of_the_site_file(broker: Mosquitto) -> None:
    """Somebody walks from the right half into the zone on the left; frames come twice and in the wrong order."""
    topic = "BoschCam1/onvif-mj/VideoAnalytics/1/MyClassifier"
    walked = [(topic, scene(NOON + timedelta(seconds=0.2 * i), 500 - 30 * i)) for i in range(16)]
    walked[3], walked[4] = walked[4], walked[3]
    walked.insert(8, walked[7])
    heartbeats = [
        (topic, json.dumps({"Frame": [{"@UtcTime": (NOON + timedelta(seconds=s)).isoformat()}]})) for s in (4, 5, 6, 7)
    ]

    async def walk(bench: Bench) -> None:
        await bench.publish(*walked, *heartbeats)
        await until(lambda: "track.ended" in bench.hub.told())

    bench = run(broker, walk)
    assert bench.hub.told("track") == ["track.started", "track.ended"]
    assert bench.hub.told("zone.") == ["zone.entered", "zone.left"]
    entered = bench.hub.of("zone.entered")[0]
    # foot at x 0.5: (500 - 30 i + 50) / 640 <= 0.5 from i = 8 on
    assert entered.at == NOON + timedelta(seconds=1.6)
    assert (entered.camera_id, entered.data["class"], entered.data["zone_id"]) == ("dock", "person", "bay")
    started = bench.hub.of("track.started")[0]
    assert started.data["box"] == pytest.approx([500 / 640, 180 / 480, 600 / 640, 420 / 480], abs=1e-3)


PASSAGE = ["zone.entered", "zone.left"]


async def somebody_is_there(bench: Bench, begin_s: float = 0.0) -> None:
    """Somebody stands in the zone for 1.4 s. A door at the end shows that all of it was taken."""
    topic, doors = "BoschCam1/onvif-mj/VideoAnalytics/1/MyClassifier", len(bench.hub.of("door."))
    here = [(topic, scene(NOON + timedelta(seconds=begin_s + 0.2 * i), 100)) for i in range(8)]
    bench.now += timedelta(seconds=1)
    await bench.publish(*here, ("site/n/doors/1/contact", "open"))
    await until(lambda: len(bench.hub.of("door.")) > doors)


def test_a_camera_that_falls_silent_and_a_broker_that_goes_leave_nobody_behind(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was in the picture at a camera's last word stayed in the zone for twelve hours."""
    monkeypatch.setattr(mqtt, "TEND_S", 0.02)

    async def walk(bench: Bench) -> None:
        await somebody_is_there(bench)
        assert bench.hub.told("zone.") == ["zone.entered"]
        bench.steady_s = mqtt.QUIET_S
        await bench.until(*PASSAGE, prefix="zone.")
        await somebody_is_there(bench, begin_s=60)
        assert bench.hub.told("zone.") == [*PASSAGE, "zone.entered"]

    bench = run(broker, walk)  # which ends the connection
    assert bench.hub.told("zone.") == [*PASSAGE, *PASSAGE]
    assert len({event.subject for event in bench.hub.of("zone.")}) == 2
    assert bench.hub.of("zone.left")[0].at == NOON + timedelta(seconds=1.4)


def test_who_left_is_told_at_the_end_where_the_store_refused_it_before(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ended while that they had left waited for the disk: it was never told."""
    monkeypatch.setattr(mqtt, "TEND_S", 0.02)

    async def walk(bench: Bench) -> None:
        await somebody_is_there(bench)
        bench.hub.broken, bench.steady_s = True, mqtt.QUIET_S
        await until(lambda: bench.hub.times_refused > 0)
        bench.hub.broken = False

    assert run(broker, walk).hub.told("zone.") == PASSAGE


def test_the_end_waits_for_no_store_that_refuses(broker: Mosquitto) -> None:
    """A full disk kept the server from ending, and a changed broker's old client from leaving its name to the new."""

    async def walk(bench: Bench) -> None:
        await somebody_is_there(bench)
        bench.hub.broken = True
        await asyncio.wait_for(bench.room.close(), PATIENCE_S)

    assert run(broker, walk).hub.told("zone.") == ["zone.entered"]


def test_a_fault_in_tending_cameras_is_seen_and_begun_anew(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "TEND_S", 0.02)

    async def walk(bench: Bench) -> None:
        await somebody_is_there(bench)
        bench.steady_s = None
        await until(lambda: "device.lost" in bench.hub.told())
        bench.steady_s = 0.0
        await until(lambda: bench.state() == "connected")

    bench = run(broker, walk)
    (lost,) = bench.hub.of("device.lost")
    assert lost.data["reason"] == "the adapter failed: RuntimeError"
