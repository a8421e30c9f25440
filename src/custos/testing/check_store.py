"""What every `Store` must do. Each `check_*` takes an empty store and raises AssertionError.

@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_store(check, store): check(store)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from threading import Thread

from custos.model.context import (
    About,
    CameraStrip,
    Cause,
    Collected,
    IncidentContext,
    Log,
    Occupancy,
    Place,
    Present,
    Related,
    Shot,
    Snapshot,
)
from custos.model.event import (
    Disposition,
    Event,
    Incident,
    IncidentState,
    Json,
    Picture,
    Signal,
    TimelineEntry,
)
from custos.pipeline.ports import Commit, Conflict, EventQuery, IncidentQuery, Measured, MeasureQuery, Store

SITE = "hq"
START = datetime(2026, 3, 2, 22, 0, 0, 123456, tzinfo=UTC)


def event(
    n: int,
    *,
    at: datetime | None = None,
    type_: str = "zone.entered",
    camera_id: str = "dock",
    site_id: str = SITE,
    data: dict[str, Json] | None = None,
) -> Event:
    """Event number n, n seconds after START."""
    return Event(
        id=f"ev-{site_id}-{n}",
        type=type_,
        at=at or START + timedelta(seconds=n),
        source=f"/sites/{site_id}/cameras/{camera_id}",
        subject=f"tracks/{camera_id}-s1-{n}",
        data=data if data is not None else {"zone_id": "yard", "n": n},
    )


def signal(n: int, *, event_ids: tuple[str, ...] = ()) -> Signal:
    return Signal(
        id=f"sig-{n}",
        rule_id="after-hours",
        at=START + timedelta(seconds=n),
        site_id=SITE,
        camera_id="dock",
        zone_id="yard",
        subject="tracks/dock-s1-1",
        title="Somebody in the yard",
        severity="high",
        score=0.75,
        reasons=("there at night",),
        event_ids=event_ids,
        group="after-hours/dock/yard",
        group_gap_s=300.0,
    )


def incident(
    number: int, *, site_id: str = SITE, at: datetime | None = None, event_ids: tuple[str, ...] = ()
) -> Incident:
    opened_at = at or START + timedelta(seconds=number)
    return Incident(
        id=f"inc-{site_id}-{number}",
        number=number,
        site_id=site_id,
        title="Somebody in the yard",
        severity="high",
        risk=80,
        state=IncidentState.OPEN,
        opened_at=opened_at,
        updated_at=opened_at,
        group="after-hours/dock/yard",
        rule_id="after-hours",
        camera_id="dock",
        zone_id="yard",
        event_ids=event_ids,
        signal_ids=("sig-1",),
        subjects=("tracks/dock-s1-1",),
        reasons=("there at night",),
        timeline=(TimelineEntry(opened_at, "signal", "there at night", event_id="ev-1"),),
    )


def context(number: int, state: Collected = Collected.BEGUN, *, site_id: str = SITE) -> IncidentContext:
    """Of the incident of this number, with something in every part."""
    at = START + timedelta(seconds=number)
    return IncidentContext(
        incident_id=f"inc-{site_id}-{number}",
        site_id=site_id,
        state=state,
        at=at,
        known_at=at + timedelta(microseconds=1),
        cause=Cause("after-hours", "Somebody in the yard", "Somebody at night", ("A cleaner – \u00fcbermorgen",)),
        places=(Place("doors/front", "Front door", (0.25, 0.75)), Place("cameras/dock", "Dock")),
        holders=("ada",),
        event_ids=(f"ev-{site_id}-1",),
        strips=(
            CameraStrip("dock", "Dock", (Shot(f"snap-{number}", at),)),
            CameraStrip("lobby", "Lobby", (), "switched off"),
        ),
        logs=(Log("doors/front", (f"ev-{site_id}-3", f"ev-{site_id}-2")), Log("holders/ada", ())),
        people=(Occupancy("office", "Office", (Present("ada", None, at), Present(None, "1007", at)), 2),),
        related=(Related("inc-hq-0", 7, "Earlier", START, ("doors/front", "holders/ada")),),
    )


def snapshot(number: int, n: int = 0, *, site_id: str = SITE) -> Snapshot:
    at = START + timedelta(seconds=number + n)
    return Snapshot(f"snap-{number}-{n}", f"inc-{site_id}-{number}", site_id, "dock", at, bytes(range(256)))


def check_empty(store: Store) -> None:
    """A store that has seen nothing says so, everywhere."""
    assert store.append([]) == []
    assert store.commit(Commit()) == []
    assert store.known_event_ids([]) == set() == store.known_event_ids(["ev-1"])
    assert store.known_signal_ids(["sig-1"]) == set()
    assert store.event(SITE, "ev-1") is None
    assert store.events(SITE, EventQuery()).items == []
    assert store.events(SITE, EventQuery()).next_cursor is None
    assert store.events_by_id(SITE, ["ev-1"]) == []
    assert list(store.replay(SITE, since=START)) == []
    assert store.incident(SITE, "inc-1") is None
    assert store.incidents(SITE, IncidentQuery()).items == []
    assert store.live_incident_of_group(SITE, "g") is None
    assert store.next_incident_number(SITE) == 1
    assert store.context(SITE, "inc-1") is None
    assert store.snapshot(SITE, "inc-1", "snap-1") is None
    assert store.uncollected(SITE, since=START) == []
    assert store.picture(SITE, "ev-1") is None
    assert store.pictured(SITE, ["ev-1"]) == []
    assert store.prune(SITE, before=START, resolved_before=START) == 0
    assert store.site_ids() == []


def check_event_comes_back_as_it_went(store: Store) -> None:
    """Every field, every JSON shape, microseconds, and any time zone as UTC."""
    data: dict[str, Json] = {
        "text": "Überwachung 出入口 \u0000 '\"\\",
        "none": None,
        "flag": True,
        "whole": 2**53,
        "number": 0.1,
        "points": [[0.25, 0.5], []],
        "nested": {"a": {"b": []}},
    }
    at = datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    bare = Event("ev-bare", "system.started", START, f"/sites/{SITE}/server")
    assert store.append([event(1, at=at, data=data), bare]) == [event(1, at=at, data=data), bare]
    got = store.event(SITE, "ev-hq-1")
    assert got == event(1, at=at, data=data)
    assert got is not None
    assert got.at.utcoffset() is not None
    assert got.at.microsecond == 1
    assert store.event(SITE, "ev-bare") == bare


def check_doubles_are_one(store: Store) -> None:
    """The first of a double counts, within a call and across calls; new ones come back in order."""
    first, second = event(1), replace(event(1), type="zone.left")
    assert store.append([first, second, event(2)]) == [first, event(2)]
    assert store.append([event(3), second, event(2)]) == [event(3)]
    assert [e.type for e in store.events_by_id(SITE, ["ev-hq-1"])] == ["zone.entered"]
    assert store.known_event_ids(["ev-hq-1", "ev-hq-9"]) == {"ev-hq-1"}


def check_many_at_once(store: Store) -> None:
    """More than any limit of a statement, stored in order."""
    many = [event(n, at=START) for n in range(2500)]
    assert store.append(many) == many
    assert list(store.replay(SITE, since=START)) == many
    ids = [e.id for e in many]
    assert store.known_event_ids(ids) == set(ids)
    assert store.events_by_id(SITE, ids) == many


def check_filters(store: Store) -> None:
    """Types whole or by prefix, camera, subject, from (in) and until (out), and all of them together."""
    store.append(
        [
            event(1),
            event(2, type_="zone.left"),
            event(3, type_="zonedout", camera_id="lobby"),
            event(4, type_="camera.lost", camera_id="lobby"),
        ]
    )

    def found(query: EventQuery) -> list[str]:
        return [e.id.removeprefix("ev-hq-") for e in store.events(SITE, query).items]

    assert found(EventQuery()) == ["4", "3", "2", "1"]
    assert found(EventQuery(types=("zone.",))) == ["2", "1"]
    assert found(EventQuery(types=("zone.left", "camera."))) == ["4", "2"]
    assert found(EventQuery(types=("zone",))) == []
    assert found(EventQuery(types=("ZONE.", "z%", "zone_left"))) == []
    assert found(EventQuery(camera_id="lobby")) == ["4", "3"]
    assert found(EventQuery(subject="tracks/dock-s1-2")) == ["2"]
    assert found(EventQuery(since=event(2).at)) == ["4", "3", "2"]
    assert found(EventQuery(until=event(2).at)) == ["1"]
    assert found(EventQuery(types=("zone.",), camera_id="dock", since=event(2).at)) == ["2"]
    assert found(EventQuery(camera_id="nowhere")) == []
    assert found(EventQuery(source="/sites/hq/cameras/lobby")) == ["4", "3"]
    assert found(EventQuery(source="/sites/hq/cameras/lob")) == []


def check_measures(store: Store) -> None:
    """Sums by bucket and keys; an event that closes a period belongs to the bucket it closes."""

    def counted(n: int, second: float, left: int, behaviour: str = "gate", *, where: str = f"{SITE}/dock") -> Event:
        data: dict[str, Json] = {"behaviour_id": behaviour, "left": left, "period_s": 60.0}
        site_id, _, camera_id = where.partition("/")
        at = START + timedelta(seconds=second)
        return event(n, at=at, type_="line.counted", data=data, site_id=site_id, camera_id=camera_id)

    until = START + timedelta(hours=1)
    query = MeasureQuery("dock", "line.counted", START, until, 600, ("behaviour_id",), ("left", "period_s"), True)
    assert store.measures(SITE, query) == []
    other = event(10, at=START + timedelta(seconds=30), data={"behaviour_id": "gate", "left": 100})
    told = [(60, 3, "gate"), (600, 5, "gate"), (601, 7, "gate"), (1800, 1, "door"), (3600, 2, "gate")]
    outside = [counted(20, 0, 100), counted(21, 3601, 100), other]
    elsewhere = [counted(22, 30, 100, where=f"{SITE}/lobby"), counted(23, 30, 100, where="other/dock")]
    store.append([*(counted(n, *one) for n, one in enumerate(told)), *outside, *elsewhere])

    def at(second: int) -> datetime:
        return START + timedelta(seconds=second)

    assert store.measures(SITE, query) == [
        Measured(at(0), ("gate",), 2, (8.0, 120.0), (5.0, 60.0)),
        Measured(at(600), ("gate",), 1, (7.0, 60.0), (7.0, 60.0)),
        Measured(at(1200), ("door",), 1, (1.0, 60.0), (1.0, 60.0)),
        Measured(at(3000), ("gate",), 1, (2.0, 60.0), (2.0, 60.0)),
    ]
    assert [m.keys for m in store.measures(SITE, replace(query, only={"behaviour_id": "door"}))] == [("door",)]
    opening = store.measures(SITE, replace(query, closes=False, keys=(), fields=()))
    assert [(m.from_at, m.count) for m in opening] == [(at(0), 2), (at(600), 2), (at(1800), 1)]
    missing = store.measures(SITE, replace(query, keys=("no_such",), fields=("nor_this",)))
    assert (missing[0].keys, missing[0].sums) == (("",), (0.0,))


def check_event_counts(store: Store) -> None:
    """By source and type, of the types asked for, from a moment on, of one site."""
    assert store.event_counts(SITE, types=["zone.entered"], since=START) == {}
    store.append(
        [event(1), event(2), event(3, type_="zone.left"), event(4, camera_id="yard"), event(5, site_id="else")]
    )
    dock, yard = f"/sites/{SITE}/cameras/dock", f"/sites/{SITE}/cameras/yard"
    both = store.event_counts(SITE, types=["zone.entered", "zone.left"], since=START)
    assert both == {(dock, "zone.entered"): 2, (dock, "zone.left"): 1, (yard, "zone.entered"): 1}
    assert store.event_counts(SITE, types=["zone.entered"], since=event(2).at) == {
        (dock, "zone.entered"): 1,
        (yard, "zone.entered"): 1,
    }
    assert store.event_counts(SITE, types=[], since=START) == {}


def check_pages_stay_right_while_inserting(store: Store) -> None:
    """Newest first, equal times in the order of storing, nothing twice and nothing left out while new ones
    come."""
    store.append([event(n, at=START + timedelta(seconds=n // 3)) for n in range(10)])
    page = store.events(SITE, EventQuery(), limit=4)
    assert [e.data["n"] for e in page.items] == [9, 8, 7, 6]
    store.append([event(100, at=START + timedelta(hours=1)), event(101, at=START)])
    page = store.events(SITE, EventQuery(), limit=4, cursor=page.next_cursor)
    assert [e.data["n"] for e in page.items] == [5, 4, 3, 101]
    page = store.events(SITE, EventQuery(), limit=4, cursor=page.next_cursor)
    assert [e.data["n"] for e in page.items] == [2, 1, 0]
    assert page.next_cursor is None


def check_pages_of_several_types(store: Store) -> None:
    """Merged in the order of time, whichever type an event is of; with other filters too."""
    types = ("door.opened", "door.closed", "line.crossed", "zone.left")
    store.append([event(n, type_=types[n % 4], at=START + timedelta(seconds=n // 3)) for n in range(12)])
    store.append([event(50, type_="door.opened", camera_id="lobby")])

    def numbers(query: EventQuery) -> list[list[Json]]:
        pages: list[list[Json]] = []
        cursor: str | None = None
        while not pages or cursor is not None:
            page = store.events(SITE, query, limit=3, cursor=cursor)
            pages.append([e.data["n"] for e in page.items])
            cursor = page.next_cursor
        return pages

    doors = ("door.opened", "zone.", "door.closed")
    assert numbers(EventQuery(types=doors)) == [[50, 11, 9], [8, 7, 5], [4, 3, 1], [0]]
    assert numbers(EventQuery(types=doors, camera_id="dock")) == [[11, 9, 8], [7, 5, 4], [3, 1, 0]]
    assert numbers(EventQuery(types=("door.", "door.opened"), camera_id="lobby")) == [[50]]
    assert numbers(EventQuery(types=("door.opened",), until=START + timedelta(seconds=2))) == [[4, 0]]
    assert numbers(EventQuery(types=("camera.", "zone.entered"))) == [[]]


def check_full_last_page_ends(store: Store) -> None:
    store.append([event(n) for n in range(4)])
    page = store.events(SITE, EventQuery(), limit=2)
    page = store.events(SITE, EventQuery(), limit=2, cursor=page.next_cursor)
    assert [e.data["n"] for e in page.items] == [1, 0]
    assert page.next_cursor is None


def check_strange_cursors_are_refused(store: Store) -> None:
    store.append([event(n) for n in range(3)])
    strange = ["", "x", "é", "AAAA", "MS4y!", "LTEuLTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "\0", "9" * 10_000]
    for cursor in strange:
        assert _refuses(partial(store.events, SITE, EventQuery(), cursor=cursor)), cursor
        assert _refuses(partial(store.incidents, SITE, IncidentQuery(), cursor=cursor)), cursor
    assert _refuses(partial(store.events, SITE, EventQuery(), limit=0))


def check_sites_do_not_mix(store: Store) -> None:
    """What belongs to one site is not there for another, in any query."""
    there = event(1, site_id="branch")
    picture = Picture(there.id, "dock", there.at, b"jpeg")
    case = incident(1, site_id="branch")
    store.commit(Commit([event(1), there], [picture], [], [incident(1), case]))
    assert store.event(SITE, there.id) is None
    assert store.events(SITE, EventQuery()).items == [event(1)]
    assert store.events_by_id(SITE, [there.id]) == []
    assert list(store.replay(SITE, since=START)) == [event(1)]
    assert store.picture(SITE, there.id) is None
    assert store.pictured(SITE, [there.id]) == []
    assert store.picture("branch", there.id) == picture
    assert store.incident(SITE, case.id) is None
    assert store.incidents(SITE, IncidentQuery()).items == [incident(1)]
    assert store.live_incident_of_group("branch", case.group) == case
    assert store.next_incident_number(SITE) == 2
    assert store.next_incident_number("elsewhere") == 1


def check_replay_keeps_the_order_of_storing(store: Store) -> None:
    """Late events come where they were stored, not where they happened; what is older is left out."""
    store.append([event(5), event(3)])
    store.append([event(9), event(1), event(4)])
    assert [e.data["n"] for e in store.replay(SITE, since=event(3).at)] == [5, 3, 9, 4]


def check_what_time_they_had_been_told_is_kept_with_events(store: Store) -> None:
    """Of those that were stored together; nothing where nobody said so, and nothing new of what is known."""
    store.append([event(5)])
    store.commit(Commit([event(3), event(9)], told_at=event(4).at, rules_told_at=event(2).at))
    store.commit(Commit([event(9), event(1)], told_at=event(7).at))
    heard = list(store.heard(SITE, since=START))
    told = [(None, None), (event(4).at, event(2).at), (event(4).at, event(2).at), (event(7).at, None)]
    assert [h.event for h in heard] == [event(5), event(3), event(9), event(1)]
    assert [(h.told_at, h.rules_told_at) for h in heard] == told
    assert sorted({h.sequence for h in heard}) == [h.sequence for h in heard]
    found = store.heard(SITE, since=event(9).at, types=(event(3).type,), also=[(event(3).at, event(3).at)])
    assert list(found) == heard[1:3]


def check_what_was_imported_is_heard_as_such(store: Store) -> None:
    """Nobody was told a time with it; what is known already, and what comes after, is as it was."""
    store.commit(Commit([event(1)], told_at=event(2).at, rules_told_at=event(2).at))
    assert store.commit(Commit([event(1), event(3)], is_imported=True)) == [event(3)]
    store.append([event(4)])
    heard = list(store.heard(SITE, since=START))
    assert [(h.event, h.is_imported) for h in heard] == [(event(1), False), (event(3), True), (event(4), False)]
    assert [(h.told_at, h.rules_told_at) for h in heard] == [(event(2).at, event(2).at), (None, None), (None, None)]


def check_replay_may_be_left_early(store: Store) -> None:
    store.append([event(n) for n in range(1200)])
    for replayed in store.replay(SITE, since=START):
        assert replayed == event(0)
        break
    assert store.append([event(5000)]) == [event(5000)]


def check_events_by_id_are_oldest_first(store: Store) -> None:
    store.append([event(2), event(3), event(1)])
    got = store.events_by_id(SITE, ["ev-hq-3", "ev-hq-1", "nobody", "ev-hq-2", "ev-hq-1"])
    assert got == [event(1), event(2), event(3)]


def check_the_newest_of_each(store: Store) -> None:
    """By source and by subject, of those that are asked for; the later stored of two at the same time; many at once."""
    stored = [event(5), event(9, at=event(5).at), event(3), event(4, camera_id="lobby"), event(8, site_id="branch")]
    store.append(stored)
    places = [f"/sites/hq/cameras/{name}" for name in ("dock", "lobby", "yard", "dock")]
    assert store.newest_of_sources(SITE, places) == {places[0]: stored[1], places[1]: stored[3]}
    assert store.newest_of_sources("branch", places) == {}
    subjects = [one.subject or "" for one in stored]
    assert store.newest_of_subjects(SITE, subjects) == {one.subject: one for one in stored[:4]}
    assert store.newest_of_sources(SITE, []) == {} == store.newest_of_subjects(SITE, [])
    many = [f"tracks/dock-s1-{n}" for n in range(1200)]
    assert set(store.newest_of_subjects(SITE, many)) == {f"tracks/dock-s1-{n}" for n in (3, 5, 9)}


def check_the_newest_of_each_state(store: Store) -> None:
    """By type and source, however old, of what was before; the later stored of two at the same time; oldest first."""

    def said(n: int, type_: str, door: str, second: int, site: str = SITE) -> Event:
        at = START + timedelta(seconds=second)
        return Event(f"st-{n}", type_, at, f"/sites/{site}/doors/{door}", None, {"door_id": door})

    assert store.newest_states(SITE, ["door.locked"], before=START) == []
    stored = [
        said(1, "door.locked", "a", 50),
        said(2, "door.locked", "b", 10),
        said(3, "door.unlocked", "a", 20),
        said(4, "door.locked", "a", 50),
        said(5, "door.locked", "a", 49),
        said(6, "door.locked", "a", 90),
        said(7, "door.opened", "a", 60),
        said(8, "door.locked", "z", 95),
        said(9, "door.locked", "a", 55, "branch"),
    ]
    store.append(stored)

    def found(*types: str, before_s: int = 90, site: str = SITE) -> list[str]:
        before = START + timedelta(seconds=before_s)
        return [event.id for event in store.newest_states(site, types, before=before)]

    assert found("door.locked", "door.unlocked", "door.tampered") == ["st-2", "st-3", "st-4"]
    assert found("door.locked", "door.locked", before_s=100) == ["st-2", "st-6", "st-8"]
    assert found("door.unlocked") == ["st-3"]
    assert found("door.locked", site="branch") == ["st-9"]
    assert found() == []
    assert store.newest_states(SITE, ["door.locked"], before=START + timedelta(seconds=90))[1] == stored[3]
    assert _refuses(lambda: store.newest_states(SITE, ["door.opened"], before=START))
    store.append([said(100 + n, "device.lost", f"d{n:03}", n) for n in range(700)])
    assert len(store.newest_states(SITE, ["device.lost"], before=START + timedelta(days=1))) == 700


def check_pictures(store: Store) -> None:
    """With their event or after it; bytes and box unchanged; a double is one; of an unknown event none is
    kept."""
    jpeg = bytes(range(256)) * 400
    boxed = Picture("ev-hq-1", "dock", START, jpeg, (0.1, 0.25, 0.5, 1.0))
    late = Picture("ev-hq-2", "dock", START, b"late")
    store.commit(Commit([event(1), event(2)], [boxed]))
    store.commit(Commit(pictures=[late, replace(boxed, jpeg=b"other"), Picture("ghost", "dock", START, b"x")]))
    assert store.picture(SITE, "ev-hq-1") == boxed
    assert store.picture(SITE, "ev-hq-2") == late
    assert store.picture(SITE, "ghost") is None
    assert store.pictured(SITE, ["ev-hq-2", "ghost", "ev-hq-1"]) == ["ev-hq-2", "ev-hq-1"]


def check_signals_are_known_once_stored(store: Store) -> None:
    store.commit(Commit(signals=[signal(1), signal(2)]))
    store.commit(Commit(signals=[signal(2), signal(3)]))
    assert store.known_signal_ids(["sig-1", "sig-2", "sig-3", "sig-4"]) == {"sig-1", "sig-2", "sig-3"}
    one = signal(1)
    assert sum(store.signal_counts(SITE, since=one.at).values()) == 3
    assert store.signal_counts(SITE, since=one.at + timedelta(days=400)) == {}
    assert store.signal_counts("elsewhere", since=one.at) == {}


def check_incident_comes_back_as_it_went(store: Store) -> None:
    plain = incident(1)
    entries = (*plain.timeline, TimelineEntry(START, "note", "line\nbreak ✓", "Ann"))
    full = replace(
        plain,
        version=2,
        timeline=entries,
        state=IncidentState.RESOLVED,
        disposition=Disposition.NUISANCE,
        assignee="Ann",
        resolved_at=START + timedelta(microseconds=7),
        group_gap_s=12.5,
    )
    bare = replace(incident(2), camera_id=None, zone_id=None, subjects=(), timeline=())
    store.commit(Commit(incidents=[plain, bare]))
    assert store.incident(SITE, plain.id) == plain
    store.commit(Commit(incidents=[full]))
    assert store.incident(SITE, plain.id) == full
    assert store.incident(SITE, bare.id) == bare


def check_stale_change_is_refused_whole(store: Store) -> None:
    """A version that is not exactly one higher is a Conflict, and nothing of its commit is stored."""
    store.commit(Commit(incidents=[incident(1)]))
    second = replace(incident(1), version=2, risk=90)
    store.commit(Commit(incidents=[second]))
    picture = Picture("ev-hq-1", "dock", START, b"jpeg")
    stale = [
        replace(incident(1), version=2, risk=10),
        replace(incident(1), version=4),
        incident(1),
        replace(incident(1), id="inc-other"),  # its number is taken
        replace(incident(7), version=2),  # was never there
        replace(incident(1), site_id="branch", version=3),
    ]
    for change in stale:
        assert _conflicts(partial(store.commit, Commit([event(1)], [picture], [signal(1)], [change])))
    assert store.incident(SITE, "inc-hq-1") == second
    assert store.event(SITE, "ev-hq-1") is None
    assert store.picture(SITE, "ev-hq-1") is None
    assert store.known_signal_ids(["sig-1"]) == set()


def check_incident_lists(store: Store) -> None:
    """Newest first, by state, camera and time, in pages."""
    resolved = replace(incident(3), state=IncidentState.RESOLVED)
    elsewhere = replace(incident(4), camera_id="lobby")
    store.commit(Commit(incidents=[incident(1), incident(2), resolved, elsewhere]))

    def found(query: IncidentQuery) -> list[int]:
        return [i.number for i in store.incidents(SITE, query).items]

    assert found(IncidentQuery()) == [4, 3, 2, 1]
    assert found(IncidentQuery(states=("open",))) == [4, 2, 1]
    assert found(IncidentQuery(states=("resolved", "acknowledged"))) == [3]
    assert found(IncidentQuery(camera_id="lobby")) == [4]
    assert found(IncidentQuery(since=incident(2).opened_at, until=incident(4).opened_at)) == [3, 2]
    page = store.incidents(SITE, IncidentQuery(), limit=3)
    assert [i.number for i in page.items] == [4, 3, 2]
    store.commit(Commit(incidents=[incident(5)]))
    page = store.incidents(SITE, IncidentQuery(), limit=3, cursor=page.next_cursor)
    assert [i.number for i in page.items] == [1]
    assert page.next_cursor is None


def check_incidents_are_found_by_what_they_are_about(store: Store) -> None:
    """By the places and holders that their contexts name, with other filters, in pages; those of other sites apart."""
    mine = replace(incident(3), state=IncidentState.RESOLVED)
    bens = replace(context(2), holders=("ben",))
    abroad = [incident(1, site_id="else")]
    store.commit(Commit(incidents=[incident(1), incident(2), mine, incident(4), *abroad]))
    store.commit(Commit(contexts=[context(1), bens, context(3), context(1, site_id="else")]))

    def found(about: str, *states: str) -> list[int]:
        return [i.number for i in store.incidents(SITE, IncidentQuery(states=states, about=about)).items]

    assert found("doors/front") == found("cameras/dock") == [3, 2, 1]
    assert (found("holders/ada"), found("holders/ben")) == ([3, 1], [2])
    assert found("doors/front", "open") == [2, 1]
    assert found("doors/fron") == found("front") == found("") == []
    page = store.incidents(SITE, IncidentQuery(about="doors/front"), limit=2)
    page = store.incidents(SITE, IncidentQuery(about="doors/front"), limit=2, cursor=page.next_cursor)
    assert ([i.number for i in page.items], page.next_cursor) == ([1], None)
    store.commit(Commit(contexts=[replace(context(4, Collected.DONE), holders=("ben",))]))
    joined = About(incident(1).id, SITE, ("doors/late", "holders/late"))
    store.commit(Commit(abouts=[joined, joined, About("inc-none", SITE, ("doors/late",))]))
    assert found("doors/late") == found("holders/late") == [1]
    assert found("holders/ben") == [4, 2]


def check_live_incident_is_the_newest_unresolved(store: Store) -> None:
    first, second = incident(1), incident(2)
    acknowledged = replace(incident(3), state=IncidentState.ACKNOWLEDGED)
    other = replace(incident(4), group="another")
    resolved = replace(incident(5), state=IncidentState.RESOLVED)
    store.commit(Commit(incidents=[acknowledged, first, second, other, resolved]))
    assert store.live_incident_of_group(SITE, first.group) == acknowledged
    store.commit(Commit(incidents=[replace(acknowledged, state=IncidentState.RESOLVED, version=2)]))
    assert store.live_incident_of_group(SITE, first.group) == second
    assert store.next_incident_number(SITE) == 6


def check_replay_reads_spans_before_as_well(store: Store) -> None:
    """Both ends of a span are in it; what lies in two comes once; the order is that of storing."""
    store.append([event(n, type_="zone.left" if n % 2 else "zone.entered") for n in (9, 1, 3, 2, 8, 5, 4, 7)])
    store.append([event(3, site_id="branch")])
    spans = [(event(2).at, event(4).at), (event(4).at, event(4).at), (event(7).at, event(8).at)]

    def told(types: Sequence[str] = (), also: Sequence[tuple[datetime, datetime]] = ()) -> list[Json]:
        return [e.data["n"] for e in store.replay(SITE, since=event(8).at, types=types, also=also)]

    assert told() == [9, 8]
    assert told(also=spans) == [9, 3, 2, 8, 4, 7]
    assert told(("zone.left",), spans) == [9, 3, 7]


def check_prune_spares_what_incidents_rest_on(store: Store) -> None:
    """Old events and pictures go, but not those of an incident, and nothing that is younger."""
    pictures = [Picture(f"ev-hq-{n}", "dock", event(n).at, b"jpeg") for n in (1, 2, 600)]
    case = incident(1, event_ids=("ev-hq-2",))
    store.commit(Commit([event(n) for n in range(601)], pictures, [], [case]))
    store.append([event(1, site_id="branch"), event(700, site_id="branch")])
    assert store.prune(SITE, before=event(600).at, keep=["ev-hq-7", "ev-hq-unknown"]) == 598 + 1
    assert store.prune(SITE, before=event(600).at) == 1
    assert store.prune("branch", before=event(600).at) == 1
    assert [e.data["n"] for e in store.replay(SITE, since=START)] == [2, 600]
    assert [e.data["n"] for e in store.replay("branch", since=START)] == [700]
    assert store.pictured(SITE, ["ev-hq-1", "ev-hq-2", "ev-hq-600"]) == ["ev-hq-2", "ev-hq-600"]
    assert store.prune(SITE, before=event(600).at) == 0
    assert store.incident(SITE, case.id) == case
    assert store.site_ids() == ["branch", SITE]
    store.commit(Commit(incidents=[incident(1, site_id="annex")]))
    assert store.site_ids() == ["annex", "branch", SITE]


def check_prune_spares_what_joined_an_incident_later(store: Store) -> None:
    """And what it rested on before its list was full."""
    store.append([event(n) for n in range(4)])
    store.commit(Commit(incidents=[incident(1, event_ids=("ev-hq-1",))]))
    store.commit(Commit(incidents=[replace(incident(1, event_ids=("ev-hq-1", "ev-hq-2")), version=2)]))
    store.commit(Commit(incidents=[replace(incident(1, event_ids=("ev-hq-2", "ev-hq-3")), version=3)]))
    assert store.prune(SITE, before=START + timedelta(days=1)) == 1
    assert [e.data["n"] for e in store.replay(SITE, since=START)] == [1, 2, 3]


def check_prune_takes_the_pictures_of_what_was_resolved_long_ago(store: Store) -> None:
    """Snapshots, and the pictures of events that no other incident needs; incidents, events and contexts stay."""
    day = timedelta(days=1)

    def resolved(after_days: int, case: Incident) -> Incident:
        return replace(case, state=IncidentState.RESOLVED, resolved_at=START + day * after_days)

    over = resolved(1, incident(1, event_ids=("ev-hq-1", "ev-hq-2")))
    lately, unresolved = resolved(2, incident(2, event_ids=("ev-hq-2",))), incident(3, event_ids=("ev-hq-3",))
    elsewhere, foreign = resolved(1, incident(1, site_id="elsewhere")), snapshot(1, 900, site_id="elsewhere")
    store.commit(
        Commit(
            [event(n) for n in range(1, 5)],
            [Picture(f"ev-hq-{n}", "dock", event(n).at, b"jpeg") for n in range(1, 5)],
            incidents=[over, lately, unresolved, elsewhere],
            contexts=[context(1, Collected.DONE)],
            snapshots=[*(snapshot(1, n) for n in range(120)), snapshot(2), snapshot(3), foreign],
        )
    )
    assert store.kept_snapshots(SITE, "inc-hq-2") == {snapshot(2).id}
    assert store.kept_snapshots("elsewhere", "inc-hq-2") == set()
    assert store.prune(SITE, before=START, resolved_before=START + day) == 0
    assert store.prune(SITE, before=START + day, keep=["ev-hq-4"]) == 0
    assert store.prune(SITE, before=START, resolved_before=START + day * 1.5, keep=["ev-hq-1"]) == 120
    assert store.kept_snapshots(SITE, "inc-hq-1") == set()
    assert store.pictured(SITE, ["ev-hq-1"]) == ["ev-hq-1"]  # which was to be kept
    assert store.prune(SITE, before=START, resolved_before=START + day * 1.5) == 1  # younger than events are kept
    assert store.pictured(SITE, [f"ev-hq-{n}" for n in range(1, 5)]) == ["ev-hq-2", "ev-hq-3", "ev-hq-4"]
    assert [e.id for e in store.replay(SITE, since=START)] == [f"ev-hq-{n}" for n in range(1, 5)]
    assert store.incident(SITE, "inc-hq-1") == over
    assert store.context(SITE, "inc-hq-1") == context(1, Collected.DONE)
    kept = [store.kept_snapshots(SITE, f"inc-hq-{n}") for n in (2, 3)]
    assert kept == [{snapshot(2).id}, {snapshot(3).id}]
    assert store.kept_snapshots("elsewhere", "inc-elsewhere-1") == {foreign.id}


def check_prune_incidents_takes_all_that_belongs_to_them(store: Store) -> None:
    """Timeline, context, snapshots and signals; not those that are open, resolved lately, or another site's, nor the
    newest, whose number must not be given again."""
    day = timedelta(days=1)
    assert store.prune_incidents(SITE, before=START) == 0

    def resolved(after_days: float, case: Incident) -> Incident:
        return replace(case, state=IncidentState.RESOLVED, resolved_at=START + day * after_days)

    over = resolved(1, incident(1, event_ids=("ev-hq-1", "ev-hq-5")))
    lately = resolved(9, incident(2, event_ids=("ev-hq-2",)))
    unresolved = incident(3, event_ids=("ev-hq-3",))
    over, lately, unresolved = (replace(one, signal_ids=(f"sig-{one.number}",)) for one in (over, lately, unresolved))
    newest, elsewhere = resolved(1, replace(incident(4), signal_ids=())), resolved(1, incident(1, site_id="elsewhere"))
    other = resolved(1, incident(2, site_id="elsewhere"))
    store.commit(
        Commit(
            [event(n) for n in range(1, 6)],
            signals=[signal(n) for n in range(1, 5)],
            incidents=[over, lately, unresolved, newest, elsewhere, other],
            contexts=[context(1, Collected.DONE), context(2, Collected.DONE)],
            snapshots=[snapshot(1, 4), snapshot(2, 4)],
        )
    )
    assert store.prune(SITE, before=START + day * 2) == 1, "event 4; incidents rest on the others"
    assert store.prune_incidents(SITE, before=START + day) == 0
    assert store.prune_incidents(SITE, before=START + day * 2) == 1
    assert store.incident(SITE, over.id) is None
    assert [i.number for i in store.incidents(SITE, IncidentQuery()).items] == [4, 3, 2]
    assert (store.context(SITE, over.id), store.kept_snapshots(SITE, over.id)) == (None, set())
    assert store.context(SITE, lately.id) is not None
    assert store.kept_snapshots(SITE, lately.id) == {snapshot(2, 4).id}
    assert store.known_signal_ids([f"sig-{n}" for n in range(1, 5)]) == {"sig-2", "sig-3"}
    assert [i.number for i in store.incidents("elsewhere", IncidentQuery()).items] == [2, 1]
    assert store.prune(SITE, before=START + day * 2) == 1, "event 5: nothing rests on it any more"
    assert store.next_incident_number(SITE) == 5
    assert store.prune_incidents(SITE, before=START + day * 2) == 0


def check_context_comes_back_as_it_went(store: Store) -> None:
    """Every part of it, and its pictures, to the site and the incident they belong to and to no other."""
    store.commit(Commit(incidents=[incident(1), incident(2)]))
    store.commit(Commit(contexts=[context(1)], snapshots=[snapshot(1), snapshot(1, 4), snapshot(1)]))
    assert store.context(SITE, "inc-hq-1") == context(1)
    assert store.context(SITE, "inc-hq-2") is None
    assert store.context("elsewhere", "inc-hq-1") is None
    assert store.snapshot(SITE, "inc-hq-1", "snap-1-4") == snapshot(1, 4)
    assert store.snapshot(SITE, "inc-hq-2", "snap-1-4") is None
    assert store.snapshot("elsewhere", "inc-hq-1", "snap-1-4") is None


def check_what_is_collected_does_not_change(store: Store) -> None:
    """A context that is not done may be replaced; one that is done stays, and so does a snapshot that is known."""
    store.commit(Commit(incidents=[incident(1)], contexts=[context(1)], snapshots=[snapshot(1)]))
    done = replace(context(1, Collected.DONE), holders=("ben",))
    store.commit(Commit(contexts=[done], snapshots=[replace(snapshot(1), jpeg=b"another")]))
    assert store.context(SITE, "inc-hq-1") == done
    assert store.snapshot(SITE, "inc-hq-1", "snap-1-0") == snapshot(1)
    store.commit(Commit(contexts=[context(1), context(1, Collected.DONE)]))
    assert store.context(SITE, "inc-hq-1") == done


def check_context_without_its_incident_is_left_out(store: Store) -> None:
    store.commit(Commit([event(1)], contexts=[context(1)], snapshots=[snapshot(1)]))
    assert store.event(SITE, "ev-hq-1") is not None
    assert store.context(SITE, "inc-hq-1") is None
    assert store.snapshot(SITE, "inc-hq-1", "snap-1-0") is None


def check_uncollected_incidents_are_known(store: Store) -> None:
    """Those without a context and those whose context is not done, the oldest first; others' sites apart."""
    stored = [incident(3), incident(1), incident(2), incident(4), incident(1, site_id="elsewhere")]
    store.commit(Commit(incidents=stored, contexts=[context(2), context(3, Collected.DONE)]))
    assert store.uncollected(SITE, since=START) == ["inc-hq-1", "inc-hq-2", "inc-hq-4"]
    assert store.uncollected(SITE, since=START + timedelta(seconds=2)) == ["inc-hq-2", "inc-hq-4"]
    assert store.uncollected("elsewhere", since=START) == ["inc-elsewhere-1"]


