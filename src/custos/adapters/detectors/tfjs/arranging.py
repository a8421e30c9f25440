"""Operations that move numbers without changing them: reshape, slice, concatenate, gather; and reductions."""

from __future__ import annotations

import numpy as np

from custos.adapters.detectors.tfjs.artifact import Node
from custos.adapters.detectors.tfjs.builder import GraphBuilder, Layout, Tensor
from custos.adapters.detectors.tfjs.constants import int_of, ints_of
from custos.adapters.detectors.tfjs.elementwise import cast_to

Tensors = list[Tensor]

REDUCTIONS = {
    "All": "ReduceMin",
    "Any": "ReduceMax",
    "Max": "ReduceMax",
    "Mean": "ReduceMean",
    "Min": "ReduceMin",
    "Prod": "ReduceProd",
    "Sum": "ReduceSum",
}


def reshape(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    return [graph.reshape(inputs[0], ints_of(node, inputs[1], "shape"))]


def expand_dims(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    x = graph.plain(inputs[0])
    axis = int_of(node, inputs[1], "axis") % (x.rank + 1)
    return [graph.one("Unsqueeze", [x, graph.integers([axis])])]


def squeeze(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    x = graph.plain(inputs[0])
    given = node.integers("squeeze_dims") or node.integers("axis")
    axes = [axis % x.rank for axis in given] or [axis for axis, size in enumerate(x.shape) if size == 1]
    return [graph.reshape(x, [size for axis, size in enumerate(x.shape) if axis not in axes])]


def transpose(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    order = ints_of(node, inputs[1], "permutation")
    return [graph.one("Transpose", [graph.plain(inputs[0])], {"perm": order})]


def concatenate(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    axis = int_of(node, inputs[-1], "axis")
    parts = inputs[:-1]
    if all(part.rank == 4 for part in parts):
        parts = graph.alike(parts)
    return [graph.one("Concat", parts, {"axis": parts[0].axis(axis)}, layout=parts[0].layout)]


def pack(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    parts = [graph.plain(part) for part in inputs]
    axis = node.integer("axis") % (parts[0].rank + 1)
    wide = [graph.one("Unsqueeze", [part, graph.integers([axis])]) for part in parts]
    return [graph.one("Concat", wide, {"axis": axis})]


def unpack(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    x = graph.plain(inputs[0])
    axis = node.integer("axis") % x.rank
    return [
        graph.one("Gather", [x, graph.constant(np.array(index, np.int64))], {"axis": axis})
        for index in range(x.shape[axis])
    ]


def split(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Split (axis, x; equal parts) and SplitV (x, sizes, axis; one size may be -1: the rest)."""
    if node.op == "Split":
        axis_input, x, parts = inputs[0], inputs[1], node.integer("num_split")
        axis = x.axis(int_of(node, axis_input, "axis"))
        sizes = [x.shape[axis] // parts] * parts
    else:
        x, axis_input = inputs[0], inputs[2]
        axis = x.axis(int_of(node, axis_input, "axis"))
        sizes = ints_of(node, inputs[1], "sizes")
        sizes = [size if size >= 0 else x.shape[axis] - sum(s for s in sizes if s >= 0) for size in sizes]
    if sum(sizes) != x.shape[axis]:
        raise node.refuse(f"{x.shape[axis]} cannot be split into {sizes}")
    attributes = {"axis": axis}
    return graph.emit("Split", [x, graph.integers(sizes)], attributes, layout=x.layout, outputs=len(sizes))


def plain_slice(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Slice: begin and size, -1 for the rest."""
    x = inputs[0]
    begin = ints_of(node, inputs[1], "begin")
    size = ints_of(node, inputs[2], "size")
    end = [b + s if s >= 0 else np.iinfo(np.int32).max for b, s in zip(begin, size, strict=True)]
    axes = graph.integers([x.axis(axis) for axis in range(x.rank)])
    return [graph.one("Slice", [x, graph.integers(begin), graph.integers(end), axes], layout=x.layout)]


def strided_slice(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """StridedSlice with all its masks (tensorflow/core/util/strided_slice_op.cc)."""
    x = graph.plain(inputs[0])
    begin, end, step = (
        ints_of(node, tensor, what) for tensor, what in zip(inputs[1:4], ("begin", "end", "strides"), strict=True)
    )
    masks = {name: node.integer(f"{name}_mask") for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}
    spans: list[range] = []
    shape: list[int] = []
    for item in range(len(begin)):
        bit = 1 << item
        if masks["ellipsis"] & bit:
            later = sum(1 for k in range(item + 1, len(begin)) if not masks["new_axis"] & (1 << k))
            while len(spans) < x.rank - later:
                shape.append(x.shape[len(spans)])
                spans.append(range(x.shape[len(spans)]))
        elif masks["new_axis"] & bit:
            shape.append(1)
        elif masks["shrink_axis"] & bit:
            index = begin[item] % x.shape[len(spans)]
            spans.append(range(index, index + 1))
        else:
            start = None if masks["begin"] & bit else begin[item]
            stop = None if masks["end"] & bit else end[item]
            spans.append(range(x.shape[len(spans)])[slice(start, stop, step[item])])
            shape.append(len(spans[-1]))
    shape += x.shape[len(spans) :]
    return [graph.reshape(_cut(graph, x, spans), shape)]


def _cut(graph: GraphBuilder, x: Tensor, spans: list[range]) -> Tensor:
    """`x[span, span, ...]`, leaving out the axes that stay whole."""
    cut = [axis for axis, span in enumerate(spans) if span != range(x.shape[axis])]
    if not cut:
        return x
    # A span that runs down to 0 stops at -1, which ONNX would count from the end.
    stops = [spans[axis].stop if spans[axis].stop >= 0 else -x.shape[axis] - 1 for axis in cut]
    columns = ([spans[axis].start for axis in cut], stops, cut, [spans[axis].step for axis in cut])
    return graph.one("Slice", [x, *(graph.integers(column) for column in columns)])


def gather(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """GatherV2 along one axis."""
    if node.integer("batch_dims"):
        raise node.refuse(f"it gathers with batch_dims {node.integer('batch_dims')}, only 0 can be imported")
    axis = int_of(node, inputs[2], "axis") if len(inputs) > 2 else 0
    x = graph.plain(inputs[0])
    return [graph.one("Gather", [x, graph.plain(inputs[1])], {"axis": axis % x.rank})]


def gather_nd(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    where = cast_to(graph, graph.plain(inputs[1]), np.int64)
    return [graph.one("GatherND", [graph.plain(inputs[0]), where])]


def top_k(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """TopKV2 over the last axis; of equals the lower index comes first."""
    count = graph.integers([int_of(node, inputs[1], "k")])
    values, indices = graph.emit("TopK", [graph.plain(inputs[0]), count], {"axis": -1}, outputs=2)
    return [values, cast_to(graph, indices, np.int32)]


def arg_extreme(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """ArgMax and ArgMin; of equals the first."""
    x = graph.plain(inputs[0])
    axis = int_of(node, inputs[1], "axis") % x.rank if len(inputs) > 1 else 0
    return [cast_to(graph, graph.one(node.op, [x], {"axis": axis, "keepdims": 0}), np.int32)]


def reduce_truth(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """All and Any, as the least and the greatest of 0 and 1: ONNX does not reduce truth values."""
    numbers = cast_to(graph, inputs[0], np.int32)
    return [cast_to(graph, result, np.bool_) for result in reduce(graph, node, [numbers, inputs[1]])]


def reduce(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Sum, Mean, Max, Min, Prod over some axes, dropped unless keep_dims."""
    x, op = inputs[0], REDUCTIONS[node.op]
    axes = sorted({axis % x.rank for axis in ints_of(node, inputs[1], "axes")}) if x.rank else []
    if node.op == "Mean" and x.rank == 4 and axes == [1, 2]:
        result = graph.one("GlobalAveragePool", [graph.first(x)], layout=Layout.FIRST)
    else:
        stored = graph.integers([x.axis(axis) for axis in axes])
        result = graph.one(op, [x, stored], {"keepdims": 1, "noop_with_empty_axes": 1}, layout=x.layout)
    if node.flag("keep_dims"):
        return [result]
    plain = graph.plain(result)
    return [graph.reshape(plain, [size for axis, size in enumerate(plain.shape) if axis not in axes])]


def shape_of(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Shape: every shape is known here, so it is a constant."""
    return [graph.constant(np.array(_tensorflow_shape(inputs[0]), np.int32))]


def fill(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    shape = graph.integers(ints_of(node, inputs[0], "shape"))
    return [graph.one("Expand", [inputs[1], shape])]


def span(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Range of whole numbers."""
    start, stop, step = (
        int_of(node, tensor, what) for tensor, what in zip(inputs, ("start", "stop", "step"), strict=True)
    )
    return [graph.constant(np.arange(start, stop, step, dtype=np.int32))]


def tile(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    repeats = graph.integers(ints_of(node, inputs[1], "multiples"))
    return [graph.one("Tile", [graph.plain(inputs[0]), repeats])]


def _tensorflow_shape(x: Tensor) -> list[int]:
    return [x.shape[x.axis(axis)] for axis in range(x.rank)]
