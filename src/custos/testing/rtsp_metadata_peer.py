"""A camera's metadata stream for tests: RTSP with interleaved RTP, and Digest that it checks.

async with MetadataPeer(documents) as peer: ... peer.url ...

Written after RFC 2326 and RFC 3550; imports nothing of the adapter.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Sequence
from types import TracebackType

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=ONVIF\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    "m=application 0 RTP/AVP 107\r\na=rtpmap:107 {encoding}/90000\r\na=control:track2\r\n"
)


class MetadataPeer:
    """Listens on a free port of 127.0.0.1.

    Args:
        documents: sent to who plays, each in packets of `packet_bytes`, one every `every_s`; then it is silent, or
            hangs up when `ends`.
        lose: numbers of packets that are never sent.
    """

    def __init__(
        self,
        documents: Sequence[bytes],
        *,
        user: str = "custos",
        password: str = "",
        packet_bytes: int = 200,
        every_s: float = 0.0,
        ends: bool = False,
        lose: frozenset[int] = frozenset(),
        encoding: str = "vnd.onvif.metadata",
    ) -> None:
        self.documents, self.user, self.password = list(documents), user, password
        self.packet_bytes, self.every_s, self.ends, self.lose, self.encoding = (
            packet_bytes,
            every_s,
            ends,
            lose,
            encoding,
        )
        self.port = 0
        self.plays = 0
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/main"

    async def __aenter__(self) -> MetadataPeer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._serving):
            task.cancel()
        if self._serving:
            await asyncio.wait(tuple(self._serving))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        playing: asyncio.Task[None] | None = None
        try:
            while True:
                asked = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, url, _ = asked.split(" ", 2)
                number = re.search(r"(?im)^cseq: *(\d+)", asked)
                sequence = number[1] if number else "0"
                if self.password and not self._is_right(asked, method, url):
                    challenge = 'WWW-Authenticate: Digest realm="eye", nonce="7a5e"'
                    writer.write(f"RTSP/1.0 401 Unauthorized\r\nCSeq: {sequence}\r\n{challenge}\r\n\r\n".encode())
                    continue
                writer.write(self._answer(method, url, sequence))
                await writer.drain()
                if method == "PLAY":
                    self.plays += 1
                    playing = asyncio.create_task(self._play(writer))
                if method == "TEARDOWN":
                    return
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            return
        finally:
            if playing is not None:
                playing.cancel()
            self._serving.discard(task)
            writer.close()

    def _answer(self, method: str, url: str, sequence: str) -> bytes:
        headers, body = [f"CSeq: {sequence}"], b""
        if method == "DESCRIBE":
            body = _SDP.format(encoding=self.encoding).encode()
            base = "rtsp://10.0.0.9/main/"  # as it is called inside its NAT
            headers += [f"Content-Base: {base}", "Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        if method == "SETUP":
            assert url.endswith("/main/track2"), url
            headers += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 4711;timeout=60"]
        return ("RTSP/1.0 200 OK\r\n" + "\r\n".join(headers) + "\r\n\r\n").encode() + body

    def _is_right(self, asked: str, method: str, url: str) -> bool:
        told = re.search(r'response="([0-9a-f]{32})"', asked)
        secret = hashlib.md5(f"{self.user}:eye:{self.password}".encode(), usedforsecurity=False).hexdigest()
        request = hashlib.md5(f"{method}:{url}".encode(), usedforsecurity=False).hexdigest()
        right = hashlib.md5(f"{secret}:7a5e:{request}".encode(), usedforsecurity=False).hexdigest()
        return told is not None and told[1] == right

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        count = 65_530  # the sequence number runs over soon
        sent = 0
        with contextlib.suppress(ConnectionError):
            for number, document in enumerate(self.documents):
                pieces = [document[i : i + self.packet_bytes] for i in range(0, len(document), self.packet_bytes)]
                for i, piece in enumerate(pieces):
                    marker = 0x80 if i == len(pieces) - 1 else 0
                    head = bytes([0x80, marker | 107]) + (count & 0xFFFF).to_bytes(2, "big")
                    packet = head + (number * 9000).to_bytes(4, "big") + b"eye!" + piece
                    if sent not in self.lose:
                        writer.write(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
                    writer.write(b"$\x01\x00\x04rtcp")
                    count, sent = count + 1, sent + 1
                await writer.drain()
                await asyncio.sleep(self.every_s)
            if self.ends:
                writer.close()
