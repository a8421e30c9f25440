"""What stands still, and what has moved."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from custos.model.detections import Tracks
from custos.testing.clock import START, after
from custos.vision.behaviours.standing import GONE_S, Stand, Standing

CAR = frozenset({2})
HERE = (100.0, 100.0, 200.0, 160.0)


def cars(boxes: dict[int, tuple[float, ...]], *, ended: tuple[int, ...] = ()) -> Tracks:
    n = len(boxes)
    return Tracks(
        np.array(list(boxes.values()), np.float32).reshape(n, 4), np.full(n, 0.8, np.float32), np.full(n, 2, np.int64),
        np.array(list(boxes), np.int64), np.ones(n, np.bool_), np.zeros(n, np.float32), 640, 360, ended,
    )  # fmt: skip


def shifted(by: float) -> tuple[float, ...]:
    return HERE[0] + by, HERE[1], HERE[2] + by, HERE[3]


def play(standing: Standing, shifts: Iterable[float], from_s: float = 0.0, step_s: float = 0.2) -> list[Stand]:
    over = []
    for i, by in enumerate(shifts):
        over += standing.update(cars({1: shifted(by)}), at=after(from_s + i * step_s))
    return over


def test_nothing_stands_in_an_empty_picture() -> None:
    standing = Standing(CAR)
    assert standing.update(cars({}), at=START) == []
    assert standing.all() == standing.end() == []
    assert standing.of(1) is None


def test_what_has_always_stood_there_has_not_come() -> None:
    standing = Standing(CAR)
    assert play(standing, [0.0] * 50) == []
    (stand,) = standing.all()
    assert stand.still_s(after(9.8)) == pytest.approx(9.8)
    assert not stand.came


def test_what_was_seen_to_come_stands_from_when_it_came_to_rest() -> None:
    standing = Standing(CAR)
    play(standing, [*np.arange(-400, 0, 20.0), *[0.0] * 40])
    (stand,) = standing.all()
    assert stand.came
    assert stand.still_s(after(11.8)) == pytest.approx(8.0, abs=0.6)


@pytest.mark.parametrize("shift", [8.0, -8.0])
def test_jitter_is_no_movement(shift: float) -> None:
    standing = Standing(CAR)
    assert play(standing, [0.0, shift] * 25) == []
    assert standing.all()[0].still_s(after(9.8)) > 9


def test_a_box_cut_short_by_a_passer_by_is_no_movement() -> None:
    standing = Standing(CAR)
    assert play(standing, [*[0.0] * 20, *[60.0] * 3, *[0.0] * 20]) == []


def test_creeping_adds_up() -> None:
    standing = Standing(CAR)
    over = play(standing, [0.5 * i for i in range(150)])
    assert over, "half a pixel a look has moved it by half its length"


def test_driving_off_ends_the_stand_when_it_was_last_there() -> None:
    standing = Standing(CAR)
    (over,) = play(standing, [*[0.0] * 30, *[40.0 + 30 * i for i in range(8)]])[:1]
    assert over.seen_at == after(5.8)
    assert over.still_s(over.seen_at) == pytest.approx(5.8)


def test_a_track_that_is_lost_and_found_at_the_same_place_stands_on() -> None:
    standing = Standing(CAR)
    play(standing, [0.0] * 30)
    standing.update(cars({}, ended=(1,)), at=after(6.0))
    assert standing.all() == []
    assert standing.update(cars({7: shifted(3)}), at=after(12.0)) == []
    (stand,) = standing.all()
    assert (stand.track_id, stand.since_at) == (7, START)


@pytest.mark.parametrize(("place", "back_s"), [(shifted(80), 12.0), (shifted(0), 6.0 + GONE_S + 1)])
def test_another_place_or_another_time_is_another_stand(place: tuple[float, ...], back_s: float) -> None:
    standing = Standing(CAR)
    play(standing, [0.0] * 30)
    standing.update(cars({}, ended=(1,)), at=after(6.0))
    standing.update(cars({}), at=after(back_s - 0.2))
    standing.update(cars({7: place}), at=after(back_s))
    assert standing.all()[0].since_at == after(back_s)


def test_a_track_that_ends_while_it_drives_off_is_over_at_once() -> None:
    standing = Standing(CAR)
    play(standing, [*[0.0] * 30, 50.0, 70.0])
    (over,) = standing.update(cars({}, ended=(1,)), at=after(6.6))
    assert over.seen_at == after(5.8)


def test_what_is_not_of_its_classes_does_not_stand() -> None:
    standing = Standing(frozenset({0}))
    play(standing, [0.0] * 30)
    assert standing.all() == []
