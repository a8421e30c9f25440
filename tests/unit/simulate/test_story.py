"""The script: what has to happen does, and it can be told from the story alone."""

from __future__ import annotations

from itertools import pairwise

import pytest

from custos.simulate.files import Happening, happenings
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story

SEEDS = (7, 1, 99)


def told(camera_id: str, seed: int = 7) -> list[Happening]:
    scene = SCENES[camera_id]
    return happenings(Story(seed), scene, scene.view(640, 360))


def of_kind(camera_id: str, kind: str, place: str = "", seed: int = 7) -> list[Happening]:
    return [h for h in told(camera_id, seed) if h.kind == kind and h.place == place]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_site_is_empty_where_the_story_begins_again(seed: int) -> None:
    for camera_id, appearances in Story(seed).appearances.items():
        there = {a.actor.name for a in appearances for t in (0.0, STORY_S - 0.01) if a.route.at(t) is not None}
        assert there == ({"cashier"} if camera_id == "shop" else set())


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_in_two_places_at_once(seed: int) -> None:
    story = Story(seed)
    for name in story.actors:
        stays = sorted(
            (a.route.start_s, a.route.end_s)
            for appearances in story.appearances.values()
            for a in appearances
            if a.actor.name == name
        )
        assert all(end < start for (_, end), (start, _) in pairwise(stays)), name


def test_who_comes_in_from_the_street_is_next_seen_in_the_lobby_and_then_in_the_shop() -> None:
    story = Story(7)
    stays = sorted(
        (a.route.start_s, a.camera_id, a.actor.id)
        for appearances in story.appearances.values()
        for a in appearances
        if a.actor.name == "visitor"
    )
    assert [camera for _, camera, _ in stays] == ["street", "lobby", "shop", "lobby", "street"]
    assert len({actor for *_, actor in stays}) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_lingers_in_the_restricted_part_of_the_dock_goes_and_comes_back(seed: int) -> None:
    visits = of_kind("dock", "zone.visited", "restricted", seed)
    assert [h.end_s - h.start_s > 12 for h in visits] == [True, True]
    assert visits[0].end_s - visits[0].start_s == pytest.approx(27, abs=4)
    assert len({h.object_ids for h in visits}) == 1
    assert visits[1].start_s - visits[0].end_s < 120


def test_somebody_lingers_inside_the_street_door() -> None:
    (lingering,) = of_kind("lobby", "zone.loitered", "door")
    assert lingering.end_s - lingering.start_s > 5


def test_two_queue_at_the_till_twice() -> None:
    visits = [h for h in of_kind("shop", "zone.visited", "till") if h.end_s - h.start_s > 5]
    together = [
        (a, b) for a in visits for b in visits if a.start_s < b.start_s < a.end_s and a.object_ids != b.object_ids
    ]
    assert len(together) == 2


def test_passers_by_cross_the_line_both_ways_and_two_meet() -> None:
    assert {h.side for h in of_kind("street", "line.crossed", "walkway")} == {"left", "right"}
    assert [h.end_s - h.start_s > 8 for h in of_kind("street", "met")] == [True]


def test_the_van_comes_by_the_street_stops_at_the_dock_and_leaves() -> None:
    van = Story(7).actors["van"].id
    (there,) = [h for h in of_kind("dock", "zone.visited", "bay") if h.object_ids == (van,)]
    assert there.end_s - there.start_s > 45
    passing = [h.start_s for h in of_kind("street", "line.crossed", "carriageway") if h.object_ids == (van,)]
    assert passing[0] < there.start_s < there.end_s < passing[1]
    assert [h.side for h in of_kind("dock", "line.crossed", "yard")] == ["right", "left"]


def test_a_seed_dresses_the_extras_and_shifts_them_and_leaves_the_rest() -> None:
    a, b = Story(1), Story(2)
    assert [x.look for x in a.actors.values()] != [x.look for x in b.actors.values()]
    assert a.actors["lingerer"] == b.actors["lingerer"]
    assert told("street", 1) != told("street", 2)
    assert told("street", 1) == told("street", 1)
    assert told("dock", 1) == told("dock", 2)
