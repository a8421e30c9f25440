"""The demo's devices: tells what its door controller, its till and its alarm panel tell, when the cameras show it.

`python -m custos.app.demo_devices --acts devices.jsonl --in-step-from ISO ...`: a process of its own, to which the site
is what it is to real devices: an address for CloudEvents, with a token, a port for lines of text, and one for SIA
DC-09. Standard library only, to stay small. It keeps nothing: begun anew, it tells the last seconds again, under the
same ids.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custos.app.roles import follow_parent, set_up_logging

log = logging.getLogger("custos.demo_devices")
AGAIN_S = 4.0
"""What was due so long before the start is told too: it may not have been heard."""
RETRY_S = 1.0
GIVE_UP_S = 60.0
"""What cannot be told within this time is history."""
ANSWER_S = 5.0
TOKEN_VARIABLE = "CUSTOS_SECRET_DEMO_CONTROLLER_TOKEN"  # noqa: S105  where the token is, not the token


@dataclass(frozen=True, slots=True)
class Due:
    """An act in its round. `number`: of the act, the same in every round."""

    at_s: float
    round: int
    number: int
    act: dict[str, Any]


def due_acts(acts: Sequence[dict[str, Any]], *, first_round_s: float, period_s: float, from_s: float) -> Iterator[Due]:
    """All acts that are due at or after `from_s` (seconds since 1970), round after round, without end."""
    number = int((from_s - first_round_s) // period_s)
    while acts:
        for i, act in enumerate(acts):
            at_s = first_round_s + number * period_s + float(act["at_s"])
            if at_s >= from_s:
                yield Due(at_s, number, i, act)
        number += 1


class Controller:
    """Posts CloudEvents."""

    def __init__(self, address: tuple[str, int], token: str, site_id: str, series: str) -> None:
        self._address, self._token, self._site_id, self._series = address, token, site_id, series

    def await_site(self) -> None:
        """Until the site listens: what is told long after it happened looks like a clock that is wrong."""
        while True:
            try:
                socket.create_connection(self._address, ANSWER_S).close()
                return
            except OSError:
                time.sleep(RETRY_S)

    def tell(self, due: Due) -> None:
        """OSError or HTTPException when the site does not answer, or cannot take it now."""
        event = {
            "specversion": "1.0",
            "id": f"demo-{self._series}-{due.round}-{due.number}",
            "type": f"custos.{due.act['type']}",
            "source": f"/sites/{self._site_id}/{due.act['source']}",
            "time": _instant(due.at_s),
            "data": due.act["data"],
        }
        connection = http.client.HTTPConnection(*self._address, timeout=ANSWER_S)
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/cloudevents+json"}
            connection.request("POST", "/api/v1/events", json.dumps(event).encode(), headers)
            answer = connection.getresponse()
            said = answer.read(500).decode(errors="replace")
        finally:
            connection.close()
        if answer.status >= 500 or answer.status == 429:
            raise OSError(f"the site answers {answer.status}")
        if answer.status >= 400:
            log.error("the site refuses %s: %d %s", due.act["type"], answer.status, said)


class Till:
    """Sends lines over one connection, which it makes anew when the other side is gone."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def tell(self, due: Due) -> None:
        """OSError when the site does not listen."""
        connection = self.connect()
        receipt = datetime.fromtimestamp(due.at_s, UTC).strftime("%m%d-%H%M%S")
        line = str(due.act["line"]).replace("{time}", _instant(due.at_s)).replace("{receipt}", receipt)
        connection.sendall(line.encode() + b"\n")

    def connect(self) -> socket.socket:
        """The connection, made anew where need be. OSError when the site does not listen."""
        if self._connection is not None and not _is_closed(self._connection):
            return self._connection
        self.hang_up()
        self._connection = socket.create_connection(("127.0.0.1", self._port), ANSWER_S)
        return self._connection

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Panel:
    """Reports by SIA DC-09 over TCP, a connection for each frame, and waits for the acknowledgement."""

    def __init__(self, port: int) -> None:
        self._port = port

    def tell(self, due: Due) -> None:
        """OSError when nobody answers, or the site does not take the frame: it is sent again, under its number."""
        frame = sia_frame(due)
        with socket.create_connection(("127.0.0.1", self._port), ANSWER_S) as connection:
            connection.settimeout(ANSWER_S)
            connection.sendall(frame)
            answer = b""
            while not answer.endswith(b"\r"):
                piece = connection.recv(1024)
                if not piece:
                    raise OSError("the receiver has hung up without an answer")
                answer += piece
        if b'"ACK"' not in answer:
            raise OSError(f"the receiver answers {answer!r}")


