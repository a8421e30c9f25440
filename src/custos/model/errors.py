"""Errors a person can act on: what is wrong, where, and how to mend it."""

from __future__ import annotations


class CustosError(Exception):
    """What went wrong, where, and what to do about it; the command line ends with status 1.

    Args:
        what: one sentence, expected against actual, with the offending value.
        where: the file and line, the URL (never with credentials), the setting.
        remedy: what the reader should do next.
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{remedy}"


class UsageError(CustosError):
    """The request itself is wrong (an option, a file's content): the command line ends with status 2."""

    exit_status = 2
