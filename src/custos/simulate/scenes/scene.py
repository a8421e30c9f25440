"""What a scene is: a camera's place, what stands there, its light, and the zones and lines on its ground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from custos.model.site import PERSON, Camera, Direction, Line, Zone
from custos.simulate.backdrop import Lamp, Surface, Vec3
from custos.simulate.sprite import Light
from custos.simulate.view import View, Xy


@dataclass(frozen=True, slots=True)
class Sun:
    """Light that casts shadows.

    Args:
        per_m: ground covered by the shadow of something 1 m high, (x, y) metres.
        strength: 0..1, how dark the shadow is.
    """

    per_m: Xy
    strength: float


@dataclass(frozen=True, slots=True)
class GroundZone:
    """A zone by its corners on the ground, metres."""

    id: str
    name: str
    corners: tuple[Xy, ...]
    classes: tuple[str, ...] = PERSON
    loiter_s: float | None = None


@dataclass(frozen=True, slots=True)
class GroundLine:
    """A line by its ends on the ground, metres."""

    id: str
    name: str
    ends: tuple[Xy, Xy]
    direction: Direction = Direction.ANY
    classes: tuple[str, ...] = PERSON


@dataclass(frozen=True, slots=True)
class Scene:
    """One camera's place.

    Args:
        camera_id, name: as in the site file.
        position_m, yaw_deg, pitch_deg, focal_widths: of the camera, as in View.
        surfaces: builds what stands there.
        lamps, ambient: light on it.
        light: on people and vehicles.
        sun: what casts shadows; None for soft light from everywhere.
        outdoors: rain, fog and the time of day are fully felt here.
    """

    camera_id: str
    name: str
    position_m: Vec3
    yaw_deg: float
    pitch_deg: float
    surfaces: Callable[[], list[Surface]]
    lamps: tuple[Lamp, ...]
    ambient: float
    light: Light
    sun: Sun | None
    outdoors: bool
    zones: tuple[GroundZone, ...]
    lines: tuple[GroundLine, ...] = ()
    focal_widths: float = 0.85

    def view(self, width_px: int, height_px: int) -> View:
        """The camera at a picture size."""
        return View(width_px, height_px, self.position_m, self.yaw_deg, self.pitch_deg, self.focal_widths)

    def camera(self, url: str, view: View) -> Camera:
        """What the site file says of this camera."""
        zones = tuple(Zone(z.id, z.name, view.ground_to_picture(z.corners), z.classes, z.loiter_s) for z in self.zones)
        lines = []
        for line in self.lines:
            a, b = view.ground_to_picture(line.ends)
            lines.append(Line(line.id, line.name, (a, b), line.direction, line.classes))
        return Camera(self.camera_id, self.name, url, zones, tuple(lines), loop=True)
