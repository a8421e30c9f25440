"""Looped files in step with the clock: whoever plays one, from whenever, is where all others are."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import pytest

from custos.adapters.sources import ingest
from custos.adapters.sources.demux import Demuxer, RawPacket, file_target
from custos.adapters.sources.failures import Failure
from custos.adapters.sources.wire import Arrived, Failed, Request
from custos.testing.clips import write_clip

FRAMES, FPS, GOP = 12, 20, 4
LENGTH_S = FRAMES / FPS


class Wall:
    """A clock on the wall that only sleeping moves."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def time(self) -> float:
        return self.now_s

    monotonic = time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    clock = Wall(1_000_000.0)
    monkeypatch.setattr(ingest, "time", clock)
    return clock


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clip") / "a.mp4"
    write_clip(file, frames=FRAMES, fps=FPS, gop=GOP)
    return file


class Player:
    """Plays the clip; packets come with their numbers in the file."""

    def __init__(self, clip: Path, first_round_s: float) -> None:
        demuxer = Demuxer(file_target(clip))
        self._numbers = {p.data: i for i, p in enumerate(demuxer.packets()) if isinstance(p, RawPacket)}
        request = Request(file_target(clip), loop=True, in_step_from_s=first_round_s)
        self._messages = (m for m in ingest.run(Request.parse(request.line())) if isinstance(m, Arrived))

    def take(self, count: int) -> list[tuple[int, Arrived]]:
        return [(self._numbers[one.raw.data], one) for one in islice(self._messages, count)]


@pytest.mark.parametrize(
    ("began_before_s", "first"), [(0.0, 0), (0.05, 4), (0.2, 4), (0.31, 8), (0.45, 0), (86_400.31, 8), (-0.35, 8)]
)
def test_it_begins_with_the_next_key_frame_and_every_packet_comes_at_its_time(
    clip: Path, wall: Wall, began_before_s: float, first: int
) -> None:
    """Also before the first round: then it is the end of the one before."""
    first_round_s = wall.now_s - began_before_s
    found = Player(clip, first_round_s).take(3 * FRAMES)
    assert [number for number, _ in found] == [(first + i) % FRAMES for i in range(3 * FRAMES)]
    for number, one in found:
        late_s = (one.arrived_s - first_round_s - number / FPS) % LENGTH_S
        assert min(late_s, LENGTH_S - late_s) < 1e-4
    for (_, before), (_, after) in pairwise(found):
        assert after.raw.dts_s is not None
        assert before.raw.dts_s is not None
        assert after.raw.dts_s - before.raw.dts_s == pytest.approx(1 / FPS, abs=1e-4), "times go on over the rounds"


def test_after_a_long_delay_it_goes_on_where_it_would_be_by_now(clip: Path, wall: Wall) -> None:
    player = Player(clip, wall.now_s)
    assert [number for number, _ in player.take(3)] == [0, 1, 2]
    wall.now_s += 10 * LENGTH_S + 0.25
    (number, one), *_ = player.take(5)
    assert number == 8
    assert one.arrived_s == pytest.approx(1_000_000.0 + 10 * LENGTH_S + 8 / FPS, abs=1e-4)


def test_when_the_clock_is_set_back_it_follows(clip: Path, wall: Wall) -> None:
    player = Player(clip, wall.now_s - 60.0)
    player.take(3)
    wall.now_s -= 30.0
    found = player.take(FRAMES)
    assert [b - a for (a, _), (b, _) in pairwise(found) if b] == [1] * (FRAMES - 2)
    assert found[-1][1].arrived_s < 1_000_000.0 - 28.0


def test_a_file_without_pictures_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"no video")
    (told,) = ingest.run(Request(file_target(file), loop=True, in_step_from_s=0.0))
    assert isinstance(told, Failed)
    assert told.failure is Failure.NOT_VIDEO
