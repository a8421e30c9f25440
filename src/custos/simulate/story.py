"""The script: who is where, when, for four minutes that begin and end with the same empty site.

Story(seed).appearances["dock"], Story(seed).happenings()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from custos.simulate.actors import Actor, company
from custos.simulate.body import Stance
from custos.simulate.motion import Drive, Leg, Pose, Route, Wait, Walk
from custos.simulate.view import Xy

STORY_S = 240.0
"""The story repeats after this long."""
_NEAR: dict[str, Xy] = {"left": (0.2, 1.2), "right": (1.9, 1.2)}
"""Under the street camera, out of its sight."""
_NEIGHBOUR: Xy = (4.1, 22.6)
"""Behind the next house's door."""
_HALL: Xy = (4.3, 9.4)
"""Inside the street door, as the street camera's scene goes on behind the wall; the lobby's scene calls it:"""
_PORCH: Xy = (-0.2, 13.5)


COVERED_S = (66.0, 79.0)
"""When the camera over the dock sees nothing."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """An actor's stay in one camera's scene.

    Args:
        uses_badge: whether they hold a badge to the readers of the doors they go in by.
    """

    actor: Actor
    camera_id: str
    route: Route | Drive
    uses_badge: bool = True


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody covers a camera's lens, and uncovers it. The cloth takes `takes_s` to come and to go."""

    camera_id: str
    from_s: float
    to_s: float
    takes_s: float = 0.6

    def done(self, at_s: float) -> float:
        """How much of the picture is covered, 0..1."""
        return float(np.clip(min(at_s - self.from_s, self.to_s - at_s) / self.takes_s, 0.0, 1.0))


COVERS = (Cover("dock", *COVERED_S),)


class Script(Protocol):
    """What can be filmed: who appears where, by camera id."""

    @property
    def appearances(self) -> Mapping[str, Sequence[Appearance]]: ...


