"""A camera as it is seen now: the live protocol of docs/api.md, message by message."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from custos.model.event import Picture
from custos.model.frame import StreamInfo
from custos.model.live import CameraState, TrackBox, TrackView
from custos.model.overlay import Overlay
from custos.server.live import sockets, video
from custos.testing.cameras import SMALLEST_JPEG, START, ScriptedCameras, packet
from custos.testing.serving import PATIENCE_S, Served, serving

H264 = StreamInfo("h264", 640, 480, extradata=b"avcC")
HEVC = StreamInfo("hevc", 640, 480)
START_MSE = {
    "type": "start",
    "mode": "mse",
    "mime": 'video/mp4; codecs="avc1.64001e"',
    "width_px": 640,
    "height_px": 480,
    "epoch_at": "2026-05-04T12:00:00Z",
}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(video, "STATE_EVERY_S", 0.05)
    with serving(tmp_path) as running:
        yield running


@contextmanager
def watching(served: Served, path: str = "/cameras/dock/live", cookie: str | None = None) -> Iterator[Viewer]:
    cookie = cookie or served.sign_in().cookies["custos"]
    headers = {"Cookie": f"custos={cookie}"}
    with connect(f"{served.ws_url}/api/v1{path}", additional_headers=headers) as connection:
        yield Viewer(connection)


class Viewer:
    """A browser's side of the protocol; states are kept apart, for they come when they will."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.states: list[dict[str, object]] = []

    def text(self) -> dict[str, object]:
        told = self._next()
        assert isinstance(told, dict), told
        return told

    def binary(self) -> bytes:
        told = self._next()
        assert isinstance(told, bytes), told
        return told

    def state(self) -> dict[str, object]:
        told = json.loads(self.connection.recv(timeout=PATIENCE_S))
        assert told["type"] == "state"
        assert isinstance(told, dict)
        return told

    def close_code(self) -> int:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.connection.recv(timeout=PATIENCE_S)
        assert self.connection.close_code is not None
        return self.connection.close_code

    def _next(self) -> dict[str, object] | bytes:
        while True:
            message = self.connection.recv(timeout=PATIENCE_S)
            if isinstance(message, bytes):
                return message
            told: dict[str, object] = json.loads(message)
            if told["type"] != "state":
                return told
            self.states.append(told)


def captured_ms(message: bytes) -> float:
    at_ms: float = struct.unpack(">d", message[1:9])[0]
    return at_ms


def ms(after_s: float) -> float:
    return (START + timedelta(seconds=after_s)).timestamp() * 1000


