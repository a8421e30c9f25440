"""Accuracy on real footage with truth, for every detector at hand; `--write` makes its section of docs/accuracy.md.

    .venv/bin/python benchmarks/bench_footage.py [--footage DIR] [--models DIR] [--write]

The clips are third-party material and are not part of this repository: without the folder this says so and ends.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from demo_site import machine
from report_page import ROOT, write_section

from custos.adapters.media.motchallenge import read_boxes
from custos.adapters.sitefile.reader import read_site
from custos.assurance.tracking import TrackingScore, score_tracking
from custos.cli.analyze import Outputs, analyse_file
from custos.model.site import Camera, DetectorChoice

PAGE = ROOT / "docs" / "accuracy.md"
HALF = 396
"""The number of the frame with which the second half of PETS begins."""
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One detector on both clips."""

    detector: str
    score: TrackingScore
    halves: tuple[TrackingScore, TrackingScore]
    visits: int
    worst_s: float


def detectors(models: Path) -> list[DetectorChoice]:
    """The registry's own, and every ONNX file in `models`, each pinned to the hash it has."""
    choices = [DetectorChoice("centernet-mb3")]
    for file in sorted(models.glob("*.onnx")):
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        choices.append(DetectorChoice(file.stem, path=str(file), sha256=sha256))
    return choices


def measure(choice: DetectorChoice, footage: Path) -> Row:
    """Both clips with one detector."""
    with tempfile.TemporaryDirectory() as folder:
        tracks, events = Path(folder) / "tracks.txt", Path(folder) / "events.jsonl"
        pets = footage / "pets-s2l1.mp4"
        walked = analyse_file(
            pets, Camera("pets", "PETS", str(pets)), choice=choice, outputs=Outputs(tracks=tracks), started_at=START
        )
        truth = read_boxes(footage / "pets-s2l1.gt.csv", scale=1 / 1.6, is_truth=True)
        found = read_boxes(tracks)
        score, first = score_tracking(truth, found), truth.frame < HALF
        halves = score_tracking(truth[first], found), score_tracking(truth[~first], found)
        table = read_site(ROOT / "examples" / "one-by-one.yaml").cameras[0]
        analyse_file(footage / "one-by-one.mp4", table, choice=choice, outputs=Outputs(events=events), started_at=START)
        visits, worst_s = compare_visits(events, footage / "one-by-one.visits.csv")
    return Row(walked.detector, score, halves, visits, worst_s)


def compare_visits(events: Path, truth: Path) -> tuple[int, float]:
    """(how many visits, the worst distance in seconds of an enter or leave from its truth; inf when one is missing)."""
    entered, left = list[float](), list[float]()
    for line in events.read_text().splitlines():
        event = json.loads(line)
        at_s = (datetime.fromisoformat(event["time"]) - START).total_seconds()
        if event["type"] == "custos.zone.entered":
            entered.append(at_s)
        elif event["type"] == "custos.zone.left":
            left.append(at_s)
    expected = list(csv.DictReader(truth.read_text().splitlines()))
    if not len(entered) == len(left) == len(expected):
        return len(entered), float("inf")
    gaps = [abs(a - float(t["enters_s"])) for a, t in zip(sorted(entered), expected, strict=True)]
    gaps += [abs(a - float(t["leaves_s"])) for a, t in zip(sorted(left), expected, strict=True)]
    return len(entered), max(gaps)


def as_section(rows: list[Row]) -> str:
    """The tables in Markdown."""
    lines = [
        f"Measured on {machine()}.",
        "",
        "PETS 2009 S2.L1 view 1, 480x360, 10 fps, scored at the 80 annotated frames, IoU 0.5, the detector looking at most 5",
        "times a second (`custos eval tracking`); MOTA and IDF1 of the first and the second half beside those of the whole:",
        "",
        "| detector | MOTA | IDF1 | HOTA | precision | recall | switches | first half | second half |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        s = row.score
        halves = " | ".join(f"{half.mota:.3f} / {half.idf1:.3f}" for half in row.halves)
        lines.append(
            f"| {row.detector} | {s.mota:.3f} | {s.idf1:.3f} | {s.hota:.3f} | {s.precision:.3f} | {s.recall:.3f} | "
            f"{s.switches} | {halves} |"
        )
    lines += [
        "",
        "Six people at a table one after another, 768x432, 10 fps, 139 s (`custos analyze --config examples/one-by-one.yaml`):",
        "",
        "| detector | visits (truth: 6) | worst enter or leave |",
        "|---|---|---|",
    ]
    lines += [f"| {r.detector} | {r.visits} | {r.worst_s:.1f} s |" for r in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--models", type=Path, default=ROOT.parent / "shared" / "models")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if not (arguments.footage / "pets-s2l1.mp4").is_file():
        print(f"no footage in {arguments.footage}: nothing measured")
        return
    section = as_section([measure(choice, arguments.footage) for choice in detectors(arguments.models)])
    print(section)
    if arguments.write:
        write_section("footage", section, PAGE)


if __name__ == "__main__":
    main()
