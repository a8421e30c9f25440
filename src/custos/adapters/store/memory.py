"""A store in memory: the same answers as the real one (`custos.testing.check_store`), nothing on disk. For tests,
and for months that are lived through once (`custos eval alerts`)."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from custos.adapters.store.cursors import Place, from_cursor, to_cursor
from custos.model.context import Collected, IncidentContext, Snapshot
from custos.model.event import Event, Incident, IncidentState, Picture, Signal
from custos.model.state_types import STATE_TYPES
from custos.pipeline.ports import Commit, Conflict, EventQuery, Heard, IncidentQuery, Measured, MeasureQuery, Page

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Stored(Generic[T]):
    """An item and its place, newest last."""

    at: datetime
    number: int
    item: T


class InMemoryStore:
    """Remembers until the process ends."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._sequence = 0
        self._events: dict[str, _Stored[Event]] = {}
        self._pictures: dict[str, Picture] = {}
        self._signals: dict[str, Signal] = {}
        self._incidents: dict[str, Incident] = {}
        self._contexts: dict[str, IncidentContext] = {}
        self._abouts: dict[str, set[str]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._held: dict[str, set[str]] = {}  # events, by incident
        self._told: dict[str, tuple[datetime | None, datetime | None, bool]] = {}  # consumers, rules, and if imported

    def append(self, events: Sequence[Event]) -> list[Event]:
        return self.commit(Commit(events=events))

    def commit(self, commit: Commit) -> list[Event]:
        with self._lock:
            for incident in commit.incidents:
                self._check(incident)
            new = [event for event in dict.fromkeys(e.id for e in commit.events) if event not in self._events]
            first = {event.id: event for event in reversed(commit.events)}
            stored = [first[event_id] for event_id in new]
            for event in stored:
                self._sequence += 1
                self._events[event.id] = _Stored(event.at.astimezone(UTC), self._sequence, event)
                told = (None, None) if commit.is_imported else (commit.told_at, commit.rules_told_at)
                self._told[event.id] = *told, commit.is_imported
            for picture in commit.pictures:
                if picture.id in self._events:
                    self._pictures.setdefault(picture.id, picture)
            for signal in commit.signals:
                self._signals.setdefault(signal.id, signal)
            for incident in commit.incidents:
                self._incidents[incident.id] = incident
                self._held.setdefault(incident.id, set()).update(incident.event_ids)
            for about in commit.abouts:
                if about.incident_id in self._incidents:
                    self._abouts.setdefault(about.incident_id, set()).update(about.places)
            for context in commit.contexts:
                self._put_context(context)
            for snapshot in commit.snapshots:
                if snapshot.incident_id in self._incidents:
                    self._snapshots.setdefault(snapshot.id, snapshot)
            return stored

    def known_event_ids(self, ids: Sequence[str]) -> set[str]:
        with self._lock:
            return {one for one in ids if one in self._events}

    def known_signal_ids(self, ids: Sequence[str]) -> set[str]:
        with self._lock:
            return {one for one in ids if one in self._signals}

    def signal_counts(self, site_id: str, *, since: datetime) -> Mapping[str, int]:
        with self._lock:
            return Counter(s.rule_id for s in self._signals.values() if s.site_id == site_id and s.at >= since)

    def event_counts(self, site_id: str, *, types: Sequence[str], since: datetime) -> Mapping[tuple[str, str], int]:
        with self._lock:
            found = [s.item for s in self._events.values() if s.item.site_id == site_id and s.item.at >= since]
        return Counter((e.source, e.type) for e in found if e.type in types)

    def event(self, site_id: str, event_id: str) -> Event | None:
        stored = self._events.get(event_id)
        return stored.item if stored is not None and stored.item.site_id == site_id else None

    def events(self, site_id: str, query: EventQuery, *, limit: int = 100, cursor: str | None = None) -> Page[Event]:
        with self._lock:
            found = [s for s in self._events.values() if s.item.site_id == site_id and _matches(s.item, query)]
        return _page(found, limit, cursor)

    def newest_of_sources(self, site_id: str, sources: Sequence[str]) -> Mapping[str, Event]:
        found = {source: self.events(site_id, EventQuery(source=source), limit=1).items for source in sources}
        return {source: events[0] for source, events in found.items() if events}

    def newest_of_subjects(self, site_id: str, subjects: Sequence[str]) -> Mapping[str, Event]:
        found = {subject: self.events(site_id, EventQuery(subject=subject), limit=1).items for subject in subjects}
        return {subject: events[0] for subject, events in found.items() if events}

    def newest_states(self, site_id: str, types: Sequence[str], *, before: datetime) -> list[Event]:
        if others := set(types) - set(STATE_TYPES):
            raise ValueError(f"{sorted(others)} tell of no state")
        with self._lock:
            mine = [s for s in self._events.values() if s.item.site_id == site_id and s.at < before]
        ordered = sorted((s for s in mine if s.item.type in types), key=lambda s: (s.at, s.number))
        newest = {(s.item.type, s.item.source): s for s in ordered}
        return [s.item for s in sorted(newest.values(), key=lambda s: (s.at, s.number))]

    def events_by_id(self, site_id: str, ids: Sequence[str]) -> list[Event]:
        with self._lock:
            found = [s for one in set(ids) if (s := self._events.get(one)) and s.item.site_id == site_id]
        return [s.item for s in sorted(found, key=lambda s: (s.at, s.number))]

    def replay(
        self,
        site_id: str,
        *,
        since: datetime,
        types: Sequence[str] = (),
        also: Sequence[tuple[datetime, datetime]] = (),
    ) -> Iterator[Event]:
        return (heard.event for heard in self.heard(site_id, since=since, types=types, also=also))

    def heard(
        self,
        site_id: str,
        *,
        since: datetime,
        types: Sequence[str] = (),
        also: Sequence[tuple[datetime, datetime]] = (),
    ) -> Iterator[Heard]:
        wanted = set(types)
        with self._lock:
            found = [
                s
                for s in self._events.values()
                if s.item.site_id == site_id
                and (s.at >= since or any(first <= s.at <= last for first, last in also))
                and (not wanted or s.item.type in wanted)
            ]
        yield from (Heard(s.number, s.item, *self._told[s.item.id]) for s in sorted(found, key=lambda s: s.number))

    def measures(self, site_id: str, query: MeasureQuery) -> list[Measured]:
        shift = timedelta(microseconds=1 if query.closes else 0)
        groups: dict[tuple[int, tuple[str, ...]], list[Event]] = {}
        for stored in self._events.values():
            event, at = stored.item, stored.at - shift
            wanted = event.site_id == site_id and (event.type, event.camera_id) == (query.type, query.camera_id)
            if wanted and query.since <= at < query.until and _has(event, query.only):
                keys = tuple(str(event.data.get(name) or "") for name in query.keys)
                groups.setdefault(((at - query.since) // timedelta(seconds=query.bucket_s), keys), []).append(event)
        return [
            Measured(
                query.since + n * timedelta(seconds=query.bucket_s),
                keys,
                len(found),
                tuple(sum(_number(e, name) for e in found) for name in query.fields),
                tuple(max(_number(e, name) for e in found) for name in query.fields),
            )
            for (n, keys), found in sorted(groups.items())
        ]

    def incident(self, site_id: str, incident_id: str) -> Incident | None:
        incident = self._incidents.get(incident_id)
        return incident if incident is not None and incident.site_id == site_id else None

    def incidents(
        self, site_id: str, query: IncidentQuery, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Incident]:
        found = self._find(lambda i: i.site_id == site_id and _incident_matches(i, query) and self._is_about(i, query))
        return _page(found, limit, cursor)

    def live_incident_of_group(self, site_id: str, group: str) -> Incident | None:
        found = self._find(
            lambda i: i.site_id == site_id and i.group == group and i.state is not IncidentState.RESOLVED
        )
        return max(found, key=lambda s: (s.at, s.number)).item if found else None

    def next_incident_number(self, site_id: str) -> int:
        return max((s.number for s in self._find(lambda i: i.site_id == site_id)), default=0) + 1

    def context(self, site_id: str, incident_id: str) -> IncidentContext | None:
        context = self._contexts.get(incident_id)
        return context if context is not None and context.site_id == site_id else None

    def snapshot(self, site_id: str, incident_id: str, snapshot_id: str) -> Snapshot | None:
        found = self._snapshots.get(snapshot_id)
        return found if found is not None and (found.site_id, found.incident_id) == (site_id, incident_id) else None

    def kept_snapshots(self, site_id: str, incident_id: str) -> set[str]:
        with self._lock:
            return {s.id for s in self._snapshots.values() if (s.site_id, s.incident_id) == (site_id, incident_id)}

    def uncollected(self, site_id: str, *, since: datetime) -> list[str]:
        found = self._find(lambda i: i.site_id == site_id and i.opened_at >= since and not self._is_collected(i.id))
        return [s.item.id for s in sorted(found, key=lambda s: (s.at, s.number))]

    def gone_on(self, site_id: str, *, since: datetime) -> list[str]:
        found = self._find(lambda i: i.site_id == site_id and i.version > 1 and i.updated_at >= since)
        return [s.item.id for s in sorted(found, key=lambda s: s.item.updated_at)]

    def picture(self, site_id: str, picture_id: str) -> Picture | None:
        return self._pictures.get(picture_id) if self.event(site_id, picture_id) is not None else None

    def pictured(self, site_id: str, event_ids: Sequence[str]) -> list[str]:
        return [one for one in event_ids if self.picture(site_id, one) is not None]

    def site_ids(self) -> list[str]:
        with self._lock:
            return sorted(
                {*(s.item.site_id for s in self._events.values()), *(i.site_id for i in self._incidents.values())}
            )

    def prune(
        self, site_id: str, *, before: datetime, resolved_before: datetime | None = None, keep: Sequence[str] = ()
    ) -> int:
        with self._lock:
            mine = [i for i in self._incidents.values() if i.site_id == site_id]
            over = {i.id for i in mine if _was_resolved(i, resolved_before)}
            showing = {event_id for one, ids in self._held.items() if one not in over for event_id in ids}
            holding = {event_id for ids in self._held.values() for event_id in ids}
            old = {i for i, s in self._events.items() if s.item.site_id == site_id and s.at < before} - {*keep}
            snapshots = [s.id for s in self._snapshots.values() if s.incident_id in over]
            settled = {event_id for one in over for event_id in self._held.get(one, ())} - {*keep}
            pictures = [p.id for p in self._pictures.values() if p.id in (old | settled) - showing]
            events = old - holding
            for snapshot_id in snapshots:
                del self._snapshots[snapshot_id]
            for picture_id in pictures:
                del self._pictures[picture_id]
            for event_id in events:
                del self._events[event_id], self._told[event_id]
            return len(snapshots) + len(pictures) + len(events)

    def prune_incidents(self, site_id: str, *, before: datetime) -> int:
        with self._lock:
            mine = [i for i in self._incidents.values() if i.site_id == site_id]
            newest = max((i.number for i in mine), default=0)
            over = {i.id for i in mine if i.state is IncidentState.RESOLVED and _was_resolved(i, before)}
            over -= {i.id for i in mine if i.number == newest}
            for incident_id in over:
                del self._incidents[incident_id]
                self._contexts.pop(incident_id, None)
                self._abouts.pop(incident_id, None)
                self._held.pop(incident_id, None)
            for snapshot in [s for s in self._snapshots.values() if s.incident_id in over]:
                del self._snapshots[snapshot.id]
            held = {one for i in mine if i.id not in over for one in i.signal_ids}
            for signal in [s for s in self._signals.values() if s.site_id == site_id and s.at < before]:
                if signal.id not in held:
                    del self._signals[signal.id]
            return len(over)

    def close(self) -> None:
        """Nothing to let go of."""

    def _put_context(self, context: IncidentContext) -> None:
        if context.incident_id in self._incidents:
            self._held.setdefault(context.incident_id, set()).update(context.held_event_ids)
            if not self._is_collected(context.incident_id):
                self._contexts[context.incident_id] = context

    def _is_about(self, incident: Incident, query: IncidentQuery) -> bool:
        context = self._contexts.get(incident.id)
        told = context.is_about if context is not None else ()
        return query.about is None or query.about in told or query.about in self._abouts.get(incident.id, ())

    def _is_collected(self, incident_id: str) -> bool:
        context = self._contexts.get(incident_id)
        return context is not None and context.state is Collected.DONE

    def _check(self, incident: Incident) -> None:
        stored = self._incidents.get(incident.id)
        if incident.version == 1:
            numbers = {i.number for i in self._incidents.values() if i.site_id == incident.site_id}
            if stored is not None or incident.number in numbers:
                raise Conflict(f"There is an incident {incident.id} or number {incident.number} already.")
        elif stored is None or (stored.site_id, stored.version) != (incident.site_id, incident.version - 1):
            raise Conflict(f"Incident {incident.number} has changed since version {incident.version - 1}.")

    def _find(self, wanted: Callable[[Incident], bool]) -> list[_Stored[Incident]]:
        with self._lock:
            return [_Stored(i.opened_at, i.number, i) for i in self._incidents.values() if wanted(i)]


def _page(found: list[_Stored[T]], limit: int, cursor: str | None) -> Page[T]:
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, got {limit}")
    ordered = sorted(found, key=lambda s: (s.at, s.number))
    if cursor is not None:
        place = from_cursor(cursor)
        ordered = ordered[: bisect_left(ordered, (place.at, place.number), key=lambda s: (s.at, s.number))]
    page = ordered[::-1][:limit]
    is_more = len(ordered) > limit
    return Page([s.item for s in page], to_cursor(Place(page[-1].at, page[-1].number)) if is_more else None)


def _matches(event: Event, query: EventQuery) -> bool:
    types = query.types
    return (
        (not types or any(event.type.startswith(t) if t.endswith(".") else event.type == t for t in types))
        and query.camera_id in (None, event.camera_id)
        and query.subject in (None, event.subject)
        and query.source in (None, event.source)
        and (query.since is None or event.at >= query.since)
        and (query.until is None or event.at < query.until)
    )


def _was_resolved(incident: Incident, before: datetime | None) -> bool:
    return before is not None and incident.resolved_at is not None and incident.resolved_at < before


def _has(event: Event, only: Mapping[str, str]) -> bool:
    return all(event.data.get(name) == value for name, value in only.items())


def _number(event: Event, name: str) -> float:
    value = event.data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _incident_matches(incident: Incident, query: IncidentQuery) -> bool:
    return (
        (not query.states or incident.state.value in query.states)
        and query.camera_id in (None, incident.camera_id)
        and (query.since is None or incident.opened_at >= query.since)
        and (query.until is None or incident.opened_at < query.until)
    )
