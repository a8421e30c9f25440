"""The site file changed by the console: what is written, what is kept, what is refused."""

from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from custos.adapters.sitefile.atomic import write_atomically
from custos.adapters.sitefile.book import YamlSiteBook
from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import read_site
from custos.model.errors import CustosError, UsageError
from custos.model.site import Camera, Direction, HeightReference, Hours, Line, Schedule, Site, Zone

TRIANGLE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
TEXT = """\
# Our head office
site:   {id: hq, name: "Head office"}   # since 1998

cameras:
- id: lobby   # next to the plant
  url: rtsp://${CAM_USER}:${CAM_PASSWORD}@192.0.2.10/stream
  # the counter moved in May
  zones:
  - id: counter
    polygon: [[0.1, 0.5], [0.40, 0.5], [0.4, 0.9]]   # by eye
    # nobody may stay
    loiter_s: 20
  - {id: door, polygon: [[0, 0], [0.5, 0], [0.5, 0.5]]}

  # enabled: false

# the dock
- {id: dock, name: 'Dock', url: dock.mp4}
# end of the cameras

rules:
- id: r1
  title: Someone at the counter
  zones: [ lobby/counter ]
"""
HQ = "site: {id: hq, name: HQ}\n"
ENVIRON = {"CAM_USER": "guard", "CAM_PASSWORD": "secret"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(TEXT)
    file.chmod(0o640)
    return file


@pytest.fixture
def book(path: Path) -> YamlSiteBook:
    return YamlSiteBook(path, ENVIRON)


def camera(book: YamlSiteBook, camera_id: str) -> Camera:
    found = book.site().camera(camera_id)
    assert found is not None
    return found


def changed_lines(path: Path) -> tuple[list[str], list[str]]:
    """Lines that went, and lines that came."""
    before, after = TEXT.splitlines(), path.read_text().splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


def test_a_new_camera_is_added_and_nothing_else_changes(book: YamlSiteBook, path: Path) -> None:
    gate = Camera("gate", "Gate", "rtsp://192.0.2.7/1", (Zone("z", "Z", TRIANGLE, loiter_s=5.0),), loop=True)
    site = book.put_camera(gate)
    assert site.cameras[-1] == gate
    assert read_site(path, ENVIRON) == site
    assert changed_lines(path) == (
        [],
        [
            "- id: gate",
            "  name: Gate",
            "  url: rtsp://192.0.2.7/1",
            "  loop: true",
            "  - id: z",
            "    name: Z",
            "    polygon: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]",
            "    loiter_s: 5",
        ],
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["site.yaml"]


def test_a_changed_zone_changes_its_line_and_keeps_every_comment(book: YamlSiteBook, path: Path) -> None:
    lobby = camera(book, "lobby")
    moved = replace(lobby.zones[0], polygon=((0.1, 0.5), (0.3, 0.5), (0.3, 0.123456789)))
    site = book.put_camera(replace(lobby, zones=(moved, lobby.zones[1])))
    assert site.cameras[0].zones[0].polygon[2] == (0.3, 0.12346)
    went, came = changed_lines(path)
    assert went == ["    polygon: [[0.1, 0.5], [0.40, 0.5], [0.4, 0.9]]   # by eye"]
    assert [line.partition("#")[0].strip() for line in came] == ["polygon: [[0.1, 0.5], [0.3, 0.5], [0.3, 0.12346]]"]
    assert path.read_text().count("#") == TEXT.count("#")


def test_a_camera_as_it_is_leaves_the_file_as_it_is(book: YamlSiteBook, path: Path) -> None:
    for camera_id in ("lobby", "dock"):
        book.put_camera(camera(book, camera_id))
    assert path.read_text() == TEXT


def test_zones_and_lines_come_and_go(book: YamlSiteBook, path: Path) -> None:
    lobby = camera(book, "lobby")
    line = Line("exit", "Exit", ((0.0, 0.0), (0.0, 1.0)), Direction.RIGHT, ("vehicle",))
    book.put_camera(replace(lobby, zones=lobby.zones[:1], lines=(line,), detect_fps=2.5, enabled=False))
    changed = camera(YamlSiteBook(path, ENVIRON), "lobby")
    assert (changed.zones, changed.lines) == (lobby.zones[:1], (line,))
    assert (changed.detect_fps, changed.enabled, changed.url) == (2.5, False, lobby.url)
    book.put_camera(lobby)
    assert camera(YamlSiteBook(path, ENVIRON), "lobby") == lobby


def test_hours_and_sensitivity_of_zones_and_lines_come_and_go(book: YamlSiteBook, path: Path) -> None:
    lobby = camera(book, "lobby")
    nights = Schedule((Hours(frozenset(range(7)), time(19), time(7)),), book.site().time_zone)
    line = Line("exit", "Exit", ((0.0, 0.0), (0.0, 1.0)), hours=nights, sensitivity=0.25)
    zones = (replace(lobby.zones[0], hours=nights, sensitivity=0.75), *lobby.zones[1:])
    book.put_camera(replace(lobby, zones=zones, lines=(line,)))
    assert path.read_text().count('hours: {daily: "19:00-07:00"}') == 2
    changed = camera(YamlSiteBook(path, ENVIRON), "lobby")
    assert (changed.zones, changed.lines) == (zones, (line,))
    book.put_camera(lobby)
    assert "hours: {daily" not in path.read_text()
    assert camera(YamlSiteBook(path, ENVIRON), "lobby") == lobby


def test_heights_stay_when_the_console_changes_a_camera(book: YamlSiteBook, path: Path) -> None:
    doors = "  heights: [{bottom: [0.3, 0.6], top: [0.3, 0.35], height_m: 2.1}]  # the fire door\n"
    text = path.read_text()
    at = text.index("- id: lobby")
    line_end = text.index("\n", at) + 1
    path.write_text(text[:line_end] + doors + text[line_end:])
    lobby = book.site().camera("lobby")
    assert lobby is not None
    assert len(lobby.heights) == 1
    book.put_camera(replace(lobby, detect_fps=2.5))
    assert doors.strip() in path.read_text()
    lower = replace(lobby.heights[0], height_m=2.0)
    further = HeightReference((0.123456789, 0.5), (0.12, 0.4), 2.1)
    book.put_camera(replace(lobby, heights=(lower, further)))
    assert "top: [0.3, 0.35], height_m: 2}" in path.read_text()
    assert "# the fire door" in path.read_text()
    assert camera(YamlSiteBook(path, ENVIRON), "lobby").heights == (lower, replace(further, bottom=(0.12346, 0.5)))
    book.put_camera(replace(lobby, heights=()))
    assert "heights" not in path.read_text()


def test_heights_of_a_camera_that_had_none(book: YamlSiteBook, path: Path) -> None:
    door = HeightReference((0.3, 0.6), (0.3, 0.35), 2.1)
    for camera_id in ("lobby", "dock"):
        book.put_camera(replace(camera(book, camera_id), heights=(door,)))
        assert camera(YamlSiteBook(path, ENVIRON), camera_id).heights == (door,)


def test_a_camera_removed_takes_only_its_lines(book: YamlSiteBook, path: Path) -> None:
    book.remove_camera("dock")
    assert changed_lines(path) == (["- {id: dock, name: 'Dock', url: dock.mp4}"], [])
    with pytest.raises(UsageError, match="there is no camera 'dock'"):
        book.remove_camera("dock")


def test_a_camera_whose_zone_a_rule_watches_stays(book: YamlSiteBook, path: Path) -> None:
    with pytest.raises(UsageError, match=r"rule 'r1': no zone 'lobby/counter'.*Change that rule"):
        book.remove_camera("lobby")
    with pytest.raises(UsageError, match="rule 'r1'"):
        book.put_camera(replace(camera(book, "lobby"), zones=()))
    assert path.read_text() == TEXT


def test_the_last_camera_can_go_and_come_back(tmp_path: Path) -> None:
    book = YamlSiteBook.create(tmp_path / "site.yaml", "hq", "Head: office")
    assert book.site() == Site("hq", "Head: office")
    only = Camera("only", "only", "rtsp://192.0.2.1/")
    for _ in range(2):
        assert book.put_camera(only).cameras == (only,)
        assert book.remove_camera("only").cameras == ()
    assert (tmp_path / "site.yaml").read_text().startswith("# A Custos site file")
    with pytest.raises(UsageError, match="there is a site file already"):
        YamlSiteBook.create(tmp_path / "site.yaml", "hq", "x")


def test_a_password_goes_to_the_secrets(book: YamlSiteBook, path: Path) -> None:
    secrets = path.with_name("secrets.yaml")
    secrets.write_text("# ours\nother: value\n")
    secrets.chmod(0o600)
    url = "rtsp://admin:hunter2@192.0.2.7/1"
    assert book.put_camera(Camera("gate", "Gate", url)).cameras[-1].url == url
    assert "  url: !secret camera-gate-url\n" in path.read_text()
    assert secrets.read_text() == f"# ours\nother: value\ncamera-gate-url: {url}\n"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert camera(YamlSiteBook(path, ENVIRON), "gate").url == url

    book.put_camera(replace(camera(book, "gate"), name="The gate"))
    assert "hunter2" in secrets.read_text()
    book.put_camera(Camera("gate", "Gate", url.replace("hunter2", "hunter3")))
    assert camera(book, "gate").url.endswith("hunter3@192.0.2.7/1")
    book.remove_camera("gate")
    assert secrets.read_text() == "# ours\nother: value\n"


def test_secrets_are_created_for_their_owner_only(tmp_path: Path) -> None:
    book = YamlSiteBook.create(tmp_path / "site.yaml", "hq", "HQ")
    book.put_camera(Camera("a", "a", "rtsp://u:p@192.0.2.1/"))
    assert stat.S_IMODE((tmp_path / "secrets.yaml").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "site.yaml").stat().st_mode) == 0o644


@pytest.mark.parametrize("url", ["rtsp://192.0.2.66/${CAM_PASSWORD}", "rtsp://u:p${CAM_USER}@h/", "${CAM_USER}.mp4"])
def test_nobody_reads_the_environment_through_a_new_url(book: YamlSiteBook, path: Path, url: str) -> None:
    for given in (Camera("gate", "gate", url), replace(camera(book, "dock"), url=url)):
        with pytest.raises(UsageError, match="variables are written in the site file by hand"):
            book.put_camera(given)
    assert path.read_text() == TEXT
    assert not path.with_name("secrets.yaml").exists()


def test_a_url_is_told_as_it_is_written(path: Path) -> None:
    path.write_text(TEXT.replace("url: dock.mp4", "url: '${FOLDER}/dock.mp4'").replace("192.0.2.10", "${CAM_HOST}"))
    book = YamlSiteBook(path, {**ENVIRON, "FOLDER": "clips", "CAM_HOST": "192.0.2.99"})
    lobby, dock = book.site().cameras
    assert (lobby.url, dock.url) == ("rtsp://guard:secret@192.0.2.99/stream", str(path.parent / "clips" / "dock.mp4"))
    assert book.as_written(lobby.url) == "rtsp://${CAM_USER}:${CAM_PASSWORD}@${CAM_HOST}/stream"
    assert book.as_written(dock.url) == "${FOLDER}/dock.mp4"
    assert book.as_written("rtsp://192.0.2.7/1") == "rtsp://192.0.2.7/1"
    path.write_text(TEXT)
    assert book.site().cameras[1].url == str(path.parent / "dock.mp4")
    assert "${CAM_HOST}" in book.as_written(lobby.url), "a reader still holds the site before"


def test_a_running_site_keeps_its_id(book: YamlSiteBook, path: Path) -> None:
    """Hub, workers and store go on under the old one; events of another would be nobody's."""
    old, seen = book.site(), list[Site]()
    book.on_change(seen.append)
    renamed = TEXT.replace("id: hq", "id: head-office").replace("Someone at", "A visitor at")
    path.write_text(renamed)
    assert not book.refresh()
    assert book.site() == old
    assert not seen
    assert book.problem is not None
    assert "'hq' to 'head-office'" in str(book.problem)
    assert "Restart" in str(book.problem)
    with pytest.raises(SiteFileError, match="Restart"):
        book.put_camera(Camera("gate", "Gate", "rtsp://192.0.2.7/1"))
    assert path.read_text() == renamed
    assert YamlSiteBook(path, ENVIRON).site().id == "head-office"
    path.write_text(TEXT.replace("Someone at", "A visitor at"))
    assert book.site().rules[0].title == "A visitor at the counter"
    assert book.problem is None


def test_a_senseless_camera_is_refused_and_the_file_untouched(book: YamlSiteBook, path: Path) -> None:
    crossing = Zone("z", "z", ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.6)))
    with pytest.raises(UsageError, match=r"camera 'gate': the polygon crosses itself.*walk around the zone"):
        book.put_camera(Camera("gate", "Gate", "rtsp://u:p@192.0.2.7/1", (crossing,)))
    assert path.read_text() == TEXT
    assert not path.with_name("secrets.yaml").exists()


