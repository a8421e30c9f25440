"""Rule files: `read_rules(paths) -> list[RuleDefinition]`, or all that is wrong with them, with file and line;
`RuleFolder`, which keeps a site's rules in force while their files change."""

from __future__ import annotations

from custos.adapters.rulefiles.folder import RuleFolder
from custos.adapters.rulefiles.reader import SHIPPED, parse_rule, read_rule, read_rules, rule_files

__all__ = ["SHIPPED", "RuleFolder", "parse_rule", "read_rule", "read_rules", "rule_files"]
