"""TensorFlow.js in Node, as the reference: see reference.mjs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from custos.adapters.detectors.manifest import NpmSource, load_manifest
from custos.adapters.detectors.npm import fetch_tarball

Array = NDArray[np.generic]
Answer = NDArray[np.float64]
HERE = Path(__file__).parent


class Job(Protocol):
    """A graph model, what to feed it (float32 and int32), and which tensors to answer."""

    @property
    def model_json(self) -> bytes: ...
    @property
    def weights(self) -> bytes: ...
    @property
    def inputs(self) -> Mapping[str, Array]: ...
    @property
    def outputs(self) -> Sequence[str]: ...


class Reference:
    """Runs jobs in one Node process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def answers(self, jobs: Sequence[Job], *, backend: str) -> list[list[Answer]]:
        """For every job its outputs. `backend`: "cpu" (plain JavaScript, knows most) or "wasm" (quick)."""
        cases = [self._case(index, job) for index, job in enumerate(jobs)]
        order = self._directory / "job.json"
        order.write_text(json.dumps({"backend": backend, "cases": cases}))
        ended = subprocess.run(
            ["node", str(HERE / "reference.mjs"), str(order)],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return [
            [
                np.fromfile(self._file(index, f"out{k}"), tensor["dtype"]).reshape(tensor["shape"]).astype(np.float64)
                for k, tensor in enumerate(json.loads(line))
            ]
            for index, line in enumerate(ended.stdout.splitlines())
        ]

    def _case(self, index: int, job: Job) -> dict[str, object]:
        self._file(index, "json").write_bytes(job.model_json)
        self._file(index, "bin").write_bytes(job.weights)
        inputs = {}
        for k, (name, array) in enumerate(job.inputs.items()):
            file = self._file(index, f"in{k}")
            file.write_bytes(np.ascontiguousarray(array).tobytes())
            inputs[name] = {"dtype": array.dtype.name, "shape": array.shape, "file": str(file)}
        return {
            "model": str(self._file(index, "json")),
            "weights": str(self._file(index, "bin")),
            "inputs": inputs,
            "outputs": list(job.outputs),
            "results": [str(self._file(index, f"out{k}")) for k in range(len(job.outputs))],
        }

    def _file(self, index: int, suffix: str) -> Path:
        return self._directory / f"{index}.{suffix}"


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    if shutil.which("node") is None or not (HERE / "node_modules").is_dir():
        pytest.fail("TensorFlow.js is not installed: run `npm ci` in tests/tfjs (`make test` does)")
    return Reference(tmp_path_factory.mktemp("tfjs"))


@pytest.fixture(scope="session")
def human_tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package that centernet-mb3 comes from, with its other graphs."""
    entry = load_manifest().find("centernet-mb3")
    assert entry is not None
    (source,) = [source for source in entry.sources if isinstance(source, NpmSource)]
    tarball = tmp_path_factory.mktemp("npm") / "human.tgz"
    fetch_tarball(source, tarball, progress=lambda: None)
    return tarball
