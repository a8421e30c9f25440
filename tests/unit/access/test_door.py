"""One door: forced, held, propped, taken and not taken, in ONVIF's terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from custos.access import AccessWatch
from custos.model.event import Event
from custos.testing.check_event import check_events
from custos.testing.premises import FRONT, SAFE, DoorEvents, at, plan, site

ALARMS = ("door.forced", "door.held", "door.propped", "door.hold_warned", "door.secured", "door.interlocked")


def tell(events: Iterable[Event], watch: AccessWatch | None = None, *, until: float = 3600) -> list[Event]:
    """What is concluded from the events, in order, and from the time after them."""
    watch = watch or AccessWatch(site())
    said = [one for event in events for one in watch.update(event)]
    said += watch.advance(at(until))
    check_events(said)
    return said


def alarms(said: Iterable[Event]) -> list[str]:
    return [e.type for e in said if e.type in ALARMS]


def of(said: Iterable[Event], type_: str) -> list[Event]:
    return [e for e in said if e.type == type_]


def test_nothing_heard_is_nothing_said() -> None:
    watch = AccessWatch(site())
    assert watch.advance(at(0)) == watch.advance(at(10)) == []
    assert [(d.id, d.contact, d.alarm) for d in watch.doors(at(0))] == [
        ("front", "unknown", "normal"),
        ("safe", "unknown", "normal"),
    ]


def test_a_door_that_is_opened_by_nobody_is_forced() -> None:
    door = DoorEvents()
    said = tell([door.opened(0), door.closed(5)])
    assert alarms(said) == ["door.forced", "door.secured"]
    assert said[0].at == at(0)
    assert said[0].data["event_ids"] == ["front-1"]
    assert of(said, "door.used")[0].data["because"] == "forced"


def contradicted(said: Iterable[Event]) -> list[tuple[str, object]]:
    return [(e.type, e.data.get("contradicted", False)) for e in said if e.type in ALARMS and e.type != "door.secured"]


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ([], False),  # a controller that tells no alarms cannot contradict
        ([(-60.0, "Normal")], True),
        ([(-60.0, "Normal"), (0.2, "DoorForcedOpen")], False),
        ([(-60.0, "DoorForcedOpen")], True),  # that was another time
        ([(-60.0, "Normal"), (0.2, "DoorOpenTooLong")], True),
    ],
)
def test_a_forced_door_of_which_its_controller_knows_nothing_is_contradicted(
    own: list[tuple[float, str]], told: bool
) -> None:
    door = DoorEvents()
    alarmed = [door.say("door.alarmed", seconds, alarm=alarm) for seconds, alarm in own]
    events = sorted([*alarmed, door.opened(0), door.closed(5)], key=lambda e: e.at)
    assert contradicted(tell(events)) == [("door.forced", told)]


def test_a_grant_that_comes_before_the_controllers_silence_is_over_forces_nothing() -> None:
    door = DoorEvents()
    events = [door.say("door.alarmed", -60, alarm="Normal"), door.opened(0.8), door.say("door.locked", 4)]
    late = door.granted(0, "1001")
    assert alarms(tell([*events, late, door.closed(6)])) == []


def test_a_door_that_was_closed_and_whose_word_was_lost_is_contradicted_by_its_controller() -> None:
    door = DoorEvents()
    events = [door.say("door.alarmed", -60, alarm="Normal"), door.granted(0, "1001"), door.opened(1)]
    assert contradicted(tell(events)) == [("door.held", True), ("door.propped", True)]
    held = door.say("door.alarmed", 31, alarm="DoorOpenTooLong")
    assert contradicted(tell([*events, held])) == [("door.held", False), ("door.propped", False)]


@pytest.mark.parametrize(
    "unlock",
    [
        lambda door: door.granted(0, "1001"),
        lambda door: door.exit(0),
        lambda door: door.say("door.unlocked", 0),
        lambda door: door.say("door.mode_changed", 0, mode="Unlocked"),
        lambda door: door.say("door.shunted", 0, for_s=60),
        lambda door: door.say("access.granted", 0),  # a button: no credential
        lambda door: door.taken(0.5, "1001"),  # a controller that tells no grants
    ],
    ids=["grant", "exit", "unlocked", "mode", "shunt", "button", "taken"],
)
def test_what_makes_an_opening_right(unlock: object) -> None:
    assert callable(unlock)
    door = DoorEvents()
    assert alarms(tell([unlock(door), door.opened(1), door.closed(5)])) == []


@pytest.mark.parametrize(
    ("later", "told"),
    [(5.4, []), (7, ["door.forced", "door.secured"])],
    ids=["within the release time", "after it"],
)
def test_a_grant_holds_for_the_release_time(later: float, told: list[str]) -> None:
    door = DoorEvents()
    assert alarms(tell([door.granted(0, "1001"), door.opened(later), door.closed(later + 2)])) == told


def test_one_grant_opens_once() -> None:
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.opened(0.5), door.closed(1), door.opened(3), door.closed(4)])
    assert alarms(said) == ["door.forced", "door.secured"]


def test_two_who_badge_one_after_the_other_may_open_twice() -> None:
    door = DoorEvents()
    said = tell(
        [
            door.granted(0, "1001"), door.granted(1, "1002"), door.opened(1.5), door.closed(2.5),
            door.opened(4), door.closed(5),
        ]
    )  # fmt: skip
    assert alarms(said) == []


def test_a_grant_stamped_just_after_the_opening_it_allowed() -> None:
    door = DoorEvents()
    assert alarms(tell([door.opened(0), door.granted(0.4, "1001"), door.closed(3)])) == []


def test_a_bouncing_contact_is_one_opening() -> None:
    door = DoorEvents()
    bounces = [door.opened(1), door.closed(1.1), door.opened(1.2), door.closed(1.3), door.opened(1.35), door.closed(4)]
    said = tell([door.granted(0, "1001"), *bounces])
    assert alarms(said) == []
    assert [e.data["open_s"] for e in of(said, "door.used")] == [3.0]


def test_held_warned_propped_and_secured_at_their_times() -> None:
    door = DoorEvents("safe")
    said = tell([door.granted(0, "1001", reader="safe-in"), door.opened(1), door.closed(400)])
    assert [(e.type, e.at) for e in said if e.type in ALARMS] == [
        ("door.hold_warned", at(16)),
        ("door.held", at(21)),
        ("door.propped", at(321)),
        ("door.secured", at(400)),
    ]
    assert of(said, "door.secured")[0].data["alarm"] == "propped"


def test_a_door_closed_in_time_is_not_held() -> None:
    door = DoorEvents()
    assert alarms(tell([door.granted(0, "1001"), door.opened(1), door.closed(30.9)])) == []


def test_whoever_needs_longer_has_the_extended_time() -> None:
    door = DoorEvents()
    said = tell([door.granted(0, "1002"), door.opened(1), door.closed(120)])
    assert [(e.type, e.at) for e in said if e.type == "door.held"] == [("door.held", at(61))]


def test_a_shunt_puts_the_alarms_off_and_its_end_brings_them_back() -> None:
    door = DoorEvents()
    said = tell([door.say("door.shunted", 0, for_s=100), door.opened(1)])
    assert [(e.type, e.at) for e in said if e.type in ALARMS][:1] == [("door.held", at(130))]
    door = DoorEvents()
    said = tell([door.say("door.shunted", 0), door.opened(1), door.say("door.unshunted", 50), door.closed(79)])
    assert alarms(said) == []


def test_in_its_free_hours_a_door_may_stand_open() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, free="day"))))
    door = DoorEvents()
    said = tell([door.opened(0), door.closed(3000)], watch)
    assert alarms(said) == []
    assert of(said, "door.used")[0].data["because"] == "free"


def test_an_offline_door_is_not_judged() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, device="panel-1"))))
    door = DoorEvents()
    lost = Event("d1", "device.lost", at(5), "/sites/hq/devices/panel-1", None, {"device_id": "panel-1"})
    said = tell([door.granted(0, "1001"), door.opened(1), lost], watch)
    assert alarms(said) == []
    view = watch.doors(at(10))[0]
    assert (view.is_online, view.contact) == (False, "unknown")


def test_interlocked_doors_must_not_be_open_together() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, interlock=("safe",)), SAFE)))
    front, safe = DoorEvents(), DoorEvents("safe")
    said = tell(
        [
            front.granted(0, "1001"), front.opened(1), safe.granted(2, "1001", reader="safe-in"), safe.opened(3),
            front.closed(5), safe.closed(6),
        ],
        watch,
    )  # fmt: skip
    (told,) = of(said, "door.interlocked")
    assert (told.data["door_id"], told.data["other_door_id"]) == ("safe", "front")


# -- granted, taken, not taken


def test_a_grant_and_an_opening_are_a_passage() -> None:
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.opened(1), door.closed(3)])
    (passed,) = of(said, "access.passed")
    assert passed.data["holder_id"] == "ada"
    assert (passed.data["from_area"], passed.data["into_area"]) == ("street", "office")
    assert (passed.subject, passed.data["told_by"]) == ("holders/ada", "door")
    assert not of(said, "access.unused")


def test_a_grant_without_an_opening_is_unused() -> None:
    door = DoorEvents()
    said = tell([door.granted(0, "1001")])
    assert [e.type for e in said] == ["access.unused"]
    assert said[0].at == at(5)


def test_what_the_controller_says_itself_counts_once() -> None:
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.opened(1), door.taken(1.5, "1001"), door.closed(3)])
    assert len(of(said, "access.passed")) == 1
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.not_taken(5, "1001")])
    assert said == []


def test_not_taken_takes_a_passage_back() -> None:
    watch = AccessWatch(site())
    door = DoorEvents()
    tell([door.granted(0, "1001"), door.opened(1), door.closed(3), door.not_taken(5, "1001")], watch)
    assert [len(a.inside) for a in watch.areas()] == [0, 0, 0]


def test_a_door_without_a_contact_cannot_be_forced_and_is_open_while_released() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, has_sensor=False))))
    door = DoorEvents()
    said = tell([door.granted(0, "1001"), door.crossed(2, "a")], watch)
    assert alarms(said) == []
    (used,) = of(said, "door.used")
    assert (used.data["credentials_in"], used.data["people_in"]) == (1, 1)


# -- what arrives late, twice, out of order, or makes no sense


def test_doubles_with_other_ids_change_nothing() -> None:
    door, again = DoorEvents(), DoorEvents(prefix="again")
    once = [door.granted(0, "1001"), door.opened(1), door.closed(4)]
    twice = [again.granted(0.2, "1001"), again.opened(1.1), again.closed(4.1)]
    both = sorted([*once, *twice], key=lambda e: e.at)
    assert [e.type for e in tell(both)] == [e.type for e in tell(once)]


def test_a_grant_that_comes_late_is_no_forced_door() -> None:
    door = DoorEvents()
    granted, opened, closed = door.granted(0, "1001"), door.opened(1), door.closed(2.5)
    assert alarms(tell([opened, granted, closed])) == []


def test_a_door_of_another_site_or_unknown_is_left_alone() -> None:
    watch = AccessWatch(site())
    stranger = replace(DoorEvents().opened(0), source="/sites/other/doors/front")
    unknown = DoorEvents("nowhere").opened(0)
    assert tell([stranger, unknown], watch) == []


def test_a_clock_that_runs_ahead_does_not_hurry_the_others() -> None:
    watch = AccessWatch(site())
    assert watch.advance(at(0)) == []
    door, safe = DoorEvents(), DoorEvents("safe")
    said = [one for e in (door.opened(0.5), safe.exit(90_000)) for one in watch.update(e)]
    said += watch.update(door.granted(0.2, "1001")) + watch.advance(at(10))
    assert alarms(said) == []


def test_a_restart_repeats_nothing_and_forgets_nothing() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.exit(3), door.closed(40), door.opened(50), door.closed(52)]
    whole = {e.id for e in tell(events)}
    for cut in range(len(events) + 1):
        before, after = AccessWatch(site()), AccessWatch(site())
        said = [one for event in events[:cut] for one in before.update(event)]
        for event in events[:cut]:
            after.update(event)
        said += [one for event in events[cut:] for one in after.update(event)] + after.advance(at(3600))
        assert {e.id for e in said} == whole
        assert len(said) == len(whole)


def test_a_badge_used_just_after_a_door_was_set_to_stand_open_does_not_lock_it() -> None:
    door = DoorEvents()
    open_ = [door.say("door.mode_changed", 0, mode="LockedOpen"), door.granted(0.5, "1001")]
    openings = [door.opened(1), door.closed(3), door.opened(60), door.closed(63)]
    watch = AccessWatch(site())
    said = [one for event in [*open_, *openings] for one in watch.update(event)] + watch.advance(at(100))
    assert "door.forced" not in [e.type for e in said]


def test_a_warning_says_nothing_of_what_its_controller_does_not_tell_yet() -> None:
    """It bore a mark that only alarms have: the controller had told of alarms before, and not of this one."""
    door = DoorEvents("safe")
    events = [door.say("door.alarmed", -10, alarm="Normal"), door.granted(0, "1001", reader="safe-in"), door.opened(1)]
    watch = AccessWatch(site())
    said = [one for event in events for one in watch.update(event)] + watch.advance(at(18.5))
    check_events(said)
    assert [set(e.data) for e in said if e.type == "door.hold_warned"] == [{"door_id", "open_s", "reason", "event_ids"}]


def test_an_opening_that_is_heard_after_its_closing_is_over() -> None:
    """Symptom: the door stood open from then on, was told as held, and who badged next had no credential."""
    watch, door = AccessWatch(site()), DoorEvents()
    for event in (door.granted(0, "1001"), door.taken(2, "1001"), door.crossed(2, "a"), door.closed(4)):
        watch.update(event)
    watch.advance(at(20))
    late = tell([door.opened(1)], watch, until=25)
    assert [d.contact for d in watch.doors(at(20))][:1] == ["closed"]
    assert [(e.data["credentials_in"], e.data["people_in"], e.data["open_s"]) for e in of(late, "door.used")] == [
        (1, 1, 3)
    ]
    after = tell([door.granted(30, "1002"), door.opened(31), door.crossed(32, "b"), door.closed(34)], watch)
    assert [e.type for e in after] == ["access.passed", "door.used"]
    assert alarms([*late, *after]) == []


def test_who_badges_where_a_closing_was_lost_opens_the_door_anew() -> None:
    """Symptom: the same person who went in again was two people on one credential."""
    door = DoorEvents()
    first = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a")]
    again = [door.granted(20, "1001"), door.opened(21), door.crossed(21.5, "b"), door.closed(24)]
    said = tell([*first, *again])
    assert [(e.data["credentials_in"], e.data["people_in"]) for e in of(said, "door.used")] == [(1, 1), (1, 1)]
    assert of(said, "access.tailgated") == []


def test_a_controller_that_says_again_that_a_door_stands_open_opens_it_for_nobody() -> None:
    door = DoorEvents()
    events = [door.granted(0, "1001"), door.opened(1), door.opened(20), door.closed(40)]
    assert alarms(tell(events)) == ["door.held", "door.secured"]


def heard_at_last(watch: AccessWatch, before: Iterable[Event], late: Event, after: Iterable[Event]) -> list[Event]:
    """`late` is heard at 35 s, when all `before` it has been judged as far as it can be."""
    said = tell(before, watch, until=35) + tell([late], watch, until=36)
    return said + tell(after, watch)


def test_a_grant_that_is_heard_after_it_was_taken_is_no_second_use() -> None:
    """Symptom: it counted for whoever opened the door when it was heard, who could let one in behind them."""
    watch, door = AccessWatch(site()), DoorEvents()
    first = [door.opened(1), door.taken(3, "1001"), door.crossed(3, "a"), door.closed(5)]
    other = [door.granted(30, "1002"), door.opened(31), door.crossed(32, "b")]
    late, follows = door.granted(0, "1001"), [door.crossed(38, "c"), door.closed(40)]
    said = heard_at_last(watch, [*first, *other], late, follows)
    assert [e.data["holder_id"] for e in of(said, "access.passed")] == ["ada", "ben"]
    assert [(e.data["people"], e.data["credentials"]) for e in of(said, "access.tailgated")] == [(2, 1)]


def test_a_grant_that_is_heard_late_lets_nobody_through_a_later_opening() -> None:
    watch, door = AccessWatch(site()), DoorEvents()
    opened = [door.granted(30, "1002"), door.opened(31)]
    said = heard_at_last(watch, opened, door.granted(0, "1001"), [door.closed(40)])
    assert [e.data["holder_id"] for e in of(said, "access.passed")] == ["ben"]


def test_a_door_that_was_forced_is_told_though_that_is_heard_after_others_were_let_in() -> None:
    """Symptom: who badged at the door that stood open, or asked to leave, had opened it."""
    for meanwhile in (("granted", "1001"), ("say", "exit.requested"), ("say", "access.granted")):
        watch, door = AccessWatch(site()), DoorEvents()
        let_in = door.granted(6, "1001") if meanwhile[0] == "granted" else door.say(meanwhile[1], 6)
        said = tell([let_in], watch, until=9) + tell([door.opened(1)], watch, until=9.5)
        said += tell([door.closed(12)], watch)
        assert alarms(said) == ["door.forced", "door.secured"], meanwhile


def test_an_opening_that_is_heard_when_its_grant_was_said_to_be_unused_is_not_forced() -> None:
    watch, door = AccessWatch(site()), DoorEvents()
    said = tell([door.granted(0, "1001"), door.closed(4)], watch, until=20) + tell([door.opened(1)], watch)
    assert alarms(said) == []
    assert [(e.data["holder_id"], e.at) for e in of(said, "access.passed")] == [("ada", at(1))]


@pytest.mark.parametrize("way", ["in", None])
def test_who_is_let_in_by_the_desk_where_a_closing_was_lost_opens_the_door_anew(way: str | None) -> None:
    """Symptom: the visitor forced the door, or came in without a credential."""
    door = DoorEvents()
    first = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a")]
    again = [door.say("access.granted", 18, direction=way), door.opened(20), door.crossed(21, "b"), door.closed(24)]
    said = tell([*first, *again])
    assert [e.data.get("releases", 0) for e in of(said, "door.used")] == [0, 1]
    assert alarms(said) == []
    assert of(said, "access.tailgated") == []


def test_who_badges_long_before_the_door_is_opened_anew_is_no_credential_of_the_opening_before() -> None:
    door = DoorEvents()
    first = [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a")]
    said = tell([*first, door.granted(17, "1002"), door.opened(20), door.crossed(21, "b"), door.closed(24)])
    assert [(e.data["credentials_in"], e.data["people_in"]) for e in of(said, "door.used")] == [(1, 1), (1, 1)]


def test_a_closing_before_the_one_known_ends_an_opening_that_is_heard_late() -> None:
    """Whichever of the two is heard first."""
    for closed_s in ((4, 34), (34, 4)):
        watch, door = AccessWatch(site()), DoorEvents()
        said = tell([door.closed(seconds) for seconds in closed_s], watch, until=37)
        said += tell([door.granted(0, "1001"), door.opened(1)], watch)
        assert [e.data["open_s"] for e in of(said, "door.used")] == [3], closed_s
    watch, door = AccessWatch(site()), DoorEvents()
    watch.update(door.closed(34))
    watch.advance(at(37))
    late = [door.granted(0, "1001"), door.opened(1), door.closed(4), door.granted(19, "1002"), door.opened(20)]
    assert [e.data["open_s"] for e in of(tell(late, watch), "door.used")] == [3, 14]


def test_a_door_stands_open_though_an_earlier_closing_is_heard_only_now() -> None:
    watch, door = AccessWatch(site()), DoorEvents()
    tell([door.granted(30, "1001"), door.opened(31)], watch, until=35)
    tell([door.closed(5)], watch, until=36)
    assert [d.contact for d in watch.doors(at(36))][:1] == ["open"]


@pytest.mark.parametrize(("late_s", "credentials"), [(0, 1), (28, 2)])
def test_a_grant_that_is_heard_late_ends_no_other_where_no_contact_tells(late_s: float, credentials: int) -> None:
    """Symptom: the other was over before it had begun."""
    watch, door = AccessWatch(site(plan(replace(FRONT, has_sensor=False)))), DoorEvents()
    said = tell([door.granted(30, "1002")], watch, until=33) + tell([door.granted(late_s, "1001")], watch)
    assert [e.data["holder_id"] for e in of(said, "access.passed")] == ["ben", "ada"]
    assert [(e.data["open_s"], e.data["credentials_in"]) for e in of(said, "door.used")] == [(5, credentials)]


def test_an_opening_that_was_over_is_not_interlocked_with_a_later_one() -> None:
    watch = AccessWatch(site(plan(replace(FRONT, interlock=("safe",)), SAFE)))
    front, safe = DoorEvents(), DoorEvents("safe")
    before = [front.granted(0, "1001"), front.closed(4), safe.granted(9, "1001", reader="safe-in"), safe.opened(10)]
    said = tell(before, watch, until=15) + tell([front.opened(1)], watch, until=16)
    assert of(said, "door.interlocked") == []
