"""`Store` over SQL: each method one transaction, the same on SQLite and on PostgreSQL.

SQLite knows nothing of how many rows a site has, and takes any index that begins with the site to find few. Where ids
are asked for, the site is looked at afterwards, so that their own index is the only one that offers itself; other
questions of this kind say so beside them, and `tests/contract/test_store_database.py` reads how each is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from custos.adapters.store import rows
from custos.adapters.store.contexts import (
    put_abouts,
    put_contexts,
    put_snapshots,
    read_context,
    read_gone_on,
    read_kept_snapshots,
    read_snapshot,
    read_uncollected,
)
from custos.adapters.store.cursors import Place, from_cursor, to_cursor
from custos.adapters.store.database import Database, to_json
from custos.adapters.store.measures import measured, measuring
from custos.adapters.store.schema import (
    EPOCH,
    MICROSECOND,
    Words,
    check_words,
    events,
    incident_events,
    incident_places,
    incident_snapshots,
    incidents,
    pictures,
    signals,
)
from custos.adapters.store.states import newest_states
from custos.model.context import IncidentContext, Snapshot
from custos.model.event import Event, Incident, Picture, Signal
from custos.pipeline.ports import Commit, Conflict, EventQuery, Heard, IncidentQuery, Measured, MeasureQuery, Page

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert

T = TypeVar("T")
K = TypeVar("K", int, str)

CHUNK = 500
"""Ids a statement asks for at once, rows it brings or deletes."""
_INSERT_INTO_SQLITE = (
    f"INSERT INTO events ({', '.join(rows.EVENT_COLUMNS)})"  # noqa: S608  names of ours
    f" VALUES ({', '.join('?' for _ in rows.EVENT_COLUMNS)}) ON CONFLICT (id) DO NOTHING"
)
HEARD = tuple(
    events.c[name] for name in ("sequence", "id", "type", "at", "source", "subject", "data", "told_at", "rules_told_at")
)
"""What a start reads of hundreds of thousands of events: taken by their places, a sixth quicker than by name."""
_LIVE_OF_GROUP = (
    select(incidents)
    .where(
        incidents.c.site_id == bindparam("own_site"),
        incidents.c.group == bindparam("own_group"),
        incidents.c.state != "resolved",
    )
    .order_by(incidents.c.opened_at.desc(), (incidents.c.number + 0).desc())  # not by the index of all, please
    .limit(1)
)
_LAST_NUMBER = select(func.max(incidents.c.number)).where(incidents.c.site_id == bindparam("own_site"))
_LINKED = select(incident_events.c.event_id).where(incident_events.c.incident_id == bindparam("own_id"))
_CHANGE_INCIDENT = update(incidents).where(
    tuple_(incidents.c.id, incidents.c.site_id, incidents.c.version)
    == tuple_(bindparam("own_id"), bindparam("own_site"), bindparam("was_version"))
)
"""These and those above are asked for every signal: putting them together anew takes longer than the answer."""
FEW_PICTURES = 50
"""Deleted in one transaction: each is many pages of the database."""
FEW = 2000
"""Rows that are looked at one by one in no time."""


def open_store(url: str, *, is_scratch: bool = False) -> SqlStore:
    """The store at `sqlite:///FILE` or `postgresql://...`, its tables brought up to date.

    Args:
        is_scratch: thrown away afterwards: quicker, and not safe from a loss of power.

    Raises:
        CustosError: it cannot be opened, or a newer Custos has written it. UsageError: the address is none.
    """
    database = Database(url, is_scratch=is_scratch)
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


def _postgresql_insert() -> Callable[[Table], PostgresInsert]:
    from sqlalchemy.dialects import postgresql  # only where it is used: it takes long to import

    return postgresql.insert


class SqlStore:
    """Events, pictures, signals and incidents in a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._insert = sqlite.insert if database.is_sqlite else _postgresql_insert()

    def append(self, events: Sequence[Event]) -> list[Event]:
        return self.commit(Commit(events=events))

    def commit(self, commit: Commit) -> list[Event]:
        with self.database.write() as connection:
            told = rows.IMPORTED if commit.is_imported else (commit.told_at, commit.rules_told_at)
            new = self._add_events(connection, commit.events, told)
            self._add_pictures(connection, commit)
            self._add_signals(connection, commit.signals)
            for incident in commit.incidents:
                self._put_incident(connection, incident)
            put_contexts(connection, commit.contexts, self._insert)
            put_abouts(connection, commit.abouts, self._insert)
            put_snapshots(connection, commit.snapshots, self._insert)
        return new

    def known_event_ids(self, ids: Sequence[str]) -> set[str]:
        if not ids:  # asked at every tick of the clock, and mostly of nothing
            return set()
        with self.database.read() as connection:
            return _known(connection, events, ids)

    def known_signal_ids(self, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        with self.database.read() as connection:
            return _known(connection, signals, ids)

    def signal_counts(self, site_id: str, *, since: datetime) -> Mapping[str, int]:
        mine = (signals.c.site_id == site_id, signals.c.at >= since)
        query = select(signals.c.rule_id, func.count()).where(*mine).group_by(signals.c.rule_id)
        with self.database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def event_counts(self, site_id: str, *, types: Sequence[str], since: datetime) -> Mapping[tuple[str, str], int]:
        mine = (events.c.site_id == site_id, events.c.type.in_(types), events.c.at >= since)
        source = (
            events.c.source.concat("") if self.database.is_sqlite else events.c.source
        )  # by the types' index, please
        query = select(source, events.c.type, func.count()).where(*mine).group_by(source, events.c.type)
        with self.database.read() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(query)}

    def event(self, site_id: str, event_id: str) -> Event | None:
        query = select(events).where(events.c.site_id == site_id, events.c.id == event_id)
        with self.database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else rows.event_of(row)

    def events(self, site_id: str, query: EventQuery, *, limit: int = 100, cursor: str | None = None) -> Page[Event]:
        filters = [events.c.site_id == site_id, *_event_filters(query)]
        if cursor is not None:
            filters.append(_behind(events.c.at, events.c.sequence, from_cursor(cursor)))
        with self.database.read() as connection:
            found = self._of_types(connection, site_id, query, filters, _checked(limit) + 1)
            got = connection.execute(found).mappings().all() if found is not None else []
        places = [Place(row["at"], row["sequence"]) for row in got]
        return _page([rows.event_of(row) for row in got], places, limit)

    def newest_of_sources(self, site_id: str, sources: Sequence[str]) -> Mapping[str, Event]:
        return {event.source: event for event in self._newest(site_id, events.c.source, sources)}

    def newest_of_subjects(self, site_id: str, subjects: Sequence[str]) -> Mapping[str, Event]:
        return {event.subject: event for event in self._newest(site_id, events.c.subject, subjects) if event.subject}

    def newest_states(self, site_id: str, types: Sequence[str], *, before: datetime) -> list[Event]:
        with self.database.read() as connection:
            wanted = newest_states(site_id, types, before, is_sqlite=self.database.is_sqlite)
            sequences = connection.scalars(wanted).all() if types else []
            got: list[tuple[datetime, int, Event]] = []
            for chunk in _chunks(sequences):
                found = connection.execute(select(events).where(events.c.sequence.in_(chunk))).mappings()
                got.extend((row["at"], row["sequence"], rows.event_of(row)) for row in found)
        return [event for _, _, event in sorted(got, key=lambda g: g[:2])]

    def events_by_id(self, site_id: str, ids: Sequence[str]) -> list[Event]:
        got: list[tuple[datetime, int, Event]] = []
        with self.database.read() as connection:
            for chunk in _chunks(ids):
                found = connection.execute(select(events).where(events.c.id.in_(chunk))).mappings()
                mine = (row for row in found if row["site_id"] == site_id)
                got.extend((row["at"], row["sequence"], rows.event_of(row)) for row in mine)
        return [event for _, _, event in sorted(got, key=lambda g: g[:2])]

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
        wanted = [events.c.site_id == site_id, *([events.c.type.in_(types)] if types else [])]
        times = [events.c.at >= since, *(events.c.at.between(first, last) for first, last in also)]
        query = select(*HEARD).where(*wanted, or_(*times))
        if self.database.is_sqlite:  # which would sort whole rows; numbers from an index are sorted in no time
            each = [select(events.c.sequence).where(*wanted, one) for one in times]
            query = select(*HEARD).where(events.c.sequence.in_(union_all(*each) if also else each[0]))
        query = query.order_by(events.c.sequence)
        with (
            self.database.read() as connection,
            connection.execution_options(yield_per=CHUNK).execute(query) as streamed,
        ):
            for sequence, event_id, type_, at, source, subject, data, *told in streamed:
                event, is_imported = Event(event_id, type_, at, source, subject, data), told[0] == EPOCH
                yield Heard(sequence, event, is_imported=True) if is_imported else Heard(sequence, event, *told)

    def measures(self, site_id: str, query: MeasureQuery) -> list[Measured]:
        statement = measuring(site_id, query, is_sqlite=self.database.is_sqlite)
        with self.database.read() as connection:
            return measured(query, connection.execute(statement).mappings().all())

    def incident(self, site_id: str, incident_id: str) -> Incident | None:
        mine = (incidents.c.site_id == site_id, incidents.c.id == incident_id)
        return self._one_incident(select(incidents).where(*mine))

    def incidents(
        self, site_id: str, query: IncidentQuery, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Incident]:
        found = select(incidents).where(incidents.c.site_id == site_id, *_incident_filters(site_id, query))
        if cursor is not None:
            found = found.where(_behind(incidents.c.opened_at, incidents.c.number, from_cursor(cursor)))
        found = found.order_by(incidents.c.opened_at.desc(), incidents.c.number.desc()).limit(_checked(limit) + 1)
        with self.database.read() as connection:
            got = [rows.incident_of(row) for row in connection.execute(found).mappings()]
        return _page(got, [Place(i.opened_at, i.number) for i in got], limit)

    def live_incident_of_group(self, site_id: str, group: str) -> Incident | None:
        return self._one_incident(_LIVE_OF_GROUP, own_site=site_id, own_group=group)

    def next_incident_number(self, site_id: str) -> int:
        with self.database.read() as connection:
            return (connection.execute(_LAST_NUMBER, {"own_site": site_id}).scalar() or 0) + 1

    def context(self, site_id: str, incident_id: str) -> IncidentContext | None:
        with self.database.read() as connection:
            return read_context(connection, site_id, incident_id)

    def snapshot(self, site_id: str, incident_id: str, snapshot_id: str) -> Snapshot | None:
        with self.database.read() as connection:
            return read_snapshot(connection, site_id, incident_id, snapshot_id)

    def kept_snapshots(self, site_id: str, incident_id: str) -> set[str]:
        with self.database.read() as connection:
            return read_kept_snapshots(connection, site_id, incident_id)

    def uncollected(self, site_id: str, *, since: datetime) -> list[str]:
        with self.database.read() as connection:
            return read_uncollected(connection, site_id, since)

    def gone_on(self, site_id: str, *, since: datetime) -> list[str]:
        with self.database.read() as connection:
            return read_gone_on(connection, site_id, since)

    def picture(self, site_id: str, picture_id: str) -> Picture | None:
        query = select(pictures).where(pictures.c.site_id == site_id, pictures.c.id == picture_id)
        with self.database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else rows.picture_of(row)

    def pictured(self, site_id: str, event_ids: Sequence[str]) -> list[str]:
        with self.database.read() as connection:
            found = (
                row
                for chunk in _chunks(event_ids)
                for row in connection.execute(select(pictures.c.id, pictures.c.site_id).where(pictures.c.id.in_(chunk)))
            )
            have = {row.id for row in found if row.site_id == site_id}
        return [event_id for event_id in event_ids if event_id in have]

    def site_ids(self) -> list[str]:
        return sorted({site_id for table in (events, pictures, incidents) for site_id in self._sites(table)})

    def prune(
        self, site_id: str, *, before: datetime, resolved_before: datetime | None = None, keep: Sequence[str] = ()
    ) -> int:
        """As the Protocol says, in many short transactions: whoever wants to store an event does not wait long. What a
        restart interrupts is taken up by the next call."""
        is_over = false() if resolved_before is None else incidents.c.resolved_at < resolved_before
        holding = exists().where(incident_events.c.event_id == events.c.id)
        showing = exists().where(
            incident_events.c.event_id == pictures.c.id,
            incidents.c.id == incident_events.c.incident_id,
            ~func.coalesce(is_over, false()),
        )
        settled = select(incidents.c.id).where(incidents.c.site_id == site_id, is_over)
        shown = select(incident_events.c.event_id).where(incident_events.c.incident_id.in_(settled))
        spared = pictures.c.id.not_in(list(keep))
        return sum(
            self._delete(table, count, table.c.site_id == site_id, *chosen)
            for table, count, chosen in (
                (incident_snapshots, FEW_PICTURES, (incident_snapshots.c.incident_id.in_(settled),)),
                (pictures, FEW_PICTURES, (pictures.c.id.in_(shown), spared, ~showing)),
                (pictures, FEW_PICTURES, (pictures.c.at < before, spared, ~showing)),
                (events, CHUNK, (events.c.at < before, events.c.id.not_in(list(keep)), ~holding)),
            )
        )

    def prune_incidents(self, site_id: str, *, before: datetime) -> int:
        """As the Protocol says, in short transactions. What belongs to an incident goes with its row (CASCADE)."""
        newest = select(func.max(incidents.c.number)).where(incidents.c.site_id == site_id).scalar_subquery()
        over = (incidents.c.state == "resolved", incidents.c.resolved_at < before, incidents.c.number < newest)
        gone = self._delete(incidents, FEW_PICTURES, incidents.c.site_id == site_id, *over)
        opened = incidents.c.opened_at < before + timedelta(days=1)  # signals are heard late by less than that
        holding = select(incidents.c.signal_ids).where(incidents.c.site_id == site_id, opened)
        old = select(signals.c.id).where(signals.c.site_id == site_id, signals.c.at < before)
        with self.database.read() as connection:
            held = {one for ids in connection.scalars(holding) for one in ids}
            ids = [one for one in connection.scalars(old) if one not in held]
        for chunk in _chunks(ids):
            with self.database.write() as connection:
                connection.execute(delete(signals).where(signals.c.id.in_(chunk)))
        return gone

    def close(self) -> None:
        self.database.close()

    def _newest(self, site_id: str, column: ColumnElement[Any], names: Sequence[str]) -> Iterator[Event]:
        """The newest event of each name, by one look into the column's index for each, all in one statement."""
        for chunk in _chunks(list(dict.fromkeys(names))):
            each = [select(literal(name, Words).label("name")) for name in chunk]
            wanted = union_all(*each).cte("wanted")
            newest = (
                select(events.c.sequence)
                .where(events.c.site_id == site_id, column == wanted.c.name)
                .order_by(events.c.at.desc(), events.c.sequence.desc())
                .limit(1)
                .correlate(wanted)
                .scalar_subquery()
            )
            found = select(events).where(events.c.sequence.in_(select(newest).select_from(wanted)))
            with self.database.read() as connection:
                yield from [rows.event_of(row) for row in connection.execute(found).mappings()]

    def _of_types(
        self, connection: Connection, site_id: str, query: EventQuery, filters: list[ColumnElement[bool]], count: int
    ) -> Select[Any] | None:
        """The newest `count` events, by the index that finds them without looking at millions of others; None where
        there are none of these types.

        One type, and everything else that is one value, has an index in the order of time. Several types have none:
        each is asked for alone, and what comes is merged. A type of one camera (source, subject) is looked for among
        the type's events where these are few, among the camera's where they are not.
        """
        newest = (events.c.at.desc(), events.c.sequence.desc())
        whole = select(events).where(*filters).order_by(*newest).limit(count)
        if not query.types:
            return whole
        is_narrow = any(one is not None for one in (query.camera_id, query.subject, query.source))
        names = [n for n in _types(connection, site_id) if any(_is_named(n, wanted) for wanted in query.types)]
        if not names:
            return None
        if is_narrow and not _are_few(connection, site_id, names):
            types = events.c.type.concat("") if self.database.is_sqlite else events.c.type  # no index of types, please
            return whole.where(types.in_(names))
        each = [
            select(events.c.at, events.c.sequence)
            .where(*filters, events.c.type == name)
            .order_by(*newest)
            .limit(count)
            .subquery()
            for name in names
        ]
        found = union_all(*(select(one) for one in each)).subquery()
        first = select(found.c.sequence).order_by(found.c.at.desc(), found.c.sequence.desc()).limit(count)
        return select(events).where(events.c.sequence.in_(first)).order_by(*newest)

    def _sites(self, table: Table) -> Iterator[str]:
        """Every site in the table, one look into its index each: DISTINCT would read the whole of it."""
        site_id = ""
        while True:
            with self.database.read() as connection:
                found = connection.scalar(select(func.min(table.c.site_id)).where(table.c.site_id > site_id))
            if found is None:
                return
            site_id = found
            yield site_id

    def _delete(self, table: Table, count: int, *chosen: ColumnElement[bool]) -> int:
        """At most `count` in one transaction, until there are no more; how many went."""
        some = select(table.c.id).where(*chosen).limit(count)
        gone = 0
        while True:
            with self.database.write() as connection:
                went = connection.execute(delete(table).where(table.c.id.in_(some))).rowcount
            gone += went
            if went < count:
                return gone

    def _add_events(self, connection: Connection, new: Sequence[Event], told: rows.Told) -> list[Event]:
        by_id = {event.id: event for event in reversed(new)}  # of doubles the first counts
        ordered = list({event.id: by_id[event.id] for event in new}.values())
        if not ordered:
            return []
        if self.database.is_sqlite:
            return _append_to_sqlite(connection, ordered, told)
        new_ones = self._insert(events).on_conflict_do_nothing(index_elements=["id"])
        statement = new_ones.returning(events.c.id, sort_by_parameter_order=True)  # they are heard again in this order
        stored = set(connection.scalars(statement, [rows.event_values(event, told) for event in ordered]))
        return [event for event in ordered if event.id in stored]

    def _add_pictures(self, connection: Connection, commit: Commit) -> None:
        if not commit.pictures:
            return
        site_of = {event.id: event.site_id for event in commit.events}
        unknown = [p.id for p in commit.pictures if p.id not in site_of]
        for chunk in _chunks(unknown):
            query = select(events.c.id, events.c.site_id).where(events.c.id.in_(chunk))
            site_of |= {row.id: row.site_id for row in connection.execute(query)}
        values = [rows.picture_values(p, site_of[p.id]) for p in commit.pictures if p.id in site_of]
        if values:
            connection.execute(self._insert(pictures).on_conflict_do_nothing(index_elements=["id"]), values)

    def _add_signals(self, connection: Connection, new: Sequence[Signal]) -> None:
        if new:
            statement = self._insert(signals).on_conflict_do_nothing(index_elements=["id"])
            connection.execute(statement, [rows.signal_values(signal) for signal in new])

    def _put_incident(self, connection: Connection, incident: Incident) -> None:
        values, linked = rows.incident_values(incident), set[str]()
        if incident.version == 1:
            try:
                connection.execute(insert(incidents), values)
            except IntegrityError as error:
                raise Conflict(f"There is an incident {incident.id} or number {incident.number} already.") from error
        else:
            was = {"own_id": incident.id, "own_site": incident.site_id, "was_version": incident.version - 1}
            if connection.execute(_CHANGE_INCIDENT, {**values, **was}).rowcount != 1:
                raise Conflict(f"Incident {incident.number} has changed since version {incident.version - 1}.")
            linked.update(connection.scalars(_LINKED, {"own_id": incident.id}))
        links = [
            {"incident_id": incident.id, "event_id": event_id, "site_id": incident.site_id}
            for event_id in sorted({*incident.event_ids} - linked)  # as contexts do, so that nobody waits for ever
        ]
        if links:
            connection.execute(self._insert(incident_events).on_conflict_do_nothing(), links)

    def _one_incident(self, query: Select[Any], **asked: str) -> Incident | None:
        with self.database.read() as connection:
            row = connection.execute(query, asked).mappings().first()
        return None if row is None else rows.incident_of(row)


