"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from custos.model.errors import CustosError


def write_atomically(path: Path, text: str, *, mode: int) -> None:
    """Put `text` at `path`: readers see the old file or the new one, also after a crash.

    An existing file keeps its permissions and, where we may, its owner; `mode` is for a new one. A link is
    followed. CustosError when it cannot be written; the old file then stays as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                _take_over(target, file.fileno(), mode)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        remedy = "Free some space and try again." if error.errno == 28 else "Check the folder's permissions."
        raise CustosError(f"the file cannot be written: {error.strerror}.", where=str(path), remedy=remedy) from error


def _take_over(target: Path, descriptor: int, mode: int) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, old.st_mode & 0o7777)