class Story:
    """Everybody's routes, for one seed: it dresses the extras and shifts them by up to a second and a half."""

    def __init__(self, seed: int) -> None:
        self.actors = company(seed)
        self._played: dict[str, list[Appearance]] = {"street": [], "lobby": [], "dock": [], "shop": []}
        self._rng = np.random.default_rng((seed, 2))
        self._play_visitor()
        self._play_shoppers()
        self._play_passers_by()
        self._play_dock()
        self._play_lobby()
        self._play_late_worker()
        self._play_tailgating()
        self._play_traffic()

    @property
    def appearances(self) -> Mapping[str, Sequence[Appearance]]:
        """By camera id."""
        return self._played

    @property
    def covers(self) -> Sequence[Cover]:
        """Cameras that are covered, and when."""
        return COVERS

    def _goes(
        self,
        name: str,
        camera_id: str,
        start_s: float,
        start: Xy,
        *legs: Leg,
        speed_mps: float = 1.3,
        uses_badge: bool = True,
    ) -> float:
        """Let somebody walk through a scene; when they have left it."""
        route = Route.of(start_s, start, legs, speed_mps)
        if route.end_s >= STORY_S and name != "cashier":
            raise ValueError(f"{name} is still in {camera_id} at {route.end_s:.1f} s, when the story starts again")
        self._played[camera_id].append(Appearance(self.actors[name], camera_id, route, uses_badge))
        return route.end_s

    def _drives(self, name: str, camera_id: str, *poses: Pose) -> None:
        self._played[camera_id].append(Appearance(self.actors[name], camera_id, Drive(poses)))

    def _about(self, at_s: float) -> float:
        return at_s + float(self._rng.uniform(-1.5, 1.5))

    def _play_visitor(self) -> None:
        """From the street through the lobby and the shop, and back again."""
        out = self._goes("visitor", "street", 3.0, _NEAR["left"], Walk((0.9, 6.0)), Walk((2.0, 9.2)), Walk(_HALL))
        out = self._goes(
            "visitor", "lobby", out + 0.8, _PORCH,
            Walk((-0.2, 9.8)), Walk((0.4, 6.8)), Walk((1.7, 4.7)), Wait(8, 50), Walk((1.0, 6.9)), Walk((3.0, 8.2)),
            Walk((6.5, 8.3)),
        )  # fmt: skip
        out = self._goes(
            "visitor", "shop", out + 1.0, (1.7, 13.0),
            Walk((1.6, 9.8)), Walk((-0.8, 9.1)), Wait(7, 0, Stance.REACH), Walk((-3.2, 9.0)), Wait(5, 270),
            Walk((-3.3, 6.6)), Wait(6, 270, Stance.REACH), Walk((-3.2, 8.9)), Walk((-0.6, 8.9)), Walk((1.3, 7.8)),
            Walk((1.45, 6.4)), Wait(9, 90, Stance.REACH), Walk((0.7, 7.6)), Walk((1.5, 10.2)), Walk((1.7, 13.2)),
        )  # fmt: skip
        out = self._goes(
            "visitor", "lobby", out + 1.0, (6.5, 8.3),
            Walk((3.0, 8.1)), Walk((0.4, 8.3)), Walk((-0.2, 10.2)), Walk(_PORCH),
        )  # fmt: skip
        self._goes(
            "visitor", "street", out + 0.8, _HALL,
            Walk((2.3, 9.6)), Walk((1.4, 14.0)), Walk((2.0, 21.5)), Walk(_NEIGHBOUR),
        )  # fmt: skip

    def _play_shoppers(self) -> None:
        """Customers; twice one waits behind another at the till."""
        self._goes("cashier", "shop", 0.0, (3.45, 6.3), Wait(70, 270), Wait(40, 255), Wait(60, 285), Wait(70.1, 270))
        enter, leave = (1.7, 13.0), (Walk((0.7, 7.6)), Walk((1.5, 10.2)), Walk((1.7, 13.2)))
        for first, second, at in (("extra-4", "extra-5", 6.0), ("extra-6", "extra-7", 128.0)):
            self._goes(
                first, "shop", at, enter,
                Walk((1.2, 9.4)), Walk((-0.9, 9.1)), Wait(7, 0, Stance.REACH), Walk((-0.7, 7.0)), Wait(5, 265),
                Walk((0.6, 6.2)), Walk((1.45, 6.4)), Wait(13, 90, Stance.REACH), *leave,
            )  # fmt: skip
            self._goes(
                second, "shop", at + 9, enter,
                Walk((1.0, 9.5)), Walk((-0.3, 8.8)), Wait(7, 300), Walk((1.35, 7.9)), Wait(11.5, 180),
                Walk((1.45, 6.4)), Wait(9, 90, Stance.REACH), *leave,
            )  # fmt: skip
        self._goes(
            "extra-8", "shop", self._about(100), enter,
            Walk((0.3, 9.4)), Walk((-0.6, 5.6)), Wait(6, 250), Walk((0.1, 5.9)), Walk((0.1, 9.3)), Walk((1.7, 13.2)),
        )  # fmt: skip
        self._goes(
            "extra-9", "shop", self._about(188), enter,
            Walk((0.3, 8.4)), Walk((0.2, 5.4)), Wait(5, 230), Walk((1.4, 6.3)), Wait(8, 90, Stance.REACH), *leave,
        )  # fmt: skip

    def _play_passers_by(self) -> None:
        """People on the pavement; two of them meet."""
        down, up = Walk(_NEAR["right"]), Walk(_NEIGHBOUR)
        self._goes("extra-0", "street", self._about(12), _NEIGHBOUR, Walk((2.0, 21.8)), Walk((0.6, 14)), down)
        self._goes(
            "extra-1", "street", self._about(30), _NEAR["right"], Walk((0.3, 8)), Walk((0.6, 18)), up, speed_mps=1.5
        )
        self._goes(
            "extra-2", "street", 44.0, _NEIGHBOUR,
            Walk((1.8, 21.6)), Walk((0.2, 15)), Walk((0.1, 10.4)), Wait(13.4, 172), Walk((0.2, 6)), Walk(_NEAR["left"]),
        )  # fmt: skip
        self._goes(
            "extra-3", "street", 52.0, _NEAR["right"],
            Walk((0.5, 6)), Walk((0.2, 9.2)), Wait(9.5, 0), Walk((1.1, 10.6)), Walk((1.2, 18)), up,
        )  # fmt: skip
        self._goes(
            "extra-10", "street", self._about(118), _NEIGHBOUR, Walk((1.6, 21)), Walk((-0.6, 12)), Walk((-0.4, 1.2))
        )
        self._goes(
            "extra-11", "street", self._about(150), _NEAR["left"], Walk((-0.3, 9)), Walk((1.0, 19)), up, speed_mps=1.4
        )
        self._goes("extra-0", "street", self._about(172), _NEAR["right"], Walk((1.6, 12)), Walk((1.8, 20)), up)
        self._goes(
            "extra-3", "street", self._about(204), _NEIGHBOUR, Walk((1.4, 20)), Walk((0.4, 9)), down, speed_mps=1.45
        )

    def _play_dock(self) -> None:
        """Somebody lingers before bay 1, goes, covers the camera for a while, comes back, forces the door of the stock
        and carries something off; a van is unloaded at bay 2."""
        cab, office, loaded = (1.3, 10.7), (-0.05, 13.4), Stance.CARRY
        self._goes(
            "lingerer", "dock", 26.0, (-8.0, 8.0),
            Walk((-3.4, 8.8)), Wait(9, 20), Walk((-2.0, 10.2)), Wait(8, 350, Stance.REACH), Walk((-3.2, 8.6)),
            Wait(6, 150), Walk((-8.0, 7.6)), speed_mps=1.2,
        )  # fmt: skip
        out = self._goes(
            "lingerer", "dock", 84.0, (-8.0, 8.6),
            Walk((-2.8, 9.4)), Wait(13, 10, Stance.PHONE), Walk((-0.2, 11.6)), Wait(3, 0, Stance.REACH), Walk(office),
            speed_mps=1.2, uses_badge=False,
        )  # fmt: skip
        self._goes(
            "lingerer", "dock", out + 5, office,
            Walk((-0.2, 11.2), loaded), Walk((-0.3, 7.5), loaded), Walk((-8.0, 7.3), loaded), speed_mps=1.4,
        )  # fmt: skip
        self._drives(
            "van", "dock", Pose(118, (13.5, 10.4), 270), Pose(122, (6.5, 10.4), 270), Pose(125, (2.35, 10.4), 270),
            Pose(176, (2.35, 10.4), 270), Pose(179, (6.0, 10.4), 270), Pose(183, (13.5, 10.4), 270),
        )  # fmt: skip
        out = self._goes(
            "driver", "dock", 128.5, cab,
            Walk((1.2, 8.8)), Wait(1.5, 200), Walk((-0.3, 9.2)), Walk((-0.2, 11.6)), Wait(2.5, 0), Walk(office),
        )  # fmt: skip
        out = self._goes(
            "driver", "dock", out + 7, office,
            Walk((-0.2, 11.2), loaded), Walk((-0.2, 8.8), loaded), Walk((3.6, 8.7), loaded), Wait(4, 20, Stance.REACH),
            Walk((1.2, 8.6)), Wait(1.0, 300), Walk(cab),
        )  # fmt: skip
        if out > 175:
            raise ValueError(f"the van leaves without its driver, who is back at {out:.1f} s")
        self._goes(
            "handler", "dock", 192.0, office,
            Walk((0.1, 11.4)), Walk((1.6, 8.6)), Wait(6, 250, Stance.PHONE), Walk((8.0, 7.4)),
        )  # fmt: skip

    def _play_lobby(self) -> None:
        """A colleague takes the lift; somebody waits inside the street door."""
        lift = (-5.4, 6.2)
        out = self._goes(
            "colleague", "street", 70.0, _NEIGHBOUR, Walk((1.8, 21)), Walk((1.5, 12)), Walk((2.2, 9.5)), Walk(_HALL)
        )
        self._goes(
            "colleague", "lobby", out + 0.8, _PORCH, Walk((-0.4, 9.4)), Walk((-3.1, 6.4)), Wait(5, 270), Walk(lift)
        )
        out = self._goes("waiter", "street", 126.0, _NEAR["left"], Walk((0.6, 6)), Walk((2.0, 9.3)), Walk(_HALL))
        out = self._goes(
            "waiter", "lobby", out + 0.8, _PORCH,
            Walk((-0.3, 10.0)), Walk((-0.6, 8.0)), Wait(13, 170, Stance.PHONE), Walk((0.6, 7.7)), Wait(11, 200),
            Walk((-0.2, 9.4)), Walk(_PORCH),
        )  # fmt: skip
        self._goes("waiter", "street", out + 0.8, _HALL, Walk((2.2, 9.2)), Walk((1.2, 6.0)), Walk(_NEAR["left"]))
        out = self._goes(
            "colleague", "lobby", 190.0, lift, Walk((-3.2, 6.4)), Walk((-0.8, 7.6)), Walk((-0.2, 10)), Walk(_PORCH)
        )
        self._goes(
            "colleague", "street", out + 0.8, _HALL,
            Walk((2.0, 9.6)), Walk((1.5, 14)), Walk((2.0, 21.5)), Walk(_NEIGHBOUR),
        )  # fmt: skip

    def _play_late_worker(self) -> None:
        """Somebody who may be there at any hour comes when the offices are closed, and takes the lift."""
        out = self._goes(
            "late-worker", "street", 162.0, _NEIGHBOUR, Walk((1.8, 21)), Walk((1.6, 12)), Walk((2.2, 9.7)), Walk(_HALL)
        )
        self._goes(
            "late-worker", "lobby", out + 0.8, _PORCH,
            Walk((-0.4, 9.4)), Walk((-3.1, 6.4)), Wait(4, 270), Walk((-5.4, 6.2)),
        )  # fmt: skip

    def _play_tailgating(self) -> None:
        """A clerk badges and goes in; who had waited inside the door before comes in right behind, without a badge."""
        near, before = _NEAR["left"], (Walk((0.6, 6)), Walk((2.0, 9.3)), Walk(_HALL))
        out = self._goes("clerk", "street", 205.0, near, *before)
        self._goes("clerk", "lobby", out + 0.8, (-1.1, 14.6), Walk((-0.9, 9.9)), Walk((-0.9, 7.6)), Walk((-0.6, 0.8)))
        out = self._goes("waiter", "street", 206.6, near, *before)
        self._goes(
            "waiter", "lobby", out + 0.8, (0.3, 14.6),
            Walk((0.3, 10.0)), Walk((0.3, 8.5)), Walk((3.0, 8.2)), Walk((6.5, 8.3)), uses_badge=False,
        )  # fmt: skip

    def _play_traffic(self) -> None:
        """Cars on the street; the van passes there before it comes to the dock."""
        away, towards = -3.75, -7.7
        for name, at in (("red-car", 20.0), ("silver-car", 158.0)):
            start_s = self._about(at)
            self._drives(name, "street", Pose(start_s, (towards, 60), 180), Pose(start_s + 8.5, (towards, -4), 180))
        start_s = self._about(90)
        self._drives("blue-car", "street", Pose(start_s, (away, -4), 0), Pose(start_s + 8.5, (away, 60), 0))
        self._drives("van", "street", Pose(106, (away, -4), 0), Pose(115, (away, 60), 0))
        self._drives("van", "street", Pose(190, (towards, 60), 180), Pose(199, (towards, -4), 180))
