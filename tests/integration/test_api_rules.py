"""Rules from files over HTTP: what they say, how often they spoke, and what they would have said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from custos.adapters.rulefiles import SHIPPED, parse_rule, read_rule
from custos.correlation.definition import RuleFault
from custos.model.account import Role
from custos.model.event import Event, Json
from custos.pipeline.ports import IncidentQuery
from custos.server.access import Access
from custos.server.doorkeeper import Doorkeeper, Principal
from custos.server.problems import Problem
from custos.server.routes import rules as rule_routes
from custos.server.routes.rules import trial
from custos.server.wiring import MOST_TRIALS, Seats, Wiring
from custos.testing.cameras import MemoryRuleBook
from custos.testing.premises import START, DoorEvents, site
from custos.testing.serving import Served, serving

RULES = [read_rule(SHIPPED / f"{name}.yaml") for name in ("duress", "denied-then-forced")]
ASKING = parse_rule(
    """
id: asking
title: Asks who is there
status: test
level: medium
description: Asks only who has badged in.
operator: "Somebody was refused at {door}."
falsepositives: [None.]
events: {denied: {type: access.denied}}
correlation:
  type: absence
  rules: [denied]
  group-by: [door]
  timespan: 5s
  when: 'badged("vault") == 1 && explained("vault") > 0'
examples:
  - name: nobody is there
    fires: false
    events: [{at: 0, type: access.denied, door: safe}]
  - name: she is
    fires: true
    events:
      - {at: 0, type: access.passed, door: safe, data: {holder_id: ada, into_area: vault}}
      - {at: 60, type: access.denied, door: safe}
"""
)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path, site=replace(site(), rules_off=("denied-then-forced",)), rules=RULES) as running:
        yield running


def story(served: Served) -> list[Event]:
    """Two refusals and a duress badge an hour ago; the second refusal is followed by a forced door."""
    door = DoorEvents("safe")
    door.denied(0, "77", reader="safe-in")
    door.denied(200, "77", reader="safe-in")
    door.say("door.forced", 230, reason="no grant", event_ids=[])
    door.denied(300, "1009", reader="safe-in")
    began = served.clock() - timedelta(hours=1)
    return [replace(e, at=began + (e.at - START)) for e in door.told]


def test_rules_their_hits_and_a_trial(served: Served) -> None:
    ada = served.sign_in()
    duress, denied = ada.get("/api/v1/rule-files").json()["items"]
    assert (duress["id"], duress["in_use"], duress["hits"], denied["in_use"]) == ("duress", True, 0, False)
    served.hub.accept(story(served))
    duress, denied = ada.get("/api/v1/rule-files").json()["items"]
    assert (duress["hits"], denied["hits"]) == (1, 0), "a rule that is off says nothing"
    told = ada.get("/api/v1/rule-files/denied-then-forced/trial?days=1").json()
    assert (told["heard"], told["fired"], told["is_cut"]) == (4, 1, False)
    assert told["signals"][0]["event_ids"] == ["safe-2", "safe-3"]
    assert (told["opened"], told["incidents"][0]["title"], told["incidents"][0]["signals"]) == (
        1, "Refused, then forced", 1,
    )  # fmt: skip
    assert told["incidents"][0]["event_ids"] == ["safe-2", "safe-3"]
    assert told["took_s"] >= 0
    assert "denied: 3 fitted (access.denied)" in told["words"]
    assert not [i for i in ada.get("/api/v1/incidents").json()["items"] if i["title"] == "Refused, then forced"]


def test_a_trial_of_what_is_not_there(served: Served) -> None:
    ada = served.sign_in()
    assert ada.get("/api/v1/rule-files/none/trial").status_code == 404
    assert ada.get("/api/v1/rule-files/duress/trial?days=0").status_code == 422
    assert served.client().get("/api/v1/rule-files").status_code == 401


def test_only_so_many_trials_wait(served: Served) -> None:
    """Symptom: a viewer who asked for forty trials at once had the hub's process hear eight million events."""
    wiring = Wiring(served.deps, Doorkeeper(served.deps), Seats(1), served.clock())
    reach = Access(Principal("usr-1", "ada", Role.VIEWER, "hq", None, None), served.deps)
    assert trial("denied-then-forced", reach, wiring).heard == 0
    for _ in range(MOST_TRIALS):
        wiring.trials.acquire()
    with pytest.raises(Problem) as refused:
        trial("denied-then-forced", reach, wiring)
    assert refused.value.status == 429


def test_a_rule_is_switched_off_and_on(served: Served) -> None:
    ada = served.sign_in()
    assert ada.put("/api/v1/rule-files/duress", json={"in_use": False}).json()["in_use"] is False
    assert served.book.site().rules_off == ("denied-then-forced", "duress")
    assert ada.put("/api/v1/rule-files/denied-then-forced", json={"in_use": True}).json()["in_use"] is True
    assert [r["in_use"] for r in ada.get("/api/v1/rule-files").json()["items"]] == [False, True]
    assert ada.put("/api/v1/rule-files/none", json={"in_use": True}).status_code == 404


