"""A TensorFlow.js graph model becomes an ONNX model of fixed shapes; the same files make the same bytes.

Every operation is a function `(graph, node, inputs) -> outputs`; `OPERATIONS` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from custos.adapters.detectors.tfjs import arranging, convolution, elementwise
from custos.adapters.detectors.tfjs.artifact import Artifact, Node, parse_artifact
from custos.adapters.detectors.tfjs.builder import GraphBuilder, Tensor

FEED = "Feed"
"""Stands in place of the operation of a node that is fed from outside."""

NO_FEEDS: Mapping[str, tuple[int, ...]] = MappingProxyType({})

Operation = Callable[[GraphBuilder, Node, list[Tensor]], list[Tensor]]

OPERATIONS: Mapping[str, Operation] = {
    **dict.fromkeys(elementwise.UNARY, elementwise.unary),
    **dict.fromkeys(elementwise.BINARY, elementwise.binary),
    **dict.fromkeys(arranging.REDUCTIONS, arranging.reduce),
    **dict.fromkeys(("All", "Any"), arranging.reduce_truth),
    **dict.fromkeys(("Identity", "StopGradient"), elementwise.identity),
    **dict.fromkeys(("Conv2D", "_FusedConv2D"), convolution.convolution),
    **dict.fromkeys(("DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"), convolution.depthwise),
    **dict.fromkeys(("MaxPool", "AvgPool"), convolution.pool),
    **dict.fromkeys(("Pad", "PadV2", "MirrorPad"), convolution.pad),
    **dict.fromkeys(("ResizeBilinear", "ResizeNearestNeighbor"), convolution.resize),
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), convolution.batch_normalisation),
    **dict.fromkeys(("MatMul", "_FusedMatMul", "BatchMatMul", "BatchMatMulV2"), elementwise.matrix_product),
    **dict.fromkeys(("Softmax", "LogSoftmax"), elementwise.softmax),
    **dict.fromkeys(("Select", "SelectV2"), elementwise.select),
    **dict.fromkeys(("RealDiv", "Div"), elementwise.true_division),
    **dict.fromkeys(("FloorMod", "Mod"), elementwise.floor_modulo),
    **dict.fromkeys(("ArgMax", "ArgMin"), arranging.arg_extreme),
    **dict.fromkeys(("Split", "SplitV"), arranging.split),
    **dict.fromkeys(("GatherV2", "Gather"), arranging.gather),
    "AddN": elementwise.add_all,
    "Cast": elementwise.cast,
    "ConcatV2": arranging.concatenate,
    "ExpandDims": arranging.expand_dims,
    "Fill": arranging.fill,
    "FloorDiv": elementwise.floor_division,
    "GatherNd": arranging.gather_nd,
    "LeakyRelu": elementwise.leaky_relu,
    "NotEqual": elementwise.not_equal,
    "Pack": arranging.pack,
    "Prelu": elementwise.prelu,
    "Range": arranging.span,
    "Relu6": elementwise.relu6,
    "Reshape": arranging.reshape,
    "Rsqrt": elementwise.rsqrt,
    "Shape": arranging.shape_of,
    "Slice": arranging.plain_slice,
    "Square": elementwise.square,
    "SquaredDifference": elementwise.squared_difference,
    "Squeeze": arranging.squeeze,
    "StridedSlice": arranging.strided_slice,
    "Tile": arranging.tile,
    "TopKV2": arranging.top_k,
    "Transpose": arranging.transpose,
    "Unpack": arranging.unpack,
}


def import_graph_model(
    model_json: bytes,
    weights: bytes,
    *,
    where: str,
    outputs: Sequence[str] = (),
    feeds: Mapping[str, tuple[int, ...]] = NO_FEEDS,
) -> bytes:
    """An ONNX file (opset 18) that answers what the graph answers, for one picture at a time.

    Args:
        model_json: the content of `model.json`.
        weights: the content of the weight files, joined in the order of the manifest.
        where: how errors call the model.
        outputs: names of the model's signature; all of it when empty. What they do not need is left out.
        feeds: nodes that become float32 inputs of these shapes; so a graph can be entered behind a part (a
            loop over the batch, say) that cannot be imported.

    Raises:
        ImportRefused: not a graph model, or one with an operation (named, with its node) that is not known.
    """
    artifact = parse_artifact(model_json, weights, where=where)
    fed = {name: replace(artifact.node(name), op=FEED, inputs=()) for name in feeds}
    artifact = replace(artifact, nodes={**artifact.nodes, **fed}, inputs={**artifact.inputs, **feeds})
    graph = GraphBuilder()
    wanted = {name: artifact.output(name) for name in outputs} if outputs else dict(artifact.outputs)
    made: dict[str, list[Tensor]] = {}
    for node in _in_order(artifact, list(wanted.values())):
        graph.begin(node)
        made[node.name] = _import(graph, artifact, node, [_tensor(made, node, ref) for ref in node.inputs])
    for name, reference in wanted.items():
        graph.begin(artifact.node(reference.split(":")[0]))
        graph.output(name, _tensor(made, graph.node, reference))
    return bytes(graph.model("custos").SerializeToString(deterministic=True))


def _import(graph: GraphBuilder, artifact: Artifact, node: Node, inputs: list[Tensor]) -> list[Tensor]:
    if node.op == "Const":
        return [graph.constant(artifact.weight(node))]
    if node.op in ("Placeholder", FEED):
        dtype = np.float32 if node.op == FEED else node.dtype("dtype")
        return [graph.input(node.name, artifact.input_shape(node), np.dtype(dtype))]
    if node.op not in OPERATIONS:
        raise node.refuse("the importer does not know this operation")
    return OPERATIONS[node.op](graph, node, inputs)


def _tensor(made: Mapping[str, list[Tensor]], node: Node, reference: str) -> Tensor:
    name, _, index = reference.partition(":")
    results = made[name]
    if int(index or 0) >= len(results):
        raise node.refuse(f"it reads {reference}, but {name} has only {len(results)} results")
    return results[int(index or 0)]


def _in_order(artifact: Artifact, references: Sequence[str]) -> Iterator[Node]:
    """The nodes that the references need, each after all that it reads; no recursion, graphs are deep."""
    done: set[str] = set()
    begun: set[str] = set()
    stack = [reference.split(":")[0] for reference in reversed(references)]
    while stack:
        node = artifact.node(stack[-1])
        missing = [name for reference in node.inputs if (name := reference.split(":")[0]) not in done]
        if node.name in done or not missing:
            stack.pop()
            if node.name not in done:
                done.add(node.name)
                yield node
        elif node.name in begun:  # what it reads was done first, unless that reads it in turn
            raise node.refuse("the graph runs in a circle here, only graphs without loops can be imported")
        else:
            begun.add(node.name)
            stack.extend(reversed(missing))
