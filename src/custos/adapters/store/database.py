"""One database, SQLite or PostgreSQL: opened, brought up to date, read and written in whole transactions.

SQLite runs in WAL mode with synchronous=FULL. NORMAL survives `kill -9` too, for what was written is then
the kernel's, but a power cut may take the last commits back; FULL waits for the disk at every commit, and
writing events in batches pays for it (`benchmarks/bench_store.py` shows both).

All that is written to SQLite goes through one connection. A new event touches a page in each of six indexes, and with
millions of them hardly ever the same: SQLite's usual 2 MB of cache hold too few, and a connection forgets all of its
pages whenever another one has written.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from custos.adapters.store.failures import explain
from custos.model.errors import CustosError, UsageError

to_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""NaN is not JSON: PostgreSQL would refuse it, SQLite would keep it and nobody could read it."""
BUSY_TIMEOUT_S = 15
_POSTGRESQL = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that is gone without a word (power, cable) is given up after half a minute; s, the last one ms."""
_WRITER_PRAGMAS = ("cache_size=-32768", "wal_autocheckpoint=4000", "journal_size_limit=67108864")
"""KiB of pages that the writer keeps in mind; pages that gather before they are written to their places, many of them
the same ones again and again; bytes that the log keeps on disk once it was larger."""
NEWEST = max(file.name[1:5] for file in (Path(__file__).parent / "migrations" / "versions").glob("v*.py"))
"""The revision that the tables of this version have."""
_WRITE_LOCK_ID = 0x435553544F53
"""PostgreSQL's name for the lock of set-up and accounts ("CUSTOS")."""


class Database:
    """Connections and transactions; thread-safe. `where` names it without its password.

    Args:
        is_scratch: it need not survive a loss of power; SQLite is several times quicker so.
    """

    def __init__(self, url: str, *, is_scratch: bool = False) -> None:
        parsed = _parse(url)
        self.is_sqlite = parsed.drivername == "sqlite"
        self.where = parsed.database or "" if self.is_sqlite else _shown(parsed)
        synchronous = "synchronous=OFF" if is_scratch else "synchronous=FULL"
        if self.is_sqlite:
            _create_private(parsed)
            self.engine = _sqlite_engine(parsed, (synchronous,))
            self.writer = _sqlite_engine(parsed, (synchronous, *_WRITER_PRAGMAS), pool_size=1, max_overflow=0)
        else:
            self.engine = self.writer = create_engine(
                parsed, pool_pre_ping=True, json_serializer=to_json, hide_parameters=True, connect_args=_POSTGRESQL
            )
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self._explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[Connection]:
        """A transaction that changes the database: stored whole when the block ends, not at all when it
        raises.

        Args:
            alone: no other such block runs at the same time, in any process. SQLite has one writer anyway;
            waiting
                for it in a lock is fair, where its own busy time-out lets the unlucky starve.
        """
        with self._explained(), self._writing if self.is_sqlite else nullcontext():
            options = {"custos_immediate": True}
            with self.writer.execution_options(**options).begin() as connection:
                if alone and not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _WRITE_LOCK_ID})
                yield connection

    def migrate(self) -> None:
        """Bring the tables up to date. Raises CustosError when a newer Custos has written the database."""
        if self._revision() != NEWEST:
            from custos.adapters.store.migrations import upgrade  # alembic takes long to import, and is seldom needed

            upgrade(self)

    def _revision(self) -> str | None:
        """Of the tables; None when there are none yet."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        self.engine.dispose()
        self.writer.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DataError as error:
            raise UsageError(f"The database cannot hold this value: {error.orig}", where=self.where) from error
        except DBAPIError as error:
            explained = explain(error.orig, self.where)
            if explained is None:
                raise
            raise explained from error
        except StatementError as error:
            if isinstance(error.orig, UsageError | ValueError):
                raise error.orig from error
            raise
        except PoolTimeout as error:
            raise CustosError(
                "The database is too busy: no connection to it became free in time.",
                where=self.where,
                remedy="Try again; if it lasts, look what keeps the database busy.",
            ) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(
            "The database's address cannot be read.",  # which may hold a password, so it is not shown
            remedy="Write sqlite:///custos.db or postgresql://user:password@host/database.",
        ) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise UsageError(
            f"A database of the kind {parsed.drivername!r} cannot be used here.",
            where=_shown(parsed),
            remedy="Write sqlite:///custos.db (a file) or postgresql://user:password@host/database.",
        )
    return parsed


def _shown(url: URL) -> str:
    """Without the password, and without the query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def _create_private(url: URL) -> None:
    path = Path(url.database or "")
    if path.parent.is_dir() and not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # it will hold hashes of passwords


def _sqlite_engine(url: URL, pragmas: Sequence[str], **pool: int) -> Engine:
    engine = create_engine(
        url,
        **pool,
        json_serializer=to_json,
        hide_parameters=True,  # hashes of passwords and sessions stay out of errors
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, pragmas))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(pragmas: Sequence[str], connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # Python's own BEGIN comes too late, and leaves DDL outside the transaction
    _into_wal(connection)
    for pragma in (*pragmas, "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _into_wal(connection: SqliteConnection) -> None:
    """A new database that another opens too is refused at once while that one writes, whatever the busy time-out."""
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except OperationalError as error:
            if error.sqlite_errorcode != SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("custos_immediate", False)
    # A transaction that reads first and writes later can be refused at once, whatever the busy time-out.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
