"""How ingest processes come to be: `launch() -> Launched`, a process with its pipes.

    spawn        a new interpreter for one source: 0.3 s of processor time and some 30 MB each
    IngestHost   one interpreter that has everything loaded and forks itself for each source: milliseconds, a few MB

Either way a source has a process of its own, which can be killed whatever FFmpeg is doing in it. Many cameras starting
at once on a small machine need the host: with `spawn`, 32 interpreters that start together on two cores take longer
than a stream may take to open, are killed for it, and start again.
"""

from __future__ import annotations

import array
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

MODULE = "custos.adapters.sources.ingest"
_START_S = 30.0
_ANSWER_S = 5.0
_WAIT_S = 5.0
_FORK, _READY = b"fork", b"ready"


@dataclass(frozen=True, slots=True)
class Launched:
    """A running ingest process. `kill` ends it from any thread; `wait` returns when it has ended."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]
    kill: Callable[[], None]
    wait: Callable[[], None]


Launch = Callable[[], Launched]


def spawn() -> Launched:
    """A new interpreter. Raises OSError when there can be no further process."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", MODULE]
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)  # noqa: S603  our own module
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise AssertionError("Popen was asked for three pipes")

    def wait() -> None:
        process.wait()

    return Launched(process.pid, process.stdin, process.stdout, process.stderr, process.kill, wait)


class IngestHost:
    """Forks ingest processes; thread-safe. Started when first needed, and anew when it was killed or hangs.

    Its children end with it, within a second, and with this process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Of the host, while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def launch(self) -> Launched:
        """A new ingest process. Raises OSError when there can be none."""
        if not hasattr(os, "pidfd_open"):  # not Linux
            return spawn()
        with self._lock:
            try:
                return self._launch()
            except (OSError, EOFError):
                self._end()  # it was killed, or hangs: once more with a new one
                try:
                    return self._launch()
                except EOFError as error:
                    raise OSError(None, "the process that starts others has ended") from error

    def close(self) -> None:
        with self._lock:
            self._end()

    def _launch(self) -> Launched:
        """Raises OSError, EOFError when the host has ended."""
        host = self._socket or self._start()
        child_ends: list[int] = []
        own_ends: list[int] = []
        try:
            for is_input in (True, False, False):
                reading, writing = os.pipe()
                child_ends.append(reading if is_input else writing)
                own_ends.append(writing if is_input else reading)
            socket.send_fds(host, [_FORK], child_ends)
            answer, descriptors, _, _ = socket.recv_fds(host, 64, 1)
            if not descriptors:
                raise EOFError if not answer else OSError(None, answer.decode(errors="replace"))
        except (OSError, EOFError):
            for descriptor in own_ends:
                os.close(descriptor)
            raise
        finally:
            for descriptor in child_ends:
                os.close(descriptor)
        return _launched(int(answer), descriptors[0], own_ends)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_S)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", MODULE, str(number)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[number])  # noqa: S603
        try:
            if not ours.recv(64):  # it says one word when it has loaded all it needs
                raise EOFError
        except (OSError, EOFError):
            ours.close()
            raise
        ours.settimeout(_ANSWER_S)
        self._socket = ours
        return ours

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket = self._process = None


def _launched(pid: int, pidfd: int, ends: list[int]) -> Launched:
    """A process known by its descriptor: a number may be another's by now, a descriptor never is."""
    lock = threading.Lock()
    is_open = [True]

    def kill() -> None:
        with lock, contextlib.suppress(ProcessLookupError):
            if is_open[0]:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def wait() -> None:
        select.select([pidfd], [], [], _WAIT_S)
        with lock:
            if is_open[0]:
                os.close(pidfd)
            is_open[0] = False

    stdin, stdout, stderr = (
        os.fdopen(end, mode, buffering=0) for end, mode in zip(ends, ("wb", "rb", "rb"), strict=True)
    )
    return Launched(pid, stdin, stdout, stderr, kill, wait)


def serve_forks(control: socket.socket, child: Callable[[], int]) -> int:
    """The host's life: fork `child` with the three descriptors of each request, until the other side hangs up.

    Must run in a process with one thread.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children here: they leave no zombies
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control.send(_READY)
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 64, 3)
        if not request:
            return 0
        try:
            pid = os.fork()
        except OSError as error:
            _refuse(control, descriptors, error)
            continue
        if pid == 0:
            _become(child, control, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _answer(control, pid)


def _refuse(control: socket.socket, descriptors: list[int], error: OSError) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
    control.send((error.strerror or "cannot fork").encode())


def _answer(control: socket.socket, pid: int) -> None:
    try:
        pidfd = os.pidfd_open(pid)
    except OSError as error:  # it has ended already
        control.send((error.strerror or "ended at once").encode())
        return
    control.sendmsg([str(pid).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))])
    os.close(pidfd)


def _become(child: Callable[[], int], control: socket.socket, descriptors: list[int]) -> None:
    """In the fork: take the descriptors as standard ones and never come back."""
    status = 1
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        os.closerange(3, max(descriptors) + 1)
        status = child()
    finally:
        os._exit(status)
