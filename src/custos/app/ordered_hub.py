"""The hub, called from the event loop: one thread, so that one order of events holds.

    await hub.accept(events, pictures) -> list[Event]       those of them that were new

What is offered while a step is under way is taken in together by the next one: waiting for the disk is what a step
costs most, and a hundred events wait no longer than one. Nobody is kept waiting for company: the first offer begins a
step.

Time passes for rules and doors no faster than their events come. A hub that comes back, or cannot keep up, is told of
things that are minutes old; were it told that it is now, doors would have stood open for minutes and nobody would have
badged, and all that only because the events are still on their way.

Nor does it stand still or leap when this machine's clock is set: how long something takes is measured by a clock that
nobody sets, and a step of the clock is told to the hub before anything else (`pipeline/clock.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from custos.access import build_access
from custos.correlation import PresenceTracker, RuleDefinition, RuleEngine, build_rules, revise_rules
from custos.incidents.lifecycle import Change
from custos.model.errors import CustosError, UsageError
from custos.model.event import Event, Incident, Picture
from custos.model.site import Site
from custos.pipeline.clock import ClockWatch
from custos.pipeline.hub import Hub, Past
from custos.pipeline.ports import Rule

log = logging.getLogger(__name__)
REPLAY_LEAST_S = 3600.0
GRACE_S = 10.0
"""In which workers find a hub that has come back."""
GATHER_S = 3.0
"""In which those who are on their way come, once the first has: who is furthest behind may be the last."""
MOST_EVENTS = 500
"""Of several offers in one step; a step in which others wait must be short."""
BEHIND = timedelta(seconds=2)
"""What is older than this when it is taken comes from a sender that is behind; rules and doors wait for it so long."""
STILL_BEHIND_S = 3.0
"""A sender that is behind offers the next within this time."""
MOST_BEHIND = timedelta(minutes=10)
"""Who tells of something older has a wrong clock or was cut off: time does not wait for that. Nor does it wait longer
than this after a start for those whom the hub takes at once: from then on, who is always behind has a slow clock."""
KEPT_WAITING_S = 0.25
"""Whose offer waited so long is behind because the hub is, and so is what they send next."""
USUAL_S = 3600.0
"""What a source has been late by at the least for so long (up to twice as long) is its clock's doing, not the hub's."""
T = TypeVar("T")


def steady_s() -> float:
    """Seconds of a clock that nobody sets; where there is one, of one that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(eq=False, slots=True)
class _Offer:
    events: Sequence[Event]
    pictures: Sequence[Picture]
    taken: asyncio.Future[list[Event]]
    offered_at: datetime
    offered_s: float

    @property
    def newest(self) -> Event | None:
        return max(self.events, key=lambda event: event.at, default=None)

    def tell(self, new: list[Event]) -> None:
        if not self.taken.done():  # whoever offered may have gone
            self.taken.set_result(new)

    def refuse(self, error: BaseException) -> None:
        if not self.taken.done():
            self.taken.set_exception(error)