def _append_to_sqlite(connection: Connection, ordered: list[Event], told: rows.Told) -> list[Event]:
    """Those that were new; without SQLAlchemy's part in it, which is as much work as SQLite's."""
    before = connection.exec_driver_sql("SELECT max(sequence) FROM events").scalar() or 0
    consumers, rules = (None if at is None else (at - EPOCH) // MICROSECOND for at in told)
    values = [rows.event_row(event, (consumers, rules)) for event in ordered]
    inserted = connection.exec_driver_sql(_INSERT_INTO_SQLITE, values)
    if inserted.rowcount == len(ordered):
        return ordered
    stored = _known(connection, events, [event.id for event in ordered], after=before)
    return [event for event in ordered if event.id in stored]


def _event_filters(query: EventQuery) -> list[ColumnElement[bool]]:
    """Of everything but the types."""
    filters: list[ColumnElement[bool]] = []
    if query.camera_id is not None:
        filters.append(events.c.camera_id == query.camera_id)
    if query.subject is not None:
        filters.append(events.c.subject == query.subject)
    if query.source is not None:
        filters.append(events.c.source == query.source)
    if query.since is not None:
        filters.append(events.c.at >= query.since)
    if query.until is not None:
        filters.append(events.c.at < query.until)
    return filters


def _is_named(type_: str, wanted: str) -> bool:
    return type_.startswith(wanted) if wanted.endswith(".") else type_ == wanted


def _types(connection: Connection, site_id: str) -> list[str]:
    """Every type that the site has events of, one look into an index each: DISTINCT would read the whole of it."""
    first = select(func.min(events.c.type).label("type")).where(events.c.site_id == site_id)
    found = first.cte("found", recursive=True)
    following = select(func.min(events.c.type)).where(events.c.site_id == site_id, events.c.type > found.c.type)
    found = found.union_all(select(following.scalar_subquery()).where(found.c.type.is_not(None)))
    return list(connection.scalars(select(found.c.type).where(found.c.type.is_not(None))))


def _are_few(connection: Connection, site_id: str, types: Sequence[str]) -> bool:
    some = select(events.c.sequence).where(events.c.site_id == site_id, events.c.type.in_(types)).limit(FEW)
    return connection.scalar(select(func.count()).select_from(some.subquery())) != FEW


def _incident_filters(site_id: str, query: IncidentQuery) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if query.states:
        filters.append(incidents.c.state.in_(query.states))
    if query.camera_id is not None:
        filters.append(incidents.c.camera_id == query.camera_id)
    if query.about is not None:
        is_there = (incident_places.c.site_id == site_id, incident_places.c.place == query.about)
        filters.append(incidents.c.id.in_(select(incident_places.c.incident_id).where(*is_there)))
    if query.since is not None:
        filters.append(incidents.c.opened_at >= query.since)
    if query.until is not None:
        filters.append(incidents.c.opened_at < query.until)
    return filters


def _behind(at: ColumnElement[datetime], number: ColumnElement[int], place: Place) -> ColumnElement[bool]:
    """Items after `place` in a list that runs from the newest to the oldest."""
    return or_(at < place.at, and_(at == place.at, number < place.number))


def _page(items: list[T], places: list[Place], limit: int) -> Page[T]:
    """Of limit + 1 items asked for: the page, and where the next begins if the one too many came."""
    is_more = len(items) > limit
    return Page(items[:limit], to_cursor(places[limit - 1]) if is_more else None)


def _checked(limit: int) -> int:
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, got {limit}")
    return limit


def _known(connection: Connection, table: Table, ids: Sequence[str], *, after: int | None = None) -> set[str]:
    """Those of these ids that are stored; `after`: of events, only those behind this sequence. The hub asks several
    times in every step: SQLite is asked in the same words each time, which takes a tenth of what an `IN` of so and so
    many takes with SQLAlchemy."""
    if connection.dialect.name == "sqlite":
        check_words("".join(ids))
        words = f"SELECT id FROM {table.name} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608  names of ours
        more = (" AND sequence > ?", (after,)) if after is not None else ("", ())
        return {row[0] for row in connection.exec_driver_sql(words + more[0], (to_json(list(ids)), *more[1]))}
    column, where = table.c.id, () if after is None else (table.c.sequence > after,)
    found = (connection.scalars(select(column).where(column.in_(chunk), *where)) for chunk in _chunks(ids))
    return {one for chunk in found for one in chunk}


def _chunks(ids: Sequence[K]) -> Iterator[list[K]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
