"""Every Source passes `check_source`; a source that breaks a promise does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custos.adapters.sources.file import FileSource
from custos.adapters.sources.opening import open_source
from custos.model.frame import Clock, Packet, SourceItem, StreamInfo, StreamLost, StreamOpened
from custos.model.site import Camera
from custos.pipeline.ports import Source
from custos.testing.check_source import check_source
from custos.testing.clips import write_clip
from custos.testing.sources import ScriptedSource

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
OPENED = StreamOpened(StreamInfo("h264", 64, 48), START)
LOST = StreamLost("gone", START)


def packet(index: int, *, key: bool = False, at_s: float | None = None, dts_s: float | None = None) -> Packet:
    at = START + timedelta(seconds=index / 10 if at_s is None else at_s)
    return Packet(b"x", index / 10, index / 10 if dts_s is None else dts_s, at, Clock.ARRIVAL, key)


GOOD: list[SourceItem] = [
    LOST,
    OPENED,
    packet(0, key=True),
    packet(1),
    packet(2),
    LOST,
    OPENED,
    packet(0, key=True, at_s=5.0),
    packet(1, at_s=5.1),
]


def a_file(folder: Path) -> Source:
    return FileSource(write_clip(folder / "a.mp4", frames=40), "c", START)


def a_file_with_b_frames(folder: Path) -> Source:
    return FileSource(write_clip(folder / "b.mp4", frames=40, b_frames=3, options={"preset": "fast"}), "c", START)


def a_looped_file(folder: Path) -> Source:
    write_clip(folder / "c.mp4", frames=10, fps=20)
    return open_source(Camera("c", "c", "c.mp4", loop=True), base_dir=folder)


def a_looped_file_with_b_frames(folder: Path) -> Source:
    write_clip(folder / "d.mp4", frames=10, fps=20, b_frames=3, options={"preset": "fast"})
    return open_source(Camera("c", "c", "d.mp4", loop=True), base_dir=folder)


def a_script(folder: Path) -> Source:
    return ScriptedSource(GOOD)


def a_live_script(folder: Path) -> Source:
    return ScriptedSource(GOOD, live=True)


@pytest.mark.parametrize(
    "make",
    [a_file, a_file_with_b_frames, a_looped_file, a_looped_file_with_b_frames, a_script, a_live_script],
)
def test_sources_keep_their_promises(make: Callable[[Path], Source], tmp_path: Path) -> None:
    packets = sum(isinstance(item, Packet) for item in GOOD)  # a live script says nothing after them
    check_source(lambda: make(tmp_path), packets=packets if make is a_live_script else 30)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "no packet"),
        ([OPENED], "no packet"),
        ([packet(0, key=True)], "without a StreamOpened"),
        ([OPENED, packet(0)], "no key frame"),
        ([OPENED, packet(0, key=True), LOST, packet(1, key=True)], "without a StreamOpened"),
        ([OPENED, packet(0, key=True), packet(1, dts_s=0.0)], "dts does not increase"),
        ([OPENED, packet(0, key=True), packet(1, at_s=0.0)], "captured_at does not increase"),
        ([OPENED, packet(1, key=True), OPENED, packet(2, key=True, at_s=0.05)], "goes back"),
        ([OPENED, packet(0, key=True), replace(LOST, final=True), OPENED], "final"),
        ([OPENED, packet(0, key=True), replace(LOST, reason="")], "without a reason"),
        ([OPENED, packet(0, key=True), replace(LOST, kind="bored")], "kind is 'bored'"),
        ([OPENED, replace(packet(0, key=True), data=b"")], "without data"),
    ],
)
def test_a_broken_promise_is_noticed(items: list[SourceItem], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_source(lambda: ScriptedSource(items), limit_s=5.0)


class NeverEnding(ScriptedSource):
    """Deaf to close()."""

    def close(self) -> None:
        pass


def test_a_source_that_does_not_close_is_noticed() -> None:
    source = NeverEnding(GOOD, live=True)
    with pytest.raises(AssertionError, match="after close"):
        check_source(lambda: source, limit_s=0.2, close_s=0.2)
    ScriptedSource.close(source)
