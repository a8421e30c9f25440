"""For every kind of behaviour: one as somebody would set it up, and a story in which it has something to say.

`CASES[kind].make()` makes it, `CASES[kind].story(seed)` plays the story; the suite `check_behaviour` runs on every
kind of the table with these, and a test fails for a kind that has no case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.site import Camera, Line, Zone
from custos.simulate.motion import Route, Wait, Walk
from custos.simulate.view import Xy
from custos.testing.acting import Part, act, ground_of, on_picture
from custos.testing.check_behaviour import Story, stroll
from custos.testing.conduct_cases import CONDUCT
from custos.vision.behaviours import Behaviour, make_behaviour

GATE = Line("gate", "Gate", (on_picture((-2.0, 8.0))[0], on_picture((2.0, 8.0))[0]))
"""Across the view at 8 m: its right-hand side is the nearer one."""
YARD = Zone("yard", "Yard", on_picture((-3.0, 14.0), (3.0, 14.0), (2.0, 6.0), (-2.0, 6.0)))
MIDDLE = Zone("middle", "Middle", ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7)))
LANE = Line("lane", "Lane", (on_picture((0.0, 14.0))[0], on_picture((0.0, 6.0))[0]))
"""Towards the camera."""
ACROSS = Line("across", "Across", ((0.0, 0.5), (1.0, 0.5)))


@dataclass(frozen=True, slots=True)
class BehaviourCase:
    """A behaviour, its camera, and a story for it."""

    spec: BehaviourSpec
    story: Story

    def told(self, seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
        """The story, acted once."""
        return iter(_acted(self.spec.kind, seed))

    @property
    def camera(self) -> Camera:
        """With all zones and lines of this module, and its ground calibrated."""
        return Camera(
            "yard",
            "Yard",
            "yard.mp4",
            (YARD, MIDDLE),
            (GATE, LANE, ACROSS),
            behaviours=(self.spec,),
            ground=ground_of(),
        )

    def make(self) -> Behaviour:
        return make_behaviour(self.spec, self.camera)


@cache
def _acted(kind: str, seed: int) -> tuple[tuple[datetime, Tracks], ...]:
    return tuple(CASES[kind].story(seed))


def wander(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """`stroll`: twenty people who wander about the picture."""
    return stroll(seed)


def stays(
    track_id: int, start_s: float, start: Xy, place: Xy, stay_s: float, leave_to: Xy, leave_mps: float = 1.3
) -> Part:
    """Somebody who comes to a place, stays, and leaves."""
    legs = (Walk(place), Wait(stay_s), Walk(leave_to, speed_mps=leave_mps))
    return Part(track_id, Route.of(start_s, start, legs))


def passes(track_id: int, start_s: float, *way: Xy, speed_mps: float = 1.3) -> Part:
    """Somebody who goes a way without stopping."""
    return Part(track_id, Route.of(start_s, way[0], tuple(Walk(place) for place in way[1:]), speed_mps))


def _shifts(seed: int, count: int) -> list[float]:
    return [float(shift) for shift in np.random.default_rng(seed).uniform(0, 0.7, count)]


def queue(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """Five people come one after another, stand in line, and go one after another; a sixth walks through."""
    parts = [
        stays(i + 1, 2.0 * i + shift, (-4.0, 8.0), (0.5 - 0.7 * i, 9.0), 12.0, (4.0, 10.5))
        for i, shift in enumerate(_shifts(seed, 5))
    ]
    return act([*parts, passes(6, 12.0, (-4.0, 7.5), (4.0, 7.5))])


FROM_ALL_SIDES: tuple[Xy, ...] = ((-4.0, 9.0), (4.0, 9.0), (-2.5, 14.0), (2.5, 15.0), (1.5, 6.0))
TOGETHER: tuple[Xy, ...] = ((-0.8, 9.0), (0.8, 9.0), (-0.4, 9.9), (0.5, 10.0), (0.1, 8.2))


def scatter(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """Five people come together from all sides, stand for ten seconds, and run off to all sides."""
    shifts = _shifts(seed, 5)
    arrive = [np.hypot(a[0] - b[0], a[1] - b[1]) / 1.3 for a, b in zip(FROM_ALL_SIDES, TOGETHER, strict=True)]
    parts = [
        stays(i + 1, 8.0 - arrive[i] + shifts[i], start, TOGETHER[i], 10.0 - shifts[i], start, leave_mps=3.2)
        for i, start in enumerate(FROM_ALL_SIDES)
    ]
    return act(parts)


def against(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """One goes towards the camera, as LANE says, and one away from it."""
    first, second = _shifts(seed, 2)
    return act([passes(1, first, (-0.5, 15.0), (-0.5, 5.5)), passes(2, second + 1.0, (0.5, 5.5), (0.5, 15.0))])


def behind(seed: int = 0) -> Iterator[tuple[datetime, Tracks]]:
    """One goes through GATE with another right behind, and a third comes much later."""
    (shift,) = _shifts(seed, 1)
    way = ((0.3, 12.0), (0.0, 5.5))
    return act([passes(i + 1, start_s, *way) for i, start_s in enumerate((0.5, 1.6 + shift, 9.0))])


CASES: dict[str, BehaviourCase] = {
    case.spec.kind: case
    for case in (
        BehaviourCase(
            BehaviourSpec("sums", "line-count", line_id="across", settings={"period_s": 10.0}),
            wander,
        ),
        BehaviourCase(BehaviourSpec("taken", "presence", zone_id="yard"), queue),
        BehaviourCase(
            BehaviourSpec("full", "occupancy", zone_id="yard", settings={"period_s": 10.0, "limit": 3.0}), queue
        ),
        BehaviourCase(
            BehaviourSpec(
                "till",
                "queue",
                zone_id="yard",
                settings={"period_s": 10.0, "limit": 3.0, "hold_s": 2.0, "max_wait_s": 8.0},
            ),
            queue,
        ),
        BehaviourCase(BehaviourSpec("dense", "crowd", zone_id="yard", settings={"density": 0.1}), scatter),
        BehaviourCase(BehaviourSpec("meeting", "gathering", zone_id="yard"), scatter),
        BehaviourCase(BehaviourSpec("panic", "scattering"), scatter),
        BehaviourCase(BehaviourSpec("one-way", "wrong-way", line_id="lane"), against),
        BehaviourCase(BehaviourSpec("tail", "following", line_id="gate"), behind),
        BehaviourCase(BehaviourSpec("heat", "flow", settings={"period_s": 10.0}), wander),
        *(BehaviourCase(spec, story) for spec, story in CONDUCT),
    )
}
