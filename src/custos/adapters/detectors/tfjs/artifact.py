"""A TensorFlow.js graph model as its files describe it: `model.json` (topology, weights manifest), weights.

The format: github.com/tensorflow/tfjs, `tfjs-core/src/io/types.ts` (ModelJSON, WeightsManifestEntry) and
TensorFlow's `graph.proto` and `node_def.proto` as JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custos.model.errors import CustosError
from custos.model.event import Json

Array = NDArray[np.generic]

_DTYPES: dict[str, type[np.generic]] = {
    "DT_FLOAT": np.float32,
    "DT_INT32": np.int32,
    "DT_INT64": np.int32,  # TensorFlow.js has no 64-bit integers and reads them so
    "DT_UINT8": np.uint8,
    "DT_BOOL": np.bool_,
}
_WEIGHT_DTYPES: dict[str, type[np.generic]] = {
    "float32": np.float32,
    "int32": np.int32,
    "bool": np.bool_,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "float16": np.float16,
}


class ImportRefused(CustosError):
    """The graph cannot be imported: an operation, an attribute or a file that the importer does not take."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `inputs` are tensors ("name" or "name:1"), control dependencies left out."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Mapping[str, Json]]

    def refuse(self, why: str) -> ImportRefused:
        """The error that says why this node cannot be imported."""
        return ImportRefused(f"{why}.", where=f"operation {self.op}, node {self.name!r}")

    def integer(self, key: str, default: int = 0) -> int:
        value = self.attributes.get(key, {}).get("i", default)
        return int(value) if isinstance(value, str | int) else default

    def number(self, key: str, default: float) -> float:
        value = self.attributes.get(key, {}).get("f", default)
        return float(value) if isinstance(value, str | int | float) else default

    def flag(self, key: str) -> bool:
        return self.attributes.get(key, {}).get("b") is True

    def text(self, key: str, default: str = "") -> str:
        value = self.attributes.get(key, {}).get("s")
        return _text(value) if isinstance(value, str) else default

    def texts(self, key: str) -> list[str]:
        return [_text(item) for item in self._list(key, "s") if isinstance(item, str)]

    def integers(self, key: str) -> list[int]:
        return [int(item) for item in self._list(key, "i") if isinstance(item, str | int)]

    def dtype(self, key: str) -> type[np.generic]:
        """The NumPy type that the attribute names."""
        name = self.attributes.get(key, {}).get("type")
        if not isinstance(name, str) or name not in _DTYPES:
            raise self.refuse(f"its {key} is {name}; known: {', '.join(_DTYPES)}")
        return _DTYPES[name]

    def shape(self) -> tuple[int, ...] | None:
        """Of a placeholder; -1 for a size that it leaves open, None when it says nothing."""
        shape = self.attributes.get("shape", {}).get("shape")
        if not isinstance(shape, dict) or shape.get("unknownRank") is True:
            return None
        return _sizes(shape)

    def _list(self, key: str, kind: str) -> list[Json]:
        outer = self.attributes.get(key, {}).get("list")
        inner = outer.get(kind, []) if isinstance(outer, dict) else []
        return inner if isinstance(inner, list) else []


@dataclass(frozen=True, slots=True)
class Artifact:
    """A graph and its weights.

    Args:
        nodes: by name.
        weights: of the Const nodes, by node name, dequantised.
        inputs: the shapes that the model's signature declares, by node name; -1 for a size left open.
        outputs: the tensor to answer, by the name that the model's signature gives it.
        where: how errors call the model.
    """

    nodes: Mapping[str, Node]
    weights: Mapping[str, Array]
    inputs: Mapping[str, tuple[int, ...]]
    outputs: Mapping[str, str]
    where: str

    def node(self, name: str) -> Node:
        if name not in self.nodes:
            raise ImportRefused(f"the graph has no node {name!r}, yet something reads it.", where=self.where)
        return self.nodes[name]

    def weight(self, node: Node) -> Array:
        """The content of a Const node."""
        if node.name not in self.weights:
            raise node.refuse("the weights manifest has no content for it")
        return self.weights[node.name]

    def output(self, name: str) -> str:
        """The tensor that the signature calls `name`."""
        if name not in self.outputs:
            known = ", ".join(self.outputs)
            raise ImportRefused(f"the model has no output {name!r}; it has: {known}.", where=self.where)
        return self.outputs[name]

    def input_shape(self, node: Node) -> tuple[int, ...]:
        """Of a Placeholder, as the signature or the node says it; an open batch size is 1."""
        shape = list(self.inputs.get(node.name) or node.shape() or ())
        if not shape:
            raise node.refuse("neither the signature nor the node says what shape this input has")
        if shape[0] == -1:
            shape[0] = 1
        if min(shape) < 1:
            raise node.refuse(f"its shape is {shape}; every size but the batch's must be fixed")
        return tuple(shape)


