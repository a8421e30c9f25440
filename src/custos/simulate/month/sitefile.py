"""The month's site as a site file with its holders beside it, to be read like any other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from custos.simulate.month.people import VISITOR_BADGES, Person, visitor_badge
from custos.simulate.month.premises import (
    AREAS,
    CAMERAS,
    DOORS,
    FULL_ZONES,
    LIT_CAMERA,
    OUTSIDE,
    PANEL_ID,
    PANEL_ZONES,
    RUSH_MPS,
    SITE_ID,
    TILL_CAMERA,
    TILLS,
    TIME_ZONE,
    CameraPlan,
    DoorPlan,
    distance_m,
    till_zone,
)

PLAN_M = (160.0, 70.0)
"""What the plan shows."""
FAR_M = 60.0
"""Doors further apart than this have a least time to walk."""
LOST_BADGE = ("h-lost", "999001")
DURESS_CREDENTIAL = "777001"
_HEAD = f"""\
# A site that does not exist: the month that `custos simulate --site {SITE_ID}` tells of.
site: {{id: {SITE_ID}, name: Harbour works, time_zone: {TIME_ZONE}}}
holders: people.csv
schedules:
  - {{id: reception, name: Reception is there, hours: {{mon-fri: "07:30-18:30"}}}}
  - {{id: office-day, name: Office day, hours: {{mon-fri: "06:00-22:00", sat: "07:00-16:00"}}}}
  - {{id: two-shifts, name: Early and late shift, hours: {{mon-fri: "04:00-23:30"}}}}
  - {{id: shop-day, name: Shop day, hours: {{mon-sat: "06:30-21:30"}}}}
  - {{id: cleaning, name: Cleaning, hours: {{mon-fri: "18:00-23:30"}}}}
"""
_ROLES = """\
roles:
  - id: office
    name: Office
    may: [{areas: [stairs, office-1, office-2, archive, canteen, lobby], schedule: office-day}]
    escorts: true
  - id: warehouse
    name: Warehouse
    may: [{areas: [stairs, warehouse, dock, canteen], schedule: two-shifts}]
  - id: lab
    name: Laboratory
    may: [{areas: [stairs, lab, store, office-1, canteen, lobby]}]
    escorts: true
  - id: shop
    name: Shop
    may: [{areas: [shop-back, shop, cash], schedule: shop-day}]
  - id: it
    name: IT
    may: [{areas: [stairs, office-1, office-2, server-room, canteen, lobby]}]
  - id: facility
    name: Facility
    may: [{areas: [stairs, office-1, office-2, lab, warehouse, dock, plant, canteen, lobby]}]
  - id: manager
    name: Management
    may: [{areas: [stairs, office-1, office-2, archive, lab, warehouse, shop-back, shop, cash, canteen, lobby]}]
    escorts: true
  - id: cleaner
    name: Cleaning
    may: [{areas: [stairs, office-1, office-2, lab, lobby], schedule: cleaning}]
  - id: guard
    name: Guard
    may: [{areas: [stairs, office-1, office-2, lab, warehouse, dock, lobby, canteen]}]
    passback_exempt: true
  - id: visitor
    name: Visitors
    may: [{areas: [stairs, office-1, lab, canteen, lobby], schedule: office-day}]
    needs_escort: true
"""


def site_file() -> str:
    """The text of site.yaml."""
    return _HEAD + _ROLES + "".join((*_areas(), *_doors(), *_cameras(), *_views()))


def people_file(everybody: list[Person]) -> str:
    """The text of people.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "name", "roles", "number", "state", "needs_longer", "duress"))
    threatened = duress_holder(everybody)
    for person in everybody:
        longer = "true" if person.needs_longer else ""
        writer.writerow((person.id, person.name, person.work.role, person.credential, "", longer, ""))
        if person == threatened:
            writer.writerow((person.id, "", "", DURESS_CREDENTIAL, "", "", "true"))
    for number in range(1, VISITOR_BADGES + 1):
        holder_id, credential = visitor_badge(number)
        writer.writerow((holder_id, f"Visitor badge {number}", "visitor", credential, "", "", ""))
    writer.writerow((LOST_BADGE[0], "Lost badge", "office", LOST_BADGE[1], "lost", "", ""))
    return text.getvalue()


def duress_holder(everybody: list[Person]) -> Person:
    """Whose badge has a duress PIN: the first of the management."""
    return next(p for p in everybody if p.work.role == "manager")


