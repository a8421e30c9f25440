"""A walking body as tapered capsules: `pose(...) -> list[Capsule]` in metres, body axes forward, left, up.

Angles of a walk after Winter, Biomechanics and Motor Control of Human Movement, simplified to a few corner points.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from custos.simulate.look import Bag, Hair, Look, Top
from custos.simulate.view import Array

STRIDE_M = 1.42
"""Ground covered by one whole cycle (two steps) of a person 1.75 m tall."""
_HEIGHT_M = 1.75
_CLOTHED = 1.17
"""Clothes stand off the body."""
_IDLE_APART_DEG, _IDLE_ELBOW_DEG = 8.0, 42.0
"""Nobody stands with closed feet and hanging arms; detectors take one who does for a post."""


class Stance(StrEnum):
    """What arms and legs do."""

    WALK = "walk"
    IDLE = "idle"
    PHONE = "phone"
    REACH = "reach"
    CARRY = "carry"
    BEND = "bend"  # from the hips, hands down to the ground
    CROUCH = "crouch"
    LIE = "lie"  # on the front, flat on the ground


POSTURES = frozenset({Stance.BEND, Stance.CROUCH, Stance.LIE})
"""Stances that take a while to get into, and out of again."""
_BEND_DEG, _LIE_DEG = 78.0, 88.0
_HIP_M = 0.93


class Part(StrEnum):
    """What a capsule is covered with."""

    SKIN = "skin"
    HEAD = "head"
    HAIR = "hair"
    TOP = "top"
    TORSO = "torso"
    LEG = "leg"
    SHOE = "shoe"
    BAG = "bag"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Capsule:
    """A tapered limb.

    Args:
        start, end: (3,) metres, forward, left, up.
        start_m, end_m: half widths there, sideways.
        depth: half thickness front to back over half width sideways (a trunk is flatter than wide).
        cap_m: how far the rounded ends reach beyond start and end.
        part: what covers it.
    """

    start: Array
    end: Array
    start_m: float
    end_m: float
    part: Part
    depth: float = 1.0
    cap_m: float = 0.03


@dataclass(frozen=True, slots=True)
class Gait:
    """An instant of a walk.

    Args:
        stance: what the body does.
        phase: 0..1 within the cycle; the left heel strikes at 0.
        swing: 0 standing .. 1 a brisk walk .. 1.5 a run.
        into: 0..1, how far a posture (bending, crouching, lying) has been got into.
    """

    stance: Stance = Stance.IDLE
    phase: float = 0.0
    swing: float = 0.0
    into: float = 1.0

    def share(self, stance: Stance) -> float:
        """0..1, how far the body is in that stance."""
        return self.into if self.stance is stance else 0.0


@dataclass(frozen=True, slots=True)
class _Arm:
    shoulder_deg: float
    elbow_deg: float
    abduct_deg: float = 11.0


def pose(look: Look, gait: Gait) -> list[Capsule]:
    """The capsules of a person; the lowest one touches up = 0."""
    k = look.height_m / _HEIGHT_M
    legs = _leg(look, gait, gait.phase, 1.0) + _leg(look, gait, gait.phase + 0.5, -1.0)
    above = _trunk(look, gait) + _head(look) + _arms(look, gait) + _carried(look, gait)
    body = legs + _pitched(above, _BEND_DEG * gait.share(Stance.BEND), _HIP_M)
    lying = gait.share(Stance.LIE)
    if lying:
        body = _pitched(body, _LIE_DEG * lying, 0.0, back_m=_HIP_M * lying)
    lowest = min(min(c.start[2], c.end[2]) - c.start_m for c in (body if lying else legs))
    lift = np.array([0.0, 0.0, -lowest])
    return [
        Capsule((c.start + lift) * k, (c.end + lift) * k, c.start_m * k, c.end_m * k, c.part, c.depth, c.cap_m * k)
        for c in body
    ]


def _pitched(parts: list[Capsule], angle_deg: float, up_m: float, *, back_m: float = 0.0) -> list[Capsule]:
    """The parts turned forward about the axis from left to right at that height, then moved back."""
    if not angle_deg:
        return parts
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))

    def turned(point: Array) -> Array:
        forward, left, up = point[0], point[1], point[2] - up_m
        return np.array([forward * c + up * s - back_m, left, up * c - forward * s + up_m])

    return [Capsule(turned(p.start), turned(p.end), p.start_m, p.end_m, p.part, p.depth, p.cap_m) for p in parts]


def _swung(length_m: float, angle_deg: float) -> Array:
    """A vector hanging down, swung forward by the angle."""
    angle = np.radians(angle_deg)
    return np.array([np.sin(angle) * length_m, 0.0, -np.cos(angle) * length_m])


def _leg(look: Look, gait: Gait, phase: float, side: float) -> list[Capsule]:
    p, s, g = phase % 1.0, gait.swing, _CLOTHED * look.girth
    apart_deg = _IDLE_APART_DEG * (1 - min(s, 1.0)) * side
    hip_deg = apart_deg + s * np.interp(p, [0, 0.12, 0.5, 0.62, 0.85, 1], [28, 25, -19, -12, 31, 28])
    crouched = gait.share(Stance.CROUCH)
    hip_deg = hip_deg + 100 * crouched
    knee_deg = 118 * crouched + 3 + s * np.interp(p, [0, 0.12, 0.4, 0.5, 0.7, 0.85, 1], [3, 14, 4, 20, 58, 30, 3])
    toe_deg = s * np.interp(p, [0, 0.1, 0.4, 0.6, 0.8, 1], [18, 0, 0, -45, -10, 18])
    hip = np.array([0.0, side * 0.092 * g, _HIP_M])
    knee = hip + _swung(0.45, float(hip_deg) + 1)
    ankle = knee + _swung(0.41, float(hip_deg - knee_deg) + 1) + np.array([0.0, side * 0.008, 0.0])
    toe = np.radians(float(toe_deg))
    heel = ankle + np.array([-0.05, 0.0, -0.045])
    tip = heel + np.array([0.21 * np.cos(toe), side * 0.035, 0.21 * np.sin(toe)])
    return [
        Capsule(heel, tip, 0.053, 0.046, Part.SHOE, cap_m=0.04),
        Capsule(knee, ankle, 0.082 * g, 0.069 * g, Part.LEG, cap_m=0.02),
        Capsule(hip, knee, 0.108 * g, 0.084 * g, Part.LEG, cap_m=0.03),
    ]


def _trunk(look: Look, gait: Gait) -> list[Capsule]:
    g, lean = _CLOTHED * look.girth, 0.035 * gait.swing

    def at(up: float, forward: float = 0.0) -> Array:
        return np.array([forward + lean * (up - 0.9) / 0.5, 0.0, up])

    trunk = [
        Capsule(at(0.86), at(1.0), 0.184 * g, 0.178 * g, Part.LEG, 0.72, 0.06),
        Capsule(at(0.98), at(1.2), 0.184 * g, 0.182 * g, Part.TORSO, 0.72, 0.02),
        Capsule(at(1.18), at(1.36, -0.01), 0.182 * g, 0.2 * g, Part.TORSO, 0.66, 0.02),
        Capsule(at(1.35, -0.01), at(1.45, -0.01), 0.2 * g, 0.11 * g, Part.TORSO, 0.66, 0.045),
        Capsule(at(1.44), at(1.53, 0.01), 0.068, 0.06, Part.SKIN, cap_m=0.02),
    ]
    if look.top is Top.COAT:
        trunk.append(Capsule(at(0.76), at(1.05), 0.235 * g, 0.19 * g, Part.TORSO, 0.8, 0.015))
    elif look.top in (Top.JACKET, Top.VEST):
        trunk.append(Capsule(at(0.9), at(1.05), 0.2 * g, 0.19 * g, Part.TORSO, 0.74, 0.015))
    return trunk


def _head(look: Look) -> list[Capsule]:
    head = [Capsule(np.array([0.025, 0.0, 1.575]), np.array([0.015, 0.0, 1.665]), 0.075, 0.089, Part.HEAD, 1.2, 0.085)]
    if look.hair is Hair.LONG:
        head.append(
            Capsule(np.array([-0.075, 0.0, 1.49]), np.array([-0.03, 0.0, 1.68]), 0.062, 0.094, Part.HAIR, 0.9, 0.08)
        )
    elif look.hair is Hair.SHORT:
        head.append(
            Capsule(np.array([-0.03, 0.0, 1.64]), np.array([-0.012, 0.0, 1.68]), 0.086, 0.093, Part.HAIR, 1.12, 0.085)
        )
    elif look.hair is Hair.CAP:
        head.append(
            Capsule(np.array([0.0, 0.0, 1.695]), np.array([0.0, 0.0, 1.72]), 0.095, 0.09, Part.HAIR, 1.15, 0.05)
        )
        head.append(Capsule(np.array([0.08, 0.0, 1.69]), np.array([0.15, 0.0, 1.68]), 0.07, 0.06, Part.HAIR, 0.3, 0.03))
    return head


def _arm_angles(gait: Gait, side: float) -> _Arm:
    right = side < 0
    if gait.stance is Stance.CARRY:
        return _Arm(18, 78, 9)
    if gait.stance is Stance.PHONE and right:
        return _Arm(42, 132, 16)
    if gait.stance is Stance.REACH and right:
        return _Arm(48, 32, 4)
    if gait.stance is Stance.BEND:
        return _Arm(_BEND_DEG * gait.into + 8, 12, 9)
    swing = -np.cos(2 * np.pi * (gait.phase + (0.0 if side > 0 else 0.5)))
    bent = _IDLE_ELBOW_DEG * max(0.0, 1 - gait.swing)
    return _Arm(float(27 * gait.swing * swing - bent / 4), float(12 + bent + gait.swing * (20 + 12 * swing)))


def _arms(look: Look, gait: Gait) -> list[Capsule]:
    parts = []
    forearm = Part.SKIN if look.top in (Top.SHIRT, Top.VEST) else Part.TOP
    for side in (1.0, -1.0):
        arm = _arm_angles(gait, side)
        shoulder = np.array([0.03 * gait.swing, side * 0.192 * _CLOTHED * look.girth, 1.40])
        out = np.array([0.0, side * np.tan(np.radians(arm.abduct_deg)), 0.0])
        elbow = shoulder + _swung(0.29, arm.shoulder_deg) + 0.29 * out
        inward = -side * (0.09 if gait.stance is Stance.CARRY else 0.12 if arm.elbow_deg > 90 else 0.0)
        wrist = elbow + _swung(0.24, arm.shoulder_deg + arm.elbow_deg) + np.array([0.0, inward, 0.0])
        hand = wrist + _swung(0.07, arm.shoulder_deg + arm.elbow_deg)
        parts += [
            Capsule(shoulder, elbow, 0.074, 0.06, Part.TOP, cap_m=0.05),
            Capsule(elbow, wrist, 0.056, 0.043, forearm, cap_m=0.03),
            Capsule(wrist, hand, 0.043, 0.038, Part.SKIN, cap_m=0.035),
        ]
    return parts


def _carried(look: Look, gait: Gait) -> list[Capsule]:
    things = []
    if look.bag is Bag.BACKPACK:
        things.append(Capsule(np.array([-0.19, 0, 1.02]), np.array([-0.17, 0, 1.36]), 0.14, 0.13, Part.BAG, 0.7, 0.05))
    elif look.bag is Bag.TOTE and gait.stance is not Stance.CARRY:
        things.append(
            Capsule(np.array([0.0, 0.27, 0.62]), np.array([0.0, 0.265, 0.86]), 0.075, 0.06, Part.BAG, 2.2, 0.02)
        )
    if gait.stance is Stance.CARRY:
        things.append(Capsule(np.array([0.36, 0, 1.0]), np.array([0.36, 0, 1.22]), 0.2, 0.2, Part.BOX, 0.8, 0.01))
    return things
