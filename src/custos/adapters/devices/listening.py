"""Ports that devices connect to: `listen_tcp`, `listen_udp`, with limits that no stranger can exceed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from custos.model.errors import CustosError

log = logging.getLogger(__name__)
CONNECTIONS = 256
DATAGRAMS = 256
"""Datagrams being worked on; more are dropped, and their senders send again."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = Callable[[bytes], Awaitable[bytes | None]]


def address_of(listen: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:10500" or "[::1]:10500"."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


@asynccontextmanager
async def listen_tcp(listen: str, serve: Serve, *, limit: int) -> AsyncIterator[tuple[str, int]]:
    """Serve connections until the context is left, at most `CONNECTIONS` at once; where it listens.

    Args:
        limit: the most bytes of a line.
    """
    host, port = address_of(listen)
    open_now: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(open_now) >= CONNECTIONS:
            writer.close()
            return
        open_now[task] = writer
        try:
            await serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the device went away; it will come back
        except asyncio.CancelledError:
            pass  # the server ends; asyncio would log a connection's task that ends so
        except Exception:  # the edge of one connection: the others go on
            log.exception("a connection of a device failed")
        finally:
            del open_now[task]
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
        for task in tuple(open_now):
            task.cancel()
        if open_now:
            await asyncio.wait(tuple(open_now), timeout=2)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None
        self._working: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(self._working) >= DATAGRAMS:
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
async def listen_udp(listen: str, answer: Answer) -> AsyncIterator[tuple[str, int]]:
    """Answer datagrams until the context is left; where it listens."""
    try:
        transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(answer), local_addr=address_of(listen)
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
