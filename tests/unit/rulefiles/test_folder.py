"""A folder of rule files that people change while the rules are in force."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from custos.adapters.rulefiles import SHIPPED, RuleFolder
from custos.adapters.sitefile.problems import SiteFileError
from custos.correlation import RuleDefinition

SHIPPED_ONES = (SHIPPED / "duress.yaml",)
RULE = """
id: {id}
title: {title}
status: test
level: low
description: A door was opened.
operator: "{{door}} was opened."
events:
  opened: {{type: {type}}}
correlation: {{type: event, rules: [opened], group-by: [door]}}
examples:
  - {{name: opened, fires: true, events: [{{at: 0, type: {type}, door: front}}]}}
  - {{name: closed, fires: false, events: [{{at: 0, type: door.closed, door: front}}]}}
"""


def write(folder: Path, name: str, rule_id: str, *, title: str = "Opened", type_: str = "door.opened") -> None:
    """Save it as an editor does, with a time of change that no earlier save had."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    changed_ns = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(RULE.format(id=rule_id, title=title, type=type_), encoding="utf-8")
    os.utime(path, ns=(changed_ns + 1_000_000, changed_ns + 1_000_000))


def ids(rules: Sequence[RuleDefinition]) -> list[str]:
    return [rule.id for rule in rules]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rules"


def test_without_a_folder_there_are_the_shipped_ones(folder: Path) -> None:
    rules = RuleFolder(folder)
    assert len(rules.rules()) >= 25
    assert rules.faults() == ()
    assert not rules.refresh()


def test_a_file_is_added_changed_and_taken_away(folder: Path) -> None:
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    told: list[list[str]] = []
    rules.on_change(lambda now: told.append(ids(now)))
    write(folder, "one.yaml", "one")
    assert rules.refresh()
    write(folder, "two.yaml", "two")
    assert rules.refresh()
    first, one, two = rules.rules()
    write(folder, "two.yaml", "two", title="Another")
    assert rules.refresh()
    assert not rules.refresh(), "nothing has changed since"
    assert rules.rules()[:2] == (first, one)
    assert rules.rules()[1] is one, "by which the engine knows that it goes on undisturbed"
    assert rules.rules()[2] is not two
    assert rules.rules()[2].title == "Another"
    (folder / "one.yaml").unlink()
    assert rules.refresh()
    assert told == [["duress", "one"], ["duress", "one", "two"], ["duress", "one", "two"], ["duress", "two"]]


def test_a_file_that_is_only_touched_changes_nothing(folder: Path) -> None:
    write(folder, "one.yaml", "one")
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    before = rules.rules()
    os.utime(folder / "one.yaml", ns=(9, 9))
    assert not rules.refresh()
    assert not rules.reread()
    assert all(a is b for a, b in zip(before, rules.rules(), strict=True))


def test_a_wrong_file_is_refused_with_its_line_and_the_others_are_taken_up(folder: Path) -> None:
    write(folder, "one.yaml", "one")
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    write(folder, "one.yaml", "one", title="New", type_="door.opend")
    write(folder, "two.yaml", "two")
    assert rules.refresh()
    assert [(rule.id, rule.title) for rule in rules.rules()[1:]] == [("one", "Opened"), ("two", "Opened")]
    (fault, *_) = rules.faults()
    assert (fault.file, fault.line) == (str(folder / "one.yaml"), 9)
    assert "there is no event type 'door.opend'" in fault.what
    assert "door.opened" in fault.remedy
    write(folder, "one.yaml", "one", title="New")
    assert rules.refresh()
    assert rules.rules()[1].title == "New"
    assert rules.faults() == ()


def test_an_id_that_another_file_has_is_refused(folder: Path) -> None:
    write(folder, "one.yaml", "one")
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    write(folder, "two.yaml", "one")
    write(folder, "three.yaml", "duress")
    assert not rules.refresh()
    assert ids(rules.rules()) == ["duress", "one"]
    assert [Path(fault.file).name for fault in rules.faults()] == ["three.yaml", "two.yaml"]
    assert rules.faults()[1].what == "rule id 'one' is used twice, first in one.yaml", (
        "where it lies is nobody's business"
    )


def test_a_wrong_file_does_not_keep_the_site_from_starting(folder: Path) -> None:
    """Symptom: a slip in a rule file, a power cut at night, and no server in the morning."""
    folder.mkdir()
    (folder / "bad.yaml").write_text("id: [", encoding="utf-8")
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    write(folder, "one.yaml", "one")
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    assert ids(rules.rules()) == ["duress", "one"]
    assert {Path(fault.file).name for fault in rules.faults()} == {"bad.yaml", "gone.yaml"}


def test_the_log_says_whether_what_a_wrong_file_said_before_still_is(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Symptom: at a start a wrong rule was left out, and the log said that it was in force as before."""
    write(folder, "one.yaml", "one", type_="door.opend")
    rules = RuleFolder(folder, shipped=SHIPPED_ONES)
    (left_out,) = [record.getMessage() for record in caplog.records]
    assert left_out.startswith("rule files that are left out:\n")
    write(folder, "one.yaml", "one")
    rules.refresh()
    caplog.clear()
    write(folder, "one.yaml", "one", type_="door.opend")
    write(folder, "two.yaml", "two", type_="door.opend")
    rules.refresh()
    left_out, before = [record.getMessage() for record in caplog.records]
    assert "two.yaml" in left_out
    assert "one.yaml" not in left_out
    assert "what they said before still is" in before
    assert "one.yaml" in before


def test_wrong_shipped_rules_are_an_error(folder: Path) -> None:
    write(folder, "one.yaml", "one", type_="nothing.of.the.kind")
    with pytest.raises(SiteFileError):
        RuleFolder(folder, shipped=(folder,))
