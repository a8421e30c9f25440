"""Scores of tracking against truth: CLEAR MOT, identity and higher-order metrics.

MOTA after Bernardin and Stiefelhagen (2008), IDF1 after Ristani et al. (2016), HOTA after Luiten et al. (2020), all as
MOTChallenge computes them. Boxes of the truth that do not count (`consider` 0) are neither missed nor found: whatever
is matched to them is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from custos.geometry.boxes import iou

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOTA_THRESHOLDS = np.arange(0.05, 0.96, 0.05)


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes of a clip, one row each.

    Args:
        frame: (n,) int64, from 1.
        object_id: (n,) int64.
        xyxy: (n, 4) float64, pixels.
        consider: (n,) bool; False rows of a truth do not count.
    """

    frame: Ints
    object_id: Ints
    xyxy: Floats
    consider: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n = len(self.frame)
        if self.object_id.shape != (n,) or self.xyxy.shape != (n, 4) or self.consider.shape != (n,):
            raise ValueError(
                f"columns must have {n} rows, got object_id {self.object_id.shape}, xyxy {self.xyxy.shape}, "
                f"consider {self.consider.shape}"
            )

    def __getitem__(self, which: NDArray[np.bool_]) -> Boxes:
        return Boxes(self.frame[which], self.object_id[which], self.xyxy[which], self.consider[which])


@dataclass(frozen=True, slots=True)
class TrackingScore:
    """What came of it. Ratios in 0..1 (MOTA may be negative); counts over the scored frames."""

    mota: float
    idf1: float
    hota: float
    precision: float
    recall: float
    switches: int
    misses: int
    false_positives: int
    frames: int
    truth_boxes: int
    truth_objects: int
    tracks: int


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    truth_ids: Ints
    track_ids: Ints
    overlap: Floats  # (truth, tracks)


def score_tracking(
    truth: Boxes, tracks: Boxes, *, frames: Ints | None = None, least_overlap: float = 0.5
) -> TrackingScore:
    """Score `tracks` against `truth` at `frames` (default: those where the truth has a box).

    Raises:
        ValueError: when the truth has no box that counts in those frames.
    """
    scored = np.unique(truth.frame) if frames is None else np.unique(frames)
    pairs = [_pair(truth[truth.frame == f], tracks[tracks.frame == f], least_overlap) for f in scored]
    matches, misses, false_positives, switches = _clear(pairs, least_overlap)
    boxes = sum(len(p.truth_ids) for p in pairs)
    claims = sum(len(p.track_ids) for p in pairs)
    if not boxes:
        raise ValueError(f"the truth has no box that counts in {len(scored)} scored frames")
    return TrackingScore(
        mota=1 - (misses + false_positives + switches) / boxes,
        idf1=_idf1(pairs, least_overlap),
        hota=_hota(pairs),
        precision=matches / claims if claims else 0.0,
        recall=matches / boxes,
        switches=switches,
        misses=misses,
        false_positives=false_positives,
        frames=len(scored),
        truth_boxes=boxes,
        truth_objects=len({int(i) for p in pairs for i in p.truth_ids}),
        tracks=len({int(i) for p in pairs for i in p.track_ids}),
    )


def _pair(truth: Boxes, tracks: Boxes, least_overlap: float) -> _Frame:
    """One frame without what does not count."""
    overlap = iou(truth.xyxy, tracks.xyxy).astype(np.float64)
    rows, columns = linear_sum_assignment(-np.where(overlap >= least_overlap, overlap, 0.0))
    ignored = [
        c for r, c in zip(rows, columns, strict=True) if overlap[r, c] >= least_overlap and not truth.consider[r]
    ]
    keep = np.ones(len(tracks.frame), bool)
    keep[ignored] = False
    return _Frame(truth.object_id[truth.consider], tracks.object_id[keep], overlap[truth.consider][:, keep])


