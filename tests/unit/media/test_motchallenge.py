"""MOTChallenge files, read and written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from custos.adapters.media.motchallenge import read_boxes, read_labels, rows_of
from custos.model.detections import Tracks
from custos.model.errors import UsageError

PERSON = frozenset({0})


def tracks() -> Tracks:
    """A person 3 and a car 5."""
    return Tracks(
        np.array([[10, 20, 30.5, 80], [1, 2, 3, 4]], np.float32),
        np.array([0.9, 0.25], np.float32),
        np.array([0, 2], np.int64),
        np.array([3, 5], np.int64),
        np.ones(2, np.bool_),
        np.zeros(2, np.float32),
        100,
        100,
    )


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "boxes.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_no_tracks_make_no_rows() -> None:
    assert list(rows_of(Tracks.empty(100, 100), 1, PERSON)) == []
    assert list(rows_of(tracks(), 1, frozenset())) == []


def test_rows() -> None:
    assert list(rows_of(tracks(), 7, PERSON)) == ["7,3,10.00,20.00,20.50,60.00,0.9000,-1,-1,-1"]
    assert len(list(rows_of(tracks(), 7, frozenset({0, 2})))) == 2


def test_what_was_written_is_read(tmp_path: Path) -> None:
    boxes = read_boxes(write(tmp_path, "\n".join(rows_of(tracks(), 7, frozenset({0, 2})))))
    assert boxes.frame.tolist() == [7, 7]
    assert boxes.object_id.tolist() == [3, 5]
    assert boxes.xyxy.tolist() == [[10, 20, 30.5, 80], [1, 2, 3, 4]]
    assert boxes.consider.tolist() == [True, True]


def test_an_empty_file(tmp_path: Path) -> None:
    assert read_boxes(write(tmp_path, "")).xyxy.shape == (0, 4)


@pytest.mark.parametrize(
    ("text", "is_truth", "consider"),
    [
        pytest.param("1,1,0,0,9,9\n", True, [True], id="six columns"),
        pytest.param("1,1,0,0,9,9,0\n2,1,0,0,9,9,1\n", True, [False, True], id="0 does not count"),
        pytest.param("1,1,0,0,9,9,0\n", False, [True], id="a confidence of 0 does"),
        pytest.param("frame,id,left,top,width,height,consider\n1,1,0,0,9,9,1\n", True, [True], id="a header"),
        pytest.param("\ufeffframe,id,left,top,width,height\r\n1,1,0,0,9,9\r\n", True, [True], id="from a spreadsheet"),
        pytest.param("1,1,0,0,9,9\n\n2,1,0,0,9,9\n\n", True, [True, True], id="empty lines"),
        pytest.param("1.0, 1, 0, 0, 9e0, 9\n", True, [True], id="numbers written otherwise"),
    ],
)
def test_what_is_read(tmp_path: Path, text: str, is_truth: bool, consider: list[bool]) -> None:
    boxes = read_boxes(write(tmp_path, text), is_truth=is_truth)
    assert boxes.consider.tolist() == consider
    assert boxes.xyxy.tolist() == [[0, 0, 9, 9]] * len(consider)


def test_another_size_of_picture(tmp_path: Path) -> None:
    boxes = read_boxes(write(tmp_path, "1,1,16,32,8,16\n"), scale=0.625)
    assert boxes.xyxy.tolist() == [[10, 20, 15, 30]]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1,1,0,0,9", "at least 6 numbers"),
        ("1,1,0,0,nine,9", "expected numbers .* 'nine'|expected numbers"),
        ("0,1,0,0,9,9", "frame >= 1"),
        ("-3,1,0,0,9,9", "frame >= 1"),
        ("1.5,1,0,0,9,9", "whole frame"),
        ("1,0.5,0,0,9,9", "whole frame"),
        ("nan,1,0,0,9,9", "whole frame"),
        ("1e300,1,0,0,9,9", "whole frame"),
        ("1,1,0,inf,9,9", "at least 6 numbers"),
        ("1,1,0,0,-9,9", "sizes >= 0"),
        ("2,1,0,0,9,9", "object 1 stands twice in frame 2"),
        ("frame,id,left,top,width,height", "expected numbers"),
    ],
)
def test_what_is_no_row_is_named_with_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    path = write(tmp_path, f"2,1,0,0,9,9\n{line}\n")
    with pytest.raises(UsageError, match=complaint) as refused:
        read_boxes(path)
    assert refused.value.where == f"{path}:2"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"1,1,0,0,9,9\n\x00\n"], ids=["not text", "zeros"])
def test_what_is_no_file_of_boxes(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError):
        read_boxes(write(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_boxes(tmp_path / "none.txt")


def test_a_truth_with_classes_and_a_detectors_rows(tmp_path: Path) -> None:
    truth = tmp_path / "gt.txt"
    truth.write_text("1,1,10,20,30,40,1,1,1.0\n1,2,0,0,5,5,0,3,0.2\n2,1,0,0,5,5,1,12,1\n2,2,0,0,5,5\n")
    labels = read_labels(truth, scale=2, is_truth=True)
    assert labels.class_id.tolist() == [0, 2, -1, 0]  # a 12 is a reflection; without a class, persons
    assert labels.consider.tolist() == [True, False, True, True]
    assert labels.xyxy[0].tolist() == [20, 40, 80, 120]
    detections = tmp_path / "det.txt"
    detections.write_text("1,-1,10,20,30,40,0.9\n1,-1,11,20,30,40,0.4\n")
    found = read_labels(detections)
    assert (found.frame.tolist(), found.confidence.tolist()) == ([1, 1], [0.9, 0.4])


def test_labels_that_cannot_be_read(tmp_path: Path) -> None:
    wrong = tmp_path / "det.txt"
    wrong.write_text("1,-1,10,20\n")
    with pytest.raises(UsageError, match="at least 6 numbers"):
        read_labels(wrong)
    with pytest.raises(UsageError, match="cannot be read"):
        read_labels(tmp_path / "missing.txt")
