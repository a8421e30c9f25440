"""`check_event(event)`: an event is what `custos.model.event_types` says of its type."""

from __future__ import annotations

from collections.abc import Iterable

from custos.model.event import Event
from custos.model.event_shape import faults_of
from custos.model.event_types import EVENT_TYPES


def check_event(event: Event) -> None:
    """AssertionError unless the type is known, every required field is there, and each is of its kind."""
    kind = EVENT_TYPES.get(event.type)
    assert kind is not None, f"{event.type!r} is not in custos.model.event_types"
    faults = faults_of(event, kind)
    assert not faults, "; ".join(faults)


def check_events(events: Iterable[Event]) -> None:
    """All of them, and no id twice."""
    seen: set[str] = set()
    for event in events:
        check_event(event)
        assert event.id not in seen, f"the id {event.id!r} is given twice"
        seen.add(event.id)
