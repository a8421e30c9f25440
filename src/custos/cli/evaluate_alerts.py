"""`custos eval alerts`: the rules over months that never happened, against what was true of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from custos.access import build_access
from custos.adapters.bus.inprocess import InProcessBus
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.adapters.sitefile.reader import read_site
from custos.adapters.store import SqlStore, open_store
from custos.assurance.alerts import Alert, AlertScore, TrueIncident, score_alerts
from custos.correlation import build_rules
from custos.model.errors import UsageError
from custos.model.event import Event, Incident
from custos.model.site import Site
from custos.pipeline.cloudevents import from_cloudevent
from custos.pipeline.hub import Hub
from custos.pipeline.ports import IncidentQuery
from custos.simulate.month import is_raw_alarm
from custos.simulate.month.writing import HEARD, MonthFiles

BATCH = 200
TICK = timedelta(seconds=10)
PAGE = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """An event and when it was heard."""

    event: Event
    heard_at: datetime


def alerts(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders that `custos simulate --site` has written.", metavar="FOLDER...")
    ],
    misses: Annotated[bool, typer.Option("--misses", help="List every incident that no alert found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Recall of scripted incidents, alerts a day, precision of each rule, and how much less that is than the devices'
    own alarms."""
    scores = [_score(folder, quiet=as_json) for folder in folders]
    if as_json:
        shown = [{"folder": str(f), **_numbers(s), **asdict(s)} for f, s in zip(folders, scores, strict=True)]
        typer.echo(json.dumps(shown, indent=2, default=_plain))
        return
    for folder, score in zip(folders, scores, strict=True):
        _print(folder, score, misses)


def _numbers(score: AlertScore) -> dict[str, float]:
    return {
        "recall": score.recall,
        "precision": score.precision,
        "alerts_a_day": score.alerts_a_day,
        "reduction": score.reduction,
    }


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _score(folder: Path, *, quiet: bool) -> AlertScore:
    files = MonthFiles(folder)
    for file in (files.events, files.truth, files.site):
        if not file.is_file():
            remedy = "Make one with `custos simulate --site harbour --days 28 --seed 1 --out FOLDER`."
            raise UsageError(f"{file.name} is not there.", where=str(folder), remedy=remedy)
    site = read_site(files.site)
    truth = [_true(line, n, files.truth) for n, line in enumerate(files.truth.read_text().splitlines(), 1)]
    heard = list(_heard(files.events))
    if not heard:
        raise UsageError("there is no event in it.", where=str(files.events))
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"sqlite:///{scratch}/eval.db", is_scratch=True)
        try:
            _live_through(site, store, heard, quiet=quiet)
            found = [_alert(site, store, incident) for incident in _incidents(site, store)]
        finally:
            store.close()
    days = (heard[-1].heard_at - heard[0].heard_at) / timedelta(days=1)
    raw = len({h.event.id for h in heard if is_raw_alarm(h.event)})
    return score_alerts(found, truth, raw_alarms=raw, days=max(days, 0.01))


def _heard(path: Path) -> Iterator[Heard]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                told = json.loads(line)
                heard_at = datetime.fromisoformat(told.pop(HEARD, told.get("time")))
                yield Heard(from_cloudevent(told), heard_at)
            except (ValueError, TypeError, AttributeError) as error:
                raise UsageError(f"this is no event: {error}.", where=f"{path}:{number}") from error


def _true(line: str, number: int, path: Path) -> TrueIncident:
    try:
        told = json.loads(line)
        return TrueIncident(
            int(told["number"]),
            str(told["kind"]),
            datetime.fromisoformat(told["start"]),
            datetime.fromisoformat(told["end"]),
            frozenset(told["places"]),
            frozenset(told["event_ids"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"this is no line of truth: {error}.", where=f"{path}:{number}") from error


def _live_through(site: Site, store: SqlStore, heard: list[Heard], *, quiet: bool) -> None:
    """Let the site's hub hear everything as it was heard, with time passing in between."""
    ids = (f"{n:08d}" for n in range(1, 10**8))
    hub = Hub(
        site.id, store, InProcessBus(), partial(build_rules, site, read_rules([SHIPPED])),
        make_consumers=partial(build_access, site), new_id=lambda: next(ids), settle_s=0.0,
    )  # fmt: skip
    now = heard[0].heard_at
    hub.start(now)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("living through it", total=len(heard))
        batch: list[Event] = []
        for one in heard:
            if one.heard_at >= now + TICK or len(batch) >= BATCH:
                hub.accept(batch)
                progress.advance(task, len(batch))
                batch = []
                now = _pass_time(hub, now, one.heard_at)
            batch.append(one.event)
        hub.accept(batch)
        _pass_time(hub, now, now + timedelta(hours=1))


def _pass_time(hub: Hub, now: datetime, until: datetime) -> datetime:
    """Every tick while something may still be due, then in one step."""
    for _ in range(int((until - now) / TICK)):
        now += TICK
        hub.advance(now)
    return now


def _incidents(site: Site, store: SqlStore) -> Iterator[Incident]:
    cursor = None
    while True:
        page = store.incidents(site.id, IncidentQuery(), limit=PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _alert(site: Site, store: SqlStore, incident: Incident) -> Alert:
    events = store.events_by_id(site.id, incident.event_ids)
    from_ids = {str(one) for event in events for one in _rests_on(event)}
    events += store.events_by_id(site.id, sorted(from_ids))
    places = {"/".join(event.source.split("/")[3:5]) for event in events}
    ids = frozenset(incident.event_ids) | from_ids
    return Alert(incident.rule_id, incident.opened_at, incident.updated_at, frozenset(places), ids)


def _rests_on(event: Event) -> list[object]:
    """The events that a conclusion was drawn from, where it says so."""
    told = event.data.get("event_ids")
    return list(told) if isinstance(told, list) else []


def _print(folder: Path, score: AlertScore, misses: bool) -> None:
    console = Console(highlight=False)
    console.print(
        f"[bold]{folder}[/bold]: {score.found} of {score.true} incidents found, recall {score.recall:.3f}; "
        f"{score.alerts} alerts in {score.days:.0f} days, {score.alerts_a_day:.1f} a day, "
        f"{score.precision:.1%} of them right; the devices' own alarms: {score.raw_alarms}, {score.reduction:.1%} fewer"
    )
    kinds = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("kind", "true", "found", "seconds to the alert"):
        kinds.add_column(column, justify="left" if column == "kind" else "right")
    for kind in score.kinds:
        kinds.add_row(
            kind.kind, str(kind.true), str(kind.found), "–" if kind.delay_s is None else f"{kind.delay_s:.0f}"
        )
    rules = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("rule", "alerts", "right", "precision"):
        rules.add_column(column, justify="left" if column == "rule" else "right")
    for rule in score.rules:
        rules.add_row(rule.rule_id, str(rule.alerts), str(rule.right), f"{rule.precision:.0%}")
    console.print(kinds)
    console.print(rules)
    for one in score.missed if misses else ():
        console.print(f"missed: {one.kind} at {one.start_at:%Y-%m-%d %H:%M:%S}, {', '.join(sorted(one.places))}")
