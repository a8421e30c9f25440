"""Site files: what they mean, and what is said of the ones that mean nothing."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import parse_site, read_site
from custos.model.site import (
    Camera,
    Direction,
    HeightReference,
    Hours,
    Line,
    PresenceRule,
    Retention,
    Schedule,
    Severity,
    Site,
    Zone,
)

HEAD = "site: {id: hq, name: Head office, time_zone: Europe/Zurich}\n"
WHOLE = (
    HEAD
    + """\
detector: yolox-nano
cameras:
  - id: lobby
    name: Lobby
    url: rtsp://${CAM_USER}:${CAM_PASSWORD}@192.0.2.10/stream
    transport: udp
    detect_fps: 2.5
    zones:
      - id: counter
        name: Counter
        polygon: [[0.1, 0.5], [0.4, 0.5], [0.4, 1]]
        classes: [person, vehicle]
        loiter_s: 20
        min_dwell_s: 1
    lines:
      - {id: gate, points: [[0.5, 0.4], [0.5, 0.9]], direction: left}
  - id: dock
    url: dock.mp4
    loop: true
    enabled: false
rules:
  - id: after-hours
    title: Someone at the counter outside hours
    zones: [lobby/counter]
    expected: {mon-fri: "07:00-19:00", "sat,sun": ["08:00-12:00", "22:00-02:00"]}
    longer_than_s: 10
    severity: high
retention: {events_days: 14, incident_pictures_days: 60, incidents_days: 0}
"""
)

FRACTIONS = "{}: coordinates are fractions of the picture, 0..1, got {}. "


def problems(text: str, environ: dict[str, str] | None = None) -> list[str]:
    """What is said of `text`: "line: what. remedy"."""
    with pytest.raises(SiteFileError) as caught:
        parse_site(textwrap.dedent(text), "site.yaml", environ or {})
    assert caught.value.exit_status == 2
    return [str(problem).removeprefix("site.yaml:") for problem in caught.value.problems]


def camera_problems(text: str) -> list[str]:
    """What is said of a camera's keys; they begin on line 4."""
    return problems(HEAD + "cameras:\n  - id: lobby\n" + textwrap.indent(textwrap.dedent(text), "    "))


