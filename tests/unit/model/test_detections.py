"""Columns that stand between the stages: what is taken, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from custos.model.detections import (
    CLASS_GROUPS,
    COCO_CLASSES,
    UNKNOWN_CLASS,
    Bools,
    Detections,
    Floats,
    Ints,
    Tracks,
    class_ids,
    class_name,
)

ONE = np.array([[10, 20, 30, 80]], np.float32)


def f32(*values: float) -> Floats:
    return np.array(values, np.float32)


def i64(*values: int) -> Ints:
    return np.array(values, np.int64)


def flags(*values: bool) -> Bools:
    return np.array(values, np.bool_)


def test_coco_has_80_classes() -> None:
    assert len(COCO_CLASSES) == len(set(COCO_CLASSES)) == 80
    assert (COCO_CLASSES[0], COCO_CLASSES[2], COCO_CLASSES[79]) == ("person", "car", "toothbrush")
    assert all(name == name.strip() and name for name in COCO_CLASSES)
    assert class_name(UNKNOWN_CLASS) == "unknown"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), set()),
        (("person",), {0}),
        (("unknown",), {UNKNOWN_CLASS}),
        (("vehicle",), {1, 2, 3, 5, 6, 7, 8}),
        (("bag", "person", "person"), {0, 24, 26, 28}),
    ],
)
def test_class_ids(names: tuple[str, ...], expected: set[int]) -> None:
    assert class_ids(names) == expected


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(ValueError, match="'persn'"):
        class_ids(("person", "persn"))
    assert all(class_ids((group,)) for group in CLASS_GROUPS)


def test_no_detections() -> None:
    nothing = Detections.empty()
    assert len(nothing) == 0
    assert len(nothing[np.zeros(0, np.bool_)]) == 0


@pytest.mark.parametrize(
    ("xyxy", "confidence", "class_id", "complaint"),
    [
        pytest.param(f32(1, 2, 3, 4), f32(1), i64(0), r"\(n, 4\) float32, got \(4,\)", id="one dimension"),
        pytest.param(ONE.astype(np.float64), f32(1), i64(0), "float64", id="float64"),
        pytest.param(ONE[:, :3], f32(1), i64(0), r"\(1, 3\)", id="three columns"),
        pytest.param(ONE[:, [2, 1, 0, 3]], f32(1), i64(0), "x1 <= x2", id="turned over"),
        pytest.param(ONE * np.float32(np.nan), f32(1), i64(0), "finite", id="nan"),
        pytest.param(ONE, f32(1, 1), i64(0), r"confidence must be \(1,\)", id="too many confidences"),
        pytest.param(ONE, f32(1), i64(), r"class_id must be \(1,\)", id="no class"),
        pytest.param(ONE, f32(1), i64(0).astype(np.int32), "int32", id="int32"),
    ],
)
def test_wrong_columns_are_refused(xyxy: Floats, confidence: Floats, class_id: Ints, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Detections(xyxy, confidence, class_id)


def test_columns_cannot_be_written() -> None:
    detections = Detections(ONE.copy(), f32(0.5), i64(0))
    with pytest.raises(ValueError, match="read-only"):
        detections.xyxy[0, 0] = 1


def test_choosing_rows() -> None:
    three = Detections(np.repeat(ONE, 3, axis=0), f32(0.1, 0.2, 0.3), i64(0, 1, 2))
    assert three[flags(True, False, True)].class_id.tolist() == [0, 2]
    assert three[i64(2, 0)].class_id.tolist() == [2, 0]
    assert three[1:].class_id.tolist() == [1, 2]


def tracks_of(*ids: int, width_px: int = 100) -> Tracks:
    n = len(ids)
    boxes = np.repeat(ONE, n, axis=0)
    return Tracks(boxes, f32(*[1] * n), i64(*[0] * n), i64(*ids), flags(*[True] * n), f32(*[0] * n), width_px, 100)


def test_tracks_have_different_ids_and_a_picture() -> None:
    assert len(Tracks.empty(100, 100)) == 0
    assert len(tracks_of(1, 2)) == 2
    with pytest.raises(ValueError, match=r"unique, got \[3, 3\]"):
        tracks_of(3, 3)
    with pytest.raises(ValueError, match="0x100"):
        tracks_of(1, width_px=0)


def test_foot_points_and_boxes_in_units_of_the_picture() -> None:
    assert Tracks.empty(100, 100).foot_points().shape == (0, 2)
    tracks = tracks_of(1, width_px=200)
    assert tracks.foot_points().tolist() == [pytest.approx([0.1, 0.8])]
    assert tracks.boxes_normalised().tolist() == [pytest.approx([0.05, 0.2, 0.15, 0.8])]
