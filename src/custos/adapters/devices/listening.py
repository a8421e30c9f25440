"""Ports that devices connect to: `listen_tcp`, `listen_udp`, with limits that no stranger can exceed.

    listen_tcp(listen, serve, ...)     serve(connection) -> None; connection.prove() once it has said something of use

Nobody is turned away for idle ones: where there is no room, a connection that has not proved itself gives way first, of
the address that has the most of these, then the one that has been quiet for longest of the address that holds the most.
So no number of idle connections keeps a device out. One whose words are being stored never gives way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from custos.model.errors import CustosError

log = logging.getLogger(__name__)
CONNECTIONS = 256
PROOF_AGAIN_S = 1.0
DATAGRAMS = 256
"""Datagrams being worked on; more are dropped, and their senders send again."""
KEEPALIVE_S = (60, 15, 4)
"""A peer that has been quiet for so long is asked, so often again, and so many times, whether it still is there."""

Admits = Callable[[str], bool]
"""Whether an address may speak to us."""
Answer = Callable[[bytes], Awaitable[bytes | None]]


@dataclass(eq=False, slots=True)
class Connection:
    """A device's connection, or a stranger's.

    Args:
        heard_at: when it last proved itself, or was opened, of the loop's clock.
        is_busy: what it said is being stored.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str
    heard_at: float
    is_proven: bool = False
    is_busy: bool = False

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While what it said is being stored: it is not closed for another."""
        self.is_busy = True
        try:
            yield
        finally:
            self.is_busy = False

    def prove(self) -> None:
        """It has said something that only a device of ours says."""
        self.is_proven = True
        self.heard_at = asyncio.get_running_loop().time()


Serve = Callable[[Connection], Awaitable[None]]


def address_of(listen: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:10500" or "[::1]:10500"."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def admission(networks: Sequence[str], refused: Callable[[str], None]) -> Admits:
    """Whether an address lies in one of `networks`; `refused` is told of each that does not."""
    known = [ip_network(text) for text in networks]

    def admits(host: str) -> bool:
        address = ip_address(host.partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in known):
            return True
        refused(f"{address} tried to connect and is not in 'allow'")
        return False

    return admits


class _Connections:
    """Those that are open."""

    def __init__(self) -> None:
        self._open: list[Connection] = []

    def admit(self, connection: Connection) -> bool:
        """Take one more in; where there is no room, another is closed for it. False: all of them are busy."""
        if len(self._open) >= CONNECTIONS:
            idle = [one for one in self._open if not one.is_busy]
            if not idle:
                return False
            held = Counter((one.is_proven, one.address) for one in self._open)
            self.close(min(idle, key=lambda one: (one.is_proven, -held[one.is_proven, one.address], one.heard_at)))
        self._open.append(connection)
        return True

    def close_stranger(self, connection: Connection) -> None:
        """Its time to prove itself is over; what it said last may prove it yet."""
        if connection.is_proven:
            return
        if connection.is_busy:
            asyncio.get_running_loop().call_later(PROOF_AGAIN_S, self.close_stranger, connection)
        else:
            self.close(connection)

    def close(self, connection: Connection) -> None:
        """At once: who does not read must not hold what is left to be sent. Its task sees the end of what it reads."""
        if connection in self._open:
            self._open.remove(connection)
        connection.writer.transport.abort()

    def forget(self, connection: Connection) -> None:
        """It was closed in good order."""
        if connection in self._open:
            self._open.remove(connection)


@asynccontextmanager
async def listen_tcp(
    listen: str, serve: Serve, *, limit: int, admits: Admits, proof_s: float | None = None
) -> AsyncIterator[tuple[str, int]]:
    """Serve connections until the context is left, at most `CONNECTIONS` at once; where it listens.

    Args:
        limit: the most bytes of a line.
        proof_s: within so much a connection must have proved itself; None: whenever it has something to say.
    """
    host, port = address_of(listen)
    connections = _Connections()
    serving: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        is_full = len(serving) >= 2 * CONNECTIONS  # those that were closed and have not seen it yet
        if peer is None or is_full or not admits(peer[0]):  # without a name: it is gone already
            writer.transport.abort()
            return
        keep_alive(writer)
        loop = asyncio.get_running_loop()
        connection = Connection(reader, writer, peer[0], loop.time())
        if not connections.admit(connection):
            writer.transport.abort()
            return
        limit_of_proof = None if proof_s is None else loop.call_later(proof_s, connections.close_stranger, connection)
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await serve(connection)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the device went away; it will come back
        except asyncio.CancelledError:
            pass  # the server ends; asyncio would log a connection's task that ends so
        except Exception:  # the edge of one connection: the others go on
            log.exception("a connection of a device failed")
        finally:
            serving.discard(task)
            connections.forget(connection)
            if limit_of_proof is not None:
                limit_of_proof.cancel()
            with contextlib.suppress(ConnectionError):
                writer.close()

    try:
        server = await asyncio.start_server(serve_one, host, port, limit=limit)
    except OSError as error:
        raise _cannot_listen(listen, error) from error
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()
        for task in tuple(serving):
            task.cancel()
        if serving:
            await asyncio.wait(tuple(serving), timeout=2)


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the system find out that a peer is gone which could not say so, as one that lost its power."""
    own: socket.socket | None = writer.get_extra_info("socket")
    if own is None:
        return
    own.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in zip(("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"), KEEPALIVE_S, strict=True):
        option = getattr(socket, name, None)
        if option is not None:  # not every system lets it be chosen
            own.setsockopt(socket.IPPROTO_TCP, option, value)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer, admits: Admits) -> None:
        self._answer = answer
        self._admits = admits
        self._transport: asyncio.DatagramTransport | None = None
        self._working: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(self._working) >= DATAGRAMS or not self._admits(addr[0]):
            return
        task = asyncio.get_running_loop().create_task(self._work(data, addr))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            reply = await self._answer(data)
        except Exception:  # the edge of one datagram
            log.exception("a datagram of a device failed")
            return
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)

    def end(self) -> None:
        for task in tuple(self._working):
            task.cancel()


@asynccontextmanager
async def listen_udp(listen: str, answer: Answer, *, admits: Admits) -> AsyncIterator[tuple[str, int]]:
    """Answer datagrams until the context is left; where it listens."""
    try:
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(answer, admits), local_addr=address_of(listen)
        )
    except OSError as error:
        raise _cannot_listen(listen, error) from error
    try:
        yield transport.get_extra_info("sockname")[:2]
    finally:
        protocol.end()
        transport.close()


def _cannot_listen(listen: str, error: OSError) -> CustosError:
    return CustosError(f"cannot listen on {listen}: {error.strerror or error}.", remedy="Is the port taken?")
