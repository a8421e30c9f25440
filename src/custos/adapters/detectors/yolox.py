"""YOLOX (Ge et al. 2021, arXiv:2107.08430): BGR 0..255, letterboxed top left; its output is undecoded."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.adapters.detectors.network import MOST_AT_ONCE, Network
from custos.adapters.detectors.suppression import suppress, voted, within
from custos.model.detections import COCO_CLASSES, Detections
from custos.model.errors import CustosError
from custos.model.frame import Frame, Image

STRIDES = (8, 16, 32)
PADDING = 114
MIN_CONFIDENCE = 0.1
MAX_IOU = 0.65
"""As YOLOX itself evaluates (`nmsthre` of its experiments)."""
VOTES_IOU = 0.5
"""As the authors of box voting have it."""

Floats = NDArray[np.float32]


class YoloxDetector:
    """A Detector over a YOLOX graph with input (1 or n, 3, size, size) and output (1 or n, anchors, 85).

    Raises:
        CustosError: the graph has other shapes.
    """

    def __init__(self, network: Network, *, name: str) -> None:
        self.name = name
        self.batch = network.fixed_batch or MOST_AT_ONCE
        self._network = network
        shape = network.inputs[0].shape
        size = shape[2] if len(shape) == 4 else None
        if size is None or shape[1] != 3 or shape[3] != size or size % STRIDES[-1]:
            raise CustosError(
                f"a YOLOX model takes (n, 3, s, s) with s a multiple of 32, this one {shape}.", where=name
            )
        self._size = size
        self._grid, self._stride = anchors(size)
        expected = (len(self._grid), 5 + len(COCO_CLASSES))
        if network.outputs[0].shape[1:] != expected:
            raise CustosError(
                f"a YOLOX model of {size} px answers (n, {expected[0]}, {expected[1]}), "
                f"this one {network.outputs[0].shape}.",
                where=name,
            )

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order, most confident first."""
        blobs = [letterbox(frame.bgr, self._size) for frame in frames]
        raw = self._network.run_each(blobs, self._network.outputs[0].name)
        return [self._decode(rows, frame) for rows, frame in zip(raw, frames, strict=True)]

    def _decode(self, rows: Floats, frame: Frame) -> Detections:
        something = rows[:, 4] >= MIN_CONFIDENCE  # of a class it is at most as surely as it is something
        rows, stride, grid = rows[something], self._stride[something], self._grid[something]
        scores = rows[:, 5:] * rows[:, 4:5]
        class_id = scores.argmax(axis=1)
        confidence = scores[np.arange(len(scores)), class_id]
        good = confidence >= MIN_CONFIDENCE
        rows, stride, grid = rows[good], stride[good], grid[good]
        centre = (rows[:, :2] + grid) * stride
        half = np.exp(np.minimum(rows[:, 2:4], 10.0)) * stride / 2  # no box is wider than e^10 strides
        xyxy = np.concatenate([centre - half, centre + half], axis=1) / scale_of(frame.bgr, self._size)
        found = within(frame, xyxy, confidence[good], class_id[good])
        return voted(suppress(found, max_iou=MAX_IOU), found, least_iou=VOTES_IOU)


def scale_of(bgr: Image, size: int) -> float:
    """How much a picture shrinks (or grows) to fit a square of `size` px."""
    return size / float(max(bgr.shape[:2]))


def letterbox(bgr: Image, size: int) -> Floats:
    """(3, size, size) float32 0..255: the picture at the top left, the rest grey."""
    scale = scale_of(bgr, size)
    height, width = (max(1, int(side * scale)) for side in bgr.shape[:2])
    blob = np.empty((3, size, size), np.float32)
    blob[:, height:], blob[:, :height, width:] = PADDING, PADDING
    channels = cv2.split(cv2.resize(bgr, (width, height), interpolation=cv2.INTER_LINEAR))
    for plane, channel in zip(blob, channels, strict=True):
        plane[:height, :width] = channel
    return blob


def anchors(size: int) -> tuple[Floats, Floats]:
    """Of each output row its grid cell (n, 2) as x, y and its stride (n, 1), finest stride first."""
    grids, strides = [], []
    for stride in STRIDES:
        cells = size // stride
        y, x = np.mgrid[:cells, :cells]
        grids.append(np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32))
        strides.append(np.full((cells * cells, 1), stride, np.float32))
    return np.concatenate(grids), np.concatenate(strides)
