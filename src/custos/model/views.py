"""Which cameras see which place of a site, what places are called, and where they are on its plan.

A place is "doors/front", "areas/office", "cameras/lobby", "zones/lobby/desk", "tills/1", "panels/main", ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custos.model.access import VIEWED
from custos.model.naming import Point
from custos.model.site import Site


def cameras_of(site: Site) -> dict[str, tuple[str, ...]]:
    """Of every place that is seen: the cameras and zones that see it, "cameras/lobby" or "zones/lobby/desk"."""
    seen: dict[str, list[str]] = {}
    for door in site.access.doors:
        seen[f"doors/{door.id}"] = [f"cameras/{c}" for c in door.cameras]
    for area in site.access.areas:
        seen[f"areas/{area.id}"] = [f"zones/{c}/{z}" for c, z in area.zones]
    zones_of = {area.id: area.zones for area in site.access.areas}
    for view in site.access.views:
        zones = [*view.zones, *(pair for area_id in view.areas for pair in zones_of.get(area_id, ()))]
        seen.setdefault(view.of, []).extend(
            [*(f"cameras/{c}" for c in view.cameras), *(f"zones/{c}/{z}" for c, z in zones)]
        )
    return {place: tuple(dict.fromkeys(cameras)) for place, cameras in seen.items()}


def areas_of(site: Site) -> dict[str, tuple[str, ...]]:
    """The ids of the areas that a place is or covers: of areas themselves, and of what its view says. A panel whose own
    view says nothing covers what its zones do."""
    views = site.access.views
    found = {**{f"areas/{a.id}": (a.id,) for a in site.access.areas}, **{v.of: v.areas for v in views if v.areas}}
    zones: dict[str, list[str]] = {}
    for view in views:
        if view.of.startswith("panels/"):
            zones.setdefault("/".join(view.of.split("/")[:2]), []).extend(view.areas)
    return {**{panel: tuple(dict.fromkeys(areas)) for panel, areas in zones.items() if areas}, **found}


def names_of(site: Site) -> dict[str, str]:
    """What people call the places that have a name."""
    plan = site.access
    return {
        **{f"cameras/{c.id}": c.name for c in site.cameras},
        **{f"zones/{c.id}/{z.id}": z.name for c in site.cameras for z in c.zones},
        **{f"doors/{d.id}": d.name for d in plan.doors},
        **{f"areas/{a.id}": a.name for a in plan.areas},
    }


def name_of(place: str, names: Mapping[str, str]) -> str:
    """What people call a place; a till, a panel or a sensor has no name in the site file, so its id is written as one:
    "tills/till-1" is "Till 1", "panels/main/01" is "Main, zone 01". Anything else without a name keeps its id."""
    if place in names:
        return names[place]
    kind, _, rest = place.partition("/")
    if kind not in VIEWED:
        return rest.rpartition("/")[2] or rest
    own_id, _, zone = rest.partition("/")
    words = own_id.replace("-", " ").replace("_", " ").strip() or own_id
    name = f"{words[:1].upper()}{words[1:]}"
    return f"{name}, zone {zone}" if zone else name


def positions_of(site: Site) -> Mapping[str, Point]:
    """Where places are on the site's plan, 0..1: doors, cameras and things where they stand, areas in their middle."""
    plan = site.access
    return {
        **{f"areas/{a.id}": _middle(a.outline) for a in plan.areas if a.outline},
        **{f"cameras/{c.id}": c.place.position for c in site.cameras if c.place is not None},
        **{f"doors/{d.id}": d.position for d in plan.doors if d.position is not None},
        **{v.of: v.position for v in plan.views if v.position is not None},
    }


def _middle(outline: Sequence[Point]) -> Point:
    return sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline)
