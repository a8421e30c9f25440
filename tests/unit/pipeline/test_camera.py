"""The walk of a frame, on drawn pictures, from the motion gate to the events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count, pairwise

import numpy as np
import pytest

from custos.model.behaviours import BEHAVIOUR_KINDS
from custos.model.detections import Detections
from custos.model.event import Event
from custos.model.event_types import EVENT_TYPES
from custos.model.site import Camera, Line, Zone
from custos.pipeline.camera import LONG_STAY_S, PATH_POINTS, CameraWalk, Seen
from custos.testing.check_event import check_events
from custos.testing.clock import after
from custos.testing.stage import CAR, Actor, Box, Stage, standing, walk

DOCK = Zone("dock", "Dock", ((0.375, 0.5), (0.625, 0.5), (0.625, 1.0), (0.375, 1.0)), loiter_s=4)
"""The middle quarter of the lower half: x from 120 to 200 of 320 pixels."""
GATE = Line("gate", "Gate", ((0.8, 0.4), (0.8, 1.0)))
"""From top to bottom at x = 256 pixels: who walks right goes to its left."""
CAMERA = Camera("dock", "Dock", "rtsp://camera.example/dock", (DOCK,), (GATE,))
FPS = 10


def to_the_dock_and_on() -> Callable[[float], Box | None]:
    """Comes in at 2 s, is at the dock from 4 to 9.9 s, goes on over the gate, and is gone at 14 s."""
    come = walk((40, 200), (160, 200), from_s=2, to_s=5, stay_s=4)
    go = walk((160, 200), (300, 200), from_s=9, to_s=14)
    return lambda at_s: come(at_s) or go(at_s)


class Play:
    """A camera before a stage: whatever the walk wants looked at is looked at."""

    def __init__(self, stage: Stage, camera: Camera = CAMERA) -> None:
        ids = count(1)
        self.stage = stage
        self.walk = CameraWalk(camera, site_id="hq", session="s1", new_id=lambda: f"e-{next(ids)}", model=stage.name)
        self.events: list[Event] = []
        self.looks: list[float] = []

    def run(self, from_s: float, to_s: float, *, fps: float = FPS) -> list[Seen]:
        return [self.step(from_s + n / fps) for n in range(round((to_s - from_s) * fps))]

    def step(self, at_s: float, *, fails: bool = False) -> Seen:
        look = self.walk.look(self.stage.frame(at_s))
        seen_now = look.is_wanted and not fails
        detections = look.assemble(self.stage.detect(look.pictures())) if seen_now else None
        if look.is_wanted:
            self.looks.append(at_s)
        seen = self.walk.understand(look, detections)
        self.take(seen.events)
        return seen

    def take(self, events: Sequence[Event]) -> None:
        self.events += events

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def only(self, kind: str) -> Event:
        (event,) = [event for event in self.events if event.type == kind]
        return event


def number(event: Event, name: str) -> float:
    value = event.data[name]
    assert isinstance(value, int | float)
    return value


def test_nobody() -> None:
    play = Play(Stage())
    play.run(0, 5)
    assert play.walk.end() == ()
    assert play.events == []


@pytest.fixture(scope="module")
def visit() -> Play:
    """The whole story of one visitor."""
    play = Play(Stage(Actor(to_the_dock_and_on())))
    play.run(0, 20)
    play.take(play.walk.end())
    return play


def test_a_visitor_from_the_first_to_the_last(visit: Play) -> None:
    assert visit.types == [
        "track.started",
        "zone.entered",
        "zone.loitered",
        "zone.left",
        "line.crossed",
        "track.described",
        "track.ended",
    ]


def test_every_event_is_what_its_type_says(visit: Play) -> None:
    check_events(visit.events)
    track_types = {name for name in EVENT_TYPES if name.split(".")[0] in ("track", "zone", "line")}
    assert set(visit.types) == track_types - {e for kind in BEHAVIOUR_KINDS.values() for e in kind.events}


def test_every_event_says_of_whom_and_by_which_model(visit: Play) -> None:
    for event in visit.events:
        assert event.subject == "tracks/dock-s1-1"
        assert event.source == "/sites/hq/cameras/dock"
        assert event.data["class"] == "person"
        assert event.data["model"] == "stage@00000000"
        assert 0.8 <= number(event, "confidence") <= 0.9


def test_events_are_told_in_the_order_in_which_things_happened(visit: Play) -> None:
    assert all(a.at <= b.at for a, b in pairwise(visit.events))


def test_when_things_happened(visit: Play) -> None:
    times = {e.type: (e.at - after(0)).total_seconds() for e in visit.events}
    assert times == {
        "track.started": pytest.approx(2.0, abs=0.3),
        "zone.entered": pytest.approx(4.0, abs=0.3),
        "zone.loitered": pytest.approx(8.0, abs=0.3),
        "zone.left": pytest.approx(10.4, abs=0.4),
        "line.crossed": pytest.approx(12.5, abs=0.4),
        "track.described": pytest.approx(14.0, abs=0.5),
        "track.ended": pytest.approx(14.0, abs=0.5),
    }
    assert number(visit.only("zone.left"), "dwell_s") == pytest.approx(6.4, abs=0.5)
    assert number(visit.only("track.ended"), "duration_s") == pytest.approx(12, abs=0.6)
    assert visit.only("line.crossed").data["direction"] == "left"


def test_the_path_tells_where_the_foot_point_has_been(visit: Play) -> None:
    path = visit.only("track.ended").data["path"]
    assert isinstance(path, list)
    assert 10 < len(path) <= PATH_POINTS
    points = np.array(path, float)
    assert (np.diff(points[:, 0]) > -0.01).all()  # always to the right
    assert points[0, 0] < 0.25
    assert points[-1, 0] > 0.85
    assert points[:, 1] == pytest.approx(200 / 240, abs=0.02)


def test_a_long_way_is_told_in_few_points() -> None:
    turns = [(60 + 200 * (n % 2), 120 + 10 * n) for n in range(9)]
    legs = [walk(a, b, from_s=2 + 4 * n, to_s=6 + 4 * n) for n, (a, b) in enumerate(pairwise(turns))]

    def way(at_s: float) -> Box | None:
        return next((box for leg in legs if (box := leg(at_s)) is not None), None)

    play = Play(Stage(Actor(way)))
    play.run(0, 38)
    path = play.only("track.ended").data["path"]
    assert isinstance(path, list)
    assert PATH_POINTS / 2 <= len(path) <= PATH_POINTS
    assert np.ptp(np.array(path, float)[:, 1]) > 0.3  # from the first leg to the last


def test_who_is_there_when_the_stream_ends_has_left_when_last_seen() -> None:
    play = Play(Stage(Actor(to_the_dock_and_on())))
    play.run(0, 7)
    assert play.types == ["track.started", "zone.entered"]
    play.take(play.walk.end())
    assert play.types[2:] == ["zone.left", "track.described", "track.ended"]
    assert play.events[-1].at == play.events[-2].at == after(6.9)
    assert play.walk.end() == ()
    check_events(play.events)


def test_after_a_restart_everybody_is_somebody_else() -> None:
    """Symptom: a camera came back after a minute, and whoever stood there was the person from before."""
    play = Play(Stage(Actor(standing((160, 200), height_px=70))))
    play.run(0, 5)
    play.take(play.walk.restart("s2"))
    assert play.types == [
        "track.started",
        "zone.entered",
        "zone.loitered",
        "zone.left",
        "track.described",
        "track.ended",
    ]
    assert {e.subject for e in play.events} == {"tracks/dock-s1-1"}
    before = len(play.events)
    play.run(65, 68)
    assert {e.subject for e in play.events[before:]} == {"tracks/dock-s2-1"}
    assert play.types[before:] == ["track.started", "zone.entered"]
    assert play.events[before].at >= after(65)
    check_events(play.events)


def test_who_passes_is_described_by_what_the_detector_saw(visit: Play) -> None:
    described, ended = visit.only("track.described"), visit.only("track.ended")
    looks = described.data["appearance"]
    assert isinstance(looks, dict)
    assert looks == ended.data["appearance"]
    upper = looks["upper"]
    assert isinstance(upper, dict)
    assert upper["name"] in ("black", "grey")  # level 40 on a ground of 120
    assert 0 < number(described, "picture_score") <= 1
    pictured_at = datetime.fromisoformat(str(described.data["pictured_at"]))
    assert after(2) <= pictured_at <= described.at


def test_the_best_picture_is_told_by_subject_and_never_for_somebody_unknown() -> None:
    play = Play(Stage(Actor(to_the_dock_and_on())))
    best = [subject for seen in play.run(0, 20) for subject in seen.best]
    assert set(best) == {"tracks/dock-s1-1"}
    assert 1 <= len(best) <= 10


def test_who_stays_long_is_described_while_there_and_once_more_at_the_end() -> None:
    play = Play(Stage(Actor(walk((40, 200), (160, 200), from_s=3, to_s=5, stay_s=60))))
    play.run(0, 40, fps=5)
    assert play.types.count("track.described") == 1
    assert (play.only("track.described").at - after(3)).total_seconds() == pytest.approx(LONG_STAY_S, abs=1)
    play.take(play.walk.end())
    assert play.types.count("track.described") == 2
    check_events(play.events)


def test_new_zones_end_the_old_visits_and_leave_the_tracks_alone() -> None:
    play = Play(Stage(Actor(to_the_dock_and_on())))
    play.run(0, 7)
    play.take(play.walk.configure(replace(CAMERA, zones=(replace(DOCK, id="ramp"),), lines=())))
    assert play.types == ["track.started", "zone.entered", "zone.left"]
    play.run(7, 20)
    assert play.types[3:] == ["zone.entered", "zone.loitered", "zone.left", "track.described", "track.ended"]
    assert play.events[3].data["zone_id"] == "ramp"
    assert {e.subject for e in play.events} == {"tracks/dock-s1-1"}
    check_events(play.events)


def test_a_picture_of_another_size_does_not_end_anything() -> None:
    play = Play(Stage(Actor(standing((160, 200), height_px=70))))
    play.run(0, 4)
    play.stage = Stage(Actor(standing((320, 400), width_px=48, height_px=140)), size=(640, 480))
    seen = play.run(4, 8)
    assert (seen[-1].tracks.width_px, seen[-1].tracks.height_px) == (640, 480)
    check_events(play.events)


def test_without_detections_nothing_ends() -> None:
    """Symptom: a detector that failed for a while made every visit end."""
    play = Play(Stage(Actor(standing((160, 200), height_px=70))))
    play.run(0, 4)
    told = len(play.events)
    for n in range(100):
        play.step(4 + n / FPS, fails=True)
    assert "track.ended" not in play.types[told:]
    assert "zone.left" not in play.types[told:]
    seen = play.run(14, 15)
    assert seen[-1].tracks.track_id.tolist() == [1]


def test_what_is_not_followed_makes_no_track() -> None:
    chair = Actor(walk((40, 200), (300, 200), from_s=2, to_s=6), class_id=56)
    speck = Actor(walk((40, 100), (300, 100), from_s=2, to_s=6, width_px=2, height_px=2))
    wall = Actor(standing((160, 238), width_px=330, height_px=200), level=None)
    play = Play(Stage(chair, speck, wall))
    play.run(0, 7)
    # what moves is still something that moves, once: the chair; a speck and a wall are nothing
    assert {e.data["class"] for e in play.events} <= {"unknown"}
    assert len({e.subject for e in play.events}) <= 1


def test_a_car_is_followed_and_does_not_count_where_people_count() -> None:
    car = Actor(walk((40, 200), (300, 200), from_s=2, to_s=7, width_px=70, height_px=40), class_id=CAR)
    play = Play(Stage(car))
    play.run(0, 12)
    assert play.types == ["track.started", "track.described", "track.ended"]
    assert play.events[0].data["class"] == "car"


# -- how often the detector looks


def test_with_nobody_there_the_detector_hardly_looks() -> None:
    play = Play(Stage())
    play.run(0, 60, fps=5)
    begun = [t for t in play.looks if t <= 2.05]
    assert 8 <= len(begun) <= 11  # what is there already is there
    assert 4 <= len(play.looks) - len(begun) <= 8


def test_while_somebody_walks_it_looks_often_and_no_more_than_told() -> None:
    play = Play(Stage(Actor(walk((40, 200), (300, 200), from_s=5, to_s=15))), replace(CAMERA, detect_fps=5))
    play.run(0, 15, fps=20)
    walking = [t for t in play.looks if 6 <= t < 15]
    assert 9 * 2 <= len(walking) <= 9 * 5 + 1
    assert min(b - a for a, b in pairwise(play.looks)) >= 0.9 / 5 - 1e-6


def test_somebody_who_rests_is_looked_at_now_and_then() -> None:
    play = Play(Stage(Actor(walk((40, 200), (160, 200), from_s=3, to_s=5, stay_s=60))))
    play.run(0, 40, fps=5)
    resting = [t for t in play.looks if t >= 10]
    assert 10 <= len(resting) <= 20
    assert "track.ended" not in play.types


# -- what was understood of nothing at all


def test_an_empty_answer_is_not_a_missing_one() -> None:
    play = Play(Stage(Actor(walk((40, 200), (100, 200), from_s=2, to_s=4))))
    play.run(0, 4)
    assert play.types == ["track.started"]
    for n in range(40):
        look = play.walk.look(play.stage.frame(4.1 + n / FPS))
        play.take(play.walk.understand(look, Detections.empty()).events)
    assert play.types == ["track.started", "track.described", "track.ended"]
