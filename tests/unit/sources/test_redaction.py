"""Credentials never leave: addresses and FFmpeg's messages, in every spelling seen."""

from __future__ import annotations

import pytest

from custos.adapters.sources import redact
from custos.adapters.sources.redaction import redact_message

SECRETS = ("admin", "hunter2", "s3cret")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("/videos/dock.mp4", "/videos/dock.mp4"),
        ("rtsp://10.0.0.5:554/stream1", "rtsp://10.0.0.5:554/stream1"),
        ("rtsp://admin:hunter2@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:hunter2@10.0.0.5:8554/stream1", "rtsp://***@10.0.0.5:8554/stream1"),
        ("rtsp://admin@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:hunter2@x@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:hunter2/x@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:hunter2#x@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:hunter2?x@10.0.0.5/stream1", "rtsp://***@10.0.0.5/stream1"),
        ("rtsp://admin:1234hunter2@10.0.0.5", "rtsp://***@10.0.0.5"),
        (
            "http://cam/video?user=admin&password=hunter2&size=2",
            "http://cam/video?user=***&password=***&size=2",
        ),
        ("http://cam/video?a=1&pwd=hunter2", "http://cam/video?a=1&pwd=***"),
        ("http://cam/video?loginuse=admin&loginpas=hunter2&access_token=s3cret", None),
        ("https://cam/v?X-Amz-Signature=s3cret&token=s3cret", None),
        ("https://cam/v?api_key=s3cret#t=1", "https://cam/v?api_key=***#t=1"),
        ("rtsp://[fe80::1]:554/s?auth=s3cret", "rtsp://[fe80::1]:554/s?auth=***"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str | None) -> None:
    redacted = redact(url)
    assert not any(secret in redacted for secret in SECRETS)
    if shown is not None:
        assert redacted == shown


def test_an_address_inside_a_message_is_redacted_too() -> None:
    message = "[rtsp @ 0x5] cannot open rtsp://admin:hunter2@10.0.0.5/a, tried rtsp://admin:hunter2@10.0.0.5/b"
    assert redact(message) == "[rtsp @ 0x5] cannot open rtsp://***@10.0.0.5/a, tried rtsp://***@10.0.0.5/b"


def test_an_authorization_header_is_redacted() -> None:
    assert "aHVudGVyMg" not in redact("Authorization: Basic aHVudGVyMg==\r\nnext")


@pytest.mark.parametrize(
    ("message", "url"),
    [
        ("wrong password 'hunter2'", "rtsp://admin:hunter2@h/s"),
        ("wrong password 'hunt er2'", "rtsp://admin:hunt%20er2@h/s"),
        ("wrong password 'hunt%20er2'", "rtsp://admin:hunt%20er2@h/s"),
        ("GET /video?token=hunter2 failed", "http://h/video?token=hunter2"),
        ("token hunter2 expired", "http://h/video?token=hunter2"),
        ("user admin:hunter2 unknown", "rtsp://admin:hunter2@[fe80::1]/s"),
    ],
)
def test_a_message_about_an_address_loses_that_addresss_secrets(message: str, url: str) -> None:
    shown = redact_message(message, url)
    assert "er2" not in shown
    assert "***" in shown
