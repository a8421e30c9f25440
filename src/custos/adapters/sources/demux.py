"""An opened container's video, packet by packet: `Demuxer.packets() -> Iterator[Description | RawPacket]`.

Used in this process for finite files and in the child process for everything else, hence no NumPy here.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from custos.adapters.sources.bitstream import (
    ParameterSets,
    avcc_parameter_sets,
    is_avcc,
    parameter_sets,
    parse_sps,
)
from custos.adapters.sources.failures import Failure, OpenFailed

# FFmpeg "plays" text files as ANSI art: nobody's camera does that.
_NOT_VIDEO = frozenset({"ansi", "bintext", "xbin", "idf"})
_FASTEST_FPS = 240.0
_PRODUCER_TIME = struct.Struct("=qi")  # AVProducerReferenceTime: wall clock in us since 1970, flags


@dataclass(frozen=True, slots=True)
class Description:
    """What StreamInfo says, without NumPy behind it."""

    codec: str
    width_px: int
    height_px: int
    fps: float
    pixel_format: str
    extradata: bytes


@dataclass(frozen=True, slots=True)
class RawPacket:
    """One packet as demuxed; times as the container tells them, which may jump or be missing.

    Args:
        camera_at_s: the camera's wall clock in seconds since 1970, where RTCP sender reports give it.
    """

    data: bytes
    pts_s: float | None
    dts_s: float | None
    is_keyframe: bool
    camera_at_s: float | None = None


_BY_ERRNO: dict[int, Failure] = {
    errno.ENOENT: Failure.MISSING,
    errno.ENODEV: Failure.MISSING,
    errno.ENXIO: Failure.MISSING,
    errno.EISDIR: Failure.DIRECTORY,
    errno.EACCES: Failure.FORBIDDEN,
    errno.EPERM: Failure.FORBIDDEN,
    errno.ECONNREFUSED: Failure.REFUSED,
    errno.EHOSTUNREACH: Failure.UNREACHABLE,
    errno.ENETUNREACH: Failure.UNREACHABLE,
    errno.EHOSTDOWN: Failure.UNREACHABLE,
    errno.ETIMEDOUT: Failure.TIMEOUT,
    errno.EBUSY: Failure.BUSY,
    errno.ECONNRESET: Failure.ENDED,
    errno.EPIPE: Failure.ENDED,
}


def failure_of(error: av.FFmpegError) -> Failure:
    """Which failure an FFmpeg error means."""
    if isinstance(error, av.HTTPUnauthorizedError):
        return Failure.UNAUTHORIZED
    if isinstance(error, av.HTTPForbiddenError):
        return Failure.FORBIDDEN
    if isinstance(error, av.HTTPNotFoundError):
        return Failure.NOT_FOUND
    if isinstance(error, av.EOFError):
        return Failure.ENDED
    if isinstance(error, av.InvalidDataError | av.DemuxerNotFoundError):
        return Failure.NOT_VIDEO
    if isinstance(error, av.DecoderNotFoundError):
        return Failure.UNSUPPORTED
    return _BY_ERRNO.get(error.errno or 0, Failure.OTHER)


def file_target(path: Path) -> str:
    """A path as FFmpeg takes it for nothing but a file, whatever characters it holds.

    Of what is opened this way, a playlist may name other files, but no addresses: FFmpeg's own rule.
    """
    return f"file:{path.absolute()}"


class Demuxer:
    """The one video of a container.

    Args:
        target: what FFmpeg opens.
        container_format: FFmpeg's name of the format, None to find out.
        options: FFmpeg's options of the format and the protocol.
    Raises:
        OpenFailed
    """

    def __init__(
        self, target: str, *, container_format: str | None = None, options: Mapping[str, str] | None = None
    ) -> None:
        try:
            self._container: InputContainer = av.open(target, "r", format=container_format, options=dict(options or {}))
        except av.FFmpegError as error:
            failure = failure_of(error)
            if failure is Failure.ENDED and target.startswith("file:"):
                failure = Failure.NOT_VIDEO  # FFmpeg ran past the end while it looked for a beginning
            raise OpenFailed(failure, error.strerror or "") from None
        try:
            self._stream = _video_stream(self._container)
            self.description = _describe(self._stream)
        except OpenFailed:
            self._container.close()
            raise
        self.container_format = self._container.format.name
        self._known_sets: ParameterSets | None = None

    @property
    def duration_s(self) -> float | None:
        """How long the container says the video is, None when it does not say."""
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        return self._container.duration / av.time_base if self._container.duration else None

    @property
    def frame_count(self) -> int | None:
        """How many pictures the container says it holds, None when it does not say."""
        return self._stream.frames or None

    def packets(self) -> Iterator[Description | RawPacket]:
        """All packets; a Description before those that it newly describes.

        Raises OpenFailed when reading fails midway; ends at the end of the stream.
        """
        try:
            for packet in self._container.demux(self._stream):
                if not packet.size:  # demux() ends with an empty packet, meant for the decoder
                    continue
                raw = _raw(packet)
                if raw.is_keyframe and (changed := self._changed(packet, raw.data)):
                    self.description = changed
                    yield changed
                yield raw
        except av.FFmpegError as error:
            failure = failure_of(error)
            # FFmpeg reports a connection that breaks off as an input/output error.
            raise OpenFailed(Failure.ENDED if failure is Failure.OTHER else failure, error.strerror or "") from None

    def _changed(self, packet: av.Packet[VideoStream], data: bytes) -> Description | None:
        """The new description, where a key frame brings other parameter sets than those known."""
        now = self.description
        if packet.has_sidedata("new_extradata"):
            return _resized(replace(now, extradata=bytes(packet.get_sidedata("new_extradata"))))
        if now.extradata[:1] == b"\x01" or now.codec not in ("h264", "hevc"):
            return None
        found = parameter_sets(now.codec, data)
        if not found.sps or found == self._known_sets:
            return None
        known = self._known_sets or parameter_sets(now.codec, now.extradata)
        self._known_sets = found
        if not known.sps or known.sps == found.sps:
            return None
        return _resized(replace(now, extradata=found.annex_b()))

    def close(self) -> None:
        self._container.close()


def _video_stream(container: InputContainer) -> VideoStream:
    cover = av.stream.Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & cover]
    if not streams:
        raise OpenFailed(Failure.NO_VIDEO)
    return streams[0]


def _describe(stream: VideoStream) -> Description:
    context = stream.codec_context
    if context is None:
        raise OpenFailed(Failure.UNSUPPORTED)
    codec = context.codec.canonical_name
    if codec in _NOT_VIDEO:
        raise OpenFailed(Failure.NOT_VIDEO)
    rate = stream.average_rate or stream.guessed_rate
    fps = float(rate) if rate else 0.0
    described = Description(
        codec=codec,
        width_px=context.width,
        height_px=context.height,
        fps=fps if 0 < fps <= _FASTEST_FPS else 0.0,
        pixel_format=context.pix_fmt or "",
        extradata=context.extradata or b"",
    )
    # Looking into the stream, FFmpeg may have passed a change of resolution already: the size it tells is the
    # later one then, but the parameter sets are those of the beginning.
    return _resized(described)


def _resized(now: Description) -> Description:
    """`now` with the size its parameter sets tell; as it is without (readable) ones."""
    try:
        if now.codec == "h264" and is_avcc(now.extradata):
            sets = avcc_parameter_sets(now.extradata)
        else:
            sets = parameter_sets(now.codec, now.extradata)
        size = parse_sps(now.codec, sets.sps[0]) if sets.sps else None
    except ValueError:
        size = None  # damaged: the decoder will count it
    return replace(now, width_px=size.width_px, height_px=size.height_px) if size else now


def _raw(packet: av.Packet[VideoStream]) -> RawPacket:
    base = packet.time_base
    camera_at_s: float | None = None
    if packet.has_sidedata("prft"):
        wall_us, _flags = _PRODUCER_TIME.unpack_from(bytes(packet.get_sidedata("prft")))
        camera_at_s = wall_us / 1e6
    return RawPacket(
        bytes(packet),
        None if packet.pts is None else packet.pts * base.numerator / base.denominator,
        None if packet.dts is None else packet.dts * base.numerator / base.denominator,
        packet.is_keyframe,
        camera_at_s,
    )
