"""A small stage: grey figures on a grainy ground, drawn as a fixed camera sees them, and a detector that knows them.

stage = Stage(Actor(walk((40, 200), (280, 200), from_s=2, to_s=12)))
stage.frame(3.0); stage.detect([stage.frame(3.0)])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custos.model.detections import Detections
from custos.model.frame import Clock, Frame, Image, Packet
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
    """Pictures of `actors` at any time, counted in seconds from START; and a `Detector` that knows them.

    Args:
        size: width and height of the picture, pixels.
        light: what is added to every pixel at that time, grey levels.
    """

    name = "stage@00000000"
    batch = 4

    def __init__(
        self,
        *actors: Actor,
        size: tuple[int, int] = (320, 240),
        light: Callable[[float], float] = lambda at_s: 0.0,
    ) -> None:
        self.actors = actors
        self.width_px, self.height_px = size
        self._light = light
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
        levels: Image = np.clip(picture, 0, 255).astype(np.uint8)
        return levels

    def frame(self, at_s: float, *, camera_id: str = "dock") -> Frame:
        """The picture taken at that time; its index is in milliseconds."""
        luma = self.luma(at_s)
        return Frame(
            camera_id,
            round(at_s * 1000),
            after(at_s),
            Clock.FILE,
            luma,
            lambda: np.repeat(luma[:, :, None], 3, axis=2),
        )

    def detections(self, at_s: float) -> Detections:
        """Those whom the detector notices then, clipped to the picture."""
        return self._seen(at_s, self.width_px, self.height_px)

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One Detections per frame, in order: of the actors at the time of its capture."""
        return [self._in(frame) for frame in frames]

    def _in(self, frame: Frame) -> Detections:
        """What lies in the frame, which may be a part of the picture, in its own pixels."""
        return self._seen(_time_s(frame.captured_at), frame.width_px, frame.height_px, origin_px=frame.origin_px)

    def _seen(self, at_s: float, width_px: int, height_px: int, *, origin_px: tuple[int, int] = (0, 0)) -> Detections:
        seen = [(a, box) for a in self.actors if a.is_seen(at_s) and (box := a.box(at_s)) is not None]
        size = np.array([width_px, height_px] * 2, np.float32)
        boxes = np.array([box for _, box in seen], np.float32).reshape(-1, 4) - np.array([*origin_px] * 2, np.float32)
        xyxy = np.clip(boxes, 0, size)
        confidence = np.array([a.confidence for a, _ in seen], np.float32)
        class_id = np.array([a.class_id for a, _ in seen], np.int64)
        inside = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
        return Detections(xyxy[inside], confidence[inside], class_id[inside])


class StageDecoder:
    """A `Decoder`: the picture of a packet is what was on the stage when the packet was captured.

    A packet without data is damaged. `flushed` counts the calls of `flush`.

    Args:
        decoded: counts pictures, by their time in milliseconds.
    """

    def __init__(self, stage: Stage, camera_id: str = "dock", decoded: Counter[int] | None = None) -> None:
        self.damaged = 0
        self._decoded: Counter[int] = Counter() if decoded is None else decoded
        self.flushed = 0
        self._stage, self._camera_id = stage, camera_id

    def decode(self, packet: Packet) -> list[Frame]:
        """The one picture, at once."""
        if not packet.data:
            self.damaged += 1
            return []
        frame = self._stage.frame(_time_s(packet.captured_at), camera_id=self._camera_id)
        self._decoded[frame.index] += 1
        return [frame]

    def flush(self) -> list[Frame]:
        """Nothing is ever kept back."""
        self.flushed += 1
        return []


def _time_s(at: datetime) -> float:
    return (at - START).total_seconds()
