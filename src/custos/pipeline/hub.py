"""The walk of an event: stored -> conclusions -> rules -> signals -> incidents -> published, one order per site,
synchronously.

    accept(events, pictures) -> list[Event]     what came in; the new ones come back, with what they led to
    advance(at) -> list[Event]                  time passed and nothing else happened
    set_clock(step) -> list[Event]              the machine's clock was set; what waits goes on from there
    change_incident(id, change) -> Incident     what a person does

Consumers (doors, badges) turn events into further events, which are stored with those that made them, and which the
rules hear after them; consumers hear what came from outside, never conclusions.

Each step is one transaction: events, pictures, signals and incidents are stored together or not at all, and
only what is stored is published. A step that fails has not happened; consumers and rules, which heard of it, forget
everything and hear the stored events again. So whoever sends events sends them until they are accepted, and
nothing is lost or doubled.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from custos.incidents import grouping, lifecycle
from custos.model.errors import UsageError
from custos.model.event import Event, Incident, Json, Picture, Signal
from custos.model.frame import require_aware
from custos.pipeline.clock import CLOCK_SET, ClockStep, heard_again, spans_before
from custos.pipeline.incident_events import incident_event
from custos.pipeline.ports import (
    Bus,
    Commit,
    Conflict,
    Consumer,
    Heard,
    Lasting,
    Remembering,
    Rule,
    Store,
)

T = TypeVar("T", Event, Signal)
U = TypeVar("U")
RuleFactory = Callable[[], Sequence[Rule]]
"""Makes the site's rules, with empty memories."""
ConsumerFactory = Callable[[], Sequence[Consumer]]
"""Makes what concludes on the site, with empty memories."""

Past = Callable[[Collection[str]], Iterable[Event]]
"""Of types of events: those that are stored, the oldest first."""
RuleChange = Callable[[Sequence[Rule], Past, datetime], Sequence[Rule]]
"""Of the rules at work, the past and the time up to which it is known: the rules that follow them."""

REPLAY_S = 12 * 3600.0
"""So much of the past the rules hear again after a start: longer than a visit that still goes on."""
SETTLE_S = 10.0
"""After a start nobody knows yet whether those who were there still are; their cameras say so within this
time."""
FUTURE_S = 60.0
"""A stored event further ahead of the clock than this is not heard again by consumers."""
LAST_S = 120.0
"""Where nobody knows what time consumers and rules had been told, it is taken to be so many seconds before the newest
event."""
EVER = datetime(1970, 1, 1, tzinfo=UTC)
OWN_EVENTS = "incident."
"""What the hub itself says; rules do not hear it."""


