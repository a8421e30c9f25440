"""How tall somebody is: boxes against things of known height in the picture.

`Ruler.height_m(xyxy, ...)`: whoever calibrates a camera better (a ground plane) makes another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from custos.model.site import HeightReference

_SAME_PLACE = 0.08
"""With one reference, feet may stand so far below or above its foot, in its own heights: 8% is about 5% of error for a
camera at 3 m and a door of 2.1 m."""
_LEAST_M, _MOST_M = 0.8, 2.4
"""Outside nobody is measured: the box was wrong."""


class Ruler(Protocol):
    """Heights of one camera's upright objects."""

    def height_m(self, foot_y: float, top_y: float) -> float | None:
        """Metres from a foot to a crown above it, fractions of the picture; None where it cannot be told."""
        ...


class DoorRuler:
    """Doors, or other things of known height that stand on the same ground as people do.

    One tells only of those beside it. Two or more at different distances tell of everybody: how many picture heights a
    metre is grows linearly with how far down the picture the foot stands (Criminisi, Reid and Zisserman, Single view
    metrology, 2000, section 5, for a camera that hangs level or nearly).
    """

    def __init__(self, references: Sequence[HeightReference]) -> None:
        if not references:
            raise ValueError("a ruler needs at least one reference")
        marks = sorted((r.bottom[1], (r.bottom[1] - r.top[1]) / r.height_m) for r in references)
        self._marks = marks
        self._slope: float | None = None
        if marks[-1][0] - marks[0][0] >= 0.05:
            self._slope = _slope(marks)

    def height_m(self, foot_y: float, top_y: float) -> float | None:
        scale = self._scale(foot_y)
        if scale is None or scale <= 0:
            return None
        height_m = (foot_y - top_y) / scale
        return height_m if _LEAST_M <= height_m <= _MOST_M else None

    def _scale(self, foot_y: float) -> float | None:
        """Picture heights a metre, at a foot."""
        if self._slope is not None:
            y = sum(mark[0] for mark in self._marks) / len(self._marks)
            scale = sum(mark[1] for mark in self._marks) / len(self._marks)
            return scale + self._slope * (foot_y - y)
        y, scale = self._marks[0]
        # doors 2 m high and more: in its own heights that is about what the reference measures
        return scale if abs(foot_y - y) <= _SAME_PLACE * scale * 2.0 else None


def _slope(marks: Sequence[tuple[float, float]]) -> float:
    """Least squares through (foot, scale)."""
    y = sum(mark[0] for mark in marks) / len(marks)
    scale = sum(mark[1] for mark in marks) / len(marks)
    return sum((a - y) * (b - scale) for a, b in marks) / sum((a - y) ** 2 for a, _ in marks)
