"""What `create_app` is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher

from custos.pipeline.ports import Bus, Store
from custos.pipeline.premises import Premises
from custos.server.limits import Limits
from custos.server.ports import Accounts, Cameras, Devices, FragmentMuxerFactory, Hub, RuleBook, SiteBook

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class ServerDeps:
    """The parts behind the API.

    Args:
        clock: the time now, aware.
        redact: takes the credentials out of a URL; camera URLs leave the server only `as_written` and through it.
        static_dir: the built console; when it holds no index.html, a page says so.
        allowed_hosts: names, besides those of the loopback, under which this server may be called; a request
            for another Host is refused (DNS rebinding).
        hasher: what guessing a password costs.
        site_problem: why the site as it is written is not in force, in words without credentials; "" when it is.
    """

    store: Store
    bus: Bus
    cameras: Cameras
    devices: Devices
    book: SiteBook
    rule_book: RuleBook
    hub: Hub
    premises: Premises
    muxer: FragmentMuxerFactory
    accounts: Accounts
    clock: Callable[[], datetime]
    redact: Callable[[str], str]
    static_dir: Path
    version: str
    allowed_hosts: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    site_problem: Callable[[], str] = str
