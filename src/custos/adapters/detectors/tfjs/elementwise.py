"""Operations that work number by number, in whatever layout their inputs have; and matrix products."""

from __future__ import annotations

import numpy as np

from custos.adapters.detectors.tfjs.artifact import Node
from custos.adapters.detectors.tfjs.builder import Attribute, GraphBuilder, Tensor
from custos.adapters.detectors.tfjs.constants import floats_of

Tensors = list[Tensor]

UNARY = {
    "Abs": "Abs",
    "Ceil": "Ceil",
    "Cos": "Cos",
    "Elu": "Elu",
    "Erf": "Erf",
    "Exp": "Exp",
    "Floor": "Floor",
    "Log": "Log",
    "LogicalNot": "Not",
    "Neg": "Neg",
    "Reciprocal": "Reciprocal",
    "Relu": "Relu",
    "Round": "Round",
    "Sigmoid": "Sigmoid",
    "Sign": "Sign",
    "Sin": "Sin",
    "Softplus": "Softplus",
    "Sqrt": "Sqrt",
    "Tanh": "Tanh",
}
BINARY = {
    "Add": "Add",
    "AddV2": "Add",
    "BiasAdd": "Add",
    "Equal": "Equal",
    "Greater": "Greater",
    "GreaterEqual": "GreaterOrEqual",
    "Less": "Less",
    "LessEqual": "LessOrEqual",
    "LogicalAnd": "And",
    "LogicalOr": "Or",
    "Maximum": "Max",
    "Minimum": "Min",
    "Mul": "Mul",
    "Pow": "Pow",
    "Sub": "Sub",
}


def identity(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Identity, StopGradient and others that change nothing."""
    return [inputs[0]]


def unary(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [graph.one(UNARY[node.op], inputs[:1], layout=inputs[0].layout)]


def binary(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [_pair(graph, BINARY[node.op], inputs[0], inputs[1])]


def not_equal(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    same = _pair(graph, "Equal", inputs[0], inputs[1])
    return [graph.one("Not", [same], layout=same.layout)]


def squared_difference(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    difference = _pair(graph, "Sub", inputs[0], inputs[1])
    return [_pair(graph, "Mul", difference, difference)]


def square(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [_pair(graph, "Mul", inputs[0], inputs[0])]


def rsqrt(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    root = graph.one("Sqrt", inputs[:1], layout=inputs[0].layout)
    return [graph.one("Reciprocal", [root], layout=root.layout)]


def add_all(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """AddN."""
    total = inputs[0]
    for tensor in inputs[1:]:
        total = _pair(graph, "Add", total, tensor)
    return [total]


def true_division(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """RealDiv and Div; TensorFlow.js divides whole numbers as floor division."""
    if inputs[0].dtype.kind == "i":
        return floor_division(graph, node, inputs)
    return [_pair(graph, "Div", inputs[0], inputs[1])]


def floor_division(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Rounds towards minus infinity; ONNX's Div of whole numbers rounds towards zero."""
    a, b = inputs
    if a.dtype.kind == "i":
        remainder = floor_modulo(graph, node, inputs)[0]
        return [_pair(graph, "Div", _pair(graph, "Sub", a, remainder), b)]
    quotient = _pair(graph, "Div", a, b)
    return [graph.one("Floor", [quotient], layout=quotient.layout)]


def floor_modulo(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """FloorMod: the remainder has the sign of the divisor."""
    a, b = inputs
    if a.dtype.kind == "i":
        return [_pair(graph, "Mod", a, b)]
    fmod: dict[str, Attribute] = {"fmod": 1}  # the sign of the dividend, so once more after adding the divisor
    shifted = _pair(graph, "Add", _pair(graph, "Mod", a, b, fmod), b)
    return [_pair(graph, "Mod", shifted, b, fmod)]


def relu6(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [activate(graph, node, "Relu6", inputs[0], [])]


def leaky_relu(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [graph.one("LeakyRelu", inputs[:1], {"alpha": node.number("alpha", 0.2)}, layout=inputs[0].layout)]


def prelu(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [activate(graph, node, "Prelu", inputs[0], inputs[1:])]


def cast(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [cast_to(graph, inputs[0], node.dtype("DstT"))]


def select(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Select and SelectV2: both broadcast, as TensorFlow.js has it."""
    alike = graph.alike(inputs)
    return [graph.one("Where", alike, layout=alike[0].layout)]


def softmax(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Softmax and LogSoftmax, over the last axis."""
    x = inputs[0]
    return [graph.one(node.op, [x], {"axis": x.axis(-1)}, layout=x.layout)]


def matrix_product(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """MatMul, BatchMatMul and _FusedMatMul (bias, activation)."""
    a = _turned(graph, inputs[0], node.flag("transpose_a") or node.flag("adj_x"))
    b = _turned(graph, inputs[1], node.flag("transpose_b") or node.flag("adj_y"))
    result = graph.one("MatMul", [a, b])
    fused = node.texts("fused_ops")
    extra = inputs[2:]
    if "BiasAdd" in fused:
        result, extra = _pair(graph, "Add", result, extra[0]), extra[1:]
    for name in fused:
        if name != "BiasAdd":
            result = activate(graph, node, name, result, extra)
    return [result]


def activate(graph: GraphBuilder, node: Node, name: str, x: Tensor, extra: Tensors) -> Tensor:
    """The activation that TensorFlow calls `name`; `extra` holds the slopes of a Prelu."""
    if name == "Relu6":
        bounds = [graph.constant(np.array(bound, np.float32)) for bound in (0.0, 6.0)]
        return graph.one("Clip", [x, *bounds], layout=x.layout)
    if name == "LeakyRelu":
        return graph.one("LeakyRelu", [x], {"alpha": node.number("leakyrelu_alpha", 0.2)}, layout=x.layout)
    if name == "Prelu":
        slopes = graph.constant(floats_of(node, extra[0], "slopes"))
        alike = graph.alike([x, slopes])
        return graph.one("PRelu", alike, layout=alike[0].layout)
    if name in UNARY:
        return graph.one(UNARY[name], [x], layout=x.layout)
    raise node.refuse(f"it is fused with {name}, which the importer does not know")


def cast_to(graph: GraphBuilder, x: Tensor, dtype: type[np.generic]) -> Tensor:
    """`x` itself when it is of that type."""
    if x.dtype == dtype:
        return x
    code = {np.float32: 1, np.uint8: 2, np.int32: 6, np.int64: 7, np.bool_: 9}[dtype]  # onnx.TensorProto.DataType
    return graph.one("Cast", [x], {"to": code}, layout=x.layout)


def _pair(graph: GraphBuilder, op: str, a: Tensor, b: Tensor, attributes: dict[str, Attribute] | None = None) -> Tensor:
    alike = graph.alike([a, b])
    return graph.one(op, alike, attributes or {}, layout=alike[0].layout)


def _turned(graph: GraphBuilder, x: Tensor, transpose: bool) -> Tensor:
    x = graph.plain(x)
    order = [*range(x.rank - 2), x.rank - 1, x.rank - 2]
    return graph.one("Transpose", [x], {"perm": order}) if transpose else x
