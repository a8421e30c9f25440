"""How often one may ask, and how long one waits after trying in vain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custos.server.limits import KEYS_KEPT, Allowance, Attempts

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def later(s: float) -> datetime:
    return NOW + timedelta(seconds=s)


def test_the_burst_goes_at_once_then_the_rate_counts() -> None:
    allowance = Allowance(per_s=2.0, burst=3)
    assert [allowance.wait_s("ada", NOW) for _ in range(4)] == [0, 0, 0, 0.5]
    assert allowance.wait_s("bob", NOW) == 0
    assert allowance.wait_s("ada", later(0.5)) == 0
    assert allowance.wait_s("ada", later(0.5)) == 0.5


def test_an_allowance_does_not_pile_up_beyond_the_burst() -> None:
    allowance = Allowance(per_s=2.0, burst=3)
    allowance.wait_s("ada", NOW)
    assert [allowance.wait_s("ada", later(3600)) for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_clock_set_back_gives_nothing_and_takes_nothing() -> None:
    allowance = Allowance(per_s=1.0, burst=2)
    assert [allowance.wait_s("ada", at) for at in (NOW, later(-3600), later(-3599))] == [0, 0, 0]


def test_memory_is_bounded_whoever_asks() -> None:
    allowance, attempts = Allowance(per_s=1.0, burst=1), Attempts(free=1, longest_wait_s=60)
    for n in range(KEYS_KEPT + 10):
        allowance.wait_s(f"address {n}", NOW)
        attempts.wait_s(f"address {n}", NOW)
    assert len(allowance._levels) == len(attempts._tries) == KEYS_KEPT


def test_attempts_are_free_then_each_wait_doubles_up_to_the_longest() -> None:
    attempts = Attempts(free=3, longest_wait_s=10.0)
    assert [attempts.wait_s("ada", NOW) for _ in range(4)] == [0, 0, 0, 1]
    at, waits = 0.0, []
    for _ in range(6):
        wait_s = attempts.wait_s("ada", later(at))
        waits.append(wait_s)
        at += wait_s
        assert attempts.wait_s("ada", later(at)) == 0
    assert waits == [1, 2, 4, 8, 10, 10]


def test_trying_while_one_waits_makes_the_wait_no_longer() -> None:
    attempts = Attempts(free=1, longest_wait_s=60)
    attempts.wait_s("ada", NOW)
    assert [attempts.wait_s("ada", later(s)) for s in (0.0, 0.5, 0.75)] == [1, 0.5, 0.25]


def test_a_good_attempt_is_taken_back_and_forgets_all_only_when_told() -> None:
    attempts = Attempts(free=2, longest_wait_s=60)
    for _ in range(2):
        attempts.wait_s("ada", NOW)
    attempts.succeeded("ada", forget_all=False)
    assert [attempts.wait_s("ada", NOW) for _ in range(2)] == [0, 1]
    attempts.succeeded("ada", forget_all=True)
    assert [attempts.wait_s("ada", NOW) for _ in range(3)] == [0, 0, 1]


@pytest.mark.parametrize("quiet_s", [121.0, 100_000.0])
def test_old_attempts_are_forgotten(quiet_s: float) -> None:
    attempts = Attempts(free=1, longest_wait_s=60)
    for s in (0.0, 1.0, 3.0):
        assert attempts.wait_s("ada", later(s)) == 0
    assert attempts.wait_s("ada", later(3.0 + quiet_s)) == 0
    assert attempts.wait_s("ada", later(3.0 + quiet_s)) == 1


def test_a_clock_set_back_does_not_lock_anybody_out_for_longer() -> None:
    attempts = Attempts(free=1, longest_wait_s=60)
    attempts.wait_s("ada", NOW)
    assert attempts.wait_s("ada", later(-86_400)) == 1
    assert attempts.wait_s("ada", later(-86_399)) == 0
