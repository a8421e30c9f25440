"""All rules of a site at work: `update(event) -> list[Signal]`, `advance(at) -> list[Signal]`.

An event costs only the rules that name its type, and of those only the group it belongs to. What is positive (a count,
a sequence) is told when its last event is heard, in whatever order they come: events lie in their groups by their own
times. That something was *missing* is told LATE_S after its time is over, so that what is late by less than that is
still heard. Groups and the events in them are bounded; the oldest go first.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice, pairwise, product

from custos.correlation.cel import Value
from custos.correlation.definition import INFO, Correlation, Kind, Pattern, RuleDefinition
from custos.correlation.facts import FACTS, FROM, TO, Facts
from custos.model.event import Event, Signal
from custos.model.site import Site

LATE_S = 2.0
"""So late may an event come and still be found where it was missing."""
LATE = timedelta(seconds=LATE_S)
AHEAD = timedelta(seconds=1)
"""A clock that runs further ahead than this does not hurry what waits."""
MAX_GROUPS = 5000
"""Of one rule."""
MAX_KEPT = 64
"""Events of one pattern in one group."""
MAX_TRIED = 64
"""Combinations of events that `when` is asked of."""
MAX_PENDING = 2000
_SCORES: Mapping[str, float] = {INFO: 0.1, "low": 0.3, "medium": 0.5, "high": 0.8}
_PLACE = re.compile(r"\{([a-z_.]+)\}")

Key = tuple[str, ...]


@dataclass(slots=True)
class Note:
    """What happened to one rule, for `explain`. `kind`: "matched", "refused", "waiting", "cancelled", "fired"."""

    kind: str
    pattern: str
    event: Event
    key: Key = ()
    detail: str = ""


Trace = Callable[[str, Note], None]
"""Called with the rule's id."""


@dataclass(slots=True)
class _Pending:
    """An event that waits to see whether something is missing around it."""

    event: Event
    key: Key
    since: datetime
    until: datetime
    is_over: bool = False


@dataclass(slots=True)
class _Group:
    """The events of one group, by pattern, each list in the order of their times."""

    kept: dict[str, list[Event]] = field(default_factory=dict)
    pending: OrderedDict[str, _Pending] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class _State:
    """What one rule remembers."""

    rule: RuleDefinition
    groups: OrderedDict[Key, _Group] = field(default_factory=OrderedDict)
    pending: OrderedDict[tuple[Key, str], _Pending] = field(default_factory=OrderedDict)
    fired: int = 0

    def drop(self, waiting: _Pending) -> None:
        """It waits no longer."""
        waiting.is_over = True
        self.pending.pop((waiting.key, waiting.event.id), None)
        if (group := self.groups.get(waiting.key)) is not None:
            group.pending.pop(waiting.event.id, None)


