"""Reading TensorFlow.js graph models: weights of every storage, and files that are wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from custos.adapters.detectors.tfjs.artifact import ImportRefused, parse_artifact
from custos.adapters.detectors.tfjs.importer import import_graph_model
from custos.model.event import Json

FLOATS: dict[str, Json] = {"dtype": {"type": "DT_FLOAT"}}
PICTURE: dict[str, Json] = {
    "name": "x",
    "op": "Placeholder",
    "attr": FLOATS | {"shape": {"shape": {"dim": [{"size": "-1"}, {"size": "4"}, {"size": "4"}, {"size": "2"}]}}},
}


def weight(name: str, shape: list[Json], **more: Json) -> dict[str, Json]:
    entry: dict[str, Json] = {"name": name, "shape": shape, "dtype": "float32"}
    return entry | more


def document(nodes: list[Json], *weights: Json) -> bytes:
    return json.dumps(
        {"modelTopology": {"node": nodes}, "weightsManifest": [{"paths": ["w.bin"], "weights": list(weights)}]}
    ).encode()


@pytest.mark.parametrize(
    ("stored", "quantization", "expected"),
    [
        (np.array([1.5, -2], "<f4"), None, [1.5, -2]),
        (np.array([1.5, -2], "<f2"), {"dtype": "float16", "original_dtype": "float32"}, [1.5, -2]),
        (np.array([0, 255], "u1"), {"dtype": "uint8", "scale": 0.5, "min": -10.0}, [-10, 117.5]),
        (np.array([0, 65535], "<u2"), {"dtype": "uint16", "scale": 2.0, "min": 1.0}, [1, 131071]),
        (
            np.array([0, 3], "u1"),
            {"dtype": "uint8", "scale": 1.4, "min": -2.0, "original_dtype": "int32"},
            [-2, 2],
        ),
    ],
)
def test_weights_are_dequantised(
    stored: NDArray[np.generic], quantization: dict[str, Json] | None, expected: list[float]
) -> None:
    entry = weight("w", [2], quantization=quantization) if quantization else weight("w", [2])
    artifact = parse_artifact(document([], entry), stored.tobytes(), where="m")
    assert artifact.weights["w"].tolist() == expected
    whole = bool(quantization) and "int32" in str(quantization)
    assert artifact.weights["w"].dtype == (np.int32 if whole else np.float32)


def test_weights_of_several_types_follow_each_other() -> None:
    half: dict[str, Json] = {"dtype": "float16"}
    entries = (weight("a", [], dtype="int32"), weight("b", [3], quantization=half), weight("c", [1, 2], dtype="bool"))
    data = np.array(7, "<i4").tobytes() + np.array([1, 2, 3], "<f2").tobytes() + b"\x01\x00"
    weights = parse_artifact(document([], *entries), data, where="m").weights
    assert {name: (value.shape, value.tolist()) for name, value in weights.items()} == {
        "a": ((), 7),
        "b": ((3,), [1.0, 2.0, 3.0]),
        "c": ((1, 2), [[True, False]]),
    }


@pytest.mark.parametrize(
    ("content", "weights", "message"),
    [
        (b"{", b"", "face.json: it is not JSON"),
        (b"[]", b"", "not a TensorFlow.js graph model"),
        (b'{"format": "layers-model"}', b"", "not a TensorFlow.js graph model"),
        (b'{"modelTopology": {"node": [{"op": "Const"}]}}', b"", "damaged: .*'name'"),
        (document([], weight("w", [4])), bytes(12), "weight 'w' ends at byte 16, but there are only 12"),
        (document([], weight("w", [2])), bytes(12), "the weights fill 8 bytes, but there are 12"),
        (document([], weight("w", [2], dtype="string")), bytes(8), "weight 'w' is stored as string"),
    ],
)
def test_files_that_are_no_graph_model(content: bytes, weights: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        import_graph_model(content, weights, where="face.json")


def node(op: str, inputs: list[Json], **attributes: Json) -> dict[str, Json]:
    return {"name": "head/y", "op": op, "input": inputs, "attr": attributes}


KERNEL: dict[str, Json] = {"name": "k", "op": "Const", "attr": FLOATS}
STRIDES: Json = {"list": {"i": ["1", "1", "1", "1"]}}


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (node("NonMaxSuppressionV5", ["x"]), "the importer does not know this operation"),
        (node("Relu", ["nobody"]), "no node 'nobody'"),
        (node("Relu", ["x:3"]), "reads x:3, but x has only 1 results"),
        (node("Relu", ["head/y"]), "the graph runs in a circle"),
        (node("Reshape", ["x", "x"]), "its shape is computed from data, it must be constant"),
        (node("Cast", ["x"], DstT={"type": "DT_COMPLEX64"}), "its DstT is DT_COMPLEX64"),
        (node("Conv2D", ["x", "k"], strides=STRIDES, padding={"s": "TUlOVA=="}), "padding is 'MINT'"),
        (
            node("Conv2D", ["x", "k"], strides=STRIDES, padding={"s": "U0FNRQ=="}, data_format={"s": "TkNIVw=="}),
            "data_format is NCHW",
        ),
        (
            node(
                "_FusedConv2D",
                ["x", "k"],
                strides=STRIDES,
                padding={"s": "U0FNRQ=="},
                fused_ops={"list": {"s": ["TWlzaA=="]}},
            ),
            "it is fused with Mish",
        ),
        (node("Add", ["x", "k"]), "its inputs do not fit together"),
    ],
)
def test_what_cannot_be_imported_is_named(refused: dict[str, Json], why: str) -> None:
    content = document(
        [PICTURE, KERNEL, refused, node("Identity", ["head/y"]) | {"name": "out"}], weight("k", [1, 1, 2, 3])
    )
    with pytest.raises(ImportRefused, match=why) as error:
        import_graph_model(content, bytes(24), where="face.json")
    if "nobody" not in why:
        assert f"operation {refused['op']}, node 'head/y'" in str(error.value)


def test_an_output_that_the_model_does_not_have() -> None:
    with pytest.raises(ImportRefused, match="has no output 'z'; it has: head/y"):
        import_graph_model(document([PICTURE, node("Relu", ["x"])]), b"", where="m", outputs=["z"])


def test_an_input_of_open_size() -> None:
    open_size = PICTURE | {"attr": FLOATS | {"shape": {"shape": {"dim": [{"size": "1"}, {"size": "-1"}]}}}}
    with pytest.raises(ImportRefused, match="every size but the batch's must be fixed"):
        import_graph_model(document([open_size, node("Relu", ["x"])]), b"", where="m")
