"""What a person drew on a camera's picture: to the model's values, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custos.geometry.polygons import first_self_crossing
from custos.model.behaviours import BehaviourSpec, Need
from custos.model.detections import class_ids
from custos.model.ground import Ground
from custos.model.places import line_flaw, polygon_flaw
from custos.model.schedule import Schedule
from custos.model.site import Camera, HeightReference, Line, Zone
from custos.server.conduct import (
    Places,
    behaviour_faults,
    behaviour_of,
    ground_faults,
    ground_of,
    hours_faults,
    schedule_of,
)
from custos.server.problems import Fault, invalid
from custos.server.shapes.site import BehaviourTold, GroundTold, HeightTold, LineTold, ZoneTold


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on one camera's picture."""

    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]
    behaviours: tuple[BehaviourSpec, ...] = ()
    ground: Ground | None = None
    heights: tuple[HeightReference, ...] = ()


def drawing_of(
    zones: Sequence[ZoneTold],
    lines: Sequence[LineTold],
    behaviours: Sequence[BehaviourTold] = (),
    ground: GroundTold | None = None,
    heights: Sequence[HeightTold] = (),
    *,
    time_zone: str = "UTC",
    present: Camera | None = None,
) -> Drawing:
    """Problem 422 with a pointer to each fault.

    Args:
        time_zone: in which hours are meant.
        present: the camera as it is: a shape that stays where it is may stay too small, and the `hours` and
            `sensitivity` of a zone or line that an older client leaves out stay as they are.
    """
    old_zones = {z.id: z for z in present.zones} if present is not None else {}
    old_lines = {line.id: line for line in present.lines} if present is not None else {}
    places = Places([z.id for z in zones], [line.id for line in lines], has_ground=ground is not None)
    faults = [
        *_repeated([z.id for z in zones], "/zones"),
        *_repeated([line.id for line in lines], "/lines"),
        *_repeated([b.id for b in behaviours], "/behaviours"),
        *(f for i, zone in enumerate(zones) for f in _zone_faults(zone, f"/zones/{i}", old_zones.get(zone.id))),
        *(f for i, line in enumerate(lines) for f in _line_faults(line, f"/lines/{i}", old_lines.get(line.id))),
        *(f for i, one in enumerate(behaviours) for f in behaviour_faults(one, f"/behaviours/{i}", places)),
        *ground_faults(ground),
        *(f for i, height in enumerate(heights) for f in _height_faults(height, f"/heights/{i}")),
    ]
    if faults:
        raise invalid(faults)
    return Drawing(
        tuple(_zone(z, time_zone, old_zones.get(z.id)) for z in zones),
        tuple(_line(x, time_zone, old_lines.get(x.id)) for x in lines),
        tuple(behaviour_of(b, time_zone) for b in behaviours),
        ground_of(ground),
        tuple(_height(one) for one in heights),
    )


def check_still_used(drawing: Drawing, behaviours: Sequence[BehaviourSpec], *, has_ground: bool) -> None:
    """Problem 422 when behaviours that are kept as they are refer to what is no longer drawn."""
    zones, lines = [z.id for z in drawing.zones], [line.id for line in drawing.lines]
    faults = []
    for one in behaviours:
        if one.zone_id is not None and one.zone_id not in zones:
            told = f"behaviour {one.id!r} uses zone {one.zone_id!r}; change or remove that behaviour first"
            faults.append(Fault("/zones", told))
        if one.line_id is not None and one.line_id not in lines:
            told = f"behaviour {one.id!r} uses line {one.line_id!r}; change or remove that behaviour first"
            faults.append(Fault("/lines", told))
        if one.kind_of.ground is Need.MUST and not has_ground:
            told = f"behaviour {one.id!r} measures metres by the ground; change or remove that behaviour first"
            faults.append(Fault("/ground", told))
    if faults:
        raise invalid(faults)


def _repeated(ids: Sequence[str], place: str) -> list[Fault]:
    return [
        Fault(f"{place}/{i}/id", f"the id {one!r} is used twice; every id must be unique")
        for i, one in enumerate(ids)
        if one in ids[:i]
    ]


def _zone_faults(zone: ZoneTold, place: str, before: Zone | None) -> list[Fault]:
    faults = [*_class_faults(zone.classes, place), *hours_faults(zone.hours, place)]
    if len(set(zone.polygon)) < 3:
        faults.append(Fault(f"{place}/polygon", "a polygon needs 3 different points or more"))
    elif crossing := first_self_crossing(zone.polygon):
        first, second = (i + 1 for i in crossing)
        faults.append(
            Fault(f"{place}/polygon", f"the polygon crosses itself: its edge {first} meets its edge {second}")
        )
    elif (before is None or before.polygon != tuple(zone.polygon)) and (flaw := polygon_flaw(zone.polygon)):
        faults.append(Fault(f"{place}/polygon", str(flaw)))
    return faults


def _line_faults(line: LineTold, place: str, before: Line | None) -> list[Fault]:
    faults = [*_class_faults(line.classes, place), *hours_faults(line.hours, place)]
    if line.points[0] == line.points[1]:
        faults.append(Fault(f"{place}/points", "the two points of a line must differ"))
    elif (before is None or before.points != line.points) and (flaw := line_flaw(*line.points)):
        faults.append(Fault(f"{place}/points", str(flaw)))
    return faults


def _class_faults(classes: Sequence[str], place: str) -> list[Fault]:
    faults = []
    for i, name in enumerate(classes):
        try:
            class_ids((name,))
        except ValueError as problem:
            faults.append(Fault(f"{place}/classes/{i}", str(problem)))
    return faults


def _height_faults(height: HeightTold, place: str) -> list[Fault]:
    try:
        _height(height)
    except ValueError as error:
        return [Fault(f"{place}/top", str(error).removeprefix("height reference: "))]
    return []


def _height(height: HeightTold) -> HeightReference:
    return HeightReference(height.bottom, height.top, height.height_m)


def _hours(asked: ZoneTold | LineTold, time_zone: str, before: Zone | Line | None) -> Schedule | None:
    if before is not None and "hours" not in asked.model_fields_set:
        return before.hours
    return schedule_of(asked.hours, time_zone)


def _sensitivity(asked: ZoneTold | LineTold, before: Zone | Line | None) -> float:
    if before is not None and "sensitivity" not in asked.model_fields_set:
        return before.sensitivity
    return asked.sensitivity


def _zone(zone: ZoneTold, time_zone: str, before: Zone | None) -> Zone:
    return Zone(
        id=zone.id,
        name=zone.name,
        polygon=tuple(zone.polygon),
        classes=tuple(zone.classes),
        loiter_s=zone.loiter_s,
        min_dwell_s=zone.min_dwell_s,
        hours=_hours(zone, time_zone, before),
        sensitivity=_sensitivity(zone, before),
    )


def _line(line: LineTold, time_zone: str, before: Line | None) -> Line:
    return Line(
        id=line.id,
        name=line.name,
        points=line.points,
        direction=line.direction,
        classes=tuple(line.classes),
        hours=_hours(line, time_zone, before),
        sensitivity=_sensitivity(line, before),
    )
