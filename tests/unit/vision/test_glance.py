"""A glance: has anything changed since the last picture?"""

from __future__ import annotations

import numpy as np
import pytest

from custos.model.frame import Image
from custos.testing.stage import Actor, Stage, standing
from custos.vision.glance import Glance

EMPTY = Stage()


def with_somebody(height_px: float) -> Stage:
    return Stage(Actor(standing((160, 200), height_px=height_px, width_px=height_px * 0.35)))


def settled(stage: Stage = EMPTY, pictures: int = 8) -> Glance:
    glance = Glance()
    for number in range(pictures):
        assert not glance.differs(stage.luma(number))
    return glance


def test_the_first_picture_does_not_differ() -> None:
    assert not Glance().differs(EMPTY.luma(0))


def test_grain_is_no_difference_and_somebody_of_a_tenth_of_the_picture_is() -> None:
    glance = settled()
    assert glance.differs(with_somebody(24).luma(9))
    assert not glance.differs(with_somebody(24).luma(10))
    assert glance.differs(EMPTY.luma(11)), "who goes is a difference too"


@pytest.mark.parametrize("levels", [-30, 25])
def test_a_change_of_exposure_is_none(levels: int) -> None:
    glance = settled()
    lit: Image = np.clip(EMPTY.luma(9).astype(int) + levels, 0, 255).astype(np.uint8)
    assert not glance.differs(lit)


def test_what_was_no_movement_becomes_noise() -> None:
    """A flickering screen wakes it a few times, not for ever."""
    glance = settled()
    woken = 0
    for number in range(10, 60):
        if glance.differs((with_somebody(40) if number % 2 else EMPTY).luma(number)):
            woken += 1
            glance.was_wrong()
    assert 0 < woken < 15


def test_a_picture_of_another_size_begins_anew() -> None:
    glance = settled()
    assert not glance.differs(Stage(size=(200, 100)).luma(0))
    glance.renew(Stage(size=(64, 48)).luma(0))
    assert not glance.differs(Stage(size=(64, 48)).luma(1))


def test_a_picture_smaller_than_a_glance() -> None:
    glance = Glance()
    tiny: Image = np.full((5, 7), 90, np.uint8)
    assert not glance.differs(tiny)
    other = tiny.copy()
    other[1:4, 1:4] = 200
    assert glance.differs(other)
