"""Behaviours and the ground over the API: listed for forms, set, refused with pointers, and kept when left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from custos.model.behaviours import BEHAVIOUR_KINDS
from custos.testing.serving import Served, serving

DOCK = "/api/v1/cameras/dock"
KEYS = ("name", "url", "transport", "loop", "enabled", "detect_fps", "zones", "lines")
COUNT = {"id": "entrance", "kind": "line-count", "line": "gate", "settings": {"period_s": 300.0}}
GROUND = {
    "image": [[0.3, 0.4], [0.7, 0.4], [0.9, 0.9], [0.1, 0.9]],
    "metres": [[0.0, 5.0], [2.5, 5.0], [2.5, 0.0], [0.0, 0.0]],
}
Asked = dict[str, object]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ada(served: Served) -> httpx.Client:
    return served.sign_in()


@pytest.fixture
def whole(ada: httpx.Client) -> Asked:
    """The dock as it is, with a line `gate`, as a form would send it back."""
    told = ada.get(DOCK).json()
    line = {"id": "gate", "name": "Gate", "points": [[0.1, 0.5], [0.9, 0.5]]}
    return {**{key: told[key] for key in KEYS}, "lines": [line]}


def test_kinds_are_told_for_forms(ada: httpx.Client) -> None:
    kinds = {kind["name"]: kind for kind in ada.get("/api/v1/behaviour-kinds").json()["items"]}
    assert list(kinds) == list(BEHAVIOUR_KINDS)
    count = kinds["line-count"]
    assert (count["zone"], count["line"], count["directions"]) == ("no", "must", True)
    assert count["settings"][0]["name"] == "period_s"
    assert count["settings"][0]["default"] == 60.0


def test_a_camera_has_none_at_first(ada: httpx.Client) -> None:
    told = ada.get(DOCK).json()
    assert (told["behaviours"], told["ground"]) == ([], None)


def test_behaviours_and_ground_are_set_kept_and_taken_away(served: Served, ada: httpx.Client, whole: Asked) -> None:
    hours = [{"weekdays": [0, 1, 2, 3, 4], "start": "19:00", "end": "24:00"}]
    asked = {**COUNT, "name": "Entrance", "hours": hours, "direction": "left", "classes": ["vehicle"]}
    told = ada.put(DOCK, json={**whole, "behaviours": [asked], "ground": GROUND})
    assert told.status_code == 200, told.text
    assert told.json()["behaviours"] == [{**asked, "zone": None, "sensitivity": 0.5}]
    assert told.json()["ground"] == GROUND
    stored = served.book.site().camera("dock")
    assert stored is not None
    assert stored.behaviours[0].hours is not None
    assert stored.behaviours[0].hours.time_zone == "Europe/Berlin"
    kept = ada.put(DOCK, json=whole).json()
    assert (kept["behaviours"], kept["ground"]) == (told.json()["behaviours"], GROUND)
    gone = ada.put(DOCK, json={**whole, "behaviours": [], "ground": None}).json()
    assert (gone["behaviours"], gone["ground"]) == ([], None)


def test_a_line_that_a_behaviour_uses_stays(ada: httpx.Client, whole: Asked) -> None:
    ada.put(DOCK, json={**whole, "behaviours": [COUNT]}).raise_for_status()
    refused = ada.put(DOCK, json={**whole, "lines": []})
    assert refused.status_code == 422
    told = "behaviour 'entrance' uses line 'gate'; change or remove that behaviour first"
    assert refused.json()["errors"] == [{"pointer": "/lines", "detail": told}]
    assert ada.get(DOCK).json()["lines"][0]["id"] == "gate"
    ada.put(DOCK, json={**whole, "lines": [], "behaviours": []}).raise_for_status()


@pytest.mark.parametrize(
    ("change", "pointer", "detail"),
    [
        ({"kind": "line-cuont"}, "/behaviours/0/kind", "no kind is called 'line-cuont'"),
        ({"line": None}, "/behaviours/0/line", "needs a line"),
        ({"line": "door"}, "/behaviours/0/line", "no line 'door'; there are gate"),
        ({"zone": "restricted"}, "/behaviours/0/zone", "no use for a zone"),
        ({"classes": ["dragon"]}, "/behaviours/0/classes/0", "'dragon'"),
        ({"settings": {"period_s": 1}}, "/behaviours/0/settings/period_s", "5..3600 s, got 1"),
        ({"settings": {"perod_s": 60}}, "/behaviours/0/settings/perod_s", "it has period_s"),
        ({"kind": "stopping", "line": None, "settings": {"park_s": 5}}, "/behaviours/0/settings/park_s",
         "stop_s must not be more than park_s, but it is 10 s by default and park_s 5 s"),
        ({"sensitivity": 2}, "/behaviours/0/sensitivity", "less than or equal to 1"),
        ({"hours": [{"weekdays": [7], "start": "10:00", "end": "11:00"}]}, "/behaviours/0/hours/0/weekdays/0", "6"),
        ({"hours": [{"weekdays": [0], "start": "10:00", "end": "10:00"}]}, "/behaviours/0/hours/0/end", "empty"),
        ({"id": "Entrance"}, "/behaviours/0/id", "pattern"),
    ],
)  # fmt: skip
def test_faults_name_their_place(
    ada: httpx.Client, whole: Asked, change: dict[str, object], pointer: str, detail: str
) -> None:
    refused = ada.put(DOCK, json={**whole, "behaviours": [{**COUNT, **change}]})
    assert refused.status_code == 422, refused.text
    faults = {fault["pointer"]: fault["detail"] for fault in refused.json()["errors"]}
    assert detail in faults[pointer]


def test_known_heights_are_set_kept_and_taken_away(served: Served, ada: httpx.Client, whole: Asked) -> None:
    assert ada.get(DOCK).json()["heights"] == []
    door = {"bottom": [0.3, 0.6], "top": [0.3, 0.35], "height_m": 2.1}
    assert ada.put(DOCK, json={**whole, "heights": [door]}).json()["heights"] == [door]
    dock = served.book.site().camera("dock")
    assert dock is not None
    assert [one.height_m for one in dock.heights] == [2.1]
    assert ada.put(DOCK, json={**whole, "name": "Renamed"}).json()["heights"] == [door]
    assert ada.put(DOCK, json={**whole, "heights": []}).json()["heights"] == []
    added = ada.post("/api/v1/cameras", json={"name": "Gate", "url": "gate.mp4", "heights": [door]})
    assert added.json()["heights"] == [door]


def test_a_height_that_hangs_upside_down_is_refused(ada: httpx.Client, whole: Asked) -> None:
    door = {"bottom": [0.3, 0.6], "top": [0.3, 0.35], "height_m": 2.1}
    refused = ada.put(DOCK, json={**whole, "heights": [door, {**door, "top": [0.3, 0.7]}]})
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert (fault["pointer"], "above its bottom" in fault["detail"]) == ("/heights/1/top", True)


def test_a_ground_that_no_camera_could_see_is_not_saved(ada: httpx.Client, whole: Asked) -> None:
    thin = {**GROUND, "metres": [[0, 10.5], [0.06, 10.5], [0.06, 0], [0, 0]]}
    (fault,) = ada.put(DOCK, json={**whole, "ground": thin}).json()["errors"]
    assert (fault["pointer"], "no camera sees 0.06, 10.5, " in fault["detail"]) == ("/ground", True)


def test_two_of_one_id_and_an_absurd_ground(ada: httpx.Client, whole: Asked) -> None:
    flat = {**GROUND, "image": [[0.1, 0.5], [0.3, 0.5], [0.6, 0.5], [0.9, 0.5]]}
    refused = ada.put(DOCK, json={**whole, "behaviours": [COUNT, COUNT], "ground": flat})
    faults = {fault["pointer"]: fault["detail"] for fault in refused.json()["errors"]}
    assert "used twice" in faults["/behaviours/1/id"]
    assert "image points 1, 2, 3 lie on one line" in faults["/ground"]
