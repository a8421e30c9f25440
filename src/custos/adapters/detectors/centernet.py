"""CenterNet (Zhou et al. 2019, arXiv:1904.07850), with its peaks already picked inside the graph."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.adapters.detectors.network import MOST_AT_ONCE, Network
from custos.adapters.detectors.suppression import suppress, within
from custos.model.detections import COCO_CLASSES, Detections
from custos.model.errors import CustosError
from custos.model.frame import Frame, Image

OUTPUT = "tower_0/detections"
MIN_CONFIDENCE = 0.1
MAX_IOU = 0.6

CALIBRATION = ((0.0, 0.3, 0.4, 0.5, 0.65, 1.0), (0.0, 0.3, 0.5, 0.7, 0.9, 1.0))
"""Its scores to confidences: a peak of 0.5 is as often right as a YOLOX detection of 0.7. Read off the true and
false detections of one public clip (PETS 2009 S2.L1); without it one set of thresholds could not serve both
families."""

Floats = NDArray[np.float32]


class CenternetDetector:
    """A Detector over a graph that takes (1, size, size, 3), RGB 0..255, and answers `tower_0/detections`.

    That is (1, n, 6): x1, y1, x2, y2 in pixels of the input, score, class.

    Raises:
        CustosError: the graph has other shapes.
    """

    def __init__(self, network: Network, *, name: str) -> None:
        self.name = name
        self.batch = network.fixed_batch or MOST_AT_ONCE
        self._network = network
        shape = network.inputs[0].shape
        outputs = {port.name: port.shape for port in network.outputs}
        size = shape[1] if len(shape) == 4 else None
        rows = outputs.get(OUTPUT, ())
        if size is None or shape[2:] != (size, 3) or len(rows) != 3 or rows[2] != 6:
            answers = ", ".join(f"{port} {dims}" for port, dims in outputs.items())
            raise CustosError(
                f"a CenterNet model takes (1, s, s, 3) and answers {OUTPUT} (1, n, 6); "
                f"this one takes {shape} and answers {answers}.",
                where=name,
            )
        self._size = size

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order, most confident first."""
        raw = self._network.run_each([stretch(frame.bgr, self._size) for frame in frames], OUTPUT)
        return [self._decode(rows, frame) for rows, frame in zip(raw, frames, strict=True)]

    def _decode(self, rows: Floats, frame: Frame) -> Detections:
        class_id = rows[:, 5].astype(np.int64)
        rows = rows[(rows[:, 4] >= MIN_CONFIDENCE) & (class_id >= 0) & (class_id < len(COCO_CLASSES))]
        scale = np.array([frame.width_px, frame.height_px] * 2, np.float32) / self._size
        confidence = np.interp(rows[:, 4], *CALIBRATION)
        found = within(frame, rows[:, :4] * scale, confidence, rows[:, 5].astype(np.int64))
        # One object can have two peaks a few cells apart; the graph's own 3x3 peak picking keeps both.
        return suppress(found, max_iou=MAX_IOU)


def stretch(bgr: Image, size: int) -> Floats:
    """(size, size, 3) float32 RGB 0..255, the aspect ratio given up."""
    resized = cv2.resize(bgr, (size, size), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(resized[:, :, ::-1], np.float32)
