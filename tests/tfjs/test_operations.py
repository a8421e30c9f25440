"""Every operation that the importer knows, in small graphs, against TensorFlow.js."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from custos.adapters.detectors.tfjs.importer import OPERATIONS, import_graph_model

if TYPE_CHECKING:
    from tests.tfjs.conftest import Answer, Reference

Array = NDArray[np.generic]
Attribute = bool | int | float | str | list[int] | list[str] | type[np.generic]
TYPES: dict[type[np.generic], str] = {np.float32: "DT_FLOAT", np.int32: "DT_INT32", np.bool_: "DT_BOOL"}
RNG = np.random.default_rng(20)


@dataclass(frozen=True)
class Const:
    """An input that stands in the graph's weights."""

    value: Array


@dataclass(frozen=True)
class Case:
    """One operation on inputs that are fed (arrays) or constant. `results`: how many outputs it has."""

    title: str
    op: str
    operands: Sequence[Array | Const]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    results: int = 1
    convolved: bool = False
    """Pictures among the fed inputs pass a convolution first, so they arrive stored channels-first."""

    @property
    def inputs(self) -> Mapping[str, Array]:
        return {f"x{k}": operand for k, operand in enumerate(self.operands) if isinstance(operand, np.ndarray)}

    @property
    def outputs(self) -> list[str]:
        return [f"y:{k}" if k else "y" for k in range(self.results)]

    @property
    def constants(self) -> dict[str, Array]:
        consts = {f"x{k}": operand.value for k, operand in enumerate(self.operands) if isinstance(operand, Const)}
        kernels = {f"k{name}": kernel(1, 1, x.shape[3], x.shape[3]) for name, x in self.pictures.items()}
        return consts | kernels

    @property
    def pictures(self) -> dict[str, Array]:
        return {name: x for name, x in self.inputs.items() if self.convolved and is_picture(x)}

    @property
    def model_json(self) -> bytes:
        nodes = [placeholder(name, array) for name, array in self.inputs.items()]
        nodes += [node(name, "Const", [], {"dtype": a.dtype.type}) for name, a in self.constants.items()]
        nodes += [node(f"c{name}", "Conv2D", [name, f"k{name}"], WINDOW) for name in self.pictures]
        names = [f"cx{k}" if f"x{k}" in self.pictures else f"x{k}" for k in range(len(self.operands))]
        nodes.append(node("y", self.op, names, self.attributes))
        nodes += [node(f"out{k}", "Identity", [name], {}) for k, name in enumerate(self.outputs)]
        weights = [
            {"name": name, "shape": array.shape, "dtype": array.dtype.name} for name, array in self.constants.items()
        ]
        outputs = {name: {"name": name} for name in self.outputs}
        document = {
            "modelTopology": {"node": nodes, "versions": {}},
            "weightsManifest": [{"paths": ["weights.bin"], "weights": weights}],
            "signature": {"inputs": {}, "outputs": outputs},
        }
        return json.dumps(document).encode()

    @property
    def weights(self) -> bytes:
        return b"".join(np.ascontiguousarray(array).tobytes() for array in self.constants.values())


def is_picture(x: Array) -> bool:
    return x.ndim == 4 and x.dtype == np.float32


def node(name: str, op: str, inputs: Sequence[str], attributes: Mapping[str, Attribute]) -> dict[str, object]:
    return {
        "name": name,
        "op": op,
        "input": list(inputs),
        "attr": {key: encoded(value) for key, value in attributes.items()},
    }


def placeholder(name: str, array: Array) -> dict[str, object]:
    made = node(name, "Placeholder", [], {"dtype": array.dtype.type})
    shape = {"shape": {"dim": [{"size": str(size)} for size in array.shape]}}
    return made | {"attr": {"dtype": encoded(array.dtype.type), "shape": shape}}