class RuleEngine:
    """The rules of one site. The same events make the same signals, with the same ids."""

    rule_id = "rules"

    def __init__(self, definitions: Sequence[RuleDefinition], site: Site, trace: Trace | None = None) -> None:
        self._site = site
        self._site_id = site.id
        self._facts = Facts(site)
        self.memory: Mapping[str, float] = self._facts.long_ago
        self.lasting: Mapping[str, float] = self._facts.lasting
        self._states = [_State(rule) for rule in definitions]
        self._trace = trace
        self._by_type = _by_type(self._states)
        self._heard_at: datetime | None = None
        self._told_at: datetime | None = None
        self._due: list[tuple[datetime, int, _State, _Pending]] = []
        self._waited = 0

    @property
    def remembered(self) -> int:
        """How many events and waiting events it keeps in mind."""
        kept = (len(e) for s in self._states for g in s.groups.values() for e in g.kept.values())
        return sum(kept) + sum(len(s.pending) for s in self._states)

    @property
    def types(self) -> frozenset[str]:
        """The types of events that it makes something of."""
        return self._facts.types | self._by_type.keys()

    def hits(self) -> dict[str, int]:
        """How often each rule has fired since the start."""
        return {state.rule.id: state.fired for state in self._states}

    def revise(
        self, definitions: Sequence[RuleDefinition], past: Callable[[Collection[str]], Iterable[Event]], now: datetime
    ) -> None:
        """Other rules from now on. Those that are the very same definitions keep what they remember.

        The others hear `past` (of the types that they name, the oldest first) and say nothing of it; what they still
        wait for at `now` they wait for on.
        """
        known = {id(state.rule): state for state in self._states}
        fresh = RuleEngine([rule for rule in definitions if id(rule) not in known], self._site)
        if fresh._states:
            fresh.advance(now)  # first, so that an event from the future does not carry time away
            for event in past(fresh.types):
                fresh.update(event)
                if self._heard_at is None:  # besides what it remembers of long ago
                    self._facts.hear(event)
            fresh.advance(now)
        known |= {id(state.rule): state for state in fresh._states}
        self._states = [known[id(rule)] for rule in definitions]
        for state in fresh._states:
            state.fired = 0
        self._by_type = _by_type(self._states)
        kept = {id(state) for state in self._states}
        waiting = sorted((due for due in (*self._due, *fresh._due) if id(due[2]) in kept), key=lambda due: due[:2])
        self._due = [(until, n, state, one) for n, (until, _, state, one) in enumerate(waiting)]
        self._waited = max(self._waited, len(self._due))

    def remember(self, event: Event) -> None:
        """What was before the events that `update` hears: it makes nothing match, but conditions ask for it."""
        if event.site_id == self._site_id:
            self._facts.remember(event)

    def recall(self, events: Sequence[Event]) -> None:
        """What last was said of cameras before even that: one that was dead for days sees nothing today."""
        for event in events:
            self.remember(event)

    def update(self, event: Event) -> list[Signal]:
        """What the event brings to light."""
        if event.site_id != self._site_id:
            return []
        signals = self._pass(self._reach(event.at))  # first: what is over is judged by what was known then
        self._facts.hear(event)
        concerned = self._by_type.get(event.type)
        if concerned is not None:
            values = {"event": self._facts.values(event), TO: event.at, FROM: event.at, FACTS: self._facts}
            for state, pattern in concerned:
                signals += self._match(state, pattern, event, values)
        return signals + self._pass(self._reach(event.at))

    def advance(self, at: datetime) -> list[Signal]:
        """It is `at`: what has been missing for long enough."""
        self._told_at = at
        return self._pass(at - LATE)

    # -- one event

    def _match(self, state: _State, pattern: Pattern, event: Event, values: dict[str, Value]) -> list[Signal]:
        rule = state.rule.correlation
        if pattern.where is not None:
            values[FROM] = event.at - timedelta(seconds=rule.before_s)
            if not pattern.where.holds(values):
                self._note(state, "refused", pattern.name, event, (), pattern.where.text)
                return []
        signals: list[Signal] = []
        for key in self._keys(rule, event):
            self._note(state, "matched", pattern.name, event, key)
            if rule.kind is Kind.ABSENCE:
                self._absence(state, pattern, event, key)
            elif rule.kind is Kind.EVENT:
                signals += self._fire_if(state, key, {pattern.name: event}, [event])
            else:
                signals += self._collect(state, pattern, event, key)
        return signals

    def _keys(self, rule: Correlation, event: Event) -> Iterator[Key]:
        return product(*(self._facts.keys(event, by) for by in rule.group_by))

    def _group(self, state: _State, key: Key) -> _Group:
        group = state.groups.get(key)
        if group is None:
            group = state.groups[key] = _Group()
            if len(state.groups) > MAX_GROUPS:
                state.groups.popitem(last=False)
        else:
            state.groups.move_to_end(key)
        return group

    def _keep(self, state: _State, group: _Group, pattern: Pattern, event: Event) -> bool:
        """Put the event in its place; False when it is there already."""
        kept = group.kept.setdefault(pattern.name, [])
        place = bisect_left(kept, event.at, key=_time_of)
        while place < len(kept) and kept[place].at == event.at:
            if kept[place].id == event.id:
                return False
            place += 1
        kept.insert(place, event)
        rule = state.rule.correlation
        oldest = kept[-1].at - timedelta(seconds=rule.timespan_s + rule.before_s + LATE_S)
        while kept and (kept[0].at < oldest or len(kept) > MAX_KEPT):
            kept.pop(0)
        return True

    def _collect(self, state: _State, pattern: Pattern, event: Event, key: Key) -> list[Signal]:
        group = self._group(state, key)
        if pattern.name not in state.rule.correlation.of or not self._keep(state, group, pattern, event):
            return []
        found = _COLLECT[state.rule.correlation.kind](state.rule.correlation, group, pattern, event)
        for chosen in islice(found, MAX_TRIED):
            signals = self._fire_if(state, key, dict(chosen), sorted((e for _, e in chosen), key=_time_of))
            if signals:
                used = {e.id for _, e in chosen}
                for kept in group.kept.values():
                    kept[:] = [one for one in kept if one.id not in used]
                return signals
        return []

    # -- what is missing

    def _absence(self, state: _State, pattern: Pattern, event: Event, key: Key) -> None:
        rule, group = state.rule.correlation, self._group(state, key)
        if pattern.name in rule.without:
            self._keep(state, group, pattern, event)
            for waiting in [w for w in group.pending.values() if w.since <= event.at <= w.until]:
                state.drop(waiting)
                self._note(state, "cancelled", pattern.name, event, key, waiting.event.id)
        if pattern.name not in rule.of:
            return
        since = event.at - timedelta(seconds=rule.before_s)
        until = event.at + timedelta(seconds=rule.timespan_s)
        for name in rule.without:
            for one in group.kept.get(name, ()):
                if since <= one.at <= until and one.id != event.id:
                    self._note(state, "cancelled", name, one, key, event.id)
                    return
        if event.id in group.pending:
            return
        waiting = group.pending[event.id] = state.pending[(key, event.id)] = _Pending(event, key, since, until)
        self._note(state, "waiting", pattern.name, event, key)
        if len(state.pending) > MAX_PENDING:
            state.drop(next(iter(state.pending.values())))
        self._waited += 1
        heapq.heappush(self._due, (until, self._waited, state, waiting))

    def _reach(self, at: datetime) -> datetime:
        """How far time has certainly come, by what is heard. A clock that runs ahead does not carry it away."""
        if self._told_at is not None:
            at = min(at, self._told_at + AHEAD)
        self._heard_at = at if self._heard_at is None else max(at, self._heard_at)
        return self._heard_at - LATE

    def _pass(self, at: datetime) -> list[Signal]:
        signals: list[Signal] = []
        while self._due and (self._due[0][0] <= at or self._due[0][3].is_over):
            _, _, state, waiting = heapq.heappop(self._due)
            if waiting.is_over:
                continue
            state.drop(waiting)
            pattern = state.rule.correlation.of[0]
            signals += self._fire_if(state, waiting.key, {pattern: waiting.event}, [waiting.event])
        return signals

    # -- firing

    def _fire_if(self, state: _State, key: Key, by_name: Mapping[str, Event], events: list[Event]) -> list[Signal]:
        rule = state.rule.correlation
        if rule.when is not None and not rule.when.holds(self._together(rule, by_name, events)):
            last = events[-1]
            self._note(state, "refused", "when", last, key, rule.when.text)
            return []
        state.fired += 1
        self._note(state, "fired", ", ".join(by_name), events[-1], key, ", ".join(e.id for e in events))
        return [self._signal(state.rule, key, by_name, events)]

    def _together(self, rule: Correlation, by_name: Mapping[str, Event], events: list[Event]) -> dict[str, Value]:
        values: dict[str, Value] = {name: self._facts.values(event) for name, event in by_name.items()}
        after_s = rule.timespan_s if rule.kind is Kind.ABSENCE else 0.0
        values[FACTS] = self._facts
        values[FROM] = events[0].at - timedelta(seconds=rule.before_s)
        values[TO] = events[-1].at + timedelta(seconds=after_s)
        values["count"] = len(events)
        return values

    def _signal(self, rule: RuleDefinition, key: Key, by_name: Mapping[str, Event], events: list[Event]) -> Signal:
        ids = tuple(e.id for e in events)
        name = "|".join((self._site_id, rule.id, *key, *ids))
        named = dict(zip(rule.correlation.group_by, key, strict=True))
        last = events[-1]
        camera_id = next(iter([e.camera_id for e in reversed(events) if e.camera_id is not None]), None)
        seeing = [c for e in events for c in self._facts.keys(e, "camera")]
        zone_id = next((z for e in reversed(events) if isinstance(z := e.data.get("zone_id"), str)), None)
        reasons = [self._sentence(rule, named, by_name, events)]
        reasons += [str(e.data["reason"]) for e in events if isinstance(e.data.get("reason"), str)][:5]
        subject = next((e.subject for e in reversed(events) if e.subject is not None), None)
        return Signal(
            id="sig-" + sha256(name.encode()).hexdigest()[:32],
            rule_id=rule.id,
            at=last.at,
            site_id=self._site_id,
            camera_id=camera_id or (seeing[0] if seeing else None),
            zone_id=zone_id,
            subject=subject,
            title=rule.title,
            severity=rule.level if rule.opens else "low",
            score=_SCORES[rule.level],
            reasons=tuple(dict.fromkeys(reasons)),
            event_ids=ids,
            group="/".join((rule.id, *key)),
            group_gap_s=rule.group_gap_s,
            opens=rule.opens,
        )

    def _sentence(
        self, rule: RuleDefinition, named: Mapping[str, str], by_name: Mapping[str, Event], events: list[Event]
    ) -> str:
        """The operator's sentence, with names for what stands in braces."""

        def word(found: re.Match[str]) -> str:
            name = found[1]
            if name == "count":
                return str(len(events))
            owner, _, data = name.partition(".")
            if data and owner in by_name:
                return str(by_name[owner].data.get(data, "?"))
            own = named.get(name) or next(iter([k for e in events for k in self._facts.keys(e, name)]), None)
            if own is None:
                return str(next((e.data[name] for e in events if name in e.data), f"the {name}"))
            return self._facts.name(f"{name}s/{own}")

        return _PLACE.sub(word, rule.operator)

    def _note(self, state: _State, kind: str, pattern: str, event: Event, key: Key = (), detail: str = "") -> None:
        if self._trace is not None:
            self._trace(state.rule.id, Note(kind, pattern, event, key, detail))


