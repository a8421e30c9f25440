"""Cameras that say what a script tells them to, a site file in memory, and a muxer one can see through."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from custos.correlation.definition import RuleDefinition, RuleFault
from custos.model.errors import UsageError
from custos.model.event import Picture
from custos.model.frame import Clock, Packet, StreamInfo
from custos.model.live import CameraState, LiveItem
from custos.model.plan import Placing, PlanImage
from custos.model.site import Camera, Site

START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SMALLEST_JPEG = bytes.fromhex(
    "ffd8ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
    "ffc40014000100000000000000000000000000000003ffc400141001000000000000000000000000000000"
    "00ffda0008010100003f0037ffd9"
)
"""One grey pixel."""


@dataclass(eq=False, slots=True)
class _Viewer:
    loop: asyncio.AbstractEventLoop
    pictures: bool
    waiting: asyncio.Queue[LiveItem | None] = field(default_factory=asyncio.Queue)

    def wants(self, item: LiveItem) -> bool:
        if isinstance(item, Packet):
            return not self.pictures
        return self.pictures or not isinstance(item, Picture)


class ScriptedCameras:
    """`custos.server.ports.Cameras` under a test's control.

    Args:
        scripts: per camera, what every viewer is told first; `tell` goes on from there, from any thread.
        detector: name of the model.
    """

    def __init__(self, scripts: Mapping[str, Sequence[LiveItem]] | None = None, *, detector: str | None = None) -> None:
        self._scripts = {camera_id: tuple(script) for camera_id, script in (scripts or {}).items()}
        self._detector = detector
        self._viewers: dict[str, list[_Viewer]] = {}
        self._changed = threading.Condition()
        self.states_told: dict[str, CameraState] = {}
        self.snapshots: dict[str, Picture] = {}
        self.kept: dict[str, list[Picture]] = {}
        self.times_recalibrated = 0

    def states(self) -> Mapping[str, CameraState]:
        return dict(self.states_told)

    def state(self, camera_id: str) -> CameraState | None:
        return self.states_told.get(camera_id)

    def recalibrated(self) -> None:
        self.times_recalibrated += 1

    def detector_name(self) -> str | None:
        return self._detector

    async def recall(self, camera_id: str, moments: Sequence[datetime]) -> list[Picture]:
        """Of `kept`, those within a second of a moment."""
        near = timedelta(seconds=1)
        kept = self.kept.get(camera_id, ())
        return [one for one in kept if any(abs(one.at - moment) <= near for moment in moments)]

    async def snapshot(self, camera_id: str) -> Picture | None:
        return self.snapshots.get(camera_id)

    @asynccontextmanager
    async def watch(self, camera_id: str, *, pictures: bool) -> AsyncIterator[AsyncIterator[LiveItem]]:
        viewer = _Viewer(asyncio.get_running_loop(), pictures)
        for item in self._scripts.get(camera_id, ()):
            if viewer.wants(item):
                viewer.waiting.put_nowait(item)
        with self._changed:
            self._viewers.setdefault(camera_id, []).append(viewer)
            self._changed.notify_all()
        try:
            yield _items(viewer)
        finally:
            with self._changed:
                self._viewers[camera_id].remove(viewer)
                self._changed.notify_all()

    def tell(self, camera_id: str, *items: LiveItem) -> None:
        """Tell everybody who watches this camera now; from any thread."""
        for viewer in list(self._viewers.get(camera_id, ())):
            for item in items:
                if viewer.wants(item):
                    viewer.loop.call_soon_threadsafe(viewer.waiting.put_nowait, item)

    def hang_up(self, camera_id: str) -> None:
        """End the items of everybody who watches this camera now; from any thread."""
        for viewer in list(self._viewers.get(camera_id, ())):
            viewer.loop.call_soon_threadsafe(viewer.waiting.put_nowait, None)

    def await_viewers(self, camera_id: str, count: int, *, timeout_s: float = 10.0) -> None:
        """Wait, in a test's thread, until so many watch; AssertionError when they do not."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._viewers.get(camera_id, ())) == count, timeout_s)
        assert came, f"{len(self._viewers.get(camera_id, ()))} watch {camera_id!r}, not {count}"