class Hub:
    """One site's events and incidents. Thread-safe: every step waits for the one before.

    Args:
        make_rules: called at the start, after a failed step, when the clock was set, and on `configure`.
        make_consumers: called when `make_rules` is.
        new_id: makes incidents' ids; text that was never used before.
        replay_s: how much of the past a start reads.
        settle_s: for so long after a start `advance` lets rules keep still, and takes consumers no further than what
            they have heard.
    """

    def __init__(
        self,
        site_id: str,
        store: Store,
        bus: Bus,
        make_rules: RuleFactory,
        *,
        make_consumers: ConsumerFactory = tuple,
        new_id: Callable[[], str],
        replay_s: float = REPLAY_S,
        settle_s: float = SETTLE_S,
    ) -> None:
        self.site_id = site_id
        self._store = store
        self._bus = bus
        self._make_rules = make_rules
        self._make_consumers = make_consumers
        self._new_id = new_id
        self._replay = timedelta(seconds=replay_s)
        self._settle = timedelta(seconds=settle_s)
        self._lock = threading.RLock()
        self._minds: _Minds | None = None
        self._lost: _Minds | None = None  # those that heard of a step that failed
        self._now: datetime | None = None
        self._known_at: datetime | None = None  # the time up to which everything has been heard
        self._settled_at: datetime | None = None
        self._heard_at: datetime | None = None  # since the start, of what consumers hear, the newest

    def start(self, now: datetime) -> None:
        """Let consumers and rules hear the stored events of the last hours, and say nothing to that: it has been said.
        What became due since they were last told the time, they say when they are told it."""
        require_aware(now, "now")
        with self._lock:
            self._now, self._known_at, self._settled_at = now, now, now + self._settle
            self._minds, self._lost = None, None
            self._present()

    def configure(
        self, make_rules: RuleFactory, make_consumers: ConsumerFactory = tuple, *, replay_s: float | None = None
    ) -> None:
        """Other rules and consumers from now on. They know the past, and speak of what still goes on, not of what is
        over.

        Args:
            replay_s: how much of the past the rules need, where that is another than before.

        Raises:
            Exception: they cannot be made, or the store cannot be read; those before them go on.
        """
        with self._lock:
            replay = self._replay if replay_s is None else timedelta(seconds=replay_s)
            minds = self._rebuilt(self._started_now, make_rules, make_consumers, replay)
            self._make_rules, self._make_consumers, self._minds, self._lost = make_rules, make_consumers, minds, None
            self._replay = replay

    def set_clock(self, step: ClockStep) -> list[Event]:
        """The clock was set: consumers and rules hear the past again, with the times that it would have had by the
        clock as it is now, and what waits for a time has as long to wait as before.

        Raises:
            CustosError: the store cannot store; nothing has changed, and it is to be told again.
        """
        with self._lock:
            stored = self.accept([step.event(f"clock-{self._new_id()}", self.site_id)])
            self._now = self._started_now + step.by
            self._known_at = self._known_at and self._known_at + step.by
            self._settled_at = self._settled_at and self._settled_at + step.by
            self._heard_at = self._heard_at and self._heard_at + step.by
            self._minds = None  # what time they had been told is stored with the step
            return stored

    def revise(self, make_rules: RuleFactory, change: RuleChange, *, replay_s: float) -> None:
        """Other rules from now on, of which some are the same: what those remember is kept. Consumers go on.

        Args:
            make_rules: makes all of them anew, after the next failed step.
            replay_s: how much of the past they need.

        Raises:
            CustosError: the past cannot be read; those at work go on.
        """
        with self._lock:
            minds, replay = self._present(), timedelta(seconds=replay_s)
            now = self._known_at or self._started_now
            known = minds.rules
            minds.rules = change(known, lambda types: self._past(now - replay, sorted(types), minds), now)
            for rule in minds.rules:
                if not any(rule is one for one in known):
                    self._remind(rule, now - replay, now)
            self._make_rules, self._replay = make_rules, replay

    def consult(self, ask: Callable[[Sequence[Consumer]], U]) -> U:
        """What the consumers know at this moment, as `ask` makes it of them."""
        with self._lock:
            return ask(self._present().consumers)

    def accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> list[Event]:
        """Take events in; those that were new, and what the hub has to say about them, stored and published.

        Raises:
            UsageError: an event of another site; nothing of the call was stored.
            CustosError: the store cannot store; nothing of the call was stored, and it may be tried again.
        """
        for event in events:
            if event.site_id != self.site_id:
                raise UsageError(f"An event of site {event.site_id!r} came to site {self.site_id!r}.", where=event.id)
        with self._lock:
            minds = self._present()
            new = self._unknown(_distinct(events))
            try:
                heard = [one for event in new for one in (event, *minds.concluded(event))]
                came = {event.id for event in new}
                concluded = self._unknown([e for e in _distinct(heard) if e.id not in came])
                came.update(e.id for e in concluded)
                heard = [e for e in _distinct(heard) if e.id in came]
                said = [signal for event in heard for signal in minds.said(event)]
                stored = self._step(heard, pictures, said, minds)
                self._heard_at = max([*([self._heard_at] if self._heard_at else []), *minds.times(new)], default=None)
                return stored
            except BaseException:
                self._lost, self._minds = minds, None
                raise

    def advance(self, at: datetime, *, now: datetime | None = None) -> list[Event]:
        """It is `at` now; what consumers and rules have to say to that, as events, stored and published. Call it
        often.

        Args:
            now: what the clock says, where events of `at` are still on their way.
        """
        require_aware(at, "at")
        with self._lock:
            minds = self._present()
            self._now, self._known_at = max(at, now or at), at  # a clock that was set back a little stands still
            is_settling = self._settled_at is not None and at < self._settled_at
            if is_settling:
                if self._heard_at is None:
                    return []
                at = min(at, self._heard_at)
            try:
                found = minds.due(at)
                concluded = self._unknown(_distinct(found)) if found else []
                said = [signal for event in concluded for signal in minds.said(event)]
                if not is_settling:
                    said += minds.said_at(at)
                stored = self._step(concluded, (), said, minds)  # what rules hear comes before they are told
                minds.told_at, minds.rules_told_at = at, minds.rules_told_at if is_settling else at
                return stored
            except BaseException:
                self._lost, self._minds = minds, None
                raise

    def change_incident(self, incident_id: str, change: lifecycle.Change, *, version: int | None = None) -> Incident:
        """What a person does to an incident, stored and published as `incident.changed`.

        Args:
            version: of the incident as the person saw it; None takes it as it is.

        Raises:
            LookupError: there is no such incident. Conflict: it is no longer at `version`. Refused: its
            state, or what the change says, does not allow it.
        """
        with self._lock:
            incident = self._store.incident(self.site_id, incident_id)
            if incident is None:
                raise LookupError(f"There is no incident {incident_id!r}.")
            if version is not None and version != incident.version:
                raise Conflict(f"Incident {incident.number} is at version {incident.version}, not {version}.")
            changed = replace(lifecycle.apply(incident, change), version=incident.version + 1)
            data: dict[str, Json] = {"actor": change.actor}
            if changed.disposition is not None:
                data["disposition"] = changed.disposition.value
            event = incident_event("incident.changed", changed, change.at, data)
            self._publish(self._store.commit(Commit(events=[event], incidents=[changed])))
            return changed

    def _step(self, new: list[Event], pictures: Sequence[Picture], said: list[Signal], minds: _Minds) -> list[Event]:
        known = self._store.known_signal_ids([signal.id for signal in said])
        signals = [signal for signal in _distinct(said) if signal.id not in known]
        cases = self._group(sorted(signals, key=lambda s: (s.at, s.id)))
        if not (new or pictures or signals):
            return []
        told = [_told(case) for case in cases]
        commit = Commit([*new, *told], pictures, signals, [case.incident for case in cases])
        stored = self._store.commit(replace(commit, told_at=minds.told_at, rules_told_at=minds.rules_told_at))
        self._publish(stored)
        return stored

    def _group(self, signals: list[Signal]) -> list[_Case]:
        """The incidents that the signals open or join, as this step leaves them, the newest of a group
        last."""
        groups: dict[str, list[_Case]] = {}
        for signal in signals:
            if signal.group not in groups:
                live = self._store.live_incident_of_group(self.site_id, signal.group)
                groups[signal.group] = [] if live is None else [_Case(live, live.version)]
            cases = groups[signal.group]
            case = next((c for c in reversed(cases) if grouping.takes(c.incident, signal)), None)
            if case is not None:
                joined = grouping.joined(case.incident, signal)
                case.incident = replace(joined, version=case.stored_version + 1)
            elif signal.opens:
                opened = sum(not c.stored_version for group in groups.values() for c in group)
                number = self._store.next_incident_number(self.site_id) + opened
                incident_id = f"inc-{self._new_id()}"
                cases.append(_Case(grouping.opened(signal, incident_id=incident_id, number=number), 0))
        return [c for group in groups.values() for c in group if c.incident.version != c.stored_version]

    def _unknown(self, events: list[Event]) -> list[Event]:
        known = self._store.known_event_ids([event.id for event in events])
        return [event for event in events if event.id not in known]

    @property
    def _started_now(self) -> datetime:
        if self._now is None:
            raise RuntimeError("Hub.start comes before everything else")
        return self._now

    def _present(self) -> _Minds:
        if self._minds is None:
            now = self._started_now
            minds = self._rebuilt(now, self._make_rules, self._make_consumers, self._replay)
            if self._lost is not None:
                minds.tell(self._lost.told_at, self._lost.rules_told_at)
            self._minds, self._lost = minds, None
        return self._minds

    def _rebuilt(
        self, now: datetime, make_rules: RuleFactory, make_consumers: ConsumerFactory, replay: timedelta
    ) -> _Minds:
        """Rules and consumers as they were when the newest event had been stored: they hear the stored events in the
        order in which they were heard, and are told the times that they had been told then. So what came late comes
        late again, and what had been held back for what was on its way is held back again. Rules have a time of their
        own, for they were kept still while the hub settled.

        All that they say to that was stored in the same steps, or others said it; nothing of it is said now. What
        became due after those times, and had not been said when the process ended, `advance` makes them say.

        Of events that an older Custos stored nobody knows what time they had been told: when all is heard, they are
        told that of shortly before the newest. Were it to pass with the events, a clock that runs ahead would carry it
        away. What was imported nobody was told either; it is heard, since it is known, and nothing is said of it.
        """
        began = newest_at = now - replay
        minds = _Minds((), make_rules(), began, began)
        told_at: datetime | None = None
        rules_told_at: datetime | None = None
        for rule in minds.rules:
            self._remind(rule, began, now)
            rule.advance(began)
        for one in self._heard_again(began, until=now):
            if one.rules_told_at and one.rules_told_at != rules_told_at:
                minds.tell_rules(rules_told_at := one.rules_told_at)
            minds.said(one.event)
            minds.note(one)
            told_at = one.told_at or told_at
            if newest_at < one.event.at <= now:
                newest_at = one.event.at
        minds.consumers = make_consumers()
        times = [self._let_remember(consumer, now, minds) for consumer in minds.consumers]
        unknown = max(began, newest_at - timedelta(seconds=LAST_S))
        minds.tell(told_at or max((at for at in times if at), default=unknown), rules_told_at or unknown)
        return minds

    def _let_remember(self, consumer: Consumer, now: datetime, minds: _Minds) -> datetime | None:
        """Let the consumer hear again what it asks for; what time it was told last."""
        told_at: datetime | None = None
        consumer.advance(now - timedelta(seconds=max(consumer.memory.values(), default=0.0)))
        if isinstance(consumer, Lasting):
            consumer.recall(self._lasting(consumer.lasting, now))
        for one in self._remembered(consumer.memory, now):
            if one.told_at and one.told_at != told_at:
                consumer.advance(told_at := one.told_at)
            consumer.update(one.event)
            minds.note(one)
        return told_at

    def _remind(self, rule: Rule, began: datetime, now: datetime) -> None:
        """Let the rule know what was before it began to hear again, as far as it asks for that."""
        if isinstance(rule, Lasting):
            rule.recall(self._lasting(rule.lasting, now, began))
        if isinstance(rule, Remembering):
            for one in self._remembered(rule.memory, now):
                if one.event.at < began:
                    rule.remember(one.event)

    def _lasting(self, lasting: Mapping[str, float], now: datetime, began: datetime | None = None) -> list[Event]:
        """Of each of these types the newest event of each source from before what is heard again, the oldest first.

        Args:
            began: since then everything is heard again.
        """
        found = [
            event
            for span, types in ((timedelta(seconds=span_s), types) for span_s, types in _by_span(lasting).items())
            for event in self._store.newest_states(self.site_id, types, before=min(began or now, now - span))
        ]
        return sorted(found, key=lambda event: event.at)

    def _remembered(self, memory: Mapping[str, float], now: datetime) -> Iterator[Heard]:
        """The stored events that a consumer must hear again, each type as far back as it asks, in the order in which
        they were stored.

        An event from the future would carry the consumer's time away with it."""
        streams = [
            self._heard_again(now - timedelta(seconds=span_s), types, until=now)
            for span_s, types in _by_span(memory).items()
        ]
        latest = now + timedelta(seconds=FUTURE_S)
        return (one for one in heapq.merge(*streams, key=lambda h: h.sequence) if one.event.at <= latest)

    def _past(self, since: datetime, types: Sequence[str], minds: _Minds) -> Iterator[Event]:
        for one in self._heard_again(since, types, until=self._started_now):
            minds.note(one)
            yield one.event

    def _heard_again(self, since: datetime, types: Sequence[str] = (), *, until: datetime) -> Iterator[Heard]:
        """The stored events of these types (of all, when none is named) since then, as of the clock as it is now.

        Args:
            until: what is told to be later was told by a clock that has since been set right.
        """
        told = self._store.replay(self.site_id, since=EVER, types=(CLOCK_SET,))
        steps = [ClockStep.of(event) for event in told]
        also = spans_before(since, steps)  # what was stamped before the clock went forward lies further back
        stream = self._store.heard(self.site_id, since=since, types=(*types, CLOCK_SET) if types else (), also=also)
        met = [s for s in steps if s.to_at >= since or any(first <= s.to_at <= last for first, last in also)]
        again = heard_again(stream, met)
        heard = (one for one in again if one.event.at >= since and (not types or one.event.type in types))
        return (one.told_until(until) for one in heard)

    def _publish(self, events: Iterable[Event]) -> None:
        for event in events:
            self._bus.publish(event)


