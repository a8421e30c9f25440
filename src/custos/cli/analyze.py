"""`custos analyze VIDEO`: what happens in a recording."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import cv2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from custos.adapters.detectors.opening import open_detector
from custos.adapters.media.annotate import Annotator
from custos.adapters.media.motchallenge import rows_of
from custos.adapters.sitefile.reader import read_site
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.cli.options import (
    DEFAULT_THREADS,
    DetectorHashOption,
    DetectorOption,
    ThreadsOption,
    detector_choice,
    models_dir,
)
from custos.model.detections import class_ids
from custos.model.errors import CustosError, UsageError
from custos.model.site import Camera, DetectorChoice, Site
from custos.pipeline.analysis import Analysis, Step, Summary
from custos.pipeline.cloudevents import to_cloudevent

NOWHERE = "/dev/null"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of `analyse_file` found, and how fast."""

    summary: Summary
    took_s: float
    detector: str
    warnings: tuple[str, ...]

    @property
    def speed(self) -> float:
        """Times real time."""
        return self.summary.recorded_s / self.took_s if self.took_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go; None is nowhere. `classes` go into the tracks file."""

    events: Path | None = None
    tracks: Path | None = None
    annotated: Path | None = None
    classes: frozenset[int] = class_ids(("person",))


AUTO = DetectorChoice()
NOTHING = Outputs()


def analyze(
    video: Annotated[Path, typer.Argument(help="A recording in any format FFmpeg reads.", metavar="VIDEO")],
    config: Annotated[Path | None, typer.Option(help="Site file with the camera's zones and lines.")] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of the site file this is.", metavar="ID")] = None,
    events: Annotated[Path | None, typer.Option(help="Write events here, one CloudEvent a line.")] = None,
    tracks: Annotated[Path | None, typer.Option(help="Write MOTChallenge rows here.")] = None,
    annotate: Annotated[
        Path | None, typer.Option(help="Write the video with boxes, zones and events here (MP4).")
    ] = None,
    classes: Annotated[
        str, typer.Option(help="Classes in the tracks file, with commas: person, vehicle, car, ...")
    ] = "person",
    detector: DetectorOption = None,
    detector_sha256: DetectorHashOption = None,
    threads: ThreadsOption = DEFAULT_THREADS,
    started_at: Annotated[
        datetime | None, typer.Option(help="When the recording starts (UTC); default: its file's date.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Detect, track and describe what happens in a recording: tracks, visits to zones, crossings of lines."""
    site = read_site(config) if config is not None else None
    chosen = _camera(site, camera, video)
    choice = detector_choice(detector, detector_sha256, site.detector if site else DetectorChoice())
    try:
        outputs = Outputs(events, tracks, annotate, class_ids(tuple(c.strip() for c in classes.split(","))))
    except ValueError as error:
        raise UsageError(f"--classes: {error}.", remedy="Name COCO classes, or vehicle, animal, bag.") from error
    console = Console(stderr=True)
    outcome = analyse_file(
        video,
        chosen,
        site_id=site.id if site else "local",
        choice=choice,
        outputs=outputs,
        threads=threads,
        started_at=_start(video, started_at),
        progress=console,
    )
    for warning in outcome.warnings:
        console.print(f"[yellow]warning:[/] {warning}", highlight=False)
    if as_json:
        typer.echo(json.dumps(_as_json(outcome), indent=2))
    else:
        print_outcome(outcome, chosen, outputs)


def analyse_file(
    video: Path,
    camera: Camera,
    *,
    site_id: str = "local",
    choice: DetectorChoice = AUTO,
    outputs: Outputs = NOTHING,
    threads: int = DEFAULT_THREADS,
    started_at: datetime,
    progress: Console | None = None,
) -> Outcome:
    """Walk `video` from end to end and write what was asked for; files appear whole or not at all."""
    cv2.setNumThreads(1)
    source = FileSource(video, camera.id, started_at)
    seer = open_detector(choice, models_dir(), threads)
    numbers = itertools.count(1)
    session = f"{int(started_at.timestamp()):x}"
    analysis = Analysis(
        source,
        PacketDecoder,
        seer,
        camera,
        site_id=site_id,
        session=session,
        new_id=lambda: f"{camera.id}-{session}-{next(numbers)}",
        every_picture=bool(outputs.tracks or outputs.annotated),
    )
    began = time.monotonic()
    with ExitStack() as stack:
        events = stack.enter_context(_whole(outputs.events)) if outputs.events else None
        rows = stack.enter_context(_whole(outputs.tracks)) if outputs.tracks else None
        fps = source.info.fps or 25.0
        drawn = stack.enter_context(Annotator(outputs.annotated, camera, fps=fps)) if outputs.annotated else None
        bar = stack.enter_context(_bar(progress, video.name, source.frame_count or None)) if progress else None
        for step in analysis:
            if events:
                events.writelines(json.dumps(to_cloudevent(event)) + "\n" for event in step.events)
            if rows and step.frame:
                rows.writelines(f"{row}\n" for row in rows_of(step.tracks, step.frame.index, outputs.classes))
            if drawn:
                drawn.draw(step)
            if bar:
                bar.step(step)
    if analysis.summary.frames == 0:
        raise CustosError(
            "holds no picture that can be decoded.",
            where=str(video),
            remedy="Play it to see whether it is whole.",
        )
    return Outcome(analysis.summary, time.monotonic() - began, seer.name, tuple(source.warnings))