def encoded(value: Attribute) -> dict[str, object]:
    if isinstance(value, bool):
        return {"b": value}
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": value}
    if isinstance(value, str):
        return {"s": base64.b64encode(value.encode()).decode()}
    if isinstance(value, list):
        items = [encoded(item) for item in value]
        kind = "s" if items and "s" in items[0] else "i"
        return {"list": {kind: [item[kind] for item in items]}}
    return {"type": TYPES[value]}


def kernel(*shape: int) -> Array:
    """The same numbers for the same shape: a kernel is written to the model once and read twice."""
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def f(*shape: int) -> Array:
    return RNG.standard_normal(shape).astype(np.float32)


def pos(*shape: int) -> Array:
    return (RNG.random(shape) + 0.1).astype(np.float32)


def i(*shape: int) -> Array:
    return RNG.integers(-9, 10, shape).astype(np.int32)


def b(*shape: int) -> Array:
    return (RNG.random(shape) > 0.5).astype(np.bool_)


def ints(*values: int) -> Const:
    return Const(np.array(values, np.int32))


def number(value: float) -> Const:
    return Const(np.array(value, np.float32))


def one_int(value: int) -> Const:
    return Const(np.array(value, np.int32))


WINDOW: dict[str, Attribute] = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 1, 1]}


def window(stride: int = 1, padding: str = "SAME", dilation: int = 1, **more: Attribute) -> dict[str, Attribute]:
    plain: dict[str, Attribute] = {"padding": padding, "data_format": "NHWC"}
    return plain | {"strides": [1, stride, stride, 1], "dilations": [1, dilation, dilation, 1]} | more


def conv_cases() -> list[Case]:
    cases = [
        Case(
            f"{padding} {h}x{w} kernel {k} stride {s} dilation {d}",
            op,
            [f(2, h, w, 3), Const(kernel(k, k, 3, m))],
            window(s, padding, d),
        )
        for op, m in (("Conv2D", 4), ("DepthwiseConv2dNative", 2))
        for padding in ("SAME", "VALID")
        for h, w, k, s, d in (
            (7, 7, 3, 2, 1),
            (8, 8, 3, 2, 1),
            (8, 7, 5, 2, 1),
            (9, 11, 2, 1, 1),
            (9, 12, 3, 1, 2),
            (5, 6, 1, 2, 1),
        )
    ]
    bias, slopes = Const(f(4)), Const(f(4))
    x, full, deep = f(1, 6, 7, 2), Const(kernel(3, 3, 2, 4)), Const(kernel(3, 3, 2, 2))
    for fused, more in (
        (["BiasAdd"], []),
        (["BiasAdd", "Relu"], []),
        (["BiasAdd", "Relu6"], []),
        (["BiasAdd", "Elu"], []),
        (["BiasAdd", "Prelu"], [slopes]),
    ):
        attributes = window(2, fused_ops=fused, num_args=1 + len(more))
        cases.append(Case(f"fused {fused}", "_FusedConv2D", [x, full, bias, *more], attributes))
        cases.append(Case(f"fused {fused}", "FusedDepthwiseConv2dNative", [x, deep, bias, *more], attributes))
    leaky = window(1, fused_ops=["BiasAdd", "LeakyRelu"], num_args=1, leakyrelu_alpha=0.3)
    cases.append(Case("fused LeakyRelu", "_FusedConv2D", [x, full, bias], leaky))
    explicit = window(1, "EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0])
    cases.append(Case("explicit padding", "Conv2D", [x, full], explicit))
    return cases


def pool_cases() -> list[Case]:
    return [
        Case(
            f"{padding} {h} kernel {k} stride {s}",
            op,
            [f(1, h, h + 1, 3)],
            window(s, padding, ksize=[1, k, k, 1]),
        )
        for op in ("MaxPool", "AvgPool")
        for padding in ("SAME", "VALID")
        for h, k, s in ((7, 3, 2), (8, 2, 2), (9, 3, 1))
    ]


def resize_cases() -> list[Case]:
    ways: list[dict[str, Attribute]] = [
        {"align_corners": False, "half_pixel_centers": False},
        {"align_corners": True, "half_pixel_centers": False},
        {"align_corners": False, "half_pixel_centers": True},
    ]
    return [
        Case(f"{old} to {new}, {[key for key in way if way[key]]}", op, [f(1, *old, 3), ints(*new)], way)
        for op in ("ResizeBilinear", "ResizeNearestNeighbor")
        for way in ways
        for old, new in (((4, 5), (8, 10)), ((4, 5), (7, 9)), ((9, 8), (4, 5)), ((3, 3), (12, 6)))
    ]


def slice_cases() -> list[Case]:
    x = f(2, 5, 6, 3)
    four = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}
    rows: list[tuple[str, list[int], list[int], list[int], dict[str, Attribute]]] = [
        ("plain", [0, 1, 2, 0], [2, 4, 5, 2], [1, 1, 1, 1], {}),
        ("fewer axes than the input", [1, 1], [2, 5], [1, 2], {}),
        (
            "masks open both ends",
            [1, 1, 1, 1],
            [1, 1, 1, 1],
            [1, 1, 2, 1],
            {"begin_mask": 15, "end_mask": 15},
        ),
        (
            "backwards to the start",
            [0, 0, 0, 0],
            [2, 5, 0, 0],
            [1, 1, -1, -2],
            {"begin_mask": 12, "end_mask": 12},
        ),
        ("backwards, bounded", [0, 4, 5, 0], [2, 1, 2, 3], [1, -1, -2, 1], {}),
        ("counted from the end", [0, -4, -3, 0], [2, -1, -1, 3], [1, 1, 1, 1], {}),
        ("shrunk", [1, -1, 0, 0], [2, 0, 6, 3], [1, 1, 1, 1], {"shrink_axis_mask": 3}),
        ("new axis", [0, 0, 1], [1, 2, 4], [1, 1, 1], {"new_axis_mask": 1}),
        ("ellipsis", [0, 0, 1], [2, 0, 2], [1, 1, 1], {"ellipsis_mask": 2}),
    ]
    return [
        Case(title, "StridedSlice", [x, ints(*begin), ints(*end), ints(*step)], four | masks)
        for title, begin, end, step, masks in rows
    ]


