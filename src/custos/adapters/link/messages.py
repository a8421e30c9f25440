"""What a worker and a hub say to each other, and its form on the wire.

    message = header length (4 bytes), payload length (4 bytes), header (JSON: {"kind", "body"}), payload (bytes)

Both lengths are big endian. Anything else on the socket is a `WireError`, and the connection ends.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue, TypeAdapter

from custos.model.calibration import Calibration
from custos.model.event import Event, Json, Picture
from custos.model.frame import Clock, Packet, StreamInfo
from custos.model.live import CameraState, TrackView
from custos.model.site import Site

HEADER_LIMIT = 4 << 20
PAYLOAD_LIMIT = 32 << 20
_LENGTHS = struct.Struct(">II")
_HEADER = re.compile(rb'\{ ?"kind": ?"([A-Za-z]+)", ?"body": ?(.*)\}', re.DOTALL)


class WireError(Exception):
    """The other side sent something that is no message."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A worker's first word."""

    worker_id: str
    detector: str
    version: str


@dataclass(frozen=True, slots=True)
class EventsStored:
    """Hub to worker: everything up to `sequence` is stored."""

    sequence: int


@dataclass(frozen=True, slots=True)
class PictureMade:
    """A JPEG; its bytes are the next `size` bytes of the message's payload."""

    id: str
    camera_id: str
    at: datetime
    size: int
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class EventMade:
    """An Event, with its data as JSON."""

    id: str
    type: str
    at: datetime
    source: str
    subject: str | None
    data: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class EventsMade:
    """Events of the worker, resent until acknowledged; the payload is their pictures, one after the other."""

    sequence: int
    events: tuple[EventMade, ...]
    pictures: tuple[PictureMade, ...] = ()


@dataclass(frozen=True, slots=True)
class StatesTold:
    states: tuple[CameraState, ...]


@dataclass(frozen=True, slots=True)
class TracksTold:
    camera_id: str
    view: TrackView


@dataclass(frozen=True, slots=True)
class StreamTold:
    """How the packets that follow are coded; `extradata` is the payload."""

    camera_id: str
    codec: str
    width_px: int
    height_px: int
    fps: float
    pixel_format: str


@dataclass(frozen=True, slots=True)
class PacketSent:
    """One compressed picture; its data is the payload."""

    camera_id: str
    pts_s: float
    dts_s: float
    captured_at: datetime
    clock: Clock
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class PictureSent:
    """A live picture; the JPEG is the payload."""

    camera_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Configure:
    """Hub to worker: the site as it is from now on, and which cameras were moved since their zones were drawn."""

    site: Site
    base_dir: str
    calibrations: dict[str, Calibration] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watch:
    """Hub to worker: what viewers of this camera want from now on."""

    camera_id: str
    packets: bool
    pictures: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Hub to worker: send one PictureSent of this camera."""

    camera_id: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Hub to worker: send one PicturesRecalled with what this camera showed near these times."""

    request: str
    camera_id: str
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class PicturesRecalled:
    """The answer to the Recall of this `request`; the payload is the pictures, one after the other."""

    request: str
    pictures: tuple[PictureMade, ...]


Message = (
    Hello
    | EventsMade
    | EventsStored
    | StatesTold
    | TracksTold
    | StreamTold
    | PacketSent
    | PictureSent
    | Configure
    | Watch
    | Snapshot
    | Recall
    | PicturesRecalled
)
_ADAPTERS: Mapping[str, TypeAdapter[Message]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (
        Hello,
        EventsMade,
        EventsStored,
        StatesTold,
        TracksTold,
        StreamTold,
        PacketSent,
        PictureSent,
        Configure,
        Watch,
        Snapshot,
        Recall,
        PicturesRecalled,
    )
}


def pack(message: Message, payload: bytes = b"") -> bytes:
    """The message and its payload as bytes for the wire."""
    kind = type(message).__name__
    body = _ADAPTERS[kind].dump_json(message)
    header = b'{"kind":"%s","body":%s}' % (kind.encode(), body)
    return _LENGTHS.pack(len(header), len(payload)) + header + payload


def lengths(prefix: bytes) -> tuple[int, int]:
    """(header length, payload length) of the 8 bytes that start a message; WireError when cut off or absurd."""
    if len(prefix) != _LENGTHS.size:
        raise WireError(f"the wire ended after {len(prefix)} bytes of a message")
    header, payload = _LENGTHS.unpack(prefix)
    if header > HEADER_LIMIT or payload > PAYLOAD_LIMIT:
        raise WireError(f"a message of {header} + {payload} bytes is larger than {HEADER_LIMIT} + {PAYLOAD_LIMIT}")
    return header, payload


def unpack(header: bytes) -> Message:
    """The message of a header; WireError when it is none."""
    found = _HEADER.fullmatch(header)
    if found is None:
        raise WireError("the header has no kind and body")
    try:
        return _ADAPTERS[found[1].decode()].validate_json(found[2])
    except (ValueError, KeyError, RecursionError) as error:  # not JSON, no such kind, not its fields, too deep
        raise WireError(f"not a message: {error}") from error


def event_made(event: Event) -> EventMade:
    """The event as it goes over the wire."""
    data = {name: _copied(value) for name, value in event.data.items()}
    return EventMade(event.id, event.type, event.at, event.source, event.subject, data)


def event_of(made: EventMade) -> Event:
    """The reverse of `event_made`; ValueError when its time has no time zone.

    Pydantic gives every time a time zone of its own, and times of different ones take ten times as long to compare:
    those in UTC have one and the same.
    """
    at = made.at.astimezone(UTC) if made.at.tzinfo is not None else made.at
    return Event(made.id, made.type, at, made.source, made.subject, made.data)


def _copied(value: Json) -> JsonValue:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def pictures_payload(pictures: tuple[Picture, ...]) -> tuple[tuple[PictureMade, ...], bytes]:
    """The descriptions and the joined bytes of pictures."""
    made = tuple(PictureMade(p.id, p.camera_id, p.at, len(p.jpeg), p.box) for p in pictures)
    return made, b"".join(p.jpeg for p in pictures)


def pictures_of(made: tuple[PictureMade, ...], payload: bytes) -> tuple[Picture, ...]:
    """The reverse of `pictures_payload`; WireError when the sizes do not add up."""
    if sum(p.size for p in made) != len(payload):
        raise WireError(f"pictures of {sum(p.size for p in made)} bytes announced, {len(payload)} came")
    pictures, start = [], 0
    for p in made:
        pictures.append(Picture(p.id, p.camera_id, p.at, payload[start : start + p.size], p.box))
        start += p.size
    return tuple(pictures)


def stream_of(told: StreamTold, extradata: bytes) -> StreamInfo:
    return StreamInfo(told.codec, told.width_px, told.height_px, extradata, told.fps, told.pixel_format)


def packet_of(sent: PacketSent, data: bytes) -> Packet:
    """WireError when the time of capture has no time zone."""
    try:
        return Packet(data, sent.pts_s, sent.dts_s, sent.captured_at, sent.clock, sent.is_keyframe)
    except ValueError as error:
        raise WireError(str(error)) from error
