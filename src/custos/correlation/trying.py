"""A rule on its examples, or on a recorded stream: whether it fires, why, and what was missing.

fails_of(rule) -> list[Failure]; explain(rule, events, site) -> Explanation; heard_by(rule, site) -> Heard
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custos.correlation.definition import Example, Kind, RuleDefinition
from custos.correlation.engine import LATE_S, Note, RuleEngine
from custos.correlation.example_site import example_site
from custos.model.event import Event, Signal
from custos.model.site import Site

STEP_S = 1.0
MAX_NOTES = 20_000


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that did not do what it says."""

    example: Example
    what: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a rule makes something of. `types` of events; `memory`: those of which what is long over counts, each with
    for how many seconds."""

    types: frozenset[str]
    memory: Mapping[str, float]


def heard_by(rule: RuleDefinition, site: Site) -> Heard:
    """What a trial of a rule must hear in order to say what the rule at work says."""
    engine = RuleEngine([rule], site)
    return Heard(engine.types, engine.memory)


@dataclass(slots=True)
class Explanation:
    """What one rule made of a stream.

    Args:
        matched: how many events fitted each pattern. refused: how many had the type, but not the condition.
        fired: its signals. cancelled: events that waited for something missing, which then came: (waiting, what came).
        nearest: of groups that never fired, those that had most of what is needed: (group, patterns there, not there).
    """

    rule: RuleDefinition
    heard: int = 0
    matched: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    fired: list[Signal] = field(default_factory=list)
    cancelled: list[tuple[str, Event]] = field(default_factory=list)
    nearest: list[tuple[str, list[str], list[str]]] = field(default_factory=list)


def play(engine: RuleEngine, events: Iterable[Event], until: datetime | None = None) -> list[Signal]:
    """What the engine says to a stream in its order, and to the time after it."""
    signals: list[Signal] = []
    last: datetime | None = None
    for event in events:
        signals += engine.update(event)
        last = event.at if last is None else max(last, event.at)
    if last is not None:
        signals += engine.advance((until or last) + timedelta(seconds=LATE_S))
    return signals


def fails_of(rule: RuleDefinition, site: Site | None = None) -> list[Failure]:
    """The rule's examples that do not do what they say; [] when all is well."""
    site = site or example_site()
    failures: list[Failure] = []
    for example in rule.examples:
        explanation = explain(rule, example.events, site, until_s=example.until_s)
        if bool(explanation.fired) is not example.fires:
            failures.append(Failure(example, "; ".join(in_words(explanation))))
    return failures


def explain(
    rule: RuleDefinition,
    events: Sequence[Event],
    site: Site,
    *,
    until_s: float | None = None,
    past: Iterable[Event] = (),
) -> Explanation:
    """Why the rule fired on a stream, or what was missing.

    Args:
        until_s: how long after its first event time goes on.
        past: what was before the stream, the oldest first: it makes nothing match, but conditions ask for it.
    """
    told = Explanation(rule, heard=len(events))
    groups: dict[tuple[str, ...], set[str]] = {}

    def note(rule_id: str, one: Note) -> None:
        if one.kind == "matched":
            told.matched[one.pattern] += 1
            if len(groups) < MAX_NOTES:
                groups.setdefault(one.key, set()).add(one.pattern)
        elif one.kind == "refused":
            told.refused[one.pattern] += 1
        elif one.kind == "cancelled" and len(told.cancelled) < MAX_NOTES:
            told.cancelled.append((one.detail, one.event))

    engine = RuleEngine([rule], site, note)
    for event in past:
        engine.remember(event)
    ordered = sorted(events, key=lambda e: e.at)
    until = ordered[0].at + timedelta(seconds=until_s) if ordered and until_s is not None else None
    if until is None and ordered:
        until = ordered[-1].at + timedelta(seconds=rule.correlation.timespan_s + LATE_S)
    told.fired = play(engine, ordered, until)
    fired = {s.group for s in told.fired}
    if rule.correlation.kind in (Kind.TEMPORAL, Kind.TEMPORAL_ORDERED):
        told.nearest = [
            ("/".join(key) or "site", sorted(there), [n for n in rule.correlation.of if n not in there])
            for key, there in sorted(groups.items(), key=lambda pair: -len(pair[1]))
            if "/".join((rule.id, *key)) not in fired
        ][:5]
    return told


def in_words(told: Explanation) -> list[str]:
    """An explanation as sentences."""
    rule = told.rule
    lines = [f"{told.heard} events heard"]
    for name, pattern in rule.patterns.items():
        line = f"{name}: {told.matched[name]} fitted ({', '.join(pattern.types)})"
        if told.refused[name] and pattern.where is not None:
            line += f"; {told.refused[name]} had the type, but not: {pattern.where.text}"
        lines.append(line)
    lines += [
        f"fired at {one.at:%Y-%m-%d %H:%M:%S}: {one.reasons[0]} [{', '.join(one.event_ids)}]" for one in told.fired
    ]
    if told.fired:
        return lines
    lines.append("did not fire")
    for waiting, came in told.cancelled[:5]:
        lines.append(f"{waiting} waited for something missing, but {came.type} came at {came.at:%H:%M:%S} ({came.id})")
    for group, there, missing in told.nearest:
        what = f"missing: {', '.join(missing)}" if missing else "all came, but not as the timespan or the order asks"
        lines.append(f"{group}: {', '.join(there)} came; {what}")
    if told.refused["when"] and rule.correlation.when is not None:
        lines.append(f"{told.refused['when']} times all came together, but not: {rule.correlation.when.text}")
    return lines
