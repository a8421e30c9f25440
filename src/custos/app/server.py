"""The hub and server role: stores events, makes incidents, serves API and console. `python -m custos.app.server`."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # see `started`

import argparse
import asyncio
import logging
import os
import sys
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath

import uvicorn
import uvloop

from custos import __version__
from custos.access import build_access
from custos.adapters.bus.inprocess import InProcessBus
from custos.adapters.devices.room import DeviceRoom
from custos.adapters.link.hub_side import WorkerLinks
from custos.adapters.media.fmp4 import fragment_muxer
from custos.adapters.rulefiles import RuleFolder
from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sources.redaction import redact
from custos.adapters.store import SqlAccounts, SqlStore, open_store
from custos.app.following import RulesFollowing, SiteFollowing, attempted
from custos.app.ordered_hub import OrderedHub, replay_s_of, steady_s
from custos.app.pruning import Pruning
from custos.app.roles import follow_parent, new_id, set_up_logging, started
from custos.correlation import RuleDefinition, build_rules
from custos.correlation.definition import RuleFault
from custos.model.calibration import Calibration
from custos.model.errors import CustosError
from custos.model.event import Event
from custos.model.site import Site
from custos.pipeline.calibrations import read_calibrations
from custos.pipeline.collecting import ContextCollector
from custos.pipeline.context import ContextFacts
from custos.pipeline.hub import Hub
from custos.pipeline.premises import Premises
from custos.pipeline.silences import read_silences
from custos.server.app import create_app, server_config
from custos.server.deps import ServerDeps
from custos.server.setup import issue_setup_link

log = logging.getLogger("custos.server")
TICK_S = 0.5
PRUNE_S = 3600.0
COLLECT_AFTER = (50_000, 10, 10)
"""So many new objects before Python's collector looks for waste, and so on (`gc.set_threshold`). An event leaves some
behind that stay for minutes (what doors and rules have in mind); Python's own 700 looks at them again and again, which
took an eighth of what an event costs."""
SWITCH_S = 0.001
"""So soon a thread that computes lets another have the interpreter. Each word with the database gives it away, and with
the usual 5 ms a step of the hub, which has many of them, would wait so long for each while somebody reads a log."""
MOST_FAULTS = 3
"""Of rule files that are told in one sentence; the rules' page tells all."""


def now_utc() -> datetime:
    return datetime.now(UTC)


