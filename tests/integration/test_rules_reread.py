"""Rule files that change while the hub runs: what is new counts at once, and what did not change forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import cast

from custos.access import build_access
from custos.adapters.bus import InProcessBus
from custos.adapters.rulefiles import RuleFolder, read_rules
from custos.adapters.store import SqlStore, open_store
from custos.app.ordered_hub import OrderedHub, replay_s_of
from custos.correlation import build_rules
from custos.correlation.example_site import example_site
from custos.model.event import Event, Json
from custos.pipeline.hub import Hub
from custos.pipeline.ports import IncidentQuery
from custos.testing.premises import at

EXAMPLES = """
examples:
  - {name: a, fires: true, events: [{at: 0, type: sensor.triggered, sensor: lux-1, data: {quantity: smoke}},
                                    {at: 1, type: sensor.triggered, sensor: lux-1, data: {quantity: smoke}},
                                    {at: 2, type: sensor.triggered, sensor: lux-1, data: {quantity: smoke}}]}
  - {name: b, fires: false, events: [{at: 0, type: sensor.cleared, sensor: lux-1}]}
"""


def smoke(rule_id: str, least: int, span: str = "10m") -> str:
    return f"""
id: {rule_id}
title: Smoke {least}
status: test
level: low
description: d.
operator: "{{count}} at {{sensor}}."
events: {{smoke: {{type: sensor.triggered, where: 'event.data.quantity == "smoke"'}}}}
correlation: {{type: event_count, rules: [smoke], group-by: [sensor], timespan: {span}, condition: {{gte: {least}}}}}
{EXAMPLES}"""


LATER = """
id: unanswered
title: Unanswered
status: test
level: low
description: d.
operator: "d."
events: {smoke: {type: sensor.triggered}, over: {type: sensor.cleared}}
correlation: {type: absence, rules: [smoke], without: [over], group-by: [sensor], timespan: 60s}
examples:
  - {name: a, fires: true, events: [{at: 0, type: sensor.triggered, sensor: lux-1}]}
  - {name: b, fires: false, events: [{at: 0, type: sensor.cleared, sensor: lux-1}]}
"""


class Running:
    """A hub that runs, and the folder of its site's rules. Time is what it is told."""

    def __init__(self, folder: Path, store: SqlStore) -> None:
        self.folder, self.store, self.now_s = folder, store, 0.0
        self.site = example_site()
        self.rules = RuleFolder(folder, shipped=())
        self._ids = count(1)
        site, rules = self.site, self.rules.rules()
        inner = Hub(
            site.id, store, InProcessBus(), lambda: build_rules(site, rules),
            make_consumers=lambda: build_access(site), new_id=lambda: f"{next(self._ids):04}", settle_s=0,
            replay_s=replay_s_of(site, rules),
        )  # fmt: skip
        inner.start(at(0))
        clock, steady = lambda: at(self.now_s), lambda: self.now_s
        self.hub = OrderedHub(inner, rules, clock=clock, steady=steady, grace_s=0)

    def write(self, name: str, text: str) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    async def reread(self) -> None:
        """As the server does when a file has changed."""
        if self.rules.reread():
            await self.hub.revise(self.site, self.rules.rules())

    async def smoke(self, seconds: float) -> None:
        self.now_s = seconds
        source = "/sites/example/sensors/lux-1"
        data = {"sensor_id": "lux-1", "quantity": "smoke"}
        await self.hub.accept([Event(f"s{seconds:g}", "sensor.triggered", at(seconds), source, None, {**data})])
        await self.hub.advance()

    async def wait_until(self, seconds: float) -> None:
        self.now_s = seconds
        await self.hub.advance()

    def told(self) -> list[tuple[str, int]]:
        """Every incident's rule and how many events it rests on, the oldest first."""
        found = self.store.incidents("example", IncidentQuery()).items
        return [(one.rule_id, len(one.event_ids)) for one in sorted(found, key=lambda i: i.number)]


@contextmanager
def running(tmp_path: Path) -> Iterator[Running]:
    store = open_store(f"sqlite:///{tmp_path / 'custos.db'}")
    try:
        yield Running(tmp_path / "rules", store)
    finally:
        store.close()


def run(main: Coroutine[None, None, None]) -> None:
    asyncio.run(main)


