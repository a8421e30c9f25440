"""The metadata stream of an ONVIF camera: XML documents over RTP, interleaved in an RTSP connection.

    async for document in metadata_documents(url, username=..., password=...): ...

RTSP 1.0 (RFC 2326, interleaving in 10.12), Digest and Basic (RFC 2617), RTP (RFC 3550); ONVIF Streaming Specification
5.1.2: a document's last packet carries the marker bit. FFmpeg, which reads our video, gives up such streams' markers.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit, urlunsplit

from custos.model.errors import CustosError

CONNECT_S = 10.0
REPLY_S = 10.0
SILENT_S = 60.0
"""Even an empty scene has its heartbeats."""
LONGEST = 1 << 20
_MEDIA = re.compile(r"vnd\.onvif\.metadata(?![\w.])", re.IGNORECASE)


async def metadata_documents(
    url: str, *, username: str | None = None, password: str | None = None
) -> AsyncIterator[bytes]:
    """Whole documents, as they come; one of which a packet is missing is left out.

    Raises CustosError when the camera cannot be reached, refuses, has no metadata, or falls silent. `url` without
    credentials.
    """
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 554, limit=LONGEST)
    except (OSError, TimeoutError) as error:
        raise CustosError(f"the stream cannot be reached: {error}.", where=url) from error
    session = _Session(url, reader, writer, username, password or "")
    try:
        await session.play()
        gathering = Gathering()
        while True:
            packet = await session.packet()
            document = gathering.add(packet)
            if document is not None:
                yield document
    except TimeoutError as error:
        raise CustosError("the stream is silent.", where=url) from error
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise CustosError(f"the stream broke off: {type(error).__name__}.", where=url) from error
    finally:
        with contextlib.suppress(OSError):
            await session.teardown()
            writer.close()


class Gathering:
    """RTP packets to documents."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._next: int | None = None
        self._whole = True

    def add(self, packet: bytes) -> bytes | None:
        """The document that this packet completes. ValueError when it is no RTP."""
        if len(packet) < 12 or packet[0] >> 6 != 2:
            raise ValueError("no RTP packet")
        sequence = int.from_bytes(packet[2:4], "big")
        if self._next is not None and sequence != self._next:
            self._whole = False
        self._next = (sequence + 1) & 0xFFFF
        payload = _payload(packet)
        self._size += len(payload)
        if self._size <= LONGEST:
            self._parts.append(payload)
        else:
            self._whole = False
        if not packet[1] & 0x80:
            return None
        document = b"".join(self._parts) if self._whole else None
        self._parts, self._size, self._whole = [], 0, True
        return document


def _payload(packet: bytes) -> bytes:
    """Behind the sources and the extension, without the padding."""
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    return packet[start:end]


