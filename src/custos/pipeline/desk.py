"""The detection desk: several cameras share one detector, and nothing else.

Each camera has one place on the desk. A newer picture takes the place of one that still waits (that one is dropped,
and counted); the detector takes what lies there as one batch, in fair turns in which the quietest cameras give way.
Nobody ever waits for it. Pictures of a moment ago, decoded because something has just begun, may lie there in line.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, islice

from custos.model.detections import Detections
from custos.pipeline.camera import Look
from custos.pipeline.ports import Detector
from custos.pipeline.turns import MOVING, QUIET, Turns

log = logging.getLogger(__name__)
LOG_S = 60.0
LONGEST_LINE = 6
"""Pictures of one camera that may wait one behind the other."""
Answer = Callable[[Look, Detections | None], None]
"""Called in the desk's thread with what the detector saw, or with None when it failed on this picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    look: Look
    answer: Answer
    in_line: bool
    weight: float


class DetectionDesk:
    """A thread around one detector.

    `failures` counts pictures on which the detector raised; it is logged once a minute at most, never fatal:
    a detector that fails must not look like an empty picture, so their tracks are left as they are.
    """

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.failures = 0
        self._places: dict[str, deque[_Place]] = {}
        self._turns = Turns()
        self._changed = threading.Condition()
        self._closing = False
        self._logged_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name="detection-desk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(
        self, camera_id: str, look: Look, answer: Answer, *, in_line: bool = False, weight: float | None = None
    ) -> bool:
        """Lay a picture on the camera's place; True when it took the place of one that still waited.

        Args:
            in_line: lay it behind those that wait, and let no later one take its place.
            weight: the camera's share when the detector cannot keep up; by default by what moves in the picture.
        """
        if weight is None:
            weight = MOVING if look.motion.is_moving else QUIET
        with self._changed:
            place = _Place(look, answer, in_line, weight)
            line = self._places.setdefault(camera_id, deque())
            replaces = bool(line) and (len(line) >= LONGEST_LINE or not (in_line or line[-1].in_line))
            if replaces:
                line.pop()
            line.append(place)
            self._turns.ask(camera_id, weight)  # who waits already keeps its turn
            self._changed.notify()
            return replaces

    def withdraw(self, camera_id: str) -> None:
        """Take the camera's pictures back, if they still wait."""
        with self._changed:
            self._places.pop(camera_id, None)
            self._turns.leave(camera_id)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or len(self._turns))
                if self._closing:
                    return
                batch = self._next_batch()
            self._detect(batch)

    def _next_batch(self) -> list[_Place]:
        """One picture of each of the next cameras."""
        batch, again = [], []
        for _ in range(min(self.detector.batch, len(self._turns))):
            camera_id = self._turns.take()
            line = self._places[camera_id]
            batch.append(line.popleft())
            if line:
                again.append((camera_id, line[0].weight))
            else:
                del self._places[camera_id]
        for camera_id, weight in again:
            self._turns.ask(camera_id, weight)
        return batch

    def _detect(self, batch: list[_Place]) -> None:
        found: list[Detections | None]
        try:
            pictures = [place.look.pictures() for place in batch]
            answers = [*self.detector.detect([*chain.from_iterable(pictures)])]
            if len(answers) != sum(map(len, pictures)):
                raise ValueError(f"expected one Detections a picture of {self.detector.name}, got {len(answers)}")
            rest = iter(answers)
            found = [p.look.assemble([*islice(rest, len(own))]) for p, own in zip(batch, pictures, strict=True)]
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
