"""Every Detector passes `custos.testing.check_detector`: the fake, and both families of models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from custos.adapters.detectors.network import Network
from custos.adapters.detectors.opening import open_detector
from custos.adapters.detectors.registry import Registry
from custos.adapters.detectors.yolox import YoloxDetector
from custos.cli.options import models_dir
from custos.model.detections import Detections
from custos.model.frame import Frame
from custos.model.site import DetectorChoice
from custos.pipeline.ports import Detector
from custos.testing.check_detector import (
    CHECKS,
    check_frames_of_odd_sizes,
    check_nothing_is_kept_between_calls,
    check_one_answer_per_frame_in_order,
    check_the_frame_is_left_alone,
    frame,
)
from custos.testing.detectors import ScriptedDetector

Check = Callable[[Detector], None]
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@pytest.fixture(scope="session")
def centernet(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """The pulled model where there is one; else it is pulled, once."""
    directory = models_dir()
    if not Registry(directory).verify("centernet-mb3").verified:
        directory = tmp_path_factory.mktemp("models")
        Registry(directory).pull("centernet-mb3")
    return open_detector(DetectorChoice("centernet-mb3"), directory, threads=1)


def yolox_of(batch: int | str) -> Detector:
    """A tiny YOLOX graph: a person of 8 px at every cell, as sure as the cell is bright. `batch`: fixed or open."""
    size, rows, fine = 64, 64 + 16 + 4, 64
    kernel = np.zeros((85, 3, 8, 8), np.float32)
    kernel[4:6] = 1 / (3 * 64 * 255)  # objectness and "person": the mean brightness, 0..1
    constants = {
        "kernel": kernel,
        "columns_of": np.array([0, 85, fine]),
        "coarser": np.array([0, 0, 0, 0, rows - fine, 0]),
    }
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["cells"], strides=[8, 8]),
        helper.make_node("Reshape", ["cells", "columns_of"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("Pad", ["rows", "coarser"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "yolox",
        [helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, [batch, rows, 85])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
    network = Network(model.SerializeToString(), where="yolox", threads=1)
    return YoloxDetector(network, name="yolox@00000000")


@each_check
def test_scripted(check: Check) -> None:
    outside = np.array([[-10, -10, 50, 60], [300, 200, 900, 900], [5000, 0, 5010, 10]], np.float32)
    found = Detections(outside, np.array([0.9, 0.5, 0.1], np.float32), np.array([0, 2, 79]))
    check(ScriptedDetector({1: found, 3: found[:1]}))


@each_check
@pytest.mark.parametrize("batch", [1, "n"], ids=["one at a time", "any number"])
def test_yolox(check: Check, batch: int | str) -> None:
    check(yolox_of(batch))


@each_check
def test_centernet(check: Check, centernet: Detector) -> None:
    check(centernet)


def test_the_suite_looks_at_frames_in_which_the_models_see_something(centernet: Detector) -> None:
    for detector in (centernet, yolox_of(1)):
        assert all(len(found) for found in detector.detect([frame(index) for index in range(1, 6)]))


SOMEBODY = Detections(np.array([[10, 20, 30, 80]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int64))


class Late(ScriptedDetector):
    """Answers for the frame before."""

    before = Detections.empty()

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        answers = [self.before, *super().detect(frames)]
        self.before = answers[-1]
        return answers[:-1]


class Backwards(ScriptedDetector):
    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        return super().detect(frames)[::-1]


class Boundless(ScriptedDetector):
    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        return [SOMEBODY for _ in frames]


class Scribbler(ScriptedDetector):
    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        for one in frames:
            one.bgr[:] = 0
        return super().detect(frames)


@pytest.mark.parametrize(
    ("make", "caught_by"),
    [
        (Late, check_nothing_is_kept_between_calls),
        (Backwards, check_one_answer_per_frame_in_order),
        (Boundless, check_frames_of_odd_sizes),
        (Scribbler, check_the_frame_is_left_alone),
    ],
)
def test_the_suite_catches(make: type[ScriptedDetector], caught_by: Check) -> None:
    with pytest.raises(AssertionError):
        caught_by(make({2: SOMEBODY}))
