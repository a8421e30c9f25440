"""Pictures into an H.264 file (MP4): `with H264Writer(path, ...) as out: out.write(bgr)`.

The file appears under its name only when the writer was closed without an error; until then it is `<name>.part`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from custos.model.errors import CustosError

Image = NDArray[np.uint8]
_TICKS_PER_S = 90_000
_FAILURES = (OSError, av.FFmpegError)


@dataclass(frozen=True, slots=True)
class Quality:
    """How hard x264 tries.

    Args:
        crf: constant quality, 0 (lossless) .. 51; used where `bitrate_bps` is None.
        bitrate_bps: average bits a second, never more than one and a half times that over two seconds.
        preset: x264's name ("ultrafast" .. "veryslow").
        gop_frames: a key frame at least this often; short ones let a live picture start soon.
    """

    crf: float = 23.0
    bitrate_bps: int | None = None
    preset: str = "veryfast"
    gop_frames: int = 20

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51:
            raise ValueError(f"crf must lie in 0..51, got {self.crf}")
        if self.bitrate_bps is not None and self.bitrate_bps < 10_000:
            raise ValueError(f"bitrate_bps must be 10000 or more, got {self.bitrate_bps}")
        if self.gop_frames < 1:
            raise ValueError(f"gop_frames must be 1 or more, got {self.gop_frames}")

    def options(self) -> dict[str, str]:
        """x264's options: no B frames (nothing waits for a later picture), one thread (the same bits every time),
        blocks smoothed with every preset (it costs little, and "ultrafast" would leave them bare)."""
        options = {
            "preset": self.preset,
            "bf": "0",
            "g": str(self.gop_frames),
            "x264-params": "scenecut=0:rc-lookahead=0:sync-lookahead=0:threads=1:no-deblock=0:deblock=0,0",
        }
        if self.bitrate_bps is None:
            return {**options, "crf": str(self.crf)}
        rate = self.bitrate_bps
        return {**options, "b": str(rate), "maxrate": str(rate * 3 // 2), "bufsize": str(rate * 2)}


class H264Writer:
    """Writes one MP4 file. Odd sizes are padded by one repeated row or column (4:2:0 has none).

    Args:
        path: of the finished file; its folder must exist.
        width_px, height_px: of the pictures that will come.
        fps: frames a second, where `write` is not told when.
        quality: how hard x264 tries.
    """

    def __init__(
        self, path: Path, *, width_px: int, height_px: int, fps: float, quality: Quality | None = None
    ) -> None:
        if width_px < 2 or height_px < 2:
            raise ValueError(f"a picture must be 2x2 pixels or more, got {width_px}x{height_px}")
        if fps <= 0:
            raise ValueError(f"fps must be positive, got {fps}")
        self.path = path
        self.frames = 0
        self._width_px, self._height_px, self._fps = width_px, height_px, fps
        self._last_pts = -1
        self._part = path.with_name(path.name + ".part")
        try:
            self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
            self._stream = self._open_stream(quality or Quality())
            self._container.start_encoding()  # opens the file now, where the error can still name it
        except _FAILURES as error:
            self._part.unlink(missing_ok=True)
            raise _unwritable(path, error) from error

    def _open_stream(self, quality: Quality) -> VideoStream:
        rate = Fraction(self._fps).limit_denominator(1001)
        stream = self._container.add_stream("libx264", rate=rate, options=quality.options())
        stream.width = self._width_px + self._width_px % 2
        stream.height = self._height_px + self._height_px % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        stream.codec_context.thread_count = 1
        return stream

    def write(self, bgr: Image, *, at_s: float | None = None) -> None:
        """Append a (h, w, 3) uint8 BGR picture shown at `at_s` seconds (else one frame time after the last)."""
        expected = (self._height_px, self._width_px, 3)
        if bgr.shape != expected or bgr.dtype != np.uint8:
            raise ValueError(f"picture must be {expected} uint8, got {bgr.shape} {bgr.dtype}")
        if self._width_px % 2 or self._height_px % 2:
            bgr = cast(
                Image,
                cv2.copyMakeBorder(bgr, 0, self._height_px % 2, 0, self._width_px % 2, cv2.BORDER_REPLICATE),
            )
        self.write_i420(cast(Image, cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)), at_s=at_s)

    def write_i420(self, planes: Image, *, at_s: float | None = None) -> None:
        """Append a (h * 3 / 2, w) uint8 picture: the Y plane, then U, then V, BT.601, limited range."""
        expected = (self._stream.height * 3 // 2, self._stream.width)
        if planes.shape != expected or planes.dtype != np.uint8:
            raise ValueError(f"planes must be {expected} uint8, got {planes.shape} {planes.dtype}")
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        when_s = self.frames / self._fps if at_s is None else at_s
        frame.pts = max(round(when_s * _TICKS_PER_S), self._last_pts + 1)
        frame.time_base = Fraction(1, _TICKS_PER_S)
        self._last_pts = frame.pts
        try:
            self._container.mux(self._stream.encode(frame))
        except _FAILURES as error:
            raise _unwritable(self.path, error) from error
        self.frames += 1

    def close(self) -> None:
        """Finish the file and give it its name."""
        try:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._part.replace(self.path)
        except _FAILURES as error:
            self.abandon()
            raise _unwritable(self.path, error) from error

    def abandon(self) -> None:
        """Throw away what was written."""
        with contextlib.suppress(*_FAILURES):  # the disk that refused the pictures refuses the trailer too
            self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def _unwritable(path: Path, error: OSError | av.FFmpegError) -> CustosError:
    return CustosError(
        f"cannot write the video: {error.strerror or error}",
        where=str(path),
        remedy="Check that the folder exists, may be written to, and that the disk is not full.",
    )
