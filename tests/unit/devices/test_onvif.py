"""ONVIF's notifications and scene descriptions, without a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from custos.adapters.devices.mapping import Misread
from custos.adapters.devices.mqtt import OnvifTopics
from custos.adapters.devices.onvif_events import OnvifEvents, OnvifMessage, bare_topic
from custos.adapters.devices.onvif_metadata import SceneFrame, SceneObject, SceneWalk, frames_of_json, frames_of_xml
from custos.adapters.devices.outlet import Outlet
from custos.model.detections import COCO_CLASSES, UNKNOWN_CLASS
from custos.model.devices import MqttBroker, OnvifPublisher
from custos.model.event import Event
from custos.model.site import Camera, Line, Site, Zone
from custos.testing.check_event import check_events
from custos.testing.devices import MemoryHub, outlet_of

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
AP = {"AccessPointToken": "A"}
CARD = {"CredentialToken": "7"}
SPECIFIED = {
    "Frame": [
        {
            "@UtcTime": "2021-10-05T15:13:27.321",
            "@Source": "MyClassifier",
            "Transformation": {"Translate": {"@x": -1.0, "@y": -1.0}, "Scale": {"@x": 0.003125, "@y": 0.00416667}},
            "Object": [
                {
                    "@ObjectId": 15,
                    "Appearance": {
                        "Shape": {"BoundingBox": {"@left": 20.0, "@top": 80.0, "@right": 100.0, "@bottom": 30.0}},
                        "Class": {"Type": [{"@Likelihood": 0.8, "#text": "Human"}]},
                    },
                }
            ],
        }
    ]
}
"""The example of the Analytics Service Specification, 5.5.3: pixels of 640 x 480, y upwards."""
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics>
<tt:Frame UtcTime="2021-10-05T15:13:27.321Z" Source="MyClassifier">
<tt:Transformation><tt:Translate x="-1.0" y="-1.0"/><tt:Scale x="0.003125" y="0.00416667"/></tt:Transformation>
<tt:Object ObjectId="15"><tt:Appearance><tt:Shape><tt:BoundingBox left="20.0" top="80.0" right="100.0" bottom="30.0"/>
<tt:CenterOfGravity x="60.0" y="50.0"/></tt:Shape>
<tt:Class><tt:Type Likelihood="0.3">Animal</tt:Type><tt:Type Likelihood="0.8">Human</tt:Type>
</tt:Class></tt:Appearance>
</tt:Object><tt:ObjectTree><tt:Delete ObjectId="12"/></tt:ObjectTree></tt:Frame></tt:VideoAnalytics>
</tt:MetadataStream>"""


def message(
    topic: str, data: dict[str, str], source: dict[str, str], *, operation: str = "Changed", s: float = 0
) -> OnvifMessage:
    return OnvifMessage(topic, NOON + timedelta(seconds=s), operation, source, {}, data)


def reader(camera_id: str | None = "dock") -> OnvifEvents:
    return OnvifEvents(site_id="hq", names={"Door1": "gate"}, camera_id=camera_id, scope="cam")


