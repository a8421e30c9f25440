"""Every graph of the npm package that centernet-mb3 comes from: imported, and run beside TensorFlow.js."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from custos.adapters.detectors.tfjs.artifact import ImportRefused
from custos.adapters.detectors.tfjs.importer import import_graph_model

if TYPE_CHECKING:
    from tests.tfjs.conftest import Reference

Array = NDArray[np.generic]
RNG = np.random.default_rng(7)
BEHIND_THE_LOOP = "StatefulPartitionedCall/map/TensorArrayV2Stack/TensorListStack"


@dataclass(frozen=True)
class Run:
    """A graph of the package on one input. `outputs`: tensors, by the name that its signature gives them."""

    graph: str
    shape: tuple[int, ...]
    input: str
    outputs: Mapping[str, str]
    top: float = 1.0
    dtype: type[np.generic] = np.float32
    feeds: bool = False


@dataclass(frozen=True)
class Job:
    model_json: bytes
    weights: bytes
    inputs: Mapping[str, Array]
    outputs: Sequence[str]


def identities(count: int) -> dict[str, str]:
    names = ["Identity", *(f"Identity_{k}" for k in range(1, count))]
    return {name: name for name in names}


RUNS = [
    Run("antispoof", (1, 128, 128, 3), "conv2d_input", {"activation_4": "Identity"}),
    Run("blazeface", (1, 256, 256, 3), "input", identities(4)),
    Run("emotion", (1, 64, 64, 1), "input_1", identities(1)),
    Run("facemesh", (1, 192, 192, 3), "input_1", {"output_mesh": "Identity_2", "output_faceflag": "Identity_1"}),
    Run(
        "faceres",
        (1, 224, 224, 3),
        "input_1",
        {name: name for name in ("gender_pred/Sigmoid", "global_pooling/Mean", "age_pred/Softmax")},
    ),
    Run("handlandmark-lite", (1, 224, 224, 3), "input_1", identities(4)),
    Run("iris", (1, 64, 64, 3), "input_1", identities(1)),
    Run("liveness", (1, 32, 32, 3), "conv2d_1_input", {"activation_6": "Identity"}),
    Run("movenet-lightning", (1, 192, 192, 3), "input", identities(1), top=255.0, dtype=np.int32),
    # Its batch loop and its suppression of doubles depend on data: entered behind the one, left before the other.
    Run(
        "handtrack",
        (1, 320, 320, 3),
        BEHIND_THE_LOOP,
        {"Identity_6": "Identity_6", "Identity_7": "Identity_7"},
        feeds=True,
    ),
]


@pytest.fixture(scope="session")
def models(human_tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's folder of graphs."""
    directory = tmp_path_factory.mktemp("human")
    with tarfile.open(human_tarball) as archive:
        archive.extractall(directory, filter="data")
    return directory / "package" / "models"


def files_of(models: Path, graph: str) -> tuple[bytes, bytes]:
    return (models / f"{graph}.json").read_bytes(), (models / f"{graph}.bin").read_bytes()


def test_answers_like_tensorflow_js(models: Path, reference: Reference) -> None:
    fed = [{run.input: (RNG.random(run.shape) * run.top).astype(run.dtype)} for run in RUNS]
    jobs = [
        Job(*files_of(models, run.graph), inputs, list(run.outputs.values()))
        for run, inputs in zip(RUNS, fed, strict=True)
    ]
    for run, job, expected in zip(RUNS, jobs, reference.answers(jobs, backend="wasm"), strict=True):
        feeds = {run.input: run.shape} if run.feeds else {}
        model = import_graph_model(job.model_json, job.weights, where=run.graph, outputs=list(run.outputs), feeds=feeds)
        got = ort.InferenceSession(model).run(list(run.outputs), dict(job.inputs))
        for name, ours, theirs in zip(run.outputs, got, expected, strict=True):
            assert ours.shape == theirs.shape, (run.graph, name)
            np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=1e-3, err_msg=f"{run.graph}, {name}")


def test_a_loop_is_refused_by_operation_and_node(models: Path) -> None:
    with pytest.raises(ImportRefused, match=r"operation TensorListReserve, node 'StatefulPartitionedCall/map/.*'"):
        import_graph_model(*files_of(models, "handtrack"), where="handtrack")


def test_the_tests_know_every_graph_of_the_package(models: Path) -> None:
    graphs = {path.stem for path in models.glob("*.json")} - {"models"}  # that one is a list of sizes
    assert graphs == {run.graph for run in RUNS} | {"centernet"}


CENTERNET = ["tower_0/detections", "tower_0/keypoints", "tower_0/wh"]


def street() -> Array:
    """(1, 512, 512, 3) float32 RGB 0..255: people and a van on a grey street, with grain."""
    picture = np.full((512, 512, 3), (150, 150, 145), np.uint8)
    cv2.rectangle(picture, (0, 0), (511, 200), (190, 180, 170), -1)
    cv2.rectangle(picture, (300, 190), (480, 300), (200, 40, 40), -1)
    cv2.rectangle(picture, (320, 200), (380, 240), (60, 70, 90), -1)
    for x in (330, 450):
        cv2.circle(picture, (x, 302), 18, (20, 20, 20), -1)
    for x, y, size in ((90, 240, 1.0), (190, 280, 1.3)):
        hip = int(y + 60 * size)
        cv2.rectangle(picture, (int(x - 16 * size), y), (int(x + 16 * size), hip), (40, 60, 120), -1)
        for leg in (-9, 9):
            foot = int(x + leg * size)
            cv2.line(picture, (foot, hip), (foot, int(hip + 50 * size)), (30, 30, 40), int(11 * size))
        cv2.circle(picture, (x, int(y - 14 * size)), int(12 * size), (200, 160, 130), -1)
    grain = np.random.default_rng(3).normal(0, 6, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.float32)[None]


def test_centernet_scores_differ_by_less_than_a_thousandth(models: Path, reference: Reference) -> None:
    noise = (np.random.default_rng(4).random((1, 512, 512, 3)) * 255).astype(np.float32)
    files = files_of(models, "centernet")
    jobs = [Job(*files, {"tower_0/images": picture}, CENTERNET) for picture in (street(), noise)]
    session = ort.InferenceSession(import_graph_model(*files, where="centernet"))
    for job, (rows, heat, size) in zip(jobs, reference.answers(jobs, backend="wasm"), strict=True):
        our_rows, our_heat, our_size = session.run(CENTERNET, dict(job.inputs))
        assert np.abs(our_heat - heat).max() < 1e-3
        assert np.abs(our_rows[..., 4] - rows[..., 4]).max() < 1e-3
        np.testing.assert_allclose(our_size, size, atol=0.05)
        assert (our_rows[0, :10, 5] == rows[0, :10, 5]).all()
        np.testing.assert_allclose(our_rows[0, :10, :4], rows[0, :10, :4], atol=0.1)
    assert session.run(CENTERNET, dict(jobs[0].inputs))[0][0, 0, 4] > 0.2, "the drawn street shows nothing"


def test_the_same_files_make_the_same_bytes(models: Path) -> None:
    files = files_of(models, "movenet-lightning")
    assert import_graph_model(*files, where="a") == import_graph_model(*files, where="b")