def test_every_key_becomes_a_value(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(WHOLE)
    site = read_site(tmp_path / "site.yaml", {"CAM_USER": "guard", "CAM_PASSWORD": "p@ss/word"})
    days = (frozenset(range(5)), frozenset({5, 6}))
    counter = Zone("counter", "Counter", ((0.1, 0.5), (0.4, 0.5), (0.4, 1.0)), ("person", "vehicle"), 20.0, 1.0)
    assert site.detector.name == "yolox-nano"
    assert site.cameras == (
        Camera(
            "lobby",
            "Lobby",
            "rtsp://guard:p%40ss%2Fword@192.0.2.10/stream",
            zones=(counter,),
            lines=(Line("gate", "gate", ((0.5, 0.4), (0.5, 0.9)), Direction.LEFT),),
            transport="udp",
            detect_fps=2.5,
        ),
        Camera("dock", "dock", str(tmp_path / "dock.mp4"), loop=True, enabled=False),
    )
    assert site.rules == (
        PresenceRule(
            "after-hours",
            "Someone at the counter outside hours",
            (("lobby", "counter"),),
            Schedule(
                (
                    Hours(days[0], time(7), time(19)),
                    Hours(days[1], time(8), time(12)),
                    Hours(days[1], time(22), time(2)),
                ),
                "Europe/Zurich",
            ),
            10.0,
            Severity.HIGH,
        ),
    )
    assert site.retention == Retention(events_days=14, incident_pictures_days=60, incidents_days=0)


def test_the_least_a_file_can_say() -> None:
    assert parse_site("site: {id: hq, name: Head office}") == Site("hq", "Head office")
    assert parse_site(HEAD + "cameras:\nrules:\n").cameras == ()


def test_things_of_known_height() -> None:
    text = HEAD + "cameras:\n  - {id: a, url: x, heights: [{bottom: [0.3, 0.6], top: [0.3, 0.35], height_m: 2.1}]}"
    (camera,) = parse_site(text, "site.yaml", {}).cameras
    assert camera.heights == (HeightReference((0.3, 0.6), (0.3, 0.35), 2.1),)


def test_a_door_that_stands_on_its_head_is_refused() -> None:
    (said,) = camera_problems("url: x\nheights:\n  - {bottom: [0.3, 0.2], top: [0.3, 0.6], height_m: 2}")
    assert said.startswith("6: ")
    assert "the top [0.3, 0.6] does not lie above the bottom [0.3, 0.2]" in said
    assert "must be smaller" in said


def test_a_detector_of_your_own(tmp_path: Path) -> None:
    text = HEAD + f"detector: {{path: my.onnx, sha256: {'ab' * 32}, family: yolox}}\n"
    chosen = parse_site(text, tmp_path / "site.yaml").detector
    assert (chosen.name, chosen.path, chosen.sha256, chosen.family) == (
        "my",
        str(tmp_path / "my.onnx"),
        "ab" * 32,
        "yolox",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: the file is empty. It begins with 'site:'; see docs/site-file.md."),
        (
            "- site",
            "1: the file does not hold keys and values. It begins with 'site:'; see docs/site-file.md.",
        ),
        ("cameras: []", "1: key 'site' is missing from the file. See docs/site-file.md."),
        (
            "site:\n\tid: hq",
            "2: found character '\\t' that cannot start any token. "
            "Indent with spaces, not tabs; put a value that begins with a sign in quotes.",
        ),
        (
            'site: {id: hq, name: "x}\n',
            "1: found unexpected end of stream. A quote that was opened on this line is not closed.",
        ),
        ("site: {id: HQ, name: x}", "1: an id is 1 to 63 lower-case letters, digits and '-', got 'HQ'."),
        ("site: {id: hq, name: 12}", "1: site.name must be text, got 12. Put it in quotes."),
        ("site: {id: hq, name: ''}", "1: site.name must not be empty."),
        (
            "site:\n  id: hq\n  name: x\n  time_zone: Europe/Zurch",
            "4: no time zone is called 'Europe/Zurch'. Did you mean 'Europe/Zurich'?",
        ),
        (HEAD + "camera: []", "2: key 'camera' is not known. Did you mean 'cameras'?"),
        (HEAD + "rules: []\nrules: []", "3: key 'rules' is given twice, first on line 2. Keep one of them."),
        (HEAD + "rules: !python/object []", "2: tag '!python/object' is not known. Only '!secret name' is."),
        (HEAD + "retention: {incidents_days: -1}", "2: retention.incidents_days must be at least 0, got -1."),
        (HEAD + "retention: {events_days: 0}", "2: retention.events_days must be at least 1, got 0."),
        (
            HEAD + "retention: {pictures_days: 3}",
            "2: key 'pictures_days' is not known. Did you mean 'incident_pictures_days'?",
        ),
        (HEAD + "rules: 3", "2: rules must be a list, got 3."),
        (HEAD + "detector: 3", "2: detector must be text, got 3. Put it in quotes."),
        (
            HEAD + "detector: {path: x.onnx, family: yolox}",
            "2: key 'sha256' is missing from detector. See docs/site-file.md.",
        ),
        (
            HEAD + "rules: &all [*all]",
            "2: values are nested deeper than 20 levels, or are more than 200,000. An alias may hold itself.",
        ),
    ],
)
def test_what_is_wrong_with_a_file(text: str, expected: str) -> None:
    assert problems(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: x", "3: key 'url' is missing from cameras[0]. See docs/site-file.md."),
        ("url: x\ntransprt: tcp", "5: key 'transprt' is not known. Did you mean 'transport'?"),
        (
            "url: x\ntransport: tpc",
            "5: cameras[0].transport must be 'tcp' or 'udp', got 'tpc'. Did you mean 'tcp'?",
        ),
        ("url: x\ndetect_fps: fast", "5: cameras[0].detect_fps must be a number, got 'fast'."),
        ("url: x\ndetect_fps: 0", "5: cameras[0].detect_fps must be at least 0.1, got 0."),
        ("url: x\nloop: yes", "5: cameras[0].loop must be true or false, got 'yes'."),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, 1], [480, 0]]}]",
            FRACTIONS.format("5", "480") + "Divide pixels by the picture's width.",
        ),
        (
            "url: x\nzones:\n- id: a\n  polygon: [[0, 0],\n    [1, -0.1],\n    [1, 0]]",
            FRACTIONS.format("8", "-0.1") + "Divide pixels by the picture's height.",
        ),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, .nan], [1, 0]]}]",
            FRACTIONS.format("5", "nan") + "Divide pixels by the picture's height.",
        ),
        (
            "url: x\nzones:\n- id: a\n  polygon:\n  - [0, 0]\n  - [1, 1]\n  - [1, 0]\n  - [0, 1]",
            "8: the polygon crosses itself: edge 1 (line 8) meets edge 3 (line 10). "
            "List the corners in the order in which you walk around the zone.",
        ),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, 1], [0, 0]]}]",
            "5: a polygon needs 3 different points or more, got 2.",
        ),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, 1]]}]",
            "5: cameras[0].zones[0].polygon needs at least 3 entries, got 2.",
        ),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, 1], [1, 0]], classes: [persn]}]",
            "5: no class or group is called 'persn'. Did you mean 'person'?",
        ),
        (
            "url: x\nlines:\n- {id: g, points: [[0, 0], [0, 0]]}",
            "6: the two points of a line are the same, [0.0, 0.0].",
        ),
        (
            "url: x\nzones: [{id: a, polygon: [[0, 0], [1, 1], [1, 0]], hours: {mo: '1:00-2:00'}}]",
            "5: 'mo' names no days. Did you mean 'mon'?",
        ),
        (
            "url: x\nlines: [{id: g, points: [[0, 0], [0, 1]], sensitivity: 2}]",
            "5: cameras[0].lines[0].sensitivity must be at most 1, got 2.",
        ),
        (
            "url: x\nlines:\n- {id: g, points: [[0, 0], [0, 1]]}\n- {id: g, points: [[0, 0], [0, 1]]}",
            "7: line id 'g' is used twice, first on line 6. Every id must be unique.",
        ),
    ],
)
def test_what_is_wrong_with_a_camera(text: str, expected: str) -> None:
    assert camera_problems(text) == [expected]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("zones: [lobby/conter]", "there is no zone 'lobby/conter'. Did you mean 'lobby/counter'?"),
        ("zones: []", "rules[0].zones must not be empty."),
        ("expected: {mon-fry: '07:00-19:00'}", "'mon-fry' names no days. Did you mean 'fri'?"),
        ("expected: {mon: '7 to 9'}", "'7 to 9' is no span of the day. Write it like \"07:00-19:00\"."),
        (
            "expected: {mon: '07:00-25:00'}",
            "'07:00-25:00' is no span of the day. Hours run from 00:00 to 24:00.",
        ),
        ("expected: {mon: '07:00-07:00'}", "'07:00-07:00' is empty. The whole day is \"00:00-24:00\"."),
        ("expected: {}", "rules[0].expected must not be empty."),
        ("longer_than_s: -1", "rules[0].longer_than_s must be at least 0, got -1."),
        (
            "severity: urgent",
            "rules[0].severity must be 'low', 'medium' or 'high', got 'urgent'. Known: high, low, medium.",
        ),
        (
            "title: !secret x",
            "'!secret' stands only for a camera's url and a device's secrets. Write the value itself.",
        ),
    ],
)
def test_what_is_wrong_with_a_rule(rule: str, expected: str) -> None:
    keys = {"title": "title: t", "zones": "zones: [lobby/counter]", rule.partition(":")[0]: rule}
    zone = "{id: counter, polygon: [[0, 0], [1, 0], [1, 1]]}"
    text = HEAD + f"cameras: [{{id: lobby, url: x, zones: [{zone}]}}]\nrules:\n- id: r\n"
    assert problems(text + "".join(f"  {line}\n" for line in keys.values()))[0].partition(": ")[2] == expected


