"""What `custos doctor` looks at: `check() -> Finding`, or several. Nothing is changed or left behind."""

from __future__ import annotations

import errno
import io
import os
import platform
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import av
import numpy as np

from custos import __version__
from custos.adapters.detectors.opening import open_detector
from custos.adapters.detectors.registry import ModelStatus, Registry
from custos.adapters.sitefile.problems import SiteFileError
from custos.adapters.sitefile.reader import read_closely
from custos.adapters.sources.probe import probe
from custos.model.errors import CustosError
from custos.model.frame import Frame
from custos.model.site import Camera, DetectorChoice, Site

GIB = 1024**3
LEAST_CORES, LEAST_MEMORY, LEAST_DISK, ENOUGH_DISK = 2, 2 * GIB, GIB // 2, 5 * GIB
ENOUGH_MB_PER_S = 20.0
_SAMPLE = 32 * 1024**2
_CODECS = {"H.264": "libx264", "H.265": "libx265"}


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do where it is not well."""

    subject: str
    state: State
    found: str
    remedy: str = ""


def check_machine() -> list[Finding]:
    """Processor cores, memory, vector instructions, Python."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return [
        _at_least("processor", cores >= LEAST_CORES, f"{cores} cores", "Two cores or more serve four cameras."),
        _at_least("memory", memory >= LEAST_MEMORY, f"{memory / GIB:.1f} GiB", "Four cameras need about 1 GiB."),
        _vector_instructions(),
        Finding("Python", State.OK, f"{platform.python_version()}, Custos {__version__}"),
    ]


def _at_least(subject: str, enough: bool, found: str, remedy: str) -> Finding:
    return Finding(subject, State.OK, found) if enough else Finding(subject, State.WARN, found, remedy)


def _vector_instructions() -> Finding:
    if platform.machine() not in ("x86_64", "AMD64"):
        return Finding("instructions", State.OK, platform.machine())
    try:
        flags = set(re.findall(r"\bavx\w*", Path("/proc/cpuinfo").read_text()))
    except OSError:
        return Finding("instructions", State.OK, "unknown on this system")
    if "avx2" in flags:
        return Finding("instructions", State.OK, "AVX-512" if "avx512f" in flags else "AVX2")
    remedy = "Detection works, several times slower; in a virtual machine, pass the host's processor through."
    return Finding("instructions", State.WARN, "no AVX2", remedy)


def check_model(directory: Path, choice: DetectorChoice, threads: int) -> list[Finding]:
    """Whether the models present are what they should be, and whether the chosen one sees."""
    registry = Registry(directory)
    try:
        wrong = [status for status in registry.list() if status.present and not status.verified]
        findings = [_wrong_model(status) for status in wrong]
        detector = open_detector(choice, directory, threads)
        picture = np.full((360, 640, 3), 96, np.uint8)
        frame = Frame.from_bgr(picture, captured_at=datetime.now(UTC))
        detector.detect([frame])
        began = time.perf_counter()
        detector.detect([frame])
    except CustosError as error:
        return [_failed("model", error)]
    took_ms = (time.perf_counter() - began) * 1000
    return [Finding("model", State.OK, f"{detector.name}, {took_ms:.0f} ms a picture"), *findings]


def _wrong_model(status: ModelStatus) -> Finding:
    remedy = f"Run `custos models pull {status.entry.name}`."
    return Finding("model", State.WARN, f"{status.entry.name} is damaged: its hash is wrong", remedy)


def check_codecs() -> list[Finding]:
    """Make a tiny clip in each codec that cameras speak, and read it back."""
    return [_codec(name, encoder) for name, encoder in _CODECS.items()]


def _codec(name: str, encoder: str) -> Finding:
    try:
        pictures = _decoded(_encoded(encoder))
    except (av.FFmpegError, ValueError) as error:
        remedy = "Install Custos again from its lock file: `make clean run`."
        return Finding(name, State.FAIL, f"does not work: {error}", remedy)
    return Finding(name, State.OK if pictures == 5 else State.FAIL, f"{pictures} of 5 pictures decoded")


