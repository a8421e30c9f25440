"""How many events a second pass through all rules that come with Custos, on one core.

    python benchmarks/bench_rules.py [EVENTS]

The alternative it is compared with is the obvious one: every rule hears every event (an engine for each rule). Conditions
are also timed against cel-python's own evaluator.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import celpy
from celpy.adapter import json_to_cel

from custos.access import build_access
from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.correlation import RuleEngine
from custos.correlation.cel import compile_cel
from custos.correlation.example_site import START, example_site
from custos.model.event import Event, Json

MIX: tuple[tuple[str, str, int], ...] = (
    # (type, who says so, weight): much of what cameras say, little of what doors say
    ("track.started", "cameras", 20), ("track.ended", "cameras", 20), ("zone.entered", "cameras", 15),
    ("zone.left", "cameras", 15), ("line.crossed", "cameras", 10), ("door.opened", "doors", 4),
    ("door.closed", "doors", 4), ("access.granted", "doors", 4), ("access.denied", "doors", 1),
    ("exit.requested", "doors", 2), ("pos.sold", "tills", 3), ("pos.refunded", "tills", 1), ("door.forced", "doors", 1),
)  # fmt: skip


def stream(count: int) -> list[Event]:
    """A mixed stream of 2,000 events a second, the same each time."""
    dice = random.Random(4)
    kinds = dice.choices(MIX, weights=[w for _, _, w in MIX], k=count)
    return [_event(n, type_, kind, dice) for n, (type_, kind, _) in enumerate(kinds)]


def _event(n: int, type_: str, kind: str, dice: random.Random) -> Event:
    own = {"cameras": ("lobby", "corridor", "yard", "shop"), "doors": ("front", "safe", "gate"), "tills": ("till-1",)}
    one = dice.choice(own[kind])
    data: dict[str, Json] = {
        "class": "person",
        "zone_id": {"lobby": "floor", "corridor": "hall", "yard": "drive"}.get(one, "counter"),
    }
    if kind == "doors":
        data = {"door_id": one, "credential": str(dice.randrange(200)), "reader_id": f"{one}-in", "reason": "Other"}
    elif kind == "tills":
        data = {"till_id": one, "amount": 5, "operator": f"op-{dice.randrange(5)}"}
    elif type_ == "line.crossed":
        data |= {"line_id": "sill", "direction": dice.choice(("left", "right"))}
    subject = f"tracks/{one}-1-{n // 8}" if kind == "cameras" else None
    at = START + timedelta(seconds=n / 2000)
    return Event(f"e{n}", type_, at, f"/sites/example/{kind}/{one}", subject, data)


def rate(events: Sequence[Event], hear: Callable[[Event], object]) -> float:
    began = time.process_time()
    for event in events:
        hear(event)
    return len(events) / (time.process_time() - began)


def main(count: int) -> None:
    site, rules, events = example_site(), read_rules([SHIPPED]), stream(count)
    together = RuleEngine(rules, site)
    (access,) = build_access(site)
    apart = [RuleEngine([rule], site) for rule in rules]
    some = events[: max(1, count // 10)]
    print(f"{len(rules)} rules, {count} events, one core, CPU time")
    print(f"  doors and areas (custos.access)      {rate(events, access.update):10,.0f} events/s")
    print(f"  all rules, by type and group         {rate(events, together.update):10,.0f} events/s")
    print(
        f"  every rule hears every event         {rate(some, lambda e: [one.update(e) for one in apart]):10,.0f} events/s"
    )
    print(f"  remembered after that: {together.remembered} events; fired: {sum(together.hits().values())}")
    text = 'event.data.kind in ["burglary", "panic"] && event.data.count > 2'
    data = {"kind": "burglary", "count": 3}
    ours, values = compile_cel(text, ["event"], {}), {"event": {"data": data}}
    oracle = celpy.Environment()
    theirs = oracle.program(oracle.compile(text))
    ours_us = 1e6 / rate(events[:5000], lambda e: ours(values))
    theirs_us = 1e6 / rate(events[:200], lambda e: theirs.evaluate({"event": json_to_cel({"data": data})}))
    print(f"  one condition: {ours_us:.1f} us compiled here, {theirs_us:.0f} us by cel-python's evaluator")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
