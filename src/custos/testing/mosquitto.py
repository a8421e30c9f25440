"""A real Mosquitto on a free port of 127.0.0.1, for tests.

with Mosquitto(folder) as broker:
    ... broker.port ...; broker.stop(); broker.start()

Debian: mosquitto
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

START_S = 60.0


def find_mosquitto() -> str | None:
    """Where the program is; Debian keeps it in /usr/sbin."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Mosquitto:
    """The broker in a process of its own. Sessions and retained messages outlive `stop` and `start`.

    Args:
        user, password: asked for when given.
    """

    def __init__(self, folder: Path, *, user: str = "", password: str = "") -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        lines = [f"listener {self.port} 127.0.0.1", "persistence true", f"persistence_location {folder}/", "user root"]
        if user:
            (folder / "passwords").write_text(f"{user}:{password}\n")
            command = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
            subprocess.run([command, "-U", str(folder / "passwords")], check=True)  # noqa: S603 - our own file
            lines += ["allow_anonymous false", f"password_file {folder / 'passwords'}"]
        else:
            lines.append("allow_anonymous true")
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        """Returns when it listens."""
        program = find_mosquitto()
        if program is None:
            raise RuntimeError("mosquitto is not installed")
        with (self._folder / "mosquitto.log").open("ab") as log:
            command = [program, "-c", str(self._config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own file
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"mosquitto did not start: {(self._folder / 'mosquitto.log').read_text()[-500:]}")

    def stop(self) -> None:
        """End it as a restart of its machine would: sessions are saved."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def __enter__(self) -> Mosquitto:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
