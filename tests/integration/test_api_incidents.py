"""Incidents: listed, seen in full, and changed by two people who do not overwrite each other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from custos.model.account import Role
from custos.model.event import Event, Incident, IncidentState, Json, Picture, TimelineEntry
from custos.pipeline.cloudevents import to_cloudevent
from custos.pipeline.ports import Commit
from custos.testing.cameras import SMALLEST_JPEG, START
from custos.testing.serving import ADMINISTRATOR, Served, serving

INCIDENTS = "/api/v1/incidents"
SUBJECT = "tracks/dock-1-7"
SOURCE = "/sites/hq/cameras/dock"


def event(n: int, kind: str, path: list[Json] | None = None) -> Event:
    data: dict[str, Json] = {"class": "person", "zone_id": "restricted"}
    if path is not None:
        data["path"] = path
    return Event(f"e{n}", kind, START + timedelta(seconds=n), SOURCE, SUBJECT, data)


EVENTS = [
    event(1, "track.started", [[0.1, 0.9]]),
    event(2, "zone.entered", [[0.1, 0.9], [0.2, 0.8]]),
    event(3, "track.ended", [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]),
]


def incident(number: int, state: IncidentState = IncidentState.OPEN, site_id: str = "hq") -> Incident:
    at = START + timedelta(minutes=number)
    return Incident(
        id=f"inc-{site_id}-{number}",
        number=number,
        site_id=site_id,
        title="Someone at the dock after hours",
        severity="high",
        risk=70,
        state=state,
        opened_at=at,
        updated_at=at,
        group=f"after-hours/{number}",
        rule_id="after-hours",
        camera_id="dock",
        zone_id="restricted",
        event_ids=("e1", "e2") if number == 1 else (),
        signal_ids=(),
        subjects=(SUBJECT,) if number == 1 else (),
        reasons=("In the zone for 12 s",),
        timeline=(TimelineEntry(at, "signal", "Opened", event_id="e2"),),
    )


@contextmanager
def stocked(folder: Path) -> Iterator[Served]:
    """A server with three incidents, and another site's."""
    with serving(folder) as running:
        picture = Picture("e2", "dock", EVENTS[1].at, SMALLEST_JPEG, (0.1, 0.2, 0.3, 0.4))
        stored = [
            incident(1),
            incident(2, IncidentState.ACKNOWLEDGED),
            incident(3, IncidentState.RESOLVED),
            incident(1, site_id="elsewhere"),
        ]
        running.store.commit(Commit(events=EVENTS, pictures=[picture], incidents=stored))
        yield running


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Signed in at a server that all tests share who change nothing."""
    with stocked(tmp_path_factory.mktemp("site")) as running:
        yield running.sign_in()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with stocked(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def change(client: httpx.Client, version: int, action: str, **more: str | None) -> httpx.Response:
    told = {"version": version, "action": action, **more}
    return client.post(f"{INCIDENTS}/inc-hq-1/changes", json=told)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("state=open", [1]),
        ("state=open&state=acknowledged", [2, 1]),
        ("camera_id=lobby", []),
        ("since=2026-05-04T12:02:00Z", [3, 2]),
        ("until=2026-05-04T12:02:00Z", [1]),
        ("limit=1", [3]),
    ],
)
def test_the_list_is_filtered_newest_first(asker: httpx.Client, query: str, found: list[int]) -> None:
    page = asker.get(f"{INCIDENTS}?{query}").raise_for_status().json()
    assert [i["number"] for i in page["items"]] == found


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=closed", "/state/0"),
        ("cursor=made-up", "/cursor"),
        ("limit=0", "/limit"),
        ("about=front", "/about"),
        ("about=walls/1", "/about"),
    ],
)
def test_a_query_that_makes_no_sense_says_where(asker: httpx.Client, query: str, pointer: str) -> None:
    answer = asker.get(f"{INCIDENTS}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_the_list_is_a_summary_and_names_a_picture(ada: httpx.Client) -> None:
    pages = [ada.get(INCIDENTS, params={"limit": 2}).json()]
    pages.append(ada.get(INCIDENTS, params={"limit": 2, "cursor": pages[0]["next_cursor"]}).json())
    assert pages[1]["next_cursor"] is None
    [first] = pages[1]["items"]
    assert first == {
        "id": "inc-hq-1",
        "number": 1,
        "title": "Someone at the dock after hours",
        "severity": "high",
        "risk": 70,
        "state": "open",
        "opened_at": "2026-05-04T12:01:00Z",
        "updated_at": "2026-05-04T12:01:00Z",
        "resolved_at": None,
        "rule_id": "after-hours",
        "camera_id": "dock",
        "zone_id": "restricted",
        "disposition": None,
        "assignee": None,
        "version": 1,
        "reasons": ["In the zone for 12 s"],
        "picture_id": "e2",
        "event_count": 2,
    }


def test_the_whole_of_an_incident(ada: httpx.Client) -> None:
    answer = ada.get(f"{INCIDENTS}/inc-hq-1")
    told = answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert told["timeline"] == [
        {
            "at": "2026-05-04T12:01:00Z",
            "kind": "signal",
            "text": "Opened",
            "actor": "custos",
            "event_id": "e2",
        }
    ]
    assert told["events"] == [to_cloudevent(e) for e in EVENTS[:2]]
    assert told["picture"] == {
        "id": "e2",
        "camera_id": "dock",
        "at": "2026-05-04T12:00:02Z",
        "box": [0.1, 0.2, 0.3, 0.4],
    }
    assert told["paths"] == [
        {
            "subject": SUBJECT,
            "camera_id": "dock",
            "class": "person",
            "points": [[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]],
            "started_at": "2026-05-04T12:00:01Z",
            "ended_at": "2026-05-04T12:00:03Z",
        }
    ]
    assert told["zone"]["polygon"][0] == [0.1, 0.1]


def test_an_incident_outlives_its_camera(served: Served) -> None:
    served.book._site = type(served.book.site())(id="hq", name="Headquarters")
    told = served.sign_in().get(f"{INCIDENTS}/inc-hq-1").json()
    assert (told["zone"], told["camera_id"]) == (None, "dock")


def test_a_case_from_open_to_resolved_and_back(ada: httpx.Client) -> None:
    taken = change(ada, 1, "acknowledge")
    assert taken.status_code == 200
    assert (taken.json()["state"], taken.json()["assignee"], taken.headers["ETag"]) == (
        "acknowledged",
        ADMINISTRATOR,
        '"2"',
    )
    assert change(ada, 2, "note", note="Called the dock.\nNobody there.").json()["version"] == 3
    assert change(ada, 3, "assign", assignee="Bob").json()["assignee"] == "Bob"
    assert change(ada, 4, "assign", assignee=None).json()["assignee"] is None
    ended = change(ada, 5, "resolve", disposition="false_alarm", note="A cat.").json()
    assert (ended["state"], ended["disposition"]) == ("resolved", "false_alarm")
    assert ended["resolved_at"] is not None
    assert change(ada, 6, "reopen").json()["state"] == "open"
    timeline = ada.get(f"{INCIDENTS}/inc-hq-1").json()["timeline"]
    assert [(entry["kind"], entry["actor"]) for entry in timeline][-2:] == [
        ("note", ADMINISTRATOR),
        ("state", ADMINISTRATOR),
    ]


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"version": 1, "action": "resolve"}, "/disposition"),
        ({"version": 1, "action": "resolve", "disposition": "boredom"}, "/disposition"),
        ({"version": 1, "action": "acknowledge", "disposition": "test"}, "/disposition"),
        ({"version": 1, "action": "note"}, "/note"),
        ({"version": 1, "action": "note", "note": " \n"}, "/note"),
        ({"version": 1, "action": "note", "note": "x" * 10_001}, "/note"),
        ({"version": 1, "action": "explode"}, "/action"),
        ({"version": 0, "action": "acknowledge"}, "/version"),
        ({"action": "acknowledge"}, "/version"),
        ({"version": 1, "action": "assign", "assignee": "\u0000"}, "/assignee"),
    ],
)
def test_a_change_that_makes_no_sense_says_where(asker: httpx.Client, told: dict[str, str | int], pointer: str) -> None:
    answer = asker.post(f"{INCIDENTS}/inc-hq-1/changes", json=told)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert asker.get(f"{INCIDENTS}/inc-hq-1").json()["version"] == 1


def test_what_the_state_does_not_allow_is_refused_with_the_reason(ada: httpx.Client) -> None:
    refused = change(ada, 1, "reopen")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:custos:problem:change-refused"
    assert "only a resolved one can be reopened" in refused.json()["detail"]


def test_a_stale_version_is_refused_and_if_match_too(ada: httpx.Client) -> None:
    assert change(ada, 1, "acknowledge").status_code == 200
    stale = change(ada, 1, "note", note="late")
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:custos:problem:stale-version")
    told = {"version": 2, "action": "note", "note": "in time"}
    path = f"{INCIDENTS}/inc-hq-1/changes"
    assert ada.post(path, json=told, headers={"If-Match": '"1"'}).status_code == 412
    assert ada.post(path, json=told, headers={"If-Match": '"1", "2"'}).status_code == 200


def test_of_two_changes_at_once_one_wins(ada: httpx.Client) -> None:
    def note(text: str) -> int:
        return change(ada, 1, "note", note=text).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(note, "abcd")) == [200, 409, 409, 409]


@pytest.mark.parametrize("incident_id", ["no-such", "inc-elsewhere-1", "%00"])
def test_incidents_that_are_not_there_or_not_of_this_site(asker: httpx.Client, incident_id: str) -> None:
    told = {"version": 1, "action": "acknowledge"}
    for answer in (
        asker.get(f"{INCIDENTS}/{incident_id}"),
        asker.post(f"{INCIDENTS}/{incident_id}/changes", json=told),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such incident.")


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.OPERATOR, 200)])
def test_viewers_look_and_operators_handle(served: Served, role: Role, status: int) -> None:
    program = served.acting_as(role)
    assert program.get(f"{INCIDENTS}/inc-hq-1").status_code == 200
    assert change(program, 1, "acknowledge").status_code == status


def test_open_incidents_are_counted(asker: httpx.Client) -> None:
    assert asker.get("/api/v1/site").json()["open_incidents"] == 1
