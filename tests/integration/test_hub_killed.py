"""The hub's process ended by `kill -9` while a worker sends: every event is stored once, every incident opened once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from custos.adapters.link.messages import Hello
from custos.adapters.link.worker_side import HubLink
from custos.adapters.store import open_store
from custos.model.event import Event
from custos.pipeline.ports import IncidentQuery

PATIENCE_S = 90.0
EVENTS = 300
DURESS = range(20, EVENTS, 40)
"""Which of them open an incident; each at a door of its own."""
SITE = f"""
site: {{id: hq, name: HQ}}
areas: [{{id: street, name: Street, outside: true}}, {{id: hall, name: Hall}}]
doors: {[{"id": f"d-{n}", "name": f"Door {n}", "areas": ["street", "hall"]} for n in DURESS]}
"""


def hub(folder: Path) -> subprocess.Popen[bytes]:
    places = {"site": folder / "site.yaml", "data": folder, "socket": folder / "hub.sock", "static": folder}
    options = [part for name, place in places.items() for part in (f"--{name}", str(place))]
    command = [sys.executable, "-m", "custos.app.server", *options, "--port", "0", "--log", str(folder / "server.log")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def event(n: int) -> Event:
    kind, door = ("access.coerced", f"d-{n}") if n in DURESS else ("door.opened", "d-20")
    return Event(f"e-{n:03d}", kind, datetime.now(UTC), f"/sites/hq/doors/{door}", None, {"door_id": door})


def until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def test_nothing_is_lost_or_doubled_when_the_hub_is_killed_while_a_worker_sends(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    began = datetime.now(UTC)
    link = HubLink(tmp_path / "hub.sock", Hello("w", "none", "0"), on_message=lambda message: None)
    link.start()
    process = hub(tmp_path)
    try:
        for n in range(EVENTS):
            link.send_events([event(n)])
            if n == 50:
                until(lambda: link.waiting == 0)
            elif n == 200:
                until(lambda: link.waiting < 150)  # some are stored, some under way
                process.kill()
                process.communicate()
                process = hub(tmp_path)
        until(lambda: link.waiting == 0)
    finally:
        link.close()
        process.kill()
        process.communicate()
    store = open_store(f"sqlite:///{tmp_path / 'custos.db'}")
    try:
        stored = [e.id for e in store.replay("hq", since=began - timedelta(minutes=1)) if e.id.startswith("e-")]
        assert stored == [f"e-{n:03d}" for n in range(EVENTS)]
        incidents = [i for i in store.incidents("hq", IncidentQuery()).items if i.rule_id == "duress"]
        assert sorted(i.event_ids for i in incidents) == [(f"e-{n:03d}",) for n in DURESS]
        assert {i.version for i in incidents} == {1}
    finally:
        store.close()
