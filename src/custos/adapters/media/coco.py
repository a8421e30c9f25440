"""COCO files: truth as `{images, annotations, categories}`, results as `[{image_id, category_id, bbox, score}]`.

Pictures of a recording are told apart by number, from 1: an image's `frame_id` or `frame_index` + 1 if it has one, else
the last number in its `file_name`, else its `id`. An annotation's object is its `track_id` or `instance_id`, on itself
or among its `attributes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from custos.assurance.detection import Labels
from custos.assurance.tracking import Boxes
from custos.model.detections import COCO_CLASSES
from custos.model.errors import UsageError

Object = Mapping[str, object]
SYNONYMS = {"pedestrian": "person", "people": "person", "motorbike": "motorcycle", "aeroplane": "airplane"}
SYNONYMS |= {"bike": "bicycle", "van": "truck", "sofa": "couch", "pottedplant": "potted plant", "tvmonitor": "tv"}


@dataclass(frozen=True, slots=True, eq=False)
class CocoTruth:
    """A truth file. `object_id` (n,) int64 of each row of `labels`; -1 where the file names none."""

    labels: Labels
    object_id: NDArray[np.int64]
    frame_of_image: Mapping[object, int]
    class_of_category: Mapping[object, int]


def is_coco(path: Path) -> bool:
    """By its name: COCO files are JSON."""
    return path.suffix.lower() == ".json"


def read_coco(path: Path, *, scale: float = 1.0) -> CocoTruth:
    """The annotations, boxes multiplied by `scale`; those of categories that no COCO class is called are left out.

    Raises:
        UsageError: not such a file, or not one category is known; it says which entry is wrong.
    """
    content = _load(path)
    if not isinstance(content, dict) or not all(isinstance(content.get(k), list) for k in _PARTS):
        raise UsageError(f"expected an object with lists {', '.join(_PARTS)}.", where=str(path), remedy=_REMEDY)
    frames = {i.get("id"): _frame_number(i, path, n) for n, i in enumerate(_objects(content["images"], path, "images"))}
    classes = _classes(_objects(content["categories"], path, "categories"), path)
    rows = [
        _row(a, frames, classes, path, n) for n, a in enumerate(_objects(content["annotations"], path, "annotations"))
    ]
    known = [row for row in rows if row is not None]
    boxes = np.array([row.box for row in known], np.float64).reshape(-1, 4) * scale
    boxes[:, 2:] += boxes[:, :2]
    labels = Labels(
        np.array([row.frame for row in known], np.int64),
        np.array([row.class_id for row in known], np.int64),
        boxes,
        np.ones(len(known)),
        np.array([row.counts for row in known], bool),
        np.array([row.is_crowd for row in known], bool),
    )
    return CocoTruth(labels, np.array([row.object_id for row in known], np.int64), frames, classes)


def tracks_of(truth: CocoTruth, classes: frozenset[int], path: Path) -> Boxes:
    """The truth as tracks of those classes; UsageError where an annotation names no object, or one twice a picture."""
    mine = np.isin(truth.labels.class_id, [*classes])
    labels, ids = truth.labels[mine], truth.object_id[mine]
    counts = labels.consider & ~labels.crowd
    if (ids[counts] < 0).any():
        raise UsageError(
            "annotations without a track_id cannot tell tracks.",
            where=str(path),
            remedy="Give each a track_id (or instance_id), or score detection instead.",
        )
    # what does not count needs no name: each gets its own
    ids = np.where(ids < 0, -2 - np.arange(len(ids)), ids)
    pairs = np.stack([labels.frame, ids], axis=1)
    unique, times = np.unique(pairs, axis=0, return_counts=True)
    if (times > 1).any():
        frame, object_id = unique[int(np.argmax(times))].tolist()
        raise UsageError(f"object {object_id} stands twice in frame {frame}.", where=str(path))
    return Boxes(labels.frame, ids, labels.xyxy, counts)


def read_results(path: Path, truth: CocoTruth) -> Labels:
    """A detector's results, its image and category ids as in `truth`; UsageError for any it does not have."""
    content = _load(path)
    if not isinstance(content, list):
        raise UsageError("expected a list of results.", where=str(path), remedy=_REMEDY)
    frames, classes, boxes, scores = [], [], [], []
    for number, entry in enumerate(_objects(content, path, "results")):
        where = f"{path}: results[{number}]"
        image, category, score = entry.get("image_id"), entry.get("category_id"), entry.get("score")
        if image not in truth.frame_of_image:
            raise UsageError(f"image_id {image!r} is not among the truth's images.", where=where)
        if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
            raise UsageError(f"score must be a number in 0..1, got {score!r}.", where=where)
        box = _box(entry, where)
        if category in truth.class_of_category:
            frames.append(truth.frame_of_image[image])
            classes.append(truth.class_of_category[category])
            boxes.append((box[0], box[1], box[0] + box[2], box[1] + box[3]))
            scores.append(float(score))
    return Labels.of(
        np.array(frames, np.int64),
        np.array(classes, np.int64),
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(scores, np.float64),
    )


