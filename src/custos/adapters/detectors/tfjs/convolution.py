"""Operations on pictures: convolution, pooling, padding, resizing. All run channels-first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from custos.adapters.detectors.tfjs.artifact import Node
from custos.adapters.detectors.tfjs.builder import Attribute, GraphBuilder, Layout, Tensor
from custos.adapters.detectors.tfjs.constants import floats_of, ints_of
from custos.adapters.detectors.tfjs.elementwise import activate

Tensors = list[Tensor]


def convolution(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Conv2D and _FusedConv2D; kernel (h, w, in / groups, out)."""
    kernel = floats_of(node, inputs[1], "kernel")
    return _convolve(graph, node, inputs, kernel.transpose(3, 2, 0, 1))


def depthwise(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """DepthwiseConv2dNative and its fused form; kernel (h, w, in, multiplier), outputs channel by channel."""
    kernel = floats_of(node, inputs[1], "kernel")
    height, width, channels, multiplier = kernel.shape
    return _convolve(graph, node, inputs, kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width))


def _convolve(
    graph: GraphBuilder,
    node: Node,
    inputs: Tensors,
    weight: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> Tensors:
    x = graph.first(inputs[0])
    fused = node.texts("fused_ops")
    bias = graph.constant(floats_of(node, inputs[2], "bias").reshape(-1)) if "BiasAdd" in fused else None
    attributes = _window(node, x, weight.shape[2:], node.integers("dilations"))
    attributes["group"] = x.shape[1] // weight.shape[1]
    result = graph.one("Conv", [x, graph.constant(weight), bias], attributes, layout=Layout.FIRST)
    extra = inputs[3 if bias is not None else 2 :]
    for name in fused:
        if name != "BiasAdd":
            result = activate(graph, node, name, result, extra)
    return [result]


def pool(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """MaxPool and AvgPool; the average counts only what lies in the picture."""
    x = graph.first(inputs[0])
    size = node.integers("ksize")
    attributes = _window(node, x, size[1:3], [])
    attributes["kernel_shape"] = size[1:3]
    if size[0] != 1 or size[3] != 1:
        raise node.refuse(f"it pools over batch or channels, ksize {size}")
    op = "MaxPool" if node.op == "MaxPool" else "AveragePool"
    return [graph.one(op, [x], attributes, layout=Layout.FIRST)]


def _window(node: Node, x: Tensor, kernel: Sequence[int], dilations: Sequence[int]) -> dict[str, Attribute]:
    """Strides, dilations and pads; TensorFlow's SAME puts the odd pixel at the bottom and the right."""
    if node.text("data_format", "NHWC") != "NHWC":
        raise node.refuse(f"data_format is {node.text('data_format')}, only NHWC can be imported")
    strides = node.integers("strides")[1:3]
    dilated = list(dilations[1:3]) or [1, 1]
    padding = node.text("padding")
    if padding == "VALID":
        pads = [0, 0, 0, 0]
    elif padding == "SAME":
        before, after = [], []
        for length, stride, size, dilation in zip(x.shape[2:], strides, kernel, dilated, strict=True):
            missing = max((-(-length // stride) - 1) * stride + (size - 1) * dilation + 1 - length, 0)
            before.append(missing // 2)
            after.append(missing - missing // 2)
        pads = before + after
    elif padding == "EXPLICIT":
        around = node.integers("explicit_paddings")
        pads = [around[2], around[4], around[3], around[5]]
    else:
        raise node.refuse(f"padding is {padding!r}; known: VALID, SAME, EXPLICIT")
    window: dict[str, Attribute] = {"strides": strides, "pads": pads}
    if dilations:
        window["dilations"] = dilated
    return window


def pad(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """Pad, PadV2 (with a value), MirrorPad; paddings (rank, 2)."""
    x = inputs[0]
    amounts = np.array(ints_of(node, inputs[1], "paddings")).reshape(-1, 2)
    order = sorted(range(x.rank), key=x.axis)
    pads = [int(amounts[axis, side]) for side in (0, 1) for axis in order]
    mode = {"SYMMETRIC": "symmetric", "REFLECT": "reflect"}.get(node.text("mode"), "constant")
    if mode == "symmetric":
        raise node.refuse("symmetric padding has no counterpart in ONNX")
    value = graph.reshape(inputs[2], []) if node.op == "PadV2" else None
    return [graph.one("Pad", [x, graph.integers(pads), value], {"mode": mode}, layout=x.layout)]


def resize(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """ResizeBilinear and ResizeNearestNeighbor, in each of TensorFlow's three ways to place the samples."""
    x = graph.first(inputs[0])
    size = ints_of(node, inputs[1], "size")
    attributes: dict[str, Attribute] = {"mode": "linear" if node.op == "ResizeBilinear" else "nearest"}
    attributes |= _sampling(node)
    scales = [new / old for new, old in zip(size, x.shape[2:], strict=True)]
    if all(scale.is_integer() for scale in scales):  # ONNX Runtime has faster code for whole scales
        whole = graph.constant(np.array([1, 1, *scales], np.float32))
        return [graph.one("Resize", [x, None, whole], attributes, layout=Layout.FIRST)]
    sizes = graph.integers([*x.shape[:2], *size])
    return [graph.one("Resize", [x, None, None, sizes], attributes, layout=Layout.FIRST)]


def _sampling(node: Node) -> Mapping[str, Attribute]:
    if node.flag("align_corners"):
        return {"coordinate_transformation_mode": "align_corners", "nearest_mode": "round_prefer_ceil"}
    if node.flag("half_pixel_centers"):
        # TensorFlow takes floor((i + 0.5) * scale), ONNX rounds (i + 0.5) * scale - 0.5.
        return {"coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_ceil"}
    return {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


def batch_normalisation(graph: GraphBuilder, node: Node, inputs: Tensors) -> Tensors:
    """FusedBatchNorm in inference: scale, offset, mean and variance are constants."""
    if node.flag("is_training"):
        raise node.refuse("it normalises by the batch (is_training)")
    x = graph.first(inputs[0])
    attributes: dict[str, Attribute] = {"epsilon": node.number("epsilon", 1e-3)}
    return [graph.one("BatchNormalization", [x, *inputs[1:5]], attributes, layout=Layout.FIRST)]
