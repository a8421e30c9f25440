"""Fair turns: shares by weight, nobody starves, nobody is owed the past."""

from __future__ import annotations

from collections import Counter

import pytest

from custos.pipeline.turns import MOVING, QUIET, Turns


def served(weights: dict[str, float], count: int, turns: Turns) -> Counter[str]:
    """Who gets `count` turns when everybody asks again at once."""
    for key, weight in weights.items():
        turns.ask(key, weight)
    got: Counter[str] = Counter()
    for _ in range(count):
        key = turns.take()
        got[key] += 1
        turns.ask(key, weights[key])
    return got


def test_nobody_waits() -> None:
    turns = Turns()
    turns.leave("dock")
    assert len(turns) == 0
    with pytest.raises(KeyError, match="nobody waits"):
        turns.take()


def test_a_weight_must_be_positive() -> None:
    with pytest.raises(ValueError, match="got 0"):
        Turns().ask("dock", 0)


def test_equals_come_in_the_order_in_which_they_asked() -> None:
    turns = Turns()
    for key in ("c", "a", "b", "c"):
        turns.ask(key, MOVING)
    assert [turns.take() for _ in range(3)] == ["c", "a", "b"]


def test_when_there_is_not_enough_the_quiet_give_way_by_weight_and_alike() -> None:
    weights = {f"busy-{n}": MOVING for n in range(3)} | {f"quiet-{n}": QUIET for n in range(4)}
    got = served(weights, 400, Turns())
    assert [got[f"busy-{n}"] for n in range(3)] == pytest.approx([100] * 3, abs=2)
    assert [got[f"quiet-{n}"] for n in range(4)] == pytest.approx([25] * 4, abs=2)


def test_who_has_not_asked_for_long_is_not_owed_the_time() -> None:
    turns = Turns()
    served({"a": MOVING, "b": MOVING}, 200, turns)
    got = served({"a": MOVING, "b": MOVING, "late": MOVING}, 30, turns)
    assert got["late"] == pytest.approx(10, abs=1)


def test_one_that_becomes_busy_while_it_waits_comes_sooner() -> None:
    turns = Turns()
    turns.ask("quiet", QUIET)
    turns.ask("other", QUIET)
    turns.ask("other", MOVING)
    turns.ask("other", QUIET)
    assert [turns.take(), turns.take()] == ["other", "quiet"]


def test_who_leaves_gets_no_turn() -> None:
    turns = Turns()
    turns.ask("a", MOVING)
    turns.ask("b", MOVING)
    turns.leave("a")
    assert "a" not in turns
    assert turns.take() == "b"