def parse_artifact(model_json: bytes, weights: bytes, *, where: str) -> Artifact:
    """Read a graph model.

    Args:
        model_json: the content of `model.json`.
        weights: the content of its weight files, joined in the order of the manifest.
        where: how errors call it.

    Raises:
        ImportRefused: not JSON, not a graph model, or weights that do not fit the manifest.
    """
    try:
        document = json.loads(model_json)
    except ValueError as error:
        raise ImportRefused(f"it is not JSON ({error}).", where=where) from error
    topology = document.get("modelTopology") if isinstance(document, dict) else None
    if not isinstance(topology, dict) or not isinstance(topology.get("node"), list):
        raise ImportRefused("it is not a TensorFlow.js graph model: modelTopology.node is missing.", where=where)
    try:
        return _artifact(document, topology["node"], weights, where)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ImportRefused(f"it is damaged: {type(error).__name__} {error}.", where=where) from error


def _artifact(document: dict[str, Json], raw_nodes: list[dict[str, Json]], weights: bytes, where: str) -> Artifact:
    nodes = {node.name: node for node in map(_node, raw_nodes)}
    manifest = document.get("weightsManifest", [])
    groups = [group["weights"] for group in manifest if isinstance(group, dict)] if isinstance(manifest, list) else []
    entries = [entry for group in groups if isinstance(group, list) for entry in group if isinstance(entry, dict)]
    signature = _signature(document)
    return Artifact(
        nodes, dict(_weights(entries, weights, where)), _inputs(signature), _outputs(signature, nodes), where
    )


def _node(raw: dict[str, Json]) -> Node:
    inputs = raw.get("input", [])
    attributes = raw.get("attr", {})
    return Node(
        name=str(raw["name"]),
        op=str(raw["op"]),
        inputs=tuple(str(name) for name in inputs if not str(name).startswith("^")) if isinstance(inputs, list) else (),
        attributes={key: value for key, value in attributes.items() if isinstance(value, dict)}
        if isinstance(attributes, dict)
        else {},
    )


def _signature(document: dict[str, Json]) -> dict[str, Json]:
    """Older converters hide it in userDefinedMetadata; the oldest have none."""
    metadata = document.get("userDefinedMetadata")
    signature = document.get("signature") or (metadata.get("signature") if isinstance(metadata, dict) else None)
    return signature if isinstance(signature, dict) else {}


def _inputs(signature: dict[str, Json]) -> dict[str, tuple[int, ...]]:
    declared = signature.get("inputs")
    shapes: dict[str, tuple[int, ...]] = {}
    for key, info in declared.items() if isinstance(declared, dict) else ():
        if isinstance(info, dict) and isinstance(info.get("tensorShape"), dict):
            name = str(info.get("name", key)).split(":")[0]
            shapes[name] = _sizes(info["tensorShape"])
    return shapes


def _outputs(signature: dict[str, Json], nodes: Mapping[str, Node]) -> dict[str, str]:
    """By name of the signature; without one, the nodes that nobody reads."""
    declared = signature.get("outputs")
    if isinstance(declared, dict):
        return {
            key.removesuffix(":0"): str(info.get("name", key)) if isinstance(info, dict) else key
            for key, info in declared.items()
        }
    read = {name.split(":")[0] for node in nodes.values() for name in node.inputs}
    return {name: name for name, node in nodes.items() if name not in read and node.op not in ("Const", "NoOp")}


def _sizes(shape: Json) -> tuple[int, ...]:
    """Of a TensorShapeProto."""
    dims = shape.get("dim", []) if isinstance(shape, dict) else []
    sizes = [dim.get("size") for dim in dims if isinstance(dim, dict)] if isinstance(dims, list) else []
    return tuple(int(size) for size in sizes if isinstance(size, str | int))


def _weights(entries: list[dict[str, Json]], data: bytes, where: str) -> Iterator[tuple[str, Array]]:
    offset = 0
    for entry in entries:
        name = str(entry["name"])
        shape = tuple(int(str(dim)) for dim in shape_list) if isinstance(shape_list := entry["shape"], list) else ()
        quantization = entry.get("quantization")
        stored = quantization["dtype"] if isinstance(quantization, dict) else entry["dtype"]
        if str(stored) not in _WEIGHT_DTYPES:
            raise ImportRefused(
                f"weight {name!r} is stored as {stored}; known: {', '.join(_WEIGHT_DTYPES)}.", where=where
            )
        dtype = np.dtype(_WEIGHT_DTYPES[str(stored)]).newbyteorder("<")
        count = math.prod(shape)
        end = offset + count * dtype.itemsize
        if end > len(data):
            raise ImportRefused(f"weight {name!r} ends at byte {end}, but there are only {len(data)}.", where=where)
        values = np.frombuffer(data, dtype, count, offset).reshape(shape)
        yield (
            name,
            _dequantise(values, quantization) if isinstance(quantization, dict) else values.astype(dtype.type),
        )
        offset = end
    if offset != len(data):
        raise ImportRefused(f"the weights fill {offset} bytes, but there are {len(data)}.", where=where)


def _dequantise(values: Array, quantization: dict[str, Json]) -> Array:
    """Affine for integers, a plain cast for float16 (tfjs-core `io_utils.ts`, decodeWeight)."""
    if values.dtype == np.float16:
        return values.astype(np.float32)
    scale = np.float32(float(str(quantization["scale"])))
    minimum = np.float32(float(str(quantization["min"])))
    if quantization.get("original_dtype", "float32") == "int32":
        return np.rint(values.astype(np.float64) * float(scale) + float(minimum)).astype(np.int32)
    return values.astype(np.float32) * scale + minimum


def _text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return encoded
