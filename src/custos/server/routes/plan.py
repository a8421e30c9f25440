"""The site's plan: shown to whoever may see the site, changed by whoever may change cameras."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from custos.geometry.polygons import first_self_crossing
from custos.model.places import SOME_AREA, polygon_flaw
from custos.model.plan import Placing, SitePlan
from custos.model.site import Site
from custos.pipeline.ports import EventQuery, IncidentQuery
from custos.server.access import Access, Right
from custos.server.openapi import EVERYWHERE, Responses, problems
from custos.server.panels import ALARMS, SILENCES, PanelTroubles, panel_troubles
from custos.server.problems import Fault, invalid, not_found
from custos.server.shapes.plan import CameraPlaceTold, PlaceTold, PlacingAsked, PlanTold, RiskTold, ThingTold
from custos.server.standing import standing, told_by
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["plan"], responses=problems(*EVERYWHERE))

UNRESOLVED = ("open", "acknowledged")
INCIDENTS = 200
"""The newest so many of those that are not resolved colour the plan."""
ALARMED_FOR = timedelta(hours=24)
"""An alarm that is never restored is one for so long: many panels tell no end of some kinds."""
TOLD_FOR = timedelta(days=30)
"""So far back is read that a panel is silent, or was tampered with: both last until it says that they are over."""
REPORTS = 1000
"""The newest of all panels that are read."""
IMAGE: Responses = {
    200: {
        "description": "The picture of the plan.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in ("image/png", "image/jpeg", "image/svg+xml")
        },
    }
}


@router.get("/plan")
def plan(reach: Reach, wiring: Wired) -> PlanTold:
    """The site from above: its size, where cameras, tills and panels stand, and where something is not resolved."""
    return _told(reach.site(), reach, wiring)


@router.get("/plan/image", response_class=Response, responses=IMAGE)
def plan_image(reach: Reach, wiring: Wired) -> Response:
    """The picture of the plan; 404 where there is none."""
    reach.site()
    image = wiring.deps.book.plan_image()
    if image is None:
        raise not_found("plan's image")
    return Response(image.data, media_type=image.media_type)


@router.put("/plan")
def place(asked: PlacingAsked, reach: Reach, wiring: Wired) -> PlanTold:
    """Put areas, doors, cameras and tills on the plan, or take them off."""
    site = reach.site(Right.CONFIGURE)
    faults = _faults(asked, site)
    if faults:
        raise invalid(faults)
    placing = Placing(
        areas={one: tuple(outline) for one, outline in asked.areas.items()},
        doors=dict(asked.doors),
        cameras={one: at.place() if at else None for one, at in asked.cameras.items()},
        things=dict(asked.things),
    )
    with wiring.site_lock:
        changed = wiring.deps.book.put_places(placing)
    return _told(changed, reach, wiring)


def _faults(asked: PlacingAsked, site: Site) -> list[Fault]:
    known = {
        "areas": {a.id for a in site.access.areas},
        "doors": {d.id for d in site.access.doors},
        "cameras": {c.id for c in site.cameras},
        "things": {v.of for v in site.access.views},
    }
    faults = [
        Fault(f"/{part}/{one.replace('/', '~1')}", f"the site file has no such {part.removesuffix('s')}")
        for part, named in (
            ("areas", asked.areas), ("doors", asked.doors), ("cameras", asked.cameras), ("things", asked.things),
        )
        for one in named
        if one not in known[part]
    ]  # fmt: skip
    for one, outline in asked.areas.items():
        if outline and len(set(outline)) < 3:
            faults.append(Fault(f"/areas/{one}", "an outline needs 3 different corners or more"))
        elif outline and first_self_crossing(outline) is not None:
            faults.append(Fault(f"/areas/{one}", "the outline crosses itself"))
        elif outline and polygon_flaw(outline, least_area=SOME_AREA, least_breadth=0.0):
            faults.append(Fault(f"/areas/{one}", "the outline has no area; draw its corners further apart"))
    return faults


def _told(site: Site, reach: Access, wiring: Wiring) -> PlanTold:
    store, drawn = wiring.deps.store, site.plan or SitePlan()
    incidents = store.incidents(site.id, IncidentQuery(states=UNRESOLVED), limit=INCIDENTS).items
    events = store.events_by_id(site.id, list(dict.fromkeys(e for i in incidents for e in told_by(i))))
    places = standing(incidents, events, site)
    access, troubles = site.access, _panel_troubles(site, wiring)
    return PlanTold(
        image=f"/api/v1/plan/image?v={drawn.version}" if drawn.image is not None else None,
        width_m=drawn.width_m,
        height_m=drawn.height_m,
        is_drawn_up=site.plan is not None
        or any(a.outline for a in access.areas)
        or any(d.position for d in access.doors)
        or any(c.place for c in site.cameras),
        cameras=[CameraPlaceTold(id=c.id, place=PlaceTold.of(c.place) if c.place else None) for c in site.cameras],
        things=[ThingTold.named_by(view, troubles) for view in access.views],
        risks=[RiskTold.at(of, its) for of, its in sorted(places.items())],
    )


def _panel_troubles(site: Site, wiring: Wiring) -> PanelTroubles:
    """Of all panels, in two queries; none where the site's file shows no panel. An alarm lasts ALARMED_FOR at most."""
    if not any(view.of.startswith("panels/") for view in site.access.views):
        return panel_troubles([])
    now, store = wiring.deps.clock(), wiring.deps.store
    told = [
        event
        for types in (ALARMS, SILENCES)
        for event in store.events(site.id, EventQuery(types=types, since=now - TOLD_FOR), limit=REPORTS).items
        if event.type not in ALARMS or event.data.get("kind") == "tamper" or event.at >= now - ALARMED_FOR
    ]
    return panel_troubles(sorted(told, key=lambda event: event.at))
