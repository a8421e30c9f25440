"""The site's plan over HTTP: its picture, where things stand, and what is open there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custos.model.access import View
from custos.model.account import Role
from custos.model.event import Event, Json
from custos.model.plan import PlanImage, SitePlan
from custos.pipeline.ports import Commit
from custos.testing.check_store import incident
from custos.testing.premises import plan, site
from custos.testing.serving import Served, serving

PLAN = "/api/v1/plan"
IMAGE = PlanImage(b"<svg/>", "image/svg+xml", 40, 20)
TRIANGLE = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
LOBBY = {"position": [0.2, 0.3], "bearing_deg": 90.0, "view_deg": 80.0, "range_m": 9.0}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    access = replace(plan(), views=(View("tills/front", zones=(("lobby", "floor"),)),))
    with serving(tmp_path, site=site(access)) as running:
        yield running


def test_a_site_of_which_nobody_has_said_where_things_are(served: Served) -> None:
    ada = served.sign_in()
    assert ada.get(PLAN).json() == {
        "image": None,
        "width_m": 40.0,
        "height_m": 24.0,
        "is_drawn_up": False,
        "cameras": [{"id": "lobby", "place": None}],
        "things": [
            {
                "of": "tills/front",
                "position": None,
                "cameras": [],
                "zones": ["lobby/floor"],
                "trouble": None,
                "trouble_since": None,
            }
        ],
        "risks": [],
    }
    assert ada.get(f"{PLAN}/image").status_code == 404


def test_the_picture_is_for_those_who_are_signed_in(tmp_path: Path) -> None:
    here = replace(site(), plan=SitePlan(60, 30, "plan.svg", "image/svg+xml", "a1b2"))
    with serving(tmp_path, site=here) as served:
        served.book.plan_shown = IMAGE
        viewer = served.acting_as(Role.VIEWER)
        address = viewer.get(PLAN).json()["image"]
        answer = viewer.get(address)
        assert (answer.content, answer.headers["content-type"]) == (b"<svg/>", "image/svg+xml")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert served.client().get(address).status_code == 401


def test_things_are_put_on_the_plan_and_taken_off(served: Served) -> None:
    ada = served.sign_in()
    asked = {
        "areas": {"office": TRIANGLE},
        "doors": {"front": [0.5, 0.5]},
        "cameras": {"lobby": LOBBY},
        "things": {"tills/front": [0.7, 0.7]},
    }
    told = ada.put(PLAN, json=asked).json()
    assert (told["is_drawn_up"], told["cameras"][0]["place"], told["things"][0]["position"]) == (
        True, LOBBY, [0.7, 0.7],
    )  # fmt: skip
    assert ada.get("/api/v1/areas").json()["items"][1]["outline"] == TRIANGLE
    assert ada.get("/api/v1/doors/front").json()["position"] == [0.5, 0.5]
    off = ada.put(PLAN, json={"areas": {"office": []}, "doors": {"front": None}, "cameras": {"lobby": None}}).json()
    assert (off["is_drawn_up"], off["things"][0]["position"]) == (False, [0.7, 0.7]), "what is not named stays"


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"doors": {"none": [0, 0]}}, "/doors/none"),
        ({"things": {"tills/none": None}}, "/things/tills~1none"),
        ({"things": {"panels/none/01": None}}, "/things/panels~1none~101"),
        ({"areas": {"office": [[0, 0], [1, 1]]}}, "/areas/office"),
        ({"areas": {"office": [[0, 0], [1, 1], [1, 0], [0, 1]]}}, "/areas/office"),
        ({"cameras": {"lobby": {"position": [2, 0]}}}, "/cameras/lobby/position/0"),
        ({"walls": {}}, "/walls"),
    ],
)
def test_what_cannot_be_placed(served: Served, asked: dict[str, object], pointer: str) -> None:
    answer = served.sign_in().put(PLAN, json=asked)
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]


def test_a_panel_and_its_zones_are_put_on_the_plan_with_what_is_the_matter(tmp_path: Path) -> None:
    views = tuple(View(of, cameras=("lobby",)) for of in ("panels/main", "panels/main/01", "panels/main/02", "tills/1"))
    with serving(tmp_path, site=site(replace(plan(), views=views))) as served:
        ada, now = served.sign_in(), served.clock()

        def told() -> list[tuple[object, ...]]:
            return [(t["of"], t["position"], t["trouble"]) for t in ada.get(PLAN).json()["things"]]

        def tell(n: int, type_: str, ago: timedelta, **data: Json) -> None:
            source = "/sites/hq/panels/main"
            served.store.append([Event(f"panel-{n}", type_, now - ago, source, None, {"panel_id": "main", **data})])

        ada.put(PLAN, json={"things": {"panels/main/01": [0.2, 0.3], "panels/main": [0.1, 0.1]}}).raise_for_status()
        tell(1, "panel.alarmed", timedelta(hours=30), zone="02", kind="burglary")
        assert told() == [
            ("panels/main", [0.1, 0.1], None), ("panels/main/01", [0.2, 0.3], None),
            ("panels/main/02", None, None), ("tills/1", None, None),
        ]  # fmt: skip
        tell(2, "panel.alarmed", timedelta(minutes=5), zone="01", kind="burglary")
        tell(3, "panel.silent", timedelta(days=3), limit_s=60)
        assert [trouble for _, _, trouble in told()] == ["alarm", "alarm", "silent", None]
        since = ada.get(PLAN).json()["things"][1]["trouble_since"]
        assert datetime.fromisoformat(since) == now - timedelta(minutes=5)


def test_a_panel_that_was_tampered_with_is_so_until_it_says_that_this_is_over(tmp_path: Path) -> None:
    views = tuple(View(of, cameras=("lobby",)) for of in ("panels/main", "panels/main/01"))
    with serving(tmp_path, site=site(replace(plan(), views=views))) as served:
        ada, now, said = served.sign_in(), served.clock(), []
        for n, (type_, days, zone, kind) in enumerate(
            [
                ("panel.alarmed", 20, "01", "burglary"), ("panel.alarmed", 19, "01", "tamper"),
                ("panel.troubled", 18, "", "tamper"), ("panel.disarmed", 17, "", ""),
                ("panel.restored", 16, "01", "tamper"), ("panel.restored", 15, "", "tamper"),
            ]
        ):  # fmt: skip
            data: dict[str, Json] = {"panel_id": "main", "zone": zone, "kind": kind}
            at = now - timedelta(days=days)
            served.store.append([Event(f"panel-{n}", type_, at, "/sites/hq/panels/main", None, data)])
            said.append([thing["trouble"] for thing in ada.get(PLAN).json()["things"]])
    assert said == [
        [None, None], ["tamper", "tamper"], ["tamper", "tamper"], ["tamper", "tamper"], ["tamper", None], [None, None],
    ]  # fmt: skip


def test_only_administrators_place(served: Served) -> None:
    assert served.acting_as(Role.OPERATOR).put(PLAN, json={}).status_code == 403


def test_what_is_not_resolved_colours_its_places(served: Served) -> None:
    at = served.clock() - timedelta(minutes=1)
    forced = Event("ev-1", "door.forced", at, "/sites/hq/doors/safe", "doors/safe", {"door_id": "safe"})
    case = replace(incident(1, event_ids=("ev-1",)), camera_id=None, zone_id=None, subjects=())
    served.store.commit(Commit(events=[forced], incidents=[case]))
    risks = served.sign_in().get(PLAN).json()["risks"]
    assert [(r["of"], r["risk"], r["severity"]) for r in risks] == [
        ("areas/office", 80, "high"), ("areas/vault", 80, "high"), ("doors/safe", 80, "high"),
    ]  # fmt: skip
    [told] = risks[0]["incidents"]
    assert (told["id"], told["number"], told["title"], told["state"]) == ("inc-hq-1", 1, "Somebody in the yard", "open")
