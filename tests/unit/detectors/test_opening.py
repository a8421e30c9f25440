"""Every way to choose a model, right and wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from custos.adapters.detectors.opening import open_detector
from custos.adapters.detectors.registry import load_manifest
from custos.model.errors import CustosError, UsageError
from custos.model.site import DetectorChoice

if TYPE_CHECKING:
    from tests.unit.detectors.conftest import MakeModel

NAMES = load_manifest().names


@pytest.fixture
def yolox_file(tmp_path: Path, model_answering: MakeModel) -> Path:
    path = tmp_path / "my model.onnx"
    path.write_bytes(model_answering((1, 3, 64, 64), "output", np.zeros((1, 84, 85), np.float32)))
    return path


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_path_with_its_hash(yolox_file: Path, tmp_path: Path) -> None:
    sha256 = hash_of(yolox_file)
    for declared in (sha256, sha256.upper()):
        detector = open_detector(DetectorChoice("x", str(yolox_file), declared), tmp_path, 1)
        assert detector.name == f"my-model@{sha256[:8]}"


def test_a_family_is_guessed_from_the_shapes_or_given(tmp_path: Path, model_answering: MakeModel) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model_answering((1, 64, 64, 3), "tower_0/detections", np.zeros((1, 9, 6), np.float32)))
    for family in (None, "centernet"):
        open_detector(DetectorChoice("x", str(path), hash_of(path), family), tmp_path, 1)
    with pytest.raises(CustosError, match=r"a YOLOX model takes \(n, 3, s, s\)"):
        open_detector(DetectorChoice("x", str(path), hash_of(path), "yolox"), tmp_path, 1)
    with pytest.raises(UsageError, match=r"no detector family is called 'rcnn'; known: yolox, centernet"):
        open_detector(DetectorChoice("x", str(path), hash_of(path), "rcnn"), tmp_path, 1)
    path.write_bytes(model_answering((1, 64, 64, 3), "boxes", np.zeros((1, 9, 6), np.float32)))
    with pytest.raises(UsageError, match=r"do not tell its family\. Add `family:`"):
        open_detector(DetectorChoice("x", str(path), hash_of(path)), tmp_path, 1)


def test_a_path_without_a_hash_is_refused_and_the_hash_told(yolox_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=hash_of(yolox_file)):
        open_detector(DetectorChoice("x", str(yolox_file)), tmp_path, 1)


def test_another_hash_than_declared(yolox_file: Path, tmp_path: Path) -> None:
    with pytest.raises(CustosError, match=rf"should be {'0' * 64}, but is {hash_of(yolox_file)}"):
        open_detector(DetectorChoice("x", str(yolox_file), "0" * 64), tmp_path, 1)


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x08\x08\x12\x04cust"])
def test_a_file_that_is_no_model(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(CustosError, match=r"m\.onnx: ONNX Runtime cannot read this model"):
        open_detector(DetectorChoice("x", str(path), hash_of(path)), tmp_path, 1)


def test_a_path_where_nothing_is(tmp_path: Path) -> None:
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(CustosError, match="the model cannot be read"):
            open_detector(DetectorChoice("x", str(path), "0" * 64), tmp_path, 1)


@pytest.mark.parametrize(("name", "command"), [("auto", "models pull`"), (NAMES[0], f"models pull {NAMES[0]}`")])
def test_a_model_that_is_not_here(name: str, command: str, tmp_path: Path) -> None:
    with pytest.raises(CustosError, match=command):
        open_detector(DetectorChoice(name), tmp_path / "nowhere", 1)


def test_a_name_that_the_registry_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=rf"no model is called 'yolo'\. Known: {', '.join(NAMES)}"):
        open_detector(DetectorChoice("yolo"), tmp_path, 1)


def test_a_registered_model_with_another_hash_is_never_used(tmp_path: Path, yolox_file: Path) -> None:
    (tmp_path / f"{NAMES[0]}.onnx").write_bytes(yolox_file.read_bytes())
    with pytest.raises(CustosError, match=rf"but is {hash_of(yolox_file)}. Run `custos models pull {NAMES[0]}`"):
        open_detector(DetectorChoice(NAMES[0]), tmp_path, 1)
    with pytest.raises(CustosError, match=f"none with the right hash.*{NAMES[0]}"):
        open_detector(DetectorChoice("auto"), tmp_path, 1)
