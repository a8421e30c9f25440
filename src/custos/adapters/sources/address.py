"""A camera's address: `locate(url, ...) -> Address`, the kind of source and what FFmpeg shall open.

rtsp://, rtsps://     an RTSP camera         http://, https://   multipart MJPEG
/dev/video0           a capture device       anything else       a file, relative to the site file's folder
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import unquote, urlsplit

from custos.adapters.sources.demux import file_target
from custos.adapters.sources.redaction import redact
from custos.adapters.sources.wire import Request
from custos.model.errors import UsageError

ACCEPTED = "rtsp://, rtsps://, http://, https://, file:// or a path (/dev/video0 for a capture device)"
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_NETWORK_LIMIT_US = str(8_000_000)  # below the opening limit, so that FFmpeg's own reason is heard first
# Counting pictures to find the frame rate would hold the first one back for over a second.
_QUICKLY = {"analyzeduration": "1500000", "fpsprobesize": "0"}
_RTSP = {
    "timeout": _NETWORK_LIMIT_US,
    "allowed_media_types": "video",
    **_QUICKLY,
    "max_delay": "300000",  # how long a lost UDP packet is waited for
    "protocol_whitelist": "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto,http,https",
}
_HTTP = {
    "rw_timeout": _NETWORK_LIMIT_US,
    **_QUICKLY,
    "protocol_whitelist": "http,https,tcp,tls,crypto,httpproxy",
}


class Kind(Enum):
    """What stands behind an address."""

    RTSP = auto()
    HTTP = auto()
    DEVICE = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Address:
    """Args:
    target: what FFmpeg opens; may carry credentials. shown: the same for people, never with credentials.
    options: FFmpeg's. container_format: FFmpeg's, "" to find out. path: of a file or device.
    """

    kind: Kind
    target: str
    shown: str
    options: tuple[tuple[str, str], ...] = ()
    container_format: str = ""
    path: Path | None = None

    def request(self, *, loop: bool = False, in_step_from_s: float | None = None) -> Request:
        return Request(self.target, self.container_format, self.options, loop, in_step_from_s)


def locate(url: str, *, base_dir: Path, transport: str = "tcp") -> Address:
    """Read an address. Raises UsageError naming the accepted ones when its scheme is not among them."""
    found = _SCHEME.match(url)
    scheme = found.group(1).lower() if found else ""
    shown = redact(url)
    if scheme in ("rtsp", "rtsps"):
        return Address(Kind.RTSP, url, shown, (("rtsp_transport", transport), *_RTSP.items()))
    if scheme in ("http", "https"):
        return Address(Kind.HTTP, url, shown, tuple(_HTTP.items()))
    if scheme not in ("", "file"):
        raise UsageError(
            f"addresses that start with {scheme}:// are not known.", where=shown, remedy=f"Write {ACCEPTED}."
        )
    path = Path(unquote(urlsplit(url).path)) if scheme == "file" else Path(url)
    path = base_dir / path.expanduser()
    if path.is_relative_to("/dev"):
        return Address(Kind.DEVICE, str(path), str(path), container_format="v4l2", path=path)
    return Address(Kind.FILE, file_target(path), str(path), path=path)
