"""Where incidents stand on a site."""

from __future__ import annotations

from dataclasses import replace

from custos.model.access import View
from custos.model.event import Event, Incident
from custos.server.standing import TOLD, standing, told_by
from custos.testing.check_store import event, incident
from custos.testing.premises import DoorEvents, plan, site

HQ = site(replace(plan(), views=(View("tills/front", zones=(("lobby", "floor"),)),)))


def places(one: Incident, events: list[Event]) -> set[str]:
    return set(standing([one], events, HQ))


def bare(**changes: object) -> Incident:
    plain = replace(incident(1), camera_id=None, zone_id=None, subjects=(), event_ids=())
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand for any field


def test_no_incidents_stand_nowhere() -> None:
    assert standing([], [], HQ) == {}
    assert places(bare(), []) == set()


def test_a_door_concerns_its_inner_areas() -> None:
    forced = DoorEvents("front").say("door.forced", 0)
    assert places(bare(event_ids=(forced.id,)), [forced]) == {"doors/front", "areas/office"}
    inner = DoorEvents("safe").say("door.forced", 0)
    assert places(bare(event_ids=(inner.id,)), [inner]) == {"doors/safe", "areas/office", "areas/vault"}


def test_a_camera_concerns_the_area_whose_zone_it_was_in() -> None:
    assert places(bare(camera_id="lobby", zone_id="floor"), []) == {"cameras/lobby", "areas/office"}
    assert places(bare(camera_id="lobby", zone_id="ceiling"), []) == {"cameras/lobby"}
    assert places(bare(camera_id="lobby"), []) == {"cameras/lobby", "areas/office"}, "no zone: all that it sees"


def test_a_till_concerns_the_area_in_which_it_is_seen() -> None:
    refund = replace(event(1), source="/sites/hq/tills/front", data={"till_id": "front"})
    assert places(bare(event_ids=(refund.id,)), [refund]) == {"tills/front", "areas/office"}


def test_a_panels_alarm_stands_at_its_zone_too() -> None:
    told = replace(event(1), source="/sites/hq/panels/main", data={"panel_id": "main", "zone": "01"})
    assert places(bare(event_ids=(told.id,)), [told]) == {"panels/main", "panels/main/01"}


def test_the_gravest_comes_first() -> None:
    small = bare(subjects=("doors/front",), risk=20)
    great = replace(small, id="inc-2", number=2, risk=90)
    assert [i.number for i in standing([small, great], [], HQ)["doors/front"]] == [2, 1]


def test_of_many_events_the_first_and_the_last_are_asked() -> None:
    ids = tuple(f"ev-{n}" for n in range(50))
    assert told_by(bare(event_ids=ids)) == (*ids[:TOLD], *ids[-TOLD:])
    assert told_by(bare(event_ids=ids[:5])) == ids[:5]
