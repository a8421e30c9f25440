"""The shape of an event type, and what an event lacks of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from custos.model.event import Event, Json


@dataclass(frozen=True, slots=True)
class DataField:
    """One field of an event's data.

    Args:
        kind: "text", "number", "integer", "flag", "box", "points", "texts", "numbers", "object".
        required: whether it must be there. measured: only Custos' own look at the pictures gives it, so that it may be
            missing where `seen_by` says that the device saw it.
    """

    name: str
    kind: str
    meaning: str
    required: bool = True
    measured: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of fact."""

    name: str
    meaning: str
    fields: tuple[DataField, ...] = ()
    onvif_topic: str | None = None
    sia: str | None = None
    contact_id: str | None = None


SEEN_BY, DEVICE = "seen_by", "device"
"""The field that says who saw it, where that was not Custos; and who did."""


def faults_of(event: Event, kind: EventType) -> list[str]:
    """What is wrong with the event's data, one sentence each; [] when it is as its type says."""
    fields = {f.name: f for f in kind.fields}
    faults = [f"{event.type} has no field {name!r}" for name in event.data if name not in fields]
    is_told = SEEN_BY in fields and event.data.get(SEEN_BY) == DEVICE
    needed = (name for name, f in fields.items() if f.required and not (f.measured and is_told))
    faults += [f"{event.type} needs the field {name!r}" for name in needed if name not in event.data]
    faults += [
        f"{event.type}: {name} must be {fields[name].kind}, got {repr(value)[:80]}"
        for name, value in event.data.items()
        if name in fields and not _KINDS[fields[name].kind](value)
    ]
    return faults


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0


def _is_box(value: Json) -> bool:
    if not isinstance(value, list) or len(value) != 4 or not all(_is_number(side) for side in value):
        return False
    left, top, right, bottom = (float(side) if isinstance(side, int | float) else -1.0 for side in value)
    return 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1


def _is_point(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(axis) for axis in value)


_KINDS: dict[str, Callable[[Json], bool]] = {
    "text": lambda value: isinstance(value, str) and bool(value),
    "number": _is_number,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "box": _is_box,
    "texts": lambda value: isinstance(value, list) and all(isinstance(one, str) and one for one in value),
    "numbers": lambda value: isinstance(value, list) and all(_is_number(one) for one in value),
    "points": lambda value: isinstance(value, list) and bool(value) and all(_is_point(point) for point in value),
    "object": lambda value: isinstance(value, dict) and bool(value),
}
