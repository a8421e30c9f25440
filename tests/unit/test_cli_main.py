"""The command line reads a command only when it is called, and says of it what the command says of itself."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from custos.cli.main import PARTS, app, whole


@pytest.mark.parametrize("name", PARTS)
def test_the_list_says_what_the_command_says_of_itself(name: str) -> None:
    said = inspect.cleandoc(whole(name).help).split("\n\n")[0].replace("\n", " ")
    assert PARTS[name].help == said


def test_the_list_has_every_command() -> None:
    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert all(f" {name} " in told for name in PARTS)


def test_what_is_called_is_read_whole() -> None:
    told = CliRunner().invoke(app, ["models", "pull", "--help"], env={"COLUMNS": "200"})
    assert told.exit_code == 0
    assert "models pull" in told.output


def test_a_command_that_is_not_there_is_a_usage_error() -> None:
    told = CliRunner().invoke(app, ["analyse"], env={"COLUMNS": "200"})
    assert told.exit_code == 2
    assert "analyze" in told.output


def test_the_list_needs_no_part() -> None:
    asked = "import sys; from custos.cli.main import app; print([n for n in sys.modules if n in ('cv2', 'sqlalchemy')])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=240)
    assert ran.stdout.strip() == "[]"
