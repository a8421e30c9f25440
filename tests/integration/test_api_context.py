"""The whole picture of an incident over HTTP: what is told of it, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from custos.model.account import Role
from custos.model.event import Event, Incident, IncidentState, Json, Picture
from custos.pipeline.collecting import ContextCollector
from custos.pipeline.context import ContextFacts
from custos.pipeline.ports import Commit, IncidentQuery
from custos.testing.cameras import SMALLEST_JPEG
from custos.testing.premises import FRONT, START, DoorEvents, plan, site
from custos.testing.rules import shipped_rules
from custos.testing.serving import Served, serving

API = "/api/v1"
HERE = site(plan(replace(FRONT, position=(0.25, 0.5))))
RULES = [rule for rule in shipped_rules() if rule.id in ("lost-credential-tried", "credential-probed", "many-voids")]
LOST = next(rule for rule in RULES if rule.id == "lost-credential-tried")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, site=HERE, rules=RULES) as running:
        yield running


def happen(served: Served, events: list[Event], ago_s: float = 60) -> list[Event]:
    now = served.clock() - timedelta(seconds=ago_s)
    moved = [replace(e, at=now + (e.at - START)) for e in events]
    served.hub.accept(moved)
    served.hub.advance(served.clock() + timedelta(seconds=30))
    return moved


def collect(served: Served, incident_id: str) -> None:
    facts = ContextFacts(served.store, served.deps.premises, served.book.site, lambda: RULES)
    collector = ContextCollector(
        served.store, served.bus, facts, served.cameras, site=served.book.site, clock=served.clock
    )
    asyncio.run(collector.collect(incident_id))


def lost_badge(served: Served) -> Incident:
    """Ada goes in; then Dan's lost credential is tried at the front door. The incident of it, and what was seen."""
    door = DoorEvents()
    door.passed(-30, "1001")
    door.denied(0, "1004")
    happen(served, door.told)
    [opened] = served.store.incidents("hq", IncidentQuery()).items
    served.cameras.kept["lobby"] = [
        Picture("recalled", "lobby", opened.opened_at + timedelta(seconds=s), SMALLEST_JPEG) for s in (-8, 0, 8)
    ]
    return opened


@pytest.fixture
def opened(served: Served) -> Incident:
    return lost_badge(served)


def context(client: httpx.Client, opened: Incident) -> dict:  # type: ignore[type-arg]
    return client.get(f"{API}/incidents/{opened.id}/context").raise_for_status().json()  # type: ignore[no-any-return]


def test_an_incident_that_has_just_opened_says_why_and_that_the_rest_is_coming(
    served: Served, opened: Incident
) -> None:
    told = context(served.acting_as(Role.ADMINISTRATOR), opened)
    assert (told["state"], told["known_at"], told["cause"]) == ("waiting", None, None)
    assert [one["type"] for one in told["because"]] == ["access.misused"]
    assert (told["cameras"], told["logs"], told["people"], told["related"]) == ([], [], [], [])


def test_an_incident_from_before_there_were_contexts_says_so(served: Served, opened: Incident) -> None:
    served.clock.advance(timedelta(days=2))
    assert context(served.acting_as(Role.ADMINISTRATOR), opened)["state"] == "none"


