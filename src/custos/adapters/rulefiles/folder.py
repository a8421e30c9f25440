"""The rules in force: those that come with Custos, and a site's own in a folder that is looked at again and again.

folder = RuleFolder(site_file.parent / "rules"); folder.rules(); folder.on_change(listener); folder.refresh()

A file that is wrong is refused with file and line, and what it said before stays in force; the others are taken up. A
file that still says the same keeps its very definition, by which the engine knows that the rule goes on undisturbed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custos.adapters.rulefiles.reader import SHIPPED, parse_rule, read_rules, rule_files
from custos.adapters.sitefile.problems import Problem, SiteFileError
from custos.adapters.sitefile.reader import read_text
from custos.correlation.definition import RuleDefinition, RuleFault

log = logging.getLogger(__name__)
Listener = Callable[[Sequence[RuleDefinition]], None]
Stamp = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class _File:
    text: str
    rule: RuleDefinition


class RuleFolder:
    """Thread-safe. The folder need not be there; it may come later.

    Args:
        folder: a site's own rules, one a file.
        shipped: where the rules lie that come with Custos. SiteFileError when they are wrong; a wrong one of the site's
            own is left out, and told in `faults`.
    """

    def __init__(self, folder: Path, *, shipped: Iterable[Path] = (SHIPPED,)) -> None:
        self._folder = folder
        self._shipped = read_rules(shipped)
        self._lock = threading.Lock()
        self._own: dict[Path, _File] = {}
        self._faults: tuple[RuleFault, ...] = ()
        self._listeners: list[Listener] = []
        self._stamps: tuple[Stamp, ...] = ()
        self._rules = tuple(self._shipped)
        self.refresh()

    def rules(self) -> Sequence[RuleDefinition]:
        """Those in force, those that come with Custos first."""
        return self._rules

    def faults(self) -> Sequence[RuleFault]:
        """What is wrong with files as they are now; [] when all of them are in force."""
        return self._faults

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called with all rules when one has come, gone or changed, in the thread that noticed."""
        self._listeners.append(listener)

    def refresh(self) -> bool:
        """Look whether a file has come, gone or changed; whether that changed the rules in force."""
        with self._lock:
            stamps = self._look()
            return stamps != self._stamps and self._read(stamps)

    def reread(self) -> bool:
        """Read every file again, whatever its time of change says; whether that changed the rules in force."""
        with self._lock:
            return self._read(self._look())

    def _look(self) -> tuple[Stamp, ...]:
        """What tells that something was changed. Taken before reading: a change during that is found the next time."""
        found: list[Stamp] = []
        for path in self._paths():
            try:
                told = path.stat()
            except OSError:  # gone in between, or a link to nowhere: reading it says what is wrong
                found.append((str(path), 0, 0, 0))
            else:
                found.append((str(path), told.st_mtime_ns, told.st_size, told.st_ino))
        return tuple(found)

    def _paths(self) -> list[Path]:
        return rule_files([self._folder]) if self._folder.is_dir() else []

    def _read(self, stamps: tuple[Stamp, ...]) -> bool:
        problems: list[Problem] = []
        used = {rule.id: rule.file for rule in self._shipped}
        own: dict[Path, _File] = {}
        for path in (Path(name) for name, *_ in stamps):
            before = self._own.get(path)
            now: _File | None
            try:
                now = _read_one(path, before, used)
            except SiteFileError as error:
                problems += error.problems
                now = before if before is not None and before.rule.id not in used else None
            if now is not None:
                own[path], used[now.rule.id] = now, str(path)
        self._stamps, self._own = stamps, own
        self._tell_faults(problems)
        rules = (*self._shipped, *(file.rule for file in own.values()))
        is_same = len(rules) == len(self._rules) and all(a is b for a, b in zip(rules, self._rules, strict=True))
        self._rules = rules
        if is_same:
            return False
        for listener in self._listeners:
            listener(rules)
        return True

    def _tell_faults(self, problems: Sequence[Problem]) -> None:
        faults = tuple(RuleFault(one.file, one.line, one.what, one.remedy) for one in problems)
        if faults and faults != self._faults:
            at_work = {str(path) for path in self._own}
            for words, are_at_work in (("left out", False), ("not in force; what they said before still is", True)):
                told = [str(one) for one in problems if (one.file in at_work) == are_at_work]
                if told:
                    log.warning("rule files that are %s:\n%s", words, "\n".join(told))
        self._faults = faults


def _read_one(path: Path, before: _File | None, used: dict[str, str]) -> _File:
    """The rule in the file; SiteFileError when there is none, or another file has its id."""
    text = read_text(path)
    file = before if before is not None and before.text == text else _File(text, parse_rule(text, str(path)))
    if file.rule.id in used:
        what = f"rule id {file.rule.id!r} is used twice, first in {Path(used[file.rule.id]).name}"
        raise SiteFileError([Problem(str(path), 1, what, "Give it an id of its own.")])
    return file
