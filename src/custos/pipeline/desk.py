"""The detection desk: several cameras share one detector, and nothing else.

Each camera has one place on the desk. A newer picture takes the place of one that still waits (that one is dropped,
and counted); the detector takes what lies there as one batch, the longest waiting first. Nobody ever waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from custos.model.detections import Detections
from custos.pipeline.camera import Look
from custos.pipeline.ports import Detector

log = logging.getLogger(__name__)
LOG_S = 60.0
Answer = Callable[[Look, Detections | None], None]
"""Called in the desk's thread with what the detector saw, or with None when it failed on this picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    look: Look
    answer: Answer


class DetectionDesk:
    """A thread around one detector.

    `failures` counts pictures on which the detector raised; it is logged once a minute at most, never fatal:
    a detector that fails must not look like an empty picture, so their tracks are left as they are.
    """

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.failures = 0
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._changed = threading.Condition()
        self._closing = False
        self._logged_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name="detection-desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, camera_id: str, look: Look, answer: Answer) -> bool:
        """Lay a picture on the camera's place; True when it took the place of one that still waited."""
        with self._changed:
            replaced = camera_id in self._places
            # the camera keeps its turn: replacing the picture must not send it to the end of the queue
            self._places[camera_id] = _Place(look, answer)
            self._changed.notify()
            return replaced

    def withdraw(self, camera_id: str) -> None:
        """Take the camera's picture back, if it still waits."""
        with self._changed:
            self._places.pop(camera_id, None)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._places)
                if self._closing:
                    return
                batch = [
                    self._places.popitem(last=False)[1] for _ in range(min(self.detector.batch, len(self._places)))
                ]
            self._detect(batch)

    def _detect(self, batch: list[_Place]) -> None:
        found: list[Detections | None]
        try:
            found = [*self.detector.detect([place.look.frame for place in batch])]
            if len(found) != len(batch):
                raise ValueError(f"expected {len(batch)} Detections of {self.detector.name}, got {len(found)}")
        except Exception:
            self.failures += len(batch)
            if time.monotonic() - self._logged_s >= LOG_S:
                self._logged_s = time.monotonic()
                log.exception("the detector fails (on %d pictures so far)", self.failures)
            found = [None] * len(batch)
        for place, detections in zip(batch, found, strict=True):
            try:
                place.answer(place.look, detections)
            except Exception:  # the edge of this camera's part: the desk serves the others too
                log.exception("camera %s: what the detector saw was not understood", place.look.frame.camera_id)
