"""Someone in this zone outside these hours, for longer than N seconds."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custos.correlation import build_rules, presence
from custos.correlation.presence import LATE_S, PresenceTracker
from custos.model.event import Event, Json, Signal
from custos.model.site import Camera, Hours, PresenceRule, Schedule, Severity, Site, Zone

START = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # a Monday, midnight in Berlin
DAY = frozenset(range(7))
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
OFFICE = Schedule((Hours(DAY, time(8), time(18)),), "UTC")


def site(rule: PresenceRule) -> Site:
    zones = (Zone("yard", "Yard", SQUARE), Zone("gate", "Gate", SQUARE))
    dock = Camera("dock", "Dock camera", "rtsp://dock", zones)
    lobby = Camera("lobby", "Lobby", "rtsp://lobby", zones[:1])
    return Site("hq", "HQ", "Europe/Berlin", (dock, lobby), (rule,))


RULE = PresenceRule("after-hours", "Somebody in the yard", (("dock", "yard"), ("dock", "gate")), None, 10.0)


def tracker(rule: PresenceRule = RULE) -> PresenceTracker:
    (own,) = build_rules(site(rule))
    assert isinstance(own, PresenceTracker)
    return own


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def happened(
    type_: str,
    seconds: float,
    data: dict[str, Json] | None = None,
    *,
    track: int = 1,
    session: str = "s1",
    camera_id: str = "dock",
) -> Event:
    data = data or {}
    subject = f"tracks/{camera_id}-{session}-{track}" if not type_.startswith("camera.") else None
    name = f"{type_}-{seconds}-{track}-{session}-{camera_id}-{sorted(data.items())}"
    return Event(name, type_, at(seconds), f"/sites/hq/cameras/{camera_id}", subject, data)


def entered(
    seconds: float, *, track: int = 1, zone: str = "yard", session: str = "s1", class_: Json = "person"
) -> Event:
    data: dict[str, Json] = {"zone_id": zone, "class": class_}
    return happened("zone.entered", seconds, data, track=track, session=session)


def left(seconds: float, since: float, *, track: int = 1, zone: str = "yard") -> Event:
    data: dict[str, Json] = {"zone_id": zone, "class": "person", "dwell_s": round(seconds - since, 3)}
    return happened("zone.left", seconds, data, track=track)


def visit(start: float, end: float, *, track: int = 1, zone: str = "yard") -> list[Event]:
    return [entered(start, track=track, zone=zone), left(end, start, track=track, zone=zone)]


def told(rule: PresenceTracker, events: Iterable[Event], *, until: float | None = None) -> list[Signal]:
    signals = [signal for event in events for signal in rule.update(event)]
    return signals + (rule.advance(at(until)) if until is not None else [])


def texts(signals: Iterable[Signal]) -> list[str]:
    return [". ".join(signal.reasons) for signal in signals]


def test_nothing_makes_nothing() -> None:
    assert told(tracker(), [], until=1e6) == []


def test_visit_that_goes_on_speaks_when_it_is_long_enough() -> None:
    rule = tracker()
    assert told(rule, [entered(0)], until=10 + LATE_S - 0.001) == []
    (signal,) = rule.advance(at(10 + LATE_S))
    assert signal.at == at(10)
    assert signal.opens
    assert signal.subject == "tracks/dock-s1-1"
    assert (signal.camera_id, signal.zone_id, signal.site_id) == ("dock", "yard", "hq")
    assert (signal.title, signal.severity, signal.group) == (RULE.title, "medium", "after-hours/dock/yard")
    assert signal.event_ids == (entered(0).id,)
    assert signal.reasons == (
        "Person in “Yard” (Dock camera) since 00:00:00",
        "Nobody is expected there at any hour",
        "Longer than 10 s",
    )
    assert rule.advance(at(10 + LATE_S)) == []


def test_five_visits_of_two_seconds_are_not_ten() -> None:
    rule = tracker()
    events = [event for n in range(5) for event in visit(n * 2.5, n * 2.5 + 2)]
    assert told(rule, events, until=1000) == []


def test_two_people_are_not_one_that_stays() -> None:
    events = [*visit(0, 6, track=1), *visit(6, 12, track=2), *visit(4, 12, track=3, zone="gate")]
    assert told(tracker(), events, until=1000) == []


def test_visit_of_exactly_the_limit_counts() -> None:
    assert len(told(tracker(), visit(0, 10))) == 2
    assert told(tracker(), visit(0, 9.999)) == []


def test_visit_heard_of_afterwards_says_everything_at_once() -> None:
    signals = told(tracker(), visit(0, 135))
    assert [s.at for s in signals] == [at(10), at(70), at(130), at(135)]
    assert texts(signals)[1:] == [
        "Still there after 1 min 10 s",
        "Still there after 2 min 10 s",
        "Left after 2 min 15 s",
    ]
    assert [s.opens for s in signals] == [True, False, False, False]
    assert signals[-1].event_ids == tuple(e.id for e in visit(0, 135))
    assert [s.score for s in signals] == sorted(s.score for s in signals)


def test_signals_are_the_same_whenever_they_are_asked_for() -> None:
    """Asked every second, or once at the end: the same ids, so a replay makes no new ones."""
    often, once = tracker(), tracker()
    patient = often.update(entered(0))
    for second in range(200):
        patient += often.advance(at(second))
    patient += told(often, [left(200, 0)], until=210)
    assert [s.id for s in patient] == [s.id for s in told(once, visit(0, 200), until=210)]


def test_late_leaving_within_the_tolerance_is_heard_first() -> None:
    """A second and a half late, as when the tracker waits to see whether somebody comes back."""
    rule = tracker()
    assert told(rule, [entered(0)], until=11.4) == []
    assert told(rule, [left(9.9, 0)], until=1000) == []


def test_zero_seconds_speaks_at_once() -> None:
    (signal,) = tracker(replace(RULE, longer_than_s=0.0)).update(entered(0))
    assert signal.at == at(0)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("12:00:00", "12:10:00", []),  # within the hours
        ("17:50:00", "18:00:05", []),  # goes on past them, but only for 5 s
        ("17:50:00", "18:00:15", ["18:00:10", "18:00:15"]),  # counts from the moment the hours end
        ("18:00:00", "18:00:15", ["18:00:10", "18:00:15"]),
        ("07:59:55", "09:00:00", []),  # the hours begin before it is long enough
        ("07:59:45", "08:05:00", ["07:59:55", "08:05:00"]),  # the hours begin: no "still there" in them
    ],
)
def test_hours_are_judged_over_the_visit(start: str, end: str, expected: list[str]) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    begin, over = (
        (datetime.combine(midnight, time.fromisoformat(t), UTC) - START).total_seconds() for t in (start, end)
    )
    signals = told(tracker(replace(RULE, expected=OFFICE)), visit(begin, over), until=over + 100)
    assert [f"{s.at:%H:%M:%S}" for s in signals] == expected


def test_reasons_say_when_the_hours_ended() -> None:
    begin = (datetime(2026, 3, 2, 17, 50, tzinfo=UTC) - START).total_seconds()
    signals = told(tracker(replace(RULE, expected=OFFICE)), visit(begin, begin + 1000))
    assert signals[0].reasons == (
        "Person in “Yard” (Dock camera) since 18:50:00",  # in the site's time
        "The expected hours ended at 19:00",
        "Longer than 10 s",
    )


def test_visit_over_two_nights_opens_twice() -> None:
    begin = (datetime(2026, 3, 2, 19, 0, tzinfo=UTC) - START).total_seconds()
    signals = told(tracker(replace(RULE, expected=OFFICE)), visit(begin, begin + 24 * 3600))
    assert [s.at.hour for s in signals if s.opens] == [19, 18]
    assert len({s.id for s in signals}) == len(signals)


@pytest.mark.parametrize(
    "event",
    [
        entered(0, zone="elsewhere"),
        replace(entered(0), source="/sites/other/cameras/dock"),
        replace(entered(0), source="/sites/hq/cameras/lobby"),
        replace(entered(0), source="/sites/hq/doors/dock"),
        entered(0, class_="dog"),
        entered(0, class_=None),
        replace(entered(0), data={}),
        replace(entered(0), type="zone.loitered"),
        left(100, 0),
        replace(left(100, 0), data={"zone_id": "yard", "dwell_s": "long"}),
        replace(left(100, 0), data={"zone_id": "yard", "dwell_s": -1}),
        replace(left(100, 0), data={"zone_id": "yard", "dwell_s": 1e300}),
        happened("track.ended", 5),
        happened("camera.lost", 5),
    ],
)
def test_what_does_not_concern_the_rule_does_nothing(event: Event) -> None:
    assert told(tracker(), [event], until=1000) == []


def test_group_of_classes() -> None:
    rule = tracker(replace(RULE, classes=("vehicle",)))
    assert told(rule, [entered(0)], until=100) == []
    assert texts(told(rule, [entered(0, track=2, class_="truck")], until=100))[0].startswith("Truck in “Yard”")


def test_disabled_camera_is_not_watched() -> None:
    """It was switched off while somebody was there, and will never say that they left."""
    whole = site(RULE)
    off = replace(whole, cameras=tuple(replace(c, enabled=False) for c in whole.cameras))
    assert told(PresenceTracker(RULE, off), [entered(0)], until=100) == []


@pytest.mark.parametrize(
    "end",
    [
        happened("camera.lost", 8),
        happened("camera.connected", 8),
        happened("track.ended", 8),
        entered(8, track=2, session="s2", zone="gate"),  # the camera started anew
        entered(8, zone="yard"),  # the same subject again: it must have left
        left(9, 8),  # a later visit of the subject whose beginning is still on its way
    ],
    ids=lambda event: event.type,
)
def test_visit_of_unknown_end_falls_silent(end: Event) -> None:
    """Nobody knows how long it lasted; the camera that failed is somebody else's event."""
    signals = told(tracker(), [entered(0), end], until=12.5)
    assert [s for s in signals if s.event_ids[0] == entered(0).id] == []


