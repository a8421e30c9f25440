"""What people and vehicles do, on the simulated site: every act is told once, and what only looks like it is not.

The truth is the script's (`custos.simulate.episodes`); each is tried on the calibrated ground and without calibration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.event import Json
from custos.model.site import Camera, Zone
from custos.simulate.scenes import SCENES
from custos.testing.behaviour_cases import CASES
from custos.testing.episodes import at_s, camera, deeds, filmed, played, track_of, who
from custos.vision.behaviours import Sighting, make_behaviour

SOON_S = 6.0
"""After the act has begun, a behaviour has spoken."""
DOOR = Zone(
    "door",
    "Entrance",
    SCENES["street"].view(640, 360).ground_to_picture(((1.2, 7.5), (3.4, 7.5), (3.4, 11.4), (1.2, 11.4))),
)


def spec(kind: str, **settings: float) -> BehaviourSpec:
    return BehaviourSpec("it", kind, settings=settings)


def told(name: str, behaviour: BehaviourSpec, *, calibrated: bool = True) -> list[tuple[str, str, tuple[str, ...]]]:
    """(type, who, others) of what is said of an episode, without measures."""
    said = played(name, behaviour, calibrated=calibrated)
    return [names(name, one) for one in said if one.type not in behaviour.kind_of.measures]


def names(name: str, one: Sighting) -> tuple[str, str, tuple[str, ...]]:
    subject = "" if one.track_id is None else who(name, one.track_id)
    return one.type, subject, tuple(who(name, other) for other in one.others)


@dataclass(frozen=True, slots=True)
class Act:
    """An episode in which a behaviour tells of its deed, `within_s` of when it is done."""

    kind: str
    episode: str
    within_s: float = SOON_S
    settings: tuple[tuple[str, float], ...] = ()


ACTS = (
    Act("running", "run", 2.0),
    Act("running", "run-off", 2.0),
    Act("stopping", "driver", 10.0),
    Act("person-down", "fall", 1.2),
    Act("person-down", "fall-away", 1.2),
    Act("meeting", "meet"),
    Act("vehicle-approach", "car-approached"),
    Act("pacing", "pace", 20.0),
    Act("turning-back", "turn-back"),
)


@pytest.mark.parametrize("calibrated", [True, False], ids=["calibrated", "estimated"])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: f"{act.kind} in {act.episode}")
def test_the_act_is_told_once_of_whom_it_is_and_soon(act: Act, calibrated: bool) -> None:
    (deed,) = deeds(act.episode)
    said = played(act.episode, spec(act.kind, **dict(act.settings)), calibrated=calibrated)
    assert [names(act.episode, one) for one in said] == [(deed.kind, deed.names[0], deed.names[1:])]
    assert deed.at_s - 0.5 <= at_s(said[0]) <= deed.at_s + act.within_s
    assert said[0].data["why"]


NEAR_MISSES = {
    "running": ("walk-fast", "bend", "fall", "fall-away", "meet"),
    "stopping": ("gate-wait",),
    "person-down": ("bend", "bag-put-down", "bag-left", "meet", "run-off", "car-approached", "driver"),
    "proximity": ("pass",),
    "meeting": ("pass",),
    "vehicle-approach": ("car-passed", "driver"),
    "pacing": ("there-and-back", "turn-back", "meet"),
    "turning-back": ("round-the-corner", "there-and-back", "pass", "bend"),
}


@pytest.mark.parametrize("calibrated", [True, False], ids=["calibrated", "estimated"])
@pytest.mark.parametrize(
    ("kind", "episode"), [(kind, name) for kind, several in NEAR_MISSES.items() for name in several]
)
def test_what_only_looks_like_it_is_not_told(kind: str, episode: str, calibrated: bool) -> None:
    expected = [("vehicle.stopped", "blue-car", ())] if (kind, episode) == ("stopping", "driver") else []
    assert told(episode, spec(kind), calibrated=calibrated) == expected


@pytest.mark.parametrize(
    ("episode", "times", "expected"),
    [("return", 3.0, 1), ("return-once", 3.0, 0), ("return-once", 2.0, 1), ("turn-back", 2.0, 0)],
)
def test_repeated_approach_counts_approaches(episode: str, times: float, expected: int) -> None:
    behaviour = BehaviourSpec("again", "repeated-approach", zone_id="door", settings={"times": times})
    plain = camera(episode)
    door = Camera(plain.id, plain.name, plain.url, (DOOR,), behaviours=(behaviour,))
    made = make_behaviour(behaviour, door)
    said = [one for at, tracks in filmed(episode) for one in made.update(tracks, at=at)]
    assert len(said) == expected
    for one in said:
        assert one.data["times"] == times
        assert one.track_id == track_of(episode, "lingerer")
    if episode == "return":
        assert at_s(said[0]) == pytest.approx(deeds(episode)[0].at_s, abs=2.5)


def number(value: Json) -> float:
    assert isinstance(value, int | float)
    return float(value)


@pytest.mark.parametrize("fps", [2.5, 5.0, 10.0])
def test_speed_over_the_ground(fps: float) -> None:
    """Cars of 27 and 54 km/h, by the script; limits of 20, 40 and 60."""
    said = played("cars", spec("speed", limit_kmh=40.0), fps=fps)
    measured = {who("cars", one.track_id or 0): one for one in said if one.type == "speed.measured"}
    assert number(measured["red-car"].data["speed_kmh"]) == pytest.approx(27.0, rel=0.05)
    assert number(measured["silver-car"].data["speed_kmh"]) == pytest.approx(27.0, rel=0.05)
    if fps >= 5:
        assert number(measured["blue-car"].data["speed_mps"]) == pytest.approx(15.0, rel=0.05)
    fast = [names("cars", one) for one in said if one.type == "speed.exceeded"]
    assert fast == [("speed.exceeded", "blue-car", ())]


@pytest.mark.parametrize(("limit_kmh", "who_is_fast"), [(20.0, 3), (60.0, 0)])
def test_speed_limits(limit_kmh: float, who_is_fast: int) -> None:
    assert len(told("cars", spec("speed", limit_kmh=limit_kmh))) == who_is_fast


@pytest.mark.parametrize("calibrated", [True, False], ids=["calibrated", "estimated"])
def test_running_says_how_fast_and_whether_it_is_a_guess(calibrated: bool) -> None:
    (one,) = played("run-off", spec("running"), calibrated=calibrated)
    assert number(one.data["speed_mps"]) == pytest.approx(4.0, rel=0.25)
    assert one.data["estimate"] is not calibrated
    assert ("about" in str(one.data["why"])) is not calibrated


def test_two_who_stand_together_are_near_each_other_whatever_they_do() -> None:
    (one,) = played("meet", spec("proximity"))
    assert names("meet", one) == ("people.neared", "extra-2", ("extra-3",))
    assert number(one.data["distance_m"]) == pytest.approx(1.1, abs=0.2)
    assert one.data["duration_s"] == pytest.approx(3.0, abs=0.3)


def test_a_car_that_parks_and_stays_is_stopped_then_parked() -> None:
    said = played("driver", spec("stopping", stop_s=5.0, park_s=20.0))
    assert [(one.type, round(at_s(one) - at_s(said[0]))) for one in said] == [
        ("vehicle.stopped", 0),
        ("vehicle.parked", 15),
    ]


def test_a_car_that_waits_longer_than_allowed_has_stopped_and_then_departs() -> None:
    said = played("gate-wait", spec("stopping", stop_s=3.0))
    assert [one.type for one in said] == ["vehicle.stopped", "vehicle.departed"]
    assert number(said[1].data["still_s"]) == pytest.approx(6.5, abs=2.5)  # rolling in and out is within its own length


def test_who_gets_up_again_is_told_too() -> None:
    case = CASES["person-down"]
    made = case.make()
    said = [one for at, tracks in case.story(0) for one in made.update(tracks, at=at)]
    assert [one.type for one in said] == ["person.fell", "person.got_up"]
    assert [round(at_s(one)) for one in said] == [3, 12]
    assert number(said[1].data["lying_s"]) == pytest.approx(9.0, abs=0.5)


SENSITIVITY: list[tuple[str, str, dict[str, Any], int]] = [
    ("person-down", "bend", {"sensitivity": 1.0}, 0),
    ("meeting", "meet", {"sensitivity": 0.3}, 1),
    ("meeting", "meet", {"sensitivity": 0.0}, 0),
    ("turning-back", "round-the-corner", {"sensitivity": 1.0}, 0),
    ("vehicle-approach", "driver", {"sensitivity": 1.0}, 0),
    ("running", "run", {"classes": ("vehicle",)}, 0),
    ("running", "run", {"zone_id": "road"}, 0),
    ("running", "run", {"zone_id": "pavement"}, 1),
    ("person-down", "fall", {"zone_id": "bay"}, 0),
    ("stopping", "driver", {"zone_id": "restricted"}, 0),
    ("stopping", "driver", {"zone_id": "bay"}, 1),
]


@pytest.mark.parametrize(("kind", "episode", "how", "expected"), SENSITIVITY)
def test_zone_class_and_sensitivity(kind: str, episode: str, how: dict[str, Any], expected: int) -> None:
    assert len(told(episode, BehaviourSpec("it", kind, **how))) == expected
