"""The last minutes of a camera: what is kept, what is found of it, and that it stays small."""

from __future__ import annotations

import pytest

from custos.model.frame import Clock, Packet, StreamInfo
from custos.pipeline.recent import FAR_S, LIMIT_BYTES, NEAR_S, SELDOM_S, Kept, RecentPictures
from custos.testing.clock import after

H264 = StreamInfo("h264", 320, 240, b"")


def packet(at_s: float, *, key: bool = True, size: int = 10) -> Packet:
    return Packet(bytes(size), at_s, at_s, after(at_s), Clock.CAMERA, is_keyframe=key)


def playing(seconds: float, every_s: float = 1.0, size: int = 10) -> RecentPictures:
    recent = RecentPictures()
    for n in range(round(seconds / every_s) + 1):
        recent.keep(packet(n * every_s, size=size), H264)
    return recent


def seconds(found: list[Kept]) -> list[float]:
    return [(one.at - after(0)).total_seconds() for one in found]


def test_nothing_is_found_where_nothing_was_kept() -> None:
    assert RecentPictures().nearest([after(0)]) == []
    assert playing(5).nearest([]) == []


def test_packets_that_are_no_key_frames_are_let_go() -> None:
    recent = RecentPictures()
    recent.keep(packet(0), H264)
    recent.keep(packet(1.5, key=False), H264)
    assert seconds(recent.nearest([after(1.5)])) == [0]


def test_the_nearest_of_each_moment_each_once_the_oldest_first() -> None:
    found = playing(20, every_s=2).nearest([after(15.2), after(7.9), after(8.1), after(16)])
    assert seconds(found) == [8, 16]
    assert found[0].info is H264


@pytest.mark.parametrize(("moment_s", "there"), [(22.9, True), (23.1, False), (-3.1, False)])
def test_a_moment_without_a_picture_near_it_has_none(moment_s: float, there: bool) -> None:
    assert bool(playing(20).nearest([after(moment_s)])) is there


def test_minutes_are_kept_though_thinner_and_not_more() -> None:
    recent = playing(600)
    assert seconds(recent.nearest([after(600 - NEAR_S - 60)]))
    assert recent.nearest([after(600 - FAR_S - 10)]) == []
    everything = recent.nearest([after(n) for n in range(601)])
    assert len(everything) < NEAR_S + FAR_S / 5


def test_every_picture_being_a_key_frame_costs_no_more() -> None:
    assert len(playing(20, every_s=0.04).nearest([after(n / 25) for n in range(501)])) <= 23


def test_large_pictures_are_fewer() -> None:
    recent = playing(40, size=LIMIT_BYTES // 8)
    kept = recent.nearest([after(n) for n in range(41)])
    assert sum(one.size for one in kept) <= LIMIT_BYTES
    assert seconds(kept)[-1] == 40
    alone = playing(3, size=LIMIT_BYTES * 2)
    assert seconds(alone.nearest([after(3)])) == [3], "the newest stays, however large"


def test_pictures_fill_the_gaps_of_a_stream_whose_key_frames_come_seldom() -> None:
    recent = RecentPictures()
    assert recent.is_wanting(after(0))
    recent.keep(packet(0), H264)
    assert not recent.is_wanting(after(SELDOM_S - 0.1))
    assert recent.is_wanting(after(SELDOM_S))
    recent.keep_picture(after(SELDOM_S), b"jpeg")
    assert not recent.is_wanting(after(SELDOM_S + 1))
    assert [one.data for one in recent.nearest([after(SELDOM_S)])] == [b"jpeg"]


def test_a_clock_that_is_set_back_begins_anew() -> None:
    recent = playing(10)
    recent.keep(packet(-100), H264)
    assert seconds(recent.nearest([after(-100), after(10)])) == [-100]
