"""The walk of a frame: motion -> detector -> tracker -> behaviours -> events, for one camera, synchronously.

    opened(stream), packet(packet)             what comes in, for the watch over the camera itself
    look(frame) -> Look                        cheap; says whether the detector should see this picture
    understand(look, detections | None) -> Seen   tracks and events

Whoever drives the walk (a worker with many cameras, `custos analyze` with one file) runs the detector in between, and
may leave a wanted detection out when it is overloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from custos.model.calibration import FITS, Calibration
from custos.model.detections import CLASS_GROUPS, COCO_CLASSES, Detections, Tracks, class_ids, class_name
from custos.model.event import NO_DATA, Event, Json, camera_source
from custos.model.event_types import EVENT_TYPES
from custos.model.frame import Frame, Packet, StreamOpened
from custos.model.live import Trouble
from custos.model.overlay import Overlay
from custos.model.site import Camera
from custos.pipeline.describing import appearance_data
from custos.vision.appearance import AppearanceBook, DoorRuler, Ruler
from custos.vision.attention import WHOLE, Attention
from custos.vision.behaviours import Sighting, make_behaviours, refused_speeds
from custos.vision.integrity import CameraSighting, IntegrityWatch
from custos.vision.motion import Motion, MotionGate
from custos.vision.regions import Regions, assemble
from custos.vision.things import ThingWatch
from custos.vision.tracking import Tracker

TRACKED = class_ids(("person", *CLASS_GROUPS["vehicle"], *CLASS_GROUPS["animal"]))
"""Classes that are followed."""
_IS_TRACKED = np.isin(np.arange(len(COCO_CLASSES) + 1), list(TRACKED))
"""By class id; -1 (unknown) is the last."""
LONG_STAY_S = 20.0
"""Who stays so long is described while there, once, and again at the end."""
PATH_POINTS = 48
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A picture, what moved in it, and whether the detector should see it.

    Args:
        regions: (m, 4) squares to look at instead of the whole picture; none is the whole picture.
        events: what has become certain of the camera itself.
        views: how often the camera had been moved: a look from before a move says nothing of what is seen after it.
    """

    frame: Frame
    motion: Motion
    is_wanted: bool
    events: tuple[Event, ...] = ()
    views: int = 0
    regions: Regions = field(default_factory=lambda: WHOLE)

    def pictures(self) -> list[Frame]:
        """What the detector should see: the picture, or the parts of it that are worth a closer look."""
        return [self.frame.crop(*region) for region in self.regions.tolist()] or [self.frame]

    def assemble(self, found: Sequence[Detections]) -> Detections:
        """What it saw in each of `pictures()`, as detections of the whole picture."""
        if not len(self.regions):
            return found[0]
        return assemble(found, self.regions, width_px=self.frame.width_px, height_px=self.frame.height_px)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was understood of a picture.

    Args:
        best: subjects of the tracks that this picture shows better than any before.
        refused_mps: of each track whose speed was impossible, the limit it was above.
    """

    at: datetime
    tracks: Tracks
    events: tuple[Event, ...]
    best: tuple[str, ...] = ()
    refused_mps: tuple[float, ...] = ()


@dataclass(slots=True)
class _History:
    """What is remembered of a track for its events."""

    started_at: datetime
    seen_at: datetime
    box: tuple[float, ...]
    class_name: str
    confidence: float
    path: list[tuple[float, float]] = field(default_factory=list)
    pictured_at: datetime | None = None
    is_described: bool = False


class CameraWalk:
    """One camera's walk. Two cameras share nothing.

    Args:
        camera: zones, lines and the detection rate.
        site_id: for the events' source.
        session: text that no earlier run of this camera had; makes tracks' subjects unique for ever.
        new_id: makes event ids.
        model: the detector's name, kept with every event.
    """

    def __init__(self, camera: Camera, *, site_id: str, session: str, new_id: Callable[[], str], model: str) -> None:
        self.camera = camera
        self._source = camera_source(site_id, camera.id)
        self._session = session
        self._new_id = new_id
        self._model = model
        self._integrity = IntegrityWatch()
        self._calibration = FITS
        self._views = 0
        self._gate = MotionGate()
        self._tracker = Tracker()
        self._behaviours = make_behaviours(camera)
        self._things = _thing_watch(camera)
        self._looks = AppearanceBook(self._ruler())
        self._histories: dict[int, _History] = {}
        self._attention = Attention()
        self._size = (0, 0)

    def configure(self, camera: Camera) -> tuple[Event, ...]:
        """Take new zones and lines; visits to the old ones end. Tracks go on."""
        ended = [s for b in self._behaviours for s in b.end()]
        self.camera = camera
        self._behaviours = make_behaviours(camera)
        self._things = self._things if self._things and _thing_watch(camera) else _thing_watch(camera)
        self._looks.ruler = self._ruler()
        return tuple(self._event(s) for s in ended)

    def subject(self, track_id: int) -> str:
        """The track's name for ever."""
        view = f"v{self._views}" if self._views else ""
        return f"tracks/{self.camera.id}-{self._session}{view}-{track_id}"

    def opened(self, stream: StreamOpened) -> None:
        """The source answers."""
        self._integrity.loops = stream.loops

    def packet(self, packet: Packet) -> None:
        """A packet came in, whether or not it is decoded."""
        self._integrity.packet(
            len(packet.data), packet.captured_at, digest=crc32(packet.data), is_keyframe=packet.is_keyframe
        )

    def calibrate(self, calibration: Calibration, at: datetime) -> tuple[Event, ...]:
        """What is stored of the camera's zones and its view: a move from before the start, or a person's word."""
        own = self._calibration
        confirmed_at = calibration.confirmed_at
        if own.is_due and confirmed_at is not None and own.moved_at is not None and confirmed_at >= own.moved_at:
            self._believe(calibration)
            return tuple(self._about_camera(s) for s in self._integrity.accept(at))
        if calibration.is_due and not own.is_due:
            self._believe(calibration)
        return ()

    def _believe(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._looks.ruler = self._ruler()

    def _ruler(self) -> Ruler | None:
        """By which people's heights are told: by a door that stands where it did."""
        if not self.camera.heights or self._calibration.is_due:
            return None
        return DoorRuler(self.camera.heights)

    @property
    def calibration(self) -> Calibration:
        """Whether its zones are to be trusted."""
        return self._calibration

    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong with the camera itself now."""
        return self._integrity.troubles()

    @property
    def is_calm(self) -> bool:
        """No track is in doubt: while nothing moves, pictures may come seldom."""
        return self._tracker.is_settled

    @property
    def wants_all(self) -> bool:
        """Every picture should be decoded, whether anything moves or not: the camera itself is attacked."""
        return self._integrity.wants_all

    def look(self, frame: Frame) -> Look:
        """The first, cheap part of the walk."""
        at_s = _seconds(frame.captured_at)
        if (frame.width_px, frame.height_px) != self._size:
            self._gate.forget()
            self._size = (frame.width_px, frame.height_px)
        events = self._attacks(frame)
        motion = self._gate.update(frame.luma, at_s)
        if not self._attention.is_due(at_s=at_s, most_fps=self.camera.detect_fps):
            return Look(frame, motion, False, events, self._views)
        regions = self._attention.turn(
            self._tracker.interests(motion, at_s=at_s, width_px=frame.width_px, height_px=frame.height_px),
            motion,
            at_s=at_s,
            most_fps=self.camera.detect_fps,
            width_px=frame.width_px,
            height_px=frame.height_px,
        )
        if regions is None:
            return Look(frame, motion, False, events, self._views)
        return Look(frame, motion, True, events, self._views, regions)

    def understand(self, look: Look, detections: Detections | None) -> Seen:
        """The rest of the walk; `detections` None when the detector did not see this picture."""
        frame, at = look.frame, look.frame.captured_at
        if look.views != self._views:
            return Seen(at, Tracks.empty(frame.width_px, frame.height_px), ())
        followed = None if detections is None else _tracked(detections, frame.width_px, frame.height_px)
        tracks = self._tracker.update(
            followed,
            look.motion,
            at_s=_seconds(at),
            width_px=frame.width_px,
            height_px=frame.height_px,
            regions=look.regions,
            picture=lambda: frame.bgr,
        )
        if self._things is not None:
            tracks = replace(tracks, things=self._things.update(frame.luma, tracks, _seconds(at)))
        started = self._remember(tracks, at)
        best = () if detections is None else self._study(look, tracks, detections)
        sightings = [s for b in self._behaviours for s in b.update(tracks, at=at)]
        events = [self._event(s) for s in (*started, *sorted(sightings, key=lambda s: s.at))]
        events += [e for track_id in tracks.track_id.tolist() for e in self._describe_who_stays(track_id, at)]
        refused_mps = tuple(refused_speeds(self._behaviours).values())
        return Seen(at, tracks, (*events, *self._bury(tracks.ended)), best, refused_mps)

    def overlays(self) -> tuple[Overlay, ...]:
        """What the behaviours would draw onto the picture that was understood last."""
        return tuple(overlay for b in self._behaviours for overlay in b.overlays())

    def end(self) -> tuple[Event, ...]:
        """The stream is over: visits and tracks end where they were last seen."""
        events = [self._event(s) for b in self._behaviours for s in b.end()]
        return (*events, *self._bury(tuple(self._histories)))

    def restart(self, session: str) -> tuple[Event, ...]:
        """The stream was away: everything ends, and nothing that was learned of the picture is trusted."""
        events = self.end()
        self._session = session
        self._integrity.interrupted()
        self._begin()
        return events

    def _begin(self) -> None:
        """Nothing is known of what is in the picture."""
        self._gate, self._tracker = MotionGate(), Tracker()
        self._behaviours = make_behaviours(self.camera)
        self._things = _thing_watch(self.camera)
        self._looks = AppearanceBook(self._ruler())
        self._attention = Attention()

    def _attacks(self, frame: Frame) -> tuple[Event, ...]:
        """What has become certain of the camera itself. When it was moved, everybody in the old view has ended, what
        was learned of it is forgotten, and zones and lines are in doubt from then on."""
        events: list[Event] = []
        for sighting in self._integrity.update(frame.luma, frame.captured_at):
            event = self._about_camera(sighting)
            if sighting.type == "camera.moved":
                events += self.end()
                self._views += 1
                self._calibration = Calibration(sighting.at, str(event.data["words"]), event_id=event.id)
                self._begin()
            events.append(event)
        return tuple(events)

    def _about_camera(self, sighting: CameraSighting) -> Event:
        data: dict[str, Json] = {
            name: [*value] if isinstance(value, list) else value for name, value in sighting.data.items()
        }
        return Event(self._new_id(), sighting.type, sighting.at, self._source, f"cameras/{self.camera.id}", data)

    def _remember(self, tracks: Tracks, at: datetime) -> list[Sighting]:
        """Keep each track's story; tell of new ones."""
        started: list[Sighting] = []
        feet, boxes = tracks.foot_points().tolist(), tracks.boxes_normalised().tolist()
        classes, confidences = tracks.class_id.tolist(), tracks.confidence.tolist()
        for row, track_id in enumerate(tracks.track_id.tolist()):
            name, confidence, box = class_name(classes[row]), confidences[row], tuple(boxes[row])
            history = self._histories.get(track_id)
            if history is None:
                started_at = at - timedelta(seconds=float(tracks.age_s[row]))
                history = self._histories[track_id] = _History(started_at, at, box, name, confidence)
                started.append(Sighting("track.started", track_id, started_at))
            history.box, history.class_name, history.confidence, history.seen_at = box, name, confidence, at
            _extend(history.path, (round(feet[row][0], 4), round(feet[row][1], 4)))
        return started

    def _study(self, look: Look, tracks: Tracks, detections: Detections) -> tuple[str, ...]:
        """See what the tracks look like; the subjects of those that this picture shows best."""
        at = look.frame.captured_at
        best = self._looks.update(look.frame, tracks, detections, look.motion, at_s=_seconds(at))
        for track_id in best:
            self._histories[track_id].pictured_at = at
        return tuple(self.subject(track_id) for track_id in best)

    def _describe_who_stays(self, track_id: int, at: datetime) -> list[Event]:
        history = self._histories[track_id]
        if history.is_described or (at - history.started_at).total_seconds() < LONG_STAY_S:
            return []
        history.is_described = True
        return self._describe(track_id, at)

    def _describe(self, track_id: int, at: datetime) -> list[Event]:
        """What the track looks like, with its best picture's box; [] when nobody has looked."""
        appearance, pictured_at = self._looks.describe(track_id), self._histories[track_id].pictured_at
        if appearance is None or pictured_at is None:
            return []
        data: dict[str, Json] = {
            "appearance": appearance_data(appearance),
            "box": [round(side, 4) for side in appearance.snapshot_box],
            "pictured_at": pictured_at.isoformat(timespec="milliseconds"),
            "picture_score": appearance.snapshot_score,
        }
        return [self._event(Sighting("track.described", track_id, at), data)]

    def _bury(self, ended: Sequence[int]) -> tuple[Event, ...]:
        events = []
        for track_id in ended:
            history = self._histories.get(track_id)
            if history is not None:
                duration_s = round((history.seen_at - history.started_at).total_seconds(), 3)
                sighting = Sighting("track.ended", track_id, history.seen_at, {"duration_s": duration_s})
                described = self._describe(track_id, history.seen_at)
                looks: dict[str, Json] = {"appearance": described[0].data["appearance"]} if described else {}
                events += [*described, self._event(sighting, looks)]
                del self._histories[track_id]
                self._looks.forget(track_id)
        return tuple(events)

    def _event(self, sighting: Sighting, more: Mapping[str, Json] = NO_DATA) -> Event:
        data: dict[str, Json] = dict(sighting.data)
        if self._calibration.is_due and any(f.name == "doubtful" for f in EVENT_TYPES[sighting.type].fields):
            data["doubtful"] = self._calibration.reason
        if sighting.others:
            data["subjects"] = [self.subject(track_id) for track_id in sighting.others]
        if sighting.track_id is None:
            return Event(self._new_id(), sighting.type, sighting.at, self._source, self._place(data), data)
        history = self._histories.get(sighting.track_id)
        if history is not None:
            data |= {
                "class": history.class_name,
                "confidence": round(history.confidence, 3),
                "box": [round(side, 4) for side in history.box],
                "path": [list(point) for point in history.path],
                "model": self._model,
            }
        data |= more
        subject = self.subject(sighting.track_id)
        return Event(self._new_id(), sighting.type, sighting.at, self._source, subject, data)

    def _place(self, data: Mapping[str, Json]) -> str:
        """The subject of what is about no single track: its zone, its line, or the camera."""
        for field_name, kind in (("zone_id", "zones"), ("line_id", "lines")):
            if field_name in data:
                return f"{kind}/{self.camera.id}/{data[field_name]}"
        return f"cameras/{self.camera.id}"


def _thing_watch(camera: Camera) -> ThingWatch | None:
    """Only for cameras with a behaviour that asks for things: watching for them costs a little."""
    return ThingWatch() if any(spec.kind_of.things for spec in camera.behaviours) else None


def _seconds(at: datetime) -> float:
    return (at - EPOCH) / timedelta(seconds=1)


def _tracked(detections: Detections, width_px: int, height_px: int) -> Detections:
    """Those of followed classes and at least a few pixels large."""
    size: NDArray[np.float32] = detections.xyxy[:, 2:] - detections.xyxy[:, :2]
    keep = _IS_TRACKED[detections.class_id] & (size.min(axis=1, initial=np.inf) >= 3)
    return detections[keep & (size[:, 0] < width_px * 0.98) & (size[:, 1] < height_px * 1.01)]


def _extend(path: list[tuple[float, float]], point: tuple[float, float]) -> None:
    """Add a point unless it is where the last one is; halve a path that grows too long."""
    if path and abs(path[-1][0] - point[0]) < 0.008 and abs(path[-1][1] - point[1]) < 0.008:
        return
    path.append(point)
    if len(path) > PATH_POINTS:
        del path[1:-1:2]