def test_only_administrators_switch_rules(served: Served) -> None:
    operator = served.acting_as(Role.OPERATOR)
    assert operator.put("/api/v1/rule-files/duress", json={"in_use": False}).status_code == 403


def test_rule_files_are_read_again_and_what_is_wrong_is_said(served: Served) -> None:
    ada = served.sign_in()
    assert ada.post("/api/v1/rule-files/reading").json() == {"changed": False, "rules": 2, "faults": []}
    assert isinstance(served.deps.rule_book, MemoryRuleBook)
    fault = RuleFault(
        "/srv/site/rules/mine.yaml", 7, "there is no event type 'door.opend'", "Did you mean 'door.opened'?"
    )
    served.deps.rule_book.next = (RULES[:1], [fault])
    told = ada.post("/api/v1/rule-files/reading").json()
    assert (told["changed"], told["rules"]) == (True, 1)
    assert told["faults"] == [
        {"file": "mine.yaml", "line": 7, "what": fault.what, "remedy": "Did you mean 'door.opened'?"}
    ]
    assert ada.get("/api/v1/rule-faults").json()["items"] == told["faults"]
    assert [rule["id"] for rule in ada.get("/api/v1/rule-files").json()["items"]] == ["duress"]


def test_only_who_configures_reads_rule_files_and_their_faults(served: Served) -> None:
    operator = served.acting_as(Role.OPERATOR)
    assert operator.get("/api/v1/rule-faults").status_code == 403
    assert operator.post("/api/v1/rule-files/reading").status_code == 403
    assert served.client().post("/api/v1/rule-files/reading").status_code == 401


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(days=1, minutes=5)])
def test_a_trial_says_what_the_rule_at_work_said(tmp_path: Path, later: timedelta) -> None:
    """Symptom: trials did not hear who had badged in, so rules that ask only that answered otherwise than at work; nor
    did they know who had come in before the trial began."""
    with serving(tmp_path, site=site(), rules=[ASKING]) as served:
        door = DoorEvents("safe")
        door.granted(0, "1001", reader="safe-in")
        door.opened(1)
        door.closed(3)
        door.denied(600, "77", reader="safe-in")
        door.granted(1200, "1001", reader="safe-out")
        door.opened(1201)
        door.closed(1203)
        door.denied(1800, "77", reader="safe-in")
        began = served.clock() + timedelta(hours=1)
        served.hub.advance(began)
        for one in door.told:
            served.hub.accept([replace(one, at=began + (one.at - START))])
            patience = timedelta(seconds=10 if one.type == "access.denied" else 0)
            served.hub.advance(began + (one.at - START) + patience)
        served.clock.advance(timedelta(hours=1) + later)  # she came before the day of the trial, or within it
        told = served.sign_in().get("/api/v1/rule-files/asking/trial?days=1").json()
        at_work = [i.event_ids for i in served.deps.store.incidents("hq", IncidentQuery()).items]
        assert at_work == [("safe-4",)]
        assert [tuple(one["event_ids"]) for one in told["signals"]] == at_work


@pytest.mark.parametrize("most", [None, 2])
def test_a_trial_remembers_the_newest_of_what_was_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int | None
) -> None:
    """Symptom: one event that a fast clock had stamped with a later time ended what a trial knew of the past, so that
    all who came in after it was stored were forgotten; of a busy past the oldest was remembered, not the newest."""
    if most is not None:
        monkeypatch.setattr(rule_routes, "MOST_EVENTS", most)

    def went(name: str, hours_ago: float, into: str) -> Event:
        data: dict[str, Json] = {"door_id": "safe", "holder_id": "ada", "into_area": into}
        at = now - timedelta(days=1, hours=hours_ago)
        return Event(name, "access.passed", at, "/sites/hq/doors/safe", None, data)

    with serving(tmp_path, site=site(), rules=[ASKING]) as served:
        served.clock.advance(timedelta(days=3))
        now = served.clock()
        denied = replace(went("denied", -2, ""), type="access.denied", data={"door_id": "safe"})
        fast = replace(went("fast", -3, "vault"), data={"door_id": "safe", "holder_id": "bob", "into_area": "office"})
        came, long_ago = went("came", 1, "vault"), [went("out", 3, "office"), went("in", 4, "vault")]
        served.deps.store.append([fast, came, *long_ago, denied])
        told = served.sign_in().get("/api/v1/rule-files/asking/trial?days=1").json()
    assert [one["event_ids"] for one in told["signals"]] == [["denied"]]
