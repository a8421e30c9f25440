"""Which incident a signal belongs to: `takes(incident, signal)`, then `opened(signal)` or `joined(incident,
signal)`; `grouped(signals)` does all of it at once.

One person lingering is one incident, not forty; a different person hours later is another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from custos.model.event import Incident, IncidentState, Signal, TimelineEntry

MAX_EVENTS = 500
MAX_SIGNALS = 500
MAX_TIMELINE = 500
MAX_REASONS = 20
MAX_SUBJECTS = 100

_SEVERITIES = ("low", "medium", "high")
_BASE_RISK = {"low": 15, "medium": 40, "high": 65}


def takes(incident: Incident, signal: Signal) -> bool:
    """Whether the signal is part of this incident: same group, not resolved, and near enough in time to the
    incident's signals (before the first or after the last: late events make late signals)."""
    if (incident.site_id, incident.group) != (signal.site_id, signal.group):
        return False
    if incident.state is IncidentState.RESOLVED:
        return False
    gap = timedelta(seconds=signal.group_gap_s)
    return incident.opened_at - gap <= signal.at <= last_signal_at(incident) + gap


def last_signal_at(incident: Incident) -> datetime:
    """When the latest signal spoke. Not `updated_at`: a note written hours later must not draw new people
    in."""
    return max((e.at for e in incident.timeline if e.kind == "signal"), default=incident.opened_at)


def opened(signal: Signal, *, incident_id: str, number: int) -> Incident:
    """A new incident, of this signal."""
    fresh = Incident(
        id=incident_id,
        number=number,
        site_id=signal.site_id,
        title=signal.title,
        severity=signal.severity,
        risk=0,
        state=IncidentState.OPEN,
        opened_at=signal.at,
        updated_at=signal.at,
        group=signal.group,
        rule_id=signal.rule_id,
        camera_id=signal.camera_id,
        zone_id=signal.zone_id,
        event_ids=(),
        signal_ids=(),
        subjects=(),
        reasons=(),
        timeline=(),
        group_gap_s=signal.group_gap_s,
    )
    return joined(fresh, signal)


def joined(incident: Incident, signal: Signal) -> Incident:
    """The incident with one more signal; the same one when it has it already. `version` is left to whoever
    stores it.

    Events, signals, subjects, reasons and timeline are bounded; what opened the incident and what people wrote stays.
    """
    if signal.id in incident.signal_ids:
        return incident
    line = TimelineEntry(
        signal.at,
        "signal",
        ". ".join(reason.rstrip(".") for reason in signal.reasons),
        event_id=signal.event_ids[-1] if signal.event_ids else None,
    )
    subjects = _with(incident.subjects, () if signal.subject is None else (signal.subject,), MAX_SUBJECTS)
    signals = _with(incident.signal_ids, (signal.id,), MAX_SIGNALS)
    severity = max(incident.severity, signal.severity, key=_SEVERITIES.index)
    return replace(
        incident,
        severity=severity,
        risk=max(incident.risk, _risk(severity, signal.score, len(subjects), len(signals))),
        updated_at=max(incident.updated_at, signal.at),
        event_ids=_with(incident.event_ids, signal.event_ids, MAX_EVENTS),
        signal_ids=signals,
        subjects=subjects,
        reasons=_with(incident.reasons, signal.reasons, MAX_REASONS) if signal.opens else incident.reasons,
        timeline=_bounded(sorted((*incident.timeline, line), key=lambda e: e.at)),
    )


def grouped(signals: Iterable[Signal]) -> list[Incident]:
    """The incidents that these signals would make, the oldest first, were nobody to resolve any in between."""
    made: list[Incident] = []
    newest: dict[str, int] = {}
    for signal in sorted(signals, key=lambda one: one.at):
        at = newest.get(signal.group)
        if at is not None and takes(made[at], signal):
            made[at] = joined(made[at], signal)
        elif signal.opens:
            newest[signal.group] = len(made)
            made.append(opened(signal, incident_id=f"trial-{len(made) + 1}", number=len(made) + 1))
    return made


def _risk(severity: str, score: float, subjects: int, signals: int) -> int:
    """0..100: the severity sets the floor, the score up to 20 more, each further subject 4 (at most 12),
    and every doubling of the signals 1 (at most 8)."""
    repetition = min(12, 4 * max(0, subjects - 1)) + min(8, signals.bit_length() - 1)
    return min(100, _BASE_RISK[severity] + round(20 * score) + repetition)


def _with(old: tuple[str, ...], new: Iterable[str], limit: int) -> tuple[str, ...]:
    """`old` and what of `new` is not in it; beyond the limit the oldest go, but the first stays."""
    merged = tuple(dict.fromkeys((*old, *new)))
    return merged if len(merged) <= limit else (merged[0], *merged[len(merged) - limit + 1 :])


def _bounded(timeline: list[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """At most MAX_TIMELINE lines of signals, the first and the newest; every line of a person stays."""
    signals = [e for e in timeline if e.kind == "signal"]
    if len(signals) <= MAX_TIMELINE:
        return tuple(timeline)
    gone = set(map(id, signals[1 : len(signals) - MAX_TIMELINE + 1]))
    return tuple(e for e in timeline if id(e) not in gone)
