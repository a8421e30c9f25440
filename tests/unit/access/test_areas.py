"""Who is in which area: anti-passback, forgiveness, occupancy, escorts, the first person in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import pytest

from custos.access import AccessWatch
from custos.access.areas import ALONE_S, DISAGREE_S, GONE_FOR, MAX_GONE, RESUMED_S, Areas
from custos.model.access import AccessPlan, Passback, Reader
from custos.model.event import Event, Json
from custos.testing.check_event import check_events
from custos.testing.premises import FRONT, DoorEvents, at, plan, site

BOTH_WAYS = replace(FRONT, readers=(Reader("front-in", "office"), Reader("front-out", "street")))
DAY_S = 86_400.0


def read_both_ways(passback: Passback = Passback.SOFT) -> AccessPlan:
    return plan(BOTH_WAYS, passback=passback)


def changed(access: AccessPlan, area_id: str, **changes: object) -> AccessPlan:
    """The plan with other values for one of its areas."""
    areas = tuple(replace(a, **changes) if a.id == area_id else a for a in access.areas)  # type: ignore[arg-type]
    return replace(access, areas=areas)


def tell(
    steps: Iterable[tuple[float, str, str]], watch: AccessWatch, *, until: float | None = None
) -> list[tuple[str, object]]:
    """Violations of a story of (seconds, reader, credential): (missing step, reason)."""
    return [(str(e.data["missing"]), e.data["reason"]) for e in hear(steps, watch, until, "access.passback_violated")]


def hear(steps: Iterable[tuple[float, str, str]], watch: AccessWatch, until: float | None, type_: str) -> list[Event]:
    said: list[Event] = []
    last = 0.0
    for n, (seconds, reader, credential) in enumerate(steps):
        door = DoorEvents(reader.split("-")[0], prefix=f"{seconds:g}-{n}")
        door.passed(seconds, credential, reader=reader)
        said += [one for event in door.told for one in watch.update(event)]
        last = seconds
    said += watch.advance(at(last + 60 if until is None else until))
    check_events(said)
    return [e for e in said if e.type == type_]


def inside(watch: AccessWatch, area_id: str) -> list[str]:
    return [who.key for a in watch.areas() if a.id == area_id for who, _ in a.inside]


# -- positions


def test_everybody_is_nowhere_at_first() -> None:
    assert [(a.id, a.inside) for a in AccessWatch(site()).areas()] == [("street", ()), ("office", ()), ("vault", ())]


def test_people_are_where_they_went_last() -> None:
    watch = AccessWatch(site(read_both_ways()))
    assert tell([(0, "front-in", "1001"), (60, "front-in", "1002"), (120, "safe-in", "1001")], watch) == []
    assert inside(watch, "office") == ["holders/ben"]
    assert inside(watch, "vault") == ["holders/ada"]
    assert tell([(200, "safe-out", "1001"), (260, "front-out", "1001")], watch) == []
    assert inside(watch, "vault") == []
    assert inside(watch, "office") == ["holders/ben"]


def test_a_credential_nobody_knows_is_somebody() -> None:
    watch = AccessWatch(site(read_both_ways()))
    tell([(0, "front-in", "4711")], watch)
    assert inside(watch, "office") == ["credentials/4711"]


# -- anti-passback: the missing step is named


@pytest.mark.parametrize(
    ("steps", "missing", "reason"),
    [
        (["front-in", "front-in"], "exit", "Went into Office twice without leaving it"),
        (["front-in", "front-out", "front-out"], "entry", "Left Office without having entered it"),
        (["front-in", "front-out", "safe-in"], "entry", "Went into Strongroom without having entered Office"),
    ],
)
@pytest.mark.parametrize("mode", [Passback.SOFT, Passback.HARD])
def test_a_violation_names_the_missing_step(steps: list[str], missing: str, reason: str, mode: Passback) -> None:
    watch = AccessWatch(site(read_both_ways(mode)))
    story = [(60.0 * n, reader, "1001") for n, reader in enumerate(steps)]
    (told,) = hear(story, watch, None, "access.passback_violated")
    assert (told.data["missing"], told.data["reason"], told.data["mode"]) == (missing, reason, mode.value)
    assert told.data["holder_id"] == "ada"


@pytest.mark.parametrize(
    "steps",
    [
        ["front-in"],
        ["front-out"],  # the first step of all is right, whatever it is
        ["front-in", "front-out", "front-in", "front-out"],
        ["front-in", "safe-in", "safe-out", "front-out", "front-in"],
    ],
)
def test_whoever_goes_in_and_out_in_turn_is_left_alone(steps: list[str]) -> None:
    watch = AccessWatch(site(read_both_ways()))
    assert tell([(60.0 * n, reader, "1001") for n, reader in enumerate(steps)], watch) == []


def test_without_passback_nothing_is_asked() -> None:
    watch = AccessWatch(site(read_both_ways(Passback.NONE)))
    assert tell([(0, "front-in", "1001"), (60, "front-in", "1001"), (120, "front-out", "1001")], watch) == []


@pytest.mark.parametrize(("again", "count"), [(590, 1), (610, 0)])
def test_timed_passback_minds_the_time(again: float, count: int) -> None:
    watch = AccessWatch(site(read_both_ways(Passback.TIMED)))
    assert len(tell([(0, "front-in", "1001"), (again, "front-in", "1001")], watch)) == count


def test_an_exit_without_a_reader_is_no_obstacle() -> None:
    """Out by the button and in again is right; in twice is told when the door was not opened in between."""
    watch = AccessWatch(site())
    door = DoorEvents(prefix="out")
    assert tell([(0, "front-in", "1001")], watch) == []
    for event in (door.exit(100), door.opened(101), door.closed(105)):
        watch.update(event)
    assert tell([(200, "front-in", "1001")], watch) == []
    assert tell([(300, "front-in", "1001")], AccessWatch(site())) == []
    again = AccessWatch(site(plan(replace(FRONT, readers=(Reader("front-in", "office"),)))))
    steps = [(0.0, "front-in", "1001"), (300.0, "front-in", "1001")]
    told = tell(steps, again)
    # the first opening itself let nobody out before Ada came in, the second did not open yet
    assert told == [("exit", "Went into Office twice without leaving it")]


def test_daily_forgiveness() -> None:
    watch = AccessWatch(site(read_both_ways()))
    assert tell([(0, "front-in", "1001")], watch) == []
    assert inside(watch, "office") == ["holders/ada"]
    watch.advance(at(DAY_S))
    assert inside(watch, "office") == []
    assert tell([(DAY_S, "front-in", "1001")], watch) == []


def test_no_forgiveness_where_none_is_meant() -> None:
    watch = AccessWatch(site(changed(read_both_ways(), "office", forgive_at=None)))
    steps = [(0.0, "front-in", "1001"), (DAY_S, "front-in", "1001")]
    assert [missing for missing, _ in tell(steps, watch)] == ["exit"]


def test_a_refusal_for_passback_is_a_violation_and_moves_nobody() -> None:
    watch = AccessWatch(site(read_both_ways(Passback.HARD)))
    tell([(0, "front-in", "1001")], watch)
    refused = DoorEvents(prefix="refused").denied(60, "1001", reason="AntiPassback", reader="front-in")
    said = watch.update(refused) + watch.advance(at(100))
    (told,) = [e for e in said if e.type == "access.passback_violated"]
    assert told.data["reason"] == "Tried to go into Office again without having left it; the controller refused"
    assert inside(watch, "office") == ["holders/ada"]


@pytest.mark.parametrize(
    ("before", "refused_at", "missing", "reason"),
    [
        ([], "front-in", "unknown", "into Office for anti-passback; where they were before is not known"),
        (["front-in", "front-out"], "front-in", "unknown",
         "into Office for anti-passback, though by what was read they came from Street"),
        (["front-in", "front-out"], "safe-in", "entry",
         "into Strongroom for anti-passback: they had not entered Office, and were last read into Street"),
    ],
)  # fmt: skip
def test_a_refusal_says_no_more_than_is_known(before: list[str], refused_at: str, missing: str, reason: str) -> None:
    """Of somebody never seen it was told that they "went into Office twice"."""
    watch = AccessWatch(site(read_both_ways(Passback.HARD)))
    tell([(60.0 * n, reader, "1001") for n, reader in enumerate(before)], watch)
    door = DoorEvents(refused_at.split("-")[0], prefix="refused")
    refused = door.denied(600, "1001", reason="AntiPassback", reader=refused_at)
    said = watch.update(refused) + watch.advance(at(700))
    (told,) = [e for e in said if e.type == "access.passback_violated"]
    assert told.data["missing"] == missing
    assert told.data["reason"] == f"The controller refused the way {reason}"


def test_whoever_is_exempt_may_do_as_they_like() -> None:
    access = read_both_ways()
    roles = tuple(replace(role, is_exempt=True) for role in access.roles)
    watch = AccessWatch(site(replace(access, roles=roles)))
    assert tell([(0, "front-in", "1001"), (60, "front-in", "1001")], watch) == []


# -- how many, and who


def test_more_people_than_may_be_are_told_once() -> None:
    watch = AccessWatch(site(changed(read_both_ways(), "office", max_people=1)))
    steps = [(0.0, "front-in", "1001"), (60.0, "front-in", "1002"), (120.0, "front-in", "1003")]
    told = hear(steps, watch, None, "area.overfilled")
    assert [(e.data["people"], e.data["limit"]) for e in told] == [(2, 1)]


def zone_event(type_: str, seconds: float, track: int) -> Event:
    source, subject = "/sites/hq/cameras/lobby", f"tracks/lobby-1-{track}"
    return Event(f"z{type_}{track}", type_, at(seconds), source, subject, {"zone_id": "floor", "class": "person"})


def test_cameras_that_see_more_people_than_badges_know() -> None:
    watch = AccessWatch(site())
    said = watch.update(zone_event("zone.entered", 0, 1)) + watch.update(zone_event("zone.entered", 5, 2))
    assert [(a.seen, a.disagreed_since) for a in watch.areas()][1] == (1, None), "the second is still held back"
    said += watch.advance(at(100))
    assert [(e.type, e.data["seen"], e.data["badged"]) for e in said] == [("area.disagreed", 2, 0)]
    assert watch.areas()[1].disagreed_since == at(0)
    assert watch.advance(at(1000)) == [], "told once"
    watch.update(zone_event("zone.left", 1001, 1))
    watch.update(zone_event("zone.left", 1001, 2))
    watch.advance(at(1010))
    assert [(a.seen, a.disagreed_since) for a in watch.areas()] == [(None, None), (0, None), (None, None)]


def of_lobby(type_: str, seconds: float, **data: Json) -> Event:
    return Event(f"{type_}{seconds}", type_, at(seconds), "/sites/hq/cameras/lobby", "cameras/lobby", data)


def test_a_camera_that_was_moved_sees_nobody_in_its_zones_until_they_are_confirmed() -> None:
    """Symptom: a camera that had been turned to the street saw strangers in the office."""
    watch = AccessWatch(site())
    came = zone_event("zone.entered", 10, 2)
    for event in (
        zone_event("zone.entered", 0, 1),
        zone_event("track.ended", 4, 1),
        of_lobby("camera.moved", 4, since=at(0).isoformat()),
        replace(came, data={**came.data, "doubtful": "it was moved"}),
        zone_event("zone.entered", 3, 3),  # heard late
    ):
        assert watch.update(event) == []
    assert watch.advance(at(300)) == []
    assert watch.areas()[1].seen is None, "none looks"
    watch.update(of_lobby("camera.recalibrated", 400))
    watch.update(zone_event("zone.entered", 410, 4))
    assert [e.type for e in watch.advance(at(500))] == ["area.disagreed"]
    assert watch.areas()[1].seen == 1


def test_nobody_comes_into_an_area_in_a_recording() -> None:
    watch = AccessWatch(site())
    said = [one for s in (of_lobby("camera.replayed", 0), zone_event("zone.entered", 10, 1)) for one in watch.update(s)]
    assert said + watch.advance(at(300)) == []
    assert watch.areas()[1].seen == 0


@pytest.mark.parametrize(("again_s", "since"), [(310, 0), (300 + RESUMED_S + 1, 300 + RESUMED_S + 1)])
def test_a_picture_that_breaks_off_does_not_begin_a_disagreement_anew(again_s: float, since: float) -> None:
    """At every start of a worker the map counted from then, and the same stranger was told once more."""
    watch = AccessWatch(site())
    lost = Event("broke", "camera.lost", at(300), "/sites/hq/cameras/lobby")
    for event in (zone_event("zone.entered", 0, 1), lost):
        watch.update(event)
    watch.advance(at(305))
    assert watch.areas()[1].disagreed_since is None
    said = watch.update(zone_event("zone.entered", again_s, 2)) + watch.advance(at(again_s + 60))
    assert watch.areas()[1].disagreed_since == at(since)
    assert [event.type for event in said] == ["area.disagreed"] * (since > 0)
    watch.update(zone_event("zone.left", again_s + 70, 2))
    watch.advance(at(again_s + 80))
    assert watch.areas()[1].disagreed_since is None
    watch.update(zone_event("zone.entered", again_s + 90, 3))
    watch.advance(at(again_s + 150))
    assert watch.areas()[1].disagreed_since == at(again_s + 90), "who left was seen to leave"


def test_whose_coming_is_heard_long_after_their_going_is_not_in_sight() -> None:
    watch = AccessWatch(site())
    watch.update(zone_event("zone.left", 4, 1))
    watch.advance(at(20))
    assert watch.update(zone_event("zone.entered", 0, 1)) + watch.advance(at(300)) == []
    assert watch.areas()[1].seen == 0
    watch.update(replace(zone_event("zone.entered", 310, 1), id="again"))
    watch.advance(at(320))
    assert watch.areas()[1].seen == 1, "back again"


def heard_late(*events: Event) -> int | None:
    """How many are seen in the office when each of these was heard long after the one before it had been taken in."""
    watch = AccessWatch(site())
    for event in events:
        watch.update(event)
        watch.advance(at(1000))
    return watch.areas()[1].seen


def ended(seconds: float, track: int, class_: str = "person") -> Event:
    event = zone_event("track.ended", seconds, track)
    return replace(event, data={"class": class_, "duration_s": 1.0})


CAME, WENT = zone_event("zone.entered", 0, 1), zone_event("zone.left", 4, 1)
BACK = replace(zone_event("zone.entered", 30, 1), id="back")
STOPPED = Event("lost", "camera.lost", at(4), "/sites/hq/cameras/lobby")


@pytest.mark.parametrize(
    ("events", "seen"),
    [
        ((CAME,), 1),
        ((CAME, WENT), 0),
        ((CAME, ended(4, 1)), 0),
        ((CAME, STOPPED), 0),
        ((CAME, STOPPED, BACK), 1),
        ((CAME, WENT, BACK), 1),
        ((CAME, WENT, BACK, replace(WENT, id="gone", at=at(35))), 0),
    ],
)
def test_who_is_seen_is_the_same_in_whatever_order_it_is_heard(events: tuple[Event, ...], seen: int) -> None:
    assert {heard_late(*order) for order in permutations(events)} == {seen}


def two_zones(access: AccessPlan | None = None) -> AccessPlan:
    """The office as two zones of one camera show it."""
    return changed(access or plan(), "office", zones=(("lobby", "floor"), ("lobby", "desk")))


def in_zone(type_: str, seconds: float, zone_id: str, track: int = 1) -> Event:
    event = zone_event(type_, seconds, track)
    return replace(event, id=f"{type_}{zone_id}{seconds}", data={"zone_id": zone_id, "class": "person"})


@pytest.mark.parametrize(
    ("zones_left", "seen"),
    [((), 1), (("floor",), 1), (("desk",), 1), (("floor", "desk"), 0), (("desk", "floor"), 0), (("lift",), 1)],
)
def test_who_leaves_one_of_two_zones_of_an_area_is_still_in_sight(zones_left: tuple[str, ...], seen: int) -> None:
    """Symptom: a person at the desk who stepped off the carpet was nowhere, and area.disagreed was over."""
    watch = AccessWatch(site(two_zones()))
    for event in (in_zone("zone.entered", 0, "floor"), in_zone("zone.entered", 2, "desk")):
        watch.update(event)
    for i, zone_id in enumerate(zones_left):
        watch.update(in_zone("zone.left", 4 + i, zone_id))
    said = watch.advance(at(300))
    assert watch.areas()[1].seen == seen
    assert [event.at for event in said if event.type == "area.disagreed"] == [at(ALONE_S)] * seen


def test_who_is_in_two_zones_is_out_of_sight_with_the_end_of_the_track_or_of_the_picture() -> None:
    for last in (ended(4, 1), STOPPED):
        watch = AccessWatch(site(two_zones()))
        for event in (in_zone("zone.entered", 0, "floor"), in_zone("zone.entered", 2, "desk"), last):
            watch.update(event)
        watch.advance(at(300))
        assert watch.areas()[1].seen == 0


@pytest.mark.parametrize(("hours", "seen"), [(13.0, 1), (14.1, 0)])
def test_each_zone_in_which_somebody_stays_too_long_is_forgotten_by_itself(hours: float, seen: int) -> None:
    areas = Areas(two_zones(), "UTC")
    areas.see("lobby", "floor", "tracks/lobby-1-1", "a", at(0))
    areas.see("lobby", "desk", "tracks/lobby-1-1", "b", at(2 * 3600))
    areas.tick(at(hours * 3600))
    assert areas.seen("office") == seen


def test_who_is_in_sight_is_no_other_though_the_door_is_opened_before_they_step_into_a_second_zone() -> None:
    watch = AccessWatch(site(two_zones(plan(FREE_IN))))
    door = DoorEvents("front")
    steps = [door.exit(100), door.opened(101), door.closed(104), in_zone("zone.entered", 110, "desk")]
    for event in (in_zone("zone.entered", 0, "floor"), *steps):
        watch.update(event)
    watch.advance(at(300))
    assert watch.areas()[1].disagreed_since == at(0)


@pytest.mark.parametrize("class_", ["person", "car"])
def test_many_tracks_later_it_is_known_who_went(class_: str) -> None:
    """Symptom: 201 later tracks, of whatever, and a late coming counted as seen for twelve hours."""
    others = MAX_GONE - 1 if class_ == "person" else MAX_GONE + 1
    assert heard_late(WENT, *(ended(5 + n / 10, 2 + n, class_) for n in range(others)), CAME) == 0


def test_who_went_is_forgotten_after_a_while() -> None:
    areas = Areas(plan(), "UTC")
    for n in range(9):
        areas.lose_sight("lobby", None, f"tracks/lobby-1-{n}", at(n * GONE_FOR.total_seconds() / 2))
    assert len(areas._gone["lobby"].went) == 3


def test_cameras_and_badges_that_agree() -> None:
    watch = AccessWatch(site())
    tell([(0, "front-in", "1001")], watch)
    assert watch.update(zone_event("zone.entered", 70, 1)) + watch.advance(at(300)) == []


def strangers(watch: AccessWatch, until: float) -> list[tuple[object, object, float]]:
    said = [e for e in watch.advance(at(until)) if e.type == "area.disagreed"]
    return [(e.data["seen"], e.data["badged"], (e.at - at(0)).total_seconds()) for e in said]


def test_somebody_where_nobody_has_badged_in_is_told_sooner() -> None:
    nobody, somebody = AccessWatch(site()), AccessWatch(site())
    tell([(0, "front-in", "1001")], somebody, until=10)
    for watch in (nobody, somebody):
        watch.update(zone_event("zone.entered", 30, 1))
        watch.update(zone_event("zone.entered", 30, 2))
    assert strangers(nobody, 200) == [(2, 0, 30 + ALONE_S)]
    assert strangers(somebody, 200) == [(2, 1, 30 + DISAGREE_S)]


FREE_IN = replace(FRONT, readers=(Reader("front-out", "street"),))
"""Whoever goes in needs no credential."""


@pytest.mark.parametrize(
    ("opened_s", "told"),
    [
        (0.0, []),  # came in by the door
        (35.0, []),  # the door's clock is behind the camera's
        (100.0, [(1, 0, 30 + ALONE_S)]),  # seen long before anybody came in
        (-3600.0, [(1, 0, 30 + ALONE_S)]),  # whoever came in then would have been seen since
    ],
)
def test_whoever_may_have_come_in_without_a_credential_is_no_stranger(
    opened_s: float, told: list[tuple[object, object, float]]
) -> None:
    watch = AccessWatch(site(plan(FREE_IN)))
    door = DoorEvents("front")
    story = [
        door.exit(opened_s - 1),
        door.opened(opened_s),
        door.closed(opened_s + 4),
        zone_event("zone.entered", 30, 1),
    ]
    for event in sorted(story, key=lambda e: e.at):
        watch.update(event)
    assert strangers(watch, 99) == ([] if opened_s == 100.0 else told) or strangers(watch, 300) == told


@pytest.mark.parametrize(
    "told",
    [
        [("exit", 20), ("closed", 28)],  # the opening is lost
        [("exit", 20), ("closed", 28), ("opened", 22)],  # the opening is late
        [("exit", -3000), ("opened", -2999), ("exit", 20), ("opened", 22)],  # the closing before it is lost
    ],
)
def test_who_comes_in_by_a_door_of_which_not_all_was_heard_in_time_is_no_stranger(
    told: list[tuple[str, float]],
) -> None:
    """Symptom: whenever a contact's word got lost, who came in by that door was a stranger."""
    watch, door = AccessWatch(site(plan(FREE_IN))), DoorEvents("front")
    for what, seconds in told:
        watch.update(door.exit(seconds) if what == "exit" else door.say(f"door.{what}", seconds))
    watch.update(zone_event("zone.entered", 25, 1))
    assert strangers(watch, 100) == []


