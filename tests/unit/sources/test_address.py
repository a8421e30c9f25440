"""Addresses: which source they mean, and what people get to see of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from custos.adapters.sources.address import Kind, locate
from custos.adapters.sources.file import FileSource
from custos.adapters.sources.live import LiveSource
from custos.adapters.sources.opening import open_source
from custos.model.errors import CustosError, UsageError
from custos.model.site import Camera
from custos.testing.clips import write_clip

BASE = Path("/etc/custos")


@pytest.mark.parametrize(
    ("url", "kind", "target"),
    [
        ("rtsp://cam/stream", Kind.RTSP, "rtsp://cam/stream"),
        ("RTSP://u:p@cam/stream", Kind.RTSP, "RTSP://u:p@cam/stream"),
        ("rtsps://cam/stream", Kind.RTSP, "rtsps://cam/stream"),
        ("http://cam/mjpg", Kind.HTTP, "http://cam/mjpg"),
        ("https://cam/mjpg", Kind.HTTP, "https://cam/mjpg"),
        ("/dev/video0", Kind.DEVICE, "/dev/video0"),
        ("file:///dev/video2", Kind.DEVICE, "/dev/video2"),
        ("clips/dock.mp4", Kind.FILE, "file:/etc/custos/clips/dock.mp4"),
        ("/srv/dock.mp4", Kind.FILE, "file:/srv/dock.mp4"),
        ("file:///srv/a%20b.mp4", Kind.FILE, "file:/srv/a b.mp4"),
        ("12:30:00.mp4", Kind.FILE, "file:/etc/custos/12:30:00.mp4"),
    ],
)
def test_what_an_address_means(url: str, kind: Kind, target: str) -> None:
    address = locate(url, base_dir=BASE)
    assert (address.kind, address.target) == (kind, target)
    assert (address.container_format == "v4l2") == (kind is Kind.DEVICE)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_rtsp_is_carried_as_asked(transport: str) -> None:
    address = locate("rtsp://cam/s", base_dir=BASE, transport=transport)
    assert ("rtsp_transport", transport) in address.options


@pytest.mark.parametrize("url", ["ftp://u:hunter2@cam/x", "rtmp://cam/x", "concat://a", "smb://u:hunter2@cam/x"])
def test_an_unknown_scheme_is_refused_with_the_known_ones(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_source(Camera("c", "c", url), base_dir=BASE)
    assert "rtsp://" in refused.value.remedy
    assert "/dev/video0" in refused.value.remedy
    assert "hunter2" not in str(refused.value)


def test_which_source_is_opened(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4")
    at = datetime(2026, 1, 2, tzinfo=UTC)
    recording = open_source(Camera("c", "c", "a.mp4"), base_dir=tmp_path, started_at=at)
    assert isinstance(recording, FileSource)
    assert (recording.path, recording.started_at) == (clip, at)
    assert isinstance(open_source(Camera("c", "c", "a.mp4", loop=True), base_dir=tmp_path), LiveSource)
    assert isinstance(open_source(Camera("c", "c", "rtsp://cam/s"), base_dir=tmp_path), LiveSource)


def test_a_missing_recording_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(CustosError, match="no such file"):
        open_source(Camera("c", "c", "a.mp4"), base_dir=tmp_path)
