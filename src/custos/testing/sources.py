"""A source that says what it is told to, `ScriptedSource(items)`; any source as it is read, `Reading`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from custos.model.frame import Packet, SourceItem, StreamLost, StreamOpened
from custos.pipeline.ports import Source

SourceT = TypeVar("SourceT", bound=Source)
PATIENCE_S = 60.0


class ScriptedSource:
    """Yields the items in order; then ends, or, as a live source would, waits to be closed.

    Args:
        items: what it yields; who writes them keeps a source's promises, or breaks them on purpose.
        live: wait at the end until closed.
    """

    def __init__(self, items: Sequence[SourceItem], *, live: bool = False) -> None:
        self._items = items
        self._live = live
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[SourceItem]:
        for item in self._items:
            if self._closed.is_set():
                return
            yield item
        if self._live:
            self._closed.wait()

    def close(self) -> None:
        self._closed.set()


@dataclass(frozen=True, slots=True)
class Heard:
    """An item, and the monotonic time in seconds at which it came."""

    item: SourceItem
    at_s: float


class Reading(Generic[SourceT]):
    """A source read by a thread of its own, for tests that wait for what it says.

    with Reading(source) as now:
        now.wait(lambda items: len(packets(items)) >= 5)
    """

    def __init__(self, source: SourceT) -> None:
        self.source = source
        self.heard: list[Heard] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def items(self) -> list[SourceItem]:
        with self._news:
            return [heard.item for heard in self.heard]

    def wait(self, done: Callable[[list[SourceItem]], bool], limit_s: float = PATIENCE_S) -> list[SourceItem]:
        """Until `done` says so of all items so far; returns them. AssertionError past the limit."""
        with self._news:
            in_time = self._news.wait_for(lambda: done([heard.item for heard in self.heard]), limit_s)
            items = [heard.item for heard in self.heard]
        assert in_time, f"not after {limit_s} s: {items!r:.800}"
        return items

    def close(self) -> None:
        """Close the source; AssertionError when its iteration goes on."""
        self.source.close()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), f"the iteration goes on {PATIENCE_S} s after close()"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        for item in self.source:
            with self._news:
                self.heard.append(Heard(item, time.monotonic()))
                self._news.notify_all()


def packets(items: Sequence[SourceItem]) -> list[Packet]:
    return [item for item in items if isinstance(item, Packet)]


def lost(items: Sequence[SourceItem]) -> list[StreamLost]:
    return [item for item in items if isinstance(item, StreamLost)]


def opened(items: Sequence[SourceItem]) -> list[StreamOpened]:
    return [item for item in items if isinstance(item, StreamOpened)]
