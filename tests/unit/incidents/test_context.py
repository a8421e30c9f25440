"""Where an incident is, whom it is about, which cameras see it, when to look, and what else shares its places."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from custos.incidents.context import (
    MOST_CAMERAS,
    MOST_RELATED,
    OFFSETS_S,
    Surroundings,
    cameras_that_see,
    moments,
    related,
    surroundings,
)
from custos.model.access import View
from custos.model.event import Event, Incident, IncidentState, Json
from custos.model.site import Camera, Site
from custos.model.views import cameras_of
from custos.testing.premises import FRONT, START, DoorEvents, plan, site

NOTHING = Surroundings((), ())


def incident(number: int = 1, *, group: str = "rule", camera_id: str | None = None, minutes: float = 0) -> Incident:
    at = START + timedelta(minutes=minutes)
    return Incident(
        id=f"inc-{number}",
        number=number,
        site_id="hq",
        title="Something",
        severity="high",
        risk=70,
        state=IncidentState.OPEN,
        opened_at=at,
        updated_at=at,
        group=group,
        rule_id="rule",
        camera_id=camera_id,
        zone_id=None,
        event_ids=(),
        signal_ids=(),
        subjects=(),
        reasons=(),
        timeline=(),
    )


def seen(camera_id: str, zone_id: str, seconds: float = 0) -> Event:
    at = START + timedelta(seconds=seconds)
    data: dict[str, Json] = {"zone_id": zone_id, "class": "person"}
    return Event(f"e-{seconds}", "zone.entered", at, f"/sites/hq/cameras/{camera_id}", "tracks/x", data)


def refunded(till_id: str) -> Event:
    return Event("pos", "pos.refunded", START, f"/sites/hq/tills/{till_id}", None, {"till_id": till_id})


def looked_at(one: Incident, events: list[Event], places: tuple[str, ...], here: Site) -> tuple[str, ...]:
    return cameras_that_see(one, events, places, here, cameras_of(here))


def test_an_incident_of_nothing_is_nowhere() -> None:
    empty = Site("hq", "HQ")
    assert surroundings(incident(), [], empty) == NOTHING
    assert looked_at(incident(), [], (), empty) == ()
    assert related(NOTHING, [(incident(2), NOTHING)]) == ()


def test_a_door_says_more_than_the_areas_it_joins_and_the_street_is_no_area_to_look_into() -> None:
    found = surroundings(incident(), [DoorEvents().denied(0, "1001")], site())
    assert found == Surroundings(("doors/front", "areas/office"), ("ada",))


def test_people_are_known_by_holder_by_subject_and_by_credential_and_each_is_one() -> None:
    door = DoorEvents()
    by_id = door.say("access.refused", 0, holder_id="ben")
    by_subject = replace(door.say("access.passed", 1), subject="holders/cleo")
    by_credential = door.granted(2, "1001")
    unknown = door.denied(3, "9999")
    told = [by_id, by_subject, by_credential, unknown, by_id]
    assert surroundings(incident(), told, site()).holders == ("ben", "cleo", "ada")


def test_what_a_camera_tells_is_in_the_area_of_its_zone() -> None:
    found = surroundings(incident(camera_id="lobby"), [seen("lobby", "floor")], site())
    assert found.places == ("areas/office", "cameras/lobby")


def test_what_is_no_zone_is_in_no_area() -> None:
    odd = seen("lobby", "floor")
    odd = replace(odd, data={**odd.data, "zone_id": ["floor"]})
    assert surroundings(incident(camera_id="lobby"), [odd], site()).places == ("cameras/lobby",)


def test_a_rule_that_groups_by_door_speaks_of_a_door_that_only_a_camera_told_of() -> None:
    paced = incident(group="pacing-at-a-door/front", camera_id="lobby")
    assert surroundings(paced, [seen("lobby", "sill")], site()).places[0] == "doors/front"
    another = incident(group="pacing-at-a-door/safe", camera_id="lobby")
    assert "doors/safe" not in surroundings(another, [seen("lobby", "sill")], site()).places


def with_cameras(count: int) -> Site:
    here = site()
    more = tuple(Camera(f"c{n}", f"Camera {n}", "rtsp://c") for n in range(count))
    views = (View("tills/t1", cameras=tuple(c.id for c in more)),)
    return replace(here, cameras=(*here.cameras, *more), access=replace(here.access, views=views))


def test_cameras_that_see_the_place() -> None:
    here = with_cameras(2)
    assert looked_at(incident(), [], ("doors/front",), here) == ("lobby",)
    assert looked_at(incident(), [], ("areas/office",), here) == ("lobby",)
    assert looked_at(incident(), [refunded("t1")], ("tills/t1", "doors/front"), here) == ("c0", "c1", "lobby")
    assert looked_at(incident(), [], ("doors/safe",), here) == ()


def test_the_camera_that_told_of_it_comes_first_and_one_that_is_gone_is_left_out() -> None:
    here = with_cameras(1)
    assert looked_at(incident(camera_id="c0"), [], ("doors/front",), here) == ("c0", "lobby")
    assert looked_at(incident(camera_id="gone"), [seen("gone", "z")], (), here) == ()


def test_a_threshold_is_seen_by_its_camera_though_the_door_names_none() -> None:
    here = site(plan(replace(FRONT, cameras=())))
    assert looked_at(incident(), [], ("doors/front",), here) == ("lobby",)


def test_no_more_cameras_than_one_can_look_at() -> None:
    assert len(looked_at(incident(), [], ("tills/t1",), with_cameras(20))) == MOST_CAMERAS


def test_moments_are_before_at_and_after() -> None:
    at = incident().opened_at
    assert moments(incident(), []) == tuple(at + timedelta(seconds=s) for s in OFFSETS_S)


@pytest.mark.parametrize(
    ("seconds", "is_looked_at"),
    [(-30, True), (-180, True), (-181, False), (-9, False), (0.5, False), (-2, True), (30, False)],
)
def test_an_event_it_rests_on_is_a_moment_unless_it_is_one_already_or_too_old(
    seconds: float, is_looked_at: bool
) -> None:
    found = moments(incident(), [seen("lobby", "floor", seconds)])
    assert (len(found) > len(OFFSETS_S)) is is_looked_at
    assert list(found) == sorted(found)


def test_events_close_together_are_one_moment_and_only_the_first_few_count() -> None:
    burst = [seen("lobby", "floor", -60 + n / 10) for n in range(5)]
    assert len(moments(incident(), burst)) == len(OFFSETS_S) + 1
    spread = [seen("lobby", "floor", -60 + 5 * n) for n in range(9)]
    assert len(moments(incident(), spread)) == len(OFFSETS_S) + 4


def test_who_shares_most_is_most_related_then_the_newest() -> None:
    mine = Surroundings(("doors/front", "areas/office"), ("ada",))
    others = [
        (incident(2, minutes=-50), Surroundings(("areas/office",), ())),
        (incident(3, minutes=-40), Surroundings(("areas/office",), ())),
        (incident(4, minutes=-60), Surroundings(("doors/front", "cameras/lobby"), ("ada", "ben"))),
        (incident(5, minutes=-10), Surroundings(("doors/safe",), ("ben",))),
    ]
    found = related(mine, others)
    assert [(one.number, one.shared) for one in found] == [
        (4, ("doors/front", "holders/ada")), (3, ("areas/office",)), (2, ("areas/office",)),
    ]  # fmt: skip
    assert len(related(mine, [(incident(n), others[0][1]) for n in range(30)])) == MOST_RELATED
