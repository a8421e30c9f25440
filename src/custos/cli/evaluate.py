"""`custos eval`: how well Custos does against truth that it did not make."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from custos.adapters.media.motchallenge import read_boxes
from custos.assurance.tracking import Boxes, TrackingScore, score_tracking
from custos.cli.analyze import Outputs, analyse_file
from custos.cli.options import (
    DEFAULT_THREADS,
    DetectorHashOption,
    DetectorOption,
    ThreadsOption,
    detector_choice,
)
from custos.model.detections import class_ids
from custos.model.errors import UsageError
from custos.model.site import Camera, DetectorChoice

app = typer.Typer(help="Score Custos against truth.", no_args_is_help=True)
START = datetime(2026, 1, 1, tzinfo=UTC)


@app.callback()
def _eval() -> None:
    """Score Custos against truth."""


@app.command()
def tracking(
    truth: Annotated[Path, typer.Argument(help="MOTChallenge truth: frame,id,left,top,width,height[,consider].")],
    tracks: Annotated[Path | None, typer.Option(help="Score this MOTChallenge file.")] = None,
    video: Annotated[Path | None, typer.Option(help="Analyse this recording and score what comes out.")] = None,
    truth_scale: Annotated[
        float,
        typer.Option(help="Multiply the truth's pixels by this (0.625 when 768 became 480).", min=1e-3, max=1e3),
    ] = 1.0,
    least_overlap: Annotated[float, typer.Option(help="Least IoU of a match.", min=0.05, max=0.95)] = 0.5,
    every_frame: Annotated[
        bool, typer.Option("--every-frame", help="Score frames without truth too, as empty ones.")
    ] = False,
    classes: Annotated[str, typer.Option(help="Classes that count, with commas.")] = "person",
    detect_fps: Annotated[float, typer.Option(help="At most this many looks of the detector a second.")] = 5.0,
    detector: DetectorOption = None,
    detector_sha256: DetectorHashOption = None,
    threads: ThreadsOption = DEFAULT_THREADS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """MOTA, IDF1, HOTA, precision, recall and identity switches of tracks against truth."""
    if (tracks is None) == (video is None):
        raise UsageError("say what to score: --tracks FILE or --video VIDEO, one of them.")
    expected = read_boxes(truth, scale=truth_scale, is_truth=True)
    name = ""
    if video is not None:
        choice = detector_choice(detector, detector_sha256, DetectorChoice())
        found, name = _tracks_of(video, choice, threads, classes, detect_fps)
    else:
        assert tracks is not None
        found = read_boxes(tracks)
    frames = None
    if every_frame:
        frames = np.arange(1, max(int(expected.frame.max(initial=1)), int(found.frame.max(initial=1))) + 1)
    try:
        score = score_tracking(expected, found, frames=frames, least_overlap=least_overlap)
    except ValueError as error:
        raise UsageError(f"{error}.", where=str(truth)) from error
    if as_json:
        typer.echo(json.dumps({"detector": name or None, **asdict(score)}, indent=2))
    else:
        print_score(score, name)


def _tracks_of(video: Path, choice: DetectorChoice, threads: int, classes: str, detect_fps: float) -> tuple[Boxes, str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tracks.txt"
        outcome = analyse_file(
            video,
            Camera("camera", video.stem, str(video), detect_fps=detect_fps),
            choice=choice,
            outputs=Outputs(tracks=file, classes=class_ids(tuple(c.strip() for c in classes.split(",")))),
            threads=threads,
            started_at=START,
            progress=Console(stderr=True),
        )
        return read_boxes(file), outcome.detector


def print_score(score: TrackingScore, detector: str = "") -> None:
    """The score as a small table."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    if detector:
        table.add_row("detector", detector)
    for name, value in (("MOTA", score.mota), ("IDF1", score.idf1), ("HOTA", score.hota)):
        table.add_row(name, f"{value:.3f}")
    table.add_row("precision", f"{score.precision:.3f} ({score.false_positives} false)")
    table.add_row("recall", f"{score.recall:.3f} ({score.misses} missed)")
    table.add_row("identity switches", str(score.switches))
    table.add_row(
        "scored",
        f"{score.frames} frames, {score.truth_boxes} boxes, {score.truth_objects} objects, {score.tracks} tracks",
    )
    Console(highlight=False).print(table)
