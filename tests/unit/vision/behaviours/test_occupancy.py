"""Who is in a zone, how many and how long: against the visits that the script of the loading dock lets happen."""

from __future__ import annotations

import pytest
from tests.unit.vision.behaviours.play import at_scene, behaviour, said, seconds, spec

from custos.simulate.files import happenings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story
from custos.testing.acting import act, filmed
from custos.testing.behaviour_cases import YARD, passes, queue, stays
from custos.testing.clock import after

FROM_S, UNTIL_S = 24.0, 108.0


def visits() -> list[tuple[float, float]]:
    """When somebody is in the restricted part, by the script."""
    scene = SCENES["dock"]
    told = happenings(Story(7), scene, scene.view(640, 360))
    return [(h.start_s, h.end_s) for h in told if h.kind == "zone.visited" and FROM_S < h.start_s < UNTIL_S]


@pytest.mark.parametrize("kind", ["presence", "occupancy"])
def test_an_empty_zone_says_nothing(kind: str) -> None:
    assert said(behaviour(spec(kind, zone_id="yard"), zones=(YARD,)), act([], until_s=200)) == []


def test_presence_of_a_dock_is_that_of_its_script() -> None:
    it = at_scene("dock", spec("presence", zone_id="restricted"))
    told = said(it, filmed(Story(7), "dock", from_s=FROM_S, until_s=UNTIL_S, fps=4))
    assert [s.type for s in told] == ["zone.occupied", "zone.vacated"] * 2
    for taken, given_up, (start_s, end_s) in zip(told[::2], told[1::2], visits(), strict=True):
        assert seconds(taken) - 1.0 == pytest.approx(start_s, abs=0.6)
        assert seconds(given_up) == pytest.approx(end_s, abs=0.6)
        assert given_up.data["occupied_s"] == pytest.approx(end_s - start_s, abs=0.8)
        assert given_up.data["most"] == 1


def test_near_miss_a_zone_walked_through_faster_than_counts() -> None:
    it = behaviour(spec("presence", {"after_s": 10}, zone_id="yard"), zones=(YARD,))
    assert said(it, act([passes(1, 0, (-4.0, 9.0), (4.0, 9.0))])) == []


def test_a_zone_changes_hands_without_being_empty() -> None:
    first, second = passes(1, 0, (-4.0, 9.0), (4.0, 9.0)), passes(2, 3.0, (4.0, 10.0), (-4.0, 10.0))
    told = said(behaviour(spec("presence", zone_id="yard"), zones=(YARD,)), act([first, second]))
    assert [(s.type, s.track_id) for s in told] == [("zone.occupied", 1), ("zone.vacated", None)]
    assert told[1].data["most"] == 2


def test_the_sums_add_up_to_what_was_there() -> None:
    """Five stand for twelve seconds each and more: man-seconds, comings and goings are of the script, whatever the
    period."""
    for period_s in (5.0, 60.0):
        told = said(behaviour(spec("occupancy", {"period_s": period_s}, zone_id="yard"), zones=(YARD,)), queue())
        total = {name: sum(float(str(s.data[name])) for s in told) for name in ("entered", "left", "presence_s")}
        assert (total["entered"], total["left"]) == (6, 6)
        assert total["presence_s"] == pytest.approx(sum(float(str(s.data["dwell_s"])) for s in told), abs=4)
        assert max(int(str(s.data["most"])) for s in told) == 6
        assert told[-1].data["count"] == 0


def test_a_zone_fills_once_and_again_after_it_was_emptier() -> None:
    def three(first: int, start_s: float) -> list[object]:
        return [stays(first + i, start_s + i, (-4.0, 8.0), (0.7 * i, 9.0), 8.0, (4.0, 10.0)) for i in range(3)]

    parts = [*three(1, 0.0), *three(11, 40.0)]
    it = behaviour(spec("occupancy", {"limit": 3}, zone_id="yard"), zones=(YARD,))
    told = [s for s in said(it, act(parts)) if s.type == "zone.filled"]  # type: ignore[arg-type]
    assert [set(s.others) for s in told] == [{1, 2, 3}, {11, 12, 13}]
    it = behaviour(spec("occupancy", {"limit": 4}, zone_id="yard"), zones=(YARD,))
    assert "zone.filled" not in {s.type for s in said(it, act(parts))}  # type: ignore[arg-type]


def test_near_miss_full_for_a_moment_only() -> None:
    crossing = [passes(i, 0.0, (-4.0, 8.0 + 0.7 * i), (4.0, 8.0 + 0.7 * i)) for i in range(1, 4)]
    it = behaviour(spec("occupancy", {"limit": 3, "hold_s": 8}, zone_id="yard"), zones=(YARD,))
    assert "zone.filled" not in {s.type for s in said(it, act(crossing))}


def test_a_stream_that_was_away_does_not_count_the_time() -> None:
    it = behaviour(spec("occupancy", {"period_s": 60}, zone_id="yard"), zones=(YARD,))
    told = said(it, act([stays(1, 0, (-4.0, 9.0), (0.0, 9.0), 10, (4.0, 9.0))]))
    later = [(after(7200 + (at - after(0)).total_seconds()), tracks) for at, tracks in act([])]
    assert told[0].data["presence_s"] == pytest.approx(10 + 2 * 2.37 / 1.3, abs=0.7)
    assert said(it, later) == []
