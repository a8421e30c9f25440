"""What benchmarks keep so that an interrupted run goes on, and where they write what they measured."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bench_conditions
import bench_integrity
import numpy as np
import pytest
from bench_integrity import Clip, Told
from kept import Kept, KeptDetector, side_by_side
from report_page import ROOT, write_section

from custos.model.detections import Detections
from custos.model.frame import Frame


@dataclass(frozen=True)
class Row:
    name: str
    figure: float


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "made_by.py").write_text("SIZE = 1\n")
    return tmp_path


def test_what_was_measured_is_not_measured_again_until_its_source_changes(source: Path) -> None:
    calls = []

    def measure() -> list[Row]:
        calls.append(1)
        return [Row("a", 1.5), Row("b", len(calls))]

    def rows() -> list[Row]:
        return Kept("bench", source, folder=source / "kept").rows("street", Row, measure)

    assert rows() == rows() == [Row("a", 1.5), Row("b", 1)]
    (source / "made_by.py").write_text("SIZE = 2\n")
    assert rows() == [Row("a", 1.5), Row("b", 2)]


def test_what_failed_half_way_is_not_kept(source: Path) -> None:
    def fails() -> list[Row]:
        raise OSError("the disk is full")

    kept = Kept("bench", source, folder=source)
    with pytest.raises(OSError, match="full"):
        kept.rows("street", Row, fails)
    assert kept.rows("street", Row, list) == []


class Asked:
    """A detector that counts; it finds one person in each picture, as wide as the picture's left is."""

    name, batch = "asked@0", 1

    def __init__(self) -> None:
        self.times = 0

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.times += len(frames)
        box = np.array([[0, 0, 5 + frames[0].origin_px[0], 9]], np.float32)
        return [Detections(box, np.array([0.3], np.float32), np.array([2], np.int64)) for _ in frames]


def test_a_detector_is_asked_once_for_each_part_of_each_picture(tmp_path: Path) -> None:
    asked, file = Asked(), tmp_path / "found.npz"
    picture = Frame.from_bgr(np.zeros((40, 60, 3), np.uint8), captured_at=datetime(2026, 1, 1, tzinfo=UTC), index=7)
    part = picture.crop(20, 0, 60, 40)
    first = KeptDetector("asked@0", lambda: asked, file)
    found = first.detect([picture, part, picture])
    first.keep()
    assert asked.times == 2
    again = KeptDetector("asked@0", lambda: asked, file).detect([part])
    assert asked.times == 2
    assert found[0].xyxy.tolist() == [[0, 0, 5, 9]]
    assert again[0].xyxy.tolist() == found[1].xyxy.tolist() == [[0, 0, 25, 9]]
    assert (again[0].confidence.tolist(), again[0].class_id.tolist()) == ([np.float32(0.3)], [2])


def test_tasks_are_answered_in_their_order() -> None:
    assert list(side_by_side(abs, [-3, 2, -1], 1)) == [3, 2, 1]


@pytest.mark.parametrize("part", bench_integrity.PARTS)
def test_all_of_a_table_of_integrity_is_written(part: str, tmp_path: Path) -> None:
    """Symptom: a second run would have left what had been added by hand beside the new table."""
    page = tmp_path / "integrity.md"
    page.write_text((ROOT / "docs" / "integrity.md").read_text())
    write_section(part, "made anew", page)
    between = page.read_text().split(f"<!-- begin {part} -->")[1].split(f"<!-- end {part} -->")[0]
    assert between.strip() == "made anew"


def test_acts_that_were_done_to_a_clip_are_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = Clip("street (drawn)", "street")
    kept = bench_integrity.measured(tmp_path)
    rows = [
        Told("cover, coded anew", clip.name, 5.0, ["camera.moved"], 0.2),
        Told("turn, coded anew", clip.name, None, [], 0.1),
    ]
    kept.rows("acts-street", Told, lambda: rows)
    assert bench_integrity.acts_of((clip, tmp_path)) == (rows, [])
    assert "street (drawn): 2 acts" in capsys.readouterr().out
    assert bench_integrity.table(rows)[2:] == [
        "| cover, coded anew | 5.0 s (moved too) |",
        "| turn, coded anew | not told |",
    ]


def test_rain_and_fog_are_felt_outdoors_only(tmp_path: Path) -> None:
    tasks = bench_conditions.tasks_of(Namespace(cameras=["street", "shop"], models=tmp_path, keep=tmp_path))
    assert [task.filming.name for task in tasks if task.camera_id == "shop"] == [
        "noon", "dusk", "night", "64 kbit/s", "5 pictures a second",
    ]  # fmt: skip
    assert len(tasks) == 12
    assert len({task.name for task in tasks}) == 12
