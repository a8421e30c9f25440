"""`custos rules`: lint, test and explain, as people and machines run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from custos.cli.rules import app
from custos.model.errors import UsageError
from custos.pipeline.cloudevents import to_cloudevent
from custos.testing.premises import DoorEvents

RUN = CliRunner()


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    """Refused, then forced, at the example site's front door."""
    door = DoorEvents()
    door.denied(0, "9")
    door.say("door.forced", 30, reason="no grant", event_ids=["front-1"])
    path = tmp_path / "events.jsonl"
    lines = [json.dumps(to_cloudevent(e)).replace("/sites/hq/", "/sites/example/") for e in door.told]
    path.write_text("\n".join([*lines, ""]))
    return path


def test_the_shipped_rules_are_sound() -> None:
    assert "nothing wrong" in RUN.invoke(app, ["lint"], catch_exceptions=False).output
    tried = json.loads(RUN.invoke(app, ["test", "--json"], catch_exceptions=False).output)
    assert tried["failures"] == []
    assert tried["examples"] >= 2 * tried["rules"] >= 50


@pytest.mark.parametrize("arguments", [["lint", "none.yaml"], ["test", "none.yaml"], ["explain", "none.yaml", "x"]])
def test_a_rule_file_that_is_not_there(arguments: list[str]) -> None:
    """Symptom: it was told to give the path of a site file with --config."""
    told = str(RUN.invoke(app, arguments).exception)
    assert "none.yaml: there is no such file." in told
    assert "--config" not in told


def test_an_example_that_lies_ends_with_status_1(tmp_path: Path) -> None:
    from custos.adapters.rulefiles import SHIPPED

    text = (SHIPPED / "door-propped.yaml").read_text().replace("fires: true", "fires: was true", 1)
    text = text.replace("fires: false", "fires: true").replace("fires: was true", "fires: false")
    (tmp_path / "lies.yaml").write_text(text)
    told = RUN.invoke(app, ["test", str(tmp_path)])
    assert told.exit_code == 1
    assert "'propped' must not fire and did" in told.output
    assert "0 of 3 examples" in told.output


def test_explain_says_why(stream: Path) -> None:
    told = RUN.invoke(app, ["explain", "denied-then-forced", str(stream)], catch_exceptions=False).output
    assert "fired at 2026-03-03 10:00:30: Somebody was refused at Front door and then it was forced" in told
    machine = RUN.invoke(app, ["explain", "denied-then-forced", str(stream), "--json"], catch_exceptions=False).output
    assert json.loads(machine)["fired"][0]["event_ids"] == ["front-1", "front-2"]


def test_explain_says_why_not(stream: Path) -> None:
    stream.write_text(stream.read_text().splitlines()[0])
    told = RUN.invoke(app, ["explain", "denied-then-forced", str(stream)], catch_exceptions=False).output
    assert "front: denied came; missing: forced" in told


def test_what_cannot_be_explained(stream: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule that comes with Custos is called 'nope'"):
        RUN.invoke(app, ["explain", "nope", str(stream)], catch_exceptions=False)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no rule file in this folder"):
        RUN.invoke(app, ["lint", str(tmp_path / "empty")], catch_exceptions=False)
    stream.write_text(stream.read_text().replace("/sites/example/", "/sites/hq/"))
    with pytest.raises(UsageError, match="belong to site 'hq', not to 'example'"):
        RUN.invoke(app, ["explain", "tailgating", str(stream)], catch_exceptions=False)
    stream.write_text("{}\n")
    with pytest.raises(UsageError, match="this line is no CloudEvent"):
        RUN.invoke(app, ["explain", "tailgating", str(stream)], catch_exceptions=False)
