"""What the devices of the demo tell, in time with the story: `device_acts(story, scenes) -> acts by time`.

The dock has an alarm panel with a motion detector before bay 1; it reports by SIA DC-09.

Doors and till follow from the same routes as the pictures. Whoever holds a badge uses it two seconds before they go in;
whoever goes out is seen by the exit sensor; the contact tells of the leaf. Somebody without a badge makes no reader
speak: they come in with whoever opened, or open by force.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from custos.geometry.polygons import segments_cross, side
from custos.model.event import Json
from custos.simulate.files import happenings
from custos.simulate.motion import Route
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story
from custos.simulate.view import Xy

DEVICES_FILE = "devices.jsonl"
CONTROLLER, TILL, PANEL = "controller", "till", "panel"
"""Who tells: by CloudEvents over HTTP, by lines of text over TCP, and by SIA DC-09 over TCP."""
PANEL_ACCOUNT, PANEL_ZONE = "4711", "11"
ALARMS_S = (94.0, 230.0)
"""The motion detector before bay 1 finds somebody who is there, and later nobody at all: a moth."""
_RESTORED_S = 12.0
"""So long after an alarm the detector is quiet again."""
TESTS_S = (5.0, 65.0, 125.0, 185.0)
"""The panel proves its line once a minute."""
_STEP_S = 0.05
_TOGETHER_S = 3.0
"""The leaf stays open for who comes so soon after another."""
_REST_S = 1.6
"""It closes so long after the last one."""
_PAYS_S = 3.5
"""Before they have left the till."""
REFUND_S = 127.0
"""Money is given back, and the shop is empty but for the cashier."""
BADGES: dict[str, str] = {
    "visitor": "3101", "waiter": "3102", "colleague": "0017", "late-worker": "0023", "clerk": "0041", "driver": "2207",
}  # fmt: skip
"""Number by the story's name of the person."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A door where it stands in a scene.

    Args:
        ends: of its threshold on the ground, metres.
        inside: a place on its inner side.
        read_s, open_s: so long before somebody is in it the reader reads, and the leaf opens.
    """

    door_id: str
    camera_id: str
    ends: tuple[Xy, Xy]
    inside: Xy
    read_s: float = 2.0
    open_s: float = 1.3


GATES = (
    Gate("front", "lobby", SCENES["lobby"].lines[0].ends, (-0.2, 8.0)),
    Gate("lift", "lobby", ((-4.2, 5.4), (-4.2, 7.0)), (-5.0, 6.2), read_s=3.4, open_s=2.0),
    Gate("stock", "dock", ((-0.6, 12.45), (0.5, 12.45)), (0.0, 14.0)),
)


@dataclass(frozen=True, slots=True)
class DeviceAct:
    """A device tells something.

    Args:
        at_s: from the start of the story.
        teller: CONTROLLER, TILL or PANEL.
        type: of the event, for the controller. source: "doors/front". data: its fields.
        line: what the till sends; `{time}` and `{receipt}` are filled in when it does. Of the panel: its data in SIA's
            codes; empty for a test of its line.
    """

    at_s: float
    teller: str
    type: str = ""
    source: str = ""
    data: tuple[tuple[str, Json], ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody is in a door."""

    at_s: float
    name: str
    goes_in: bool
    uses_badge: bool


def device_acts(story: Story) -> list[DeviceAct]:
    """Everything that the controller, the till and the panel tell in one round of the story, by time."""
    acts = [act for gate in GATES for act in _door(gate, passages(story, gate))]
    return sorted([*acts, *_till(story), *_panel()], key=lambda act: act.at_s)


def passages(story: Story, gate: Gate) -> list[Passage]:
    """Who goes through a door, by time."""
    found = []
    for appearance in story.appearances[gate.camera_id]:
        route = appearance.route
        if not isinstance(route, Route):
            continue
        places = [step.place for t in _times(route) if (step := route.at(t)) is not None]
        for i, (before, now) in enumerate(pairwise(places), start=1):
            if before != now and segments_cross(*gate.ends, before, now) and side(*gate.ends, now):
                goes_in = (side(*gate.ends, now) > 0) == (side(*gate.ends, gate.inside) > 0)
                badge = appearance.uses_badge and appearance.actor.name in BADGES
                at_s = round(route.start_s + i * _STEP_S, 2)
                found.append(Passage(at_s, appearance.actor.name, goes_in, badge))
    return sorted(found, key=lambda passage: passage.at_s)


