"""Stories for the behaviours of what people and vehicles do: `custos.testing.behaviour_cases` takes them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Thing, Tracks
from custos.simulate.motion import Drive, Leg, Pose, Route, Wait, Walk
from custos.simulate.view import Xy
from custos.testing.acting import VEHICLE_M, Part, Size, act
from custos.testing.check_behaviour import Story

Told = Iterator[tuple[datetime, Tracks]]


def _story(parts: Callable[[float], list[Part]]) -> Story:
    """Told a little later by every seed."""

    def tell(seed: int = 0) -> Told:
        return act(parts(0.13 * seed))

    return tell


def _walk(track_id: int, from_s: float, start: Xy, *legs: Leg, speed_mps: float = 1.3) -> Part:
    return Part(track_id, Route.of(from_s, start, legs, speed_mps))


def _car(track_id: int, *poses: Pose) -> Part:
    return Part(track_id, Drive(poses), "car", VEHICLE_M)


def _falls(down_s: float, up_s: float) -> Callable[[float], Size]:
    """A body that lies between the two times, along its heading."""
    return lambda t_s: (0.55, 1.75, 0.35) if down_s <= t_s < up_s else (0.55, 0.35, 1.75)


speeding = _story(lambda s: [_car(1, Pose(s, (-1.0, 30.0), 180), Pose(s + 2.5, (-1.0, 5.0), 180))])
running = _story(
    lambda s: [_walk(1, s, (0.5, 24.0), Walk((0.5, 5.0)), speed_mps=3.5), _walk(2, s, (-1.0, 14.0), Walk((-1.0, 6.0)))]
)
stopping = _story(
    lambda s: [
        _car(
            1, Pose(s, (-9.0, 14.0), 90), Pose(s + 4, (0.0, 14.0), 90), Pose(s + 12, (0.0, 14.0), 90),
            Pose(s + 16, (9.0, 14.0), 90),
        )
    ]
)  # fmt: skip
falling = _story(
    lambda s: [
        Part(1, Route.of(s, (-3.0, 9.0), (Walk((0.0, 9.0)), Wait(16.0, 90.0)), 1.3), "person", _falls(s + 3, s + 12))
    ]
)
meeting = _story(
    lambda s: [
        _walk(1, s, (0.0, 16.0), Walk((0.0, 9.5)), Wait(9, 180), Walk((1.0, 16.0))),
        _walk(2, s, (0.2, 5.5), Walk((0.1, 8.6)), Wait(9, 0), Walk((0.2, 5.5))),
    ]
)
coming_to_a_car = _story(
    lambda s: [
        _car(1, Pose(s, (2.0, 12.0), 90), Pose(s + 24, (2.0, 12.0), 90)),
        _walk(2, s + 4, (-4.0, 9.0), Walk((2.0, 10.4)), Wait(6, 0), Walk((-4.0, 9.0))),
    ]
)
_A, _B = (-2.0, 8.0), (2.0, 8.0)
to_and_fro = _story(
    lambda s: [_walk(1, s, _A, *(leg for _ in range(4) for leg in (Walk(_B), Wait(0.4), Walk(_A), Wait(0.4))))]
)
coming_again = _story(
    lambda s: [
        _walk(
            1,
            s,
            (3.8, 8.0),
            *(leg for _ in range(4) for leg in (Walk((0.0, 8.0)), Wait(1.0), Walk((3.8, 8.0)), Wait(3))),
        )
    ]
)


def _with_a_thing(parts: list[Part], is_gone: bool, from_s: float, to_s: float) -> Told:
    """Somebody at a thing, which then is there, or is gone; at the end the place is as before."""
    for step, (at, tracks) in enumerate(act(parts)):
        t_s = step / 5
        thing = Thing(1, (0.45, 0.55, 0.5, 0.62), is_gone, max(t_s - from_s, 0.0), (1,), 0)
        if from_s <= t_s < to_s:
            yield at, replace(tracks, things=(thing,))
        elif to_s <= t_s < to_s + 0.2:
            yield at, replace(tracks, things=(replace(thing, is_over=True, over_by=(1,)),))
        else:
            yield at, tracks


def leaving(seed: int = 0) -> Told:
    """Somebody puts something down, goes eight metres away, and comes back for it."""
    s = 0.13 * seed
    legs = (Walk((0.0, 9.0)), Wait(2.0), Walk((0.0, 18.0)), Wait(8.0), Walk((0.0, 9.0)), Wait(1.5), Walk((4.0, 9.0)))
    return _with_a_thing([_walk(1, s, (4.0, 9.0), *legs)], False, 5.0 + s, 29.0 + s)


def taking(seed: int = 0) -> Told:
    """Somebody comes to something that stands there, and it is gone."""
    s = 0.13 * seed
    legs = (Walk((0.0, 9.0)), Wait(2.0), Walk((4.0, 9.0)), Wait(12.0))
    return _with_a_thing([_walk(1, s, (4.0, 9.0), *legs)], True, 5.0 + s, 16.0 + s)


CONDUCT: tuple[tuple[BehaviourSpec, Story], ...] = (
    (BehaviourSpec("speed", "speed", settings={"limit_kmh": 20.0}), speeding),
    (BehaviourSpec("run", "running"), running),
    (BehaviourSpec("stop", "stopping", settings={"stop_s": 3.0, "park_s": 5.0}), stopping),
    (BehaviourSpec("down", "person-down"), falling),
    (BehaviourSpec("left", "object-left", settings={"after_s": 6.0}), leaving),
    (BehaviourSpec("taken", "object-removed"), taking),
    (BehaviourSpec("near", "proximity"), meeting),
    (BehaviourSpec("met", "meeting"), meeting),
    (BehaviourSpec("car", "vehicle-approach"), coming_to_a_car),
    (BehaviourSpec("pace", "pacing", settings={"turns": 3.0}), to_and_fro),
    (BehaviourSpec("back", "turning-back"), to_and_fro),
    (BehaviourSpec("again", "repeated-approach", zone_id="middle"), coming_again),
)
"""A behaviour of each kind as somebody would set it up, and its story."""
