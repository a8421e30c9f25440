"""How a view has shifted and turned against the one known: `register(known, now) -> Shift | None`.

Found by phase correlation of contrast-normalised detail (Kuglin and Hines 1975) at several angles, refined by
maximising the correlation (ECC, Evangelidis and Psarakis 2008), and believed only when the view, put back, shows again
what was known. Costs some tens of milliseconds: for when something looks wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.vision.integrity.small_view import Bands, Plane

ANGLES_DEG = (0.0, 3.0, -3.0, 6.0, -6.0, 10.0, -10.0, 15.0, -15.0, 21.0, -21.0)
CANDIDATES = 2
LEAST_OVERLAP = 0.25
BELIEVED = 0.45
"""Correlation of the detail of both views where they overlap, from which a shift is believed."""
ITERATIONS, ECC_SOFT_PX = 25, 5

Matrix = NDArray[np.float32]
"""(2, 3): from a place in the known view to the same content's place now."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the known view's content has gone.

    Args:
        x, y: of the middle of the picture, in fractions of its width and height; right and down are positive.
        turned_deg: clockwise.
        match: correlation of both views once put back, 0..1.
    """

    x: float
    y: float
    turned_deg: float
    match: float

    @property
    def size(self) -> float:
        """How far a point near the border has gone, in fractions of the picture."""
        return float(np.hypot(self.x, self.y)) + abs(float(np.radians(self.turned_deg))) * 0.5


def register(known: Bands, now: Bands) -> Shift | None:
    """The shift that explains `now` by `known`; None when there is none."""
    reference, present = _evened(known.detail), _evened(now.detail)
    tried = sorted((_tried(reference, present, angle) for angle in ANGLES_DEG), key=lambda t: -t[0])
    found = [_refined(reference, present, matrix) for _, matrix in tried[:CANDIDATES]]
    return max((shift for shift in found if shift is not None), key=lambda s: s.match, default=None)


def _evened(detail: Plane) -> Plane:
    """Detail divided by how much of it there is around: strong edges must not drown the others."""
    h, w = detail.shape
    strength = cv2.resize(detail * detail, (max(w // 4, 1), max(h // 4, 1)), interpolation=cv2.INTER_AREA)
    strength = cv2.resize(cv2.GaussianBlur(strength, (0, 0), 2.0), (w, h), interpolation=cv2.INTER_LINEAR)
    return np.asarray(detail / (np.sqrt(strength) + np.float32(1.5)), np.float32)


def _tried(reference: Plane, present: Plane, angle_deg: float) -> tuple[float, Matrix]:
    """(response, the motion) when `reference` is turned by the angle first."""
    h, w = reference.shape
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), -angle_deg, 1.0)
    turned = np.asarray(cv2.warpAffine(reference, matrix, (w, h)), np.float32) if angle_deg else reference
    # windowed here: given a window, phaseCorrelate writes into its arguments where their size needs no padding
    window = cv2.createHanningWindow((w, h), cv2.CV_32F)
    shift, response = cv2.phaseCorrelate(turned * window, present * window)
    matrix[:, 2] += np.asarray(shift)
    return response, np.asarray(matrix, np.float32)


def _refined(reference: Plane, present: Plane, matrix: Matrix) -> Shift | None:
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, 1e-4)
    everywhere = np.full(reference.shape, 255, np.uint8)
    try:
        _, finer = cv2.findTransformECC(
            reference, present, matrix.copy(), cv2.MOTION_EUCLIDEAN, criteria, everywhere, ECC_SOFT_PX
        )
    except cv2.error:  # it does not converge: there is nothing to converge to
        return None
    return _judged(reference, present, np.asarray(finer, np.float32))


def _judged(reference: Plane, present: Plane, matrix: Matrix) -> Shift | None:
    h, w = reference.shape
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(np.ones((h, w), np.float32), matrix, (w, h), flags=flags) > 0.99
    if np.count_nonzero(inside) < LEAST_OVERLAP * inside.size:
        return None
    back = np.asarray(cv2.warpAffine(present, matrix, (w, h), flags=flags), np.float32)[inside]
    was = reference[inside]
    match = float((back * was).sum() / np.sqrt(max(float((back**2).sum() * (was**2).sum()), 1e-3)))
    if match < BELIEVED:
        return None
    middle = np.array([(w - 1) / 2, (h - 1) / 2, 1.0])
    x, y = matrix @ middle - middle[:2]
    turned_deg = float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])))
    return Shift(float(x) / w, float(y) / h, turned_deg, match)
