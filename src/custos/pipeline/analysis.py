"""A recording walked from end to end, as fast as it goes: `analyse(...) -> Iterator[Step]`, then `summary`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from custos.model.detections import Detections, Tracks, class_name
from custos.model.event import Event
from custos.model.frame import Frame, Packet, StreamInfo, StreamOpened
from custos.model.overlay import Overlay
from custos.model.site import Camera
from custos.pipeline.camera import CameraWalk
from custos.pipeline.eye import Eye
from custos.pipeline.ports import Decoder, Detector, Source


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One picture understood; `frame` is None in the last step, which holds what ended with the recording."""

    frame: Frame | None
    tracks: Tracks
    events: tuple[Event, ...]
    overlays: tuple[Overlay, ...] = ()


@dataclass(slots=True)
class Summary:
    """What a recording held.

    Args:
        frames: pictures walked. decoded: pictures decoded, some of them perhaps twice.
        looks: pictures the detector saw.
        tracks: how many objects, by class.
        visits: visits by zone. visit_s: their lengths in seconds. crossings: by "line direction".
        attacks: what was done to the camera itself, by event type.
        speeds_refused: speeds that nothing can go at, of its tracks, that were dropped; all above `speeds_above_mps`.
    """

    frames: int = 0
    decoded: int = 0
    looks: int = 0
    damaged: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    events: int = 0
    tracks: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    visit_s: dict[str, list[float]] = field(default_factory=dict)
    loiterings: Counter[str] = field(default_factory=Counter)
    crossings: Counter[str] = field(default_factory=Counter)
    attacks: Counter[str] = field(default_factory=Counter)
    speeds_refused: int = 0
    speeds_above_mps: float = 0.0

    @property
    def recorded_s(self) -> float:
        """Length of the recording, seconds."""
        if self.first_at is None or self.last_at is None or self.frames < 2:
            return 0.0
        span_s = (self.last_at - self.first_at).total_seconds()
        return span_s * self.frames / (self.frames - 1)

    def count(self, event: Event) -> None:
        """Take an event into the sums."""
        self.events += 1
        data = event.data
        if event.type == "track.ended":
            self.tracks[str(data["class"])] += 1
        elif event.type == "zone.left":
            zone, dwell_s = str(data["zone_id"]), data["dwell_s"]
            self.visits[zone] += 1
            self.visit_s.setdefault(zone, []).append(float(dwell_s) if isinstance(dwell_s, int | float) else 0.0)
        elif event.type == "zone.loitered":
            self.loiterings[str(data["zone_id"])] += 1
        elif event.type == "line.crossed":
            self.crossings[f"{data['line_id']} {data['direction']}"] += 1
        elif event.type.startswith("camera.") and event.type != "camera.restored":
            self.attacks[event.type] += 1

    def refuse(self, above_mps: Sequence[float]) -> None:
        """Take into the sums that speeds above these limits were dropped."""
        for limit_mps in above_mps:
            self.speeds_above_mps = min(limit_mps, self.speeds_above_mps) if self.speeds_refused else limit_mps
            self.speeds_refused += 1


class Analysis:
    """One recording, one camera, one detector.

    Args:
        source: finite.
        open_decoder: for its packets.
        camera: the zones and lines.
        new_id: makes event ids; pass a counter and two runs make the same events.
        every_picture: decode and walk all of them; otherwise what activity asks for, as a live camera does.
    """

    def __init__(
        self,
        source: Source,
        open_decoder: Callable[[StreamInfo, str], Decoder],
        detector: Detector,
        camera: Camera,
        *,
        site_id: str,
        session: str,
        new_id: Callable[[], str],
        every_picture: bool = True,
    ) -> None:
        self._every_picture = every_picture
        self.summary = Summary()
        self._source = source
        self._open_decoder = open_decoder
        self._detector = detector
        self._camera = camera
        self._eye: Eye | None = None
        self._walk = CameraWalk(camera, site_id=site_id, session=session, new_id=new_id, model=detector.name)

    def __iter__(self) -> Iterator[Step]:
        width_px = height_px = 1
        for frame in self._frames():
            width_px, height_px = frame.width_px, frame.height_px
            yield self._step(frame)
        events = self._walk.end()
        for event in events:
            self.summary.count(event)
        yield Step(None, Tracks.empty(width_px, height_px), events)

    def _frames(self) -> Iterator[Frame]:
        eye: Eye | None = None
        for item in self._source:
            if isinstance(item, StreamOpened):
                if eye is not None:
                    yield from self._last_of(eye)
                eye = Eye(self._open_decoder(item.info, self._camera.id), sleeps=not self._every_picture)
                self._eye = eye
                self._walk.opened(item)
            elif eye is not None and isinstance(item, Packet):
                self._walk.packet(item)
                if eye.take(item):
                    yield from eye.see()
        if eye is not None:
            yield from self._last_of(eye)

    def _last_of(self, eye: Eye) -> Iterator[Frame]:
        yield from eye.flush()
        self.summary.damaged += eye.decoder.damaged
        self.summary.decoded += eye.decoded

    def _step(self, frame: Frame) -> Step:
        look = self._walk.look(frame)
        if self._eye is not None:
            self._eye.note(
                frame.captured_at,
                is_moving=look.motion.is_moving,
                is_calm=self._walk.is_calm,
                wants_all=self._walk.wants_all,
            )
        detections: Detections | None = None
        if look.is_wanted:
            self.summary.looks += 1
            detections = look.assemble(self._detector.detect(look.pictures()))
        seen = self._walk.understand(look, detections)
        self.summary.frames += 1
        self.summary.first_at = self.summary.first_at or frame.captured_at
        self.summary.last_at = frame.captured_at
        self.summary.refuse(seen.refused_mps)
        events = (*look.events, *seen.events)
        for event in events:
            self.summary.count(event)
        return Step(frame, seen.tracks, events, self._walk.overlays())


def describe(tracks: Tracks, row: int) -> str:
    """ "person 12", for a label on the picture."""
    return f"{class_name(int(tracks.class_id[row]))} {int(tracks.track_id[row])}"