def test_who_comes_by_a_free_door_after_one_of_its_closings_was_lost_is_no_stranger() -> None:
    watch, door = AccessWatch(site(plan(replace(FRONT, free="day")))), DoorEvents("front")
    for event in (door.opened(-3000), door.opened(22), zone_event("zone.entered", 25, 1)):
        watch.update(event)
    assert strangers(watch, 100) == []


def test_a_door_that_is_only_said_to_be_closed_lets_nobody_in() -> None:
    watch, door = AccessWatch(site(plan(FREE_IN))), DoorEvents("front")
    for event in (door.closed(28), zone_event("zone.entered", 30, 1)):
        watch.update(event)
    assert strangers(watch, 100) == [(1, 0, 30 + ALONE_S)]


def test_one_who_came_in_unread_stays_known_while_going_out_of_sight_and_coming_back() -> None:
    watch = AccessWatch(site(plan(FREE_IN)))
    door = DoorEvents("front")
    for event in (door.exit(0), door.opened(1), door.closed(5), zone_event("zone.entered", 10, 1)):
        watch.update(event)
    watch.update(zone_event("zone.left", 3000, 1))
    watch.update(zone_event("zone.entered", 4000, 2))
    assert strangers(watch, 4500) == []
    watch.update(zone_event("zone.left", 4600, 2))
    watch.update(zone_event("zone.entered", 9000, 3))
    assert strangers(watch, 9100) == [(1, 0, 9000 + ALONE_S)]


