"""A whole server on a free port of 127.0.0.1, over a real store and scripted cameras: for tests of the API.

with serving(tmp_path) as server:
    client = server.sign_in()
    client.get("/api/v1/site")
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import uvicorn
from argon2 import PasswordHasher

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.devices.room import DeviceRoom
from custos.adapters.sources import redact
from custos.adapters.store import SqlAccounts, SqlStore, open_store
from custos.correlation import RuleDefinition, build_rules
from custos.incidents.lifecycle import Change
from custos.model.account import ApiToken, Role, User
from custos.model.event import Event, Incident, Picture
from custos.model.site import Camera, Hours, Line, PresenceRule, Schedule, Severity, Site, Zone
from custos.pipeline.hub import Hub
from custos.pipeline.premises import Premises
from custos.pipeline.silences import read_silences
from custos.server.app import Limits, ServerDeps, create_app, server_config
from custos.server.setup import issue_setup_link, secret_hash
from custos.testing.cameras import MemoryRuleBook, MemorySiteBook, ScriptedCameras, plain_muxer

PATIENCE_S = 60.0
ADMINISTRATOR = "Ada Lovelace"
PASSWORD = "correct horse battery"  # noqa: S105 - a test's
GENEROUS = Limits(requests_per_s=100_000.0, burst=100_000)

DOCK = Camera(
    id="dock",
    name="Loading dock",
    url="rtsp://viewer:hunter2@192.0.2.7/stream",
    zones=(Zone(id="restricted", name="Restricted", polygon=((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))),),
    lines=(Line(id="gate", name="Gate", points=((0.1, 0.5), (0.9, 0.5))),),
)
LOBBY = Camera(id="lobby", name="Lobby", url="lobby.mp4", loop=True, enabled=False)
SITE = Site(
    id="hq",
    name="Headquarters",
    time_zone="Europe/Berlin",
    cameras=(DOCK, LOBBY),
    rules=(
        PresenceRule(
            id="after-hours",
            title="Someone at the dock after hours",
            zones=(("dock", "restricted"),),
            expected=Schedule(
                (Hours(frozenset(range(5)), *(datetime(2026, 1, 1, h, tzinfo=UTC).time() for h in (8, 18))),),
                "Europe/Berlin",
            ),
            longer_than_s=5.0,
            severity=Severity.HIGH,
        ),
    ),
)


NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading those of the machine takes each client longer than its first requests."""
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""No test guesses passwords."""


class MovableClock:
    """The time now, and as much later as a test has said; it stands still from `hold` on."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._held: datetime | None = None

    def __call__(self) -> datetime:
        return (self._held or datetime.now(UTC)) + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by

    def hold(self) -> None:
        self._held = datetime.now(UTC)


class ThreadedHub:
    """`custos.server.ports.Hub` over the real one, which is synchronous."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> list[Event]:
        return await asyncio.to_thread(self._hub.accept, events, pictures)

    async def change_incident(self, incident_id: str, change: Change, *, version: int) -> Incident:
        return await asyncio.to_thread(self._hub.change_incident, incident_id, change, version=version)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and the parts behind it."""

    url: str
    store: SqlStore
    bus: InProcessBus
    cameras: ScriptedCameras
    devices: DeviceRoom
    hub: Hub
    book: MemorySiteBook
    accounts: SqlAccounts
    clock: MovableClock
    deps: ServerDeps
    until_stopped: ExitStack

    @property
    def ws_url(self) -> str:
        return self.url.replace("http://", "ws://")

    def client(self, **headers: str) -> httpx.Client:
        """Nobody in particular, with these headers; closed with the server."""
        client = httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S, verify=NO_AUTHORITIES)
        return self.until_stopped.enter_context(client)

    def setup_token(self) -> str:
        """Of a fresh set-up link; AssertionError when there is a user."""
        link = issue_setup_link(self.accounts, base_url=self.url, now=self.clock())
        assert link is not None, "there is a user already"
        return link.partition("token=")[2]

    def sign_in(self) -> httpx.Client:
        """The administrator, who is created at the first call, in a new session."""
        client = self.client()
        if self.accounts.has_users():
            told = {"name": ADMINISTRATOR, "password": PASSWORD}
            client.post("/api/v1/session", json=told).raise_for_status()
        else:
            told = {"token": self.setup_token(), "name": ADMINISTRATOR, "password": PASSWORD}
            client.post("/api/v1/setup", json=told).raise_for_status()
        return client

    def acting_as(self, role: Role) -> httpx.Client:
        """A program that acts for the first user, who gets this role; AssertionError when there is a user."""
        now, secret = self.clock(), f"cst_{secrets.token_urlsafe(32)}"
        user = User(f"usr-{role}", f"Some {role}", role, "no password", now)
        link = secret_hash(self.setup_token())
        assert self.accounts.add_first_user(user, setup_token_hash=link, at=now)
        self.accounts.add_token(ApiToken(f"tok-{role}", user.id, "test", secret_hash(secret), now))
        return self.client(Authorization=f"Bearer {secret}")


@contextmanager
def serving(
    folder: Path,
    *,
    site: Site = SITE,
    limits: Limits = GENEROUS,
    cameras: ScriptedCameras | None = None,
    rules: Sequence[RuleDefinition] = (),
    site_problem: Callable[[], str] = str,
) -> Iterator[Served]:
    """A server with its data in `folder`, and the console's files in `folder`/console if there are any."""
    store = _new_store(folder / "custos.db")
    bus = InProcessBus()
    hub = Hub(
        site.id,
        store,
        bus,
        partial(build_rules, site, rules),
        make_consumers=partial(build_access, site),
        new_id=lambda: secrets.token_hex(8),
    )
    cameras = cameras or ScriptedCameras(detector="centernet-mb3@1a2b3c4d")
    book, accounts, clock = MemorySiteBook(site), SqlAccounts(store), MovableClock()
    hub.start(clock())
    threaded = ThreadedHub(hub)
    devices = DeviceRoom(
        site,
        accept=threaded.accept,
        clock=clock,
        session=secrets.token_hex(8),
        silences=lambda panel_ids: asyncio.to_thread(read_silences, store, site.id, panel_ids),
    )
    deps = ServerDeps(
        store=store,
        bus=bus,
        cameras=cameras,
        devices=devices,
        book=book,
        hub=threaded,
        premises=Premises(hub, clock),
        muxer=plain_muxer,
        accounts=accounts,
        clock=clock,
        redact=redact,
        static_dir=folder / "console",
        version="0.0.0-test",
        allowed_hosts=("cctv.example",),
        limits=limits,
        rule_book=MemoryRuleBook(rules),
        hasher=CHEAP,
        site_problem=site_problem,
    )
    try:
        with _running(deps) as url, ExitStack() as until_stopped:
            yield Served(url, store, bus, cameras, devices, hub, book, accounts, clock, deps, until_stopped)
    finally:
        store.close()


@cache
def _empty_database() -> bytes:
    """The file of a store in which nothing stands yet."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "custos.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def _new_store(file: Path) -> SqlStore:
    if not file.exists():
        file.write_bytes(_empty_database())
    return open_store(f"sqlite:///{file}")


@contextmanager
def _running(deps: ServerDeps) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = uvicorn.Server(server_config(create_app(deps=deps), host="127.0.0.1", port=port))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server ended before it had started"
                time.sleep(0.005)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), "the server did not stop"
