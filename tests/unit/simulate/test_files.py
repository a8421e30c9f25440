"""Truth as text: every row says what the frame says."""

from __future__ import annotations

import json

import pytest

from custos.simulate.files import mot_lines, truth_line
from custos.simulate.truth import FrameTruth, ObjectTruth


def somebody(class_name: str = "person", visible: float = 1.0) -> ObjectTruth:
    return ObjectTruth(3, "waiter", class_name, (10.0, 20.0, 50.0, 120.0), visible, ("door",), (0.05, 0.33))


def test_an_empty_frame_is_a_line_of_truth_and_no_row() -> None:
    empty = FrameTruth(1, 0.0, ())
    assert json.loads(truth_line(empty)) == {"frame": 1, "t_s": 0.0, "objects": []}
    assert mot_lines(empty, 640, 360) == []


def test_an_object_is_told_whole() -> None:
    (told,) = json.loads(truth_line(FrameTruth(12, 1.1, (somebody(),))))["objects"]
    assert told == {
        "id": 3,
        "name": "waiter",
        "class": "person",
        "box_px": [10.0, 20.0, 50.0, 120.0],
        "visible": 1.0,
        "zones": ["door"],
        "foot": [0.05, 0.33],
    }


@pytest.mark.parametrize(
    ("class_name", "visible", "row"),
    [
        ("person", 1.0, "12,3,10.0,20.0,40.0,100.0,1,1,1.000"),
        ("person", 0.25, "12,3,10.0,20.0,40.0,100.0,1,1,0.250"),
        ("person", 0.2, "12,3,10.0,20.0,40.0,100.0,0,1,0.200"),  # hardly to be seen: does not count
        ("truck", 1.0, "12,3,10.0,20.0,40.0,100.0,0,3,1.000"),  # not a pedestrian: does not count
    ],
)
def test_motchallenge_rows(class_name: str, visible: float, row: str) -> None:
    assert mot_lines(FrameTruth(12, 1.1, (somebody(class_name, visible),)), 640, 360) == [row]


def test_motchallenge_boxes_end_at_the_border() -> None:
    cut = FrameTruth(12, 1.1, (somebody(),))
    assert mot_lines(cut, 40, 100) == ["12,3,10.0,20.0,30.0,80.0,1,1,1.000"]
