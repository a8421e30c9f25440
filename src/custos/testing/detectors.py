"""A detector that sees what it is told to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from custos.model.detections import Detections
from custos.model.frame import Frame


class ScriptedDetector:
    """Answers by the index of the frame; boxes are clipped to the frame, and those outside it left out.

    Args:
        script: what is in the frames of these indexes; in all others there is nothing.
        name: of the detector, as a model would have it.

    >>> person = Detections(np.array([[10, 20, 30, 80]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int64))
    >>> detector = ScriptedDetector({1: person})
    """

    def __init__(self, script: Mapping[int, Detections], *, name: str = "scripted@00000000") -> None:
        self.name = name
        self.batch = 4
        self._script = dict(script)

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order."""
        return [_clipped(self._script.get(frame.index, Detections.empty()), frame) for frame in frames]


def _clipped(found: Detections, frame: Frame) -> Detections:
    size = np.array([frame.width_px, frame.height_px] * 2, np.float32)
    xyxy = np.clip(found.xyxy, 0, size).astype(np.float32)
    clipped = Detections(xyxy, found.confidence, found.class_id)
    return clipped[np.logical_and(*(xyxy[:, 2:] > xyxy[:, :2]).T)]
