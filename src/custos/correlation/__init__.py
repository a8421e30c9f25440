"""Rules: events in, signals out. Time and ids come with the events; `advance` says that time has passed.

cel.py         conditions, compiled once
definition.py  a rule as its file defines it; facts.py: what conditions may ask of the site
engine.py      all rules at work; trying.py: a rule on its examples, and explained
presence.py    the site file's own rules: somebody where nobody should be
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from custos.correlation.definition import RuleDefinition
from custos.correlation.engine import RuleEngine
from custos.correlation.presence import PresenceTracker
from custos.model.event import Event
from custos.model.site import Site

__all__ = ["PresenceTracker", "RuleDefinition", "RuleEngine", "build_rules", "revise_rules"]

Past = Callable[[Collection[str]], Iterable[Event]]
"""Of types of events: those that are stored, the oldest first."""


def build_rules(site: Site, definitions: Sequence[RuleDefinition] = ()) -> list[PresenceTracker | RuleEngine]:
    """The site's own rules in the order of its file, then the rule files' at work; each with an empty memory."""
    own: list[PresenceTracker | RuleEngine] = [PresenceTracker(rule, site) for rule in site.rules]
    used = [one for one in definitions if one.id not in site.rules_off]
    return [*own, RuleEngine(used, site)] if used else own


def revise_rules(
    rules: Sequence[PresenceTracker | RuleEngine],
    site: Site,
    definitions: Sequence[RuleDefinition],
    past: Past,
    now: datetime,
) -> list[PresenceTracker | RuleEngine]:
    """`rules` with other rule files: what did not change goes on undisturbed, what did hears the past and keeps silent
    of it."""
    used = [one for one in definitions if one.id not in site.rules_off]
    own = [one for one in rules if isinstance(one, PresenceTracker)]
    engine = next((one for one in rules if isinstance(one, RuleEngine)), None) or RuleEngine([], site)
    engine.revise(used, past, now)
    return [*own, engine] if used else list[PresenceTracker | RuleEngine](own)
