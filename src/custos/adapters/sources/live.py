"""A source that comes back by itself: `LiveSource -> Iterator[SourceItem]`, until closed.

One child process per source does whatever may hang; this side listens with time limits and kills it.

      +--------- back-off 0.5 .. 2.0 s ----------+
      v                                          |
    opening --(key frame)--> open --(failure)--> lost
       |                       `--(no packet)--> stalled
       `--(failure, time limit)--> lost
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from custos.adapters.sources.address import Address
from custos.adapters.sources.child import ChildGone, IngestChild
from custos.adapters.sources.demux import Description
from custos.adapters.sources.failures import Failure
from custos.adapters.sources.file import stream_info
from custos.adapters.sources.launching import Launch, spawn
from custos.adapters.sources.redaction import redact_message
from custos.adapters.sources.timeline import ClockSetBack, LiveTimeline
from custos.adapters.sources.wire import Failed
from custos.model.frame import SourceItem, StreamLost, StreamOpened

log = logging.getLogger(__name__)

# Failures whose words alone do not tell enough.
_TELLING = frozenset({Failure.OTHER, Failure.NOT_VIDEO, Failure.UNSUPPORTED, Failure.DIED})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds.

    Args:
        open_s: until the stream has been opened.
        stall_s: without a packet; a stream of less than one picture a second gets the time of three.
        key_frame_s: packets, but no key frame to start with.
        first_delay_s, longest_delay_s: between attempts, doubling; with the time to open, a camera is back
            within 5 s after its return.
        refused_delay_s: after a wrong password: cameras lock accounts that keep trying.
        settled_s: a stream that held this long starts the delays anew.
    """

    open_s: float = 10.0
    stall_s: float = 3.0
    key_frame_s: float = 20.0
    first_delay_s: float = 0.5
    longest_delay_s: float = 2.0
    refused_delay_s: float = 30.0
    settled_s: float = 10.0


DEFAULT_LIMITS = Limits()
SET_FORWARD_S = 5.0
"""A clock that is set forward by more ends the stream: nobody stood in a zone for the hour that was leapt over."""


