"""`kill -9` of the hub at any moment: no event is lost or doubled, and the incidents are those of a quiet
night."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Timer

from custos.adapters.store import open_store
from custos.model.event import Event, Incident
from custos.pipeline.ports import IncidentQuery, Store
from custos.testing.store import InMemoryStore

PROGRAM = Path(__file__).with_name("hub_process.py")
_spec = importlib.util.spec_from_file_location("hub_process", PROGRAM)
assert _spec is not None
assert _spec.loader is not None
hub_process = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hub_process)

KILLS = 8
"""At most; a machine may be through with the night before."""


def night(chance: random.Random) -> list[str]:
    """Steps of a night: people come and go in two zones, some linger, events come in bundles; a clock ticks
    between."""
    happenings: list[tuple[float, list[object]]] = []
    for track in range(40):
        zone, start = chance.choice(["yard", "gate"]), round(chance.uniform(0, 6000), 3)
        stay = chance.choice([2.0, 8.0, 25.0, 190.0])
        happenings.append((start, ["zone.entered", start, track, zone, 0.0]))
        happenings.append((start + stay, ["zone.left", start + stay, track, zone, stay]))
    happenings.sort(key=lambda h: h[0])
    steps: list[str] = []
    while happenings:
        bundle = [happenings.pop(0) for _ in range(min(chance.randint(1, 3), len(happenings)))]
        steps.append(json.dumps({"events": [fields for _, fields in bundle]}))
        steps.append(json.dumps({"at": bundle[-1][0] + 1}))
    return [*steps, json.dumps({"at": 10_000})]


class Process:
    """One life of the hub."""

    def __init__(self, url: str, now: float, *, die_at: int) -> None:
        command = [sys.executable, str(PROGRAM), url, str(now), str(die_at)]
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def is_ready(self) -> bool:
        return self._answer() == "ready"

    def take(self, step: str) -> bool:
        """Whether it said that the step is done."""
        assert self._popen.stdin is not None
        with suppress(BrokenPipeError):
            self._popen.stdin.write(step + "\n")
            self._popen.stdin.flush()
        return self._answer() == "done"

    def kill(self) -> None:
        self._popen.kill()

    def close(self) -> int:
        with suppress(BrokenPipeError):
            assert self._popen.stdin is not None
            self._popen.stdin.close()
        status = self._popen.wait(120)
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        return status

    def _answer(self) -> str:
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().strip()


def test_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    steps = night(chance)
    url = f"sqlite:///{tmp_path / 'custos.db'}"
    assert _feed(url, steps, chance) > KILLS // 3
    quiet = InMemoryStore()
    hub = hub_process.new_hub(quiet)
    hub.start(hub_process.START)
    for step in steps:
        hub_process.take(hub, step)
    store = open_store(url)
    try:
        assert _events(store) == _events(quiet)
        assert _incidents(store) == _incidents(quiet)
        assert len(_incidents(quiet)) > 5
    finally:
        store.close()


def _feed(url: str, steps: list[str], chance: random.Random) -> int:
    """Send every step until it is done, through as many lives as it takes; how many ended by SIGKILL."""
    kills, done, now = 0, 0, 0.0
    while done < len(steps):
        may_die = kills < KILLS
        by_itself = may_die and kills % 2 == 0
        process = Process(url, now, die_at=chance.randint(1, 90) if by_itself else 0)
        timer = Timer(0, process.kill)
        if process.is_ready():
            if may_die and not by_itself:
                timer = Timer(chance.uniform(0.0, 0.04), process.kill)
                timer.start()
            for step in steps[done:]:
                if not process.take(step):
                    break
                done += 1
                now = max(now, json.loads(step).get("at", now))
        timer.cancel()
        kills += process.close() == -9
    return kills


def _events(store: Store) -> list[Event]:
    """In the order of storing; an incident's id, which is drawn anew in every run, becomes its number."""
    return list(_numbered(store.replay("hq", since=hub_process.START)))


def _numbered(events: Iterator[Event]) -> Iterator[Event]:
    for event in events:
        if event.type.startswith("incident."):
            number = event.data["number"]
            data = {**event.data, "incident_id": number}
            yield replace(event, id=f"{number}.{event.id.rpartition('.')[2]}", subject=f"{number}", data=data)
        else:
            yield event


def _incidents(store: Store) -> list[Incident]:
    page = store.incidents("hq", IncidentQuery(), limit=1000)
    return [replace(incident, id="") for incident in page.items]