def _by_type(states: Sequence[_State]) -> dict[str, list[tuple[_State, Pattern]]]:
    """Which patterns name a type of event."""
    found: dict[str, list[tuple[_State, Pattern]]] = {}
    for state in states:
        for pattern in state.rule.patterns.values():
            for type_ in pattern.types:
                found.setdefault(type_, []).append((state, pattern))
    return found


def _time_of(event: Event) -> datetime:
    return event.at


Chosen = Sequence[tuple[str, Event]]


def _count(rule: Correlation, group: _Group, pattern: Pattern, event: Event) -> Iterator[Chosen]:
    """Windows of `least` events that hold this one, the earliest first."""
    span = timedelta(seconds=rule.timespan_s)
    all_kept = sorted(((p, e) for p in rule.of for e in group.kept.get(p, ())), key=lambda pair: pair[1].at)
    for i in range(len(all_kept) - rule.least + 1):
        window = all_kept[i : i + rule.least]
        if window[-1][1].at - window[0][1].at <= span and any(e.id == event.id for _, e in window):
            yield window


def _values(rule: Correlation, group: _Group, pattern: Pattern, event: Event) -> Iterator[Chosen]:
    """Windows that hold this event and `least` different values of the field; the first event of each value."""
    span, name = timedelta(seconds=rule.timespan_s), rule.field.removeprefix("data.")
    all_kept = sorted(((p, e) for p in rule.of for e in group.kept.get(p, ())), key=lambda pair: pair[1].at)
    for i, (_, first) in enumerate(all_kept):
        window = [pair for pair in all_kept[i:] if pair[1].at - first.at <= span]
        if all(e.id != event.id for _, e in window):
            continue
        by_value = {str(pair[1].data.get(name)): pair for pair in reversed(window) if name in pair[1].data}
        if len(by_value) >= rule.least:
            yield sorted(by_value.values(), key=lambda pair: pair[1].at)


