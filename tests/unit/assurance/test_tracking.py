"""Scores of tracking: by hand where that can be done, and against py-motmetrics."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from custos.assurance.tracking import HOTA_THRESHOLDS, Boxes, TrackingScore, score_tracking
from custos.geometry.boxes import iou

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at its import, of what it imports
    import motmetrics

Row = tuple[int, int, float]
"""Frame, object, left edge of a box of 10 x 10 pixels."""


def boxes(*rows: Row, ignored: Sequence[int] = ()) -> Boxes:
    """`ignored`: objects that do not count."""
    left = np.array([row[2] for row in rows], np.float64)
    zero = np.zeros_like(left)
    ids = np.array([row[1] for row in rows], np.int64)
    return Boxes(
        np.array([row[0] for row in rows], np.int64),
        ids,
        np.stack([left, zero, left + 10, zero + 10], axis=1).reshape(-1, 4),
        ~np.isin(ids, list(ignored)),
    )


def walk(object_id: int, frames: Sequence[int], left: float = 0) -> list[Row]:
    return [(f, object_id, left + f) for f in frames]


TEN = range(1, 11)
ONE = walk(1, TEN)
TWO = [*walk(1, TEN), *walk(2, TEN, left=100)]


def test_a_truth_without_a_box_that_counts_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="no box that counts"):
        score_tracking(boxes(), boxes(*ONE))
    with pytest.raises(ValueError, match="no box that counts"):
        score_tracking(boxes(*ONE, ignored=[1]), boxes(*ONE))
    with pytest.raises(ValueError, match="no box that counts in 1 scored frames"):
        score_tracking(boxes(*ONE), boxes(*ONE), frames=np.array([99]))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="columns must have 1 rows"):
        Boxes(np.ones(1, np.int64), np.ones(2, np.int64), np.zeros((1, 4)), np.ones(1, bool))


def test_nothing_found() -> None:
    score = score_tracking(boxes(*TWO), boxes())
    assert score == TrackingScore(0, 0, 0, 0, 0, 0, 20, 0, 10, 20, 2, 0)


def test_everything_found_under_other_names() -> None:
    found = [(frame, 70 + object_id, left) for frame, object_id, left in TWO]
    score = score_tracking(boxes(*TWO), boxes(*found))
    assert score.hota == pytest.approx(1.0)
    assert replace(score, hota=1) == TrackingScore(1, 1, 1, 1, 1, 0, 0, 0, 10, 20, 2, 2)


def test_the_name_changes_in_the_middle() -> None:
    """HOTA: every box is found, and every match shares half of its object's boxes with its track's."""
    score = score_tracking(boxes(*ONE), boxes(*walk(1, range(1, 6)), *walk(2, range(6, 11))))
    assert (score.switches, score.mota) == (1, 0.9)
    assert score.idf1 == pytest.approx(10 / 20)
    assert score.hota == pytest.approx(math.sqrt(1 * 0.5))


def test_two_who_swap_their_names_in_the_middle() -> None:
    found = [(frame, object_id if frame <= 5 else 3 - object_id, left) for frame, object_id, left in TWO]
    score = score_tracking(boxes(*TWO), boxes(*found))
    assert (score.switches, score.mota) == (2, 0.9)
    assert score.idf1 == pytest.approx(0.5)
    assert score.hota == pytest.approx(math.sqrt(1 * 5 / 15))


def test_half_found() -> None:
    score = score_tracking(boxes(*ONE), boxes(*walk(1, range(1, 6))))
    assert (score.recall, score.precision, score.mota) == (0.5, 1.0, 0.5)
    assert score.idf1 == pytest.approx(2 * 5 / 15)
    assert score.hota == pytest.approx(math.sqrt(0.5 * 0.5))


def test_as_many_false_as_true() -> None:
    score = score_tracking(boxes(*ONE), boxes(*walk(1, TEN), *walk(9, TEN, left=500)))
    assert (score.mota, score.precision, score.false_positives) == (0.0, 0.5, 10)
    assert score.hota == pytest.approx(math.sqrt(10 / 20))


def test_boxes_that_fit_badly_count_up_to_their_overlap() -> None:
    """Shifted by a third of its width a box has IoU 1/2: found at ten of the nineteen thresholds."""
    shifted = [(f, 1, left + 10 / 3) for f, _, left in ONE]
    score = score_tracking(boxes(*ONE), boxes(*shifted), least_overlap=0.5 - 1e-9)
    assert (score.mota, score.idf1) == (1.0, 1.0)
    assert len(HOTA_THRESHOLDS) == 19
    assert score.hota == pytest.approx(10 / 19)
    assert score_tracking(boxes(*ONE), boxes(*shifted), least_overlap=0.6).mota == -1.0


def test_what_does_not_count_is_neither_missed_nor_found() -> None:
    truth = boxes(*TWO, ignored=[2])
    alone = score_tracking(truth, boxes(*ONE))
    assert (alone.mota, alone.truth_boxes, alone.truth_objects) == (1.0, 10, 1)
    both = score_tracking(truth, boxes(*TWO))
    assert (both.mota, both.idf1, both.false_positives) == (1.0, 1.0, 0)
    assert both.hota == pytest.approx(1.0)
    elsewhere = score_tracking(truth, boxes(*ONE, *walk(9, TEN, left=500)))
    assert elsewhere.false_positives == 10


def test_only_the_frames_of_the_truth_are_scored_unless_told() -> None:
    """A truth of every tenth frame says nothing of those in between."""
    truth = boxes(*walk(1, [1, 11, 21]))
    found = boxes(*walk(1, range(1, 31)), *walk(2, range(2, 10), left=300))
    assert score_tracking(truth, found).mota == 1.0
    everything = score_tracking(truth, found, frames=np.arange(1, 31))
    assert (everything.frames, everything.false_positives) == (30, 27 + 8)


def test_a_name_lost_and_found_again_is_no_switch_and_another_one_is() -> None:
    gap = [1, 2, 3, 8, 9, 10]
    assert score_tracking(boxes(*ONE), boxes(*walk(1, gap))).switches == 0
    other = score_tracking(boxes(*ONE), boxes(*walk(1, gap[:3]), *walk(2, gap[3:])))
    assert other.switches == 1


def random_case(seed: int) -> tuple[Boxes, Boxes]:
    """People who wander and meet; tracks of them that miss, jump, invent and change names."""
    chance = np.random.default_rng(seed)
    truth: list[Row] = []
    found: list[Row] = []
    lefts = chance.uniform(0, 60, 5)
    names = np.arange(5)
    for frame in range(1, 61):
        lefts += chance.normal(0, 1.5, 5)
        if chance.random() < 0.1:
            a, b = chance.choice(5, 2, replace=False)
            names[[a, b]] = names[[b, a]]
        if chance.random() < 0.1:
            names[chance.integers(5)] = names.max() + 1
        there, seen = (np.flatnonzero(chance.random(5) < share).tolist() for share in (0.9, 0.8))
        truth += [(frame, person, float(lefts[person])) for person in there]
        found += [(frame, int(names[person]), float(lefts[person] + chance.normal(0, 2))) for person in seen]
        if chance.random() < 0.3:
            found.append((frame, 1000 + frame // 20, float(chance.uniform(0, 60))))
    return boxes(*truth), boxes(*found)


@pytest.mark.parametrize("seed", range(8))
def test_the_same_as_py_motmetrics(seed: int) -> None:
    truth, found = random_case(seed)
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for frame in np.unique(truth.frame):
        t, f = truth[truth.frame == frame], found[found.frame == frame]
        overlap = iou(t.xyxy, f.xyxy)
        accumulator.update(t.object_id, f.object_id, np.where(overlap >= 0.5, 1 - overlap, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas' opinion of its code
        names = ["mota", "idf1", "precision", "recall", "num_switches", "num_misses", "num_false_positives"]
        expected = motmetrics.metrics.create().compute(accumulator, metrics=names).iloc[0]
    score = score_tracking(truth, found)
    assert score.switches > 5
    assert (score.mota, score.idf1, score.precision, score.recall) == pytest.approx(
        (expected.mota, expected.idf1, expected.precision, expected.recall)
    )
    assert (score.switches, score.misses, score.false_positives) == (
        expected.num_switches,
        expected.num_misses,
        expected.num_false_positives,
    )
