"""How long until the demo site is whole again after `kill -9` of each of its processes.

    .venv/bin/python benchmarks/bench_kill.py

Whole means: the process runs again, the API answers and every camera is connected; of the supervisor, which takes all
others along, that they are all new ones (the process itself is there again at once). Stored events are compared before
and after: none may be lost, none doubled.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import psutil
from demo_site import RunningSite, demo_site, machine

ROLES = (
    "custos.adapters.sources.ingest",
    "custos.app.worker",
    "custos.app.server",
    "custos.app.demo_devices",
    "custos.app.watchman",
    "custos.app.supervisor",
)
LONGEST_S = 60.0


def processes(site: RunningSite, role: str) -> list[int]:
    """Ids of the site's processes of a role, wherever they hang in the tree by now."""
    mine, found = str(site.data), []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if role in line[:3]:
            try:
                family = [line, *(parent.cmdline() for parent in process.parents())]
            except psutil.Error:
                continue
            if any(mine in " ".join(one) for one in family):
                found.append(process.pid)
    return found


def is_whole(site: RunningSite) -> bool:
    """Every camera is connected, as the API tells it."""
    try:
        items = site.get("/cameras")["items"]
    except httpx.HTTPError:
        return False
    assert isinstance(items, list)
    return all(item["state"]["state"] == "connected" for item in items)


def event_ids(site: RunningSite) -> list[str]:
    """All stored events."""
    ids, cursor = list[str](), ""
    while True:
        page = site.get(f"/events?limit=200{cursor}")
        items = page["items"]
        assert isinstance(items, list)
        ids += [item["id"] for item in items]
        if not page["next_cursor"]:
            return ids
        cursor = f"&cursor={page['next_cursor']}"


def wait(site: RunningSite, role: str, before: dict[str, list[int]], victim: int) -> float:
    """Seconds until the site is whole again."""
    roles = ROLES if role == "custos.app.supervisor" else (role,)
    # by role: the watchman turns into the new supervisor and keeps its number
    gone = {one: set(before[one]) for one in roles} if len(roles) > 1 else {role: {victim}}
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_S:
        if is_whole(site):  # asked first: looking through all processes of the machine takes a core of its own
            now = {one: processes(site, one) for one in roles}
            if all(len(now[one]) >= len(before[one]) and not gone[one] & set(now[one]) for one in roles):
                return time.monotonic() - began
        time.sleep(0.05)
    return float("inf")


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, demo_site(Path(folder)) as site:
        while not is_whole(site):
            time.sleep(0.1)
        time.sleep(15)
        print(f"machine: {machine()}")
        for role in ROLES:
            before, running = event_ids(site), {one: processes(site, one) for one in ROLES}
            os.kill(running[role][0], signal.SIGKILL)
            took_s = wait(site, role, running, running[role][0])
            after = event_ids(site)
            doubled = sum(count - 1 for count in Counter(after).values())
            print(f"{role:32} back in {took_s:.1f} s; {len(set(before) - set(after))} events lost, {doubled} doubled")
            time.sleep(3)
        for pid in processes(site, "custos.app.supervisor"):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
