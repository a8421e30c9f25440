"""Areas, doors and holders over HTTP: how they are now, what is on record, and who may see whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from custos.model.access import AccessRole, Permission
from custos.model.account import Role
from custos.model.event import Event
from custos.testing.premises import KEEPER, START, VISITOR, DoorEvents, at, day_schedule, plan, site
from custos.testing.serving import Served, serving

API = "/api/v1"


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Signed in at a site at rest, which all tests share who change nothing."""
    with serving(tmp_path_factory.mktemp("site"), site=site()) as running:
        yield running.sign_in()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, site=site()) as running:
        yield running


def happen(served: Served, events: list[Event]) -> list[Event]:
    """Let events happen just now; as they were stored."""
    now = served.clock() - timedelta(seconds=60)
    moved = [replace(e, at=now + (e.at - START)) for e in events]
    served.hub.accept(moved)
    served.hub.advance(served.clock() + timedelta(seconds=30))
    return moved


def test_a_site_at_rest(served: Served) -> None:
    ada = served.sign_in()
    areas = ada.get(f"{API}/areas").json()["items"]
    assert [(a["id"], a["people"], a["seen"], a["inside"]) for a in areas] == [
        ("street", 0, None, []), ("office", 0, 0, []), ("vault", 0, None, []),
    ]  # fmt: skip
    front, safe = ada.get(f"{API}/doors").json()["items"]
    assert (front["areas"], front["threshold"]) == (
        ["street", "office"], {"camera_id": "lobby", "line_id": "sill", "inward": "left"},
    )  # fmt: skip
    assert (front["state"]["contact"], front["state"]["uncounted"]) == ("unknown", "")
    assert safe["state"]["uncounted"] == "No camera sees this door's threshold"
    assert ada.get(f"{API}/doors/front/log").json() == {"items": [], "next_cursor": None}


def test_a_door_that_is_open_and_who_went_in(served: Served) -> None:
    door = DoorEvents()
    happen(served, [door.granted(0, "1001"), door.opened(1), door.crossed(2, "a")])
    ada = served.sign_in()
    state = ada.get(f"{API}/doors/front").json()["state"]
    assert (state["contact"], state["alarm"], state["people_in"], state["people_out"]) == ("open", "held", 1, 0)
    office = ada.get(f"{API}/areas").json()["items"][1]
    assert [(i["holder_id"], i["name"]) for i in office["inside"]] == [("ada", "Ada")]
    told = ada.get(f"{API}/holders/ada").json()
    assert (told["name"], told["roles"], told["area_id"]) == ("Ada", ["staff"], "office")
    assert [c["number"] for c in told["credentials"]] == ["1001"], "the duress credential is told to nobody"


def test_an_area_tells_since_when_cameras_and_badges_disagree_until_they_agree_again(served: Served) -> None:
    def step(type_: str, seconds: float) -> Event:
        told = {"zone_id": "floor", "class": "person"}
        return Event(f"{type_}-{seconds}", type_, at(seconds), "/sites/hq/cameras/lobby", "tracks/lobby-1-1", told)

    ada = served.sign_in()
    (came,) = happen(served, [step("zone.entered", 0)])
    office = ada.get(f"{API}/areas").json()["items"][1]
    assert (office["people"], office["seen"]) == (0, 1)
    assert datetime.fromisoformat(office["disagreed_since"]) == came.at
    happen(served, [step("zone.left", 59)])
    office = ada.get(f"{API}/areas").json()["items"][1]
    assert (office["seen"], office["disagreed_since"]) == (0, None)


