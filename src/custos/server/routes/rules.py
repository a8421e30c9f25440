"""Rules from rule files: what they say, how often they have spoken, and what they would have said."""

from __future__ import annotations

import heapq
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Query

from custos.correlation import RuleDefinition
from custos.correlation.trying import Heard, explain, heard_by, in_words
from custos.incidents.grouping import grouped
from custos.model.event import Event
from custos.model.site import Site
from custos.server.access import Right, names_people
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import Problem, not_found
from custos.server.shapes.base import Page
from custos.server.shapes.rule import RuleFaultTold, RuleFileTold, RuleReadingTold, RuleSwitchAsked, TrialTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["rules"], responses=problems(*EVERYWHERE))

HITS_DAYS = 7
MOST_EVENTS = 200_000
"""A trial hears at most so many, and remembers at most so many from before."""
NEVER = datetime.max.replace(tzinfo=UTC)
Days = Annotated[int, Query(ge=1, le=31)]


@router.get("/rule-files")
def rule_files(reach: Reach, wiring: Wired) -> Page[RuleFileTold]:
    """Every rule from a file, and how often it has spoken in the last seven days."""
    site, hits = reach.site(), _hits(reach.site(), wiring)
    rules = wiring.deps.rule_book.rules()
    told = [RuleFileTold.of(r, in_use=r.id not in site.rules_off, hits=hits.get(r.id, 0)) for r in rules]
    return Page[RuleFileTold](items=told, next_cursor=None)


@router.get("/rule-faults")
def rule_faults(reach: Reach, wiring: Wired) -> Page[RuleFaultTold]:
    """What is wrong with the site's rule files as they are now; what these said before is still in force."""
    reach.site(Right.CONFIGURE)
    return Page[RuleFaultTold](items=_faults(wiring), next_cursor=None)


@router.post("/rule-files/reading")
def read_rule_files(reach: Reach, wiring: Wired) -> RuleReadingTold:
    """Read the site's rule files now. They are looked at twice a second anyway; this says what came of it."""
    reach.site(Right.CONFIGURE)
    changed = wiring.deps.rule_book.reread()
    return RuleReadingTold(changed=changed, rules=len(wiring.deps.rule_book.rules()), faults=_faults(wiring))


def _faults(wiring: Wiring) -> list[RuleFaultTold]:
    """By the file's own name: where the folder lies on the server is nobody's business."""
    faults = wiring.deps.rule_book.faults()
    return [RuleFaultTold(file=PurePath(f.file).name, line=f.line, what=f.what, remedy=f.remedy) for f in faults]


@router.put("/rule-files/{rule_id}")
def switch_rule(rule_id: str, asked: RuleSwitchAsked, reach: Reach, wiring: Wired) -> RuleFileTold:
    """Use a rule from a file, or switch it off at this site: the site file's `rules_off` says so from then on."""
    reach.site(Right.CONFIGURE)
    rule = _rule(rule_id, wiring)
    with wiring.site_lock:
        site = wiring.deps.book.put_rule(rule.id, in_use=asked.in_use)
    return RuleFileTold.of(rule, in_use=asked.in_use, hits=_hits(site, wiring).get(rule.id, 0))


def _hits(site: Site, wiring: Wiring) -> Mapping[str, int]:
    return wiring.deps.store.signal_counts(site.id, since=wiring.deps.clock() - timedelta(days=HITS_DAYS))


def _rule(rule_id: str, wiring: Wiring) -> RuleDefinition:
    rule = next((one for one in wiring.deps.rule_book.rules() if one.id == rule_id), None)
    if rule is None:
        raise not_found("rule")
    return rule


@router.get("/rule-files/{rule_id}/trial")
def trial(rule_id: str, reach: Reach, wiring: Wired, days: Days = HITS_DAYS) -> TrialTold:
    """What a rule would have said to the stored events of the last days; opens no incident."""
    site = reach.site()
    rule = _rule(rule_id, wiring)
    if names_people(rule):  # what was missing is told by group, which is somebody
        reach.people()
    if not wiring.trials.acquire(blocking=False):
        raise Problem(429, "Other trials are under way. Wait, then try again.", retry_after_s=5)
    try:
        with wiring.trying:  # each holds MOST_EVENTS, and works in the process in which the hub does
            return _tried(rule, site, days, wiring)
    finally:
        wiring.trials.release()


def _tried(rule: RuleDefinition, site: Site, days: int, wiring: Wiring) -> TrialTold:
    began_s = time.perf_counter()
    heard = heard_by(rule, site)
    since = wiring.deps.clock() - timedelta(days=days)
    # without a name: what is left of the stream, and its connection, is let go at once
    events = list(islice(wiring.deps.store.replay(site.id, since=since, types=sorted(heard.types)), MOST_EVENTS + 1))
    told = explain(rule, events[:MOST_EVENTS], site, past=_before(since, heard, site, wiring))
    incidents = grouped(told.fired)
    took_s = time.perf_counter() - began_s
    is_cut = len(events) > MOST_EVENTS
    return TrialTold.of(told, in_words(told), incidents, since=since, is_cut=is_cut, took_s=took_s)


def _before(since: datetime, heard: Heard, site: Site, wiring: Wiring) -> list[Event]:
    """What was before the trial and still counts, the oldest first: who had come in, and which cameras were covered.
    It is stored as it arrived: after what a fast clock stamped with a later time, and before what came late."""
    began = since - timedelta(seconds=max(heard.memory.values(), default=0.0))
    span = (began, since - timedelta(microseconds=1))  # both ends are in it
    stream = wiring.deps.store.replay(site.id, since=NEVER, types=sorted(heard.memory), also=[span])
    return sorted(heapq.nlargest(MOST_EVENTS, stream, key=lambda event: event.at), key=lambda event: event.at)
