"""A camera loop and everything around it, for tests of it: `with Rig(stage, lambda: source).running() as heard`."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count

from custos.model.detections import Detections
from custos.model.event import Event, Picture
from custos.model.frame import Clock, Frame, Packet, SourceItem, StreamInfo, StreamOpened
from custos.model.live import TrackView
from custos.model.site import Camera, Zone
from custos.pipeline.desk import DetectionDesk
from custos.pipeline.loop import CameraLoop, Parts
from custos.pipeline.pool import Pool, Seer
from custos.pipeline.ports import Detector, Source
from custos.testing.check_event import check_events
from custos.testing.clock import ManualClock, after
from custos.testing.stage import Actor, Stage, StageDecoder, standing, walk

PATIENCE_S = 60.0
DOCK = Zone("dock", "Dock", ((0.375, 0.5), (0.625, 0.5), (0.625, 1.0), (0.375, 1.0)))
CAMERA = Camera("yard", "Yard", "rtsp://camera.example/yard", (DOCK,))
H264 = StreamInfo("h264", 320, 240, b"parameters")
PASSER_BY = Stage(Actor(walk((40, 200), (280, 200), from_s=2, to_s=7)))
SOMEBODY = Stage(Actor(standing((160, 200), height_px=70)))
GOP = 10


Sent = StreamInfo | Packet | bytes | TrackView
"""What a viewer may be sent; bytes are a picture."""


class Listener:
    """Everything that is told of the camera."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.told: list[Event] = []
        self.pictures: list[Picture] = []
        self.live: list[Sent] = []

    def events(self, events: Sequence[Event], pictures: Sequence[Picture]) -> None:
        with self._news:
            self.told += events
            self.pictures += pictures
            self._news.notify_all()

    def stream(self, camera_id: str, info: StreamInfo) -> None:
        self._show(info)

    def packet(self, camera_id: str, packet: Packet) -> None:
        self._show(packet)

    def picture(self, camera_id: str, at: datetime, jpeg: bytes) -> None:
        self._show(jpeg)

    def tracks(self, camera_id: str, view: TrackView) -> None:
        self._show(view)

    def _show(self, item: Sent) -> None:
        with self._news:
            self.live.append(item)
            self._news.notify_all()

    def wait(self, done: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(done, PATIENCE_S), f"{self.types}, {len(self.live)} live items"

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.told]

    def await_types(self, *types: str) -> None:
        """Until these, in this order, are among what was told."""

        def came() -> bool:
            told = iter(self.types)
            return all(kind in told for kind in types)

        self.wait(came)

    def last(self, kind: str) -> Event:
        return [event for event in self.told if event.type == kind][-1]

    def packets(self) -> list[Packet]:
        return [live for live in self.live if isinstance(live, Packet)]

    def jpegs(self) -> list[bytes]:
        return [live for live in self.live if isinstance(live, bytes)]


class AtOnce:
    """A `Pool` without threads: who calls sees. Tests know then what has been seen."""

    def call(self, seer: Seer) -> None:
        while seer.see():
            pass

    def dismiss(self, seer: Seer) -> None:
        pass


class StepSource:
    """A live source that yields one item whenever the last was worked on and `step` says so."""

    def __init__(self) -> None:
        self._items: list[SourceItem] = []
        self._changed = threading.Condition()
        self._closed = False
        self._is_waiting = False

    def step(self, *items: SourceItem) -> None:
        """Yield these, and wait until the reader comes back for more."""
        with self._changed:
            self._items += items
            self._changed.notify_all()
            read = self._changed.wait_for(lambda: self._closed or (self._is_waiting and not self._items), PATIENCE_S)
            assert read, "the source is not read"

    def offer(self, *items: SourceItem) -> None:
        """Yield these, some time."""
        with self._changed:
            self._items += items
            self._changed.notify_all()

    def __iter__(self) -> Iterator[SourceItem]:
        while True:
            with self._changed:
                self._is_waiting = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._items) or self._closed)
                if self._closed:
                    return
                item = self._items.pop(0)
                self._is_waiting = False
            yield item

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def packet(at_s: float) -> Packet:
    """Of a stream of ten pictures a second, a key frame every second."""
    number = round(at_s * 10)
    return Packet(b"%d" % number, at_s, at_s, after(at_s), Clock.CAMERA, is_keyframe=number % GOP == 0)


def packets(from_s: float, to_s: float) -> list[Packet]:
    return [packet(n / 10) for n in range(round(from_s * 10), round(to_s * 10))]


def opened(at_s: float = 0) -> StreamOpened:
    return StreamOpened(H264, after(at_s))


class Counted:
    """A detector that can be waited for."""

    def __init__(self, detector: Detector) -> None:
        self.name, self.batch = detector.name, detector.batch
        self._detector = detector
        self._looked = 0
        self._changed = threading.Condition()

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        found = self._detector.detect(frames)
        with self._changed:
            self._looked += len(frames)
            self._changed.notify_all()
        return found

    def await_looks(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._looked >= count, PATIENCE_S), f"{self._looked} of {count}"


class Rig:
    """A camera loop, and everything around it.

    Args:
        decoded: is told of every picture that is decoded, by its time in milliseconds.
    """

    def __init__(
        self,
        stage: Stage,
        source: Callable[[], Source],
        detector: Detector | None = None,
        *,
        pool: Pool | None = None,
        decoded: Counter[int] | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.heard = Listener()
        self.detector = Counted(detector or stage)
        self.desk = DetectionDesk(self.detector)
        ids = count(1)
        parts = Parts(
            lambda camera: source(),
            lambda info, camera_id: StageDecoder(stage, camera_id, decoded),
            lambda bgr: b"jpeg %d" % bgr.shape[1],
            new_id=lambda: f"e-{next(ids)}",
            clock=self.clock,
        )
        self.loop = CameraLoop(
            CAMERA, site_id="hq", desk=self.desk, pool=pool or AtOnce(), audience=self.heard, parts=parts
        )

    @contextmanager
    def running(self) -> Iterator[Listener]:
        self.desk.start()
        self.loop.start()
        try:
            yield self.heard
        finally:
            self.loop.close()
            self.desk.close()
        check_events(self.heard.told)


def feed(rig: Rig, source: StepSource, from_s: float, to_s: float) -> None:
    """Packets, one at a time, each when the detector has seen what it should of those before."""
    for one in packets(from_s, to_s):
        rig.clock.advance(0.1)
        source.step(one)
        state = rig.loop.state()
        rig.detector.await_looks(state.wanted - state.dropped)
