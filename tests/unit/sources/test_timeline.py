"""Times: decode times only go forward, capture times too, whatever the camera's clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from custos.adapters.sources.demux import RawPacket
from custos.adapters.sources.streamclock import StreamClock
from custos.adapters.sources.timeline import ClockSetBack, FileTimeline, LiveTimeline, utc
from custos.model.frame import Clock, Packet

START_S = 1_750_000_000.0
START = utc(START_S)
MICROSECONDS = timedelta(microseconds=5)


def raw(pts_s: float | None, dts_s: float | None = None, camera_at_s: float | None = None) -> RawPacket:
    return RawPacket(b"x", pts_s, dts_s, True, camera_at_s)


def age_s(packet: Packet, arrived_s: float) -> float:
    return arrived_s - (packet.captured_at - utc(0)).total_seconds()


def test_utc_is_aware() -> None:
    assert utc(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "expected_dts"),
    [
        ([], []),
        ([(None, None)] * 3, [0.0, 0.1, 0.2]),
        ([(0.0, None), (0.1, None), (0.2, None)], [0.0, 0.1, 0.2]),
        ([(0.0, 0.0), (0.1, 0.1), (0.1, 0.1), (0.2, 0.2)], [0.0, 0.1, 0.10001, 0.2]),
        ([(5.0, 5.0), (5.1, 5.1), (1.0, 1.0), (1.15, 1.15)], [5.0, 5.1, 5.2, 5.35]),
        ([(0.0, 0.0), (3600.0, 3600.0)], [0.0, 3600.0]),
        ([(0.0, None), (0.3, None), (0.1, None), (0.2, None)], [0.0, 0.3, 0.30001, 0.30002]),
    ],
    ids=[
        "nothing",
        "no times",
        "no dts",
        "repeated",
        "backward jump",
        "forward jump",
        "B-frames without dts",
    ],
)
def test_decode_times(told: list[tuple[float | None, float | None]], expected_dts: list[float]) -> None:
    clock = StreamClock(10.0)
    placed = [clock.place(pts, dts) for pts, dts in told]
    assert [times.dts_s for times in placed] == pytest.approx(expected_dts)
    assert all(after.dts_s > before.dts_s for before, after in pairwise(placed))


def test_a_backward_jump_moves_presentation_times_alike() -> None:
    clock = StreamClock(10.0)
    clock.place(100.2, 100.0)
    assert clock.place(3.2, 3.0).pts_s == pytest.approx(100.3)


def test_a_recording_counts_from_its_start_in_any_order_of_decoding() -> None:
    timeline = FileTimeline(10.0, START)
    placed = [timeline.place(raw(pts, dts)) for pts, dts in [(7.2, 7.0), (7.5, 7.1), (7.3, 7.2), (7.4, 7.3)]]
    seconds = [(packet.captured_at - START).total_seconds() for packet in placed]
    assert seconds == pytest.approx([0.0, 0.3, 0.1, 0.2])
    assert {packet.clock for packet in placed} == {Clock.FILE}


def test_arrival_jitter_does_not_shake_capture_times() -> None:
    timeline = LiveTimeline(10.0)
    jitter = [0.0, 0.08, 0.02, 0.2, 0.01, 0.0, 0.15, 0.03]
    placed = [timeline.place(raw(i / 10), START_S + i / 10 + late) for i, late in enumerate(jitter)]
    steps = [(b.captured_at - a.captured_at).total_seconds() for a, b in pairwise(placed)]
    assert steps == pytest.approx([0.1] * 7, abs=1e-5)
    assert {packet.clock for packet in placed} == {Clock.ARRIVAL}


def test_pictures_of_an_opening_burst_settle_on_the_time_they_were_taken() -> None:
    """What FFmpeg buffered while opening comes at once: its pictures must not lie in the future for long."""
    timeline = LiveTimeline(10.0)
    arrivals = [2.0] * 20 + [i / 10 for i in range(20, 80)]
    placed = [timeline.place(raw(i / 10), START_S + at) for i, at in enumerate(arrivals)]
    assert all(a.captured_at < b.captured_at for a, b in pairwise(placed))
    assert age_s(placed[-1], START_S + arrivals[-1]) == pytest.approx(0.0, abs=0.01)


def test_a_network_that_held_its_breath_moves_nothing() -> None:
    timeline = LiveTimeline(10.0)
    arrivals = [i / 10 for i in range(20)] + [3.5] * 15 + [i / 10 for i in range(35, 60)]
    placed = [timeline.place(raw(i / 10), START_S + at) for i, at in enumerate(arrivals)]
    offsets = [(packet.captured_at - START).total_seconds() - i / 10 for i, packet in enumerate(placed)]
    assert offsets == pytest.approx([0.0] * len(placed), abs=1e-4)


def test_lasting_drift_is_followed() -> None:
    """A camera whose crystal is 2 % slow: after a minute its pictures would seem 1.2 s old."""
    timeline = LiveTimeline(10.0)
    ages = []
    for i in range(600):
        arrived_s = START_S + i / 10 * 1.02
        ages.append(age_s(timeline.place(raw(i / 10), arrived_s), arrived_s))
    assert max(ages) < 0.6


def test_a_stream_clock_that_jumps_is_bridged() -> None:
    timeline = LiveTimeline(10.0)
    pts = [i / 10 for i in range(20)] + [9000 + i / 10 for i in range(20)] + [5 + i / 10 for i in range(20)]
    placed = [timeline.place(raw(p), START_S + i / 10) for i, p in enumerate(pts)]
    assert all(a.captured_at < b.captured_at for a, b in pairwise(placed))
    assert all(a.dts_s < b.dts_s for a, b in pairwise(placed))
    assert all(abs(age_s(p, START_S + i / 10)) < 0.2 for i, p in enumerate(placed))


def test_the_cameras_clock_counts_where_it_agrees_with_ours() -> None:
    timeline = LiveTimeline(10.0)
    placed = [
        timeline.place(raw(i / 10, None, START_S + i / 10 - 0.25 if i >= 5 else None), START_S + i / 10)
        for i in range(40)
    ]
    assert [packet.clock for packet in placed] == [Clock.ARRIVAL] * 5 + [Clock.CAMERA] * 35
    assert all(a.captured_at < b.captured_at for a, b in pairwise(placed))
    assert age_s(placed[-1], START_S + 3.9) == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("wrong_by_s", [-3600.0, -3.5, 0.5, 3600.0, -1.7e9])
def test_a_wrong_camera_clock_is_not_believed(wrong_by_s: float) -> None:
    timeline = LiveTimeline(10.0)
    packet = timeline.place(raw(0.0, None, START_S + wrong_by_s), START_S)
    assert packet.clock is Clock.ARRIVAL
    assert packet.captured_at == START


def test_a_new_stream_goes_on_after_the_one_before() -> None:
    floor = START + timedelta(seconds=0.5)
    timeline = LiveTimeline(10.0, not_before=floor)
    assert timeline.newest_at == floor
    first = timeline.place(raw(0.0), START_S)
    assert first.captured_at > floor
    assert timeline.newest_at == first.captured_at


def test_a_stream_ends_when_this_machines_clock_is_set_back() -> None:
    timeline = LiveTimeline(10.0)
    for i in range(20):
        timeline.place(raw(i / 10), START_S + i / 10)
    with pytest.raises(ClockSetBack):
        timeline.place(raw(2.0), START_S + 2.0 - 3600)


def test_a_clock_set_back_little_is_slewed_over_and_many_times_little_is_much() -> None:
    timeline = LiveTimeline(10.0)
    timeline.place(raw(0.0), START_S)
    placed = [timeline.place(raw(i / 10), START_S + i / 10 - 3) for i in range(1, 80)]
    assert all(a.captured_at < b.captured_at for a, b in pairwise(placed))
    assert age_s(placed[-1], START_S + 4.9) == pytest.approx(0.0, abs=0.01)
    timeline.place(raw(8.0), START_S + 5.0 - 3)
    with pytest.raises(ClockSetBack):
        timeline.place(raw(8.1), START_S + 5.1 - 6)


def test_a_long_burst_while_opening_is_no_clock_set_back() -> None:
    timeline = LiveTimeline(10.0)
    placed = [timeline.place(raw(i / 10), START_S) for i in range(600)]
    assert all(a.captured_at < b.captured_at for a, b in pairwise(placed))


def test_a_new_stream_forgets_the_one_before_when_the_clock_was_set_back_between() -> None:
    timeline = LiveTimeline(10.0, not_before=START + timedelta(hours=1))
    assert timeline.place(raw(0.0), START_S).captured_at == START
    assert timeline.place(raw(0.1), START_S + 0.1).captured_at == pytest.approx(utc(START_S + 0.1), abs=MICROSECONDS)


def test_nothing_has_been_placed_yet() -> None:
    assert LiveTimeline(0.0).newest_at is None


def test_memory_does_not_grow() -> None:
    timeline = LiveTimeline(10.0)
    for i in range(1000):
        timeline.place(raw(i / 10), START_S + i / 10)
    assert len(timeline._increasing._seen) <= 32
