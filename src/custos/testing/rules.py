"""The rules that are shipped, read once in a process: `shipped_rules()`."""

from __future__ import annotations

from functools import cache

from custos.adapters.rulefiles import SHIPPED, read_rules
from custos.correlation import RuleDefinition


@cache
def shipped_rules() -> tuple[RuleDefinition, ...]:
    """All of them, in the order of their files; reading them takes seconds."""
    return tuple(read_rules([SHIPPED]))
