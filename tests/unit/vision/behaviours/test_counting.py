"""Counting over a line: against the crossings that the script of the simulated street lets happen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.vision.behaviours.play import at_scene, behaviour, said, seconds, spec

from custos.model.site import Direction
from custos.simulate.files import happenings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story
from custos.testing.acting import act, filmed
from custos.testing.behaviour_cases import GATE, passes
from custos.vision.behaviours import Sighting

FROM_S, UNTIL_S = 34.0, 57.0


def sums(told: list[Sighting]) -> tuple[int, int]:
    return sum(int(str(s.data["left"])) for s in told), sum(int(str(s.data["right"])) for s in told)


def test_nobody_makes_no_sums() -> None:
    it = behaviour(spec("line-count", {"period_s": 5}, line_id="gate"), lines=(GATE,))
    assert said(it, act([], until_s=30)) == []


def test_the_sums_of_a_street_are_those_of_its_script() -> None:
    scene, story = SCENES["street"], Story(7)
    truth = [
        h.side
        for h in happenings(story, scene, scene.view(640, 360))
        if h.place == "walkway" and FROM_S < h.start_s < UNTIL_S
    ]
    told = said(
        at_scene("street", spec("line-count", {"period_s": 10}, line_id="walkway")),
        filmed(story, "street", from_s=FROM_S, until_s=UNTIL_S, fps=4),
    )
    assert sums(told) == (truth.count("left"), truth.count("right")) == (1, 1)
    assert all(s.track_id is None for s in told)
    assert [seconds(s) % 10 for s in told[:-1]] == [0.0] * (len(told) - 1)


@pytest.mark.parametrize(("direction", "expected"), [(None, (1, 2)), ("left", (1, 0)), ("right", (0, 2))])
def test_ways_are_told_apart(direction: str | None, expected: tuple[int, int]) -> None:
    way = None if direction is None else Direction(direction)
    parts = [passes(i, 3.0 * i, (0.0, 12.0), (0.0, 5.5)) for i in (1, 2)] + [passes(3, 1, (1.0, 5.5), (1.0, 12.0))]
    it = behaviour(replace(spec("line-count", line_id="gate"), direction=way), lines=(GATE,))
    assert sums(said(it, act(parts))) == expected


def test_near_miss_somebody_comes_up_to_the_line_and_turns() -> None:
    parts = [passes(1, 0, (0.0, 12.0), (0.0, 8.4), (0.0, 12.0)), passes(2, 0, (-4.0, 9.0), (4.0, 9.0))]
    assert said(behaviour(spec("line-count", line_id="gate"), lines=(GATE,)), act(parts)) == []


def test_only_its_classes_count() -> None:
    car = replace(passes(1, 0, (0.0, 14.0), (0.0, 5.5)), class_name="car")
    assert said(behaviour(spec("line-count", line_id="gate"), lines=(GATE,)), act([car])) == []
    vehicles = spec("line-count", line_id="gate", classes=("vehicle",))
    assert sums(said(behaviour(vehicles, lines=(GATE,)), act([car]))) == (0, 1)
