"""A rule file as a `RuleDefinition`, or everything that is wrong with it, each with its line.

read_rules(paths) -> list[RuleDefinition]; parse_rule(text, file) -> RuleDefinition
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue, ValidationError

import custos
from custos.adapters.rulefiles.shape import CorrelationEntry, ExampleEntry, RuleFile, keys_at, seconds_of
from custos.adapters.sitefile.document import Document, Location, read_document
from custos.adapters.sitefile.phrases import problem_of
from custos.adapters.sitefile.problems import Problem, SiteFileError, did_you_mean
from custos.adapters.sitefile.reader import read_text
from custos.correlation.cel import CelError, Condition, compile_cel
from custos.correlation.definition import Correlation, Example, Kind, Pattern, RuleDefinition
from custos.correlation.example_site import START, example_site
from custos.correlation.facts import FUNCTIONS, GROUPS
from custos.model.event import Event, Json
from custos.model.event_shape import EventType, faults_of
from custos.model.event_types import EVENT_TYPES
from custos.model.site import Site

SHIPPED = Path(custos.__file__).parent / "rules"
"""Where the rules lie that come with Custos."""
EVENT_FIELDS = ("id", "type", "at", "source", "subject", "data", "door", "camera", "area", "place")
_ABOUT = {"door": "doors", "camera": "cameras", "till": "tills", "panel": "panels", "sensor": "sensors",
          "area": "areas", "device": "devices"}  # fmt: skip
_NEUTRAL: Mapping[str, Json] = {
    "text": "-", "number": 0, "integer": 0, "flag": True, "box": [0.4, 0.2, 0.6, 0.8], "points": [[0.5, 0.8]],
    "texts": [], "numbers": [],
}  # fmt: skip
_BRACES = re.compile(r"\{([^}]*)\}")


def rule_files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and the .yaml files in the folders, in order of their names."""
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    return found


def read_rules(paths: Iterable[Path]) -> list[RuleDefinition]:
    """The rules of files and folders. SiteFileError lists what is wrong, of all of them."""
    rules: list[RuleDefinition] = []
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for path in rule_files(paths):
        try:
            rule = read_rule(path)
        except SiteFileError as error:
            problems += error.problems
            continue
        if rule.id in first:
            problems.append(Problem(str(path), 1, f"rule id {rule.id!r} is used twice, first in {first[rule.id]}"))
        first.setdefault(rule.id, str(path))
        rules.append(rule)
    if problems:
        raise SiteFileError(problems)
    return rules


def read_rule(path: Path) -> RuleDefinition:
    """The rule in one file."""
    return parse_rule(read_text(path), str(path))


def parse_rule(text: str, file: str = "rule.yaml") -> RuleDefinition:
    """The rule that `text` describes; SiteFileError when it describes none."""
    document = read_document(text, file)
    if not isinstance(document.tree, dict):
        raise SiteFileError([Problem(file, 1, "the file does not hold keys and values", "See docs/rules.md.")])
    try:
        shape = RuleFile.model_validate(document.tree)
    except ValidationError as error:
        document.problems += [_problem(document, d) for d in error.errors(include_url=False)]
        raise SiteFileError(document.problems) from error
    rule = _Reading(document, shape).rule()
    if document.problems:
        raise SiteFileError(document.problems)
    return rule


def _problem(document: Document, detail: object) -> Problem:
    found = problem_of(document, detail, known=keys_at)  # type: ignore[arg-type]
    return Problem(found.file, found.line, found.what, found.remedy.replace("site-file.md", "rules.md"))


