"""`custos analyze` and `custos eval` on real clips, with the models that are shipped and one of your own."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from custos.testing.clips import cut_clip
from tests.acceptance.conftest import custos

ROOT = Path(__file__).parents[2]
FOOTAGE = ROOT.parent / "shared" / "footage"
MODELS = ROOT.parent / "shared" / "models"
YOLOX = MODELS / "yolox_nano-reexport.onnx"
YOLOX_SHA256 = "e8af074932d4ed7e232278e3055cefcdea3edf178874a3694ae292649fb464dd"
DETECTORS = {
    "centernet-mb3": ("--detector", "centernet-mb3"),
    "yolox-nano": ("--detector", str(YOLOX), "--detector-sha256", YOLOX_SHA256),
}
WHOLE = 795
"""Pictures of the campus road."""

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real clips are not at {FOOTAGE}"),
]


@pytest.mark.parametrize(("detector", "pictures", "people"), [("centernet-mb3", 480, 2), ("yolox-nano", 1394, 6)])
def test_six_people_at_the_table(detector: str, pictures: int, people: int, tmp_path: Path) -> None:
    """The slower detector sees the first two only; benchmarks/bench_footage.py shows all six to both."""
    events = tmp_path / "events.jsonl"
    config = ("--config", ROOT / "examples" / "one-by-one.yaml", "--started-at", "2026-01-01T00:00:00")
    clip = cut_clip(FOOTAGE / "one-by-one.mp4", tmp_path / "table.mp4", last=pictures - 1)
    ran = custos("analyze", clip, *config, *DETECTORS[detector], "--events", events)
    assert ran.status == 0, ran.err
    truth = list(csv.DictReader((FOOTAGE / "one-by-one.visits.csv").read_text().splitlines()))[:people]
    for kind, column in (("entered", "enters_s"), ("left", "leaves_s")):
        found = sorted(_times(events, f"custos.zone.{kind}"))
        assert found == pytest.approx([float(row[column]) for row in truth], abs=1.0)
    entered, left = (_subjects(events, f"custos.zone.{kind}") for kind in ("entered", "left"))
    assert len(set(entered)) == len(truth)  # nobody takes over the id of who was there before
    assert left == entered


@pytest.mark.parametrize(
    ("detector", "pictures", "mota", "idf1"),
    [("centernet-mb3", 400, 0.77, 0.84), ("yolox-nano", WHOLE, 0.83, 0.88)],
)
def test_pedestrians_on_a_campus_road(detector: str, pictures: int, mota: float, idf1: float, tmp_path: Path) -> None:
    """The slower detector sees the first part only; benchmarks/bench_footage.py scores both on the whole clip."""
    clip = cut_clip(FOOTAGE / "pets-s2l1.mp4", tmp_path / "campus.mp4", last=pictures - 1)
    header, *rows = (FOOTAGE / "pets-s2l1.gt.csv").read_text().splitlines()
    truth = tmp_path / "campus.gt.csv"
    truth.write_text("\n".join([header, *(row for row in rows if int(row.split(",")[0]) <= pictures)]))
    ran = custos("eval", "tracking", truth, "--video", clip, "--truth-scale", "0.625", *DETECTORS[detector], "--json")
    assert ran.status == 0, ran.err
    score = json.loads(ran.out)
    assert score["mota"] >= mota
    assert score["idf1"] >= idf1


def _subjects(events: Path, kind: str) -> list[str]:
    """Of whom those events tell, in order."""
    told = [json.loads(line) for line in events.read_text().splitlines()]
    return [e["subject"] for e in told if e["type"] == kind]


def _times(events: Path, kind: str) -> list[float]:
    """Seconds since the start of the recording."""
    start = datetime.fromisoformat("2026-01-01T00:00:00Z")
    told = [json.loads(line) for line in events.read_text().splitlines()]
    return [(datetime.fromisoformat(e["time"]) - start).total_seconds() for e in told if e["type"] == kind]
