"""Incidents against what really happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custos.assurance.alerts import EARLY, LATE, Alert, TrueIncident, finds, score_alerts
from custos.testing.clock import START, after

TRUE = TrueIncident(
    1, "forced-door", START, after(60), frozenset({"doors/dock", "areas/dock"}), frozenset({"e1", "e2"})
)
ALERT = Alert("forced", after(5), frozenset({("doors/dock", after(5)), ("doors/dock", after(70))}), frozenset({"e9"}))
ELSEWHERE = replace(ALERT, told=frozenset({("doors/front", after(5))}))


def told(*moments: datetime, place: str = "doors/dock") -> Alert:
    return replace(ALERT, told=frozenset((place, at) for at in moments))


def test_nothing_at_all() -> None:
    score = score_alerts([], [], raw_alarms=0, days=1)
    assert (score.recall, score.precision, score.alerts_a_day, score.reduction) == (1.0, 1.0, 0.0, 0.0)
    assert (score.kinds, score.rules, score.missed) == ((), (), ())


@pytest.mark.parametrize(
    ("alert", "found"),
    [
        (ALERT, True),
        (ELSEWHERE, False),
        (replace(ELSEWHERE, event_ids=frozenset({"e2"})), True),
        (replace(told(after(9000)), event_ids=frozenset({"e2"}), opened_at=after(9000)), True),
        (told(TRUE.end_at + LATE), True),
        (told(TRUE.end_at + LATE + timedelta(seconds=1)), False),
        (told(START - EARLY), True),
        (told(START - EARLY - timedelta(seconds=1)), False),
        (told(after(-9000), after(9000)), False),  # open all the while, and rests on nothing that was told then
        (told(after(5), place="areas/dock"), True),
        (told(), False),
    ],
)
def test_what_finds_an_incident(alert: Alert, found: bool) -> None:
    assert finds(alert, TRUE) is found


def test_counts() -> None:
    other = replace(TRUE, number=2, kind="tailgating", places=frozenset({"doors/front"}), event_ids=frozenset({"e5"}))
    lost = replace(other, number=3, start_at=after(90_000), end_at=after(90_010), event_ids=frozenset({"e6"}))
    false = replace(told(after(40_000)), rule_id="passback", opened_at=after(40_000))
    late = replace(ALERT, opened_at=after(20))
    score = score_alerts([late, ALERT, ELSEWHERE, false], [TRUE, other, lost], raw_alarms=100, days=2)
    assert (score.true, score.found, score.missed, score.wrong) == (3, 2, (lost,), (false,))
    assert score.recall == pytest.approx(2 / 3)
    assert score.precision == pytest.approx(3 / 4)
    assert score.alerts_a_day == 2
    assert score.reduction == pytest.approx(0.96)
    assert {(k.kind, k.true, k.found, k.delay_s) for k in score.kinds} == {
        ("forced-door", 1, 1, 5.0),
        ("tailgating", 2, 1, 5.0),
    }
    assert {(r.rule_id, r.alerts, r.right, r.precision) for r in score.rules} == {
        ("forced", 3, 3, 1.0),
        ("passback", 1, 0, 0.0),
    }


@pytest.mark.parametrize(("raw", "days"), [(-1, 1.0), (0, 0.0), (0, -2.0)])
def test_absurd_numbers_are_refused(raw: int, days: float) -> None:
    with pytest.raises(ValueError, match="must"):
        score_alerts([], [], raw_alarms=raw, days=days)
