"""A demo site that runs for a benchmark: started as a person would, signed in through its one-time link."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import psutil

PASSWORD = "a benchmark's own password"
START_S = 240.0


@dataclass(frozen=True)
class RunningSite:
    """Where it answers, who we are there, and its processes."""

    base: str
    client: httpx.Client
    process: subprocess.Popen[str]
    data: Path
    started_s: float

    @property
    def cookie(self) -> tuple[str, str]:
        return next(iter(self.client.cookies.items()))

    def get(self, path: str) -> dict[str, object]:
        """The JSON at `path` below /api/v1."""
        answer = self.client.get(f"/api/v1{path}")
        answer.raise_for_status()
        value: dict[str, object] = answer.json()
        return value

    def story_began_s(self) -> float:
        """When the demo's story began in all cameras, seconds since 1970: as its worker was told."""
        for process in self.tree():
            line = process.cmdline()
            if "custos.app.worker" in line:
                return datetime.fromisoformat(line[line.index("--in-step-from") + 1]).timestamp()
        raise RuntimeError("the site has no worker")

    def tree(self) -> list[psutil.Process]:
        """Every process of the site."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo_site(data: Path) -> AbstractContextManager[RunningSite]:
    """`custos up --demo` on a free port, until the context is left."""
    return running_site(data, "--demo")


@contextmanager
def running_site(data: Path, *arguments: str) -> Iterator[RunningSite]:
    """`custos up ARGUMENTS` on a free port, until the context is left."""
    port = free_port()
    command = [sys.executable, "-m", "custos.cli.main", "up", "--data-dir", str(data), "--port", str(port)]
    began = time.monotonic()
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        token = _token(process)
        base = f"http://127.0.0.1:{port}"
        client = httpx.Client(base_url=base, headers={"Origin": base}, timeout=10)
        answer = client.post("/api/v1/setup", json={"token": token, "name": "bench", "password": PASSWORD})
        answer.raise_for_status()
        yield RunningSite(base, client, process, data, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _token(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    until = time.monotonic() + START_S
    for line in process.stdout:
        if found := re.search(r"token=(\S+)", line):
            return found.group(1)
        if time.monotonic() > until:
            break
    raise RuntimeError("the demo site did not start")


def truth_objects(footage: Path, camera_id: str) -> list[dict[str, object]]:
    """Frames of a demo camera's truth, as its file has them."""
    file = max(footage.rglob(f"{camera_id}.truth.jsonl"), key=lambda found: found.stat().st_mtime)
    return [json.loads(line) for line in file.read_text().splitlines()]


def machine() -> str:
    """One line on the machine the figures come from."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown processor",
    )
    return f"{os.cpu_count()} cores ({model}), {psutil.virtual_memory().total / 2**30:.0f} GiB"
