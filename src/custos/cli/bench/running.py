"""A real worker with so many cameras, and a hub's end of its link that only counts: `measure(cameras, ...) -> Leg`."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from custos.adapters.link.hub_side import WorkerLinks
from custos.model.errors import CustosError
from custos.model.event import Event, Picture
from custos.model.live import CameraState
from custos.model.site import Camera, DetectorChoice, Site

SAMPLE_S = 1.0
CONNECT_S = 120.0
END_S = 10.0
LATE_BY_NATURE = frozenset({"track.ended", "zone.left"})
"""Whoever leaves is missed only after a while; and what the system says of itself is no happening."""
BEHIND_LIMIT_S = 1.0
LATE_SHARE = 0.05
Told = Callable[[str, float, float], None]
"""What is being done, and how much of how much."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One second of a run. `busy`: cameras in which something moves; `cores`: in use by worker and ingest."""

    at_s: float
    cores: float
    busy: int
    awake: int
    behind_median_s: float
    behind_most_s: float
    detections_fps: float


@dataclass(slots=True)
class CameraFigures:
    """One camera over a run. `behind_s`: 95th percentiles of its ten-second periods, as it told them. `late`: looks
    at which the newest picture was more than BEHIND_LIMIT_S old."""

    behind_s: list[float] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    seconds_away: int = 0
    looks: int = 0
    late: int = 0
    wanted: int = 0
    dropped: int = 0
    passed_over: int = 0

    @property
    def worst_behind_s(self) -> float:
        """The 95th percentile of its worst ten seconds."""
        return max(self.behind_s, default=float("inf"))

    @property
    def late_share(self) -> float:
        return self.late / self.looks if self.looks else 1.0

    @property
    def is_carried(self) -> bool:
        """Never away, and over the whole run at most BEHIND_LIMIT_S behind at the 95th percentile."""
        return not self.seconds_away and self.late_share <= LATE_SHARE


@dataclass(slots=True)
class Leg:
    """What one run showed. `latencies_s`: from a happening's time to the hub's having its event."""

    detector: str
    seconds: float
    cpu_s: float
    pss_mb: float
    processes: int
    load: float
    samples: list[Sample]
    cameras: dict[str, CameraFigures]
    latencies_s: list[float]
    event_types: dict[str, int]

    @property
    def carried(self) -> int:
        return sum(camera.is_carried for camera in self.cameras.values())

    @property
    def strained(self) -> int:
        """Cameras that said at some time that pictures went unseen because the machine was too busy."""
        return sum(bool(camera.reasons) for camera in self.cameras.values())

    @property
    def cores(self) -> float:
        return self.cpu_s / self.seconds

    @property
    def busy(self) -> float:
        """Cameras in which something moved, on average."""
        return sum(sample.busy for sample in self.samples) / max(len(self.samples), 1)

    @property
    def detections_fps(self) -> float:
        return sum(sample.detections_fps for sample in self.samples) / max(len(self.samples), 1)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def measure(
    cameras: Sequence[Camera],
    *,
    choice: DetectorChoice,
    models: Path,
    threads: int,
    warm_up_s: float,
    seconds: float,
    told: Told,
) -> Leg:
    """Run a worker over these cameras and watch it.

    Raises:
        CustosError: the worker ended, or its cameras did not all connect.
    """
    run = _Run(cameras, choice, told)
    with tempfile.TemporaryDirectory(prefix="custos-bench-") as folder:
        return asyncio.run(run.measure(Path(folder), models, threads, warm_up_s, seconds))


