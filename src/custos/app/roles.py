"""What every role process does: log, and stop when its supervisor is gone."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

ORPHAN_S = 0.7
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging(path: Path | None = None) -> None:
    """Everything of level CUSTOS_LOG (default INFO) into `path`, and warnings to standard error."""
    level = os.environ.get("CUSTOS_LOG", "INFO").upper()
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING if path else level)
    handlers: list[logging.Handler] = [terminal]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8"))
    logging.basicConfig(level=level, format=FORMAT, handlers=handlers)
    for chatty in ("httpx", "httpcore", "alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def started() -> None:
    """What was imported and made by now stays as long as the process: the collector need not look at it again.

    Roles begin without the collector (`gc.disable()` as their first act): in seconds of imports it finds nothing, and
    takes a fifth of them. Nor is anything collected now: the little waste of the imports is not worth the time.
    """
    gc.freeze()
    gc.enable()


def new_id() -> str:
    """Text that was never used before; a later one sorts behind an earlier one (UUID version 7, RFC 9562 section 5.7).

    So the index of ids grows at its end. Ids that are all chance touch another page of it with every event, and with
    millions of events each page is written for one of them.
    """
    milliseconds = time.time_ns() // 1_000_000
    return f"{milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62):032x}"


def follow_parent(stop: Callable[[], None]) -> None:
    """Wait for the end of standard input, which the supervisor holds open, then call `stop`.

    The supervisor closes it only after a role has ended, so its end means that the supervisor was killed. The next one
    waits for the port and the cameras: what has not ended by itself soon ends hard, which every role must bear anyway.
    """
    while os.read(0, 4096):
        pass
    stop()
    time.sleep(ORPHAN_S)
    os._exit(1)
