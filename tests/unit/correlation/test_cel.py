"""Conditions in CEL: what they say, what they refuse, and that cel-python's own evaluator says the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import celpy
import pytest
from celpy.adapter import json_to_cel
from celpy.celtypes import BoolType
from celpy.evaluation import CELEvalError
from hypothesis import given, settings
from hypothesis import strategies as st

from custos.correlation.cel import CelError, CelFailure, compile_cel

DATA = {"amount": 60.0, "count": 3, "kind": "burglary", "ok": True, "tags": ["a", "b"]}
EVENT = {"event": {"type": "panel.alarmed", "data": DATA}}
TWICE = {"twice": (1, lambda values, one: 2 * one)}


def value(text: str) -> Any:
    return compile_cel(text, ["event"], TWICE)(EVENT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("event.data.amount > 50.0 && event.data.kind == 'burglary'", True),
        ("event.data.amount > 50", True),
        ("event.data.count in [1, 2, 3]", True),
        ('event.data.kind in ["fire"]', False),
        ("has(event.data.kind) && !has(event.data.nothing)", True),
        ('event["type"] == "panel.alarmed"', True),
        ('event.type.startsWith("panel.") && event.type.contains(".") && event.type.endsWith("ed")', True),
        ("size(event.data.tags) == 2 && event.data.tags[1] == \"b\"", True),
        ("event.data.ok ? 1 : 2", 1),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7.0 / 2.0", 3.5),
        ("1 + 2 * 3 - 4", 3),
        ("twice(event.data.count) == 6", True),
        ("1 == true", False),
        ("null == event.type", False),
        ('"a\\"b" == \'a"b\'', True),
        # an error on one side is nothing when the other side decides
        ("event.data.nothing == 1 || true", True),
        ("true || event.data.nothing == 1", True),
        ("event.data.nothing == 1 && false", False),
    ],
)  # fmt: skip
def test_what_expressions_say(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["event.data.nothing == 1", "event.data.kind > 3", "event.data.tags[9]", "1 / 0", "!event.type", "-event.type",
     "event.data.nothing == 1 || false", "1 + \"a\"", "size(3)", "event.data.kind.startsWith(3)"],
)  # fmt: skip
def test_what_has_no_value_does_not_hold(text: str) -> None:
    with pytest.raises(CelFailure):
        value(text)
    assert not compile_cel(text, ["event"], TWICE).holds(EVENT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no CEL expression"),
        ("event.data. >", "no CEL expression"),
        ("evnt.type == 1", "there is no 'evnt'; there is event"),
        ("three(1)", "there is no function 'three' with 1 arguments; there are has, size, twice"),
        ("twice(1, 2)", "there is no function 'twice' with 2 arguments"),
        ("event.type.matches('x')", "there is no method 'matches'"),
        ("has(3)", "has(...) asks for a field"),
        ("[1, 2].exists(x, x > 1)", "there is no 'x'"),
        ("{'a': 1}", "map lit is not supported"),
        ("true" + " || true" * 400, "at most 2000 are read"),
    ],
)
def test_what_is_refused_when_it_is_compiled(text: str, told: str) -> None:
    with pytest.raises(CelError) as caught:
        compile_cel(text, ["event"], TWICE)
    assert told in caught.value.what


def test_it_says_which_fields_it_reads_and_where_it_is_wrong() -> None:
    condition = compile_cel('event.data.kind == "x" && has(event.subject)', ["event"], {})
    assert ("event", "data", "kind") in condition.fields
    assert ("event", "subject") in condition.fields
    with pytest.raises(CelError) as caught:
        compile_cel("true &&\n  evnt", ["event"], {})
    assert caught.value.line == 2


def test_instants_compare() -> None:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    condition = compile_cel("a.at < b.at", ["a", "b"], {})
    assert condition({"a": {"at": at}, "b": {"at": at.replace(hour=1)}})


# -- the same expressions in cel-python, which is right by definition

fractions = st.floats(-20, 20, allow_nan=False).map(lambda x: round(x, 2))
# Numbers of both kinds compare in CEL today; in cel-python only when the first is a double.
whole = st.one_of(st.integers(-9, 9).map(str), st.sampled_from(["event.n", "event.m", "event.none"]))
broken = st.sampled_from(["event.x", "2.5", "-0.5", "event.none"])
truths = st.sampled_from(["true", "false", "event.yes", "event.no", 'event.s == "a"', "event.none == 1"])


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> str:
    if depth == 0:
        return draw(truths)
    kind = draw(st.integers(0, 5))
    if kind == 0:
        atoms = draw(st.sampled_from([whole, broken]))
        left, right = draw(atoms), draw(atoms)
        return f"({left} {draw(st.sampled_from(['<', '<=', '>', '>=', '==', '!=']))} {right})"
    inner = conditions(depth=depth - 1)
    if kind == 1:
        return f"!({draw(inner)})"
    if kind == 2:
        return f"({draw(inner)} ? {draw(inner)} : {draw(inner)})"
    return f"({draw(inner)} {draw(st.sampled_from(['&&', '||']))} {draw(inner)})"


ORACLE = celpy.Environment()


@settings(max_examples=40, deadline=None)
@given(conditions(), st.fixed_dictionaries({"n": st.integers(-9, 9), "m": st.integers(-9, 9), "x": fractions}))
def test_cel_python_says_the_same(text: str, data: dict[str, Any]) -> None:
    event = {**data, "yes": True, "no": False, "s": "a"}
    ours: object
    try:
        ours = compile_cel(text, ["event"], {})({"event": event})
    except CelFailure:
        ours = "error"
    theirs: object
    try:
        told = ORACLE.program(ORACLE.compile(text)).evaluate({"event": json_to_cel(event)})
        theirs = bool(told) if isinstance(told, BoolType | bool) else "error"
    except CELEvalError:
        theirs = "error"
    assert ours == theirs, text
