"""Behaviours and the ground in the site file: read, refused with their lines, and written back."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import parse_site, reading_of
from custos.adapters.sitefile.secrets import Secrets
from custos.model.behaviours import BehaviourSpec
from custos.model.ground import Ground
from custos.model.schedule import Hours, Schedule
from custos.model.site import Camera, Direction

TEXT = """\
site: {id: hq, name: HQ, time_zone: Europe/Zurich}
cameras:
- id: yard
  url: yard.mp4
  zones:
  - {id: bay, polygon: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]]}
  lines:
  - {id: gate, points: [[0, 0.5], [1, 0.5]]}
  behaviours:
  - id: entrance   # for the monthly report
    kind: line-count
    line: gate
    hours: {mon-fri: "07:00-19:00"}   # opening hours
    direction: left
    settings:
      period_s: 300   # five minutes
  ground:
    image: [[0.3, 0.4], [0.7, 0.4], [0.9, 0.9], [0.1, 0.9]]
    metres: [[0, 5], [2.5, 5], [2.5, 0], [0, 0]]   # the bay's corners
"""
OPEN = Schedule((Hours(frozenset(range(5)), time(7), time(19)),), "Europe/Zurich")
ENTRANCE = BehaviourSpec(
    "entrance", "line-count", "entrance", None, "gate", (), OPEN, 0.5, Direction.LEFT, {"period_s": 300}
)


def yard(text: str = TEXT) -> Camera:
    found = parse_site(text).camera("yard")
    assert found is not None
    return found


def test_a_camera_without_any() -> None:
    assert yard("site: {id: hq, name: HQ}\ncameras: [{id: yard, url: x.mp4, behaviours: []}]").behaviours == ()
    assert yard("site: {id: hq, name: HQ}\ncameras:\n- id: yard\n  url: x.mp4\n  behaviours:\n").ground is None


def test_behaviours_and_ground_as_they_are_meant() -> None:
    assert yard().behaviours == (ENTRANCE,)
    ground = yard().ground
    assert ground is not None
    assert ground.metres[1] == (2.5, 5.0)


def test_a_ground_that_no_camera_could_see_is_read_with_a_warning() -> None:
    thin = TEXT.replace("[[0, 5], [2.5, 5], [2.5, 0], [0, 0]]", "[[0, 10.5], [0.06, 10.5], [0.06, 0], [0, 0]]")
    doubts = reading_of(thin, "site.yaml", Secrets(Path("secrets.yaml"), {})).doubts
    assert [(doubt.line, doubt.what[:38]) for doubt in doubts] == [(19, "camera 'yard', ground: no camera sees ")]
    assert reading_of(TEXT, "site.yaml", Secrets(Path("secrets.yaml"), {})).doubts == ()


def test_a_setting_out_of_its_range_is_not_taken_for_a_slip_of_the_pen() -> None:
    """Symptom: "period_s must lie in 5..3600 s, got 1. Did you mean 'period_s'?\""""
    with pytest.raises(SiteFileError) as caught:
        parse_site(TEXT.replace("period_s: 300", "period_s: 1"))
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "line", "told"),
    [
        ("kind: line-count", "kind: line-cuont", 11, "no behaviour is called 'line-cuont'. Did you mean 'line-count'"),
        ("line: gate", "line: gaet", 12, "this camera has no line 'gaet'. Did you mean 'gate'?"),
        ("    line: gate\n", "", 11, "a 'line-count' needs a line. Draw one in lines and name it: 'line: ID'."),
        ("line: gate", "line: gate\n    zone: bay", 13, "a 'line-count' has no use for a zone. Leave it out."),
        ("period_s: 300", "perod_s: 300", 16, "no setting 'perod_s'; it has period_s. Did you mean 'period_s'?"),
        ("period_s: 300", "period_s: 1", 16, "period_s must lie in 5..3600 s, got 1"),
        ("period_s: 300", "period_s: often", 16, "must be a number"),
        ("direction: left", "direction: lfet", 14, "Did you mean 'left'?"),
        ("direction: left", "sensitivity: 2", 14, "at most 1"),
        ("direction: left", "classes: [persn]", 14, "Did you mean 'person'?"),
        ("direction: left", "sensitivty: 1", 14, "key 'sensitivty' is not known. Did you mean 'sensitivity'?"),
        ('"07:00-19:00"', '"7 to 7"', 13, "no span of the day"),
        ("[0.7, 0.4]", "[0.2, 0.65]", 18, "image points 1, 2, 4 lie on one line"),
        ("[2.5, 5]", "[2500, 5]", 19, "got 2500, 2497.51, 2.5, 5; are these metres?"),
        ("[0.7, 0.4]", "[400, 0.4]", 18, "Divide pixels by the picture's width."),
        ("    metres:", "    meters:", 19, "key 'meters' is not known. Did you mean 'metres'?"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(before: str, after: str, line: int, told: str) -> None:
    with pytest.raises(SiteFileError) as caught:
        parse_site(TEXT.replace(before, after))
    assert any(f":{line}: " in one and told in one for one in str(caught.value).splitlines()), str(caught.value)


def test_an_id_stands_once() -> None:
    twice = TEXT.replace("  ground:", "  - {id: entrance, kind: line-count, line: gate}\n  ground:")
    with pytest.raises(SiteFileError, match=r":17: behaviour id 'entrance' is used twice, first on line 10"):
        parse_site(twice)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(TEXT)
    return file


def written(path: Path) -> Camera:
    found = YamlSiteBook(path).site().camera("yard")
    assert found is not None
    return found


def test_a_camera_as_it_is_leaves_the_file_as_it_is(path: Path) -> None:
    YamlSiteBook(path).put_camera(written(path))
    assert path.read_text() == TEXT


def test_a_change_keeps_every_comment(path: Path) -> None:
    night = Schedule((Hours(frozenset({5, 6}), time(20), time(0)), *OPEN.hours), "Europe/Zurich")
    changed = replace(ENTRANCE, hours=night, direction=None, sensitivity=0.75, settings={"period_s": 60.0})
    YamlSiteBook(path).put_camera(replace(written(path), behaviours=(changed,)))
    assert written(path).behaviours == (changed,)
    assert "five minutes" in path.read_text()
    assert "monthly report" in path.read_text()
    assert 'hours: {"sat,sun": "20:00-24:00", mon-fri: "07:00-19:00"}' in path.read_text().replace("'", '"')


def test_spans_of_the_same_days_come_back_together(path: Path) -> None:
    monday, sunday = (Hours(frozenset({day}), time(8), time(9)) for day in (0, 6))
    later = replace(monday, start=time(10), end=time(11))
    hours = Schedule((monday, sunday, later), "Europe/Zurich")
    YamlSiteBook(path).put_camera(replace(written(path), behaviours=(replace(ENTRANCE, hours=hours),)))
    found = written(path).behaviours[0].hours
    assert found is not None
    assert found.hours == (monday, later, sunday)


def test_behaviours_and_ground_come_and_go(path: Path) -> None:
    before = written(path)
    more = BehaviourSpec(
        "exit", "line-count", "Exit", line_id="gate", classes=("vehicle",), settings={"period_s": 10.5}
    )
    ground = Ground(
        ((0.2, 0.3), (0.7, 0.4), (0.9, 0.9), (0.123456, 0.9)), ((0.0, 5.12345), (2.5, 5.0), (2.5, 0.0), (0.0, 0.0))
    )
    YamlSiteBook(path).put_camera(replace(before, behaviours=(more, ENTRANCE), ground=ground))
    after = written(path)
    assert after.behaviours == (more, ENTRANCE)
    assert after.ground is not None
    assert (after.ground.image[3], after.ground.metres[0]) == ((0.12346, 0.9), (0.0, 5.123))
    YamlSiteBook(path).put_camera(replace(after, behaviours=(), ground=None))
    assert (written(path).behaviours, written(path).ground) == ((), None)
    YamlSiteBook(path).put_camera(before)
    assert written(path) == before


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("stopping", "stop_s: 200", "stop_s must not be more than park_s, but it is 200 s and park_s 120 s by default"),
        ("stopping", "park_s: 5", "stop_s must not be more than park_s, but it is 10 s by default and park_s 5 s"),
        (
            "vehicle-approach",
            "near_m: 4",
            "near_m must not be more than from_m, but it is 4 m and from_m 3 m by default",
        ),
        (
            "vehicle-approach",
            "from_m: 1",
            "near_m must not be more than from_m, but it is 1.5 m by default and from_m 1 m",
        ),
    ],
)
def test_settings_the_wrong_way_round_are_told_with_their_line(kind: str, settings: str, told: str) -> None:
    """Symptom: the time for parking was raised to that of a stop, and nobody heard of it."""
    other = f"  - id: bays\n    kind: {kind}\n    settings:\n      {settings}\n  ground:"
    with pytest.raises(SiteFileError, match=rf":20: {told}\. Change either of the two\."):
        parse_site(TEXT.replace("  ground:", other))