@pytest.mark.parametrize(
    "other",
    [
        happened("camera.lost", 8, camera_id="lobby"),
        happened("track.ended", 8, track=2),
        happened("camera.lost", -5),  # late news of something that was over
        entered(-5, track=9, session="s0"),  # late news of an older session
        entered(5, track=2),
        entered(5, zone="gate"),
        *visit(2, 4, track=2),
    ],
    ids=lambda event: event.type,
)
def test_what_happens_elsewhere_does_not_end_a_visit(other: Event) -> None:
    signals = told(tracker(), [entered(0), other], until=12.5)
    assert [s.at for s in signals if s.event_ids[0] == entered(0).id] == [at(10)]


def test_unseen_visit_whose_end_comes_after_all_says_everything() -> None:
    signals = told(tracker(), [entered(0), happened("camera.lost", 20), left(15, 0)])
    assert [s.at for s in signals] == [at(10), at(15)]


def test_leaving_that_does_not_say_how_long_ends_what_there_is() -> None:
    bare = replace(left(15, 0), data={"zone_id": "yard"})
    assert [s.at for s in told(tracker(), [entered(0), bare], until=500)] == [at(10), at(15)]


def test_doubles_after_the_end_are_known() -> None:
    rule = tracker()
    assert len(told(rule, visit(0, 20))) == 2
    assert told(rule, visit(0, 20), until=100) == []


