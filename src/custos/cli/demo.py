"""What `custos up --demo` makes of the simulated site before it starts: footage, site file, token, devices."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from custos.adapters.sitefile.secrets import SECRETS_FILE, read_secrets
from custos.app.demo_devices import TOKEN_VARIABLE
from custos.cli.demo_plan import put_on_plan, with_plan
from custos.cli.options import cache_dir
from custos.model.devices import LineDevice, SiaReceiver
from custos.model.site import Site
from custos.simulate.site import DemoSite, ensure_demo
from custos.simulate.sitefile import TOKEN_SECRET, device_section

_LISTENS = re.compile(r'(?<=listen: "127\.0\.0\.1:)\d+(?=")')


def draw_demo() -> DemoSite:
    """The simulated site's footage, drawn once for all data directories."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawing the demo site, once", total=None)
        return ensure_demo(
            cache_dir() / "demo", progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


def demo_site_file(data: Path, demo: DemoSite) -> Path:
    """The demo's site file, this data directory's own: with a plan, free ports for till and panel, a token."""
    site_file = data / "site.yaml"
    text = site_file.read_text() if site_file.exists() else ""
    plain = demo.site_file.read_text()
    mark = f"# Of {demo.directory}, {hashlib.sha256(with_plan(plain).encode()).hexdigest()[:12]}."
    if mark not in text:
        text = f"{mark}\n{plain}{device_section(*_free_ports(2))}"
        for clip in demo.clips.values():
            text = text.replace(f"url: {clip.name}", f"url: {json.dumps(str(clip))}")
        _replace(site_file, text)
        put_on_plan(site_file)
    elif not all(_is_free(int(port)) for port in _LISTENS.findall(text)):
        free = iter(_free_ports(len(_LISTENS.findall(text))))
        _replace(site_file, _LISTENS.sub(lambda _: str(next(free)), text))
    _demo_token(data)
    return site_file


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)


def _demo_token(data: Path) -> str:
    """What the demo's door controller shows, from the secrets beside the site file; made at the first start."""
    path = data / SECRETS_FILE
    known = read_secrets(path).values.get(TOKEN_SECRET)
    if known is not None:
        return known
    token = secrets.token_urlsafe(24)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    ends_open = before != "" and not before.endswith("\n")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.write("\n" * ends_open + f"{TOKEN_SECRET}: {json.dumps(token)}\n")
    return token


def demo_devices(demo: DemoSite, site: Site, data: Path, host: str, port: int) -> list[str]:
    """The rest of the command line of the process that plays the demo's devices."""
    till, receiver = site.device("till"), site.device("alarm-receiver")
    till_port = till.listen.rpartition(":")[2] if isinstance(till, LineDevice) else "0"
    panel_port = receiver.listen.rpartition(":")[2] if isinstance(receiver, SiaReceiver) else "0"
    os.environ[TOKEN_VARIABLE] = _demo_token(data)  # not among the arguments, which all can read
    return [
        *("--acts", str(demo.devices), "--period-s", str(demo.seconds), "--site-id", site.id),
        *("--host", host, "--port", str(port), "--till-port", till_port, "--panel-port", panel_port),
        *("--log", str(data / "log" / "devices.log")),
    ]


def _free_ports(count: int) -> list[int]:
    """So many different ones."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
