"""The hub's end of the wire: takes workers' events, knows how cameras fare, and hands live video to viewers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import uuid
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from custos.adapters.link.messages import (
    Configure,
    EventsMade,
    EventsStored,
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
    WireError,
    event_of,
    lengths,
    pack,
    packet_of,
    pictures_of,
    stream_of,
    unpack,
)
from custos.model.access import NO_ACCESS
from custos.model.calibration import Calibration
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.live import CameraState, LiveItem
from custos.model.site import Site

log = logging.getLogger(__name__)
GROUP_LIMIT = 600
"""Packets kept since the last key frame, for viewers who come later."""
VIEWER_LIMIT = GROUP_LIMIT + 300
"""Items waiting for one viewer: such a group, and what comes while it is on its way."""
EVENTS_LIMIT = 64
"""Batches of events that wait to be stored."""
RETRY_S = 1.0
SNAPSHOT_S = 3.0
RECALL_S = 8.0
CLOSE_S = 1.0

Accept = Callable[[Sequence[Event], Sequence[Picture]], Awaitable[object]]


@dataclass(eq=False, slots=True)
class _Viewer:
    """One who watches a camera; a slow one starts again at a key frame."""

    pictures: bool
    queue: deque[LiveItem] = field(default_factory=deque)
    waits_for_keyframe: bool = True
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, item: LiveItem) -> None:
        if isinstance(item, Packet):
            if self.pictures or (self.waits_for_keyframe and not item.is_keyframe):
                return
            self.waits_for_keyframe = False
        elif isinstance(item, Picture) and not self.pictures:
            return
        elif isinstance(item, StreamInfo):
            self.waits_for_keyframe = True
        if len(self.queue) >= VIEWER_LIMIT:
            streams = [kept for kept in self.queue if isinstance(kept, StreamInfo)]
            self.queue.clear()
            self.queue.extend(streams[-1:])
            self.waits_for_keyframe = True
            if isinstance(item, Packet):
                return
        self.queue.append(item)
        self.ready.set()


@dataclass(eq=False, slots=True)
class _Feed:
    """What the hub holds of one camera."""

    state: CameraState | None = None
    stream: StreamInfo | None = None
    group: deque[Packet] = field(default_factory=deque)
    viewers: set[_Viewer] = field(default_factory=set)
    snapshots: list[asyncio.Future[Picture]] = field(default_factory=list)

    def tell(self, item: LiveItem) -> None:
        for viewer in self.viewers:
            viewer.put(item)


@dataclass(eq=False, slots=True)
class _Worker:
    writer: asyncio.StreamWriter
    hello: Hello | None = None
    events: asyncio.Queue[tuple[EventsMade, bytes]] = field(default_factory=lambda: asyncio.Queue(EVENTS_LIMIT))

    def say(self, message: Message) -> None:
        if not self.writer.is_closing():
            self.writer.write(pack(message))


class WorkerLinks:
    """The workers of one site. Lives in one event loop.

    Args:
        path: where to listen; made readable by this user only.
        accept: stores events; its worker is told only when it returns.
        base_dir: what relative file paths of cameras are relative to.
        calibrations: by camera, of those that were ever moved; quick, and asked whenever workers are told of the site.
    """

    def __init__(
        self,
        path: Path,
        *,
        site: Site,
        base_dir: Path,
        accept: Accept,
        calibrations: Callable[[], Mapping[str, Calibration]] = dict,
    ) -> None:
        self._path = path
        self._accept = accept
        self._calibrations = calibrations
        self._site = site
        self._enabled = {camera.id: camera.enabled for camera in site.cameras}
        self._base_dir = base_dir
        self._workers: set[_Worker] = set()
        self._feeds: dict[str, _Feed] = {}
        self._recalls: dict[str, asyncio.Future[tuple[Picture, ...]]] = {}
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._started_at = datetime.now(UTC)

    async def start(self) -> None:
        """Listen."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, path=str(self._path))
        finally:
            os.umask(before)
        self._inode = self._path.stat().st_ino

    async def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()
        for writer in self._serving.values():
            writer.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=CLOSE_S)
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:  # a hub that was started in between listens there otherwise
                self._path.unlink()

    # -- the server's view of the cameras

    def states(self) -> Mapping[str, CameraState]:
        """Every camera of the site file, served or not."""
        return {camera_id: self._state(camera_id, enabled) for camera_id, enabled in self._enabled.items()}

    def state(self, camera_id: str) -> CameraState | None:
        """How a camera of the site file fares; None for one that it does not name."""
        enabled = self._enabled.get(camera_id)
        return None if enabled is None else self._state(camera_id, enabled)

    def detector_name(self) -> str | None:
        """Which model the workers use."""
        return next((w.hello.detector for w in self._workers if w.hello is not None), None)

    def _configuration(self) -> Configure:
        """What workers need of the site: cameras, not who may go where."""
        return Configure(replace(self._site, access=NO_ACCESS), str(self._base_dir), self._known_calibrations())

    def _known_calibrations(self) -> dict[str, Calibration]:
        try:
            return dict(self._calibrations())
        except CustosError as error:  # workers must see all the same; they keep what they know of their cameras
            log.error("which cameras were moved cannot be read: %s", error)
            return {}

    def recalibrated(self) -> None:
        """A person has said that a camera's zones fit: workers are told."""
        self._tell_workers(self._configuration())

    def configure(self, site: Site) -> None:
        """The site as it is from now on."""
        self._site = site
        self._enabled = {camera.id: camera.enabled for camera in site.cameras}
        self._tell_workers(self._configuration())
        for camera_id in [c for c in self._feeds if c not in self._enabled]:
            del self._feeds[camera_id]
        self._ask_for_viewers()  # a camera that was changed begins anew in its worker

    @asynccontextmanager
    async def watch(self, camera_id: str, *, pictures: bool) -> AsyncIterator[AsyncIterator[LiveItem]]:
        """Live items of a camera until the context is left."""
        feed = self._feeds.setdefault(camera_id, _Feed())
        viewer = _Viewer(pictures)
        if feed.state is not None:
            viewer.put(feed.state)
        if feed.stream is not None:
            viewer.put(feed.stream)
        for packet in feed.group:
            viewer.put(packet)
        feed.viewers.add(viewer)
        self._ask(camera_id, feed)
        try:
            yield _items(viewer)
        finally:
            feed.viewers.discard(viewer)
            if self._feeds.get(camera_id) is feed:
                self._ask(camera_id, feed)

    async def snapshot(self, camera_id: str) -> Picture | None:
        """The camera's picture of this moment, or None when none comes in time."""
        if not self._workers:
            return None
        future: asyncio.Future[Picture] = asyncio.get_running_loop().create_future()
        feed = self._feeds.setdefault(camera_id, _Feed())
        feed.snapshots.append(future)
        self._tell_workers(Snapshot(camera_id))
        try:
            return await asyncio.wait_for(future, SNAPSHOT_S)
        except TimeoutError:
            return None
        finally:
            with contextlib.suppress(ValueError):
                feed.snapshots.remove(future)

    async def recall(self, camera_id: str, moments: Sequence[datetime]) -> list[Picture]:
        """What the camera showed near these times, oldest first; [] when no worker keeps any, or none answers in
        time."""
        if not self._workers or not moments:
            return []
        request = uuid.uuid4().hex
        future: asyncio.Future[tuple[Picture, ...]] = asyncio.get_running_loop().create_future()
        self._recalls[request] = future
        self._tell_workers(Recall(request, camera_id, tuple(moments)))
        try:
            return list(await asyncio.wait_for(future, RECALL_S))
        except TimeoutError:
            return []
        finally:
            del self._recalls[request]

    # -- the wire

    def _state(self, camera_id: str, enabled: bool) -> CameraState:
        feed = self._feeds.get(camera_id)
        if not enabled:
            return CameraState(camera_id, "disabled", self._started_at)
        if feed is None or feed.state is None:
            return CameraState(camera_id, "unserved", self._started_at, "no camera worker answers yet")
        return feed.state

    def _tell_workers(self, message: Message) -> None:
        for worker in self._workers:
            worker.say(message)

    def _ask_for_viewers(self) -> None:
        for camera_id, feed in self._feeds.items():
            if feed.viewers:
                self._ask(camera_id, feed)

    def _ask(self, camera_id: str, feed: _Feed) -> None:
        """Tell workers what the viewers of this camera want."""
        wants_pictures = any(v.pictures for v in feed.viewers)
        wants_packets = any(not v.pictures for v in feed.viewers)
        if not wants_packets:
            feed.group.clear()
            feed.stream = None
        self._tell_workers(Watch(camera_id, wants_packets, wants_pictures))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        worker = _Worker(writer)
        storing = asyncio.create_task(self._store(worker))
        serving = asyncio.current_task()
        assert serving is not None
        self._serving[serving] = writer
        try:
            while True:
                header_size, payload_size = lengths(await reader.readexactly(8))
                message = unpack(await reader.readexactly(header_size))
                payload = await reader.readexactly(payload_size)
                if isinstance(message, EventsMade):
                    await worker.events.put((message, payload))  # while the store fails, the worker waits
                else:
                    self._hear(worker, message, payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except WireError as error:
            log.warning("a worker sent nonsense and is cut off: %s", error)
        finally:
            self._workers.discard(worker)
            del self._serving[serving]
            storing.cancel()
            writer.close()
            self._unserve()

    def _hear(self, worker: _Worker, message: Message, payload: bytes) -> None:
        match message:
            case Hello():
                known, worker.hello = worker in self._workers, message
                if known:
                    return
                self._workers.add(worker)
                worker.say(self._configuration())
                self._ask_for_viewers()
            case StatesTold(states):
                for state in states:
                    feed = self._feeds.setdefault(state.camera_id, _Feed())
                    feed.state = state
                    feed.tell(state)
            case TracksTold(camera_id, view):
                self._feed(camera_id).tell(view)
            case StreamTold(camera_id=camera_id):
                feed = self._feed(camera_id)
                feed.stream = stream_of(message, payload)
                feed.group.clear()
                feed.tell(feed.stream)
            case PacketSent(camera_id=camera_id):
                self._packet(self._feed(camera_id), packet_of(message, payload))
            case PictureSent(camera_id, at):
                self._picture(self._feed(camera_id), Picture("live", camera_id, at, payload))
            case PicturesRecalled(request, made):
                future = self._recalls.get(request)
                if future is not None and not future.done():
                    future.set_result(pictures_of(made, payload))
            case _:
                raise WireError(f"{type(message).__name__} is not for a hub")

    def _feed(self, camera_id: str) -> _Feed:
        return self._feeds.setdefault(camera_id, _Feed())

    def _packet(self, feed: _Feed, packet: Packet) -> None:
        if feed.stream is None:
            return  # still on its way when the last viewer left; whoever came since is told the stream first
        if packet.is_keyframe or len(feed.group) == GROUP_LIMIT:  # without its key frame a group is of no use
            feed.group.clear()
        if packet.is_keyframe or feed.group:
            feed.group.append(packet)
        feed.tell(packet)

    def _picture(self, feed: _Feed, picture: Picture) -> None:
        for future in feed.snapshots:
            if not future.done():
                future.set_result(picture)
        feed.tell(picture)

    async def _store(self, worker: _Worker) -> None:
        """Store events in the order in which they came; tell the worker only then."""
        while True:
            waiting = [await worker.events.get()]
            while not worker.events.empty():
                waiting.append(worker.events.get_nowait())
            # offered one after the other without waiting for the disk in between, so that one step takes them in
            await asyncio.gather(*(self._accepted(message, payload) for message, payload in waiting))
            worker.say(EventsStored(waiting[-1][0].sequence))

    async def _accepted(self, message: EventsMade, payload: bytes) -> None:
        try:
            events = [event_of(made) for made in message.events]
            pictures = pictures_of(message.pictures, payload)
        except (ValueError, WireError) as error:
            log.error("a worker's events cannot be read and are passed over: %s", error)
            return
        while True:
            try:
                await self._accept(events, pictures)
            except UsageError as error:
                log.error("a worker's events are refused and passed over: %s", error)
                return
            except CustosError as error:
                log.error("events cannot be stored, and are kept until they can: %s", error)
            except Exception:  # the edge of a worker's events: they are kept until they can be stored
                log.exception("events cannot be stored, and are kept until they can")
            else:
                return
            await asyncio.sleep(RETRY_S)

    def _unserve(self) -> None:
        """A worker is gone: nothing it said of its cameras holds any more."""
        if self._workers:
            return
        now = datetime.now(UTC)
        for camera_id, feed in self._feeds.items():
            feed.state = CameraState(camera_id, "unserved", now, "the camera worker is being started again")
            feed.group.clear()
            feed.stream = None
            feed.tell(feed.state)


async def _items(viewer: _Viewer) -> AsyncIterator[LiveItem]:
    while True:
        while viewer.queue:
            yield viewer.queue.popleft()
        viewer.ready.clear()
        await viewer.ready.wait()
