"""A camera's own analytics (ONVIF Profile M): scene descriptions, in XML or JSON, to tracks and to events of our zones.

    frames_of_json(payload) / frames_of_xml(text) -> list[SceneFrame]
    SceneWalk(camera, ...).update(frame) -> list[Event]

ONVIF Analytics Service Specification 5.2 (scene description; -1..1, y upwards, Transformation) and 5.5 (JSON:
attributes begin with "@", text is "#text", what can be repeated is a list).
"""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from custos.adapters.devices.mapping import Misread
from custos.adapters.devices.outlet import content_id
from custos.model.detections import UNKNOWN_CLASS, Tracks, class_ids, class_name
from custos.model.event import Event, Json, camera_source
from custos.model.site import Camera
from custos.vision.behaviours import Sighting, make_behaviours

UNIT = 10_000
"""Pixels across a picture whose size nobody tells."""
PERSON = next(iter(class_ids(("person",))))
REORDER = timedelta(seconds=0.5)
"""Frames that come late by less are put in order."""
SET_BACK = timedelta(seconds=5)
SET_BACK_FRAMES = 3
"""So many frames in a row, over `GONE` and more, that are late by `SET_BACK` and go on, are of a clock that was set."""
GONE = timedelta(seconds=2)
"""An object that is in no frame for so long is gone; a sparse frame need not name all."""
MOST_OBJECTS = 500
MOST_BYTES = 1 << 20
PATH_POINTS = 48
CLASSES = {
    "human": "person", "person": "person", "humanbody": "person",
    "face": "person", "humanface": "person", "head": "person",
    "vehicle": "car", "vehical": "car", "car": "car", "bus": "bus", "truck": "truck", "train": "train",
    "bicycle": "bicycle", "bike": "bicycle", "motorcycle": "motorcycle", "motorbike": "motorcycle", "boat": "boat",
    "dog": "dog", "cat": "cat", "bird": "bird", "horse": "horse",
    "bag": "backpack", "backpack": "backpack", "suitcase": "suitcase", "luggage": "suitcase",
}  # fmt: skip
"""ONVIF's class types, and those of makers, as COCO's."""
FACES = frozenset({"face", "humanface", "head"})
"""A person of whom no more is told; where the body is told as well, a part of it."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One object.

    Args:
        box: left, top, right, bottom in 0..1 of the picture, y downwards.
        parent: the id of the object that it belongs to (ONVIF's `Parent`); "" where it tells none.
        is_face: whether it is a person of whom only the face is told.
    """

    id: str
    box: tuple[float, float, float, float]
    class_id: int
    confidence: float
    parent: str = ""
    is_face: bool = False


@dataclass(frozen=True, slots=True)
class SceneFrame:
    """What a camera sees at one instant; without objects it is a heartbeat. `gone`: ids it says are deleted."""

    at: datetime
    source: str
    objects: tuple[SceneObject, ...] = ()
    gone: tuple[str, ...] = ()


def frames_of_json(payload: bytes) -> list[SceneFrame]:
    """The frames of an `onvif-mj` message. Misread when it is none."""
    if len(payload) > MOST_BYTES:
        raise Misread(f"a scene description has at most {MOST_BYTES} bytes")
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Misread("the scene description is not JSON") from error
    if isinstance(told, dict) and "MetadataStream" in told:
        told = told["MetadataStream"]
    if isinstance(told, dict) and "VideoAnalytics" in told:
        told = told["VideoAnalytics"]
    return _frames(told)


def frames_of_xml(text: bytes) -> list[SceneFrame]:
    """The frames of a `tt:MetadataStream`. Misread when it is none; [] when it holds events or PTZ only."""
    root = parsed(text)
    if _name(root) != "MetadataStream":
        raise Misread(f"a metadata stream was expected, got {_name(root)[:60]!r}")
    frames: list[SceneFrame] = []
    for part in root:
        if _name(part) == "VideoAnalytics":
            frames += _frames(_as_json(part))
    return frames


