"""Short scripts of single acts, each with what really happens in it: what the behaviours are tried on.

Episode = EPISODES["bag-left"](seed); CameraRenderer(SCENES[episode.camera_id], episode, settings)

For every act there is one that looks much like it and is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from custos.simulate.actors import company
from custos.simulate.body import Stance
from custos.simulate.motion import Drive, Leg, Pose, Route, Wait, Walk
from custos.simulate.story import Appearance
from custos.simulate.view import Xy


@dataclass(frozen=True, slots=True)
class Deed:
    """What really happens.

    Args:
        kind: the event type that tells of it: "object.left".
        at_s: when it begins, from the start of the episode.
        names: who, by the script's names; the first is the one the event is about.
    """

    kind: str
    at_s: float
    names: tuple[str, ...]


class Episode:
    """A short script for one camera. `deeds` fills as it is written, and is empty for a near miss."""

    def __init__(self, name: str, meaning: str, camera_id: str, seconds: float, seed: int) -> None:
        self.name, self.meaning, self.camera_id, self.seconds = name, meaning, camera_id, seconds
        self.actors = company(seed)
        self.deeds: list[Deed] = []
        self._played: list[Appearance] = []

    @property
    def appearances(self) -> Mapping[str, Sequence[Appearance]]:
        """By camera id; there is one."""
        return {self.camera_id: self._played}

    def goes(self, name: str, start_s: float, start: Xy, *legs: Leg, speed_mps: float = 1.3) -> Route:
        """Somebody walks through the scene."""
        route = Route.of(start_s, start, legs, speed_mps)
        self._played.append(Appearance(self.actors[name], self.camera_id, route))
        return route

    def drives(self, name: str, *poses: Pose) -> None:
        """A vehicle drives; the same pose twice is standing still."""
        self._played.append(Appearance(self.actors[name], self.camera_id, Drive(poses)))

    def stands(self, name: str, from_s: float, to_s: float, place: Xy, heading_deg: float = 90.0) -> None:
        """A vehicle or a thing stands there."""
        self.drives(name, Pose(from_s, place, heading_deg), Pose(to_s, place, heading_deg))

    def happens(self, kind: str, at_s: float, *names: str) -> None:
        self.deeds.append(Deed(kind, round(at_s, 2), names))


Write = Callable[[int], Episode]
EPISODES: dict[str, Write] = {}
"""By name."""


def _episode(
    name: str, meaning: str, camera_id: str, seconds: float
) -> Callable[[Callable[[Episode], None]], Callable[[Episode], None]]:
    def keep(play: Callable[[Episode], None]) -> Callable[[Episode], None]:
        def write(seed: int) -> Episode:
            episode = Episode(name, meaning, camera_id, seconds, seed)
            play(episode)
            return episode

        EPISODES[name] = write
        return play

    return keep


_FROM_RIGHT: Xy = (8.0, 8.6)
_SPOT: Xy = (0.6, 9.4)
_BEND_S = 1.6
"""Down, and up again; the thing changes hands in the middle."""


def _walk_s(start: Xy, end: Xy, speed_mps: float = 1.3) -> float:
    return float(((start[0] - end[0]) ** 2 + (start[1] - end[1]) ** 2) ** 0.5) / speed_mps


def _puts_down(start_s: float) -> float:
    """When somebody who carries something from the right puts it down at the spot."""
    return start_s + _walk_s(_FROM_RIGHT, _BESIDE) + _BEND_S / 2


_BESIDE: Xy = (1.15, 9.4)


@_episode("bag-left", "Somebody carries a carton into the yard, puts it down and goes away.", "dock", 40)
def _bag_left(e: Episode) -> None:
    down_s = _puts_down(3.0)
    e.goes(
        "handler", 3.0, _FROM_RIGHT,
        Walk(_BESIDE, Stance.CARRY), Wait(_BEND_S, 270, Stance.BEND), Walk((3.0, 8.0)), Walk(_FROM_RIGHT),
    )  # fmt: skip
    e.stands("carton", down_s, e.seconds, _SPOT)
    e.happens("object.left", down_s, "handler", "carton")


@_episode("bag-put-down", "Somebody puts a carton down, waits beside it, and takes it up again.", "dock", 40)
def _bag_put_down(e: Episode) -> None:
    down_s = _puts_down(3.0)
    e.goes(
        "handler", 3.0, _FROM_RIGHT,
        Walk(_BESIDE, Stance.CARRY), Wait(_BEND_S, 270, Stance.BEND), Wait(18, 180, Stance.PHONE),
        Wait(_BEND_S, 270, Stance.BEND), Walk((3.0, 8.0), Stance.CARRY), Walk(_FROM_RIGHT, Stance.CARRY),
    )  # fmt: skip
    e.stands("carton", down_s, down_s + 18 + _BEND_S, _SPOT)


@_episode("bag-taken", "Somebody comes to a carton that has stood there, takes it up and carries it away.", "dock", 32)
def _bag_taken(e: Episode) -> None:
    up_s = _puts_down(6.0)
    e.goes(
        "lingerer", 6.0, _FROM_RIGHT,
        Walk(_BESIDE), Wait(_BEND_S, 270, Stance.BEND), Walk((3.0, 8.0), Stance.CARRY), Walk(_FROM_RIGHT, Stance.CARRY),
    )  # fmt: skip
    e.stands("carton", 0.0, up_s, _SPOT)
    e.happens("object.removed", up_s, "lingerer", "carton")


@_episode("bag-looked-at", "Somebody comes to a carton that stands there, bends over it, and goes away.", "dock", 32)
def _bag_looked_at(e: Episode) -> None:
    e.goes(
        "lingerer", 6.0, _FROM_RIGHT, Walk(_BESIDE), Wait(2.4, 270, Stance.BEND), Walk((3.0, 8.0)), Walk(_FROM_RIGHT)
    )
    e.stands("carton", 0.0, e.seconds, _SPOT)


@_episode("fall", "Somebody falls across the picture and stays on the ground.", "dock", 30)
def _fall(e: Episode) -> None:
    place: Xy = (-1.0, 9.0)
    e.goes("colleague", 2.0, _FROM_RIGHT, Walk(place), Wait(40, 280, Stance.LIE))
    e.happens("person.fell", 2.0 + _walk_s(_FROM_RIGHT, place), "colleague")


@_episode("fall-away", "Somebody falls along the line of sight and stays on the ground.", "dock", 30)
def _fall_away(e: Episode) -> None:
    turn: Xy = (0.8, 7.4)
    place: Xy = (0.6, 10.0)
    e.goes("colleague", 2.0, _FROM_RIGHT, Walk(turn), Walk(place), Wait(40, 355, Stance.LIE))
    e.happens("person.fell", 2.0 + _walk_s(_FROM_RIGHT, turn) + _walk_s(turn, place), "colleague")


@_episode("bend", "Somebody bends down, and later crouches for a while.", "dock", 40)
def _bend(e: Episode) -> None:
    e.goes(
        "handler", 2.0, _FROM_RIGHT,
        Walk((3.0, 9.2)), Wait(5, 270, Stance.BEND), Walk((-0.5, 9.0)), Wait(12, 200, Stance.CROUCH),
        Walk((-2.0, 8.4)), Wait(2, 180), Walk((-8.0, 8.0)),
    )  # fmt: skip


_UP, _DOWN = (1.0, 23.0), (1.2, 3.0)


@_episode("run", "Somebody runs along the pavement at 3.6 m/s.", "street", 14)
def _run(e: Episode) -> None:
    e.goes("extra-1", 2.0, _UP, Walk(_DOWN), speed_mps=3.6)
    e.happens("person.ran", 2.0, "extra-1")


@_episode("run-off", "Somebody walks, stops, and runs away.", "dock", 20)
def _run_off(e: Episode) -> None:
    e.goes("lingerer", 1.0, (-7.0, 9.0), Walk((-1.5, 9.0)), Wait(2, 180), Walk((9.0, 8.4), speed_mps=4.0))
    e.happens("person.ran", 1.0 + _walk_s((-7.0, 9.0), (-1.5, 9.0)) + 2, "lingerer")


@_episode("walk-fast", "Somebody walks as fast as one can without running: 1.9 m/s.", "street", 18)
def _walk_fast(e: Episode) -> None:
    e.goes("extra-1", 2.0, _UP, Walk(_DOWN), speed_mps=1.9)


@_episode("meet", "Two people come together, talk for ten seconds, and part.", "street", 40)
def _meet(e: Episode) -> None:
    place: Xy = (-0.1, 10.5)
    e.goes("extra-2", 2.0, (0.2, 22.0), Walk(place), Wait(11, 120), Walk((-0.3, 4.0)))
    e.goes("extra-3", 3.0, (1.2, 3.0), Walk((0.9, 10.1)), Wait(10, 290), Walk((1.2, 12.0)), Walk((1.2, 22.0)))
    e.happens("people.met", 2.0 + _walk_s((0.2, 22.0), place), "extra-2", "extra-3")


@_episode("pass", "Two people pass each other, less than a metre apart.", "street", 20)
def _pass(e: Episode) -> None:
    e.goes("extra-2", 2.0, (0.2, 20.0), Walk((0.2, 3.0)))
    e.goes("extra-3", 2.0, (0.95, 3.0), Walk((0.95, 20.0)))


_CAR: Xy = (3.0, 10.4)


def _parks(e: Episode, from_s: float) -> None:
    """A car comes from the right and stays."""
    way = ((0.0, (13.0, 10.4)), (3.0, (6.0, 10.4)), (5.5, _CAR), (e.seconds - from_s, _CAR))
    e.drives("blue-car", *(Pose(from_s + t, place, 270) for t, place in way))


@_episode("car-approached", "A car parks; somebody walks up to it and stays at its side.", "dock", 36)
def _car_approached(e: Episode) -> None:
    _parks(e, 0.0)
    side: Xy = (2.6, 9.1)
    e.goes("lingerer", 8.0, (-7.0, 8.2), Walk((-2.0, 8.0)), Walk(side), Wait(8, 0, Stance.REACH), Walk((-7.0, 8.2)))
    arrives_s = 8.0 + _walk_s((-7.0, 8.2), (-2.0, 8.0)) + _walk_s((-2.0, 8.0), side)
    e.happens("vehicle.approached", arrives_s, "lingerer", "blue-car")


@_episode("car-passed", "A car parks; somebody walks past it, and stops for a moment when well past.", "dock", 32)
def _car_passed(e: Episode) -> None:
    _parks(e, 0.0)
    e.goes("handler", 8.0, (-7.0, 8.4), Walk((6.6, 8.3)), Wait(4, 200), Walk((9.0, 8.0)))


@_episode("driver", "A car comes and stops; its driver gets out and goes.", "dock", 40)
def _driver(e: Episode) -> None:
    _parks(e, 1.0)
    e.goes("driver", 12.0, (2.7, 9.35), Wait(3, 0, Stance.REACH), Walk((1.0, 8.6)), Walk((-7.5, 8.4)))
    e.happens("vehicle.stopped", 6.5, "blue-car")


@_episode("gate-wait", "A car waits for six seconds, as at a gate, and goes on.", "dock", 24)
def _gate_wait(e: Episode) -> None:
    e.drives(
        "blue-car", Pose(1, (13.0, 10.4), 270), Pose(4, (6.0, 10.4), 270), Pose(6.5, _CAR, 270), Pose(12.5, _CAR, 270),
        Pose(15, (6.0, 10.4), 270), Pose(18, (13.0, 10.4), 270),
    )  # fmt: skip


@_episode("pace", "Somebody walks to and fro before the bays.", "dock", 60)
def _pace(e: Episode) -> None:
    a, b = (-3.0, 9.0), (1.6, 9.0)
    legs = [leg for _ in range(4) for leg in (Walk(a), Wait(0.6), Walk(b), Wait(0.6))]
    e.goes("lingerer", 2.0, (-7.5, 8.6), *legs, Walk((-7.5, 8.6)))
    e.happens("person.paced", 2.0 + _walk_s((-7.5, 8.6), a), "lingerer")


@_episode("there-and-back", "Somebody walks across the yard, waits, and walks back.", "dock", 34)
def _there_and_back(e: Episode) -> None:
    e.goes("handler", 2.0, (-7.5, 8.6), Walk((3.0, 8.8)), Wait(4, 0, Stance.REACH), Walk((-7.5, 8.6)))


@_episode("turn-back", "Somebody comes down the pavement, stops short, and walks back.", "street", 34)
def _turn_back(e: Episode) -> None:
    place: Xy = (0.8, 10.0)
    e.goes("extra-5", 2.0, (1.2, 22.0), Walk(place), Wait(1.0), Walk((1.4, 22.0)))
    e.happens("person.turned_back", 2.0 + _walk_s((1.2, 22.0), place), "extra-5")


@_episode("round-the-corner", "Somebody comes down the pavement, stops, and goes on towards the road.", "street", 28)
def _round_the_corner(e: Episode) -> None:
    e.goes("extra-5", 2.0, (2.6, 20.0), Walk((2.4, 9.5)), Wait(2.0), Walk((-3.0, 9.0)), Walk((-3.2, 4.5)))


_DOOR: Xy = (2.3, 9.4)


def _approaches(e: Episode, times: int) -> None:
    away: Xy = (0.2, 16.0)
    legs = [leg for _ in range(times) for leg in (Walk(_DOOR), Wait(1.5, 90), Walk(away), Wait(2.0, 200))]
    e.goes("lingerer", 1.0, (0.6, 22.0), Walk(away), *legs[:-1], Walk((0.6, 23.0)))


@_episode("return", "Somebody comes up to the entrance three times and goes away again each time.", "street", 70)
def _return(e: Episode) -> None:
    _approaches(e, 3)
    once_s = 2 * _walk_s((0.2, 16.0), _DOOR) + 3.5
    e.happens("person.returned", 1.0 + _walk_s((0.6, 22.0), _DOOR) + 2 * once_s, "lingerer")


@_episode("return-once", "Somebody comes up to the entrance, goes away, and comes a second time.", "street", 50)
def _return_once(e: Episode) -> None:
    _approaches(e, 2)


@_episode("cars", "Two cars drive by: one at 7.5 m/s (27 km/h), one at 15 m/s (54 km/h).", "street", 20)
def _cars(e: Episode) -> None:
    away, towards = -3.75, -7.7
    e.drives("red-car", Pose(1, (towards, 60), 180), Pose(9.533, (towards, -4), 180))
    e.drives("blue-car", Pose(8, (away, -4), 0), Pose(12.267, (away, 60), 0))
    e.drives("silver-car", Pose(10.5, (towards, 60), 180), Pose(19.033, (towards, -4), 180))
    e.happens("speed.exceeded", 9.5, "blue-car")