def _camera(site: Site | None, camera_id: str | None, video: Path) -> Camera:
    if site is None:
        if camera_id is not None:
            raise UsageError("--camera without --config.", remedy="Name the site file with --config.")
        return Camera("camera", video.stem, str(video))
    if camera_id is not None:
        camera = site.camera(camera_id)
        if camera is None:
            known = ", ".join(c.id for c in site.cameras) or "none"
            raise UsageError(f"the site file has no camera {camera_id!r}.", remedy=f"It has: {known}.")
        return camera
    if len(site.cameras) == 1:
        return site.cameras[0]
    named = [c for c in site.cameras if Path(c.url).name == video.name]
    if len(named) == 1:
        return named[0]
    known = ", ".join(c.id for c in site.cameras) or "none"
    raise UsageError("the site file has several cameras.", remedy=f"Say which with --camera: {known}.")


def _start(video: Path, started_at: datetime | None) -> datetime:
    if started_at is not None:
        return started_at if started_at.tzinfo else started_at.replace(tzinfo=UTC)
    try:
        return datetime.fromtimestamp(int(video.stat().st_mtime), UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)  # opening it will say what is wrong


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name only when it is complete."""
    part = path.with_name(path.name + ".part")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError("cannot be written: no such folder, or a folder itself.", where=str(path))
    if not os.access(path.parent, os.W_OK) or str(path) == NOWHERE:
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    try:
        with part.open("w", encoding="utf-8") as stream:
            yield stream
        part.replace(path)
    except OSError as error:
        raise CustosError(f"cannot be written: {error.strerror}.", where=str(path)) from error
    finally:
        part.unlink(missing_ok=True)


class _Bar:
    """Progress on the terminal: pictures done, tracks now, speed."""

    def __init__(self, progress: Progress, title: str, total: int | None) -> None:
        self._progress = progress
        self._began = time.monotonic()
        self._task = progress.add_task(title, total=total, speed="")
        self._first: datetime | None = None
        self._done = 0

    def step(self, step: Step) -> None:
        if step.frame is None:
            return
        self._done += 1
        if self._done % 10:
            return
        self._first = self._first or step.frame.captured_at
        spent = max(time.monotonic() - self._began, 1e-6)
        speed = (step.frame.captured_at - self._first).total_seconds() / spent
        self._progress.update(self._task, completed=self._done, speed=f"{speed:.1f}x")


@contextmanager
def _bar(console: Console, title: str, total: int | None) -> Iterator[_Bar]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, title, total)


def _as_json(outcome: Outcome) -> dict[str, object]:
    s = outcome.summary
    return {
        "detector": outcome.detector,
        "frames": s.frames,
        "detector_looks": s.looks,
        "damaged": s.damaged,
        "recorded_s": round(s.recorded_s, 3),
        "took_s": round(outcome.took_s, 3),
        "speed": round(outcome.speed, 2),
        "events": s.events,
        "tracks": dict(s.tracks),
        "visits": dict(s.visits),
        "crossings": dict(s.crossings),
        "loiterings": dict(s.loiterings),
        "attacks": dict(s.attacks),
        "speeds_refused": s.speeds_refused,
        "speeds_above_mps": s.speeds_above_mps,
        "warnings": list(outcome.warnings),
    }


def print_outcome(outcome: Outcome, camera: Camera, outputs: Outputs) -> None:
    """Print it as a table."""
    s = outcome.summary
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_row(
        "recording",
        f"{s.recorded_s:.1f} s, {s.frames} pictures" + (f", {s.damaged} damaged" if s.damaged else ""),
    )
    table.add_row("detector", f"{outcome.detector}, looked at {s.looks} pictures ({s.looks / s.frames:.0%})")
    table.add_row("speed", f"{outcome.took_s:.1f} s, {outcome.speed:.1f} times real time")
    found = ", ".join(f"{n} {name}" for name, n in s.tracks.most_common()) or "none"
    table.add_row("tracks", found)
    for zone in camera.zones:
        dwell = s.visit_s.get(zone.id, [])
        longest = f", {sum(dwell) / len(dwell):.1f} s on average, {max(dwell):.1f} s at most" if dwell else ""
        loitered = f", {s.loiterings[zone.id]} loitered" if zone.loiter_s else ""
        table.add_row(f"zone {zone.id}", f"{s.visits[zone.id]} visits{longest}{loitered}")
    for line in camera.lines:
        ways = ", ".join(f"{s.crossings[f'{line.id} {way}']} {way}" for way in ("left", "right"))
        table.add_row(f"line {line.id}", f"crossings: {ways}")
    for attack, times in s.attacks.items():
        table.add_row(attack, "once" if times == 1 else f"{times} times")
    if s.speeds_refused:
        dropped = "1 was" if s.speeds_refused == 1 else f"{s.speeds_refused} were"
        mend = "check the camera's ground calibration" if camera.ground else "give the camera a ground calibration"
        table.add_row("speeds", f"{dropped} dropped, above {s.speeds_above_mps:g} m/s, which is impossible: {mend}")
    for name, path in (("events", outputs.events), ("tracks", outputs.tracks), ("video", outputs.annotated)):
        if path:
            table.add_row(f"{name} file", str(path))
    console.print(table)
