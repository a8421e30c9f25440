"""Networks that answer what a test tells them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from custos.model.frame import Frame

MakeModel = Callable[[tuple[int, ...], str, NDArray[np.float32]], bytes]
MakeFrame = Callable[[int, int], Frame]


@pytest.fixture
def model_answering() -> MakeModel:
    """(input shape, name of the output, answer) -> the bytes of an ONNX model with that answer to anything."""

    def make(shape: tuple[int, ...], output: str, answer: NDArray[np.float32]) -> bytes:
        constants = {"answer": answer, "nothing": np.zeros((1,) * len(shape), np.float32)}
        nodes = [
            helper.make_node("Mul", ["image", "nothing"], ["black"]),
            helper.make_node("ReduceSum", ["black"], ["zero"], keepdims=0),
            helper.make_node("Add", ["answer", "zero"], [output]),
        ]
        graph = helper.make_graph(
            nodes,
            "fixed",
            [helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, answer.shape)],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
        return bytes(model.SerializeToString())

    return make


@pytest.fixture
def frame_of() -> MakeFrame:
    """(width, height) -> a grey frame."""

    def make(width_px: int, height_px: int) -> Frame:
        grey = np.full((height_px, width_px, 3), 128, np.uint8)
        return Frame.from_bgr(grey, captured_at=datetime(2026, 3, 2, 22, tzinfo=UTC))

    return make
