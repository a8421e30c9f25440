"""What every family does with its boxes at the end: cut them to the frame, drop doubles, class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import iou
from custos.model.detections import Detections
from custos.model.frame import Frame

MAX_CANDIDATES = 512
"""Of more boxes than this only the most confident are looked at: it bounds the work of one frame."""


def within(
    frame: Frame,
    xyxy: NDArray[np.floating],
    confidence: NDArray[np.floating],
    class_id: NDArray[np.int64],
) -> Detections:
    """Detections of boxes in the frame's pixels, clipped to it; a box with nothing inside is left out."""
    clipped = np.clip(xyxy, 0, [frame.width_px, frame.height_px] * 2).astype(np.float32)
    inside = (clipped[:, 2:] > clipped[:, :2]).all(axis=1)
    sure = np.clip(confidence, 0, 1).astype(np.float32)
    return Detections(clipped[inside], sure[inside], class_id[inside].astype(np.int64))


def suppress(detections: Detections, *, max_iou: float) -> Detections:
    """Drop every box that overlaps a more confident one of its class by more than `max_iou`.

    Returns the rest, most confident first.
    """
    order = np.argsort(-detections.confidence, kind="stable")[:MAX_CANDIDATES]
    ranked = detections[order]
    same_class = ranked.class_id[:, None] == ranked.class_id[None, :]
    rivals = np.triu((iou(ranked.xyxy, ranked.xyxy) > max_iou) & same_class, k=1)
    keep = np.ones(len(ranked), np.bool_)
    for i in np.flatnonzero(rivals.any(axis=1)):
        if keep[i]:
            keep &= ~rivals[i]
    return ranked[keep]