def check_incidents_that_have_gone_on_are_known(store: Store) -> None:
    """Longest ago first; not those that are as they opened, nor those that went on earlier; others' sites apart."""
    opened = [incident(n) for n in (1, 2, 3, 4)] + [incident(1, site_id="elsewhere")]
    assert store.gone_on(SITE, since=START) == []
    store.commit(Commit(incidents=opened))
    assert store.gone_on(SITE, since=START) == []
    later = {1: 90, 2: 60, 4: 30}
    went_on = [replace(opened[n - 1], version=2, updated_at=START + timedelta(seconds=s)) for n, s in later.items()]
    store.commit(Commit(incidents=[*went_on, replace(opened[-1], version=2)]))
    assert store.gone_on(SITE, since=START) == ["inc-hq-4", "inc-hq-2", "inc-hq-1"]
    assert store.gone_on(SITE, since=START + timedelta(seconds=60)) == ["inc-hq-2", "inc-hq-1"]
    assert store.gone_on("elsewhere", since=START) == ["inc-elsewhere-1"]


def check_prune_spares_what_contexts_name(store: Store) -> None:
    store.commit(Commit([event(1), event(2), event(3), event(4)], incidents=[incident(1)], contexts=[context(1)]))
    assert store.prune(SITE, before=START + timedelta(days=1)) == 1
    assert [e.id for e in store.events(SITE, EventQuery()).items] == ["ev-hq-3", "ev-hq-2", "ev-hq-1"]


