"""The child's messages survive the pipe, in pieces of any size; foreign bytes are refused."""

from __future__ import annotations

import pytest

from custos.adapters.sources.demux import Description, RawPacket
from custos.adapters.sources.failures import Failure
from custos.adapters.sources.wire import Arrived, Failed, Message, Parser, Request, WireError, encode

MESSAGES: list[Message] = [
    Description("h264", 640, 360, 29.97, "yuv420p", b"\x01\x02\xff"),
    Arrived(RawPacket(b"\x00\x01" * 5000, 1.5, 1.25, True, 1_750_000_000.25), 1_750_000_000.5),
    Arrived(RawPacket(b"x", None, None, False, None), 2.0),
    Failed(Failure.UNAUTHORIZED, "method DESCRIBE failed: 401"),
]


def test_no_bytes_make_no_messages() -> None:
    assert list(Parser().feed(b"")) == []


@pytest.mark.parametrize("piece", [1, 3, 7, 4096, 1_000_000])
def test_messages_come_out_as_they_went_in(piece: int) -> None:
    data = b"".join(encode(message) for message in MESSAGES)
    parser = Parser()
    heard = [m for at in range(0, len(data), piece) for m in parser.feed(data[at : at + piece])]
    assert heard == MESSAGES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Traceback (most recent call last)", "bytes is announced"),
        (b"\x09\x00\x00\x00\x02{}", "unknown kind of message: 9"),
        (b"\x01\x00\x00\x00\x02{}", "kind 1"),
        (b"\x03\x00\x00\x00\x03abc", "kind 3"),
        (b"\x02\x00\x00\x00\x01x", "kind 2"),
        (b'\x03\x00\x00\x00\x22{"failure": "bored", "detail": "-"}', "kind 3"),
    ],
)
def test_foreign_bytes_are_refused(data: bytes, expected: str) -> None:
    with pytest.raises(WireError, match=expected):
        list(Parser().feed(data))


def test_a_request_is_one_line() -> None:
    request = Request("rtsp://a:b@h/s\n", "v4l2", (("timeout", "5"), ("a", "b")), True)
    line = request.line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert Request.parse(line) == request