class Role:
    """Everything of this process, put together."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self.store: SqlStore = open_store(os.environ.get("CUSTOS_STORE") or f"sqlite:///{arguments.data / 'custos.db'}")
        self.accounts = SqlAccounts(self.store)
        self.book = YamlSiteBook(arguments.site)
        site = self.book.site()
        self.bus = InProcessBus()
        self.rules = RuleFolder(arguments.site.parent / "rules")
        rules = self.rules.rules()
        inner = Hub(
            site.id,
            self.store,
            self.bus,
            partial(build_rules, site, rules),
            make_consumers=partial(build_access, site),
            new_id=new_id,
            replay_s=replay_s_of(site, rules),
        )
        inner.start(now_utc())
        self.hub = OrderedHub(inner, rules, clock=now_utc)
        self.devices = DeviceRoom(
            site.off_plan(),
            accept=self.hub.accept,
            clock=now_utc,
            session=uuid.uuid4().hex,
            silences=lambda panel_ids: asyncio.to_thread(read_silences, self.store, site.id, panel_ids),
        )
        self.links = WorkerLinks(
            arguments.socket,
            site=site.off_plan(),
            base_dir=self.book.path.parent,
            accept=self.hub.accept,
            calibrations=self._calibrations,
        )
        followers = {
            "cameras": self.links.configure,
            "devices": self.devices.configure,
            "rules and doors": self.hub.configure,
        }
        self.following = SiteFollowing(site, self.book.path, followers)
        self.rules_following = RulesFollowing(lambda: self.hub.revise(self.book.site(), self.rules.rules()))
        self.pruning = Pruning(self.store, clock=now_utc, steady=steady_s)
        premises = Premises(inner, now_utc)
        self.collector = ContextCollector(
            self.store,
            self.bus,
            ContextFacts(self.store, premises, self.book.site, self.rules.rules),
            self.links,
            site=self.book.site,
            clock=now_utc,
        )
        self.config = server_config(
            create_app(
                deps=ServerDeps(
                    store=self.store,
                    bus=self.bus,
                    cameras=self.links,
                    devices=self.devices,
                    book=self.book,
                    hub=self.hub,
                    premises=premises,
                    muxer=fragment_muxer,
                    accounts=self.accounts,
                    clock=now_utc,
                    redact=redact,
                    static_dir=arguments.static,
                    version=__version__,
                    rule_book=self.rules,
                    site_problem=self._site_problem,
                    allowed_hosts=(public_name(arguments.host, ()), *arguments.allowed_host),
                )
            ),
            host=arguments.host,
            port=arguments.port,
        )

    async def run(self) -> None:
        """Serve until told to stop."""
        loop = asyncio.get_running_loop()

        def changed(site: Site) -> None:
            loop.call_soon_threadsafe(self.following.changed, site)

        def rules_changed(rules: Sequence[RuleDefinition]) -> None:
            loop.call_soon_threadsafe(self._rules_changed, rules)

        self.book.on_change(changed)
        self.rules.on_change(rules_changed)
        await self.links.start()
        server = uvicorn.Server(self.config)
        stop: Callable[[], None] = lambda: setattr(server, "should_exit", True)  # noqa: E731
        threading.Thread(target=follow_parent, args=(stop,), daemon=True).start()
        chores = [asyncio.create_task(one) for one in (self._tick(), self._prune(), self.collector.run())]
        site_id = self.book.site().id
        started = Event(
            uuid.uuid4().hex,
            "system.started",
            now_utc(),
            f"/sites/{site_id}/server",
            None,
            {"role": "server", "version": __version__},
        )
        try:
            await self.hub.accept([started])
        except CustosError as error:  # a full disk must not keep the console from saying so
            log.error("%s", error)
        await self.devices.start()
        chores.append(asyncio.create_task(self._greet(server)))
        try:
            await server.serve()
        finally:
            for chore in chores:
                chore.cancel()
            await self.devices.close()
            await self.links.close()
            self.store.close()

    def _site_problem(self) -> str:
        """Why the site as it is written is not in force; "" when it is."""
        told = (
            str(self.book.problem or self.following.problem),
            self.rules_following.problem,
            words_of(self.rules.faults()),
        )
        return " ".join(one for one in told if one)

    def _rules_changed(self, rules: Sequence[RuleDefinition]) -> None:
        log.info("rule files were changed: %d rules are in force", len(rules))
        self.rules_following.changed()

    async def _tick(self) -> None:
        """Tell the rules the time, and look whether somebody changed the site file or a rule file."""
        steps: Mapping[str, Callable[[], Awaitable[object]]] = {
            "the rules could not be told the time": self.hub.advance,
            "the site file could not be looked at": partial(asyncio.to_thread, self.book.refresh),
            "the rule files could not be looked at": partial(asyncio.to_thread, self.rules.refresh),
        }
        while True:
            await asyncio.sleep(TICK_S)
            for failed, step in steps.items():
                await attempted(step, failed)

    async def _prune(self) -> None:
        while True:
            try:
                gone = await asyncio.to_thread(self._prune_once)
                if gone:
                    log.info("%d records that had been kept for long enough are deleted", gone)
            except Exception:  # the edge of this chore, which must come round again
                log.exception("old records cannot be deleted")
            await asyncio.sleep(PRUNE_S)

    def _prune_once(self) -> int:
        """How many records went. What says that a camera was moved stays until a person has looked."""
        keep = [c.event_id for c in self._calibrations().values() if c.is_due]
        site = self.book.site()
        return self.pruning.prune(site.retention, keep=keep, site_id=site.id)

    def _calibrations(self) -> dict[str, Calibration]:
        site = self.book.site()
        return read_calibrations(self.store, site.id, [camera.id for camera in site.cameras])

    async def _greet(self, server: uvicorn.Server) -> None:
        """Say where to go, once the address answers."""
        while not server.started:  # noqa: ASYNC110  uvicorn offers nothing to wait for
            await asyncio.sleep(0.05)
        base = f"http://{public_name(self._arguments.host, self._arguments.allowed_host)}:{self._arguments.port}"
        print(f"\nCustos is running: {base}", flush=True)  # noqa: T201  the terminal is for this
        link = await asyncio.to_thread(partial(issue_setup_link, self.accounts, base_url=base, now=now_utc()))
        if link:
            print(f"First sign-in, works once: {link}", flush=True)  # noqa: T201


def words_of(faults: Sequence[RuleFault]) -> str:
    """Rule files that are not in force as they are written; "" when all are."""
    told = [f"{PurePath(f.file).name}, line {f.line}: {f.what}" for f in faults[:MOST_FAULTS]]
    more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
    return f"Not in force as they are written: {'; '.join([*told, *more])}." if told else ""


def public_name(host: str, allowed: Sequence[str]) -> str:
    """What a browser calls a server that listens on `host`."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  compared with, not listened on
        return allowed[0] if allowed else "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def main(argv: Sequence[str] | None = None) -> int:
    """The role's command line; for the supervisor, not for people."""
    parser = argparse.ArgumentParser(prog="custos-server")
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--static", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--allowed-host", action="append", default=[])
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log)
    try:
        role = Role(arguments)
        started()
        gc.set_threshold(*COLLECT_AFTER)
        sys.setswitchinterval(SWITCH_S)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(role.run())
    except CustosError as error:
        log.error("%s", error)
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
