"""What a benchmark has drawn and measured, kept so that an interrupted run goes on where it was.

    kept = Kept("conditions", "simulate", "vision"); rows = kept.rows("street-noon", Row, measure)

What is kept belongs to the source it was made with: when one of those files changes, all of it is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from report_page import ROOT

from custos.cli.options import cache_dir
from custos.model.detections import Detections
from custos.model.frame import Frame
from custos.pipeline.ports import Detector

SOURCE = ROOT / "src" / "custos"
Record = TypeVar("Record")
Task = TypeVar("Task")
Result = TypeVar("Result")


def kept_in() -> Path:
    """Where benchmarks keep things when they are not told."""
    return cache_dir() / "bench"


class Kept:
    """A folder of results.

    Args:
        name: of the folder; the digest of the source follows it.
        parts: files, and folders with all their Python files, below src/custos, or anywhere when absolute.
        folder: where it lies.
    """

    def __init__(self, name: str, *parts: str | Path, folder: Path) -> None:
        digest = hashlib.sha256()
        for part in parts:
            place = SOURCE / part
            for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
                digest.update(file.read_bytes())
        self.folder = folder / f"{name}-{digest.hexdigest()[:10]}"

    def path(self, name: str) -> Path:
        """Of a file there; the folder is made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.json").is_file()

    def rows(self, name: str, record: Callable[..., Record], make: Callable[[], Iterable[Record]]) -> list[Record]:
        """What was kept under the name, or else what `make` makes, which is kept: data classes of plain fields."""
        file = self.path(f"{name}.json")
        if file.is_file():
            return [record(**fields) for fields in json.loads(file.read_text())]
        made = list(make())
        fields: list[dict[str, Any]] = [asdict(one) for one in made]  # type: ignore[call-overload]
        whole(file, json.dumps(fields).encode())
        return made


def whole(file: Path, data: bytes) -> None:
    """The file appears whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(data)
    part.replace(file)


class KeptDetector:
    """A detector that is asked once for each picture of a clip, however often the clip is walked.

    Args:
        open_detector: only opened when a picture is new.
        file: where its answers are; `keep` writes them.
    """

    batch = 1

    def __init__(self, name: str, open_detector: Callable[[], Detector], file: Path) -> None:
        self.name, self._open, self._file = name, open_detector, file
        self._detector: Detector | None = None
        self._found: dict[str, NDArray[np.float32]] = {}
        if file.is_file():
            with np.load(file) as there:
                self._found = {key: there[key] for key in there.files}
        self._known = len(self._found)

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        return [self._one(frame) for frame in frames]

    def _one(self, frame: Frame) -> Detections:
        key = "-".join(str(n) for n in (frame.index, *frame.origin_px, frame.width_px, frame.height_px))
        if key not in self._found:
            self._detector = self._detector or self._open()
            (found,) = self._detector.detect([frame])
            columns = found.xyxy, found.confidence[:, None], found.class_id[:, None]
            self._found[key] = np.concatenate(columns, axis=1).astype(np.float32)
        rows = self._found[key]
        return Detections(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64))

    def keep(self) -> None:
        """Write what is new."""
        if len(self._found) > self._known:
            part = self._file.with_name(f"{self._file.name}.part.npz")
            np.savez(part, **self._found)  # type: ignore[arg-type]
            part.replace(self._file)
            self._known = len(self._found)


def side_by_side(do: Callable[[Task], Result], tasks: Sequence[Task], processes: int) -> Iterator[Result]:
    """`do` of each task, in their order, so many at a time."""
    if processes <= 1:
        yield from map(do, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(do, tasks)
