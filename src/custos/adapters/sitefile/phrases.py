"""Pydantic's findings in the words of this project: the place, what is wrong, the remedy."""

from __future__ import annotations

from collections.abc import Callable

from pydantic_core import ErrorDetails

from custos.adapters.sitefile.document import Document, Location
from custos.adapters.sitefile.fields import CROSSING, ONE_LINE, REFUSED, SECRET_KEYS
from custos.adapters.sitefile.problems import Problem, Refused, did_you_mean
from custos.adapters.sitefile.shape import keys_at

_KINDS = {
    "string_type": "text",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
}
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most"}
_RANGE_ERRORS = ("greater_than_equal", "less_than_equal", "greater_than", "finite_number")


def problem_of(document: Document, detail: ErrorDetails, known: Callable[[Location], list[str]] = keys_at) -> Problem:
    """Say where and what one of Pydantic's errors is. `known`: the keys that a place of the file may have."""
    at, kind = _place(document, detail["loc"]), detail["type"]
    if kind == "extra_forbidden":
        # Pydantic's own location names the kind of a device, which decides what keys it has.
        remedy = did_you_mean(str(at[-1]), known(detail["loc"][:-1]) or known(at[:-1]))
        return Problem(document.file, document.key_line_of(at), f"key {at[-1]!r} is not known", remedy)
    line = document.line_of(at) or 1
    if kind == "missing":
        what = f"key {detail['loc'][-1]!r} is missing from {_named(at)}"
        return Problem(document.file, line, what, "See docs/site-file.md.")
    if kind == CROSSING:
        refused = _crossing(document, at, detail)
    elif len(at) >= 3 and at[-3] in ("polygon", "points", "image") and kind in _RANGE_ERRORS:
        refused = _coordinate(at, detail)
    else:
        refused = _phrase(at, detail)
    return Problem(document.file, line, refused.what, refused.remedy)


def _place(document: Document, location: tuple[int | str, ...]) -> Location:
    """Pydantic's location without its names of union members and without what is missing from the file."""
    at: Location = ()
    for part in location:
        if (*at, part) in document.lines:
            at = (*at, part)
    return at


def _named(at: Location) -> str:
    """In words: `cameras[0].zones[1]`, or "the file"."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return text.lstrip(".") or "the file"


def _crossing(document: Document, at: Location, detail: ErrorDetails) -> Refused:
    first, second = int(detail["ctx"]["first"]), int(detail["ctx"]["second"])
    lines = [document.line_of((*at, edge)) for edge in (first, second)]
    edges = f"edge {first + 1} (line {lines[0]}) meets edge {second + 1} (line {lines[1]})"
    remedy = "List the corners in the order in which you walk around the zone."
    return Refused(f"the polygon crosses itself: {edges}", remedy)


def _coordinate(at: Location, detail: ErrorDetails) -> Refused:
    size = "width" if at[-1] == 0 else "height"
    what = f"coordinates are fractions of the picture, 0..1, got {detail['input']}"
    return Refused(what, f"Divide pixels by the picture's {size}.")


def _phrase(at: Location, detail: ErrorDetails) -> Refused:
    """In the words of this file rather than of Pydantic."""
    kind, context, name = detail["type"], detail.get("ctx", {}), _named(at)
    got = _shown(at, detail["input"])
    if kind == REFUSED:
        return Refused(str(context["what"]), str(context["remedy"]))
    if kind in _KINDS:
        quotes = kind == "string_type" and isinstance(detail["input"], int | float)
        return Refused(f"{name} must be {_KINDS[kind]}, got {got}", "Put it in quotes." if quotes else "")
    if kind == "literal_error":
        choices = str(context["expected"])
        near = did_you_mean(str(detail["input"]), choices.replace("'", "").replace(" or ", ", ").split(", "))
        return Refused(f"{name} must be {choices}, got {got}", near)
    if kind == "string_pattern_mismatch":
        if context["pattern"] == ONE_LINE:
            return Refused(f"{name} must be one line without control characters")
        if at[-1] == "sha256":
            return Refused(f"{name} must be 64 lower-case hex digits, got {got}", "Run: sha256sum FILE")
        return Refused(f"an id is 1 to 63 lower-case letters, digits and '-', got {got}")
    if kind == "union_tag_invalid":
        known = str(context["expected_tags"]).replace("'", "").split(", ")
        return Refused(
            f"{name}: no {context['discriminator']} is called {context['tag']!r}".replace("'kind'", "kind"),
            did_you_mean(str(context["tag"]), known),
        )
    if kind == "union_tag_not_found":
        return Refused(f"key 'kind' is missing from {name}", "See docs/site-file.md.")
    if kind in _RANGE_ERRORS:
        limit = next((f"{word} {context[k]:g}" for k, word in _LIMITS.items() if k in context), "finite")
        return Refused(f"{name} must be {limit}, got {got}")
    if kind in ("too_short", "string_too_short"):
        return Refused(f"{name} must not be empty" if context["min_length"] == 1 else _length(name, context))
    if kind in ("too_long", "string_too_long"):
        return Refused(_length(name, context))
    return Refused(f"{name}: {detail['msg']}")


def _length(name: str, context: dict[str, object]) -> str:
    if "min_length" in context:
        return f"{name} needs at least {context['min_length']} entries, got {context['actual_length']}"
    return f"{name} holds at most {context['max_length']}"


def _shown(at: Location, value: object) -> str:
    """A value as an error may repeat it: URLs hold secrets, and long things help nobody."""
    if at and at[-1] in ("url", *SECRET_KEYS):
        return "something else"
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "a list"
    return "keys and values" if isinstance(value, dict) else repr(value)[:80]
