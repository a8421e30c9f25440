"""Whether two boxes show the same person: by clothes, above and below, and by nothing that stands before or behind."""

from __future__ import annotations

import numpy as np
import pytest

from custos.model.frame import Image
from custos.vision.likeness import Print, Sights, unlikeness

RED, BLUE, GREEN, GREY = (40, 40, 190), (170, 60, 30), (50, 140, 40), (120, 120, 120)
ALICE, BOB = (20.0, 20.0, 44.0, 84.0), (100.0, 24.0, 124.0, 88.0)
Box = tuple[float, float, float, float]


def dressed(*people: tuple[Box, tuple[int, int, int], tuple[int, int, int]], noise: int = 1) -> Image:
    """People on grey ground, in pixels of sensor noise: each a box, the colour above and the colour below."""
    picture = np.full((120, 160, 3), GREY, np.float32)
    for (left, top, right, bottom), above, below in people:
        middle = int((top + bottom) / 2)
        picture[int(top) : middle, int(left) : int(right)] = above
        picture[middle : int(bottom), int(left) : int(right)] = below
    picture += np.random.default_rng(noise).normal(0, 4, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def sights(
    picture: Image, *boxes: Box, foreground: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None
) -> Sights:
    mask = np.ones((60, 80), np.bool_) if foreground is None else foreground
    return Sights(lambda: picture, mask, np.array(boxes, np.float32).reshape(-1, 4))


def seen(of: Sights, row: int = 0) -> Print:
    found = of.of(row)
    assert found is not None
    return found


def test_of_nobody_nothing_is_read() -> None:
    def never() -> Image:
        raise AssertionError("nobody asked")

    assert Sights(never, np.zeros((6, 8), np.bool_), np.zeros((0, 4), np.float32)).is_free.tolist() == []
    Sights(never, np.zeros((6, 8), np.bool_), np.array([ALICE, BOB], np.float32))


def test_the_same_clothes_elsewhere_are_alike_and_others_are_not() -> None:
    then = seen(sights(dressed((ALICE, RED, BLUE)), ALICE))
    again = seen(sights(dressed((BOB, RED, BLUE), noise=2), BOB))
    other = seen(sights(dressed((BOB, GREEN, BLUE), noise=2), BOB))
    assert then.sum(axis=1) == pytest.approx([1, 1])
    assert unlikeness(then, then) == pytest.approx(0, abs=1e-6)
    assert unlikeness(then, again) < 0.3
    assert unlikeness(then, other) > 0.45


def test_trousers_are_no_shirt() -> None:
    one = seen(sights(dressed((ALICE, RED, BLUE)), ALICE))
    upside_down = seen(sights(dressed((ALICE, BLUE, RED)), ALICE))
    assert unlikeness(one, upside_down) > 0.9


def test_who_stands_before_somebody_is_left_out() -> None:
    before: Box = (32.0, 30.0, 56.0, 94.0)
    picture = dressed((ALICE, RED, BLUE), (before, GREEN, GREEN))
    both, alone = sights(picture, ALICE, before), sights(picture, ALICE)
    clear = seen(sights(dressed((ALICE, RED, BLUE)), ALICE))
    assert both.is_free.tolist() == [False, False]
    assert unlikeness(seen(both), clear) < 0.2 < unlikeness(seen(alone), clear)
    assert unlikeness(seen(both, 1), clear) > 0.9, "who stands in front is read whole"


@pytest.mark.parametrize(
    ("box", "others"),
    [
        pytest.param((20.0, 20.0, 24.0, 84.0), (), id="too narrow"),
        pytest.param((20.0, 20.0, 44.0, 27.0), (), id="too low"),
        pytest.param((-60.0, 20.0, -30.0, 84.0), (), id="outside"),
        pytest.param(ALICE, ((18.0, 22.0, 46.0, 90.0),), id="hidden"),
    ],
)
def test_where_too_little_is_to_be_seen_nothing_is_said(box: Box, others: tuple[Box, ...]) -> None:
    assert sights(dressed((ALICE, RED, BLUE)), box, *others).of(0) is None


def test_background_in_the_box_does_not_count_unless_there_is_hardly_anything_else() -> None:
    wide: Box = (0.0, 20.0, 64.0, 84.0)
    mask = np.zeros((60, 80), np.bool_)
    mask[10:42, 10:22] = True
    picture = dressed((ALICE, RED, BLUE))
    clear = seen(sights(picture, ALICE))
    assert unlikeness(seen(sights(picture, wide, foreground=mask)), clear) < 0.2
    assert unlikeness(seen(sights(picture, wide)), clear) > 0.2
    nothing_moves = np.zeros((60, 80), np.bool_)
    assert unlikeness(seen(sights(picture, ALICE, foreground=nothing_moves)), clear) == pytest.approx(0, abs=1e-6)
