"""Crossings of a line: which way, and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from custos.model.site import Direction, Hours, Line, Schedule
from custos.testing.check_behaviour import Foot, tracks_at
from custos.testing.clock import START, after
from custos.vision.behaviours import LineCrossing

DOG = 16


def gate(direction: Direction = Direction.ANY, classes: tuple[str, ...] = ("person",)) -> LineCrossing:
    """From left to right through the middle, not all the way: its right-hand side is below."""
    return LineCrossing(Line("gate", "Gate", ((0.2, 0.5), (0.8, 0.5)), direction, classes))


def way(*feet: Foot, steps: int = 1) -> list[Foot]:
    """From each point straight to the next in so many steps."""
    way = [feet[0]]
    for (x1, y1), (x2, y2) in pairwise(feet):
        way += [(x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps) for n in range(1, steps + 1)]
    return way


def play(line: LineCrossing, feet: Sequence[Foot], *, class_id: int = 0) -> list[str]:
    """Directions of the crossings of track 1 that goes this way."""
    said = [
        s for n, foot in enumerate(feet) for s in line.update(tracks_at({1: foot}, class_id=class_id), at=after(n / 5))
    ]
    assert all(s.type == "line.crossed" and s.track_id == 1 and s.data["line_id"] == "gate" for s in said)
    return [str(s.data["direction"]) for s in said]


def test_a_line_counts_each_way_and_shows_the_last_for_a_while() -> None:
    line = gate()
    play(line, [ABOVE])
    assert line.overlays() == ()
    play(line, [ABOVE, BELOW, ABOVE])
    (mark,) = line.overlays()
    assert (mark.text, mark.line_id, mark.track_ids) == ("left 1, right 1; just now to the left", "gate", (1,))
    ((start, end),) = mark.arrows
    assert start == pytest.approx(BELOW)
    assert end == pytest.approx(ABOVE)
    line.update(tracks_at({}), at=after(60))
    (mark,) = line.overlays()
    assert (mark.text, mark.arrows) == ("left 1, right 1", ())


def test_a_line_of_one_way_counts_that_one() -> None:
    line = gate(Direction.LEFT)
    play(line, [ABOVE, BELOW, ABOVE])
    assert [mark.text for mark in line.overlays()] == ["left 1; just now to the left"]


def test_outside_its_hours_a_line_knows_sides_and_says_nothing() -> None:
    hours = Schedule((Hours(frozenset(range(7)), after(1).time(), after(2).time()),), "UTC")
    line = LineCrossing(Line("gate", "Gate", ((0.2, 0.5), (0.8, 0.5)), hours=hours))
    assert play(line, [ABOVE, BELOW, BELOW, BELOW, BELOW, ABOVE, ABOVE, ABOVE, ABOVE, ABOVE, BELOW]) == ["left"]


@pytest.mark.parametrize(("sensitivity", "expected"), [(0.0, []), (0.5, []), (1.0, ["right"])])
def test_a_sensitive_line_wants_less_distance(sensitivity: float, expected: list[str]) -> None:
    line = LineCrossing(Line("gate", "Gate", ((0.2, 0.5), (0.8, 0.5)), sensitivity=sensitivity))
    assert play(line, [(0.5, 0.49), (0.5, 0.51)]) == expected


ABOVE, BELOW = (0.5, 0.3), (0.5, 0.7)


@pytest.mark.parametrize("steps", [1, 3, 10, 200], ids=lambda n: f"{n} steps")
@pytest.mark.parametrize(
    ("feet", "expected"),
    [
        pytest.param((ABOVE,), [], id="standing"),
        pytest.param((ABOVE, (0.7, 0.4)), [], id="on one side"),
        pytest.param((ABOVE, BELOW), ["right"], id="down"),
        pytest.param((BELOW, ABOVE), ["left"], id="up"),
        pytest.param((ABOVE, BELOW, ABOVE), ["right", "left"], id="there and back"),
        pytest.param((ABOVE, (0.5, 0.5), ABOVE), [], id="up to it and back"),
        pytest.param((ABOVE, (0.5, 0.5), BELOW), ["right"], id="a stop on it"),
        pytest.param((ABOVE, (0.3, 0.5), (0.7, 0.5), BELOW), ["right"], id="along it"),
        pytest.param(((0.9, 0.3), (0.9, 0.7)), [], id="past its end"),
        pytest.param((ABOVE, (0.95, 0.3), (0.95, 0.7), BELOW), [], id="round its end"),
        pytest.param(((0.1, 0.7), (0.1, 0.3), ABOVE, BELOW), ["right"], id="round its end, then across"),
        pytest.param(((0.25, 0.3), (0.75, 0.7)), ["right"], id="aslant"),
    ],
)
def test_crossings(feet: tuple[Foot, ...], expected: list[str], steps: int) -> None:
    assert play(gate(), way(*feet, steps=steps)) == expected


def test_the_line_turned_round() -> None:
    back = LineCrossing(Line("gate", "Gate", ((0.8, 0.5), (0.2, 0.5))))
    assert play(back, [ABOVE, BELOW, ABOVE]) == ["left", "right"]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [(Direction.ANY, ["right", "left"]), (Direction.RIGHT, ["right"]), (Direction.LEFT, ["left"])],
)
def test_only_the_direction_that_counts(direction: Direction, expected: list[str]) -> None:
    assert play(gate(direction), [ABOVE, BELOW, ABOVE]) == expected


def test_who_sways_on_the_line_is_counted_once() -> None:
    """Symptom: somebody who waited on the line was counted at every sway."""
    swaying = [(0.5, 0.5 + 0.01 * (-1) ** n) for n in range(50)]
    assert play(gate(), [ABOVE, *swaying, BELOW]) == ["right"]
    assert play(gate(), [ABOVE, *swaying, ABOVE]) == []


def test_somebody_fast_is_not_missed() -> None:
    """Symptom: a runner was above the line in one picture and far below in the next."""
    assert play(gate(), [(0.5, 0.02), (0.5, 0.98)]) == ["right"]


def test_who_is_not_seen_while_crossing_is_counted_when_seen_again() -> None:
    line = gate()
    assert play(line, [ABOVE]) == []
    assert line.update(tracks_at({}), at=after(1)) == []
    (crossed,) = line.update(tracks_at({1: BELOW}), at=after(2))
    assert crossed.at == after(2)


def test_who_appears_beyond_the_line_has_not_crossed_it() -> None:
    line = gate()
    line.update(tracks_at({1: ABOVE}), at=START)
    line.update(tracks_at({}, ended=(1,)), at=after(1))
    assert line.update(tracks_at({2: BELOW}), at=after(2)) == []


def test_everybody_is_counted_alone() -> None:
    line = gate()
    line.update(tracks_at({1: ABOVE, 2: BELOW, 3: ABOVE}), at=START)
    said = line.update(tracks_at({1: BELOW, 2: ABOVE, 3: ABOVE}), at=after(1))
    assert [(s.track_id, s.data["direction"]) for s in said] == [(1, "right"), (2, "left")]


def test_other_classes_do_not_count() -> None:
    assert play(gate(), [ABOVE, BELOW], class_id=DOG) == []
    assert play(gate(classes=("animal",)), [ABOVE, BELOW], class_id=DOG) == ["right"]


def test_a_person_taken_for_a_dog_on_the_line_is_counted_all_the_same() -> None:
    line = gate()
    line.update(tracks_at({1: ABOVE}), at=START)
    assert line.update(tracks_at({1: (0.5, 0.55)}, class_id=DOG), at=after(1)) == []
    assert len(line.update(tracks_at({1: BELOW}), at=after(2))) == 1
