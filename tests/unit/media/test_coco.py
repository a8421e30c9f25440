"""COCO files: truth and results, and what is wrong with them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from custos.adapters.media.coco import CocoTruth, is_coco, read_coco, read_results, tracks_of
from custos.model.errors import UsageError

PERSON, CAR = 0, 2
TRUTH: dict[str, Any] = {
    "images": [{"id": 70, "file_name": "clip/000011.jpg"}, {"id": 71, "file_name": "b.jpg", "frame_id": 21}],
    "categories": [{"id": 5, "name": "Pedestrian"}, {"id": 6, "name": "car"}, {"id": 7, "name": "windmill"}],
    "annotations": [
        {"image_id": 70, "category_id": 5, "bbox": [10, 20, 30, 40], "track_id": 3},
        {"image_id": 71, "category_id": 6, "bbox": [1, 2, 3, 4], "attributes": {"track_id": 4}},
        {"image_id": 71, "category_id": 5, "bbox": [0, 0, 90, 90], "iscrowd": 1},
        {"image_id": 71, "category_id": 7, "bbox": [0, 0, 90, 90]},
    ],
}


def read(folder: Path, content: object, *, scale: float = 1.0) -> CocoTruth:
    file = folder / "truth.json"
    file.write_text(json.dumps(content))
    return read_coco(file, scale=scale)


def test_a_file_without_entries_has_no_rows(tmp_path: Path) -> None:
    assert len(read(tmp_path, {**TRUTH, "images": [], "annotations": []}).labels) == 0


def test_a_truth(tmp_path: Path) -> None:
    truth = read(tmp_path, TRUTH, scale=0.5)
    assert truth.labels.frame.tolist() == [11, 21, 21]
    assert truth.labels.class_id.tolist() == [PERSON, CAR, PERSON]  # nobody is asked for windmills
    assert truth.labels.xyxy.tolist() == [[5, 10, 20, 30], [0.5, 1, 2, 3], [0, 0, 45, 45]]
    assert truth.labels.crowd.tolist() == [False, False, True]
    assert truth.object_id.tolist() == [3, 4, -1]


def test_a_truth_as_tracks(tmp_path: Path) -> None:
    boxes = tracks_of(read(tmp_path, TRUTH), frozenset({PERSON}), tmp_path)
    assert boxes.frame.tolist() == [11, 21]
    assert boxes.consider.tolist() == [True, False]
    assert len(set(boxes.object_id.tolist())) == 2


def test_results(tmp_path: Path) -> None:
    truth = read(tmp_path, TRUTH)
    file = tmp_path / "results.json"
    file.write_text(json.dumps([{"image_id": 71, "category_id": 6, "bbox": [1, 2, 3, 4], "score": 0.7}]))
    found = read_results(file, truth)
    assert (found.frame.tolist(), found.class_id.tolist(), found.confidence.tolist()) == ([21], [CAR], [0.7])
    assert np.array_equal(found.xyxy, [[1, 2, 4, 6]])


def test_what_is_coco() -> None:
    assert is_coco(Path("a.json"))
    assert not is_coco(Path("gt.txt"))


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    content = copy.deepcopy(TRUTH)
    change(content)
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param([], "expected an object with lists", id="not an object"),
        pytest.param(changed(lambda c: c.pop("images")), "expected an object with lists", id="no images"),
        pytest.param(changed(lambda c: c["images"].append(3)), r"images\[2\]", id="an image that is a number"),
        pytest.param(changed(lambda c: c["images"].append({"id": "x", "file_name": "y"})), "no frame", id="no number"),
        pytest.param(
            changed(lambda c: c.update(categories=[{"id": 5, "name": "elf"}])), "there are: elf", id="classes"
        ),
        pytest.param(changed(lambda c: c["annotations"][0].update(image_id=9)), "image_id 9 is not", id="which image"),
        pytest.param(
            changed(lambda c: c["annotations"][0].update(bbox=[1, 2, 3])), r"annotations\[0\]", id="a box of 3"
        ),
        pytest.param(changed(lambda c: c["annotations"][0].update(bbox=[1, 2, -3, 4])), "negative", id="inside out"),
        pytest.param(changed(lambda c: c["annotations"][0].update(track_id="a")), "track_id must", id="an id in words"),
    ],
)
def test_a_wrong_truth_is_refused_and_says_where(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(tmp_path, content)


def test_a_file_that_is_not_json(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("frame,id")
    with pytest.raises(UsageError, match="cannot be read"):
        read_coco(tmp_path / "truth.json")


def test_without_ids_there_are_no_tracks(tmp_path: Path) -> None:
    truth = read(tmp_path, changed(lambda c: c["annotations"][0].pop("track_id")))
    with pytest.raises(UsageError, match="without a track_id"):
        tracks_of(truth, frozenset({PERSON}), tmp_path)


def test_one_object_twice_in_a_picture(tmp_path: Path) -> None:
    truth = read(tmp_path, changed(lambda c: c["annotations"].append(c["annotations"][0])))
    with pytest.raises(UsageError, match="object 3 stands twice in frame 11"):
        tracks_of(truth, frozenset({PERSON}), tmp_path)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param({"image_id": 1, "category_id": 5, "bbox": [1, 2, 3, 4], "score": 0.5}, "image_id 1", id="image"),
        pytest.param({"image_id": 70, "category_id": 5, "bbox": [1, 2, 3, 4], "score": 5}, "score must", id="score"),
        pytest.param({"image_id": 70, "category_id": 5, "score": 0.5}, "bbox must", id="box"),
    ],
)
def test_wrong_results_are_refused_and_say_where(tmp_path: Path, entry: object, message: str) -> None:
    truth = read(tmp_path, TRUTH)
    file = tmp_path / "results.json"
    file.write_text(json.dumps([entry]))
    with pytest.raises(UsageError, match=message):
        read_results(file, truth)
