"""What a person may draw on a picture, what passwords will do, and names made from other names."""

from __future__ import annotations

from datetime import time

import pytest

from custos.model.site import Camera, Hours, Line, Schedule, Zone
from custos.server.drawing import drawing_of
from custos.server.passwords import weakness
from custos.server.problems import Problem, pointer_of
from custos.server.routes.cameras import free_id
from custos.server.shapes.site import LineTold, ZoneTold, schedule_text

TRIANGLE = [(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)]
NEVER = {"weekdays": [0], "start": "08:00", "end": "08:00"}
BOW_TIE = [(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)]


def zone(zone_id: str = "a", polygon: list[tuple[float, float]] = TRIANGLE, **more: object) -> ZoneTold:
    return ZoneTold.model_validate({"id": zone_id, "name": zone_id, "polygon": polygon, **more})


def line(line_id: str = "a", end: tuple[float, float] = (1.0, 1.0), **more: object) -> LineTold:
    return LineTold.model_validate({"id": line_id, "name": line_id, "points": [(0.0, 0.0), end], **more})


def test_hours_are_meant_where_the_site_is() -> None:
    nights = {"weekdays": [4], "start": "19:00", "end": "07:00"}
    drawing = drawing_of([zone(hours=[nights], sensitivity=0.7)], [line(hours=[nights])], time_zone="Europe/Berlin")
    meant = Schedule((Hours(frozenset({4}), time(19), time(7)),), "Europe/Berlin")
    assert (drawing.zones[0].hours, drawing.lines[0].hours) == (meant, meant)
    assert ZoneTold.of(drawing.zones[0]) == zone(hours=[nights], sensitivity=0.7)


def test_nothing_drawn() -> None:
    drawing = drawing_of([], [])
    assert (drawing.zones, drawing.lines) == ((), ())


def test_what_is_drawn_well_becomes_the_models_own() -> None:
    drawing = drawing_of([zone(classes=["vehicle", "person"])], [line()])
    assert drawing.zones[0].polygon == tuple(TRIANGLE)
    assert drawing.zones[0].classes == ("vehicle", "person")
    assert drawing.lines[0].points == ((0.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("zones", "lines", "pointer", "detail"),
    [
        ([zone(), zone()], [], "/zones/1/id", "'a' is used twice"),
        ([zone(), zone("b", BOW_TIE)], [], "/zones/1/polygon", "its edge 1 meets its edge 3"),
        ([zone(polygon=[(0, 0), (1, 1), (0, 0)])], [], "/zones/0/polygon", "3 different points"),
        ([zone(polygon=[(0, 0), (0.5, 0.5), (1, 1)])], [], "/zones/0/polygon", "a sliver"),
        ([zone(polygon=[(0.1, 0.1), (0.5, 0.1), (0.5, 0.10001)])], [], "/zones/0/polygon", "further apart"),
        ([zone(), zone("b", hours=[NEVER])], [], "/zones/1/hours/0/end", "the span is empty"),
        ([], [line(hours=[NEVER])], "/lines/0/hours/0/end", "the span is empty"),
        ([], [line(end=(0.00001, 0.0))], "/lines/0/points", "further apart"),
        ([zone(classes=["person", "dragon"])], [], "/zones/0/classes/1", "'dragon'"),
        ([], [line(), line("b"), line()], "/lines/2/id", "'a' is used twice"),
        ([], [line(end=(0.0, 0.0))], "/lines/0/points", "must differ"),
        ([], [line(classes=["dragon"])], "/lines/0/classes/0", "'dragon'"),
    ],
)
def test_faults_name_their_place(zones: list[ZoneTold], lines: list[LineTold], pointer: str, detail: str) -> None:
    with pytest.raises(Problem) as caught:
        drawing_of(zones, lines)
    [fault] = caught.value.faults
    assert (caught.value.status, fault.pointer) == (422, pointer)
    assert detail in fault.detail


TINY = ((0.1, 0.1), (0.101, 0.1), (0.101, 0.101))
NIGHTS = Schedule((Hours(frozenset({4}), time(19), time(7)),), "UTC")
STORED = Camera(
    "dock",
    "Dock",
    "dock.mp4",
    (Zone("a", "a", TINY, hours=NIGHTS, sensitivity=0.7),),
    (Line("a", "a", ((0.0, 0.0), (0.015, 0.0)), hours=NIGHTS, sensitivity=0.7),),
)


def test_what_was_drawn_before_may_stay_as_small_as_it_is() -> None:
    stays = drawing_of([zone(polygon=list(TINY))], [line(end=(0.015, 0.0))], present=STORED)
    assert (stays.zones[0].polygon, stays.lines[0].points) == (TINY, STORED.lines[0].points)
    with pytest.raises(Problem) as caught:
        drawing_of(
            [zone(polygon=[(0.2, 0.1), *TINY[1:]]), zone("b", list(TINY))], [line(end=(0.016, 0.0))], present=STORED
        )
    assert [fault.pointer for fault in caught.value.faults] == [
        "/zones/0/polygon",
        "/zones/1/polygon",
        "/lines/0/points",
    ]


def test_hours_that_an_older_client_does_not_know_stay_as_they_are() -> None:
    """Their first save made a zone that counted by night count at all hours, without a word."""
    kept = drawing_of([zone(), zone("new")], [line()], present=STORED)
    assert [(z.hours, z.sensitivity) for z in kept.zones] == [(NIGHTS, 0.7), (None, 0.5)]
    assert [(x.hours, x.sensitivity) for x in kept.lines] == [(NIGHTS, 0.7)]
    ended = drawing_of([zone(hours=None, sensitivity=0.5)], [line(hours=None, sensitivity=0.5)], present=STORED)
    assert [(z.hours, z.sensitivity) for z in ended.zones] == [(None, 0.5)]
    assert [(x.hours, x.sensitivity) for x in ended.lines] == [(None, 0.5)]


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("", "this one has 0"),
        ("short one", "this one has 9"),
        ("aaaaaaaaaaaabbb", "5 different"),
        ("Ada Lovelace 1", "user's name"),
        ("ＡＤＡ lovelace!", "user's name"),
        ("correct horse battery", ""),
        ("Ada Lovelace met Charles Babbage", ""),
    ],
)
def test_passwords_that_will_not_do(password: str, complaint: str) -> None:
    assert complaint in weakness(password, "Ada Lovelace")
    assert bool(weakness(password, "Ada Lovelace")) == bool(complaint)


@pytest.mark.parametrize(
    ("name", "taken", "made"),
    [
        ("Loading dock", set(), "loading-dock"),
        ("Büro (Nord)!", set(), "buro-nord"),
        ("倉庫", set(), "camera"),
        ("Dock", {"dock", "dock-2"}, "dock-3"),
        ("x" * 200, set(), "x" * 58),
    ],
)
def test_ids_made_from_names(name: str, taken: set[str], made: str) -> None:
    assert free_id(name, taken) == made


def test_schedules_in_words() -> None:
    weekdays = Hours(frozenset(range(5)), time(8), time(18, 30))
    saturday = Hours(frozenset({5}), time(22), time(2))
    assert (
        schedule_text(Schedule((weekdays, saturday), "Europe/Berlin"))
        == "Mon, Tue, Wed, Thu, Fri 08:00-18:30; Sat 22:00-02:00 (Europe/Berlin)"
    )
    assert schedule_text(Schedule((), "UTC")) == "never"


def test_pointers_escape_as_rfc_6901_says() -> None:
    assert pointer_of([]) == ""
    assert pointer_of(["zones", 0, "a/b~c"]) == "/zones/0/a~1b~0c"
