"""Rule files: what is wrong with them is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from custos.adapters.rulefiles import parse_rule, read_rules
from custos.adapters.sitefile.problems import SiteFileError

GOOD = """\
id: mine
title: Mine
status: test
level: high
description: d.
operator: "At {door}."
events:
  forced: {type: door.forced}
  denied: {type: access.denied, where: 'event.data.reason == "Other"'}
correlation:
  type: temporal_ordered
  rules: [denied, forced]
  group-by: [door]
  timespan: 2m
examples:
  - {name: a, fires: true, events: [{at: 0, type: door.forced, door: front}]}
  - {name: b, fires: false, events: [{at: 0, type: door.opened, door: front}]}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(SiteFileError) as caught:
        parse_rule(text, "mine.yaml")
    return [str(p).removeprefix("mine.yaml:") for p in caught.value.problems]


def test_a_rule_is_read() -> None:
    rule = parse_rule(GOOD)
    assert (rule.id, rule.level, rule.correlation.timespan_s, rule.group_gap_s) == ("mine", "high", 120.0, 300.0)
    assert [e.line for e in rule.examples] == [16, 17]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title:", "titel:", "1: key 'title' is missing from the file. See docs/rules.md."),
        ("group-by: [door]", "groupby: [door]", "13: key 'groupby' is not known. Did you mean 'group-by'?"),
        ("group-by: [door]", "group-by: [dor]", "13: events are not grouped by 'dor'. Did you mean 'door'?"),
        ("timespan: 2m", "timespan: soon", "14: 'soon' is no length of time. Write it like 90s, 5m or 8h."),
        ("timespan: 2m", "timespan: 0s", "11: temporal_ordered needs a timespan. Write timespan: 60s."),
        ("type: door.forced}", "type: door.force}",
         "8: there is no event type 'door.force'. Did you mean 'door.forced'?"),
        ("rules: [denied, forced]", "rules: [denied, force]",
         "12: there is no event pattern 'force'. Did you mean 'forced'?"),
        ("event.data.reason", "event.data.reasn", "9: access.denied have no field 'reasn'. Did you mean 'reason'?"),
        ("event.data.reason ==", "event.data.reason =",
         "9: where: this is no CEL expression (column 19). See docs/rules.md for what CEL may say."),
        ("event.data.reason", "evnt.data.reason",
         "9: where: there is no 'evnt'; there is event (column 1). See docs/rules.md for what CEL may say."),
        ("type: temporal_ordered", "type: event_count",
         "11: event_count needs a condition. Write condition: {gte: 3}."),
        ("{door}", "{dor}", "6: nothing is called 'dor' here. Did you mean 'door'?"),
        ("fires: false", "fires: true", "16: examples must show both what fires and what does not."),
        ("type: door.opened", "type: door.open",
         "17: an example's event needs `at`, in seconds, and a `type` that exists. Did you mean 'door.opened'?"),
        ("door: front}]}\n  - {name: b", "doors: front}]}\n  - {name: b",
         "16: key 'doors' is not known. Did you mean 'door'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule(old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert told in problems(GOOD.replace(old, new, 1))


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("door.forced}", "door.force}"))
    (tmp_path / "b.yaml").write_text("- 3")
    (tmp_path / "c.yaml").write_text(GOOD)
    (tmp_path / "d.yaml").write_text(GOOD)
    with pytest.raises(SiteFileError) as caught:
        read_rules([tmp_path])
    told = [(Path(p.file).name, p.line) for p in caught.value.problems]
    assert told == [("a.yaml", 8), ("b.yaml", 1), ("d.yaml", 1)]
