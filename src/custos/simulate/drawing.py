"""Several clips at once: `draw_clips(requests, progress) -> clips`, in processes of low priority."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing.queues import Queue
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


_reports: Queue[_Report] | None = None
"""A drawing process's way to tell how far it is; set once, when the process starts."""


def _start_process(reports: Queue[_Report]) -> None:
    global _reports
    _reports = reports
    os.nice(_NICE)


def _render_here(request: ClipRequest) -> Clip:
    return render_clip(request, partial(_report, request.camera_id))


def _report(camera_id: str, done: int, total: int) -> None:
    if _reports is not None:
        _reports.put(_Report(camera_id, done))


def draw_clips(requests: list[ClipRequest], progress: Progress | None = None) -> list[Clip]:
    """Draw the clips, as many at once as there are processors.

    Raises:
        CustosError: a file cannot be written, or a drawing process died.
    """
    processes = min(len(requests), _MOST_PROCESSES, os.cpu_count() or 1)
    context = multiprocessing.get_context("spawn")
    reports: Queue[_Report] = context.Queue()
    total = sum(request.frames for request in requests)
    done = {request.camera_id: 0 for request in requests}
    with ProcessPoolExecutor(processes, context, _start_process, (reports,)) as pool:
        futures = [pool.submit(_render_here, request) for request in requests]
        try:
            while wait(futures, timeout=_REPORT_S, return_when="FIRST_EXCEPTION").not_done:
                _collect(reports, done)
                if progress is not None:
                    progress(sum(done.values()), total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        clips = [_result(future) for future in futures]
    if progress is not None:
        progress(total, total)
    return clips


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
