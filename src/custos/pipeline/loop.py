"""One camera's life in a worker: its source read, decoded, walked, and told about.

A thread of its own reads and passes packets on, and never waits for a picture to be seen. What activity asks to be seen
(`eye.py`) is decoded and walked by the pool's threads, the detector's part by the desk's.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Protocol

from custos.model.calibration import Calibration
from custos.model.detections import Detections, Tracks, class_name
from custos.model.errors import CustosError
from custos.model.event import Event, Json, Picture, camera_source
from custos.model.frame import Frame, Image, Packet, StreamInfo, StreamLost, StreamOpened
from custos.model.live import CameraState, TrackBox, TrackView
from custos.model.pictured import PICTURED
from custos.model.site import Camera
from custos.pipeline.camera import CameraWalk, Look, Seen
from custos.pipeline.desk import DetectionDesk
from custos.pipeline.eye import Eye
from custos.pipeline.pool import Pool
from custos.pipeline.ports import Decoder, Source
from custos.pipeline.recent import Kept, RecentPictures
from custos.pipeline.refusals import RefusedSpeeds
from custos.pipeline.turns import MOVING, QUIET, RESTING

log = logging.getLogger(__name__)
LATE_S = 1.0
PERIOD_S = 10.0
"""Rates and overload are judged over this long."""
OVERLOAD_SHARE = 0.2
OVERLOAD_LEAST = 5
"""Fewer wanted pictures in a period say nothing."""
REOPEN_S = 2.0
LIVE_PICTURE_S = 0.12
SNAPSHOT_AGE_S = 5.0
GROUP_LIMIT = 600
"""Packets kept since the last key frame, for viewers who come later."""


class Audience(Protocol):
    """Who hears of a camera. Every method returns at once."""

    def events(self, events: Sequence[Event], pictures: Sequence[Picture]) -> None: ...
    def stream(self, camera_id: str, info: StreamInfo) -> None: ...
    def packet(self, camera_id: str, packet: Packet) -> None: ...
    def picture(self, camera_id: str, at: datetime, jpeg: bytes) -> None: ...
    def tracks(self, camera_id: str, view: TrackView) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a camera loop is made of, chosen by whoever starts it.

    Args:
        encode_small: for pictures that are recalled, and kept with incidents; None: as `encode_jpeg` does.
    """

    open_source: Callable[[Camera], Source]
    open_decoder: Callable[[StreamInfo, str], Decoder]
    encode_jpeg: Callable[[Image], bytes]
    new_id: Callable[[], str]
    clock: Callable[[], datetime]
    encode_small: Callable[[Image], bytes] | None = None

    def small_jpeg(self, bgr: Image) -> bytes:
        return (self.encode_small or self.encode_jpeg)(bgr)


@dataclass(slots=True)
class _Rates:
    """Counts of the running period, and of the one before."""

    began_at: datetime
    frames: int = 0
    data_bytes: int = 0
    detections: int = 0
    wanted: int = 0
    dropped: int = 0
    seen: int = 0
    passed_over: int = 0
    behind_s: list[float] = field(default_factory=list)
    fps: float = 0.0
    kbps: float = 0.0
    detections_fps: float = 0.0
    behind_p95_s: float | None = None


@dataclass(slots=True)
class _Total:
    wanted: int = 0
    dropped: int = 0
    damaged: int = 0
    passed_over: int = 0
    looks: int = 0
    late: int = 0
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=120))


