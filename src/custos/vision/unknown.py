"""What moves and no detector can name, followed all the same, so that nothing crosses a secured line unseen.

`Unknowns.update(motion, known, ...)`, then `shown()`. A blob of foreground that changes and belongs to no track is a
candidate; it is believed when it has gone its way: well away from where it began, and rather straight. Leaves and water
stay where they are, shadows hang on to those who cast them, and a change of light is too large or goes nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.vision.motion import Mask, Motion, parts

LEAST_AREA = 0.0012
MOST_AREA = 0.25
"""Of the picture, for one blob. When more than that of the picture is foreground, its light has changed."""
SIDE_PX = 4
"""Least side of a blob, in pixels of the gate."""
FILL = 0.35
"""Least share of its box that a blob fills."""
CHANGING = 0.1
"""Least share of a blob that has just changed."""
NEAR = 1.0
"""How far a blob may be from where a candidate was, in its sizes."""
WAY = 1.5
"""How far it must have come, in its sizes."""
STRAIGHT = 0.7
"""Least share of the way gone that lies between its ends."""
LEAST_S = 0.8
LEAST_TIMES = 5
LOST_S = 0.7
MOST = 8
KNOWN_MARGIN = 0.15
"""Added around a track, in its heights: what touches it is its shadow, or itself."""


@dataclass(slots=True, eq=False)
class Unknown:
    """A blob followed. `xyxy` in pixels of the picture; `id` is 0 until it is believed."""

    xyxy: NDArray[np.float64]
    origin: NDArray[np.float64]
    born_s: float
    seen_s: float
    way_px: float = 0.0
    times: int = 1
    id: int = 0

    @property
    def centre(self) -> NDArray[np.float64]:
        return (self.xyxy[:2] + self.xyxy[2:]) / 2

    @property
    def size_px(self) -> float:
        return float(max(self.xyxy[2:] - self.xyxy[:2]))


class Unknowns:
    """The unknown things before one camera. `ended` are the ids of those that ended at the last update, `next_id` the
    first that is free after it."""

    def __init__(self) -> None:
        self.ended: list[int] = []
        self.next_id = 1
        self._followed: list[Unknown] = []

    def shown(self) -> list[Unknown]:
        """Those that are believed."""
        return [one for one in self._followed if one.id]

    def update(
        self, motion: Motion, known: NDArray[np.floating], *, at_s: float, width_px: int, height_px: int, next_id: int
    ) -> None:
        """See what moves at `at_s` besides the tracks at `known` (n, 4).

        Args:
            next_id: the first id that nothing has had.
        """
        self.ended, self.next_id = [], next_id
        if not motion.is_moving and not self._followed:
            return
        boxes = _blobs(motion, known, width_px, height_px)
        free = [*boxes]
        for one in self._followed:
            self._follow(one, free, at_s)
        self._followed += [Unknown(box, (box[:2] + box[2:]) / 2, at_s, at_s) for box in free]
        self._judge(known, at_s)

    def _follow(self, one: Unknown, free: list[NDArray[np.float64]], at_s: float) -> None:
        if not free:
            return
        centres = np.array([(box[:2] + box[2:]) / 2 for box in free])
        sizes = np.array([max(box[2:] - box[:2]) for box in free])
        away = np.linalg.norm(centres - one.centre, axis=1)
        away[(sizes > 2 * one.size_px) | (sizes < one.size_px / 2)] = np.inf
        nearest = int(np.argmin(away))
        if away[nearest] > NEAR * one.size_px:
            return
        one.way_px += float(away[nearest])
        one.xyxy, one.seen_s, one.times = free.pop(nearest), at_s, one.times + 1

    def _judge(self, known: NDArray[np.floating], at_s: float) -> None:
        """Believe who has gone their way; give up who is gone, or has got a name."""
        kept: list[Unknown] = []
        for one in sorted(self._followed, key=lambda u: (u.id == 0, u.born_s)):
            named = len(known) > 0 and bool(_inside(one.centre, known).any())
            if at_s - one.seen_s > LOST_S or named or len(kept) >= 4 * MOST:
                self.ended += [one.id] if one.id else []
                continue
            kept.append(one)
            gone_px = float(np.linalg.norm(one.centre - one.origin))
            has_gone = gone_px >= WAY * one.size_px and gone_px >= STRAIGHT * one.way_px
            long_enough = at_s - one.born_s >= LEAST_S and one.times >= LEAST_TIMES
            if not one.id and has_gone and long_enough and sum(u.id > 0 for u in kept) < MOST:
                one.id, self.next_id = self.next_id, self.next_id + 1
        self._followed = kept


def _inside(point: NDArray[np.float64], boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
    inside = np.logical_and(boxes[:, :2] <= point, point <= boxes[:, 2:])
    return np.asarray(inside.all(axis=1), np.bool_)


def _blobs(motion: Motion, known: NDArray[np.floating], width_px: int, height_px: int) -> list[NDArray[np.float64]]:
    """Boxes of compact foreground that changes and touches no track, in pixels of the picture."""
    h, w = motion.foreground.shape
    if np.count_nonzero(motion.foreground) > MOST_AREA * motion.foreground.size:
        return []
    least_px = CHANGING * LEAST_AREA * motion.changing.size
    if np.count_nonzero(motion.changing) < least_px:
        return []
    windows = _windows(known, w / width_px, h / height_px)
    if _changing_apart(motion.changing, windows) < least_px:
        return []  # nearly always, and cheaper to know than what hangs together with what
    count, labels, stats = parts(motion.foreground.view(np.uint8))
    changed = np.bincount(labels[motion.changing], minlength=count)
    is_touched = np.zeros(count, np.bool_)
    for window in windows:
        is_touched[labels[window]] = True
    scale = np.array([width_px / w, height_px / h] * 2)
    found = []
    for label in range(1, count):
        left, top, width, height, area = stats[label].tolist()
        compact = area >= FILL * width * height and min(width, height) >= SIDE_PX
        fits = LEAST_AREA <= area / labels.size <= MOST_AREA and changed[label] >= CHANGING * area
        if compact and fits and not is_touched[label]:
            found.append(np.array([left, top, left + width, top + height]) * scale)
    return found


Window = tuple[slice, slice]


def _windows(known: NDArray[np.floating], by_x: float, by_y: float) -> list[Window]:
    """What lies in or at a track, in pixels of the gate."""
    windows = []
    for left, top, right, bottom in known.tolist():
        margin = KNOWN_MARGIN * (bottom - top)
        x1, x2 = max(0, int((left - margin) * by_x)), max(0, int((right + margin) * by_x) + 1)
        y1, y2 = max(0, int((top - margin) * by_y)), max(0, int((bottom + margin) * by_y) + 1)
        windows.append((slice(y1, y2), slice(x1, x2)))
    return windows


def _changing_apart(changing: Mask, windows: list[Window]) -> int:
    """How many pixels change besides those windows."""
    apart = changing.copy()
    for window in windows:
        apart[window] = False
    return int(np.count_nonzero(apart))