def _encoded(encoder: str) -> bytes:
    clip = io.BytesIO()
    with av.open(clip, "w", format="matroska") as output:
        stream = output.add_stream(encoder, rate=5, options={"x265-params": "log-level=none"})
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"{encoder} is not a video codec")
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for level in range(5):
            picture = np.full((96, 160, 3), 40 * level, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        output.mux(stream.encode(None))
    return clip.getvalue()


def _decoded(clip: bytes) -> int:
    with av.open(io.BytesIO(clip), "r") as container:
        return len(list(container.decode(video=0)))


def check_disk(data_dir: Path) -> list[Finding]:
    """Free space and speed where Custos keeps its data; the folder itself need not exist yet."""
    folder = data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
        speed = _write_speed(folder) if free > LEAST_DISK else None
    except OSError as error:
        remedy = "Choose another folder with --data-dir, or change its permissions."
        return [Finding("disk", State.FAIL, f"{folder} cannot be written: {error.strerror}", remedy)]
    space = f"{free / GIB:.1f} GiB free in {folder}"
    if speed is None:
        return [Finding("disk", State.FAIL, space, "Make room: events cannot be stored on a full disk.")]
    return [
        _at_least("disk", free >= ENOUGH_DISK, space, "Make room soon: events and pictures need some GiB."),
        _at_least("disk speed", speed >= ENOUGH_MB_PER_S, f"{speed:.0f} MB/s", "Use a faster disk with --data-dir."),
    ]


def _write_speed(folder: Path) -> float:
    """MB/s that reach the disk."""
    data = os.urandom(_SAMPLE)
    with tempfile.TemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        return _SAMPLE / 1e6 / max(time.perf_counter() - began, 1e-6)


def check_port(host: str, port: int) -> Finding:
    """Whether the console's port is free, or who has it."""
    subject = f"port {port}"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return Finding(subject, State.FAIL, f"cannot be used: {error.strerror}", "Choose another with --port.")
        else:
            return Finding(subject, State.OK, "free")
    holder = _holder(port)
    if holder is None:
        return Finding(subject, State.FAIL, "in use by another user's program", "Choose another with --port.")
    if "custos.app" in holder.command:
        return Finding(subject, State.OK, f"Custos is running (process {holder.pid})")
    return Finding(
        subject,
        State.FAIL,
        f"in use by process {holder.pid}: {holder.command}",
        "Choose another with --port.",
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port."""

    pid: int
    command: str


def _holder(port: int) -> Holder | None:
    """Whoever listens on `port`, as far as this user may see."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in sockets for link in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return Holder(int(process.name), command[:120])
        except OSError:
            continue  # it has ended, or belongs to somebody else
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (row.split() for row in rows):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """The site, where its file describes one."""

    site: Site | None
    findings: tuple[Finding, ...]


def check_site(path: Path) -> SiteCheck:
    """Whether the site file describes a site, and all in it does something."""
    try:
        reading = read_closely(path)
    except SiteFileError as error:
        wrong = (Finding("site file", State.FAIL, f"{p.file}:{p.line}: {p.what}", p.remedy) for p in error.problems)
        return SiteCheck(None, tuple(wrong))
    site = reading.site
    doubts = (Finding("site file", State.WARN, f"{p.file}:{p.line}: {p.what}", p.remedy) for p in reading.doubts)
    summary = f"{path}: {_count(site.cameras, 'camera')}, {_count(site.rules, 'rule')}"
    return SiteCheck(site, (Finding("site file", State.OK, summary), *doubts))


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}" if len(things) == 1 else f"{len(things)} {name}s"


def check_cameras(cameras: Sequence[Camera], timeout_s: float) -> list[Finding]:
    """Whether each camera that is switched on sends pictures, eight asked at a time."""
    asked = [camera for camera in cameras if camera.enabled]
    if not asked:
        return []
    with ThreadPoolExecutor(max_workers=min(8, len(asked))) as pool:
        return list(pool.map(lambda camera: _camera(camera, timeout_s), asked))


def _camera(camera: Camera, timeout_s: float) -> Finding:
    subject = f"camera {camera.id}"
    began = time.perf_counter()
    try:
        info = probe(camera.url, timeout_s, transport=camera.transport)
    except CustosError as error:
        return _failed(subject, error)
    took_s = time.perf_counter() - began
    rate = f", {info.fps:.0f} pictures/s" if info.fps else ""
    return Finding(subject, State.OK, f"{info.codec} {info.width_px}x{info.height_px}{rate}, after {took_s:.1f} s")


def _failed(subject: str, error: CustosError) -> Finding:
    place = f"{error.where}: " if error.where else ""
    return Finding(subject, State.FAIL, place + error.what, error.remedy)
