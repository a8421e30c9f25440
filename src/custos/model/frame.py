"""What a source yields: `Source = Iterable[StreamOpened | Packet | StreamLost]`, and the picture decoded from it.

Capture times are aware UTC datetimes; `clock` says whose clock told them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


class Clock(StrEnum):
    """Whose clock told a capture time."""

    CAMERA = "camera"  # the camera's own wall clock (RTCP sender report, file metadata)
    ARRIVAL = "arrival"  # this machine's clock when the packet came in
    FILE = "file"  # the position in a recording, counted from a stated start


def require_aware(at: datetime, name: str) -> None:
    """Raise ValueError if `at` is naive."""
    if at.tzinfo is None:
        raise ValueError(f"{name} must be an aware datetime, got naive {at.isoformat()}")


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """How to decode and to mux the packets that follow.

    Args:
        codec: FFmpeg's name: "h264", "hevc", "mjpeg", "rawvideo", ...
        width_px, height_px: as announced; the decoder's word on each frame counts.
        extradata: codec configuration (avcC / Annex B parameter sets); may be empty.
        fps: nominal frame rate, 0.0 when the stream does not say.
        pixel_format: FFmpeg's name ("yuv420p", ...); needed for rawvideo, may be empty.
    """

    codec: str
    width_px: int
    height_px: int
    extradata: bytes = b""
    fps: float = 0.0
    pixel_format: str = ""


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The source answers; packets of this description follow. Sent again when the description changes."""

    info: StreamInfo
    at: datetime
    loops: bool = False
    """A file that is played over and over: that it repeats itself is no news."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One compressed picture, as the camera sent it.

    Args:
        data: the bitstream of one access unit.
        pts_s, dts_s: presentation and decode time in seconds of the stream; dts_s strictly increases
            within one StreamOpened.
        captured_at: when the picture was taken (aware).
        clock: whose clock says so.
        is_keyframe: decodable on its own.
    """

    data: bytes
    pts_s: float
    dts_s: float
    captured_at: datetime
    clock: Clock
    is_keyframe: bool

    def __post_init__(self) -> None:
        require_aware(self.captured_at, "captured_at")


@dataclass(frozen=True, slots=True)
class StreamLost:
    """The source stopped answering and is being tried again (or, `final`, has ended for good).

    `reason` is fit for an operator and never carries credentials. `kind`: "lost" (closed, refused, unreachable)
    or "stalled" (connected, but no packet within the limit).
    """

    reason: str
    at: datetime
    kind: str = "lost"
    final: bool = False


SourceItem = StreamOpened | Packet | StreamLost


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Args:
        camera_id: whose.
        index: counts decoded frames from 1 within a source.
        captured_at: aware.
        clock: whose clock told it.
        luma: (h, w) uint8, the Y plane; a view, do not write.
        to_bgr: makes the (h, w, 3) uint8 BGR picture; called at most once, when somebody needs colour.
        origin_px: left and top of this part in the camera's picture.
    """

    camera_id: str
    index: int
    captured_at: datetime
    clock: Clock
    luma: Image
    to_bgr: Callable[[], Image]
    origin_px: tuple[int, int] = (0, 0)
    _bgr: list[Image] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        require_aware(self.captured_at, "captured_at")
        if self.luma.ndim != 2 or self.luma.dtype != np.uint8 or not self.luma.size:
            raise ValueError(f"luma must be (h, w) uint8 and not empty, got {self.luma.shape} {self.luma.dtype}")

    @property
    def width_px(self) -> int:
        return int(self.luma.shape[1])

    @property
    def height_px(self) -> int:
        return int(self.luma.shape[0])

    @property
    def bgr(self) -> Image:
        """(h, w, 3) uint8, converted on first use."""
        if not self._bgr:
            self._bgr.append(self.to_bgr())
        return self._bgr[0]

    @classmethod
    def from_bgr(
        cls,
        bgr: Image,
        *,
        camera_id: str = "camera",
        index: int = 1,
        captured_at: datetime,
        clock: Clock = Clock.FILE,
    ) -> Frame:
        """A frame of a (h, w, 3) uint8 BGR array; luma after BT.601."""
        if bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.dtype != np.uint8:
            raise ValueError(f"bgr must be (h, w, 3) uint8, got {bgr.shape} {bgr.dtype}")
        luma = (bgr @ np.array([0.114, 0.587, 0.299], np.float32) + 0.5).astype(np.uint8)
        return cls(camera_id, index, captured_at, clock, luma, lambda: bgr)

    def crop(self, left: int, top: int, right: int, bottom: int) -> Frame:
        """That part of the picture, as a picture of its own; colour is shared, nothing is copied.

        Raises:
            ValueError: it has no pixel in the picture, or reaches out of it.
        """
        if not (0 <= left < right <= self.width_px and 0 <= top < bottom <= self.height_px):
            raise ValueError(f"({left}, {top}, {right}, {bottom}) is no part of {self.width_px}x{self.height_px}")
        part = slice(top, bottom), slice(left, right)
        origin_px = self.origin_px[0] + left, self.origin_px[1] + top
        luma, clock = self.luma[part], self.clock
        return Frame(self.camera_id, self.index, self.captured_at, clock, luma, lambda: self.bgr[part], origin_px)
