"""`custos up` and `custos down`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from custos.adapters.detectors.opening import open_detector
from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sitefile.reader import read_site
from custos.app.supervisor import DataLock, command_of
from custos.cli.demo import demo_devices, demo_site_file, draw_demo
from custos.cli.options import DEFAULT_THREADS, ThreadsOption, data_path, models_dir
from custos.model.errors import CustosError, UsageError
from custos.simulate.site import DemoSite

DOWN_S = 15.0
DEMO_BEGINS_IN = timedelta(seconds=6)
"""By then its cameras are seen: the story begins with an empty site."""
SOCKET_PATH_LIMIT = 100
"""Bytes of a Unix socket's path that every system takes."""

DataDirOption = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where Custos keeps its database and, for the demo, its footage.", metavar="DIR"),
]


def up(
    config: Annotated[
        Path | None, typer.Option(help="Site file. Without one, the console asks for the first camera.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Run a simulated site with four cameras.")] = False,
    data_dir: DataDirOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8420,
    store: Annotated[
        str | None,
        typer.Option(help="postgresql://... instead of the SQLite file in the data directory.", metavar="URL"),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which browsers may call this server.", metavar="NAME"),
    ] = None,
    threads: ThreadsOption = DEFAULT_THREADS,
) -> None:
    """Run everything on this machine: cameras, detection, incidents, console."""
    if demo and config is not None:
        raise UsageError("--demo and --config are for different sites.", remedy="Give one of them.")
    data = _data_dir(data_dir, demo)
    lock = DataLock(data)
    lock.take()
    _check_port(host, port)
    drawn = draw_demo() if demo else None
    site_file = _site_file(config, data, drawn)
    site = read_site(site_file)
    detector = open_detector(site.detector, models_dir(), threads)
    Console(stderr=True, highlight=False).print(
        f"{site.name}: {len(site.cameras)} cameras, detector {detector.name}, data in {data}", style="dim"
    )
    if store is not None:
        os.environ["CUSTOS_STORE"] = store  # it may hold a password, which must not stand in the list of processes
    socket_path = _socket_path(data)
    python = [sys.executable, "-m"]
    server = [
        *(*python, "custos.app.server", "--site", str(site_file), "--socket", str(socket_path)),
        *("--data", str(data), "--static", str(_console_dir())),
        *("--host", host, "--port", str(port), "--log", str(data / "log" / "server.log")),
        *(part for name in allowed_host or () for part in ("--allowed-host", name)),
    ]
    worker = [
        *(*python, "custos.app.worker", "--socket", str(socket_path), "--models", str(models_dir())),
        *("--threads", str(threads), "--log", str(data / "log" / "worker.log")),
    ]
    roles = [("server", server), ("worker", worker)]
    if drawn is not None:
        begins_at = (datetime.now(UTC) + DEMO_BEGINS_IN).isoformat()
        worker += ["--in-step-from", begins_at]
        roles.append(("devices", [*python, "custos.app.demo_devices", "--in-step-from", begins_at]))
        roles[-1][1].extend(demo_devices(drawn, site, data, _reachable(host), port))
    command = command_of(data, roles)
    os.execv(command[0], [*command, str(lock.hand_over())])  # noqa: S606  this process goes on, without its checks


def down(
    data_dir: DataDirOption = None,
    demo: Annotated[bool, typer.Option("--demo", help="The simulated site's.")] = False,
) -> None:
    """Stop the Custos that runs on a data directory."""
    data = data_path(data_dir, demo=demo)
    # the lock says whether it runs; the number in the file alone may long be somebody else's
    lock = DataLock(data) if data.is_dir() else None
    process = lock.holder() if lock else None
    if lock is None or not process:
        raise CustosError("no Custos runs there.", where=str(data))
    os.kill(process, signal.SIGTERM)
    until = time.monotonic() + DOWN_S
    while time.monotonic() < until:
        if lock.holder() is None:
            return
        time.sleep(0.1)
    raise CustosError(f"process {process} does not end.", where=str(data), remedy=f"End it with `kill -9 {process}`.")


def _data_dir(data_dir: Path | None, demo: bool) -> Path:
    path = data_path(data_dir, demo=demo)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise CustosError(
            f"the data directory cannot be written: {error.strerror}.",
            where=str(path),
            remedy="Choose another with --data-dir.",
        ) from error
    return path


def _site_file(config: Path | None, data: Path, demo: DemoSite | None) -> Path:
    if config is not None:
        return config.absolute()
    if demo is not None:
        return demo_site_file(data, demo)
    site_file = data / "site.yaml"
    if not site_file.exists():
        YamlSiteBook.create(site_file, "site", "My site", time_zone=_time_zone())
    return site_file


def _reachable(host: str) -> str:
    """The address at which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared with, not listened on


def _time_zone() -> str:
    """This machine's zone, or UTC when it does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return str(Path("/etc/localtime").resolve()).split("zoneinfo/")[1]
    return "UTC"


def _check_port(host: str, port: int) -> None:
    """Raise CustosError when another program has the port."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        raise CustosError(
            f"cannot listen on port {port}: {error.strerror}.",
            where=host,
            remedy="Another program uses it? Choose another with --port.",
        ) from error


def _socket_path(data: Path) -> Path:
    """In the data directory, or in a private folder when that path is too long for a socket."""
    path = data / "hub.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"custos-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat()
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        raise CustosError("is not a private folder of this user.", where=str(folder), remedy="Remove it.")
    return folder / "hub.sock"


def _console_dir() -> Path:
    """The built console: beside the sources in a checkout, inside the package otherwise."""
    checkout = Path(__file__).resolve().parents[3] / "console" / "dist"
    return checkout if checkout.is_dir() else Path(__file__).resolve().parents[1] / "server" / "static"
