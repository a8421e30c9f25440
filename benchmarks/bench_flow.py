"""Events into rules and the store at a steady rate, through the socket that workers use, for minutes.

    .venv/bin/python benchmarks/bench_flow.py [--rate 2000] [--minutes 10] [--restart] [--write]

A hub as `custos up` starts it (its process, its SQLite file, all rules that come with Custos, doors and areas) serves
a campus: the simulated harbour works many times over, its days as one stream (`campus.py`). This process sends as four
workers would, and listens to incidents as a console would, through the WebSocket. It counts what is stored against what
was sent, by id; how much waits; and the time from sending the event on which a rule fires to the incident being heard.

--restart ends the hub with SIGKILL in the middle and starts it again, as the supervisor would. What is stored at
the end is then played to fresh rules and doors: what they say must be what the hub said, no more and no less.

--write runs 2,000 events a second for --minutes, then 200 a second and 2,000 with a restart for --again each, and puts
the figures into docs/performance.md; run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from campus import SITE_ID, Campus, write_campus
from demo_site import PASSWORD, free_port, machine
from report_page import write_section
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from custos import __version__
from custos.access import build_access
from custos.adapters.link.messages import Hello
from custos.adapters.link.worker_side import HubLink
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.adapters.sitefile.reader import read_site
from custos.adapters.store import SqlStore, open_store
from custos.correlation import build_rules
from custos.model.event import Event, Incident, Signal
from custos.pipeline.ports import IncidentQuery

LINKS = 4
TICK_S = 0.01
PROBE_S = 1.0
"""So often somebody uses a duress code at some door: a rule that fires at once, on an event that was just sent."""
LATER_S = 5.0
"""From what is compared until the hub has stopped: what is due then it may have told, or not."""
START_S = 300.0
DRAIN_S = 600.0


@dataclass(slots=True)
class Sample:
    """A moment of the run; `waiting`: batches sent and not said to be stored; `cores`: of the hub."""

    at_s: float
    sent: int
    waiting: int
    cores: float
    rss_mb: float


@dataclass(slots=True)
class Result:
    """What a run came to. Latencies in seconds, in order."""

    rate: float
    seconds: float
    sent: int
    doubles_sent: int
    stored: int
    lost: int
    concluded: int
    incidents: int
    signals: int
    faults: list[str]
    latencies_s: list[float]
    samples: list[Sample]
    drained_s: float
    back_s: float | None = None
    late_sends_s: float = 0.0
    load: float = 0.0
    database_mb: float = 0.0
    forgotten: int = 0
    cpu_s: float = 0.0
    """Of the hub from before the first was sent until all was stored; without what a hub that was killed had used."""
    steps: dict[str, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    until: datetime = field(default_factory=lambda: datetime.now(UTC))
    """What is due later than this is not compared: the hub was stopped soon after."""

    def latency_s(self, share: float) -> float:
        return self.latencies_s[min(len(self.latencies_s) - 1, int(share * len(self.latencies_s)))]

    def settled(self) -> list[Sample]:
        return self.samples[len(self.samples) // 10 :]


class HubProcess:
    """The server role in a process of its own."""

    def __init__(self, folder: Path, site_file: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.socket = folder / "hub.sock"
        self._command = [
            *(sys.executable, "-m", "custos.app.server", "--site", str(site_file), "--data", str(folder)),
            *("--socket", str(self.socket), "--static", str(folder), "--port", str(self.port)),
            *("--log", str(folder / "server.log")),
        ]
        self.cookie = ""
        self.process = self._start()
        self._sign_in()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill_and_start(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _sign_in(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"token=(\S+)", line):
                break
        else:
            raise RuntimeError("the hub did not start; see its log")
        threading.Thread(target=self._drain, args=(self.process,), daemon=True).start()
        with httpx.Client(base_url=self.base, headers={"Origin": self.base}, timeout=30) as client:
            told = {"token": found.group(1), "name": "bench", "password": PASSWORD}
            client.post("/api/v1/setup", json=told).raise_for_status()
            self.cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    def _drain(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for _ in process.stdout:
            pass


class Listener(threading.Thread):
    """Hears incidents as a console does; `heard`: when, by the id of the incident's event. Comes back after a loss."""

    def __init__(self, hub: HubProcess) -> None:
        super().__init__(daemon=True)
        self._hub = hub
        self._closing = False
        self.heard: dict[str, float] = {}
        self.dropped = 0

    def run(self) -> None:
        address = f"{self._hub.base.replace('http', 'ws')}/api/v1/events/live?type=incident."
        headers = {"Cookie": self._hub.cookie, "Origin": self._hub.base}
        while not self._closing:
            try:
                with connect(address, additional_headers=headers, max_size=None) as socket:
                    while not self._closing:
                        self._hear(json.loads(socket.recv(timeout=1)))
            except TimeoutError:
                continue
            except (OSError, WebSocketException):  # the hub was killed: that is what this benchmark does
                time.sleep(0.1)

    def close(self) -> None:
        self._closing = True

    def _hear(self, told: Mapping[str, object]) -> None:
        if told.get("type") == "gap":
            self.dropped += int(str(told["dropped"]))
        elif "id" in told:
            self.heard.setdefault(str(told["id"]), time.time())