def test_a_rule_that_is_added_counts_from_then_on_and_knows_the_past(tmp_path: Path) -> None:
    async def main() -> None:
        with running(tmp_path) as site:
            for seconds in (0, 10, 20):
                await site.smoke(seconds)
            site.write("two.yaml", smoke("two", 2))
            site.write("four.yaml", smoke("four", 4))
            await site.reread()
            assert site.told() == [], "what was over before is not told of"
            await site.smoke(30)
            # the first two belong together and were over; the third waited for a second, and the fourth makes four
            assert sorted(site.told()) == [("four", 4), ("two", 2)]

    run(main())


def test_a_changed_rule_is_the_new_one_and_one_taken_away_says_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        with running(tmp_path) as site:
            site.write("one.yaml", smoke("one", 3))
            await site.reread()
            await site.smoke(0)
            site.write("one.yaml", smoke("one", 2))
            await site.reread()
            await site.smoke(10)
            assert site.told() == [("one", 2)]
            (site.folder / "one.yaml").unlink()
            await site.reread()
            await site.smoke(20)
            await site.smoke(30)
            assert site.told() == [("one", 2)]

    run(main())


def test_a_bad_file_changes_nothing_and_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        with running(tmp_path) as site:
            site.write("one.yaml", smoke("one", 2))
            await site.reread()
            await site.smoke(0)
            site.write("one.yaml", smoke("one", 1).replace("sensor.triggered", "sensor.trigered"))
            await site.reread()
            assert "there is no event type 'sensor.trigered'" in site.rules.faults()[0].what
            await site.smoke(10)
            assert site.told() == [("one", 2)]

    run(main())


def test_what_an_unchanged_rule_remembers_outlives_what_the_store_no_longer_has(tmp_path: Path) -> None:
    """It is kept, not heard again."""

    async def main() -> None:
        with running(tmp_path) as site:
            site.write("three.yaml", smoke("three", 3))
            site.write("later.yaml", LATER)
            await site.reread()
            for seconds in (0, 10):
                await site.smoke(seconds)
            site.store.prune("example", before=at(3600))
            site.write("other.yaml", smoke("other", 3))
            await site.reread()
            await site.smoke(20)
            assert site.told() == [("three", 3)], "the new one knows of a single one"
            await site.wait_until(62.5)
            assert site.told() == [("three", 3), ("unanswered", 1)], "it still waits, and each is told once"
            await site.wait_until(100)
            assert [rule_id for rule_id, _ in site.told()] == ["three", "unanswered"]

    run(main())


def test_a_new_rule_that_waits_goes_on_waiting(tmp_path: Path) -> None:
    async def main() -> None:
        with running(tmp_path) as site:
            await site.smoke(0)
            await site.smoke(100)
            site.write("later.yaml", LATER)
            await site.reread()
            await site.wait_until(161)
            assert site.told() == []
            await site.wait_until(163)
            assert site.told() == [("unanswered", 1)], "the one of the past is over, the other is not"

    run(main())


def test_rules_survive_a_failed_step_after_a_change(tmp_path: Path) -> None:
    async def main() -> None:
        with running(tmp_path) as site:
            site.write("two.yaml", smoke("two", 2))
            await site.reread()
            await site.smoke(0)
            source, unwritable = "/sites/example/sensors/lux-1", cast(dict[str, Json], {"quantity": object()})
            foreign = Event("x", "sensor.triggered", at(5), source, None, unwritable)
            (failed,) = await asyncio.gather(site.hub.accept([foreign]), return_exceptions=True)
            assert isinstance(failed, Exception)
            await site.smoke(10)
            assert site.told() == [("two", 2)]

    run(main())


def test_shipped_rules_are_revised_without_a_signal(tmp_path: Path) -> None:
    """All of them at work, one of them switched off and on again by its file."""

    async def main() -> None:
        with running(tmp_path) as site:
            shipped = read_rules([Path(__file__).parents[2] / "rules"])
            await site.hub.revise(site.site, shipped)
            await site.hub.revise(site.site, shipped[1:])
            await site.hub.revise(site.site, [])
            await site.smoke(0)
            await site.hub.revise(site.site, shipped)
            await site.smoke(10)
            assert site.told() == []

    run(main())
