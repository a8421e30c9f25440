"""`custos eval alerts` on a site with one door and a day of an hour, and what it says of folders that are no month."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from custos.cli.evaluate import app
from custos.model.errors import UsageError
from custos.pipeline.cloudevents import to_cloudevent
from custos.testing.premises import DoorEvents

RUN = CliRunner()
SITE = """\
site: {id: hq, name: Headquarters}
areas:
  - {id: street, name: Street, outside: true}
  - {id: office, name: Office}
doors:
  - {id: front, name: Front door, areas: [street, office], readers: [{id: front-in, into: office}]}
"""
TRUTH = {
    "number": 1, "kind": "forced-door", "start": "2026-03-03T10:10:00Z", "end": "2026-03-03T10:10:05Z",
    "places": ["doors/front"], "story": "The door is forced.", "event_ids": [],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody goes in, the door is forced ten minutes later, and an hour after that an exit sensor misses somebody."""
    door = DoorEvents()
    door.passed(0, "1001")
    for forced_s in (600, 4200):
        door.opened(forced_s)
        door.say("door.alarmed", forced_s, alarm="DoorForcedOpen")
        door.closed(forced_s + 5)
    told = [{**to_cloudevent(event), "heardat": event.at.isoformat()} for event in door.told]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told))
    (tmp_path / "truth.jsonl").write_text(json.dumps(TRUTH) + "\n")
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path


def test_it_counts_what_was_found_and_what_was_wrong(folder: Path) -> None:
    told = RUN.invoke(app, ["alerts", str(folder), "--json"], catch_exceptions=False)
    (score,) = json.loads(told.output)
    assert (score["true"], score["found"], score["recall"]) == (1, 1, 1.0)
    assert (score["alerts"], score["right"], score["raw_alarms"]) == (2, 1, 2)
    assert [rule["rule_id"] for rule in score["rules"]] == ["door-forced-unwatched"]
    assert [one["opened_at"][:16] for one in score["wrong"]] == ["2026-03-03 11:10"]


def test_it_lists_what_was_missed_and_what_was_wrong(folder: Path) -> None:
    elsewhere = {**TRUTH, "places": ["doors/back"]}
    (folder / "truth.jsonl").write_text(json.dumps(elsewhere) + "\n")
    told = RUN.invoke(app, ["alerts", str(folder), "--misses", "--wrong"], catch_exceptions=False).output
    told = " ".join(told.split())
    assert "0 of 1 incidents found" in told
    assert "missed: forced-door at 2026-03-03 10:10:00, doors/back" in told
    assert told.count("wrong: door-forced-unwatched at 2026-03-03 1") == 2


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("events.jsonl", None, "events.jsonl is not there"),
        ("truth.jsonl", None, "truth.jsonl is not there"),
        ("events.jsonl", "", "there is no event in it"),
        ("events.jsonl", "{}\n", "events.jsonl:1: this is no event"),
        ("events.jsonl", "no json\n", "events.jsonl:1: this is no event"),
        ("truth.jsonl", '{"number": 1}\n', "truth.jsonl:1: this is no line of truth"),
        ("site.yaml", "site: {id: hq}\n", "name"),
    ],
)
def test_a_folder_that_is_no_month(folder: Path, file: str, text: str | None, says: str) -> None:
    if text is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(text)
    told = RUN.invoke(app, ["alerts", str(folder), "--json"])
    assert told.exit_code != 0
    assert says in str(told.exception)
    assert isinstance(told.exception, UsageError) or "site.yaml" in str(told.exception)
