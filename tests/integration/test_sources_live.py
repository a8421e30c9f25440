"""Live sources and their child processes: looped files, death, hanging, secrets."""

from __future__ import annotations

import logging
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from custos.adapters.sources.address import locate
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.launching import IngestHost
from custos.adapters.sources.live import Limits, LiveSource
from custos.adapters.sources.opening import open_source
from custos.adapters.sources.probe import probe
from custos.model.errors import CustosError
from custos.model.frame import Clock, Packet, SourceItem, StreamInfo, StreamLost, StreamOpened
from custos.model.site import Camera
from custos.testing.clips import cut_clip, write_clip
from custos.testing.sources import PATIENCE_S, Reading, lost, opened, packets

PATIENT = Limits(open_s=PATIENCE_S, stall_s=PATIENCE_S)
"""A busy machine is not what these tests are about."""
PASSWORD = "hunter2-very-secret"
USER = "watchman-jane"


@contextmanager
def reading(url: str, *, base_dir: Path = Path("/"), limits: Limits = PATIENT) -> Iterator[Reading[LiveSource]]:
    """A looped file, or a camera, as it is read."""
    source = open_source(Camera("cam", "cam", url, loop=True), base_dir=base_dir, limits=limits)
    assert isinstance(source, LiveSource)
    with Reading(source) as now:
        yield now


def test_a_looped_file_is_a_camera(tmp_path: Path) -> None:
    """Paced by the clock, times go on over the loop, rounds start with a key frame, all can be decoded."""
    write_clip(tmp_path / "a.mp4", frames=15, fps=30, gop=5)
    with reading("a.mp4", base_dir=tmp_path) as now:
        items = now.wait(lambda items: len(packets(items)) >= 40)
        times = [heard.at_s for heard in now.heard if isinstance(heard.item, Packet)]
    found = packets(items)[:40]
    assert [one.loops for one in opened(items)] == [True]
    assert not lost(items)
    # Each is heard when it is due or, by a busy machine, later: some of the first were heard in time.
    assert max(times[39] - times[i] - (39 - i) / 30 for i in range(10)) > -0.1
    assert all(a.dts_s < b.dts_s for a, b in pairwise(found))
    assert all(a.captured_at < b.captured_at for a, b in pairwise(found))
    assert [b.dts_s - a.dts_s for a, b in pairwise(found)] == pytest.approx([1 / 30] * 39, abs=1e-3)
    assert [p.is_keyframe for p in found[::15]] == [True] * 3
    assert {p.clock for p in found} == {Clock.ARRIVAL}
    assert abs((datetime.now(UTC) - found[-1].captured_at).total_seconds()) < PATIENCE_S
    decoder = PacketDecoder(opened(items)[0].info, "cam")
    assert sum(len(decoder.decode(p)) for p in found) == 40
    assert decoder.damaged == 0


def test_a_looped_file_whose_resolution_changes_tells_so_each_time(tmp_path: Path) -> None:
    parts = [
        write_clip(tmp_path / f"{i}.h264", width_px=w, frames=6, fps=30).read_bytes() for i, w in enumerate([64, 96])
    ]
    (tmp_path / "a.h264").write_bytes(b"".join(parts))
    with reading("a.h264", base_dir=tmp_path) as now:
        items = now.wait(lambda items: len(opened(items)) >= 4)
    assert [o.info.width_px for o in opened(items)][:4] == [64, 96, 64, 96]


