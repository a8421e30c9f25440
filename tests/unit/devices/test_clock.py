"""How far a device's clock is off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custos.adapters.devices.clock import ClockWatch
from custos.model.devices import CLOCK_LIMIT_S

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


def at_intervals(watch: ClockWatch, *offsets_s: float, every_s: float = 10.0) -> list[float]:
    """Messages so far apart, each with the device's time so much off; by how much each is moved, just before."""
    moved = []
    for i, offset_s in enumerate(offsets_s):
        received_at = NOW + timedelta(seconds=i * every_s)
        device_at = received_at + timedelta(seconds=offset_s)
        moved.append((watch.ours(device_at, received_at) - device_at).total_seconds())
        watch.heard(device_at, received_at)
    return moved


@pytest.mark.parametrize("offset_s", [-90.0, 90.0])
def test_a_steady_difference_is_made_up_for_once_it_is_known(offset_s: float) -> None:
    jitter = [offset_s + s for s in (0.0, -0.2, -0.4, -0.1, 0.0, -0.3, -0.2)]
    assert at_intervals(ClockWatch(5), *jitter) == [0.0] * 5 + [-offset_s] * 2


@pytest.mark.parametrize("offset_s", [-3.0, 3.0])
def test_a_difference_that_puts_a_badge_after_its_crossing_is_made_up_for_unless_asked_otherwise(
    offset_s: float,
) -> None:
    assert at_intervals(ClockWatch(CLOCK_LIMIT_S), *[offset_s] * 7) == [0.0] * 5 + [-offset_s] * 2


def test_a_difference_below_the_limit_is_left_as_it_is() -> None:
    assert at_intervals(ClockWatch(5), *[4.0] * 8) == [0.0] * 8


def test_a_clock_that_drifts_is_followed() -> None:
    """It gains a second every ten minutes, and is heard every minute."""
    watch = ClockWatch(5)
    moved = at_intervals(watch, *(3 + 0.1 * i for i in range(100)), every_s=60)
    assert moved[20] == 0.0, "5 s is the limit"
    assert watch.is_off
    left = [3 + 0.1 * i + moved[i] for i in range(30, 100)]
    assert max(abs(one) for one in left) < 1.5


def test_a_late_message_of_a_clock_that_is_off_is_moved_like_the_others() -> None:
    assert at_intervals(ClockWatch(5), *[-90.0] * 5, -400.0, -90.0) == [0.0] * 5 + [90.0] * 2


@pytest.mark.parametrize("offset_s", [-90.0, 90.0])
def test_a_time_that_looks_right_is_left_alone_when_somebody_has_set_the_clock(offset_s: float) -> None:
    assert at_intervals(ClockWatch(5), *[offset_s] * 6, 0.0, -0.1)[6:] == [0.0, 0.0]


def test_a_backlog_is_no_clock() -> None:
    """Symptom: a controller that had been cut off for an hour was said to have a clock that was an hour behind."""
    watch = ClockWatch(5)
    backlog = [-3600.0 + 30 * i for i in range(100)]
    assert at_intervals(watch, *backlog, every_s=0.01) == [0.0] * 100
    assert not watch.is_off


def test_what_is_kept_back_on_its_way_looks_like_a_clock_that_is_behind_and_is_not_moved() -> None:
    watch = ClockWatch(5, is_direct=False)
    assert at_intervals(watch, *[-90.0] * 8) == [0.0] * 8
    assert watch.is_off, "it is told all the same"
    assert at_intervals(ClockWatch(5, is_direct=False), *[90.0] * 8)[-1] == -90.0, "nothing comes before it was sent"


def test_a_burst_is_one_sample_of_how_steady_it_is() -> None:
    watch = ClockWatch(5)
    assert at_intervals(watch, *[-90.0] * 500, every_s=0.001) == [0.0] * 500


def test_a_till_that_leaves_the_seconds_out_has_a_clock_that_is_right() -> None:
    """Symptom: the clock of a till whose receipts say 07:58 drifted and was right again some twenty times a day, and of
    its times two in five were moved."""
    watch = ClockWatch(CLOCK_LIMIT_S)
    for n in range(200):
        received_at = NOW + timedelta(seconds=17.3 * n)
        for line in range(3):
            told_at = received_at.replace(second=0, microsecond=0)
            assert not watch.heard(told_at, received_at + timedelta(seconds=0.1 * line))
            assert watch.ours(told_at, received_at) == told_at


@pytest.mark.parametrize("offset_s", [-3600.0, 3600.0])
def test_an_hour_is_told_of_a_till_that_leaves_the_seconds_out(offset_s: float) -> None:
    watch = ClockWatch(CLOCK_LIMIT_S)
    told_at = NOW + timedelta(seconds=offset_s)
    assert [watch.heard(told_at, NOW + timedelta(seconds=5 + 0.1 * n)) for n in range(3)] == [False, False, True]


@pytest.mark.parametrize(("was_s", "is_s"), [(-0.1, -3600.0), (3600.0, 0.0), (0.0, -800_000_000.0)])
def test_a_clock_that_is_set_back_is_known_after_three_messages(was_s: float, is_s: float) -> None:
    """Symptom: of a door that speaks twenty times a day, the wrong zone was noticed after most of a day."""
    watch = ClockWatch(CLOCK_LIMIT_S)
    moved = at_intervals(watch, *[was_s] * 20, is_s - 0.4, is_s - 1.1, is_s, is_s - 0.3, every_s=4000)
    assert watch.offset_s == is_s
    assert watch.is_off is (is_s < 0)
    assert moved[20:] == [0.0, 0.0, 0.0, -is_s]


def in_time(sent_s: float, came_s: float) -> tuple[datetime, datetime]:
    return NOW + timedelta(seconds=sent_s), NOW + timedelta(seconds=came_s)


@pytest.mark.parametrize(
    "told",
    [
        [(10_000 + 60 * n, 20_000 + 0.5 * n) for n in range(100)],
        [(10_000 + 600 * n, 20_000 + 20 * n) for n in range(15)],
        [(10_000 + s, 20_000 + s) for s in (0, 1.5, 4.0, 6.0)],  # one passage through a door, one message a second
        [(10_000 + 777 * n, 10_000 + 777 * n + (777 * n) % 3600) for n in range(50)],  # fetched once an hour
        [(10_000 + 777 * n, 10_010 + 777 * n) for n in range(15)],  # each one sent twice, after ten seconds
    ],
)
def test_what_is_told_late_is_no_clock_that_was_set_back(told: list[tuple[float, float]]) -> None:
    watch = ClockWatch(CLOCK_LIMIT_S)
    for sent_s, came_s in [(61.0 * n, 61.0 * n + 0.1) for n in range(20)] + told:
        assert not watch.heard(*in_time(sent_s, came_s))
        assert watch.ours(*in_time(sent_s, came_s)) == in_time(sent_s, came_s)[0]
