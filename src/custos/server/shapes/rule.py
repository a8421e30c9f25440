"""Rules from rule files, and what a trial of one has found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from custos.correlation import RuleDefinition
from custos.correlation.trying import Explanation
from custos.model.event import Incident, Signal
from custos.model.site import Severity
from custos.server.shapes.base import Asked, Instant, Told

SIGNALS_TOLD = 200


class RuleFileTold(Told):
    """A rule from a file. `hits`: how often it has spoken in the last seven days; `in_use`: not in `rules_off`."""

    id: str
    title: str
    level: str
    status: str
    description: str
    operator: str
    falsepositives: list[str]
    types: list[str]
    in_use: bool
    hits: int

    @classmethod
    def of(cls, rule: RuleDefinition, *, in_use: bool, hits: int) -> RuleFileTold:
        return cls(
            id=rule.id,
            title=rule.title,
            level=rule.level,
            status=rule.status,
            description=rule.description,
            operator=rule.operator,
            falsepositives=list(rule.false_positives),
            types=sorted({t for pattern in rule.patterns.values() for t in pattern.types}),
            in_use=in_use,
            hits=hits,
        )


class RuleFaultTold(Told):
    """Why a rule file is not in force as it is now. `line` counts from 1; 0 when the file as a whole is meant."""

    file: str
    line: int
    what: str
    remedy: str


class RuleReadingTold(Told):
    """What reading the rule files has brought. `changed`: other rules are in force from now on; `rules`: how many."""

    changed: bool
    rules: int
    faults: list[RuleFaultTold]


class RuleSwitchAsked(Asked):
    """Whether a rule is to be used at this site."""

    in_use: bool


class TrialSignalTold(Told):
    at: Instant
    reasons: list[str]
    event_ids: list[str]
    camera_id: str | None

    @classmethod
    def of(cls, signal: Signal) -> TrialSignalTold:
        return cls(
            at=signal.at, reasons=list(signal.reasons), event_ids=list(signal.event_ids), camera_id=signal.camera_id
        )


class TrialIncidentTold(Told):
    """An incident that the rule would have opened. `signals`: how often the rule spoke of it."""

    title: str
    severity: Severity
    risk: int
    opened_at: Instant
    updated_at: Instant
    signals: int
    reasons: list[str]
    event_ids: list[str]
    camera_id: str | None

    @classmethod
    def of(cls, incident: Incident) -> TrialIncidentTold:
        return cls(
            title=incident.title,
            severity=Severity(incident.severity),
            risk=incident.risk,
            opened_at=incident.opened_at,
            updated_at=incident.updated_at,
            signals=len(incident.signal_ids),
            reasons=list(incident.reasons),
            event_ids=list(incident.event_ids),
            camera_id=incident.camera_id,
        )


class TrialTold(Told):
    """`fired`: how often; `signals`: the first 200 of them; `incidents`: what these would have opened, the newest 200;
    `words`: why, or what was missing; `is_cut`: there were more events than a trial hears; `took_s`: reading the events
    and hearing them again."""

    rule_id: str
    since: Instant
    heard: int
    is_cut: bool
    fired: int
    words: list[str]
    signals: list[TrialSignalTold]
    opened: int
    incidents: list[TrialIncidentTold]
    took_s: float

    @classmethod
    def of(
        cls,
        told: Explanation,
        words: list[str],
        incidents: Sequence[Incident],
        *,
        since: datetime,
        is_cut: bool,
        took_s: float,
    ) -> TrialTold:
        return cls(
            rule_id=told.rule.id,
            since=since,
            heard=told.heard,
            is_cut=is_cut,
            fired=len(told.fired),
            words=words[:SIGNALS_TOLD],
            signals=[TrialSignalTold.of(one) for one in told.fired[:SIGNALS_TOLD]],
            opened=len(incidents),
            incidents=[TrialIncidentTold.of(one) for one in incidents[: -SIGNALS_TOLD - 1 : -1]],
            took_s=round(took_s, 3),
        )
