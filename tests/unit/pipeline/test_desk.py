"""The detection desk: shared by cameras, and in nobody's way."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from custos.model.detections import Detections
from custos.model.frame import Frame
from custos.pipeline.camera import Look
from custos.pipeline.desk import LONGEST_LINE, DetectionDesk
from custos.testing.gated import PATIENCE_S, GatedDetector
from custos.testing.stage import Stage
from custos.vision.motion import Motion

BATCH = GatedDetector.batch

STAGE = Stage(size=(32, 24))
STILL = Motion(np.zeros((4, 4), bool), np.zeros((4, 4), bool), is_moving=False)
MOVING = Motion(np.zeros((4, 4), bool), np.zeros((4, 4), bool), is_moving=True)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    camera_id: str
    index: int
    detections: Detections | None


class Answers:
    """What came back from the desk."""

    def __init__(self) -> None:
        self.all: list[Answer] = []
        self._news = threading.Condition()

    def take(self, look: Look, detections: Detections | None) -> None:
        with self._news:
            self.all.append(Answer(look.frame.camera_id, look.frame.index, detections))
            self._news.notify_all()

    def await_count(self, count: int) -> list[Answer]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.all) >= count, PATIENCE_S), self.all
            return list(self.all)


def look(camera_id: str, index: int = 0, motion: Motion = STILL) -> Look:
    return Look(STAGE.frame(index / 1000, camera_id=camera_id), motion, is_wanted=True)


@contextmanager
def open_desk(detector: GatedDetector) -> Iterator[DetectionDesk]:
    desk = DetectionDesk(detector)
    desk.start()
    try:
        yield desk
    finally:
        detector.let(1000)
        desk.close()


def test_a_desk_with_nothing_on_it_closes() -> None:
    detector = GatedDetector()
    with open_desk(detector):
        pass
    assert detector.batches == []


def test_what_the_detector_saw_comes_back_with_its_picture() -> None:
    detector, answers = GatedDetector(), Answers()
    with open_desk(detector) as desk:
        assert desk.submit("dock", look("dock", 7), answers.take) is False
        detector.let()
        (answer,) = answers.await_count(1)
    assert (answer.camera_id, answer.index) == ("dock", 7)
    assert answer.detections is not None


def test_while_the_detector_is_slow_the_newest_picture_waits_and_the_others_are_dropped() -> None:
    """Submitting returns at once, and says that a picture was dropped."""
    detector, answers = GatedDetector(), Answers()
    with open_desk(detector) as desk:
        desk.submit("dock", look("dock", 0), answers.take)
        detector.await_batch()
        replaced = [desk.submit("dock", look("dock", n), answers.take) for n in range(1, 6)]
        assert replaced == [False, True, True, True, True]
        detector.let(2)
        assert [answer.index for answer in answers.await_count(2)] == [0, 5]
    assert len(detector.batches) == 2


def test_several_cameras_are_one_batch_the_longest_waiting_first() -> None:
    detector, answers = GatedDetector(), Answers()
    cameras = [f"camera-{n}" for n in range(BATCH + 2)]
    with open_desk(detector) as desk:
        desk.submit("first", look("first"), answers.take)
        detector.await_batch()
        for camera_id in cameras:
            desk.submit(camera_id, look(camera_id), answers.take)
        desk.submit(cameras[0], look(cameras[0], 1), answers.take)  # a newer picture keeps its turn
        detector.let(3)
        answers.await_count(1 + len(cameras))
    assert detector.batches == [["first"], cameras[:BATCH], cameras[BATCH:]]


def test_a_camera_with_many_pictures_does_not_keep_the_others_waiting() -> None:
    detector, answers = GatedDetector(), Answers()
    quiet = [f"quiet-{n}" for n in range(BATCH)]
    with open_desk(detector) as desk:
        desk.submit("busy", look("busy"), answers.take)
        for n in range(1, 6):
            detector.await_batch()
            desk.submit("busy", look("busy", n), answers.take)
            if n == 1:
                for camera_id in quiet:
                    desk.submit(camera_id, look(camera_id), answers.take)
            detector.let()
        detector.await_batch()
    asked = [camera for batch in detector.batches[:3] for camera in batch]
    assert set(quiet) <= set(asked)
    assert asked.count("busy") <= 3


def test_overloaded_the_quiet_give_way_and_nobody_starves() -> None:
    """Every camera wants to be looked at all the time, and the detector is far too slow."""
    detector, answers = GatedDetector(), Answers()
    busy, quiet = [f"busy-{n}" for n in range(12)], [f"quiet-{n}" for n in range(8)]
    rounds = 60
    with open_desk(detector) as desk:
        for n in range(rounds):
            for camera_id in busy:
                desk.submit(camera_id, look(camera_id, n, motion=MOVING), answers.take)
            for camera_id in quiet:
                desk.submit(camera_id, look(camera_id, n), answers.take)
            detector.await_batch()
            detector.let()
            answers.await_count(sum(len(batch) for batch in detector.batches[: n + 1]))
    counted = Counter(camera_id for batch in detector.batches[:rounds] for camera_id in batch)
    share = counted.total() / (12 + 8 / 4)
    assert [counted[camera_id] for camera_id in busy] == pytest.approx([share] * 12, abs=2)
    assert [counted[camera_id] for camera_id in quiet] == pytest.approx([share / 4] * 8, abs=2)


def test_pictures_in_line_are_all_looked_at_before_what_comes_later() -> None:
    detector, answers = GatedDetector(), Answers()
    with open_desk(detector) as desk:
        desk.submit("dock", look("dock", 0), answers.take)
        detector.await_batch()
        for n in range(1, 4):
            assert not desk.submit("dock", look("dock", n), answers.take, in_line=True)
        assert not desk.submit("dock", look("dock", 4), answers.take)
        assert desk.submit("dock", look("dock", 5), answers.take), "takes the place of 4 only"
        detector.let(1000)
        seen = [answer.index for answer in answers.await_count(5)]
    assert seen == [0, 1, 2, 3, 5]


def test_a_line_is_not_endless() -> None:
    detector, answers = GatedDetector(), Answers()
    with open_desk(detector) as desk:
        desk.submit("dock", look("dock", 0), answers.take)
        detector.await_batch()
        replaced = [desk.submit("dock", look("dock", n), answers.take, in_line=True) for n in range(1, 10)]
    assert replaced == [False] * LONGEST_LINE + [True] * (9 - LONGEST_LINE)


def test_a_picture_taken_back_is_not_looked_at() -> None:
    detector, answers = GatedDetector(), Answers()
    with open_desk(detector) as desk:
        desk.submit("dock", look("dock"), answers.take)
        detector.await_batch()
        desk.submit("yard", look("yard"), answers.take)
        desk.withdraw("yard")
        desk.withdraw("nobody")
        desk.submit("gate", look("gate"), answers.take)
        detector.let(2)
        assert [answer.camera_id for answer in answers.await_count(2)] == ["dock", "gate"]


def raising(frames: Sequence[Frame]) -> list[Detections]:
    raise RuntimeError("out of memory")


def too_few(frames: Sequence[Frame]) -> list[Detections]:
    return []


@pytest.mark.parametrize("failing", [raising, too_few])
def test_a_detector_that_fails_is_survived_and_counted(
    failing: Callable[[Sequence[Frame]], list[Detections]], caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is no empty picture: None comes back; and it is not logged at every picture."""
    detector, answers = GatedDetector(failing), Answers()
    with open_desk(detector) as desk, caplog.at_level(logging.ERROR):
        for n in range(3):
            desk.submit("dock", look("dock", n), answers.take)
            detector.let()
            answers.await_count(n + 1)
        assert desk.failures == 3
    assert [answer.detections for answer in answers.all] == [None] * 3
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is not None


def test_one_camera_that_cannot_understand_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """Symptom: an error while one camera's tracks were told ended detection for every camera, in silence."""
    detector, answers = GatedDetector(), Answers()

    def broken(look: Look, detections: Detections | None) -> None:
        raise OSError("no space left on device")

    with open_desk(detector) as desk:
        for _ in range(2):
            desk.submit("broken", look("broken"), broken)
            desk.submit("dock", look("dock"), answers.take)
            detector.let(2)
            answers.await_count(1)
            answers.all.clear()
    assert "camera broken" in caplog.text
