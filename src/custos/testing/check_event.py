"""`check_event(event)`: an event is what `custos.model.event_types` says of its type."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from custos.model.event import Event, Json
from custos.model.event_types import EVENT_TYPES


def check_event(event: Event) -> None:
    """AssertionError unless the type is known, every required field is there, and each is of its kind."""
    kind = EVENT_TYPES.get(event.type)
    assert kind is not None, f"{event.type!r} is not in custos.model.event_types"
    fields = {f.name: f for f in kind.fields}
    unknown = set(event.data) - set(fields)
    missing = {name for name, f in fields.items() if f.required} - set(event.data)
    assert not unknown, f"{event.type}: the fields {sorted(unknown)} are not in custos.model.event_types"
    assert not missing, f"{event.type}: the fields {sorted(missing)} are missing"
    for name, value in event.data.items():
        assert _KINDS[fields[name].kind](value), f"{event.type}: {name} is no {fields[name].kind}: {value!r}"


def check_events(events: Iterable[Event]) -> None:
    """All of them, and no id twice."""
    seen: set[str] = set()
    for event in events:
        check_event(event)
        assert event.id not in seen, f"the id {event.id!r} is given twice"
        seen.add(event.id)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
    "points": lambda value: isinstance(value, list) and bool(value) and all(_is_point(point) for point in value),
}
