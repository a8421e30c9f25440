"""What looking where it matters saves, and whether it misses anything: against the usual motion gate, in one run.

    .venv/bin/python benchmarks/bench_gating.py [--detector FILE] [--seconds 1000]

The alternative decodes every frame, takes a running mean with a motion mask 5 times a second, and runs the detector on a
square crop of every moving region of 100 pixels or more, one at a time. Both see the same clips with the same detector
and threads; processor time is of the whole process, all threads. Recall: on PETS the share of the truth's boxes that a
person found there meets with an IoU of 0.5; on one-by-one the share of the pictures of each visit with a person in it.

The clips are third-party material and are not part of this repository: without the folder this says so and ends.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from demo_site import machine
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from custos.adapters.detectors.opening import open_detector
from custos.adapters.media.motchallenge import read_boxes
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.cli.options import models_dir
from custos.geometry.boxes import iou
from custos.model.detections import Detections
from custos.model.frame import Frame, Packet, StreamOpened
from custos.model.site import Camera, DetectorChoice
from custos.pipeline.analysis import Analysis
from custos.pipeline.ports import Detector

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 1, 1, tzinfo=UTC)
PERSON = 0
CONFIDENCE = 0.3
"""A person of the alternative is a detection of this confidence or more; a low bar, so that its recall is the best."""
LEAST_PX = 100
MASK_FPS = 5.0


@dataclass
class Run:
    """What one way of looking cost, and the persons it found: boxes (n, 4) by number of the frame."""

    cpu_s: float = 0.0
    inferences: int = 0
    found: dict[int, NDArray[np.float32]] = field(default_factory=dict)


class Counted:
    """The detector, counting the pictures it is given."""

    def __init__(self, detector: Detector) -> None:
        self.name, self.batch, self.pictures, self._detector = detector.name, detector.batch, 0, detector

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.pictures += len(frames)
        return self._detector.detect(frames)


def frames_of(clip: Path) -> Iterator[Frame]:
    decoder = None
    for item in FileSource(clip, "camera", START):
        if isinstance(item, StreamOpened):
            decoder = PacketDecoder(item.info, "camera")
        elif decoder is not None and isinstance(item, Packet):
            yield from decoder.decode(item)
    if decoder is not None:
        yield from decoder.flush()


def usual(clip: Path, detector: Detector, seconds: float) -> Run:
    """Every frame decoded; a crop of every moving region."""
    run, counted = Run(), Counted(detector)
    began = time.process_time()
    mean: NDArray[np.float32] | None = None
    masked_s = float("-inf")
    shown = np.zeros((0, 4), np.float32)
    for frame in frames_of(clip):
        at_s = (frame.captured_at - START).total_seconds()
        if at_s > seconds:
            break
        if at_s - masked_s >= 0.9 / MASK_FPS:
            masked_s = at_s
            grey = cv2.GaussianBlur(frame.luma, (5, 5), 0).astype(np.float32)
            mean = grey.copy() if mean is None else mean
            parts = [detect_in(frame, region, counted) for region in moving_regions(grey, mean)]
            cv2.accumulateWeighted(grey, mean, 0.02)
            shown = np.concatenate(parts) if parts else np.zeros((0, 4), np.float32)
        run.found[frame.index] = shown
    run.cpu_s, run.inferences = time.process_time() - began, counted.pictures
    return run


def moving_regions(grey: NDArray[np.float32], mean: NDArray[np.float32]) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of everything of `LEAST_PX` or more that differs from the running mean."""
    mask = cv2.dilate((np.abs(grey - mean) > 25).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= LEAST_PX].tolist()
    return [(left, top, left + width, top + height) for left, top, width, height, _ in large]


