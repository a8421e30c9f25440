"""MOTChallenge files: `frame,id,left,top,width,height,conf,...`, frames from 1, pixels; a header line is allowed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from math import isfinite
from pathlib import Path

import numpy as np

from custos.assurance.detection import Labels
from custos.assurance.tracking import Boxes
from custos.model.detections import COCO_CLASSES, UNKNOWN_CLASS, Tracks
from custos.model.errors import UsageError

LARGEST = 2**31
"""No frame number or id reaches it."""
CLASS_OF_NUMBER = {1: "person", 2: "person", 7: "person", 3: "car", 4: "bicycle", 5: "motorcycle"}
"""What the class column of a truth means (MOT16, table 3); other numbers are things that no detector is asked for."""


def rows_of(tracks: Tracks, frame: int, classes: frozenset[int]) -> Iterable[str]:
    """Lines, without line ends, for the tracks of `classes` in frame number `frame`."""
    for row in range(len(tracks)):
        if int(tracks.class_id[row]) not in classes:
            continue
        left, top, right, bottom = (float(v) for v in tracks.xyxy[row])
        yield (
            f"{frame},{int(tracks.track_id[row])},{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f},"
            f"{float(tracks.confidence[row]):.4f},-1,-1,-1"
        )


def read_boxes(path: Path, *, scale: float = 1.0, is_truth: bool = False) -> Boxes:
    """The boxes of a file, multiplied by `scale`; for a truth the seventh column 0 means "does not count".

    Raises:
        UsageError: a line that is not such a row, or has the object and the frame of another, with its number.
    """
    frames, ids, boxes, consider = [], [], [], []
    known: set[tuple[int, int]] = set()
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            for number, row in enumerate(csv.reader(stream), 1):
                if not row or (number == 1 and row[0].strip().lower() == "frame"):
                    continue
                values = _numbers(row, path, number)
                frame, object_id = int(values[0]), int(values[1])
                if (frame, object_id) in known:
                    raise UsageError(f"object {object_id} stands twice in frame {frame}.", where=f"{path}:{number}")
                known.add((frame, object_id))
                left, top, width, height = (v * scale for v in values[2:6])
                frames.append(frame)
                ids.append(object_id)
                boxes.append((left, top, left + width, top + height))
                consider.append(not is_truth or len(values) < 7 or values[6] != 0)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"cannot be read: {error}.", where=str(path), remedy="Name a MOTChallenge file.") from error
    return Boxes(
        np.array(frames, np.int64),
        np.array(ids, np.int64),
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(consider, bool),
    )


def read_labels(path: Path, *, scale: float = 1.0, is_truth: bool = False) -> Labels:
    """The boxes of a truth with their classes (the eighth column; without one, persons), or a detector's rows
    `frame,-1,left,top,width,height,conf`, persons all, boxes multiplied by `scale`.

    Raises:
        UsageError: as `read_boxes`; an id may stand in a frame many times.
    """
    rows = _rows(path)
    boxes = np.array([row[2:6] for row in rows], np.float64).reshape(-1, 4) * scale
    boxes[:, 2:] += boxes[:, :2]
    n = len(rows)
    frame = np.array([row[0] for row in rows], np.int64)
    if not is_truth:
        confidence = np.array([row[6] if len(row) > 6 else 1.0 for row in rows], np.float64)
        return Labels.of(frame, np.zeros(n, np.int64), boxes, confidence)
    named = [CLASS_OF_NUMBER.get(int(row[7])) if len(row) > 7 and row[7] >= 0 else "person" for row in rows]
    class_id = np.array([COCO_CLASSES.index(name) if name else UNKNOWN_CLASS for name in named], np.int64)
    consider = np.array([len(row) < 7 or row[6] != 0 for row in rows], bool)
    return Labels(frame, class_id, boxes, np.ones(n), consider, np.zeros(n, bool))


def _rows(path: Path) -> list[list[float]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return [
                _numbers(row, path, number)
                for number, row in enumerate(csv.reader(stream), 1)
                if row and not (number == 1 and row[0].strip().lower() == "frame")
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"cannot be read: {error}.", where=str(path), remedy="Name a MOTChallenge file.") from error


def _numbers(row: list[str], path: Path, number: int) -> list[float]:
    try:
        values = [float(v) for v in row]
    except ValueError as error:
        raise UsageError(
            f"expected numbers frame,id,left,top,width,height[,conf,...], got {','.join(row)!r}.",
            where=f"{path}:{number}",
            remedy="Give rows as MOTChallenge writes them.",
        ) from error
    whole = all(v.is_integer() and abs(v) < LARGEST for v in values[:2])
    if len(values) < 6 or not whole or not all(map(isfinite, values)) or values[0] < 1 or min(values[4:6]) < 0:
        raise UsageError(
            f"expected at least 6 numbers, whole frame >= 1 and id, sizes >= 0, got {','.join(row)!r}.",
            where=f"{path}:{number}",
        )
    return values
