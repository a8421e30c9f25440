"""What holds of doors and anti-passback whatever happens, in whatever order it is heard.

Invariants, not a second implementation: each says something of every story, and hypothesis looks for one that breaks
it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from custos.access import AccessWatch, build_access
from custos.access.door import BOUNCE_S, SETTLE_S
from custos.access.ordering import LATE_S
from custos.adapters.bus import InProcessBus
from custos.model.access import Area, Passback, Reader
from custos.model.event import Event, Json
from custos.pipeline.hub import Hub
from custos.testing.check_event import check_events
from custos.testing.premises import FRONT, SAFE, DoorEvents, at, plan, site
from custos.testing.store import InMemoryStore

BOTH_WAYS = replace(FRONT, readers=(Reader("front-in", "office"), Reader("front-out", "street")))
SITE = site(plan(replace(BOTH_WAYS, device="front-controller"), replace(SAFE, device="safe-controller")))
UNLOCKS = ("access.granted", "access.taken", "exit.requested", "door.unlocked", "door.shunted", "door.mode_changed")
END_S = 10_000.0
FEW = settings(max_examples=60, deadline=None)

STATES = (
    "unlocked", "locked", "shunted", "unshunted", "stand-open", "stand-locked", "lost", "found", "tampered", "alarmed",
    "covered", "restored", "moved", "recalibrated",
)  # fmt: skip
"""What lasts: a lock, a shunt, a mode, a controller that is away, a tamper, an alarm of the controller's own."""
OFTEN = ("granted", "opened", "closed", "in", "out")
Step = tuple[float, str, str]
steps = st.tuples(
    st.floats(0, 120).map(lambda s: round(s, 2)),
    st.sampled_from([*OFTEN, *OFTEN, "taken", "not_taken", "exit", "denied", *STATES]),
    st.sampled_from(["1001", "1002", "1003"]),
)
doors = st.sampled_from(["front", "safe"])
stories = st.lists(st.tuples(doors, steps), max_size=25)


def state_of(door: DoorEvents, n: int, seconds: float, what: str) -> Event:
    """An event that tells of a state."""
    match what:
        case "shunted":
            return door.say("door.shunted", seconds, for_s=10.0 + n)
        case "stand-open" | "stand-locked":
            return door.say("door.mode_changed", seconds, mode="LockedOpen" if what == "stand-open" else "Locked")
        case "tampered":
            return door.say("door.tampered", seconds, active=n % 2 == 0)
        case "alarmed":
            return door.say("door.alarmed", seconds, alarm="DoorForcedOpen" if n % 2 else "Normal")
        case "moved":
            since: dict[str, Json] = {"since": at(max(seconds - n % 6, 0.0)).isoformat()}
            return Event(f"cam{n}", "camera.moved", at(seconds), "/sites/hq/cameras/lobby", "cameras/lobby", since)
        case "lost" | "found":
            type_, device = f"device.{'lost' if what == 'lost' else 'connected'}", f"{door.door_id}-controller"
            return Event(f"dev{n}", type_, at(seconds), f"/sites/hq/devices/{device}", None, {"device_id": device})
        case "covered" | "restored" | "recalibrated":
            data: dict[str, Json] = {"was": "camera.covered"} if what == "restored" else {}
            return Event(f"cam{n}", f"camera.{what}", at(seconds), "/sites/hq/cameras/lobby", "cameras/lobby", data)
    return door.say(f"door.{what}", seconds)


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
            case "denied":
                reason = "AntiPassback" if n % 2 else "NotPermittedAtThisTime"
                events.append(door.denied(seconds, credential, reason=reason, reader=reader))
            case _ if what in STATES:
                events.append(state_of(door, n, seconds, what))
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
    """No request to exit, no shunt, no mode in which it stands open, and a controller to tell of it. Grants are told
    apart elsewhere: an earlier opening may have used one up."""
    events = events_of(story)
    for forced in (e for e in conclude(events) if e.type == "door.forced"):
        mine = [e for e in events if e.data.get("door_id") == forced.data["door_id"] and e.at <= forced.at]
        for event in events:
            since = (forced.at - event.at).total_seconds()
            if event.data.get("door_id") == forced.data["door_id"] and -SETTLE_S <= since <= 5.0:
                assert event.type != "exit.requested", f"{since} s before it was forced"
        assert not _is_shunted(mine, forced.at)
        assert not _stands_open(mine, forced.at)
        controller = f"{forced.data['door_id']}-controller"
        links = [e for e in events if e.data.get("device_id") == controller and e.at < forced.at]
        was_away = [e.at for e in links if e.type == "device.lost"]
        assert all(e.at > lost_at for lost_at in was_away for e in mine if e.id == _ids(forced)[0])


