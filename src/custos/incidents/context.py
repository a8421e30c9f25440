"""What belongs to an incident's whole picture: its places, its people, the cameras that see it, which moments to look
at, and which earlier incidents share something with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.model.context import Related
from custos.model.event import Event, Incident
from custos.model.site import Site

OFFSETS_S = (-8.0, -4.0, 0.0, 4.0, 8.0)
"""When the place is looked at, in seconds from when the incident opened."""
AFTER_S = max(OFFSETS_S)
EVENT_MOMENTS = 4
"""Besides, of so many events that it rests on, the first ones."""
APART_S = 1.5
"""Moments nearer to each other than this are one."""
OLDEST_S = 180.0
"""Moments longer ago than this are not looked at: cameras' workers keep no picture of them."""
MOST_CAMERAS = 6
RELATED_S = 24 * 3600.0
"""Incidents opened so long before it may be related."""
MOST_RELATED = 8

_KINDS = ("doors", "tills", "panels", "sensors", "areas", "cameras")
"""The nearer to the front, the better it says where something is."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an incident is and whom it is about; `places`: the most telling first."""

    places: tuple[str, ...]
    holders: tuple[str, ...]


def surroundings(incident: Incident, events: Sequence[Event], site: Site) -> Surroundings:
    """Of an incident and the events it rests on."""
    named: list[str] = [place for event in events for place in _places(event)]
    named += [f"cameras/{incident.camera_id}"] if incident.camera_id is not None else []
    named += [f"doors/{door_id}" for door_id in _doors_of_group(incident, named, site)]
    named += [area for place in list(named) for area in _areas(place, site)]
    named += _seen_areas(incident, events, site)
    ranked = sorted(dict.fromkeys(named), key=lambda place: _KINDS.index(place.partition("/")[0]))
    people = [holder for event in events for holder in _holders(event, site)]
    return Surroundings(tuple(ranked), tuple(dict.fromkeys(people)))


def cameras_that_see(
    incident: Incident,
    events: Sequence[Event],
    places: Iterable[str],
    site: Site,
    seen_by: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """Cameras that see the incident: those that told of it first, then those that look at its places.

    Args:
        seen_by: as `cameras_of` says of the site.
    """
    found = [incident.camera_id, *(event.camera_id for event in reversed(events))]
    for place in places:
        found += [camera.split("/")[1] for camera in seen_by.get(place, ())]
        door = site.access.door(place.partition("/")[2]) if place.startswith("doors/") else None
        if door is not None and door.threshold is not None:
            found.append(door.threshold.camera_id)
    known = {camera.id for camera in site.cameras}
    return tuple(dict.fromkeys(one for one in found if one is not None and one in known))[:MOST_CAMERAS]


def moments(incident: Incident, events: Sequence[Event]) -> tuple[datetime, ...]:
    """When to look at the places, the earliest first."""
    at = incident.opened_at
    wanted = [at + timedelta(seconds=offset_s) for offset_s in OFFSETS_S]
    for event in events[:EVENT_MOMENTS]:
        is_recent = 0 <= (at - event.at).total_seconds() <= OLDEST_S
        if is_recent and all(abs((event.at - one).total_seconds()) >= APART_S for one in wanted):
            wanted.append(event.at)
    return tuple(sorted(wanted))


def related(mine: Surroundings, others: Sequence[tuple[Incident, Surroundings]]) -> tuple[Related, ...]:
    """Those that share a place or a holder with this one: who shares most first, then the newest."""
    here = {*mine.places, *(f"holders/{one}" for one in mine.holders)}
    found: list[Related] = []
    for other, theirs in others:
        there = (*theirs.places, *(f"holders/{one}" for one in theirs.holders))
        shared = tuple(one for one in there if one in here)
        if shared:
            found.append(Related(other.id, other.number, other.title, other.opened_at, shared))
    found.sort(key=lambda one: (len(one.shared), one.opened_at), reverse=True)
    return tuple(found[:MOST_RELATED])


def _places(event: Event) -> list[str]:
    data = event.data
    named = {"doors": event.door_id, "cameras": event.camera_id}
    for kind, field in (("tills", "till_id"), ("panels", "panel_id"), ("sensors", "sensor_id"), ("areas", "area_id")):
        value = data.get(field)
        named[kind] = value if isinstance(value, str) else None
    return [f"{kind}/{one}" for kind, one in named.items() if one]


def _doors_of_group(incident: Incident, named: Sequence[str], site: Site) -> list[str]:
    """A rule that groups by door speaks of one also when a camera alone has told of it."""
    doors = [door for key in incident.group.split("/")[1:] if (door := site.access.door(key)) is not None]
    return [door.id for door in doors if any(f"cameras/{camera_id}" in named for camera_id in door.cameras)]


def _areas(place: str, site: Site) -> list[str]:
    """The areas that a door joins, but for those outside."""
    door = site.access.door(place.partition("/")[2]) if place.startswith("doors/") else None
    if door is None:
        return []
    inner = [area for area_id in reversed(door.areas) if (area := site.access.area(area_id)) is not None]
    return [f"areas/{area.id}" for area in inner if not area.is_outside]


def _seen_areas(incident: Incident, events: Sequence[Event], site: Site) -> list[str]:
    """The areas whose zones tell of it."""
    told = [(event.camera_id, event.data.get("zone_id")) for event in events]
    zones = [*told, (incident.camera_id, incident.zone_id)]
    return [f"areas/{area.id}" for camera_id, zone_id in zones for area in site.access.areas_seen(camera_id, zone_id)]


def _holders(event: Event, site: Site) -> list[str]:
    data: Mapping[str, object] = event.data
    holder_id, credential = data.get("holder_id"), data.get("credential")
    if isinstance(holder_id, str):
        return [holder_id]
    if event.subject is not None and event.subject.startswith("holders/"):
        return [event.subject.partition("/")[2]]
    known = site.access.credential(credential) if isinstance(credential, str) else None
    return [known[0].id] if known is not None else []
