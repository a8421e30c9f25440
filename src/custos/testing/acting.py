"""People and vehicles acting on the ground of a simulated camera, as tracks: what a perfect tracker would say.

    for at, tracks in act([Part(1, Route.of(0, (0, 5), (Walk((0, 12)),)))]): behaviour.update(tracks, at=at)

Routes come from `custos.simulate.motion`, in metres; the camera is a `View` of `custos.simulate.view`. So the truth
of a test is the script's, never the behaviour's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custos.model.detections import Tracks, class_ids
from custos.model.ground import Ground
from custos.simulate.motion import Drive, Route
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Script
from custos.simulate.truth import ObjectTruth
from custos.simulate.view import View, Xy, heading_vector
from custos.testing.clock import after

VIEW = View(640, 360, (0.0, 0.0, 4.0), 0.0, 20.0, 0.85)
"""A camera 4 m up, looking along +y; it sees the ground from about y = 4 m on, and x = -4..4 m at y = 7 m."""
PERSON_M = (0.55, 0.35, 1.75)
VEHICLE_M = (1.8, 4.4, 1.5)
BAG_M = (0.45, 0.3, 0.35)
Size = tuple[float, float, float]
"""Width across the heading, depth along it, height; metres."""


@dataclass(frozen=True, slots=True)
class Part:
    """One object's part.

    Args:
        track_id: what the tracker calls it.
        route: where it is, when.
        class_name: what the detector calls it.
        size_m: width across the heading, depth along it, height; or a function of time (somebody who falls).
    """

    track_id: int
    route: Route | Drive
    class_name: str = "person"
    size_m: Size | Callable[[float], Size] = PERSON_M


def act(
    parts: Sequence[Part], *, fps: float = 5.0, view: View = VIEW, until_s: float | None = None
) -> Iterator[tuple[datetime, Tracks]]:
    """The tracks at `fps`, from 0 s (`custos.testing.clock.START`) until everybody has gone and one step more."""
    last_s = max((p.route.end_s for p in parts), default=0.0) if until_s is None else until_s
    there: set[int] = set()
    for step in range(int(last_s * fps) + 2):
        t_s = step / fps
        rows = [(part, box) for part in parts if (box := _box(part, t_s, view)) is not None]
        now = {part.track_id for part, _ in rows}
        yield after(t_s), _tracks(rows, t_s, view, tuple(sorted(there - now)))
        there = now


def filmed(
    script: Script, camera_id: str, *, from_s: float = 0.0, until_s: float, fps: float = 5.0
) -> Iterator[tuple[datetime, Tracks]]:
    """What a perfect tracker would say of a script of `custos.simulate` (a Story, an Episode) in one camera's scene.

    Its time begins at `custos.testing.clock.START` with the script's 0 s, also where `from_s` is later.
    """
    renderer = CameraRenderer(SCENES[camera_id], script, Settings(fps=fps))
    there: set[int] = set()
    since_s: dict[int, float] = {}
    for step in range(round(from_s * fps), round(until_s * fps) + 1):
        truth, t_s = renderer.boxes(step + 1), step / fps
        seen = [one for one in truth.objects if one.visible > 0.3]
        now = {one.object_id for one in seen}
        for track_id in now - there:
            since_s[track_id] = t_s
        ages = [t_s - since_s[one.object_id] for one in seen]
        yield after(t_s), tracks_of(seen, ages, renderer.view, tuple(sorted(there - now)))
        there = now


def tracks_of(
    objects: Sequence[ObjectTruth], ages_s: Sequence[float], view: View, ended: tuple[int, ...] = ()
) -> Tracks:
    """Objects as the script knows them, as tracks; boxes are cut to the picture, because cameras cut them."""
    n = len(objects)
    boxes = np.array([one.xyxy for one in objects], np.float32).reshape(n, 4)
    return Tracks(
        np.clip(boxes, 0, np.array([view.width_px, view.height_px] * 2, np.float32)),
        np.full(n, 0.9, np.float32),
        np.array([next(iter(class_ids((one.class_name,)))) for one in objects], np.int64),
        np.array([one.object_id for one in objects], np.int64),
        np.ones(n, np.bool_),
        np.array(ages_s, np.float32),
        view.width_px,
        view.height_px,
        ended,
    )


def ground_of(view: View = VIEW, near_m: float = 6.0, far_m: float = 12.0, half_width_m: float = 2.0) -> Ground:
    """The calibration that somebody would click who knows four places of this view."""
    places: list[Xy] = [(-half_width_m, far_m), (half_width_m, far_m), (half_width_m, near_m), (-half_width_m, near_m)]
    a, b, c, d = on_picture(*places, view=view)
    return Ground((a, b, c, d), (places[0], places[1], places[2], places[3]))


def on_picture(*places: Xy, view: View = VIEW) -> tuple[Xy, ...]:
    """Places on the ground, metres, as fractions of the picture: for zones and lines; all must lie in it."""
    xy = view.project(np.array([(x, y, 0.0) for x, y in places])).xy / [view.width_px, view.height_px]
    points = tuple((float(x), float(y)) for x, y in xy)
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points):
        raise ValueError(f"these places lie outside the picture: {places} at {points}")
    return points


def _box(part: Part, t_s: float, view: View) -> tuple[float, float, float, float] | None:
    """The box around the object, cut to the picture; None when it is not there or outside."""
    step = part.route.at(t_s)
    if step is None:
        return None
    width, depth, height = part.size_m(t_s) if callable(part.size_m) else part.size_m
    ahead = heading_vector(step.heading_deg)
    aside = np.array([ahead[1], -ahead[0]])
    corners = [
        (*(np.array(step.place) + aside * width / 2 * i + ahead * depth / 2 * j), z)
        for i in (-1, 1)
        for j in (-1, 1)
        for z in (0.0, height)
    ]
    xy = view.project(np.array(corners)).xy
    left, top = np.maximum(xy.min(axis=0), 0.0)
    right, bottom = np.minimum(xy.max(axis=0), [view.width_px, view.height_px])
    if right - left < 2 or bottom - top < 2:
        return None
    return float(left), float(top), float(right), float(bottom)


def _tracks(
    rows: Sequence[tuple[Part, tuple[float, float, float, float]]], t_s: float, view: View, ended: tuple[int, ...]
) -> Tracks:
    n = len(rows)
    return Tracks(
        np.array([box for _, box in rows], np.float32).reshape(n, 4),
        np.full(n, 0.9, np.float32),
        np.array([next(iter(class_ids((part.class_name,)))) for part, _ in rows], np.int64),
        np.array([part.track_id for part, _ in rows], np.int64),
        np.ones(n, np.bool_),
        np.array([max(t_s - part.route.start_s, 0.0) for part, _ in rows], np.float32),
        view.width_px,
        view.height_px,
        ended,
    )
