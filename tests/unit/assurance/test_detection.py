"""Scores of detection: by hand where that can be done, and against py-motmetrics."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

from custos.assurance.detection import ClassScore, Labels, score_detection
from custos.geometry.boxes import iou

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # at its import, of what it imports
    import motmetrics

Row = tuple[int, float, float]
"""Frame, left edge of a box of 10 x 10 pixels, confidence."""
PERSON, CAR = 0, 2
PERSONS = {"person": frozenset({PERSON})}


def labels(*rows: Row, class_id: int = PERSON) -> Labels:
    left = np.array([row[1] for row in rows], np.float64)
    zero = np.zeros_like(left)
    return Labels.of(
        np.array([row[0] for row in rows], np.int64),
        np.full(len(rows), class_id, np.int64),
        np.stack([left, zero, left + 10, zero + 10], axis=1).reshape(-1, 4),
        np.array([row[2] for row in rows], np.float64),
    )


def only(truth: Labels, found: Labels, *, confidence: float = 0.5, least_overlap: float = 0.5) -> ClassScore:
    (score,) = score_detection(truth, found, PERSONS, confidence=confidence, least_overlap=least_overlap)
    return score


THREE = labels((1, 0, 1), (1, 100, 1), (2, 0, 1))


def test_a_truth_without_a_box_that_counts_cannot_be_scored() -> None:
    nothing_counts = replace(THREE, consider=np.zeros(3, bool))
    for truth in (labels(), labels((1, 0, 1), class_id=CAR), nothing_counts):
        with pytest.raises(ValueError, match="no box that counts of person"):
            score_detection(truth, THREE, PERSONS)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must have 3 rows, got confidence \(1,\)"):
        replace(THREE, confidence=np.ones(1))


def test_nothing_found() -> None:
    assert only(THREE, labels()) == ClassScore("person", 3, 0, 0, 0, 0, 0)


def test_everything_found() -> None:
    assert only(THREE, THREE) == ClassScore("person", 3, 3, 1, 1, 1, 1)


def test_what_was_found_in_pictures_without_truth_says_nothing() -> None:
    found = labels((1, 0, 0.9), (3, 0, 0.9), (4, 50, 0.9))
    assert only(THREE, found).claims == 1


def test_average_precision_is_the_area_under_the_best_precision_from_there_on() -> None:
    """Right, wrong, right, of three: precision 1 up to a recall of 1/3, then 2/3 up to 2/3, then nothing."""
    found = labels((1, 0, 0.9), (1, 50, 0.8), (2, 0, 0.7))
    score = only(THREE, found)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 3)
    assert score.ap50 == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)
    assert score.ap == pytest.approx(score.ap50)  # the boxes are exact


def test_a_loose_box_counts_up_to_its_overlap() -> None:
    """8 of 12 pixels: an IoU of 0.667, so right at 0.5, 0.55, 0.6 and 0.65 of the ten overlaps."""
    score = only(labels((1, 0, 1)), labels((1, 2, 0.9)))
    assert score.ap50 == pytest.approx(1)
    assert score.ap == pytest.approx(0.4)
    assert only(labels((1, 0, 1)), labels((1, 2, 0.9)), least_overlap=0.7).recall == 0


def test_the_more_confident_of_two_takes_the_box() -> None:
    score = only(labels((1, 0, 1)), labels((1, 1, 0.6), (1, 0, 0.9)))
    assert (score.claims, score.precision, score.recall) == (2, 0.5, 1)
    assert score.ap50 == pytest.approx(1)  # the wrong one came after everything was found


def test_confidence_divides_what_is_claimed() -> None:
    found = labels((1, 0, 0.9), (1, 100, 0.4), (1, 50, 0.3))
    assert only(THREE, found, confidence=0.35).recall == pytest.approx(2 / 3)
    assert only(THREE, found, confidence=0.35).precision == 1
    assert only(THREE, found, confidence=0.95).claims == 0


def test_what_does_not_count_is_neither_missed_nor_found() -> None:
    truth = replace(THREE, consider=np.array([True, False, True]))
    assert only(truth, THREE) == ClassScore("person", 2, 2, 1, 1, 1, 1)
    assert only(truth, labels((1, 0, 0.9), (2, 0, 0.9))).recall == 1


def test_a_crowd_takes_any_number_of_detections_that_lie_in_it() -> None:
    crowd = replace(labels((1, 0, 1), (1, 200, 1)), crowd=np.array([True, False]))
    crowd = replace(crowd, xyxy=np.array([[0, 0, 100, 100], [200, 0, 210, 10]], float))
    found = labels((1, 0, 0.9), (1, 20, 0.9), (1, 40, 0.9), (1, 200, 0.8), (1, 150, 0.7))
    assert only(crowd, found) == ClassScore("person", 1, 2, 0.5, 1, 1, 1)


def test_each_class_for_itself() -> None:
    cars = labels((1, 0, 1), class_id=CAR)
    both = Labels(
        *(np.concatenate([getattr(a, f), getattr(b, f)]) for f in Labels.__slots__ for a, b in [(THREE, cars)])
    )
    scores = score_detection(both, THREE, {**PERSONS, "car": frozenset({CAR}), "any": frozenset({PERSON, CAR})})
    assert [(s.name, s.truth_boxes, s.recall) for s in scores] == [("person", 3, 1), ("car", 1, 0), ("any", 4, 0.75)]


@pytest.mark.parametrize("seed", range(4))
def test_precision_and_recall_the_same_as_py_motmetrics(seed: int) -> None:
    """Objects far apart, so that who chooses first does not matter."""
    chance = np.random.default_rng(seed)
    places = [(f, 60.0 * n) for f in range(1, 15) for n in range(6)]
    truth = labels(*((f, x, 1.0) for f, x in places if chance.random() < 0.8))
    found = labels(*((f, x + chance.uniform(-6, 6), 0.9) for f, x in places if chance.random() < 0.8))
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for frame in np.unique(truth.frame):
        a, b = truth.xyxy[truth.frame == frame], found.xyxy[found.frame == frame]
        distance = 1 - iou(a, b)
        accumulator.update(list(range(len(a))), list(range(len(b))), np.where(distance > 0.5, np.nan, distance))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = motmetrics.metrics.create().compute(accumulator, metrics=["precision", "recall"]).iloc[0]
    score = only(truth, found)
    assert score.precision == pytest.approx(float(expected["precision"]))
    assert score.recall == pytest.approx(float(expected["recall"]))
