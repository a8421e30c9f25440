from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from custos.adapters.detectors.suppression import MAX_CANDIDATES, suppress, voted, within
from custos.geometry.boxes import iou
from custos.model.detections import Detections
from custos.model.frame import Frame

PERSON, DOG = 0, 16
Row = tuple[list[float], float, int]


def detections(*rows: Row) -> Detections:
    return Detections(
        np.array([box for box, _, _ in rows], np.float32).reshape(-1, 4),
        np.array([sure for _, sure, _ in rows], np.float32),
        np.array([class_id for _, _, class_id in rows], np.int64),
    )


@pytest.mark.parametrize(
    ("title", "rows", "kept"),
    [
        ("nothing", [], []),
        ("one", [([0, 0, 10, 10], 0.5, PERSON)], [0]),
        ("a double goes, the surer stays", [([0, 0, 10, 10], 0.5, PERSON), ([0, 0, 10, 9], 0.9, PERSON)], [1]),
        ("neighbours stay", [([0, 0, 10, 10], 0.9, PERSON), ([6, 0, 16, 10], 0.5, PERSON)], [0, 1]),
        ("another class stays", [([0, 0, 10, 10], 0.9, PERSON), ([0, 0, 10, 10], 0.5, DOG)], [0, 1]),
        (
            "what a dropped box would have dropped stays",
            [([0, 0, 10, 10], 0.9, PERSON), ([2, 0, 12, 10], 0.8, PERSON), ([4.4, 0, 14.4, 10], 0.7, PERSON)],
            [0, 2],
        ),
    ],
)
def test_suppress(title: str, rows: list[Row], kept: list[int]) -> None:
    found = suppress(detections(*rows), max_iou=0.6)
    assert [found.confidence[k] for k in range(len(found))] == [np.float32(rows[k][1]) for k in kept]


def test_the_most_confident_comes_first_and_the_work_is_bounded() -> None:
    rows: list[Row] = [([20.0 * k, 0, 20.0 * k + 10, 10], 0.1 + k / 1000, PERSON) for k in range(MAX_CANDIDATES + 50)]
    found = suppress(detections(*rows), max_iou=0.6)
    assert len(found) == MAX_CANDIDATES
    assert (np.diff(found.confidence) <= 0).all()
    assert found.confidence[0] == np.float32(rows[-1][1])


def test_within_cuts_boxes_to_the_frame_and_drops_those_outside() -> None:
    frame = Frame.from_bgr(np.zeros((50, 100, 3), np.uint8), captured_at=datetime(2026, 3, 2, tzinfo=UTC))
    boxes = np.array([[-5, -5, 10, 10], [90, 40, 120, 60], [100, 0, 130, 10], [0, -20, 10, 0], [30, 30, 20, 40]])
    found = within(frame, boxes, np.array([1.2, 0.5, 0.5, 0.5, 0.5]), np.zeros(5, np.int64))
    assert found.xyxy.tolist() == [[0, 0, 10, 10], [90, 40, 100, 50]]
    assert found.confidence.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("title", "rows", "moved_to"),
    [
        ("nothing", [], []),
        ("one stays", [([0, 0, 10, 10], 0.5, PERSON)], [[0, 0, 10, 10]]),
        (
            "a double has a say, by how sure it is",
            [([0, 0, 10, 10], 0.6, PERSON), ([0, 0, 10, 8], 0.2, PERSON)],
            [[0, 0, 10, 9.5]],
        ),
        (
            "a neighbour and another class have none",
            [([0, 0, 10, 10], 0.6, PERSON), ([6, 0, 16, 10], 0.5, PERSON), ([0, 0, 10, 8], 0.4, DOG)],
            [[0, 0, 10, 10], [6, 0, 16, 10], [0, 0, 10, 8]],
        ),
    ],
)
def test_voted(title: str, rows: list[Row], moved_to: list[list[float]]) -> None:
    candidates = detections(*rows)
    kept = suppress(candidates, max_iou=0.6)
    found = voted(kept, candidates, least_iou=0.5)
    np.testing.assert_allclose(found.xyxy, np.array(moved_to, np.float32).reshape(-1, 4), atol=1e-5)
    assert found.confidence.tolist() == kept.confidence.tolist()
    assert found.class_id.tolist() == kept.class_id.tolist()


@pytest.mark.parametrize(("apart_px", "overlap"), [(29.0, 0.55), (22.0, 0.64)])
def test_who_stand_close_do_not_draw_each_other_together(apart_px: float, overlap: float) -> None:
    """Both boxes are kept though they overlap by more than what gives a vote; each has the say of its own cells."""
    people: list[Row] = [([0, 0, 100, 300], 0.8, PERSON), ([apart_px, 0, apart_px + 100, 300], 0.7, PERSON)]
    cells: list[Row] = [([-6, 0, 94, 300], 0.4, PERSON), ([apart_px + 6, 0, apart_px + 106, 300], 0.35, PERSON)]
    candidates = detections(*people, *cells)
    kept = suppress(candidates, max_iou=0.65)
    assert iou(kept.xyxy, kept.xyxy)[0, 1] == pytest.approx(overlap, abs=0.005)
    found = voted(kept, candidates, least_iou=0.5)
    np.testing.assert_allclose(found.xyxy[:, 0], [-2, apart_px + 2], atol=1e-5)
    np.testing.assert_allclose(found.xyxy[:, 2], [98, apart_px + 102], atol=1e-5)
