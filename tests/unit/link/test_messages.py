"""What a worker and a hub say to each other: out as it went in, and nothing else."""

from __future__ import annotations

import json

import pytest

from custos.adapters.link.messages import (
    Configure,
    EventsStored,
    Message,
    PictureSent,
    Snapshot,
    StatesTold,
    StreamTold,
    TracksTold,
    Watch,
    WireError,
    lengths,
    pack,
    unpack,
)
from custos.model.calibration import Calibration
from custos.model.live import CameraState
from custos.model.site import (
    Site,
)
from custos.testing.clock import START
from custos.testing.link import (
    HELLO,
    SITE,
    STATE,
    VIEW,
    packet_sent,
)

MESSAGES: tuple[Message, ...] = (
    HELLO,
    EventsStored(12),
    StatesTold((STATE, CameraState("roof", "disabled", START))),
    StatesTold(()),
    TracksTold("yard", VIEW),
    StreamTold("yard", "h264", 640, 480, 25.0, "yuv420p"),
    packet_sent(3),
    PictureSent("yard", START),
    Configure(SITE, "/srv/custos"),
    Configure(Site("hq", "Empty"), ""),
    Configure(SITE, "", {"yard": Calibration(START, "It was moved.", None, "moved-1")}),
    Watch("yard", packets=True, pictures=False),
    Snapshot("yard"),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    wire = pack(message, b"payload")
    header, payload = lengths(wire[:8])
    assert unpack(wire[8 : 8 + header]) == message
    assert wire[8 + header :] == b"payload"
    assert payload == 7


@pytest.mark.parametrize("prefix", [b"", b"\x00", b"GET / HT", b"\xff" * 8, b"\x00" * 4 + b"\xff" * 4])
def test_absurd_lengths_are_refused(prefix: bytes) -> None:
    with pytest.raises(WireError):
        lengths(prefix)


def test_a_worker_that_does_not_count_dropped_speeds_is_understood() -> None:
    state = {"camera_id": "yard", "state": "connected", "since": START.isoformat()}
    header = b'{"kind":"StatesTold","body":%s}' % json.dumps({"states": [state]}).encode()
    assert unpack(header) == StatesTold((CameraState("yard", "connected", START),))


NO_MESSAGES = (
    b"",
    b"\xff\xfe",
    b"[]",
    b"{}",
    b'{"kind": 7, "body": {}}',
    b'{"kind": "Order", "body": {}}',
    b'{"kind": "Watch", "body": {"camera_id": "yard"}}',
    b'{"kind": "EventsStored", "body": {"sequence": ' + b"9" * 5000 + b"}}",
    b'{"kind": "Configure", "body": {"site": {"id": "NOT an id", "name": ""}, "base_dir": ""}}',
    b'{"kind": "Hello", "body": ' + b"[" * 100_000,
)


@pytest.mark.parametrize("header", NO_MESSAGES, ids=lambda header: header[:20].decode(errors="replace"))
def test_what_is_no_message_is_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        unpack(header)
