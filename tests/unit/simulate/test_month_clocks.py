"""Clocks of the simulated month's devices: they drift, are stepped, and some stand an hour off for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from custos.cli.living import Heard, in_our_time
from custos.model.event import Event
from custos.simulate.month.clocks import ZONE_FOR_H, DeviceClock, keeps_time

START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = [START + timedelta(hours=h) for h in range(28 * 24)]


def offsets(n: int) -> list[float]:
    """What clock `n` shows, hour by hour."""
    clock = DeviceClock(Random(f"{n}"), START, True)
    return [clock.offset_s(at) for at in HOURS]


CLOCKS = [offsets(n) for n in range(60)]


@pytest.mark.parametrize(("source", "keeps"), [("doors/front", True), ("tills/till-1", True), ("cameras/gate", False)])
def test_doors_and_tills_keep_their_own_time(source: str, keeps: bool) -> None:
    assert keeps_time(source) is keeps
    clock = DeviceClock(Random(source), START, keeps_time(source))
    assert any(clock.offset_s(at) for at in HOURS) is keeps


def test_a_clock_is_the_same_in_whatever_order_it_is_read() -> None:
    clock = DeviceClock(Random("0"), START, True)
    assert [clock.offset_s(at) for at in reversed(HOURS)] == CLOCKS[0][::-1]
    assert [DeviceClock(Random("0"), START, True).offset_s(at) for at in HOURS[::100]] == CLOCKS[0][::100]


def test_clocks_drift_and_are_stepped_back() -> None:
    worst = sorted(max(abs(offset) for offset in clock if abs(offset) < 600) for clock in CLOCKS)
    assert worst[len(worst) // 2] < 5 < worst[-1] < 60
    steps = [abs(b - a) for clock in CLOCKS for a, b in pairwise(clock)]
    assert sum(step > 0.5 for step in steps) > 100


def test_some_stand_in_another_time_zone_for_some_hours() -> None:
    hours_off = [sum(abs(offset) > 3000 for offset in clock) for clock in CLOCKS]
    assert 1 <= sum(hours > 0 for hours in hours_off) <= 12
    assert max(hours_off) <= ZONE_FOR_H[1] + 1


def opened(nth: int, minutes: float, off_s: float) -> Heard:
    at = START + timedelta(minutes=minutes)
    stamped_at = at + timedelta(seconds=off_s)
    return Heard(Event(f"o{nth}", "door.opened", stamped_at, "/sites/harbour/doors/front", None, {}), at)


@pytest.mark.parametrize("off_s", [3600.0, -3600.0, 30.0])
def test_what_a_clock_that_is_off_stamps_is_moved_as_by_the_devices_adapters(off_s: float) -> None:
    told = [opened(n, n, 0.1) for n in range(10)]
    told += [opened(n, n, off_s) for n in range(10, 50)]
    told += [opened(n, n, 0.1) for n in range(50, 60)]
    wrong = [n for n, one in enumerate(in_our_time(told)) if abs((one.event.at - one.heard_at).total_seconds()) > 2]
    assert 1 <= len(wrong) < 20, "those until its difference was known"
    assert min(wrong) == 10
    assert max(wrong) < 30


def test_what_cameras_tell_is_left_as_it_is() -> None:
    at = START
    told = [
        Heard(Event(f"c{n}", "zone.entered", at, "/sites/harbour/cameras/gate", None, {}), at + timedelta(hours=1))
        for n in range(20)
    ]
    assert list(in_our_time(told)) == told
