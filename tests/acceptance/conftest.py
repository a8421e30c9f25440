"""Custos as a person starts it: the command line, as processes of their own."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from custos.cli.main import main
from custos.simulate.clip import ClipRequest, render_clip

PASSWORD = "correct horse battery"
PATIENCE_S = 240.0
"""For whatever a site does next, however busy the machine; no test says how fast it is."""
ENDS_WITHIN_S = 800.0
"""For one command, which may analyse a minute of video."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str


def custos(*arguments: str | Path, **environment: str) -> Ran:
    """Run `custos ARGUMENTS` to its end."""
    command = [sys.executable, "-m", "custos.cli.main", *(str(a) for a in arguments)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        env={**os.environ, "COLUMNS": "300", **environment},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


Told = Callable[..., Ran]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """`custos ARGUMENTS` within this process: for what ends at once, and would spend its time on starting."""

    def run(*arguments: str | Path, **environment: str) -> Ran:
        for name, value in {"COLUMNS": "300", **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["custos", *(str(a) for a in arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


def free_port() -> int:
    """Below those that the system gives away itself: another test's connection would have it before the site does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class Site:
    """A running site and somebody signed in."""

    base: str
    data: Path
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    client: httpx.Client = field(default_factory=httpx.Client)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until `holds`; a site that does not answer may be about to. AssertionError after PATIENCE_S."""
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            with suppress(httpx.HTTPError):
                if holds():
                    return
            time.sleep(0.05)
        logs = "\n".join(file.read_text()[-3000:] for file in self.data.glob("log/*.log"))
        raise AssertionError(f"not within {PATIENCE_S} s: {what}\n{''.join(self.said)}\n{logs}")

    def get(self, path: str) -> dict[str, list[dict[str, object]]]:
        answer = self.client.get(f"/api/v1{path}")
        answer.raise_for_status()
        value: dict[str, list[dict[str, object]]] = answer.json()
        return value

    def events(self, query: str = "") -> list[dict[str, object]]:
        """All stored events, oldest first."""
        items: list[dict[str, object]] = []
        cursor = ""
        while True:
            page = self.get(f"/events?limit=200{query}{cursor}")
            items += page["items"]
            if not page["next_cursor"]:
                return items[::-1]
            cursor = f"&cursor={page['next_cursor']}"

    def connected(self) -> bool:
        states = [camera["state"] for camera in self.get("/cameras")["items"]]
        return all(isinstance(s, dict) and s["state"] == "connected" for s in states)

    def processes(self, name: str) -> list[int]:
        """Ids of the site's processes that run the module `name`."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            inherited = str(self.data) in " ".join(line)
            if line[1:3] == ["-m", name] and (inherited or self._belongs(process)):
                found.append(process.pid)
        return sorted(found)

    def _belongs(self, process: psutil.Process) -> bool:
        try:
            return any(str(self.data) in " ".join(p.cmdline()) for p in process.parents())
        except psutil.Error:
            return False

    def sign_in(self) -> None:
        """Through the one-time link that was printed."""
        self.until(lambda: any("token=" in line for line in self.said), "a set-up link is printed")
        token = re.findall(r"token=(\S+)", "".join(self.said))[-1]
        self.client = httpx.Client(base_url=self.base, headers={"Origin": self.base}, timeout=60)
        answer = self.client.post("/api/v1/setup", json={"token": token, "name": "admin", "password": PASSWORD})
        answer.raise_for_status()


@contextmanager
def running(data: Path, *arguments: str | Path, sign_in: bool = True) -> Iterator[Site]:
    """`custos up` on a free port until the context is left; nothing of it stays behind."""
    port = free_port()
    options = ["up", "--data-dir", str(data), "--port", str(port), *(str(a) for a in arguments)]
    process = subprocess.Popen(
        [sys.executable, "-m", "custos.cli.main", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    site = Site(f"http://127.0.0.1:{port}", data, process)
    listener = threading.Thread(target=_listen, args=(process, site.said), daemon=True)
    listener.start()
    try:
        if sign_in:
            site.sign_in()
        yield site
    finally:
        site.client.close()
        _stop(site)
        listener.join(PATIENCE_S)


def _listen(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        said.extend(process.stdout)


def _stop(site: Site) -> None:
    supervisors = site.processes("custos.app.supervisor") or [site.process.pid]
    for pid in supervisors:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at and any(psutil.pid_exists(pid) and _runs(pid) for pid in supervisors):
        time.sleep(0.05)
    site.process.wait(PATIENCE_S)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


SITE = """\
site: {{id: street, name: Street, time_zone: UTC}}
cameras:
  - id: street
    name: Street entrance
    url: {clip}
    loop: true
    zones:
      - {{id: pavement, name: Pavement, polygon: [[0.2845, 0.9999], [1, 0.9869], [0.6484, 0.3708], [0.4234, 0.372]]}}
    lines:
      - {{id: walkway, name: Along the pavement, points: [[0.3833, 0.5225], [0.6759, 0.5201]]}}
rules:
  - {{id: pavement-rule, title: Someone on the pavement, zones: [street/pavement], longer_than_s: 2, severity: high}}
"""


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site file with one simulated camera; somebody comes by after 4 s and is gone after 11, again and again."""
    folder = tmp_path_factory.mktemp("street")
    clip = render_clip(ClipRequest("street", folder, 12.0))
    site_file = folder / "site.yaml"
    site_file.write_text(SITE.format(clip=clip.video.name))
    return site_file
