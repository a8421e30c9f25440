"""Databases for the suites: a file of SQLite each, and a real PostgreSQL that the first test starts."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from custos.adapters.store import SqlStore, open_store
from custos.adapters.store.schema import metadata

_numbers = count(1)


class PostgresServer:
    """A PostgreSQL of its own, on a socket in a folder of its own; it ends with the tests, however they end."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._prefix = ["setpriv", "--pdeathsig=QUIT"]
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = _other_user()
            shutil.chown(folder, user.pw_uid, user.pw_gid)
            self._prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._process: subprocess.Popen[bytes] | None = None
        self._emptied: str | None = None

    def start(self) -> None:
        data = str(self._folder / "data")
        locale = ("-E", "UTF8", "--locale=C.UTF-8")
        made = self._run("initdb", "-D", data, "-U", "custos", "-A", "trust", *locale, "-N")
        assert made.wait() == 0, self._log()
        settings = (f"unix_socket_directories={self._folder}", "listen_addresses=", "fsync=off")
        options = [part for setting in settings for part in ("-c", setting)]
        self._process = self._run("postgres", "-D", data, *options)
        give_up_at = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self._log()
            assert time.monotonic() < give_up_at, self._log()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"custos{next(_numbers)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def emptied_database(self) -> str:
        """The URL of a database whose tables are there and empty: much quicker than a new one."""
        if self._emptied is None:
            self._emptied = self.new_database()
            open_store(self._emptied).close()
        with psycopg.connect(self._emptied) as connection:
            names = ", ".join(f'"{table}"' for table in metadata.tables)
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        return self._emptied

    def _url(self, database: str) -> str:
        return f"postgresql://custos@/{database}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [*self._prefix, str(self._programs / program), *arguments]
        environment = {"PATH": os.environ["PATH"], "TZ": "America/St_Johns"}  # its zone must not matter
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, env=environment)

    def _log(self) -> str:
        return (self._folder / "log").read_text()[-4000:]


def _programs() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "postgres").exists()), None)


def _other_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="custos-pg-"))
    server = PostgresServer(programs, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the kind that the test's parameter names."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'custos.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the kind that the test's parameter names, in which nothing is stored."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'custos.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.emptied_database()


@pytest.fixture
def new_store() -> Iterator[Callable[[str], SqlStore]]:
    """Opens stores, and closes them when the test is over."""
    opened: list[SqlStore] = []

    def open_one(url: str) -> SqlStore:
        opened.append(open_store(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()
