"""Behaviours and the ground calibration of a camera: what their keys mean, and what is wrong with them, by line."""

from __future__ import annotations

from collections.abc import Mapping

from custos.adapters.sitefile.document import Document, Location, Value
from custos.adapters.sitefile.hours import read_hours
from custos.adapters.sitefile.problems import did_you_mean
from custos.adapters.sitefile.shape_behaviours import BehaviourEntry, GroundEntry
from custos.model.behaviours import BEHAVIOUR_KINDS, BehaviourKind, BehaviourSpec, Need, order_faults, setting_fault
from custos.model.ground import Four, Ground
from custos.model.schedule import Schedule
from custos.model.site import Direction


def behaviour_of(entry: BehaviourEntry, time_zone: str) -> BehaviourSpec:
    """The behaviour an entry describes; its hours are read in `time_zone`."""
    return BehaviourSpec(
        id=entry.id,
        kind=entry.kind,
        name=entry.name or entry.id,
        zone_id=entry.zone,
        line_id=entry.line,
        classes=tuple(entry.classes or ()),
        hours=schedule_of(entry.hours, time_zone),
        sensitivity=entry.sensitivity,
        direction=None if entry.direction is None else Direction(entry.direction),
        settings=dict(entry.settings),
    )


def schedule_of(week: Mapping[str, str | list[str]] | None, time_zone: str) -> Schedule | None:
    """The hours a key describes, read in `time_zone`; None when it is left out."""
    return Schedule(read_hours(week), time_zone) if week else None


def ground_of(entry: GroundEntry | None) -> Ground | None:
    """The calibration an entry describes."""
    return None if entry is None else Ground(_four(entry.image), _four(entry.metres))


def _four(points: list[list[float]]) -> Four:
    a, b, c, d = ((x, y) for x, y in points)
    return a, b, c, d


def check_ground(document: Document, camera: Mapping[str, Value], at: Location) -> None:
    """Note what makes a calibration useless; what is no list of numbers at all is the shape's to say."""
    ground = camera.get("ground")
    if not isinstance(ground, dict):
        return
    try:
        entry = GroundEntry.model_validate(ground)
    except ValueError:
        return
    try:
        ground_of(entry)
    except ValueError as error:
        part = "metres" if "metres" in str(error) and "image" not in str(error) else "image"
        document.complain((*at, "ground", part), str(error).removeprefix("ground: "))


def check_behaviour(
    document: Document, camera: Mapping[str, Value], at: Location, behaviour: Mapping[str, Value]
) -> None:
    """Note what does not fit: places that are not drawn, settings the kind does not have, a missing calibration."""
    kind = BEHAVIOUR_KINDS.get(str(behaviour.get("kind")))
    for part, key in (("zones", "zone"), ("lines", "line")):
        _check_place(document, camera, at, behaviour, part, key)
    if kind is None:
        return
    for key, need in (("zone", kind.zone), ("line", kind.line)):
        if need is Need.MUST and behaviour.get(key) is None:
            what = f"a {kind.name!r} needs a {key}"
            document.complain((*at, "kind"), what, f"Draw one in {key}s and name it: '{key}: ID'.")
        if need is Need.NO and behaviour.get(key) is not None:
            document.complain((*at, key), f"a {kind.name!r} has no use for a {key}", "Leave it out.")
    if behaviour.get("direction") is not None and not kind.directions:
        document.complain((*at, "direction"), f"a {kind.name!r} has no direction", "Leave it out.")
    if kind.ground is Need.MUST and camera.get("ground") is None:
        what = f"a {kind.name!r} measures metres and needs the camera's ground"
        document.complain((*at, "kind"), what, "Add 'ground' to the camera; see docs/site-file.md.")
    _check_settings(document, kind, at, behaviour)


def _check_place(
    document: Document, camera: Mapping[str, Value], at: Location, behaviour: Mapping[str, Value], part: str, key: str
) -> None:
    name, drawn = behaviour.get(key), camera.get(part)
    known = [str(one.get("id")) for one in (drawn if isinstance(drawn, list) else []) if isinstance(one, dict)]
    if isinstance(name, str) and name not in known:
        remedy = (
            did_you_mean(name, known) or f"It is the id of one of this camera's {part}: {', '.join(known) or 'none'}."
        )
        document.complain((*at, key), f"this camera has no {key} {name!r}", remedy)


def _check_settings(document: Document, kind: BehaviourKind, at: Location, behaviour: Mapping[str, Value]) -> None:
    settings = behaviour.get("settings")
    given = settings.items() if isinstance(settings, dict) else ()
    numbers = {name: value for name, value in given if isinstance(value, int | float) and not isinstance(value, bool)}
    for name, value in numbers.items():
        fault = setting_fault(kind, name, value)
        if fault:
            known = [s.name for s in kind.settings]
            document.complain((*at, "settings", name), fault, "" if name in known else did_you_mean(name, known))
    for name, fault in order_faults(kind, numbers).items():
        document.complain((*at, "settings", name), fault, "Change either of the two.")
