"""The site, its cameras and rules: read, and changed by who may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from custos.adapters.sitefile.book import YamlSiteBook
from custos.model.account import Role
from custos.model.event import Picture
from custos.model.live import CameraState
from custos.server.app import create_app
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import Served, serving

CAMERAS = "/api/v1/cameras"
TRIANGLE = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
ZONE = {"id": "restricted", "name": "Restricted", "polygon": TRIANGLE}
WHOLE = {
    "name": "Dock",
    "url": "",
    "transport": "udp",
    "loop": False,
    "enabled": True,
    "detect_fps": 3.0,
    "zones": [ZONE],
    "lines": [],
}


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that all tests share who change nothing."""
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def asker(still: Served) -> httpx.Client:
    return still.sign_in()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def faults(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {e["pointer"]: e["detail"] for e in answer.json()["errors"]}


def test_the_site_in_numbers(asker: httpx.Client) -> None:
    told = asker.get("/api/v1/site").json()
    assert {"person", "vehicle", "unknown"} <= set(told.pop("class_names"))
    assert told == {
        "id": "hq",
        "name": "Headquarters",
        "time_zone": "Europe/Berlin",
        "demo": False,
        "version": "0.0.0-test",
        "detector": "centernet-mb3@1a2b3c4d",
        "cameras": 2,
        "open_incidents": 0,
        "problem": "",
    }


@pytest.mark.parametrize(("role", "told"), [(Role.ADMINISTRATOR, "it is not so"), (Role.OPERATOR, "")])
def test_who_may_change_the_site_is_told_why_a_change_is_not_in_force(tmp_path: Path, role: Role, told: str) -> None:
    with serving(tmp_path, site_problem=lambda: "it is not so") as running:
        assert running.acting_as(role).get("/api/v1/site").json()["problem"] == told


def test_rules_in_words(asker: httpx.Client) -> None:
    [rule] = asker.get("/api/v1/rules").json()["items"]
    assert rule == {
        "id": "after-hours",
        "title": "Someone at the dock after hours",
        "kind": "presence",
        "zones": ["dock/restricted"],
        "expected": "Mon, Tue, Wed, Thu, Fri 08:00-18:00 (Europe/Berlin)",
        "longer_than_s": 5.0,
        "severity": "high",
        "classes": ["person"],
    }


def test_cameras_never_show_credentials(served: Served, ada: httpx.Client) -> None:
    served.cameras.states_told["dock"] = CameraState("dock", "connected", START, fps=10.0, latency_s=0.2)
    page = ada.get(CAMERAS)
    assert "hunter2" not in page.text
    dock, lobby = page.json()["items"]
    assert page.json()["next_cursor"] is None
    assert dock == ada.get(f"{CAMERAS}/dock").json()
    assert (dock["state"]["state"], dock["state"]["fps"], dock["state"]["latency_s"]) == (
        "connected",
        10.0,
        0.2,
    )
    assert dock["state"]["since"] == "2026-05-04T12:00:00Z"
    assert dock["lines"][0]["points"] == [[0.1, 0.5], [0.9, 0.5]]
    assert (lobby["enabled"], lobby["state"]["state"]) == (False, "disabled")


def test_what_stands_in_the_environment_is_not_shown_nor_sent_out(
    served: Served, ada: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("site: {id: hq, name: HQ}\ncameras:\n- {id: dock, url: 'rtsp://${U}:${P}@${HOST}/live/${KEY}'}\n")
    book = YamlSiteBook(file, {"U": "guard", "P": "hunter2", "HOST": "192.0.2.99", "KEY": "stream-key"})
    meant = "rtsp://guard:hunter2@192.0.2.99/live/stream-key"

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(deps=replace(served.deps, book=book)))
        cookies = dict(ada.cookies)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as client:
            shown = await client.get(CAMERAS)
            kept = {**WHOLE, "url": shown.json()["items"][0]["url"]}
            return [
                shown,
                await client.put(f"{CAMERAS}/dock", json=kept),
                await client.put(f"{CAMERAS}/dock", json={**WHOLE, "url": "rtsp://192.0.2.66/${KEY}"}),
                await client.post(CAMERAS, json={"name": "Spy", "url": "rtsp://192.0.2.66/${KEY}"}),
            ]

    shown, kept, changed, added = asyncio.run(ask())
    assert shown.json()["items"][0]["url"] == kept.json()["url"] == "rtsp://***@${HOST}/live/${KEY}"
    assert (shown.status_code, kept.status_code, changed.status_code, added.status_code) == (200, 200, 422, 422)
    assert [camera.url for camera in book.site().cameras] == [meant]
    for answer in (shown, kept, changed, added):
        assert not any(value in answer.text for value in ("guard", "hunter2", "192.0.2.99", "stream-key"))


def test_a_camera_added_gets_an_id_of_its_name(served: Served, ada: httpx.Client) -> None:
    told = {"name": "Büro Nord", "url": "rtsp://u:secret@192.0.2.8/"}
    added = ada.post(CAMERAS, json=told)
    assert added.status_code == 201
    assert "secret" not in added.text
    assert (added.json()["id"], added.json()["state"]["state"]) == ("buro-nord", "unserved")
    stored = served.book.site().camera("buro-nord")
    assert stored is not None
    assert stored.url == told["url"]
    assert ada.post(CAMERAS, json=told).json()["id"] == "buro-nord-2"
    assert ada.post(CAMERAS, json={**told, "id": "dock"}).status_code == 409


def test_a_camera_is_changed_as_a_whole_and_keeps_its_url(served: Served, ada: httpx.Client) -> None:
    changed = ada.put(f"{CAMERAS}/dock", json=WHOLE)
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["transport"], changed.json()["lines"]) == (
        "Dock",
        "udp",
        [],
    )
    for kept in ("", changed.json()["url"]):
        ada.put(f"{CAMERAS}/dock", json={**WHOLE, "url": kept}).raise_for_status()
        dock = served.book.site().camera("dock")
        assert dock is not None
        assert dock.url == "rtsp://viewer:hunter2@192.0.2.7/stream"
    ada.put(f"{CAMERAS}/dock", json={**WHOLE, "url": "rtsp://192.0.2.9/"}).raise_for_status()
    dock = served.book.site().camera("dock")
    assert dock is not None
    assert (dock.url, dock.detect_fps) == ("rtsp://192.0.2.9/", 3.0)


