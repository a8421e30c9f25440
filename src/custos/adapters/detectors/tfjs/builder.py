"""An ONNX graph under construction, one operation at a time, with the shape and type of every tensor known.

TensorFlow.js keeps pictures channels-last (n, h, w, c), ONNX convolves channels-first (n, c, h, w). A Tensor
says how it is stored; it is turned only when an operation needs it the other way, and each tensor at most
once, so a chain of convolutions and elementwise operations stays channels-first from end to end.

Rejected after measuring: hard swish as HardSigmoid with its factors folded into later weights. ONNX Runtime
turns more tensors then, and centernet-mb3 took 62 ms instead of 58.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.checker import ValidationError
from onnx.reference import ReferenceEvaluator
from onnx.shape_inference import InferenceError, infer_node_outputs

from custos.adapters.detectors.tfjs.artifact import Node

OPSET = 18
IR_VERSION = 8
TO_FIRST = (0, 3, 1, 2)
TO_LAST = (0, 2, 3, 1)

Array = NDArray[np.generic]
Attribute = int | float | str | Sequence[int]
NO_ATTRIBUTES: Mapping[str, Attribute] = {}

_EXACT = frozenset({"Cast", "Concat", "Gather", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze", "Expand"})
"""Operations that compute nothing: folding them cannot depend on a library's arithmetic."""


_SMALL = 64
"""Shapes, axes, scales: constants that inference reads are not larger."""


class Layout(Enum):
    """How a tensor of rank 4 lies in memory; all others are PLAIN."""

    PLAIN = "as TensorFlow has it"
    FIRST = "channels first"


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A value of the ONNX graph.

    Args:
        shape: as stored, so permuted where layout is FIRST.
        value: its content where that is known now, else None.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    layout: Layout = Layout.PLAIN
    value: Array | None = None

    @property
    def rank(self) -> int:
        return len(self.shape)

    def axis(self, index: int) -> int:
        """Where TensorFlow's axis `index` (may be negative) is stored."""
        plain = index % self.rank if self.rank else 0
        return TO_FIRST.index(plain) if self.layout is Layout.FIRST else plain


