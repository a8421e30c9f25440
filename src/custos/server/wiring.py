"""What routes are given: the parts behind the API, who asks, and what that principal may reach."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from custos.server.access import Access
from custos.server.deps import ServerDeps
from custos.server.doorkeeper import Doorkeeper, Principal
from custos.server.problems import Problem

MOST_TRIALS = 4


class Seats:
    """WebSockets open at once, per user."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, user_id: str) -> Iterator[bool]:
        """Whether there was one left; it is given back at the end."""
        if self._taken[user_id] >= self._limit:
            yield False
            return
        self._taken[user_id] += 1
        try:
            yield True
        finally:
            self._taken[user_id] -= 1
            if not self._taken[user_id]:
                del self._taken[user_id]


class Changes:
    """Tells open WebSockets that their user was changed, so that who is disabled hears nothing more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    @contextmanager
    def of(self, user_id: str) -> Iterator[asyncio.Event]:
        """Set at every change of this user; to be entered inside the event loop."""
        mine = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.setdefault(user_id, set()).add(mine)
        try:
            yield mine[1]
        finally:
            with self._lock:
                self._waiting[user_id].discard(mine)
                if not self._waiting[user_id]:
                    del self._waiting[user_id]

    def tell(self, user_id: str) -> None:
        """The user was changed; from any thread."""
        with self._lock:
            told = list(self._waiting.get(user_id, ()))
        for loop, changed in told:
            loop.call_soon_threadsafe(changed.set)


@dataclass(frozen=True, slots=True)
class Wiring:
    """One server's parts. `site_lock` is held from reading the site to writing it back, `trying` while a rule is
    tried; of `trials` one is under way, and the others wait for it."""

    deps: ServerDeps
    doorkeeper: Doorkeeper
    seats: Seats
    started_at: datetime
    changes: Changes = field(default_factory=Changes)
    site_lock: threading.Lock = field(default_factory=threading.Lock)
    trying: threading.Lock = field(default_factory=threading.Lock)
    trials: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_TRIALS))


async def wiring_of(connection: HTTPConnection) -> Wiring:
    wiring = connection.app.state.wiring
    assert isinstance(wiring, Wiring)
    return wiring


async def principal_of(connection: HTTPConnection) -> Principal:
    """Who asks. `OnlySignedIn` has found out; a route that is public by mistake still denies."""
    principal = connection.scope.get("state", {}).get("principal")
    if not isinstance(principal, Principal):
        raise Problem(401, "Sign in first.")
    return principal


Wired = Annotated[Wiring, Depends(wiring_of)]
Asker = Annotated[Principal, Depends(principal_of)]


async def access_of(wiring: Wired, principal: Asker) -> Access:
    return Access(principal, wiring.deps)


Reach = Annotated[Access, Depends(access_of)]
