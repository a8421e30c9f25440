"""Where on an object its colours are: a person's upper and lower clothes, a vehicle's body, a bag.

person_regions(xyxy, size) -> [Region, ...]       what of the body is in the picture
sample(bgr, region, foreground, hidden_by) -> Sample | None
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.appearance.light import places
from custos.vision.motion import Mask

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, pixels."""

UPPER, LOWER, BODY, BAG = "upper", "lower", "body", "bag"
_UPPER, _LOWER = (0.20, 0.46), (0.55, 0.84)
"""From the crown down, in heights: below the neck to the belt, below the belt to the calves (Drillis and Contini, Body
segment parameters, 1966)."""
_UPPER_HALF_WIDTH, _LOWER_HALF_WIDTH = 0.24, 0.2
"""Of the box, around its middle: outside are arms, bags and background."""
_STANDING = 1.7
"""A box less tall for its width shows somebody who sits, or half of somebody."""
_TALL = 2.5
"""How tall for their width people are, arms and stride included."""
_EDGE_PX = 1.5
_MOST_PX = 28
"""Longest side of a sample: what is averaged away is grain and the blocks of the codec."""
_LEAST_PX = 4
_FOREGROUND_FROM = 0.25
"""With less of it in a region the object stands so long that it has become background: all of it counts."""
_LEAST_VISIBLE = 0.4


@dataclass(frozen=True, slots=True)
class Region:
    """A part of an object by its name, pixels of the picture."""

    name: str
    xyxy: Box


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The pixels of a region.

    Args:
        bgr: (h, w, 3) uint8, at most 28 pixels a side.
        weights: (h, w) 0..1.
        xyxy: where it lies, pixels of the picture.
        area_px: how many pixels of the picture it stands for, those that are hidden left out.
        visible: share of the region that nothing else hides.
    """

    bgr: Image
    weights: Floats
    xyxy: tuple[int, int, int, int]
    area_px: float
    visible: float


def is_cut(xyxy: Box, width_px: int, height_px: int) -> bool:
    """Whether a box reaches the border of the picture."""
    left, top, right, bottom = xyxy
    return left <= _EDGE_PX or top <= _EDGE_PX or right >= width_px - _EDGE_PX or bottom >= height_px - _EDGE_PX


def is_whole_standing(xyxy: Box, width_px: int, height_px: int) -> bool:
    """Whether a person's box holds all of somebody upright."""
    left, top, right, bottom = xyxy
    return not is_cut(xyxy, width_px, height_px) and bottom - top >= _STANDING * (right - left)


def person_regions(xyxy: Box, height_px: int) -> list[Region]:
    """Upper and lower clothes, those that the box of a person holds.

    A box that ends at the border of the picture, or that is too short for its width, shows part of a body: how long the
    rest is follows from the width, and what lies outside is not guessed at.
    """
    left, top, right, bottom = xyxy
    width, height = right - left, bottom - top
    whole = max(height, _TALL * width)
    if top <= _EDGE_PX < height_px - _EDGE_PX - bottom:  # feet in the picture, the head above it
        crown = bottom - whole
    else:
        crown = top
        whole = height if height >= _STANDING * width and bottom < height_px - _EDGE_PX else whole
    middle = (left + right) / 2
    regions = []
    for name, (start, end), half in ((UPPER, _UPPER, _UPPER_HALF_WIDTH), (LOWER, _LOWER, _LOWER_HALF_WIDTH)):
        first, last = crown + start * whole, crown + end * whole
        inside = min(last, bottom) - max(first, top)
        if inside >= 0.7 * (last - first):
            box = (middle - half * width, max(first, top), middle + half * width, min(last, bottom))
            regions.append(Region(name, box))
    return regions


def vehicle_regions(xyxy: Box) -> list[Region]:
    """The doors and the bonnet: below the windows, above the wheels."""
    left, top, right, bottom = xyxy
    width, height = right - left, bottom - top
    return [Region(BODY, (left + 0.12 * width, top + 0.42 * height, right - 0.12 * width, top + 0.78 * height))]


def bag_region(xyxy: Box) -> Region:
    """The middle of a bag."""
    left, top, right, bottom = xyxy
    width, height = right - left, bottom - top
    return Region(BAG, (left + 0.25 * width, top + 0.25 * height, right - 0.25 * width, bottom - 0.2 * height))


def sample(bgr: Image, region: Region, foreground: Mask, hidden_by: list[Box]) -> Sample | None:
    """The pixels of a region that belong to the object; None for too few.

    Args:
        bgr: (h, w, 3), the whole picture.
        foreground: (h, w) of the motion gate, at its own size.
        hidden_by: boxes of what stands before it.
    """
    height, width = bgr.shape[:2]
    left, top = max(round(region.xyxy[0]), 0), max(round(region.xyxy[1]), 0)
    right, bottom = min(round(region.xyxy[2]), width), min(round(region.xyxy[3]), height)
    if right - left < _LEAST_PX or bottom - top < _LEAST_PX:
        return None
    shrink = min(1.0, _MOST_PX / max(right - left, bottom - top))
    size = (max(round((right - left) * shrink), 2), max(round((bottom - top) * shrink), 2))
    small = np.asarray(cv2.resize(bgr[top:bottom, left:right], size, interpolation=cv2.INTER_AREA), np.uint8)
    open_to_view = _open_to_view((left, top, right, bottom), size, hidden_by)
    visible = float(open_to_view.mean())
    if visible < _LEAST_VISIBLE:
        return None
    moving = _foreground((left, top, right, bottom), size, foreground, width, height)
    weights = open_to_view * moving if float(moving.mean()) >= _FOREGROUND_FROM else open_to_view
    return Sample(small, weights, (left, top, right, bottom), (right - left) * (bottom - top) * visible, visible)


def _open_to_view(box: tuple[int, int, int, int], size: tuple[int, int], hidden_by: list[Box]) -> Floats:
    """(h, w) 1 where nothing stands before the region."""
    left, top, right, bottom = box
    seen = np.ones((size[1], size[0]), np.float32)
    x, y = size[0] / (right - left), size[1] / (bottom - top)
    for other in hidden_by:
        x1, y1 = max(int((other[0] - left) * x), 0), max(int((other[1] - top) * y), 0)
        x2, y2 = max(int(np.ceil((other[2] - left) * x)), 0), max(int(np.ceil((other[3] - top) * y)), 0)
        seen[y1:y2, x1:x2] = 0
    return seen


def _foreground(
    box: tuple[int, int, int, int], size: tuple[int, int], foreground: Mask, width: int, height: int
) -> Floats:
    """(h, w) 0..1: how far the pixels of a region differ from the learned background."""
    rows = places(box[1], box[3] - 1, size[1], foreground.shape[0], height)
    columns = places(box[0], box[2] - 1, size[0], foreground.shape[1], width)
    return foreground[rows[:, None], columns].astype(np.float32)
