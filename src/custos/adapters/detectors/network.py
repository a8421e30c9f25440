"""A neural network as ONNX Runtime runs it: arrays in, arrays out, threads counted, silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from custos.model.errors import CustosError

Dim = int | None
"""A size, or None where the graph takes any."""

PREFERRED_PROVIDERS = (
    "TensorrtExecutionProvider",
    "CUDAExecutionProvider",
    "OpenVINOExecutionProvider",
    "CPUExecutionProvider",
)
_ERRORS_ONLY = 3

MOST_AT_ONCE = 4
"""Pictures that a model with a free batch size is given at once."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a network."""

    name: str
    shape: tuple[Dim, ...]


class Network:
    """An ONNX graph with one image input, ready to run. Thread-safe.

    Args:
        model: the bytes of an ONNX file.
        where: how errors call it.
        threads: for one inference; they do not spin while they wait.

    Raises:
        CustosError: the bytes are not a model that ONNX Runtime can run, or it has not exactly one input.
    """

    def __init__(self, model: bytes, *, where: str, threads: int) -> None:
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads}")
        ort.set_default_logger_severity(_ERRORS_ONLY)
        options = ort.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        # Spinning threads would burn a core between frames, and starve the decoders beside them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        available = ort.get_available_providers()
        providers = [name for name in PREFERRED_PROVIDERS if name in available]
        try:
            self._session = ort.InferenceSession(model, sess_options=options, providers=providers)
        except Exception as error:  # ONNX Runtime's exceptions share no public base class
            raise CustosError(
                f"ONNX Runtime cannot read this model ({_first_line(error)}).",
                where=where,
                remedy="Is it an ONNX file, and whole? `custos models verify` checks the registry's own.",
            ) from error
        self.inputs = [_port(node) for node in self._session.get_inputs()]
        self.outputs = [_port(node) for node in self._session.get_outputs()]
        if len(self.inputs) != 1:
            names = ", ".join(port.name for port in self.inputs)
            raise CustosError(f"a detector takes one input, this model takes {len(self.inputs)}: {names}.", where=where)

    @property
    def fixed_batch(self) -> int | None:
        """How many pictures one run takes, or None for any number."""
        return self.inputs[0].shape[0] if self.inputs[0].shape else None

    def run(self, blob: NDArray[np.float32], output: str) -> NDArray[np.float32]:
        """The named output for an input of the declared shape."""
        result = self._session.run([output], {self.inputs[0].name: blob})[0]
        return np.asarray(result, np.float32)

    def run_each(self, blobs: Sequence[NDArray[np.float32]], output: str) -> list[NDArray[np.float32]]:
        """The named output of each picture, its batch axis taken off.

        Args:
            blobs: one array per picture, without the batch axis.
        """
        if self.fixed_batch is not None:
            return [self.run(blob[None], output)[0] for blob in blobs]
        return list(self.run(np.stack(blobs), output)) if blobs else []


def _port(node: ort.NodeArg) -> Port:
    return Port(str(node.name), tuple(dim if isinstance(dim, int) else None for dim in node.shape))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
