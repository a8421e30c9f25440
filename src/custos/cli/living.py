"""A month that never happened, lived through: its events go through the access domain and the rules as they were heard.

score_month(folder, progress) -> AlertScore
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from custos.access import build_access
from custos.adapters.bus.inprocess import InProcessBus
from custos.adapters.devices.clock import ClockWatch
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.adapters.sitefile.reader import read_site
from custos.adapters.store import InMemoryStore
from custos.assurance.alerts import Alert, AlertScore, TrueIncident, score_alerts
from custos.correlation import build_rules
from custos.model.devices import CLOCK_LIMIT_S
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
KEPT = timedelta(days=2)
"""So much of the past stays in the store, besides what incidents rest on: what comes twice is known again."""
STAMPED = (["doors"], ["tills"])
"""Whose devices stamp their events by clocks of their own."""
AFTERWARDS = timedelta(hours=1)
"""Time goes on for so long after the last event."""

Progress = Callable[[int, int], None]
"""Hears how many of how many bytes are read."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event and when it was heard."""

    event: Event
    heard_at: datetime


def score_month(folder: Path, progress: Progress = lambda done, total: None) -> AlertScore:
    """What the shipped rules made of the month in `folder`.

    Raises:
        UsageError: a file is missing, empty, or a line of it is not what it should be.
    """
    files = MonthFiles(folder)
    for file in (files.events, files.truth, files.site):
        if not file.is_file():
            remedy = "Make one with `custos simulate --site harbour --days 28 --seed 1 --out FOLDER`."
            raise UsageError(f"{file.name} is not there.", where=str(folder), remedy=remedy)
    site = read_site(files.site)
    truth = [_true(line, n, files.truth) for n, line in enumerate(files.truth.read_text().splitlines(), 1)]
    store = InMemoryStore()
    raw = _RawAlarms()
    told = in_our_time(heard(files.events, progress))
    _live_through(site, store, raw.counting(told), files.events)
    found = [_alert(site, store, incident) for incident in _incidents(site, store)]
    return score_alerts(found, truth, raw_alarms=len(raw.ids), days=max(raw.days, 0.01))


def heard(path: Path, progress: Progress = lambda done, total: None) -> Iterator[Heard]:
    """The events of a file in their order, one line at a time; UsageError names the line that is none."""
    total, done = path.stat().st_size, 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            done += len(line)
            if number % 1000 == 0:
                progress(done, total)
            try:
                told = json.loads(line)
                heard_at = datetime.fromisoformat(told.pop(HEARD, told.get("time")))
                yield Heard(from_cloudevent(told), heard_at)
            except (ValueError, TypeError, AttributeError) as error:
                raise UsageError(f"this is no event: {error}.", where=f"{path}:{number}") from error


def in_our_time(events: Iterable[Heard]) -> Iterator[Heard]:
    """What devices stamped themselves, moved as far as their clocks are known to be off, as their adapters do it: door
    controllers (ONVIF) and tills (lines) speak to Custos themselves, and each has one clock."""
    watches: dict[str, ClockWatch] = {}
    for one in events:
        event, heard_at = one.event, one.heard_at
        if event.source.split("/")[3:4] not in STAMPED:
            yield one
            continue
        watch = watches.setdefault(event.source, ClockWatch(CLOCK_LIMIT_S))
        yield Heard(replace(event, at=watch.ours(event.at, heard_at)), heard_at)
        watch.heard(event.at, heard_at)


class _RawAlarms:
    """Counts what the devices by themselves would have rung for, and the days, of events that pass by."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.days = 0.0

    def counting(self, events: Iterable[Heard]) -> Iterator[Heard]:
        first_at: datetime | None = None
        for one in events:
            first_at = first_at or one.heard_at
            self.days = (one.heard_at - first_at) / timedelta(days=1)
            if is_raw_alarm(one.event):
                self.ids.add(one.event.id)
            yield one


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


def _live_through(site: Site, store: InMemoryStore, events: Iterator[Heard], path: Path) -> None:
    """Let the site's hub hear everything as it was heard, with time passing in between."""
    first = next(events, None)
    if first is None:
        raise UsageError("there is no event in it.", where=str(path))
    ids = (f"{n:08d}" for n in range(1, 10**8))
    hub = Hub(
        site.id, store, InProcessBus(), partial(build_rules, site, read_rules([SHIPPED])),
        make_consumers=partial(build_access, site), new_id=lambda: next(ids), settle_s=0.0,
    )  # fmt: skip
    now = pruned_at = first.heard_at
    hub.start(now)
    batch = [first.event]
    for one in events:
        if one.heard_at >= now + TICK or len(batch) >= BATCH:
            hub.accept(batch)
            batch = []
            now = _pass_time(hub, now, one.heard_at)
            if now - pruned_at > KEPT:
                store.prune(site.id, before=pruned_at)
                pruned_at = now
        batch.append(one.event)
    hub.accept(batch)
    _pass_time(hub, now, now + AFTERWARDS)


def _pass_time(hub: Hub, now: datetime, until: datetime) -> datetime:
    """One tick after the other; where the last one ended."""
    for _ in range(int((until - now) / TICK)):
        now += TICK
        hub.advance(now)
    return now


def _incidents(site: Site, store: InMemoryStore) -> Iterator[Incident]:
    cursor = None
    while True:
        page = store.incidents(site.id, IncidentQuery(), limit=PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _alert(site: Site, store: InMemoryStore, incident: Incident) -> Alert:
    events = store.events_by_id(site.id, incident.event_ids)
    from_ids = {str(one) for event in events for one in _rests_on(event)}
    events += store.events_by_id(site.id, sorted(from_ids))
    told = frozenset(("/".join(event.source.split("/")[3:5]), event.at) for event in events)
    why = next(iter(incident.reasons), incident.title)
    ids = frozenset(incident.event_ids) | from_ids
    return Alert(incident.rule_id, incident.opened_at, told, ids, incident.severity, why)


def _rests_on(event: Event) -> list[object]:
    """The events that a conclusion was drawn from, where it says so."""
    told = event.data.get("event_ids")
    return list(told) if isinstance(told, list) else []