class GraphBuilder:
    """Collects nodes and constants; `node` is the TensorFlow node that is being imported now."""

    def __init__(self) -> None:
        self.node = Node("", "", (), {})
        self._made: Counter[str] = Counter()
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._turned: dict[str, Tensor] = {}

    def begin(self, node: Node) -> None:
        """What follows belongs to `node`: names are made from its name."""
        self.node = node

    def input(self, name: str, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Tensor:
        """A tensor that is fed from outside."""
        tensor = Tensor(name, shape, dtype)
        self._inputs.append(_value_info(name, tensor))
        return tensor

    def output(self, name: str, tensor: Tensor) -> None:
        """Answer `tensor` under `name`, as TensorFlow stores it."""
        plain = self.plain(tensor)
        self._add(helper.make_node("Identity", [plain.name], [name], name=name), [plain])
        self._outputs.append(_value_info(name, plain))

    def constant(self, value: Array) -> Tensor:
        return Tensor(self._fresh_name(), value.shape, value.dtype, value=value)

    def integers(self, values: Sequence[int]) -> Tensor:
        """A constant (n,) int64, as ONNX wants shapes, axes and the like."""
        return self.constant(np.array(values, np.int64))

    def emit(
        self,
        op: str,
        inputs: Sequence[Tensor | None],
        attributes: Mapping[str, Attribute] = NO_ATTRIBUTES,
        *,
        layout: Layout = Layout.PLAIN,
        outputs: int = 1,
    ) -> list[Tensor]:
        """Add an ONNX node (an input None is one left out) and return what it makes; constants are folded."""
        names = ["" if tensor is None else tensor.name for tensor in inputs]
        made = [self._fresh_name() for _ in range(outputs)]
        proto = helper.make_node(op, names, made, name=made[0])
        proto.attribute.extend(helper.make_attribute(key, attributes[key]) for key in sorted(attributes))
        known = [tensor for tensor in inputs if tensor is not None]
        results = [self._typed(name, proto, known, layout) for name in made]
        exact = op in _EXACT or results[0].dtype.kind in "ib"
        if exact and all(tensor.value is not None for tensor in known):
            return _folded(proto, known, results)
        self._add(proto, known)
        return results

    def one(
        self,
        op: str,
        inputs: Sequence[Tensor | None],
        attributes: Mapping[str, Attribute] = NO_ATTRIBUTES,
        *,
        layout: Layout = Layout.PLAIN,
    ) -> Tensor:
        """`emit`, of an operation with a single output."""
        return self.emit(op, inputs, attributes, layout=layout)[0]

    def first(self, tensor: Tensor) -> Tensor:
        """The same picture (rank 4) channels-first."""
        return tensor if tensor.layout is Layout.FIRST else self._turn(tensor, TO_FIRST, Layout.FIRST)

    def plain(self, tensor: Tensor) -> Tensor:
        """The same tensor as TensorFlow stores it."""
        return tensor if tensor.layout is Layout.PLAIN else self._turn(tensor, TO_LAST, Layout.PLAIN)

    def alike(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The tensors in one layout, so that they broadcast against each other as in TensorFlow."""
        if all(tensor.layout is Layout.PLAIN for tensor in tensors):
            return list(tensors)
        if any(tensor.rank > 4 for tensor in tensors):
            return [self.plain(tensor) for tensor in tensors]
        return [self.first(self._of_rank_4(tensor)) for tensor in tensors]

    def reshape(self, tensor: Tensor, shape: Sequence[int]) -> Tensor:
        return self.one("Reshape", [self.plain(tensor), self.integers(shape)])

    def model(self, name: str) -> onnx.ModelProto:
        """The finished model: the same calls make the same bytes."""
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, constants)
        return helper.make_model(graph, producer_name="custos", ir_version=IR_VERSION, opset_imports=_opsets())

    def _add(self, proto: onnx.NodeProto, inputs: Sequence[Tensor]) -> None:
        for tensor in inputs:
            if tensor.value is not None and tensor.name not in self._constants:
                self._constants[tensor.name] = numpy_helper.from_array(tensor.value, tensor.name)
        self._nodes.append(proto)

    def _of_rank_4(self, tensor: Tensor) -> Tensor:
        return tensor if tensor.rank == 4 else self.reshape(tensor, (1,) * (4 - tensor.rank) + tensor.shape)

    def _turn(self, tensor: Tensor, order: tuple[int, ...], layout: Layout) -> Tensor:
        if tensor.name not in self._turned:
            turned = self.one("Transpose", [tensor], {"perm": order}, layout=layout)
            self._turned[tensor.name] = turned
            self._turned[turned.name] = tensor
        return self._turned[tensor.name]

    def _fresh_name(self) -> str:
        self._made[self.node.name] += 1
        # No name of TensorFlow's has this sign in it.
        return f"{self.node.name}#{self._made[self.node.name]}"

    def _typed(self, name: str, proto: onnx.NodeProto, inputs: Sequence[Tensor], layout: Layout) -> Tensor:
        types = {tensor.name: _value_info(tensor.name, tensor).type for tensor in inputs}
        data = {
            tensor.name: numpy_helper.from_array(tensor.value, tensor.name)
            for tensor in inputs
            if tensor.value is not None and tensor.value.size <= _SMALL
        }
        schema = onnx.defs.get_schema(proto.op_type, OPSET)
        try:
            inferred = infer_node_outputs(schema, proto, types, data, None, _opsets(), IR_VERSION)
        except (InferenceError, ValidationError) as error:
            raise self.node.refuse(f"its inputs do not fit together ({error})") from error
        made = inferred[name].tensor_type if name in inferred else None
        dims = list(made.shape.dim) if made is not None else []
        if made is None or not all(dim.HasField("dim_value") for dim in dims):
            raise self.node.refuse("the shape of its result depends on data")
        dtype = helper.tensor_dtype_to_np_dtype(made.elem_type)
        return Tensor(name, tuple(dim.dim_value for dim in dims), np.dtype(dtype), layout)


def _folded(proto: onnx.NodeProto, inputs: Sequence[Tensor], results: Sequence[Tensor]) -> list[Tensor]:
    feeds = {tensor.name: tensor.value for tensor in inputs}
    ports = [[_value_info(tensor.name, tensor) for tensor in side] for side in (inputs, results)]
    graph = helper.make_graph([proto], "constant", ports[0], ports[1])
    model = helper.make_model(graph, ir_version=IR_VERSION, opset_imports=_opsets())
    values = ReferenceEvaluator(model).run(None, feeds)
    return [
        Tensor(tensor.name, tensor.shape, tensor.dtype, tensor.layout, np.asarray(value, tensor.dtype))
        for tensor, value in zip(results, values, strict=True)
    ]


def _value_info(name: str, tensor: Tensor) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(tensor.dtype), tensor.shape)


def _opsets() -> list[onnx.OperatorSetIdProto]:
    return [helper.make_opsetid("", OPSET)]
