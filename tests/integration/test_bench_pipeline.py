"""`custos bench pipeline` over a real worker, briefly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from custos.adapters.detectors.registry import Registry
from custos.cli.main import app
from custos.cli.options import models_dir
from custos.testing.clips import write_stage_clip
from custos.testing.stage import Actor, Stage, walk

RUNNER = CliRunner()
QUICK = ["bench", "pipeline", "--cameras", "2", "--one-in", "2", "--seconds", "5", "--warm-up", "0"]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("bench")
    passer = Stage(Actor(walk((-20, 200), (340, 200), from_s=0, to_s=5, height_px=90)))
    made = [write_stage_clip(folder / f"{n}.mp4", stage, seconds=6) for n, stage in enumerate((Stage(), passer))]
    return str(made[0]), str(made[1])


def test_one_recording_alone_is_refused(clips: tuple[str, str]) -> None:
    answer = RUNNER.invoke(app, [*QUICK, "--quiet", clips[0]])
    assert answer.exit_code != 0
    assert "--quiet and --busy go together" in str(answer.exception)


@pytest.mark.skipif(Registry(models_dir()).best_present() is None, reason="no detection model on this machine")
def test_a_worker_is_run_and_measured(clips: tuple[str, str], tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    answer = RUNNER.invoke(app, [*QUICK, "--quiet", clips[0], "--busy", clips[1], "--json", "--plot", str(plot)])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert told["cameras"] == 2
    assert told["quiet_cores"] > 0
    for camera in told["by_camera"]["mixed"].values():
        assert camera["looks"] >= 5, "a picture a second at least"
        assert 0 <= camera["late"] <= camera["looks"]
    assert told["mixed_processes"] == 4, "worker, host, and a process for each camera"
    assert set(told["by_camera"]["mixed"]) == {"cam-000", "cam-001"}
    assert plot.read_text().startswith("<svg")
