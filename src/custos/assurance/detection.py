"""Scores of detection against truth, class by class: precision and recall at one confidence, average precision.

Matching is COCO's (Lin et al. 2014, `cocoeval`): within a picture the most confident detection chooses first, the best
overlapping truth not yet taken; what is matched to a box that does not count is left out; a crowd may be matched any
number of times, and what counts there is the share of the detection that lies in it. Average precision is the mean of
the interpolated precision at 101 recalls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.geometry.boxes import areas, intersections, iou

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
RECALLS = np.linspace(0, 1, 101)
OVERLAPS = np.linspace(0.5, 0.95, 10)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Boxes with classes, of a truth or of a detector, one row each.

    Args:
        frame: (n,) int64, number of the picture.
        class_id: (n,) int64.
        xyxy: (n, 4) float64, pixels.
        confidence: (n,) float64; 1 in a truth.
        consider: (n,) bool; False rows of a truth do not count.
        crowd: (n,) bool; True rows of a truth stand for many objects, and do not count either.
    """

    frame: Ints
    class_id: Ints
    xyxy: Floats
    confidence: Floats
    consider: Bools
    crowd: Bools

    def __post_init__(self) -> None:
        n = len(self.frame)
        columns = (self.class_id, self.confidence, self.consider, self.crowd)
        names = ("class_id", "confidence", "consider", "crowd")
        wrong = [f"{name} {c.shape}" for name, c in zip(names, columns, strict=True) if c.shape != (n,)]
        if wrong or self.xyxy.shape != (n, 4):
            raise ValueError(f"columns must have {n} rows, got {', '.join([*wrong, f'xyxy {self.xyxy.shape}'])}")

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, which: Bools | Ints) -> Labels:
        return Labels(
            self.frame[which],
            self.class_id[which],
            self.xyxy[which],
            self.confidence[which],
            self.consider[which],
            self.crowd[which],
        )

    @classmethod
    def of(cls, frame: Ints, class_id: Ints, xyxy: Floats, confidence: Floats | None = None) -> Labels:
        """Rows that all count."""
        n = len(frame)
        sure = np.ones(n) if confidence is None else confidence
        return cls(frame, class_id, xyxy, sure, np.ones(n, bool), np.zeros(n, bool))


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class. Ratios in 0..1; `precision` and `recall` at the confidence asked for, the average precisions over all.

    Args:
        truth_boxes: that count. claims: detections of that confidence, without those that were left out.
        ap50: average precision at an overlap of 0.5. ap: the mean over 0.5, 0.55 ... 0.95.
    """

    name: str
    truth_boxes: int
    claims: int
    precision: float
    recall: float
    ap50: float
    ap: float


def score_detection(
    truth: Labels,
    found: Labels,
    classes: Mapping[str, frozenset[int]],
    *,
    confidence: float = 0.5,
    least_overlap: float = 0.5,
) -> list[ClassScore]:
    """Score `found` against `truth` in the pictures where the truth has a box, counting or not.

    Args:
        classes: what is scored together under a name: class ids.

    Raises:
        ValueError: the truth has no box that counts of any class.
    """
    found = found[np.isin(found.frame, truth.frame)]
    scores = [
        _score(
            name,
            truth[np.isin(truth.class_id, [*ids])],
            found[np.isin(found.class_id, [*ids])],
            confidence,
            least_overlap,
        )
        for name, ids in classes.items()
    ]
    if not any(score.truth_boxes for score in scores):
        raise ValueError(f"the truth has no box that counts of {', '.join(classes) or 'no class'}")
    return scores


def _score(name: str, truth: Labels, found: Labels, confidence: float, least_overlap: float) -> ClassScore:
    boxes = int((truth.consider & ~truth.crowd).sum())
    found = found[np.argsort(-found.confidence, kind="stable")]
    hit, left_out = _match(truth, found, least_overlap)
    counted = ~left_out & (found.confidence >= confidence)
    claims, hits = int(counted.sum()), int((hit & counted).sum())
    by_overlap = [_average_precision(*_match(truth, found, overlap), boxes) for overlap in OVERLAPS]
    return ClassScore(
        name,
        boxes,
        claims,
        precision=hits / claims if claims else 0.0,
        recall=hits / boxes if boxes else 0.0,
        ap50=by_overlap[0],
        ap=float(np.mean(by_overlap)),
    )


def _match(truth: Labels, found: Labels, least_overlap: float) -> tuple[Bools, Bools]:
    """Of each detection, most confident first: whether it is right, and whether it is left out."""
    hit, left_out = np.zeros(len(found), bool), np.zeros(len(found), bool)
    for frame in np.unique(found.frame):
        theirs, ours = np.flatnonzero(truth.frame == frame), np.flatnonzero(found.frame == frame)
        overlap = _overlaps(truth[theirs], found[ours])
        counts = (truth.consider & ~truth.crowd)[theirs]
        crowd, free = truth.crowd[theirs], np.ones(len(theirs), bool)
        for column, row in enumerate(ours):
            fits = (overlap[:, column] >= least_overlap) & (free | crowd)
            choice = fits & counts if (fits & counts).any() else fits
            if not choice.any():
                continue
            best = int(np.argmax(np.where(choice, overlap[:, column], -1)))
            free[best] = False
            hit[row], left_out[row] = counts[best], not counts[best]
    return hit, left_out


def _overlaps(truth: Labels, found: Labels) -> Floats:
    """(truth, found) IoU; with a crowd the share of the detection that lies in it."""
    overlap = iou(truth.xyxy, found.xyxy)
    inside = intersections(truth.xyxy, found.xyxy) / np.maximum(areas(found.xyxy), 1e-9)[None, :]
    return np.where(truth.crowd[:, None], inside, overlap).astype(np.float64)


def _average_precision(hit: Bools, left_out: Bools, boxes: int) -> float:
    if not boxes:
        return 0.0
    hits = hit[~left_out]
    if not len(hits):
        return 0.0
    right = np.cumsum(hits)
    recall, precision = right / boxes, right / np.arange(1, len(hits) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return float(np.where(at < len(hits), best_from_here[np.minimum(at, len(hits) - 1)], 0.0).mean())
