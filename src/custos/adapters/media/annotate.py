"""A recording drawn over with what was understood of it: boxes, paths, zones, lines, behaviours, the latest events."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.adapters.media.encode import H264Writer
from custos.adapters.media.marks import Box, draw_marks
from custos.adapters.media.marks import write as _label
from custos.model.behaviours import NOTABLE
from custos.model.camera_events import CAMERA_EVENTS
from custos.model.event import Event
from custos.model.frame import Image
from custos.model.site import Camera
from custos.pipeline.analysis import Step, describe

COLOURS = ((255, 196, 64), (120, 220, 120), (90, 160, 255), (220, 140, 255), (80, 220, 240), (200, 200, 120))
"""BGR, by track id."""
ZONE = (90, 200, 250)
LINE = (250, 200, 90)
TRAIL = 40
SHOWN_S = 4.0
ATTACKS = frozenset(kind.name for kind in CAMERA_EVENTS)


class Annotator:
    """Writes an annotated MP4; use as a context. The file appears when the context ends without an error."""

    def __init__(self, path: Path, camera: Camera, *, fps: float) -> None:
        self._path = path
        self._camera = camera
        self._fps = fps
        self._writer: H264Writer | None = None
        self._size = (0, 0)
        self._trails: dict[int, deque[tuple[int, int]]] = {}
        self._news: deque[Event] = deque(maxlen=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.__exit__(kind, error, trace)

    def draw(self, step: Step) -> None:
        """Add one picture."""
        if step.frame is None:
            return
        picture = self.drawn(step)
        if self._writer is None:
            height, width = picture.shape[:2]
            self._writer = H264Writer(self._path, width_px=width, height_px=height, fps=self._fps)
            self._writer.__enter__()
            self._size = (width, height)
        if picture.shape[1::-1] != self._size:  # the recording changed its size on the way
            picture = np.asarray(cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        self._writer.write(picture)

    def drawn(self, step: Step) -> Image:
        """The step's picture, (h, w, 3), drawn over; paths are of the steps that were drawn before."""
        assert step.frame is not None
        picture = step.frame.bgr.copy()
        self._news.extend(e for e in step.events if _is_news(e))
        self._draw_places(picture)
        self._draw_tracks(picture, step)
        draw_marks(picture, step.overlays, self._camera, _boxes(step))
        self._draw_news(picture, step)
        return picture

    def _draw_places(self, picture: Image) -> None:
        size = np.array([picture.shape[1], picture.shape[0]])
        for zone in self._camera.zones:
            corners = _pixels(np.array(zone.polygon), size)
            cv2.polylines(picture, [corners], isClosed=True, color=ZONE, thickness=1, lineType=cv2.LINE_AA)
            _label(picture, zone.name, (int(corners[0][0]), int(corners[0][1])), ZONE)
        for line in self._camera.lines:
            a, b = _pixels(np.array(line.points), size)
            cv2.arrowedLine(picture, _point(a), _point(b), LINE, 2, cv2.LINE_AA, tipLength=0.06)
            _label(picture, line.name, _point(a), LINE)

    def _draw_tracks(self, picture: Image, step: Step) -> None:
        tracks = step.tracks
        for row, track_id in enumerate(tracks.track_id.tolist()):
            colour = COLOURS[track_id % len(COLOURS)]
            left, top, right, bottom = (round(float(v)) for v in tracks.xyxy[row])
            trail = self._trails.setdefault(track_id, deque(maxlen=TRAIL))
            trail.append(((left + right) // 2, bottom))
            cv2.polylines(picture, [np.array(trail, np.int32)], isClosed=False, color=colour, thickness=1)
            thickness = 2 if tracks.observed[row] else 1
            cv2.rectangle(picture, (left, top), (right, bottom), colour, thickness)
            _label(picture, describe(tracks, row), (left, top), colour)
        for track_id in tracks.ended:
            self._trails.pop(track_id, None)

    def _draw_news(self, picture: Image, step: Step) -> None:
        assert step.frame is not None
        fresh = [e for e in self._news if (step.frame.captured_at - e.at).total_seconds() < SHOWN_S]
        for row, event in enumerate(fresh):
            place = event.data.get("zone_id") or event.data.get("line_id") or event.data.get("behaviour_id")
            who = (event.subject or "").rsplit("-", 1)[-1] if (event.subject or "").startswith("tracks/") else ""
            text = f"{event.type} {place} {who}"
            if event.type in ATTACKS:
                text = f"{event.type}: {event.data.get('words') or event.data.get('was') or event.data.get('how')}"
            _label(picture, text, (6, 18 + 18 * row), (255, 255, 255))


def _is_news(event: Event) -> bool:
    """Numbers that are told every so often are none."""
    return event.type in NOTABLE | ATTACKS or event.type in (
        "zone.entered",
        "zone.left",
        "zone.loitered",
        "line.crossed",
    )


def _boxes(step: Step) -> dict[int, Box]:
    boxes = np.rint(step.tracks.xyxy).astype(int).tolist()
    return {t: (box[0], box[1], box[2], box[3]) for t, box in zip(step.tracks.track_id.tolist(), boxes, strict=True)}


def _pixels(points: NDArray[np.float64], size: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.rint(points * size).astype(np.int32)


def _point(xy: NDArray[np.int32]) -> tuple[int, int]:
    return int(xy[0]), int(xy[1])
