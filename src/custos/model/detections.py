"""What stands between the stages of the frame walk: validated columns, never tuples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

UNKNOWN_CLASS = -1
"""Class of something that moves and that no detector can name."""

COCO_CLASSES: tuple[str, ...] = tuple(
    """person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,
bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,
snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,
knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,
dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,
vase,scissors,teddy bear,hair drier,toothbrush""".replace("\n", "").split(",")
)

CLASS_GROUPS: dict[str, tuple[str, ...]] = {
    "vehicle": ("bicycle", "car", "motorcycle", "bus", "train", "truck", "boat"),
    "animal": ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    "bag": ("backpack", "handbag", "suitcase"),
}
"""Names a site file may use for several classes at once."""


def class_name(class_id: int) -> str:
    """COCO's name of `class_id`, "unknown" for UNKNOWN_CLASS."""
    return "unknown" if class_id == UNKNOWN_CLASS else COCO_CLASSES[class_id]


def class_ids(names: tuple[str, ...]) -> frozenset[int]:
    """Class ids of class and group names; ValueError names the first that is neither."""
    ids: set[int] = set()
    for name in names:
        if name == "unknown":
            ids.add(UNKNOWN_CLASS)
            continue
        for member in CLASS_GROUPS.get(name, (name,)):
            if member not in COCO_CLASSES:
                raise ValueError(f"no class or group is called {name!r}")
            ids.add(COCO_CLASSES.index(member))
    return frozenset(ids)


def _column(value: NDArray[np.generic], name: str, n: int, dtype: type) -> None:
    if value.shape != (n,) or value.dtype != dtype:
        raise ValueError(f"{name} must be ({n},) {np.dtype(dtype)}, got {value.shape} {value.dtype}")
    value.setflags(write=False)


def _boxes(xyxy: Floats) -> int:
    if xyxy.ndim != 2 or xyxy.shape[1] != 4 or xyxy.dtype != np.float32:
        raise ValueError(f"xyxy must be (n, 4) float32, got {xyxy.shape} {xyxy.dtype}")
    if not np.isfinite(xyxy).all() or (xyxy[:, 2:] < xyxy[:, :2]).any():
        raise ValueError("xyxy must be finite with x1 <= x2 and y1 <= y2")
    xyxy.setflags(write=False)
    return len(xyxy)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Objects of one frame, as a detector saw them.

    Args:
        xyxy: (n, 4) float32, pixels of the frame: left, top, right, bottom.
        confidence: (n,) float32 in 0..1.
        class_id: (n,) int64, index into COCO_CLASSES, or UNKNOWN_CLASS.
    """

    xyxy: Floats
    confidence: Floats
    class_id: Ints

    def __post_init__(self) -> None:
        n = _boxes(self.xyxy)
        _column(self.confidence, "confidence", n, np.float32)
        _column(self.class_id, "class_id", n, np.int64)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, which: Bools | Ints | slice) -> Detections:
        return _unchecked(self.xyxy[which], self.confidence[which], self.class_id[which])

    @classmethod
    def empty(cls) -> Detections:
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


def _unchecked(xyxy: Floats, confidence: Floats, class_id: Ints) -> Detections:
    """Rows of detections, which need no second look: to look cost more than to choose them."""
    chosen = object.__new__(Detections)
    for name, column in (("xyxy", xyxy), ("confidence", confidence), ("class_id", class_id)):
        column.setflags(write=False)
        object.__setattr__(chosen, name, column)
    return chosen


@dataclass(frozen=True, slots=True)
class Thing:
    """A lasting change of the picture that is no track: something was put down, or something that stood there went.

    Args:
        id: unique within the camera's session.
        box: left, top, right, bottom, 0..1 of the picture.
        is_gone: something that stood there went; else something came.
        age_s: for how long it has been so.
        by: tracks that were at the place when it changed, the likeliest first; they may have ended.
        class_id: of the first of them; UNKNOWN_CLASS when nobody was.
        is_over: the place is as it was before; told once.
        over_by: tracks that were there when it went back to what it was.
    """

    id: int
    box: tuple[float, float, float, float]
    is_gone: bool
    age_s: float
    by: tuple[int, ...] = ()
    class_id: int = UNKNOWN_CLASS
    is_over: bool = False
    over_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The objects a camera knows of at one instant.

    Args:
        xyxy: (n, 4) float32, pixels of the frame.
        confidence: (n,) float32, of the latest detection.
        class_id: (n,) int64.
        track_id: (n,) int64, unique within the camera's session, never reused.
        observed: (n,) bool, False while the position is predicted or remembered, not seen.
        age_s: (n,) float32, seconds since the object was first seen.
        width_px, height_px: of the frame.
        ended: ids of tracks that ended since the last update.
        things: lasting changes of the picture; empty unless the camera has a behaviour that asks for them.
    """

    xyxy: Floats
    confidence: Floats
    class_id: Ints
    track_id: Ints
    observed: Bools
    age_s: Floats
    width_px: int
    height_px: int
    ended: tuple[int, ...] = ()
    things: tuple[Thing, ...] = ()

    def __post_init__(self) -> None:
        n = _boxes(self.xyxy)
        _column(self.confidence, "confidence", n, np.float32)
        _column(self.class_id, "class_id", n, np.int64)
        _column(self.track_id, "track_id", n, np.int64)
        _column(self.observed, "observed", n, np.bool_)
        _column(self.age_s, "age_s", n, np.float32)
        if self.width_px <= 0 or self.height_px <= 0:
            raise ValueError(f"frame size must be positive, got {self.width_px}x{self.height_px}")
        if len(set(self.track_id.tolist())) != n:
            raise ValueError(f"track_id must be unique, got {self.track_id.tolist()}")

    def __len__(self) -> int:
        return len(self.xyxy)

    def foot_points(self) -> Floats:
        """(n, 2) float32, bottom centre of each box, normalised 0..1 (may lie outside for boxes cut off)."""
        x = (self.xyxy[:, 0] + self.xyxy[:, 2]) / 2 / self.width_px
        y = self.xyxy[:, 3] / self.height_px
        return np.stack([x, y], axis=1).astype(np.float32)

    def boxes_normalised(self) -> Floats:
        """(n, 4) float32 in units of the frame."""
        size = np.array([self.width_px, self.height_px] * 2, np.float32)
        return (self.xyxy / size).astype(np.float32)

    def only(self, which: Bools) -> Tracks:
        """The (n,) rows that are chosen; whoever ended, ended."""
        return Tracks(
            self.xyxy[which],
            self.confidence[which],
            self.class_id[which],
            self.track_id[which],
            self.observed[which],
            self.age_s[which],
            self.width_px,
            self.height_px,
            self.ended,
        )

    @classmethod
    def empty(cls, width_px: int, height_px: int, ended: tuple[int, ...] = ()) -> Tracks:
        return cls(
            np.zeros((0, 4), np.float32),
            np.zeros(0, np.float32),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
            np.zeros(0, np.bool_),
            np.zeros(0, np.float32),
            width_px,
            height_px,
            ended,
        )