def clock_offset_s() -> float:
    """The time of day less the time of a clock that nobody sets."""
    return time.time() - time.monotonic()


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a session ended."""

    failure: Failure
    detail: str = ""

    @property
    def kind(self) -> str:
        return "stalled" if self.failure is Failure.STALLED else "lost"


class LiveSource:
    """An RTSP or HTTP camera, a device, or a looped file. `iter()` once, in one thread; `close()` from any.

    Args:
        address: where it is.
        camera_id: for the log.
        loop: the address is a file, played again and again like a camera.
        in_step_from: aware; when the file's first round began. Default: it begins when it is opened.
        launch: starts ingest processes.
        jitter: gives 0..1; spreads the attempts of many cameras.
        clock_offset_s: how far this machine's clock is ahead of one that nobody sets.

    A failed attempt is reported once, and again only when the reason changes.
    """

    def __init__(
        self,
        address: Address,
        camera_id: str,
        *,
        loop: bool = False,
        in_step_from: datetime | None = None,
        limits: Limits = DEFAULT_LIMITS,
        launch: Launch = spawn,
        jitter: Callable[[], float] = random.random,
        clock_offset_s: Callable[[], float] = clock_offset_s,
    ) -> None:
        self._address = address
        self._camera_id = camera_id
        self._request = address.request(
            loop=loop, in_step_from_s=None if in_step_from is None else in_step_from.timestamp()
        )
        self._limits = limits
        self._launch = launch
        self._jitter = jitter
        self._clock_offset_s = clock_offset_s
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._child: IngestChild | None = None
        self._newest_at: datetime | None = None
        self._opened_s: float | None = None  # monotonic, of the present session

    @property
    def child_pid(self) -> int | None:
        """The ingest process, while one runs."""
        with self._lock:
            return self._child.pid if self._child else None

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            if self._child:
                self._child.kill()

    def __iter__(self) -> Iterator[SourceItem]:
        told: Failure | None = None
        delay_s = self._limits.first_delay_s
        while not self._closed.is_set():
            ended = yield from self._session()
            if self._closed.is_set():
                return
            lasted_s = time.monotonic() - self._opened_s if self._opened_s is not None else None
            if lasted_s is not None:
                told = None
                if lasted_s >= self._limits.settled_s:
                    delay_s = self._limits.first_delay_s
            if ended.failure is not told:
                told = ended.failure
                yield self._lost(ended)
            self._closed.wait(self._delay(ended, delay_s))
            delay_s = min(delay_s * 2, self._limits.longest_delay_s)

    def _session(self) -> Generator[SourceItem, None, _Ended]:
        """One child from start to end."""
        self._opened_s = None
        try:
            child = IngestChild(self._request, self._launch)
        except OSError as error:  # no more processes, memory or file descriptors
            return _Ended(Failure.OTHER, f"cannot start a process: {error.strerror}")
        with child:
            with self._lock:
                self._child = child
                if self._closed.is_set():
                    child.kill()
            try:
                return (yield from self._listen(child))
            except ChildGone:
                return _Ended(Failure.DIED, child.last_words())
            except ClockSetBack:
                self._newest_at = None
                return _Ended(Failure.CLOCK_SET)
            finally:
                with self._lock:
                    self._child = None

    def _listen(self, child: IngestChild) -> Generator[SourceItem, None, _Ended]:
        """What the child tells, as the pipeline wants it. Raises ChildGone, ClockSetBack."""
        description: Description | None = None
        timeline = LiveTimeline(0.0, not_before=self._newest_at)
        opened, limit_s = False, self._limits.open_s
        key_frame_by_s = time.monotonic() + self._limits.key_frame_s
        offset_s = self._clock_offset_s()
        while True:
            try:
                message = child.receive(limit_s)
            except TimeoutError:
                return _Ended(Failure.TIMEOUT if description is None else Failure.STALLED)
            if self._clock_offset_s() - offset_s > SET_FORWARD_S:  # that it was set back, the timeline notices
                return _Ended(Failure.CLOCK_SET)
            if isinstance(message, Failed):
                return _Ended(message.failure, child.last_words() or message.detail)
            if isinstance(message, Description):
                if description is None:
                    timeline = LiveTimeline(message.fps, not_before=self._newest_at)
                description, opened, limit_s = message, False, self._stall_limit_s(message)
                continue
            if description is None:
                return _Ended(Failure.DIED, "it sent a packet before it said what the packets are")
            if not opened:
                if not message.raw.is_keyframe:
                    if time.monotonic() > key_frame_by_s:
                        return _Ended(Failure.STALLED, f"no key frame within {self._limits.key_frame_s:.0f} s")
                    continue
                opened = True
                self._opened_s = self._opened_s or time.monotonic()
                log.info("camera %s: open: %s", self._camera_id, self._address.shown)
                yield StreamOpened(stream_info(description), datetime.now(UTC), loops=self._request.loop)
            packet = timeline.place(message.raw, message.arrived_s)
            self._newest_at = timeline.newest_at
            yield packet

    def _stall_limit_s(self, description: Description) -> float:
        slow_s = 3.0 / description.fps if 0 < description.fps < 1 else 0.0
        return max(self._limits.stall_s, slow_s)

    def _lost(self, ended: _Ended) -> StreamLost:
        reason = ended.failure.what
        if ended.detail and ended.failure in _TELLING:
            reason = f"{reason} ({redact_message(ended.detail, self._request.target)})"
        log.warning("camera %s: %s: %s", self._camera_id, self._address.shown, reason)
        return StreamLost(reason, datetime.now(UTC), kind=ended.kind)

    def _delay(self, ended: _Ended, delay_s: float) -> float:
        if ended.failure is Failure.UNAUTHORIZED:
            delay_s = self._limits.refused_delay_s
        return delay_s * (0.8 + 0.4 * self._jitter())
