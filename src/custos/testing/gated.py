"""A detector that answers when it is let: for tests of those who must not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from custos.model.detections import Detections
from custos.model.frame import Frame

PATIENCE_S = 60.0


def nothing(frames: Sequence[Frame]) -> list[Detections]:
    return [Detections.empty() for _ in frames]


class GatedDetector:
    """A `Detector`; `batches` are the cameras of each batch it was given.

    Args:
        answer: what it says once it is let.
    """

    name = "gated@00000000"
    batch = 4

    def __init__(self, answer: Callable[[Sequence[Frame]], list[Detections]] = nothing) -> None:
        self.batches: list[list[str]] = []
        self._answer = answer
        self._began = threading.Semaphore(0)
        self._may_end = threading.Semaphore(0)

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order; AssertionError when nobody lets it in time."""
        self.batches.append([frame.camera_id for frame in frames])
        self._began.release()
        assert self._may_end.acquire(timeout=PATIENCE_S), "nobody let the detector answer"
        return self._answer(frames)

    def await_batch(self) -> None:
        """Until it has begun one batch more."""
        assert self._began.acquire(timeout=PATIENCE_S), "the detector was asked nothing"

    def let(self, batches: int = 1) -> None:
        """Let it answer so many batches, now or later."""
        self._may_end.release(batches)
