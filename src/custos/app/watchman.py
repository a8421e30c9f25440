"""Watches the supervisor: when it dies without a farewell, starts it again. Standard library only, to stay small.

`python -m custos.app.watchman COMMAND...`; standard input is a pipe held open by the supervisor, which writes one
byte before it ends on purpose.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.read(0, 1):
        return
    print("custos: the supervisor was killed and is started again; stop it with `custos down`", flush=True)  # noqa: T201  the terminal is all there is
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  our own command line, handed over by the supervisor


if __name__ == "__main__":
    main()
