"""A finite file, as fast as possible: `FileSource -> Iterator[StreamOpened | Packet]`, then it ends."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from custos.adapters.sources.demux import Demuxer, Description, RawPacket, file_target
from custos.adapters.sources.failures import Failure, OpenFailed
from custos.adapters.sources.timeline import FileTimeline
from custos.model.errors import CustosError
from custos.model.frame import SourceItem, StreamInfo, StreamOpened, require_aware

_SHORT_S = 1.0
_SHORT_SHARE = 0.02


def stream_info(description: Description) -> StreamInfo:
    """The same, as the pipeline knows it."""
    return StreamInfo(
        description.codec,
        description.width_px,
        description.height_px,
        description.extradata,
        description.fps,
        description.pixel_format,
    )


class FileSource:
    """A recording, demuxed in this process. `iter()` works once.

    Args:
        path: the video file.
        camera_id: whose recording it is.
        started_at: aware; when its first picture was taken.
    Raises:
        CustosError: missing, a directory, not a video, sound only, not one picture, codec not supported.

    `warnings` holds, after the end, what was wrong with it (cut short, ...) in words.
    """

    def __init__(self, path: Path, camera_id: str, started_at: datetime) -> None:
        require_aware(started_at, "started_at")
        self.path = path
        self.camera_id = camera_id
        self.started_at = started_at
        self.warnings: list[str] = []
        self._closed = False
        try:
            check_file(path)
            self._demuxer = Demuxer(file_target(path))
        except OpenFailed as failed:
            raise _error(failed, path) from None
        self.duration_s = self._demuxer.duration_s
        self.frame_count = self._demuxer.frame_count
        self._packets = self._demuxer.packets()
        self._first = self._first_packet()
        self.info = stream_info(self._demuxer.description)

    def __iter__(self) -> Iterator[SourceItem]:
        timeline = FileTimeline(self.info.fps, self.started_at)
        end_s, last = 0.0, self.started_at
        if self._closed:
            return
        try:
            yield StreamOpened(self.info, self.started_at)
            for item in self._items():
                if self._closed:
                    return
                if isinstance(item, Description):
                    yield StreamOpened(stream_info(item), last)
                    continue
                packet = timeline.place(item)
                last = max(last, packet.captured_at)
                end_s = max(end_s, (packet.captured_at - self.started_at).total_seconds())
                yield packet
            self._judge_length(end_s)
        finally:
            self._demuxer.close()

    def close(self) -> None:
        self._closed = True

    def _first_packet(self) -> RawPacket:
        """The first key frame, before which nothing can be decoded; a video without one is refused."""
        try:
            for item in self._packets:
                if isinstance(item, RawPacket) and item.is_keyframe:
                    return item
            raise OpenFailed(Failure.NO_PICTURES)
        except OpenFailed as failed:
            self._demuxer.close()
            raise _error(failed, self.path) from None

    def _items(self) -> Iterator[Description | RawPacket]:
        yield self._first
        try:
            yield from self._packets
        except OpenFailed as failed:
            self.warnings.append(f"the rest of the file is damaged and was not read: {failed.detail}")

    def _judge_length(self, end_s: float) -> None:
        if self.duration_s is None or self.warnings:
            return
        frame_s = 1.0 / self.info.fps if self.info.fps else 0.0
        missing_s = self.duration_s - (end_s + frame_s)
        if missing_s > max(_SHORT_S, self.duration_s * _SHORT_SHARE):
            self.warnings.append(
                f"the file is cut short: it says {self.duration_s:.1f} s, its pictures end at {end_s:.1f} s"
            )


def check_file(path: Path) -> None:
    """Raise OpenFailed unless `path` is a regular file with something in it."""
    try:
        found = path.stat()
    except PermissionError:
        raise OpenFailed(Failure.FORBIDDEN) from None
    except OSError:
        raise OpenFailed(Failure.MISSING) from None
    if stat.S_ISDIR(found.st_mode):
        raise OpenFailed(Failure.DIRECTORY)
    if not stat.S_ISREG(found.st_mode):
        raise OpenFailed(Failure.NOT_VIDEO, "it is not a regular file")
    if not found.st_size:
        raise OpenFailed(Failure.NOT_VIDEO, "the file is empty")


def _error(failed: OpenFailed, path: Path) -> CustosError:
    detail = f" ({failed.detail})" if failed.detail else ""
    return CustosError(f"{failed.failure.what}{detail}.", where=str(path), remedy=failed.failure.remedy)