@pytest.mark.parametrize(
    ("topic", "source", "data", "types"),
    [
        ("Door/State/DoorPhysicalState", {"DoorToken": "Door1"}, {"State": "Open"}, ["door.opened"]),
        ("Door/State/DoorPhysicalState", {"DoorToken": "Door1"}, {"State": "Unknown"}, []),
        ("Door/State/LockPhysicalState", {"DoorToken": "Door1"}, {"State": "Unlocked"}, ["door.unlocked"]),
        ("Door/State/DoorAlarm", {"DoorToken": "Door1"}, {"State": "DoorForcedOpen"}, ["door.alarmed"]),
        ("Door/State/DoorAlarm", {"DoorToken": "Door1"}, {"State": "Normal"}, ["door.alarmed"]),
        ("Door/State/DoorTamper", {"DoorToken": "Door1"}, {"State": "TamperDetected"}, ["door.tampered"]),
        ("Door/State/DoorFault", {"DoorToken": "Door1"}, {"State": "NotInFault"}, []),
        ("Door/State/DoubleLockPhysicalState", {"DoorToken": "Door1"}, {"State": "Locked"}, []),
        ("AccessControl/AccessGranted/Credential", AP, CARD, ["access.granted"]),
        ("AccessControl/AccessGranted/Anonymous", AP, {}, ["access.granted"]),
        ("AccessControl/AccessTaken/Credential", AP, CARD, ["access.taken"]),
        ("AccessControl/AccessNotTaken/Credential", AP, {}, ["access.not_taken"]),
        ("AccessControl/Denied/Credential", AP, {"Reason": "CredentialExpired"}, ["access.denied"]),
        ("AccessControl/Duress", AP, CARD, ["access.coerced"]),
        ("AccessControl/Request/Anonymous", AP, {}, ["exit.requested"]),
        ("AccessControl/Request/Credential", AP, {}, []),
        ("AccessPoint/State/Tampering", AP, {"Active": "true"}, ["reader.tampered"]),
        ("Device/Trigger/DigitalInput", {"InputToken": "1"}, {"LogicalState": "true"}, ["sensor.triggered"]),
        ("Device/Trigger/Relay", {"RelayToken": "1"}, {"LogicalState": "inactive"}, []),
        ("VideoSource/MotionAlarm", {"Source": "1"}, {"State": "true"}, ["motion.started"]),
        ("RuleEngine/CellMotionDetector/Motion", {"Rule": "r"}, {"IsMotion": "true"}, ["motion.started"]),
        ("VideoSource/GlobalSceneChange/ImagingService", {"Source": "1"}, {"State": "true"}, ["camera.tampered"]),
        ("VideoSource/Tampering", {"channel": "1"}, {"tampering": "1"}, ["camera.tampered"]),
        ("RuleEngine/TamperDetector/Tamper", {"Rule": "t"}, {"IsTamper": "true"}, ["camera.tampered"]),
        ("VideoSource/ImageTooDark/AnalyticsService", {"Source": "1"}, {"State": "true"}, ["camera.blinded"]),
        ("VideoSource/ImageTooBright/ImagingService", {"Source": "1"}, {"State": "true"}, ["camera.blinded"]),
        ("VideoSource/ImageTooBlurry/RecordingService", {"Source": "1"}, {"State": "true"}, ["camera.defocused"]),
        ("VideoSource/SignalLoss/ImagingService", {"Source": "1"}, {"State": "true"}, ["camera.signal_lost"]),
        ("VideoSource/SignalLoss/ImagingService", {"Source": "1"}, {"State": "false"}, []),
        ("RuleEngine/LineDetector/Crossed", {"Rule": "gate line"}, {"ObjectId": "15"}, ["camera.alarmed"]),
        ("Monitoring/ProcessorUsage", {"Token": "1"}, {"Value": "0.5"}, []),
    ],
)  # fmt: skip
def test_topics(topic: str, source: dict[str, str], data: dict[str, str], types: list[str]) -> None:
    operation = "" if topic.startswith(("AccessControl", "RuleEngine/Line")) else "Initialized"
    events = reader().events(message(topic, data, source, operation=operation), received_at=NOON)
    assert [event.type for event in events] == types
    check_events(events)


def test_a_state_is_told_when_it_changes_however_often_it_is_said() -> None:
    events, told = reader(), []
    for s, (state, operation) in enumerate(
        [("Closed", "Initialized"), ("Closed", "Initialized"), ("Open", "Changed"), ("Open", "Initialized"),
         ("Closed", "Changed")]
    ):  # fmt: skip
        said = message(
            "Door/State/DoorPhysicalState", {"State": state}, {"DoorToken": "Door1"}, operation=operation, s=s
        )
        told += events.events(said, received_at=NOON)
    assert [event.type for event in told] == ["door.closed", "door.opened", "door.closed"]
    assert {event.door_id for event in told} == {"gate"}


