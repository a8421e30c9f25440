"""Rules at work: every way of belonging together, what is late, what is missing, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import time, timedelta
from itertools import permutations

import pytest

from custos.adapters.rulefiles import SHIPPED, parse_rule, read_rules
from custos.correlation.definition import RuleDefinition
from custos.correlation.engine import MAX_KEPT, MAX_PENDING, RuleEngine
from custos.correlation.example_site import START, example_site
from custos.correlation.facts import FROM, TO, Facts
from custos.correlation.trying import explain, fails_of, in_words, play
from custos.model.access import View
from custos.model.blindness import ATTACKED
from custos.model.event import Event, Json, Signal
from custos.model.schedule import Hours, Schedule
from custos.model.site import Site
from custos.testing.premises import at as later
from custos.testing.rules import shipped_rules

HEAD = """
id: r
title: R
status: test
level: medium
description: d.
operator: "At {door}: {count}."
"""
EXAMPLES = """
examples:
  - {name: a, fires: true, events: [{at: 0, type: door.forced, door: front}]}
  - {name: b, fires: false, events: [{at: 0, type: door.opened, door: front}]}
"""
assert later(0) == START


def rule(body: str) -> RuleDefinition:
    return parse_rule(HEAD + body + EXAMPLES)


def event(n: int, type_: str, seconds: float, *, door: str = "front", **data: Json) -> Event:
    return Event(f"e{n}", type_, later(seconds), f"/sites/example/doors/{door}", None, {"door_id": door, **data})


def seen(n: int, type_: str, seconds: float, *, camera: str = "lobby", track: int = 1, **data: Json) -> Event:
    source = f"/sites/example/cameras/{camera}"
    subject = f"tracks/{camera}-1-{track}"
    return Event(f"e{n}", type_, later(seconds), source, subject, {"class": "person", **data})


def tell(definition: RuleDefinition, events: Iterable[Event], until: float = 600) -> list[Signal]:
    return play(RuleEngine([definition], example_site()), events, later(until))


def ids(signals: Iterable[Signal]) -> list[tuple[str, ...]]:
    return [s.event_ids for s in signals]


ORDERED = rule("""
events: {denied: {type: access.denied}, forced: {type: door.forced}}
correlation: {type: temporal_ordered, rules: [denied, forced], group-by: [door], timespan: 60s}
""")
ANY_ORDER = rule("""
events: {denied: {type: access.denied}, forced: {type: door.forced}}
correlation: {type: temporal, rules: [denied, forced], group-by: [door], timespan: 60s}
""")
THREE = rule("""
events: {denied: {type: access.denied}}
correlation: {type: event_count, rules: [denied], group-by: [door], timespan: 60s, condition: {gte: 3}}
""")
DIFFERENT = rule("""
events: {denied: {type: access.denied}}
correlation:
  {type: value_count, rules: [denied], group-by: [site], timespan: 60s, condition: {gte: 2, field: data.credential}}
""")
MISSING = rule("""
events: {forced: {type: door.forced}, used: {type: door.used}}
correlation: {type: absence, rules: [forced], without: [used], group-by: [door], before: 10s, timespan: 20s}
""")
SEEN = rule("""
events: {forced: {type: door.forced}}
correlation:
  {type: absence, rules: [forced], group-by: [door], before: 10s, timespan: 5s, when: 'people("doors/front") == 2'}
