"""From a fresh clone to a live picture and a first event, as a newcomer meets it: cold, then warm.

    .venv/bin/python benchmarks/bench_start.py

Clones what is committed into a new folder and runs `make run` there with empty caches, so that Python's and npm's
packages, the model and the demo's footage are all fetched or made anew; Debian's own packages are not. The clock runs
from the command to the first bytes of a camera's video over its WebSocket and to the first event that somebody on the
pictures caused. Then the same command once more, in the same folder.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import httpx
from demo_site import PASSWORD, free_port, machine
from report_page import ROOT
from websockets.sync.client import connect
from websockets.typing import Origin

LONGEST_S = 1200.0
CACHES = ("XDG_CACHE_HOME", "CUSTOS_DATA", "PIP_CACHE_DIR", "npm_config_cache")


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        clone = folder / "custos"
        subprocess.run(["git", "clone", "-q", "--no-local", ROOT, clone], check=True)
        print(f"machine: {machine()}", flush=True)
        cookie = run("cold", clone, folder / "caches", None)
        run("warm", clone, folder / "caches", cookie)


def run(what: str, clone: Path, caches: Path, cookie: str | None) -> str:
    """One `make run` from the command to the first event; the session's cookie, for the next time."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CUSTOS_", "PYTHON"))}
    environment |= {name: str(caches / name.lower()) for name in CACHES}
    began, began_unix = time.monotonic(), time.time()
    process = subprocess.Popen(
        ["make", "run", f"ARGS=--port {port}"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    tokens = list[str]()
    threading.Thread(target=listen, args=(process, began, tokens), daemon=True).start()
    try:
        client = httpx.Client(base_url=base, headers={"Origin": base}, timeout=10)
        if cookie is None:
            until(lambda: bool(tokens), process)
            client.post(
                "/api/v1/setup", json={"token": tokens[0], "name": "bench", "password": PASSWORD}
            ).raise_for_status()
            cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        client.headers["Cookie"] = cookie
        until(lambda: client.get("/api/v1/cameras").is_success, process)
        signed_in_s = time.monotonic() - began
        with connect(
            f"ws://127.0.0.1:{port}/api/v1/cameras/{first_camera(client)}/live",
            additional_headers={"Cookie": cookie},
            origin=Origin(base),
        ) as video:
            while not isinstance(video.recv(LONGEST_S), bytes):
                pass
        picture_s = time.monotonic() - began
        until(lambda: seen_since(client, began_unix), process)
        event_s = time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
    print(
        f"{what}: signed in after {signed_in_s:.1f} s, live picture {picture_s:.1f} s, first event {event_s:.1f} s",
        flush=True,
    )
    return cookie


def listen(process: subprocess.Popen[str], began: float, tokens: list[str]) -> None:
    """Repeat what the command says, with seconds before it, and keep the token of the one-time link."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"token=(\S+)", line):
            tokens.append(found.group(1))
        else:
            print(f"    {time.monotonic() - began:6.1f} s  {line.rstrip()}", flush=True)


def first_camera(client: httpx.Client) -> str:
    return str(client.get("/api/v1/cameras").json()["items"][0]["id"])


def seen_since(client: httpx.Client, unix_s: float) -> bool:
    """Whether an event tells of somebody seen since then, not of a camera's or a process's state."""
    events = client.get("/api/v1/events", params={"limit": 200}).json()["items"]
    return any(
        event["type"].split(".")[-2] in {"track", "zone", "line"} and _unix(event["time"]) >= unix_s for event in events
    )


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until `holds()`."""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"`make run` ended with {process.returncode}")
        try:
            if holds():
                return
        except (httpx.HTTPError, json.JSONDecodeError):
            pass
        time.sleep(0.1)
    raise SystemExit(f"not within {LONGEST_S:.0f} s")


if __name__ == "__main__":
    main()
