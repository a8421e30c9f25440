"""The parent's end of one ingest child: start it, hear it with a time limit, kill it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import selectors
import time
from collections import deque
from types import TracebackType
from typing import Self

from custos.adapters.sources.launching import Launch, spawn
from custos.adapters.sources.wire import Message, Parser, Request, WireError

_CHUNK = 64 * 1024
_PIPE_BYTES = 1024 * 1024  # one large key frame fits, so the child seldom waits for us
_KEPT_LINES = 20
_FFMPEG_PART = re.compile(r"^\[[^\]]*\] *")  # "[rtsp @ 0x55d0c8] "


class ChildGone(Exception):
    """The child has ended or speaks nonsense: no further message will come."""


class IngestChild:
    """A running `custos.adapters.sources.ingest`. Use by one thread; `kill` may be called from any."""

    def __init__(self, request: Request, launch: Launch = spawn) -> None:
        self._process = launch()
        self._stdin, self._stdout, self._stderr = self._process.stdin, self._process.stdout, self._process.stderr
        self._parser = Parser()
        self._ready: deque[Message] = deque()
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._tail = b""
        self._selector = selectors.DefaultSelector()
        for pipe in (self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        with contextlib.suppress(OSError):  # the limit for unprivileged users may be lower: slower, but correct
            fcntl.fcntl(self._stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        with contextlib.suppress(BrokenPipeError):  # died at once: receive() will say so
            self._stdin.write(request.line())

    @property
    def pid(self) -> int:
        return self._process.pid

    def receive(self, timeout_s: float) -> Message:
        """The next message. Raises TimeoutError when none is whole within `timeout_s`, ChildGone."""
        deadline = time.monotonic() + timeout_s
        while not self._ready:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            for key, _ in self._selector.select(left_s):
                if key.fileobj is self._stderr:
                    self._hear_stderr()
                else:
                    self._hear_stdout()
        return self._ready.popleft()

    def last_words(self) -> str:
        """The last line on its standard error; may hold credentials."""
        self._hear_stderr()
        return _FFMPEG_PART.sub("", self._lines[-1]) if self._lines else ""

    def kill(self) -> None:
        """From any thread; a receive() in progress ends with ChildGone."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()

    def _hear_stdout(self) -> None:
        data = self._stdout.read(_CHUNK)
        if data == b"":
            raise ChildGone
        try:
            self._ready.extend(self._parser.feed(data or b""))
        except WireError as error:
            raise ChildGone from error

    def _hear_stderr(self) -> None:
        data = self._stderr.read(_CHUNK)
        if data == b"" and self._stderr in self._selector.get_map():
            self._selector.unregister(self._stderr)
        *lines, self._tail = (self._tail + (data or b"")).split(b"\n")
        self._lines.extend(line.decode(errors="replace").strip() for line in lines if line.strip())
