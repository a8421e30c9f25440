"""What `custos up` runs on: roles that die come back, a killed supervisor comes back, and one word ends it all."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from custos.app.supervisor import DataLock
from custos.model.errors import CustosError

PATIENCE_S = 60.0
"""How soon a role, and the supervisor itself, is back, benchmarks/bench_kill.py measures."""
ROLE = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
LIVING = ROLE + "os.read(0, 1)"
"""Notes its process id, and lives until its supervisor is gone."""
DYING = ROLE + "sys.exit(3)"
STUBBORN = ROLE + "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
SUPERVISE = """
import os, sys
from pathlib import Path
from custos.app import supervisor
folder = Path(sys.argv[1])
supervisor.STOP_S = 2.0
with (folder / "supervisor").open("a") as pids:
    pids.write(f"{os.getpid()}\\n")
roles = [(name, [sys.executable, "-c", code, str(folder / name)]) for name, code in zip(sys.argv[2::2], sys.argv[3::2])]
supervisor.Supervisor(roles, again=[sys.executable, *sys.argv]).run()
"""


def until(done: Callable[[], bool], what: str) -> None:
    """Other processes say nothing when they are ready, so look again and again."""
    end_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end_s, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.02)


class Site:
    """A supervisor in a process of its own, and the ids of everything it started, in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = folder / "supervise.py"
        script.write_text(SUPERVISE)
        self._script = script

    def start(self, **roles: str) -> subprocess.Popen[bytes]:
        """Run these pieces of Python."""
        words = [word for role in roles.items() for word in role]
        process = subprocess.Popen([sys.executable, str(self._script), str(self.folder), *words])
        for name in roles:
            self.await_start(name, 1)
        return process

    def pids(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def await_start(self, name: str, times: int) -> int:
        """The id of the process that is the `times`-th of this name."""
        until(lambda: len(self.pids(name)) >= times, f"start {times} of {name}")
        return self.pids(name)[times - 1]

    def living(self) -> list[psutil.Process]:
        """Every process of this site, the watchman included: the folder stands in its command line."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            told = any(str(self.folder) in word for word in process.cmdline())
            return told and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def watchman(self) -> psutil.Process:
        found: list[psutil.Process] = []

        def is_found() -> bool:
            with suppress(psutil.NoSuchProcess):
                found[:] = [p for p in self.living() if "custos.app.watchman" in p.cmdline()]
            return len(found) == 1

        until(is_found, "one watchman")
        return found[0]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    for process in site.living():  # whatever a failed test has left
        process.kill()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_one_word_ends_everything(site: Site, word: signal.Signals) -> None:
    process = site.start(server=LIVING, worker=LIVING)
    site.watchman()
    process.send_signal(word)
    assert process.wait(PATIENCE_S) == 0
    until(lambda: site.living() == [], "nothing is left")
    assert len(site.pids("supervisor")) == len(site.pids("server")) == len(site.pids("worker")) == 1


def test_a_role_that_dies_is_started_again_and_the_others_are_left_alone(site: Site) -> None:
    process = site.start(server=LIVING, worker=LIVING)
    os.kill(site.pids("worker")[0], signal.SIGKILL)
    again = site.await_start("worker", 2)
    assert not gone(again)
    assert len(site.pids("server")) == 1
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_a_role_that_keeps_dying_is_tried_again_and_again_and_not_too_often(site: Site) -> None:
    began_s = time.monotonic()
    process = site.start(server=LIVING, worker=DYING)
    site.await_start("worker", 4)
    took_s = time.monotonic() - began_s
    assert took_s >= 0.2 + 0.4 + 0.8
    assert len(site.pids("server")) == 1
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_a_role_that_does_not_end_is_killed(site: Site) -> None:
    process = site.start(worker=STUBBORN)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    until(lambda: site.living() == [], "nothing is left")


def test_a_watchman_that_dies_is_started_again(site: Site) -> None:
    process = site.start(worker=LIVING)
    first = site.watchman()
    first.kill()
    until(lambda: gone(first.pid), "the watchman is gone")
    assert site.watchman().pid != first.pid
    process.terminate()
    assert process.wait(PATIENCE_S) == 0


def test_a_supervisor_that_is_killed_comes_back(site: Site) -> None:
    """Its roles end with it; new ones run under a new supervisor, which ends like the first."""
    process = site.start(server=LIVING, worker=LIVING)
    first = [site.pids("server")[0], site.pids("worker")[0]]
    watchman = site.watchman()
    process.kill()
    process.wait()
    second = site.await_start("supervisor", 2)
    assert second == watchman.pid  # the watchman has become it
    for name in ("server", "worker"):
        assert not gone(site.await_start(name, 2))
    until(lambda: all(gone(pid) for pid in first), "the first roles are gone")
    site.watchman()
    os.kill(second, signal.SIGTERM)
    until(lambda: site.living() == [], "nothing is left")
    assert len(site.pids("supervisor")) == 2


# -- the watchman alone


@pytest.mark.parametrize(("farewell", "started"), [(b".", False), (b"", True)], ids=["farewell", "no farewell"])
def test_the_watchman(tmp_path: Path, farewell: bytes, started: bool) -> None:
    note = tmp_path / "note"
    code = f"open({str(note)!r}, 'w').write('started')"
    command = [sys.executable, "-m", "custos.app.watchman", sys.executable, "-c", code]
    done = subprocess.run(command, input=farewell, capture_output=True, timeout=PATIENCE_S, check=True)
    assert note.exists() is started
    assert (b"custos down" in done.stdout) is started


# -- one instance a data directory


def test_a_second_instance_is_refused_and_told_why(tmp_path: Path) -> None:
    first = DataLock(tmp_path)
    first.take()
    with pytest.raises(CustosError, match="another Custos") as refused:
        DataLock(tmp_path).take()
    assert re.search(rf"process {os.getpid()}\b", refused.value.what)
    assert refused.value.where == str(tmp_path)
    assert "custos down" in refused.value.remedy
    assert "--data-dir" in refused.value.remedy


def test_who_has_the_lock(tmp_path: Path) -> None:
    """Asking does not take it. The number in the file alone says nothing: it may long be another program's."""
    (tmp_path / "custos.lock").write_text("1\n")
    assert DataLock(tmp_path).holder() is None
    lock = DataLock(tmp_path)
    lock.take()
    assert DataLock(tmp_path).holder() == os.getpid()


def test_another_directory_is_another_instance(tmp_path: Path) -> None:
    locks = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        locks.append(DataLock(tmp_path / name))
        locks[-1].take()


HOLD = "import sys; from pathlib import Path; from custos.app.supervisor import DataLock\n"
HOLD += "lock = DataLock(Path(sys.argv[1])); lock.take(); print('held', flush=True); sys.stdin.read()"


def test_the_lock_of_a_killed_instance_is_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CustosError, match=f"process {holder.pid}"):
            DataLock(tmp_path).take(wait_s=0.2)
        holder.kill()
        DataLock(tmp_path).take(wait_s=PATIENCE_S)
    assert (tmp_path / "custos.lock").read_text() == f"{os.getpid()}\n"


# -- a role and its supervisor


def test_a_role_ends_with_its_supervisor() -> None:
    """When standard input ends it is asked to stop; one that does not is ended hard, or its successor would wait."""
    code = "from custos.app.roles import follow_parent; follow_parent(lambda: print('stopped', flush=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"x" * 10_000, capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.stdout == b"stopped\n"
    assert done.returncode == 1


def test_a_role_logs_everything_to_its_file_and_warnings_to_the_terminal(tmp_path: Path) -> None:
    code = "import logging, sys; from pathlib import Path; from custos.app.roles import set_up_logging\n"
    code += "set_up_logging(Path(sys.argv[1])); logging.info('going on'); logging.warning('look here')"
    path = tmp_path / "log" / "role.log"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, timeout=PATIENCE_S, check=True)
    assert b"look here" in done.stderr
    assert b"going on" not in done.stderr
    assert "going on" in path.read_text()
    assert "look here" in path.read_text()
