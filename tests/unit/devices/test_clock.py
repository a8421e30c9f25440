"""How far a device's clock is off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custos.adapters.devices.clock import ClockWatch

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def heard(watch: ClockWatch, *offsets_s: float) -> list[bool]:
    return [watch.heard(NOW + timedelta(seconds=s), NOW) for s in offsets_s]


def test_nothing_heard_nothing_known() -> None:
    assert ClockWatch(5).offset_s is None
    assert not ClockWatch(5).is_off


def test_two_messages_are_not_enough() -> None:
    watch = ClockWatch(5)
    assert heard(watch, -3600, -3600) == [False, False]
    assert watch.offset_s is None


def test_one_fresh_message_among_a_backlog_shows_that_the_clock_is_right() -> None:
    watch = ClockWatch(5)
    assert heard(watch, -7200, -3600, -0.2, -1800) == [False] * 4
    assert watch.offset_s == -0.2


@pytest.mark.parametrize("offset_s", [-90.0, 90.0])
def test_a_clock_that_is_off_is_told_once_and_when_it_is_right_again(offset_s: float) -> None:
    watch = ClockWatch(5)
    assert heard(watch, *[offset_s] * 6) == [False, False, True, False, False, False]
    assert watch.is_off
    assert watch.measured(0.1)
    assert not watch.is_off


def test_the_border_does_not_chatter() -> None:
    watch = ClockWatch(5)
    assert [watch.measured(s) for s in (5.1, 4.9, 5.1, 4.1, 3.9, 4.9)] == [True, False, False, False, True, False]