def check_threads_do_not_disturb_each_other(store: Store) -> None:
    """Many writers of the same events and many readers: each event once."""
    errors: list[Exception] = []

    def write() -> None:
        try:
            for n in range(0, 60, 5):
                store.append([event(n + i) for i in range(5)])
                store.events(SITE, EventQuery(), limit=10)
        except Exception as error:  # noqa: BLE001 - a thread's edge: the test's own thread raises it
            errors.append(error)

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(int(e.id.rpartition("-")[2]) for e in store.replay(SITE, since=START)) == list(range(60))


def _refuses(call: Callable[[], object]) -> bool:
    try:
        call()
    except ValueError:
        return True
    return False


def _conflicts(call: Callable[[], object]) -> bool:
    try:
        call()
    except Conflict:
        return True
    return False


CHECKS: tuple[Callable[[Store], None], ...] = (
    check_empty,
    check_event_comes_back_as_it_went,
    check_doubles_are_one,
    check_many_at_once,
    check_filters,
    check_measures,
    check_pages_stay_right_while_inserting,
    check_pages_of_several_types,
    check_full_last_page_ends,
    check_strange_cursors_are_refused,
    check_sites_do_not_mix,
    check_replay_keeps_the_order_of_storing,
    check_what_time_they_had_been_told_is_kept_with_events,
    check_replay_may_be_left_early,
    check_replay_reads_spans_before_as_well,
    check_events_by_id_are_oldest_first,
    check_the_newest_of_each,
    check_the_newest_of_each_state,
    check_pictures,
    check_signals_are_known_once_stored,
    check_event_counts,
    check_incident_comes_back_as_it_went,
    check_stale_change_is_refused_whole,
    check_incident_lists,
    check_incidents_are_found_by_what_they_are_about,
    check_live_incident_is_the_newest_unresolved,
    check_prune_spares_what_incidents_rest_on,
    check_prune_spares_what_joined_an_incident_later,
    check_prune_takes_the_pictures_of_what_was_resolved_long_ago,
    check_prune_incidents_takes_all_that_belongs_to_them,
    check_context_comes_back_as_it_went,
    check_what_is_collected_does_not_change,
    check_context_without_its_incident_is_left_out,
    check_uncollected_incidents_are_known,
    check_incidents_that_have_gone_on_are_known,
    check_prune_spares_what_contexts_name,
    check_threads_do_not_disturb_each_other,
)
