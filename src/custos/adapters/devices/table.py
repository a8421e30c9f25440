"""Tables of any make as events: `TableReader(columns, ...).read(path)` gives each row as events, or why it is none.

time,badge,what,where            --map time=time --map credential=badge --map event=what --map door=where
01.05.2026 07:58,1042,Granted,Dock
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from custos.adapters.devices.mapping import Mapper, Misread
from custos.model.errors import UsageError
from custos.model.event import Event
from custos.model.event_types import EVENT_TYPES
from custos.model.mapping import EventTemplate, RecordMapping

LONGEST_FIELD = 16_384
SAMPLE = 16_384
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class TableKind:
    """What a kind of table holds: the event's field of each word of --map, what a word is for certain, and words that
    many makers use for an event."""

    name: str
    owner: str
    fields: Mapping[str, str]
    words: Mapping[str, str]


ACCESS = TableKind(
    "access",
    "door",
    {
        "door": "door_id",
        "reader": "reader_id",
        "credential": "credential",
        "holder": "holder_id",
        "direction": "direction",
        "reason": "reason",
        "detail": "detail",
    },
    {
        "granted": "access.granted", "access granted": "access.granted", "valid": "access.granted",
        "valid access": "access.granted", "admitted": "access.granted", "entry": "access.granted",
        "denied": "access.denied", "access denied": "access.denied", "rejected": "access.denied",
        "invalid": "access.denied", "invalid card": "access.denied", "unknown card": "access.denied",
        "taken": "access.taken", "access taken": "access.taken",
        "not taken": "access.not_taken", "access not taken": "access.not_taken",
        "duress": "access.coerced", "exit request": "exit.requested", "request to exit": "exit.requested",
        "rex": "exit.requested", "rte": "exit.requested",
        "open": "door.opened", "opened": "door.opened", "door open": "door.opened", "door opened": "door.opened",
        "close": "door.closed", "closed": "door.closed", "door closed": "door.closed",
        "locked": "door.locked", "unlocked": "door.unlocked",
    },
)  # fmt: skip
POS = TableKind(
    "pos",
    "till",
    {
        "till": "till_id",
        "operator": "operator",
        "amount": "amount",
        "list_amount": "list_amount",
        "receipt": "receipt",
        "currency": "currency",
        "reason": "reason",
        "detail": "detail",
    },
    {
        "sale": "pos.sold", "sold": "pos.sold", "refund": "pos.refunded", "refunded": "pos.refunded",
        "return": "pos.refunded", "void": "pos.voided", "voided": "pos.voided", "cancelled": "pos.voided",
        "no sale": "pos.opened", "nosale": "pos.opened", "no-sale": "pos.opened", "drawer": "pos.opened",
        "drawer open": "pos.opened", "price override": "pos.overridden", "override": "pos.overridden",
        "sign on": "pos.signed_on", "log in": "pos.signed_on", "sign off": "pos.signed_off",
        "log out": "pos.signed_off",
    },
)  # fmt: skip
KINDS = {kind.name: kind for kind in (ACCESS, POS)}
NEEDED = ("time", "event")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How a table is read.

    Args:
        columns: words of the kind, "time", "event" and "id", and the columns that hold them; "Date+Time" is both.
        events: what an event's text means, as an event type or "none"; before the kind's own words.
        owners: the door or till, by the event's text; "" for any.
        values: by column, what stands for what.
    """

    columns: Mapping[str, str]
    events: Mapping[str, str]
    owners: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    time_form: str
    time_zone: str
    decimal_comma: bool = False
    delimiter: str | None = None
    encoding: str = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table. `line`: where it ends, from 1. `fault`: why it makes no event, "" when it does."""

    line: int
    events: tuple[Event, ...]
    fault: str = ""


def columns_of(path: Path, mapping: TableMapping) -> tuple[str, ...]:
    """What the columns of a file are called. UsageError when it is no such table."""
    with _table(path, mapping) as rows:
        return tuple(rows.fieldnames or ())


@contextmanager
def _table(path: Path, mapping: TableMapping) -> Iterator[csv.DictReader[str]]:
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            delimiter = mapping.delimiter or _delimiter(file.read(SAMPLE), str(path))
            file.seek(0)
            csv.field_size_limit(LONGEST_FIELD)
            yield csv.DictReader(file, delimiter=delimiter, strict=True)
    except FileNotFoundError as error:
        raise UsageError("there is no such file.", where=str(path)) from error
    except OSError as error:
        raise UsageError(f"the file cannot be read: {error.strerror}.", where=str(path)) from error
    except UnicodeDecodeError as error:
        remedy = "Give its encoding: --encoding cp1252 is a frequent one."
        raise UsageError(f"the file is not {mapping.encoding} text.", where=str(path), remedy=remedy) from error
    except csv.Error as error:
        raise UsageError(f"the file is no table: {error}.", where=str(path), remedy="Try --delimiter.") from error


def _listed(columns: Sequence[str]) -> str:
    return f" Columns: {', '.join(columns)}." if columns else ""


class TableReader:
    """UsageError when the mapping makes no sense for the kind; it names the `columns` that a file has, if given."""

    def __init__(self, kind: TableKind, mapping: TableMapping, *, site_id: str, columns: Sequence[str] = ()) -> None:
        self._kind = kind
        self._mapping = mapping
        self._site_id = site_id
        self._mappers: dict[str, Mapper | None] = {}
        self._names: list[str] = []
        known = (*NEEDED, "id", *kind.fields)
        for word in mapping.columns:
            if word not in known:
                raise UsageError(f"--map {word}=... is not known.", remedy=f"Known: {', '.join(known)}.")
        for word in NEEDED:
            if word not in mapping.columns:
                remedy = f"Say it with --map {word}=COLUMN.{_listed(columns)}"
                raise UsageError(f"which column holds the {word}?", remedy=remedy)
        if kind.owner not in mapping.columns and not mapping.owners:
            remedy = f"Give --map {kind.owner}=COLUMN, --{kind.owner} ID or --{kind.owner} EVENT=ID.{_listed(columns)}"
            raise UsageError(f"which {kind.owner} is each row about?", remedy=remedy)
        for text, type_ in mapping.events.items():
            if type_ != "none" and type_ not in EVENT_TYPES:
                raise UsageError(f"--event {text}={type_}: there is no such event type.", remedy="See docs/events.md.")

    def read(self, path: Path, *, now: datetime) -> Iterator[Row]:
        """Every row, in the order of the file. UsageError when the file is no such table."""
        with _table(path, self._mapping) as rows:
            self._names = list(rows.fieldnames or [])
            self._check_columns(str(path))
            for record in rows:
                yield self._row(record, rows.line_num, now)

    def _check_columns(self, where: str) -> None:
        asked = [(name, f"for {word}") for word in self._mapping.columns for name in self._parts(word)]
        asked += [(name, "whose values could be replaced") for name in self._mapping.values]
        for name, why in asked:
            if name not in self._names:
                remedy = f"Columns: {', '.join(map(str, self._names))}."
                raise UsageError(f"there is no column {name!r} {why}.", where=where, remedy=remedy)

    def _parts(self, word: str) -> list[str]:
        """The columns of a word: one, or those with "+" between them."""
        column = self._mapping.columns[word]
        return [column] if column in self._names else column.split("+")

    def _form(self, word: str) -> str:
        return " ".join(f"{{{name}}}" for name in self._parts(word))

    def _row(self, record: Mapping[str | None, str | list[str] | None], line: int, now: datetime) -> Row:
        told = {name: text for name, text in record.items() if isinstance(name, str) and isinstance(text, str)}
        if None in record:
            return Row(line, (), "it has more fields than there are columns")
        text = " ".join(told.get(name, "").strip() for name in self._parts("event"))
        if text not in self._mappers:
            self._mappers[text] = self._mapper(text)
        mapper = self._mappers[text]
        if mapper is None:
            return Row(line, (), f"nothing says what the event {text[:60]!r} means")
        try:
            events = mapper.events(told, received_at=now)
        except Misread as error:
            return Row(line, (), str(error))
        return Row(line, tuple(_without_hearing(event) for event in events))

    def _mapper(self, text: str) -> Mapper | None:
        """What makes events of the rows whose event is `text`."""
        type_ = self._mapping.events.get(text) or self._kind.words.get(" ".join(text.lower().replace("_", " ").split()))
        if type_ is None and text in EVENT_TYPES:
            type_ = text
        if type_ is None:
            return None
        data = dict(self._data(type_, text))
        template = EventTemplate(
            type=type_,
            data=tuple(data.items()),
            time=self._form("time"),
            id=self._form("id") if "id" in self._mapping.columns else None,
        )
        mapping = RecordMapping(
            events=(template,),
            values=tuple((column, tuple(pairs.items())) for column, pairs in self._mapping.values.items()),
            time_form=self._mapping.time_form,
            time_zone=self._mapping.time_zone,
            decimal_comma=self._mapping.decimal_comma,
        )
        return Mapper(mapping, site_id=self._site_id, scope=f"import {self._kind.name}")

    def _data(self, type_: str, text: str) -> Iterator[tuple[str, str]]:
        if type_ == "none":
            return
        fields = {field.name: field for field in EVENT_TYPES[type_].fields}
        for word, name in self._kind.fields.items():
            if word in self._mapping.columns and name in fields:
                yield name, self._form(word)
        owner = self._mapping.owners.get(text) or self._mapping.owners.get("")
        if owner:
            yield self._kind.fields[self._kind.owner], owner
        if "reason" in fields and fields["reason"].required and "reason" not in self._mapping.columns:
            yield "reason", text.replace("{", "(").replace("}", ")")


def _without_hearing(event: Event) -> Event:
    """When a table was imported says nothing of the event."""
    return replace(event, data={name: value for name, value in event.data.items() if name != "received_at"})


def _delimiter(sample: str, where: str) -> str:
    """The one that parts the first line into most columns."""
    first = sample.splitlines()[0] if sample.strip() else ""
    if not first:
        raise UsageError("the file is empty.", where=where)
    best = max(DELIMITERS, key=first.count)
    if not first.count(best):
        raise UsageError("the first line names a single column.", where=where, remedy="Give --delimiter.")
    return best
