"""Old records are deleted, of every site there is, and never because a clock is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custos.app.pruning import Pruning
from custos.model.event import Event, IncidentState
from custos.model.site import Retention
from custos.pipeline.ports import Commit, IncidentQuery
from custos.testing.check_store import incident
from custos.testing.store import InMemoryStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
KEPT = Retention(events_days=30)


class Machine:
    """A machine with events of the last sixty days, one every twelve hours, and a clock that somebody sets."""

    def __init__(self, ahead: timedelta = timedelta(), *, newest: timedelta = HOUR) -> None:
        self.store = InMemoryStore()
        self.ahead, self.ran = ahead, timedelta()
        times = [NOW - newest - n * HOUR * 12 for n in range(120)]
        self.store.append([self.event(f"e{n}", at) for n, at in enumerate(times)])
        self.start()

    def start(self) -> None:
        """The process starts, or starts again; it says so, as the server does."""
        self.pruning = Pruning(self.store, clock=self.clock, steady=lambda: self.ran.total_seconds())
        self.store.append([self.event(f"started-{self.ran}", self.clock())])

    def event(self, event_id: str, at: datetime, site_id: str = "hq") -> Event:
        return Event(event_id, "system.started", at, f"/sites/{site_id}/server")

    def clock(self) -> datetime:
        return NOW + self.ran + self.ahead

    def passes(self, hours: int) -> int:
        """Hours pass, in each of which it is pruned; how many records went."""
        gone = 0
        for _ in range(hours):
            self.ran += HOUR
            gone += self.pruning.prune(KEPT)
        return gone


def test_nothing_is_stored() -> None:
    store = InMemoryStore()
    assert Pruning(store, clock=lambda: NOW, steady=lambda: 0.0).prune(KEPT) == 0


def test_what_is_old_goes_at_the_start() -> None:
    assert Machine().pruning.prune(KEPT) == 60


def test_a_former_name_of_the_site_keeps_nothing_for_ever() -> None:
    """Symptom: after the site's id was changed, what was stored under the old one stayed."""
    machine = Machine()
    old = [machine.event("old", NOW - 31 * DAY, "former"), machine.event("young", NOW - DAY, "former")]
    machine.store.append(old)
    assert machine.pruning.prune(KEPT) == 61
    assert [e.id for e in machine.store.replay("former", since=NOW - YEAR)] == ["young"]


@pytest.mark.parametrize("ahead", [40 * DAY, YEAR])
def test_a_start_with_a_clock_that_is_ahead_deletes_nothing_for_a_day(ahead: timedelta) -> None:
    """Symptom: a board without a battery started a year ahead, and everything was gone before its clock was set."""
    machine = Machine(ahead)
    assert machine.pruning.prune(KEPT) == 0
    assert machine.passes(10) == 0
    machine.start()
    assert machine.passes(10) == 0, "nor after a restart, though events of the wrong time are stored now"
    machine.ahead = timedelta()
    assert 60 <= machine.passes(20) < 66, "only what is old, as soon as the clock is right again"


def test_a_clock_that_is_set_forward_deletes_nothing_for_a_day() -> None:
    machine = Machine()
    assert machine.passes(1) == 60
    machine.ahead = 20 * DAY
    assert machine.passes(24) == 0
    assert machine.passes(1) > 20, "it has gone on for a day, and is believed"


def test_who_was_switched_off_for_long_waits_for_a_day() -> None:
    machine = Machine(newest=10 * DAY)
    assert machine.pruning.prune(KEPT) == 0
    assert machine.passes(23) == 0
    assert machine.passes(1) > 0


@pytest.mark.parametrize("ahead", [timedelta(minutes=59), -timedelta(minutes=59)])
def test_small_steps_are_no_matter(ahead: timedelta) -> None:
    machine = Machine()
    assert machine.passes(1) == 60
    machine.ahead = ahead
    assert machine.passes(13) > 0
    machine.ahead = timedelta()
    assert machine.passes(13) > 0


def test_a_clock_that_was_set_back_and_then_leaps_is_not_believed() -> None:
    machine = Machine()
    assert machine.passes(1) == 60
    machine.ahead = -10 * DAY
    assert machine.passes(1) == 0
    machine.ahead = timedelta()
    assert machine.passes(23) == 0


def test_what_tells_how_a_door_is_to_this_day_stays_and_what_it_followed_goes() -> None:
    machine = Machine()
    source = "/sites/hq/doors/front"
    modes = {"older": 50 * DAY, "newest": 40 * DAY}
    machine.store.append([Event(f"m-{n}", "door.mode_changed", NOW - ago, source) for n, ago in modes.items()])
    assert machine.pruning.prune(KEPT, site_id="hq") == 61
    assert machine.store.known_event_ids(["m-older", "m-newest"]) == {"m-newest"}
    assert machine.pruning.prune(KEPT, site_id="renamed") == 1


def test_a_signal_that_is_lost_to_this_day_stays_and_one_that_is_back_goes() -> None:
    """Symptom: with events kept for a week, a start believed a camera whose signal was lost two weeks ago."""
    machine = Machine()
    dead, well = "/sites/hq/cameras/dead", "/sites/hq/cameras/well"
    machine.store.append(
        [
            Event("once", "camera.signal_lost", NOW - 20 * DAY, dead),
            Event("covered", "camera.restored", NOW - 10 * DAY, dead, None, {"was": "camera.covered"}),
            Event("lost", "camera.signal_lost", NOW - 14 * DAY, dead),
            Event("away", "camera.signal_lost", NOW - 14 * DAY, well),
            Event("back", "camera.restored", NOW - 13 * DAY, well, None, {"was": "camera.signal_lost"}),
        ]
    )
    machine.pruning.prune(replace(KEPT, events_days=7), site_id="hq")
    assert machine.store.known_event_ids(["once", "covered", "lost", "away", "back"]) == {"lost"}


def test_that_a_panel_is_silent_to_this_day_stays_however_long_ago_it_was_told() -> None:
    machine = Machine()
    told = {"silent": ("a", 50), "heard": ("a", 45), "silent-still": ("b", 40)}
    for name, (panel_id, days) in told.items():
        kind = f"panel.{name.split('-')[0]}"
        event = Event(name, kind, NOW - days * DAY, f"/sites/hq/panels/{panel_id}", None, {"panel_id": panel_id})
        machine.store.append([event])
    assert machine.pruning.prune(KEPT, site_id="hq") == 61
    assert machine.store.known_event_ids(list(told)) == {"heard", "silent-still"}


@pytest.mark.parametrize(("days", "left"), [(365, [3, 2]), (500, [3, 2, 1]), (0, [3, 2, 1])])
def test_incidents_go_when_they_were_resolved_long_ago(days: int, left: list[int]) -> None:
    machine = Machine()
    old = [incident(n, at=NOW - 500 * DAY) for n in (1, 2, 3)]
    resolved = [replace(old[0], state=IncidentState.RESOLVED, resolved_at=NOW - 400 * DAY), *old[1:]]
    machine.store.commit(Commit(incidents=resolved))
    machine.pruning.prune(replace(KEPT, incidents_days=days), site_id="hq")
    assert [i.number for i in machine.store.incidents("hq", IncidentQuery()).items] == left
