"""Things of the place that a detector calls something: coat racks, signs, bushes.

`Fixtures.recognise(detections, foreground, ...) -> which are fixtures`. What is detected again and again at one spot at
middling confidence while nothing there differs from the background is a fixture, and goes on being one while somebody
passes before or behind it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import iou
from custos.model.detections import Detections

SURE = 0.63
"""A detection as confident as this is no fixture: somebody may stand there like a thing."""
BACKGROUND = 0.1
"""Share of a box in the foreground below which it shows the background."""
SAME = 0.6
TIMES = 4
"""Seen so often, it is one."""
FORGET_S = 900.0
MOST = 64


class Fixtures:
    """The fixtures of one camera."""

    def __init__(self) -> None:
        self._xyxy = np.zeros((0, 4), np.float32)
        self._times = np.zeros(0, np.int64)
        self._seen_s = np.zeros(0, np.float64)

    def recognise(
        self,
        detections: Detections,
        foreground: NDArray[np.floating],
        believed: NDArray[np.floating],
        at_s: float,
    ) -> NDArray[np.bool_]:
        """(n,) which detections are fixtures; takes note of those that may be one.

        Args:
            foreground: (n,) share of each box that differs from the background.
            believed: (m, 4) boxes of what is tracked; what is there is none.
        """
        doubtful = detections.confidence < SURE
        if len(believed):
            doubtful &= iou(detections.xyxy, believed).max(axis=1) < SAME
        rows = np.flatnonzero(doubtful)
        known = np.zeros(len(detections), np.bool_)
        if len(self._xyxy) and len(rows):
            overlap = iou(detections.xyxy[rows], self._xyxy)
            best = overlap.argmax(axis=1)
            same = overlap.max(axis=1) >= SAME
            known[rows[same & (self._times[best] >= TIMES)]] = True
            on_background = same & (foreground[rows] < BACKGROUND)
            self._note(best[on_background], detections.xyxy[rows[on_background]], at_s)
            rows = rows[~same]
        self._add(detections.xyxy[rows[foreground[rows] < BACKGROUND]], at_s)
        return known

    def _note(self, which: NDArray[np.intp], xyxy: NDArray[np.float32], at_s: float) -> None:
        self._times[which] += 1
        self._seen_s[which] = at_s
        self._xyxy[which] += np.float32(0.2) * (xyxy - self._xyxy[which])

    def _add(self, xyxy: NDArray[np.float32], at_s: float) -> None:
        keep = at_s - self._seen_s <= FORGET_S
        self._xyxy = np.concatenate([self._xyxy[keep], xyxy])
        self._times = np.concatenate([self._times[keep], np.ones(len(xyxy), np.int64)])
        self._seen_s = np.concatenate([self._seen_s[keep], np.full(len(xyxy), at_s)])
        if len(self._xyxy) > MOST:  # the least often seen give way
            best = np.sort(np.argsort(-self._times, kind="stable")[:MOST])
            self._xyxy, self._times, self._seen_s = self._xyxy[best], self._times[best], self._seen_s[best]