class OrderedHub:
    """Lives in one event loop.

    Args:
        rules: those that come from files; `configure` builds them anew for the changed site.
        clock: the time of day; it may be set. steady: a clock that may not.
        grace_s: for so long after the first `advance` senders may be on their way.
    """

    def __init__(
        self,
        hub: Hub,
        rules: Sequence[RuleDefinition] = (),
        *,
        clock: Callable[[], datetime],
        steady: Callable[[], float] = steady_s,
        grace_s: float = GRACE_S,
    ) -> None:
        self._hub = hub
        self._rules = rules
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hub")
        self._offers: deque[_Offer] = deque()
        self._taking: asyncio.Task[None] | None = None
        self._behind: deque[tuple[float, datetime]] = deque()  # when it was taken, and its newest event
        self._lags = _Lags()
        self._watch = ClockWatch(clock, steady)
        self._following = asyncio.Lock()
        self._steady = steady
        self._began_s = steady()
        self._grace_s = grace_s
        self._asked_s: float | None = None
        self._met_s: float | None = None  # when somebody was behind
        self._told_at: datetime | None = None

    async def accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> list[Event]:
        """As `custos.server.ports.Hub` says. Offers are taken in the order in which they are made."""
        future = asyncio.get_running_loop().create_future()
        offer = _Offer(events, pictures, future, self._clock(), self._steady())
        self._offers.append(offer)
        if self._taking is None:
            self._taking = asyncio.create_task(self._take())
        return await offer.taken

    async def advance(self) -> None:
        """Tell the hub what time it is: now, or that of the events which wait.

        At first nobody has come yet, and nobody knows how far behind they are: until somebody is, and the others have
        had time to come as well, it is told nothing.
        """
        await self._follow_clock()
        now, now_s = self._clock(), self._steady()
        self._asked_s = now_s if self._asked_s is None else self._asked_s
        reached = self._reached(now)
        if reached < now and self._met_s is None:
            self._met_s = now_s
        is_early = self._met_s is None or reached == now or now_s - self._met_s < GATHER_S
        if is_early and now_s - self._asked_s < self._grace_s:
            return
        self._told_at = reached if self._told_at is None else max(self._told_at, reached)
        await self._call(partial(self._hub.advance, self._told_at, now=now))

    async def configure(self, site: Site) -> None:
        made, replay_s = partial(build_rules, site, self._rules), replay_s_of(site, self._rules)
        await self._call(partial(self._hub.configure, made, partial(build_access, site), replay_s=replay_s))

    async def revise(self, site: Site, rules: Sequence[RuleDefinition]) -> None:
        """Other rules from files; those whose definition is the same go on undisturbed."""
        self._rules = rules

        def change(at_work: Sequence[Rule], past: Past, now: datetime) -> Sequence[Rule]:
            known = [one for one in at_work if isinstance(one, PresenceTracker | RuleEngine)]
            return revise_rules(known, site, rules, past, now)

        made = partial(build_rules, site, rules)
        await self._call(partial(self._hub.revise, made, change, replay_s=replay_s_of(site, rules)))

    async def change_incident(self, incident_id: str, change: Change, *, version: int) -> Incident:
        """As `custos.server.ports.Hub` says."""
        return await self._call(partial(self._hub.change_incident, incident_id, change, version=version))

    async def _follow_clock(self) -> None:
        """When the clock was set, tell the hub. CustosError: it cannot store that; it is told at the next occasion."""
        async with self._following:
            step = self._watch.look()
            if step is None:
                return
            await self._call(partial(self._hub.set_clock, step))
            self._watch.follow(step)
            self._behind.clear()
            self._lags = _Lags()
            self._told_at = self._told_at and self._told_at + step.by
            log.warning("%s: doors and rules go on from %s", step.words, step.to_at.isoformat(timespec="seconds"))

    def _reached(self, now: datetime) -> datetime:
        """The time up to which everything has been heard: that of the oldest event which waits; and that of those who
        were lately behind, after a start or because the hub is, for they have more. What a source's clock is always
        late by does not count."""
        while self._behind and self._steady() - self._behind[0][0] > STILL_BEHIND_S:
            self._behind.popleft()
        times = [self._at(event) for offer in self._offers for event in offer.events]
        times += [at for _, at in self._behind]
        return min([now, *(at for at in times if now - at < MOST_BEHIND)])

    def _note(self, offers: list[_Offer]) -> None:
        now, now_s = self._clock(), self._steady()
        kept_waiting = [o for o in offers if self._is_early or now_s - o.offered_s > KEPT_WAITING_S]
        newest = [self._at(event) for offer in kept_waiting if (event := offer.newest) is not None]
        self._behind.extend((now_s, at) for at in newest if now - at > BEHIND)
        for offer in offers:
            if (event := offer.newest) is not None:
                self._lags.note(event.source, offer.offered_at - event.at, now_s)

    def _at(self, event: Event) -> datetime:
        """When that was by this machine's clock, as far as is known: after a start nobody knows whose clock is slow."""
        return event.at if self._is_early else event.at + self._lags.usual(event.source)

    @property
    def _is_early(self) -> bool:
        return self._steady() - self._began_s <= MOST_BEHIND.total_seconds()

    async def _call(self, step: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step)

    async def _take(self) -> None:
        try:
            while self._offers:
                await self._take_together(self._together())
        finally:
            self._taking = None

    def _together(self) -> list[_Offer]:
        """The offers of the next step, in order: one, and as many more as fit."""
        offers = [self._offers.popleft()]
        count = len(offers[0].events)
        while self._offers and count + len(self._offers[0].events) <= MOST_EVENTS:
            offers.append(self._offers.popleft())
            count += len(offers[-1].events)
        return offers

    async def _take_together(self, offers: list[_Offer]) -> None:
        events = [event for offer in offers for event in offer.events]
        pictures = [picture for offer in offers for picture in offer.pictures]
        try:
            await self._follow_clock()
            stored = await self._call(partial(self._hub.accept, self._watch.as_of_now(events), pictures))
        except BaseException as error:
            if len(offers) > 1 and _is_about_one(error):
                for offer in offers:
                    await self._take_together([offer])
                return
            for offer in offers:
                offer.refuse(error)
            if not isinstance(error, Exception):
                raise
        else:
            _share(stored, offers)
            self._note(offers)


class _Lags:
    """By how much what each source tells is late at the least when it is offered, whatever it waits for then."""

    def __init__(self) -> None:
        self._least: dict[str, timedelta] = {}
        self._before: dict[str, timedelta] = {}
        self._since_s: float | None = None

    def note(self, source: str, lag: timedelta, now_s: float) -> None:
        if self._since_s is None or now_s - self._since_s > USUAL_S:
            self._least, self._before, self._since_s = {}, self._least, now_s
        self._least[source] = min(lag, self._least.get(source, lag))

    def usual(self, source: str) -> timedelta:
        """Nothing of whom nothing is known."""
        known = [lags[source] for lags in (self._least, self._before) if source in lags]
        return max(timedelta(), min(known, default=timedelta()))


def replay_s_of(site: Site, rules: Sequence[RuleDefinition]) -> float:
    """How much of the past rules must hear at a start: what began earlier has long been told of, and a shorter past is
    a quicker start."""
    longest_s = max((one.correlation.timespan_s + one.correlation.before_s for one in rules), default=0.0)
    return REPLAY_LEAST_S + max((rule.longer_than_s for rule in site.rules), default=0.0) + longest_s


def _is_about_one(error: BaseException) -> bool:
    """Whether the step may have failed for what a single offer said; a full disk is full for all."""
    return isinstance(error, UsageError) or (isinstance(error, Exception) and not isinstance(error, CustosError))


def _share(stored: list[Event], offers: list[_Offer]) -> None:
    """Tell each offer which of its events were new; of two that offer the same one, the first."""
    new = {event.id: event for event in stored}
    for offer in offers:
        offer.tell([new.pop(event.id) for event in offer.events if event.id in new])
