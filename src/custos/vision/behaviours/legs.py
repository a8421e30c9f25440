"""Ways there and back: where a path turns round on itself.

A leg runs from the last turn to the place farthest from it. It has turned when the path has come back from there by
`leg_m`, against the way it went, and close to where it went; going round a corner is no turn, nor is standing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import acos, degrees, hypot

from custos.vision.behaviours.whereabouts import Fix

BACK_DEG = 125.0
"""The angle between the way there and the way back."""
SPACING_M = 0.4
AROUND_M = 0.8
MOST = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn: when it was made, how far the path went before it, and how long it stayed around there."""

    at_s: float
    out_m: float
    stay_s: float


@dataclass(slots=True)
class Legs:
    """One path.

    Args:
        leg_m: ways there and back shorter than this are not looked at.
        near_m: the way back lies within this of the way there.
    """

    leg_m: float
    near_m: float
    way: list[Fix] = field(default_factory=list)  # since the last turn, thinned out
    far: int = 0  # index of the farthest from the first

    def step(self, fix: Fix) -> Turn | None:
        """Go on to `fix`; the turn that has been made by that, if one has."""
        if self.way and _apart_m(self.way[-1], fix) < SPACING_M:
            return None
        self.way.append(fix)
        if _apart_m(self.way[0], fix) > _apart_m(self.way[0], self.way[self.far]):
            self.far = len(self.way) - 1
            self._thin()
            return None
        return self._turned(fix)

    def _turned(self, fix: Fix) -> Turn | None:
        start, far = self.way[0], self.way[self.far]
        out_m = _apart_m(start, far)
        if out_m < self.leg_m or _apart_m(far, fix) < self.leg_m:
            return None
        if _angle_deg(start, far, fix) < BACK_DEG or min(_apart_m(p, fix) for p in self.way[: self.far]) > self.near_m:
            return None
        turn = Turn(far.t_s, out_m, self._stay_s(far))
        self.way = self.way[self.far :]
        self.far = max(range(len(self.way)), key=lambda i: _apart_m(self.way[0], self.way[i]))
        return turn

    def _stay_s(self, far: Fix) -> float:
        """From coming within AROUND_M of the turning place to leaving it."""
        before = [p.t_s for p in self.way[: self.far] if _apart_m(p, far) > AROUND_M]
        after = [p.t_s for p in self.way[self.far :] if _apart_m(p, far) > AROUND_M]
        return (after[0] if after else self.way[-1].t_s) - (before[-1] if before else self.way[0].t_s)

    def _thin(self) -> None:
        if len(self.way) > MOST:
            self.way = [*self.way[:-1:2], self.way[-1]]
            self.far = len(self.way) - 1


def _apart_m(a: Fix, b: Fix) -> float:
    return hypot(a.x_m - b.x_m, a.y_m - b.y_m)


def _angle_deg(start: Fix, turn: Fix, end: Fix) -> float:
    """0 for going on, 180 for going back."""
    ax, ay, bx, by = turn.x_m - start.x_m, turn.y_m - start.y_m, end.x_m - turn.x_m, end.y_m - turn.y_m
    cosine = (ax * bx + ay * by) / (hypot(ax, ay) * hypot(bx, by))
    return degrees(acos(max(-1.0, min(1.0, cosine))))