def test_everything_wrong_is_told_at_once_in_the_order_of_lines() -> None:
    text = HEAD + "cameras:\n- {id: a, url: x, loop: 1}\n- {id: a}\nrules: [{id: r, zones: [b/c], titel: t}]\n"
    assert [line.partition(":")[0] for line in problems(text)] == ["3", "4", "4", "5", "5", "5"]


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://admin:hunter2@192.0.2.10/stream",
        "rtsp://admin:${PART}hunter2@192.0.2.10/stream",
        "rtsp://admin:hun/ter2hunter2@192.0.2.10/stream",
        "http://192.0.2.10/video?user=admin&pwd=hunter2",
        "http://192.0.2.10/video?access_token=hunter2",
    ],
)
def test_a_password_in_the_file_is_refused_and_not_repeated(url: str) -> None:
    (told,) = camera_problems(f"url: {url}")
    assert told.startswith("4: a password is written out in the URL. Write ${ENV} in its place")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://admin@192.0.2.10:554/stream@2",
        "rtsp://192.0.2.10:8554/",
        "http://192.0.2.10/?pwd=${PASSWORD}",
        "rtsp://${USER}:${PASSWORD}@192.0.2.10/",
        "/dev/video0",
        "C:stairs?pwd=1.mp4",
    ],
)
def test_a_url_without_a_password_is_taken(url: str) -> None:
    site = parse_site(HEAD + f"cameras: [{{id: a, url: '{url}'}}]", "site.yaml", {"USER": "u", "PASSWORD": "p"})
    assert site.cameras[0].url.endswith(url.replace("${USER}", "u").replace("${PASSWORD}", "p"))


