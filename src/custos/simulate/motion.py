"""How somebody moves: waypoints and waits become a smooth route that can be asked at any instant.

route = Route.of(start_s, start, legs, speed_mps); route.at(t_s) -> Step or None when not there
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custos.simulate.body import POSTURES, STRIDE_M, Gait, Stance
from custos.simulate.view import Array, Xy, heading_vector

_STEP_S = 0.05
_CORNER_S = 0.7
"""Corners are rounded over this long."""
_BRISK_MPS = 1.3
_TOLERANCE_S = 1e-6
_RUN_MPS, _RUN_STRIDE_M = 4.0, 2.4
_INTO_S = {Stance.BEND: 0.7, Stance.CROUCH: 0.9, Stance.LIE: 0.9}
_OUT_OF_S = {Stance.BEND: 0.7, Stance.CROUCH: 0.9, Stance.LIE: 2.0}
"""Nobody gets up as fast as they fall."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Go straight to a place; with something in the arms if the stance is CARRY.

    Args:
        speed_mps: None goes at the route's speed.
    """

    to: Xy
    stance: Stance = Stance.WALK
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Stand for a while.

    Args:
        seconds: how long.
        facing_deg: compass heading to turn to; None keeps the last.
        stance: what the body does.
    """

    seconds: float
    facing_deg: float | None = None
    stance: Stance = Stance.IDLE


Leg = Walk | Wait


@dataclass(frozen=True, slots=True)
class Step:
    """One instant of a route."""

    place: Xy
    heading_deg: float
    gait: Gait


class Route:
    """A way through time, sampled every 50 ms."""

    def __init__(self, times: Array, places: Array, headings: Array, stances: list[Stance], into: Array) -> None:
        self._times, self._headings, self._stances, self._into = times, headings, stances, into
        # Each by itself in memory: what is interpolated in is copied at every call otherwise.
        self._x_m, self._y_m = (np.ascontiguousarray(column) for column in places.T)
        steps = np.hypot(*np.diff(places, axis=0).T)
        speed = _smooth(np.concatenate([[0.0], steps / _STEP_S]), 0.4)
        stride_m = np.interp(speed[1:], [1.15 * _BRISK_MPS, _RUN_MPS], [STRIDE_M, _RUN_STRIDE_M])
        self._strides = np.concatenate([[0.0], np.cumsum(steps / stride_m)])
        self._swing = np.interp(speed, [0.0, 1.15 * _BRISK_MPS, _RUN_MPS], [0.0, 1.15, 1.5])
        self.start_s, self.end_s = float(times[0]), float(times[-1])

    @classmethod
    def of(cls, start_s: float, start: Xy, legs: tuple[Leg, ...], speed_mps: float = 1.3) -> Route:
        """The route that begins at `start` at `start_s` and follows the legs."""
        places, facing, stances, into = [np.array(start, float)], [np.nan], [Stance.WALK], [1.0]
        for i, leg in enumerate(legs):
            if isinstance(leg, Walk):
                stops = i + 1 == len(legs) or isinstance(legs[i + 1], Wait)
                at_mps = leg.speed_mps or speed_mps
                added = _straight(places[-1], np.array(leg.to, float), at_mps, slow_end=stops and i + 1 < len(legs))
                turn, stance = np.nan, leg.stance
            else:
                added = [places[-1]] * max(1, round(leg.seconds / _STEP_S))
                turn = np.nan if leg.facing_deg is None else leg.facing_deg
                stance = leg.stance
            places += added
            facing += [turn] * len(added)
            stances += [stance] * len(added)
            into += _into(stance, len(added))
        smooth = np.stack([_smooth(column, _CORNER_S) for column in np.array(places).T], axis=1)
        times = start_s + np.arange(len(smooth)) * _STEP_S
        return cls(np.asarray(times, float), smooth, _headings(smooth, np.array(facing)), stances, np.array(into))

    def at(self, t_s: float) -> Step | None:
        """Where and how at this instant; None before the start and after the end."""
        if not self.start_s - _TOLERANCE_S <= t_s <= self.end_s + _TOLERANCE_S:
            return None
        i = min(int((t_s - self.start_s) / _STEP_S + 0.5), len(self._times) - 1)
        x, y = (float(np.interp(t_s, self._times, column)) for column in (self._x_m, self._y_m))
        swing = float(self._swing[i])
        stance = self._stances[i]
        if stance not in POSTURES and stance is not Stance.CARRY and swing > 0.25:
            stance = Stance.WALK
        if stance is Stance.WALK and swing <= 0.05:
            stance = Stance.IDLE
        phase = float(np.interp(t_s, self._times, self._strides)) % 1.0
        return Step((x, y), float(self._headings[i]), Gait(stance, phase, swing, float(self._into[i])))