def _is_shunted(mine: Sequence[Event], when: datetime) -> bool:
    shunts = [e for e in mine if e.type in ("door.shunted", "door.unshunted")]
    if not shunts or shunts[-1].type == "door.unshunted" or shunts[-1].at == when:
        return False
    for_s = shunts[-1].data["for_s"]
    assert isinstance(for_s, float)
    return (when - shunts[-1].at).total_seconds() < for_s


def _stands_open(mine: Sequence[Event], when: datetime) -> bool:
    """By its mode, which nothing but another mode and a lock ends."""
    said = [e for e in mine if e.type in ("door.mode_changed", "door.locked")]
    return bool(said) and said[-1].data.get("mode") == "LockedOpen" and said[-1].at < when


@FEW
@given(stories)
@example([("safe", (0.0, "opened", "1001")), ("safe", (0.0, "closed", "1001")), ("safe", (BOUNCE_S, "opened", "1001"))])
def test_where_nothing_unlocks_every_opening_is_forced(story: list[tuple[str, Step]]) -> None:
    events = [e for e in events_of(story) if e.type not in UNLOCKS and not e.type.startswith(("device.", "access.den"))]
    said = conclude(events)
    openings = 0
    for door_id in ("front", "safe"):
        is_open, closed_at = False, None
        for event in (e for e in events if e.data.get("door_id") == door_id):
            if event.type == "door.opened" and not is_open:
                bounced = closed_at is not None and (event.at - closed_at).total_seconds() < BOUNCE_S
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
    told = [e for e in events_of(story) if e.type != "device.lost"]  # of a door that nobody tells of nothing is known
    events = [*told, closer.closed(200), replace(closer.closed(200), source="/sites/hq/doors/safe",
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

PASSBACK_S = Area("any", "Any").passback_s

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
    violations, _ = badge(walk(choices), passback)
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
@given(walkers, st.integers(0, 19), st.sampled_from(list(Passback)))
def test_a_step_that_is_lost_is_missed_at_the_next(
    choices: list[tuple[str, int]], lost: int, passback: Passback
) -> None:
    """One passage was not read (somebody tailgated): that person's next one is out of turn, and nobody else's."""
    taken = walk(choices)
    if lost >= len(taken):
        return
    credential, _ = taken[lost]
    read = taken[:lost] + taken[lost + 1 :]
    before = [n for n, (c, _) in enumerate(read) if c == credential and n < lost]
    after = [n for n, (c, _) in enumerate(read) if c == credential and n >= lost]
    violations, _ = badge(read, passback)
    if not before or not after or passback is Passback.NONE:
        assert violations == [], "where somebody has never been read, any first step is right"
        return
    known, tried = INTO[read[before[-1]][1]], read[after[0]][1]
    twice = known == INTO[tried] and known != "street"
    if passback is Passback.TIMED:
        is_soon = 60.0 * (after[0] - before[-1]) < PASSBACK_S
        assert [v.data["missing"] for v in violations] == (["exit"] if twice and is_soon else [])
        return
    assert len(violations) == 1
    holders = {"1001": "ada", "1002": "ben", "1003": "cleo"}
    assert violations[0].data["holder_id"] == holders[credential]
    assert violations[0].data["missing"] == ("exit" if twice else "entry")
    assert violations[0].data["mode"] == passback.value
    assert ORIGIN[tried] != known


@FEW
@given(walkers, st.sampled_from(sorted(INTO)), st.sampled_from(["1001", "1002", "1003"]))
def test_whom_the_controller_refuses_is_told_of_and_goes_nowhere(
    choices: list[tuple[str, int]], reader: str, credential: str
) -> None:
    """Hard anti-passback: the sentence never says that they went, and says no more of them than was read."""
    taken = walk(choices)
    _, watch = badge(taken, Passback.HARD)
    before = watch.areas()
    refused = DoorEvents(reader.split("-")[0], prefix="refused").denied(END_S + 5, credential, reader=reader,
                                                                         reason="AntiPassback")  # fmt: skip
    said = [e for e in watch.update(refused) + watch.advance(at(END_S + 60)) if e.type == "access.passback_violated"]
    assert watch.areas() == before
    if INTO[reader] == "street":
        assert said == [], "outside there is no anti-passback"
        return
    (told,) = said
    where = [INTO[r] for c, r in taken if c == credential]
    known = {INTO[reader]: "exit", ORIGIN[reader]: "unknown"}.get(where[-1], "entry") if where else "unknown"
    assert told.data["missing"] == known
    assert "refused" in str(told.data["reason"])
    assert "Went" not in str(told.data["reason"])


# -- a restart, as the hub does it

LASTING = [what for what in STATES if what not in ("covered", "restored")]
lasting = st.lists(st.tuples(doors, st.tuples(st.floats(0, 120).map(lambda s: round(s, 2)), st.sampled_from(LASTING),
                                              st.just("1001"))), min_size=1, max_size=4,
                   unique_by=lambda told: told[1][0])  # fmt: skip
"""No two at one instant: a lock and an unlocking of the same second are a grant's, which a start does not hear."""
DAYS_S = 3 * 86_400.0
"""Longer than the hub hears again at a start."""


def live(events: Sequence[Event], cut: int, *, start_s: float, restarts: bool) -> list[Event]:
    """What a hub stores of conclusions that hears `events`, and is started again before the one numbered `cut`."""
    store = InMemoryStore()

    def started(now: datetime) -> Hub:
        hub = Hub("hq", store, InProcessBus(), tuple, make_consumers=lambda: build_access(SITE), new_id=lambda: "x",
                  settle_s=0)  # fmt: skip
        hub.start(now)
        return hub

    hub = started(at(-1))
    for n, event in enumerate(events):
        if restarts and n == cut:
            hub = started(event.at)
        hub.advance(event.at)
        hub.accept([event])
    hub.advance(at(DAYS_S + END_S))
    return [e for e in store.replay("hq", since=at(start_s)) if e.id.startswith("acc-")]


@FEW
@given(stories, st.integers(0, 24))
def test_a_hub_that_is_started_again_anywhere_tells_the_same(story: list[tuple[str, Step]], cut: int) -> None:
    events = events_of(story)
    said = [
        Counter((e.id, e.type) for e in live(events, cut, start_s=-10, restarts=restarts)) for restarts in (False, True)
    ]
    assert said[0] == said[1]


@FEW
@given(lasting)
def test_what_lasted_for_days_before_a_start_still_holds(before: list[tuple[str, Step]]) -> None:
    """A door that was set to stand open, shunted, or lost its controller days ago is so after a start."""
    names = ("front", "safe")
    first = [DoorEvents(name, prefix=f"{name}-0").say("door.locked", -1) for name in names] + events_of(before)
    openings = [
        event
        for name in names
        for door in [DoorEvents(name, prefix=f"{name}-now")]
        for event in (door.opened(DAYS_S), door.closed(DAYS_S + 5))
    ]
    later = sorted(openings, key=lambda e: e.at)
    told = [live([*first, *later], len(first), start_s=DAYS_S - 5, restarts=restarts) for restarts in (False, True)]
    assert {e.id for e in told[0]} == {e.id for e in told[1]}
