"""Chosen moments of the month as pictures: short clips with exact truth, drawn by the demo's painter.

chosen(truths, most) -> incidents that can be drawn, of as many kinds as possible
draw_pictures(truths, folder, seed, progress) -> Drawn of each

What happens is what the month's script says; the places are the demo's, which stand for those of the month.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path

from custos.simulate.body import Stance
from custos.simulate.clip import Clip, ClipRequest, FrameProgress, film_clip
from custos.simulate.conditions import Condition
from custos.simulate.episodes import Episode
from custos.simulate.month.movements import ZONE
from custos.simulate.month.telling import Truth
from custos.simulate.motion import Pose, Wait, Walk
from custos.simulate.render import Settings
from custos.simulate.story import Cover
from custos.simulate.view import Xy

NIGHT_H, DAY_H = 20.0, 6.5
"""Between these hours of the evening and the morning it is dark."""
_PORCH: Xy = (-0.2, 13.5)
_STOCK: Xy = (-0.05, 13.4)


class Moment(Episode):
    """A short script, and when in it the thing happens that it shows.

    Args:
        camera_id: the scene in which it is played.
        seconds: its length. at_s: when it happens.
        after_s: so long after the beginning of the month's incident that is.
    """

    def __init__(self, kind: str, camera_id: str, seconds: float, at_s: float, seed: int, after_s: float = 0.0) -> None:
        super().__init__(kind, kind, camera_id, seconds, seed)
        self.at_s, self.after_s = at_s, after_s
        self.covers: list[Cover] = []


def _forces(m: Moment, start_s: float) -> None:
    """Somebody goes to the door of the stock, opens it by force and is gone inside."""
    m.goes("lingerer", start_s, (-3.0, 9.4), Walk((-0.2, 11.6)), Wait(3, 0, Stance.REACH), Walk(_STOCK), speed_mps=1.2)


def _forced_door(seed: int) -> Moment:
    m = Moment("forced-door", "dock", 12, 7.0, seed)
    _forces(m, 1.0)
    return m


def _covered(seed: int) -> Moment:
    m = Moment("camera-covered-then-door", "dock", 12, 2.0, seed)
    m.covers.append(Cover("dock", 2.0, 60.0))
    return m


def _tailgates(kind: str, after_s: float) -> Callable[[int], Moment]:
    def write(seed: int) -> Moment:
        m = Moment(kind, "lobby", 12, 2.3, seed, after_s)
        m.goes("clerk", 1.0, _PORCH, Walk((-0.9, 9.9)), Walk((-0.9, 7.6)), Walk((-0.6, 0.8)))
        m.goes("waiter", 2.6, _PORCH, Walk((0.3, 10.0)), Walk((0.3, 8.5)), Walk((3.0, 8.2)), Walk((6.5, 8.3)))
        return m

    return write


def _intruder(seed: int) -> Moment:
    m = Moment("intruder-without-badge", "lobby", 14, 1.0, seed)
    m.goes("lingerer", 1.0, (6.5, 8.3), Walk((1.0, 8.0)), Wait(3, 250), Walk((-3.1, 6.4)), Walk((-5.4, 6.2)))
    return m


def _in_the_shop(kind: str) -> Callable[[int], Moment]:
    def write(seed: int) -> Moment:
        m = Moment(kind, "shop", 14, 4.0, seed)
        m.goes(
            "lingerer", 0.0, (1.7, 13.0),
            Walk((1.2, 9.0)), Walk((1.4, 6.6)), Wait(4, 90, Stance.REACH), Walk((1.5, 10.2)), Walk((1.7, 13.2)),
        )  # fmt: skip
        return m

    return write


def _nobody_at_the_till(kind: str) -> Callable[[int], Moment]:
    def write(seed: int) -> Moment:
        m = Moment(kind, "shop", 12, 6.0, seed)
        m.goes("cashier", 0.0, (3.45, 6.3), Wait(6, 270), Wait(3, 270, Stance.REACH), Wait(4, 270))
        return m

    return write


def _object_left(seed: int) -> Moment:
    m = Moment("object-left", "lobby", 14, 1.0, seed)
    stands: Xy = (-0.5, 7.2)
    way = m.goes(
        "handler", 1.0, _PORCH,
        Walk((-0.3, 9.8), Stance.CARRY), Walk((0.1, 7.2), Stance.CARRY), Wait(1.6, 270, Stance.BEND),
        Walk((0.2, 9.6)), Walk(_PORCH),
    )  # fmt: skip
    down_s = way.start_s + 5.9
    m.stands("carton", down_s, m.seconds, stands)
    return m


def _vehicle(seed: int) -> Moment:
    m = Moment("vehicle-at-gate-at-night", "dock", 14, 4.0, seed)
    way: tuple[tuple[float, Xy], ...] = ((0, (13.0, 10.4)), (4, (6.0, 10.4)), (6.5, (3.0, 10.4)), (14, (3.0, 10.4)))
    m.drives("blue-car", *(Pose(at_s, place, 270) for at_s, place in way))
    return m


MOMENTS: dict[str, Callable[[int], Moment]] = {
    "forced-door": _forced_door,
    "tailgating": _tailgates("tailgating", 0.0),
    "loitering-then-tailgating": _tailgates("loitering-then-tailgating", 150.0),
    "intruder-without-badge": _intruder,
    "panel-alarm-with-person": _in_the_shop("panel-alarm-with-person"),
    "lights-out-then-motion": _in_the_shop("lights-out-then-motion"),
    "refund-with-nobody": _nobody_at_the_till("refund-with-nobody"),
    "void-with-nobody": _nobody_at_the_till("void-with-nobody"),
    "drawer-with-nobody": _nobody_at_the_till("drawer-with-nobody"),
    "camera-covered-then-door": _covered,
    "object-left": _object_left,
    "vehicle-at-gate-at-night": _vehicle,
}
"""Kinds of incidents that can be drawn, with who writes the script for a seed."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pictures of one incident.

    Args:
        truth: the incident. clip: its files.
        starts_at: when its first frame was taken, by the month's clock.
    """

    truth: Truth
    clip: Clip
    starts_at: datetime


def chosen(truths: Sequence[Truth], most: int) -> list[Truth]:
    """At most so many incidents that can be drawn, by time: the first of each kind, then the second of each, ..."""
    by_kind = [[t for t in truths if t.kind == kind] for kind in MOMENTS]
    in_turn = [t for rank in zip_longest(*by_kind) for t in rank if t is not None]
    return sorted(in_turn[:most], key=lambda t: t.start_at)


def draw_pictures(
    truths: Sequence[Truth], folder: Path, seed: int, progress: FrameProgress | None = None
) -> list[Drawn]:
    """Draw what happens in these incidents, each in a folder of its own below `folder`.

    Raises:
        CustosError: a file cannot be written.
    """
    done: list[Drawn] = []
    for i, truth in enumerate(truths, start=1):
        moment = MOMENTS[truth.kind](seed)
        happens_at = truth.start_at + timedelta(seconds=moment.after_s)
        settings = replace(Settings(seed=seed), conditions=_conditions(truth.kind, happens_at))
        place = folder / f"{truth.number:04}-{truth.kind}"
        place.mkdir(parents=True, exist_ok=True)
        clip = film_clip(ClipRequest(moment.camera_id, place, moment.seconds, settings), moment, moment.covers)
        done.append(Drawn(truth, clip, happens_at - timedelta(seconds=moment.at_s)))
        if progress is not None:
            progress(i, len(truths))
    return done


def _conditions(kind: str, at: datetime) -> tuple[Condition, ...]:
    local = at.astimezone(ZONE)
    hour = local.hour + local.minute / 60
    dark = hour >= NIGHT_H or hour < DAY_H or kind == "lights-out-then-motion"
    return (Condition.NIGHT,) if dark else ()
