"""`custos doctor` on a real machine: real ports, disks, clips and cameras."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from custos.cli import checks
from custos.cli.checks import State
from custos.cli.doctor import doctor
from custos.model.site import Camera, DetectorChoice
from custos.testing.clips import write_clip

app = typer.Typer()
app.command()(doctor)


def test_machine() -> None:
    findings = {one.subject: one for one in checks.check_machine()}
    assert set(findings) == {"processor", "memory", "instructions", "Python"}
    assert findings["memory"].found.endswith("GiB")
    assert State.FAIL not in {one.state for one in findings.values()}


def test_codecs_decode_what_cameras_send() -> None:
    assert [(one.subject, one.state) for one in checks.check_codecs()] == [
        ("H.264", State.OK),
        ("H.265", State.OK),
    ]


def test_a_port_that_is_free_and_one_that_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        taken = checks.check_port("127.0.0.1", port)
        assert taken.state is State.FAIL
        assert f"in use by process {os.getpid()}: " in taken.found
        assert "--port" in taken.remedy
    assert checks.check_port("127.0.0.1", port).state is State.OK
    assert "cannot be used" in checks.check_port("192.0.2.1", port).found


def test_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    findings = checks.check_disk(tmp_path / "not" / "there" / "yet")
    assert [one.subject for one in findings] == ["disk", "disk speed"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_nobody_can_write(tmp_path: Path) -> None:
    (found,) = checks.check_disk(Path("/proc/1"))
    assert found.state is State.FAIL
    assert "--data-dir" in found.remedy


def test_without_a_model_the_remedy_is_to_pull_one(tmp_path: Path) -> None:
    (found,) = checks.check_model(tmp_path, DetectorChoice(), 1)
    assert found.state is State.FAIL
    assert "custos models pull" in found.remedy


def test_cameras_are_asked(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4")
    cameras = [
        Camera("good", "Good", str(clip)),
        Camera("gone", "Gone", str(tmp_path / "gone.mp4")),
        Camera("off", "Off", str(tmp_path / "gone.mp4"), enabled=False),
        Camera("dead", "Dead", "rtsp://admin:hunter2@127.0.0.1:1/"),
    ]
    findings = {one.subject: one for one in checks.check_cameras(cameras, 60.0)}
    assert {name: one.state for name, one in findings.items()} == {
        "camera good": State.OK,
        "camera gone": State.FAIL,
        "camera dead": State.FAIL,
    }
    assert findings["camera good"].found.startswith("h264 64x48, 10 pictures/s")
    assert all(one.remedy for one in findings.values() if one.state is State.FAIL)
    assert "hunter2" not in str(findings)


def test_a_site_file_in_which_something_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    line = "{id: l, points: [[0, 0], [0.015, 0]]}"
    path.write_text(f"site: {{id: hq, name: HQ}}\ncameras: [{{id: a, url: x, lines: [{line}]}}]\n")
    checked = checks.check_site(path)
    assert checked.site is not None
    assert [one.state for one in checked.findings] == [State.OK, State.WARN]
    assert f"{path}:2: camera 'a', line 'l': the line is 0.015" in checked.findings[1].found


@pytest.mark.parametrize(("key", "state"), [("name", "ok"), ("nam", "fail")])
def test_the_command_tells_and_fails(tmp_path: Path, key: str, state: str) -> None:
    config = tmp_path / "site.yaml"
    config.write_text(f"site: {{id: hq, {key}: HQ}}\n")
    options = ["--json", "--config", str(config), "--data-dir", str(tmp_path), "--port", "0"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        options[-1] = str(server.getsockname()[1])
    result = CliRunner().invoke(app, options, env={"CUSTOS_MODELS": str(tmp_path / "none")})
    told = json.loads(result.stdout)
    states = {one["subject"]: one["state"] for one in told["findings"]}
    assert states["site file"] == state
    assert states["model"] == "fail"
    assert (result.exit_code, told["healthy"]) == (1, False)


def test_the_table_says_what_to_do(tmp_path: Path) -> None:
    options = ["--data-dir", str(tmp_path), "--port", "1"]
    result = CliRunner().invoke(app, options, env={"CUSTOS_MODELS": str(tmp_path), "COLUMNS": "100"})
    assert result.exit_code == 1
    assert "-> Run `custos models pull`" in result.stdout
    assert "must be mended" in result.stdout