def test_what_is_done_to_a_camera_is_told_with_its_beginning_and_its_end() -> None:
    events, told = reader(), []
    for s, state, operation in (
        (0, "false", "Initialized"), (5, "true", "Changed"), (6, "true", "Initialized"),
        (35, "false", "Changed"), (50, "true", "Changed"), (60, "true", "Deleted"),
    ):  # fmt: skip
        said = message(
            "VideoSource/ImageTooDark/ImagingService", {"State": state}, {"Source": "1"}, operation=operation, s=s
        )
        told += events.events(said, received_at=NOON + timedelta(minutes=3), shift=timedelta(minutes=2))
    check_events(told)
    assert [event.type for event in told] == ["camera.blinded", "camera.restored"] * 2
    began, ended, _, again = told
    assert began.at == NOON + timedelta(seconds=125)
    assert (began.data["cause"], began.data["seen_by"], began.data["onvif_topic"]) == (
        "dark", "device", "tns1:VideoSource/ImageTooDark/ImagingService",
    )  # fmt: skip
    assert (ended.data["was"], ended.data["since"], ended.data["duration_s"]) == (
        "camera.blinded", "2026-05-04T12:02:05.000Z", 30.0,
    )  # fmt: skip
    assert again.data["duration_s"] == 10.0


@pytest.mark.parametrize(
    ("found", "told"), [("false", ["camera.blinded", "camera.restored"]), ("true", ["camera.blinded"])]
)
def test_what_was_done_to_a_camera_ends_after_the_connection_was_made_anew(found: str, told: list[str]) -> None:
    since: dict[tuple[str, str], datetime] = {}
    heard: list[Event] = []
    for s, state in ((5, "true"), (35, found), (36, found)):
        events = OnvifEvents(site_id="hq", names={}, camera_id="dock", scope="cam", since=since)
        topic = "VideoSource/ImageTooDark/ImagingService"
        for operation in ("Initialized", "Changed"):
            said = message(topic, {"State": state}, {"Source": "1"}, operation=operation, s=s)
            heard += events.events(said, received_at=NOON)
    assert [event.type for event in heard] == told
    assert [event.data["duration_s"] for event in heard[1:]] == [30.0][: len(told) - 1]
    assert bool(since) is (found == "true")


def test_a_pulse_of_tampering_has_no_end_and_one_that_denies_it_says_nothing() -> None:
    said = [message("VideoSource/Tampering", {"tampering": t}, {"channel": "1"}, operation="", s=int(t)) for t in "01"]
    told = [event for one in said for event in reader().events(one, received_at=NOON)]
    assert [event.type for event in told] == ["camera.tampered"]


def test_what_the_device_tells_has_the_same_id_however_its_clock_was_found_to_be_off() -> None:
    said = message("VideoSource/SignalLoss/ImagingService", {"State": "true"}, {"Source": "1"})
    one, other = (reader().events(said, received_at=NOON, shift=timedelta(seconds=s))[0] for s in (0, 90))
    assert one.id == other.id
    assert one.data["since"] != other.data["since"]


def test_the_same_pulse_again_is_the_same_event() -> None:
    said = message("AccessControl/AccessGranted/Credential", CARD, AP, operation="")
    assert reader().events(said, received_at=NOON) == reader().events(said, received_at=NOON)


def test_what_speaks_of_a_picture_nobody_has_is_left_out() -> None:
    said = message("VideoSource/MotionAlarm", {"State": "true"}, {"Source": "1"})
    assert reader(None).events(said, received_at=NOON) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (message("Nonsense", {}, {}), "topic 'Nonsense' is not known"),
        (message("Door/State/DoorPhysicalState", {"State": "Open"}, {}), "names no DoorToken"),
        (message("Door/State/DoorPhysicalState", {}, {"DoorToken": "d"}), "says no State"),
        (message("Door/State/DoorMode", {"State": "x"}, {"DoorToken": "d"}, s=200_000), "more than a day ahead"),
        (message("AccessControl/Duress", {}, {}), "names no AccessPointToken"),
    ],
)
def test_what_is_not_understood_is_said(said: OnvifMessage, told: str) -> None:
    with pytest.raises(Misread, match=told):
        reader().events(said, received_at=NOON)


