"""One camera's pictures: backdrop, shadows, people and vehicles far to near, weather, grain; and their truth.

CameraRenderer(scene, story, settings).frame(index) -> Rendering      any index alone, no state that matters
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from custos.geometry.polygons import contains
from custos.simulate.attacks import covered
from custos.simulate.backdrop import Backdrop, cast
from custos.simulate.conditions import Condition, Weather
from custos.simulate.layer import Image, Layer, Placed, put
from custos.simulate.motion import Pose, Route
from custos.simulate.people import Figure, People
from custos.simulate.scenes.scene import Scene
from custos.simulate.story import STORY_S, Appearance, Cover, Script
from custos.simulate.texture import Floats
from custos.simulate.truth import FrameTruth, ObjectTruth
from custos.simulate.vehicle import Paintwork, Vehicles
from custos.simulate.view import View, Xy


@dataclass(frozen=True, slots=True)
class Settings:
    """How to film the story.

    Args:
        seed: dresses the extras, shifts them a little, and makes the grain.
        fps: frames a second.
        width_px, height_px: even numbers.
        conditions: weather and time of day, put on in this order.
    """

    seed: int = 7
    fps: float = 10.0
    width_px: int = 640
    height_px: int = 360
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        if not 0.5 <= self.fps <= 60:
            raise ValueError(f"fps must lie in 0.5..60, got {self.fps}")
        for name, value, most in (("width_px", self.width_px, 3840), ("height_px", self.height_px, 2160)):
            if value % 2 or not 64 <= value <= most:
                raise ValueError(f"{name} must be an even number in 64..{most}, got {value}")


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """A finished frame.

    Args:
        bgr: (h, w, 3) uint8 before grain.
        i420: (h * 3 / 2, w) uint8 with grain: what is encoded.
        truth: what is in it.
    """

    bgr: Image
    i420: Image
    truth: FrameTruth


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """Somebody or something about to be put down."""

    appearance: Appearance
    layer: Layer
    place: Xy
    figure: Figure | None = None
    pose: Pose | None = None


@lru_cache(maxsize=4)
def _empty(scene: Scene, view: View) -> Backdrop:
    """The empty scene; nobody draws on it, so that all films of it share one."""
    return cast(view, scene.surfaces(), scene.lamps, scene.ambient)


class CameraRenderer:
    """Films one scene of a story.

    Args:
        covers: when somebody covers a lens; those of other cameras are passed over.
    """

    def __init__(self, scene: Scene, story: Script, settings: Settings, covers: Sequence[Cover] = ()) -> None:
        self.view = scene.view(settings.width_px, settings.height_px)
        self._scene, self._settings = scene, settings
        self._appearances = story.appearances[scene.camera_id]
        self._covers = [cover for cover in covers if cover.camera_id == scene.camera_id]
        self._people = People(self.view, scene.light, scene.sun)
        self._outlines = People(self.view, None, scene.sun)
        self._vehicles = Vehicles(self.view, scene.light, scene.sun)
        self._weather = Weather(settings.conditions, self.view, outdoors=scene.outdoors, seed=settings.seed)
        self._zones = scene.camera("unused", self.view).zones
        self._number = sum(scene.camera_id.encode())

    @cached_property
    def _backdrop(self) -> Backdrop:
        """Cast when the first picture needs it."""
        return _empty(self._scene, self.view)

    def boxes(self, index: int) -> FrameTruth:
        """The truth of frame `index` (from 1) without a picture, as if no wall or furniture stood in the way: much
        cheaper, and enough to try what is made of tracks."""
        t_s = (index - 1) / self._settings.fps
        bodies = sorted(self._bodies(t_s % STORY_S, self._outlines), key=lambda body: -body.layer.depth_m)
        height, width = self._settings.height_px, self._settings.width_px
        open_air = np.full((height, width), np.inf, np.float32)
        return FrameTruth(index, round(t_s, 4), self._put_all(np.zeros((height, width, 3), np.uint8), open_air, bodies))

    def frame(self, index: int) -> Rendering:
        """Frame `index` (from 1)."""
        t_s = (index - 1) / self._settings.fps
        at_s = t_s % STORY_S
        frame = cv2.convertScaleAbs(self._backdrop.bgr, alpha=self._daylight(at_s)).astype(np.uint8, copy=False)
        bodies = sorted(self._bodies(at_s, self._people), key=lambda body: -body.layer.depth_m)
        for body in bodies:
            self._shade(frame, body)
        depth = self._backdrop.depth_m.copy() if self._weather.needs_depth else self._backdrop.depth_m
        hidden = max((cover.done(at_s) for cover in self._covers), default=0.0)
        objects = self._put_all(frame, self._backdrop.wall_m, bodies, depth)
        truth = FrameTruth(index, round(t_s, 4), objects if hidden < 1 else ())
        rng = np.random.default_rng((self._settings.seed, self._number, index))
        frame = covered(self._weather.apply(frame, depth, at_s, rng), hidden, rng)
        i420 = cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
        self._weather.grain(i420[: self._settings.height_px], rng)
        return Rendering(frame, i420, truth)

    def _daylight(self, at_s: float) -> float:
        """Clouds pass outdoors; lamps are steadier. Begins and ends alike."""
        turn = 2 * np.pi * at_s / STORY_S
        strength = 0.05 if self._scene.outdoors else 0.015
        return float(1 + strength * (0.6 * np.sin(3 * turn + 1) + 0.4 * np.sin(7 * turn)))

    def _bodies(self, at_s: float, people: People) -> list[_Body]:
        bodies = []
        for appearance in self._appearances:
            body = self._body(appearance, at_s, people)
            if body is not None:
                bodies.append(body)
        return bodies

    def _body(self, appearance: Appearance, at_s: float, people: People) -> _Body | None:
        actor = appearance.actor
        if isinstance(appearance.route, Route):
            step = appearance.route.at(at_s)
            figure = None if step is None or actor.look is None else people.figure(actor.look, step)
            return None if figure is None else _Body(appearance, figure.layer, figure.step.place, figure=figure)
        pose = appearance.route.at(at_s)
        if pose is None or actor.paintwork is None:
            return None
        layer = self._vehicles.layer(actor.paintwork, pose)
        return None if layer is None else _Body(appearance, layer, pose.place, pose=pose)

    def _shade(self, frame: Image, body: _Body) -> None:
        if self._indoors_of_wall(body):
            return
        paintwork: Paintwork | None = body.appearance.actor.paintwork
        if body.figure is not None:
            self._people.shade(frame, body.figure)
        elif body.pose is not None and paintwork is not None:
            self._vehicles.shade(frame, paintwork, body.pose)

    def _indoors_of_wall(self, body: _Body) -> bool:
        """Whether the feet stand behind a wall, where their shadow must not fall on this side of it."""
        x, y = np.round(self.view.project(np.array([(*body.place, 0.0)])).xy[0]).astype(int)
        if not (0 <= x < self.view.width_px and 0 <= y < self.view.height_px):
            return False
        return bool(self._backdrop.wall_m[y, x] < body.layer.depth_m - 0.1)

    def _put_all(
        self, frame: Image, wall_m: Floats, bodies: list[_Body], depth_m: Floats | None = None
    ) -> tuple[ObjectTruth, ...]:
        placed: list[tuple[_Body, Placed]] = []
        for body in bodies:
            one = put(frame, body.layer, wall_m)
            if one is None:
                continue
            if depth_m is not None and self._weather.needs_depth:
                one.mark(depth_m, body.layer.depth_m)
            for _, behind in placed:
                behind.hidden_by(one)
            placed.append((body, one))
        return tuple(truth for body, one in placed if (truth := self._truth(body, one)) is not None)

    def _truth(self, body: _Body, placed: Placed) -> ObjectTruth | None:
        box = body.layer.box()
        visible = placed.visible
        if box is None or visible < 0.005:
            return None
        actor = body.appearance.actor
        foot_px = self.view.project(np.array([(*body.place, 0.0)])).xy[0]
        foot = (float(foot_px[0] / self.view.width_px), float(foot_px[1] / self.view.height_px))
        here = np.array([foot])
        zones = tuple(zone.id for zone in self._zones if bool(contains(zone.polygon, here)[0]))
        return ObjectTruth(actor.id, actor.name, actor.class_name, box, round(visible, 3), zones, foot)
