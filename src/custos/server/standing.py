"""Where on a site incidents stand: at which doors, cameras and tills, and in which areas: what a map is coloured by.

standing(incidents, events, site) -> {"areas/office": [incident, ...], "doors/dock": [...]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from custos.model.event import Event, Incident
from custos.model.site import Site

KINDS = ("areas", "doors", "cameras", "tills", "panels", "sensors", "devices")
NAMED = {"door_id": "doors", "area_id": "areas", "till_id": "tills", "camera_id": "cameras", "panel_id": "panels"}
"""Fields of events that name a place."""
TOLD = 10
"""Of an incident's events the first and the last so many are asked where they were."""


def told_by(incident: Incident) -> tuple[str, ...]:
    """The events that are asked where an incident is."""
    ids = incident.event_ids
    return ids if len(ids) <= 2 * TOLD else (*ids[:TOLD], *ids[-TOLD:])


def standing(incidents: Iterable[Incident], events: Iterable[Event], site: Site) -> Mapping[str, Sequence[Incident]]:
    """The incidents of each place, the gravest first. `events`: those that `told_by` names, as far as they exist."""
    known = {event.id: event for event in events}
    found: dict[str, list[Incident]] = {}
    for incident in sorted(incidents, key=lambda one: (-one.risk, one.number)):
        its = [known[one] for one in told_by(incident) if one in known]
        for place in dict.fromkeys((*_places(incident, its), *_areas(incident, its, site))):
            found.setdefault(place, []).append(incident)
    return found


def _places(incident: Incident, events: Sequence[Event]) -> Iterator[str]:
    """What the incident itself and its events name."""
    if incident.camera_id is not None:
        yield f"cameras/{incident.camera_id}"
    yield from (one for one in incident.subjects if one.partition("/")[0] in KINDS)
    for event in events:
        parts = event.source.split("/")
        if len(parts) == 5 and parts[3] in KINDS:
            yield f"{parts[3]}/{parts[4]}"
            if parts[3] == "panels" and isinstance(zone := event.data.get("zone"), str) and zone:
                yield f"panels/{parts[4]}/{zone}"
        for name, kind in NAMED.items():
            if isinstance(value := event.data.get(name), str):
                yield f"{kind}/{value}"


def _areas(incident: Incident, events: Sequence[Event], site: Site) -> Iterator[str]:
    """The areas that are concerned: a door's two, but for what is outside, and those in which cameras saw it."""
    seen = {(incident.camera_id, incident.zone_id)} | {(e.camera_id, e.data.get("zone_id")) for e in events}
    places = set(_places(incident, events))
    for view in site.access.views:
        seen |= set(view.zones) if view.of in places else set()
    for area in site.access.areas:
        cameras = {camera_id for camera_id, _ in area.zones}
        if any(pair in area.zones or (pair[0] in cameras and pair[1] is None) for pair in seen):
            yield f"areas/{area.id}"
    outside = {area.id for area in site.access.areas if area.is_outside}
    for door in site.access.doors:
        if f"doors/{door.id}" in places:
            inner = [one for one in door.areas if one not in outside]
            yield from (f"areas/{one}" for one in inner or door.areas)
