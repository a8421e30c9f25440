"""The ground of a camera: places in metres, and metres per picture, from a four-point calibration."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custos.geometry import homography
from custos.model.ground import Ground


class Floor:
    """Takes points of the picture, 0..1, to metres on the ground and back."""

    def __init__(self, ground: Ground) -> None:
        self._matrix = homography.solve(ground.image, ground.metres)
        self._back = homography.invert(self._matrix)

    def metres(self, points: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) places in metres of the (n, 2) points; NaN on and above the horizon."""
        return homography.apply(self._matrix, points)

    def picture(self, places: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) points of the picture, 0..1 and beyond, of the (n, 2) places; NaN for places behind the camera."""
        return homography.apply(self._back, places)

    def scale(self, points: ArrayLike) -> NDArray[np.float64]:
        """(n,) metres per whole picture at the points; NaN on and above the horizon."""
        return homography.scale_at(self._matrix, points)
