"""How well incidents meet what really happened: recall, alerts a day, precision by rule, against raw device alarms.

score_alerts(alerts, truth, raw_alarms=..., days=...) -> AlertScore

An alert finds a true incident when it rests on one of the events that betray it, or on one that was told at one of its
places while it lasted. One alert may find several, and one true incident may be found by several alerts; an alert that
finds none is false. An incident that goes on all day finds nothing by being open: only what it rests on counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

EARLY, LATE = timedelta(seconds=30), timedelta(seconds=180)
"""What is told at a place belongs to what happens there from this long before until this long after."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An incident that a person was shown.

    Args:
        rule_id: the rule that opened it.
        opened_at: when, in the time of events.
        told: the events that it rests on, and those that they were concluded from: who told each ("doors/front",
            "cameras/lobby", "tills/till-1"), and when.
        event_ids: their ids.
        severity: "low", "medium" or "high".
        why: what the operator reads first.
    """

    rule_id: str
    opened_at: datetime
    told: frozenset[tuple[str, datetime]]
    event_ids: frozenset[str]
    severity: str = "medium"
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrueIncident:
    """What really happened: kind, from when until when, where, and the events that betray it."""

    number: int
    kind: str
    start_at: datetime
    end_at: datetime
    places: frozenset[str]
    event_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class KindScore:
    """`found` of `true` incidents of a kind; `delay_s`: median seconds from its start to the first alert."""

    kind: str
    true: int
    found: int
    delay_s: float | None


@dataclass(frozen=True, slots=True)
class RuleScore:
    """`right` of `alerts` of a rule found something."""

    rule_id: str
    alerts: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.alerts if self.alerts else 1.0


@dataclass(frozen=True, slots=True)
class AlertScore:
    """The whole of it.

    Args:
        raw_alarms: how often the devices by themselves would have rung.
        missed: the true incidents that no alert found. wrong: the alerts that found nothing.
    """

    days: float
    raw_alarms: int
    alerts: int
    right: int
    true: int
    found: int
    kinds: tuple[KindScore, ...]
    rules: tuple[RuleScore, ...]
    missed: tuple[TrueIncident, ...] = field(default=())
    wrong: tuple[Alert, ...] = field(default=())

    @property
    def recall(self) -> float:
        return self.found / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.alerts if self.alerts else 1.0

    @property
    def alerts_a_day(self) -> float:
        return self.alerts / self.days

    @property
    def reduction(self) -> float:
        """The share of the devices' own alarms that nobody needs to look at."""
        return 1 - self.alerts / self.raw_alarms if self.raw_alarms else 0.0


def score_alerts(alerts: Sequence[Alert], truth: Sequence[TrueIncident], *, raw_alarms: int, days: float) -> AlertScore:
    """Match and count.

    Raises:
        ValueError: `days` is not positive, or `raw_alarms` is negative.
    """
    if not days > 0:
        raise ValueError(f"days must be more than 0, got {days}")
    if raw_alarms < 0:
        raise ValueError(f"raw_alarms must not be negative, got {raw_alarms}")
    found_by: dict[int, list[Alert]] = {one.number: [] for one in truth}
    right: set[int] = set()
    for i, alert in enumerate(alerts):
        for one in truth:
            if finds(alert, one):
                found_by[one.number].append(alert)
                right.add(i)
    return AlertScore(
        days=days,
        raw_alarms=raw_alarms,
        alerts=len(alerts),
        right=len(right),
        true=len(truth),
        found=sum(bool(found) for found in found_by.values()),
        kinds=tuple(_kind(kind, truth, found_by) for kind in sorted({one.kind for one in truth})),
        rules=tuple(_rule(rule_id, alerts, right) for rule_id in sorted({a.rule_id for a in alerts})),
        missed=tuple(one for one in truth if not found_by[one.number]),
        wrong=tuple(alert for i, alert in enumerate(alerts) if i not in right),
    )


def finds(alert: Alert, true: TrueIncident) -> bool:
    """Whether this alert is about this incident."""
    if alert.event_ids & true.event_ids:
        return True
    since, until = true.start_at - EARLY, true.end_at + LATE
    return any(place in true.places and since <= at <= until for place, at in alert.told)


def _kind(kind: str, truth: Sequence[TrueIncident], found_by: dict[int, list[Alert]]) -> KindScore:
    mine = [one for one in truth if one.kind == kind]
    delays = sorted(
        max(0.0, (min(a.opened_at for a in found_by[one.number]) - one.start_at).total_seconds())
        for one in mine
        if found_by[one.number]
    )
    return KindScore(kind, len(mine), len(delays), delays[len(delays) // 2] if delays else None)


def _rule(rule_id: str, alerts: Sequence[Alert], right: set[int]) -> RuleScore:
    mine = [i for i, alert in enumerate(alerts) if alert.rule_id == rule_id]
    return RuleScore(rule_id, len(mine), len(right.intersection(mine)))
