"""Crowds: dense, gathered, scattered; and the many ways of being many that are none of these."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.vision.behaviours.play import behaviour, said, seconds, spec

from custos.model.behaviours import BehaviourSpec
from custos.model.ground import Ground
from custos.model.site import Zone
from custos.testing.acting import Part, act, ground_of
from custos.testing.behaviour_cases import FROM_ALL_SIDES, TOGETHER, YARD, passes, scatter, stays
from custos.vision.behaviours import Floor, Sighting
from custos.vision.behaviours.crowds import ground_m2, linked

GROUND = ground_of()


def told(it: BehaviourSpec, parts: list[Part], ground: Ground | None = GROUND) -> list[Sighting]:
    return said(behaviour(it, zones=(YARD,), ground=ground), act(parts))


def test_the_ground_of_a_zone_is_measured() -> None:
    """By the script, a trapezoid 4 m and 6 m wide and 8 m deep."""
    assert ground_m2(YARD, Floor(GROUND)) == pytest.approx(40, rel=0.03)


def test_what_lies_above_the_horizon_is_no_ground() -> None:
    whole = Zone("all", "All", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    assert 0.1 <= ground_m2(whole, Floor(GROUND)) < np.inf
    sky = Floor(Ground(((0.3, 0.7), (0.7, 0.7), (0.9, 0.9), (0.1, 0.9)), GROUND.metres))
    assert ground_m2(Zone("sky", "Sky", ((0.0, 0.0), (0.2, 0.0), (0.1, 0.1))), sky) == 0.1


def test_a_crowd_forms_and_clears() -> None:
    """Five people on 40 m2 are 0.125 a square metre."""
    it = behaviour(spec("crowd", {"density": 0.12}, zone_id="yard"), zones=(YARD,), ground=GROUND)
    formed, cleared = said(it, scatter())
    assert (formed.type, cleared.type) == ("crowd.formed", "crowd.cleared")
    assert formed.data["density"] == pytest.approx(0.125, rel=0.04)
    assert set(formed.others) == {1, 2, 3, 4, 5}
    assert 6 < float(str(cleared.data["lasted_s"])) < 16


@pytest.mark.parametrize(
    "settings", [{"density": 0.14}, {"density": 0.12, "people": 6}, {"density": 0.12, "hold_s": 20}]
)
def test_near_miss_fewer_or_shorter_is_no_crowd(settings: dict[str, float]) -> None:
    it = behaviour(spec("crowd", settings, zone_id="yard"), zones=(YARD,), ground=GROUND)
    assert said(it, scatter()) == []


@pytest.mark.parametrize("ground", [GROUND, None], ids=["calibrated", "by the height of bodies"])
def test_people_gather_and_scatter(ground: Ground | None) -> None:
    """The script: together from 8 s on, away from 18 s on."""
    (gathered,) = said(behaviour(spec("gathering"), ground=ground), scatter())
    assert set(gathered.others) <= {1, 2, 3, 4, 5}
    assert len(gathered.others) >= 4
    assert 8 <= seconds(gathered) <= 13
    (scattered,) = said(behaviour(spec("scattering"), ground=ground), scatter())
    assert len(scattered.others) >= 3
    assert 18 <= seconds(scattered) <= 22


def test_near_miss_a_party_walks_through() -> None:
    party = [
        passes(i, 0.0, (-9.0 - 0.8 * (i % 3), 8.5 + 0.7 * (i // 3)), (4.5, 8.5 + 0.7 * (i // 3))) for i in range(6)
    ]
    assert told(spec("gathering"), party) == []
    assert told(spec("scattering"), party) == []


def test_near_miss_people_who_come_one_by_one() -> None:
    """Each ten seconds after the one before: a queue, a bus stop."""
    parts = [stays(i, 10.0 * i, (-4.0, 9.0), TOGETHER[i], 70.0, (4.0, 9.0)) for i in range(5)]
    assert told(spec("gathering"), parts) == []


def test_near_miss_people_who_stand_far_apart() -> None:
    spots = ((-3.0, 8.0), (0.0, 8.0), (3.0, 8.0), (-3.0, 12.0), (0.0, 12.0))
    parts = [stays(i, 0.5 * i, FROM_ALL_SIDES[i], spot, 15.0, FROM_ALL_SIDES[i]) for i, spot in enumerate(spots)]
    assert told(spec("gathering"), parts) == []


def test_near_miss_a_group_that_was_there_from_the_start() -> None:
    parts = [stays(i, -20.0, TOGETHER[i], TOGETHER[i], 60.0, FROM_ALL_SIDES[i]) for i in range(5)]
    assert told(spec("gathering"), parts) == []


def test_near_miss_a_meeting_ends() -> None:
    """They part as people do, at 1.3 m/s."""
    parts = [stays(i, 0.0, TOGETHER[i], TOGETHER[i], 10.0, FROM_ALL_SIDES[i], leave_mps=1.3) for i in range(5)]
    assert told(spec("scattering"), parts) == []
    assert len(told(spec("scattering", sensitivity=0.9), parts)) == 1


def test_near_miss_a_group_runs_for_the_bus() -> None:
    parts = [stays(i, 0.0, spot, spot, 8.0, (4.5, spot[1]), leave_mps=3.2) for i, spot in enumerate(TOGETHER)]
    assert told(spec("scattering"), parts) == []


def test_a_zone_is_all_it_looks_at() -> None:
    corner = Zone("yard", "Corner", ((0.0, 0.8), (0.2, 0.8), (0.2, 1.0), (0.0, 1.0)))
    it = behaviour(spec("gathering", zone_id="yard"), zones=(corner,), ground=GROUND)
    assert said(it, scatter()) == []


@pytest.mark.parametrize(
    ("links", "groups"),
    [
        ([], []),
        ([(0, 1)], [[10, 11]]),
        ([(0, 1), (1, 2), (3, 4)], [[10, 11, 12], [13, 14]]),
        ([(0, 4), (4, 2), (2, 3), (3, 1)], [[10, 11, 12, 13, 14]]),
    ],
)
def test_groups_are_chains(links: list[tuple[int, int]], groups: list[list[int]]) -> None:
    near = np.eye(5, dtype=bool)
    for i, j in links:
        near[i, j] = near[j, i] = True
    assert sorted(linked([10, 11, 12, 13, 14], near)) == groups
