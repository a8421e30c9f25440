"""What holds of doors and anti-passback whatever happens, in whatever order it is heard.

Invariants, not a second implementation: each says something of every story, and hypothesis looks for one that breaks
it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from custos.access import AccessWatch
from custos.access.door import BOUNCE_S, SETTLE_S
from custos.access.ordering import LATE_S
from custos.model.access import Passback, Reader
from custos.model.event import Event
from custos.testing.check_event import check_events
from custos.testing.premises import FRONT, SAFE, DoorEvents, at, plan, site

BOTH_WAYS = replace(FRONT, readers=(Reader("front-in", "office"), Reader("front-out", "street")))
SITE = site(plan(BOTH_WAYS))
UNLOCKS = ("access.granted", "access.taken", "exit.requested", "door.unlocked", "door.shunted")
END_S = 10_000.0
FEW = settings(max_examples=60, deadline=None)

Step = tuple[float, str, str]
steps = st.tuples(
    st.floats(0, 120).map(lambda s: round(s, 2)),
    st.sampled_from(["granted", "taken", "not_taken", "opened", "closed", "exit", "in", "out", "unlocked", "locked"]),
    st.sampled_from(["1001", "1002", "1003"]),
)
doors = st.sampled_from(["front", "safe"])
stories = st.lists(st.tuples(doors, steps), max_size=25)


def events_of(story: Sequence[tuple[str, Step]]) -> list[Event]:
    """The events of a story, in the order of their times."""
    makers = {"front": DoorEvents("front"), "safe": DoorEvents("safe")}
    events: list[Event] = []
    for n, (door_id, (seconds, what, credential)) in enumerate(story):
        door = makers[door_id]
        reader = "front-in" if door_id == "front" else "safe-in"
        match what:
            case "granted" | "taken" | "not_taken":
                events.append(door.say(f"access.{what}", seconds, credential=credential, reader_id=reader))
            case "in" | "out":
                events.append(door.crossed(seconds, f"t{n}", "left" if what == "in" else "right"))
            case "exit":
                events.append(door.exit(seconds))
            case _:
                events.append(door.say(f"door.{what}", seconds))
    return sorted(events, key=lambda e: (e.at, e.id))


def conclude(events: Sequence[Event], watch: AccessWatch | None = None) -> list[Event]:
    watch = watch or AccessWatch(SITE)
    said = [one for event in events for one in watch.update(event)]
    return said + watch.advance(at(END_S))


@FEW
@given(stories)
def test_conclusions_are_events_and_rest_on_what_was_heard(story: list[tuple[str, Step]]) -> None:
    events = events_of(story)
    said = conclude(events)
    check_events(said)
    heard = {e.id for e in events}
    for one in said:
        resting = one.data["event_ids"]
        assert isinstance(resting, list)
        assert resting
        assert set(resting) <= heard


@FEW
@given(stories, st.lists(st.floats(0, LATE_S - 0.05), min_size=25, max_size=25))
def test_the_order_of_arrival_does_not_matter(story: list[tuple[str, Step]], delays: list[float]) -> None:
    events = events_of(story)
    arriving = sorted(
        zip(events, delays, strict=False), key=lambda pair: (pair[0].at - at(0)).total_seconds() + pair[1]
    )
    late = [event for event, _ in arriving]
    ordered_only = ("door.", "access.passed", "access.unused", "access.tailgated", "access.passback_violated")
    in_order = {e.id for e in conclude(events) if e.type.startswith(ordered_only)}
    assert {e.id for e in conclude(late) if e.type.startswith(ordered_only)} == in_order


@FEW
@given(stories, st.data())
def test_events_that_come_twice_say_nothing_new(story: list[tuple[str, Step]], data: st.DataObject) -> None:
    events = events_of(story)
    again = data.draw(st.lists(st.sampled_from(events), max_size=10)) if events else []
    twice = sorted([*events, *again], key=lambda e: (e.at, e.id))
    assert Counter(e.id for e in conclude(twice)) == Counter(e.id for e in conclude(events))


@FEW
@given(stories, st.integers(0, 25))
def test_a_restart_anywhere_loses_and_repeats_nothing(story: list[tuple[str, Step]], cut: int) -> None:
    events = events_of(story)
    before, after = AccessWatch(SITE), AccessWatch(SITE)
    said = [one for event in events[:cut] for one in before.update(event)]
    for event in events[:cut]:
        after.update(event)
    said += [one for event in events[cut:] for one in after.update(event)] + after.advance(at(END_S))
    assert Counter(e.id for e in said) == Counter(e.id for e in conclude(events))


@FEW
@given(stories)
def test_a_forced_door_had_nothing_that_unlocked_it(story: list[tuple[str, Step]]) -> None:
    """Grants are told apart elsewhere: an earlier opening may have used one up. A request to exit is not."""
    events = events_of(story)
    for forced in (e for e in conclude(events) if e.type == "door.forced"):
        for event in events:
            since = (forced.at - event.at).total_seconds()
            if event.data.get("door_id") != forced.data["door_id"] or not -SETTLE_S <= since <= 5.0:
                continue
            assert event.type != "exit.requested", f"{since} s before it was forced"


@FEW
@given(stories)
def test_where_nothing_unlocks_every_opening_is_forced(story: list[tuple[str, Step]]) -> None:
    events = [e for e in events_of(story) if e.type not in UNLOCKS]
    said = conclude(events)
    openings = 0
    for door_id in ("front", "safe"):
        is_open, closed_at = False, None
        for event in (e for e in events if e.data.get("door_id") == door_id):
            if event.type == "door.opened" and not is_open:
                bounced = closed_at is not None and (event.at - closed_at).total_seconds() <= BOUNCE_S
                openings += not bounced
                is_open = True
            elif event.type == "door.closed" and is_open:
                is_open, closed_at = False, event.at
    assert sum(e.type == "door.forced" for e in said) == openings
    assert not [e for e in said if e.type.startswith("access.")]


@FEW
@given(stories)
def test_alarms_end_when_the_door_is_closed(story: list[tuple[str, Step]]) -> None:
    watch, closer = AccessWatch(SITE), DoorEvents("front", prefix="close")
    events = [*events_of(story), closer.closed(200), replace(closer.closed(200), source="/sites/hq/doors/safe",
              data={"door_id": "safe"})]  # fmt: skip
    said = conclude(events, watch)
    assert {view.alarm for view in watch.doors(at(END_S))} == {"normal"}
    raised = {(e.data["door_id"], ids[0]) for e in said if e.type in ("door.forced", "door.held") for ids in [_ids(e)]}
    ended = {(e.data["door_id"], _ids(e)[0]) for e in said if e.type == "door.secured"}
    assert raised == ended


def _ids(event: Event) -> list[object]:
    ids = event.data["event_ids"]
    assert isinstance(ids, list)
    return list(ids)


@FEW
@given(stories)
def test_tailgating_means_more_people_than_credentials(story: list[tuple[str, Step]]) -> None:
    events = events_of(story)
    for told in (e for e in conclude(events) if e.type == "access.tailgated"):
        people, credentials = told.data["people"], told.data["credentials"]
        assert isinstance(people, int)
        assert isinstance(credentials, int)
        assert people > credentials
        way = "left" if told.data["direction"] == "in" else "right"
        assert people <= sum(e.type == "line.crossed" and e.data["direction"] == way for e in events)
        near = [e for e in events if e.type in ("access.granted", "access.taken") and e.id in _ids(told)]
        assert credentials <= len({e.data["credential"] for e in near})


@FEW
@given(st.lists(st.sampled_from(["1001", "1002", "1003"]), min_size=1, max_size=5, unique=True), st.integers(0, 5))
def test_whoever_all_badged_has_no_tailgater_among_them(credentials: list[str], leaving: int) -> None:
    """However many go in on one opening, with a badge each, and however many leave meanwhile by the button."""
    door = DoorEvents()
    events = [door.exit(0)] + [door.granted(0.1 + 0.3 * n, c, reader="front-in") for n, c in enumerate(credentials)]
    events += [door.opened(1.5)] + [door.crossed(2 + 0.5 * n, f"in{n}") for n in range(len(credentials))]
    events += [door.crossed(2.2 + 0.5 * n, f"out{n}", "right") for n in range(leaving)] + [door.closed(8)]
    assert not [e for e in conclude(sorted(events, key=lambda e: e.at)) if e.type == "access.tailgated"]


# -- anti-passback: people walk; some of their steps are lost

WAYS = {"street": ["front-in"], "office": ["front-out", "safe-in"], "vault": ["safe-out"]}
INTO = {"front-in": "office", "front-out": "street", "safe-in": "vault", "safe-out": "office"}
ORIGIN = {"front-in": "street", "front-out": "office", "safe-in": "office", "safe-out": "vault"}
walkers = st.lists(st.tuples(st.sampled_from(["1001", "1002", "1003"]), st.integers(0, 1)), max_size=20)


def walk(choices: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    """A walk that people can make: (credential, reader), everybody beginning on the street."""
    where = dict.fromkeys(("1001", "1002", "1003"), "street")
    taken: list[tuple[str, str]] = []
    for credential, choice in choices:
        ways = WAYS[where[credential]]
        reader = ways[choice % len(ways)]
        where[credential] = INTO[reader]
        taken.append((credential, reader))
    return taken


def badge(taken: Sequence[tuple[str, str]], passback: Passback = Passback.SOFT) -> tuple[list[Event], AccessWatch]:
    """The violations of a walk, one step a minute, as the readers hear it."""
    watch = AccessWatch(site(plan(replace(BOTH_WAYS, walk_s=()), SAFE, passback=passback)))
    events: list[Event] = []
    for n, (credential, reader) in enumerate(taken):
        door = DoorEvents(reader.split("-")[0], prefix=f"w{n}")
        door.granted(60.0 * n, credential, reader=reader)
        door.opened(60.0 * n + 1)
        door.closed(60.0 * n + 3)
        events += door.told
    return [e for e in conclude(events, watch) if e.type == "access.passback_violated"], watch


@FEW
@given(walkers, st.sampled_from(list(Passback)))
def test_whoever_can_be_where_they_badge_never_violates(choices: list[tuple[str, int]], passback: Passback) -> None:
    violations, _ = badge(walk(choices), Passback.SOFT if passback is Passback.TIMED else passback)
    assert violations == []


@FEW
@given(walkers)
def test_everybody_is_in_the_one_area_they_went_into_last(choices: list[tuple[str, int]]) -> None:
    taken = walk(choices)
    _, watch = badge(taken)
    last = {credential: INTO[reader] for credential, reader in taken}
    holders = {"1001": "holders/ada", "1002": "holders/ben", "1003": "holders/cleo"}
    expected = sorted((area, holders[c]) for c, area in last.items() if area != "street")
    assert sorted((a.id, who.key) for a in watch.areas() for who, _ in a.inside) == expected


@FEW
@given(walkers, st.integers(0, 19))
def test_a_step_that_is_lost_is_missed_at_the_next(choices: list[tuple[str, int]], lost: int) -> None:
    """One passage was not read (somebody tailgated): that person's next one is out of turn, and nobody else's."""
    taken = walk(choices)
    if lost >= len(taken):
        return
    credential, _ = taken[lost]
    before = [r for c, r in taken[:lost] if c == credential]
    after = [r for c, r in taken[lost + 1 :] if c == credential]
    violations, _ = badge(taken[:lost] + taken[lost + 1 :])
    if not before or not after:
        assert violations == [], "where somebody has never been read, any first step is right"
        return
    assert len(violations) == 1
    holders = {"1001": "ada", "1002": "ben", "1003": "cleo"}
    assert violations[0].data["holder_id"] == holders[credential]
    known, tried = INTO[before[-1]], after[0]
    twice = known == INTO[tried] and known != "street"
    assert violations[0].data["missing"] == ("exit" if twice else "entry")
    assert ORIGIN[tried] != known
