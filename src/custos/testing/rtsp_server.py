"""A real RTSP server for tests: GStreamer's, run by the system's Python, serving one video file.

    with RtspServer(clip) as server:
        open_source(Camera("c", "c", server.url), base_dir=...)

Debian: gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good
gstreamer1.0-plugins-bad. The system's Python runs this very file: it imports nothing of ours.
"""

from __future__ import annotations

import argparse
import importlib
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
_START_LIMIT_S = 60.0
_PIPELINES = {
    "h264": "filesrc location={path} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "hevc": "filesrc location={path} ! qtdemux ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1",
}


def missing_parts() -> str:
    """What hinders the server on this machine, in words; empty when nothing does."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"{SYSTEM_PYTHON} is missing"
    command = [SYSTEM_PYTHON, __file__, "--check"]
    check = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file
    return check.stderr.strip().splitlines()[-1] if check.returncode else ""


class RtspServer:
    """The server in a process of its own; every client sees the file from its beginning, once.

    Args:
        clip: an MP4 file. codec: "h264" or "hevc".
        user, password: asked for when given, by the Digest scheme or, with `basic`, the Basic one.
    """

    def __init__(
        self, clip: Path, *, codec: str = "h264", user: str = "", password: str = "", basic: bool = False
    ) -> None:
        self._arguments = ["--clip", str(clip), "--codec", codec]
        self._credentials = f"{user}\n{password}\n{'basic' if basic else 'digest'}\n"
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def url(self, credentials: str = "") -> str:
        """The stream's address; `credentials` as "user:password"."""
        at = f"{credentials}@" if credentials else ""
        return f"rtsp://{at}127.0.0.1:{self.port}/stream"

    def start(self) -> None:
        """Start, at the port of the last time if there was one; returns when it listens."""
        command = [SYSTEM_PYTHON, __file__, *self._arguments, "--port", str(self.port)]
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "GST_DEBUG": "1"},
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the server was started without pipes")
        self._process.stdin.write(self._credentials)
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(_START_LIMIT_S) else ""
        if not line.strip().isdigit():
            self.kill()
            raise RuntimeError(f"the RTSP server did not start: {line!r}")
        self.port = int(line)

    def kill(self) -> None:
        """End it at once, as if its power were cut; start() brings it back at the same address."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None

    def freeze(self) -> None:
        """Let it hang: connections stay open, nothing comes."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> RtspServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def _serve(clip: str, codec: str, port: int) -> int:
    """Runs in the system's Python: print the port, serve until killed or until standard input closes."""
    gi = importlib.import_module("gi")
    for name in ("Gst", "GstRtsp", "GstRtspServer"):
        gi.require_version(name, "1.0")
    gst = importlib.import_module("gi.repository.Gst")
    glib = importlib.import_module("gi.repository.GLib")
    rtsp = importlib.import_module("gi.repository.GstRtspServer")
    gst.init(None)
    needed = ["qtdemux", f"{codec.replace('hevc', 'h265')}parse", f"rtp{codec.replace('hevc', 'h265')}pay"]
    if absent := [name for name in needed if gst.ElementFactory.find(name) is None]:
        sys.stderr.write(f"GStreamer elements are missing: {', '.join(absent)}\n")
        return 1
    if not clip:
        return 0
    server = rtsp.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    factory = rtsp.RTSPMediaFactory.new()
    factory.set_launch(f"( {_PIPELINES[codec].format(path=clip)} )")
    user, password, scheme = (sys.stdin.readline().rstrip("\n") for _ in range(3))
    if user:
        _protect(server, factory, user, password, scheme)
    server.get_mount_points().add_factory("/stream", factory)
    loop = glib.MainLoop()
    server.attach(None)
    glib.io_add_watch(sys.stdin.fileno(), glib.PRIORITY_DEFAULT, glib.IO_HUP, loop.quit)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    loop.run()
    return 0


def _protect(server: Any, factory: Any, user: str, password: str, scheme: str) -> None:
    """Let only this user in."""
    rtsp = importlib.import_module("gi.repository.GstRtspServer")
    methods = importlib.import_module("gi.repository.GstRtsp").RTSPAuthMethod
    token = rtsp.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = rtsp.RTSPAuth.new()
    if scheme == "basic":
        auth.set_supported_methods(methods.BASIC)
        auth.add_basic(rtsp.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(methods.DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = rtsp.RTSPPermissions()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", permission, True)
    factory.set_permissions(permissions)


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve one video file over RTSP on 127.0.0.1.")
    parser.add_argument("--clip", default="")
    parser.add_argument("--codec", choices=sorted(_PIPELINES), default="h264")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--check", action="store_true", help="only see whether all parts are there")
    chosen = parser.parse_args()
    return _serve("" if chosen.check else chosen.clip, chosen.codec, chosen.port)


if __name__ == "__main__":
    sys.exit(main())
