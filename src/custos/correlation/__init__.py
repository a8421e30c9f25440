"""Rules: events in, signals out. Time and ids come with the events; `advance` says that time has passed."""

from __future__ import annotations

from custos.correlation.presence import PresenceTracker
from custos.model.site import Site

__all__ = ["PresenceTracker", "build_rules"]


def build_rules(site: Site) -> list[PresenceTracker]:
    """The site's rules, in the order of its file, each with an empty memory."""
    return [PresenceTracker(rule, site) for rule in site.rules]
