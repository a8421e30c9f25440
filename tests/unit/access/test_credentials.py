"""What the use of one credential gives away by itself, at once and in any order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from custos.access import AccessWatch
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.correlation.engine import RuleEngine
from custos.model.access import AccessRole, Credential, Door, Holder, Permission, Reader
from custos.model.event import Event
from custos.testing.check_event import check_events
from custos.testing.premises import DoorEvents, at, plan, site

AT_ONCE = ("access.duressed", "access.misused", "access.exceeded", "access.travelled_impossibly")
IN_TURN = ("access.hurried", "access.denied_repeatedly", "access.probed")
"""Told when nothing earlier can come any more."""


def tell(events: Iterable[Event], watch: AccessWatch | None = None) -> list[Event]:
    """What is said of credentials: at once, without waiting for anything, but for what is told in turn."""
    watch = watch or AccessWatch(site())
    said = [one for event in events for one in watch.update(event) if one.type in (*AT_ONCE, *IN_TURN)]
    said += [one for one in watch.advance(at(86_400)) if one.type in IN_TURN]
    check_events(said)
    return said


def test_an_ordinary_badge_says_nothing() -> None:
    door = DoorEvents()
    assert tell([door.granted(0, "1001"), door.taken(1, "1001"), door.denied(5, "1001"), door.granted(9, "77")]) == []


def test_a_duress_credential() -> None:
    door = DoorEvents()
    (told,) = tell([door.granted(0, "1009"), door.taken(1, "1009")])
    assert (told.type, told.data["holder_id"], told.subject) == ("access.duressed", "ada", "holders/ada")


@pytest.mark.parametrize(
    ("credential", "state"),
    [
        (Credential("5", valid_until=at(-1)), "expired"),
        (Credential("5", valid_from=at(60)), "early"),
        (Credential("5", valid_until=at(1)), None),
    ],
)
def test_a_credential_out_of_its_time(credential: Credential, state: str | None) -> None:
    access = replace(plan(), holders=(Holder("eve", "Eve", ("staff",), (credential,)),))
    said = tell([DoorEvents().denied(0, "5")], AccessWatch(site(access)))
    assert [e.data["state"] for e in said] == ([] if state is None else [state])


def test_a_lost_credential_that_is_let_in() -> None:
    (told,) = tell([DoorEvents().granted(0, "1004")])
    assert (told.type, told.data["state"], told.data["granted"]) == ("access.misused", "lost", True)


def test_let_in_where_or_when_the_plan_does_not_allow() -> None:
    night = AccessRole("staff", "Staff", (Permission(("office",), schedule="day"),))
    access = replace(plan(), roles=(night, *plan().roles[1:]))
    door = DoorEvents()
    late_s = timedelta(hours=10).total_seconds()
    said = tell([door.granted(0, "1001"), door.granted(late_s, "1001")], AccessWatch(site(access)))
    assert [(e.type, e.at) for e in said] == [("access.exceeded", at(late_s))]


@pytest.mark.parametrize(("reader", "told"), [("safe-in", ["access.exceeded"]), ("safe-out", [])])
def test_who_stayed_beyond_their_hours_may_go_out(reader: str, told: list[str]) -> None:
    """Symptom: a cleaner who went home late was let in against the plan, at every door on the way."""
    day = AccessRole("staff", "Staff", (Permission(("office", "vault"), schedule="day"),))
    late_s = timedelta(hours=10).total_seconds()
    read = DoorEvents("safe").granted(late_s, "1001", reader=reader)
    assert [e.type for e in tell([read], AccessWatch(site(replace(plan(), roles=(day, *plan().roles[1:])))))] == told


def test_who_goes_out_where_they_may_never_be_is_told() -> None:
    vault = AccessRole("staff", "Staff", (Permission(("vault",)),))
    read = DoorEvents("safe").granted(0, "1001", reader="safe-out")
    said = tell([read], AccessWatch(site(replace(plan(), roles=(vault, *plan().roles[1:])))))
    assert [(e.type, e.data["into_area"]) for e in said] == [("access.exceeded", "office")]


@pytest.mark.parametrize(("at_night", "told"), [(("vault",), ["access.exceeded"]), ((), [])])
def test_who_may_be_where_they_come_from_has_not_stayed_too_long(at_night: tuple[str, ...], told: list[str]) -> None:
    """Symptom: who works in one area at night went into the next, which is theirs by day only, and nobody was told."""
    may = (Permission(("office", "vault"), schedule="day"), Permission(at_night))
    late_s = timedelta(hours=10).total_seconds()
    read = DoorEvents("safe").granted(late_s, "1001", reader="safe-out")
    roles = (AccessRole("staff", "Staff", may), *plan().roles[1:])
    assert [e.type for e in tell([read], AccessWatch(site(replace(plan(), roles=roles))))] == told


def test_who_comes_in_from_outside_out_of_hours_is_told_whichever_side_the_door_names_first() -> None:
    yard = Door("yard", "Yard door", ("office", "street"), (Reader("yard-in", "office"),))
    day = AccessRole("staff", "Staff", (Permission(("office",), schedule="day"),))
    access = replace(plan(), doors=(*plan().doors, yard), roles=(day, *plan().roles[1:]))
    read = DoorEvents("yard").granted(timedelta(hours=10).total_seconds(), "1001")
    assert [e.type for e in tell([read], AccessWatch(site(access)))] == ["access.exceeded"]


def test_refused_again_and_again_is_told_once() -> None:
    door = DoorEvents()
    said = tell([door.denied(10.0 * n, f"{n}") for n in range(8)])
    assert [(e.type, e.data["count"]) for e in said] == [("access.denied_repeatedly", 3)]
    assert tell([door.denied(100.0 * n, f"{n}") for n in range(8)]) == []


def test_refusals_are_told_of_the_same_door_in_whatever_order_they_are_heard() -> None:
    """Symptom: of a badge tried at door after door it depended on the order of arrival which doors were named."""
    here = site(replace(plan(), doors=(*plan().doors, replace(plan().doors[1], id="third", readers=()))))
    doors = [DoorEvents(one) for one in ("front", "safe", "third")]
    told = [door.denied(n * 0.6, "9") for n, door in enumerate(doors)]
    for order in permutations(told):
        said = [e for e in tell(order, AccessWatch(here)) if e.type in IN_TURN]
        assert [(e.type, e.door_id, e.data.get("doors")) for e in said] == [
            ("access.denied_repeatedly", "third", None),
            ("access.probed", "third", ["front", "safe", "third"]),
        ]


def test_the_same_refusal_told_twice_counts_once() -> None:
    door = DoorEvents()
    assert tell([door.denied(0, "1"), door.denied(0.1, "1"), door.denied(0.2, "1")]) == []


def test_one_credential_at_many_doors() -> None:
    front, safe = DoorEvents(), DoorEvents("safe")
    third = replace(plan().doors[1], id="third", readers=())
    watch = AccessWatch(site(replace(plan(), doors=(*plan().doors, third))))
    said = tell([front.denied(0, "9"), safe.denied(200, "9"), DoorEvents("third").denied(400, "9")], watch)
    assert [(e.type, e.data["doors"]) for e in said] == [("access.probed", ["front", "safe", "third"])]


@pytest.mark.parametrize(("elapsed", "count"), [(19, 1), (21, 0)])
def test_impossible_travel_in_whatever_order_it_is_heard(elapsed: float, count: int) -> None:
    front, safe = DoorEvents(), DoorEvents("safe")
    events = [
        front.granted(0, "1001"),
        front.taken(0.5, "1001"),
        safe.granted(elapsed + 0.5, "1001", reader="safe-in"),
    ]
    told = set()
    for order in permutations(events):
        said = [e for e in tell(order) if e.type == "access.travelled_impossibly"]
        assert len(said) == count
        told |= {(e.data["door_id"], e.data["other_door_id"], e.data["least_s"]) for e in said}
    assert told == ({("safe", "front", 20.0)} if count else set())


def test_two_people_at_two_doors_travel_as_they_like() -> None:
    front, safe = DoorEvents(), DoorEvents("safe")
    assert tell([front.granted(0, "1001"), safe.granted(1, "1002", reader="safe-in")]) == []


ROOMS = tuple(Door(f"d{n}", f"Room {n}", ("street", "office"), (Reader(f"d{n}-in", "office"),)) for n in range(6))


def use(every_s: float, denied: Collection[int] = (), doors: int = 6) -> list[Event]:
    """One credential at one door after another; who is told of."""
    stories = [(n, DoorEvents(f"d{n}", prefix=f"room{n}")) for n in range(doors)]
    events = [d.denied(n * every_s, "1001") if n in denied else d.granted(n * every_s, "1001") for n, d in stories]
    watch = AccessWatch(site(replace(plan(), doors=(*plan().doors, *ROOMS))))
    return [e for e in tell(events, watch) if e.type in ("access.hurried", "access.probed")]


def test_one_credential_let_in_at_many_doors_within_seconds_is_told_once() -> None:
    """Granted at six doors within 25 s said nothing: only refusals did."""
    (told,) = use(5)
    assert told.type == "access.hurried"
    assert (told.data["doors"], told.data["period_s"]) == (["d0", "d1", "d2", "d3"], 15.0)


@pytest.mark.parametrize(("every_s", "denied", "doors", "count"), [
    (9, (), 4, 1), (11, (), 6, 0), (60, (), 6, 0), (1, (), 3, 0), (5, (0, 2), 4, 1), (5, (0, 1, 2, 3), 4, 0),
])  # fmt: skip
def test_who_walks_from_door_to_door_is_not_in_a_hurry(
    every_s: float, denied: tuple[int, ...], doors: int, count: int
) -> None:
    """A guard on patrol takes longer for each door, also where the next is beside it."""
    assert [e.type for e in use(every_s, denied, doors)].count("access.hurried") == count


def test_each_later_attack_with_the_same_credential_is_told() -> None:
    """Symptom: the first attack was found again among the reads that are kept, and those of the next hours were not
    told."""
    watch = AccessWatch(site(replace(plan(), doors=(*plan().doors, *ROOMS))))
    stories = [DoorEvents(f"d{n}", prefix=f"room{n}") for n in range(4)]
    starts_s = [7200.0 * n for n in range(5)]
    events = [door.granted(start_s + 5 * n, "1001") for start_s in starts_s for n, door in enumerate(stories)]
    said = [e for e in tell(events, watch) if e.type == "access.hurried"]
    assert [e.at for e in said] == [at(start_s + 15) for start_s in starts_s]


def test_many_doors_in_whatever_order_they_are_heard() -> None:
    events = [DoorEvents(f"d{n}", prefix=f"room{n}").granted(5 * n, "1001") for n in range(4)]
    for order in permutations(events):
        said = tell(order, AccessWatch(site(replace(plan(), doors=(*plan().doors, *ROOMS)))))
        assert [sorted(map(str, e.data["doors"])) for e in said] == [["d0", "d1", "d2", "d3"]]  # type: ignore[arg-type]


def test_six_doors_are_told_alike_in_whatever_order_they_are_heard() -> None:
    """Symptom: which four of the doors were named depended on the order of arrival, and a restart told it anew."""
    events = [DoorEvents(f"d{n}", prefix=f"room{n}").granted(n / 4, "1001") for n in range(6)]
    plan_of_rooms = site(replace(plan(), doors=(*plan().doors, *ROOMS)))
    said = {tuple(e.id for e in tell(order, AccessWatch(plan_of_rooms))) for order in permutations(events)}
    assert len(said) == 1
    assert len(said.pop()) == 1


def test_who_goes_through_one_door_after_another_against_the_plan_is_one_incident() -> None:
    """Symptom: a cleaner who came five minutes early was an incident at the entrance and one at the next door."""
    rules = read_rules([SHIPPED / "let-in-against-the-plan.yaml"])
    read = [DoorEvents("front").granted(0, "1001"), DoorEvents("safe").granted(30, "1001", reader="safe-in")]
    other = DoorEvents("front", prefix="other").granted(40, "1002")
    nobody = replace(plan(), roles=(AccessRole("staff", "Staff"), AccessRole("keeper", "Keyholder"), plan().roles[2]))
    engine, watch = RuleEngine(rules, site(nobody)), AccessWatch(site(nobody))
    said = [signal for event in tell([*read, other], watch) for signal in engine.update(event)]
    first, then, of_another = (signal.group for signal in said)
    assert first == then != of_another