def send(campus: Campus, links: list[HubLink], seconds: float, probe: float) -> Iterator[tuple[float, list[Event]]]:
    """Send for so long, and yield after every tick what went out, and when."""
    stream = campus.told()
    began, began_at = time.monotonic(), datetime.now(UTC)
    next_told, probes = next(stream), 0
    while (now_s := time.monotonic() - began) < seconds:
        due: list[Event] = []
        while next_told.due_s <= now_s:
            due.append(next_told.event(began_at))
            next_told = next(stream)
        if now_s >= probes * probe:
            due.append(_probe(probes, campus.copies))
            probes += 1
        by_link: dict[int, list[Event]] = {}
        for event in due:
            by_link.setdefault(hash(event.source) % len(links), []).append(event)
        for n, events in by_link.items():
            links[n].send_events(events)
        yield time.time(), due
        time.sleep(max(0.0, TICK_S - (time.monotonic() - began - now_s)))


DOORS = ("staff", "office-1", "office-2", "lobby-stairs", "warehouse")


def _probe(n: int, copies: int) -> Event:
    """A duress code, each time at another door."""
    door = f"{DOORS[n // copies % len(DOORS)]}-{n % copies:02d}"
    data = {"door_id": door, "holder_id": f"h-050-{n % copies:02d}", "credential": "7"}
    return Event(f"probe-{n}", "access.coerced", datetime.now(UTC), f"/sites/{SITE_ID}/doors/{door}", None, {**data})


@contextmanager
def links_to(hub: HubProcess) -> Iterator[list[HubLink]]:
    links = [
        HubLink(hub.socket, Hello(f"bench-{n}", "none", __version__), on_message=lambda message: None)
        for n in range(LINKS)
    ]
    for link in links:
        link.start()
    yield links
    for link in links:
        link.close()


def run(rate: float, minutes: float, copies: int, *, restart: bool, folder: Path | None) -> Result:
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as scratch:
        data = Path(scratch)
        site_file, campus = write_campus(copies, data), Campus(copies, rate)
        print(f"{copies} harbours, days {campus.faster:.0f} times as fast as in life", flush=True)
        hub = HubProcess(data, site_file)
        try:
            listener = Listener(hub)
            listener.start()
            with links_to(hub) as links:
                result, sent_at = _flow(hub, links, campus, minutes * 60, restart=restart)
            listener.close()
        finally:
            hub.stop()
        store = open_store(f"sqlite:///{data / 'custos.db'}")
        try:
            _judge(result, store, site_file, sent_at, listener.heard)
        finally:
            store.close()
        result.database_mb = (data / "custos.db").stat().st_size / 1e6
        return result


def _flow(
    hub: HubProcess, links: list[HubLink], campus: Campus, seconds: float, *, restart: bool
) -> tuple[Result, dict[str, float]]:
    result = Result(campus.rate, seconds, 0, 0, 0, 0, 0, 0, 0, [], [], [], 0.0)
    sent_at: dict[str, float] = {}
    began, process = time.monotonic(), psutil.Process(hub.process.pid)
    measured_s, killed_s, cpu_before_s = 0.0, 0.0, _cpu_s(process)
    for at, events in send(campus, links, seconds, PROBE_S):
        for event in events:
            result.doubles_sent += event.id in sent_at
            sent_at.setdefault(event.id, at)
        result.sent += len(events)
        now_s = time.monotonic() - began
        if restart and not killed_s and now_s >= seconds / 2:
            killed_s, before = now_s, sum(link.waiting for link in links)
            hub.kill_and_start()
            process, cpu_before_s = psutil.Process(hub.process.pid), 0.0
            print(f"  {now_s:.0f} s: killed and started again; {before} batches were under way", flush=True)
        if killed_s and result.back_s is None and hub.socket.exists() and _answers(hub):
            result.back_s = now_s - killed_s
        if now_s - measured_s >= 1.0:
            result.samples.append(_sample(process, now_s, result.sent, links))
            measured_s = now_s
            if int(now_s) % 30 == 0:
                print(f"  {now_s:.0f} s: {result.samples[-1]}, load {os.getloadavg()[0]:.1f}", flush=True)
    ended = time.monotonic()
    while any(link.waiting for link in links) and time.monotonic() - ended < DRAIN_S:
        time.sleep(0.05)
        if killed_s and result.back_s is None and _answers(hub):
            result.back_s = time.monotonic() - began - killed_s
    result.drained_s = time.monotonic() - ended
    result.cpu_s = _cpu_s(process) - cpu_before_s
    result.load = os.getloadavg()[1]
    result.forgotten = sum(link.forgotten for link in links)
    # what rules wait for before they say that something was missing; and after a start, until it is known who is there
    time.sleep(25.0 if restart else 5.0)
    result.until = datetime.now(UTC) - timedelta(seconds=3)
    return result, sent_at


