"""`custos analyze` and `custos eval` as their users meet them, on drawn clips."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import av
import pytest

from custos.testing.clips import write_clip
from tests.acceptance.conftest import Told, custos

START = ("--started-at", "2026-01-01T00:00:00")


def test_a_recording_becomes_events_tracks_and_an_annotated_video_and_the_same_ones_again(
    street: Path, tmp_path: Path
) -> None:
    events, tracks, video, again = (tmp_path / name for name in ("e.jsonl", "t.txt", "a.mp4", "again.jsonl"))
    clip = street.parent / "street.mp4"
    outputs = ("--events", events, "--tracks", tracks, "--annotate", video)
    ran = custos("analyze", clip, "--config", street, *START, *outputs, "--json")
    assert ran.status == 0, ran.err
    summary = json.loads(ran.out)
    told = [json.loads(line) for line in events.read_text().splitlines()]
    assert summary["frames"] == 120
    assert summary["visits"]["pavement"] >= 1
    assert summary["events"] == len(told)
    assert {e["type"] for e in told} >= {"custos.track.started", "custos.zone.entered", "custos.zone.left"}
    frames = [int(row.split(",")[0]) for row in tracks.read_text().splitlines()]
    assert frames
    assert 1 <= min(frames) <= max(frames) <= 120
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 120
    assert custos("analyze", clip, "--config", street, *START, "--events", again).status == 0
    assert again.read_text() == events.read_text()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.mp4", None, "missing.mp4"),
        ("text.mp4", b"this is not a video\n" * 50, "not a video"),
        ("empty.mp4", b"", "empty"),
    ],
)
def test_what_is_no_video_is_refused(told: Told, tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    ran = told("analyze", file, "--events", tmp_path / "e.jsonl")
    assert ran.status == 1
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "e.jsonl").exists()


def test_sound_without_pictures_is_refused(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "sound.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * 8000)
    ran = told("analyze", file)
    assert ran.status == 1
    assert "sound.wav" in ran.err


def test_a_truncated_recording_is_read_as_far_as_it_goes(told: Told, tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.ts", frames=40)
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    ran = told("analyze", cut, "--json")
    assert ran.status == 0, ran.err
    assert 12 < json.loads(ran.out)["frames"] < 28


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--camera", "door"), "--config"),
        (("--classes", "dragon"), "dragon"),
        (("--detector", "no-such-model"), "no-such-model"),
        (("--detector-sha256", "00"), "--detector"),
        (("--colour", "red"), "--colour"),
    ],
)
def test_a_wrong_option_is_a_usage_error(told: Told, street: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = told("analyze", street.parent / "street.mp4", *arguments)
    assert ran.status == 2
    assert words in ran.err


def test_a_model_given_by_path_needs_its_hash(told: Told, street: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"not a model")
    without = told("analyze", street.parent / "street.mp4", "--detector", model)
    wrong = told("analyze", street.parent / "street.mp4", "--detector", model, "--detector-sha256", "0" * 64)
    assert without.status == 2
    assert wrong.status == 1
    assert "hash" in without.err
    assert "hash" in wrong.err


def test_simulated_truth_scores_simulated_tracks(told: Told, street: Path) -> None:
    ran = told(
        "eval", "tracking", street.parent / "street.gt.txt", "--tracks", street.parent / "street.gt.txt", "--json"
    )
    score = json.loads(ran.out)
    assert (score["mota"], score["idf1"], score["hota"]) == pytest.approx((1, 1, 1))


def test_simulated_truth_scores_simulated_detections(told: Told, street: Path) -> None:
    truth = street.parent / "street.gt.txt"
    ran = told("eval", "detection", truth, "--detections", truth, "--classes", "person", "--json")
    (score,) = json.loads(ran.out)["classes"]
    assert (score["name"], score["precision"], score["recall"]) == ("person", pytest.approx(1), pytest.approx(1))
    unclear = told("eval", "detection", truth)
    assert unclear.status == 2
    assert "--detections FILE or --video VIDEO" in " ".join(unclear.err.split())