def _times(route: Route) -> list[float]:
    count = int((min(route.end_s, STORY_S) - route.start_s) / _STEP_S) + 1
    return [route.start_s + i * _STEP_S for i in range(count)]


def _door(gate: Gate, through: list[Passage]) -> Iterator[DeviceAct]:
    """The controller reports the contact at the beginning; then what each opening makes it say."""
    yield _said(0.2, "door.closed", gate)
    opening: list[Passage] = []
    for passage in through:
        if opening and passage.at_s - opening[-1].at_s > _TOGETHER_S:
            yield from _opening(gate, opening)
            opening = []
        opening.append(passage)
    if opening:
        yield from _opening(gate, opening)


def _opening(gate: Gate, together: list[Passage]) -> Iterator[DeviceAct]:
    for one in together:
        if not one.goes_in:
            yield _said(one.at_s - gate.open_s - 0.4, "exit.requested", gate)
        elif one.uses_badge:
            read: dict[str, Json] = {"reader_id": f"{gate.door_id}-in", "credential": BADGES[one.name]}
            yield _said(one.at_s - gate.read_s, "access.granted", gate, read)
    yield _said(together[0].at_s - gate.open_s, "door.opened", gate)
    yield _said(together[-1].at_s + _REST_S, "door.closed", gate)


def _said(at_s: float, type_: str, gate: Gate, data: dict[str, Json] | None = None) -> DeviceAct:
    told = {"door_id": gate.door_id, **(data or {})}
    return DeviceAct(round(at_s, 2), CONTROLLER, type_, f"doors/{gate.door_id}", tuple(told.items()))


_AMOUNTS = ("23.40", "7.95", "41.10", "12.60", "5.20", "18.75")


def _till(story: Story) -> Iterator[DeviceAct]:
    """Whoever has waited at the till pays; the last one brings something back; and once nobody is there."""
    scene = SCENES["shop"]
    told = happenings(story, scene, scene.view(640, 360))
    paid = [h for h in told if h.kind == "zone.visited" and h.place == "till" and h.end_s - h.start_s > 5]
    kinds = ["SALE"] * (len(paid) - 1) + ["REFUND"]
    for visit, kind, amount in zip(paid, kinds, _AMOUNTS, strict=False):
        yield _line(visit.end_s - _PAYS_S, kind, amount)
    yield _line(REFUND_S, "REFUND", "89.00")


def _line(at_s: float, kind: str, amount: str) -> DeviceAct:
    return DeviceAct(round(at_s, 2), TILL, line=f"{{time}};till-1;{kind};anna;{amount};{{receipt}}")


def _panel() -> Iterator[DeviceAct]:
    for at_s in TESTS_S:
        yield DeviceAct(at_s, PANEL)
    for at_s in ALARMS_S:
        yield DeviceAct(at_s, PANEL, line=f"Nri1/BA{PANEL_ZONE}")
        yield DeviceAct(round((at_s + _RESTORED_S) % STORY_S, 2), PANEL, line=f"Nri1/BR{PANEL_ZONE}")


def write_device_acts(path: Path, seed: int) -> None:
    """Write what the devices tell in one round of the story."""
    path.write_text(act_lines(device_acts(Story(seed))), encoding="utf-8")


def act_lines(acts: Iterable[DeviceAct]) -> str:
    """One JSON object a line: docs/simulation.md."""
    return "".join(json.dumps(_told(act)) + "\n" for act in acts)


def _told(act: DeviceAct) -> dict[str, Json]:
    if act.teller == TILL:
        return {"at_s": act.at_s, "teller": act.teller, "line": act.line}
    if act.teller == PANEL:
        return {"at_s": act.at_s, "teller": act.teller, "account": PANEL_ACCOUNT, "sia": act.line}
    return {
        "at_s": act.at_s,
        "teller": act.teller,
        "type": act.type,
        "source": act.source,
        "data": dict(act.data),
    }
