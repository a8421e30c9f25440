"""JPEG: what goes in comes out, what cannot be written is refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from custos.adapters.media.jpeg import SMALL_PX, encode_jpeg, encode_small
from custos.testing.clips import picture


@pytest.mark.parametrize(("width", "height"), [(64, 48), (65, 49), (1, 1)])
def test_a_picture_comes_out_as_it_went_in(width: int, height: int) -> None:
    drawn = picture(3, width, height)
    data = encode_jpeg(drawn, 95)
    assert data[:2] == b"\xff\xd8"
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert read is not None
    assert read.shape == (height, width, 3)
    assert np.abs(read.astype(int) - drawn.astype(int)).mean() < 8


def test_quality_costs_bytes() -> None:
    drawn = picture(3, 640, 360)
    assert len(encode_jpeg(drawn, 30)) < len(encode_jpeg(drawn, 95))


def test_grey_pictures_and_views_are_taken() -> None:
    grey = picture(3, 64, 48)[:, :, 0]
    assert encode_jpeg(grey)[:2] == b"\xff\xd8"
    assert encode_jpeg(picture(3, 64, 48)[::2, ::2])[:2] == b"\xff\xd8"


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 10, 3), (10, 10, 4), (10, 10, 1), (10,)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected a picture"):
        encode_jpeg(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("quality", [0, -1, 101])
def test_a_quality_outside_the_scale_is_refused(quality: int) -> None:
    with pytest.raises(ValueError, match=r"1\.\.100"):
        encode_jpeg(picture(0, 64, 48), quality)


@pytest.mark.parametrize(
    ("shape", "small"),
    [
        ((1080, 1920, 3), (540, SMALL_PX, 3)),
        ((1600, 900, 3), (SMALL_PX, 540, 3)),
        ((240, 320, 3), (240, 320, 3)),
        ((1, 4000, 3), (1, SMALL_PX, 3)),
    ],
)
def test_small_pictures_keep_their_shape(shape: tuple[int, ...], small: tuple[int, ...]) -> None:
    encoded = np.frombuffer(encode_small(np.full(shape, 90, np.uint8)), np.uint8)
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == small
    assert abs(float(decoded.mean()) - 90) < 2
