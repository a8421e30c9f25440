"""Clips, the demo site and `custos simulate`, as files on a disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from custos.adapters.sitefile.reader import read_site
from custos.cli.main import main
from custos.model.errors import CustosError, UsageError
from custos.simulate.clip import Clip, ClipRequest, render_clip
from custos.simulate.devices import BADGES, GATES
from custos.simulate.drawing import draw_clips
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.site import DemoSite, ensure_demo
from custos.simulate.story import Story

SMALL = Settings(width_px=320, height_px=180)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Nine seconds of the street; the visitor comes in after three."""
    return render_clip(ClipRequest("street", tmp_path_factory.mktemp("clip"), 9.0, SMALL))


def test_the_video_shows_what_was_drawn(clip: Clip) -> None:
    renderer = CameraRenderer(SCENES["street"], Story(7), SMALL)
    with av.open(str(clip.video)) as video:
        frames = [frame.to_ndarray(format="yuv420p") for frame in video.decode(video=0)]
        assert float(video.streams.video[0].average_rate or 0) == pytest.approx(10.0, rel=0.02)
    assert len(frames) == clip.frames == 90
    for index in (1, 45, 90):
        loss = np.mean((frames[index - 1].astype(float) - renderer.frame(index).i420) ** 2)
        assert 10 * np.log10(255**2 / loss) > 32, f"frame {index}: PSNR in dB"


def test_every_frame_has_its_truth(clip: Clip) -> None:
    lines = [json.loads(line) for line in clip.truth.read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(1, 91))
    assert lines[0]["objects"] == []
    assert [o["name"] for o in lines[75]["objects"]] == ["visitor"]
    rows = [line.split(",") for line in clip.mot.read_text().splitlines()]
    assert [int(row[0]) for row in rows] == [line["frame"] for line in lines if line["objects"]]
    left, top, right, bottom = lines[75]["objects"][0]["box_px"]
    assert 0 < left < right < 320
    assert 0 < top < bottom < 180
    (row,) = [row for row in rows if row[0] == "76"]
    assert float(row[2]) + float(row[4]) == pytest.approx(right, abs=0.1)
    assert float(row[3]) + float(row[5]) == pytest.approx(bottom, abs=0.1)
    assert float(row[2]) == pytest.approx(left, abs=0.1)


def test_the_story_tells_what_happens_until_the_clip_ends(clip: Clip) -> None:
    told = [json.loads(line) for line in clip.story.read_text().splitlines()]
    assert [(h["kind"], h["place"]) for h in told] == [("zone.visited", "pavement")]
    assert all(h["start_s"] < 9 for h in told)