def arithmetic_cases() -> list[Case]:
    x, flat = f(2, 3, 4, 5), f(5)
    signed, divisors = i(40), Const(np.array([3, -3, 7, -7, 1, -1, 9, -9] * 5, np.int32))
    cases = [
        Case("floats", op, [f(1, 3, 4, 5)])
        for op in (
            "Abs",
            "Ceil",
            "Cos",
            "Elu",
            "Erf",
            "Exp",
            "Floor",
            "Neg",
            "Relu",
            "Relu6",
            "Round",
            "Sigmoid",
            "Sign",
            "Sin",
            "Softplus",
            "Square",
            "Tanh",
            "LogSoftmax",
            "Softmax",
        )
    ]
    cases += [Case("positive floats", op, [pos(1, 3, 4, 5)]) for op in ("Log", "Reciprocal", "Rsqrt", "Sqrt")]
    binary = (
        "Add",
        "AddV2",
        "Sub",
        "Mul",
        "RealDiv",
        "Div",
        "Maximum",
        "Minimum",
        "SquaredDifference",
        "FloorDiv",
        "FloorMod",
        "Mod",
        "Greater",
        "GreaterEqual",
        "Less",
        "LessEqual",
    )
    cases += [Case("a vector over the channels", op, [x, flat]) for op in binary]
    cases += [Case("a constant before a picture", op, [Const(flat), x]) for op in ("Sub", "RealDiv", "Mul")]
    cases += [Case("two pictures", op, [x, f(2, 3, 4, 5)]) for op in ("Add", "Mul", "SquaredDifference")]
    cases += [
        Case("a column against a picture", "Mul", [x, f(4, 1)]),
        Case("scalar", "Mul", [x, number(3.0)]),
    ]
    cases += [
        Case("whole numbers, negative too", op, [signed, divisors])
        for op in ("FloorDiv", "FloorMod", "Mod", "RealDiv", "Mul")
    ]
    cases += [Case("whole numbers", op, [i(3, 9), i(3, 9)]) for op in ("Equal", "NotEqual")]
    cases += [Case("truth", op, [b(3, 9), b(3, 9)]) for op in ("LogicalAnd", "LogicalOr")]
    cases += [
        Case("halves", "Round", [np.array([-1.5, -0.5, 0.5, 1.5, 2.5], np.float32)]),
        Case("truth", "LogicalNot", [b(3, 9)]),
        Case("bias", "BiasAdd", [x, Const(flat)]),
        Case("powers", "Pow", [pos(3, 4), number(2.5)]),
        Case("slopes", "Prelu", [x, Const(f(5))]),
        Case("slope", "LeakyRelu", [x], {"alpha": 0.3}),
        Case("three", "AddN", [x, f(2, 3, 4, 5), f(2, 3, 4, 5)], {"N": 3}),
        Case(
            "to whole numbers",
            "Cast",
            [np.array([-2.7, -0.5, 0.5, 2.7], np.float32)],
            {"SrcT": np.float32, "DstT": np.int32},
        ),
        Case("to floats", "Cast", [i(3, 4)], {"SrcT": np.int32, "DstT": np.float32}),
        Case("matrices", "MatMul", [f(3, 4), Const(f(4, 5))], {"transpose_a": False, "transpose_b": False}),
        Case("turned matrices", "MatMul", [f(4, 3), f(5, 4)], {"transpose_a": True, "transpose_b": True}),
        Case("batches", "BatchMatMul", [f(2, 3, 4), f(2, 5, 4)], {"adj_x": False, "adj_y": True}),
        Case("batches", "BatchMatMulV2", [f(2, 3, 4), f(2, 4, 5)], {"adj_x": False, "adj_y": False}),
        Case(
            "fused",
            "_FusedMatMul",
            [f(3, 4), Const(f(4, 5)), Const(f(5))],
            {"fused_ops": ["BiasAdd", "Relu"], "num_args": 1},
        ),
        Case("same shapes", "Select", [b(2, 3, 4, 5), x, f(2, 3, 4, 5)]),
        Case("broadcast", "SelectV2", [b(4, 1), x, flat]),
    ]
    return cases


