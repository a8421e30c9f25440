"""`custos up`: starts the roles and brings back what dies.

    supervisor --+-- server    hub and HTTP API
                 +-- worker    cameras and the detector (and one ingest process for each camera)
                 +-- devices   with --demo: the door controller and the till of its story
                 +-- watchman  starts the supervisor again when it is killed

A role that keeps dying is started again after 0.2 s, doubling to 3 s; a minute of life resets that.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from custos.model.errors import CustosError

log = logging.getLogger("custos.supervisor")
POLL_S = 0.1
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 3.0
HEALTHY_S = 60.0
STOP_S = 6.0
LOCK_S = 4.0
"""How long a new supervisor waits for a killed one to give the lock back."""


class DataLock:
    """One instance per data directory; the lock file holds the supervisor's process id."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "custos.lock"
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def holder(self) -> int | None:
        """Process id of the instance that has the lock now, or None when nobody has."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.pread(self._file, 32, 0).decode().strip() or 0)
        fcntl.flock(self._file, fcntl.LOCK_UN)
        return None

    def hand_over(self) -> int:
        """The descriptor that holds the lock, to be kept through an exec of this process."""
        os.set_inheritable(self._file, True)
        return self._file

    def take(self, *, wait_s: float = 0.0) -> None:
        """Raise CustosError when another instance has it after `wait_s`."""
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() < until:
                    time.sleep(POLL_S)
                    continue
                holder = os.pread(self._file, 32, 0).decode().strip() or "unknown"
                raise CustosError(
                    f"another Custos (process {holder}) is using this data directory.",
                    where=str(self._path.parent),
                    remedy="Stop it with `custos down`, or choose another with --data-dir.",
                ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)


@dataclass(slots=True)
class _Role:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    next_s: float = 0.0
    delay_s: float = FIRST_DELAY_S
    restarts: int = field(default=0)


class Supervisor:
    """Runs roles until a signal comes.

    Args:
        roles: name and command of each.
        again: the command that starts this supervisor again, for the watchman.
    """

    def __init__(self, roles: Sequence[tuple[str, list[str]]], *, again: list[str]) -> None:
        watchman = [sys.executable, "-m", "custos.app.watchman", *again]
        self._roles = [_Role(name, command) for name, command in (*roles, ("watchman", watchman))]
        self._is_told_to_stop = False  # no threading.Event: setting one in a signal's handler may lock up

    def run(self) -> None:
        """Until SIGINT or SIGTERM; then ends every role in order."""
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, self._signalled)
        while not self._is_told_to_stop:
            for role in self._roles:
                self._tend(role)
            time.sleep(POLL_S)
        self._end()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._is_told_to_stop = True

    def _tend(self, role: _Role) -> None:
        now = time.monotonic()
        if role.process is not None:
            status = role.process.poll()
            if status is None:
                if now - role.started_s > HEALTHY_S:
                    role.delay_s = FIRST_DELAY_S
                return
            log.warning("%s ended (status %s); it is started again in %.1f s", role.name, status, role.delay_s)
            _close_pipe(role.process)
            role.process, role.next_s = None, now + role.delay_s
            role.delay_s = min(role.delay_s * 2, LONGEST_DELAY_S)
            role.restarts += 1
        if now >= role.next_s:
            role.started_s = now
            # its own session, so that Ctrl-C reaches the supervisor alone and the end is in order
            role.process = subprocess.Popen(role.command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  our own commands

    def _end(self) -> None:
        """Say farewell to the watchman first, or it would start us again."""
        for role in reversed(self._roles):
            process = role.process
            if process is None:
                continue
            if role.name == "watchman":
                with contextlib.suppress(BrokenPipeError):
                    assert process.stdin is not None
                    process.stdin.write(b".")
                    process.stdin.flush()
            else:
                process.terminate()
        until = time.monotonic() + STOP_S
        for role in self._roles:
            if role.process is None:
                continue
            try:
                role.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s does not end and is killed", role.name)
                role.process.kill()
                role.process.wait()
            _close_pipe(role.process)


def _close_pipe(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def command_of(data_dir: Path, roles: Sequence[tuple[str, list[str]]]) -> list[str]:
    """The command that supervises these roles; it takes the lock of `data_dir` itself."""
    return [sys.executable, "-m", "custos.app.supervisor", json.dumps({"data": str(data_dir), "roles": list(roles)})]


def main(argv: Sequence[str]) -> int:
    """`python -m custos.app.supervisor ROLES [LOCK]`: a process of its own, because `custos up` has by then loaded
    all that it needs for its checks, and this one lives as long as the site.

    LOCK is the descriptor of a lock that is held already; without it the lock is taken, from one who was killed.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    spec = json.loads(argv[0])
    data = Path(spec["data"])
    if len(argv) > 1:
        os.set_inheritable(int(argv[1]), False)
    else:
        lock = DataLock(data)
        try:
            lock.take(wait_s=LOCK_S)
        except CustosError as error:
            log.error("%s", error)
            return error.exit_status
    roles = [(str(name), [str(part) for part in command]) for name, command in spec["roles"]]
    Supervisor(roles, again=command_of(data, roles)).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