@dataclass(slots=True)
class _Minds:
    """What hears events: consumers first, then rules; and what time they were told last, as is stored with what they
    hear.

    Args:
        history: ids of events that were imported, and of what was concluded of them alone: of such nothing is said.
    """

    consumers: Sequence[Consumer]
    rules: Sequence[Rule]
    told_at: datetime
    rules_told_at: datetime
    history: set[str] = field(default_factory=set)

    def note(self, heard: Heard) -> None:
        """It was heard again."""
        if heard.is_imported:
            self.history.add(heard.event.id)

    def tell(self, at: datetime, rules_at: datetime) -> None:
        """Times that they had been told before; what they say to that was said then."""
        for consumer in self.consumers:
            consumer.advance(at)
        self.told_at = at
        self.tell_rules(rules_at)

    def tell_rules(self, at: datetime) -> None:
        for rule in self.rules:
            rule.advance(at)
        self.rules_told_at = at

    def concluded(self, event: Event) -> list[Event]:
        if event.type.startswith(OWN_EVENTS):
            return []
        return self._present([one for consumer in self.consumers for one in consumer.update(event)])

    def due(self, at: datetime) -> list[Event]:
        """What consumers conclude since it is `at` now."""
        return self._present([one for consumer in self.consumers for one in consumer.advance(at)])

    def _present(self, concluded: list[Event]) -> list[Event]:
        """Without what rests on history alone, which becomes history."""
        if not self.history:
            return concluded
        over = [one for one in concluded if self._is_history(_texts(one.data.get("event_ids")))]
        self.history.update(one.id for one in over)
        return [one for one in concluded if one.id not in self.history]

    def _is_history(self, rests_on: Collection[str]) -> bool:
        return bool(rests_on) and self.history.issuperset(rests_on)

    def times(self, events: Iterable[Event]) -> list[datetime]:
        """Of those that a consumer hears."""
        return [event.at for event in events if any(event.type in consumer.memory for consumer in self.consumers)]

    def said(self, event: Event) -> list[Signal]:
        if event.type.startswith(OWN_EVENTS):
            return []
        return self._news([signal for rule in self.rules for signal in rule.update(event)])

    def said_at(self, at: datetime) -> list[Signal]:
        """What rules say to that it is `at` now."""
        return self._news([signal for rule in self.rules for signal in rule.advance(at)])

    def _news(self, signals: list[Signal]) -> list[Signal]:
        return [one for one in signals if not self._is_history(one.event_ids)] if self.history else signals


@dataclass(slots=True)
class _Case:
    """An incident in the course of a step; `stored_version` 0 is a new one."""

    incident: Incident
    stored_version: int


def _by_span(memory: Mapping[str, float]) -> dict[float, list[str]]:
    """The types of which the same past is asked for, by how much that is, in seconds."""
    by_span: dict[float, list[str]] = {}
    for type_, span_s in memory.items():
        by_span.setdefault(span_s, []).append(type_)
    return by_span


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _told(case: _Case) -> Event:
    name = "incident.updated" if case.stored_version else "incident.opened"
    return incident_event(name, case.incident, case.incident.updated_at)


def _distinct(items: Iterable[T]) -> list[T]:
    """Without those whose id came before."""
    first: dict[str, T] = {}
    for item in items:
        first.setdefault(item.id, item)
    return list(first.values())