class _Reading:
    """One rule file on its way to a definition."""

    def __init__(self, document: Document, shape: RuleFile) -> None:
        self._document = document
        self._shape = shape
        self._types: dict[str, tuple[str, ...]] = {
            name: ((entry.type,) if isinstance(entry.type, str) else tuple(entry.type))
            for name, entry in shape.events.items()
        }

    def rule(self) -> RuleDefinition:
        shape, told = self._shape, self._shape.correlation
        self._check_types()
        self._check_names(told)
        patterns = {
            name: Pattern(name, self._types[name], self._where(name, entry.where))
            for name, entry in shape.events.items()
        }
        self._check_sentence()
        return RuleDefinition(
            id=shape.id,
            title=shape.title,
            level=shape.level,
            status=shape.status,
            description=shape.description.strip(),
            operator=shape.operator.strip(),
            false_positives=tuple(shape.falsepositives),
            patterns=patterns,
            correlation=self._correlation(told),
            group_gap_s=seconds_of(shape.group_gap),
            examples=tuple(self._examples()),
            file=self._document.file,
        )

    def _where(self, name: str, text: str | None) -> Condition | None:
        return self._condition(("events", name, "where"), text, {"event": name})

    def _correlation(self, told: CorrelationEntry) -> Correlation:
        variables = {name: name for name in told.rules}
        return Correlation(
            kind=Kind(told.type),
            of=tuple(told.rules),
            without=tuple(told.without),
            group_by=tuple(told.group_by),
            timespan_s=seconds_of(told.timespan),
            before_s=seconds_of(told.before),
            least=told.condition.gte if told.condition else 1,
            field=(told.condition.field or "") if told.condition else "",
            when=self._condition(("correlation", "when"), told.when, variables, more=("count",)),
        )

    def _check_types(self) -> None:
        for name, types in self._types.items():
            for one in types:
                if one not in EVENT_TYPES:
                    remedy = did_you_mean(one, EVENT_TYPES) or "See docs/events.md."
                    self._document.complain(("events", name, "type"), f"there is no event type {one!r}", remedy)

    def _check_names(self, told: CorrelationEntry) -> None:
        known = self._shape.events
        for key, names in (("rules", told.rules), ("without", told.without)):
            for i, name in enumerate(names):
                if name not in known:
                    at: Location = ("correlation", key, i)
                    self._document.complain(at, f"there is no event pattern {name!r}", did_you_mean(name, known))
        for i, by in enumerate(told.group_by):
            if by not in GROUPS and not by.startswith("data."):
                remedy = did_you_mean(by, GROUPS)
                self._document.complain(("correlation", "group-by", i), f"events are not grouped by {by!r}", remedy)
        for name in known:
            if name not in told.rules and name not in told.without:
                self._document.complain(("events", name), f"pattern {name!r} is not used", "Take it out, or name it.")
        self._check_kind(told)

    def _check_kind(self, told: CorrelationEntry) -> None:
        """What each way of belonging together needs."""
        kind, at = Kind(told.type), ("correlation", "type")
        counts = kind in (Kind.EVENT_COUNT, Kind.VALUE_COUNT)
        if counts and told.condition is None:
            self._document.complain(at, f"{kind} needs a condition", "Write condition: {gte: 3}.")
        if not counts and told.condition is not None:
            self._document.complain(("correlation", "condition"), f"{kind} counts nothing")
        if kind is Kind.VALUE_COUNT and (told.condition is None or not told.condition.field):
            self._document.complain(at, "value_count needs the field whose values it counts", "condition: {field: ...}")
        if kind in (Kind.TEMPORAL, Kind.TEMPORAL_ORDERED) and len(told.rules) < 2:
            self._document.complain(at, f"{kind} needs two patterns or more")
        if kind in (Kind.EVENT, Kind.ABSENCE) and len(told.rules) != 1:
            self._document.complain(at, f"{kind} is about one pattern, got {len(told.rules)}")
        if told.without and kind is not Kind.ABSENCE:
            self._document.complain(("correlation", "without"), "only absence looks for what is missing")
        if kind is Kind.ABSENCE and not told.without and told.when is None:
            self._document.complain(at, "absence needs `without`, or `when` to ask at its end")
        if kind not in (Kind.EVENT, Kind.ABSENCE) and seconds_of(told.timespan) <= 0:
            self._document.complain(at, f"{kind} needs a timespan", "Write timespan: 60s.")

    def _condition(
        self, at: Location, text: str | None, variables: Mapping[str, str], more: Sequence[str] = ()
    ) -> Condition | None:
        """A compiled condition; every field it reads must be one of the pattern's types."""
        if text is None:
            return None
        try:
            condition = compile_cel(text, [*variables, *more], FUNCTIONS)
        except CelError as error:
            place = f"column {error.column}" if error.line == 1 else f"line {error.line}, column {error.column}"
            self._document.complain(at, f"{at[-1]}: {error.what} ({place})", "See docs/rules.md for what CEL may say.")
            return None
        for path in condition.fields:
            if path[0] in variables:
                self._check_path(at, path, self._types.get(variables[path[0]], ()))
        return condition

    def _check_path(self, at: Location, path: tuple[str, ...], types: Sequence[str]) -> None:
        if len(path) > 1 and path[1] not in EVENT_FIELDS:
            remedy = did_you_mean(path[1], EVENT_FIELDS)
            self._document.complain(at, f"an event has no {path[1]!r}", remedy)
        elif len(path) > 2 and path[1] == "data":
            known = {f.name for one in types if one in EVENT_TYPES for f in EVENT_TYPES[one].fields}
            if known and path[2] not in known:
                what = f"{' and '.join(types)} have no field {path[2]!r}"
                self._document.complain(at, what, did_you_mean(path[2], known))

    def _check_sentence(self) -> None:
        known = (*GROUPS, "count")
        fields = {f.name for types in self._types.values() for t in types if t in EVENT_TYPES
                  for f in EVENT_TYPES[t].fields}  # fmt: skip
        for found in _BRACES.finditer(self._shape.operator):
            name = found[1]
            owner, _, data = name.partition(".")
            if name not in known and name not in fields and not (data in fields and owner in self._types):
                remedy = did_you_mean(name, [*known, *fields])
                self._document.complain(("operator",), f"nothing is called {name!r} here", remedy)

    def _examples(self) -> Iterator[Example]:
        site = example_site()
        for i, told in enumerate(self._shape.examples):
            at: Location = ("examples", i)
            made = [self._event((*at, "events", n), f"{i}-{n}", one, told, site) for n, one in enumerate(told.events)]
            events = tuple(e for e in made if e is not None)
            last = max((e.at for e in events), default=START)
            until = (last - self._starts(at, told)).total_seconds() + seconds_of(told.until)
            yield Example(told.name, told.fires, events, until, self._document.line_of(at))
        if not any(e.fires for e in self._shape.examples) or all(e.fires for e in self._shape.examples):
            self._document.complain(("examples",), "examples must show both what fires and what does not")

    def _starts(self, at: Location, told: ExampleEntry) -> datetime:
        if told.starts is None:
            return START
        try:
            return datetime.fromisoformat(told.starts).replace(tzinfo=UTC)
        except ValueError:
            what = f"{told.starts!r} is no time"
            self._document.complain((*at, "starts"), what, 'Write it like "2026-03-03 23:00" (UTC).')
            return START

    def _event(
        self, at: Location, own_id: str, one: dict[str, JsonValue], told: ExampleEntry, site: Site
    ) -> Event | None:
        """`{at: 3, type: door.opened, door: front, data: {...}}`; required fields that are left out are neutral."""
        known = {"at", "type", "data", "track", "subject", "id", *_ABOUT}
        for key in one:
            if key not in known:
                self._document.complain((*at, key), f"key {key!r} is not known", did_you_mean(key, known))
                return None
        kind = EVENT_TYPES.get(str(one.get("type")))
        seconds = one.get("at")
        if kind is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
            what = "an example's event needs `at`, in seconds, and a `type` that exists"
            self._document.complain(at, what, did_you_mean(str(one.get("type")), EVENT_TYPES))
            return None
        event = _example_event(kind, one, self._starts(at[:2], told) + timedelta(seconds=seconds), own_id, site)
        faults = faults_of(event, kind)
        for fault in faults:
            self._document.complain(at, fault, "See docs/events.md.")
        return None if faults else event


def _example_event(kind: EventType, one: Mapping[str, JsonValue], at: datetime, own_id: str, site: Site) -> Event:
    about = next(((name, str(one[name])) for name in _ABOUT if name in one), ("device", "example"))
    source = f"/sites/{site.id}/{_ABOUT[about[0]]}/{about[1]}"
    given = one.get("data")
    data: dict[str, Json] = {f.name: _NEUTRAL[f.kind] for f in kind.fields if f.required}
    if "class" in data:
        data["class"] = "person"
    for name in _ABOUT:
        if f"{name}_id" in {f.name for f in kind.fields} and name in one:
            data[f"{name}_id"] = str(one[name])
    data |= given if isinstance(given, dict) else {}
    subject = str(one["subject"]) if "subject" in one else None
    if "track" in one:
        subject = f"tracks/{about[1]}-1-{one['track']}"
    return Event(str(one.get("id", own_id)), kind.name, at, source, subject, data)