def test_half_a_clip_leaves_no_file(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_clip(ClipRequest("lobby", tmp_path, 5.0, SMALL), stop)
    assert list(tmp_path.iterdir()) == []


def test_requests_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no simulated camera is called 'roof'"):
        ClipRequest("roof", tmp_path)
    with pytest.raises(UsageError, match="seconds must lie in"):
        ClipRequest("street", tmp_path, 0.0)
    with pytest.raises(CustosError, match="cannot be written"):
        render_clip(ClipRequest("street", tmp_path / "none", 1.0, SMALL))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    seen: list[tuple[int, int]] = []
    made = ensure_demo(tmp_path_factory.mktemp("demo"), seconds=1.0, progress=lambda *n: seen.append(n))
    assert seen[-1] == (40, 40)
    assert seen == sorted(seen)
    return made


def test_the_demo_is_whole(demo: DemoSite) -> None:
    assert demo.rendered
    assert set(demo.clips) == set(SCENES)
    for files in (demo.clips, demo.truth, demo.mot, demo.story):
        assert all(path.is_file() and path.parent == demo.directory for path in files.values())
    assert demo.devices.read_text().count("\n") > 40
    assert [path.name for path in demo.directory.parent.iterdir()] == [demo.directory.name]
    for path in demo.clips.values():
        video = cv2.VideoCapture(str(path))
        assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 10
        assert (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (640, 360)


def test_the_demo_says_that_it_is_one(demo: DemoSite) -> None:
    """Symptom: `GET /site` said `demo: false` on the demo."""
    assert read_site(demo.site_file).demo


def test_the_demo_is_drawn_once(demo: DemoSite) -> None:
    before = {path: path.stat().st_mtime_ns for path in demo.directory.iterdir()}
    again = ensure_demo(demo.directory.parent, seconds=1.0)
    assert (again.rendered, again.directory) == (False, demo.directory)
    assert {path: path.stat().st_mtime_ns for path in demo.directory.iterdir()} == before


def test_an_interrupted_demo_leaves_nothing_behind_and_ends_soon(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_demo(tmp_path, seconds=600.0, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_one_clip_that_fails_ends_them_all_with_its_error(tmp_path: Path) -> None:
    requests = [ClipRequest("street", tmp_path, 600.0, SMALL), ClipRequest("lobby", tmp_path / "none", 1.0, SMALL)]
    with pytest.raises(CustosError, match="cannot be written") as failed:
        draw_clips(requests)
    assert failed.value.where == str(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_its_site_file_says_what_the_scenes_say(demo: DemoSite) -> None:
    site = read_site(demo.site_file)
    assert [camera.id for camera in site.cameras] == list(SCENES)
    for camera in site.cameras:
        scene = SCENES[camera.id]
        expected = scene.camera(camera.url, scene.view(640, 360))
        assert (camera.zones, camera.lines, camera.loop) == (expected.zones, expected.lines, True)
        assert Path(camera.url).name == f"{camera.id}.mp4"
    assert [(rule.id, rule.expected) for rule in site.rules] == [("dock-restricted", None), ("lobby-door", None)]
    assert [door.id for door in site.access.doors] == [gate.door_id for gate in GATES]
    assert {number for h in site.access.holders for number in [h.credentials[0].number]} == set(BADGES.values())
    assert site.devices == (), "what is not played is not named"


def test_a_demo_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CustosError, match="the demo cannot be drawn"):
        ensure_demo(tmp_path / "file", seconds=1.0)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


@pytest.fixture
def custos_simulate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs `custos simulate ARGUMENTS`."""

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["custos", "simulate", *(str(a) for a in arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, " ".join(said.err.replace("│", " ").split()))

    return run


def test_the_command_writes_what_it_says(tmp_path: Path, custos_simulate: Callable[..., Ran]) -> None:
    out = tmp_path / "new" / "folder"
    done = custos_simulate(
        "--out", out, "--camera", "lobby", "--camera", "dock", "--seconds", "1", "--fps", "5", "--size", "320x180",
        "--condition", "night", "--condition", "rain", "--bitrate", "100",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "10 frames in" in done.out
    endings = (".gt.txt", ".mp4", ".story.jsonl", ".truth.jsonl")
    assert sorted(p.name for p in out.iterdir()) == sorted(c + e for c in ("lobby", "dock") for e in endings)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--camera", "roof"), "There are: street, lobby, dock, shop"),
        (("--size", "640"), "Write it like 640x360"),
        (("--size", "641x360"), "width_px must be an even number"),
        (("--fps", "0"), "fps must lie in"),
        (("--seconds", "-1"), "seconds must lie in"),
        (("--bitrate", "1"), "--bitrate must lie in"),
        (("--condition", "snow"), "'snow' is not one of"),
        (("--seed", "-1"), "'--seed'"),
    ],
)
def test_wrong_use_ends_with_2_and_writes_nothing(
    tmp_path: Path, custos_simulate: Callable[..., Ran], arguments: tuple[str, ...], says: str
) -> None:
    done = custos_simulate("--out", tmp_path / "out", *arguments)
    assert done.status == 2
    assert says in done.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_ends_with_1(tmp_path: Path, custos_simulate: Callable[..., Ran]) -> None:
    (tmp_path / "file").write_text("")
    done = custos_simulate("--out", tmp_path / "file" / "out", "--seconds", "1")
    assert done.status == 1
    assert "the folder cannot be made" in done.err