def test_h264_comes_as_fragments_with_their_capture_times(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        without_picture = packet(1, data=b"")
        served.cameras.tell("dock", H264, packet(0, key=True), without_picture, packet(2))
        assert viewer.text() == START_MSE
        assert viewer.binary() == b"\x01init:avcC"
        for n in (0, 2):
            fragment = viewer.binary()
            assert (fragment[0], fragment[9:]) == (2, f"packet {n}".encode())
            assert captured_ms(fragment) == ms(n / 10)


def test_a_stream_that_changes_starts_again_at_its_first_key_frame(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.tell("dock", H264, packet(0, key=True))
        assert [viewer.text()["type"], viewer.binary()[:1], viewer.binary()[9:]] == [
            "start",
            b"\x01",
            b"packet 0",
        ]
        served.cameras.tell("dock", StreamInfo("h264", 1280, 720), packet(2), packet(3, key=True))
        again = viewer.text()
        assert (again["width_px"], again["epoch_at"]) == (1280, "2026-05-04T12:00:00.300000Z")
        assert viewer.binary() == b"\x01init:"
        assert viewer.binary()[9:] == b"packet 3"


def test_what_cannot_be_played_comes_as_pictures(tmp_path: Path) -> None:
    shown = Picture("p", "dock", START, SMALLEST_JPEG)
    cameras = ScriptedCameras({"dock": (HEVC, packet(0, key=True), shown)})
    with serving(tmp_path, cameras=cameras) as served, watching(served) as viewer:
        start = viewer.text()
        assert (start["mode"], start["mime"], start["width_px"]) == ("pictures", "image/jpeg", 640)
        message = viewer.binary()
        assert (message[0], captured_ms(message), message[9:]) == (3, ms(0), SMALLEST_JPEG)


def test_pictures_on_request_whatever_the_codec(served: Served) -> None:
    with watching(served, "/cameras/dock/live?mode=pictures") as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.tell("dock", H264, packet(0, key=True), Picture("p", "dock", START, SMALLEST_JPEG))
        assert viewer.text()["mode"] == "pictures"
        assert viewer.binary()[9:] == SMALLEST_JPEG


def test_tracks_come_with_their_instant(served: Served) -> None:
    box = TrackBox(7, "tracks/dock-1-7", "person", 0.91234, (0.1, 0.2, 0.3, 0.4), observed=True)
    marks = Overlay(
        "entrance",
        "left 1, right 0",
        line_id="gate",
        track_ids=(7,),
        arrows=(((0.1, 0.2), (0.3, 0.4)),),
        cells=((0.0, 0.0, 0.5, 0.5, 1.0),),
        is_alert=True,
    )
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.tell("dock", TrackView(START, (box,), (marks,)), TrackView(START + timedelta(seconds=1), ()))
        assert viewer.text() == {
            "type": "tracks",
            "at": "2026-05-04T12:00:00Z",
            "tracks": [
                {
                    "id": 7,
                    "subject": "tracks/dock-1-7",
                    "class": "person",
                    "confidence": 0.912,
                    "box": [0.1, 0.2, 0.3, 0.4],
                    "observed": True,
                }
            ],
            "overlays": [
                {
                    "behaviour_id": "entrance",
                    "text": "left 1, right 0",
                    "at": None,
                    "zone_id": None,
                    "line_id": "gate",
                    "tracks": [7],
                    "arrows": [[[0.1, 0.2], [0.3, 0.4]]],
                    "cells": [[0.0, 0.0, 0.5, 0.5, 1.0]],
                    "alert": True,
                }
            ],
        }
        assert viewer.text() == {"type": "tracks", "at": "2026-05-04T12:00:01Z", "tracks": [], "overlays": []}


def test_the_state_comes_at_once_now_and_then_and_on_change(served: Served) -> None:
    with watching(served) as viewer:
        assert viewer.state()["state"] == "unserved"
        assert viewer.state()["state"] == "unserved"
        served.cameras.await_viewers("dock", 1)
        served.cameras.states_told["dock"] = CameraState("dock", "connected", START, fps=10.0)
        while (told := viewer.state())["state"] == "unserved":
            pass
        assert (told["fps"], told["since"]) == (10.0, "2026-05-04T12:00:00Z")


def test_nonsense_from_a_viewer_means_nothing(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        for nonsense in ("{", "[" * 60_000, "1" * 10_000, '["pause"]'):
            viewer.connection.send(nonsense)
        assert viewer.connection.ping().wait(PATIENCE_S)
        served.cameras.tell("dock", H264, packet(0, key=True))
        assert viewer.text() == START_MSE


def test_a_pause_holds_the_video_and_resuming_starts_it_afresh(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.tell("dock", H264, packet(0, key=True))
        assert [viewer.text()["type"], viewer.binary()[:1], viewer.binary()[9:]] == [
            "start",
            b"\x01",
            b"packet 0",
        ]
        for nonsense in ("", "{", "[]", '{"type": "dance"}'):
            viewer.connection.send(nonsense)
        viewer.connection.send('{"type": "pause"}')
        settle(viewer)
        served.cameras.tell("dock", packet(2), packet(3, key=True))
        settle(viewer)
        viewer.connection.send('{"type": "resume"}')
        settle(viewer)
        served.cameras.tell("dock", packet(4), packet(5, key=True))
        assert viewer.text()["epoch_at"] == "2026-05-04T12:00:00.500000Z"
        assert viewer.binary() == b"\x01init:avcC"
        assert viewer.binary()[9:] == b"packet 5"


def settle(viewer: Viewer) -> None:
    """The server has acted on what was said before it answers a ping: it reads in order."""
    assert viewer.connection.ping().wait(PATIENCE_S)
    for _ in range(2):
        viewer.state()


def test_a_slow_viewer_goes_on_at_a_key_frame_and_costs_no_memory(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.tell("dock", H264)
        for n in range(900):
            served.cameras.tell("dock", packet(n, key=n % 30 == 0, data=bytes([n % 30]) + bytes(100_000)))
        served.cameras.tell("dock", packet(900, key=True, data=b"\x00end"))
        assert viewer.text()["type"] == "start"
        frames = [viewer.binary()[9:] for _ in range(2)]
        while not frames[-1].endswith(b"end"):
            frames.append(viewer.binary()[9:])
        places = [frame[0] for frame in frames[1:]]
        assert len(places) < 800
        holes = [(a, b) for a, b in pairwise(places) if b != (a + 1) % 30]
        assert holes
        assert {b for _, b in holes} == {0}


def test_a_camera_that_hangs_up_says_so(served: Served) -> None:
    with watching(served) as viewer:
        served.cameras.await_viewers("dock", 1)
        served.cameras.hang_up("dock")
        assert viewer.text()["type"] == "error"
        assert viewer.close_code() == 1013


def test_a_camera_that_is_not_there(served: Served) -> None:
    with watching(served, "/cameras/no-such/live") as viewer:
        assert viewer.close_code() == 4404


def test_a_camera_removed_ends_its_viewers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "BEAT_S", 0.05)
    browser = served.sign_in()
    with watching(served, "/cameras/lobby/live", browser.cookies["custos"]) as viewer:
        served.cameras.await_viewers("lobby", 1)
        browser.delete("/api/v1/cameras/lobby").raise_for_status()
        assert viewer.close_code() == 4404
    served.cameras.await_viewers("lobby", 0)


def test_a_viewer_that_goes_frees_the_camera(served: Served) -> None:
    with watching(served):
        served.cameras.await_viewers("dock", 1)
    served.cameras.await_viewers("dock", 0)