def test_nobody_stays_for_ever() -> None:
    """A `zone.left` that never comes does not keep an incident alive for weeks."""
    signals = told(tracker(), [entered(0)], until=14 * 86_400)
    assert timedelta(hours=47) < signals[-1].at - START <= timedelta(hours=48)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 300
    monkeypatch.setattr(presence, "MAX_VISITS", most)
    rule = tracker()
    for n in range(most + 100):
        rule.update(entered(n * 0.001, track=n))
        rule.update(left(n * 0.001, n * 0.001 - 50, track=1_000_000 + n))
    assert len({s.subject for s in rule.advance(at(60))}) == most
    assert rule.remembered <= 2 * most


def test_memory_empties_itself() -> None:
    rule = tracker()
    told(rule, [e for n in range(100) for e in visit(n, n + 20, track=n)])
    assert rule.remembered == 100
    rule.advance(at(3600))
    assert rule.remembered == 0


def test_what_is_long_over_is_looked_for_once_a_minute() -> None:
    """A start tells hours of time in steps of half a second; looking through all visits in each took minutes."""
    rule = tracker()
    told(rule, visit(0, 20))
    rule.advance(at(590))
    rule.advance(at(625))
    assert rule.remembered == 1
    rule.advance(at(650))
    assert rule.remembered == 0


