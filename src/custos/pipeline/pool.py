"""The seeing pool: so many threads decode and walk the pictures of all cameras, the busiest cameras first.

    pool.call(seer)     it has something to see: at the next free thread, `seer.see()` in turns until that says no

Reading and sending packets goes on in other threads and never waits for this.
"""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from custos.pipeline.turns import Turns

log = logging.getLogger(__name__)


class Seer(Protocol):
    """A camera, as the pool knows it."""

    @property
    def camera_id(self) -> str: ...
    @property
    def weight(self) -> float:
        """Its share when there is not enough for all."""
        ...

    def see(self) -> bool:
        """Do a small part of what is to be done; True when there is more. Never called twice at a time."""
        ...


class Pool(Protocol):
    """Who lets cameras see."""

    def call(self, seer: Seer) -> None: ...
    def dismiss(self, seer: Seer) -> None: ...


class SeeingPool:
    """Threads that see.

    Args:
        threads: at least 1; more than there are cores help nobody.
    """

    def __init__(self, threads: int) -> None:
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads}")
        self._turns = Turns()
        self._seers: dict[str, Seer] = {}
        self._working: set[str] = set()
        self._called_again: set[str] = set()
        self._lock = threading.Lock()
        self._called, self._left = threading.Condition(self._lock), threading.Condition(self._lock)
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"seeing-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def call(self, seer: Seer) -> None:
        """There is something to see; returns at once."""
        with self._lock:
            if self._closing:
                return
            if seer.camera_id in self._working:
                self._called_again.add(seer.camera_id)
                return
            self._seers[seer.camera_id] = seer
            self._turns.ask(seer.camera_id, seer.weight)
            self._called.notify()

    def dismiss(self, seer: Seer) -> None:
        """Nothing is to be seen any more; waits until a thread that is at it has left."""
        key = seer.camera_id
        with self._lock:
            self._turns.leave(key)
            self._called_again.discard(key)
            self._seers.pop(key, None)
            self._left.wait_for(lambda: key not in self._working, timeout=5.0)

    def close(self) -> None:
        with self._lock:
            self._closing = True
            self._called.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5.0)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._called.wait_for(lambda: self._closing or len(self._turns))
                if self._closing:
                    return
                key = self._turns.take()
                seer = self._seers[key]
                self._working.add(key)
            more = self._see(seer)
            with self._lock:
                self._working.discard(key)
                if (more or key in self._called_again) and self._seers.get(key) is seer:
                    self._turns.ask(key, seer.weight)
                self._called_again.discard(key)
                self._left.notify_all()

    def _see(self, seer: Seer) -> bool:
        try:
            return seer.see()
        except Exception:  # the edge of this camera's part: the pool serves the others too
            log.exception("camera %s: a picture could not be seen", seer.camera_id)
            return False