def test_a_killed_child_is_lost_and_comes_back(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with reading("a.mp4", base_dir=tmp_path) as now:
        now.wait(lambda items: len(packets(items)) >= 5)
        pid = now.source.child_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        before = len(now.items)
        items = now.wait(lambda items: len(packets(items[before:])) >= 5 and len(opened(items)) == 2)
        assert [(item.kind, item.final) for item in lost(items)] == [("lost", False)]
        assert now.source.child_pid != pid
    times = [p.captured_at for p in packets(items)]
    assert times == sorted(set(times))


def test_a_child_that_hangs_is_stalled_killed_and_replaced(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with reading("a.mp4", base_dir=tmp_path, limits=replace(PATIENT, stall_s=2.0)) as now:
        now.wait(lambda items: len(packets(items)) >= 5)
        pid = now.source.child_pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        items = now.wait(lambda items: len(opened(items)) >= 2)
        assert lost(items)[0].kind == "stalled"
        assert not psutil.pid_exists(pid)


SET_BACK = """#!{python}
import sys, time
from pathlib import Path
from custos.adapters.sources.demux import Description, RawPacket
from custos.adapters.sources.wire import Arrived, encode
first, again = Path({first!r}), Path({first!r}).exists()
first.touch()
told, now = sys.stdout.buffer, time.time()
told.write(encode(Description("h264", 64, 48, 10.0, "yuv420p", b"")))
for i in range(20):
    set_back_s = 3600.0 if again or i >= 10 else 0.0
    told.write(encode(Arrived(RawPacket(b"x", i / 10, i / 10, i % 10 == 0), now + i / 10 - set_back_s)))
told.flush()
sys.stdin.buffer.read()
"""


def test_a_clock_set_back_begins_a_new_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child, which alone looks at the clock, is one whose clock is set back by an hour."""
    child = tmp_path / "python"
    child.write_text(SET_BACK.format(python=sys.executable, first=str(tmp_path / "first")))
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    with reading("rtsp://192.0.2.1/s", limits=replace(PATIENT, first_delay_s=0.05)) as now:
        items = now.wait(lambda items: len(packets(items)) >= 30)
    assert [item.reason for item in lost(items)] == ["the clock of this machine was set"]
    assert [type(item) for item in items[:1] + items[11:13]] == [StreamOpened, StreamLost, StreamOpened]
    times = [p.captured_at for p in packets(items)]
    assert (times[9] - times[10]).total_seconds() > 3500
    steps = [(b - a).total_seconds() for a, b in pairwise(times[10:])]
    assert steps == pytest.approx([0.1] * 19, abs=1e-3), "the new stream runs at its own pace, not slowed"


def test_a_clock_set_forward_begins_a_new_stream(tmp_path: Path) -> None:
    """Whoever was in the picture had been there for an hour, and loitered."""
    write_clip(tmp_path / "a.mp4", frames=15, fps=30, gop=5)
    ahead_s = [0.0]
    address = locate("a.mp4", base_dir=tmp_path)
    source = LiveSource(address, "cam", loop=True, limits=PATIENT, clock_offset_s=lambda: ahead_s[0])
    with Reading(source) as now:
        now.wait(lambda items: len(packets(items)) >= 5)
        ahead_s[0] = 4.0
        seen = len(packets(now.wait(lambda items: len(packets(items)) >= 10)))
        ahead_s[0] = 3600.0
        items = now.wait(lambda items: len(opened(items)) == 2 and len(packets(items)) >= seen + 5)
    assert [item.reason for item in lost(items)] == ["the clock of this machine was set"]


def test_a_missing_file_is_reported_once_and_awaited(tmp_path: Path) -> None:
    with reading("a.mp4", base_dir=tmp_path) as now:
        items = now.wait(lambda items: bool(lost(items)))
        assert "no such file" in lost(items)[0].reason
        write_clip(tmp_path / "b.mp4", frames=20, fps=20).rename(tmp_path / "a.mp4")
        items = now.wait(lambda items: len(packets(items)) >= 3)
    assert [type(item) for item in items[:2]] == [StreamLost, StreamOpened]


def test_an_address_that_accepts_and_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/s"
        with reading(url, limits=Limits(open_s=1.0)) as now:
            items = now.wait(lambda items: bool(lost(items)))
            pid = now.source.child_pid
        assert "time limit" in lost(items)[0].reason
        assert pid is None or not psutil.pid_exists(pid)


class Refusing(socketserver.StreamRequestHandler):
    """A camera that answers 401 to everything."""

    calls: ClassVar[list[str]] = []

    def handle(self) -> None:
        while line := self.rfile.readline():
            if line.startswith(b"CSeq:"):
                answer = b'RTSP/1.0 401 Unauthorized\r\n%bWWW-Authenticate: Basic realm="x"\r\n\r\n' % line
                self.calls.append(answer.decode())
                self.wfile.write(answer)


def test_a_camera_that_refuses_a_password_is_left_alone_for_a_while() -> None:
    """Cameras lock accounts that keep trying."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"rtsp://a:b@127.0.0.1:{server.server_address[1]}/s"
        with reading(url, limits=replace(PATIENT, first_delay_s=0.05, longest_delay_s=0.05)) as now:
            now.wait(lambda items: bool(lost(items)))
            calls = len(Refusing.calls)
            time.sleep(1.0)
            assert len(Refusing.calls) == calls > 0
        server.shutdown()


def test_a_stream_is_told_from_its_first_key_frame_on(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.ts", frames=40, fps=20, gop=10)
    cut_clip(clip, tmp_path / "b.ts", first=3)
    with reading("b.ts", base_dir=tmp_path) as now:
        items = now.wait(lambda items: bool(packets(items)))
    assert packets(items)[0].is_keyframe


def test_a_stream_without_key_frames_is_given_up(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.ts", frames=100, fps=20, gop=90)
    cut_clip(clip, tmp_path / "b.ts", first=3)
    with reading("b.ts", base_dir=tmp_path, limits=replace(PATIENT, key_frame_s=0.5)) as now:
        items = now.wait(lambda items: bool(lost(items)))
    assert not opened(items)
    assert lost(items)[0].kind == "stalled"


def test_closing_while_it_opens_and_while_it_waits_is_quick(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/s"
        source = LiveSource(locate(url, base_dir=tmp_path), "cam")
        now = Reading(source)
        give_up_at = time.monotonic() + PATIENCE_S
        while source.child_pid is None and time.monotonic() < give_up_at:
            time.sleep(0.01)
        pid = source.child_pid
        assert pid is not None
        now.close()
        assert not psutil.pid_exists(pid)
    with reading("rtsp://127.0.0.1:1/s") as refused:
        refused.wait(lambda items: bool(lost(items)))


def test_a_reader_that_walks_away_leaves_no_child(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    source = open_source(Camera("cam", "cam", "a.mp4", loop=True), base_dir=tmp_path)
    assert isinstance(source, LiveSource)
    items = iter(source)
    next(items)
    pid = source.child_pid
    assert pid is not None
    del items
    assert not psutil.pid_exists(pid)


def test_a_slow_reader_is_not_taken_for_a_stalled_camera(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    limits = replace(PATIENT, stall_s=1.5)
    source = open_source(Camera("cam", "cam", "a.mp4", loop=True), base_dir=tmp_path, limits=limits)
    seen: list[SourceItem] = []
    for item in source:
        seen.append(item)
        if len(seen) == 3:
            time.sleep(2.0)
        if len(seen) == 30:
            source.close()
    assert not lost(seen)


PARENT = """
import sys, threading, time
from pathlib import Path
from custos.adapters.sources.opening import open_source
from custos.model.site import Camera
source = open_source(Camera("cam", "cam", sys.argv[1], loop=True), base_dir=Path("/"))
threading.Thread(target=lambda: list(source), daemon=True).start()
while source.child_pid is None:
    time.sleep(0.01)
print(source.child_pid, flush=True)
time.sleep(60)
"""


def await_end(*processes: psutil.Process) -> None:
    """Until they have ended; whether their new parent has taken note is its own business."""
    give_up_at = time.monotonic() + PATIENCE_S
    while any(runs(process) for process in processes):
        assert time.monotonic() < give_up_at, processes
        time.sleep(0.01)


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("busy", ["opening", "sending"])
def test_a_child_does_not_outlive_its_parent(busy: str, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = str(clip) if busy == "sending" else f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/s"
        parent = subprocess.Popen([sys.executable, "-c", PARENT, url], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        parent.stdout.close()
        await_end(child)


def test_the_child_stays_small(tmp_path: Path) -> None:
    """It runs once for each camera: no NumPy, no OpenCV."""
    code = "import sys, custos.adapters.sources.ingest; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "cv2", "asyncio", "custos.model.frame"} & set(loaded)


# -- processes forked by a host


@pytest.fixture
def host() -> Iterator[IngestHost]:
    host = IngestHost()
    yield host
    host.close()


@contextmanager
def hosted(host: IngestHost, clip: Path, *, limits: Limits = PATIENT) -> Iterator[Reading[LiveSource]]:
    camera = Camera("cam", "cam", str(clip), loop=True)
    source = open_source(camera, base_dir=Path("/"), limits=limits, launch=host.launch)
    assert isinstance(source, LiveSource)
    with Reading(source) as now:
        yield now


def test_a_host_that_nobody_asks_starts_nothing(host: IngestHost) -> None:
    assert host.pid is None
    host.close()


def test_a_host_forks_a_process_for_each_source(host: IngestHost, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with hosted(host, clip) as one, hosted(host, clip) as two:
        one.wait(lambda items: len(packets(items)) >= 3)
        two.wait(lambda items: len(packets(items)) >= 3)
        pids = {one.source.child_pid, two.source.child_pid}
        assert len(pids) == 2
        assert host.pid is not None
        assert {child.pid for child in psutil.Process(host.pid).children()} == pids
        assert not lost([*one.items, *two.items])
    give_up_at = time.monotonic() + PATIENCE_S
    while psutil.Process(host.pid).children():
        assert time.monotonic() < give_up_at, "all end, and there are no zombies either"
        time.sleep(0.01)


def test_one_that_hangs_is_killed_and_the_other_goes_on(host: IngestHost, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with hosted(host, clip, limits=replace(PATIENT, stall_s=2.0)) as one, hosted(host, clip) as two:
        one.wait(lambda items: len(packets(items)) >= 3)
        two.wait(lambda items: len(packets(items)) >= 3)
        pid = one.source.child_pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        items = one.wait(lambda items: len(opened(items)) >= 2)
        assert lost(items)[0].kind == "stalled"
        assert not psutil.pid_exists(pid)
        assert not lost(two.items)


def test_a_host_that_was_killed_is_replaced_and_its_sources_come_back(host: IngestHost, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    with hosted(host, clip) as one:
        one.wait(lambda items: len(packets(items)) >= 3)
        first = host.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        items = one.wait(lambda items: len(opened(items)) == 2)
        assert len(lost(items)) == 1
        assert host.pid not in (None, first)


HOSTING = """
import sys
from pathlib import Path
from custos.adapters.sources.launching import IngestHost
from custos.adapters.sources.opening import open_source
from custos.model.site import Camera
host = IngestHost()
source = open_source(Camera("cam", "cam", sys.argv[1], loop=True), base_dir=Path("/"), launch=host.launch)
for item in source:
    print(source.child_pid, host.pid, flush=True)
"""


def test_forks_and_their_host_end_with_whoever_asked_for_them(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", frames=20, fps=20)
    parent = subprocess.Popen([sys.executable, "-c", HOSTING, str(clip)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    ended = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    await_end(*ended)


def all_that_others_can_see(pid: int) -> str:
    process = psutil.Process(pid)
    return " ".join([*process.cmdline(), *process.environ().values(), process.name()])


class Leaking(socketserver.ThreadingTCPServer):
    """A camera that repeats the password in its answer, once it may answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), LeakingHandler)
        self.called, self.may_answer = threading.Event(), threading.Event()


class LeakingHandler(socketserver.StreamRequestHandler):
    server: Leaking

    def handle(self) -> None:
        protocol = "RTSP/1.0" if b"RTSP" in self.rfile.readline() else "HTTP/1.1"
        self.server.called.set()
        self.server.may_answer.wait(PATIENCE_S)
        self.wfile.write(f"{protocol} 500 {PASSWORD} is no good\r\nCSeq: 1\r\n\r\n".encode())


@pytest.mark.parametrize("path", ["/s", "/s?token=hunter2-very-secret&x=1"], ids=["plain", "token"])
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_credentials_are_seen_nowhere(
    scheme: str, path: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with Leaking() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{server.server_address[1]}{path}"
        with reading(url) as now:
            assert server.called.wait(PATIENCE_S)
            pid = now.source.child_pid
            assert pid is not None
            seen = [all_that_others_can_see(pid), all_that_others_can_see(os.getpid()), repr(now.source)]
            server.may_answer.set()
            items = now.wait(lambda items: bool(lost(items)))
        with pytest.raises(CustosError) as refused:
            probe(url, PATIENCE_S)
        server.shutdown()
    # FFmpeg repeats what an RTSP server says, but not an HTTP server.
    assert ("*** is no good" in lost(items)[0].reason) == (scheme == "rtsp")
    assert ("*** is no good" in refused.value.what) == (scheme == "rtsp")
    error = [str(refused.value), repr(refused.value), repr(refused.value.__context__)]
    for text in [*seen, *error, repr(items), caplog.text, *capfd.readouterr()]:
        assert PASSWORD not in text
        assert USER not in text


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CustosError, match="no such file or device") as refused:
        probe("/dev/video97", PATIENCE_S)
    assert refused.value.where == "/dev/video97"
    with reading("/dev/video97") as now:
        assert "no such file or device" in lost(now.wait(lambda items: bool(lost(items))))[0].reason


def test_what_answers_a_probe(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4", width_px=96, frames=5)
    info = probe("a.mp4", PATIENCE_S, base_dir=tmp_path)
    assert isinstance(info, StreamInfo)
    assert (info.codec, info.width_px, info.height_px) == ("h264", 96, 48)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("rtsp://127.0.0.1:1/s", "refused the connection"),
        ("http://127.0.0.1:1/s", "refused the connection"),
        ("rtsp://no-such-camera.invalid/s", "cannot be resolved"),
        ("missing.mp4", "no such file"),
        (".", "is a directory"),
        ("note.mp4", "not a video"),
    ],
)
def test_a_probe_says_what_is_wrong(url: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "note.mp4").write_text("not a video at all\n" * 100)
    with pytest.raises(CustosError) as refused:
        probe(url, PATIENCE_S, base_dir=tmp_path)
    assert said in refused.value.what
    assert refused.value.remedy


def test_a_probe_keeps_its_time_limit() -> None:
    """Without one it would wait for ever."""
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(CustosError, match="time limit"):
        probe(f"rtsp://127.0.0.1:{deaf.getsockname()[1]}/s", 0.7)
