"""What moves and what is not the background, on a small copy of the luma plane.

`MotionGate.update(luma, at_s) -> Motion`. A fixed camera knows its background; the gate learns it as a running mean
with its own noise per pixel, forgives a change of exposure, and keeps whatever stands still in the foreground for
about two minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.vision.shrinking import shrink

Mask = NDArray[np.bool_]
AROUND = np.array([-2, -2, 2, 2])
"""Added to the corners of what is tracked, in pixels of the gate, before looking for what else moves."""


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """Tuning, in grey levels, seconds and fractions of the picture. One set for all footage."""

    width_px: int = 192
    background_s: float = 25.0
    foreground_s: float = 120.0
    noise_s: float = 10.0
    warm_up_s: float = 1.5
    threshold_sigmas: float = 4.5
    threshold_min: float = 9.0
    threshold_max: float = 40.0
    change_lag_s: float = 0.2
    min_area: float = 0.0006
    hold_s: float = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What the gate saw in one picture.

    Args:
        foreground: (h, w) bool at the gate's own small size: differs from the learned background.
        changing: (h, w) bool: differs from a moment ago.
        is_moving: something large enough is changing, or was within the hold time.
    """

    foreground: Mask
    changing: Mask
    is_moving: bool
    _sums: dict[str, NDArray[np.int32]] = field(default_factory=dict, init=False, repr=False)

    def foreground_fraction(self, xyxy: NDArray[np.floating], width_px: int, height_px: int) -> NDArray[np.float32]:
        """(n,) share of each box (n, 4), in pixels of the full picture, that is foreground."""
        return self._fractions("foreground", self.foreground, xyxy, width_px, height_px)

    def foreground_beside(
        self, box: NDArray[np.floating], others: NDArray[np.floating], width_px: int, height_px: int
    ) -> float:
        """The share of `box` (4,), in pixels of the full picture, that is foreground and lies in none of the boxes
        `others` (n, 4), nor just around them."""
        h, w = self.foreground.shape
        scale, limits = np.array([w / width_px, h / height_px] * 2), [w, h, w, h]
        left, top, right, bottom = np.clip(np.rint(box * scale), 0, limits).astype(int).tolist()
        beside = self.foreground[top:bottom, left:right].copy()
        for x1, y1, x2, y2 in np.clip(np.rint(others * scale) + AROUND, 0, limits).astype(int).tolist():
            beside[max(y1 - top, 0) : max(y2 - top, 0), max(x1 - left, 0) : max(x2 - left, 0)] = False
        return float(beside.mean()) if beside.size else 0.0

    def support(self, xyxy: NDArray[np.floating], width_px: int, height_px: int) -> NDArray[np.float32]:
        """(n,) in 0..1: how well each box (n, 4) fits something that stands out from the background: much of the
        box is foreground, and little of that foreground lies around it."""
        share = self.foreground_fraction(xyxy, width_px, height_px)
        margin = (xyxy[:, 2:] - xyxy[:, :2]) * 0.15
        around = np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], axis=1)
        outer = self.foreground_fraction(around, width_px, height_px)
        tightness = share / np.maximum(outer * np.float32(1.3 * 1.3), np.float32(1e-6))
        fill = np.clip((share - np.float32(0.2)) / np.float32(0.2), 0, 1)
        fit: NDArray[np.float32] = fill * np.clip((tightness - np.float32(0.5)) / np.float32(0.3), 0, 1)
        return fit

    def changing_fraction(self, xyxy: NDArray[np.floating], width_px: int, height_px: int) -> NDArray[np.float32]:
        """(n,) share of each box that is changing."""
        return self._fractions("changing", self.changing, xyxy, width_px, height_px)

    def blobs(
        self, width_px: int, height_px: int, *, apart_from: NDArray[np.floating], least_area: float = 0.0006
    ) -> NDArray[np.float32]:
        """(n, 4) boxes of what is changing, in pixels of the full picture, without what lies in boxes `apart_from`.

        Args:
            least_area: smaller ones are left out; fraction of the picture.
        """
        h, w = self.changing.shape
        scale = np.array([w / width_px, h / height_px] * 2)
        known = np.clip(np.rint(apart_from * scale) + AROUND, 0, [w, h, w, h]).astype(int).tolist()
        apart = self.changing.view(np.uint8).copy()
        for left, top, right, bottom in known:
            apart[top:bottom, left:right] = 0
        if cv2.countNonZero(apart) < least_area * apart.size:
            return np.zeros((0, 4), np.float32)
        mask = cv2.dilate(self.changing.view(np.uint8), _KERNEL, iterations=2)
        for left, top, right, bottom in known:
            mask[top:bottom, left:right] = 0
        count, labels, stats = parts(np.asarray(mask, np.uint8))
        changed = np.bincount(labels[self.changing], minlength=count)[1:]
        large = stats[1:][changed >= least_area * mask.size]
        left_top = large[:, :2]
        corners = np.concatenate([left_top, left_top + large[:, 2:4]], axis=1)
        boxes: NDArray[np.float32] = (corners / scale).astype(np.float32)
        return boxes

    def _fractions(
        self, name: str, mask: Mask, xyxy: NDArray[np.floating], width_px: int, height_px: int
    ) -> NDArray[np.float32]:
        """(n,) share of each box that is in the mask, whose sums are kept under that name."""
        sums = self._sums.get(name)
        if sums is None:
            sums = self._sums[name] = np.asarray(cv2.integral(mask.view(np.uint8)), np.int32)
        h, w = mask.shape
        box = xyxy * np.array((w / width_px, h / height_px, w / width_px, h / height_px))
        np.rint(box, out=box)
        np.maximum(box, 0, out=box)
        left, top, right, bottom = np.minimum(box, np.array((w, h, w, h)), out=box).T.astype(np.intp)
        upper, lower, flat = top * (w + 1), bottom * (w + 1), sums.ravel()
        inside = flat.take(lower + right) - flat.take(upper + right) - flat.take(lower + left) + flat.take(upper + left)
        area = np.maximum((right - left) * (bottom - top), 1)
        shares: NDArray[np.float32] = (inside / area).astype(np.float32)
        return shares