class _Run:
    def __init__(self, cameras: Sequence[Camera], choice: DetectorChoice, told: Told) -> None:
        self._site = Site("bench", "Benchmark", cameras=tuple(cameras), detector=choice)
        self._told = told
        self._is_measuring = False
        self._latencies_s: list[float] = []
        self._types: dict[str, int] = {}

    async def _accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> list[Event]:
        """Where a hub would store them."""
        now = datetime.now(UTC)
        for event in events if self._is_measuring else ():
            self._types[event.type] = self._types.get(event.type, 0) + 1
            if event.type not in LATE_BY_NATURE and event.type.split(".")[0] in ("track", "zone", "line"):
                self._latencies_s.append((now - event.at).total_seconds())
        return list(events)

    async def measure(self, folder: Path, models: Path, threads: int, warm_up_s: float, seconds: float) -> Leg:
        links = WorkerLinks(folder / "hub.sock", site=self._site, base_dir=folder, accept=self._accept)
        await links.start()
        command = [sys.executable, "-m", "custos.app.worker", "--socket", str(folder / "hub.sock")]
        command += ["--models", str(models), "--threads", str(threads), "--log", str(folder / "worker.log")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: ASYNC220, S603  our own module
        try:
            await self._connected(links, process, folder)
            await self._wait("warming up", warm_up_s)
            return await self._watch(links, process, seconds)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, END_S)
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
            await links.close()

    async def _connected(self, links: WorkerLinks, process: subprocess.Popen[bytes], folder: Path) -> None:
        until = time.monotonic() + CONNECT_S
        while True:
            states = links.states().values()
            missing = [state for state in states if state.state != "connected"]
            self._told("connecting", len(self._site.cameras) - len(missing), len(self._site.cameras))
            if not missing:
                return
            if process.poll() is not None:
                raise CustosError(f"the worker has ended: {_last_line(folder / 'worker.log')}")
            if time.monotonic() > until:
                raise CustosError(
                    f"{len(missing)} of {len(self._site.cameras)} cameras do not connect within {CONNECT_S:.0f} s "
                    f"({missing[0].camera_id}: {missing[0].reason or missing[0].state}).",
                    remedy="Try fewer cameras.",
                )
            await asyncio.sleep(0.2)

    async def _wait(self, what: str, seconds: float) -> None:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            self._told(what, passed, seconds)
            await asyncio.sleep(min(0.5, seconds - passed))

    async def _watch(self, links: WorkerLinks, process: subprocess.Popen[bytes], seconds: float) -> Leg:
        figures = {camera.id: CameraFigures() for camera in self._site.cameras}
        before = dict(links.states())
        began, cpu_s = time.monotonic(), _cpu_s(process.pid)
        last, last_cpu_s = began, cpu_s
        samples: list[Sample] = []
        self._is_measuring = True
        load = 0.0
        while time.monotonic() - began < seconds:
            await asyncio.sleep(SAMPLE_S)
            now, now_cpu_s, states = time.monotonic(), _cpu_s(process.pid), links.states()
            samples.append(_sample(now - began, (now_cpu_s - last_cpu_s) / (now - last), states.values()))
            last, last_cpu_s = now, now_cpu_s
            for camera_id, state in states.items():
                _note(figures[camera_id], state)
            load = max(load, psutil.getloadavg()[0])
            self._told("measuring", now - began, seconds)
        self._is_measuring = False
        for camera_id, state in links.states().items():
            figures[camera_id].wanted = state.wanted - before[camera_id].wanted
            figures[camera_id].dropped = state.dropped - before[camera_id].dropped
            figures[camera_id].looks = state.looks - before[camera_id].looks
            figures[camera_id].late = state.late - before[camera_id].late
            figures[camera_id].passed_over = state.passed_over - before[camera_id].passed_over
        pss_mb, processes = _memory(process.pid)
        return Leg(
            links.detector_name() or "",
            last - began,
            last_cpu_s - cpu_s,
            pss_mb,
            processes,
            load,
            samples,
            figures,
            self._latencies_s,
            self._types,
        )


def _sample(at_s: float, cores: float, told: Collection[CameraState]) -> Sample:
    behind = sorted(state.behind_s for state in told if state.behind_s is not None) or [0.0]
    return Sample(
        round(at_s, 2),
        round(cores, 3),
        sum(state.moving for state in told),
        sum(state.awake for state in told),
        behind[len(behind) // 2],
        behind[-1],
        round(sum(state.detections_fps for state in told), 2),
    )


def _note(figures: CameraFigures, state: CameraState) -> None:
    if state.state != "connected":
        figures.seconds_away += 1
    elif state.reason:
        figures.reasons.add(state.reason)
    if state.behind_s is not None:
        figures.behind_s.append(state.behind_s)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu_s(pid: int) -> float:
    """User and system seconds of the worker and its living children, and of those it has buried."""
    used = 0.0
    for process in _tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system + (times.children_user + times.children_system) * (process.pid == pid)
    return used


def _memory(pid: int) -> tuple[float, int]:
    """Proportional set size in MB, and how many processes."""
    pss = 0
    processes = _tree(pid)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            pss += process.memory_full_info().pss
    return pss / 2**20, len(processes)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "without a word"
