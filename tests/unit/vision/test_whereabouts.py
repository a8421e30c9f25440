"""Places, speeds and distances of tracks; and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.ground import Ground
from custos.model.site import Camera
from custos.simulate.motion import Route, Wait, Walk
from custos.testing.acting import VIEW, Part, act, ground_of
from custos.testing.check_behaviour import tracks_at
from custos.testing.clock import after
from custos.vision.behaviours import make_behaviours, refused_speeds
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.whereabouts import PERSONS, VEHICLES, Pace, Whereabouts

FLOOR = Floor(ground_of())
WAYS = {
    "across": ((-3.0, 9.0), (3.0, 9.0)),
    "towards": ((0.3, 20.0), (0.3, 6.0)),
    "slanting": ((-2.0, 16.0), (2.0, 8.0)),
}


def followed(where: Whereabouts, story: Iterable[tuple[datetime, Tracks]], track_id: int = 1) -> list[Pace]:
    paces = []
    for at, tracks in story:
        where.update(tracks, at=at)
        if (pace := where.pace(track_id)) is not None:
            paces.append(pace)
    return paces


def test_nothing_is_known_of_nobody() -> None:
    where = Whereabouts(FLOOR, of=PERSONS)
    where.update(tracks_at({}), at=after(0))
    assert where.pace(1) is None
    assert where.fixes(1) == ()
    assert where.apart_m(1, 2) is None
    assert where.reach_m(1, (0.0, 0.0)) is None


@pytest.mark.parametrize("mps", [0.8, 1.4, 3.0])
@pytest.mark.parametrize("way", WAYS)
def test_calibrated_speed_is_the_script_s(way: str, mps: float) -> None:
    route = Route.of(0.0, WAYS[way][0], (Walk(WAYS[way][1]),), mps)
    paces = followed(Whereabouts(FLOOR, of=PERSONS), act([Part(1, route)]))
    assert np.median([p.mps for p in paces]) == pytest.approx(mps, rel=0.06)


@pytest.mark.parametrize("way", WAYS)
def test_estimated_speed_is_right_to_about_a_third(way: str) -> None:
    route = Route.of(0.0, WAYS[way][0], (Walk(WAYS[way][1]),), 1.5)
    where = Whereabouts(None, of=PERSONS)
    assert where.is_estimate
    paces = followed(where, act([Part(1, route)]))
    assert np.median([p.mps for p in paces]) == pytest.approx(1.5, rel=0.35)


def test_somebody_who_stands_does_not_move() -> None:
    route = Route.of(0.0, (0.0, 12.0), (Wait(5.0),), 1.0)
    paces = followed(Whereabouts(FLOOR, of=PERSONS), act([Part(1, route)]))
    assert all(p.mps < 0.01 and p.least_mps == 0.0 for p in paces)


@pytest.mark.parametrize("floor", [FLOOR, None], ids=["calibrated", "estimated"])
def test_impossible_speeds_are_refused(floor: Floor | None) -> None:
    """A tracker that gives one person's id to another makes a jump of 6 m in a fifth of a second."""
    jump = [*[(0.2, 0.8)] * 8, *[(0.8, 0.8)] * 8]
    where = Whereabouts(floor, of=PERSONS)
    paces = followed(where, ((after(i / 5), tracks_at({1: foot})) for i, foot in enumerate(jump)))
    assert paces, "speeds before and after the jump are known"
    assert max(p.mps for p in paces) < 0.1


@pytest.mark.parametrize(("jump_m", "refused"), [(40.0, {1: 12.5}), (1.0, {})])
def test_a_speed_that_is_dropped_is_told_once_whoever_measures_it(jump_m: float, refused: dict[int, float]) -> None:
    """Somebody stands, is a jump further on a tenth of a second later, and stands there for a second and a half."""
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    ground = Ground(square, ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)))
    kinds = [BehaviourSpec("speed", "speed", classes=("person",)), BehaviourSpec("running", "running")]
    behaviours = make_behaviours(Camera("yard", "Yard", "yard.mp4", behaviours=tuple(kinds), ground=ground))
    assert refused_speeds(behaviours) == {}
    told, said = [], []
    for i in range(30):
        tracks = tracks_at({1: (0.2 + (jump_m / 100 if i >= 15 else 0.0), 0.8)})
        said += [sighting for one in behaviours for sighting in one.update(tracks, at=after(i / 10))]
        told.append(refused_speeds(behaviours))
    assert told == [*[{}] * 15, refused, *[{}] * 14]
    said += [sighting for one in behaviours for sighting in one.end()]
    assert refused_speeds(behaviours) == {}
    (measured,) = said
    top_kmh = measured.data["top_kmh"]
    assert measured.type == "speed.measured"
    assert isinstance(top_kmh, float)
    assert (top_kmh > 0) == (not refused)


def test_the_same_jump_may_be_a_vehicle() -> None:
    steps = [(0.1 + 0.08 * i, 0.8) for i in range(10)]
    car = [(after(i / 5), tracks_at({1: foot}, class_id=2)) for i, foot in enumerate(steps)]
    assert max(p.mps for p in followed(Whereabouts(FLOOR, of=VEHICLES), car)) > 1.5


def test_what_is_above_the_horizon_has_no_place() -> None:
    where = Whereabouts(FLOOR, of=PERSONS)
    assert followed(where, ((after(i / 5), tracks_at({1: (0.5, -0.2)})) for i in range(10))) == []


def test_remembered_places_tell_no_speed() -> None:
    def hidden(tracks: Tracks) -> Tracks:
        return Tracks(
            tracks.xyxy, tracks.confidence, tracks.class_id, tracks.track_id, np.zeros(1, np.bool_), tracks.age_s, 1000,
            1000,
        )  # fmt: skip

    where = Whereabouts(FLOOR, of=PERSONS)
    assert followed(where, ((after(i / 5), hidden(tracks_at({1: (0.1 + i / 20, 0.7)}))) for i in range(10))) == []


@pytest.mark.parametrize("floor", [FLOOR, None], ids=["calibrated", "estimated"])
def test_distances_between_two_and_to_a_point(floor: Floor | None) -> None:
    stand = (Wait(2.0),)
    story = act([Part(1, Route.of(0, (0.0, 9.0), stand)), Part(2, Route.of(0, (1.5, 9.0), stand))], until_s=1.0)
    where = Whereabouts(floor, of=PERSONS)
    followed(where, story)
    apart_m = where.apart_m(1, 2)
    assert apart_m == pytest.approx(1.5, rel=0.15)
    beside = VIEW.project(np.array([(-2.0, 8.8, 0.0)])).xy[0]
    assert where.reach_m(1, (float(beside[0]), float(beside[1]))) == pytest.approx(2.0, rel=0.15)


def test_only_its_classes_are_followed_and_the_ended_forgotten() -> None:
    where = Whereabouts(FLOOR, of=VEHICLES)
    assert followed(where, ((after(i / 5), tracks_at({1: (0.5, 0.8)})) for i in range(10))) == []
    where = Whereabouts(FLOOR, of=PERSONS)
    followed(where, ((after(i / 5), tracks_at({1: (0.5, 0.8)})) for i in range(10)))
    assert len(where.fixes(1)) > 3
    where.update(tracks_at({}, ended=(1,)), at=after(3))
    assert where.fixes(1) == ()
