"""Precision and recall by light, weather, bitrate and frame rate, with the same settings for all; docs/accuracy.md.

    .venv/bin/python benchmarks/bench_conditions.py [--models DIR] [--cameras street shop] [--keep DIR] [--write]

The same half minute of the simulated site is drawn again for each condition, coded as a camera would, and walked whole;
the truth is the simulator's. Rain and fog are felt outdoors only. --keep DIR leaves what was measured there, so that an
interrupted run goes on where it was. --write puts the table into docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from bench_footage import detectors
from demo_site import machine
from report_page import ROOT, write_section

from custos.adapters.media.encode import H264Writer, Quality
from custos.adapters.media.motchallenge import read_boxes
from custos.assurance.tracking import score_tracking
from custos.cli.analyze import Outputs, analyse_file
from custos.model.site import Camera, DetectorChoice
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


def film(camera_id: str, filming: Filming, folder: Path) -> tuple[Path, Path]:
    """(video, MOTChallenge truth) of the half minute."""
    settings = filming.settings
    video, truth = folder / "clip.mp4", folder / "truth.txt"
    renderer = CameraRenderer(SCENES[camera_id], Story(settings.seed), settings)
    first = round(FROM_S[camera_id] * settings.fps)
    width, height = settings.width_px, settings.height_px
    rows: list[str] = []
    with H264Writer(video, width_px=width, height_px=height, fps=settings.fps, quality=filming.quality) as out:
        for number in range(1, round(SECONDS * settings.fps) + 1):
            drawn = renderer.frame(first + number)
            out.write_i420(drawn.i420)
            rows += mot_lines(replace(drawn.truth, index=number), width, height)
    truth.write_text("".join(f"{row}\n" for row in rows))
    return video, truth


def measure(camera_id: str, filming: Filming, choices: Sequence[DetectorChoice]) -> Iterator[Row]:
    """The half minute filmed once, and walked with each detector."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        video, truth = film(camera_id, filming, folder)
        expected = read_boxes(truth, is_truth=True)
        frames = np.arange(1, round(SECONDS * filming.settings.fps) + 1)
        for choice in choices:
            tracks = folder / "tracks.txt"
            camera = Camera(camera_id, camera_id, str(video))
            told = analyse_file(video, camera, choice=choice, outputs=Outputs(tracks=tracks), started_at=START)
            score = score_tracking(expected, read_boxes(tracks), frames=frames)
            yield Row(
                camera_id,
                filming.name,
                told.detector,
                score.precision,
                score.recall,
                score.mota,
                score.idf1,
                score.truth_objects,
                score.truth_boxes,
                video.stat().st_size * 8 / 1000 / SECONDS,
            )


def rows_of(cameras: Sequence[str], choices: Sequence[DetectorChoice], keep: Path | None) -> Iterator[Row]:
    for camera_id in cameras:
        for number, filming in enumerate(FILMINGS):
            if not filming.is_felt_by(camera_id):
                continue
            kept = keep / f"{camera_id}-{number}.json" if keep else None
            if kept and kept.is_file():
                yield from (Row(**row) for row in json.loads(kept.read_text()))
                continue
            rows = list(measure(camera_id, filming, choices))
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps([asdict(row) for row in rows]))
            yield from rows


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
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows: list[Row] = []
    for row in rows_of(arguments.cameras, detectors(arguments.models), arguments.keep):
        print(row, flush=True)
        rows.append(row)
    text = as_text(rows)
    print(text)
    if arguments.write:
        write_section("conditions", text, PAGE)


if __name__ == "__main__":
    main()
