"""What each family makes of a picture, and of a known answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from custos.adapters.detectors.centernet import CenternetDetector, stretch
from custos.adapters.detectors.network import Network
from custos.adapters.detectors.yolox import YoloxDetector, letterbox
from custos.model.errors import CustosError

if TYPE_CHECKING:
    from tests.unit.detectors.conftest import MakeFrame, MakeModel

ROWS = 64 + 16 + 4
"""Of a YOLOX of 64 px: 8 x 8 cells of stride 8, then 4 x 4 of 16, then 2 x 2 of 32."""


def network(model: bytes) -> Network:
    return Network(model, where="model", threads=1)


def yolox_answer(**rows: list[float]) -> NDArray[np.float32]:
    answer = np.zeros((1, ROWS, 85), np.float32)
    for name, values in rows.items():
        answer[0, int(name.removeprefix("row")), : len(values)] = values
    return answer


@pytest.mark.parametrize(
    ("row", "xywh", "frame_px", "box"),
    [
        # Row 64 + 4 * 1 + 2: cell (2, 1) of stride 16. Centre (2.5, 1.25) * 16, size (2, 1) * 16; frame twice 64.
        (70, [0.5, 0.25, np.log(2), 0.0], (128, 96), [48, 24, 112, 56]),
        # Row 8 * 2 + 3: cell (3, 2) of stride 8. Centre (28, 20), size 8; a tall frame four times 64.
        (19, [0.5, 0.5, 0.0, 0.0], (128, 256), [96, 64, 128, 96]),
        # Row 80 + 3: cell (1, 1) of stride 32, cut at the frame's end.
        (83, [0.5, 0.5, np.log(2), np.log(2)], (64, 64), [16, 16, 64, 64]),
    ],
)
def test_yolox_decodes(
    row: int,
    xywh: list[float],
    frame_px: tuple[int, int],
    box: list[float],
    model_answering: MakeModel,
    frame_of: MakeFrame,
) -> None:
    answer = yolox_answer(**{f"row{row}": [*xywh, 0.9, 0.1, 0.0, 0.8]})
    detector = YoloxDetector(network(model_answering((1, 3, 64, 64), "output", answer)), name="m@00000000")
    (found,) = detector.detect([frame_of(*frame_px)])
    np.testing.assert_allclose(found.xyxy, [box], atol=0.01)
    np.testing.assert_allclose(found.confidence, [0.72], atol=1e-5)
    assert found.class_id.tolist() == [2]


def test_yolox_leaves_out_what_is_unsure_or_lies_in_the_padding(
    model_answering: MakeModel, frame_of: MakeFrame
) -> None:
    unsure, in_padding = [0.5, 0.5, 0.0, 0.0, 0.3, 0.3], [0.5, 0.5, 0.0, 0.0, 0.9, 0.9]
    answer = yolox_answer(row0=unsure, row63=in_padding)
    detector = YoloxDetector(network(model_answering((1, 3, 64, 64), "output", answer)), name="m@00000000")
    assert [len(found) for found in detector.detect([frame_of(128, 96)])] == [0]


def test_letterbox_keeps_the_aspect_ratio_top_left_on_grey() -> None:
    picture = np.zeros((50, 100, 3), np.uint8)
    picture[..., 0] = 200
    blob = letterbox(picture, 64)
    assert blob.shape == (3, 64, 64)
    assert (blob[:, :32] == np.array([200, 0, 0])[:, None, None]).all(), "blue first, 0..255"
    assert (blob[:, 32:] == 114).all()


def test_centernet_scales_drops_and_suppresses(model_answering: MakeModel, frame_of: MakeFrame) -> None:
    rows = np.array(
        [
            [128, 128, 256, 384, 0.6, 0],
            [128, 128, 256, 380, 0.5, 0],  # a second peak of the same person
            [128, 128, 256, 380, 0.4, 16],  # another class at the same place
            [10, 10, 50, 50, 0.05, 0],  # unsure
            [300, 300, 200, 200, 0.9, 0],  # inside out
            [400, 400, 600, 600, 0.3, 2],  # over the edge
        ],
        np.float32,
    )
    model = model_answering((1, 512, 512, 3), "tower_0/detections", rows[None])
    (found,) = CenternetDetector(network(model), name="m@00000000").detect([frame_of(1024, 256)])
    assert found.class_id.tolist() == [0, 16, 2]
    assert found.xyxy.tolist() == [[256, 64, 512, 192], [256, 64, 512, 190], [800, 200, 1024, 256]]
    assert (np.diff(found.confidence) < 0).all()


def test_centernet_takes_rgb() -> None:
    picture = np.zeros((10, 20, 3), np.uint8)
    picture[..., 0] = 200  # blue
    blob = stretch(picture, 512)
    assert blob.shape == (512, 512, 3)
    assert blob[0, 0].tolist() == [0, 0, 200]


@pytest.mark.parametrize(
    ("family", "shape", "output", "answer", "message"),
    [
        (YoloxDetector, (1, 3, 64, 32), "output", (1, ROWS, 85), r"takes \(n, 3, s, s\)"),
        (YoloxDetector, (1, 3, 64, 64), "output", (1, 10, 85), rf"answers \(n, {ROWS}, 85\)"),
        (CenternetDetector, (1, 3, 512, 512), "tower_0/detections", (1, 100, 6), r"takes \(1, s, s, 3\)"),
        (CenternetDetector, (1, 512, 512, 3), "boxes", (1, 100, 6), "answers boxes"),
    ],
)
def test_a_graph_of_another_family_is_refused(
    family: type[YoloxDetector] | type[CenternetDetector],
    shape: tuple[int, ...],
    output: str,
    answer: tuple[int, ...],
    message: str,
    model_answering: MakeModel,
) -> None:
    with pytest.raises(CustosError, match=message):
        family(network(model_answering(shape, output, np.zeros(answer, np.float32))), name="m@00000000")
