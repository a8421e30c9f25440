"""What every way to fetch a model shares: progress, and the reason why a source did not work."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """How far a pull is.

    Args:
        model: its name.
        doing: "downloading", "checking", "importing", ...
        done_bytes, total_bytes: of this step; total_bytes is None when nobody knows.
    """

    model: str
    doing: str
    done_bytes: int = 0
    total_bytes: int | None = None


Progress = Callable[[Step], None]


def no_progress(step: Step) -> None:
    """Nobody watches."""


class SourceFailed(Exception):
    """This source did not deliver; the next one may. The text says why, briefly and without credentials."""


def sha256_of(path: Path) -> str:
    """64 hex digits; OSError when the file cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
