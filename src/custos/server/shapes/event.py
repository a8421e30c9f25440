"""Events as CloudEvents, and their types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from custos.model.event import Event
from custos.model.event_types import EventType
from custos.pipeline.cloudevents import to_cloudevent
from custos.server.shapes.base import Told


class CloudEventTold(Told):
    """CloudEvents 1.0; `subject` is absent when there is none."""

    specversion: Literal["1.0"]
    id: str
    type: str
    source: str
    subject: Annotated[str | None, Field(exclude_if=lambda subject: subject is None)] = None
    time: str
    datacontenttype: Literal["application/json"]
    data: dict[str, JsonValue]

    @classmethod
    def of(cls, event: Event) -> CloudEventTold:
        return cls.model_validate(to_cloudevent(event))


class DataFieldTold(Told):
    name: str
    kind: Literal["text", "number", "integer", "flag", "box", "points", "texts", "numbers", "object"]
    meaning: str
    required: bool


class EventTypeTold(Told):
    """A kind of fact, with its ONVIF topic and alarm codes where there are some."""

    name: str
    meaning: str
    onvif_topic: str | None
    sia: str | None
    contact_id: str | None
    fields: list[DataFieldTold]

    @classmethod
    def of(cls, kind: EventType) -> EventTypeTold:
        return cls.model_validate(
            {
                "name": kind.name,
                "meaning": kind.meaning,
                "onvif_topic": kind.onvif_topic,
                "sia": kind.sia,
                "contact_id": kind.contact_id,
                "fields": [
                    {"name": f.name, "kind": f.kind, "meaning": f.meaning, "required": f.required} for f in kind.fields
                ],
            }
        )
