"""Several clips at once: `draw_clips(requests, progress) -> clips`, in processes of low priority."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from queue import Empty

from custos.model.errors import CustosError
from custos.simulate.clip import Clip, ClipRequest, render_clip

Progress = Callable[[int, int], None]
"""Called, from the thread that asked, with frames done and frames in all."""
_MOST_PROCESSES = 4
_NICE = 10
"""Whatever else runs on this machine comes first."""
_REPORT_S = 0.2


@dataclass(frozen=True, slots=True)
class _Report:
    camera_id: str
    frames: int


class _Stopped(Exception):
    """Whoever asked wants no more."""


@dataclass(frozen=True, slots=True)
class _Wire:
    """Between the process that asked and the drawing ones: how far they are, and whether to go on."""

    reports: Queue[_Report]
    stop: Event

    def report(self, camera_id: str, done: int, total: int) -> None:
        if self.stop.is_set():
            raise _Stopped
        self.reports.put(_Report(camera_id, done))


_wire: _Wire | None = None
"""Set once, when a drawing process starts: pipes travel only to a process that is being started."""


def _start_process(wire: _Wire) -> None:
    global _wire
    _wire = wire
    os.nice(_NICE)


def _render_here(request: ClipRequest) -> Clip:
    return render_clip(request, None if _wire is None else partial(_wire.report, request.camera_id))


def draw_clips(requests: list[ClipRequest], progress: Progress | None = None) -> list[Clip]:
    """Draw the clips, as many at once as there are processors.

    Raises:
        CustosError: a file cannot be written, or a drawing process died.
    """
    processes = min(len(requests), _MOST_PROCESSES, os.cpu_count() or 1)
    context = multiprocessing.get_context("spawn")
    wire = _Wire(context.Queue(), context.Event())
    with ProcessPoolExecutor(processes, context, _start_process, (wire,)) as pool:
        futures = [pool.submit(_render_here, request) for request in requests]
        try:
            _follow(futures, wire, {request.camera_id: request.frames for request in requests}, progress)
            failed = [future for future in futures if future.done() and future.exception()]
            return [_result(future) for future in failed or futures]
        except BaseException:
            wire.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _follow(futures: list[Future[Clip]], wire: _Wire, frames: dict[str, int], progress: Progress | None) -> None:
    """Tell the progress until all are done, or one has failed."""
    done = dict.fromkeys(frames, 0)
    total = sum(frames.values())
    while wait(futures, timeout=_REPORT_S, return_when=FIRST_EXCEPTION).not_done:
        if any(future.done() and future.exception() for future in futures):
            return
        _collect(wire.reports, done)
        if progress is not None:
            progress(sum(done.values()), total)
    if progress is not None:
        progress(total, total)


def _collect(reports: Queue[_Report], done: dict[str, int]) -> None:
    while True:
        try:
            report = reports.get_nowait()
        except Empty:
            return
        done[report.camera_id] = report.frames


def _result(future: Future[Clip]) -> Clip:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise CustosError("a drawing process was killed.", remedy="Is there enough memory? Try again.") from error