@dataclass(slots=True)
class _Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class _Session:
    url: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    username: str | None
    password: str
    sequence: int = 0
    challenge: Mapping[str, str] = field(default_factory=dict)
    basic: bool = False
    session: str = ""
    keep_s: float = 30.0
    kept_at: float = 0.0

    async def play(self) -> None:
        """From nothing to the first packet."""
        reply = await self._ask("DESCRIBE", self.url, {"Accept": "application/sdp"})
        base = reply.headers.get("content-base") or reply.headers.get("content-location") or self.url
        control = _control(reply.body.decode("utf-8", "replace"))
        if control is None:
            raise CustosError("the stream has no ONVIF metadata.", where=self.url)
        track = self._here(urljoin(base if base.endswith("/") else base + "/", control))
        reply = await self._ask("SETUP", track, {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
        self.session, _, rest = reply.headers.get("session", "").partition(";")
        found = re.search(r"timeout=(\d+)", rest)
        self.keep_s = max(5.0, (int(found[1]) if found else 60) / 2)
        await self._ask("PLAY", self.url, {"Range": "npt=0.000-"})
        self.kept_at = asyncio.get_running_loop().time()

    async def packet(self) -> bytes:
        """The next RTP packet of the metadata. TimeoutError when nothing comes."""
        async with asyncio.timeout(SILENT_S):
            while True:
                now = asyncio.get_running_loop().time()
                if now - self.kept_at > self.keep_s:
                    self.kept_at = now
                    await self._send("OPTIONS", self.url, {})  # its reply is read over
                channel, data = await self._piece()
                if channel == 0:
                    return data

    async def teardown(self) -> None:
        """Say goodbye, without waiting."""
        if self.session and not self.writer.is_closing():
            await self._send("TEARDOWN", self.url, {})

    def _here(self, address: str) -> str:
        """Behind NAT a camera knows itself by another name."""
        own, told = urlsplit(self.url), urlsplit(address)
        return urlunsplit((own.scheme, own.netloc, told.path, told.query, ""))

    async def _ask(self, method: str, url: str, headers: dict[str, str]) -> _Reply:
        async with asyncio.timeout(REPLY_S):
            await self._send(method, url, headers)
            reply = await self._reply()
            if reply.status == 401 and self.username and not self.challenge:
                self._challenged(reply.headers.get("www-authenticate", ""))
                await self._send(method, url, headers)
                reply = await self._reply()
        if reply.status == 401:
            raise CustosError("name or password is wrong.", where=self.url)
        if reply.status != 200:
            raise CustosError(f"the camera refuses {method} with {reply.status}.", where=self.url)
        return reply

    def _challenged(self, told: str) -> None:
        self.basic = told.lower().startswith("basic")
        self.challenge = {"realm": "", **dict(re.findall(r'(\w+)="?([^",]*)"?', told))}

    async def _send(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self.sequence}", "User-Agent: Custos"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Session: {self.session}"] if self.session else []
        lines += [f"Authorization: {self._authorization(method, url)}"] if self.challenge else []
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.writer.drain()

    def _authorization(self, method: str, url: str) -> str:
        if self.basic:
            return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        told, realm, nonce = self.challenge, self.challenge["realm"], self.challenge.get("nonce", "")
        secret, asked = _md5(f"{self.username}:{realm}:{self.password}"), _md5(f"{method}:{url}")
        parts = {"username": self.username or "", "realm": realm, "nonce": nonce, "uri": url}
        if "auth" in told.get("qop", ""):
            own = secrets.token_hex(8)
            parts["response"] = _md5(f"{secret}:{nonce}:00000001:{own}:auth:{asked}")
            shown = ", ".join(f'{name}="{value}"' for name, value in parts.items())
            return f'Digest {shown}, qop=auth, nc=00000001, cnonce="{own}"'
        parts["response"] = _md5(f"{secret}:{nonce}:{asked}")
        return "Digest " + ", ".join(f'{name}="{value}"' for name, value in parts.items())

    async def _reply(self) -> _Reply:
        while True:
            first = await self.reader.readexactly(1)
            if first == b"$":
                await self._interleaved()
                continue
            return await self._rest_of_reply(first)

    async def _piece(self) -> tuple[int, bytes]:
        """The next interleaved packet with its channel, or a reply as channel -1."""
        first = await self.reader.readexactly(1)
        if first == b"$":
            return await self._interleaved()
        await self._rest_of_reply(first)
        return -1, b""

    async def _interleaved(self) -> tuple[int, bytes]:
        head = await self.reader.readexactly(3)
        return head[0], await self.reader.readexactly(int.from_bytes(head[1:], "big"))

    async def _rest_of_reply(self, first: bytes) -> _Reply:
        head = first + await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        found = re.match(r"RTSP/1\.\d (\d{3})", lines[0])
        if found is None:
            raise ValueError("no RTSP")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), value.strip())
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= LONGEST:
            raise ValueError("a reply that is too long")
        return _Reply(int(found[1]), headers, await self.reader.readexactly(length))


def _control(sdp: str) -> str | None:
    """Where the metadata's track is, relative to the stream; None when it has none."""
    for media in re.split(r"(?m)^m=", sdp)[1:]:
        found = re.search(r"(?m)^a=control:(.+?)\s*$", media)
        if _MEDIA.search(media):
            return found[1] if found else ""
    return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