def _answers(hub: HubProcess) -> bool:
    try:
        return httpx.get(f"{hub.base}/api/v1/health", timeout=0.2).status_code < 500
    except httpx.HTTPError:
        return False


def _cpu_s(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _sample(process: psutil.Process, at_s: float, sent: int, links: list[HubLink]) -> Sample:
    waiting = sum(link.waiting for link in links)
    try:
        cores = process.cpu_percent() / 100
        return Sample(round(at_s, 1), sent, waiting, cores, process.memory_info().rss / 1e6)
    except psutil.Error:
        return Sample(round(at_s, 1), sent, waiting, 0.0, 0.0)


# -- what came of it


def _judge(
    result: Result, store: SqlStore, site_file: Path, sent_at: Mapping[str, float], heard: Mapping[str, float]
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    stored: Counter[str] = Counter()
    told: dict[str, Event] = {}
    site = read_site(site_file)
    rules, consumers = build_rules(site, read_rules([SHIPPED])), build_access(site)
    said: dict[str, Signal] = {}
    sent: list[Event] = []
    concluded, again = dict[str, Event](), dict[str, Event]()
    last_told_at: datetime | None = None
    for heard_again in store.heard(SITE_ID, since=long_ago):
        event, told_at = heard_again.event, heard_again.rules_told_at
        if told_at is not None and told_at != last_told_at:  # time waited for what was on its way: rules are told so
            said |= {signal.id: signal for rule in rules for signal in rule.advance(told_at)}
            last_told_at = told_at
        stored[event.id] += 1
        if event.type.startswith("incident."):
            told[event.id] = event
            continue
        if event.id in sent_at:
            sent.append(event)
        elif not event.type.startswith("system."):
            concluded[event.id] = event
        said |= {signal.id: signal for rule in rules for signal in rule.update(event)}
    for event in sorted(sent, key=lambda e: e.at):  # as they happened, however they came
        again |= {one.id: one for consumer in consumers for one in consumer.update(event)}
    again |= {one.id: one for consumer in consumers for one in consumer.advance(result.until)}
    said |= {signal.id: signal for rule in rules for signal in rule.advance(result.until)}
    missing = [one for name, one in again.items() if name not in concluded and one.at <= result.until]
    later = result.until + timedelta(seconds=LATER_S)
    again |= {one.id: one for consumer in consumers for one in consumer.advance(later)}
    also = {signal.id for rule in rules for signal in rule.advance(later)}
    more = [one for name, one in concluded.items() if name not in again and one.at <= result.until]
    result.differing = [
        f"{sign} {one.type} {one.source}" for sign, ones in (("-", missing), ("+", more)) for one in ones
    ]
    incidents = list(_incidents(store))
    in_incidents = Counter(one for incident in incidents for one in incident.signal_ids)
    result.differing += [f"- signal {name} of {said[name].rule_id}" for name in said.keys() - in_incidents.keys()]
    result.stored = sum(event_id in stored for event_id in sent_at)
    result.lost = len(sent_at) - result.stored
    result.concluded, result.incidents, result.signals = len(concluded), len(incidents), len(in_incidents)
    faults = {
        "events stored twice": sum(count - 1 for count in stored.values()),
        "conclusions missing": len(missing),
        "conclusions too many": len(more),
        "signals missing": len(said.keys() - in_incidents.keys()),
        "signals too many": len(in_incidents.keys() - said.keys() - also),
        "signals in two incidents": sum(count - 1 for count in in_incidents.values()),
        "incident numbers left out or doubled": len({*range(1, len(incidents) + 1)} ^ {i.number for i in incidents}),
        "changes of incidents that were not told": sum(
            f"{i.id}.{version}" not in told for i in incidents for version in range(1, i.version + 1)
        ),
    }
    result.faults = [f"{count} {what}" for what, count in faults.items() if count]
    result.steps = dict(Counter(i.rule_id for i in incidents).most_common())
    result.latencies_s = sorted(_latencies(incidents, sent_at, heard))


def _incidents(store: SqlStore) -> Iterator[Incident]:
    cursor = None
    while True:
        page = store.incidents(SITE_ID, IncidentQuery(), limit=500, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _latencies(incidents: list[Incident], sent_at: Mapping[str, float], heard: Mapping[str, float]) -> Iterator[float]:
    """From sending a probe to hearing of the incident that it opens."""
    for incident in incidents:
        first = incident.event_ids[0] if incident.event_ids else ""
        if first.startswith("probe-") and f"{incident.id}.1" in heard and first in sent_at:
            yield heard[f"{incident.id}.1"] - sent_at[first]


def _three(result: Result) -> str:
    if not result.latencies_s:
        return "none heard"
    three = " / ".join(f"{1000 * result.latency_s(share):.0f}" for share in (0.5, 0.95, 0.99))
    return f"{three} (of {len(result.latencies_s)})"


Row = tuple[str, Callable[[Result], str]]
ROWS: tuple[Row, ...] = (
    ("events sent, doubled ones among them", lambda r: f"{r.sent:,} ({r.doubles_sent:,})"),
    ("lost", lambda r: f"{r.lost}"),
    ("what doors and areas concluded", lambda r: f"{r.concluded:,}"),
    ("signals, incidents", lambda r: f"{r.signals:,}, {r.incidents:,}"),
    ("lost or doubled of these", lambda r: "; ".join(r.faults) or "nothing"),
    ("event to incident in a console, p50 / p95 / p99, ms", _three),
    ("batches waiting, median / most", lambda r: f"{statistics.median(s.waiting for s in r.settled()):.0f} / {max(s.waiting for s in r.samples)}"),
    ("seconds until all was stored, after the last was sent", lambda r: f"{r.drained_s:.1f}"),
    ("seconds from `kill -9` until the hub answers again", lambda r: "" if r.back_s is None else f"{r.back_s:.1f}"),
    ("cores of the hub, median", lambda r: f"{statistics.median(s.cores for s in r.settled()):.2f}"),
    ("processor time of the hub for each event sent, µs", lambda r: "" if r.back_s is not None else f"{1e6 * r.cpu_s / r.sent:.0f}"),
    ("memory of the hub after a tenth / at the end, MB", lambda r: f"{r.settled()[0].rss_mb:.0f} / {r.samples[-1].rss_mb:.0f}"),
    ("database, MB", lambda r: f"{r.database_mb:.0f}"),
    ("load average meanwhile", lambda r: f"{r.load:.1f}"),
)  # fmt: skip


def table(results: Mapping[str, Result]) -> str:
    lines = ["| | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    lines += [f"| {words} | " + " | ".join(shown(one) for one in results.values()) + " |" for words, shown in ROWS]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=float, default=2000.0)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--again", type=float, default=4.0, help="minutes of the two other runs of --write")
    parser.add_argument("--copies", type=int, default=40, help="harbours; 21 doors, 12 cameras, 200 people each")
    parser.add_argument("--restart", action="store_true")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()

    def one(rate: float, restart: bool, minutes: float = asked.minutes) -> Result:
        return run(rate, minutes, asked.copies, restart=restart, folder=asked.folder)

    if not asked.write:
        result = one(asked.rate, asked.restart)
        print(table({f"{asked.rate:,.0f} a second, {asked.minutes:g} min": result}))
        print("incidents by rule:", result.steps, "forgotten:", result.forgotten)
        print("\n".join(result.differing[-40:]))
        return
    results = {
        f"2,000 a second, {asked.minutes:g} min": one(2000, False),
        f"200 a second, {asked.again:g} min": one(200, False, asked.again),
        f"2,000, killed in the middle, {asked.again:g} min": one(2000, True, asked.again),
    }  # fmt: skip
    text = table(results)
    text += f"\n\n{asked.copies} harbours; {datetime.now(UTC):%Y-%m-%d}, {machine()}."
    print(text)
    write_section("flow", text)


if __name__ == "__main__":
    main()
