"""Counts over time and heat maps over the API, from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.event import Event, Json, camera_source
from custos.model.flow import FlowGrid
from custos.testing.cameras import START
from custos.testing.serving import DOCK, Served, serving

COUNTS, HEAT = "/api/v1/cameras/dock/counts", "/api/v1/cameras/dock/heatmap"
SPAN = {"since": "2026-05-04T12:00:00Z", "until": "2026-05-04T14:00:00Z"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server at which nothing has happened yet."""
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def asker(empty: Served) -> httpx.Client:
    return empty.sign_in()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


def store(served: Served, *told: tuple[str, float, dict[str, Json]], camera_id: str = "dock") -> None:
    """Events at so many minutes after START."""
    served.store.append(
        [
            Event(
                f"{camera_id}-{name}-{i}",
                name,
                START + timedelta(minutes=minute),
                camera_source("hq", camera_id),
                None,
                data,
            )
            for i, (name, minute, data) in enumerate(told)
        ]
    )


def sums(left: int, right: int, behaviour_id: str = "gate") -> dict[str, Json]:
    return {"behaviour_id": behaviour_id, "line_id": "across", "left": left, "right": right, "period_s": 60.0}


def flow(*cells: int, behaviour_id: str = "heat", columns: int = 16) -> dict[str, Json]:
    return {"behaviour_id": behaviour_id, "columns": columns, "rows": 9, "cells": [*cells], "period_s": 300.0}


def test_nothing_is_stored_nothing_is_counted(asker: httpx.Client) -> None:
    told = asker.get(COUNTS).raise_for_status().json()
    assert (told["bucket_s"], told["series"]) == (3600, [])
    heat = asker.get(HEAT).raise_for_status().json()
    assert (heat["maps"], heat["behaviour_id"], sum(heat["seconds"])) == (0, None, 0)


def test_counts_come_in_buckets(served: Served, ada: httpx.Client) -> None:
    store(
        served,
        ("line.counted", 1, sums(3, 1)),
        ("line.counted", 30, sums(2, 0)),
        ("line.counted", 31, sums(0, 4)),
        ("line.counted", 121, sums(9, 9)),
        ("line.crossed", 5, {"line_id": "across", "direction": "left", "class": "person"}),
        ("line.crossed", 6, {"line_id": "across", "direction": "right", "class": "person"}),
        ("zone.entered", 7, {"zone_id": "restricted", "class": "person"}),
    )
    store(served, ("line.counted", 1, sums(50, 50)), camera_id="lobby")
    told = ada.get(COUNTS, params={**SPAN, "bucket_s": "1800"}).raise_for_status().json()
    series = {(s["type"], *s["of"].values()): s["buckets"] for s in told["series"]}
    assert list(series) == [
        ("line.counted", "gate", "across"),
        ("line.crossed", "across", "left"),
        ("line.crossed", "across", "right"),
        ("zone.entered", "restricted"),
    ]
    first, second = series["line.counted", "gate", "across"]
    assert (first["since"], first["sums"]["left"], first["sums"]["right"], first["peaks"]["left"]) == (
        "2026-05-04T12:00:00Z",
        5.0,
        1.0,
        3.0,
    )
    assert (second["since"], second["sums"], second["count"]) == (
        "2026-05-04T12:30:00Z",
        {"left": 0.0, "right": 4.0, "period_s": 60.0},
        1,
    )
    assert series["zone.entered", "restricted"] == [
        {"since": "2026-05-04T12:00:00Z", "count": 1, "sums": {}, "peaks": {}}
    ]


def test_counts_of_one_type_or_one_behaviour(served: Served, ada: httpx.Client) -> None:
    store(
        served,
        ("line.counted", 1, sums(3, 1)),
        ("line.counted", 2, sums(1, 1, "door")),
        ("line.crossed", 5, {"line_id": "across", "direction": "left", "class": "person"}),
    )
    only = ada.get(COUNTS, params={**SPAN, "type": "line.crossed"}).json()["series"]
    assert [s["type"] for s in only] == ["line.crossed"]
    door = ada.get(COUNTS, params={**SPAN, "behaviour_id": "door"}).json()["series"]
    assert [s["of"] for s in door] == [{"behaviour_id": "door", "line_id": "across"}]


