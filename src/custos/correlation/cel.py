"""Conditions in CEL, the Common Expression Language, compiled once.

    compile_cel(text, names, functions) -> Condition;     condition(values) -> value

Parsed by cel-python with the language's own grammar; what it parses is turned into nested functions here, because its
own evaluator takes milliseconds and these take microseconds. The tests hold both against each other. Of the language
there are literals, operators, `in`, fields, indices, lists, the conditional, `has`, `size`, `startsWith`, `endsWith`,
`contains` and the functions that are given; macros over lists, maps and byte strings are not.

As CEL says, `&&` and `||` take an error on one side as nothing when the other side decides. A field that is missing
is an error: ask with `has(event.data.holder_id)` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import celpy
from celpy.celparser import CELParseError
from lark import Token, Tree

Value = Any
"""A CEL value: None, bool, int, float, str, list, dict or datetime. What it is is known only when it is there."""
Values = Mapping[str, Value]
Compiled = Callable[[Values], Value]
Function = Callable[..., Value]
"""Called with the values first, then with its arguments."""

MAX_TEXT = 2000


class CelError(ValueError):
    """The text is no expression, or names what is not there. `line` and `column` count from 1 within the text."""

    def __init__(self, what: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


class CelFailure(Exception):
    """The expression has no value for these values: a field is missing, or kinds do not fit."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled expression.

    Args:
        fields: what it reads, as paths: ("event", "data", "zone_id").
    """

    text: str
    run: Compiled
    fields: tuple[tuple[str, ...], ...]

    def __call__(self, values: Values) -> Value:
        """Its value; CelFailure when it has none."""
        return self.run(values)

    def holds(self, values: Values) -> bool:
        """Whether it is true; what has no value is not."""
        try:
            return self.run(values) is True
        except CelFailure:
            return False


@cache
def _parser() -> celpy.Environment:
    """Made when first asked for: it takes a fifth of a second."""
    return celpy.Environment()


def compile_cel(text: str, names: Iterable[str], functions: Mapping[str, tuple[int, Function]]) -> Condition:
    """The expression, ready to run.

    Args:
        names: variables it may read.
        functions: by name: how many arguments each takes, and what it is.

    Raises:
        CelError: it cannot be parsed, or reads or calls what is not there.
    """
    if len(text) > MAX_TEXT:
        raise CelError(f"the condition is {len(text)} characters long, at most {MAX_TEXT} are read")
    try:
        tree = _parser().compile(text)
    except CELParseError as error:
        line, column = int(error.line or 1), int(error.column or 1)
        raise CelError("this is no CEL expression", line, column) from error
    except RecursionError as error:
        raise CelError("the condition is nested too deeply") from error
    compiler = _Compiler(frozenset(names), functions)
    run = compiler.compile(tree)
    return Condition(text, run, tuple(dict.fromkeys(compiler.fields)))


class _Compiler:
    """Turns the tree of the grammar into functions, one rule at a time."""

    def __init__(self, names: frozenset[str], functions: Mapping[str, tuple[int, Function]]) -> None:
        self._names = names
        self._functions = functions
        self.fields: list[tuple[str, ...]] = []

    def compile(self, tree: Tree[Token]) -> Compiled:
        rule = str(tree.data)
        method = getattr(self, f"_{rule}", None)
        if method is None:
            raise self._error(tree, f"{rule.replace('_', ' ')} is not supported")
        compiled: Compiled = method(tree, [c for c in tree.children if c is not None])
        return compiled

    def _error(self, tree: Tree[Token], what: str) -> CelError:
        line = getattr(tree.meta, "line", 1)
        return CelError(what, int(line), int(getattr(tree.meta, "column", 1)))

    def _expr(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        if len(parts) == 1:
            return self.compile(parts[0])
        condition, yes, no = (self.compile(p) for p in parts)

        def choose(values: Values) -> Value:
            return yes(values) if _truth(condition(values)) else no(values)

        return choose

    def _conditionalor(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self._either(parts, decides=True)

    def _conditionaland(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self._either(parts, decides=False)

    def _either(self, parts: list[Any], *, decides: bool) -> Compiled:
        if len(parts) == 1:
            return self.compile(parts[0])
        left, right = self.compile(parts[0]), self.compile(parts[1])

        def run(values: Values) -> Value:
            try:
                if _truth(left(values)) is decides:
                    return decides
            except CelFailure:
                if _truth(right(values)) is decides:
                    return decides
                raise
            return _truth(right(values))

        return run

    def _relation(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self._binary(parts, _RELATIONS)

    def _addition(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self._binary(parts, _SUMS)

    def _multiplication(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self._binary(parts, _PRODUCTS)

    def _binary(self, parts: list[Any], operators: Mapping[str, Callable[[Value, Value], Value]]) -> Compiled:
        if len(parts) == 1:
            return self.compile(parts[0])
        operator = operators[str(parts[0].data)]
        left, right = self.compile(parts[0].children[0]), self.compile(parts[1])

        def run(values: Values) -> Value:
            return operator(left(values), right(values))

        return run

    def _unary(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        if len(parts) == 1:
            return self.compile(parts[0])
        inner = self.compile(parts[1])
        if str(parts[0].data) == "unary_not":
            return lambda values: not _truth(inner(values))

        def negate(values: Values) -> Value:
            value = inner(values)
            if not _is_number(value):
                raise CelFailure(f"-{value!r}")
            return -value

        return negate

    def _member(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self.compile(parts[0])

    def _primary(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self.compile(parts[0])

    def _paren_expr(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        return self.compile(parts[0])

    def _member_dot(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        inner, name = self.compile(parts[0]), str(parts[1])
        path = self._path(tree)
        if path is not None:
            self.fields = [one for one in self.fields if one != path[:-1]] + [path]
        return lambda values: _field(inner(values), name)

    def _path(self, tree: Any) -> tuple[str, ...] | None:
        """`a.b.c` as ("a", "b", "c"); None where something else than fields stands in it."""
        if not isinstance(tree, Tree):
            return None
        rule, parts = str(tree.data), [c for c in tree.children if c is not None]
        if rule == "ident":
            return (str(parts[0]),)
        if rule == "member_dot":
            before = self._path(parts[0])
            return None if before is None else (*before, str(parts[1]))
        return self._path(parts[0]) if rule in ("member", "primary") and len(parts) == 1 else None

    def _member_index(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        inner, index = self.compile(parts[0]), self.compile(parts[1])
        return lambda values: _item(inner(values), index(values))

    def _member_dot_arg(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        inner, name = self.compile(parts[0]), str(parts[1])
        arguments = self._arguments(parts[2] if len(parts) > 2 else None)
        method = _METHODS.get(name)
        if method is None or len(arguments) != method[0]:
            raise self._error(tree, f"there is no method {name!r} with {len(arguments)} arguments")
        run = method[1]
        return lambda values: run(inner(values), *(a(values) for a in arguments))

    def _arguments(self, tree: Tree[Token] | None) -> list[Compiled]:
        return [] if tree is None else [self.compile(c) for c in tree.children if isinstance(c, Tree)]

    def _ident_arg(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        name = str(parts[0])
        if name == "has":
            return self._has(tree, parts)
        arguments = self._arguments(parts[1] if len(parts) > 1 else None)
        if name == "size" and len(arguments) == 1:
            inner = arguments[0]
            return lambda values: _size(inner(values))
        known = self._functions.get(name)
        if known is None or len(arguments) != known[0]:
            offered = ", ".join(sorted([*self._functions, "has", "size"]))
            raise self._error(
                tree, f"there is no function {name!r} with {len(arguments)} arguments; there are {offered}"
            )
        call = known[1]
        return lambda values: call(values, *(a(values) for a in arguments))

    def _has(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        inner = parts[1].children[0] if len(parts) > 1 else None
        while isinstance(inner, Tree) and str(inner.data) not in ("member_dot",):
            inner = inner.children[-1] if inner.children else None
        if not isinstance(inner, Tree):
            raise self._error(tree, "has(...) asks for a field: has(event.data.holder_id)")
        field = self.compile(inner)
        outer, name = self.compile(inner.children[0]), str(inner.children[1])

        def ask(values: Values) -> Value:
            holder = outer(values)
            if not isinstance(holder, Mapping):
                raise CelFailure(f"{holder!r} has no fields")
            return name in holder and field is not None

        return ask

    def _ident(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        name = str(parts[0])
        if name not in self._names:
            known = ", ".join(sorted(self._names))
            raise self._error(tree, f"there is no {name!r}; there is {known}")
        self.fields.append((name,))

        def read(values: Values) -> Value:
            if name not in values:
                raise CelFailure(f"{name} is not there")
            return values[name]

        return read

    def _list_lit(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        items = self._arguments(parts[0] if parts else None)
        return lambda values: [one(values) for one in items]

    def _literal(self, tree: Tree[Token], parts: list[Any]) -> Compiled:
        token = parts[0]
        value = _literal_of(token)
        if value is _UNSUPPORTED:
            raise self._error(tree, f"the literal {token} is not supported")
        return lambda values: value


_UNSUPPORTED = object()


def _literal_of(token: Token) -> Value:
    text, kind = str(token), token.type
    if kind == "INT_LIT":
        return int(text, 16) if "0x" in text else int(text)
    if kind == "UINT_LIT":
        return int(text[:-1], 0)
    if kind == "FLOAT_LIT":
        return float(text)
    if kind == "BOOL_LIT":
        return text == "true"
    if kind == "NULL_LIT":
        return None
    if kind == "STRING_LIT":
        if text[0] in "rR":
            return text[2:-1]
        return text[1:-1].encode("utf-8").decode("unicode_escape") if "\\" in text else text[1:-1]
    return _UNSUPPORTED


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise CelFailure(f"{value!r} is neither true nor false")
    return value


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _field(holder: Value, name: str) -> Value:
    if not isinstance(holder, Mapping) or name not in holder:
        raise CelFailure(f"there is no field {name!r}")
    return holder[name]


def _item(holder: Value, index: Value) -> Value:
    if isinstance(holder, list) and isinstance(index, int) and not isinstance(index, bool):
        if 0 <= index < len(holder):
            return holder[index]
        raise CelFailure(f"there is no item {index}")
    if isinstance(index, str):
        return _field(holder, index)
    raise CelFailure(f"{index!r} is no index")


def _size(value: Value) -> int:
    if not isinstance(value, str | list | Mapping):
        raise CelFailure(f"{value!r} has no size")
    return len(value)


def _order(left: Value, right: Value) -> None:
    same = (
        (_is_number(left) and _is_number(right))
        or (isinstance(left, str) and isinstance(right, str))
        or (isinstance(left, bool) and isinstance(right, bool))
        or (isinstance(left, datetime) and isinstance(right, datetime))
    )
    if not same:
        raise CelFailure(f"{left!r} and {right!r} cannot be compared")


def _compare(compare: Callable[[Value, Value], bool]) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        _order(left, right)
        return compare(left, right)

    return run


def _equal(left: Value, right: Value) -> bool:
    """Numbers of both kinds are equal when their values are; true is no number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left is right
    return bool(left == right)