def test_what_others_write_is_noticed_and_kept(book: YamlSiteBook, path: Path) -> None:
    seen: list[Site] = []
    book.on_change(seen.append)
    path.write_text(TEXT.replace("Someone at the counter", "A visitor"))
    assert book.site().rules[0].title == "A visitor"
    path.write_text(TEXT.replace("Someone at the counter", "Two visitors"))
    site = book.put_camera(Camera("gate", "Gate", "rtsp://192.0.2.7/1"))
    assert site.rules[0].title == "Two visitors"
    assert "Two visitors" in path.read_text()
    assert seen[-1] == site
    assert not book.refresh()


def test_a_change_that_would_reach_another_camera_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    shared = "zones: &z [{id: q, polygon: [[0, 0], [1, 0], [1, 1]]}]"
    path.write_text(HQ + f"cameras:\n- {{id: a, url: x, {shared}}}\n- {{id: b, url: y, zones: *z}}\n")
    book = YamlSiteBook(path)
    loitering = replace(camera(book, "a").zones[0], loiter_s=5.0)
    with pytest.raises(UsageError, match=r"without touching other parts .* is an anchor shared there"):
        book.put_camera(replace(camera(book, "a"), zones=(loitering,)))
    assert camera(YamlSiteBook(path), "b").zones[0].loiter_s is None


