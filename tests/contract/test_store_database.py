"""What a database adds to the suite: opening, versions, durability, and failures in words."""

from __future__ import annotations

import math
import os
import sqlite3
import stat
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Timer

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy import event as listening
from sqlalchemy.exc import DBAPIError

from custos.adapters.store import SqlStore, migrations, open_store
from custos.adapters.store.cursors import Place, to_cursor
from custos.adapters.store.failures import explain
from custos.adapters.store.schema import metadata
from custos.model.errors import CustosError, UsageError
from custos.model.event import IncidentState, Picture
from custos.pipeline.ports import Commit, EventQuery, IncidentQuery
from custos.testing.check_store import (
    SITE,
    START,
    check_pages_of_several_types,
    context,
    event,
    incident,
    signal,
    snapshot,
)

OpenStore = Callable[[str], SqlStore]
EITHER = pytest.mark.parametrize("prepared_url", ["sqlite", "postgresql"], indirect=True)
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@BOTH
def test_migrations_lead_to_the_schema(database_url: str, new_store: OpenStore) -> None:
    with new_store(database_url).database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


@BOTH
def test_what_is_stored_is_there_after_opening_again(database_url: str, new_store: OpenStore) -> None:
    store = new_store(database_url)
    store.commit(Commit([event(1)], [], [signal(1)], [incident(1)]))
    store.close()
    again = new_store(database_url)
    assert again.event(SITE, "ev-hq-1") == event(1)
    assert again.incident(SITE, "inc-hq-1") == incident(1)


def _as_of_0005(connection: Connection) -> None:
    """The tables as that version left them."""
    connection.execute(text("ALTER TABLE events DROP COLUMN told_at"))
    connection.execute(text("ALTER TABLE events DROP COLUMN rules_told_at"))
    connection.execute(text("DROP TABLE incident_places"))
    connection.execute(text("DROP INDEX ix_incidents_gone_on"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))


