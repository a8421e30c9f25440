"""Multipart MJPEG from a real HTTP server."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from custos.adapters.media.jpeg import encode_jpeg
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.opening import open_source
from custos.adapters.sources.probe import probe
from custos.model.errors import CustosError
from custos.model.site import Camera
from custos.pipeline.ports import Source
from custos.testing.clips import picture
from custos.testing.sources import PATIENCE_S, Reading, lost, opened, packets

TOKEN = "Basic " + base64.b64encode(b"jane:p4ssw0rd").decode()
INTERVAL_S = 0.05


class CameraServer(ThreadingHTTPServer):
    """Serves /mjpg, /guarded, /once (5 pictures), /text, /silent; anything else is not found."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ending = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: CameraServer

    def log_message(self, format: str, *args: object) -> None:  # the name is the base class's
        pass

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/guarded" and self.headers.get("Authorization") != TOKEN:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif path in ("/mjpg", "/guarded", "/once", "/silent"):
            self._stream({"/once": 5, "/silent": 3}.get(path, 100_000))
            if path == "/silent":
                self.server.ending.wait()
        elif path == "/text":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please use our app.</html>" * 500)
        else:
            self.send_error(404)

    def _stream(self, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=--frame")
        self.end_headers()
        try:
            for index in range(count):
                jpeg = encode_jpeg(picture(index, 98, 66), 90)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")
                if self.server.ending.wait(INTERVAL_S):
                    return
        except (BrokenPipeError, ConnectionResetError):
            return  # the reader has gone


@pytest.fixture
def server() -> Iterator[str]:
    with CameraServer() as now:
        thread = threading.Thread(target=now.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{now.server_address[1]}"
        now.ending.set()
        now.shutdown()
        thread.join(PATIENCE_S)


@contextmanager
def reading(url: str) -> Iterator[Reading[Source]]:
    with Reading(open_source(Camera("cam", "cam", url), base_dir=Path("/"))) as now:
        yield now


def test_pictures_come_and_their_times_are_those_of_arrival(server: str) -> None:
    with reading(f"http://{server}/mjpg") as now:
        items = now.wait(lambda items: len(packets(items)) >= 40)
    info, found = opened(items)[0].info, packets(items)
    assert (info.codec, info.width_px, info.height_px, info.fps) == ("mjpeg", 98, 66, 0.0)
    assert all(packet.is_keyframe for packet in found)
    assert all(a.dts_s < b.dts_s and a.captured_at < b.captured_at for a, b in pairwise(found))
    # They are sent at intervals of at least so much; a busy machine may take one late, but not all of these.
    spans_s = {i: (found[39].captured_at - found[i].captured_at).total_seconds() for i in range(10, 25)}
    assert max(span_s - (39 - i) * INTERVAL_S for i, span_s in spans_s.items()) > -0.2
    assert abs((datetime.now(UTC) - found[-1].captured_at).total_seconds()) < PATIENCE_S
    decoder = PacketDecoder(info, "cam")
    frames = [frame for packet in found for frame in decoder.decode(packet)]
    assert len(frames) == len(found)
    drawn = picture(len(frames) - 1, 98, 66)
    assert np.abs(frames[-1].bgr.astype(int) - drawn.astype(int)).mean() < 10


def test_a_password(server: str) -> None:
    assert probe(f"http://jane:p4ssw0rd@{server}/guarded", PATIENCE_S).codec == "mjpeg"
    for wrong in ("", "jane:no-no-no@"):
        with pytest.raises(CustosError, match="401") as refused:
            probe(f"http://{wrong}{server}/guarded", PATIENCE_S)
        assert "no-no-no" not in str(refused.value)


def test_what_is_not_there_and_what_is_no_video(server: str) -> None:
    with pytest.raises(CustosError, match="404"):
        probe(f"http://{server}/nothing", PATIENCE_S)
    with pytest.raises(CustosError, match="no video"):
        probe(f"http://{server}/text", PATIENCE_S)


def test_a_stream_that_ends_is_lost_and_opened_again(server: str) -> None:
    with reading(f"http://{server}/once") as now:
        items = now.wait(lambda items: len(opened(items)) >= 2)
    assert lost(items)[0].kind == "lost"
    assert "closed" in lost(items)[0].reason
    assert len(packets(items)) >= 5


def test_a_stream_that_falls_silent_is_stalled(server: str) -> None:
    with reading(f"http://{server}/silent") as now:
        items = now.wait(lambda items: bool(lost(items)))
    assert lost(items)[0].kind == "stalled"
