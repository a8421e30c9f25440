"""Zones and lines as a person drew them: to the model's values, or to all that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custos.geometry.polygons import first_self_crossing
from custos.model.detections import class_ids
from custos.model.site import Line, Zone
from custos.server.problems import Fault, invalid
from custos.server.shapes.site import LineTold, ZoneTold


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on one camera's picture."""

    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]


def drawing_of(zones: Sequence[ZoneTold], lines: Sequence[LineTold]) -> Drawing:
    """Problem 422 with a pointer to each fault."""
    faults = [
        *_repeated([z.id for z in zones], "/zones"),
        *_repeated([line.id for line in lines], "/lines"),
        *(f for i, zone in enumerate(zones) for f in _zone_faults(zone, f"/zones/{i}")),
        *(f for i, line in enumerate(lines) for f in _line_faults(line, f"/lines/{i}")),
    ]
    if faults:
        raise invalid(faults)
    return Drawing(tuple(_zone(z) for z in zones), tuple(_line(line) for line in lines))


def _repeated(ids: Sequence[str], place: str) -> list[Fault]:
    return [
        Fault(f"{place}/{i}/id", f"the id {one!r} is used twice; every id must be unique")
        for i, one in enumerate(ids)
        if one in ids[:i]
    ]


def _zone_faults(zone: ZoneTold, place: str) -> list[Fault]:
    faults = _class_faults(zone.classes, place)
    if len(set(zone.polygon)) < 3:
        faults.append(Fault(f"{place}/polygon", "a polygon needs 3 different points or more"))
    elif crossing := first_self_crossing(zone.polygon):
        first, second = (i + 1 for i in crossing)
        faults.append(
            Fault(f"{place}/polygon", f"the polygon crosses itself: its edge {first} meets its edge {second}")
        )
    return faults


def _line_faults(line: LineTold, place: str) -> list[Fault]:
    faults = _class_faults(line.classes, place)
    if line.points[0] == line.points[1]:
        faults.append(Fault(f"{place}/points", "the two points of a line must differ"))
    return faults


def _class_faults(classes: Sequence[str], place: str) -> list[Fault]:
    faults = []
    for i, name in enumerate(classes):
        try:
            class_ids((name,))
        except ValueError as problem:
            faults.append(Fault(f"{place}/classes/{i}", str(problem)))
    return faults


def _zone(zone: ZoneTold) -> Zone:
    return Zone(
        id=zone.id,
        name=zone.name,
        polygon=tuple(zone.polygon),
        classes=tuple(zone.classes),
        loiter_s=zone.loiter_s,
        min_dwell_s=zone.min_dwell_s,
    )


def _line(line: LineTold) -> Line:
    return Line(id=line.id, name=line.name, points=line.points, direction=line.direction, classes=tuple(line.classes))