""")


def test_nothing_heard_is_nothing_said() -> None:
    engine = RuleEngine([ORDERED, MISSING], example_site())
    assert engine.advance(later(0)) == []
    assert engine.remembered == 0


@pytest.mark.parametrize(
    ("definition", "events", "fired"),
    [
        (ORDERED, [event(1, "access.denied", 0), event(2, "door.forced", 30)], [("e1", "e2")]),
        (ORDERED, [event(1, "door.forced", 0), event(2, "access.denied", 30)], []),
        (ORDERED, [event(1, "access.denied", 0), event(2, "door.forced", 61)], []),
        (ORDERED, [event(1, "access.denied", 0), event(2, "door.forced", 30, door="safe")], []),
        (ANY_ORDER, [event(1, "door.forced", 0), event(2, "access.denied", 30)], [("e1", "e2")]),
        (THREE, [event(n, "access.denied", 20.0 * n) for n in range(3)], [("e0", "e1", "e2")]),
        (THREE, [event(n, "access.denied", 31.0 * n) for n in range(3)], []),
        (THREE, [event(n, "access.denied", 10.0 * n) for n in range(6)], [("e0", "e1", "e2"), ("e3", "e4", "e5")]),
        (DIFFERENT, [event(n, "access.denied", 9.0 * n, credential=c) for n, c in enumerate("aab")], [("e0", "e2")]),
        (DIFFERENT, [event(n, "access.denied", 9.0 * n, credential="a") for n in range(5)], []),
        (MISSING, [event(1, "door.forced", 0)], [("e1",)]),
        (MISSING, [event(1, "door.forced", 0), event(2, "door.used", 19)], []),
        (MISSING, [event(1, "door.forced", 0), event(2, "door.used", 21)], [("e1",)]),
        (MISSING, [event(1, "door.used", 0), event(2, "door.forced", 9)], []),
        (MISSING, [event(1, "door.used", 0), event(2, "door.forced", 11)], [("e2",)]),
    ],
)  # fmt: skip
def test_how_events_belong_together(
    definition: RuleDefinition, events: Sequence[Event], fired: list[tuple[str, ...]]
) -> None:
    assert ids(tell(definition, events)) == fired


@pytest.mark.parametrize("definition", [ORDERED, ANY_ORDER])
def test_the_order_of_arrival_does_not_matter(definition: RuleDefinition) -> None:
    events = [event(1, "access.denied", 0), event(2, "door.forced", 1), event(3, "door.closed", 1.5)]
    told = {s.id for order in permutations(events) for s in tell(definition, order)}
    assert len(told) == 1


def test_what_was_missing_and_comes_late_is_still_found() -> None:
    engine = RuleEngine([MISSING], example_site())
    forced, used = event(1, "door.forced", 0), event(2, "door.used", 19.5)
    assert engine.update(forced) == []
    assert engine.advance(later(21.9)) == []
    assert engine.update(used) == []
    assert engine.advance(later(100)) == []


def test_doubles_count_once() -> None:
    events = [event(1, "access.denied", 0), event(1, "access.denied", 0), event(1, "access.denied", 0)]
    assert tell(THREE, events) == []
    assert len(tell(MISSING, [event(1, "door.forced", 0), event(1, "door.forced", 0)])) == 1


def test_a_clock_that_runs_ahead_does_not_end_the_waiting() -> None:
    engine = RuleEngine([MISSING], example_site())
    engine.advance(later(0))
    assert engine.update(event(1, "door.forced", 0.1)) == []
    assert engine.update(event(2, "door.opened", 9999, door="safe")) == []
    assert ids(engine.advance(later(30))) == [("e1",)]


@pytest.mark.parametrize("cut", range(5))
def test_a_restart_repeats_and_loses_nothing(cut: int) -> None:
    events = [event(1, "access.denied", 0), event(2, "door.forced", 5), event(3, "door.forced", 40),
              event(4, "door.closed", 70)]  # fmt: skip
    rules = [ORDERED, MISSING]
    whole = {s.id for s in play(RuleEngine(rules, example_site()), events, later(600))}
    before, after = RuleEngine(rules, example_site()), RuleEngine(rules, example_site())
    said = [s for e in events[:cut] for s in before.update(e)]
    for one in events[:cut]:
        after.update(one)
    said += [s for e in events[cut:] for s in after.update(e)] + after.advance(later(600))
    assert sorted(s.id for s in said) == sorted(whole)


def test_people_are_counted_around_the_event() -> None:
    there = [seen(1, "track.started", -60, track=1), seen(2, "track.ended", -30, track=1)]  # gone before
    there += [seen(3, "track.started", 0, track=2), seen(4, "track.started", 14, track=3)]
    forced = event(5, "door.forced", 10)
    assert ids(tell(SEEN, [*there[:3], forced, there[3]])) == [("e5",)]
    assert tell(SEEN, [*there[:3], forced]) == []
    animal = seen(6, "track.started", 12, track=4)
    dog = Event("e6", animal.type, animal.at, animal.source, animal.subject, {"class": "dog"})
    assert tell(SEEN, [*there[:3], forced, dog]) == []


@pytest.mark.parametrize(
    ("gone", "back"), [("camera.lost", "camera.connected"), ("camera.signal_lost", "camera.restored")]
)
def test_a_camera_whose_picture_is_gone_watches_nothing(gone: str, back: str) -> None:
    facts = Facts(example_site())
    said = []
    for n, (type_, was) in enumerate([(gone, ""), ("camera.restored", "camera.moved"), (back, gone)]):
        facts.hear(Event(f"c{n}", type_, later(n), "/sites/example/cameras/lobby", None, {"was": was}))
        said.append(watched(facts, n))
    assert said == [False, False, True]


def watched(facts: Facts, seconds: float) -> object:
    return facts.functions["watched"][1]({FROM: later(seconds), TO: later(seconds)}, "doors/front")


def at_lobby(n: int, type_: str, **data: Json) -> Event:
    return Event(f"c{n}", type_, later(n), "/sites/example/cameras/lobby", None, data)


@pytest.mark.parametrize("attack", [*ATTACKED])
def test_a_camera_to_which_something_is_done_watches_nothing_until_that_is_over(attack: str) -> None:
    facts = Facts(example_site())
    assert watched(facts, 0) is True
    said = []
    for n, (type_, was) in enumerate(
        [(attack, ""), ("camera.connected", ""), ("camera.restored", "camera.moved"), ("camera.restored", attack)]
    ):
        facts.hear(at_lobby(n, type_, was=was))
        said.append(watched(facts, n))
    assert said == [False, False, False, True]


def test_what_a_camera_says_by_two_topics_ends_by_both_and_not_in_what_is_seen() -> None:
    facts, said = Facts(example_site()), []
    told: list[tuple[str, dict[str, Json]]] = [
        ("camera.blinded", {}),
        ("camera.blinded", {"seen_by": "device", "onvif_topic": "dark"}),
        ("camera.blinded", {"seen_by": "device", "onvif_topic": "bright"}),
        ("camera.restored", {"was": "camera.blinded", "seen_by": "device", "onvif_topic": "dark"}),
        ("camera.restored", {"was": "camera.blinded"}),
        ("camera.restored", {"was": "camera.blinded", "seen_by": "device", "onvif_topic": "bright"}),
    ]
    for n, (type_, data) in enumerate(told):
        facts.hear(at_lobby(n, type_, **data))
        said.append(watched(facts, n))
    assert said == [False] * 5 + [True]


def test_what_is_never_said_to_be_over_is_over_after_half_a_day() -> None:
    facts = Facts(example_site())
    facts.hear(at_lobby(0, "camera.tampered", seen_by="device"))
    assert [watched(facts, 3600 * hours) for hours in (11.9, 12.1)] == [False, True]


def site_with_hours(start: time, end: time) -> Site:
    """The example, with zones that count in these hours only."""
    hours = Schedule((Hours(frozenset(range(7)), start, end),), "UTC")
    site = example_site()
    cameras = (replace(c, zones=tuple(replace(z, hours=hours) for z in c.zones)) for c in site.cameras)
    zone_of = {c.id: (c.id, c.zones[0].id) for c in site.cameras}
    views = tuple(replace(v, cameras=(), zones=(*v.zones, *(zone_of[c] for c in v.cameras))) for v in site.access.views)
    return replace(site, cameras=tuple(cameras), access=replace(site.access, views=views))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        pytest.param(time(0), time(0), ["refund-nobody-there", "panel-alarm-contradicted"], id="always"),
        *(
            pytest.param(start, end, ["panel-alarm-unwatched"], id=words)
            for start, end, words in (
                (time(19), time(7), "by night alone, and it is noon"),
                (time(7), time(12), "until noon"),
                (time(12), time(19), "from noon on"),
                (time(7), time(12, 0, 20), "until somebody may have come afterwards"),
            )
        ),
    ],
)
def test_a_zone_outside_its_hours_is_no_proof_that_nobody_was_there(start: time, end: time, told: list[str]) -> None:
    """A till's zone that counted by night alone made every refund of the day one with nobody there."""
    asked = ("refund-nobody-there", "panel-alarm-contradicted", "panel-alarm-unwatched")
    rules = read_rules([SHIPPED / f"{one}.yaml" for one in asked])
    noon = later(0).replace(hour=12)
    about = {"panel_id": "panel-1", "zone": "office", "kind": "burglary"}
    happened = [
        Event("t", "pos.refunded", noon, "/sites/example/tills/till-1", None, {"till_id": "till-1"}),
        Event("p", "panel.alarmed", noon, "/sites/example/panels/panel-1", None, about),
    ]
    engine = RuleEngine(rules, site_with_hours(start, end))
    assert {s.rule_id for s in play(engine, happened, noon + timedelta(minutes=10))} == set(told)