class Meddler(dict[str, str]):
    """An environment whose every reading lets somebody else write to the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(ENVIRON)
        self._path = path

    def __getitem__(self, key: str) -> str:
        self._path.write_text(self._path.read_text() + "# mine\n")
        return super().__getitem__(key)


def test_a_change_in_between_is_not_written_over(path: Path) -> None:
    book = YamlSiteBook(path, Meddler(path))
    with pytest.raises(UsageError, match=r"changed by somebody else just now. Try again"):
        book.put_camera(Camera("gate", "Gate", "rtsp://u:p@192.0.2.7/1"))
    assert path.read_text().startswith(TEXT + "# mine\n")
    assert "gate" not in path.read_text()
    assert not path.with_name("secrets.yaml").exists()


def test_a_file_broken_by_hand_leaves_the_old_site_in_force(book: YamlSiteBook, path: Path) -> None:
    old = book.site()
    path.write_text(TEXT.replace("lobby/counter", "lobby/conter"))
    assert book.site() == old
    assert book.problem is not None
    assert "there is no zone 'lobby/conter'" in str(book.problem)
    with pytest.raises(SiteFileError):
        book.put_camera(Camera("gate", "Gate", "rtsp://192.0.2.7/1"))
    path.write_text(TEXT)
    assert book.site() == old
    assert book.problem is None


def test_a_changed_secret_is_a_new_site(tmp_path: Path) -> None:
    book = YamlSiteBook.create(tmp_path / "site.yaml", "hq", "HQ")
    book.put_camera(Camera("a", "a", "rtsp://u:old@192.0.2.1/"))
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text(secrets.read_text().replace("old", "newer"))
    assert book.site().cameras[0].url == "rtsp://u:newer@192.0.2.1/"


@pytest.mark.parametrize(
    "text",
    [
        HQ,
        HQ + "cameras: []\n# end\n",
        HQ + "cameras:\n  # none yet\n",
        HQ + "cameras: [{id: one, url: x.mp4}, {id: two, url: y.mp4}]\n",
        "cameras:\n  - id: one\n    url: x.mp4\n\n  -\n    url: y.mp4\n    id: two\n    zones:\n" + HQ[:-1],
        "cameras:\n    -   id: one\n        url: x.mp4\nsite:\n    id: hq\n    name: HQ\n",
        "site: {id: hq, name: HQ}\r\ncameras:\r\n  - id: one\r\n    url: x.mp4\r\n",
        HQ + "cameras:\n- id: one\n  name: &n X\n  url: x.mp4\n- {id: two, name: *n, url: y.mp4}",
    ],
)
def test_every_form_of_the_list_can_be_changed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(text.encode())
    book = YamlSiteBook(path)
    before = book.site()
    new = Camera("new", "New", "rtsp://192.0.2.7/1", (Zone("z", "z", TRIANGLE),))
    book.put_camera(new)
    assert YamlSiteBook(path).site().cameras == (*before.cameras, new)
    for one in before.cameras:
        book.put_camera(replace(one, detect_fps=1.0, zones=new.zones))
    kept = tuple(replace(one, detect_fps=1.0, zones=new.zones) for one in before.cameras)
    assert YamlSiteBook(path).site().cameras == (*kept, new)
    for one in (*before.cameras, new):
        book.remove_camera(one.id)
    assert YamlSiteBook(path).site() == replace(before, cameras=())
    assert ("\r\n" in text) == (b"\r\n" in path.read_bytes())


@contextmanager
def files_of_ten_bytes() -> Iterator[None]:
    """As on a full disk: no file can grow beyond ten bytes. As short as can be: it holds for pytest's output too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_cannot_be_written_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, "old\n", mode=0o600)
    with pytest.raises(CustosError, match="cannot be written: File too large"), files_of_ten_bytes():
        write_atomically(path, "new" * 100, mode=0o600)
    assert path.read_text() == "old\n"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_link_is_followed_and_stays_a_link(path: Path) -> None:
    link = path.with_name("link.yaml")
    link.symlink_to(path)
    YamlSiteBook(link, ENVIRON).put_camera(Camera("gate", "Gate", "rtsp://192.0.2.7/1"))
    assert link.is_symlink()
    assert "id: gate" in path.read_text()


def test_a_shape_that_is_too_small_is_warned_of_and_keeps_nothing_from_starting(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line of 0.015 of the picture, valid until then, kept every camera and door of a site down."""
    path.write_text(
        "site: {id: hq, name: HQ}\ncameras:\n  - id: a\n    url: x\n"
        "    zones:\n      - {id: z, polygon: [[0, 0], [0.001, 0], [0.001, 0.001]]}\n"
        "    lines:\n      - {id: wide, points: [[0, 0], [1, 0]]}\n      - {id: l, points: [[0, 0], [0.015, 0]]}\n"
    )
    (camera,) = YamlSiteBook(path).site().cameras
    assert (len(camera.zones), [line.id for line in camera.lines]) == (1, ["wide", "l"])
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [words.partition(": the ")[0] for words in told] == [
        f"{path}:6: camera 'a', zone 'z'",
        f"{path}:9: camera 'a', line 'l'",
    ]
    assert told[1].endswith(
        "the line is 0.015 of the picture long; 0.02 is the least. Draw its two points further apart."
    )
