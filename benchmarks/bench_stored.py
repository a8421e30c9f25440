"""What ten million stored events cost: appending, the console's usual questions, a start, and the size of the file.

    .venv/bin/python benchmarks/bench_stored.py [--most 10000000] [--folder DIR | --kept DIR] [--write]

The store is filled in bulk (SQL, not rules) with what the campus of `campus.py` tells in 30 days, so 10,000 events of
30 days first and then ten times as many of the same days, and so on. At each size: appending in batches of 100 as the hub
does, and questions asked as the console asks them, over HTTP, of a hub as `custos up` starts it.

With --kept every size has a database of its own in that folder, which is filled once and asked again by the next run
(what was appended to it is deleted first). Its events grow older meanwhile: a start hears fewer of them again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import quote

import httpx
from bench_flow import HubProcess
from campus import SITE_ID, Campus, write_campus
from demo_site import machine
from report_page import ROOT, write_section

from custos.adapters.store import open_store
from custos.adapters.store.schema import EPOCH, MICROSECOND, events
from custos.model.event import Event, Incident, IncidentState, Signal, TimelineEntry
from custos.pipeline.ports import Commit

COPIES = 10
DAYS = 29.5
APPENDED = 5_000
TOLD = 500_000
"""So often rules and consumers are told the time, in microseconds."""
BATCH = 100
ASKED = 25
PER_INCIDENT = 1_000
MOST_INCIDENTS = 5_000
CAMERA, DOOR, HOLDER = "office-03", "warehouse-03", "h-010-03"
QUESTIONS: tuple[tuple[str, str], ...] = (
    ("events, the latest", "/events?limit=100"),
    ("events of a camera", f"/events?limit=100&camera_id={CAMERA}"),
    ("events of one rare type", "/events?limit=100&type=camera.covered"),
    ("events of three types", "/events?limit=100&type=door.alarmed&type=access.denied&type=access.coerced"),
    ("events of a kind (`panel.`)", "/events?limit=100&type=panel."),
    ("a rare type of one camera", f"/events?limit=100&camera_id={CAMERA}&type=camera.covered"),
    ("events of a day, three weeks ago", "/events?limit=100&since={since}&until={until}"),
    ("a door's log", f"/doors/{DOOR}/log"),
    ("a holder's log", f"/holders/{HOLDER}/log"),
    ("incidents, the latest", "/incidents"),
    ("incidents that are open", "/incidents?state=open&state=acknowledged"),
    ("one incident with its events", "/incidents/{incident}"),
    ("a camera's counts of a day", f"/cameras/{CAMERA}/counts"),
    ("rules and their hits", "/rule-files"),
)


@dataclass(frozen=True)
class Size:
    """Figures at one number of stored events; milliseconds as (p50, p95)."""

    events: int
    file_mb: float
    appended_a_second: float
    start_s: float
    asked_ms: dict[str, tuple[float, float]]


def add_rules(site_file: Path) -> None:
    """Of presence, for a start tells them the time as often as it passed: who stays at a desk for long."""
    site = json.loads(site_file.read_text())
    cameras = [camera["id"] for camera in site["cameras"] if camera["id"].startswith("office-")]
    site["rules"] = [
        {"id": f"stays-{one}", "title": "Somebody stays", "zones": [f"{one}/at-office-1"], "longer_than_s": 3600}
        for one in cameras
    ]
    site_file.write_text(json.dumps(site, indent=1))


def fill(path: Path, count: int, since: datetime, until: datetime, seed: int) -> None:
    """`count` events between these times, as rows; the indexes are made afterwards, which is much quicker."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-1000000")
    indexes = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE type='index' AND sql NOT NULL AND tbl_name='events'")]  # fmt: skip
    for index in events.indexes:
        connection.execute(f"DROP INDEX IF EXISTS {index.name}")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO events (id, site_id, type, at, source, camera_id, subject, data, told_at, rules_told_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _rows(count, since, until, seed),
    )
    for sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()


Row = tuple[str, str, str, int, str, str | None, str | None, str, int, int]


def _rows(count: int, since: datetime, until: datetime, seed: int) -> Iterator[Row]:
    """The same mix again and again: made once, named anew."""
    campus = Campus(COPIES, 1000.0)
    made = list(islice(campus.told(), min(count, 200_000)))
    parts = [
        (t.type, t.source, t.source.split("/"), t.subject, json.dumps(t.data, separators=(",", ":"))) for t in made
    ]
    first, step = (since - EPOCH) // MICROSECOND, (until - since) / count // MICROSECOND
    random = Random(seed)
    for n in range(count):
        type_, source, places, subject, data = parts[n % len(parts)]
        camera_id = places[4] if places[3] == "cameras" else None
        # as a worker makes them: the time first, then chance
        event_id = f"{first + n * step:015x}{random.getrandbits(68):017x}"
        named = f"{subject}-{n // len(parts)}" if subject is not None and subject.startswith("tracks/") else subject
        at = first + n * step
        told = at // TOLD * TOLD
        yield event_id, SITE_ID, type_, at, source, camera_id, named, data, told, told


