"""Inputs that must be known when a graph is imported: kernels, axes, sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.adapters.detectors.tfjs.artifact import Node
from custos.adapters.detectors.tfjs.builder import Array, Tensor


def value_of(node: Node, tensor: Tensor, what: str) -> Array:
    """The constant's content; ImportRefused when it is computed from data."""
    if tensor.value is None:
        raise node.refuse(f"its {what} is computed from data, it must be constant")
    return tensor.value


def floats_of(node: Node, tensor: Tensor, what: str) -> NDArray[np.float32]:
    return value_of(node, tensor, what).astype(np.float32)


def ints_of(node: Node, tensor: Tensor, what: str) -> list[int]:
    return [int(item) for item in value_of(node, tensor, what).reshape(-1)]


def int_of(node: Node, tensor: Tensor, what: str) -> int:
    """The single number of a constant of one element."""
    numbers = ints_of(node, tensor, what)
    if len(numbers) != 1:
        raise node.refuse(f"its {what} must be one number, got {len(numbers)}")
    return numbers[0]
