"""Events: listed, filtered, paged, with their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from custos.model.event import Event, Json, Picture
from custos.model.event_types import EVENT_TYPES
from custos.pipeline.cloudevents import to_cloudevent
from custos.pipeline.ports import Commit
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import Served, serving

EVENTS = "/api/v1/events"


def event(n: int, kind: str, camera: str = "dock", subject: str | None = None) -> Event:
    at = START + timedelta(seconds=n)
    data: dict[str, Json] = {"class": "person", "box": [0.1, 0.2, 0.3, 0.4]}
    return Event(f"e{n}", kind, at, f"/sites/hq/cameras/{camera}", subject, data)


STORED = [
    event(1, "camera.connected"),
    event(2, "camera.connected", "lobby"),
    event(3, "track.started", subject="tracks/dock-1-1"),
    event(4, "zone.entered", subject="tracks/dock-1-1"),
    event(5, "zone.left", subject="tracks/dock-1-1"),
    event(6, "track.started", "lobby", subject="tracks/lobby-1-1"),
]
ELSEWHERE = Event("other", "zone.entered", START, "/sites/elsewhere/cameras/dock")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        picture = Picture("e4", "dock", STORED[3].at, SMALLEST_JPEG, (0.1, 0.2, 0.3, 0.4))
        running.store.commit(Commit(events=[*STORED, ELSEWHERE], pictures=[picture]))
        yield running


@pytest.fixture(scope="module")
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "654321"),
        ("type=zone.entered", "4"),
        ("type=zone.", "54"),
        ("type=zone.entered&type=camera.", "421"),
        ("type=zone", ""),
        ("camera_id=lobby", "62"),
        ("camera_id=no-such", ""),
        ("subject=tracks/dock-1-1", "543"),
        ("since=2026-05-04T12:00:05Z", "65"),
        ("until=2026-05-04T12:00:02Z", "1"),
        ("since=2026-05-04T14:00:03%2B02:00&until=2026-05-04T12:00:05Z", "43"),
        ("type=track.&camera_id=dock", "3"),
        ("limit=2", "65"),
    ],
)
def test_filters_all_hold_newest_first(ada: httpx.Client, query: str, found: str) -> None:
    page = ada.get(f"{EVENTS}?{query}").raise_for_status().json()
    assert [e["id"] for e in page["items"]] == [f"e{n}" for n in found]


def test_events_are_cloudevents(ada: httpx.Client) -> None:
    assert ada.get(f"{EVENTS}/e4").json() == to_cloudevent(STORED[3])
    assert ada.get(f"{EVENTS}/e1").json() == to_cloudevent(STORED[0])
    assert ada.get(f"{EVENTS}?limit=200").json()["items"] == [to_cloudevent(e) for e in reversed(STORED)]


def test_pages_miss_nothing_and_double_nothing(ada: httpx.Client) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "4", **({"cursor": cursor} if cursor else {})}
        page = ada.get(EVENTS, params=params).raise_for_status().json()
        seen += [e["id"] for e in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["e6", "e5", "e4", "e3", "e2", "e1"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=many", "/limit"),
        ("cursor=made-up", "/cursor"),
        ("cursor=%00", "/cursor"),
        ("type=Zone", "/type/0"),
        ("camera_id=%00", "/camera_id"),
        ("subject=%0a", "/subject"),
        ("since=yesterday", "/since"),
        ("since=2026-05-04T12:00:00", "/since"),
        ("until=0001-01-01T00:00:00%2B14:00", "/until"),
        ("colour=red", "/colour"),
    ],
)
def test_a_query_that_makes_no_sense_says_where(ada: httpx.Client, query: str, pointer: str) -> None:
    answer = ada.get(f"{EVENTS}?{query}")
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("event_id", ["no-such", "other", "%00", "x" * 300, "%F0%9F%A6%86"])
def test_events_that_are_not_there_or_not_of_this_site(ada: httpx.Client, event_id: str) -> None:
    for path in (f"{EVENTS}/{event_id}", f"{EVENTS}/{event_id}/picture.jpg"):
        answer = ada.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such event.")


def test_pictures_of_events(ada: httpx.Client) -> None:
    shot = ada.get(f"{EVENTS}/e4/picture.jpg")
    assert (shot.status_code, shot.headers["content-type"], shot.content) == (
        200,
        "image/jpeg",
        SMALLEST_JPEG,
    )
    assert shot.headers["X-Captured-At"] == "2026-05-04T12:00:04Z"
    assert ada.get(f"{EVENTS}/e1/picture.jpg").json()["detail"] == "There is no such picture."


def test_every_type_is_told_with_its_fields(ada: httpx.Client) -> None:
    told = {t["name"]: t for t in ada.get("/api/v1/event-types").json()["items"]}
    assert list(told) == list(EVENT_TYPES)
    assert told["zone.entered"]["contact_id"] == "130"
    assert told["line.crossed"]["fields"][0] == {
        "name": "line_id",
        "kind": "text",
        "meaning": "the line",
        "required": True,
    }
