"""A behaviour set up in a sentence, and played: `said(spec, tracks)`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.ground import Ground
from custos.model.site import Camera, Line, Zone
from custos.simulate.scenes import SCENES
from custos.testing.clock import START
from custos.vision.behaviours import Behaviour, Sighting, make_behaviour


def spec(kind: str, settings: Mapping[str, float] | None = None, **more: object) -> BehaviourSpec:
    """A behaviour called `it`."""
    made = BehaviourSpec("it", kind, settings=dict(settings or {}), **more)  # type: ignore[arg-type]
    assert made.kind == kind
    return made


def behaviour(
    it: BehaviourSpec, *, zones: tuple[Zone, ...] = (), lines: tuple[Line, ...] = (), ground: Ground | None = None
) -> Behaviour:
    """The behaviour on a camera with these zones and lines."""
    camera = Camera("yard", "Yard", "yard.mp4", zones, lines, behaviours=(it,), ground=ground)
    return make_behaviour(it, camera)


def at_scene(camera_id: str, it: BehaviourSpec, ground: Ground | None = None) -> Behaviour:
    """The behaviour on a camera of the simulated site, with the zones and lines of its scene."""
    scene = SCENES[camera_id]
    camera = scene.camera("unused.mp4", scene.view(640, 360))
    return behaviour(it, zones=camera.zones, lines=camera.lines, ground=ground)


def said(it: Behaviour, tracks: Iterable[tuple[datetime, Tracks]], *, end: bool = True) -> list[Sighting]:
    """All it says of these tracks, and at their end."""
    told = [sighting for at, now in tracks for sighting in it.update(now, at=at)]
    return told + (it.end() if end else [])


def seconds(sighting: Sighting) -> float:
    """When, in seconds of the script."""
    return (sighting.at - START).total_seconds()
