"""A small copy of a picture is the mean of what each of its pixels stands for, as exact arithmetic has it."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from custos.vision.shrinking import shrink


def exact_mean(luma: NDArray[np.uint8], row: int, column: int, height: int, width: int) -> Fraction:
    """Of the area that one pixel of a (height, width) copy stands for."""

    def shares(place: int, cells: int, size: int) -> dict[int, Fraction]:
        start, end = Fraction(place * size, cells), Fraction((place + 1) * size, cells)
        covered = {n: min(end, Fraction(n + 1)) - max(start, Fraction(n)) for n in range(int(start), -(-end // 1))}
        return {n: share for n, share in covered.items() if share}

    rows, columns = shares(row, height, luma.shape[0]), shares(column, width, luma.shape[1])
    total = sum(int(luma[y, x]) * dy * dx for y, dy in rows.items() for x, dx in columns.items())
    return Fraction(total) / (sum(rows.values()) * sum(columns.values()))


@pytest.mark.parametrize(
    ("size", "width_px"),
    [
        ((20, 15), 8),
        ((16, 12), 12),
        ((20, 10), 12),
        ((28, 14), 20),
        ((40, 30), 12),
        ((40, 20), 6),
        ((25, 50), 6),
        ((16, 8), 4),
        ((21, 13), 8),
        ((6, 4), 192),
        ((7, 1), 2),
    ],
    ids=[
        "5 to 2",
        "4 to 3",
        "5 to 3",
        "7 to 5",
        "10 to 3",
        "20 to 3",
        "25 to 6",
        "4 to 1",
        "sides that do not fit",
        "small already",
        "one row",
    ],
)
def test_every_pixel_is_the_mean_of_its_area(size: tuple[int, int], width_px: int) -> None:
    width, height = size
    luma = np.random.default_rng(7).integers(0, 256, (height, width + 3)).astype(np.uint8)[:, :width]  # rows lie apart
    small = shrink(luma, width_px)
    assert small.dtype == np.float32
    assert small.shape == (max(1, round(height * min(width_px, width) / width)), min(width_px, width))
    for row, column in np.ndindex(*small.shape):
        assert abs(exact_mean(luma, row, column, *small.shape) - Fraction(float(small[row, column]))) <= Fraction(
            51, 100
        )


def test_white_stays_white_and_no_sum_overflows() -> None:
    for width, height in ((480, 360), (640, 360), (1280, 720)):
        white = np.full((height, width), 255, np.uint8)
        assert (shrink(white, 192) == 255).all()


def test_a_picture_of_480_pixels_is_what_opencv_makes_of_it() -> None:
    luma = np.random.default_rng(3).integers(0, 256, (360, 480)).astype(np.uint8)
    expected = cv2.resize(luma, (192, 144), interpolation=cv2.INTER_AREA)
    assert np.array_equal(shrink(luma, 192), expected)
