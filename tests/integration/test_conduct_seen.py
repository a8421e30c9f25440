"""Acts on the simulated site, drawn, and seen by the camera's walk as in earnest: left, taken, fallen.

The detector's place is taken by the truth, so that this runs without a model; things are found in the pixels alone,
because no detector has a name for a carton.
"""

from __future__ import annotations

import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.event import Event
from custos.model.event_shape import faults_of
from custos.model.event_types import EVENT_TYPES
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.testing.clock import START
from custos.testing.episodes import deeds, episode, walked

SPECS = (
    BehaviourSpec("left", "object-left", settings={"after_s": 5.0}),
    BehaviourSpec("taken", "object-removed"),
    BehaviourSpec("down", "person-down"),
)


def box_of(name: str, actor: str, t_s: float) -> tuple[float, ...]:
    """The true box, 0..1."""
    film = CameraRenderer(SCENES[episode(name).camera_id], episode(name), Settings())
    (truth,) = [o for o in film.boxes(round(t_s * 10) + 1).objects if o.name == actor]
    left, top, right, bottom = truth.xyxy
    return left / 640, top / 360, right / 640, bottom / 360


def at_s(event: Event) -> float:
    return (event.at - START).total_seconds()


@pytest.mark.parametrize(
    ("name", "within_s"), [("bag-left", 13.0), ("bag-taken", 9.0), ("fall", 7.0), ("fall-away", 7.0)]
)
def test_the_act_is_told_once(name: str, within_s: float) -> None:
    (deed,) = deeds(name)
    (event,) = walked(name, *SPECS, until_s=deed.at_s + within_s)
    assert event.type == deed.kind
    assert deed.at_s <= at_s(event) <= deed.at_s + within_s
    assert faults_of(event, EVENT_TYPES[event.type]) == []
    subjects = event.data.get("subjects") or [event.subject]
    assert subjects == ["tracks/dock-film-1"], "by the only one who was there"
    if "carton" in deed.names:
        place = box_of(name, "carton", deed.at_s + (1.0 if deed.kind == "object.left" else -1.0))
        told = event.data["box"]
        assert isinstance(told, list)
        assert [float(str(side)) for side in told] == pytest.approx(place, abs=0.03)


@pytest.mark.parametrize(("name", "until_s"), [("bag-put-down", 36.0), ("bag-looked-at", 22.0), ("bend", 28.0)])
def test_what_only_looks_like_it_is_not(name: str, until_s: float) -> None:
    assert walked(name, *SPECS, until_s=until_s) == []