def test_the_whole_picture(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    ada = served.acting_as(Role.ADMINISTRATOR)
    told = context(ada, opened)
    assert told["state"] == "done"
    assert told["cause"]["title"] == LOST.title
    assert told["cause"]["falsepositives"] == list(LOST.false_positives)
    [why] = told["because"]
    assert why["place"] == "doors/front"
    assert why["place_name"] == "Front door"
    assert why["words"] == "A credential that is reported lost was used at Front door"
    assert (why["offset_s"], why["holder"]) == (0, {"id": "dan", "name": "Dan"})
    assert told["places"][0] == {"place": "doors/front", "name": "Front door", "position": [0.25, 0.5]}
    assert (told["map_at"], told["recorded"]) == ("doors/front", False)
    [lobby] = told["cameras"]
    assert (lobby["name"], [shot["offset_s"] for shot in lobby["shots"]]) == ("Lobby", [-8, 0, 8])
    front, dan = told["logs"]
    assert (front["name"], dan["of"], dan["name"]) == ("Front door", "holders/dan", "Dan")
    assert {"access.granted", "access.denied", "door.used"} <= {one["type"] for one in front["events"]}
    [office] = told["people"]
    assert (office["name"], office["people"], office["inside"][0]["name"]) == ("Office", 1, "Ada")
    assert told["holders"] == [{"id": "dan", "name": "Dan"}]
    picture = ada.get(f"{API}/incidents/{opened.id}/snapshots/{lobby['shots'][0]['id']}.jpg")
    assert (picture.status_code, picture.headers["Content-Type"], picture.content) == (200, "image/jpeg", SMALLEST_JPEG)


def test_pictures_that_were_kept_for_long_enough_are_said_to_be_deleted(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    ada = served.acting_as(Role.ADMINISTRATOR)
    [before] = context(ada, opened)["cameras"]
    resolve = {"version": 1, "action": "resolve", "disposition": "test"}
    ada.post(f"{API}/incidents/{opened.id}/changes", json=resolve).raise_for_status()
    served.clock.advance(timedelta(days=90))
    assert context(ada, opened)["pictures_deleted"] == ""  # it is time, and they are still there
    now = served.clock()
    assert served.store.prune("hq", before=now, resolved_before=now - timedelta(days=80)) > 0
    told = context(ada, opened)
    words = "The pictures were deleted: they are kept for 90 days after an incident is resolved."
    assert told["pictures_deleted"] == words
    [lobby] = told["cameras"]
    assert (lobby["name"], lobby["shots"], lobby["missing"]) == ("Lobby", [], words)
    assert [log["name"] for log in told["logs"]] == ["Front door", "Dan"]
    gone = ada.get(f"{API}/incidents/{opened.id}/snapshots/{before['shots'][0]['id']}.jpg")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("type_", "seen_by", "is_told"),
    [("zone.entered", "custos", True), ("camera.covered", "device", False), ("door.forced", "custos", False)],
)
def test_only_who_had_pictures_says_that_they_are_gone_when_it_is_time(
    served: Served, opened: Incident, type_: str, seen_by: str, is_told: bool
) -> None:
    """Symptom: a forced door, of which no camera had seen anything, said after 90 days that its pictures were
    deleted."""
    now, ada = served.clock(), served.acting_as(Role.ADMINISTRATOR)
    why = Event("seen-1", type_, now, "/sites/hq/cameras/lobby", None, {"seen_by": seen_by})
    over = replace(
        opened, id="over", number=2, version=1, group="over", event_ids=(why.id,),
        state=IncidentState.RESOLVED, resolved_at=now,
    )  # fmt: skip
    served.store.commit(Commit([why], incidents=[over]))
    assert context(ada, over)["pictures_deleted"] == ""
    served.clock.advance(timedelta(days=91))
    assert ("were deleted" in context(ada, over)["pictures_deleted"]) == is_told


def test_related_incidents_lead_to_how_they_are_now(served: Served, opened: Incident) -> None:
    door = DoorEvents(prefix="again")
    served.clock.advance(timedelta(minutes=20))
    happen(served, [door.denied(0, "1004")])
    second, first = served.store.incidents("hq", IncidentQuery()).items
    assert first.id == opened.id
    collect(served, second.id)
    ada = served.acting_as(Role.ADMINISTRATOR)
    resolve = {"version": first.version, "action": "resolve", "disposition": "test"}
    ada.post(f"{API}/incidents/{first.id}/changes", json=resolve).raise_for_status()
    [related] = context(ada, second)["related"]
    assert (related["number"], related["state"]) == (1, "resolved")
    assert [one["name"] for one in related["shared"]] == ["Front door", "Office", "Lobby", "Dan"]


def test_who_may_not_see_people_learns_of_nobody(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    told = context(served.acting_as(Role.VIEWER), opened)
    assert (told["holders"], told["people"][0]["people"], told["people"][0]["inside"]) == (None, 1, None)
    assert [log["of"] for log in told["logs"]] == ["doors/front"]
    assert all(one["holder"] is None for one in (*told["because"], *told["logs"][0]["events"]))
    assert told["cameras"][0]["shots"]
    for word in ("Dan", "dan", "Ada", "'ada", "1001", "1004", "holders/"):
        assert word not in str(told)


def test_a_relation_by_somebody_is_told_to_nobody_who_may_not_know_them(served: Served) -> None:
    safe, front = DoorEvents("safe"), DoorEvents(prefix="later")
    happen(served, [safe.denied(0, "1004"), front.denied(600, "1004")], ago_s=900)
    later, _ = served.store.incidents("hq", IncidentQuery()).items
    collect(served, later.id)
    stored = served.store.context("hq", later.id)
    assert stored is not None
    assert "holders/dan" in stored.related[0].shared
    told = context(served.acting_as(Role.VIEWER), later)["related"]
    assert "dan" not in str(told)


def test_names_go_out_of_history_with_the_site_file(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    here = served.book.site()
    served.book._site = replace(here, access=replace(here.access, holders=()))
    told = context(served.acting_as(Role.ADMINISTRATOR), opened)
    assert told["holders"] == [{"id": "dan", "name": "dan"}]
    assert "Ada" not in str(told)


def test_what_is_not_there_is_a_problem(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    ada = served.acting_as(Role.ADMINISTRATOR)
    incidents = [f"{one}/context" for one in ("none", "%00", "x" * 300)]
    pictures = [f"{opened.id}/snapshots/{one}.jpg" for one in ("none", "%00", "x" * 300, f"{opened.id}.lobby.1")]
    for path in (*incidents, *pictures, "none/snapshots/none.jpg"):
        answer = ada.get(f"{API}/incidents/{path}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), path
    assert served.client().get(f"{API}/incidents/{opened.id}/context").status_code == 401


def test_a_viewer_cannot_ask_events_about_somebody(served: Served, opened: Incident) -> None:
    """Symptom: a viewer, for whom events name nobody, narrowed the list to holders/dan and saw where Dan had been."""
    viewer = served.acting_as(Role.VIEWER)
    for subject in ("holders/dan", "holders/nobody", "credentials/1004"):
        answer = viewer.get(f"{API}/events", params={"subject": subject})
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert viewer.get(f"{API}/events", params={"subject": "doors/front"}).json()["items"]


def test_a_trial_of_a_rule_about_people_is_for_who_may_see_them(served: Served, opened: Incident) -> None:
    """Symptom: a viewer's trial of a rule that groups by credential named credentials in what had been missing."""
    viewer = served.acting_as(Role.VIEWER)
    assert viewer.get(f"{API}/rule-files/credential-probed/trial").status_code == 403
    assert viewer.get(f"{API}/rule-files/lost-credential-tried/trial").status_code == 200


def test_what_a_rule_says_of_somebody_is_for_who_may_see_people(served: Served) -> None:
    """Symptom: "Kim made 4 refunds or voids ..." stood in the reasons and the timeline that a viewer was shown."""
    source = "/sites/hq/tills/1"
    data: dict[str, Json] = {"till_id": "1", "operator": "Kim", "amount": 9.5, "reason": "torn"}
    happen(served, [Event(f"v{n}", "pos.voided", START + timedelta(seconds=n), source, None, data) for n in range(5)])
    opened = served.store.incidents("hq", IncidentQuery()).items[0]
    assert "Kim" in opened.reasons[0]
    viewer = served.acting_as(Role.VIEWER)
    for address in (f"{API}/incidents", f"{API}/incidents/{opened.id}"):
        answer = viewer.get(address)
        assert answer.status_code == 200
        assert opened.title in answer.text
        assert "Kim" not in answer.text
    assert viewer.get(f"{API}/rule-files/many-voids/trial").status_code == 403


def test_who_sees_people_may_ask_events_about_somebody(served: Served, opened: Incident) -> None:
    operator = served.acting_as(Role.OPERATOR)
    assert operator.get(f"{API}/events", params={"subject": "holders/dan"}).json()["items"]


def test_incidents_of_a_door_and_of_a_holder(served: Served, opened: Incident) -> None:
    admin = served.acting_as(Role.ADMINISTRATOR)

    def found(about: str) -> list[str]:
        return [one["id"] for one in admin.get(f"{API}/incidents", params={"about": about}).json()["items"]]

    assert found("doors/front") == []
    collect(served, opened.id)
    assert found("doors/front") == found("holders/dan") == found("areas/office") == [opened.id]
    assert found("holders/ada") == found("doors/safe") == found("doors/none") == []
    assert admin.get(f"{API}/incidents?about=holders/none").status_code == 404


def test_whom_incidents_are_about_is_told_to_those_who_may_see_people(served: Served, opened: Incident) -> None:
    collect(served, opened.id)
    viewer = served.acting_as(Role.VIEWER)
    assert [one["id"] for one in viewer.get(f"{API}/incidents?about=doors/front").json()["items"]] == [opened.id]
    assert viewer.get(f"{API}/incidents?about=holders/dan").status_code == 403
