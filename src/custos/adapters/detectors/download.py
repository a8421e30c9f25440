"""Files over HTTP that survive interruption: what came stays in a `.part` file, the rest is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from custos.adapters.detectors.fetching import SourceFailed

TIMEOUT = httpx.Timeout(20.0, connect=5.0)  # an unreachable host is given up quickly: the next source waits
ATTEMPTS = 4
_CHUNK_BYTES = 1 << 16


def download(url: str, part: Path, *, size_bytes: int, progress: Callable[[int], None]) -> None:
    """Make `part` the whole file behind `url`, going on from what it already holds.

    Args:
        size_bytes: how long the file is; a longer answer is refused.
        progress: called with the bytes that are here so far.

    Raises:
        SourceFailed: the host cannot be reached, refuses, or sends another amount of bytes.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    if _size(part) > size_bytes:
        part.unlink()
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        for _ in range(ATTEMPTS):
            before = _size(part)
            if before >= size_bytes:
                break
            try:
                _continue(client, url, part, size_bytes, progress)
            except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as error:
                if _size(part) <= before:  # nothing came: asking again at once would not help
                    raise SourceFailed(f"{urlsplit(url).hostname}: {_reason(error)}") from error
    if _size(part) != size_bytes:
        have = _size(part)
        part.unlink(missing_ok=True)
        raise SourceFailed(f"{urlsplit(url).hostname}: sent {have} bytes, expected {size_bytes}")


def _continue(client: httpx.Client, url: str, part: Path, size_bytes: int, progress: Callable[[int], None]) -> None:
    have = _size(part)
    # No compression: a range counts the bytes of the file itself.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:  # what is here is no beginning of what is there
            part.unlink(missing_ok=True)
        if response.status_code not in (200, 206):
            raise SourceFailed(f"{urlsplit(url).hostname}: answers {response.status_code} {response.reason_phrase}")
        if response.status_code == 200:  # it ignored the range, and sends everything
            have = 0
        elif not _continues_at(response, have):
            raise SourceFailed(f"{urlsplit(url).hostname}: sends another part of the file than was asked for")
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            for chunk in response.iter_bytes(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                if have > size_bytes:
                    return
                progress(have)


def _continues_at(response: httpx.Response, offset: int) -> bool:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return match is not None and int(match[1]) == offset


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"no answer within {TIMEOUT.connect:g} s"
    if isinstance(error, httpx.ReadTimeout):
        return f"stopped sending for {TIMEOUT.read:g} s"
    return str(error) or type(error).__name__
