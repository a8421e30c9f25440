"""Something flat hides a part of the picture: tape, paint, a leaf, a box put before the camera.

A region counts when the known detail in it has gone, nothing sharp has taken its place, it hangs together, and the
rest of the view is as known.
"""

from __future__ import annotations

import cv2
import numpy as np

from custos.vision.integrity.comparison import COLUMNS, ROWS, BlockMask, Comparison
from custos.vision.integrity.sighting import Evidence

LEAST_AREA = 0.12
LEAST_BLOCKS = 5
REST_SEEN = 0.55
LOST_FINE, LOST_COARSE = 0.25, 0.45


def obstructed(now: Comparison) -> Evidence | None:
    """Evidence when this look shows a part hidden. Not in a nearly black one: a dark corner shows nothing either."""
    if now.view.is_black:
        return None
    textured = now.known.textured
    hidden = now.flat & (now.fine_match < LOST_FINE) & (now.coarse_match < LOST_COARSE)
    if np.count_nonzero(hidden) < LEAST_BLOCKS:
        return None
    region = _largest(hidden, textured)
    inside = region & textured
    hidden_share = float(np.count_nonzero(hidden & region)) / max(int(np.count_nonzero(inside)), 1)
    area = float(np.count_nonzero(region)) / region.size
    rest = textured & ~region
    if area < LEAST_AREA or np.count_nonzero(hidden & region) < LEAST_BLOCKS or not rest.any():
        return None
    rest_seen = float(np.count_nonzero(now.seen & rest)) / int(np.count_nonzero(rest))
    if rest_seen < REST_SEEN or hidden_share < 0.6:
        return None
    return {
        "score": round(hidden_share * rest_seen, 3),
        "share": round(area, 3),
        "region": _box(region),
        "rest_seen": round(rest_seen, 3),
    }


def _largest(hidden: BlockMask, textured: BlockMask) -> BlockMask:
    """The largest set of hidden blocks that hang together, also across blocks that never showed anything."""
    bridged = cv2.morphologyEx(hidden.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    filled = hidden | (bridged.astype(bool) & ~textured)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(filled.view(np.uint8), connectivity=4)
    if count < 2:
        return np.zeros_like(hidden)
    largest: BlockMask = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return largest


def _box(region: BlockMask) -> list[float]:
    """Left, top, right, bottom, 0..1."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    return [
        round(float(columns[0]) / COLUMNS, 4),
        round(float(rows[0]) / ROWS, 4),
        round(float(columns[-1] + 1) / COLUMNS, 4),
        round(float(rows[-1] + 1) / ROWS, 4),
    ]
