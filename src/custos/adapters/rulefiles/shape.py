"""The keys of a rule file, as Pydantic models."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from custos.adapters.sitefile.fields import Id, Name, refusal

_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def seconds_of(text: str) -> float:
    """ "90s", "5m", "8h"; ValueError for anything else."""
    match = _SPAN.match(text.strip())
    if match is None:
        raise ValueError(text)
    return float(match[1]) * _SECONDS[match[2]]


def _a_span(text: str) -> str:
    try:
        seconds = seconds_of(text)
    except ValueError as error:
        raise refusal(f"{text!r} is no length of time", "Write it like 90s, 5m or 8h.") from error
    if not 0 <= seconds <= 86_400:
        raise refusal(f"{text} is longer than a day")
    return text


Span = Annotated[str, AfterValidator(_a_span)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
PatternName = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,30}$")]


class Entry(BaseModel):
    """Keys of one place; one that nobody knows is refused. Words are joined by '-', as Sigma writes them."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )


class PatternEntry(Entry):
    """Events of these types for which `where` holds."""

    type: str | Annotated[list[str], Field(min_length=1)]
    where: Text | None = None


class ThresholdEntry(Entry):
    """How many at least; for value_count also of which field."""

    gte: Annotated[int, Field(ge=1, le=64)]
    field: Text | None = None


class CorrelationEntry(Entry):
    """How the patterns belong together."""

    type: Literal["event", "event_count", "value_count", "temporal", "temporal_ordered", "absence"]
    rules: Annotated[list[str], Field(min_length=1, max_length=8)]
    without: list[str] = []
    group_by: list[str] = []
    timespan: Span = "0s"
    before: Span = "0s"
    condition: ThresholdEntry | None = None
    when: Text | None = None


class ExampleEntry(Entry):
    """A story on the example site that must, or must not, fire the rule."""

    name: Text
    fires: bool
    starts: Text | None = None
    until: Span = "5m"
    events: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=200)]


class RuleFile(Entry):
    """A Custos rule."""

    id: Id
    title: Name
    status: Literal["experimental", "test", "stable"]
    level: Literal["info", "low", "medium", "high"]
    description: Text
    operator: Text
    falsepositives: list[Text] = []
    events: dict[PatternName, PatternEntry]
    correlation: CorrelationEntry
    group_gap: Span = "5m"
    examples: Annotated[list[ExampleEntry], Field(min_length=1)]


_PLACES: dict[tuple[str, ...], type[BaseModel]] = {
    (): RuleFile,
    ("events",): PatternEntry,
    ("correlation",): CorrelationEntry,
    ("correlation", "condition"): ThresholdEntry,
    ("examples",): ExampleEntry,
}


def keys_at(location: tuple[str | int, ...]) -> list[str]:
    """The keys that are known at a place of the file."""
    names = tuple(part for part in location if isinstance(part, str))
    if names[:1] == ("events",):
        names = names[:1]
    entry = _PLACES.get(names)
    return [f.alias or name for name, f in entry.model_fields.items()] if entry else []