def test_loitering_and_what_behaviours_saw_happen_are_counted(served: Served, ada: httpx.Client) -> None:
    """Symptom: they were events and nowhere counted."""
    ran: dict[str, Json] = {"behaviour_id": "rush", "class": "person"}
    store(
        served,
        ("zone.loitered", 5, {"zone_id": "restricted", "class": "person"}),
        ("person.ran", 6, ran),
        ("person.ran", 90, ran),
        ("person.ran", 91, ran),
    )
    told = ada.get(COUNTS, params=SPAN).raise_for_status().json()["series"]
    assert [(s["type"], s["of"]) for s in told] == [("zone.loitered", {"zone_id": "restricted"})]
    served.book.put_camera(replace(DOCK, behaviours=(BehaviourSpec("rush", "running"),)))
    for only in ({}, {"type": "person.ran"}, {"behaviour_id": "rush"}):
        told = ada.get(COUNTS, params={**SPAN, **only}).raise_for_status().json()["series"]
        (runs,) = [s for s in told if s["type"] == "person.ran"]
        assert (runs["of"], [b["count"] for b in runs["buckets"]]) == ({"behaviour_id": "rush"}, [1, 2])


def test_heat_adds_up(served: Served, ada: httpx.Client) -> None:
    store(
        served,
        ("flow.mapped", 5, flow(0, 10, 500, 0, 143, 25, 0, 0)),
        ("flow.mapped", 10, flow(0, 5, -250, 100)),
        ("flow.mapped", 11, flow(0, 90, 0, 0, behaviour_id="other")),
        ("flow.mapped", 15, flow(1, 20, 0, 0)),
    )
    heat = ada.get(HEAT, params=SPAN).raise_for_status().json()
    assert (heat["behaviour_id"], heat["columns"], heat["rows"], heat["maps"]) == ("heat", 16, 9, 3)
    assert heat["covered_s"] == 900
    assert len(heat["seconds"]) == len(heat["ways"]) == 16 * 9
    assert (heat["seconds"][0], heat["seconds"][1], heat["seconds"][143]) == (1.5, 2.0, 2.5)
    assert heat["ways"][0] == [0.25, 0.1]
    assert ada.get(HEAT, params={**SPAN, "behaviour_id": "other"}).json()["seconds"][0] == 9.0


def test_a_map_of_the_new_view_begins_anew_when_the_camera_is_moved(served: Served, ada: httpx.Client) -> None:
    """Symptom: places of two views were added up in one picture."""
    store(
        served,
        ("flow.mapped", 5, flow(0, 10, 0, 0)),
        ("camera.moved", 7, {"words": "The view has shifted."}),
        ("flow.mapped", 10, {**flow(1, 20, 0, 0), "period_s": 180.0}),
    )
    heat = ada.get(HEAT, params=SPAN).raise_for_status().json()
    assert (heat["maps"], heat["seconds"][:2], heat["moved_at"]) == (1, [0.0, 2.0], "2026-05-04T12:07:00Z")
    earlier = ada.get(HEAT, params={**SPAN, "until": "2026-05-04T12:06:00Z"}).json()
    assert (earlier["maps"], earlier["seconds"][0], earlier["moved_at"]) == (1, 1.0, None)


def test_a_camera_that_is_put_back_keeps_the_map_from_before_it_was_knocked(served: Served, ada: httpx.Client) -> None:
    """Symptom: the wrong view was mapped, and all of the right one from before the knock was hidden."""
    store(
        served,
        ("flow.mapped", 5, flow(0, 10, 0, 0)),
        ("flow.mapped", 10, flow(0, 10, 0, 0)),
        ("camera.moved", 10.1, {"since": "2026-05-04T12:10:01Z"}),
        ("flow.mapped", 15, flow(1, 20, 0, 0)),
        ("camera.restored", 16, {"was": "camera.moved"}),
        ("flow.mapped", 20, flow(1, 20, 0, 0)),  # most of it, not all, of the view that is back
        ("flow.mapped", 25, flow(2, 30, 0, 0)),
    )
    heat = ada.get(HEAT, params=SPAN).raise_for_status().json()
    assert (heat["maps"], heat["seconds"][:3], heat["moved_at"]) == (3, [2.0, 0.0, 3.0], None)
    since_the_knock = ada.get(HEAT, params={**SPAN, "since": "2026-05-04T12:12:00Z"}).json()
    assert (since_the_knock["maps"], since_the_knock["moved_at"]) == (1, "2026-05-04T12:16:00Z")


def test_a_person_who_accepts_the_new_view_has_not_put_the_camera_back(served: Served, ada: httpx.Client) -> None:
    """That ends camera.moved too."""
    store(
        served,
        ("flow.mapped", 5, flow(0, 10, 0, 0)),
        ("camera.moved", 7, {}),
        ("camera.recalibrated", 8, {"how": "confirmed"}),
        ("camera.restored", 8, {"was": "camera.moved"}),
        ("flow.mapped", 13, flow(1, 20, 0, 0)),
        ("camera.restored", 20, {"was": "camera.covered"}),
    )
    heat = ada.get(HEAT, params=SPAN).raise_for_status().json()
    assert (heat["maps"], heat["seconds"][:2], heat["moved_at"]) == (1, [0.0, 2.0], "2026-05-04T12:07:00Z")


