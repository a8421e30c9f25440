"""Rules: events in, signals out. Time and ids come with the events; `advance` says that time has passed.

cel.py         conditions, compiled once
definition.py  a rule as its file defines it; facts.py: what conditions may ask of the site
engine.py      all rules at work; trying.py: a rule on its examples, and explained
presence.py    the site file's own rules: somebody where nobody should be
"""

from __future__ import annotations

from collections.abc import Sequence

from custos.correlation.definition import RuleDefinition
from custos.correlation.engine import RuleEngine
from custos.correlation.presence import PresenceTracker
from custos.model.site import Site

__all__ = ["PresenceTracker", "RuleDefinition", "RuleEngine", "build_rules"]


def build_rules(site: Site, definitions: Sequence[RuleDefinition] = ()) -> list[PresenceTracker | RuleEngine]:
    """The site's own rules in the order of its file, then the rule files' at work; each with an empty memory."""
    own: list[PresenceTracker | RuleEngine] = [PresenceTracker(rule, site) for rule in site.rules]
    used = [one for one in definitions if one.id not in site.rules_off]
    return [*own, RuleEngine(used, site)] if used else own
