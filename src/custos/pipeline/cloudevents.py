"""Events outside the process: CloudEvents 1.0 JSON, the same on HTTP, MQTT, NATS and in files.

    to_cloudevent(event) -> object      from_cloudevent(object) -> event

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from custos.model.event import TYPE_PREFIX, Event, Json

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]+")
_KNOWN = frozenset({"specversion", "id", "type", "source", "subject", "time", "datacontenttype", "data"})


def instant_text(at: datetime) -> str:
    """ISO 8601 in UTC with Z; microseconds only where there are some."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def to_cloudevent(event: Event) -> dict[str, Json]:
    """The event's JSON object; `subject` is left out when there is none."""
    told: dict[str, Json] = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "type": TYPE_PREFIX + event.type,
        "source": event.source,
    }
    if event.subject is not None:
        told["subject"] = event.subject
    told["time"] = instant_text(event.at)
    told["datacontenttype"] = CONTENT_TYPE
    told["data"] = dict(event.data)
    return told


def from_cloudevent(told: Mapping[str, Json]) -> Event:
    """The event of a JSON object; ValueError says which attribute is wrong and how.

    An attribute that is null counts as absent (section 2.2 of the JSON format), and well-named extension
    attributes are ignored.
    """
    told = {name: value for name, value in told.items() if value is not None}
    for name in told:
        if name not in _KNOWN and (name == "data_base64" or not _ATTRIBUTE_NAME.fullmatch(name)):
            raise ValueError(f"a CloudEvent of Custos has no attribute {name!r}")
    if told.get("specversion") != SPEC_VERSION:
        raise ValueError(f"specversion must be {SPEC_VERSION!r}, got {told.get('specversion')!r}")
    content_type = told.get("datacontenttype", CONTENT_TYPE)
    if content_type != CONTENT_TYPE:
        raise ValueError(f"datacontenttype must be {CONTENT_TYPE!r}, got {content_type!r}")
    subject = _text(told, "subject") if "subject" in told else None
    data = told.get("data", {})
    if not isinstance(data, dict):
        raise ValueError(f"data must be an object, got {type(data).__name__}")
    return Event(
        id=_text(told, "id"),
        type=_type(told),
        at=_time(told),
        source=_text(told, "source"),
        subject=subject,
        data=data,
    )


def _text(told: Mapping[str, Json], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text that is not empty, got {value!r}")
    return value


def _type(told: Mapping[str, Json]) -> str:
    value = _text(told, "type")
    if not value.startswith(TYPE_PREFIX) or value == TYPE_PREFIX:
        raise ValueError(f"type must begin with {TYPE_PREFIX!r}, got {value!r}")
    return value.removeprefix(TYPE_PREFIX)


def _time(told: Mapping[str, Json]) -> datetime:
    value = _text(told, "time")
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise ValueError(f"time must be an ISO 8601 date and time, got {value!r}") from problem
    raise ValueError(f"time must say its offset from UTC (a final Z will do), got {value!r}")