def test_where_a_holder_may_go_and_when(tmp_path: Path) -> None:
    """By role: always, or in the hours of a schedule, with what holds on holidays."""
    day = day_schedule("day", 7, 19)
    staff = AccessRole("staff", "Staff", (Permission(("office",)), Permission((), ("safe",), "day")))
    with serving(tmp_path, site=site(replace(plan(), roles=(staff, KEEPER, VISITOR), schedules=(day,)))) as served:
        ada, cleo = (served.sign_in().get(f"{API}/holders/{one}").json() for one in ("ada", "cleo"))
        is_day = day.covers(served.clock(), frozenset())
    office, safe = ada["may"]
    assert (ada["role_names"], ada["needs_escort"]) == (["Staff"], False)
    assert office == {"role": "Staff", "areas": ["office"], "doors": [], "when": None, "now": True}
    assert (safe["areas"], safe["doors"], safe["now"]) == ([], ["safe"], is_day)
    week = [{"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "07:00", "end": "19:00"}]
    assert safe["when"] == {"name": "day", "hours": week, "on_holidays": []}
    assert (cleo["role_names"], cleo["needs_escort"]) == (["Visitor"], True)


def test_logs_newest_first_in_pages(served: Served) -> None:
    door = DoorEvents()
    happen(served, [door.granted(0, "1001"), door.opened(1), door.closed(3), door.denied(9, "1001")])
    ada = served.sign_in()
    types = [e["type"] for e in ada.get(f"{API}/doors/front/log").json()["items"]]
    assert types[0] in ("custos.access.denied", "custos.access.refused")
    assert {"custos.access.granted", "custos.access.passed", "custos.door.used"} <= set(types)
    first = ada.get(f"{API}/holders/ada/log?limit=1").json()
    rest = ada.get(f"{API}/holders/ada/log?limit=1&cursor={first['next_cursor']}").json()
    assert [e["type"] for p in (first, rest) for e in p["items"]] == [
        "custos.access.refused", "custos.access.passed",
    ]  # fmt: skip
    assert ada.get(f"{API}/holders/ada/log?cursor=x").status_code == 422


def test_holders_in_pages(served: Served) -> None:
    ada = served.sign_in()
    first = ada.get(f"{API}/holders?limit=3").json()
    assert [h["id"] for h in first["items"]] == ["ada", "ben", "cleo"]
    rest = ada.get(f"{API}/holders?limit=3&cursor={first['next_cursor']}").json()
    assert ([h["id"] for h in rest["items"]], rest["next_cursor"]) == (["dan"], None)


def test_names_for_events(served: Served) -> None:
    ada = served.sign_in()
    assert ada.get(f"{API}/holder-names").json()["items"] == []
    asked = {"id": ["ben", "none"], "credential": ["1001", "9999"]}
    told = ada.get(f"{API}/holder-names", params=asked).json()["items"]
    assert [(one["of"], one["id"], one["name"]) for one in told] == [
        ("holders/ben", "ben", "Ben"),
        ("credentials/1001", "ada", "Ada"),
    ]
    assert ada.get(f"{API}/holder-names", params={"id": ["x"] * 101}).status_code == 422


def test_what_is_not_there(served: Served) -> None:
    ada = served.sign_in()
    for path in ("doors/none", "doors/none/log", "holders/none", "holders/none/log"):
        assert ada.get(f"{API}/{path}").status_code == 404
    assert served.client().get(f"{API}/doors").status_code == 401


def test_a_viewer_sees_doors_and_not_people(served: Served) -> None:
    door = DoorEvents()
    events = happen(served, [door.granted(0, "1001"), door.opened(1), door.closed(3)])
    viewer = served.acting_as(Role.VIEWER)
    for path in ("holders", "holder-names?id=ada", "holders/ada", "holders/none", "holders/ada/log"):
        assert viewer.get(f"{API}/{path}").status_code == 403
    office = viewer.get(f"{API}/areas").json()["items"][1]
    assert (office["people"], office["inside"]) == (1, None)
    told = [
        *viewer.get(f"{API}/doors/front/log").json()["items"],
        *viewer.get(f"{API}/events").json()["items"],
        viewer.get(f"{API}/events/{events[0].id}").json(),
    ]
    assert told
    assert not [e for e in told if "'1001'" in str(e) or "'ada'" in str(e) or "holders/" in str(e)]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR])
