"""`Bus` for one process: `publish` from any thread, `async for event in subscription` in any event loop.

Every subscription has a mailbox; a durable name keeps its own, and the next subscription of that name finds
in it what came in between. Mailboxes are bounded: a reader that falls behind loses the oldest, and
`dropped` says how many. What must not be lost is in the store.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Self

from custos.model.event import Event

MAILBOX_EVENTS = 1000


class InProcessBus:
    """Carries events between threads and tasks of this process.

    Args:
        mailbox_events: how many events a reader may fall behind.
    """

    def __init__(self, *, mailbox_events: int = MAILBOX_EVENTS) -> None:
        if mailbox_events < 1:
            raise ValueError(f"mailbox_events must be 1 or more, got {mailbox_events}")
        self._mailbox_events = mailbox_events
        self._lock = threading.Lock()
        self._mailboxes: tuple[_Mailbox, ...] = ()

    @property
    def subscriptions(self) -> int:
        """How many readers there are."""
        return sum(len(mailbox.readers) for mailbox in self._mailboxes)

    def publish(self, event: Event) -> None:
        for mailbox in self._mailboxes:
            if mailbox.wants(event):
                mailbox.put(event)

    def subscribe(self, *subjects: str, durable: str | None = None) -> InProcessSubscription:
        """As the Protocol says. Raises ValueError when `durable` names a mailbox of other subjects."""
        with self._lock:
            mailbox = next((m for m in self._mailboxes if durable is not None and m.durable == durable), None)
            if mailbox is None:
                mailbox = _Mailbox(subjects, self._mailbox_events, durable)
                self._mailboxes = (*self._mailboxes, mailbox)
            elif mailbox.subjects != subjects:
                told, asked = (", ".join(map(repr, those)) or "all" for those in (mailbox.subjects, subjects))
                raise ValueError(f"{durable!r} is subscribed to {told} already, not to {asked}")
            return InProcessSubscription(self, mailbox)

    def _leave(self, mailbox: _Mailbox, subscription: InProcessSubscription) -> None:
        with self._lock:
            mailbox.readers = tuple(r for r in mailbox.readers if r is not subscription)
            if not mailbox.readers and mailbox.durable is None:
                self._mailboxes = tuple(m for m in self._mailboxes if m is not mailbox)


class InProcessSubscription:
    """Live events for one reader; the iteration ends when it is closed."""

    def __init__(self, bus: InProcessBus, mailbox: _Mailbox) -> None:
        self._bus = bus
        self._mailbox = mailbox
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._is_waking = False
        self._is_closed = False
        self.dropped = mailbox.dropped
        mailbox.readers = (*mailbox.readers, self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._is_closed:
            self._arrived.clear()
            event = self._mailbox.take()
            if event is not None:
                return event
            await self._arrived.wait()
        raise StopAsyncIteration

    def close(self) -> None:
        """End the iteration; idempotent, from any thread."""
        self._is_closed = True
        self._bus._leave(self._mailbox, self)
        self.wake()

    def wake(self) -> None:
        """There is something to read; from any thread."""
        if self._is_waking:
            return  # a burst of events does not fill the loop's queue with wake-ups
        self._is_waking = True
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:  # the loop is over, and with it whoever read here
            self._bus._leave(self._mailbox, self)

    def _wake(self) -> None:
        self._is_waking = False
        self._arrived.set()


class _Mailbox:
    """What has come for a subscription, or for a durable name, and has not been read."""

    def __init__(self, subjects: tuple[str, ...], limit: int, durable: str | None) -> None:
        self.subjects = subjects
        self.durable = durable
        self.dropped = 0
        self.readers: tuple[InProcessSubscription, ...] = ()
        self._prefixes = tuple("" if one == "*" else one for one in subjects if one == "*" or one.endswith("."))
        self._limit = limit
        self._events: deque[Event] = deque()
        self._lock = threading.Lock()

    def wants(self, event: Event) -> bool:
        return not self.subjects or event.type in self.subjects or event.type.startswith(self._prefixes)

    def put(self, event: Event) -> None:
        with self._lock:
            if len(self._events) >= self._limit:
                self._events.popleft()
                self.dropped += 1
            self._events.append(event)
            dropped, readers = self.dropped, self.readers
        for reader in readers:
            reader.dropped = dropped
            reader.wake()

    def take(self) -> Event | None:
        with self._lock:
            return self._events.popleft() if self._events else None