def add_incidents(path: Path, count: int, since: datetime, until: datetime) -> None:
    """Incidents of stored events, most of them resolved."""
    store = open_store(f"sqlite:///{path}", is_scratch=True)
    step, first = (until - since) / count, store.next_incident_number(SITE_ID)
    for start in range(0, count, 100):
        incidents, signals = [], []
        for n in range(start, min(count, start + 100)):
            at = since + n * step
            ids = _ids_near(path, at)
            signal = _signal(f"{first + n}", at, ids)
            signals.append(signal)
            incidents.append(_incident(first + n, at, ids, signal))
        store.commit(Commit(signals=signals, incidents=incidents))
    store.close()


def _ids_near(path: Path, at: datetime) -> tuple[str, ...]:
    with sqlite3.connect(path) as connection:
        query = "SELECT id FROM events WHERE site_id = ? AND at >= ? ORDER BY at LIMIT 4"
        return tuple(one for (one,) in connection.execute(query, (SITE_ID, (at - EPOCH) // MICROSECOND)))


def _signal(name: str, at: datetime, ids: tuple[str, ...]) -> Signal:
    door = f"door-{int(name) % 200}"
    return Signal(
        f"sig-{name}", "tailgating", at, SITE_ID, CAMERA, None, None, "Tailgating", "medium", 0.5,
        ("Two went through on one badge.",), ids, f"tailgating/{door}", 300.0,
    )  # fmt: skip


def _incident(number: int, at: datetime, ids: tuple[str, ...], signal: Signal) -> Incident:
    is_over = number % 50 > 0
    return Incident(
        f"inc-{number}", number, SITE_ID, signal.title, "medium", 50,
        IncidentState.RESOLVED if is_over else IncidentState.OPEN, at, at, signal.group, signal.rule_id, CAMERA, None,
        ids, (signal.id,), (), signal.reasons, (TimelineEntry(at, "signal", signal.reasons[0]),),
    )  # fmt: skip


def append(path: Path) -> float:
    """Events a second, in batches of 100, waiting for the disk each time."""
    store = open_store(f"sqlite:///{path}")
    stream = Campus(COPIES, 1000.0).told()
    now = datetime.now(UTC) - timedelta(minutes=1)
    mark = f"{time.time_ns():x}"
    made = [next(stream).event(now) for _ in range(APPENDED)]
    fresh = [Event(f"{mark}-{n}", e.type, e.at, e.source, e.subject, e.data) for n, e in enumerate(made)]
    began = time.perf_counter()
    for start in range(0, len(fresh), BATCH):
        store.append(fresh[start : start + BATCH])
    took = time.perf_counter() - began
    store.close()
    return len(fresh) / took


def ask(folder: Path, site_file: Path, now: datetime) -> tuple[float, dict[str, tuple[float, float]]]:
    """Seconds of a start, and of each question p50 and p95."""
    began = time.perf_counter()
    hub = HubProcess(folder, site_file)
    start_s = time.perf_counter() - began
    asked: dict[str, tuple[float, float]] = {}
    day = now - timedelta(days=21)
    blanks = {"since": quote((day - timedelta(days=1)).isoformat()), "until": quote(day.isoformat())}
    try:
        headers = {"Cookie": hub.cookie, "Origin": hub.base}
        with httpx.Client(base_url=f"{hub.base}/api/v1", headers=headers, timeout=120) as client:
            newest = client.get("/incidents?limit=1").json()["items"]
            blanks["incident"] = newest[0]["id"] if newest else "none"
            for words, path in QUESTIONS:
                asked[words] = _timed(lambda: client.get(path.format(**blanks)).raise_for_status())  # noqa: B023
    finally:
        hub.stop()
    return start_s, asked


def _timed(question: Callable[[], object]) -> tuple[float, float]:
    took: list[float] = []
    for _ in range(ASKED):
        began = time.perf_counter()
        question()
        took.append(1000 * (time.perf_counter() - began))
        if sum(took) > 20_000:
            break
    took.sort()
    return statistics.median(took), took[math.ceil(0.95 * len(took)) - 1]


def measure(most: int, folder: Path | None, kept: Path | None) -> list[Size]:
    sizes: list[Size] = []
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        now, target, there = datetime.now(UTC), 10_000, 0
        while target <= most:
            data = Path(scratch) if kept is None else kept / str(target)
            data.mkdir(parents=True, exist_ok=True)
            began = time.perf_counter()
            grow(data, there if kept is None else 0, target, now)
            print(f"{target:,} events, filled in {time.perf_counter() - began:.0f} s", flush=True)
            sizes.append(of_size(data, target, now))
            print(sizes[-1], flush=True)
            there, target = target, target * 10
    return sizes


def grow(data: Path, there: int, target: int, now: datetime) -> None:
    """Fill the database in this folder from `there` to `target` events; one that is as large already is left alone."""
    path, since = data / "custos.db", now - timedelta(days=DAYS)
    add_rules(write_campus(COPIES, data))
    store = open_store(f"sqlite:///{path}")
    is_filled = store.next_incident_number(SITE_ID) > 1 and not there
    store.close()
    if is_filled:
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM events WHERE sequence > ?", (target,))
        return
    fill(path, target - there, since, now, seed=target)
    add_incidents(path, max(1, min(MOST_INCIDENTS, target // PER_INCIDENT)), since, now)


def of_size(data: Path, count: int, now: datetime) -> Size:
    path = data / "custos.db"
    rate = append(path)
    start_s, asked = ask(data, data / "site.yaml", now)
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM users")  # the next hub asks for its first administrator again
    return Size(count, path.stat().st_size / 1e6, rate, start_s, asked)


def table(sizes: list[Size]) -> str:
    lines = [
        "| stored events | " + " | ".join(f"{size.events:,}" for size in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    rows: list[tuple[str, Callable[[Size], str]]] = [
        ("file, MB", lambda s: f"{s.file_mb:,.0f}"),
        ("appended a second, 100 at a time", lambda s: f"{s.appended_a_second:,.0f}"),
        ("start of the hub, s", lambda s: f"{s.start_s:.1f}"),
    ]
    lines += [f"| {words} | " + " | ".join(shown(size) for size in sizes) + " |" for words, shown in rows]
    for words, _ in QUESTIONS:
        cells = (f"{size.asked_ms[words][0]:.0f} / {size.asked_ms[words][1]:.0f}" for size in sizes)
        lines.append(f"| {words}, ms p50 / p95 | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curve(sizes: list[Size]) -> str:
    """The questions' p95 over the number of stored events, both logarithmic, as a small SVG."""
    width, height, left, right, top, bottom = 720, 340, 56, 210, 34, 300
    low, high = math.log10(sizes[0].events), max(math.log10(sizes[-1].events), math.log10(sizes[0].events) + 1)
    most_ms = max(p95 for size in sizes for _, p95 in size.asked_ms.values())
    tall = max(3.0, math.log10(max(most_ms, 1.0)))

    def x(count: int) -> float:
        return left + (math.log10(count) - low) / (high - low) * (width - left - right)

    def y(ms: float) -> float:
        return bottom - max(0.0, math.log10(max(ms, 1.0))) / tall * (bottom - top)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="20" font-size="14">Questions of the console, p95 in ms, over stored events</text>',
    ]
    for ms in (1, 10, 100, 1000, 10_000):
        if math.log10(ms) <= tall:
            parts.append(f'<line x1="{left}" y1="{y(ms):.1f}" x2="{width - right}" y2="{y(ms):.1f}" stroke="#ddd"/>')
            parts.append(f'<text x="8" y="{y(ms) + 4:.1f}">{ms} ms</text>')
    parts += [f'<text x="{x(size.events) - 16:.1f}" y="{bottom + 18}">{size.events:,}</text>' for size in sizes]
    for n, (words, _) in enumerate(QUESTIONS):
        colour = f"hsl({n * 360 // len(QUESTIONS)},65%,42%)"
        points = " ".join(f"{x(size.events):.1f},{y(size.asked_ms[words][1]):.1f}" for size in sizes)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{width - right + 12}" y="{top + 8 + 18 * n}" fill="{colour}">{words.replace("`", "")}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--most", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; ten million events take some 10 GB")
    parser.add_argument("--kept", type=Path, help="keep the databases there, and use those that lie there")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    sizes = measure(asked.most, asked.folder, asked.kept)
    load = os.getloadavg()[2]
    text = table(sizes) + f"\n\n{datetime.now(UTC):%Y-%m-%d}, SQLite, {machine()}; load average {load:.1f}."
    text += "\n\n![Questions over stored events](stored.svg)"
    print(text)
    if asked.write:
        (ROOT / "docs" / "stored.svg").write_text(curve(sizes))
        write_section("stored", text)


if __name__ == "__main__":
    main()
