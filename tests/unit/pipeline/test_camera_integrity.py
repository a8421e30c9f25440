"""What becomes of a camera's walk when the camera itself is attacked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from custos.model.calibration import Calibration
from custos.model.detections import Detections
from custos.model.event import Event
from custos.model.frame import Clock, Frame, Image, Packet, StreamInfo, StreamOpened
from custos.model.site import Camera, HeightReference, Line, Zone
from custos.pipeline.analysis import Analysis
from custos.pipeline.camera import CameraWalk
from custos.testing.camera_rig import Rig, StepSource, feed, opened
from custos.testing.check_event import check_events
from custos.testing.clock import START, after
from custos.testing.sources import ScriptedSource
from custos.testing.stage import Stage, StageDecoder

FPS = 5
ZONE = Zone("yard", "Yard", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
LINE = Line("gate", "Gate", ((0.5, 0.0), (0.5, 1.0)))
CAMERA = Camera("yard", "Yard", "rtsp://camera.example/yard", (ZONE,), (LINE,))
SHAPES: Image = np.kron(np.random.default_rng(2).integers(50, 200, (30, 40), np.uint8), np.ones((8, 8), np.uint8))
SHIFTED: Image = np.roll(SHAPES, 40, axis=1)
OTHER: Image = SHAPES[::-1, ::-1].copy()


def view(ground: Image, number: int, x: float | None) -> Image:
    """The ground with grain, and somebody with the middle at `x` (0..1), who is 24 x 90 pixels."""
    rng = np.random.default_rng(number)
    luma = ground + rng.normal(0, 2, ground.shape)
    if x is not None:
        left = round(x * 320) - 12
        luma[120:210, max(left, 0) : left + 24] = 20
    return np.asarray(np.clip(luma, 0, 255), np.uint8)


class Play:
    """A walk before that view; the detector sees whoever is there."""

    def __init__(self) -> None:
        ids = count(1)
        self.walk = CameraWalk(CAMERA, site_id="hq", session="s1", new_id=lambda: f"e-{next(ids)}", model="m@0")
        self.events: list[Event] = []
        self._number = 0

    def run(self, seconds: float, ground: Image, x: Callable[[float], float | None] = lambda at_s: None) -> list[Event]:
        told: list[Event] = []
        for _ in range(round(seconds * FPS)):
            told += self.step(ground, x(self._number / FPS))
        self.events += told
        return told

    def step(self, ground: Image, x: float | None) -> Sequence[Event]:
        at = after(self._number / FPS)
        luma = view(ground, self._number, x)
        self._number += 1
        self.walk.packet(Packet(b"x" * 4000, at.timestamp(), at.timestamp(), at, Clock.CAMERA, is_keyframe=True))
        look = self.walk.look(
            Frame("yard", self._number, at, Clock.CAMERA, luma, lambda: np.repeat(luma[..., None], 3, 2))
        )
        seen = self.walk.understand(look, detected(x) if look.is_wanted else None)
        return (*look.events, *seen.events)


def detected(x: float | None) -> Detections:
    if x is None:
        return Detections.empty()
    box = np.array([[x * 320 - 12, 120, x * 320 + 12, 210]], np.float32)
    return Detections(np.clip(box, 0, 320), np.array([0.9], np.float32), np.array([0], np.int64))


def types(events: Sequence[Event]) -> list[str]:
    return [event.type for event in events]


def strolling(at_s: float) -> float:
    return 0.5 + 0.3 * float(np.sin(at_s / 2))


@pytest.fixture
def moved() -> Play:
    """Somebody strolls about; after 15 s the camera is turned away."""
    play = Play()
    play.run(15, SHAPES, strolling)
    play.run(8, SHIFTED, strolling)
    return play


def test_a_camera_that_is_left_alone() -> None:
    play = Play()
    told = play.run(20, SHAPES, strolling)
    assert not [t for t in types(told) if t.startswith("camera.")]
    assert (play.walk.troubles(), play.walk.calibration.is_due) == ((), False)


def test_after_a_move_nobody_is_who_they_were(moved: Play) -> None:
    at = types(moved.events).index("camera.moved")
    ended = [t for t in types(moved.events[:at]) if t in ("zone.left", "track.ended")]
    assert ended[-2:] == ["zone.left", "track.ended"]
    event = moved.events[at]
    assert (event.source, event.subject) == ("/sites/hq/cameras/yard", "cameras/yard")
    assert event.data["shift"] == pytest.approx([0.125, 0], abs=0.01)
    before = {e.subject for e in moved.events[:at] if e.type == "track.started"}
    since = {e.subject for e in moved.events[at:] if e.type == "track.started"}
    assert since
    assert not before & since
    check_events(moved.events)


def test_after_a_move_zones_and_lines_are_in_doubt(moved: Play) -> None:
    at = types(moved.events).index("camera.moved")
    placed = [e for e in moved.events if e.type.startswith(("zone.", "line."))]
    assert all("doubtful" not in e.data for e in placed if e in moved.events[:at])
    doubted = [e for e in placed if e in moved.events[at:]]
    assert doubted
    assert {e.data["doubtful"] for e in doubted} == {moved.events[at].data["words"]}
    assert moved.walk.calibration.is_due
    assert [t.what for t in moved.walk.troubles()] == ["moved"]


def test_a_persons_word_ends_the_doubt(moved: Play) -> None:
    own = moved.walk.calibration
    assert own.moved_at is not None
    assert moved.walk.calibrate(Calibration(own.moved_at, own.reason, START), after(23)) == ()  # from before the move
    assert moved.walk.calibration.is_due
    (over,) = moved.walk.calibrate(Calibration(own.moved_at, own.reason, after(23)), after(23))
    assert (over.type, over.data["was"]) == ("camera.restored", "camera.moved")
    assert (moved.walk.troubles(), moved.walk.calibration.is_due) == ((), False)
    told = moved.run(10, SHIFTED, strolling)
    assert [e for e in told if e.type.startswith("line.")]
    assert not [e for e in told if "doubtful" in e.data or e.type.startswith("camera.")]


def test_a_move_from_before_the_start_is_not_forgotten() -> None:
    play = Play()
    assert play.walk.calibrate(Calibration(START, "it was moved"), after(0)) == ()
    told = play.run(8, SHAPES, strolling)
    assert {e.data.get("doubtful") for e in told if e.type.startswith(("zone.", "line."))} == {"it was moved"}


def test_heights_are_not_told_by_a_door_that_stands_elsewhere() -> None:
    """Until a person has looked: the ruler was learned from the old view."""
    door = HeightReference((0.5, 0.9), (0.5, 0.3), 2.0)
    ids = count(1)
    walk = CameraWalk(
        replace(CAMERA, heights=(door,)), site_id="hq", session="s", new_id=lambda: f"e-{next(ids)}", model="m@0"
    )
    assert walk._looks.ruler is not None
    walk.calibrate(Calibration(START, "it was moved"), after(0))
    assert walk._looks.ruler is None
    walk.configure(walk.camera)
    assert walk._looks.ruler is None
    walk.calibrate(Calibration(START, "it was moved", after(1)), after(1))
    assert walk._looks.ruler is not None


def test_a_look_from_before_a_move_is_not_understood_after_it() -> None:
    """Symptom: a picture waited for the detector while the camera was turned, and its people came into the new view."""
    play = Play()
    play.run(15, SHAPES, strolling)
    frame = Frame("yard", 1, after(14.9), Clock.CAMERA, view(SHAPES, 1, 0.4), lambda: view(SHAPES, 1, 0.4))
    waiting = play.walk.look(frame)
    play.run(8, OTHER)
    assert "camera.moved" in types(play.events)
    seen = play.walk.understand(waiting, detected(0.4))
    assert (len(seen.tracks), seen.events) == (0, ())


def test_the_view_is_kept_while_the_stream_is_away() -> None:
    play = Play()
    play.run(15, SHAPES)
    play.walk.restart("s2")
    assert "camera.moved" in types(play.run(8, SHIFTED))


def test_a_source_says_whether_it_loops() -> None:
    play = Play()
    info = StreamInfo("h264", 320, 240)
    for loops, said in ((True, False), (False, True)):
        play.walk.opened(StreamOpened(info, START, loops=loops))
        told = [e for n in range(120) for e in looped(play, n)]
        assert ("camera.replayed" in types(told)) is said


def looped(play: Play, number: int) -> Sequence[Event]:
    """The picture of a recording of 8 s that is played over and over."""
    play._number += 1
    luma = view(SHAPES, number % 40, strolling(number % 40 / FPS))
    frame = Frame("yard", play._number, after(100 + play._number / FPS), Clock.CAMERA, luma, lambda: luma)
    look = play.walk.look(frame)
    return (*look.events, *play.walk.understand(look, None).events)


class TurnedStage(Stage):
    """The view, turned away after 12 s; nobody is there."""

    def luma(self, at_s: float) -> Image:
        return view(SHAPES if at_s < 12 else SHIFTED, round(at_s * 10), None)


def test_a_recording_in_which_the_camera_is_turned() -> None:
    ids = count(1)
    packets = [Packet(b"x", n / 5, n / 5, after(n / 5), Clock.FILE, is_keyframe=True) for n in range(90)]
    source = ScriptedSource([StreamOpened(StreamInfo("h264", 320, 240), START), *packets])
    stage = TurnedStage()
    analysis = Analysis(
        source,
        lambda info, camera_id: StageDecoder(stage, camera_id),
        stage,
        CAMERA,
        site_id="hq",
        session="s",
        new_id=lambda: f"e-{next(ids)}",
    )
    events = [event for step in analysis for event in step.events]
    assert types(events) == ["camera.moved"]
    assert (analysis.summary.events, dict(analysis.summary.attacks)) == (1, {"camera.moved": 1})


def test_a_live_camera_says_what_is_wrong_with_it() -> None:
    source = StepSource()
    rig = Rig(TurnedStage(), lambda: source)
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 12)
        assert rig.loop.state().integrity == ()
        feed(rig, source, 12, 18)
        heard.await_types("camera.connected", "camera.moved")
        state = rig.loop.state()
        assert [(t.what, t.words) for t in state.integrity] == [("moved", state.recalibration_reason)]
        assert state.needs_recalibration
        assert [picture.id for picture in heard.pictures] == [heard.last("camera.moved").id]
        rig.loop.calibrate(Calibration(after(15), "", after(18)))
        assert heard.last("camera.restored").data["was"] == "camera.moved"
        assert (rig.loop.state().integrity, rig.loop.state().needs_recalibration) == ((), False)
