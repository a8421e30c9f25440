"""Episodes of the simulated site as tracks: what a perfect tracker would say of them.

    for at, tracks in filmed("fall"): behaviour.update(tracks, at=at)

The boxes are those of the drawn bodies, so a bent or fallen body has the box a picture of it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count

import cv2
import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Detections, Tracks, class_ids
from custos.model.event import Event
from custos.model.frame import Frame
from custos.model.ground import Ground
from custos.model.site import Camera
from custos.pipeline.camera import CameraWalk
from custos.simulate.episodes import EPISODES, Deed, Episode
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.truth import ObjectTruth
from custos.testing.acting import ground_of
from custos.testing.clock import START, after
from custos.vision.behaviours import Behaviour, Sighting, make_behaviour

SEED = 7
SEEN = 0.25
"""An object of which less can be seen is not told."""


@cache
def episode(name: str) -> Episode:
    return EPISODES[name](SEED)


def deeds(name: str) -> list[Deed]:
    """What really happens."""
    return episode(name).deeds


def track_of(name: str, actor: str) -> int:
    """The track id of somebody in an episode."""
    return episode(name).actors[actor].id


def who(name: str, track_id: int) -> str:
    """The name of a track in an episode."""
    return next(actor.name for actor in episode(name).actors.values() if actor.id == track_id)


def camera(name: str, *specs: BehaviourSpec, calibrated: bool = True) -> Camera:
    """The episode's camera as the site file describes it, with these behaviours."""
    scene = SCENES[episode(name).camera_id]
    plain = scene.camera("episode.mp4", scene.view(640, 360))
    ground = calibration(name) if calibrated else None
    return Camera(plain.id, plain.name, plain.url, plain.zones, plain.lines, behaviours=specs, ground=ground)


def calibration(name: str) -> Ground:
    """The calibration that somebody would click who knows four places of the scene."""
    return ground_of(SCENES[episode(name).camera_id].view(640, 360), near_m=7.0, far_m=11.5, half_width_m=2.0)


@cache
def filmed(name: str, fps: float = 5.0) -> tuple[tuple[datetime, Tracks], ...]:
    """The tracks of the whole episode."""
    film = CameraRenderer(SCENES[episode(name).camera_id], episode(name), Settings(fps=fps))
    return tuple(_told(film, round(episode(name).seconds * fps), fps))


def played(name: str, spec: BehaviourSpec, *, calibrated: bool = True, fps: float = 5.0) -> list[Sighting]:
    """What a behaviour says of an episode, its end included."""
    behaviour: Behaviour = make_behaviour(spec, camera(name, spec, calibrated=calibrated))
    said = [sighting for at, tracks in filmed(name, fps) for sighting in behaviour.update(tracks, at=at)]
    return said + behaviour.end()


def walked(
    name: str, *specs: BehaviourSpec, until_s: float, fps: float = 5.0, width_px: int = 320, height_px: int = 180
) -> list[Event]:
    """The events of these behaviours when the episode is drawn and goes through the camera's walk: motion, tracker,
    things and behaviours as in earnest, and in the detector's place the truth, of what a detector can name."""
    settings = Settings(fps=fps, width_px=width_px, height_px=height_px)
    film = CameraRenderer(SCENES[episode(name).camera_id], episode(name), settings)
    ids = count(1)
    place = camera(name, *specs)
    walk = CameraWalk(place, site_id="hq", session="film", new_id=lambda: f"e-{next(ids)}", model="truth@0")
    events: list[Event] = []
    for index in range(1, round(until_s * fps) + 1):
        drawn = film.frame(index)
        bgr = np.asarray(cv2.cvtColor(drawn.i420, cv2.COLOR_YUV2BGR_I420), np.uint8)
        look = walk.look(Frame.from_bgr(bgr, captured_at=after((index - 1) / fps)))
        found = [o for o in drawn.truth.objects if _is_seen(o)] if look.is_wanted else None
        events += walk.understand(look, None if found is None else _detected(found, width_px, height_px)).events
    events += walk.end()
    told = {kind for spec in specs for kind in spec.kind_of.events}
    return [event for event in events if event.type in told]


def at_s(sighting: Sighting) -> float:
    """When, in seconds of the episode."""
    return (sighting.at - START).total_seconds()


def _told(film: CameraRenderer, frames: int, fps: float) -> Iterator[tuple[datetime, Tracks]]:
    first: dict[int, float] = {}
    there: set[int] = set()
    for index in range(1, frames + 1):
        t_s = (index - 1) / fps
        objects = [o for o in film.boxes(index).objects if _is_seen(o)]
        now = {o.object_id for o in objects}
        for o in objects:
            first.setdefault(o.object_id, t_s)
        ages = [t_s - first[o.object_id] for o in objects]
        yield after(t_s), _tracks(objects, ages, tuple(sorted(there - now)))
        there = now


def _is_seen(o: ObjectTruth) -> bool:
    """Things are no tracks: no detector can name them."""
    return o.visible >= SEEN and o.class_name != "unknown"


def _detected(objects: list[ObjectTruth], width_px: int, height_px: int) -> Detections:
    n = len(objects)
    boxes = np.array([o.xyxy for o in objects], np.float32).reshape(n, 4)
    return Detections(
        np.clip(boxes, 0, np.array([width_px, height_px] * 2, np.float32)),
        np.full(n, 0.85, np.float32),
        np.array([next(iter(class_ids((o.class_name,)))) for o in objects], np.int64),
    )


def _tracks(objects: list[ObjectTruth], ages_s: list[float], ended: tuple[int, ...]) -> Tracks:
    n = len(objects)
    boxes = np.array([o.xyxy for o in objects], np.float32).reshape(n, 4)
    return Tracks(
        np.clip(boxes, 0, np.array([640, 360] * 2, np.float32)),
        np.full(n, 0.9, np.float32),
        np.array([next(iter(class_ids((o.class_name,)))) for o in objects], np.int64),
        np.array([o.object_id for o in objects], np.int64),
        np.ones(n, np.bool_),
        np.array(ages_s, np.float32),
        640,
        360,
        ended,
    )
