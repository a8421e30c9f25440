"""Events from outside, judged before they reach the hub: `events_of(told, ...) -> list[Event]`, or every fault.

A sender may speak of its own site, of known types and in their fields, for the sources it is allowed; the hub's own
events are nobody else's to tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from custos.model.devices import SOURCE_KINDS, HttpDevice, may_speak_for
from custos.model.event import Event, Json
from custos.model.event_shape import faults_of
from custos.model.event_types import EVENT_TYPES
from custos.pipeline.cloudevents import from_cloudevent
from custos.server.problems import Fault, pointer_of

BATCH_LIMIT = 1000
LONGEST_ID = 200
LONGEST_TEXT = 4000
AHEAD = timedelta(days=1)
"""A clock may be wrong, and is then told to be; an event of the day after tomorrow would upset every timer."""
OWN_TYPES = ("incident.", "system.", "device.")
"""What Custos itself tells."""
_SOURCE = re.compile(rf"^/sites/(?P<site>[a-z0-9-]+)/(?:{'|'.join(SOURCE_KINDS)})/[a-z0-9][a-z0-9-]{{0,62}}$")


def events_of(
    told: Sequence[Json], *, site_id: str, sender: HttpDevice | None, now: datetime, whole: bool
) -> tuple[list[Event], list[Fault]]:
    """The events of CloudEvents objects, and everything that is wrong with them.

    Args:
        sender: the device that sends; None for one who may speak for all.
        whole: whether `told` is a batch, so that faults point to its entries.
    """
    if len(told) > BATCH_LIMIT:
        return [], [Fault("", f"a batch holds at most {BATCH_LIMIT} events, got {len(told)}")]
    events: list[Event] = []
    faults: list[Fault] = []
    for i, one in enumerate(told):
        at = pointer_of([i]) if whole else ""
        if not isinstance(one, dict):
            faults.append(Fault(at, "a CloudEvent is an object"))
            continue
        try:
            event = from_cloudevent(one)
        except ValueError as problem:
            faults.append(Fault(at, _shortened(str(problem))))
            continue
        found = [Fault(at + where, what) for where, what in _wrong(event, site_id, sender, now)]
        faults += found
        if not found:
            events.append(event)
    return events, faults


def _wrong(event: Event, site_id: str, sender: HttpDevice | None, now: datetime) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if len(event.id) > LONGEST_ID or not event.id.isprintable():
        found.append(("/id", f"an id is at most {LONGEST_ID} printable characters"))
    if event.subject is not None and (len(event.subject) > LONGEST_ID or not event.subject.isprintable()):
        found.append(("/subject", f"a subject is at most {LONGEST_ID} printable characters"))
    source = _SOURCE.fullmatch(event.source)
    if source is None or source["site"] != site_id:
        kinds = ", ".join(SOURCE_KINDS)
        found.append(("/source", f"the source must be /sites/{site_id}/KIND/ID, KIND one of {kinds}"))
    elif sender is not None and not may_speak_for(sender.speaks_for, event.source):
        allowed = ", ".join(sender.speaks_for)
        found.append(("/source", f"device {sender.id!r} may speak for {allowed}, not for {event.source}"))
    if not 1970 <= event.at.year <= 9000 or event.at - now > AHEAD:
        found.append(("/time", "the time lies more than a day ahead, or before 1970"))
    kind = EVENT_TYPES.get(event.type)
    if kind is None or event.type.startswith(OWN_TYPES):
        found.append(("/type", f"{_shortened(event.type)!r} is no type that can be sent; see /api/v1/event-types"))
    else:
        found += [("/data", fault) for fault in faults_of(event, kind)]
    if not _is_storable(event.data):
        found.append(("/data", f"texts hold at most {LONGEST_TEXT} characters, and no NUL or half characters"))
    return found


def _is_storable(value: object) -> bool:
    """Whether every database can hold it: no NUL, no lone surrogates, nothing endless."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, Mapping):
        return all(_is_storable(key) and _is_storable(inner) for key, inner in value.items())
    if isinstance(value, list):
        return len(value) <= LONGEST_TEXT and all(_is_storable(inner) for inner in value)
    return not isinstance(value, int) or abs(value) < 1 << 63


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else text[:300] + "..."
