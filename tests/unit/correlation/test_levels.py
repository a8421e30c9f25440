"""What a rule's level means for what becomes of what it says."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from custos.adapters.bus import InProcessBus
from custos.adapters.rulefiles import SHIPPED, read_rule
from custos.correlation import build_rules
from custos.correlation.example_site import example_site
from custos.model.event import Event
from custos.pipeline.hub import Hub
from custos.pipeline.ports import IncidentQuery
from custos.testing.premises import at
from custos.testing.store import InMemoryStore

CONTRADICTED = read_rule(SHIPPED / "panel-alarm-contradicted.yaml")


@pytest.mark.parametrize(("level", "opened"), [("info", []), ("low", ["low"]), ("high", ["high"])])
def test_a_rule_of_level_info_is_noted_and_opens_nothing(level: str, opened: list[str]) -> None:
    site, store, ids = example_site(), InMemoryStore(), count(1)
    rule = replace(CONTRADICTED, level=level)
    hub = Hub(
        site.id, store, InProcessBus(), lambda: build_rules(site, [rule]), new_id=lambda: str(next(ids)), settle_s=0
    )
    hub.start(at(0))
    source, data = "/sites/example/panels/panel-1", {"panel_id": "panel-1", "kind": "burglary"}
    hub.accept([Event("a", "panel.alarmed", at(100), source, None, {**data})])
    hub.advance(at(200))
    assert [one.severity for one in store.incidents(site.id, IncidentQuery()).items] == opened
    assert store.signal_counts(site.id, since=at(0)) == {rule.id: 1}, "it counts as a hit"