def test_prefixes_of_topics_are_taken_off() -> None:
    assert bare_topic("tns1:Door/State/tns1:DoorMode/") == "Door/State/DoorMode"


def test_the_specifications_example_in_json_and_in_xml() -> None:
    (said,) = frames_of_json(json.dumps(SPECIFIED).encode())
    (other,) = frames_of_xml(XML)
    assert said.at == other.at == datetime(2021, 10, 5, 15, 13, 27, 321000, tzinfo=UTC)
    assert said.objects == other.objects
    (person,) = said.objects
    assert (person.id, COCO_CLASSES[person.class_id], person.confidence) == ("15", "person", 0.8)
    # 20..100 of 640 px across; 80 and 30 px above the bottom of 480 px
    assert person.box == pytest.approx((20 / 640, 400 / 480, 100 / 640, 450 / 480), abs=1e-5)
    assert other.gone == ("12",)


def test_without_a_transformation_the_picture_is_from_minus_one_to_one_and_y_upwards() -> None:
    box = {"@left": "-1", "@top": "1", "@right": "0", "@bottom": "0"}
    told = {
        "Frame": {
            "@UtcTime": "2026-05-04T12:00:00Z",
            "Object": {"@ObjectId": "1", "Appearance": {"Shape": {"BoundingBox": box}}},
        }
    }
    ((one,),) = (frame.objects for frame in frames_of_json(json.dumps(told).encode()))
    assert one == SceneObject("1", (0.0, 0.0, 0.5, 0.5), UNKNOWN_CLASS, 0.0)


@pytest.mark.parametrize(
    "payload",
    [b"", b"7", b"[", b'{"Frame": [{}]}', b'{"Frame": [{"@UtcTime": "noon"}]}', b"[" * 100_000,
     b'{"Frame": [{"@UtcTime": "2026-05-04T12:00:00Z", "Object": [{"@ObjectId": 1, "Appearance": {"Shape": '
     b'{"BoundingBox": {"@left": "x", "@top": 1, "@right": 1, "@bottom": 1}}}}]}]}'],
)  # fmt: skip
def test_scenes_that_make_no_sense(payload: bytes) -> None:
    with pytest.raises(Misread):
        frames_of_json(payload)