# -- one entry


_PARTS = ("images", "annotations", "categories")
_REMEDY = "See https://cocodataset.org/#format-data for the format."


@dataclass(frozen=True, slots=True)
class _Row:
    frame: int
    object_id: int
    class_id: int
    box: tuple[float, float, float, float]
    counts: bool
    is_crowd: bool


def _load(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read: {error}.", where=str(path), remedy="Name a COCO JSON file.") from error


def _objects(entries: object, path: Path, part: str) -> list[Object]:
    assert isinstance(entries, list)
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise UsageError(f"expected an object, got {entry!r}.", where=f"{path}: {part}[{number}]")
    return cast("list[Object]", entries)


def _frame_number(image: Object, path: Path, number: int) -> int:
    explicit = image.get("frame_id", None)
    if explicit is None and isinstance(index := image.get("frame_index"), int):
        explicit = index + 1
    if explicit is None:
        digits = re.findall(r"\d+", Path(str(image.get("file_name", ""))).stem)
        explicit = int(digits[-1]) if digits else image.get("id")
    if not isinstance(explicit, int) or isinstance(explicit, bool) or explicit < 0:
        raise UsageError(
            f"no frame number: expected a whole frame_id, a number in file_name or a whole id, got {explicit!r}.",
            where=f"{path}: images[{number}]",
        )
    return explicit


def _classes(categories: list[Object], path: Path) -> dict[object, int]:
    known = {}
    for category in categories:
        name = str(category.get("name", "")).strip().lower()
        name = SYNONYMS.get(name, name)
        if name in COCO_CLASSES:
            known[category.get("id")] = COCO_CLASSES.index(name)
    if not known:
        names = ", ".join(str(c.get("name")) for c in categories) or "none"
        raise UsageError(f"no category is a COCO class; there are: {names}.", where=str(path))
    return known


def _row(
    annotation: Object, frames: Mapping[object, int], classes: Mapping[object, int], path: Path, n: int
) -> _Row | None:
    where = f"{path}: annotations[{n}]"
    image, category = annotation.get("image_id"), annotation.get("category_id")
    if image not in frames:
        raise UsageError(f"image_id {image!r} is not among the images.", where=where)
    if category not in classes:
        return None
    crowd = bool(annotation.get("iscrowd", 0))
    return _Row(
        frames[image],
        _object_id(annotation, where),
        classes[category],
        _box(annotation, where),
        counts=not crowd and not annotation.get("ignore", 0),
        is_crowd=crowd,
    )


def _object_id(annotation: Object, where: str) -> int:
    attributes = annotation.get("attributes")
    places: list[Object] = [annotation, *([attributes] if isinstance(attributes, dict) else [])]
    for place in places:
        for key in ("track_id", "instance_id"):
            value = place.get(key)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise UsageError(f"{key} must be a whole number >= 0, got {value!r}.", where=where)
            return value
    return -1


def _box(entry: Object, where: str) -> tuple[float, float, float, float]:
    box = entry.get("bbox")
    numbers = [float(v) for v in box if isinstance(v, int | float)] if isinstance(box, list) else []
    if len(numbers) != 4 or not isinstance(box, list) or len(box) != 4 or not all(map(isfinite, numbers)):
        raise UsageError(f"bbox must be 4 numbers left, top, width, height, got {box!r}.", where=where)
    if min(numbers[2:]) < 0:
        raise UsageError(f"bbox has a negative size: {box!r}.", where=where)
    return numbers[0], numbers[1], numbers[2], numbers[3]
