"""Behaviours and the ground calibration as a person set them: to the model's values, or to all that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from custos.model.behaviours import BEHAVIOUR_KINDS, BehaviourKind, BehaviourSpec, Need, order_faults, setting_fault
from custos.model.detections import class_ids
from custos.model.ground import Ground, ground_flaw
from custos.model.schedule import Schedule
from custos.server.problems import Fault
from custos.server.shapes.site import BehaviourTold, GroundTold, HoursTold


@dataclass(frozen=True, slots=True)
class Places:
    """What behaviours of a camera may refer to."""

    zones: Sequence[str]
    lines: Sequence[str]
    has_ground: bool


def behaviour_of(asked: BehaviourTold, time_zone: str) -> BehaviourSpec:
    """The model's own; `behaviour_faults` has found nothing."""
    return BehaviourSpec(
        id=asked.id,
        kind=asked.kind,
        name=asked.name or asked.id,
        zone_id=asked.zone,
        line_id=asked.line,
        classes=tuple(asked.classes),
        hours=schedule_of(asked.hours, time_zone),
        sensitivity=asked.sensitivity,
        direction=asked.direction,
        settings=dict(asked.settings),
    )


def schedule_of(spans: Sequence[HoursTold] | None, time_zone: str) -> Schedule | None:
    """The hours that are meant, in `time_zone`; None: always."""
    return None if spans is None else Schedule(tuple(span.hours() for span in spans), time_zone)


def hours_faults(spans: Sequence[HoursTold] | None, at: str) -> list[Fault]:
    """Spans in which there is no time."""
    told = "the span is empty; the whole day is 00:00 to 24:00"
    return [Fault(f"{at}/hours/{i}/end", told) for i, span in enumerate(spans or ()) if span.start == span.end]


def ground_of(asked: GroundTold | None) -> Ground | None:
    return None if asked is None else Ground(asked.image, asked.metres)


def ground_faults(asked: GroundTold | None) -> list[Fault]:
    try:
        ground = ground_of(asked)
    except ValueError as error:
        return [Fault("/ground", str(error).removeprefix("ground: "))]
    flaw = None if ground is None else ground_flaw(ground)
    return [] if flaw is None else [Fault("/ground", str(flaw))]


def behaviour_faults(asked: BehaviourTold, at: str, places: Places) -> list[Fault]:
    """All that is wrong with one behaviour, with pointers below `at`."""
    kind = BEHAVIOUR_KINDS.get(asked.kind)
    if kind is None:
        return [Fault(f"{at}/kind", f"no kind is called {asked.kind!r}; there are {', '.join(BEHAVIOUR_KINDS)}")]
    faults = [
        *_place_faults(kind, "zone", kind.zone, asked.zone, places.zones, at),
        *_place_faults(kind, "line", kind.line, asked.line, places.lines, at),
        *_class_faults(asked.classes, at),
    ]
    if asked.direction is not None and not kind.directions:
        faults.append(Fault(f"{at}/direction", f"a {kind.name!r} has no direction; leave it out"))
    if kind.ground is Need.MUST and not places.has_ground:
        told = f"a {kind.name!r} measures metres and needs the camera's ground: click four points of it first"
        faults.append(Fault(f"{at}/kind", told))
    faults += hours_faults(asked.hours, at)
    for name, value in asked.settings.items():
        if fault := setting_fault(kind, name, value):
            faults.append(Fault(f"{at}/settings/{name}", fault))
    for name, fault in order_faults(kind, asked.settings).items():
        faults.append(Fault(f"{at}/settings/{name}", fault))
    return faults


def _place_faults(
    kind: BehaviourKind, what: str, need: Need, given: str | None, known: Sequence[str], at: str
) -> list[Fault]:
    if given is None:
        told = f"a {kind.name!r} needs a {what}; name one of this camera's"
        return [Fault(f"{at}/{what}", told)] if need is Need.MUST else []
    if need is Need.NO:
        return [Fault(f"{at}/{what}", f"a {kind.name!r} has no use for a {what}; leave it out")]
    there_are = f"there are {', '.join(known)}" if known else "it has none"
    return [] if given in known else [Fault(f"{at}/{what}", f"this camera has no {what} {given!r}; {there_are}")]


def _class_faults(classes: Sequence[str], at: str) -> list[Fault]:
    faults = []
    for i, name in enumerate(classes):
        try:
            class_ids((name,))
        except ValueError as problem:
            faults.append(Fault(f"{at}/classes/{i}", str(problem)))
    return faults
