"""Collects an incident's whole picture when it opens, and stores it, so that it does not change afterwards.

    opened -> facts and what was before: stored as BEGUN -> AFTER_S later: what was after: stored as DONE

Asynchronous, beside the hub, which never waits for it. Nothing is lost by a crash: an incident whose context is missing
or not done is looked for at the start and every `SWEEP_S`, and collected then. What cameras' workers still keep of that
time is then found as well; they live on when the hub dies.

What joins an incident later changes nothing of that picture. But whom and which places it brings along, the incident is
found by as well, `JOINED_S` later. Where that was not done, since the hub stopped or the store could not store, it is
made up for at the start and at the next sweep.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from custos.incidents.context import AFTER_S
from custos.model.context import CameraStrip, Collected, IncidentContext, Shot, Snapshot
from custos.model.errors import CustosError
from custos.model.event import Incident, Json, Picture
from custos.model.live import CameraState
from custos.model.site import Site
from custos.pipeline.context import ContextFacts, Gathered
from custos.pipeline.incident_events import incident_event
from custos.pipeline.ports import Bus, Commit, Store

log = logging.getLogger(__name__)

TIMER_S = 0.05
"""By which a timer may ring early; the last picture is asked for when its moment has passed."""
SETTLE_S = 1.5
"""A picture is looked for so long after it was taken: it must have come through the camera's stream."""
SWEEP_S = 30.0
LOOKED_BACK = timedelta(hours=24)
"""Incidents that opened longer ago and have no context stay without."""
AT_ONCE = 3
"""So many incidents are worked on at the same time; cameras have other things to do."""
LOOKED_UP = 500
"""Incidents of which it is known what has been looked up."""
JOINED_S = 2.0
"""Of an incident that goes on, whom it is about by now is looked up no more often."""
CAUGHT_UP_AT_ONCE = 50
"""Of so many incidents that have gone on unheard, what joined them is stored together."""
WORKERS_S = 15
"""After a start, so long is waited for a camera's worker to call."""


class Lookback(Protocol):
    """The site's cameras, as far as they remember."""

    def state(self, camera_id: str) -> CameraState | None:
        """How the camera fares; None for one that the site file does not name."""
        ...

    async def recall(self, camera_id: str, moments: Sequence[datetime]) -> list[Picture]:
        """What the camera showed near these times, oldest first; [] when nothing is kept."""
        ...


