"""The process that plays the demo's devices: what is due when, and what it does when nobody answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice

import pytest

from custos.adapters.devices.sia_frame import content_of, occurred_at, read_frame
from custos.app.demo_devices import Controller, Due, Panel, Till, due_acts, sia_frame, tell_surely

ACTS = [{"at_s": 1.0}, {"at_s": 4.0}]


def due(from_s: float, count: int) -> list[tuple[float, int, int]]:
    found = islice(due_acts(ACTS, first_round_s=100.0, period_s=10.0, from_s=from_s), count)
    return [(one.at_s, one.round, one.number) for one in found]


def test_without_acts_nothing_is_due() -> None:
    assert list(due_acts([], first_round_s=0.0, period_s=10.0, from_s=0.0)) == []


def test_acts_come_round_after_round() -> None:
    assert due(100.0, 4) == [(101.0, 0, 0), (104.0, 0, 1), (111.0, 1, 0), (114.0, 1, 1)]


def test_whoever_begins_in_the_middle_tells_what_is_due_from_there_under_the_same_numbers() -> None:
    assert due(112.5, 2) == [(114.0, 1, 1), (121.0, 2, 0)]
    assert due(111.0, 1) == [(111.0, 1, 0)]


def line(at_s: float) -> Due:
    return Due(at_s, 0, 0, {"line": "{time};SALE;{receipt}"})


def test_a_till_whose_line_was_cut_calls_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        till = Till(listener.getsockname()[1])
        till.tell(line(86_400.5))
        first, _ = listener.accept()
        assert first.recv(200) == b"1970-01-02T00:00:00.500+00:00;SALE;0102-000000\n"
        first.close()
        till.tell(line(86_401.0))
        second, _ = listener.accept()
        assert second.recv(200).startswith(b"1970-01-02T00:00:01.000")
        second.close()
        till.hang_up()


def alarm(round_: int = 3, sia: str = "Nri1/BA11") -> Due:
    return Due(1_767_225_600.4, round_, 9, {"account": "4711", "sia": sia})


def test_the_panel_speaks_dc_09_and_says_when_it_happened() -> None:
    frame = read_frame(sia_frame(alarm())[1:-1])
    content = content_of(frame, None)
    assert (frame.id, frame.account, frame.sequence, content.data) == ("SIA-DCS", "4711", "3010", "Nri1/BA11")
    assert content.stamped_at is not None
    assert content.stamped_at.timestamp() == 1_767_225_600
    assert occurred_at(content) in (None, content.stamped_at)
    assert read_frame(sia_frame(alarm(4))[1:-1]).sequence != frame.sequence, "another round is another event"
    assert read_frame(sia_frame(alarm(sia=""))[1:-1]).id == "NULL"


@pytest.mark.parametrize(("answers", "tries"), [([b""], 2), ([b'\n00000000"DUH"0000L0#4711[]\r'], 2), ([], 1)])
def test_the_panel_sends_its_frame_again_until_it_is_acknowledged(answers: list[bytes], tries: int) -> None:
    heard: list[bytes] = []
    due = Due(float(int(time.time())), 0, 0, {"account": "4711", "sia": "Nri1/BA11"})
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for reply in [*answers, b'\n00000000"ACK"0001L0#4711[]\r']:
                connection, _ = listener.accept()
                heard.append(connection.recv(1024))
                connection.sendall(reply)
                connection.close()

        receiver = threading.Thread(target=answer)
        receiver.start()
        tell_surely(due, Panel(listener.getsockname()[1]))
        receiver.join()
    assert heard == [sia_frame(due)] * tries


@contextmanager
def site(statuses: list[int]) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """A peer that answers with these statuses, then 200; its port, and what it was sent."""
    heard: list[dict[str, object]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append({**body, "token": self.headers["Authorization"], "path": self.path})
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port, heard
    server.shutdown()
    server.server_close()
    thread.join()


def opened(at_s: float) -> Due:
    return Due(at_s, 2, 7, {"type": "door.opened", "source": "doors/x", "data": {"door_id": "x"}})


def test_what_the_site_cannot_take_now_is_told_again_under_the_same_id() -> None:
    now_s = float(int(time.time()))
    with site([503]) as (port, heard):
        tell_surely(opened(now_s), Controller(("127.0.0.1", port), "the-token", "demo", "a1"))
    assert [one["id"] for one in heard] == ["demo-a1-2-7"] * 2
    assert heard[0]["type"] == "custos.door.opened"
    assert heard[0]["source"] == "/sites/demo/doors/x"
    assert heard[0]["token"] == "Bearer the-token"
    assert heard[0]["path"] == "/api/v1/events"
    assert datetime.fromisoformat(str(heard[0]["time"])).timestamp() == now_s


def test_what_the_site_refuses_is_told_once_and_what_is_long_past_never() -> None:
    with site([403]) as (port, heard):
        controller = Controller(("127.0.0.1", port), "the-token", "demo", "a1")
        tell_surely(opened(time.time()), controller)
        tell_surely(opened(time.time() - 3600), controller)
    assert len(heard) == 1
