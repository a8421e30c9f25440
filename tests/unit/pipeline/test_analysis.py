"""A recording walked from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.frame import Clock, Packet, SourceItem, StreamInfo, StreamOpened
from custos.model.ground import Ground
from custos.model.site import Camera, Line, Zone
from custos.pipeline.analysis import Analysis, Step, describe
from custos.testing.check_event import check_events
from custos.testing.clock import START, after
from custos.testing.sources import ScriptedSource
from custos.testing.stage import CAR, Actor, Stage, StageDecoder, walk

DOCK = Zone("dock", "Dock", ((0.375, 0.5), (0.625, 0.5), (0.625, 1.0), (0.375, 1.0)), loiter_s=2)
GATE = Line("gate", "Gate", ((0.8, 0.4), (0.8, 1.0)))
CAMERA = Camera("dock", "Dock", "dock.mp4", (DOCK,), (GATE,))
H264 = StreamInfo("h264", 320, 240)
OPENED = StreamOpened(H264, START)
TWO_PEOPLE = Stage(
    Actor(walk((40, 200), (300, 200), from_s=2, to_s=10)),
    Actor(walk((160, 230), (300, 230), from_s=12, to_s=16, stay_s=100), level=220),
)


def packets(from_s: float, to_s: float) -> list[Packet]:
    steps = range(round(from_s * 10), round(to_s * 10))
    return [Packet(b"picture", n / 10, n / 10, after(n / 10), Clock.FILE, is_keyframe=True) for n in steps]


class Run:
    """An analysis, and the decoders that it opened."""

    def __init__(self, items: Sequence[SourceItem], stage: Stage = TWO_PEOPLE, camera: Camera = CAMERA) -> None:
        self.decoders: list[StageDecoder] = []
        ids = count(1)

        def open_decoder(info: StreamInfo, camera_id: str) -> StageDecoder:
            self.decoders.append(StageDecoder(stage, camera_id))
            return self.decoders[-1]

        self.analysis = Analysis(
            ScriptedSource(items),
            open_decoder,
            stage,
            camera,
            site_id="hq",
            session="s",
            new_id=lambda: f"e-{next(ids)}",
        )
        self.steps: list[Step] = list(self.analysis)
        self.events = [event for step in self.steps for event in step.events]
        self.summary = self.analysis.summary


@pytest.mark.parametrize("items", [[], [OPENED], packets(0, 1)], ids=["nothing", "no pictures", "nobody opened it"])
def test_a_recording_without_pictures(items: Sequence[SourceItem]) -> None:
    run = Run(items)
    (last,) = run.steps
    assert last.frame is None
    assert len(last.tracks) == 0
    assert (run.summary.frames, run.summary.looks, run.summary.recorded_s) == (0, 0, 0.0)


@pytest.fixture(scope="module")
def recording() -> Run:
    """Twenty seconds; one person is still there at the end."""
    return Run([OPENED, *packets(0, 20)])


def test_every_picture_is_a_step_and_the_end_is_one_more(recording: Run) -> None:
    assert len(recording.steps) == 201
    assert [step.frame is None for step in recording.steps[-2:]] == [False, True]
    assert [event.type for event in recording.steps[-1].events] == ["track.described", "track.ended"]


def test_impossible_speeds_are_counted() -> None:
    """By this calibration the picture is 900 m wide, and whoever walks through it goes faster than anybody can."""
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    absurd = Ground(square, ((0.0, 0.0), (900.0, 0.0), (900.0, 20.0), (0.0, 20.0)))
    camera = replace(CAMERA, behaviours=(BehaviourSpec("run", "running"),), ground=absurd)
    run = Run([OPENED, *packets(0, 6)], Stage(Actor(walk((40, 200), (300, 200), from_s=2, to_s=8))), camera)
    assert run.summary.speeds_refused > 3
    assert run.summary.speeds_above_mps == 12.5


def test_possible_speeds_are_not(recording: Run) -> None:
    assert (recording.summary.speeds_refused, recording.summary.speeds_above_mps) == (0, 0.0)


def test_events_are_whole(recording: Run) -> None:
    check_events(recording.events)


def test_the_summary_counts_what_was_told(recording: Run) -> None:
    summary = recording.summary
    assert summary.frames == 200
    assert 40 <= summary.looks <= 100
    assert (summary.first_at, summary.last_at) == (START, after(19.9))
    assert summary.recorded_s == pytest.approx(20)
    assert summary.events == len(recording.events)
    assert dict(summary.tracks) == {"person": 2}
    assert dict(summary.visits) == {"dock": 2}
    assert dict(summary.loiterings) == {"dock": 1}
    assert dict(summary.crossings) == {"gate left": 2}
    first, second = summary.visit_s["dock"]
    assert first == pytest.approx(80 / 260 * 8, abs=0.6)
    assert second == pytest.approx(40 / 140 * 4, abs=0.6)


def test_the_same_recording_makes_the_same_events(recording: Run) -> None:
    again = Run([OPENED, *packets(0, 20)])
    assert again.events == recording.events


def test_a_stream_that_changes_on_the_way_is_decoded_to_its_last_picture() -> None:
    broken = Packet(b"", 5, 5, after(5), Clock.FILE, is_keyframe=False)
    run = Run([OPENED, *packets(0, 5), broken, OPENED, broken, *packets(5.1, 6)])
    assert [decoder.flushed for decoder in run.decoders] == [1, 1]
    assert run.summary.damaged == 2
    assert run.summary.frames == 59


def test_names_for_labels() -> None:
    car = Stage(Actor(walk((40, 200), (300, 200), from_s=2, to_s=7, width_px=70, height_px=40), class_id=CAR))
    run = Run([OPENED, *packets(0, 5)], car)
    tracks = run.steps[-2].tracks
    assert describe(tracks, 0) == "car 1"