def test_counts_are_in_doubt_from_when_the_camera_was_moved_and_not_from_when_that_was_told(
    served: Served, ada: httpx.Client
) -> None:
    store(served, ("camera.moved", 7, {"words": "Shifted.", "since": "2026-05-04T12:06:56Z"}))
    (doubt,) = ada.get(COUNTS, params=SPAN).raise_for_status().json()["doubtful"]
    assert doubt["since"] == "2026-05-04T12:06:56Z"


def test_counts_say_when_the_camera_had_been_moved(served: Served, ada: httpx.Client) -> None:
    words: dict[str, Json] = {"words": "The view has shifted."}
    store(
        served,
        ("camera.moved", 7, words),
        ("camera.moved", 8, words),
        ("camera.recalibrated", 20, {"how": "confirmed"}),
        ("camera.moved", 40, words),
    )
    at = "2026-05-04T12:{:02}:00Z".format
    one, two = ada.get(COUNTS, params=SPAN).raise_for_status().json()["doubtful"]
    assert (one["since"], one["until"], one["reason"]) == (at(7), at(20), words["words"])
    assert (two["since"], two["until"]) == (at(40), None)
    (within,) = ada.get(COUNTS, params={"since": at(10), "until": at(15), "bucket_s": "60"}).json()["doubtful"]
    assert (within["since"], within["until"]) == (at(10), None)
    assert ada.get(COUNTS, params={"since": at(21), "until": at(30), "bucket_s": "60"}).json()["doubtful"] == []


def test_maps_of_another_size_are_left_out(served: Served, ada: httpx.Client) -> None:
    store(served, ("flow.mapped", 5, flow(0, 10, 0, 0, columns=8)), ("flow.mapped", 10, flow(0, 5, 0, 0)))
    heat = ada.get(HEAT, params=SPAN).json()
    assert (heat["columns"], heat["maps"], heat["seconds"][0]) == (16, 1, 0.5)
    assert FlowGrid.empty(16, 9).columns == heat["columns"]


@pytest.mark.parametrize(
    ("path", "params", "pointer", "detail"),
    [
        (COUNTS, {**SPAN, "bucket_s": "1"}, "/bucket_s", "more than 2000 buckets"),
        (COUNTS, {**SPAN, "bucket_s": "0"}, "/bucket_s", "greater than or equal to 1"),
        (COUNTS, {**SPAN, "type": "track.started"}, "/type/0", "'track.started' is not counted; these are"),
        (COUNTS, {"since": SPAN["until"], "until": SPAN["since"]}, "/since", "the span is empty"),
        (HEAT, {"since": "yesterday"}, "/since", "date"),
        (HEAT, {"behaviour_id": "A B"}, "/behaviour_id", "pattern"),
    ],
)
def test_strange_questions_are_refused(
    asker: httpx.Client, path: str, params: dict[str, str], pointer: str, detail: str
) -> None:
    refused = asker.get(path, params=params)
    assert refused.status_code == 422
    assert detail in {e["pointer"]: e["detail"] for e in refused.json()["errors"]}[pointer]


@pytest.mark.parametrize("path", [COUNTS, HEAT])
def test_spans_at_the_ends_of_time(asker: httpx.Client, path: str) -> None:
    """Symptom: 500 for a day that would begin before 1970, and for years that another offset brings into bounds."""
    first = asker.get(path, params={"until": "265"}).raise_for_status().json()
    assert (first["since"], first["until"]) == ("1970-01-01T00:00:00Z", "1970-01-01T00:04:25Z")
    last = asker.get(path, params={"until": "9000-12-31T23:59:59Z"}).raise_for_status().json()
    assert last["since"] == "9000-12-30T23:59:59Z"
    for until in ("1970-01-01T00:00:00+14:00", "9000-12-31T23:00:00-02:00", "0001-01-01T00:00:00+01:00", "1e300"):
        refused = asker.get(path, params={"until": until})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/until")
    for until in ("0", "1970-01-01T00:00:00Z"):
        assert "the span is empty" in asker.get(path, params={"until": until}).json()["errors"][0]["detail"]


@pytest.mark.parametrize("path", [COUNTS, HEAT])
def test_no_such_camera_and_nobody(empty: Served, asker: httpx.Client, path: str) -> None:
    assert asker.get(path.replace("dock", "nowhere")).status_code == 404
    assert empty.client().get(path).status_code == 401
