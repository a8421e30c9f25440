"""A queue: against the till of the simulated shop, where one customer waits behind another, and acted lines."""

from __future__ import annotations

import pytest
from tests.unit.vision.behaviours.play import at_scene, behaviour, said, seconds, spec

from custos.simulate.files import happenings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story
from custos.testing.acting import act, filmed
from custos.testing.behaviour_cases import YARD, passes, queue

FROM_S, UNTIL_S = 144.0, 178.0


def test_nobody_makes_no_queue() -> None:
    assert said(behaviour(spec("queue", zone_id="yard"), zones=(YARD,)), act([], until_s=100)) == []


def test_waits_at_the_till_are_those_of_the_script() -> None:
    scene = SCENES["shop"]
    waits_s = [
        h.end_s - h.start_s
        for h in happenings(Story(7), scene, scene.view(640, 360))
        if h.kind == "zone.visited" and h.place == "till" and FROM_S < h.start_s < UNTIL_S
    ]
    it = at_scene("shop", spec("queue", {"period_s": 3600, "limit": 2, "hold_s": 5, "max_wait_s": 20}, zone_id="till"))
    told = said(it, filmed(Story(7), "shop", from_s=FROM_S, until_s=UNTIL_S, fps=4))
    (numbers,) = [s.data for s in told if s.type == "queue.counted"]
    assert (numbers["most"], numbers["served"]) == (2, 2) == (len(waits_s), len(waits_s))
    assert numbers["waited_s"] == pytest.approx(sum(waits_s), abs=1.5)
    assert numbers["longest_s"] == pytest.approx(max(waits_s), abs=1)
    (grew,) = [s for s in told if s.type == "queue.grew"]
    assert (set(grew.others), grew.data["length"]) == ({16, 17}, 2)
    (delayed,) = [s for s in told if s.type == "queue.delayed"]
    assert delayed.track_id == 17
    assert seconds(delayed) == pytest.approx(148.6 + 20, abs=1)


def test_near_miss_people_who_walk_through_do_not_queue() -> None:
    parts = [passes(i, 1.5 * i, (-4.0, 9.0), (4.0, 9.0)) for i in range(1, 8)]
    it = behaviour(spec("queue", {"join_s": 6, "limit": 2, "hold_s": 0}, zone_id="yard"), zones=(YARD,))
    assert said(it, act(parts)) == []


def test_near_miss_a_queue_that_is_long_for_a_moment() -> None:
    """Five stand in line together for about four seconds."""
    told = said(behaviour(spec("queue", {"limit": 5, "hold_s": 10}, zone_id="yard"), zones=(YARD,)), queue())
    assert {s.type for s in told} == {"queue.counted"}


@pytest.mark.parametrize(("sensitivity", "told"), [(1.0, True), (0.5, False), (0.0, False)])
def test_a_more_sensitive_one_speaks_of_a_shorter_queue(sensitivity: float, told: bool) -> None:
    it = spec("queue", {"limit": 6, "hold_s": 4}, zone_id="yard", sensitivity=sensitivity)
    assert ("queue.grew" in {s.type for s in said(behaviour(it, zones=(YARD,)), queue())}) is told