def _areas() -> Iterator[str]:
    yield "areas:\n"
    for area in AREAS:
        outside = ", outside: true" if area.id == OUTSIDE else ""
        passback = f", passback: {area.passback}" if area.passback != "none" else ""
        zones = f", zones: [{area.zone}]" if area.zone else ""
        yield f"  - {{id: {area.id}, name: {area.name!r}{outside}{passback}{zones}}}\n"


def _doors() -> Iterator[str]:
    yield "doors:\n"
    for door in DOORS:
        readers = [
            f"{{id: {door.id}-{way}, into: {into}}}"
            for way, into, reads in (("in", door.inner, door.reads_in), ("out", door.outer, door.reads_out))
            if reads
        ]
        yield f"  - id: {door.id}\n    name: {door.name!r}\n    areas: [{door.outer}, {door.inner}]\n"
        yield f"    readers: [{', '.join(readers)}]\n" if readers else ""
        yield f"    open_time_s: {door.open_time_s:g}\n" if door.open_time_s != 30 else ""
        yield "    free: reception\n" if door.id == "front" else ""
        if door.camera:
            yield f"    cameras: [{door.camera}]\n    threshold: {door.camera}/{door.threshold}\n"
        far = _far_doors(door)
        yield f"    walk_s: {{{far}}}\n" if far else ""
        x, y = (round(m / size, 3) for m, size in zip(door.at_m, PLAN_M, strict=True))
        yield f"    position: [{x}, {y}]\n"


def _far_doors(door: DoorPlan) -> str:
    far = [(other.id, distance_m(door.id, other.id)) for other in DOORS if other.id != door.id]
    return ", ".join(f"{other}: {metres / RUSH_MPS:.0f}" for other, metres in far if metres > FAR_M)


def _cameras() -> Iterator[str]:
    yield "cameras:\n"
    for camera in CAMERAS:
        yield f"  - id: {camera.id}\n    name: {camera.name!r}\n    url: rtsp://127.0.0.1:8554/{camera.id}\n"
        doors = [d for d in DOORS if d.camera == camera.id]
        zones = [*camera.zones, *(d.zone for d in doors)]
        yield "    zones:\n" + "".join(_zone(camera, zone, i, len(zones)) for i, zone in enumerate(zones))
        full = [place for place in FULL_ZONES if place.startswith(f"{camera.id}/")]
        for place in full:
            zone_id = place.partition("/")[2]
            yield f"    behaviours:\n      - {{id: full, kind: occupancy, zone: {zone_id}, "
            yield f"settings: {{limit: {FULL_ZONES[place]}}}}}\n"
        if doors:
            yield "    lines:\n"
        for i, door in enumerate(doors):
            x = round(0.1 + 0.25 * i, 3)
            yield f"      - {{id: {door.threshold}, points: [[{x}, 0.7], [{x + 0.2:.3g}, 0.7]]}}\n"


def _views() -> Iterator[str]:
    yield "views:\n"
    for till_id in TILLS:
        yield f"  - {{of: tills/{till_id}, zones: [{TILL_CAMERA}/{till_zone(till_id)}]}}\n"
    for area in AREAS:
        if area.id in PANEL_ZONES:
            cameras = ", ".join(area_cameras(area.id))
            yield f"  - {{of: panels/{PANEL_ID}/{PANEL_ZONES[area.id]}, cameras: [{cameras}], areas: [{area.id}]}}\n"
    for sensor_id, camera_id in LIT_CAMERA.items():
        yield f"  - {{of: sensors/{sensor_id}, cameras: [{camera_id}]}}\n"


def area_cameras(area_id: str) -> list[str]:
    """Cameras that stand in an area, or see a door into it."""
    area = next(a for a in AREAS if a.id == area_id)
    own = [area.zone.partition("/")[0]] if area.zone else []
    return list(dict.fromkeys([*own, *(d.camera for d in DOORS if d.camera and d.inner == area_id)]))


def _zone(camera: CameraPlan, zone_id: str, index: int, count: int) -> str:
    """Zones stand side by side in strips: the month has no pictures that they would have to fit."""
    left, right = round(index / count, 3), round((index + 0.9) / count, 3)
    classes = ", classes: [person, vehicle]" if camera.id == "gate" else ""
    polygon = f"[[{left}, 0.4], [{right}, 0.4], [{right}, 0.95], [{left}, 0.95]]"
    loiter = ", loiter_s: 60" if zone_id.startswith("at-") else ""
    return f"      - {{id: {zone_id}, polygon: {polygon}{classes}{loiter}}}\n"
