"""A worker's end of the wire: connects, keeps events until the hub has stored them, drops live pictures when slow."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from custos.adapters.link.messages import (
    PAYLOAD_LIMIT,
    EventsMade,
    EventsStored,
    Hello,
    Message,
    PacketSent,
    PictureSent,
    StatesTold,
    TracksTold,
    WireError,
    event_made,
    lengths,
    pack,
    pictures_payload,
    unpack,
)
from custos.model.event import Event, Picture

log = logging.getLogger(__name__)
RETRY_S = 0.25
LIVE_LIMIT = 32 << 20
"""Bytes of live messages waiting to be sent; what comes on top is left out, packets up to the next key frame."""
KEPT_LIMIT = 50_000
"""Batches of events kept while no hub answers; pictures are kept for the newest `PICTURES_LIMIT` of them."""
PICTURES_LIMIT = 1_000


@dataclass(eq=False, slots=True)
class _Batch:
    message: EventsMade
    payload: bytes

    def drop_pictures(self) -> None:
        self.message, self.payload = replace(self.message, pictures=()), b""


class HubLink:
    """Threads that carry messages to the hub at `path` and back. All methods are thread-safe and never wait.

    Args:
        path: of the hub's socket; it need not be there yet.
        hello: said at every connection.
        on_message: called in the reading thread with what the hub says, and with its payload.
        on_down: called when a connection was lost.
    """

    def __init__(
        self,
        path: Path,
        hello: Hello,
        *,
        on_message: Callable[[Message], None],
        on_down: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._hello = hello
        self._on_message = on_message
        self._on_down = on_down
        self._changed = threading.Condition()
        self._kept: deque[_Batch] = deque()
        self._unsent: deque[_Batch] = deque()  # the last of the kept: those that are not on this connection's wire
        self._sequence = 0
        self._live: list[bytes] = []
        self._live_bytes = 0
        self._broken: set[str] = set()  # cameras of which a packet was left out
        self._closing = False
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="hub-link", daemon=True)
        self.forgotten = 0
        """Batches of events given up because no hub took them."""

    def start(self) -> None:
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Batches of events that no hub has said to be stored."""
        return len(self._kept)

    def introduce(self, hello: Hello) -> None:
        """Say who we are from now on."""
        with self._changed:
            self._hello = hello
        self.send_live(hello)

    def send_events(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> None:
        """Keep these until the hub says that they are stored."""
        made, payload = pictures_payload(_fitting(pictures))
        with self._changed:
            self._sequence += 1
            message = EventsMade(self._sequence, tuple(event_made(e) for e in events), made)
            batch = _Batch(message, payload)
            self._kept.append(batch)
            self._unsent.append(batch)
            self._trim()
            self._changed.notify()

    def send_live(self, message: Message, payload: bytes = b"") -> None:
        """Send this if the hub listens and keeps up; it is not worth keeping."""
        with self._changed:
            if self._socket is None or self._leaves_out(message):
                return
            self._live.append(pack(message, payload))
            self._live_bytes += len(self._live[-1])
            self._changed.notify()

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop, after what is kept has gone out or `timeout_s` is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._kept or self._socket is None, timeout_s)
            self._closing = True
            self._changed.notify_all()
        self._hang_up()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _leaves_out(self, message: Message) -> bool:
        """Whether the hub is too slow for this; a stream that misses a packet goes on at its next key frame."""
        is_full = self._live_bytes >= LIVE_LIMIT
        if not isinstance(message, PacketSent):
            return is_full and isinstance(message, PictureSent | StatesTold | TracksTold)
        if is_full:
            self._broken.add(message.camera_id)
        elif message.is_keyframe:
            self._broken.discard(message.camera_id)
        return message.camera_id in self._broken

    def _trim(self) -> None:
        if len(self._kept) > KEPT_LIMIT:
            self._drop_up_to(self._kept[0].message.sequence)
            self.forgotten += 1
        if len(self._kept) > PICTURES_LIMIT:
            self._kept[-PICTURES_LIMIT - 1].drop_pictures()

    def _drop_up_to(self, sequence: int) -> None:
        for batches in (self._kept, self._unsent):
            while batches and batches[0].message.sequence <= sequence:
                batches.popleft()

    def _run(self) -> None:
        while not self._closing:
            try:
                connection = self._connect()
            except OSError:
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, RETRY_S)
                continue
            reader = threading.Thread(target=self._read, args=(connection,), name="hub-link-reader", daemon=True)
            reader.start()
            try:
                self._write(connection)
            except OSError as error:
                log.info("the hub went away: %s", error)
            finally:
                self._hang_up()
                reader.join(2.0)
                self._on_down()

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
            with self._changed:
                connection.sendall(pack(self._hello))  # so little never waits on a fresh socket
                self._unsent = deque(self._kept)
                self._live_bytes = 0
                self._live.clear()
                self._broken.clear()
                self._socket = connection
        except OSError:
            connection.close()
            raise
        return connection

    def _write(self, connection: socket.socket) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._socket is not connection or self._unsent or self._live
                )
                if self._closing or self._socket is not connection:
                    return
                batches = [self._unsent.popleft() for _ in range(min(64, len(self._unsent)))]
                waiting = [(batch.message, batch.payload) for batch in batches]
                live, self._live, self._live_bytes = self._live, [], 0
            for message, payload in waiting:
                connection.sendall(pack(message, payload))
            if live:
                connection.sendall(b"".join(live))

    def _read(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as stream:
                while prefix := stream.read(8):
                    header_size, payload_size = lengths(prefix)
                    message = unpack(stream.read(header_size))
                    stream.read(payload_size)
                    if isinstance(message, EventsStored):
                        self._forget(message.sequence)
                    else:
                        self._on_message(message)
        except (OSError, ValueError, WireError) as error:
            log.info("the hub's end of the wire broke: %s", error)
        self._hang_up(connection)

    def _forget(self, sequence: int) -> None:
        with self._changed:
            self._drop_up_to(sequence)
            self._changed.notify_all()

    def _hang_up(self, connection: socket.socket | None = None) -> None:
        with self._changed:
            if connection is not None and self._socket is not connection:
                return
            current, self._socket = self._socket, None
            self._changed.notify_all()
        if current is not None:
            with contextlib.suppress(OSError):
                current.shutdown(socket.SHUT_RDWR)
            current.close()


def _fitting(pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """As many as one message holds: events without a picture are better than a message that no hub takes."""
    fitting, size = [], 0
    for picture in pictures:
        if size + len(picture.jpeg) <= PAYLOAD_LIMIT:
            fitting.append(picture)
            size += len(picture.jpeg)
    return tuple(fitting)
