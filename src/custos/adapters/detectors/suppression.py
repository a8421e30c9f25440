"""What families do with their boxes at the end: cut them to the frame, drop doubles, class by class, and let those that
were dropped have a say in where what is kept lies."""

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


def voted(kept: Detections, candidates: Detections, *, least_iou: float) -> Detections:
    """Each box kept, moved to the mean of the candidates of its class that overlap it by `least_iou` or more, weighted
    by their confidence: box voting (Gidaris and Komodakis, Object detection via a multi-region and semantic
    segmentation-aware CNN model, 2015, section 5). A dense detector sees an object from several cells; which of them
    is the most confident is chance, and so is how far its box is off.

    A candidate has a say only in the box it overlaps most. Where boxes are kept that overlap each other by more than
    what gives a vote, two who stand close would else draw each other together until their boxes were one.

    Args:
        kept: of `candidates`, so that each overlaps one at least: itself.
    """
    order = np.argsort(-candidates.confidence, kind="stable")[:MAX_CANDIDATES]
    voters = candidates[order]
    same_class = kept.class_id[:, None] == voters.class_id[None, :]
    overlap = np.where(same_class, iou(kept.xyxy, voters.xyxy), 0)
    says = (overlap >= least_iou) & (overlap == overlap.max(axis=0, initial=0))
    weights = np.where(says, voters.confidence[None, :], 0).astype(np.float64)
    xyxy = (weights @ voters.xyxy) / weights.sum(axis=1, keepdims=True)
    return Detections(xyxy.astype(np.float32), kept.confidence, kept.class_id)