def test_who_handles_incidents_sees_people(served: Served, role: Role) -> None:
    assert served.acting_as(role).get(f"{API}/holders/ada").json()["name"] == "Ada"


def test_a_door_tells_of_its_week_and_its_newest_event(served: Served) -> None:
    door = DoorEvents()
    happen(served, [door.opened(0), door.closed(3), door.denied(9, "1001")])
    front, safe = served.sign_in().get(f"{API}/doors").json()["items"]
    assert front["week"] == {"forced": 1, "held": 0, "propped": 0, "tailgated": 0, "denied": 1, "used": 1}
    assert front["last_event"]["type"] in ("custos.access.denied", "custos.access.refused")
    assert (set(safe["week"].values()), safe["last_event"]) == ({0}, None)


def test_who_may_pass_now(served: Served) -> None:
    ada = served.sign_in()
    told = ada.get(f"{API}/doors/safe/passing").json()
    vault, office = told["ways"]
    assert (vault["into"], vault["free"], vault["count"]) == ("vault", False, 2)
    assert [h["id"] for h in vault["holders"]] == ["ada", "ben"], "Cleo may not, and Dan's badge is lost"
    assert [h["id"] for h in office["holders"]] == ["ada", "ben", "cleo"]
    _, street = ada.get(f"{API}/doors/front/passing").json()["ways"]
    assert (street["free"], street["free_because"], street["count"]) == (True, "There is no reader this way.", 0)
    assert ada.get(f"{API}/doors/none/passing").status_code == 404


def test_a_viewer_is_not_told_who_may_pass(served: Served) -> None:
    viewer = served.acting_as(Role.VIEWER)
    assert viewer.get(f"{API}/doors/safe/passing").status_code == 403
    assert viewer.post(f"{API}/doors/safe/shunt", json={"for_s": 60, "reason": "lock"}).status_code == 403
    assert viewer.delete(f"{API}/doors/safe/shunt").status_code == 403


def test_a_door_that_is_shunted_is_not_forced(served: Served) -> None:
    operator = served.acting_as(Role.OPERATOR)
    assert operator.post(f"{API}/doors/none/shunt", json={"for_s": 60, "reason": "lock"}).status_code == 404
    assert operator.post(f"{API}/doors/safe/shunt", json={"for_s": 1, "reason": "lock"}).status_code == 422
    told = operator.post(f"{API}/doors/safe/shunt", json={"for_s": 600, "reason": "New lock"}).json()
    assert told["last_event"]["type"] == "custos.door.shunted"
    assert (told["last_event"]["data"]["actor"], told["last_event"]["data"]["for_s"]) == ("Some operator", 600)
    served.hub.advance(served.clock() + timedelta(seconds=30))
    assert operator.get(f"{API}/doors/safe").json()["state"]["shunted"]
    assert operator.delete(f"{API}/doors/safe/shunt").json()["last_event"]["type"] == "custos.door.unshunted"
    served.clock.advance(timedelta(seconds=30))
    served.hub.advance(served.clock() + timedelta(seconds=30))
    assert not operator.get(f"{API}/doors/safe").json()["state"]["shunted"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", ["ada", "ben", "cleo", "dan"]), ("KEEP", ["ben"]), ("staff 1004", ["dan"]), ("1009", []), ("nobody", [])],
)
def test_holders_are_found_by_words(asker: httpx.Client, words: str, found: list[str]) -> None:
    told = asker.get(f"{API}/holders", params={"q": words}).json()["items"]
    assert [one["id"] for one in told] == found, "a duress credential finds nobody"


def test_a_holder_tells_of_the_newest_event(served: Served) -> None:
    door = DoorEvents()
    happen(served, [door.granted(0, "1001"), door.opened(1), door.closed(3)])
    ada, ben = served.sign_in().get(f"{API}/holders?limit=2").json()["items"]
    assert (ada["last_event"]["type"], ben["last_event"]) == ("custos.access.passed", None)
