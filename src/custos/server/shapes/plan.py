"""The site's plan: its picture, what stands on it, and which incidents are open where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from custos.model.access import View
from custos.model.event import Incident, IncidentState
from custos.model.plan import CameraPlace
from custos.model.site import Severity
from custos.server.panels import PanelTroubles, What
from custos.server.shapes.base import Asked, Instant, Told
from custos.server.shapes.site import Id, PointTold


class PlaceTold(Asked):
    """Where a camera stands and what it overlooks; `bearing_deg` clockwise from the plan's upper edge, null: unknown.
    Both told and asked."""

    position: PointTold
    bearing_deg: Annotated[float, Field(ge=0, le=360)] | None = None
    view_deg: Annotated[float, Field(ge=1, le=360)] = 70.0
    range_m: Annotated[float, Field(gt=0, le=10_000)] = 12.0

    @classmethod
    def of(cls, place: CameraPlace) -> PlaceTold:
        return cls.model_construct(
            position=place.position,
            bearing_deg=place.bearing_deg,
            view_deg=place.view_deg,
            range_m=place.range_m,
        )

    def place(self) -> CameraPlace:
        return CameraPlace(self.position, self.bearing_deg, self.view_deg, self.range_m)


class CameraPlaceTold(Told):
    """A camera on the plan; `place` null where it has none."""

    id: str
    place: PlaceTold | None


class ThingTold(Told):
    """A till, a panel, a panel's zone or a sensor that a view of the site file names: `of` is "tills/till-1",
    "panels/main/01". `trouble`: what is the matter with a panel or its zone since `trouble_since`; null for nothing."""

    of: str
    position: PointTold | None
    cameras: list[str]
    zones: list[str]
    trouble: What | None
    trouble_since: Instant | None

    @classmethod
    def named_by(cls, view: View, troubles: PanelTroubles) -> ThingTold:
        trouble = troubles.of(view.of) if view.of.startswith("panels/") else None
        return cls(
            of=view.of,
            position=view.position,
            cameras=list(view.cameras),
            zones=[f"{camera}/{zone}" for camera, zone in view.zones],
            trouble=None if trouble is None else trouble.what,
            trouble_since=None if trouble is None else trouble.since,
        )


class OpenHereTold(Told):
    """An incident that is not resolved."""

    id: str
    number: int
    title: str
    severity: Severity
    risk: int
    state: IncidentState


class RiskTold(Told):
    """The risk of a place ("areas/office", "doors/dock"): that of the gravest incident there which is not resolved.
    `incidents`: those, the gravest first."""

    of: str
    risk: int
    severity: Severity
    incidents: list[OpenHereTold]

    @classmethod
    def at(cls, place: str, incidents: Sequence[Incident]) -> RiskTold:
        gravest = incidents[0]
        told = [
            OpenHereTold(
                id=i.id, number=i.number, title=i.title, severity=Severity(i.severity), risk=i.risk, state=i.state
            )
            for i in incidents
        ]
        return cls(of=place, risk=gravest.risk, severity=Severity(gravest.severity), incidents=told)


class PlanTold(Told):
    """The site from above. `image`: the address of its picture, null where there is none; `is_drawn_up`: the site file
    says something of where things are. `risks`: of every place where something is not resolved."""

    image: str | None
    width_m: float
    height_m: float
    is_drawn_up: bool
    cameras: list[CameraPlaceTold]
    things: list[ThingTold]
    risks: list[RiskTold]


Outline = Annotated[list[PointTold], Field(max_length=100)]
_ID = "[a-z0-9][a-z0-9-]{0,62}"
Of = Annotated[
    str,
    Field(max_length=90, pattern=rf"^((tills|panels|sensors|devices)/{_ID}|panels/{_ID}/[A-Za-z0-9-]{{1,16}})$"),
]


class PlacingAsked(Asked):
    """Where things are to stand from now on, by their ids; what is not named stays where it is. null, or an outline
    without corners, takes something off the plan."""

    areas: Annotated[dict[Id, Outline], Field(max_length=200)] = Field(default_factory=dict)
    doors: Annotated[dict[Id, PointTold | None], Field(max_length=200)] = Field(default_factory=dict)
    cameras: Annotated[dict[Id, PlaceTold | None], Field(max_length=200)] = Field(default_factory=dict)
    things: Annotated[dict[Of, PointTold | None], Field(max_length=200)] = Field(default_factory=dict)
