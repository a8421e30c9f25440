"""`custos eval`: how well Custos does against truth that it did not make."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from custos.adapters.detectors.opening import open_detector
from custos.adapters.media.coco import is_coco, read_coco, read_results, tracks_of
from custos.adapters.media.motchallenge import read_boxes, read_labels
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.assurance.detection import ClassScore, Labels, score_detection
from custos.assurance.tracking import Boxes, TrackingScore, score_tracking
from custos.cli.analyze import Outputs, analyse_file
from custos.cli.evaluate_alerts import alerts
from custos.cli.options import (
    DEFAULT_THREADS,
    DetectorHashOption,
    DetectorOption,
    ThreadsOption,
    detector_choice,
    models_dir,
)
from custos.model.detections import class_ids
from custos.model.errors import UsageError
from custos.model.frame import Frame, Packet, StreamOpened
from custos.model.site import Camera, DetectorChoice

app = typer.Typer(help="Score Custos against truth.", no_args_is_help=True, add_completion=False)
START = datetime(2026, 1, 1, tzinfo=UTC)

TruthArgument = Annotated[
    Path,
    typer.Argument(help="MOTChallenge truth (frame,id,left,top,width,height[,consider[,class]]), or COCO as .json."),
]
ScaleOption = Annotated[
    float,
    typer.Option(
        "--truth-scale", help="Multiply the truth's pixels by this (0.625 when 768 became 480).", min=1e-3, max=1e3
    ),
]


app.command()(alerts)


@app.callback()
def _eval() -> None:
    """Score Custos against truth."""


@app.command()
def tracking(
    truth: TruthArgument,
    tracks: Annotated[Path | None, typer.Option(help="Score this MOTChallenge file.")] = None,
    video: Annotated[Path | None, typer.Option(help="Analyse this recording and score what comes out.")] = None,
    truth_scale: ScaleOption = 1.0,
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
    if is_coco(truth):
        expected = tracks_of(read_coco(truth, scale=truth_scale), _classes(classes), truth)
    else:
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


@app.command()
def detection(
    truth: TruthArgument,
    detections: Annotated[
        Path | None, typer.Option(help="Score this file: MOTChallenge detections, or COCO results as .json.")
    ] = None,
    video: Annotated[Path | None, typer.Option(help="Detect in this recording, where the truth has boxes.")] = None,
    truth_scale: ScaleOption = 1.0,
    classes: Annotated[str, typer.Option(help="Classes or groups to score, one row each, with commas.")] = "person",
    confidence: Annotated[float, typer.Option(help="Of precision and recall.", min=0.0, max=1.0)] = 0.5,
    least_overlap: Annotated[float, typer.Option(help="Least IoU of a match.", min=0.05, max=0.95)] = 0.5,
    detector: DetectorOption = None,
    detector_sha256: DetectorHashOption = None,
    threads: ThreadsOption = DEFAULT_THREADS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Precision, recall and average precision of a detector alone, class by class."""
    if (detections is None) == (video is None):
        raise UsageError("say what to score: --detections FILE or --video VIDEO, one of them.")
    named = {name.strip(): _classes(name) for name in classes.split(",")}
    coco = read_coco(truth, scale=truth_scale) if is_coco(truth) else None
    expected = coco.labels if coco else read_labels(truth, scale=truth_scale, is_truth=True)
    name = ""
    if video is not None:
        choice = detector_choice(detector, detector_sha256, DetectorChoice())
        found, name = _detections_of(video, choice, threads, frozenset(expected.frame.tolist()))
    elif detections is not None and is_coco(detections):
        if coco is None:
            raise UsageError("COCO results need a COCO truth, whose ids they use.", where=str(detections))
        found = read_results(detections, coco)
    else:
        assert detections is not None
        found = read_labels(detections)
    try:
        scores = score_detection(expected, found, named, confidence=confidence, least_overlap=least_overlap)
    except ValueError as error:
        raise UsageError(f"{error}.", where=str(truth)) from error
    if as_json:
        typer.echo(json.dumps({"detector": name or None, "classes": [asdict(s) for s in scores]}, indent=2))
    else:
        print_classes(scores, confidence, name)


def _classes(names: str) -> frozenset[int]:
    try:
        return class_ids(tuple(c.strip() for c in names.split(",")))
    except ValueError as error:
        raise UsageError(f"--classes: {error}.", remedy="Name COCO classes, or vehicle, animal, bag.") from error


def _detections_of(video: Path, choice: DetectorChoice, threads: int, wanted: frozenset[int]) -> tuple[Labels, str]:
    """What the detector sees in the frames of those numbers."""
    seer = open_detector(choice, models_dir(), threads)
    frames, classes, boxes, confidences = [], [], [], []
    for frame in _frames(video):
        if frame.index not in wanted:
            continue
        found = seer.detect([frame])[0]
        frames += [frame.index] * len(found)
        classes.append(found.class_id)
        boxes.append(found.xyxy)
        confidences.append(found.confidence)
    nothing: list[np.ndarray] = [np.zeros(0)]
    return Labels.of(
        np.array(frames, np.int64),
        np.concatenate(classes or nothing).astype(np.int64),
        np.concatenate(boxes or nothing).astype(np.float64).reshape(-1, 4),
        np.concatenate(confidences or nothing).astype(np.float64),
    ), seer.name


def _frames(video: Path) -> Iterator[Frame]:
    decoder: PacketDecoder | None = None
    for item in FileSource(video, "camera", START):
        if isinstance(item, StreamOpened):
            decoder = PacketDecoder(item.info, "camera")
        elif decoder is not None and isinstance(item, Packet):
            yield from decoder.decode(item)
    if decoder is not None:
        yield from decoder.flush()


def print_classes(scores: list[ClassScore], confidence: float, detector: str = "") -> None:
    """The scores as a small table."""
    table = Table(box=None, padding=(0, 2, 0, 0), title=detector or None, title_justify="left")
    for column in ("class", f"precision at {confidence:g}", "recall", "AP50", "AP", "boxes"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for s in scores:
        numbers = (s.precision, s.recall, s.ap50, s.ap)
        table.add_row(s.name, *(f"{v:.3f}" for v in numbers), str(s.truth_boxes))
    Console(highlight=False).print(table)


def _tracks_of(video: Path, choice: DetectorChoice, threads: int, classes: str, detect_fps: float) -> tuple[Boxes, str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tracks.txt"
        outcome = analyse_file(
            video,
            Camera("camera", video.stem, str(video), detect_fps=detect_fps),
            choice=choice,
            outputs=Outputs(tracks=file, classes=_classes(classes)),
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