def test_a_variable_that_is_not_set_is_named() -> None:
    (told,) = camera_problems("url: rtsp://admin:${CAM_PASSWORD}@192.0.2.10/")
    assert told == "4: the environment has no variable CAM_PASSWORD. Set it before the start: export CAM_PASSWORD=..."


def test_secrets_come_from_the_environment_or_else_from_the_file_beside(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(HEAD + "cameras: [{id: a, url: !secret dock-url}]\n")
    with pytest.raises(SiteFileError, match=r"no secret called 'dock-url'. Add 'dock-url: ...' to .*secrets.yaml"):
        read_site(path, {})
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text("dock-url: rtsp://a:${b@192.0.2.1/\n")
    secrets.chmod(0o600)
    assert read_site(path, {}).cameras[0].url == "rtsp://a:${b@192.0.2.1/"
    assert read_site(path, {"CUSTOS_SECRET_DOCK_URL": "rtsp://c"}).cameras[0].url == "rtsp://c"


def test_secrets_that_others_may_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(HEAD)
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text("a: b\n")
    secrets.chmod(0o644)
    with pytest.raises(SiteFileError, match=r"others may read this file of secrets \(mode 0644\)\. Run: chmod 600 "):
        read_site(tmp_path / "site.yaml")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "there is no such file. Give the path of a site file with --config"),
        (b"site:\n  id: hq\n  name: caf\xe9\n", "site.yaml:3: this is not UTF-8 text. Save it as UTF-8."),
        (b"x" * 1_000_001, "the file is 1,000,001 characters long, at most 1,000,000 are read."),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "site.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SiteFileError) as caught:
        read_site(path)
    assert expected in str(caught.value)
    with pytest.raises(SiteFileError, match=r"cannot be read: Is a directory"):
        read_site(tmp_path)


def test_hours_past_midnight_and_whole_days() -> None:
    text = HEAD + (
        "cameras: [{id: a, url: x, zones: [{id: z, polygon: [[0, 0], [1, 0], [1, 1]]}]}]\n"
        "rules: [{id: r, title: t, zones: [a/z], expected: {fri-mon: '00:00-24:00', wed: '22:00-02:00'}}]\n"
    )
    expected = parse_site(text, "site.yaml", {}).rules[0].expected
    assert expected is not None
    local = {  # day of January 2024 (the 1st was a Monday) and hour of UTC, an hour behind Zurich
        (1, 12): True,
        (2, 12): False,
        (3, 20): False,
        (3, 21): True,
        (4, 0): True,
        (4, 1): False,
        (4, 23): True,
        (7, 12): True,
    }
    assert {at: expected.covers(datetime(2024, 1, *at, tzinfo=UTC)) for at in local} == local


def test_a_name_written_over_several_lines_has_no_trace_of_the_folds() -> None:
    """The parser marks folds with a bell character, so that it could write them again; rules broke on it."""
    text = "site:\n  id: hq\n  name: >-\n    Head\n    office\n"
    assert parse_site(text, "site.yaml").name == "Head office"