@pytest.mark.parametrize("text", [b"", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', b"<a", b"\xff\xfe<a/>"])
def test_xml_that_is_no_metadata(text: bytes) -> None:
    with pytest.raises(Misread):
        frames_of_xml(text)


CAMERA = Camera(
    id="dock",
    name="Dock",
    url="x",
    zones=(Zone(id="bay", name="Bay", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), min_dwell_s=0),),
    lines=(Line(id="sill", name="Sill", points=((0.7, 0.0), (0.7, 1.0))),),
)


def frame(s: float, x: float | None) -> SceneFrame:
    """A person whose foot is at `x`; None: nobody is named."""
    person = COCO_CLASSES.index("person")
    objects = () if x is None else (SceneObject("1", (x - 0.05, 0.3, x + 0.05, 0.8), person, 0.9),)
    return SceneFrame(NOON + timedelta(seconds=s), "m", objects)


def test_somebody_walks_over_a_line_into_a_zone_in_any_order() -> None:
    ordered = [frame(0.2 * i, 0.9 - 0.03 * i) for i in range(20)]
    shuffled = [
        *ordered[:5],
        ordered[6],
        ordered[5],
        ordered[6],
        *ordered[7:12],
        ordered[13],
        ordered[12],
        *ordered[14:],
    ]
    walks = []
    for frames in (ordered, shuffled):
        walk = SceneWalk(CAMERA, site_id="hq", session="s")
        walks.append([event for one in frames for event in walk.update(one)] + walk.end())
    check_events(walks[0])
    assert [event.type for event in walks[0]] == [
        "track.started", "line.crossed", "zone.entered", "zone.left", "track.ended",
    ]  # fmt: skip
    assert walks[0] == walks[1]


def test_a_clock_that_is_set_back_ends_what_was_and_begins_anew() -> None:
    """All frames of the next hour were dropped, and nothing said so."""
    walk = SceneWalk(CAMERA, site_id="hq", session="s")
    told = [event for i in range(6) for event in walk.update(frame(0.5 * i, 0.2))]
    told += [event for s in (1.0, -4.0, -4.0, -5.0, -3.9) for event in walk.update(frame(s, 0.2))]  # stragglers
    assert [event.type for event in told] == ["track.started", "zone.entered"]
    back = [event for i in range(8) for event in walk.update(frame(0.5 * i - 3600, 0.2))]
    check_events([*told, *back])
    assert [event.type for event in back] == ["zone.left", "track.ended", "track.started", "zone.entered"]
    assert back[0].at == NOON + timedelta(seconds=2.5)
    assert back[0].subject != back[2].subject
    assert walk.late == 5 + 5


def named(id_: str, kind: str, box: tuple[float, float, float, float], parent: str = "") -> dict[str, object]:
    """An object as Profile M tells it in JSON; its box in 0..1, y downwards."""
    left, top, right, bottom = box
    edges = {"@left": 2 * left - 1, "@top": 1 - 2 * top, "@right": 2 * right - 1, "@bottom": 1 - 2 * bottom}
    shape = {"Appearance": {"Shape": {"BoundingBox": edges}, "Class": {"Type": [{"@Likelihood": 0.9, "#text": kind}]}}}
    return {"@ObjectId": id_, **({"@Parent": parent} if parent else {}), **shape}


BODY, FACE, BEHIND = (0.1, 0.2, 0.3, 0.9), (0.17, 0.22, 0.23, 0.3), (0.24, 0.22, 0.29, 0.3)
FAR = (0.7, 0.2, 0.9, 0.9)


@pytest.mark.parametrize(
    ("objects", "classes"),
    [
        ([], []),
        ([named("1", "Human", BODY)], ["person"]),
        ([named("2", "Face", FACE)], ["person"]),  # a camera that tells faces only
        ([named("2", "Face", FACE, "1")], ["person"]),  # whose body is told nowhere
        ([named("1", "Human", BODY), named("2", "Face", FACE, "1")], ["person"]),
        ([named("2", "Face", FAR, "1"), named("1", "Human", BODY)], ["person"]),
        ([named("1", "Human", BODY), named("2", "HumanFace", FACE)], ["person"]),  # told without its parent
        ([named("1", "Human", BODY), named("2", "Face", FACE), named("3", "Face", BEHIND)], ["person", "person"]),
        ([named("1", "Human", BODY), named("2", "Face", FAR)], ["person", "person"]),
        ([named("1", "Human", BODY), named("2", "Human", BODY)], ["person", "person"]),
        ([named("1", "Human", BODY), named("2", "Bag", FACE, "1")], ["backpack", "person"]),
        ([named("1", "Car", FAR), named("2", "LicensePlate", FAR, "1")], ["car"]),
        ([named("1", "Car", FAR), named("2", "Human", FAR, "1")], ["car", "person"]),  # the driver
    ],
)  # fmt: skip
def test_a_part_of_somebody_is_nobody_else(objects: list[dict[str, object]], classes: list[str]) -> None:
    """A face and the body it belongs to counted as two people: as tailgating, and as two in the room."""
    walk = SceneWalk(CAMERA, site_id="hq", session="s")
    payload = json.dumps({"Frame": [{"@UtcTime": NOON.isoformat(), "Object": objects}]}).encode()
    told = [event for one in frames_of_json(payload) for event in walk.update(one)] + walk.end()
    assert sorted(str(event.data["class"]) for event in told if event.type == "track.started") == classes


def test_a_face_is_a_part_also_in_frames_that_do_not_name_its_body() -> None:
    walk = SceneWalk(CAMERA, site_id="hq", session="s")
    both = [named("1", "Human", BODY), named("2", "Face", FACE, "1")]
    told = []
    for i in range(10):
        objects = both if i % 3 == 0 else both[1:]
        at = NOON + timedelta(seconds=0.5 * i)
        payload = json.dumps({"Frame": [{"@UtcTime": at.isoformat(), "Object": objects}]}).encode()
        told += [event for one in frames_of_json(payload) for event in walk.update(one)]
    assert [event.type for event in told if event.type.startswith("track.")] == ["track.started"]


class Topics:
    """A publisher's scenes as they come by MQTT, and the time."""

    def __init__(self, outlet: Outlet | None = None) -> None:
        publisher = OnvifPublisher(prefix="cam1", camera_id="dock")
        broker = MqttBroker(id="broker", name="Broker", host="x", onvif=(publisher,))
        self.outlet = outlet or outlet_of(broker, MemoryHub(), lambda: NOON)
        self.steady_s = 0.0
        site = Site(id="hq", name="HQ", cameras=(CAMERA,), devices=(broker,))
        self.topics = OnvifTopics(publisher, self.outlet, site, steady=lambda: self.steady_s)

    def seen(self, begin_s: float, count: int = 10) -> list[Event]:
        """Somebody in the bay, five times a second."""
        told = []
        for i in range(count):
            self.steady_s += 0.2
            at = (NOON + timedelta(seconds=begin_s + 0.2 * i)).isoformat()
            payload = json.dumps({"Frame": [{"@UtcTime": at, "Object": [named("1", "Human", BODY)]}]}).encode()
            told += self.topics.events("cam1/onvif-mj/VideoAnalytics/1", payload, NOON)
        return told

    def quiet(self, s: float) -> list[Event]:
        self.steady_s += s
        told: list[Event] = []
        for scene in self.topics.quiet(lull_s=1.0, quiet_s=60.0):
            told += scene.owed
            scene.owed.clear()
        return told


def test_a_camera_that_falls_silent_leaves_nobody_behind() -> None:
    """Somebody stood in a zone for twelve hours after the camera's last word, who had long gone."""
    camera = Topics()
    assert [event.type for event in camera.seen(0.0)] == ["track.started", "zone.entered"]
    assert camera.quiet(0.5) == []
    assert camera.quiet(30.0) == []
    left, ended = camera.quiet(30.0)
    assert (left.type, left.at) == ("zone.left", NOON + timedelta(seconds=1.8)), "what waited counts"
    assert ended.type == "track.ended"
    assert camera.quiet(600.0) == []
    again = camera.seen(700.0)
    assert [event.type for event in again] == ["track.started", "zone.entered"]
    assert again[0].subject != left.subject


def test_the_last_half_second_before_a_lull_is_told() -> None:
    camera = Topics()
    assert camera.seen(0.0, count=2) == []
    assert [event.type for event in camera.quiet(1.5)] == ["track.started", "zone.entered"]


def test_after_a_broker_was_away_somebody_else_is_somebody_else() -> None:
    """The first person after a reconnect had the subject of the first person before it."""
    before = Topics()
    after = Topics(before.outlet)
    (first, *_), (second, *_) = before.seen(0.0), after.seen(600.0)
    assert first.subject != second.subject


def test_frames_that_are_left_out_are_told_with_the_device() -> None:
    camera = Topics()
    camera.seen(0.0)
    assert camera.outlet.state.details == {}
    camera.seen(0.0, count=3)
    assert camera.outlet.state.details == {"frames of cam1 left out as late": "3"}
    assert camera.outlet.state.misunderstood == 0


def test_an_empty_frame_is_a_heartbeat_and_an_absence_of_two_seconds_an_end() -> None:
    walk = SceneWalk(CAMERA, site_id="hq", session="s")
    told = [event for s in range(10) for event in walk.update(frame(0.3 * s, 0.2 if s < 2 else None))]
    assert [event.type for event in told] == ["track.started", "zone.entered"]
    told += [event for s in (3.5, 4.5) for event in walk.update(frame(s, None))]
    assert [event.type for event in told][2:] == ["zone.left", "track.ended"]
    assert told[-1].at == NOON + timedelta(seconds=0.3)