def _within(left: Value, right: Value) -> bool:
    if isinstance(right, Mapping):
        return left in right
    if not isinstance(right, list):
        raise CelFailure(f"nothing is in {right!r}")
    return any(_equal(left, one) for one in right)


def _add(left: Value, right: Value) -> Value:
    if _is_number(left) and _is_number(right):
        return left + right
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    raise CelFailure(f"{left!r} + {right!r}")


def _arithmetic(calculate: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        if not (_is_number(left) and _is_number(right)):
            raise CelFailure(f"{left!r} and {right!r} are not both numbers")
        return calculate(left, right)

    return run


def _divide(left: Value, right: Value) -> Value:
    if right == 0:
        raise CelFailure("divided by zero")
    if isinstance(left, int) and isinstance(right, int):
        whole = abs(left) // abs(right)  # CEL's integers are cut towards zero
        return whole if (left < 0) == (right < 0) else -whole
    return left / right


def _remainder(left: Value, right: Value) -> Value:
    if right == 0 or not (isinstance(left, int) and isinstance(right, int)):
        raise CelFailure(f"{left!r} % {right!r}")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _of_text(call: Callable[[str, str], bool]) -> Callable[[Value, Value], Value]:
    def run(text: Value, part: Value) -> Value:
        if not isinstance(text, str) or not isinstance(part, str):
            raise CelFailure(f"{text!r} and {part!r} are not both text")
        return call(text, part)

    return run


_RELATIONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "relation_lt": _compare(lambda a, b: a < b),
    "relation_le": _compare(lambda a, b: a <= b),
    "relation_gt": _compare(lambda a, b: a > b),
    "relation_ge": _compare(lambda a, b: a >= b),
    "relation_eq": _equal,
    "relation_ne": lambda a, b: not _equal(a, b),
    "relation_in": _within,
}
_SUMS: Mapping[str, Callable[[Value, Value], Value]] = {
    "addition_add": _add,
    "addition_sub": _arithmetic(lambda a, b: a - b),
}
_PRODUCTS: Mapping[str, Callable[[Value, Value], Value]] = {
    "multiplication_mul": _arithmetic(lambda a, b: a * b),
    "multiplication_div": _arithmetic(_divide),
    "multiplication_mod": _arithmetic(_remainder),
}
_METHODS: Mapping[str, tuple[int, Function]] = {
    "startsWith": (1, _of_text(str.startswith)),
    "endsWith": (1, _of_text(str.endswith)),
    "contains": (1, _of_text(lambda text, part: part in text)),
    "size": (0, _size),
}
