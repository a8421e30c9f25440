"""Which tracks a behaviour is about: those the detector has called one of its classes, once is enough."""

from __future__ import annotations

import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import COCO_CLASSES, UNKNOWN_CLASS, Tracks

EVERY_CLASS = frozenset({UNKNOWN_CLASS, *range(len(COCO_CLASSES))})
"""For parts that are given tracks which are chosen already."""


class Company:
    """Chooses. A person whom the detector takes for something else for a moment stays chosen."""

    def __init__(self, spec: BehaviourSpec) -> None:
        self._classes = np.array(sorted(spec.class_ids), np.int64)
        self._counted: set[int] = set()

    def of(self, tracks: Tracks) -> Tracks:
        """Those of `tracks` that count."""
        named = np.isin(tracks.class_id, self._classes)
        self._counted.update(tracks.track_id[named].tolist())
        which = np.array([track_id in self._counted for track_id in tracks.track_id.tolist()], np.bool_)
        self._counted.difference_update(tracks.ended)
        return tracks.only(which)

    def end(self) -> None:
        self._counted.clear()
