"""The site's plan: the site as seen from above, and where on it things stand. Values only.

Positions are fractions of the plan, 0..1, origin top left; bearings are degrees clockwise from the plan's upper edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from custos.model.naming import Point, check_points

WIDTH_M = 40.0
"""How wide a plan is when nobody has said so."""
HEIGHT_M = 24.0
LONGEST_M = 100_000.0


@dataclass(frozen=True, slots=True)
class SitePlan:
    """How large the plan is on the ground, and the picture of it.

    Args:
        image: the path of the picture; None where the plan is only drawn from areas and doors.
        media_type: of the picture. version: of its content; changes with it.
    """

    width_m: float = WIDTH_M
    height_m: float = HEIGHT_M
    image: str | None = None
    media_type: str = ""
    version: str = ""

    def __post_init__(self) -> None:
        for name, value in (("width_m", self.width_m), ("height_m", self.height_m)):
            if not 0 < value <= LONGEST_M:
                raise ValueError(f"plan: {name} must lie in 0..{LONGEST_M:g} m, got {value}")


@dataclass(frozen=True, slots=True)
class PlanImage:
    """The picture of a plan, as it may be shown to whoever is signed in."""

    data: bytes = field(repr=False)
    media_type: str
    width_px: float
    height_px: float


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Where a camera stands and what it overlooks.

    Args:
        bearing_deg: which way it looks, clockwise from the plan's upper edge, 0..360; None: not known.
        view_deg: how wide it sees, horizontally.
        range_m: how far it sees well enough to tell people.
    """

    position: Point
    bearing_deg: float | None = None
    view_deg: float = 70.0
    range_m: float = 12.0

    def __post_init__(self) -> None:
        check_points([self.position], "place of a camera")
        if self.bearing_deg is not None and not 0 <= self.bearing_deg <= 360:
            raise ValueError(f"place of a camera: bearing_deg must lie in 0..360, got {self.bearing_deg}")
        if not 1 <= self.view_deg <= 360:
            raise ValueError(f"place of a camera: view_deg must lie in 1..360, got {self.view_deg}")
        if not 0 < self.range_m <= 10_000:
            raise ValueError(f"place of a camera: range_m must lie in 0..10000 m, got {self.range_m}")


@dataclass(frozen=True, slots=True)
class Placing:
    """Where things are to stand on the plan from now on; what is not named stays where it is.

    Args:
        areas: outlines by the area's id; () takes it off the plan.
        doors: positions by the door's id; None takes it off.
        cameras: places by the camera's id; None takes it off.
        things: positions of tills, panels and sensors by what their views are of ("tills/till-1").
    """

    areas: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    doors: Mapping[str, Point | None] = field(default_factory=dict)
    cameras: Mapping[str, CameraPlace | None] = field(default_factory=dict)
    things: Mapping[str, Point | None] = field(default_factory=dict)
