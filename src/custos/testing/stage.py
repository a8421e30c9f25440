"""A small stage: grey figures on a grainy ground, drawn as a fixed camera sees them, and a detector that knows them.

stage = Stage(Actor(walk((40, 200), (280, 200), from_s=2, to_s=12)))
stage.frame(3.0); stage.detect([stage.frame(3.0)])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custos.model.detections import Detections
from custos.model.frame import Frame, Image
from custos.testing.clock import START, after

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, pixels."""
PERSON, DOG, CAR = 0, 16, 2
"""COCO's numbers."""


def always(at_s: float) -> bool:
    return True


def standing(
    foot: tuple[float, float], *, width_px: float = 24, height_px: float = 64
) -> Callable[[float], Box | None]:
    """The box of somebody who has always stood with the foot point there, pixels."""
    return walk(foot, foot, from_s=float("-inf"), to_s=float("inf"), width_px=width_px, height_px=height_px)


def walk(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    from_s: float,
    to_s: float,
    stay_s: float = 0.0,
    width_px: float = 24,
    height_px: float = 64,
) -> Callable[[float], Box | None]:
    """The box of somebody whose foot point goes straight from `start` to `end`, pixels, and stays for `stay_s`."""

    def box(at_s: float) -> Box | None:
        if not from_s <= at_s <= to_s + stay_s:
            return None
        share = min((at_s - from_s) / (to_s - from_s), 1.0) if start != end else 0.0
        x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        return x - width_px / 2, y - height_px, x + width_px / 2, y

    return box


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody on the stage.

    Args:
        box: where at that time, or None while not there.
        level: how bright, 0..255; None for what only the detector sees.
        is_seen: whether the detector notices it at that time.
    """

    box: Callable[[float], Box | None]
    confidence: float = 0.85
    class_id: int = PERSON
    level: int | None = 40
    is_seen: Callable[[float], bool] = always


GROUND = 120
GRAINS = 11
"""So many pictures of grain: drawing one anew for every picture would take most of a test's time."""


class Stage:
    """Pictures of `actors` at any time, and a `Detector` that finds them in those pictures.

    Args:
        size: width and height of the picture, pixels.
        light: what is added to every pixel at that time, grey levels.
        start: when time 0 was.
    """

    name = "stage@00000000"

    def __init__(
        self,
        *actors: Actor,
        size: tuple[int, int] = (320, 240),
        light: Callable[[float], float] = lambda at_s: 0.0,
        start: datetime = START,
    ) -> None:
        self.actors = actors
        self.width_px, self.height_px = size
        self._light = light
        self._start = start
        chance = np.random.default_rng(1)
        shape = (self.height_px, self.width_px)
        self._ground = (GROUND + chance.normal(0, 12, shape)).astype(np.float32)
        self._grain = chance.normal(0, 2, (GRAINS, *shape)).astype(np.float32)

    def luma(self, at_s: float) -> Image:
        """(h, w) uint8."""
        picture = self._ground + self._light(at_s)
        for actor in self.actors:
            box = actor.box(at_s)
            if box is not None and actor.level is not None:
                left, top, right, bottom = (max(0, round(v)) for v in box)
                picture[top:bottom, left:right] = actor.level + self._light(at_s)
        picture += self._grain[hash(at_s) % GRAINS]
        return np.clip(picture, 0, 255).astype(np.uint8)

    def frame(self, at_s: float, *, camera_id: str = "dock") -> Frame:
        """The picture taken at that time; its index is in milliseconds."""
        luma = self.luma(at_s)
        bgr = np.repeat(luma[:, :, None], 3, axis=2)
        return Frame.from_bgr(bgr, camera_id=camera_id, index=round(at_s * 1000), captured_at=after(at_s, self._start))

    def detections(self, at_s: float) -> Detections:
        """Those whom the detector notices then, clipped to the picture."""
        seen = [(a, box) for a in self.actors if a.is_seen(at_s) and (box := a.box(at_s)) is not None]
        size = np.array([self.width_px, self.height_px] * 2, np.float32)
        xyxy = np.clip(np.array([box for _, box in seen], np.float32).reshape(-1, 4), 0, size)
        confidence = np.array([a.confidence for a, _ in seen], np.float32)
        class_id = np.array([a.class_id for a, _ in seen], np.int64)
        inside = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
        return Detections(xyxy[inside], confidence[inside], class_id[inside])

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame of this stage, in order."""
        return [self.detections((frame.captured_at - self._start).total_seconds()) for frame in frames]