@BOTH
def test_events_of_before_have_no_time_that_rules_had_been_told(database_url: str, new_store: OpenStore) -> None:
    store = new_store(database_url)
    store.append([event(1), event(2)])
    with store.database.write() as connection:
        _as_of_0005(connection)
    store.close()
    again = new_store(database_url)
    again.commit(Commit([event(2), event(3)], told_at=event(9).at, rules_told_at=event(8).at))
    heard = [(one.event, one.told_at, one.rules_told_at) for one in again.heard(SITE, since=START)]
    assert heard == [(event(1), None, None), (event(2), None, None), (event(3), event(9).at, event(8).at)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_tables_that_a_backup_reads_are_not_waited_for_without_a_word(
    database_url: str, new_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start hung for as long as pg_dump ran, and every question to the events hung behind it."""
    monkeypatch.setattr(migrations, "LOCKED_S", 0.1)
    store = new_store(database_url)
    with store.database.write() as connection:
        _as_of_0005(connection)
    with store.database.read() as dumping:
        dumping.execute(text("LOCK TABLE events IN ACCESS SHARE MODE"))
        with pytest.raises(CustosError, match="another program keeps them locked"):
            new_store(database_url)
    assert new_store(database_url).append([event(1)]) == [event(1)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_events_are_stored_in_their_order_and_many_at_once(database_url: str, new_store: OpenStore) -> None:
    store, asked = new_store(database_url), list[str]()
    listening.listen(store.database.writer, "before_cursor_execute", lambda *said: asked.append(said[2]))
    told = [event(n * 37 % 300) for n in range(300)]
    store.append(told[::7])
    store.append(told)
    rest = [one for n, one in enumerate(told) if n % 7]
    assert [one.event for one in store.heard(SITE, since=START)] == [*told[::7], *rest]
    inserts = [one for one in asked if one.startswith("INSERT")]
    assert len(inserts) < 6
    assert all("ORDER BY" in one for one in inserts)  # PostgreSQL need not keep the order of VALUES


@BOTH
def test_incidents_of_before_are_found_by_what_their_contexts_name(database_url: str, new_store: OpenStore) -> None:
    """A database that did not yet note the places of incidents."""
    store = new_store(database_url)
    store.commit(Commit(incidents=[incident(1), incident(2)], contexts=[context(1)]))
    with store.database.write() as connection:
        _as_of_0005(connection)
    store.close()
    again = new_store(database_url)
    for about in ("doors/front", "cameras/dock", "holders/ada"):
        assert again.incidents(SITE, IncidentQuery(about=about)).items == [incident(1)]


def test_incidents_of_before_are_found_however_many_they_are(tmp_path: Path, new_store: OpenStore) -> None:
    """They are read a thousand at a time: all at once filled the memory at the first start."""
    url, many = f"sqlite:///{tmp_path}/custos.db", range(2001)
    store = new_store(url)
    store.commit(Commit(incidents=[incident(n) for n in many], contexts=[context(n) for n in many]))
    counted = text("SELECT count(*) FROM incident_places")
    with store.database.write() as connection:
        before = connection.execute(counted).scalar_one()
        _as_of_0005(connection)
    store.close()
    with new_store(url).database.write() as connection:
        assert connection.execute(counted).scalar_one() == before > len(many)


@BOTH
def test_newer_database_is_refused_and_left_alone(database_url: str, new_store: OpenStore) -> None:
    store = new_store(database_url)
    store.append([event(1)])
    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CustosError, match=r"newer Custos.*'9999'.*'\d{4}'") as refused:
        open_store(database_url)
    assert refused.value.remedy
    assert store.event(SITE, "ev-hq-1") == event(1)


@BOTH
def test_several_may_open_a_new_database_at_once(database_url: str, new_store: OpenStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(new_store, [database_url] * 4))
    for n, store in enumerate(stores):
        assert store.append([event(n)]) == [event(n)]
    assert len(stores[0].events(SITE, EventQuery()).items) == 4


def test_a_new_database_may_be_written_by_another_while_it_is_opened(tmp_path: Path, new_store: OpenStore) -> None:
    """SQLite refuses to go into WAL mode at once then, without waiting."""
    other = sqlite3.connect(tmp_path / "custos.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = Timer(0.3, lambda: other.execute("COMMIT"))
    done.start()
    store = new_store(f"sqlite:///{tmp_path}/custos.db")
    done.join()
    other.close()
    assert store.append([event(1)]) == [event(1)]


@EITHER
@pytest.mark.parametrize("bad", ["a\0b", "half \ud800"])
def test_text_that_one_database_cannot_hold_is_refused_by_both(
    prepared_url: str, bad: str, new_store: OpenStore
) -> None:
    store = new_store(prepared_url)
    with pytest.raises(UsageError, match="cannot be stored"):
        store.events(SITE, EventQuery(camera_id=bad))
    with pytest.raises(UsageError, match="cannot be stored"):
        store.append([event(1), event(2, site_id=bad)])
    assert store.events(SITE, EventQuery()).items == []


@EITHER
def test_nan_is_refused_and_nothing_stored(prepared_url: str, new_store: OpenStore) -> None:
    store = new_store(prepared_url)
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.append([event(1), event(2, data={"n": math.nan})])
    assert store.events(SITE, EventQuery()).items == []


@EITHER
def test_an_incident_takes_its_context_and_its_pictures_with_it(prepared_url: str, new_store: OpenStore) -> None:
    store = new_store(prepared_url)
    store.commit(
        Commit([event(1)], [], [], [incident(1), incident(2)], [context(1), context(2)], [snapshot(1), snapshot(2)])
    )
    with store.database.write() as connection:
        connection.execute(text("DELETE FROM incidents WHERE number = 1"))
    assert (store.context(SITE, "inc-hq-1"), store.snapshot(SITE, "inc-hq-1", "snap-1-0")) == (None, None)
    assert (store.context(SITE, "inc-hq-2"), store.snapshot(SITE, "inc-hq-2", "snap-2-0")) == (context(2), snapshot(2))


def test_sqlite_is_set_for_power_cuts(tmp_path: Path, new_store: OpenStore) -> None:
    path = tmp_path / "custos.db"
    store = new_store(f"sqlite:///{path}")
    with store.database.read() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_readers_do_not_wait_for_a_writer(tmp_path: Path, new_store: OpenStore) -> None:
    store = new_store(f"sqlite:///{tmp_path / 'custos.db'}")
    store.append([event(1)])
    with store.database.write() as connection:
        connection.execute(text("DELETE FROM events"))
        assert store.event(SITE, "ev-hq-1") == event(1)
    assert store.event(SITE, "ev-hq-1") is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_said_and_nothing_half_written(small_disk: Path, new_store: OpenStore) -> None:
    """A step that does not fit is not there at all, what was there stays, and it goes on once there is
    room."""
    store = new_store(f"sqlite:///{small_disk / 'custos.db'}")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    stored = _fill(store)
    assert [e.data["n"] for e in store.replay(SITE, since=START)] == list(range(stored))
    assert store.pictured(SITE, [event(n).id for n in range(stored + 1)]) == [event(n).id for n in range(stored)]
    ballast.unlink()
    assert store.append([event(stored)]) == [event(stored)]


def test_full_database_is_said_and_nothing_half_written(tmp_path: Path, new_store: OpenStore) -> None:
    """The same where nobody may mount: SQLite refuses to grow."""
    store = new_store(f"sqlite:///{tmp_path / 'custos.db'}")
    with store.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=200")
    stored = _fill(store)
    assert [e.data["n"] for e in store.replay(SITE, since=START)] == list(range(stored))


def _fill(store: SqlStore) -> int:
    """Commit until the disk is full; how many commits fitted."""
    for n in range(1000):
        step = Commit([event(n)], [Picture(event(n).id, "dock", START, os.urandom(20_000))])
        try:
            store.commit(step)
        except CustosError:
            break
    with pytest.raises(CustosError, match="disk is full") as refused:
        store.commit(step)
    assert refused.value.remedy
    assert n > 3
    return n


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (
            lambda path: path.write_bytes(b"this is a shopping list, and not a short one at all" * 100),
            "not a database",
        ),
        (lambda path: path.mkdir(), "cannot be opened"),
        (lambda path: path.parent.rmdir(), "cannot be opened"),
    ],
)
def test_unusable_file_is_said_with_a_remedy(tmp_path: Path, prepare: Callable[[Path], object], words: str) -> None:
    path = tmp_path / "data" / "custos.db"
    path.parent.mkdir()
    prepare(path)
    with pytest.raises(CustosError, match=words) as refused:
        open_store(f"sqlite:///{path}")
    assert refused.value.where == str(path)
    assert refused.value.remedy


def test_locked_database_is_said(tmp_path: Path, new_store: OpenStore) -> None:
    path = tmp_path / "custos.db"
    store = new_store(f"sqlite:///{path}")
    with store.database.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(CustosError, match="locked"):
        store.append([event(1)])
    other.close()
    assert store.append([event(1)]) == [event(1)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "custos.db",
        "mysql://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:secret@h:x/d",
        "mysql://u@h/d?password=secret",
    ],
)
def test_strange_addresses_are_refused_without_their_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_store(url)
    assert "sqlite:///" in refused.value.remedy
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://custos:secret@127.0.0.1:1/custos", "postgresql://custos@127.0.0.1:1/custos?password=secret"]
)
def test_postgresql_that_does_not_answer_is_said_without_its_password(url: str) -> None:
    with pytest.raises(CustosError, match="does not answer") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)
    assert refused.value.remedy


@EITHER
def test_values_stay_out_of_errors(prepared_url: str, new_store: OpenStore) -> None:
    store = new_store(prepared_url)
    with pytest.raises(DBAPIError) as failed, store.database.read() as connection:
        connection.execute(text("SELECT * FROM no_such WHERE a = :a"), {"a": "hunter2"})
    assert "hunter2" not in str(failed.value)


@pytest.mark.parametrize("prepared_url", ["postgresql"], indirect=True)
def test_postgresql_that_may_not_be_written_is_said(prepared_url: str, new_store: OpenStore) -> None:
    store = new_store(prepared_url)
    read_only = text("SET TRANSACTION READ ONLY; DELETE FROM events")
    with pytest.raises(CustosError, match="may not be written") as refused, store.database.write() as connection:
        connection.execute(read_only)
    assert refused.value.remedy


@pytest.mark.parametrize("prepared_url", ["postgresql"], indirect=True)
def test_postgresql_that_is_gone_without_a_word_is_noticed(prepared_url: str, new_store: OpenStore) -> None:
    with new_store(prepared_url).database.read() as connection:
        used = connection.connection.dbapi_connection
        assert isinstance(used, psycopg.Connection)
        told = used.info.get_parameters()
    assert (told["keepalives_idle"], told["tcp_user_timeout"]) == ("15", "30000")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.OperationalError(""), "does not answer: OperationalError"),
        (psycopg.OperationalError("no route\nto it"), "does not answer: no route."),
        (psycopg.errors.InternalError_("broken page"), "failed inside: broken page"),
        (psycopg.errors.ReadOnlySqlTransaction(), "may not be written"),
    ],
)
def test_what_postgresql_says_is_explained(error: psycopg.Error, said: str) -> None:
    explained = explain(error, "there")
    assert explained is not None
    assert said in explained.what
    assert explained.remedy
    assert explained.where == "there"


def test_a_database_too_busy_to_connect_is_said(
    tmp_path: Path, new_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = new_store(f"sqlite:///{tmp_path / 'custos.db'}")
    monkeypatch.setattr(store.database.engine.pool, "_timeout", 0.01)
    with ExitStack() as held, pytest.raises(CustosError, match="too busy") as refused:
        deque(held.enter_context(store.database.read()) for _ in range(100))
    assert refused.value.remedy


@EITHER
@pytest.mark.parametrize("few", [1, 2000])
def test_types_of_one_camera_are_found_among_few_and_among_many(
    prepared_url: str, new_store: OpenStore, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Two ways to the same page: through the index of types, and through the camera's."""
    monkeypatch.setattr("custos.adapters.store.store.FEW", few)
    store = new_store(prepared_url)
    check_pages_of_several_types(store)


def test_no_question_of_the_console_reads_a_whole_table(tmp_path: Path, new_store: OpenStore) -> None:
    """With millions of events, two rare types were looked for among all the others."""
    store = new_store(f"sqlite:///{tmp_path / 'custos.db'}")
    store.append([event(n) for n in range(10)])
    plans: list[str] = []

    def explain_it(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    listening.listen(store.database.engine, "before_cursor_execute", explain_it)
    span = {"since": START, "until": START + timedelta(days=1)}
    for narrow in ({}, {"camera_id": "dock"}, {"subject": "tracks/dock-s1-1"}, {"source": "/sites/hq/cameras/dock"}):
        for types in ((), ("zone.entered",), ("door.held", "zone.entered"), ("zone.",)):
            store.events(SITE, EventQuery(types=types, **narrow, **span), cursor=to_cursor(Place(START, 5)))  # type: ignore[arg-type]
    list(store.replay(SITE, since=START))
    list(store.replay(SITE, since=START, types=("door.held", "zone.left")))
    list(store.replay(SITE, since=START, also=[(START - timedelta(days=1), START)]))
    list(store.site_ids())
    assert len(plans) > 20
    store.gone_on(SITE, since=START)
    assert plans[-1].startswith("SEARCH incidents USING INDEX ix_incidents_gone_on"), "and sorts nothing"
    assert not [plan for plan in plans if plan.startswith("SCAN events") or plan == "SCAN incidents"]


def test_what_is_asked_for_by_name_is_not_looked_for_in_the_whole_site(tmp_path: Path, new_store: OpenStore) -> None:
    """A hub with a million events took minutes to start: for every incident it read all of them, by an index that
    begins with the site, to find a few by their ids."""
    store = new_store(f"sqlite:///{tmp_path / 'custos.db'}")
    store.commit(Commit([event(n) for n in range(10)], [], [signal(1)], [incident(1)]))
    plans: list[str] = []

    def explain_it(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    for engine in (store.database.engine, store.database.writer):
        listening.listen(engine, "before_cursor_execute", explain_it)
    ids = [event(n).id for n in range(10)]
    assert len(store.events_by_id(SITE, ids)) == 10
    assert store.event(SITE, ids[0]) == event(0)
    assert store.pictured(SITE, ids) == []
    assert store.event_counts(SITE, types=("zone.entered", "zone.left"), since=START)
    assert store.live_incident_of_group(SITE, incident(1).group) is not None
    assert store.incident(SITE, incident(1).id) is not None
    assert store.known_event_ids([*ids, "unheard"]) == set(ids)
    store.append([event(9), event(10)])
    assert len(plans) >= 9
    read_whole = [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan]  # the ids themselves
    assert not [*read_whole, *(plan for plan in plans if plan.endswith("(site_id=?)"))]


@EITHER
def test_a_prune_that_is_cut_short_goes_on_with_the_next(prepared_url: str, new_store: OpenStore) -> None:
    """Each small step is one transaction: what went before the cut stays away, and the rest goes later."""
    store, deletes = new_store(prepared_url), count(1)
    over = replace(incident(1), state=IncidentState.RESOLVED, resolved_at=START)
    store.commit(Commit(incidents=[over], snapshots=[snapshot(1, n) for n in range(120)]))

    def power_cut(*told: object) -> None:
        if str(told[2]).startswith("DELETE") and next(deletes) == 2:
            raise RuntimeError("the power is cut")

    listening.listen(store.database.writer, "before_cursor_execute", power_cut)
    later = START + timedelta(days=1)
    with pytest.raises(RuntimeError, match="power"):
        store.prune(SITE, before=START, resolved_before=later)
    left = len(store.kept_snapshots(SITE, over.id))
    assert 0 < left < 120
    assert store.prune(SITE, before=START, resolved_before=later) == left
    assert store.kept_snapshots(SITE, over.id) == set()
