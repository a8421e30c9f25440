"""Impossible speeds of the last hour, counted."""

from __future__ import annotations

from custos.pipeline.refusals import RefusedSpeeds
from custos.testing.clock import after


def test_none_were_dropped() -> None:
    refused = RefusedSpeeds()
    refused.note(after(0), ())
    assert refused.last_hour(after(10)) == (0, 0.0)


def test_they_are_counted_above_the_lowest_limit_of_any_for_an_hour() -> None:
    refused = RefusedSpeeds()
    refused.note(after(0), (12.5,))
    refused.note(after(30), (85.0, 25.0))
    refused.note(after(3000), (85.0,))
    assert refused.last_hour(after(3599)) == (4, 12.5)
    assert refused.last_hour(after(3600)) == (1, 85.0)
    assert refused.last_hour(after(6600)) == (0, 0.0)


def test_an_hour_of_many_takes_little_room() -> None:
    refused = RefusedSpeeds()
    for second in range(2 * 3600):
        refused.note(after(second), (12.5,))
    assert len(refused._minutes) <= 60
    assert refused.last_hour(after(7199)) == (3600, 12.5)