def _all_of(rule: Correlation, group: _Group, pattern: Pattern, event: Event) -> Iterator[Chosen]:
    """One event of each pattern, this one among them, all within the timespan; the nearest first."""
    span = timedelta(seconds=rule.timespan_s)
    near: list[list[tuple[str, Event]]] = []
    for name in rule.of:
        kept = [event] if name == pattern.name else group.kept.get(name, [])
        choice = [(name, e) for e in kept if abs(e.at - event.at) <= span]
        near.append(sorted(choice, key=lambda pair: abs(pair[1].at - event.at)))
    for chosen in islice(product(*near), MAX_TRIED * 16):
        times = [e.at for _, e in chosen]
        if max(times) - min(times) > span or len({e.id for _, e in chosen}) < len(chosen):
            continue
        if rule.kind is Kind.TEMPORAL_ORDERED and any(b < a for a, b in pairwise(times)):
            continue
        yield chosen


_COLLECT: Mapping[Kind, Callable[[Correlation, _Group, Pattern, Event], Iterator[Chosen]]] = {
    Kind.EVENT_COUNT: _count,
    Kind.VALUE_COUNT: _values,
    Kind.TEMPORAL: _all_of,
    Kind.TEMPORAL_ORDERED: _all_of,
}


def patterns_heard(definitions: Sequence[RuleDefinition]) -> Counter[str]:
    """How many patterns name each type of event."""
    return Counter(t for rule in definitions for p in rule.patterns.values() for t in p.types)