@pytest.mark.parametrize(
    ("change", "pointer", "detail"),
    [
        (
            {"zones": [{**ZONE, "polygon": [[0.1, 0.1], [1.5, 0.1], [0.5, 0.9]]}]},
            "/zones/0/polygon/1/0",
            "less",
        ),
        ({"zones": [{**ZONE, "polygon": TRIANGLE[:2]}]}, "/zones/0/polygon", "at least 3"),
        (
            {"zones": [{**ZONE, "polygon": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}]},
            "/zones/0/polygon",
            "crosses itself",
        ),
        ({"zones": [ZONE, ZONE]}, "/zones/1/id", "used twice"),
        ({"zones": [{**ZONE, "classes": ["dragon"]}]}, "/zones/0/classes/0", "dragon"),
        ({"zones": [{**ZONE, "loiter_s": 0}]}, "/zones/0/loiter_s", "greater than 0"),
        ({"zones": [{**ZONE, "colour": "red"}]}, "/zones/0/colour", "not permitted"),
        ({"zones": [{**ZONE, "id": "Not An Id"}]}, "/zones/0/id", "pattern"),
        ({"lines": [{"id": "l", "name": "l", "points": [[0, 0], [0, 0]]}]}, "/lines/0/points", "differ"),
        ({"detect_fps": 1000}, "/detect_fps", "less than or equal to 60"),
        ({"transport": "carrier pigeon"}, "/transport", "'tcp' or 'udp'"),
        ({"name": " "}, "/name", "pattern"),
        ({"name": "a\nb"}, "/name", "pattern"),
        ({"url": "rtsp://a\x00b"}, "/url", "pattern"),
        # The rule "after-hours" watches the zone that would go.
        ({"zones": []}, "", "after-hours"),
    ],
)
def test_what_makes_no_sense_is_refused_in_its_place(
    still: Served, asker: httpx.Client, change: dict[str, object], pointer: str, detail: str
) -> None:
    before = still.book.site()
    told = faults(asker.put(f"{CAMERAS}/dock", json={**WHOLE, **change}))
    assert list(told) == [pointer]
    assert detail in told[pointer]
    assert still.book.site() is before


def test_fields_left_out_are_named(asker: httpx.Client) -> None:
    assert set(faults(asker.put(f"{CAMERAS}/dock", json={}))) == {f"/{field}" for field in WHOLE}


def test_a_camera_goes_unless_a_rule_needs_it(served: Served, ada: httpx.Client) -> None:
    assert ada.delete(f"{CAMERAS}/lobby").status_code == 204
    assert ada.delete(f"{CAMERAS}/lobby").status_code == 404
    refused = ada.delete(f"{CAMERAS}/dock")
    assert refused.status_code == 409
    assert "after-hours" in refused.json()["detail"]
    assert [c.id for c in served.book.site().cameras] == ["dock"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/no-such"), ("PUT", "/no-such"), ("DELETE", "/no-such"), ("GET", "/no-such/snapshot.jpg")],
)
def test_a_camera_that_is_not_there(asker: httpx.Client, method: str, path: str) -> None:
    answer = asker.request(method, f"{CAMERAS}{path}", json=WHOLE if method == "PUT" else None)
    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such camera.")


def test_a_snapshot_says_when_it_was_taken_or_that_there_is_none(served: Served, ada: httpx.Client) -> None:
    assert ada.get(f"{CAMERAS}/dock/snapshot.jpg").status_code == 503
    served.cameras.snapshots["dock"] = Picture("s", "dock", START, SMALLEST_JPEG)
    shot = ada.get(f"{CAMERAS}/dock/snapshot.jpg")
    assert (shot.status_code, shot.headers["content-type"]) == (200, "image/jpeg")
    assert (shot.content, shot.headers["X-Captured-At"]) == (SMALLEST_JPEG, "2026-05-04T12:00:00Z")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_only_administrators_change_cameras(served: Served, role: Role) -> None:
    program = served.acting_as(role)
    assert program.get(f"{CAMERAS}/dock").status_code == 200
    assert program.post(CAMERAS, json={"name": "New", "url": "x.mp4"}).status_code == 403
    assert program.put(f"{CAMERAS}/dock", json=WHOLE).status_code == 403
    assert program.delete(f"{CAMERAS}/lobby").status_code == 403
    assert program.delete(f"{CAMERAS}/no-such").status_code == 404
    assert [c.id for c in served.book.site().cameras] == ["dock", "lobby"]
