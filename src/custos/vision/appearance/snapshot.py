"""Which picture of an object is the best to show: sharp, large, whole, unhidden, facing the camera."""

from __future__ import annotations

import cv2
import numpy as np

from custos.model.frame import Image
from custos.vision.appearance.regions import Box

_HEIGHT_PX = 96
"""Crops are compared at this height: a small one, enlarged, has nothing sharp in it."""
_SHARP = 150.0
"""Variance of the Laplacian, squared grey levels, that counts as half sharp."""
SHARPEST = 1.0
"""No crop is sharper."""
_LARGE = 0.05
"""Share of the picture from which an object is large."""
_APPROACH = 0.25
"""Towards the camera at so many of its own heights a second shows somebody's face."""


def sharpness(luma: Image, xyxy: Box) -> float:
    """0..1, from the variance of the Laplacian (Pech-Pacheco et al., Diatom autofocusing, 2000) on (h, w) `luma`."""
    left, top, right, bottom = (max(round(v), 0) for v in xyxy)
    crop = luma[top:bottom, left:right]
    if crop.shape[0] < 4 or crop.shape[1] < 4:
        return 0.0
    width = max(round(crop.shape[1] * _HEIGHT_PX / crop.shape[0]), 4)
    shrinks = crop.shape[0] > _HEIGHT_PX
    scaled = cv2.resize(
        crop, (min(width, 4 * _HEIGHT_PX), _HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    variance = float(cv2.Laplacian(scaled, cv2.CV_32F).var())
    return variance / (variance + _SHARP)


def score(
    sharp: float,
    xyxy: Box,
    *,
    picture_px: int,
    is_cut: bool,
    visible: float,
    confidence: float,
    approach: float | None,
) -> float:
    """0..1.

    Args:
        sharp: as `sharpness` says.
        picture_px: width times height of the picture.
        is_cut: the box reaches the border.
        visible: share that nothing hides.
        confidence: the detector's.
        approach: towards the camera, own heights a second; None while that is not known.
    """
    area = max(xyxy[2] - xyxy[0], 0.0) * max(xyxy[3] - xyxy[1], 0.0)
    size = min(area / picture_px / _LARGE, 1.0) ** 0.5
    facing = 0.75 if approach is None else 0.75 + 0.25 * float(np.clip(approach / _APPROACH, -1, 1))
    whole = 0.4 if is_cut else 1.0
    return float((0.3 + 0.7 * sharp) * size * whole * visible * visible * (0.5 + 0.5 * confidence) * facing)