def arranging_cases() -> list[Case]:
    x = f(2, 4, 6, 3)
    ties = np.array([[3, 1, 3, 2, 3, 0], [0, 0, 5, 5, 1, 1]], np.float32)
    cases = [
        Case(f"axes {axes} keep {keep}", op, [pos(2, 4, 6, 3), ints(*axes)], {"keep_dims": keep})
        for op in ("Mean", "Sum", "Max", "Min", "Prod")
        for axes, keep in (
            ([1, 2], True),
            ([1, 2], False),
            ([3], False),
            ([-1], True),
            ([0, 2], False),
            ([0, 1, 2, 3], False),
        )
    ]
    cases += [
        Case(f"truth, axis {axis}", op, [b(3, 4), ints(axis)], {"keep_dims": False})
        for op in ("All", "Any")
        for axis in (0, 1)
    ]
    cases += [Case(f"axis {axis}", "ConcatV2", [x, f(2, 4, 6, 3), one_int(axis)], {"N": 2}) for axis in (0, 1, 3, -1)]
    cases += [Case(f"axis {axis}", "Split", [one_int(axis), x], {"num_split": 2}, results=2) for axis in (0, 1, 2)]
    cases += [
        Case(f"axis {axis}", op, [x, one_int(axis)], {"output_type": np.int32})
        for op in ("ArgMax", "ArgMin")
        for axis in (1, 3, -1)
    ]
    cases += [
        Case(f"axis {axis}", "GatherV2", [x, ints(1, 0, 1), one_int(axis)], {"batch_dims": 0}) for axis in (0, 2, 3)
    ]
    cases += [
        Case("one size left open", "SplitV", [x, ints(1, -1), one_int(3)], {"num_split": 2}, results=2),
        Case("by rows", "Gather", [x, ints(1, 1)]),
        Case("points", "GatherNd", [x, Const(np.array([[0, 1, 2], [1, 3, 5]], np.int32))]),
        Case("equals: lower index first", "TopKV2", [ties, one_int(4)], {"sorted": True}, results=2),
        Case("equals: the first", "ArgMax", [ties, one_int(1)], {"output_type": np.int32}),
        Case("by value", "Reshape", [x, ints(-1, 6)]),
        Case("dimension", "ExpandDims", [x, one_int(-2)]),
        Case("named", "Squeeze", [f(1, 4, 1, 3)], {"squeeze_dims": [2]}),
        Case("all", "Squeeze", [f(1, 4, 1, 3)], {"squeeze_dims": []}),
        Case("order", "Transpose", [x, ints(0, 3, 1, 2)]),
        Case("axis 1", "Pack", [f(2, 3), f(2, 3)], {"axis": 1, "N": 2}),
        Case("axis 2", "Unpack", [f(2, 3, 2)], {"axis": 2, "num": 2}, results=2),
        Case("to the end", "Slice", [x, ints(0, 1, 2, 1), ints(2, -1, 3, 2)]),
        Case("repeated", "Tile", [x, ints(1, 2, 1, 3)]),
        Case("nothing", "Identity", [x]),
        Case("nothing", "StopGradient", [x]),
        Case("of a picture", "Shape", [x]),
        Case("number", "Fill", [ints(2, 3), number(7)]),
        Case("numbers", "Range", [one_int(2), one_int(11), one_int(3)], {"Tidx": np.int32}),
        Case("zeros", "Pad", [x, Const(np.array([[0, 0], [1, 2], [0, 3], [2, 0]], np.int32))]),
        Case(
            "value",
            "PadV2",
            [
                x,
                Const(np.array([[0, 0], [1, 2], [0, 3], [2, 0]], np.int32)),
                number(7),
            ],
        ),
        Case(
            "reflected",
            "MirrorPad",
            [x, Const(np.array([[0, 0], [1, 2], [0, 3], [0, 0]], np.int32))],
            {"mode": "REFLECT"},
        ),
    ]
    norm = [Const(pos(3)) for _ in range(4)]
    cases += [
        Case("inference", op, [x, *norm], {"epsilon": 0.01, "is_training": False})
        for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
    ]
    return cases


PLAIN = conv_cases() + pool_cases() + resize_cases() + slice_cases() + arithmetic_cases() + arranging_cases()
CONVOLVED = [
    Case(case.title, case.op, case.operands, case.attributes, case.results, convolved=True)
    for case in PLAIN
    if any(is_picture(x) for x in case.inputs.values())
]
CASES = PLAIN + CONVOLVED


@pytest.fixture(scope="module")
def expected(reference: Reference) -> list[list[Answer]]:
    return reference.answers(CASES, backend="cpu")


@pytest.mark.parametrize(
    "index", range(len(CASES)), ids=[f"{c.op}-{c.title}{'-convolved' if c.convolved else ''}" for c in CASES]
)
def test_answers_what_tensorflow_js_answers(index: int, expected: list[list[Answer]]) -> None:
    case = CASES[index]
    session = ort.InferenceSession(import_graph_model(case.model_json, case.weights, where=case.op))
    got = session.run(case.outputs, dict(case.inputs))
    for ours, theirs in zip(got, expected[index], strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(np.asarray(ours, np.float64), theirs, rtol=1e-4, atol=1e-5)


def test_every_operation_has_a_case() -> None:
    assert {case.op for case in CASES} == set(OPERATIONS)
