"""Where in a picture to look again in full resolution: squares around what is small.

A detector shrinks the whole picture to its input, and small objects with it. A square of half the picture's longer
side is seen at twice the resolution for the cost of one look. `cover(boxes, ...)` finds few squares that hold all
boxes uncut; `assemble(...)` puts together what was detected in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import iou
from custos.model.detections import Detections

Ints = NDArray[np.int64]
Regions = Ints
"""(m, 4) parts of a picture: left, top, right, bottom, whole pixels."""
STEP_PX = 16
"""Squares begin at multiples of this."""
CUT_PX = 3
"""A detection this near the edge of a square, where the picture goes on, is a part of something."""
ALSO = 0.05
"""What a box without need is worth to a square that can hold it too."""
SAME = 0.55
"""Overlap of two detections of one object, each from another square."""


def side_px(width_px: int, height_px: int) -> int:
    """Side of the squares, pixels: half the longer side, and no more than the shorter."""
    return min(max(width_px, height_px) // 2, width_px, height_px)


def cover(
    boxes: NDArray[np.floating], need: NDArray[np.floating], *, width_px: int, height_px: int, wider: float = 1.0
) -> Regions:
    """Squares (m, 4) that hold every box (n, 4) in need uncut, the neediest first.

    Greedy: the neediest box not yet held gets a square, placed so that it holds as much other need as it can, and as
    many boxes without need. Boxes too large for a square must not be given.

    Args:
        need: (n,) how much each box wants to be looked at; 0 not at all.
        wider: the squares' side, in usual sides; what the picture's shorter side leaves of it.
    """
    side = min(round(wider * side_px(width_px, height_px)), width_px, height_px)
    limits = np.array([width_px, height_px] * 2, np.float64)
    shown: NDArray[np.float64] = np.clip(boxes, 0, limits).astype(np.float64)
    open_rows = np.asarray(need, np.float64) > 0
    squares: list[tuple[int, int, int, int]] = []
    while open_rows.any():
        seed = int(np.argmax(np.where(open_rows, need, -1.0)))
        worth = np.where(open_rows, need, 0.0) + ALSO
        left, top = _best_corner(shown, worth, shown[seed], side, width_px, height_px)
        squares.append((left, top, left + side, top + side))
        open_rows &= ~_held(shown, left, top, side)
        open_rows[seed] = False
    return np.array(squares, np.int64).reshape(-1, 4)


def _held(boxes: NDArray[np.float64], left: int, top: int, side: int) -> NDArray[np.bool_]:
    inside = np.concatenate([boxes[:, :2] >= [left, top], boxes[:, 2:] <= [left + side, top + side]], axis=1)
    held: NDArray[np.bool_] = np.asarray(inside.all(axis=1))
    return held


def _best_corner(
    boxes: NDArray[np.float64],
    need: NDArray[np.float64],
    seed: NDArray[np.float64],
    side: int,
    width_px: int,
    height_px: int,
) -> tuple[int, int]:
    """Left and top of the square around `seed` (4,) that holds the most need; of equals, the most central one."""
    lefts = _starts(seed[0], seed[2], side, width_px)
    tops = _starts(seed[1], seed[3], side, height_px)
    inside_x = (boxes[None, :, 0] >= lefts[:, None]) & (boxes[None, :, 2] <= lefts[:, None] + side)
    inside_y = (boxes[None, :, 1] >= tops[:, None]) & (boxes[None, :, 3] <= tops[:, None] + side)
    held = (inside_x[:, None, :] & inside_y[None, :, :]) @ need
    centre_x, centre_y = (seed[0] + seed[2] - side) / 2, (seed[1] + seed[3] - side) / 2
    off_centre = np.abs(lefts - centre_x)[:, None] + np.abs(tops - centre_y)[None, :]
    i, j = np.unravel_index(np.argmax(held - off_centre * 1e-4), held.shape)
    return int(lefts[i]), int(tops[j])


def _starts(low: float, high: float, side: int, limit: int) -> Ints:
    """Where along one axis a square that holds low..high may begin."""
    first, last = max(0, int(np.ceil(high)) - side), max(0, min(int(low), limit - side))
    steps = np.arange(-(-first // STEP_PX) * STEP_PX, last + 1, STEP_PX)
    return steps if len(steps) and steps[-1] == last else np.append(steps, last)


def assemble(found: Sequence[Detections], regions: Regions, *, width_px: int, height_px: int) -> Detections:
    """What was detected in each region (m, 4), in pixels of the picture, each object once.

    Args:
        found: one for each region, in pixels of that region.
    """
    parts = [_placed(one, region, width_px, height_px) for one, region in zip(found, regions, strict=True)]
    if not parts:
        return Detections.empty()
    whole = Detections(
        np.concatenate([p.xyxy for p in parts]),
        np.concatenate([p.confidence for p in parts]),
        np.concatenate([p.class_id for p in parts]),
    )
    origin = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    order = np.argsort(-whole.confidence, kind="stable")
    doubles = (iou(whole.xyxy, whole.xyxy) > SAME) & (origin[:, None] != origin[None, :])
    doubles &= whole.class_id[:, None] == whole.class_id[None, :]
    has_double, is_kept = doubles.any(axis=1), np.ones(len(whole), np.bool_)
    kept: list[int] = []  # of those that have one
    for row in order[has_double[order]].tolist():
        if doubles[row, kept].any():
            is_kept[row] = False
        else:
            kept.append(row)
    return whole[order[is_kept[order]]]


def _placed(found: Detections, region: Ints, width_px: int, height_px: int) -> Detections:
    """Moved to where the region lies; parts of things that its edge cuts are left out."""
    left, top, right, bottom = region.tolist()
    xyxy = (found.xyxy + np.array([left, top, left, top], np.float32)).astype(np.float32)
    cut = (xyxy[:, 0] < left + CUT_PX) & (left > 0)
    cut |= (xyxy[:, 1] < top + CUT_PX) & (top > 0)
    cut |= (xyxy[:, 2] > right - CUT_PX) & (right < width_px)
    cut |= (xyxy[:, 3] > bottom - CUT_PX) & (bottom < height_px)
    return Detections(xyxy, found.confidence, found.class_id)[~cut]
