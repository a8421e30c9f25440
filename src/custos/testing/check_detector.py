"""What every `Detector` must do. Each `check_*` takes a detector and raises AssertionError.

@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_detector(check): check(ScriptedDetector({}))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np

from custos.model.detections import COCO_CLASSES, UNKNOWN_CLASS, Detections
from custos.model.frame import Frame, Image
from custos.pipeline.ports import Detector

START = datetime(2026, 3, 2, 22, tzinfo=UTC)
LEAST_CONFIDENCE = 0.1
ODD_SIZES = ((1, 1), (2, 1), (1, 7), (33, 17), (101, 57), (30, 400), (641, 359))
"""Widths and heights that have broken letterboxes."""


def scene(width_px: int, height_px: int, seed: int) -> Image:
    """(h, w, 3) uint8 BGR: a standing figure before a wall, its place told by the seed, with grain."""
    y, x = np.mgrid[:height_px, :width_px] / np.array([height_px, width_px])[:, None, None]
    picture = np.full((height_px, width_px, 3), 150.0)
    picture[y > 0.6] = 110.0
    middle = 0.3 + 0.4 * (seed % 5) / 4
    picture[(np.abs(x - middle) < 0.06) & (y > 0.35) & (y < 0.65)] = (120, 60, 40)
    picture[(np.abs(np.abs(x - middle) - 0.03) < 0.022) & (y >= 0.65) & (y < 0.9)] = (40, 30, 30)
    picture[((x - middle) / 0.035) ** 2 + ((y - 0.3) / 0.05) ** 2 < 1] = (130, 160, 200)
    grain = np.random.default_rng(seed).normal(0, 5, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def frame(index: int, width_px: int = 320, height_px: int = 240) -> Frame:
    """Frame `index` of a camera that looks at `scene`s."""
    at = START + timedelta(seconds=index / 10)
    return Frame.from_bgr(scene(width_px, height_px, index), index=index, captured_at=at)


def check_its_name_says_which_model(detector: Detector) -> None:
    """A name and the first 8 digits of the model's hash."""
    assert re.fullmatch(r"\S+@[0-9a-f]{8}", detector.name), f"name is {detector.name!r}"


def check_no_frames(detector: Detector) -> None:
    assert detector.detect([]) == []


def check_one_answer_per_frame_in_order(detector: Detector) -> None:
    """A batch answers what its frames answer alone, in their order."""
    frames = [frame(index) for index in (1, 2, 3, 4)]
    alone = [detector.detect([one])[0] for one in frames]
    same(detector.detect(frames), alone)
    same(detector.detect(frames[::-1]), alone[::-1])


def check_frames_of_several_sizes(detector: Detector) -> None:
    """One batch may hold frames of several cameras."""
    frames = [frame(1, 320, 240), frame(2, 200, 300), frame(3, 640, 360)]
    same(detector.detect(frames), [detector.detect([one])[0] for one in frames])


def check_nothing_is_kept_between_calls(detector: Detector) -> None:
    """The same frame has the same answer, whatever came before."""
    before = detector.detect([frame(1)])
    for index in (2, 3, 4):
        detector.detect([frame(index)])
        same(detector.detect([frame(1)]), before)


def check_frames_of_odd_sizes(detector: Detector) -> None:
    for width_px, height_px in ODD_SIZES:
        _check_answer(detector, frame(1, width_px, height_px))


def check_boxes_and_confidences(detector: Detector) -> None:
    """Inside the frame, at least 0.1, of a known class; empty boxes are no objects."""
    for index in range(1, 6):
        _check_answer(detector, frame(index))


def check_the_frame_is_left_alone(detector: Detector) -> None:
    one = frame(1)
    before = one.bgr.copy()
    detector.detect([one])
    assert np.array_equal(one.bgr, before), "the detector wrote into the frame"


def check_threads_may_share_it(detector: Detector) -> None:
    frames = [frame(index) for index in (1, 2, 3, 4)]
    expected = [detector.detect([one])[0] for one in frames]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: detector.detect([one])[0], frames))
    same(found, expected)


CHECKS: tuple[Callable[[Detector], None], ...] = (
    check_its_name_says_which_model,
    check_no_frames,
    check_one_answer_per_frame_in_order,
    check_frames_of_several_sizes,
    check_nothing_is_kept_between_calls,
    check_frames_of_odd_sizes,
    check_boxes_and_confidences,
    check_the_frame_is_left_alone,
    check_threads_may_share_it,
)


def same(found: Sequence[Detections], expected: Sequence[Detections]) -> None:
    """Equal but for rounding: a batch may be computed in another order than its frames alone."""
    assert len(found) == len(expected), f"{len(found)} answers for {len(expected)} frames"
    for ours, theirs in zip(found, expected, strict=True):
        assert np.array_equal(ours.class_id, theirs.class_id), f"{ours.class_id} instead of {theirs.class_id}"
        np.testing.assert_allclose(ours.xyxy, theirs.xyxy, atol=0.05)
        np.testing.assert_allclose(ours.confidence, theirs.confidence, atol=1e-3)


def _check_answer(detector: Detector, one: Frame) -> None:
    (found,) = detector.detect([one])
    size = f"{one.width_px}x{one.height_px}"
    assert (found.xyxy >= 0).all(), f"{size}: a box begins outside, {found.xyxy.min()}"
    assert (found.xyxy[:, [0, 2]] <= one.width_px).all(), f"{size}: a box ends outside, {found.xyxy.max(axis=0)}"
    assert (found.xyxy[:, [1, 3]] <= one.height_px).all(), f"{size}: a box ends outside, {found.xyxy.max(axis=0)}"
    assert (found.xyxy[:, 2:] > found.xyxy[:, :2]).all(), f"{size}: an empty box"
    assert ((found.confidence >= LEAST_CONFIDENCE) & (found.confidence <= 1)).all(), f"{size}: {found.confidence}"
    known = (found.class_id >= UNKNOWN_CLASS) & (found.class_id < len(COCO_CLASSES))
    assert known.all(), f"{size}: classes {found.class_id}"
