"""A hub in a process of its own, to be killed: `hub_process.py URL NOW DIE_AT`.

Reads steps, a JSON object a line, and answers "done" to each. At the DIE_AT-th statement or commit it kills
itself with SIGKILL, in the middle of whatever it is doing; 0 is never.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import event

from custos.adapters.bus import InProcessBus
from custos.adapters.store import SqlStore, open_store
from custos.correlation import build_rules
from custos.model.event import Event
from custos.model.site import Camera, PresenceRule, Site, Zone
from custos.pipeline.hub import Hub
from custos.pipeline.ports import Store

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
_ZONES = tuple(Zone(z, z.title(), ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))) for z in ("yard", "gate"))
_RULE = PresenceRule("after-hours", "Somebody there", (("dock", "yard"), ("dock", "gate")), None, 10.0)
SITE = Site("hq", "HQ", cameras=(Camera("dock", "Dock", "rtsp://dock", _ZONES),), rules=(_RULE,))


def new_hub(store: Store) -> Hub:
    return Hub("hq", store, InProcessBus(), lambda: build_rules(SITE), new_id=lambda: uuid4().hex, settle_s=0.0)


def take(hub: Hub, step: str) -> None:
    """One step: {"at": seconds} says that time has passed, {"events": [...]} what happened."""
    told = json.loads(step)
    if "at" in told:
        hub.advance(START + timedelta(seconds=told["at"]))
        return
    hub.accept([_event(*fields) for fields in told["events"]])


def _event(kind: str, seconds: float, track: int, zone: str, dwell_s: float) -> Event:
    return Event(
        id=f"{kind}-{track}-{zone}-{seconds}",
        type=kind,
        at=START + timedelta(seconds=seconds),
        source="/sites/hq/cameras/dock",
        subject=f"tracks/dock-s1-{track}",
        data={"zone_id": zone, "class": "person", "dwell_s": dwell_s},
    )


def _die_at(store: SqlStore, count: int) -> None:
    left = count

    def tick(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        for engine in {store.database.engine, store.database.writer}:
            event.listen(engine, moment, tick)


def main(url: str, now: str, die_at: str) -> None:
    store = open_store(url)
    hub = new_hub(store)
    if int(die_at):
        _die_at(store, int(die_at))
    hub.start(START + timedelta(seconds=float(now)))
    print("ready", flush=True)
    for line in sys.stdin:
        take(hub, line)
        print("done", flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
