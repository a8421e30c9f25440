"""`custos import access|pos`: tables of other systems as events."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console

from custos.adapters.devices.table import KINDS, Row, TableKind, TableMapping, TableReader, columns_of
from custos.adapters.sitefile.reader import read_site
from custos.adapters.store import SqlStore, open_store
from custos.cli.options import data_path
from custos.model.errors import UsageError
from custos.model.event import Event
from custos.model.site import Site
from custos.pipeline.cloudevents import to_cloudevent
from custos.pipeline.ports import Commit

app = typer.Typer(help="Take events in from tables (CSV) of other systems.", no_args_is_help=True, add_completion=False)

BATCH = 1000
SHOWN = 5
REASONS_SHOWN = 10

FileArgument = Annotated[Path, typer.Argument(help="CSV with a line of column names.", metavar="FILE")]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", help="Which column holds what; two joined by +: time=Date+Time.", metavar="WORD=COLUMN"),
]
EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event", help="What an event's text means: 'Gültig=access.granted', or 'Ping=none'.", metavar="TEXT=TYPE"
    ),
]
ValueOption = Annotated[
    list[str] | None,
    typer.Option("--value", help="What a column's text stands for: 'Where:7=dock'.", metavar="COLUMN:TEXT=TEXT"),
]
TimeFormOption = Annotated[
    str, typer.Option("--time-form", help="iso, unix, unix_ms, or like '%d.%m.%Y %H:%M:%S'.", metavar="FORM")
]
TimeZoneOption = Annotated[
    str | None,
    typer.Option("--time-zone", help="Of times that say none.", show_default="the site's", metavar="ZONE"),
]
DelimiterOption = Annotated[
    str | None, typer.Option("--delimiter", help="Between columns.", show_default="found out", metavar="CHARACTER")
]
EncodingOption = Annotated[str, typer.Option("--encoding", help="Of the file's text.", metavar="NAME")]
CommaOption = Annotated[bool, typer.Option("--decimal-comma", help="Numbers are written 1.234,50.")]
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Store nothing; show the first rows as events, and what is not understood."),
]
ConfigOption = Annotated[
    Path | None, typer.Option(help="Site file.", show_default="site.yaml in the data directory", metavar="FILE")
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="Where Custos keeps its database.", metavar="DIR")
]
StoreOption = Annotated[
    str | None, typer.Option(help="postgresql://... instead of the file in the data directory.", metavar="URL")
]


@app.command()
def access(
    file: FileArgument,
    map_: MapOption = None,
    event: EventOption = None,
    door: Annotated[
        list[str] | None,
        typer.Option(help="The door of every row, or of an event's text: 'Back door open=back'.", metavar="[TEXT=]ID"),
    ] = None,
    value: ValueOption = None,
    time_form: TimeFormOption = "iso",
    time_zone: TimeZoneOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = "utf-8-sig",
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    store: StoreOption = None,
) -> None:
    """Take in the log of an access control system, of any make.

    Words for --map: time, event, door, reader, credential, holder, direction, reason, detail, id. Importing a file
    again adds nothing twice. Imported events are history: they open no incidents.
    """
    mapping = _mapping(map_, event, ("--door", door), value, time_form, time_zone, delimiter, encoding, False)
    _run(KINDS["access"], file, mapping, config, data_dir, store, dry_run)


@app.command()
def pos(
    file: FileArgument,
    map_: MapOption = None,
    event: EventOption = None,
    till: Annotated[
        list[str] | None,
        typer.Option(help="The till of every row, or of an event's text: 'Drawer 2=till-2'.", metavar="[TEXT=]ID"),
    ] = None,
    value: ValueOption = None,
    time_form: TimeFormOption = "iso",
    time_zone: TimeZoneOption = None,
    decimal_comma: CommaOption = False,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = "utf-8-sig",
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = None,
    store: StoreOption = None,
) -> None:
    """Take in the journal of tills, of any make.

    Words for --map: time, event, till, operator, amount, list_amount, receipt, currency, reason, detail, id. Importing
    a file again adds nothing twice. Imported events are history: they open no incidents.
    """
    mapping = _mapping(map_, event, ("--till", till), value, time_form, time_zone, delimiter, encoding, decimal_comma)
    _run(KINDS["pos"], file, mapping, config, data_dir, store, dry_run)


def _mapping(
    columns: list[str] | None,
    events: list[str] | None,
    owners: tuple[str, list[str] | None],
    values: list[str] | None,
    time_form: str,
    time_zone: str | None,
    delimiter: str | None,
    encoding: str,
    decimal_comma: bool,
) -> TableMapping:
    replaced: dict[str, dict[str, str]] = {}
    for pair in values or ():
        column, colon, rest = pair.partition(":")
        text, equals, stands_for = rest.rpartition("=")
        if not (column and colon and equals):
            raise UsageError(f"--value {pair!r} is not COLUMN:TEXT=TEXT.")
        replaced.setdefault(column, {})[text] = stands_for
    if delimiter is not None and len(delimiter.replace("\\t", "\t")) != 1:
        raise UsageError(f"--delimiter must be one character, got {delimiter!r}.")
    try:
        "".encode(encoding)
    except LookupError as error:
        raise UsageError(f"no encoding is called {encoding!r}.", remedy="Try utf-8 or cp1252.") from error
    try:
        ZoneInfo(time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"no time zone is called {time_zone!r}.", remedy="Write it like 'Europe/Zurich'.") from error
    return TableMapping(
        columns=dict(_pair("--map", one, last=False) for one in columns or ()),
        events=dict(_pair("--event", one, last=True) for one in events or ()),
        owners=dict(_pair(owners[0], one if "=" in one else f"={one}", last=True) for one in owners[1] or ()),
        values=replaced,
        time_form=time_form,
        time_zone=time_zone or "",
        decimal_comma=decimal_comma,
        delimiter=delimiter.replace("\\t", "\t") if delimiter else None,
        encoding=encoding,
    )


def _pair(option: str, text: str, *, last: bool) -> tuple[str, str]:
    """What stands around the last, or first, "="."""
    before, equals, after = text.rpartition("=") if last else text.partition("=")
    if not equals or not after:
        raise UsageError(f"{option} {text!r} has no '=' between two parts.", remedy="See --help.")
    return before, after


@dataclass(slots=True)
class _Tally:
    """What became of the rows."""

    rows: int = 0
    understood: int = 0
    new: int = 0
    known: int = 0
    types: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[int]] = field(default_factory=dict)
    doors: Counter[str] = field(default_factory=Counter)
    tills: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        self.rows += 1
        if row.fault:
            lines = self.faults.setdefault(row.fault if len(self.faults) < REASONS_SHOWN * 10 else "other", [])
            lines.append(row.line)
            return
        self.understood += 1
        for event in row.events:
            self.types[event.type] += 1
            if event.door_id is not None:
                self.doors[event.door_id] += 1
            till_id = event.data.get("till_id")
            if isinstance(till_id, str):
                self.tills[till_id] += 1


def _run(
    kind: TableKind,
    file: Path,
    mapping: TableMapping,
    config: Path | None,
    data_dir: Path | None,
    store_url: str | None,
    dry_run: bool,
) -> None:
    data, columns = data_path(data_dir), columns_of(file, mapping)
    site = read_site(config or data / "site.yaml")
    mapping = replace(mapping, time_zone=mapping.time_zone or site.time_zone)
    reader = TableReader(kind, mapping, site_id=site.id, columns=columns)
    tally = _Tally()
    console = Console(highlight=False, soft_wrap=True)
    rows = reader.read(file, now=datetime.now(UTC))
    if dry_run:
        for row in rows:
            if row.events and tally.understood < SHOWN:
                for event in row.events:
                    typer.echo(json.dumps(to_cloudevent(event), ensure_ascii=False))
            tally.add(row)
    else:
        url = store_url or os.environ.get("CUSTOS_STORE") or f"sqlite:///{data / 'custos.db'}"
        store = open_store(url)
        try:
            _store(store, rows, tally)
        finally:
            store.close()
    _summary(console, tally, site, dry_run)


def _store(store: SqlStore, rows: Iterable[Row], tally: _Tally) -> None:
    """In batches, each whole or not at all: an import that was interrupted goes on when it is run again."""
    waiting: list[Event] = []
    for row in rows:
        tally.add(row)
        waiting += row.events
        if len(waiting) >= BATCH:
            _append(store, waiting, tally)
            waiting = []
    _append(store, waiting, tally)


def _append(store: SqlStore, events: list[Event], tally: _Tally) -> None:
    distinct = list({event.id: event for event in events}.values())
    new = store.commit(Commit(distinct, is_imported=True))
    tally.new += len(new)
    tally.known += len(events) - len(new)


def _summary(console: Console, tally: _Tally, site: Site, dry_run: bool) -> None:
    types = ", ".join(f"{count} {name}" for name, count in tally.types.most_common())
    console.print(f"{tally.understood} of {tally.rows} rows understood{': ' if types else ''}{types}", markup=False)
    for reason, lines in sorted(tally.faults.items(), key=lambda one: -len(one[1]))[:REASONS_SHOWN]:
        places = ", ".join(map(str, lines[:3])) + (", ..." if len(lines) > 3 else "")
        rows = "1 row" if len(lines) == 1 else f"{len(lines)} rows"
        console.print(f"  not understood, {rows} (line {places}): {reason}", markup=False)
    if len(tally.faults) > REASONS_SHOWN:
        console.print(f"  and {len(tally.faults) - REASONS_SHOWN} more reasons")
    known_doors = {door.id for door in site.access.doors}
    known_tills = {view.of.removeprefix("tills/") for view in site.access.views if view.of.startswith("tills/")}
    for what, told, known in (("doors", tally.doors, known_doors), ("tills", tally.tills, known_tills)):
        strange = [f"{name} ({count})" for name, count in told.most_common() if name not in known]
        if strange and known:
            remedy = f"It has {', '.join(sorted(known)[:20])}: say which is meant with --value COLUMN:TEXT=ID."
            console.print(f"  not in the site file: {what} {', '.join(strange[:20])}. {remedy}", markup=False)
    if dry_run:
        console.print("dry run: nothing is stored", style="dim")
    else:
        console.print(f"{tally.new} events added, {tally.known} were there already")
    if tally.rows and not tally.understood:
        remedy = "Look at the first rows with --dry-run; say what texts mean with --event TEXT=TYPE."
        raise UsageError("no row was understood.", remedy=remedy)
