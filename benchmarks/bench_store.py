"""Events a second into the store: one by one against batches, and what waiting for the disk costs; and replay.

    .venv/bin/python benchmarks/bench_store.py [--events 2000] [--folder DIR] [--url postgresql://...]

Everything in one run, on the same disk, so that the figures compare. `synchronous=NORMAL` is there for the comparison:
the store uses FULL.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from uuid import uuid4

from sqlalchemy import event as listening
from sqlalchemy.pool import ConnectionPoolEntry

from custos.adapters.bus import InProcessBus
from custos.adapters.store import SqlStore, open_store
from custos.correlation import build_rules
from custos.model.event import Event, Json
from custos.model.site import Camera, PresenceRule, Site, Zone
from custos.pipeline.hub import Hub

START = datetime(2026, 3, 2, 22, tzinfo=UTC)
PATH: list[Json] = [[0.001 * n, 0.5] for n in range(48)]
BATCHES = (1, 10, 100, 1000)


@dataclass(frozen=True)
class Row:
    what: str
    events: int
    seconds: float


def visits(count: int) -> list[Event]:
    """`count` events of people who come and go, as large as the camera walk's."""
    found = []
    for n in range(count):
        track, is_end = n // 2, n % 2
        data: dict[str, Json] = {"zone_id": "yard", "class": "person", "confidence": 0.87, "path": PATH}
        at = START + timedelta(seconds=track + 30 * is_end)
        if is_end:
            data["dwell_s"] = 30.0
        kind = "zone.left" if is_end else "zone.entered"
        found.append(Event(uuid4().hex, kind, at, "/sites/hq/cameras/dock", f"tracks/dock-s1-{track}", data))
    return found


def appended(store: SqlStore, events: list[Event], batch: int) -> float:
    began = time.perf_counter()
    for first in range(0, len(events), batch):
        store.append(events[first : first + batch])
    return time.perf_counter() - began


def new_store(folder: Path, url: str | None, *, synchronous: str = "FULL") -> SqlStore:
    store = open_store(url or f"sqlite:///{folder / uuid4().hex}.db")
    if url is None:

        def prepare(connection: Connection, _: ConnectionPoolEntry) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}").close()

        store.database.writer.dispose()
        listening.listen(store.database.writer, "connect", prepare)
    return store


def append_rows(folder: Path, url: str | None, count: int) -> list[Row]:
    rows = []
    for synchronous in ("FULL",) if url else ("FULL", "NORMAL"):
        store = new_store(folder, url, synchronous=synchronous)
        for batch in BATCHES:
            events = visits(min(count, count * batch // 10) if batch < 10 else count)
            label = f"append, {batch} at a time" + ("" if url else f", synchronous={synchronous}")
            rows.append(Row(label, len(events), appended(store, events, batch)))
        store.close()
    return rows


def hub_rows(folder: Path, url: str | None, count: int) -> list[Row]:
    """The whole walk (rule, incidents, store, bus), and what a restart costs."""
    zone = Zone("yard", "Yard", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    rule = PresenceRule("after-hours", "Somebody in the yard", (("dock", "yard"),), None, 3600.0)
    site = Site("hq", "HQ", cameras=(Camera("dock", "Dock", "rtsp://dock", (zone,)),), rules=(rule,))
    store, events = new_store(folder, url), visits(count)

    def hub() -> Hub:
        return Hub("hq", store, InProcessBus(), lambda: build_rules(site), new_id=lambda: uuid4().hex)

    first = hub()
    first.start(START)
    began = time.perf_counter()
    for start in range(0, count, 100):
        first.accept(events[start : start + 100])
    accepted = time.perf_counter() - began
    began = time.perf_counter()
    hub().start(START + timedelta(hours=1))
    replayed = time.perf_counter() - began
    store.close()
    return [Row("the hub's whole walk, 100 at a time", count, accepted), Row("replay at a start", count, replayed)]


def table(rows: list[Row]) -> str:
    lines = ["| what | events | seconds | events a second |", "|---|---|---|---|"]
    lines += [f"| {r.what} | {r.events} | {r.seconds:.2f} | {r.events / r.seconds:,.0f} |" for r in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--url", help="an empty PostgreSQL database instead of SQLite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        rows = append_rows(Path(folder), asked.url, asked.events)
        rows += hub_rows(Path(folder), asked.url, asked.events)
    print(table(rows))


if __name__ == "__main__":
    main()
