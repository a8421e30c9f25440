"""How cameras fare and what they show at this moment: told by workers, shown by the server, kept by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from custos.model.event import Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.overlay import Overlay


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with a camera now: `what` as in "camera.<what>", `words` for an operator."""

    what: str
    since: datetime
    words: str


@dataclass(frozen=True, slots=True)
class CameraState:
    """How a camera fares, over the last few seconds.

    Args:
        state: "connecting", "connected", "lost", "stalled", "disabled", "unserved" (no worker answers).
        reason: in words, why it is not connected, or why pictures of it go unseen; never with credentials.
        fps: pictures a second that arrive. detections_fps: pictures a second the detector looked at.
        wanted, dropped: pictures that wanted detection, and those of them that got none, since the start.
        latency_s: from capture to the end of understanding, median of the last minute; None when unknown.
        moving: whether the motion gate is open.
        tracks: objects in the picture now.
        behind_s: age of a picture when it had been seen, 95th percentile of the last period; None when unknown.
        awake: every picture is decoded; otherwise one now and then, as nothing happens.
        passed_over: pictures that should have been decoded and were not for lack of time, since the start.
        integrity: what is wrong with the camera itself (covered, moved, ...).
        looks, late: how often it was looked at since the start, and how often the newest picture was more than a
            second old when it had been seen. (`late` at most one in twenty: at most 1 s behind, 95th percentile.)
        speeds_refused: speeds nothing can go at, of its tracks, that were dropped in the last hour;
            speeds_above_mps: they were all above this.
        needs_recalibration: it was moved and nobody has confirmed its zones since; recalibration_reason: in words.
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
    behind_s: float | None = None
    awake: bool = False
    passed_over: int = 0
    integrity: tuple[Trouble, ...] = ()
    needs_recalibration: bool = False
    recalibration_reason: str = ""
    looks: int = 0
    late: int = 0
    speeds_refused: int = 0
    speeds_above_mps: float = 0.0


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
    """All objects of a camera at one instant, and what its behaviours would draw."""

    at: datetime
    tracks: tuple[TrackBox, ...]
    overlays: tuple[Overlay, ...] = ()


LiveItem = StreamInfo | Packet | Picture | TrackView | CameraState
"""What a viewer of one camera gets: a StreamInfo first (and again when it changes); then Packets starting with a
key frame when `pictures` is False, or Pictures when it is True; TrackViews and CameraStates in between."""
