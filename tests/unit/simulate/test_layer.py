"""Putting drawn objects down: what is seen of them, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from custos.simulate.layer import Layer, Placed, darken, put

FAR = np.full((40, 60), 1e4, np.float32)


def block(left: int, top: int, *, depth_m: float = 5.0, width: int = 10, height: int = 20) -> Layer:
    colour = np.full((height, width, 3), (10, 20, 30), np.uint8)
    return Layer(left, top, colour, np.full((height, width), 255, np.uint8), depth_m)


def placed(frame: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], layer: Layer) -> Placed:
    found = put(frame, layer, FAR)
    assert found is not None
    return found


@pytest.mark.parametrize(("left", "top"), [(-10, 0), (60, 0), (0, -20), (0, 40)])
def test_nothing_outside_the_picture_is_put_down(left: int, top: int) -> None:
    frame = np.zeros((40, 60, 3), np.uint8)
    assert put(frame, block(left, top), FAR) is None
    assert not frame.any()


@pytest.mark.parametrize(
    ("left", "top", "visible"), [(5, 5, 1.0), (-5, 5, 0.5), (55, 5, 0.5), (5, -10, 0.5), (-5, 30, 0.25)]
)
def test_the_border_cuts(left: int, top: int, visible: float) -> None:
    frame = np.zeros((40, 60, 3), np.uint8)
    layer = block(left, top)
    assert placed(frame, layer).visible == visible
    assert (frame[..., 2] == 30).sum() == 200 * visible
    assert layer.box() == (left, top, left + 10, top + 20)


def test_a_nearer_wall_hides_and_a_farther_one_does_not() -> None:
    frame = np.zeros((40, 60, 3), np.uint8)
    wall = FAR.copy()
    wall[:, :10] = 3.0
    wall[:, 10:] = 7.0
    found = put(frame, block(5, 5), wall)
    assert found is not None
    assert found.visible == 0.5
    assert not frame[:, :10].any()
    assert frame[10, 12].tolist() == [10, 20, 30]


def test_who_comes_later_takes_pixels_from_who_was_there() -> None:
    frame = np.zeros((40, 60, 3), np.uint8)
    behind = placed(frame, block(5, 5))
    in_front = placed(frame, block(10, 10, width=20))
    behind.hidden_by(in_front)
    assert behind.visible == pytest.approx((200 - 5 * 15) / 200)
    assert in_front.visible == 1.0


def test_half_covered_pixels_mix() -> None:
    frame = np.full((40, 60, 3), 200, np.uint8)
    half = Layer(0, 0, np.full((4, 4, 3), 50, np.uint8), np.full((4, 4), 128, np.uint8), 5.0)
    put(frame, half, FAR)
    assert frame[1, 1].tolist() == [150, 150, 150]


def test_darkening_is_cut_at_the_border_too() -> None:
    frame = np.full((40, 60, 3), 200, np.uint8)
    darken(frame, -2, -2, np.full((4, 4), 255, np.uint8))
    assert not frame[:2, :2].any()
    assert (frame[2:, 2:] == 200).all()