class MotionGate:
    """One camera's background and gate. Feed it every picture, oldest first."""

    def __init__(self, settings: MotionSettings = MotionSettings()) -> None:
        self._settings = settings
        self._background: NDArray[np.float32] | None = None
        self._noise = np.zeros(0, np.float32)
        self._recent: list[tuple[float, NDArray[np.float32]]] = []
        self._first_s = 0.0
        self._last_s = 0.0
        self._moved_s = float("-inf")

    def update(self, luma: Image, at_s: float) -> Motion:
        """See the picture `luma` (h, w) taken at `at_s` (seconds, any origin, increasing)."""
        small = shrink(luma, self._settings.width_px)
        if self._background is None or self._background.shape != small.shape:
            return self._begin(small, at_s)
        dt = max(at_s - self._last_s, 1e-3)
        self._last_s = at_s
        away = small - self._background
        offset = _median(away)
        difference = np.abs(away - offset)
        threshold = self._threshold()
        foreground = _clean(difference > threshold)
        changing = self._changing(small, threshold, at_s)
        if _holds(changing, self._settings.min_area * small.size):
            self._moved_s = at_s
        self._learn(away, difference, foreground, dt, at_s)
        return Motion(foreground, changing, at_s - self._moved_s <= self._settings.hold_s)

    def forget(self) -> None:
        """Drop what was learned: the camera has moved, or its stream has changed."""
        self._background = None

    def _begin(self, small: NDArray[np.float32], at_s: float) -> Motion:
        self._background = small.copy()
        self._noise = np.full_like(small, 2.0)
        self._recent = [(at_s, small)]
        self._first_s = self._last_s = at_s
        nothing = np.zeros(small.shape, bool)
        return Motion(nothing, nothing, is_moving=False)

    def _threshold(self) -> NDArray[np.float32]:
        s = self._settings
        sigmas = self._noise * np.float32(s.threshold_sigmas)
        limits: NDArray[np.float32] = sigmas.clip(np.float32(s.threshold_min), np.float32(s.threshold_max), out=sigmas)
        return limits

    def _changing(self, small: NDArray[np.float32], threshold: NDArray[np.float32], at_s: float) -> Mask:
        """Against the newest picture that is at least `change_lag_s` old."""
        s = self._settings
        while len(self._recent) > 1 and at_s - self._recent[1][0] >= s.change_lag_s:
            self._recent.pop(0)
        difference = small - self._recent[0][1]
        difference -= np.float32(_median_level(difference))
        np.abs(difference, out=difference)
        self._recent.append((at_s, small))
        del self._recent[:-64]
        return _clean(difference > threshold)

    def _learn(
        self,
        away: NDArray[np.float32],
        difference: NDArray[np.float32],
        foreground: Mask,
        dt: float,
        at_s: float,
    ) -> None:
        """Take in a picture that is `away` from the background; `difference` is how far, its exposure forgiven."""
        assert self._background is not None
        s = self._settings
        if at_s - self._first_s < s.warm_up_s:
            self._background += np.float32(0.15) * away
            return
        slow, fast = 1 - np.exp(-dt / s.foreground_s), 1 - np.exp(-dt / s.background_s)
        away *= _either(foreground, slow, fast)
        self._background += away
        # 1.25 x mean absolute deviation estimates sigma of a normal distribution
        difference *= np.float32(1.25)
        difference -= self._noise
        difference *= np.float32(1 - np.exp(-dt / s.noise_s))
        np.copyto(difference, np.float32(0), where=foreground)
        self._noise += difference