def test_whom_the_hour_of_forgiveness_made_unknown_is_no_stranger() -> None:
    watch = AccessWatch(site(read_both_ways()))
    tell([(0, "front-in", "1001")], watch, until=10)
    watch.update(zone_event("zone.entered", 30, 1))
    assert strangers(watch, 11 * 3600) == [], "the hour has passed, and who was there is still there"


def test_the_first_person_in() -> None:
    access = changed(read_both_ways(), "office", first_in=("keeper",))
    early = AccessWatch(site(access))
    told = hear([(0, "front-in", "1001"), (60, "front-in", "1002"), (120, "front-in", "1003")], early, None,
                "access.preceded")  # fmt: skip
    assert [e.data["holder_id"] for e in told] == ["ada"]
    again = hear([(DAY_S, "front-in", "1001")], early, None, "access.preceded")
    assert [e.data["holder_id"] for e in again] == ["ada"], "every day anew"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([(0, "front-in", "1003")], ["went into Office without one"]),
        ([(0, "front-in", "1002"), (20, "front-in", "1003")], []),
        ([(0, "front-in", "1003"), (20, "front-in", "1002")], []),
        ([(0, "front-in", "1002"), (40, "front-in", "1003")], ["went into Office without one"]),
        ([(0, "front-in", "1002"), (20, "front-in", "1003"), (100, "front-out", "1002")], ["was left alone in Office"]),
        (
            [(0, "front-in", "1002"), (20, "front-in", "1003"), (100, "front-out", "1002"), (110, "front-out", "1003")],
            [],
        ),
    ],
    ids=["alone", "behind", "in front", "too late", "left behind", "left together"],
)
def test_escorts(steps: list[tuple[float, str, str]], told: list[str]) -> None:
    watch = AccessWatch(site(read_both_ways()))
    found = hear(steps, watch, 1000, "access.unescorted")
    assert [str(e.data["reason"]).partition(" and ")[2] for e in found] == told


def test_memory_is_bounded_by_people_not_by_time() -> None:
    watch = AccessWatch(site(read_both_ways()))
    for n in range(300):
        tell([(60.0 * n, "front-in" if n % 2 == 0 else "front-out", "1001")], watch)
    assert inside(watch, "office") == []


def test_outside_anybody_may_be_and_cameras_disagree_with_nobody() -> None:
    """Symptom: the demo's shop, where customers have no badges, told of strangers."""
    here = site()
    areas = tuple(replace(a, zones=(("lobby", "floor"),) if a.is_outside else ()) for a in here.access.areas)
    watch = AccessWatch(replace(here, access=replace(here.access, areas=areas)))
    said = watch.update(zone_event("zone.entered", 0, 1)) + watch.advance(at(600))
    assert said == []
    assert [a.seen for a in watch.areas()] == [1, None, None]