def test_a_zone_that_told_of_somebody_was_open_even_where_its_hours_end() -> None:
    facts = Facts(site_with_hours(time(7), time(12)))
    noon = (later(0).replace(hour=12) - later(0)).total_seconds()
    asked = {FROM: later(noon - 60), TO: later(noon + 10)}
    assert facts.functions["watched"][1](asked, "tills/till-1") is False
    facts.hear(seen(1, "zone.entered", noon - 5, camera="shop", zone_id="counter"))
    assert facts.functions["watched"][1](asked, "tills/till-1") is True


def test_a_camera_tells_of_the_doors_it_sees() -> None:
    facts = Facts(example_site())
    assert facts.keys(seen(1, "zone.entered", 0, zone_id="floor"), "door") == ["front"]
    assert facts.keys(seen(1, "zone.entered", 0, zone_id="floor"), "area") == ["office"]
    assert facts.keys(seen(1, "zone.entered", 0, camera="shop", zone_id="counter"), "till") == ["till-1"]
    assert facts.keys(event(1, "door.opened", 0), "camera") == ["lobby"]
    assert facts.keys(event(1, "door.opened", 0), "holder") == []


def test_a_panels_zone_belongs_to_the_areas_that_it_covers() -> None:
    site = example_site()
    yard = View("panels/panel-3/7", areas=("yard",))
    facts = Facts(replace(site, access=replace(site.access, views=(*site.access.views, yard))))

    def alarm(panel: str, **data: Json) -> list[str]:
        at_panel = Event(
            "p", "panel.alarmed", later(0), f"/sites/example/panels/{panel}", None, {"panel_id": panel, **data}
        )
        return facts.keys(at_panel, "area")

    assert alarm("panel-1", zone="office") == ["office"]
    assert alarm("panel-1", zone="other") == alarm("panel-1") == ["office"], "what its zones cover"
    assert alarm("panel-3") == ["yard"]
    assert alarm("panel-2") == []
    assert facts.cameras("panels/panel-3/7") == ("zones/yard/drive",), "the zones of the area see it"
    assert facts.cameras("panels/panel-1/office") == ("cameras/lobby", "zones/lobby/floor")


