"""Episodes of the simulated site as tracks: what a perfect tracker would say of them.

    for at, tracks in filmed("fall"): behaviour.update(tracks, at=at)

The boxes are those of the drawn bodies, so a bent or fallen body has the box a picture of it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks, class_ids
from custos.model.ground import Ground
from custos.model.site import Camera
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
