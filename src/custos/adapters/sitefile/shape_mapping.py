"""The part of a device's entry that says how its records become events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from custos.adapters.devices.mapping import OWNERS, LineForm, fields_of
from custos.adapters.sitefile.fields import Entry, Name, known_time_zone, refusal
from custos.adapters.sitefile.problems import did_you_mean
from custos.model.devices import SOURCE_KINDS
from custos.model.event_types import EVENT_TYPES
from custos.model.mapping import NO_EVENT, TIME_FORMS, EventTemplate, RecordMapping

OWN_TYPES = ("incident.", "system.", "device.")


def _template(text: str) -> str:
    try:
        fields_of(text)
    except ValueError as error:
        raise refusal(str(error), "Write a record's field as '{field}'.") from error
    return text


def _line(text: str) -> str:
    try:
        LineForm.of(text)
    except ValueError as error:
        raise refusal(str(error), "Write it like '{time};{till};{amount}'.") from error
    return text


def _known_type(name: str) -> str:
    types = [one for one in EVENT_TYPES if not one.startswith(OWN_TYPES)]
    if name not in (NO_EVENT, *types):
        raise refusal(f"no event type that records can make is called {name!r}", did_you_mean(name, types))
    return name


def _time_form(text: str) -> str:
    if text in TIME_FORMS:
        return text
    moment = datetime(2026, 11, 26, 15, 4, 5, tzinfo=UTC)
    try:
        back = datetime.strptime(moment.strftime(text), text)  # noqa: DTZ007  only asked whether it can be read
    except ValueError as error:
        raise refusal(
            f"{text!r} is no form of a time", "Write 'iso', 'unix', 'unix_ms', or '%d.%m.%Y %H:%M'."
        ) from error
    if "%" not in text or (back.month, back.day, back.hour) != (11, 26, 15):
        raise refusal(f"{text!r} does not say month, day and hour", "Write it like '%d.%m.%Y %H:%M:%S'.")
    return text


def _source(text: str) -> str:
    kind, _, own = _template(text).partition("/")
    if kind not in SOURCE_KINDS or not own:
        remedy = did_you_mean(kind, SOURCE_KINDS) or "Write it like 'doors/{door}'."
        raise refusal(f"{text!r} is no source", remedy)
    return text


Template = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_template)]
Line = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_line)]
_Text = Annotated[str, Field(max_length=500)]


class EventEntry(Entry):
    """One event that a record may make."""

    type: Annotated[str, AfterValidator(_known_type)] = Field(
        description="An event type, or 'none' for records that are understood and make no event."
    )
    when: dict[str, _Text | list[_Text]] = Field({}, description="Fields and the texts they must have.")
    data: dict[str, Template] = Field({}, description="The event's fields, with '{field}' where a record's goes.")
    time: Template | None = Field(None, description="When it happened; when it was heard, where it is left out.")
    id: Template | None = Field(None, description="What makes it unique; all that the record says, where left out.")
    source: Annotated[str, Field(max_length=500), AfterValidator(_source)] | None = Field(
        None, description="Who says so, 'doors/{door}'; what the data name, where it is left out."
    )

    @model_validator(mode="after")
    def _says_what_its_type_needs(self) -> EventEntry:
        if self.type == NO_EVENT:
            return self
        fields = {field.name: field for field in EVENT_TYPES[self.type].fields}
        for name in self.data:
            if name not in fields:
                raise refusal(f"{self.type} has no field {name!r}", did_you_mean(name, fields))
        for name, field in fields.items():
            if field.required and name not in self.data:
                raise refusal(f"{self.type} needs the field {name!r} in its data", "See docs/events.md.")
            if name in self.data and field.kind not in ("text", "number", "integer", "flag"):
                raise refusal(f"{self.type}: {name} cannot be taken from a record", "Leave it out.")
        if self.source is None and not any(name in self.data for name, _ in OWNERS):
            raise refusal(f"{self.type}: nothing says whose event it is", "Add 'source: cameras/...' or the like.")
        return self

    def template(self) -> EventTemplate:
        when = ((name, [texts] if isinstance(texts, str) else texts) for name, texts in self.when.items())
        return EventTemplate(
            type=self.type,
            when=tuple((name, tuple(texts)) for name, texts in when),
            data=tuple(self.data.items()),
            time=self.time,
            id=self.id,
            source=self.source,
        )


class MappingPart(Entry):
    """The keys of every entry whose device sends records."""

    events: Annotated[list[EventEntry], Field(min_length=1, max_length=200)] = Field(
        description="What a record may mean; every entry that fits makes an event."
    )
    values: dict[str, dict[str, _Text]] = Field({}, description="By field: what stands for what.")
    time_form: Annotated[str, Field(max_length=100), AfterValidator(_time_form)] = Field(
        "iso", description="How times are written: 'iso', 'unix', 'unix_ms', or like '%d.%m.%Y %H:%M:%S'."
    )
    time_zone: Annotated[Name, AfterValidator(known_time_zone)] | None = Field(
        None, description="Of times that say none; the site's when left out."
    )
    decimal_comma: bool = Field(False, description="Whether numbers are written 1.234,50.")

    def mapping(self, site_zone: str) -> RecordMapping:
        return RecordMapping(
            events=tuple(entry.template() for entry in self.events),
            values=tuple((name, tuple(pairs.items())) for name, pairs in self.values.items()),
            time_form=self.time_form,
            time_zone=self.time_zone or site_zone,
            decimal_comma=self.decimal_comma,
        )