def parsed(text: bytes) -> ET.Element:
    """An XML document without declarations of its own. Misread when it is none."""
    if len(text) > MOST_BYTES or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Misread("the XML is too long, or declares entities")
    try:
        return ET.fromstring(text)  # noqa: S314  see above
    except ET.ParseError as error:
        raise Misread("this is not XML") from error


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _as_json(element: ET.Element) -> Json:
    """The specification's own mapping (5.5.3); what is repeated becomes a list."""
    told: dict[str, Json] = {f"@{name.rpartition('}')[2]}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = _name(child), _as_json(child)
        before = told.get(name)
        if before is None:
            told[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            told[name] = [before, value]
    text = (element.text or "").strip()
    if not told:
        return text
    return {**told, "#text": text} if text else told


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dict(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _frames(told: Json) -> list[SceneFrame]:
    frames = [_dict(frame) for frame in _list(_dict(told).get("Frame"))]
    if not frames and not _dict(told):
        raise Misread("the scene description holds no frame")
    return [_frame(frame) for frame in frames]


def _frame(told: Mapping[str, Json]) -> SceneFrame:
    at = instant(str(told.get("@UtcTime", "")))
    outer = _transformation(told.get("Transformation"))
    objects: dict[str, SceneObject] = {}
    for entry in _list(told.get("Object"))[:MOST_OBJECTS]:
        found = _object(_dict(entry), outer)
        if found is not None:
            objects[found.id] = found
    tree = _dict(told.get("ObjectTree"))
    gone = [str(_dict(one).get("@ObjectId", "")) for one in _list(tree.get("Delete"))]
    return SceneFrame(at, str(told.get("@Source", "")), tuple(objects.values()), tuple(one for one in gone if one))


def instant(text: str) -> datetime:
    """An xs:dateTime; one without a zone is UTC, as ONVIF's `UtcTime` is. Misread when it is none."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misread(f"{text[:60]!r} is no time") from error
    if not 1970 <= at.year <= 9000:
        raise Misread(f"{text[:60]!r} is no time of the years 1970 to 9000")
    return at


@dataclass(frozen=True, slots=True)
class _Transformation:
    scale: tuple[float, float] = (1.0, 1.0)
    translate: tuple[float, float] = (0.0, 0.0)

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale[0] + self.translate[0], y * self.scale[1] + self.translate[1]


def _transformation(told: Json) -> _Transformation:
    if told is None:
        return _Transformation()
    scale, translate = _dict(_dict(told).get("Scale")), _dict(_dict(told).get("Translate"))
    return _Transformation(
        (_number(scale.get("@x", 1)), _number(scale.get("@y", 1))),
        (_number(translate.get("@x", 0)), _number(translate.get("@y", 0))),
    )


def _number(value: Json) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Misread(f"{str(value)[:60]!r} is no number")
    return number


def _object(told: Mapping[str, Json], outer: _Transformation) -> SceneObject | None:
    """None for an object that has no box: it has only moved in the tree of objects, or is described elsewhere."""
    appearance = _dict(told.get("Appearance"))
    box = _dict(_dict(appearance.get("Shape")).get("BoundingBox"))
    own_id = str(told.get("@ObjectId", ""))
    if not own_id or not box:
        return None
    inner = _transformation(appearance.get("Transformation"))
    corners = [
        outer.apply(*inner.apply(_number(box.get(x)), _number(box.get(y))))
        for x, y in (("@left", "@top"), ("@right", "@bottom"))
    ]
    xs = sorted(min(max((x + 1) / 2, 0.0), 1.0) for x, _ in corners)
    ys = sorted(min(max((1 - y) / 2, 0.0), 1.0) for _, y in corners)
    class_id, confidence, is_face = _class(_dict(appearance.get("Class")))
    parent = str(told.get("@Parent", told.get("Parent", "")))
    return SceneObject(own_id[:100], (xs[0], ys[0], xs[1], ys[1]), class_id, confidence, parent[:100], is_face)


def _class(told: Mapping[str, Json]) -> tuple[int, float, bool]:
    """The likeliest class, and whether it is a face; ONVIF's older `ClassCandidate` counts as well."""
    candidates: list[tuple[float, str]] = []
    for entry in _list(told.get("Type")):
        one = _dict(entry)
        name = str(one.get("#text", "")) if one else str(entry)
        candidates.append((_number(one.get("@Likelihood", 1)), name))
    for entry in _list(told.get("ClassCandidate")):
        one = _dict(entry)
        candidates.append((_number(one.get("Likelihood", 1)), str(one.get("Type", ""))))
    if not candidates:
        return UNKNOWN_CLASS, 0.0, False
    likelihood, name = max(candidates)
    name = name.strip().lower()
    known = CLASSES.get(name)
    class_id = next(iter(class_ids((known,)))) if known else UNKNOWN_CLASS
    return class_id, min(max(likelihood, 0.0), 1.0), name in FACES


def _is_face_of(face: SceneObject, body: SceneObject) -> bool:
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    left, top, right, bottom = body.box
    return left <= x <= right and top <= y <= (top + bottom) / 2


@dataclass(slots=True)
class _Seen:
    number: int
    first_at: datetime
    last_at: datetime
    now: SceneObject
    path: list[tuple[float, float]] = field(default_factory=list)


class SceneWalk:
    """One camera's scene descriptions through the behaviours of its zones and lines.

    Frames are put in order within `REORDER`; one that comes later still, or twice, is left out and counted in `late`.
    Where late frames go on in the past, the camera's clock was set back: everybody leaves where last seen, and it
    begins anew by the clock as it is now.

    Args:
        session: text that no earlier walk had; makes tracks' subjects unique for ever.
    """

    def __init__(self, camera: Camera, *, site_id: str, session: str) -> None:
        self._camera = camera
        self._source = camera_source(site_id, camera.id)
        self._session = session
        self._behaviours = make_behaviours(camera)
        self._waiting: list[SceneFrame] = []
        self._seen: dict[str, _Seen] = {}
        self._numbers = 0
        self._at: datetime | None = None
        self._past: list[datetime] = []
        """When late frames say they were taken that went on in the past, each later than the one before."""
        self.late = 0

    def update(self, frame: SceneFrame) -> list[Event]:
        """What happened up to half a second before the newest frame."""
        if (self._at is not None and frame.at <= self._at) or any(one.at == frame.at for one in self._waiting):
            self.late += 1
            return [*self.end(), *self.update(frame)] if self._is_set_back(frame.at) else []
        self._past = []
        self._waiting = sorted((*self._waiting, frame), key=lambda one: one.at)
        newest = self._waiting[-1].at
        ready = [one for one in self._waiting if newest - one.at >= REORDER]
        self._waiting = self._waiting[len(ready) :]
        return [event for one in ready for event in self._step(one)]

    def flush(self) -> list[Event]:
        """What the frames that still wait say: nothing earlier will come."""
        ready, self._waiting = self._waiting, []
        return [event for one in ready for event in self._step(one)]

    def end(self) -> list[Event]:
        """The stream is over: everybody leaves where last seen."""
        events = self.flush()
        sightings = [sighting for behaviour in self._behaviours for sighting in behaviour.end()]
        events += [event for sighting in sightings for event in self._event(sighting)]
        for own_id in list(self._seen):
            events += self._bury(own_id)
        self._behaviours = make_behaviours(self._camera)
        self._at, self._past = None, []
        return events

    def _is_set_back(self, at: datetime) -> bool:
        """Whether so late a frame, after others that were, shows that the camera's clock was set back."""
        if self._at is None or self._at - at < SET_BACK:
            return False
        if self._past and at <= self._past[-1]:
            self._past = []
        self._past.append(at)
        return len(self._past) >= SET_BACK_FRAMES and at - self._past[0] >= GONE

    def _step(self, frame: SceneFrame) -> list[Event]:
        self._at = frame.at
        started = [sighting for one in self._wholes(frame) for sighting in self._notice(one, frame.at)]
        gone = [own_id for own_id, seen in self._seen.items() if own_id in frame.gone or frame.at - seen.last_at > GONE]
        tracks = self._tracks(frame, gone)
        sightings = [sighting for behaviour in self._behaviours for sighting in behaviour.update(tracks, at=frame.at)]
        told = [*started, *sorted(sightings, key=lambda one: one.at)]
        events = [event for sighting in told for event in self._event(sighting)]
        for own_id in gone:
            events += self._bury(own_id)
        return events

    def _wholes(self, frame: SceneFrame) -> list[SceneObject]:
        """The objects that are no part of another: a person's face, or a car's plate, is not one more of them.

        A part is told by its parent, or, of a face, by where it is: in the upper half of a body. What belongs to
        another and is of another class, as a driver or a bag, is a thing of its own.
        """
        known = {seen.now.id: seen.now for seen in self._seen.values()} | {one.id: one for one in frame.objects}
        bodies = {one.id: one for one in known.values() if one.class_id == PERSON and not one.is_face}
        wholes: list[SceneObject] = []
        for one in frame.objects:
            parent = known.get(one.parent) if one.parent != one.id else None
            if parent is not None:
                is_part = one.class_id in (parent.class_id, UNKNOWN_CLASS)
            else:
                body = next((body for body in bodies.values() if one.is_face and _is_face_of(one, body)), None)
                is_part = body is not None
                if body is not None:  # it has one face: the next is of somebody behind
                    del bodies[body.id]
            if not is_part:
                wholes.append(one)
        return wholes

    def _notice(self, one: SceneObject, at: datetime) -> Iterator[Sighting]:
        seen = self._seen.get(one.id)
        if seen is None:
            self._numbers += 1
            seen = self._seen[one.id] = _Seen(self._numbers, at, at, one)
            yield Sighting("track.started", seen.number, at)
        seen.now, seen.last_at = one, at
        foot = (round((one.box[0] + one.box[2]) / 2, 4), round(one.box[3], 4))
        if not seen.path or max(abs(foot[0] - seen.path[-1][0]), abs(foot[1] - seen.path[-1][1])) >= 0.008:
            seen.path.append(foot)
        if len(seen.path) > PATH_POINTS:
            del seen.path[1:-1:2]

    def _tracks(self, frame: SceneFrame, gone: Sequence[str]) -> Tracks:
        here = [seen for own_id, seen in self._seen.items() if own_id not in gone]
        return Tracks(
            xyxy=np.array([seen.now.box for seen in here], np.float32).reshape(-1, 4) * np.float32(UNIT),
            confidence=np.array([seen.now.confidence for seen in here], np.float32),
            class_id=np.array([seen.now.class_id for seen in here], np.int64),
            track_id=np.array([seen.number for seen in here], np.int64),
            observed=np.array([seen.last_at == frame.at for seen in here], np.bool_),
            age_s=np.array([(frame.at - seen.first_at).total_seconds() for seen in here], np.float32),
            width_px=UNIT,
            height_px=UNIT,
            ended=tuple(self._seen[own_id].number for own_id in gone),
        )

    def _bury(self, own_id: str) -> list[Event]:
        seen = self._seen[own_id]
        duration_s = round((seen.last_at - seen.first_at).total_seconds(), 3)
        events = self._event(Sighting("track.ended", seen.number, seen.last_at, {"duration_s": duration_s}))
        del self._seen[own_id]
        return events

    def _event(self, sighting: Sighting) -> list[Event]:
        data: dict[str, Json] = dict(sighting.data)
        if sighting.others:
            data["subjects"] = [self._subject(number) for number in sighting.others]
        seen = next((one for one in self._seen.values() if one.number == sighting.track_id), None)
        if seen is not None:
            data |= {
                "class": class_name(seen.now.class_id),
                "confidence": round(seen.now.confidence, 3),
                "box": [round(side, 4) for side in seen.now.box],
                "path": [list(point) for point in seen.path],
                "model": "onvif",
            }
        subject = self._place(data) if sighting.track_id is None else self._subject(sighting.track_id)
        parts = (self._source, subject, sighting.type, sighting.at.isoformat())
        where = [str(data.get(name, "")) for name in ("zone_id", "line_id", "direction")]
        return [Event(content_id(*parts, *where), sighting.type, sighting.at, self._source, subject, data)]

    def _subject(self, number: int) -> str:
        return f"tracks/{self._camera.id}-onvif-{self._session}-{number}"

    def _place(self, data: Mapping[str, Json]) -> str:
        """The subject of what is about no single track: its zone, its line, or the camera."""
        for name, kind in (("zone_id", "zones"), ("line_id", "lines")):
            if name in data:
                return f"{kind}/{self._camera.id}/{data[name]}"
        return f"cameras/{self._camera.id}"
