"""Lasting changes of the picture: what came, what went, and what is no thing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from custos.model.detections import UNKNOWN_CLASS, Thing, Tracks
from custos.model.frame import Image
from custos.vision.things import ThingWatch

WIDTH, HEIGHT = 320, 180
Box = tuple[float, float, float, float]
THING: Box = (150, 110, 166, 126)
CARRIER: Box = (160, 70, 190, 130)
FAR: Box = (280, 70, 310, 130)
PERSON = 0


GROUND = np.clip(120 + np.random.default_rng(1).normal(0, 3, (HEIGHT, WIDTH)), 0, 255).astype(np.float32)
GRAIN = np.random.default_rng(2).normal(0, 1.5, (7, HEIGHT, WIDTH)).astype(np.float32)


def drawn(*boxes: tuple[Box, int], grain: int = 0) -> Image:
    """The ground with filled boxes on it, and grain."""
    picture = GROUND.copy()
    for (left, top, right, bottom), level in boxes:
        picture[int(top) : int(bottom), int(left) : int(right)] = level
    noisy: Image = np.clip(picture + GRAIN[grain % 7], 0, 255).astype(np.uint8)
    return noisy


def tracks(*boxes: Box, class_id: int = PERSON) -> Tracks:
    n = len(boxes)
    return Tracks(
        np.array(boxes, np.float32).reshape(n, 4), np.full(n, 0.8, np.float32), np.full(n, class_id, np.int64),
        np.arange(1, n + 1), np.ones(n, np.bool_), np.zeros(n, np.float32), WIDTH, HEIGHT,
    )  # fmt: skip


Scene = Callable[[float], tuple[Image, Tracks]]


def watched(scene: Scene, seconds: float, watch: ThingWatch | None = None) -> Iterator[tuple[float, tuple[Thing, ...]]]:
    watch = watch or ThingWatch()
    for step in range(int(seconds / 0.5)):
        luma, there = scene(step * 0.5)
        yield step * 0.5, watch.update(luma, there, step * 0.5)


def put_down(at_s: float = 6.0, *, taken_s: float = 1e9, class_id: int = PERSON, level: int = 40) -> Scene:
    """Somebody comes, puts something down at `at_s`, goes two seconds later; it is taken up at `taken_s`."""

    def scene(t_s: float) -> tuple[Image, Tracks]:
        boxes = [(THING, level)] if at_s <= t_s < taken_s else []
        at_it = abs(t_s - at_s) <= 2.0 or abs(t_s - taken_s) <= 2.0
        person = [(CARRIER, 200)] if at_it else []
        return drawn(*boxes, *person, grain=int(t_s * 2)), tracks(*([CARRIER] if at_it else []), class_id=class_id)

    return scene


def taken_away(at_s: float = 10.0) -> Scene:
    def scene(t_s: float) -> tuple[Image, Tracks]:
        at_it = abs(t_s - at_s) <= 2.0
        boxes = [(THING, 40)] if t_s < at_s else []
        return drawn(*boxes, *([(CARRIER, 200)] if at_it else []), grain=int(t_s * 2)), tracks(
            *([CARRIER] if at_it else [])
        )

    return scene


def last(scene: Scene, seconds: float) -> tuple[Thing, ...]:
    return list(watched(scene, seconds))[-1][1]


def test_an_empty_picture_has_no_things() -> None:
    assert all(things == () for _, things in watched(lambda t: (drawn(grain=int(t * 2)), tracks()), 20))


def test_what_is_put_down_is_a_thing_for_as_long_as_it_stands_there() -> None:
    (thing,) = last(put_down(), 60)
    assert not thing.is_gone
    assert thing.by == (1,)
    assert thing.class_id == PERSON
    box = [side * size for side, size in zip(thing.box, (WIDTH, HEIGHT, WIDTH, HEIGHT), strict=True)]
    assert box == pytest.approx(THING, abs=2)
    assert thing.age_s == pytest.approx(52, abs=3)


def test_what_is_taken_up_again_is_over_once_and_by_whom_is_told() -> None:
    told = [(t_s, one) for t_s, things in watched(put_down(taken_s=30), 50) for one in things]
    over = [(t_s, one) for t_s, one in told if one.is_over]
    assert len(over) == 1
    assert over[0][0] == pytest.approx(33, abs=2)
    assert over[0][1].over_by == (1,)
    assert told[-1][0] == over[0][0]


def test_what_is_taken_away_is_gone() -> None:
    (thing,) = last(taken_away(), 30)
    assert thing.is_gone
    assert thing.by == (1,)


@pytest.mark.parametrize("level", [70, 165, 250])
def test_light_and_dark_things(level: int) -> None:
    (thing,) = last(put_down(level=level), 20)
    assert not thing.is_gone


def test_a_change_with_nobody_at_hand_is_no_thing() -> None:
    """A door that swings, a lamp, a patch of sun."""

    def scene(t_s: float) -> tuple[Image, Tracks]:
        boxes = [(THING, 40)] if t_s >= 6 else []
        return drawn(*boxes, (FAR, 200), grain=int(t_s * 2)), tracks(FAR)

    assert all(things == () for _, things in watched(scene, 30))


def test_somebody_who_stands_still_is_no_thing_even_when_the_tracker_loses_them() -> None:
    def scene(t_s: float) -> tuple[Image, Tracks]:
        there = t_s >= 6
        return drawn(*([(CARRIER, 200)] if there else []), grain=int(t_s * 2)), tracks(
            *([CARRIER] if 6 <= t_s < 14 else [])
        )

    assert all(things == () for _, things in watched(scene, 20))


def test_the_place_of_somebody_who_was_there_from_the_start_is_no_thing_when_they_go() -> None:
    def scene(t_s: float) -> tuple[Image, Tracks]:
        there = t_s < 15
        return drawn(*([(CARRIER, 200)] if there else []), grain=int(t_s * 2)), tracks(
            *([CARRIER] if 1 <= t_s < 15 else [])
        )

    assert all(things == () for _, things in watched(scene, 40))


def test_a_light_that_is_switched_is_no_thing() -> None:
    def scene(t_s: float) -> tuple[Image, Tracks]:
        luma = drawn(grain=int(t_s * 2)).astype(int) + (60 if t_s >= 10 else 0)
        luma[:, :120] += 25 if t_s >= 10 else 0
        return np.clip(luma, 0, 255).astype(np.uint8), tracks(CARRIER)

    assert all(things == () for _, things in watched(scene, 30))


def test_who_passes_before_it_does_not_end_it() -> None:
    base = put_down()

    def scene(t_s: float) -> tuple[Image, Tracks]:
        luma, there = base(t_s)
        if 20 <= t_s < 24:
            passer: Box = (140, 60, 175, 135)
            luma = drawn((THING, 40), (passer, 210), grain=int(t_s * 2))
            there = tracks(passer)
        return luma, there

    told = [things for _, things in watched(scene, 40)]
    assert [thing.by for thing in told[-1]] == [(1,)]
    assert not any(thing.is_over for things in told for thing in things)


def test_a_thing_that_is_followed_as_something_unknown_is_still_a_thing() -> None:
    """A tracker that follows what nobody can name follows the thing itself: it neither hides it nor left it there."""

    def scene(t_s: float) -> tuple[Image, Tracks]:
        luma, there = put_down()(t_s)
        if t_s < 6:
            return luma, there
        n = len(there) + 1
        both = np.concatenate([there.xyxy, np.array([THING], np.float32)])
        return luma, Tracks(
            both, np.full(n, 0.8, np.float32), np.array([*there.class_id, UNKNOWN_CLASS], np.int64),
            np.array([*there.track_id, 9], np.int64), np.ones(n, np.bool_), np.zeros(n, np.float32), WIDTH, HEIGHT,
        )  # fmt: skip

    (thing,) = last(scene, 30)
    assert thing.by == (1,)


def test_what_is_forgotten_is_learned_anew() -> None:
    watch = ThingWatch()
    list(watched(put_down(), 20, watch))
    watch.forget()
    luma, there = put_down()(30)
    assert watch.update(luma, there, 30) == ()
    assert watch.update(luma, there, 31) == ()


def test_between_two_looks_it_says_the_same_and_nothing_is_over_twice() -> None:
    watch = ThingWatch()
    over = 0
    for step in range(200):
        luma, there = put_down(taken_s=15)(step * 0.1)
        over += sum(one.is_over for one in watch.update(luma, there, step * 0.1))
    assert over == 1
