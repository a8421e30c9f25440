"""What is really in the pictures, told by the script. Formats: docs/simulation.md."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True)
class ObjectTruth:
    """One object in one frame.

    Args:
        object_id: the same in all cameras.
        name: the script's name for it.
        class_name: COCO's.
        xyxy: of the whole object in pixels, also where it is hidden or beyond the border.
        visible: share of its pixels that can be seen, 0..1.
        zones: ids of the zones its feet stand in.
        foot: the ground under it, fractions of the picture.
    """

    object_id: int
    name: str
    class_name: str
    xyxy: Box
    visible: float
    zones: tuple[str, ...]
    foot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """One frame: its number from 1, its time from the start of the clip, what can be seen in it."""

    index: int
    t_s: float
    objects: tuple[ObjectTruth, ...]