def test_rules_of_a_site_share_nothing() -> None:
    first, second = tracker(), tracker(replace(RULE, id="other", severity=Severity.HIGH))
    first.update(entered(0))
    assert second.advance(at(100)) == []
    assert first.advance(at(100))[0].id != told(second, [entered(0)], until=100)[0].id


@st.composite
def stays(draw: st.DrawFn) -> list[tuple[float, float, int, str]]:
    """Visits of a few tracks to two zones; visits of one track to one zone do not overlap."""
    found: list[tuple[float, float, int, str]] = []
    for track in range(draw(st.integers(1, 3))):
        for zone in ("yard", "gate"):
            clock = draw(st.floats(0, 50))
            for _ in range(draw(st.integers(0, 3))):
                length = draw(st.sampled_from([0.3, 2.0, 9.9, 10.0, 14.0, 80.0]))
                found.append((round(clock, 3), round(clock + length, 3), track, zone))
                clock += length + draw(st.floats(0.6, 30))
    return found


@settings(max_examples=150, deadline=None)
@given(stays(), st.randoms(use_true_random=False))
def test_order_and_doubles_do_not_matter(visits: list[tuple[float, float, int, str]], chance: random.Random) -> None:
    """Shuffled and doubled, the same events make the same signals: those of the visits, and no others."""
    events = [e for start, end, track, zone in visits for e in visit(start, end, track=track, zone=zone)]
    expected = {s.id for v in visits for s in told(tracker(), visit(v[0], v[1], track=v[2], zone=v[3]))}
    shuffled = [*events, *chance.sample(events, len(events) // 2)]
    chance.shuffle(shuffled)
    signals = told(tracker(), shuffled, until=2000)
    assert len(signals) == len({s.id for s in signals})
    assert {s.id for s in signals} == expected


@settings(max_examples=100, deadline=None)
@given(stays(), st.randoms(use_true_random=False))
def test_time_passing_and_lateness_do_not_matter(
    visits: list[tuple[float, float, int, str]], chance: random.Random
) -> None:
    """Events up to the tolerance late, time told in between: the same signals as from the plain story."""
    events = [e for start, end, track, zone in visits for e in visit(start, end, track=track, zone=zone)]
    expected = {s.id for s in told(tracker(), sorted(events, key=lambda e: e.at), until=2000)}
    arrivals = sorted(
        (((e.at - START).total_seconds() + chance.uniform(0, LATE_S), e) for e in events), key=lambda a: a[0]
    )
    rule, signals = tracker(), []
    for clock, event in arrivals:
        signals += rule.advance(at(clock))
        signals += rule.update(event)
    signals += rule.advance(at(2000))
    assert {s.id for s in signals} == expected