def _into(stance: Stance, count: int) -> list[float]:
    """0..1 every 50 ms: into the posture at the beginning, and out of it at the end."""
    if stance not in POSTURES:
        return [1.0] * count
    at_s = np.arange(count) * _STEP_S
    down, up = at_s / _INTO_S[stance], (at_s[-1] - at_s) / _OUT_OF_S[stance]
    return [float(v) for v in np.clip(np.minimum(down, up), 0.0, 1.0)]


def _straight(start: Array, end: Array, speed_mps: float, *, slow_end: bool) -> list[Array]:
    """Places every 50 ms; the last half metre is slower when a wait follows."""
    length = float(np.hypot(*(end - start)))
    count = max(1, round(length / speed_mps / _STEP_S))
    share = np.arange(1, count + 1) / count
    if slow_end and length > 0.5:
        share = share + 0.12 / length * np.sin(np.pi * share) * share
        share = share / share[-1]
    return [start + (end - start) * s for s in share]


def _smooth(values: Array, over_s: float) -> Array:
    """Moving average that leaves the ends where they are."""
    half = round(over_s / _STEP_S / 2)
    if len(values) <= 2 * half:
        return values
    left = values[0] * 2 - values[half:0:-1]
    right = values[-1] * 2 - values[-2 : -half - 2 : -1]
    padded = np.concatenate([left, values, right])
    return np.asarray(np.convolve(padded, np.ones(2 * half + 1) / (2 * half + 1), mode="valid"))


def _headings(places: Array, facing: Array) -> Array:
    """Compass headings: the way of walking, or where a wait faces, turning smoothly between them."""
    way = np.gradient(places, axis=0) / _STEP_S
    walking = np.hypot(*way.T) > 0.25
    vectors = np.full_like(places, np.nan)
    vectors[walking] = way[walking] / np.hypot(*way[walking].T)[:, None]
    turned = ~walking & ~np.isnan(facing)
    for i in np.flatnonzero(turned):
        vectors[i] = heading_vector(float(facing[i]))
    known = np.flatnonzero(~np.isnan(vectors[:, 0]))
    if not len(known):
        return np.zeros(len(places))
    nearest = known[np.clip(np.searchsorted(known, np.arange(len(places)), side="right") - 1, 0, None)]
    filled = vectors[nearest]
    angles = np.degrees(np.unwrap(np.arctan2(filled[:, 0], filled[:, 1])))
    return _smooth(angles, 0.7)


@dataclass(frozen=True, slots=True)
class Pose:
    """A vehicle's place and heading at an instant of its script."""

    at_s: float
    place: Xy
    heading_deg: float


class Drive:
    """A vehicle's route: poses with smooth starts and stops between them."""

    def __init__(self, poses: tuple[Pose, ...]) -> None:
        self.start_s, self.end_s = poses[0].at_s, poses[-1].at_s
        self._times = np.arange(self.start_s, self.end_s + _STEP_S / 2, _STEP_S)
        given = [p.at_s for p in poses]
        columns = [[p.place[0] for p in poses], [p.place[1] for p in poses], [p.heading_deg for p in poses]]
        self._columns = [_smooth(np.interp(self._times, given, column), 1.6) for column in columns]

    def at(self, t_s: float) -> Pose | None:
        if not self.start_s - _TOLERANCE_S <= t_s <= self.end_s + _TOLERANCE_S:
            return None
        x, y, heading = (round(float(np.interp(t_s, self._times, column)), 3) for column in self._columns)
        return Pose(t_s, (x, y), heading)
