"""What the ingest child tells its parent, over its standard output: length-prefixed messages.

    message = kind (1 byte), length (4 bytes, big endian), body
    OPENED  body is JSON: a Description        FAILED  body is JSON: a Failed
    PACKET  body is a fixed head (times, flags), then the bitstream
The parent's one message to the child, a line of JSON on its standard input, is a Request: an address may
carry credentials, and a command line or an environment can be read by others.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from enum import IntEnum

from custos.adapters.sources.demux import Description, RawPacket
from custos.adapters.sources.failures import Failure

_HEAD = struct.Struct("!BI")
_PACKET = struct.Struct("!ddddB")  # pts, dts, camera's clock (NaN: not told), arrival; flags
_KEYFRAME = 1
_LONGEST_BODY = 64 * 1024 * 1024  # a raw 4K picture is 25 MB
_MISSING = float("nan")


class _Kind(IntEnum):
    OPENED = 1
    PACKET = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What the child shall open.

    Args:
        target: FFmpeg's address or path. `container_format`: FFmpeg's name, "" to find out.
        options: FFmpeg's options.
        loop: a file, again and again, paced like a camera.
        in_step_from_s: of a looped file: when its first round began, seconds since 1970, so that everybody who plays it
            shows the same picture at the same time; None begins with the first picture.
    """

    target: str
    container_format: str = ""
    options: tuple[tuple[str, str], ...] = ()
    loop: bool = False
    in_step_from_s: float | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Request:
        told = json.loads(line)
        options = tuple((str(name), str(value)) for name, value in told["options"])
        step = told["in_step_from_s"]
        in_step_from_s = None if step is None else float(step)
        return cls(str(told["target"]), str(told["container_format"]), options, bool(told["loop"]), in_step_from_s)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A packet and this machine's clock when it came in, seconds since 1970."""

    raw: RawPacket
    arrived_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The child gives up: why, and FFmpeg's word on it (may hold credentials)."""

    failure: Failure
    detail: str


Message = Description | Arrived | Failed


class WireError(Exception):
    """The bytes are not of this protocol."""


def encode(message: Message) -> bytes:
    """One message, with its head."""
    if isinstance(message, Arrived):
        return _encode_packet(message)
    if isinstance(message, Failed):
        body = json.dumps({"failure": message.failure.value, "detail": message.detail}).encode()
        return _HEAD.pack(_Kind.FAILED, len(body)) + body
    told = asdict(replace(message, extradata=b""))
    told["extradata"] = message.extradata.hex()
    body = json.dumps(told).encode()
    return _HEAD.pack(_Kind.OPENED, len(body)) + body


def _encode_packet(message: Arrived) -> bytes:
    raw = message.raw
    times = (_MISSING if t is None else t for t in (raw.pts_s, raw.dts_s, raw.camera_at_s))
    head = _PACKET.pack(*times, message.arrived_s, _KEYFRAME if raw.is_keyframe else 0)
    return _HEAD.pack(_Kind.PACKET, len(head) + len(raw.data)) + head + raw.data


class Parser:
    """Bytes in, whole messages out: `feed(bytes) -> Iterator[Message]`. Raises WireError on foreign bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._buffer)
            if length > _LONGEST_BODY:
                raise WireError(f"a message of {length} bytes is announced, at most {_LONGEST_BODY} are allowed")
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            body = bytes(memoryview(self._buffer)[_HEAD.size : end])
            del self._buffer[:end]
            yield _decode(kind, body)


def _decode(kind: int, body: bytes) -> Message:
    try:
        if kind == _Kind.PACKET:
            return _decode_packet(body)
        told = json.loads(body)
        if kind == _Kind.FAILED:
            return Failed(Failure(told["failure"]), str(told["detail"]))
        if kind == _Kind.OPENED:
            return Description(
                codec=str(told["codec"]),
                width_px=int(told["width_px"]),
                height_px=int(told["height_px"]),
                fps=float(told["fps"]),
                pixel_format=str(told["pixel_format"]),
                extradata=bytes.fromhex(told["extradata"]),
            )
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise WireError(f"a message of kind {kind} cannot be read: {error}") from error
    raise WireError(f"unknown kind of message: {kind}")


def _decode_packet(body: bytes) -> Arrived:
    pts, dts, camera, arrived, flags = _PACKET.unpack_from(body)
    told = [None if t != t else float(t) for t in (pts, dts, camera)]
    data = body[_PACKET.size :]
    return Arrived(RawPacket(data, told[0], told[1], bool(flags & _KEYFRAME), told[2]), float(arrived))