def test_a_signal_says_what_and_where() -> None:
    (told,) = tell(ORDERED, [event(1, "access.denied", 0), event(2, "door.forced", 30, reason="no grant")])
    assert told.reasons == ("At Front door: 2.", "no grant")
    assert (told.rule_id, told.severity, told.camera_id, told.group) == ("r", "medium", "lobby", "r/front")


def test_memory_is_bounded() -> None:
    engine = RuleEngine([THREE, MISSING], example_site())
    engine.advance(later(0))
    for n in range(3 * MAX_PENDING):
        engine.update(event(n, "door.forced", 0.001 * (n % 900), door=f"d{n % 7}"))
        engine.update(event(-n, "access.denied", 200.0 * n, door="front"))
    assert engine.remembered <= MAX_PENDING + 20 * MAX_KEPT


def test_why_not_in_words() -> None:
    told = "\n".join(in_words(explain(ORDERED, [event(1, "access.denied", 0)], example_site())))
    assert "did not fire" in told
    assert "front: denied came; missing: forced" in told
    came = explain(MISSING, [event(1, "door.forced", 0), event(2, "door.used", 5)], example_site())
    assert "e1 waited for something missing, but door.used came" in "\n".join(in_words(came))


# -- the rules that come with Custos


@pytest.mark.parametrize("shipped", shipped_rules(), ids=lambda r: r.id)
def test_every_shipped_rule_does_what_its_examples_say(shipped: RuleDefinition) -> None:
    assert [f.example.name for f in fails_of(shipped)] == []
    assert shipped.file.endswith(f"/{shipped.id}.yaml")
    assert shipped.operator.endswith((".", "!"))
    assert shipped.false_positives


def test_there_are_enough_of_them() -> None:
    assert len(shipped_rules()) >= 25


def test_examples_do_not_all_fire_whatever_the_rule() -> None:
    """An example is a test: with another rule's correlation it fails."""
    broken = parse_rule(
        HEAD
        + """
events: {forced: {type: door.forced}}
correlation: {type: absence, rules: [forced], group-by: [door], timespan: 1s, when: 'false'}
"""
        + EXAMPLES
    )
    assert [f.example.name for f in fails_of(broken)] == ["a"]
