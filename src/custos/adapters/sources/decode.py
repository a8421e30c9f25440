"""Packets to pictures: `PacketDecoder.decode(packet) -> list[Frame]`."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import av
import cv2
import numpy as np
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from custos.adapters.sources.failures import Failure
from custos.model.errors import CustosError
from custos.model.frame import Clock, Frame, Image, Packet, StreamInfo

# 8 bits, and plane 0 is the luma.
_LUMA_FIRST: Final = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "nv16", "gray"}
)
_LONGEST_REORDER = 64
_FULL_RANGE = 2
_BT709 = 1


class PacketDecoder:
    """Decodes the packets of one stream; a change of resolution inside it is followed.

    Args:
        info: as the source announced it.
        camera_id: written on every frame.
        thread_count: threads of the codec; 1 adds no delay and leaves the other cores to other cameras.
    Raises:
        CustosError: no decoder for this codec.

    `damaged` counts packets that could not be decoded, or only with visible damage.
    """

    def __init__(self, info: StreamInfo, camera_id: str, *, thread_count: int = 1) -> None:
        self.info = info
        self.camera_id = camera_id
        self.damaged = 0
        self._index = 0
        self._sequence = 0
        self._waiting: dict[int, tuple[datetime, Clock]] = {}
        self._last_at: datetime | None = None
        self._colour = _Colour()
        self._context = _open_codec(info, thread_count)

    def decode(self, packet: Packet) -> list[Frame]:
        """The pictures that this packet completes: usually one, none while the codec reorders."""
        raw: av.Packet[Stream] = av.Packet(packet.data)
        raw.pts = self._sequence  # comes out again with the picture, however the codec reorders
        raw.is_keyframe = packet.is_keyframe
        self._waiting[self._sequence] = (packet.captured_at, packet.clock)
        self._waiting.pop(self._sequence - _LONGEST_REORDER, None)
        self._sequence += 1
        return self._decode(raw)

    def flush(self) -> list[Frame]:
        """The pictures still inside. Decoding may go on with any key frame, also an earlier one."""
        frames = self._decode(None)
        self._context.flush_buffers()
        self._waiting.clear()
        self._last_at = None
        return frames

    def _decode(self, raw: av.Packet[Stream] | None) -> list[Frame]:
        try:
            pictures = self._context.decode(raw)
        except av.EOFError:
            return []
        except av.FFmpegError:
            self.damaged += 1
            return []
        return [frame for picture in pictures if (frame := self._frame(picture)) is not None]

    def _frame(self, picture: VideoFrame) -> Frame | None:
        told = self._waiting.pop(picture.pts, None) if picture.pts is not None else None
        if told is None:
            return None
        if picture.is_corrupt:
            self.damaged += 1
        captured_at, clock = told
        if self._last_at is not None and captured_at <= self._last_at:
            captured_at = self._last_at + timedelta(microseconds=1)
        self._last_at = captured_at
        self._index += 1
        colour = self._colour
        return Frame(self.camera_id, self._index, captured_at, clock, colour.luma(picture), lambda: colour.bgr(picture))


def _open_codec(info: StreamInfo, thread_count: int) -> VideoCodecContext:
    try:
        context = av.CodecContext.create(info.codec, "r")
    except av.codec.codec.UnknownCodecError:
        context = None
    if not isinstance(context, VideoCodecContext):
        raise CustosError(f"{Failure.UNSUPPORTED.what}: {info.codec!r}.", remedy=Failure.UNSUPPORTED.remedy) from None
    if info.extradata:
        context.extradata = info.extradata
    if info.width_px and info.height_px:
        context.width, context.height = info.width_px, info.height_px
    if info.codec == "rawvideo" and info.pixel_format:
        context.pix_fmt = info.pixel_format
    context.thread_count = thread_count
    return context


class _Colour:
    """Luma and BGR of pictures. The one scaler is kept; under a lock, as other threads ask for colour."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._lock = Lock()

    def luma(self, picture: VideoFrame) -> Image:
        """(h, w) view; it keeps the picture alive."""
        if picture.format.name in _LUMA_FIRST:
            return _pixels(picture)
        return _pixels(self._convert(picture, "gray"))

    def bgr(self, picture: VideoFrame) -> Image:
        """(h, w, 3), a copy."""
        # OpenCV is 3 times as fast as swscale, but knows only this one layout, range and matrix.
        if (
            picture.format.name == "yuv420p"
            and picture.color_range != _FULL_RANGE
            and picture.colorspace != _BT709
            and picture.width % 2 == 0
            and picture.height % 2 == 0
        ):
            return cv2.cvtColor(picture.to_ndarray(), cv2.COLOR_YUV2BGR_I420).astype(np.uint8, copy=False)
        return np.ascontiguousarray(_pixels(self._convert(picture, "bgr24")))

    def _convert(self, picture: VideoFrame, pixel_format: str) -> VideoFrame:
        with self._lock:
            return self._reformatter.reformat(picture, format=pixel_format, threads=1)


def _pixels(picture: VideoFrame) -> Image:
    """Plane 0 without its padding, as a view that keeps the picture alive."""
    return np.from_dlpack(picture.planes[0]).astype(np.uint8, copy=False)
