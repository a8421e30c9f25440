"""A camera that was moved stays marked until a person has looked at its zones, whoever restarts in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from custos.model.account import Role
from custos.model.event import Event, Json, camera_source
from custos.model.live import CameraState, Trouble
from custos.pipeline.calibrations import read_calibrations
from custos.testing.cameras import START
from custos.testing.check_event import check_event
from custos.testing.serving import Served, serving

DOCK = "/api/v1/cameras/dock"
WORDS = "The view has shifted by 12% of its width to the right."


def moved(at: datetime, event_id: str = "moved-1", camera_id: str = "dock") -> Event:
    data: dict[str, Json] = {
        "since": "2026-01-01T00:00:00Z",
        "score": 0.9,
        "words": WORDS,
        "seen": 0.1,
        "shift": [0.12, 0.0],
    }
    event = Event(event_id, "camera.moved", at, camera_source("hq", camera_id), f"cameras/{camera_id}", data)
    check_event(event)
    return event


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def state(client: httpx.Client, camera: str = DOCK) -> dict[str, object]:
    told = client.get(camera).json()["state"]
    assert isinstance(told, dict)
    return told


def test_a_camera_that_was_never_moved(ada: httpx.Client) -> None:
    told = state(ada)
    assert (told["needs_recalibration"], told["recalibration_reason"], told["integrity"]) == (False, "", [])
    refused = ada.post(f"{DOCK}/recalibration")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:custos:problem:not-in-doubt")


def test_what_is_wrong_now_is_told(served: Served, ada: httpx.Client) -> None:
    trouble = Trouble("covered", START, "Something covers the whole lens.")
    assert (state(ada)["speeds_refused"], state(ada)["speeds_above_mps"]) == (0, 0.0)
    served.cameras.states_told["dock"] = CameraState(
        "dock", "connected", START, integrity=(trouble,), speeds_refused=7, speeds_above_mps=12.5
    )
    told = state(ada)
    assert (told["speeds_refused"], told["speeds_above_mps"]) == (7, 12.5)
    assert told["integrity"] == [{"what": "covered", "since": told["since"], "words": trouble.words}]


def test_it_is_marked_until_a_person_confirms(served: Served, ada: httpx.Client) -> None:
    served.store.append([moved(served.clock() - timedelta(minutes=1))])
    assert (state(ada)["needs_recalibration"], state(ada)["recalibration_reason"]) == (True, WORDS)
    others = [
        c["state"]["needs_recalibration"] for c in ada.get("/api/v1/cameras").json()["items"] if c["id"] != "dock"
    ]
    assert not any(others)
    confirmed = ada.post(f"{DOCK}/recalibration")
    assert confirmed.status_code == 200
    assert confirmed.json()["state"]["needs_recalibration"] is False
    assert served.cameras.times_recalibrated == 1
    (event,) = ada.get("/api/v1/events?type=camera.recalibrated").json()["items"]
    assert (event["data"]["how"], event["subject"]) == ("confirmed", "cameras/dock")
    assert event["data"]["actor"]
    assert ada.post(f"{DOCK}/recalibration").status_code == 409


def test_redrawing_zones_confirms_them_and_changing_something_else_does_not(served: Served, ada: httpx.Client) -> None:
    served.store.append([moved(served.clock() - timedelta(minutes=1))])
    whole = {k: v for k, v in ada.get(DOCK).json().items() if k not in ("id", "state")} | {"url": ""}
    renamed = ada.put(DOCK, json=whole | {"name": "The dock"}).json()
    assert (renamed["name"], renamed["state"]["needs_recalibration"]) == ("The dock", True)
    zones = [*whole["zones"], {"id": "new", "name": "New", "polygon": [[0, 0], [1, 0], [1, 1]]}]
    redrawn = ada.put(DOCK, json=whole | {"zones": zones})
    assert redrawn.status_code == 200, redrawn.text
    assert redrawn.json()["state"]["needs_recalibration"] is False
    (event,) = ada.get("/api/v1/events?type=camera.recalibrated").json()["items"]
    assert event["data"]["how"] == "redrawn"


def test_a_later_move_marks_it_again(served: Served, ada: httpx.Client) -> None:
    served.store.append([moved(served.clock() - timedelta(minutes=1))])
    ada.post(f"{DOCK}/recalibration").raise_for_status()
    served.clock.advance(timedelta(minutes=5))
    served.store.append([moved(served.clock() - timedelta(minutes=1), "moved-2")])
    assert state(ada)["needs_recalibration"] is True


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.ADMINISTRATOR, 200)])
def test_only_who_may_change_cameras_may_confirm(served: Served, role: Role, status: int) -> None:
    served.store.append([moved(served.clock() - timedelta(minutes=1))])
    assert served.acting_as(role).post(f"{DOCK}/recalibration").status_code == status


def test_a_camera_that_is_not_there(ada: httpx.Client) -> None:
    assert ada.post("/api/v1/cameras/nowhere/recalibration").status_code == 404


def test_the_mark_outlives_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        first.store.append([moved(first.clock() - timedelta(minutes=1))])
    with serving(tmp_path) as second:
        assert state(second.sign_in())["needs_recalibration"] is True


def test_many_moves_of_others_do_not_hide_it(served: Served) -> None:
    later = [moved(START + timedelta(seconds=n), f"m-{n}", "lobby") for n in range(1, 250)]
    served.store.append([moved(START), *later])
    known = read_calibrations(served.store, "hq", ["dock", "lobby", "roof"])
    assert {c: k.event_id for c, k in known.items()} == {"dock": "moved-1", "lobby": "m-249"}
    assert read_calibrations(served.store, "hq", []) == {}
