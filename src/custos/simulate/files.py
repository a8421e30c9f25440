"""Truth into files, and the story's happenings worked out of the routes. Formats: docs/simulation.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from custos.geometry.polygons import contains, segments_cross, side
from custos.model.detections import class_ids, class_name
from custos.model.site import Camera, Line, Zone
from custos.simulate.motion import Route
from custos.simulate.scenes.scene import Scene
from custos.simulate.story import STORY_S, Appearance, Script
from custos.simulate.truth import FrameTruth
from custos.simulate.view import Array, View

_STEP_S = 0.05
_MEETING_M, _MEETING_S = 1.6, 3.0
"""Two people who stand this near for this long have met."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something the script lets happen.

    Args:
        kind: "zone.visited", "zone.loitered", "line.crossed" or "met".
        camera_id, place: where; the place is a zone's or line's id, empty for a meeting.
        object_ids: who; two for a meeting.
        class_name: of the first.
        start_s, end_s: from the start of the story; for a crossing the same. Loitering starts when it has lasted as
            long as the zone says.
        side: for a crossing, "left" or "right": the side of the line it led to.
    """

    kind: str
    camera_id: str
    place: str
    object_ids: tuple[int, ...]
    class_name: str
    start_s: float
    end_s: float
    side: str = ""


def happenings(story: Script, scene: Scene, view: View) -> list[Happening]:
    """What happens in one camera's scene, by start."""
    camera = scene.camera("unused", view)
    found: list[Happening] = []
    for appearance in story.appearances[scene.camera_id]:
        found += _of_appearance(appearance, camera, view)
    people = [a for a in story.appearances[scene.camera_id] if isinstance(a.route, Route)]
    for a, b in combinations(people, 2):
        found += _meetings(a, b)
    return sorted(found, key=lambda h: (h.start_s, h.kind, h.object_ids))


def _times(appearance: Appearance) -> Array:
    return np.arange(appearance.route.start_s, min(appearance.route.end_s, STORY_S), _STEP_S)


def _feet(appearance: Appearance, times: Array) -> Array:
    """(n, 2) places on the ground, metres."""
    steps = (appearance.route.at(float(t)) for t in times)
    return np.array([step.place for step in steps if step is not None])


def _of_appearance(appearance: Appearance, camera: Camera, view: View) -> list[Happening]:
    times = _times(appearance)
    ground = _feet(appearance, times)
    feet = view.project(np.column_stack([ground, np.zeros(len(ground))])).xy / [view.width_px, view.height_px]
    found: list[Happening] = []
    for zone in camera.zones:
        if _counts(zone.classes, appearance):
            found += _visits(appearance, zone, times, feet)
    for line in camera.lines:
        if _counts(line.classes, appearance):
            found += _crossings(appearance, line, times, feet)
    return found


def _counts(classes: tuple[str, ...], appearance: Appearance) -> bool:
    return appearance.actor.class_name in {class_name(i) for i in class_ids(classes)}


def _visits(appearance: Appearance, zone: Zone, times: Array, feet: Array) -> list[Happening]:
    inside = np.concatenate([[False], contains(zone.polygon, feet), [False]])
    changes = np.flatnonzero(np.diff(inside.astype(int)))
    actor = appearance.actor
    found = []
    for first, after in changes.reshape(-1, 2):
        start_s, end_s = round(float(times[first]), 2), round(float(times[after - 1]), 2)
        who = (actor.id,)
        found.append(Happening("zone.visited", appearance.camera_id, zone.id, who, actor.class_name, start_s, end_s))
        if zone.loiter_s is not None and end_s - start_s >= zone.loiter_s:
            since = round(start_s + zone.loiter_s, 2)
            found.append(Happening("zone.loitered", appearance.camera_id, zone.id, who, actor.class_name, since, end_s))
    return found


def _crossings(appearance: Appearance, line: Line, times: Array, feet: Array) -> list[Happening]:
    a, b = line.points
    found = []
    actor = appearance.actor
    for i in range(1, len(feet)):
        before, now = (float(feet[i - 1][0]), float(feet[i - 1][1])), (float(feet[i][0]), float(feet[i][1]))
        if before == now or not segments_cross(a, b, before, now) or side(a, b, now) == 0:
            continue
        led_to = "right" if side(a, b, now) > 0 else "left"
        at_s = round(float(times[i]), 2)
        found.append(
            Happening("line.crossed", appearance.camera_id, line.id, (actor.id,), actor.class_name, at_s, at_s, led_to)
        )
    return found


def _meetings(a: Appearance, b: Appearance) -> list[Happening]:
    start_s, end_s = max(a.route.start_s, b.route.start_s), min(a.route.end_s, b.route.end_s, STORY_S)
    times = np.arange(start_s, end_s, _STEP_S)
    if len(times) < 2:
        return []
    apart = np.hypot(*(_feet(a, times) - _feet(b, times)).T)
    near = np.concatenate([[False], apart < _MEETING_M, [False]])
    ids = (min(a.actor.id, b.actor.id), max(a.actor.id, b.actor.id))
    return [
        Happening("met", a.camera_id, "", ids, "person", round(float(times[i]), 2), round(float(times[j - 1]), 2))
        for i, j in np.flatnonzero(np.diff(near.astype(int))).reshape(-1, 2)
        if times[j - 1] - times[i] >= _MEETING_S
    ]


def truth_line(frame: FrameTruth) -> str:
    """One frame as a JSON object."""
    objects = [
        {
            "id": o.object_id,
            "name": o.name,
            "class": o.class_name,
            "box_px": list(o.xyxy),
            "visible": o.visible,
            "zones": list(o.zones),
            "foot": [round(o.foot[0], 5), round(o.foot[1], 5)],
        }
        for o in frame.objects
    ]
    return json.dumps({"frame": frame.index, "t_s": frame.t_s, "objects": objects}, separators=(",", ":"))


_MOT_PEDESTRIAN, _MOT_CAR = 1, 3
CONSIDERED_VISIBLE = 0.25
"""Objects of which less can be seen are marked "do not consider" in the MOTChallenge file."""


def mot_lines(frame: FrameTruth, width_px: int, height_px: int) -> list[str]:
    """MOTChallenge rows: frame,id,left,top,width,height,consider,class,visibility; boxes cut to the picture, because
    that is all a detector can tell of them."""
    rows = []
    for o in frame.objects:
        left, right = (min(max(x, 0.0), width_px) for x in o.xyxy[::2])
        top, bottom = (min(max(y, 0.0), height_px) for y in o.xyxy[1::2])
        person = o.class_name == "person"
        consider = 1 if person and o.visible >= CONSIDERED_VISIBLE else 0
        kind = _MOT_PEDESTRIAN if person else _MOT_CAR
        box = f"{left:.1f},{top:.1f},{right - left:.1f},{bottom - top:.1f}"
        rows.append(f"{frame.index},{o.object_id},{box},{consider},{kind},{o.visible:.3f}")
    return rows


def write_story(path: Path, told: Iterable[Happening], seconds: float) -> None:
    """The happenings within the first `seconds`, one JSON object a line."""
    path.write_text("".join(json.dumps(_told(h)) + "\n" for h in told if h.start_s < seconds), encoding="utf-8")


def _told(h: Happening) -> dict[str, str | float | Sequence[int]]:
    return {
        "kind": h.kind,
        "camera_id": h.camera_id,
        "place": h.place,
        "object_ids": list(h.object_ids),
        "class": h.class_name,
        "start_s": h.start_s,
        "end_s": h.end_s,
        "side": h.side,
    }
