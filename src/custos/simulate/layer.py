"""A drawn object on its way into the picture: colour, coverage, place and distance, and how it is put down."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.simulate.texture import Floats

Image = NDArray[np.uint8]
_SEEN = 127
"""A pixel belongs to an object when it covers at least half of it."""
_IN_FRONT_M = 0.3
"""A wall hides a body only when it is at least this much nearer: bodies are drawn flat, at the depth of their feet."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One object as drawn.

    Args:
        left, top: of the patch in the picture; it may hang over the border.
        colour: (h, w, 3) uint8 BGR, premultiplied with alpha.
        alpha: (h, w) uint8.
        depth_m: along the optical axis.
    """

    left: int
    top: int
    colour: Image
    alpha: Image
    depth_m: float

    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom in pixels of everything drawn, also beyond the border; None for nothing."""
        columns = np.flatnonzero(self.alpha.max(axis=0) > _SEEN)
        rows = np.flatnonzero(self.alpha.max(axis=1) > _SEEN)
        if not len(columns) or not len(rows):
            return None
        return (
            float(self.left + columns[0]),
            float(self.top + rows[0]),
            float(self.left + columns[-1] + 1),
            float(self.top + rows[-1] + 1),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The part of a patch that lies within the picture."""

    rows: slice
    columns: slice
    patch_rows: slice
    patch_columns: slice


class Placed:
    """An object that was put down; later ones in front take pixels away from it."""

    def __init__(self, window: _Window, seen: NDArray[np.bool_], whole: int) -> None:
        self._window, self._seen, self._whole = window, seen, whole

    def hidden_by(self, other: Placed) -> None:
        """`other` was drawn over this."""
        a, b = self._window, other._window
        top, bottom = max(a.rows.start, b.rows.start), min(a.rows.stop, b.rows.stop)
        left, right = max(a.columns.start, b.columns.start), min(a.columns.stop, b.columns.stop)
        if top >= bottom or left >= right:
            return
        mine = self._seen[top - a.rows.start :, left - a.columns.start :][: bottom - top, : right - left]
        theirs = other._seen[top - b.rows.start :, left - b.columns.start :][: bottom - top, : right - left]
        mine &= ~theirs

    def mark(self, depth_m: Floats, at_m: float) -> None:
        """Write the object's distance into a depth map where it is seen."""
        depth_m[self._window.rows, self._window.columns][self._seen] = at_m

    @property
    def visible(self) -> float:
        """Share of the object's pixels that can be seen, 0..1."""
        return int(self._seen.sum()) / self._whole if self._whole else 0.0


def put(frame: Image, layer: Layer, wall_m: Floats) -> Placed | None:
    """Draw the layer onto the (h, w, 3) frame, behind whatever wall is nearer; None when it is outside."""
    window = _window(frame, layer.left, layer.top, layer.alpha.shape)
    whole = int((layer.alpha > _SEEN).sum())
    if window is None or not whole:
        return None
    colour = layer.colour[window.patch_rows, window.patch_columns]
    alpha = layer.alpha[window.patch_rows, window.patch_columns]
    free = wall_m[window.rows, window.columns] > layer.depth_m - _IN_FRONT_M
    if not free.all():
        alpha = alpha * free
        colour = colour * free[..., None]
    here = frame[window.rows, window.columns]
    keep = cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2BGR)
    frame[window.rows, window.columns] = cv2.add(cv2.multiply(here, keep, scale=1 / 255), colour)
    return Placed(window, alpha > _SEEN, whole)


def darken(frame: Image, left: int, top: int, darkness: Image) -> None:
    """Take light away: `darkness` (h, w) uint8, 255 takes all."""
    window = _window(frame, left, top, darkness.shape)
    if window is None:
        return
    keep = cv2.cvtColor(255 - darkness[window.patch_rows, window.patch_columns], cv2.COLOR_GRAY2BGR)
    here = frame[window.rows, window.columns]
    frame[window.rows, window.columns] = cv2.multiply(here, keep, scale=1 / 255)


def _window(frame: Image, left: int, top: int, shape: tuple[int, ...]) -> _Window | None:
    height, width = frame.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + shape[1], width), min(top + shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return None
    return _Window(slice(y0, y1), slice(x0, x1), slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