def _either(mask: Mask, inside: float, outside: float) -> NDArray[np.float32]:
    """One number in the mask, the other elsewhere."""
    values = np.full(mask.shape, outside, np.float32)
    np.copyto(values, np.float32(inside), where=mask)
    return values


def _median(values: NDArray[np.float32]) -> float:
    """As NumPy's, in half its time."""
    middle = values.size // 2
    if values.size % 2:
        return float(np.partition(values, middle, axis=None)[middle])
    parts = np.partition(values, middle, axis=None)
    return float((parts[:middle].max() + parts[middle]) / 2)


def _median_level(levels: NDArray[np.float32]) -> float:
    """The same of differences of grey levels, whole numbers from -255 to 255: many of them are equal, which makes
    partitioning slow, and counting does not mind. Nearly always it is 0, which two counts tell."""
    below, above = np.count_nonzero(levels < 0), np.count_nonzero(levels > 0)
    if max(below, above) <= (levels.size - 1) // 2:
        return 0.0
    count = np.cumsum(np.bincount((levels + np.float32(255)).astype(np.intp).ravel(), minlength=511))
    low, high = np.searchsorted(count, [(levels.size - 1) // 2, levels.size // 2], side="right")
    return float(low + high) / 2 - 255


def parts(mask: NDArray[np.uint8]) -> tuple[int, NDArray[np.int32], NDArray[np.int32]]:
    """What of a mask hangs together, corners included, as OpenCV's connectedComponentsWithStats tells it: how many
    there are with the background, the label of each pixel, and left, top, width, height and area of each. Of OpenCV's
    ways, which all find the same, this one takes a quarter of the time of the one that it would choose itself."""
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return count, np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _holds(mask: Mask, least_px: float) -> bool:
    """Whether as many pixels or more of the mask hang together."""
    if not cv2.countNonZero(mask.view(np.uint8)):
        return False
    # what holds such a square is large enough, and where anything moves there nearly always is one
    if least_px <= _SQUARE.size:
        held = cv2.erode(mask.view(np.uint8), _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        if cv2.countNonZero(held):
            return True
    _, _, stats = parts(mask.view(np.uint8))
    return int(stats[1:, cv2.CC_STAT_AREA].max()) >= least_px


_KERNEL = np.ones((3, 3), np.uint8)
_SQUARE = np.ones((5, 5), np.uint8)


def _clean(mask: Mask) -> Mask:
    """Drop specks, close gaps: opened, and then grown. To grow twice is to grow twice as far, at once."""
    return cv2.dilate(cv2.erode(mask.view(np.uint8), _KERNEL), _SQUARE).view(np.bool_)
