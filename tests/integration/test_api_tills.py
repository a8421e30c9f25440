"""Tills over HTTP: which there are, what they did lately, who sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy.event

from custos.model.access import View
from custos.model.account import Role
from custos.model.event import Event, Json
from custos.testing.premises import plan, site
from custos.testing.serving import Served, serving

API = "/api/v1"
VIEWS = (View("tills/front", zones=(("lobby", "floor"),)), View("panels/main", cameras=("lobby",)))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, site=site(replace(plan(), views=VIEWS))) as running:
        yield running


def rung_up(served: Served, number: int, type_: str, till: str = "front", **data: Json) -> Event:
    """Something that a till did `number` minutes ago."""
    at = served.clock() - timedelta(minutes=number)
    event = Event(f"till-{number}", type_, at, f"/sites/hq/tills/{till}", f"tills/{till}", {"till_id": till, **data})
    served.hub.accept([event])
    return event


def test_a_till_that_has_said_nothing(served: Served) -> None:
    [front] = served.sign_in().get(f"{API}/tills").json()["items"]
    assert front == {
        "id": "front",
        "cameras": ["lobby"],
        "zones": ["lobby/floor"],
        "week": {"sales": 0, "refunds": 0, "voids": 0, "no_sales": 0, "overrides": 0},
        "last_event": None,
    }


def test_what_tills_did_this_week(served: Served) -> None:
    rung_up(served, 1, "pos.refunded", amount=9.5, operator="Kim")
    rung_up(served, 2, "pos.sold", amount=20)
    rung_up(served, 3, "pos.signed_on", "bar", operator="Kim")
    rung_up(served, 60 * 24 * 8, "pos.refunded", amount=1)
    ada = served.sign_in()
    bar, front = ada.get(f"{API}/tills").json()["items"]
    assert (bar["id"], bar["cameras"], bar["last_event"]["type"]) == ("bar", [], "custos.pos.signed_on")
    assert (front["week"]["refunds"], front["week"]["sales"]) == (1, 1), "what is older than a week is not counted"
    assert front["last_event"]["data"]["operator"] == "Kim"
    assert ada.get(f"{API}/tills/front").json() == front
    log = ada.get(f"{API}/events", params={"source": "/sites/hq/tills/front", "type": "pos.refunded"}).json()["items"]
    assert [e["id"] for e in log] == ["till-1", "till-11520"]


def test_a_viewer_does_not_learn_who_was_at_the_till(served: Served) -> None:
    rung_up(served, 1, "pos.opened", operator="Kim")
    [front] = served.acting_as(Role.VIEWER).get(f"{API}/tills").json()["items"]
    assert "Kim" not in str(front)
    assert front["week"]["no_sales"] == 1


def test_a_source_that_is_somebody_is_for_those_who_may_see_people(served: Served) -> None:
    viewer = served.acting_as(Role.VIEWER)
    assert viewer.get(f"{API}/events", params={"source": "/sites/hq/holders/ada"}).status_code == 403
    assert viewer.get(f"{API}/events", params={"source": "/sites/hq/tills/front"}).status_code == 200


def test_a_till_that_is_not_there(served: Served) -> None:
    assert served.sign_in().get(f"{API}/tills/none").status_code == 404
    assert served.client().get(f"{API}/tills").status_code == 401


def test_a_list_asks_the_store_as_often_for_many_as_for_one(served: Served) -> None:
    """Each door, till and holder was a query of its own: a hundred of them were a slow page."""
    ada, asked = served.sign_in(), list[str]()
    rung_up(served, 1, "pos.sold")
    engine = served.store.database.engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def queries(path: str) -> int:
        ada.get(f"{API}/{path}").raise_for_status()
        asked.clear()
        ada.get(f"{API}/{path}").raise_for_status()
        return sum("FROM events" in statement for statement in asked)

    few = queries("tills")
    for n in range(2, 9):
        rung_up(served, n, "pos.sold", f"till-{n}")
    assert len(ada.get(f"{API}/tills").json()["items"]) == 8
    assert few == queries("tills") > 0
    assert queries("doors") == queries("doors/front") > 0
    assert queries("holders") == queries("holders/ada") > 0