class CameraLoop:
    """Runs a camera until closed. Whatever its source does, it comes back.

    Args:
        camera, site_id: as in the site file.
        desk: the detector shared with other cameras.
        pool: the threads shared with other cameras.
        audience: who hears of it.
        parts: adapters, ids and the clock.
    """

    def __init__(
        self, camera: Camera, *, site_id: str, desk: DetectionDesk, pool: Pool, audience: Audience, parts: Parts
    ) -> None:
        self.camera = camera
        self._site_id = site_id
        self._desk = desk
        self._pool = pool
        self._audience = audience
        self._parts = parts
        self._lock = threading.Lock()
        self._passing = threading.Lock()  # of packets that go on to others; taken after the lock above, if at all
        self._closing = threading.Event()
        self._walk = CameraWalk(
            camera, site_id=site_id, session=_session(parts), new_id=parts.new_id, model=desk.detector.name
        )
        now = parts.clock()
        self._state, self._reason, self._since = "connecting", "", now
        self._away_since: datetime | None = None
        self._info: StreamInfo | None = None
        self._last_frame: Frame | None = None
        self._clock_name = "arrival"
        self._rates, self._total = _Rates(now), _Total()
        self._pending = 0
        self._times_lost = 0  # what the detector saw before the stream was last lost is not for this walk
        self._moving = False
        self._tracks: Tracks | None = None
        self._wants_packets = self._wants_pictures = self._wants_snapshot = False
        self._group: deque[Packet] = deque()
        self._recent = RecentPictures()
        self._refused = RefusedSpeeds()
        self._eye: Eye | None = None
        self._passed_before = 0  # pictures the eye had passed over when this period began
        self._strain = ""  # why pictures go unseen, in words
        self._best: dict[str, Picture] = {}  # of each live track, by its subject
        self._pictured_at = now - timedelta(days=1)
        self._source: Source | None = None
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera.id}", daemon=True)

    # -- orders, from other threads

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin to end, without waiting for it: several cameras end together that way."""
        self._closing.set()
        source = self._source
        if source is not None:
            source.close()

    def close(self) -> None:
        """Stop; visits and tracks end."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._pool.dismiss(self)
        self._desk.withdraw(self.camera.id)
        with self._lock:
            self._eye = None
            self._tell(self._walk.end())

    def configure(self, camera: Camera) -> None:
        """Take new zones, lines and rates of the same stream."""
        with self._lock:
            if camera.ground != self.camera.ground:
                self._refused = RefusedSpeeds()  # they spoke of the calibration that was
            self.camera = camera
            self._tell(self._walk.configure(camera))

    def calibrate(self, calibration: Calibration) -> None:
        """What is stored of the camera's zones and its view."""
        with self._lock:
            self._tell(self._walk.calibrate(calibration, self._parts.clock()))

    def watch(self, *, packets: bool, pictures: bool) -> None:
        """What viewers want from now on; packets begin with those since the last key frame."""
        with self._lock, self._passing:
            begins = packets and not self._wants_packets
            self._wants_packets, self._wants_pictures = packets, pictures
            if self._eye is not None:
                self._eye.keep_awake(pictures)
            if begins and self._info is not None:
                self._audience.stream(self.camera.id, self._info)
                for packet in self._group:
                    self._audience.packet(self.camera.id, packet)
            elif pictures and not packets and self._info is not None:  # with packets the hub knows the stream already
                self._audience.stream(self.camera.id, self._info)
            self._tell_view()

    def snapshot(self) -> None:
        """Send one picture: the latest when it is fresh, otherwise the next."""
        with self._lock:
            frame = self._last_frame
            fresh = frame is not None and self._age_s(frame) < SNAPSHOT_AGE_S
            self._wants_snapshot = not fresh
        if frame is not None and fresh:
            self._audience.picture(self.camera.id, frame.captured_at, self._parts.encode_jpeg(frame.bgr))

    def recall(self, moments: Sequence[datetime]) -> list[Picture]:
        """What the camera showed near these times, oldest first, each picture once; for some there may be none.

        Decodes: for a thread that may take its time."""
        return [
            Picture("recalled", self.camera.id, kept.at, jpeg)
            for kept in self._recent.nearest(moments)
            if (jpeg := self._recalled(kept)) is not None
        ]

    def _recalled(self, kept: Kept) -> bytes | None:
        if isinstance(kept.data, bytes):
            return kept.data
        assert kept.info is not None
        decoder = self._parts.open_decoder(kept.info, self.camera.id)
        frames = [*decoder.decode(kept.data), *decoder.flush()]
        return self._parts.small_jpeg(frames[0].bgr) if frames else None

    def state(self) -> CameraState:
        """How the camera fares."""
        with self._lock:
            info, rates, total = self._info, self._rates, self._total
            refused, refused_above_mps = self._refused.last_hour(self._parts.clock())
            return CameraState(
                self.camera.id,
                self._state,
                self._since,
                self._reason or self._strain,
                info.codec if info else "",
                self._last_frame.width_px if self._last_frame else 0,
                self._last_frame.height_px if self._last_frame else 0,
                round(rates.fps, 1),
                round(rates.kbps),
                round(rates.detections_fps, 1),
                total.wanted,
                total.dropped,
                total.damaged + (self._eye.decoder.damaged if self._eye else 0),
                round(median(total.latencies_s), 3) if total.latencies_s else None,
                self._moving,
                len(self._tracks) if self._tracks else 0,
                self._clock_name,
                rates.behind_p95_s,
                self._eye is not None and self._eye.is_awake,
                total.passed_over + (self._eye.passed_over if self._eye else 0),
                self._walk.troubles(),
                self._walk.calibration.is_due,
                self._walk.calibration.reason if self._walk.calibration.is_due else "",
                total.looks,
                total.late,
                refused,
                refused_above_mps,
            )

    # -- the thread

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._follow()
                if self._state == "connected" and not self._closing.is_set():
                    self._lost(StreamLost("the stream has ended", self._parts.clock()))
            except CustosError as error:
                self._lost(StreamLost(str(error), self._parts.clock()))
            except Exception as error:
                log.exception("camera %s: its loop failed and starts again", self.camera.id)
                self._lost(StreamLost(f"internal error: {type(error).__name__}", self._parts.clock()))
            self._closing.wait(REOPEN_S)

    def _follow(self) -> None:
        """Read the source until it ends."""
        self._source = source = self._parts.open_source(self.camera)
        eye: Eye | None = None
        with contextlib.closing(source):
            if self._closing.is_set():  # close() may have looked for the source before there was one
                return
            for item in source:
                if self._closing.is_set():
                    return
                if isinstance(item, StreamOpened):
                    eye = self._opened(item)
                elif isinstance(item, StreamLost):
                    eye = None
                    self._lost(item)
                elif eye is not None:
                    self._packet(item, eye)

    def _opened(self, opened: StreamOpened) -> Eye:
        eye = Eye(self._parts.open_decoder(opened.info, self.camera.id))
        with self._lock, self._passing:
            self._info = opened.info
            self._walk.opened(opened)
            self._group.clear()
            self._replace_eye(eye)
            if self._wants_packets or self._wants_pictures:
                self._audience.stream(self.camera.id, opened.info)
        return eye

    def _replace_eye(self, eye: Eye | None) -> None:
        if self._eye is not None:
            self._total.damaged += self._eye.decoder.damaged
            self._total.passed_over += self._eye.passed_over
        self._eye, self._passed_before = eye, 0
        if eye is not None:
            eye.keep_awake(self._wants_pictures)

    def _packet(self, packet: Packet, eye: Eye) -> None:
        with self._passing:  # not the lock under which pictures are walked: packets wait for nobody
            if packet.is_keyframe or len(self._group) == GROUP_LIMIT:  # without its key frame a group is of no use
                self._group.clear()
            if packet.is_keyframe or self._group:
                self._group.append(packet)
            if self._wants_packets:
                self._audience.packet(self.camera.id, packet)
            if self._info is not None:
                self._recent.keep(packet, self._info)
        with self._lock:
            self._rates.frames += 1
            self._rates.data_bytes += len(packet.data)
            self._walk.packet(packet)
            self._clock_name = packet.clock.value
            self._judge_rates()
        if eye.take(packet):
            self._pool.call(self)

    # -- seeing, in the pool's threads

    @property
    def camera_id(self) -> str:
        return self.camera.id

    @property
    def weight(self) -> float:
        """Its share when there is not enough for all: the quietest give way first."""
        eye = self._eye
        if self._moving or (eye is not None and eye.is_awake):
            return MOVING
        return RESTING if self._tracks else QUIET

    def see(self) -> bool:
        """Decode and walk what is due; True when more has become due meanwhile."""
        eye = self._eye
        if eye is None:
            return False
        frames = eye.see()
        for frame in frames:
            self._frame(frame, eye)
        if frames:
            behind_s = self._age_s(frames[-1])
            self._rates.behind_s.append(behind_s)
            self._total.looks += 1
            self._total.late += behind_s > LATE_S
        return eye.is_due

    def _frame(self, frame: Frame, eye: Eye) -> None:
        with self._lock:
            if eye is not self._eye:  # the stream was lost meanwhile, or has changed
                return
            if self._state != "connected":
                self._connected(frame)
            self._last_frame = frame
            self._rates.seen += 1
            look = self._walk.look(frame)
            self._tell(look.events, frame)
            self._moving = look.motion.is_moving
            if look.is_wanted:
                self._want(look, in_line=eye.was_kept(frame.captured_at))
            elif not self._pending:
                self._tell_seen(look, self._walk.understand(look, None))
            eye.note(
                frame.captured_at,
                is_moving=look.motion.is_moving,
                is_calm=self._walk.is_calm,
                wants_all=self._walk.wants_all,
            )
        if self._recent.is_wanting(frame.captured_at):
            self._recent.keep_picture(frame.captured_at, self._parts.small_jpeg(frame.bgr))
        self._show(frame)

    def _want(self, look: Look, *, in_line: bool) -> None:
        self._rates.wanted += 1
        self._total.wanted += 1
        answer = partial(self._answered, self._times_lost)
        if self._desk.submit(self.camera.id, look, answer, in_line=in_line, weight=self.weight):
            self._rates.dropped += 1
            self._total.dropped += 1
        else:
            self._pending += 1

    def _answered(self, times_lost: int, look: Look, detections: Detections | None) -> None:
        """In the desk's thread: the detector has seen a picture."""
        with self._lock:
            if self._closing.is_set() or times_lost != self._times_lost:
                return
            self._pending -= 1
            self._rates.detections += detections is not None
            self._tell_seen(look, self._walk.understand(look, detections))
            self._total.latencies_s.append(self._age_s(look.frame))

    # -- telling; with the lock held

    def _tell_seen(self, look: Look, seen: Seen) -> None:
        had = len(self._tracks) if self._tracks else 0
        self._tracks = seen.tracks
        self._refused.note(self._parts.clock(), seen.refused_mps)
        self._keep_best(seen, look.frame)
        self._tell(seen.events, look.frame)
        if had or len(seen.tracks):
            self._tell_view(seen.at)

    def _tell(self, events: Sequence[Event], frame: Frame | None = None) -> None:
        if not events:
            return
        pictured = [e for e in events if e.type in PICTURED] if frame is not None else []
        pictures = []
        if pictured and frame is not None:
            jpeg = self._parts.encode_jpeg(frame.bgr)
            pictures = [Picture(e.id, self.camera.id, frame.captured_at, jpeg, _box(e)) for e in pictured]
        pictures += self._best_pictures(events)
        self._audience.events(events, pictures)

    def _keep_best(self, seen: Seen, frame: Frame) -> None:
        """One picture for each live track: the best so far."""
        if seen.best:
            jpeg = self._parts.encode_jpeg(frame.bgr)
            for subject in seen.best:
                self._best[subject] = Picture(subject, self.camera.id, frame.captured_at, jpeg)

    def _best_pictures(self, events: Sequence[Event]) -> list[Picture]:
        """Those of the tracks that are described; a track that has ended needs its own no longer."""
        pictures = [
            replace(best, id=event.id, box=_box(event))
            for event in events
            if event.type == "track.described" and (best := self._best.get(event.subject or "")) is not None
        ]
        for event in events:
            if event.type == "track.ended":
                self._best.pop(event.subject or "", None)
        return pictures

    def _tell_view(self, at: datetime | None = None) -> None:
        tracks = self._tracks
        if tracks is None or not (self._wants_packets or self._wants_pictures):
            return
        boxes = tracks.boxes_normalised().tolist()
        view = tuple(
            TrackBox(
                track_id,
                self._walk.subject(track_id),
                class_name(int(tracks.class_id[row])),
                round(float(tracks.confidence[row]), 3),
                (boxes[row][0], boxes[row][1], boxes[row][2], boxes[row][3]),
                bool(tracks.observed[row]),
            )
            for row, track_id in enumerate(tracks.track_id.tolist())
        )
        self._audience.tracks(self.camera.id, TrackView(at or self._parts.clock(), view, self._walk.overlays()))

    def _show(self, frame: Frame) -> None:
        """Live pictures, for viewers whose browser cannot play the packets, and the snapshot that was asked for."""
        # the absolute value: a camera's clock may be set back
        due = abs((frame.captured_at - self._pictured_at).total_seconds()) >= LIVE_PICTURE_S * 0.8
        if self._wants_snapshot or (self._wants_pictures and due):
            self._wants_snapshot = False
            self._pictured_at = frame.captured_at
            self._audience.picture(self.camera.id, frame.captured_at, self._parts.encode_jpeg(frame.bgr))

    def _connected(self, frame: Frame) -> None:
        away_s = (frame.captured_at - self._away_since).total_seconds() if self._away_since else 0.0
        self._state, self._reason, self._since, self._away_since = "connected", "", frame.captured_at, None
        data: dict[str, Json] = {
            "codec": self._info.codec if self._info else "",
            "width_px": frame.width_px,
            "height_px": frame.height_px,
            "after_s": round(max(away_s, 0.0), 1),
        }
        self._audience.events([self._camera_event("camera.connected", frame.captured_at, data)], [])

    def _lost(self, lost: StreamLost) -> None:
        with self._lock:
            self._desk.withdraw(self.camera.id)
            self._pending = 0
            self._times_lost += 1
            state = "stalled" if lost.kind == "stalled" else "lost"
            news = state != self._state
            if self._state == "connected":
                self._away_since = lost.at
                self._tell(self._walk.restart(_session(self._parts)))
            self._tracks = None
            self._moving = False
            self._strain = ""
            self._replace_eye(None)
            if news:
                self._since = lost.at
                self._audience.events([self._camera_event(f"camera.{state}", lost.at, {"reason": lost.reason})], [])
            self._state, self._reason = state, lost.reason
            self._rates = _Rates(lost.at)
            with self._passing:
                self._group.clear()
            self._tell_view()

    def _judge_rates(self) -> None:
        rates, now = self._rates, self._parts.clock()
        period_s = (now - rates.began_at).total_seconds()
        if period_s < PERIOD_S and not (rates.fps == 0 and period_s > 2):
            return
        passed_over = self._eye.passed_over if self._eye else 0
        rates.passed_over, self._passed_before = passed_over - self._passed_before, passed_over
        self._rates = _Rates(
            now,
            fps=rates.frames / period_s,
            kbps=rates.data_bytes * 8 / 1000 / period_s,
            detections_fps=rates.detections / period_s,
            behind_p95_s=_p95(rates.behind_s),
        )
        # at the start every picture is wanted, of all cameras at once: that is no lasting overload
        begins = (now - self._since).total_seconds() < 2 * period_s
        if period_s >= PERIOD_S and not begins:
            self._judge_strain(rates, now, period_s)

    def _judge_strain(self, rates: _Rates, now: datetime, period_s: float) -> None:
        """Tell when pictures begin to go unseen for lack of time, and when that is over."""
        strained = self._strain
        self._strain = _strain(rates)
        if self._strain and not strained:
            data: dict[str, Json] = {
                "reason": self._strain,
                "dropped": rates.dropped,
                "wanted": rates.wanted,
                "passed_over": rates.passed_over,
                "period_s": round(period_s, 1),
            }
            self._audience.events([self._camera_event("camera.overloaded", now, data)], [])
        elif strained and not self._strain:
            self._audience.events([self._camera_event("camera.recovered", now, {"reason": "seen in full again"})], [])

    def _camera_event(self, event_type: str, at: datetime, data: dict[str, Json]) -> Event:
        source = camera_source(self._site_id, self.camera.id)
        return Event(self._parts.new_id(), event_type, at, source, f"cameras/{self.camera.id}", data)

    def _age_s(self, frame: Frame) -> float:
        return (self._parts.clock() - frame.captured_at).total_seconds()


def _strain(rates: _Rates) -> str:
    """Why too many pictures went unseen in the period, in words; "" when they did not."""
    wanted, dropped = rates.wanted, rates.dropped
    if wanted >= OVERLOAD_LEAST and dropped > OVERLOAD_SHARE * wanted:
        return f"the detector is too busy: it saw {wanted - dropped} of {wanted} pictures that it should have seen"
    due = rates.seen + rates.passed_over
    if due >= OVERLOAD_LEAST and rates.passed_over > OVERLOAD_SHARE * due:
        return f"the processor is too busy: {rates.passed_over} of {due} pictures were passed over"
    return ""


def _p95(values: Sequence[float]) -> float | None:
    return round(sorted(values)[int(0.95 * (len(values) - 1) + 0.5)], 3) if values else None


def _session(parts: Parts) -> str:
    return f"{int(parts.clock().astimezone(UTC).timestamp() * 1000):x}"


def _box(event: Event) -> tuple[float, float, float, float] | None:
    box = event.data.get("box")
    if not isinstance(box, list) or len(box) != 4:
        return None
    left, top, right, bottom = (float(v) if isinstance(v, int | float) else 0.0 for v in box)
    return left, top, right, bottom
