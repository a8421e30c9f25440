"""What a database's failure means to the person who runs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from custos.model.errors import CustosError

if TYPE_CHECKING:
    import psycopg

_SQLITE: dict[str, tuple[str, str]] = {
    "disk is full": (
        "The disk is full; nothing of this step was stored.",
        "Free some space on it: what was not stored is tried again.",
    ),
    "disk i/o error": (
        "The disk refuses to read or write.",
        "Check the disk (dmesg, smartctl) and that the folder is not on a network drive.",
    ),
    "readonly database": (
        "The database may not be written.",
        "Make the file and its folder writable for this user.",
    ),
    "unable to open database file": (
        "The database file cannot be opened.",
        "Check that its folder exists and that this user may write there.",
    ),
    "not a database": ("The file is not a database.", "Move it away, or name another file."),
    "malformed": (
        "The database file is damaged.",
        "Stop Custos and restore a backup, or move the file away.",
    ),
    "locked": (
        "Another program keeps the database locked.",
        "End whatever else has the file open (a backup, a database browser).",
    ),
}


def explain(error: BaseException | None, where: str) -> CustosError | None:
    """The failure in words, with what to do; None for one that is our own fault (a constraint, a wrong
    statement)."""
    if "psycopg" in sys.modules:  # whoever keeps everything in SQLite never waits for its import
        import psycopg

        if isinstance(error, psycopg.Error):
            return _explain_postgresql(error, where)
    said = str(error).lower()
    for part, (what, remedy) in _SQLITE.items():
        if part in said:
            return CustosError(what, where=where, remedy=remedy)
    return None


def _explain_postgresql(error: psycopg.Error, where: str) -> CustosError | None:
    import psycopg
    from psycopg.errors import DiskFull, InvalidCatalogName, InvalidPassword, LockNotAvailable, ReadOnlySqlTransaction

    if isinstance(error, DiskFull):
        what, remedy = _SQLITE["disk is full"]
        return CustosError(what, where=where, remedy=remedy)
    if isinstance(error, InvalidPassword):
        return CustosError("PostgreSQL refuses the user or the password.", where=where, remedy="Correct them.")
    if isinstance(error, LockNotAvailable):
        return CustosError(
            "The tables cannot be brought up to date: another program keeps them locked.",
            where=where,
            remedy="Wait for it or end it (a backup, pg_dump; pg_stat_activity names it), then start again.",
        )
    if isinstance(error, InvalidCatalogName):
        return CustosError("PostgreSQL has no such database.", where=where, remedy="Create it: createdb NAME.")
    if isinstance(error, psycopg.OperationalError):
        return CustosError(
            f"PostgreSQL does not answer: {_first_line(error)}.",
            where=where,
            remedy="Check that it runs and can be reached.",
        )
    if isinstance(error, ReadOnlySqlTransaction):
        return CustosError(
            "The database may not be written.",
            where=where,
            remedy="Name the primary server, not a standby, and check default_transaction_read_only.",
        )
    if isinstance(error, psycopg.InternalError):
        return CustosError(
            f"PostgreSQL has failed inside: {_first_line(error)}.", where=where, remedy="Look in its log."
        )
    return None


def _first_line(error: psycopg.Error) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
