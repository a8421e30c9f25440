"""Precision and recall by light, weather, bitrate and frame rate, with the same settings for all; docs/accuracy.md.

    .venv/bin/python benchmarks/bench_conditions.py [--models DIR] [--cameras street shop] [--processes 2] [--keep DIR]
        [--write]

The same piece of the simulated site is drawn again for each condition, coded as a camera would, and walked whole; the
truth is the simulator's. Rain and fog are felt outdoors only. --write puts the table into docs/accuracy.md.

Kept in the cache, or in --keep DIR: the drawn clips, what each detector saw in them, and the rows; so an interrupted run
goes on where it was, and a changed tracker asks the detector for little that is new. Two cameras take about ten minutes
on 2 cores the first time.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from bench_footage import detectors
from demo_site import machine
from kept import Kept, KeptDetector, kept_in, side_by_side, whole
from report_page import ROOT, write_section

from custos.adapters.detectors.opening import open_detector
from custos.adapters.media.encode import H264Writer, Quality
from custos.adapters.media.motchallenge import read_boxes, rows_of
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.assurance.tracking import score_tracking
from custos.cli.options import models_dir
from custos.model.detections import class_ids
from custos.model.site import Camera, DetectorChoice
from custos.pipeline.analysis import Analysis
from custos.simulate.clip import DEFAULT, QUALITY
from custos.simulate.conditions import Condition
from custos.simulate.files import mot_lines
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story

START = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = ROOT / "docs" / "accuracy.md"
SECONDS = 30.0
FROM_S = {"street": 45.0, "shop": 20.0, "dock": 90.0, "lobby": 140.0}
"""Half a minute of the story in which many are before each camera."""
LOW_BPS = 64_000
PERSONS = class_ids(("person",))


@dataclass(frozen=True)
class Filming:
    """One row of the table: how it is filmed."""

    name: str
    settings: Settings = DEFAULT
    quality: Quality = QUALITY

    def is_felt_by(self, camera_id: str) -> bool:
        outdoors = (Condition.RAIN, Condition.FOG)
        return SCENES[camera_id].outdoors or not any(one in outdoors for one in self.settings.conditions)


FILMINGS = (
    *(Filming(str(one), Settings(conditions=(one,))) for one in (Condition.NOON, Condition.DUSK, Condition.NIGHT)),
    *(Filming(str(one), Settings(conditions=(one,))) for one in (Condition.RAIN, Condition.FOG)),
    Filming(f"{LOW_BPS // 1000} kbit/s", quality=replace(QUALITY, crf=23.0, bitrate_bps=LOW_BPS)),
    Filming("5 pictures a second", Settings(fps=5.0), replace(QUALITY, gop_frames=5)),
)


@dataclass(frozen=True)
class Row:
    """One detector on one clip."""

    camera: str
    condition: str
    detector: str
    precision: float
    recall: float
    mota: float
    idf1: float
    people: int
    boxes: int
    kbps: float


@dataclass(frozen=True)
class Task:
    """One clip and the detectors it is shown to."""

    camera_id: str
    number: int
    choices: tuple[DetectorChoice, ...]
    keep: Path

    @property
    def filming(self) -> Filming:
        return FILMINGS[self.number]

    @property
    def name(self) -> str:
        return f"{self.camera_id}-{self.number}"

    def clips(self) -> Kept:
        """What does not change with the tracker."""
        drawn_by = "simulate", "adapters/media", "adapters/detectors", Path(__file__)
        return Kept("conditions-clips", *drawn_by, folder=self.keep)

    def results(self) -> Kept:
        """What does."""
        parts = "simulate", "adapters", "vision", "pipeline", "geometry", "assurance", "model", Path(__file__)
        return Kept("conditions", *parts, folder=self.keep)


def film(task: Task) -> tuple[Path, Path]:
    """(video, MOTChallenge truth) of the piece; drawn once."""
    camera_id, filming = task.camera_id, task.filming
    settings = filming.settings
    video, truth = task.clips().path(f"{task.name}.mp4"), task.clips().path(f"{task.name}.txt")
    if truth.is_file():
        return video, truth
    renderer = CameraRenderer(SCENES[camera_id], Story(settings.seed), settings)
    first = round(FROM_S[camera_id] * settings.fps)
    width, height = settings.width_px, settings.height_px
    rows: list[str] = []
    with H264Writer(video, width_px=width, height_px=height, fps=settings.fps, quality=filming.quality) as out:
        for number in range(1, round(SECONDS * settings.fps) + 1):
            drawn = renderer.frame(first + number)
            out.write_i420(drawn.i420)
            rows += mot_lines(replace(drawn.truth, index=number), width, height)
    whole(truth, "".join(f"{row}\n" for row in rows).encode())
    return video, truth


def detector_of(choice: DetectorChoice, task: Task) -> KeptDetector:
    """Its answers to this clip are kept."""
    name = choice.sha256[:8] if choice.sha256 else choice.name
    file = task.clips().path(f"{task.name}.{name}.npz")
    return KeptDetector(told_name(choice), lambda: open_detector(choice, models_dir(), 1), file)


@cache
def told_name(choice: DetectorChoice) -> str:
    """As the detector calls itself."""
    return open_detector(choice, models_dir(), 1).name


def measure(task: Task) -> list[Row]:
    """The piece filmed once, and walked with each detector."""
    cv2.setNumThreads(1)
    return [row for choice in task.choices for row in measured(task, choice)]


def measured(task: Task, choice: DetectorChoice) -> list[Row]:
    name = f"{task.name}.{choice.sha256[:8] if choice.sha256 else choice.name}"
    began_s = time.monotonic()
    rows = task.results().rows(name, Row, lambda: [walked(task, choice)])
    for row in rows:
        figures = f"{row.precision:.3f} / {row.recall:.3f} / {row.idf1:.3f}"
        print(
            f"{row.camera}, {row.condition}, {row.detector}: {figures}, {time.monotonic() - began_s:.0f} s", flush=True
        )
    return rows


def walked(task: Task, choice: DetectorChoice) -> Row:
    video, truth = film(task)
    expected = read_boxes(truth, is_truth=True)
    detector = detector_of(choice, task)
    camera = Camera(task.camera_id, task.camera_id, str(video))
    ids = count(1)
    analysis = Analysis(
        FileSource(video, camera.id, START), PacketDecoder, detector, camera,
        site_id="bench", session="1", new_id=lambda: f"e{next(ids)}",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        tracks = Path(folder) / "tracks.txt"
        rows = [row for step in analysis if step.frame for row in rows_of(step.tracks, step.frame.index, PERSONS)]
        tracks.write_text("".join(f"{row}\n" for row in rows))
        frames = np.arange(1, round(SECONDS * task.filming.settings.fps) + 1)
        score = score_tracking(expected, read_boxes(tracks), frames=frames)
    detector.keep()
    return Row(
        task.camera_id,
        task.filming.name,
        detector.name,
        score.precision,
        score.recall,
        score.mota,
        score.idf1,
        score.truth_objects,
        score.truth_boxes,
        video.stat().st_size * 8 / 1000 / SECONDS,
    )


def tasks_of(arguments: argparse.Namespace) -> list[Task]:
    choices = tuple(detectors(arguments.models))
    return [
        Task(camera_id, number, choices, arguments.keep)
        for camera_id in arguments.cameras
        for number, filming in enumerate(FILMINGS)
        if filming.is_felt_by(camera_id)
    ]


def as_text(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(row.detector for row in rows))
    lines = [
        f"Measured on {machine()}. The same half minute of each simulated camera, 640x360, 10 pictures a second where "
        "nothing else is said, default settings, every picture scored, IoU 0.5, truth from the simulator (who shows a "
        "quarter or more of themselves). Precision / recall / IDF1:",
        "",
        f"| camera | condition | {' | '.join(f'`{name}`' for name in names)} | kbit/s |",
        f"|---|---|{'---|' * len(names)}---|",
    ]
    for camera, condition in dict.fromkeys((row.camera, row.condition) for row in rows):
        here = {row.detector: row for row in rows if (row.camera, row.condition) == (camera, condition)}
        cells = [f"{r.precision:.3f} / {r.recall:.3f} / {r.idf1:.3f}" for r in (here[name] for name in names)]
        kbps = next(iter(here.values())).kbps
        lines.append(f"| {camera} | {condition} | {' | '.join(cells)} | {kbps:.0f} |")
    cameras = dict.fromkeys(row.camera for row in rows)
    most = {camera: max((row for row in rows if row.camera == camera), key=lambda row: row.boxes) for camera in cameras}
    told = "; ".join(f"{camera} {row.people} people in {row.boxes} boxes" for camera, row in most.items())
    return "\n".join([*lines, "", f"In the truth: {told} (half as many boxes at 5 pictures a second)."])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path, default=ROOT.parent / "shared" / "models")
    parser.add_argument("--cameras", nargs="+", choices=tuple(FROM_S), default=["street", "shop"])
    parser.add_argument("--keep", type=Path, default=kept_in())
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    tasks = tasks_of(arguments)
    print(f"{len(tasks)} clips, {len(tasks[0].choices)} detectors; kept in {tasks[0].results().folder}", flush=True)
    text = as_text([row for rows in side_by_side(measure, tasks, arguments.processes) for row in rows])
    print(text)
    if arguments.write:
        write_section("conditions", text, PAGE)


if __name__ == "__main__":
    main()
