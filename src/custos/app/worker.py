"""The camera role: reads the site's cameras, sees, and tells the hub. `python -m custos.app.worker`."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # see `started`

import argparse
import logging
import os
import queue
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2

from custos import __version__
from custos.adapters.detectors.opening import open_detector
from custos.adapters.link.messages import (
    Configure,
    Hello,
    Message,
    PacketSent,
    PictureSent,
    PicturesRecalled,
    Recall,
    Snapshot,
    StatesTold,
    StreamTold,
    TracksTold,
    Watch,
    pictures_payload,
)
from custos.adapters.link.worker_side import HubLink
from custos.adapters.media.jpeg import encode_jpeg, encode_small
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.launching import IngestHost
from custos.adapters.sources.opening import open_source
from custos.app.roles import follow_parent, new_id, set_up_logging, started
from custos.model.errors import CustosError
from custos.model.event import Event, Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.live import TrackView
from custos.model.site import Camera, DetectorChoice, Site
from custos.pipeline.desk import DetectionDesk
from custos.pipeline.loop import CameraLoop, Parts
from custos.pipeline.pool import SeeingPool

log = logging.getLogger("custos.worker")
STATES_S = 1.0
SWITCH_S = 0.0005
"""So soon a thread that computes lets another have the interpreter. Each camera has a thread that does a little for
each packet: with the usual 5 ms it would wait that long, several times over, for those that see."""


class LinkAudience:
    """What camera loops say, put on the wire."""

    def __init__(self, link: HubLink) -> None:
        self._link = link

    def events(self, events: Sequence[Event], pictures: Sequence[Picture]) -> None:
        self._link.send_events(events, pictures)

    def stream(self, camera_id: str, info: StreamInfo) -> None:
        told = StreamTold(camera_id, info.codec, info.width_px, info.height_px, info.fps, info.pixel_format)
        self._link.send_live(told, info.extradata)

    def packet(self, camera_id: str, packet: Packet) -> None:
        sent = PacketSent(camera_id, packet.pts_s, packet.dts_s, packet.captured_at, packet.clock, packet.is_keyframe)
        self._link.send_live(sent, packet.data)

    def picture(self, camera_id: str, at: datetime, jpeg: bytes) -> None:
        self._link.send_live(PictureSent(camera_id, at), jpeg)

    def tracks(self, camera_id: str, view: TrackView) -> None:
        self._link.send_live(TracksTold(camera_id, view))


class Worker:
    """Follows the hub's orders until told to stop.

    Args:
        socket_path: the hub's.
        models: directory of the models.
        threads: of the detector.
        seeing_threads: that decode and walk pictures, for all cameras together.
        in_step_from: aware; when the first round of all looped files began. Default: each begins when it is opened.
    """

    def __init__(
        self,
        *,
        socket_path: Path,
        models: Path,
        threads: int,
        seeing_threads: int,
        in_step_from: datetime | None = None,
    ) -> None:
        self._in_step_from = in_step_from
        self._models, self._threads = models, threads
        self._orders: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._id = uuid.uuid4().hex[:8]
        self._link = HubLink(
            socket_path,
            Hello(self._id, "", __version__),
            on_message=self._orders.put,
            on_down=self._nobody_watches,
        )
        self._audience = LinkAudience(self._link)
        self._pool = SeeingPool(seeing_threads)
        self._host = IngestHost()
        self._desk: DetectionDesk | None = None
        self._choice: DetectorChoice | None = None
        self._loops: dict[str, CameraLoop] = {}
        self._recalling = ThreadPoolExecutor(1, thread_name_prefix="recall")  # decodes, which orders must not wait for

    def run(self) -> None:
        """Until `stop`."""
        self._link.start()
        self._pool.start()
        while True:
            try:
                order = self._orders.get(timeout=STATES_S)
            except queue.Empty:
                self._tell_states()
                continue
            if order is None:
                break
            self._obey(order)
        self._close_loops()
        self._recalling.shutdown(cancel_futures=True)
        self._host.close()
        self._pool.close()
        if self._desk is not None:
            self._desk.close()
        self._link.close()

    def stop(self) -> None:
        self._orders.put(None)

    def _obey(self, order: Message) -> None:
        match order:
            case Configure(site, base_dir, calibrations):
                self._reconfigure(site, Path(base_dir))
                for camera_id, calibration in calibrations.items():
                    if loop := self._loops.get(camera_id):
                        loop.calibrate(calibration)
                self._tell_states()
            case Watch(camera_id, packets, pictures):
                if loop := self._loops.get(camera_id):
                    loop.watch(packets=packets, pictures=pictures)
            case Snapshot(camera_id):
                if loop := self._loops.get(camera_id):
                    loop.snapshot()
            case Recall():
                if loop := self._loops.get(order.camera_id):
                    self._recalling.submit(self._recall, loop, order)
            case _:
                log.warning("the hub said %s, which is not for a worker", type(order).__name__)

    def _recall(self, loop: CameraLoop, order: Recall) -> None:
        """In a thread of its own."""
        pictures: list[Picture] = []
        try:
            pictures = loop.recall(order.moments)
        except Exception:  # the edge of this thread: whoever asked must have an answer
            log.exception("camera %s: what it showed cannot be recalled", order.camera_id)
        made, payload = pictures_payload(tuple(pictures))
        self._link.send_live(PicturesRecalled(order.request, made), payload)

    def _reconfigure(self, site: Site, base_dir: Path) -> None:
        """A change that cannot be made (no such detector) leaves what runs as it is; at the start it is fatal."""
        try:
            self._configure(site, base_dir)
        except CustosError as error:
            if self._desk is None:
                raise
            log.error("the site as changed cannot be watched, the one before still is: %s", error)

    def _configure(self, site: Site, base_dir: Path) -> None:
        desk = self._detection_desk(site.detector)
        wanted = {camera.id: camera for camera in site.cameras if camera.enabled}
        for camera_id, loop in list(self._loops.items()):
            camera = wanted.get(camera_id)
            if camera is not None and _same_stream(camera, loop.camera):
                if camera != loop.camera:
                    loop.configure(camera)
            else:
                loop.close()
                del self._loops[camera_id]
        parts = Parts(
            # a file is played like a camera
            lambda camera: open_source(
                replace(camera, loop=True),
                base_dir=base_dir,
                in_step_from=self._in_step_from,
                launch=self._host.launch,
            ),
            PacketDecoder,
            encode_jpeg,
            new_id=new_id,
            clock=lambda: datetime.now(UTC),
            encode_small=encode_small,
        )
        for camera_id, camera in wanted.items():
            if camera_id not in self._loops:
                loop = CameraLoop(
                    camera, site_id=site.id, desk=desk, pool=self._pool, audience=self._audience, parts=parts
                )
                self._loops[camera_id] = loop
                loop.start()

    def _detection_desk(self, choice: DetectorChoice) -> DetectionDesk:
        if self._desk is not None and choice == self._choice:
            return self._desk
        detector = open_detector(choice, self._models, self._threads)
        log.info("sees with %s", detector.name)
        self._close_loops()
        if self._desk is not None:
            self._desk.close()
        self._desk, self._choice = DetectionDesk(detector), choice
        self._desk.start()
        self._link.introduce(Hello(self._id, detector.name, __version__))
        return self._desk

    def _close_loops(self) -> None:
        for loop in self._loops.values():
            loop.stop()
        for loop in self._loops.values():
            loop.close()
        self._loops.clear()

    def _tell_states(self) -> None:
        self._link.send_live(StatesTold(tuple(loop.state() for loop in self._loops.values())))

    def _nobody_watches(self) -> None:
        """The hub is gone, and its viewers with it."""
        for camera_id in list(self._loops):
            self._orders.put(Watch(camera_id, packets=False, pictures=False))


def _same_stream(a: Camera, b: Camera) -> bool:
    return (a.url, a.transport, a.loop) == (b.url, b.transport, b.loop)


def main(argv: Sequence[str] | None = None) -> int:
    """The role's command line; for the supervisor, not for people."""
    parser = argparse.ArgumentParser(prog="custos-worker")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seeing-threads", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--in-step-from", type=datetime.fromisoformat)
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log)
    cv2.setNumThreads(1)
    sys.setswitchinterval(SWITCH_S)
    worker = Worker(
        socket_path=arguments.socket,
        models=arguments.models,
        threads=arguments.threads,
        seeing_threads=arguments.seeing_threads,
        in_step_from=arguments.in_step_from,
    )
    stop: Callable[..., None] = lambda *_: worker.stop()  # noqa: E731  one handler for both signals and the parent
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=follow_parent, args=(stop,), daemon=True).start()
    started()
    try:
        worker.run()
    except CustosError as error:
        log.error("%s", error)
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
