"""When the detector should look, and where: `Attention.turn(interests, motion, ...) -> Regions | None`.

Looks follow need. Everything that is tracked has its own rhythm: what is uncertain or fast is looked at as often as
the camera allows, a settled track half as often, something that rests every other second. Small things are looked at in
squares of the picture (see `regions`), large ones in the whole of it; and the whole picture is looked at now and then
in any case. Who has company is looked at no more often for it: that was tried, and told nothing apart better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.vision.motion import Motion
from custos.vision.regions import Regions, cover, side_px

QUIET_LOOK_S = 10.0
"""With nothing moving and nobody there, the detector looks this often all the same."""
RESTING_LOOK_S = 2.0
"""With nothing moving and somebody there."""
START_LOOKS_S = 2.0
"""After the start every picture in turn is looked at for so long: what is there already is there."""
WHOLE_LOOK_S = 1.5
"""While squares are looked at, the whole picture is so often."""
MOST_SQUARES = 2
"""At one turn; what is left has the next."""
LITTLE = 0.2
"""Share of the need of a turn that is left to the next one when it takes another square."""
WAITED = 1.4
"""How overdue, in its own rhythm, what has waited for a turn is; that waits for none. What is due at every turn has 2.0
then, a settled track, which is due at every other, 1.5."""
WIDER = 1.35
"""Side, in usual sides, of a square that is looked at instead of several when it alone holds all that want to be."""
SMALL = 0.5
"""Share of a square's side up to which something is small."""
MARGIN = 0.15
"""Kept around what is looked at, in heights of it."""
NEWS = 3.0
"""How overdue a look is at something that moves and is not tracked."""
WHOLE: Regions = np.zeros((0, 4), np.int64)
WHOLE.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Interests:
    """Tracks that want to be looked at.

    Args:
        xyxy: (n, 4) where they should be now, pixels.
        looked_s: (n,) when the detector last looked there.
        is_urgent: (n,) uncertain or fast, or just seen in another shape than before.
        stirs: (n,) its pixels have changed since then, or it was not found there.
    """

    xyxy: NDArray[np.float32]
    looked_s: NDArray[np.float64]
    is_urgent: NDArray[np.bool_]
    stirs: NDArray[np.bool_]


class Attention:
    """The turns of one camera's detector."""

    def __init__(self) -> None:
        self._first_s: float | None = None
        self._looked_s = float("-inf")
        self._whole_s = float("-inf")

    def is_due(self, *, at_s: float, most_fps: float) -> bool:
        """Whether `turn` may give the detector a look at the picture of `at_s`."""
        return at_s - self._looked_s >= 0.9 / most_fps

    def turn(
        self, interests: Interests, motion: Motion, *, at_s: float, most_fps: float, width_px: int, height_px: int
    ) -> Regions | None:
        """None when the detector need not see this picture; else the squares it should see, none for all of it."""
        if self._first_s is None:
            self._first_s = at_s
        if not self.is_due(at_s=at_s, most_fps=most_fps):
            return None
        regions = self._regions(interests, motion, at_s, 1 / most_fps, width_px, height_px)
        if regions is not None:
            self._looked_s = at_s
            if not len(regions):
                self._whole_s = at_s
        return regions

    def _regions(
        self, interests: Interests, motion: Motion, at_s: float, shortest_s: float, width_px: int, height_px: int
    ) -> Regions | None:
        assert self._first_s is not None
        if at_s - self._first_s <= START_LOOKS_S:
            return WHOLE
        somebody = len(interests.xyxy) > 0
        usual_s = np.where(interests.stirs, 2 * shortest_s, RESTING_LOOK_S)
        rhythm_s = np.where(interests.is_urgent, shortest_s, usual_s)
        overdue = (at_s - interests.looked_s) / rhythm_s
        news = motion.blobs(width_px, height_px, apart_from=interests.xyxy) if motion.is_moving else WHOLE
        boxes = np.concatenate([interests.xyxy, news.astype(np.float32)])
        overdue = np.concatenate([overdue, np.full(len(news), NEWS)])
        wanting = overdue >= 0.9
        since_whole_s = at_s - self._whole_s
        if since_whole_s >= (QUIET_LOOK_S if not (motion.is_moving or somebody) else RESTING_LOOK_S):
            return WHOLE
        if not wanting.any():
            return None
        side = side_px(width_px, height_px)
        size = boxes[:, 2:] - boxes[:, :2]
        if since_whole_s >= WHOLE_LOOK_S or (size[wanting].max(axis=1) > SMALL * side).any():
            return WHOLE
        small = size.max(axis=1) <= SMALL * side
        margin = MARGIN * size[:, 1:]
        around = np.concatenate([boxes[:, :2] - margin, boxes[:, 2:] + margin], axis=1)
        need = np.where(wanting, overdue, 0.0)
        squares = cover(around[small], need[small], width_px=width_px, height_px=height_px)
        if len(squares) > 1 and _extent(around[wanting & small], width_px, height_px) <= WIDER * side + 1:
            wider = cover(around[small], need[small], width_px=width_px, height_px=height_px, wider=WIDER)
            squares = wider if len(wider) == 1 else squares
        return _worth_it(squares[:MOST_SQUARES], around[small], need[small], width_px, height_px)


def _worth_it(
    squares: Regions, boxes: NDArray[np.float32], need: NDArray[np.float64], width_px: int, height_px: int
) -> Regions:
    """The squares (m, 4), without the last ones when all they hold besides the first is little, and has not waited."""
    limits = np.array([width_px, height_px] * 2, np.float32)
    shown = np.clip(boxes, 0, limits)
    first = squares[0]
    in_first = (shown[:, :2] >= first[:2]).all(axis=1) & (shown[:, 2:] <= first[2:]).all(axis=1)
    held = float(need[in_first].sum())
    rest = need[~in_first]
    is_little = rest.sum() < LITTLE * (held + rest.sum()) and rest.max(initial=0.0) < WAITED
    return squares[:1] if is_little else squares


def _extent(boxes: NDArray[np.float32], width_px: int, height_px: int) -> float:
    """The longer side of the box around what is in the picture of `boxes` (n, 4), n > 0."""
    limits = np.array([width_px, height_px], np.float32)
    ends, starts = np.minimum(boxes[:, 2:], limits).max(axis=0), np.maximum(boxes[:, :2], 0).min(axis=0)
    return float((ends - starts).max())
