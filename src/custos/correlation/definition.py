"""A rule as its file defines it, after Sigma's correlation rules: event patterns, and how they belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from custos.correlation.cel import Condition
from custos.model.event import Event

MAX_TIMESPAN_S = 86_400.0
INFO = "info"


class Kind(StrEnum):
    """How the events of a rule belong together."""

    EVENT = "event"  # each one fires
    EVENT_COUNT = "event_count"  # so many of a group within the timespan
    VALUE_COUNT = "value_count"  # so many different values of a field within the timespan
    TEMPORAL = "temporal"  # one of each pattern within the timespan, in any order
    TEMPORAL_ORDERED = "temporal_ordered"  # the same, in the order of the list
    ABSENCE = "absence"  # one, and none of the others around it


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events of these types for which `where` holds."""

    name: str
    types: tuple[str, ...]
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """How the patterns belong together.

    Args:
        of: names of patterns; what fires.
        without: for absence: names of patterns of which none may come.
        group_by: events belong together when these are the same: `door`, `camera`, `zone`, `area`, `till`, `panel`,
            `holder`, `credential`, `subject`, or `data.<field>`.
        timespan_s: within; for absence: so long after the event.
        before_s: so long before it, for absence and for `people(...)`.
        least: how many, for the counts.
        field: whose values are counted: "data.door_id".
        when: must hold for the events together; patterns are its variables.
    """

    kind: Kind
    of: tuple[str, ...]
    without: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    timespan_s: float = 0.0
    before_s: float = 0.0
    least: int = 1
    field: str = ""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A story that must, or must not, fire the rule on the example site. `until_s`: how long time goes on after it."""

    name: str
    fires: bool
    events: tuple[Event, ...]
    until_s: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class RuleFault:
    """Why a rule file is not in force. `line` counts from 1; 0 when the file as a whole is meant."""

    file: str
    line: int
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """One rule.

    Args:
        level: "low", "medium" or "high": the severity of its incidents; "info": it opens none, and is only noted.
        operator: one sentence for the operator, with {door}, {area}, {camera}, {till}, {holder}, {count}, ...
        false_positives: what else may look like this.
        group_gap_s: further signals of one group within this time join the incident.
    """

    id: str
    title: str
    level: str
    status: str
    description: str
    operator: str
    false_positives: tuple[str, ...]
    patterns: Mapping[str, Pattern]
    correlation: Correlation
    group_gap_s: float = 300.0
    examples: tuple[Example, ...] = ()
    file: str = ""

    @property
    def opens(self) -> bool:
        """Whether it opens incidents."""
        return self.level != INFO
