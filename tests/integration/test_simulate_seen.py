"""The crux of the simulated site: detectors trained on photographs take its people for people."""

from __future__ import annotations

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from custos.adapters.detectors.opening import open_detector
from custos.adapters.detectors.registry import Registry
from custos.cli.options import models_dir
from custos.geometry.boxes import iou
from custos.model.detections import class_ids
from custos.model.frame import Frame
from custos.model.site import DetectorChoice
from custos.pipeline.ports import Detector
from custos.simulate.render import CameraRenderer, Rendering, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story

STEP_S = 6.5
(PERSON,) = class_ids(("person",))


@pytest.fixture(scope="module")
def detector() -> Detector:
    directory = models_dir()
    if not Registry(directory).verify("centernet-mb3").verified:
        pytest.skip("the model centernet-mb3 is not here: custos models pull centernet-mb3")
    return open_detector(DetectorChoice("centernet-mb3"), directory, threads=1)


def people_found(
    detector: Detector, drawn: Rendering, at_least: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    bgr = cv2.cvtColor(drawn.i420, cv2.COLOR_YUV2BGR_I420)
    (found,) = detector.detect(
        [Frame.from_bgr(np.asarray(bgr, np.uint8), captured_at=datetime(2030, 1, 1, tzinfo=UTC))]
    )
    return found[(found.class_id == PERSON) & (found.confidence >= at_least)].xyxy


def whole_people(drawn: Rendering) -> list[tuple[float, float, float, float]]:
    """Boxes of people who are in the picture whole and at least 60 px high."""
    return [
        o.xyxy
        for o in drawn.truth.objects
        if o.class_name == "person"
        and o.visible >= 0.95
        and min(o.xyxy[:2]) >= 0
        and o.xyxy[2] <= 640
        and 60 + o.xyxy[1] <= o.xyxy[3] <= 360
    ]


@pytest.mark.parametrize("camera_id", SCENES)
def test_whole_people_are_recognised_and_nobody_else(detector: Detector, camera_id: str) -> None:
    renderer = CameraRenderer(SCENES[camera_id], Story(7), Settings())
    there = seen = 0
    for t_s in np.arange(2.0, 240.0, STEP_S):
        drawn = renderer.frame(round(float(t_s) * 10) + 1)
        found = people_found(detector, drawn, 0.3)
        for box in whole_people(drawn):
            there += 1
            seen += bool(len(found)) and bool((iou(np.array([box], np.float32), found) >= 0.4).any())
        known = np.array([o.xyxy for o in drawn.truth.objects], np.float32).reshape(-1, 4)
        strangers = [b for b in found if not len(known) or iou(b[None], known).max() < 0.1]
        assert strangers == [], f"at {t_s} s"
    assert there >= 10
    assert seen / there >= 0.9, f"{seen} of {there}"
