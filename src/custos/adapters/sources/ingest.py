"""The child process that opens and demuxes one source: `python -m custos.adapters.sources.ingest`.

Opening and reading can hang inside FFmpeg for as long as they like: the parent kills this process then. It
reads one Request from its standard input, writes Messages to its standard output, and ends when either is
closed, so it never outlives its parent. With the number of a socket as its argument it is the host that forks such
processes (`launching.py`).
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import av.logging

from custos.adapters.sources.demux import Demuxer, Description, RawPacket
from custos.adapters.sources.failures import Failure, OpenFailed
from custos.adapters.sources.launching import serve_forks
from custos.adapters.sources.streamclock import DEFAULT_FPS, StreamClock
from custos.adapters.sources.wire import Arrived, Failed, Message, Request, encode

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_LATE_S = 1.0
_LONGEST_GAP_S = 2.0
_PARENT_CHECK_S = 1.0


def run(request: Request) -> Iterator[Message]:
    """What becomes of the request: a Description, packets, and, if ever, the failure that ended it."""
    try:
        _resolve(request.target)
        if not request.loop:
            yield from _live(request)
        elif request.in_step_from_s is None:
            yield from _looped(request)
        else:
            yield from _in_step(request, request.in_step_from_s)
        yield Failed(Failure.ENDED, "")
    except OpenFailed as failed:
        yield Failed(failed.failure, failed.detail)


def _resolve(target: str) -> None:
    """FFmpeg reports a name that cannot be resolved as an input/output error: find out first."""
    try:
        url = urlsplit(target)
        host, port = url.hostname, url.port
    except ValueError:
        return
    if url.scheme not in _DEFAULT_PORTS or not host:
        return
    try:
        socket.getaddrinfo(host, port or _DEFAULT_PORTS[url.scheme], type=socket.SOCK_STREAM)
    except OSError as error:
        raise OpenFailed(Failure.UNRESOLVED, error.strerror or "") from None


def _open(request: Request) -> Demuxer:
    return Demuxer(request.target, container_format=request.container_format or None, options=dict(request.options))


def _live(request: Request) -> Iterator[Message]:
    demuxer = _open(request)
    # A multipart stream has no times of its own; FFmpeg counts 25 a second, whatever comes.
    untimed = demuxer.container_format == "mpjpeg"
    yield replace(demuxer.description, fps=0.0) if untimed else demuxer.description
    started = time.monotonic()
    for item in demuxer.packets():
        if isinstance(item, Description):
            yield item
            continue
        if untimed:
            now = time.monotonic() - started
            item = replace(item, pts_s=now, dts_s=now)
        yield Arrived(item, time.time())


def _looped(request: Request) -> Iterator[Message]:
    """A file, round after round, its times continued and its packets sent when they are due."""
    pace = _Pace()
    round_s, told = 0.0, None
    while True:
        demuxer = _open(request)
        if told != demuxer.description:
            yield demuxer.description
        frame_s = 1.0 / (demuxer.description.fps or DEFAULT_FPS)
        clock, first_s, end_s = StreamClock(demuxer.description.fps), None, round_s
        for item in demuxer.packets():
            if isinstance(item, Description):
                yield item
                continue
            times = clock.place(item.pts_s, item.dts_s)
            first_s = times.dts_s if first_s is None else first_s
            moved_s = round_s - first_s
            end_s = times.dts_s + moved_s + frame_s
            pace.wait_until(times.dts_s + moved_s)
            yield Arrived(replace(item, pts_s=times.pts_s + moved_s, dts_s=times.dts_s + moved_s), time.time())
        told, round_s = demuxer.description, end_s
        demuxer.close()
        if first_s is None:
            raise OpenFailed(Failure.NO_PICTURES)


def _in_step(request: Request, first_round_s: float) -> Iterator[Message]:
    """A file, round after round, each packet when the clock on the wall says so: begun anywhere, it is where all others
    are that play it. After a delay it goes on where it would be by now."""
    told, began_s = None, time.time()
    number: int | None = None
    while True:
        demuxer = _open(request)
        if told != demuxer.description:
            yield demuxer.description
        told = demuxer.description
        length_s = demuxer.duration_s
        if not length_s:
            raise OpenFailed(Failure.OTHER, "it does not say how long it is, and cannot be played in step")
        joins = number is None
        now_s = time.time()
        number = int((now_s - first_round_s) // length_s) if number is None else number + 1
        round_s = first_round_s + number * length_s
        for packet, offset_s in _from_key_frame(demuxer, now_s - round_s if joins else 0.0):
            ahead_s = round_s + offset_s - time.time()
            if not -_LATE_S <= ahead_s <= length_s:
                number = None
                break
            if ahead_s > 0:
                time.sleep(ahead_s)
            moved_s = round_s - began_s
            pts_s = None if packet.pts_s is None else packet.pts_s + moved_s
            yield Arrived(replace(packet, pts_s=pts_s, dts_s=offset_s + moved_s), time.time())
        demuxer.close()


def _from_key_frame(demuxer: Demuxer, after_s: float) -> Iterator[tuple[RawPacket, float]]:
    """Packets from the first key frame at or after this place of the file, with their own place; both, and their times,
    in seconds from its first packet. OpenFailed when there is no packet in the whole file."""
    clock, first_s, begun = StreamClock(demuxer.description.fps), None, after_s <= 0
    for item in demuxer.packets():
        if isinstance(item, Description):
            continue
        times = clock.place(item.pts_s, item.dts_s)
        first_s = times.dts_s if first_s is None else first_s
        offset_s = times.dts_s - first_s
        begun = begun or (item.is_keyframe and offset_s >= after_s)
        if begun:
            yield replace(item, pts_s=times.pts_s - first_s, dts_s=offset_s), offset_s
    if first_s is None:
        raise OpenFailed(Failure.NO_PICTURES)


class _Pace:
    """Keeps packets to the clock on the wall, as a camera would."""

    def __init__(self) -> None:
        self._zero_s: float | None = None  # monotonic time of stream time 0

    def wait_until(self, stream_s: float) -> None:
        """Sleep until the packet of this stream time is due. After a long delay, or over a long gap in the
        recording, go on from here."""
        now = time.monotonic()
        if self._zero_s is None:
            self._zero_s = now - stream_s
        ahead_s = self._zero_s + stream_s - now
        if not -_LATE_S <= ahead_s <= _LONGEST_GAP_S:
            self._zero_s = now - stream_s
        elif ahead_s > 0:
            time.sleep(ahead_s)


def _end_with_parent() -> None:
    """End this process, whatever FFmpeg is doing, once our input has been closed or the parent is gone (a host that was
    killed: whoever asked for us starts us anew, and no process is left outside the tree)."""
    parent = os.getppid()
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _PARENT_CHECK_S)
        if readable and not os.read(sys.stdin.fileno(), 1024):
            break
    os._exit(0)


def _first_line() -> bytes:
    """The Request: read byte by byte, as nothing may be left in a buffer that nobody looks at again."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            break
        line += byte
    return bytes(line)


def ingest() -> int:
    """Read one source, as asked for on standard input."""
    line = _first_line()
    if not line:
        return 0
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # FFmpeg's own lines go to standard error, which the parent reads; PyAV would swallow them.
    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.ERROR)
    try:
        for message in run(Request.parse(line)):
            sys.stdout.buffer.write(encode(message))
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)  # the parent is gone; a regular exit would try to flush again
    return 0


def main() -> int:
    if len(sys.argv) < 2:
        return ingest()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        gc.freeze()  # pages that no collection touches stay shared between the forks
        return serve_forks(control, ingest)


if __name__ == "__main__":
    sys.exit(main())