async def _items(viewer: _Viewer) -> AsyncIterator[LiveItem]:
    while (item := await viewer.waiting.get()) is not None:
        yield item


class MemoryRuleBook:
    """`custos.server.ports.RuleBook` of rules that were read elsewhere. `next`: what the next reading finds."""

    def __init__(self, rules: Sequence[RuleDefinition] = ()) -> None:
        self._rules = tuple(rules)
        self.next: tuple[Sequence[RuleDefinition], Sequence[RuleFault]] | None = None
        self._faults: tuple[RuleFault, ...] = ()

    def rules(self) -> Sequence[RuleDefinition]:
        return self._rules

    def faults(self) -> Sequence[RuleFault]:
        return self._faults

    def reread(self) -> bool:
        if self.next is None:
            return False
        before, (self._rules, self._faults) = self._rules, (tuple(self.next[0]), tuple(self.next[1]))
        return before != self._rules


class MemorySiteBook:
    """`custos.server.ports.SiteBook` that forgets with the process. Thread-safe."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self.plan_shown: PlanImage | None = None

    def site(self) -> Site:
        return self._site

    def as_written(self, url: str) -> str:
        return url

    def put_camera(self, camera: Camera) -> Site:
        with self._lock:
            if self._site.camera(camera.id) is None:
                return self._change((*self._site.cameras, camera))
            return self._change(tuple(camera if c.id == camera.id else c for c in self._site.cameras))

    def remove_camera(self, camera_id: str) -> Site:
        with self._lock:
            if self._site.camera(camera_id) is None:
                raise UsageError(f"there is no camera {camera_id!r}.")
            return self._change(tuple(c for c in self._site.cameras if c.id != camera_id))

    def put_places(self, placing: Placing) -> Site:
        with self._lock:
            try:
                self._site = self._site.placed(placing)
            except ValueError as problem:
                raise UsageError(f"{problem}.") from problem
            return self._site

    def put_rule(self, rule_id: str, *, in_use: bool) -> Site:
        with self._lock:
            off = tuple(one for one in self._site.rules_off if one != rule_id)
            self._site = replace(self._site, rules_off=off if in_use else (*off, rule_id))
            return self._site

    def plan_image(self) -> PlanImage | None:
        return self.plan_shown

    def _change(self, cameras: tuple[Camera, ...]) -> Site:
        try:
            self._site = replace(self._site, cameras=cameras)
        except ValueError as problem:
            raise UsageError(f"{problem}.") from problem
        return self._site


class PlainMuxer:
    """`FragmentMuxer` whose fragments are the packets' own bytes; one without any has no picture."""

    mime = 'video/mp4; codecs="avc1.64001e"'

    def __init__(self, stream: StreamInfo, first: Packet) -> None:
        self.epoch_at = first.captured_at
        self._stream = stream

    def init_segment(self) -> bytes:
        return b"init:" + self._stream.extradata

    def fragment(self, packet: Packet) -> bytes:
        return packet.data


def plain_muxer(stream: StreamInfo, first: Packet) -> PlainMuxer | None:
    """A `FragmentMuxerFactory`: H.264 can be played, nothing else."""
    return PlainMuxer(stream, first) if stream.codec == "h264" else None


def packet(index: int, *, key: bool = False, data: bytes | None = None, fps: float = 10.0) -> Packet:
    """The packet `index` of a stream that began at START."""
    at_s = index / fps
    return Packet(
        data=data if data is not None else f"packet {index}".encode(),
        pts_s=at_s,
        dts_s=at_s,
        captured_at=START + timedelta(seconds=at_s),
        clock=Clock.ARRIVAL,
        is_keyframe=key,
    )
