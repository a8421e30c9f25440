"""What the server asks of the rest: the cameras of this site, as their workers tell of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from custos.model.event import Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.site import Camera, Site


@dataclass(frozen=True, slots=True)
class CameraState:
    """How a camera fares, over the last few seconds.

    Args:
        state: "connecting", "connected", "lost", "stalled", "disabled", "unserved" (no worker answers).
        reason: in words, why it is not connected; never with credentials.
        fps: pictures a second that arrive. detections_fps: pictures a second the detector looked at.
        wanted, dropped: pictures that wanted detection, and those of them that got none, since the start.
        latency_s: from capture to the end of understanding, median of the last minute; None when unknown.
        moving: whether the motion gate is open.
        tracks: objects in the picture now.
    """

    camera_id: str
    state: str
    since: datetime
    reason: str = ""
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    kbps: float = 0.0
    detections_fps: float = 0.0
    wanted: int = 0
    dropped: int = 0
    damaged: int = 0
    latency_s: float | None = None
    moving: bool = False
    tracks: int = 0
    clock: str = "arrival"


@dataclass(frozen=True, slots=True)
class TrackBox:
    """One object at one instant; `box` normalised left, top, right, bottom."""

    track_id: int
    subject: str
    class_name: str
    confidence: float
    box: tuple[float, float, float, float]
    observed: bool


@dataclass(frozen=True, slots=True)
class TrackView:
    """All objects of a camera at one instant."""

    at: datetime
    tracks: tuple[TrackBox, ...]


LiveItem = StreamInfo | Packet | Picture | TrackView | CameraState
"""What a viewer of one camera gets: a StreamInfo first (and again when it changes); then Packets starting with a
key frame when `pictures` is False, or Pictures when it is True; TrackViews and CameraStates in between."""


class Cameras(Protocol):
    """The site's cameras as their workers know them."""

    def states(self) -> Mapping[str, CameraState]: ...

    def watch(self, camera_id: str, *, pictures: bool) -> AbstractAsyncContextManager[AsyncIterator[LiveItem]]:
        """Live items until the context is left. A slow reader loses packets up to the next key frame."""
        ...

    async def snapshot(self, camera_id: str) -> Picture | None:
        """The latest picture, or None when there is none within 3 s."""
        ...

    def detector_name(self) -> str | None:
        """Which model the workers use, once they have said so."""
        ...


class SiteBook(Protocol):
    """The site file: read, and changed by the console. Every change is checked whole before it is written, is
    atomic, keeps comments, and reaches the workers."""

    def site(self) -> Site: ...

    def put_camera(self, camera: Camera) -> Site:
        """Add, or replace, the camera of this id; UsageError when it does not make sense. `url` "" keeps the old one."""
        ...

    def remove_camera(self, camera_id: str) -> Site: ...


class FragmentMuxer(Protocol):
    """Packets to fragmented MP4, for Media Source Extensions, without transcoding.

    Media time 0 is `epoch_at`; media time of a picture is captured_at - epoch_at.
    """

    epoch_at: datetime
    mime: str
    """'video/mp4; codecs="avc1.64001e"'."""

    def init_segment(self) -> bytes: ...

    def fragment(self, packet: Packet) -> bytes:
        """One moof+mdat; may be empty until the next packet tells this one's duration."""
        ...


FragmentMuxerFactory = Callable[[StreamInfo, Packet], "FragmentMuxer | None"]
"""Of the stream and its first key frame; None when the codec cannot be played that way."""