def sia_frame(due: Due) -> bytes:
    """The act as a frame of ANSI/SIA DC-09, 5.5.1, with the time at which it happened; a test of the line is a NULL."""
    account, data = str(due.act["account"]), str(due.act["sia"])
    number = (due.round * 1000 + due.number) % 9999 + 1
    happened = datetime.fromtimestamp(due.at_s, UTC).strftime("%H:%M:%S,%m-%d-%Y")
    kind, content = ("SIA-DCS", f"#{account}|{data}") if data else ("NULL", "")
    body = f'"{kind}"{number:04d}L0#{account}[{content}]_{happened}'.encode()
    return b"\n%04X%04X%s\r" % (_crc16(body), len(body), body)


def _crc16(data: bytes) -> int:
    """As DC-09 asks for: 0xA001, reflected, from 0."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


def _is_closed(connection: socket.socket) -> bool:
    """The other side sends nothing: what there is to read is the end."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)


def _instant(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def play(acts: Sequence[dict[str, Any]], arguments: argparse.Namespace, token: str) -> None:
    """Tell every act when it is due, for ever."""
    first_round_s = arguments.in_step_from.timestamp()
    controller = Controller((arguments.host, arguments.port), token, arguments.site_id, f"{int(first_round_s):x}")
    till = Till(arguments.till_port)
    tellers: dict[str, Teller] = {"controller": controller, "till": till, "panel": Panel(arguments.panel_port)}
    controller.await_site()
    from_s = max(time.time() - AGAIN_S, first_round_s)
    for due in due_acts(acts, first_round_s=first_round_s, period_s=arguments.period_s, from_s=from_s):
        _await(due.at_s, till)
        tell_surely(due, tellers[due.act["teller"]])


def _await(at_s: float, till: Till) -> None:
    """Until it is due; a till that has lost its line calls again meanwhile."""
    while (left_s := at_s - time.time()) > 0:
        try:
            select.select([till.connect()], [], [], left_s)
        except OSError as error:
            log.debug("the till is not heard: %s", error)
        time.sleep(max(0.0, min(at_s - time.time(), RETRY_S)))


Teller = Controller | Till | Panel


def tell_surely(due: Due, teller: Teller) -> None:
    """Tell it, again and again until it is heard, or is too old to matter."""
    while time.time() - due.at_s < GIVE_UP_S:
        try:
            teller.tell(due)
            return
        except (OSError, http.client.HTTPException) as error:
            log.info("%s is told again: %s", _named(due), error)
            time.sleep(RETRY_S)
    log.warning("%s could not be told", _named(due))


def _named(due: Due) -> str:
    return str(due.act.get("type") or due.act.get("sia") or "a line")


def main(argv: Sequence[str] | None = None) -> int:
    """The role's command line; for the supervisor, not for people."""
    parser = argparse.ArgumentParser(prog="custos-demo-devices")
    parser.add_argument("--acts", type=Path, required=True)
    parser.add_argument("--in-step-from", type=datetime.fromisoformat, required=True)
    parser.add_argument("--period-s", type=float, required=True)
    parser.add_argument("--site-id", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--till-port", type=int, required=True)
    parser.add_argument("--panel-port", type=int, required=True)
    parser.add_argument("--log", type=Path)
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=follow_parent, args=(lambda: None,), daemon=True).start()
    acts = [json.loads(line) for line in arguments.acts.read_text(encoding="utf-8").splitlines()]
    play(acts, arguments, os.environ[TOKEN_VARIABLE])
    return 0


if __name__ == "__main__":
    sys.exit(main())