def detect_in(frame: Frame, region: tuple[int, int, int, int], detector: Counted) -> NDArray[np.float32]:
    """Persons in a square around the region, a quarter larger, in pixels of the frame."""
    left, top, right, bottom = region
    side = round(1.25 * max(right - left, bottom - top, 64))
    x, y = (left + right) // 2 - side // 2, (top + bottom) // 2 - side // 2
    x, y = max(0, min(x, frame.width_px - side)), max(0, min(y, frame.height_px - side))
    crop = frame.crop(x, y, min(x + side, frame.width_px), min(y + side, frame.height_px))
    found = detector.detect([crop])[0]
    persons = found[(found.class_id == PERSON) & (found.confidence >= CONFIDENCE)]
    return persons.xyxy + np.array([x, y, x, y], np.float32)


def ours(clip: Path, detector: Detector, seconds: float) -> Run:
    """`custos analyze`, as it is."""
    run, counted = Run(), Counted(detector)
    camera = Camera("camera", clip.stem, str(clip))
    began = time.process_time()
    source = FileSource(clip, camera.id, START)
    analysis = Analysis(source, PacketDecoder, counted, camera, site_id="bench", session="1", new_id=lambda: "event")
    for step in analysis:
        if step.frame is None or (step.frame.captured_at - START).total_seconds() > seconds:
            break
        run.found[step.frame.index] = step.tracks.xyxy[step.tracks.class_id == PERSON]
    run.cpu_s, run.inferences = time.process_time() - began, counted.pictures
    return run


def pets_recall(run: Run, footage: Path) -> float:
    """Share of the truth's boxes that are met, one person for one box."""
    truth = read_boxes(footage / "pets-s2l1.gt.csv", scale=1 / 1.6, is_truth=True)
    met = boxes = 0
    for frame in np.unique(truth.frame):
        if int(frame) not in run.found:
            continue
        wanted = truth.xyxy[(truth.frame == frame) & truth.consider]
        overlap = iou(wanted, run.found[int(frame)].astype(np.float64))
        rows, columns = linear_sum_assignment(-np.where(overlap >= 0.5, overlap, 0))
        met += int((overlap[rows, columns] >= 0.5).sum())
        boxes += len(wanted)
    return met / boxes


def visits_recall(run: Run, footage: Path) -> float:
    """Share of the pictures of each visit, less half a second at each end, that have a person in them."""
    found = present = 0
    for visit in csv.DictReader((footage / "one-by-one.visits.csv").read_text().splitlines()):
        for index, persons in run.found.items():
            at_s = (index - 1) / 10
            if float(visit["enters_s"]) + 0.5 <= at_s <= float(visit["leaves_s"]) - 0.5:
                present += 1
                found += len(persons) > 0
    return found / present


def choice_of(name: str) -> DetectorChoice:
    file = Path(name)
    if file.suffix != ".onnx":
        return DetectorChoice(name)
    return DetectorChoice(file.stem, path=str(file), sha256=hashlib.sha256(file.read_bytes()).hexdigest())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--detector", default="centernet-mb3", help="a registered model, or an ONNX file")
    parser.add_argument("--seconds", type=float, default=1e6, help="of each clip, from its start")
    arguments = parser.parse_args()
    if not (arguments.footage / "pets-s2l1.mp4").is_file():
        print(f"no footage in {arguments.footage}: nothing measured")
        return
    cv2.setNumThreads(1)
    detector = open_detector(choice_of(arguments.detector), models_dir(), 1)
    print(f"machine: {machine()}; detector: {detector.name}, one thread")
    print("| clip | way | processor, s | pictures to the detector | recall |")
    print("|---|---|---|---|---|")
    for clip, recall in (("one-by-one", visits_recall), ("pets-s2l1", pets_recall)):
        costs = []
        for name, way in (("every moving region", usual), ("Custos", ours)):
            run = way(arguments.footage / f"{clip}.mp4", detector, arguments.seconds)
            costs.append(run.cpu_s)
            share = recall(run, arguments.footage)
            print(f"| {clip} | {name} | {run.cpu_s:.1f} | {run.inferences} | {share:.3f} |", flush=True)
        print(f"{clip}: {costs[0] / costs[1]:.1f} times fewer processor seconds", flush=True)


if __name__ == "__main__":
    main()
