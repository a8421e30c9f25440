"""What every Source promises: `check_source(make)` raises AssertionError where one is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from custos.model.frame import Packet, SourceItem, StreamLost, StreamOpened
from custos.pipeline.ports import Source

MakeSource = Callable[[], Source]


def check_source(make: MakeSource, *, packets: int = 30, limit_s: float = 60.0, close_s: float = 4.0) -> None:
    """Run all checks.

    Args:
        make: a fresh source each time, that yields at least one packet.
        packets: how many to look at; a source that ends earlier is looked at whole.
        limit_s: how long a source may take for them.
        close_s: how long its iteration may go on after close(), on a busy machine; whoever closes a camera waits 5 s.
    """
    check_order(make, packets=packets, limit_s=limit_s, close_s=close_s)
    check_close_while_reading(make, limit_s=limit_s, close_s=close_s)
    check_close_before_reading(make, close_s=close_s)


def check_order(make: MakeSource, *, packets: int, limit_s: float, close_s: float) -> None:
    """Opened before packets, key frame first, times that only go forward, no credentials in reasons."""
    items = _collect(make(), packets, limit_s, close_s)
    assert any(isinstance(item, Packet) for item in items), f"no packet within {limit_s} s: {items!r:.500}"
    sessions = _sessions(items)
    newest: datetime | None = None
    for session in sessions:
        assert session[0].is_keyframe, f"the first packet after StreamOpened is no key frame: {session[0].dts_s} s"
        _check_times(session)
        shown = sorted(session, key=lambda packet: packet.pts_s)
        assert newest is None or shown[0].captured_at > newest, (
            f"captured_at goes back over a StreamOpened: {newest} then {shown[0].captured_at}"
        )
        newest = shown[-1].captured_at


def check_close_while_reading(make: MakeSource, *, limit_s: float, close_s: float) -> None:
    """close() from another thread ends the iteration; a second close() does nothing."""
    source = make()
    first = threading.Event()

    def read() -> None:
        for _ in source:
            first.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert first.wait(limit_s), f"no item within {limit_s} s"
    source.close()
    source.close()
    reader.join(close_s)
    assert not reader.is_alive(), f"the iteration goes on {close_s} s after close()"


def check_close_before_reading(make: MakeSource, *, close_s: float) -> None:
    """A closed source yields no packet; closing it is harmless before, and after."""
    source = make()
    source.close()
    items = _collect(source, 1, close_s, close_s)
    assert not any(isinstance(item, Packet) for item in items), "a closed source yields a packet"
    source.close()


def _collect(source: Source, packets: int, limit_s: float, close_s: float) -> list[SourceItem]:
    """Items up to so many packets, or the end, or the limit; the source is closed then."""
    items: list[SourceItem] = []
    problems: list[Exception] = []

    def read() -> None:
        found = 0
        try:
            for item in source:
                items.append(item)
                found += isinstance(item, Packet)
                if found >= packets:
                    return
        except Exception as error:  # noqa: BLE001 - the edge of this thread: handed to the test, which raises it
            problems.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(limit_s)
    source.close()
    reader.join(close_s)
    assert not reader.is_alive(), f"the iteration goes on {close_s} s after close()"
    if problems:
        raise problems[0]
    return items


def _sessions(items: list[SourceItem]) -> list[list[Packet]]:
    """The packets of each StreamOpened that has any."""
    sessions: list[list[Packet]] = []
    open_now, ended = False, False
    for item in items:
        assert not ended, f"an item after the final StreamLost: {item!r:.200}"
        if isinstance(item, StreamOpened):
            assert item.at.utcoffset() is not None, "StreamOpened.at is naive"
            sessions.append([])
            open_now = True
        elif isinstance(item, StreamLost):
            _check_lost(item)
            open_now, ended = False, item.final
        else:
            assert open_now, "a packet without a StreamOpened before it"
            sessions[-1].append(item)
    return [session for session in sessions if session]


def _check_lost(lost: StreamLost) -> None:
    assert lost.at.utcoffset() is not None, "StreamLost.at is naive"
    assert lost.kind in ("lost", "stalled"), f"StreamLost.kind is {lost.kind!r}, expected 'lost' or 'stalled'"
    assert lost.reason, "StreamLost without a reason"


def _check_times(session: list[Packet]) -> None:
    for before, after in pairwise(session):
        assert after.dts_s > before.dts_s, f"dts does not increase: {before.dts_s} s then {after.dts_s} s"
    shown = sorted(session, key=lambda packet: packet.pts_s)
    for before, after in pairwise(shown):
        assert after.captured_at > before.captured_at, (
            f"captured_at does not increase: {before.captured_at} then {after.captured_at}"
        )
    for packet in session:
        assert packet.captured_at.utcoffset() is not None, "captured_at is naive"
        assert packet.data, "a packet without data"
