"""What a person does to an incident: every state with every action."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custos.incidents.lifecycle import MAX_NOTE_CHARS, Action, Change, Refused, apply
from custos.model.event import Disposition, Incident, IncidentState

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=5)
OPEN, ACKNOWLEDGED, RESOLVED = IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED


def incident(state: IncidentState = OPEN) -> Incident:
    is_over = state is RESOLVED
    return Incident(
        id="inc-1",
        number=7,
        site_id="hq",
        title="Somebody in the yard",
        severity="high",
        risk=80,
        state=state,
        opened_at=START,
        updated_at=START,
        group="g",
        rule_id="after-hours",
        camera_id="dock",
        zone_id="yard",
        event_ids=(),
        signal_ids=(),
        subjects=(),
        reasons=(),
        timeline=(),
        disposition=Disposition.NUISANCE if is_over else None,
        resolved_at=START if is_over else None,
    )


def change(action: Action, **fields: object) -> Change:
    plain = Change(action, "Ann", LATER)
    return replace(plain, **fields)  # type: ignore[arg-type]  # a test's shorthand for any field


RESOLVE = change(Action.RESOLVE, disposition=Disposition.REAL_THREAT)
NOTE = change(Action.NOTE, note="called the guard")


@pytest.mark.parametrize(
    ("state", "step", "result"),
    [
        (OPEN, change(Action.ACKNOWLEDGE), ACKNOWLEDGED),
        (OPEN, RESOLVE, RESOLVED),
        (OPEN, change(Action.REOPEN), None),
        (OPEN, change(Action.ASSIGN, assignee="Bob"), OPEN),
        (OPEN, NOTE, OPEN),
        (ACKNOWLEDGED, change(Action.ACKNOWLEDGE), None),
        (ACKNOWLEDGED, RESOLVE, RESOLVED),
        (ACKNOWLEDGED, change(Action.REOPEN), None),
        (ACKNOWLEDGED, change(Action.ASSIGN, assignee="Bob"), ACKNOWLEDGED),
        (ACKNOWLEDGED, NOTE, ACKNOWLEDGED),
        (RESOLVED, change(Action.ACKNOWLEDGE), None),
        (RESOLVED, RESOLVE, None),
        (RESOLVED, change(Action.REOPEN), OPEN),
        (RESOLVED, change(Action.ASSIGN, assignee="Bob"), None),
        (RESOLVED, NOTE, RESOLVED),
    ],
)
def test_every_state_with_every_action(state: IncidentState, step: Change, result: IncidentState | None) -> None:
    if result is None:
        with pytest.raises(Refused, match="Incident 7 is"):
            apply(incident(state), step)
        return
    changed = apply(incident(state), step)
    assert changed.state is result
    assert changed.updated_at == LATER
    assert len(changed.timeline) == 1
    assert (changed.timeline[0].at, changed.timeline[0].actor) == (LATER, "Ann")


def test_acknowledging_takes_it_on_unless_somebody_has() -> None:
    assert apply(incident(), change(Action.ACKNOWLEDGE)).assignee == "Ann"
    assert apply(replace(incident(), assignee="Bob"), change(Action.ACKNOWLEDGE)).assignee == "Bob"


def test_resolving_says_how_and_when_and_reopening_takes_it_back() -> None:
    resolved = apply(incident(), RESOLVE)
    assert (resolved.disposition, resolved.resolved_at) == (Disposition.REAL_THREAT, LATER)
    assert resolved.timeline[-1].text == "Resolved by Ann as real threat"
    reopened = apply(resolved, change(Action.REOPEN))
    assert (reopened.disposition, reopened.resolved_at) == (None, None)
    assert [e.kind for e in reopened.timeline] == ["state", "state"]


def test_note_comes_with_anything() -> None:
    changed = apply(incident(), replace(RESOLVE, note="  police took over  "))
    assert [(e.kind, e.text) for e in changed.timeline] == [
        ("state", "Resolved by Ann as real threat"),
        ("note", "police took over"),
    ]


def test_assignment_can_be_taken_away() -> None:
    changed = apply(replace(incident(), assignee="Bob"), change(Action.ASSIGN, assignee=None))
    assert changed.assignee is None
    assert changed.timeline[-1].text == "Assignment taken away by Ann"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (change(Action.RESOLVE), "needs a disposition.*real_threat, policy_breach"),
        (change(Action.ACKNOWLEDGE, disposition=Disposition.TEST), "belongs to resolving"),
        (change(Action.NOTE, note="  "), "empty"),
        (change(Action.NOTE, note="x" * (MAX_NOTE_CHARS + 1)), "10001 characters"),
        (change(Action.ASSIGN, assignee="x" * 201), "200 characters"),
        (change(Action.ASSIGN), "assigned to nobody already"),
        (change(Action.ACKNOWLEDGE, actor=" "), "name of who"),
    ],
)
def test_refusals_say_why(step: Change, words: str) -> None:
    with pytest.raises(Refused, match=words):
        apply(incident(), step)


def test_change_must_be_dated() -> None:
    with pytest.raises(ValueError, match="aware"):
        Change(Action.ACKNOWLEDGE, "Ann", datetime(2026, 3, 2))  # noqa: DTZ001 - naive is what is refused


def test_clock_that_went_back_does_not_make_it_older() -> None:
    assert apply(incident(), change(Action.ACKNOWLEDGE, at=START - timedelta(hours=1))).updated_at == START
