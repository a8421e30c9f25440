"""Axis-aligned boxes: (n, 4) left, top, right, bottom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]


def areas(xyxy: Boxes) -> NDArray[np.floating]:
    """(n,) areas."""
    return (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])


def intersections(a: Boxes, b: Boxes) -> NDArray[np.floating]:
    """(n, m) areas shared by each box of `a` (n, 4) and each of `b` (m, 4)."""
    width = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    shared: NDArray[np.floating] = np.maximum(width, 0) * np.maximum(height, 0)
    return shared


def iou(a: Boxes, b: Boxes) -> NDArray[np.floating]:
    """(n, m) intersection over union; 0 where both are empty."""
    shared = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    ratio: NDArray[np.floating] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio
