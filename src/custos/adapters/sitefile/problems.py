"""Everything that is wrong with a site file, each with its line and its remedy, told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from custos.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` counts from 1; 0 when the file as a whole is meant."""

    file: str
    line: int
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}. {self.remedy}".rstrip()


class Refused(ValueError):
    """A value that makes no sense, told without saying where; the reader of the file adds that."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class SiteFileError(UsageError):
    """The site file does not describe a site. `problems` are sorted by line; the text has a line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.what)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy: the nearest known word, or all of them when there are few, or ""."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if 0 < len(choices) <= 16:
        return f"Known: {', '.join(choices)}."
    return ""