def _clear(pairs: list[_Frame], least_overlap: float) -> tuple[int, int, int, int]:
    """(matches, misses, false positives, switches); a match that still holds is kept before others are made."""
    matches = misses = false_positives = switches = 0
    last: dict[int, int] = {}
    for pair in pairs:
        matched = _matched(pair, last, least_overlap)
        for row, column in matched:
            truth_id, track_id = int(pair.truth_ids[row]), int(pair.track_ids[column])
            switches += truth_id in last and last[truth_id] != track_id
            last[truth_id] = track_id
        matches += len(matched)
        misses += len(pair.truth_ids) - len(matched)
        false_positives += len(pair.track_ids) - len(matched)
    return matches, misses, false_positives, switches


def _matched(pair: _Frame, last: dict[int, int], least_overlap: float) -> list[tuple[int, int]]:
    possible = pair.overlap >= least_overlap
    columns_of = {int(t): c for c, t in enumerate(pair.track_ids)}
    kept = []
    for row, truth_id in enumerate(pair.truth_ids.tolist()):
        column = columns_of.get(last.get(truth_id, -1))
        if column is not None and possible[row, column]:
            kept.append((row, column))
            possible[row, :] = possible[:, column] = False
    cost = np.where(possible, 1 - pair.overlap, 1e3)
    rest = zip(*linear_sum_assignment(cost), strict=True)
    return kept + [(int(r), int(c)) for r, c in rest if possible[r, c]]


def _idf1(pairs: list[_Frame], least_overlap: float) -> float:
    truth_ids = sorted({int(i) for p in pairs for i in p.truth_ids})
    track_ids = sorted({int(i) for p in pairs for i in p.track_ids})
    together = np.zeros((len(truth_ids), len(track_ids)))
    for pair in pairs:
        hits = pair.overlap >= least_overlap
        rows, columns = np.searchsorted(truth_ids, pair.truth_ids), np.searchsorted(track_ids, pair.track_ids)
        together[np.ix_(rows, columns)] += hits
    identified = together[linear_sum_assignment(-together)].sum()
    boxes, claims = sum(len(p.truth_ids) for p in pairs), sum(len(p.track_ids) for p in pairs)
    return float(2 * identified / (boxes + claims))


def _hota(pairs: list[_Frame]) -> float:
    """Mean over thresholds of sqrt(detection accuracy x association accuracy)."""
    truth_ids = sorted({int(i) for p in pairs for i in p.truth_ids})
    track_ids = sorted({int(i) for p in pairs for i in p.track_ids})
    if not track_ids:
        return 0.0
    rows = [np.searchsorted(truth_ids, p.truth_ids) for p in pairs]
    columns = [np.searchsorted(track_ids, p.track_ids) for p in pairs]
    potential = np.zeros((len(truth_ids), len(track_ids)))
    truth_count, track_count = np.zeros((len(truth_ids), 1)), np.zeros((1, len(track_ids)))
    for pair, r, c in zip(pairs, rows, columns, strict=True):
        total = pair.overlap.sum(0)[None, :] + pair.overlap.sum(1)[:, None] - pair.overlap
        potential[np.ix_(r, c)] += np.divide(pair.overlap, total, out=np.zeros_like(total), where=total > 0)
        truth_count[r] += 1
        track_count[0, c] += 1
    alignment = potential / np.maximum(truth_count + track_count - potential, 1e-9)
    found = np.zeros(len(HOTA_THRESHOLDS))
    counts = np.zeros((len(HOTA_THRESHOLDS), len(truth_ids), len(track_ids)))
    for pair, r, c in zip(pairs, rows, columns, strict=True):
        if not len(r) or not len(c):
            continue
        i, j = linear_sum_assignment(-(alignment[np.ix_(r, c)] * pair.overlap))
        for k, threshold in enumerate(HOTA_THRESHOLDS):
            hit = pair.overlap[i, j] >= threshold - np.finfo(float).eps
            found[k] += hit.sum()
            counts[k, r[i[hit]], c[j[hit]]] += 1
    boxes, claims = float(truth_count.sum()), float(track_count.sum())
    association = counts / np.maximum(truth_count + track_count - counts, 1)
    ass_a = (counts * association).sum((1, 2)) / np.maximum(found, 1)
    det_a = found / np.maximum(boxes + claims - found, 1)
    return float(np.sqrt(det_a * ass_a).mean())