class ContextCollector:
    """Runs in one event loop, until cancelled.

    Args:
        site: the site as it is now.
        clock: the time now, aware.
        sleep: asyncio's, or a test's.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        facts: ContextFacts,
        cameras: Lookback,
        *,
        site: Callable[[], Site],
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._bus = bus
        self._facts = facts
        self._cameras = cameras
        self._site = site
        self._clock = clock
        self._sleep = sleep
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._joining: dict[str, asyncio.Task[None]] = {}
        self._in_vain: set[str] = set()
        self._looked_up: OrderedDict[str, frozenset[str]] = OrderedDict()
        """Of incidents that go on, the events of which it is stored whom and what they are about."""
        self._looking_up = threading.Lock()
        self._is_behind = True  # incidents may have gone on while nobody listened

    async def run(self) -> None:
        """Collect for every incident that opens, and for those left over."""
        opened = self._bus.subscribe("incident.opened")
        chores = [asyncio.create_task(self._sweep()), asyncio.create_task(self._follow())]
        try:
            async for event in opened:
                self._begin(str(event.data.get("incident_id")))
        finally:
            opened.close()
            for task in [*chores, *self._tasks.values(), *self._joining.values()]:
                task.cancel()

    async def collect(self, incident_id: str) -> None:
        """From what is stored of it to a context that is done; CustosError when the store cannot store."""
        async with self._turns:
            site_id = (await self._present_site()).id
            incident = await asyncio.to_thread(self._store.incident, site_id, incident_id)
            gathered = None if incident is None else await asyncio.to_thread(self._gather, incident)
            if incident is None or gathered is None:
                return
            context = await self._look(gathered, gathered.context)
        wait_s = (context.at + timedelta(seconds=AFTER_S + SETTLE_S) - self._clock()).total_seconds()
        if wait_s > 0:  # a device whose clock runs ahead opens incidents of tomorrow; they are of now
            await self._sleep(min(wait_s, AFTER_S + SETTLE_S) + TIMER_S)
        async with self._turns:
            context = await self._look(gathered, context)
            await asyncio.to_thread(self._finish, incident, context)

    async def _follow(self) -> None:
        """Incidents that go on."""
        updated = self._bus.subscribe("incident.updated")
        try:
            async for event in updated:
                incident_id = str(event.data.get("incident_id"))
                if incident_id not in self._joining:
                    self._joining[incident_id] = asyncio.create_task(self._join(incident_id))
        finally:
            updated.close()

    async def _join(self, incident_id: str) -> None:
        """Who and what has joined an incident: at the next sweep, if the store cannot store."""
        await self._sleep(JOINED_S)
        self._joining.pop(incident_id, None)  # what comes from here on is looked up anew
        try:
            site_id = (await self._present_site()).id
            await asyncio.to_thread(self._put_about, site_id, incident_id)
        except CustosError as error:
            self._is_behind = True
            log.error("whom incident %s is about by now is looked up later: %s", incident_id, error)
        except Exception:  # the edge of this task
            self._is_behind = True
            log.exception("whom incident %s is about by now is looked up later", incident_id)

    def _put_about(self, site_id: str, incident_id: str) -> None:
        incident = self._store.incident(site_id, incident_id)
        if incident is None:
            return
        about = self._facts.about(incident, self._looked_up.get(incident_id, frozenset()))
        self._store.commit(Commit(abouts=[about]))
        with self._looking_up:  # of an incident that goes on for hours, only what is new is read again
            self._looked_up[incident_id] = frozenset(incident.event_ids)
            self._looked_up.move_to_end(incident_id)
            if len(self._looked_up) > LOOKED_UP:
                self._looked_up.popitem(last=False)

    async def _catch_up(self, site_id: str, since: datetime) -> None:
        """Who and what has joined incidents since then, unheard."""
        self._is_behind = False  # first, so that a failure meanwhile is not forgotten
        try:
            await asyncio.to_thread(self._put_abouts, site_id, since)
        except Exception:
            self._is_behind = True
            raise

    def _put_abouts(self, site_id: str, since: datetime) -> None:
        ids = self._store.gone_on(site_id, since=since)
        for n in range(0, len(ids), CAUGHT_UP_AT_ONCE):
            found = [self._store.incident(site_id, one) for one in ids[n : n + CAUGHT_UP_AT_ONCE]]
            self._store.commit(Commit(abouts=[self._facts.about(one) for one in found if one is not None]))

    def _begin(self, incident_id: str) -> None:
        if incident_id not in self._tasks:
            self._tasks[incident_id] = asyncio.create_task(self._collect_or_log(incident_id))

    async def _collect_or_log(self, incident_id: str) -> None:
        try:
            await self.collect(incident_id)
        except CustosError as error:
            log.error("the context of incident %s is collected later: %s", incident_id, error)
        except Exception:  # the edge of this task: the sweep tries again
            log.exception("the context of incident %s is collected later", incident_id)
        finally:
            self._tasks.pop(incident_id, None)

    async def _sweep(self) -> None:
        while True:
            try:
                since, site_id = self._clock() - LOOKED_BACK, (await self._present_site()).id
                left = await asyncio.to_thread(self._store.uncollected, site_id, since=since)
                for incident_id in left:
                    self._begin(incident_id)
                if self._is_behind:
                    await self._catch_up(site_id, since)
            except CustosError as error:
                log.error("incidents that were left over cannot be looked for: %s", error)
            except Exception:  # the edge of this chore, which must come round again
                log.exception("incidents that were left over cannot be looked for")
            await self._sleep(SWEEP_S)

    # -- in a thread, with the store

    def _gather(self, incident: Incident) -> Gathered | None:
        """The facts, stored; None when everything has been collected. What was gathered before a crash stays."""
        before = self._store.context(incident.site_id, incident.id)
        if before is not None and before.state is Collected.DONE:
            return None
        gathered = self._facts.gather(incident, self._clock())
        if before is not None:
            return replace(gathered, context=before)
        self._store.commit(Commit(contexts=[gathered.context]))
        return gathered

    def _finish(self, incident: Incident, context: IncidentContext) -> None:
        done = context.done(context.strips, self._facts.final_logs(context, self._clock()))
        present = self._store.incident(incident.site_id, incident.id) or incident
        told: dict[str, Json] = {
            "pictures": sum(len(strip.shots) for strip in done.strips),
            "cameras": len(done.strips),
        }
        event = incident_event("incident.collected", present, self._clock(), told, key="collected")
        about = self._facts.about(present)  # a context that was begun long ago does not name who has joined since
        for new in self._store.commit(Commit(events=[event], contexts=[done], abouts=[about])):
            self._bus.publish(new)

    # -- pictures

    async def _look(self, gathered: Gathered, context: IncidentContext) -> IncidentContext:
        """The context with the pictures that can be had by now, stored."""
        latest = self._clock() - timedelta(seconds=SETTLE_S)
        moments = [moment for moment in gathered.moments if moment <= max(latest, context.at)]
        await self._await_workers(gathered.cameras)
        site, before = await self._present_site(), {strip.camera_id: strip for strip in context.strips}
        strips: list[CameraStrip] = []
        snapshots: list[Snapshot] = []
        for camera_id in gathered.cameras:
            pictures = await self._recall(camera_id, moments)
            new = [_snapshot(context, picture) for picture in pictures]
            snapshots += new
            strips.append(self._strip(site, camera_id, before.get(camera_id), new))
        looked = replace(context, strips=tuple(strips))
        await asyncio.to_thread(self._store.commit, Commit(contexts=[looked], snapshots=snapshots))
        return looked

    async def _await_workers(self, camera_ids: Sequence[str]) -> None:
        """Just after a start no worker has called yet; what they keep must not be missed for that. A camera that was
        waited for in vain is not waited for again until it was there: others' pictures grow old meanwhile."""
        self._in_vain = {one for one in self._in_vain if self._is_unserved(one)}
        for _ in range(WORKERS_S):
            unserved = {one for one in camera_ids if self._is_unserved(one)}
            if unserved <= self._in_vain:
                return
            await self._sleep(1.0)
        self._in_vain |= unserved

    def _is_unserved(self, camera_id: str) -> bool:
        state = self._cameras.state(camera_id)
        return state is not None and state.state == "unserved"

    async def _recall(self, camera_id: str, moments: Sequence[datetime]) -> list[Picture]:
        """Whom nobody serves nobody answers for: that would only be waited for."""
        state = self._cameras.state(camera_id)
        is_silent = state is not None and state.state in ("disabled", "unserved")
        return [] if is_silent else await self._cameras.recall(camera_id, moments)

    async def _present_site(self) -> Site:
        """In a thread: the site file may have to be read again, or somebody is writing it."""
        return await asyncio.to_thread(self._site)

    def _strip(self, site: Site, camera_id: str, before: CameraStrip | None, new: Sequence[Snapshot]) -> CameraStrip:
        shots = {shot.snapshot_id: shot for shot in (before.shots if before is not None else ())}
        shots |= {one.id: Shot(one.id, one.at) for one in new}
        ordered = tuple(sorted(shots.values(), key=lambda shot: shot.at))
        camera = site.camera(camera_id)
        name = camera.name if camera is not None else camera_id
        return CameraStrip(camera_id, name, ordered, "" if ordered else self._why_none(camera_id))

    def _why_none(self, camera_id: str) -> str:
        state = self._cameras.state(camera_id)
        if state is None:
            return "The camera is no longer in the site file."
        if state.state == "connected":
            return "No picture of that time was kept."
        return f"The camera is {state.state}" + (f": {state.reason}" if state.reason else "") + "."


def _snapshot(context: IncidentContext, picture: Picture) -> Snapshot:
    millis = round(picture.at.timestamp() * 1000)
    own_id = f"{context.incident_id}.{picture.camera_id}.{millis}"
    return Snapshot(own_id, context.incident_id, context.site_id, picture.camera_id, picture.at, picture.jpeg)
