"""Small video files made on the spot: `write_clip(path, ...)`, a bright square that walks over a grey ground, and
`write_stage_clip(path, stage, ...)`, what a fixed camera sees of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from custos.model.frame import Image
from custos.testing.stage import Stage

_TIME_BASE = Fraction(1, 60_000)


def picture(index: int, width_px: int, height_px: int) -> Image:
    """(h, w, 3) uint8 BGR: picture number `index`; its top left corner tells the number, 8 levels apart."""
    bgr = np.full((height_px, width_px, 3), 96, np.uint8)
    side = max(2, min(width_px, height_px) // 4)
    left = (index * 3) % max(1, width_px - side)
    bgr[height_px // 2 : height_px // 2 + side, left : left + side] = (40, 120, 240)
    bgr[:16, :16] = 16 + (index * 8) % 224
    return bgr


def write_clip(
    path: Path,
    *,
    codec: str = "libx264",
    container: str | None = None,
    width_px: int = 64,
    height_px: int = 48,
    frames: int = 20,
    fps: int = 10,
    times_s: Sequence[float] | None = None,
    gop: int = 10,
    b_frames: int = 0,
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
) -> Path:
    """Encode `frames` pictures into `path` (its ending chooses the container unless `container` does).

    Args:
        times_s: when each picture is shown, instead of evenly at `fps`.
    Returns:
        path
    """
    times = list(times_s) if times_s is not None else [i / fps for i in range(frames)]
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=fps, options=_options(codec, b_frames) | (options or {}))
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"{codec!r} is not a video codec")
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, pixel_format
        stream.codec_context.gop_size = gop
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.time_base = _TIME_BASE
        stream.time_base = _TIME_BASE
        for index, time_s in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(index, width_px, height_px), format="bgr24")
            frame.pts, frame.time_base = round(time_s / _TIME_BASE), _TIME_BASE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def cut_clip(path: Path, target: Path, *, first: int = 0, last: int | None = None) -> Path:
    """Copy the packets from number `first` (from 0) to `last` or the end into `target`, as they are; returns it."""
    with av.open(str(path), "r") as source, av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for index, packet in enumerate(source.demux(source.streams.video[0])):
            if first <= index and (last is None or index <= last) and packet.size:
                packet.stream = stream
                output.mux(packet)
    return target


def _options(codec: str, b_frames: int) -> dict[str, str]:
    if codec == "libx264":
        return {
            "preset": "ultrafast",
            "x264-params": f"scenecut=0:bframes={b_frames}:log-level=error:threads=1",
        }
    if codec == "libx265":
        return {
            "preset": "ultrafast",
            "x265-params": f"scenecut=0:bframes={b_frames}:log-level=error:pools=1",
        }
    return {}


def write_stage_clip(
    path: Path,
    stage: Stage,
    *,
    seconds: float,
    codec: str = "libx264",
    fps: int = 10,
    gop: int = 10,
    b_frames: int = 0,
    bitrate_bps: int | None = None,
) -> Path:
    """Encode what a fixed camera sees of the stage from its time 0 on.

    Args:
        bitrate_bps: at a constant bit rate, filled up where there is nothing to tell (libx264 only).
    Returns:
        path
    """
    options = _options(codec, b_frames)
    if bitrate_bps is not None:
        rate = str(bitrate_bps)
        options |= {"b": rate, "minrate": rate, "maxrate": rate, "bufsize": str(bitrate_bps // 2)}
        options["x264-params"] += ":nal-hrd=cbr:force-cfr=1"
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=fps, options=options)
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"{codec!r} is not a video codec")
        stream.width, stream.height = stage.width_px, stage.height_px
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = gop, b_frames
        for index in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(stage.luma(index / fps), format="gray").reformat(format=stream.pix_fmt)
            frame.pts = index
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
