"""Events as they happen, over a WebSocket."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from custos.model.event import Event
from custos.pipeline.cloudevents import to_cloudevent
from custos.server.app import Limits
from custos.server.live import sockets
from custos.testing.cameras import START
from custos.testing.serving import PATIENCE_S, Served, serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


def event(n: int, kind: str = "zone.entered", camera: str = "dock", site: str = "hq") -> Event:
    return Event(f"e{n}", kind, START + timedelta(seconds=n), f"/sites/{site}/cameras/{camera}", f"tracks/{n}")


@contextmanager
def listening(served: Served, query: str = "", cookie: str | None = None) -> Iterator[ClientConnection]:
    cookie = cookie or served.sign_in().cookies["custos"]
    url = f"{served.ws_url}/api/v1/events/live{query}"
    with connect(url, additional_headers={"Cookie": f"custos={cookie}"}) as listener:
        yield listener


def heard(listener: ClientConnection) -> dict[str, object]:
    told = json.loads(listener.recv(timeout=PATIENCE_S))
    assert isinstance(told, dict)
    return told


def close_code(listener: ClientConnection) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            listener.recv(timeout=PATIENCE_S)
    assert listener.close_code is not None
    return listener.close_code


def test_what_is_published_is_told_at_once_as_cloudevents(served: Served) -> None:
    with listening(served) as one, listening(served) as two:
        served.bus.publish(event(1))
        served.bus.publish(event(2))
        for listener in (one, two):
            assert [heard(listener), heard(listener)] == [to_cloudevent(event(1)), to_cloudevent(event(2))]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?type=zone.", [1, 2]),
        ("?type=line.crossed", [3]),
        ("?type=line.crossed&type=camera.", [3, 4]),
        ("?camera_id=lobby", [2]),
        ("?type=zone.&camera_id=dock", [1]),
    ],
)
def test_filters_all_hold(served: Served, query: str, told: list[int]) -> None:
    with listening(served, query) as listener:
        published = [event(1), event(2, camera="lobby"), event(3, "line.crossed"), event(4, "camera.lost")]
        # Another site's events pass on the same bus, and are never told.
        for one in [event(9, site="elsewhere"), *published]:
            served.bus.publish(one)
        ids = [heard(listener)["id"] for _ in told]
        assert ids == [f"e{n}" for n in told]


@pytest.mark.parametrize("query", [f"?{'type=a.&' * 51}", "?type=*", "?type=", f"?type={'a' * 65}"])
def test_a_listener_asks_for_types_as_a_list_does(served: Served, query: str) -> None:
    """The hub holds every event against each type that somebody listens to."""
    with pytest.raises(InvalidStatus, match="403"), listening(served, query):
        pass


def test_a_program_listens_with_its_token(served: Served) -> None:
    secret = served.sign_in().post("/api/v1/tokens", json={"name": "siem"}).json()["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    with connect(f"{served.ws_url}/api/v1/events/live", additional_headers=headers) as listener:
        served.bus.publish(event(1))
        assert heard(listener)["id"] == "e1"


def test_a_slow_reader_is_told_what_it_missed(served: Served) -> None:
    with listening(served) as listener:
        listener.send("nobody asked")
        count = 60_000
        for n in range(count):
            served.bus.publish(event(n))
        got, missed = 0, 0
        while got + missed < count:
            told = heard(listener)
            if told.get("type") == "gap":
                dropped = told["dropped"]
                assert isinstance(dropped, int)
                assert dropped > 0
                missed += dropped
            else:
                got += 1
                last = told["id"]
        assert got + missed == count
        assert missed > 0
        assert last == f"e{count - 1}"


def test_a_silent_line_is_kept_alive_and_ends_with_the_session(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "BEAT_S", 0.05)
    browser = served.sign_in()
    with listening(served, cookie=browser.cookies["custos"]) as listener:
        assert heard(listener) == {"type": "ping"}
        browser.delete("/api/v1/session").raise_for_status()
        assert close_code(listener) == 4401


def test_a_user_may_not_open_sockets_without_end(tmp_path: Path) -> None:
    with serving(tmp_path, limits=Limits(live_sockets=2)) as served:
        cookie = served.sign_in().cookies["custos"]
        one, two, third = (listening(served, cookie=cookie) for _ in range(3))
        with one, two, third as refused:
            assert close_code(refused) == 1013
        deadline = time.monotonic() + PATIENCE_S
        while not let_in(served, cookie):  # the server may not have noticed yet that the two have gone
            assert time.monotonic() < deadline, "seats are not given back"
            time.sleep(0.01)


def let_in(served: Served, cookie: str) -> bool:
    """Whether somebody new hears an event, and is not turned away."""
    with listening(served, cookie=cookie) as listener:
        served.bus.publish(event(1))
        try:
            return heard(listener)["id"] == "e1"
        except ConnectionClosed:
            assert listener.close_code == 1013
            return False


def test_a_listener_that_goes_leaves_nothing_behind(served: Served) -> None:
    with listening(served):
        assert len(served.bus._mailboxes) == 1
    deadline = time.monotonic() + PATIENCE_S
    while served.bus._mailboxes:
        assert time.monotonic() < deadline, "the server still listens for who has gone"
        time.sleep(0.01)


def test_a_long_message_ends_the_conversation(served: Served) -> None:
    with listening(served) as listener:
        listener.send("x" * 100_000)
        assert close_code(listener) == 1009
