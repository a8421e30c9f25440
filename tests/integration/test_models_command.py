"""`custos models` as a person or a script uses it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from custos.adapters.detectors.registry import Registry, load_manifest

NAMES = load_manifest().names
RUN = "from custos.cli.main import main; main()"


def custos(models: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CUSTOS_MODELS": str(models), "COLUMNS": "160"}
    if path is not None:  # no npm, and no way out
        environment |= {"PATH": path, "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-c", RUN, "models", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("models")
    ended = custos(directory, "pull", "centernet-mb3")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"centernet-mb3 is ready: {directory / 'centernet-mb3.onnx'}\n"
    assert "importing to ONNX" in ended.stderr, "long work shows progress"
    return directory


def test_list_tells_what_there_is(pulled: Path) -> None:
    ended = custos(pulled, "list")
    assert ended.returncode == 0
    rows = {line.split()[0]: line for line in ended.stdout.splitlines() if line.split()}
    assert "MIT" in rows["centernet-mb3"]
    assert "8.2 MB" in rows["centernet-mb3"]
    assert rows["centernet-mb3"].rstrip().endswith("yes, verified")
    assert rows["yolox-nano"].rstrip().endswith("no")
    assert str(pulled) in ended.stdout


def test_list_for_machines(pulled: Path) -> None:
    models = json.loads(custos(pulled, "list", "--json").stdout)
    assert [model["name"] for model in models] == NAMES
    here = {model["name"]: (model["present"], model["verified"]) for model in models}
    assert here == dict.fromkeys(NAMES, (False, False)) | {"centernet-mb3": (True, True)}
    assert all(len(model["sha256"]) == 64 and model["licence"] and model["size_bytes"] for model in models)


def test_pull_without_a_name_keeps_what_is_here(pulled: Path, tmp_path: Path) -> None:
    ended = custos(pulled, "pull", path=str(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"centernet-mb3 is ready: {pulled / 'centernet-mb3.onnx'}\n"


def test_pull_without_a_name_gets_a_model(tmp_path: Path) -> None:
    """The best that can be had: which, the network decides."""
    ended = custos(tmp_path, "pull", "--json")
    assert ended.returncode == 0, ended.stderr
    (model,) = json.loads(ended.stdout)
    best = Registry(tmp_path).best_present()
    assert best is not None
    assert (model["name"], model["verified"]) == (best.entry.name, True)
    for better in NAMES[: NAMES.index(best.entry.name)]:
        assert f"{better} could not be had: github.com: " in ended.stderr


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_pull_that_gets_nothing_says_why_for_each(arguments: list[str], tmp_path: Path) -> None:
    ended = custos(tmp_path / "m", "pull", *arguments, path=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stdout == ""
    for name in NAMES:
        assert f"{name} could not be had: " in ended.stderr
    assert "npm: not installed" in ended.stderr
    assert "error:" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pull", "yolo"], "no model is called 'yolo'"),
        (["verify", "yolo"], "no model is called 'yolo'"),
        (["pull", "--all", "yolox-nano"], "--all and names exclude each other"),
    ],
)
def test_wrong_usage_ends_with_status_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    ended = custos(tmp_path, *arguments)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_verify(pulled: Path, tmp_path: Path) -> None:
    ended = custos(pulled, "verify")
    assert (ended.returncode, ended.stdout) == (0, "centernet-mb3: yes, verified\n")
    nothing = custos(tmp_path, "verify")
    assert nothing.returncode == 1
    assert "no model is here" in nothing.stderr
    assert custos(pulled, "verify", "yolox-nano").returncode == 1


def test_verify_of_a_changed_file_says_what_to_do(pulled: Path, tmp_path: Path) -> None:
    content = bytearray((pulled / "centernet-mb3.onnx").read_bytes())
    content[4_000_000] ^= 1
    (tmp_path / "centernet-mb3.onnx").write_bytes(content)
    ended = custos(tmp_path, "verify")
    assert ended.returncode == 1
    assert "centernet-mb3: wrong hash" in ended.stdout
    assert "custos models pull centernet-mb3" in ended.stderr
    assert json.loads(custos(tmp_path, "verify", "--json").stdout)[0]["verified"] is False
