"""Records to events, as a `RecordMapping` says: `Mapper(mapping, ...).events(record, received_at=...)`.

A record is text by field name; `flat` makes one of JSON ("basket.total"), `LineForm` one of a line of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from custos.adapters.devices.outlet import content_id, heard_data
from custos.model.event import Event, Json, source_of
from custos.model.event_types import EVENT_TYPES
from custos.model.mapping import NO_EVENT, EventTemplate, RecordMapping
from custos.model.site import ID_PATTERN

FIELD = re.compile(r"\{([^{}]+)\}")
MOST_FIELDS = 500
LONGEST = 4000
AHEAD = timedelta(days=1)
OWNERS = (("door_id", "doors"), ("till_id", "tills"), ("panel_id", "panels"), ("sensor_id", "sensors"))
"""Whose event it is, by the field of its data that says so."""
ID_FIELDS = frozenset({*(name for name, _ in OWNERS), "reader_id", "zone_id", "line_id"})
"""Fields that hold an id of the site file, which is written small and with '-'."""
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on", "y", "t"}), frozenset({"false", "0", "no", "off", "n", "f"})


class Misread(ValueError):
    """A record that makes no event, in words; without its content beyond the value that is wrong."""


def fields_of(template: str) -> list[str]:
    """The names in braces. ValueError when a brace is left over."""
    if re.search(r"[{}]", FIELD.sub("", template)):
        raise ValueError(f"{template!r} has a brace too many or too few")
    return FIELD.findall(template)


def flat(value: Json, *, prefix: str = "") -> dict[str, str]:
    """JSON as text by path: {"a": {"b": [1]}} is {"a.b.0": "1"}. null is left out. Misread when there is too much."""
    found: dict[str, str] = {}
    _flatten(value, prefix, found)
    return found


def _flatten(value: Json, path: str, found: dict[str, str]) -> None:
    if len(found) > MOST_FIELDS or len(path) > 300:
        raise Misread(f"the record has more than {MOST_FIELDS} fields, or they are nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _flatten(inner, f"{path}.{i}" if path else str(i), found)
    elif isinstance(value, bool):
        found[path] = "true" if value else "false"
    elif value is not None:
        found[path] = str(value)


def id_of(text: str) -> str:
    """`text` as an id of the site file: "Main Entrance" is "main-entrance". Misread when nothing is left of it."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63]
    if not ID_PATTERN.fullmatch(made):
        raise Misread(f"{text[:60]!r} cannot be an id")
    return made


