"""Which incident a signal belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custos.incidents.grouping import (
    MAX_EVENTS,
    MAX_REASONS,
    MAX_SIGNALS,
    MAX_SUBJECTS,
    MAX_TIMELINE,
    grouped,
    joined,
    last_signal_at,
    opened,
    takes,
)
from custos.incidents.lifecycle import Action, Change, apply
from custos.model.event import Disposition, Incident, IncidentState, Signal

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def signal(seconds: float = 0, **changes: object) -> Signal:
    plain = Signal(
        id=f"sig-{seconds}",
        rule_id="after-hours",
        at=at(seconds),
        site_id="hq",
        camera_id="dock",
        zone_id="yard",
        subject="tracks/dock-s1-1",
        title="Somebody in the yard",
        severity="medium",
        score=0.5,
        reasons=("Person in Yard", "Longer than 10 s"),
        event_ids=("ev-1",),
        group="after-hours/dock/yard",
        group_gap_s=300.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand for any field


def fresh(**changes: object) -> Incident:
    return opened(signal(0, **changes), incident_id="inc-1", number=7)


def test_new_incident_says_what_its_signal_says() -> None:
    incident = fresh()
    assert (incident.id, incident.number, incident.version, incident.state) == (
        "inc-1",
        7,
        1,
        IncidentState.OPEN,
    )
    assert (incident.title, incident.severity, incident.group) == (
        "Somebody in the yard",
        "medium",
        "after-hours/dock/yard",
    )
    assert incident.opened_at == incident.updated_at == START
    assert incident.reasons == ("Person in Yard", "Longer than 10 s")
    assert incident.event_ids == ("ev-1",)
    assert incident.signal_ids == ("sig-0",)
    assert incident.subjects == ("tracks/dock-s1-1",)
    assert [(e.kind, e.text, e.actor, e.event_id) for e in incident.timeline] == [
        ("signal", "Person in Yard. Longer than 10 s", "custos", "ev-1")
    ]


@pytest.mark.parametrize(
    ("seconds", "change", "taken"),
    [
        (300.0, {}, True),
        (300.001, {}, False),  # a different person, later
        (-300.0, {}, True),  # late news
        (-300.001, {}, False),
        (60.0, {"group": "after-hours/dock/gate"}, False),
        (60.0, {"site_id": "branch"}, False),
        (60.0, {"subject": "tracks/dock-s1-2"}, True),
        (20.0, {"group_gap_s": 10.0}, False),
    ],
)
def test_window_of_a_group(seconds: float, change: dict[str, object], taken: bool) -> None:
    assert takes(fresh(), signal(seconds, **change)) is taken


def test_window_moves_with_the_signals() -> None:
    incident = joined(fresh(), signal(250))
    assert last_signal_at(incident) == at(250)
    assert takes(incident, signal(550))
    assert not takes(incident, signal(551))


def test_window_does_not_move_with_notes() -> None:
    """A note written hours later would draw the next person into an old incident."""
    noted = apply(fresh(), Change(Action.NOTE, "Ann", at(7200), note="called the guard"))
    assert noted.updated_at == at(7200)
    assert not takes(noted, signal(7201))


def test_acknowledged_takes_more_and_resolved_does_not() -> None:
    acknowledged = apply(fresh(), Change(Action.ACKNOWLEDGE, "Ann", at(5)))
    assert takes(acknowledged, signal(60))
    resolved = apply(acknowledged, Change(Action.RESOLVE, "Ann", at(6), disposition=Disposition.NUISANCE))
    assert not takes(resolved, signal(60))


def test_joining_adds_and_keeps() -> None:
    more = signal(
        60,
        subject="tracks/dock-s1-2",
        severity="high",
        reasons=("Person in Yard", "new"),
        event_ids=("ev-1", "ev-2"),
    )
    incident = joined(fresh(), more)
    assert incident.event_ids == ("ev-1", "ev-2")
    assert incident.subjects == ("tracks/dock-s1-1", "tracks/dock-s1-2")
    assert incident.reasons == ("Person in Yard", "Longer than 10 s", "new")
    assert incident.severity == "high"
    assert (incident.opened_at, incident.updated_at) == (at(0), at(60))
    assert incident.title == "Somebody in the yard"
    assert incident.version == 1
    assert joined(incident, replace(more, id="sig-low", severity="low")).severity == "high"


def test_what_only_goes_on_is_for_the_timeline_alone() -> None:
    incident = joined(fresh(), signal(60, reasons=("Still there after 1 min",), opens=False))
    assert incident.reasons == ("Person in Yard", "Longer than 10 s")
    assert incident.timeline[-1].text == "Still there after 1 min"


def test_late_news_takes_its_place_in_the_timeline() -> None:
    incident = joined(fresh(), signal(-60))
    assert [e.at for e in incident.timeline] == [at(-60), at(0)]
    assert (incident.opened_at, incident.updated_at) == (at(0), at(0))


def test_same_signal_twice_is_once() -> None:
    assert joined(fresh(), signal()) == fresh()


def test_risk_grows_with_severity_score_and_repetition() -> None:
    risks = [fresh(severity=s, score=score).risk for s in ("low", "medium", "high") for score in (0.0, 0.5, 1.0)]
    assert risks == [15, 25, 35, 40, 50, 60, 65, 75, 85]
    incident = fresh()
    seen = [incident.risk]
    for n in range(1, 200):
        incident = joined(incident, signal(n, subject=f"tracks/dock-s1-{n}", severity="high", score=1.0))
        seen.append(incident.risk)
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert joined(incident, signal(500, score=0.0)).risk == 100


def test_everything_is_bounded_and_the_beginning_stays() -> None:
    incident = apply(fresh(), Change(Action.NOTE, "Ann", at(1), note="mine"))
    for n in range(2, 1200):
        more = signal(n, subject=f"t-{n}", event_ids=(f"ev-{n}",), reasons=(f"reason {n}",))
        incident = joined(incident, more)
    assert len(incident.event_ids) == MAX_EVENTS
    assert len(incident.signal_ids) == MAX_SIGNALS
    assert len(incident.subjects) == MAX_SUBJECTS
    assert len(incident.reasons) == MAX_REASONS
    assert len(incident.timeline) == MAX_TIMELINE + 1
    assert (incident.event_ids[0], incident.event_ids[-1]) == ("ev-1", "ev-1199")
    assert incident.timeline[0].at == START
    assert [e.text for e in incident.timeline if e.kind == "note"] == ["mine"]
    assert incident.timeline[-1].text == "reason 1199"


def test_no_signals_make_no_incidents() -> None:
    assert grouped([]) == []


def test_signals_in_any_order_make_the_incidents_they_would_have_made() -> None:
    yard, later, gate = signal(0), signal(200), signal(30, group="after-hours/dock/gate")
    other_day = signal(90_000)
    told = grouped([other_day, later, gate, yard])
    assert [(i.number, i.group, i.opened_at, len(i.signal_ids)) for i in told] == [
        (1, "after-hours/dock/yard", at(0), 2),
        (2, "after-hours/dock/gate", at(30), 1),
        (3, "after-hours/dock/yard", at(90_000), 1),
    ]


def test_a_signal_that_only_goes_on_opens_none() -> None:
    assert grouped([signal(0, opens=False)]) == []
    [one] = grouped([signal(0), signal(60, opens=False)])
    assert len(one.signal_ids) == 2