@dataclass(frozen=True, slots=True)
class LineForm:
    """A line of text as fields: "{time} {till};{amount}". A space of the form stands for any run of spaces and tabs.

    The line is walked once, from each fixed text to the next, so that no line can take long.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, form: str) -> LineForm:
        """ValueError when the form makes no sense."""
        names = fields_of(form)
        literals = tuple(FIELD.split(form)[::2])
        if not names:
            raise ValueError(f"{form!r} has no field in braces")
        if any(not text for text in literals[1:-1]):
            raise ValueError(f"{form!r}: between two fields there must be something that parts them")
        if len(set(names)) != len(names):
            raise ValueError(f"{form!r} has a field twice")
        return cls(literals, tuple(names))

    def read(self, line: str) -> dict[str, str] | None:
        """The fields of a line; None when it has another form."""
        at = _after(line, self.literals[0], 0)
        if at is None:
            return None
        found: dict[str, str] = {}
        for i, name in enumerate(self.names):
            literal = self.literals[i + 1]
            if literal:
                place = _find(line, literal, at)
                if place is None:
                    return None
                found[name], at = line[at : place[0]].strip(), place[1]
            else:
                found[name], at = line[at:].strip(), len(line)
        return found if not line[at:].strip() else None


def _after(line: str, literal: str, at: int) -> int | None:
    place = _find(line, literal, at) if literal else (at, at)
    return place[1] if place is not None and not line[at : place[0]].strip() else None


def _find(line: str, literal: str, at: int) -> tuple[int, int] | None:
    """Where `literal` begins and ends in `line` from `at` on."""
    if literal.strip():
        begin = line.find(literal.strip(), at)
        return None if begin < 0 else (begin, begin + len(literal.strip()))
    while at < len(line) and line[at] in " \t":  # columns may be padded in front
        at += 1
    begin = at
    while begin < len(line) and line[begin] not in " \t":
        begin += 1
    end = begin
    while end < len(line) and line[end] in " \t":
        end += 1
    return (begin, end) if begin < len(line) else None


class Mapper:
    """One device's mapping.

    Args:
        scope: goes into the ids, so that two devices' records are not taken for one another.
    """

    def __init__(self, mapping: RecordMapping, *, site_id: str, scope: str) -> None:
        self._mapping = mapping
        self._site_id = site_id
        self._scope = scope
        self._zone = ZoneInfo(mapping.time_zone)
        self._values = {name: dict(pairs) for name, pairs in mapping.values}

    def events(self, record: Mapping[str, str], *, received_at: datetime) -> list[Event]:
        """The events of a record; Misread when it makes none."""
        told = {name: self._values.get(name, {}).get(text, text) for name, text in record.items() if text.strip()}
        fitting = [template for template in self._mapping.events if _fits(template, record, told)]
        if not fitting:
            raise Misread("no entry of 'events' fits it: " + _shown(record, self._asked()))
        return [
            self._event(template, i, record, told, received_at)
            for i, template in enumerate(fitting)
            if template.type != NO_EVENT
        ]

    def _asked(self) -> list[str]:
        return list(dict.fromkeys(name for template in self._mapping.events for name, _ in template.when))

    def _event(
        self,
        template: EventTemplate,
        index: int,
        record: Mapping[str, str],
        told: Mapping[str, str],
        received_at: datetime,
    ) -> Event:
        at = self._at(template, told, received_at)
        data = self._data(template, told) | heard_data(at, received_at)
        own = filled(template.id, told) if template.id else None
        if template.id and own is None:
            raise Misread(f"what makes it unique is missing: {template.id}")
        if own is None:
            own = "\x1f".join(f"{name}={text}" for name, text in sorted(record.items()))
        stamp = at.isoformat() if template.id is None else ""
        event_id = content_id(self._scope, template.type, str(index), own, stamp)
        return Event(event_id, template.type, at, self._source(template, told, data), None, data)

    def _at(self, template: EventTemplate, told: Mapping[str, str], received_at: datetime) -> datetime:
        if template.time is None:
            return received_at
        text = filled(template.time, told)
        if text is None:
            raise Misread(f"the time is missing: {template.time}")
        at = self.instant(text)
        if at - received_at > AHEAD:
            raise Misread(f"the time {text[:60]!r} lies more than a day ahead")
        return at

    def instant(self, text: str) -> datetime:
        """A time as the mapping writes it, in UTC. Misread when it is none."""
        form, text = self._mapping.time_form, text.strip()
        try:
            if form in ("unix", "unix_ms"):
                at = datetime.fromtimestamp(float(text) / (1000 if form == "unix_ms" else 1), UTC)
            elif form == "iso":
                at = datetime.fromisoformat(text)
            else:
                at = datetime.strptime(text, form)  # noqa: DTZ007  the zone comes below where the form has none
            at = at if at.tzinfo else at.replace(tzinfo=self._zone)
            at = at.astimezone(UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Misread(f"{text[:60]!r} is no time of the form {form!r}") from error
        if not 1970 <= at.year <= 9000:
            raise Misread(f"{text[:60]!r} is no time of the years 1970 to 9000")
        return at

    def _data(self, template: EventTemplate, told: Mapping[str, str]) -> dict[str, Json]:
        kinds = {field.name: field for field in EVENT_TYPES[template.type].fields}
        data: dict[str, Json] = {}
        for name, form in template.data:
            text = filled(form, told)
            if text is not None:
                data[name] = self._value(name, kinds[name].kind, text)
            elif kinds[name].required:
                raise Misread(f"{name} is missing: {form}")
        return data

    def _value(self, name: str, kind: str, text: str) -> Json:
        if kind == "text":
            clean = "".join(c for c in text if c.isprintable())[:LONGEST].strip()
            if not clean:
                raise Misread(f"{name} has no text")
            return id_of(clean) if name in ID_FIELDS else clean
        if kind == "flag":
            word = text.strip().lower()
            if word not in _TRUE | _FALSE:
                raise Misread(f"{name} must be true or false, got {text[:60]!r}")
            return word in _TRUE
        if kind in ("number", "integer"):
            number = self._number(name, text)
            # A refund is often written with a minus: what the amount means is said by the event's type.
            number = abs(number) if name.endswith("amount") else number
            return int(number) if kind == "integer" else number
        raise Misread(f"{name} cannot be taken from a record")

    def _number(self, name: str, text: str) -> float:
        clean = re.sub(r"[\s'\u00a0\u202f]", "", text)
        clean = clean.replace(".", "").replace(",", ".") if self._mapping.decimal_comma else clean.replace(",", "")
        match = re.fullmatch(r"[^\d+\-.]{0,4}([+-]?(?:\d{1,15}(?:\.\d{0,9})?|\.\d{1,9}))[^\d.]{0,4}", clean)
        if match is None:
            raise Misread(f"{name} must be a number, got {text[:60]!r}")
        return float(match[1])

    def _source(self, template: EventTemplate, told: Mapping[str, str], data: Mapping[str, Json]) -> str:
        if template.source is not None:
            text = filled(template.source, told)
            kind, _, own = (text or "").partition("/")
            if not own:
                raise Misread(f"the source is missing: {template.source}")
            return source_of(self._site_id, kind, id_of(own))
        for name, kind in OWNERS:
            own_id = data.get(name)
            if isinstance(own_id, str):
                return source_of(self._site_id, kind, own_id)
        raise Misread("it is said of no door, till, panel or sensor")


def filled(template: str, told: Mapping[str, str]) -> str | None:
    """`template` with the record's fields in it; None when one of them is missing or empty."""
    names = FIELD.findall(template)
    if any(not told.get(name, "").strip() for name in names):
        return None
    return FIELD.sub(lambda found: told[found[1]].strip(), template)


def _fits(template: EventTemplate, record: Mapping[str, str], told: Mapping[str, str]) -> bool:
    """A condition may name the record's own text or what `values` makes of it."""
    return all(
        record.get(name, "").strip() in texts or told.get(name, "").strip() in texts for name, texts in template.when
    )


def _shown(record: Mapping[str, str], names: Sequence[str]) -> str:
    shown = [f"{name} {record.get(name, '').strip()[:60]!r}" for name in names[:5]]
    return ", ".join(shown) or "it has none of the fields"


def unknown_fields(mapping: RecordMapping, known: Iterable[str]) -> list[str]:
    """Fields that templates and conditions name and no record has."""
    asked: list[str] = []
    for template in mapping.events:
        asked += [name for name, _ in template.when]
        forms = [template.time, template.id, template.source, *(form for _, form in template.data)]
        asked += [name for form in forms if form for name in FIELD.findall(form)]
    return [name for name in dict.fromkeys(asked) if name not in set(known)]
