"""Time of day and weather as filters over a finished picture: `Filter = (bgr, depth_m, t_s, rng) -> bgr`.

Filters are put on one after the other (`night` then `rain` is a rainy night). Indoors only the time of day is felt,
and less of it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import cv2
import numpy as np

from custos.simulate.layer import Image
from custos.simulate.texture import Floats
from custos.simulate.view import View

Filter = Callable[[Image, Floats, float, np.random.Generator], Image]
_GRAIN = 2.0
_GRAIN_MARGIN = 64
DAY_S, SWITCH_S, HEADLIGHTS_S, EXPOSURE_S = 240.0, 30.0, 12.0, 20.0


class Condition(StrEnum):
    NOON = "noon"
    DUSK = "dusk"
    NIGHT = "night"
    RAIN = "rain"
    FOG = "fog"
    DAYLIGHT = "daylight"
    LIGHTS = "lights"
    HEADLIGHTS = "headlights"
    EXPOSURE = "exposure"


class Weather:
    """The filters of some conditions for one camera, and its sensor's grain."""

    def __init__(self, conditions: tuple[Condition, ...], view: View, *, outdoors: bool, seed: int) -> None:
        self.needs_depth = outdoors and Condition.FOG in conditions
        made = (_filter(condition, view, outdoors) for condition in conditions)
        self._filters = [one for one in made if one is not None]
        strength = _GRAIN * (2.4 if Condition.NIGHT in conditions else 1.5 if Condition.DUSK in conditions else 1.0)
        rng = np.random.default_rng((seed, 3))
        size = (view.height_px + _GRAIN_MARGIN, view.width_px + _GRAIN_MARGIN)
        soft = cv2.GaussianBlur(rng.standard_normal(size).astype(np.float32), (0, 0), 0.6)
        noise = soft * np.float32(strength / float(soft.std()))
        self._brighter = np.clip(np.round(noise), 0, 255).astype(np.uint8)
        self._darker = np.clip(np.round(-noise), 0, 255).astype(np.uint8)

    def apply(self, bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        """The picture under these conditions; `depth_m` (h, w) of everything in it."""
        for one in self._filters:
            bgr = one(bgr, depth_m, t_s, rng)
        return bgr

    def grain(self, luma: Image, rng: np.random.Generator) -> None:
        """Add the sensor's noise to the (h, w) luma plane, in place."""
        y, x = (int(v) for v in rng.integers(0, _GRAIN_MARGIN, 2))
        height, width = luma.shape
        cv2.add(luma, self._brighter[y : y + height, x : x + width], dst=luma)
        cv2.subtract(luma, self._darker[y : y + height, x : x + width], dst=luma)


def _filter(condition: Condition, view: View, outdoors: bool) -> Filter | None:
    if condition is Condition.DUSK:
        return _tint((0.66, 0.56, 0.6) if outdoors else (0.9, 0.92, 0.96), 0.12, view, lamp=0.25 if outdoors else 0.0)
    if condition is Condition.NIGHT:
        return _tint((0.3, 0.25, 0.25) if outdoors else (0.6, 0.62, 0.66), 0.3, view, lamp=0.5 if outdoors else 0.1)
    if condition is Condition.RAIN and outdoors:
        return _rain(view)
    if condition is Condition.FOG and outdoors:
        return _fog
    if condition is Condition.DAYLIGHT:
        return _daylight(0.8 if outdoors else 0.5)
    if condition is Condition.LIGHTS:
        return _lights(view)
    if condition is Condition.HEADLIGHTS and outdoors:
        return _headlights(view)
    if condition is Condition.EXPOSURE:
        return _exposure
    return None


def _tint(gains: tuple[float, float, float], grey: float, view: View, *, lamp: float) -> Filter:
    """Less light of another colour, less colour, and the pool of a lamp in the middle."""
    rows = np.arange(view.height_px)[:, None] / view.height_px - 0.62
    columns = np.arange(view.width_px)[None, :] / view.width_px - 0.5
    pool = np.exp(-(rows**2 / 0.1 + columns**2 / 0.16))[..., None] * lamp * np.array([0.75, 0.95, 1.1])
    scale = (np.array(gains) + pool).astype(np.float32)

    def apply(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        plain = cv2.cvtColor(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        mixed = cv2.addWeighted(bgr, 1 - grey, plain, grey, 0)
        return cv2.multiply(mixed, scale, dtype=cv2.CV_8U).astype(np.uint8, copy=False)

    return apply


def _rain(view: View) -> Filter:
    """Grey light and slanted streaks that are new in every frame."""
    rng = np.random.default_rng(11)
    height, width = view.height_px, view.width_px
    tile = np.zeros((2 * height, 2 * width), np.uint8)
    scale = height / 360
    for x, y in zip(rng.integers(0, 2 * width, 900), rng.integers(0, 2 * height, 900), strict=True):
        long = float(rng.uniform(8, 24)) * scale
        end = (int(x - long * 0.22), int(y + long))
        cv2.line(tile, (int(x), int(y)), end, (int(rng.integers(20, 70)),), 1, cv2.LINE_AA)
    streaks = cv2.cvtColor(cv2.blur(tile, (1, 3)), cv2.COLOR_GRAY2BGR)

    def apply(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        dull = cv2.convertScaleAbs(bgr, alpha=0.74, beta=22)
        y, x = int(rng.integers(0, height)), int(rng.integers(0, width))
        return cv2.add(dull, streaks[y : y + height, x : x + width]).astype(np.uint8, copy=False)

    return apply


def _fog(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
    """What is far away fades into grey (Koschmieder's law, a sight of about 30 m)."""
    clear = np.exp(-depth_m / np.float32(11))[..., None]
    return np.asarray(bgr * clear + np.float32(188) * (1 - clear), np.uint8)


def _daylight(share: float) -> Filter:
    """A day's light in four minutes: `share` of it goes, with its warmth, and comes again."""

    def apply(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        gone = share * (0.5 - 0.5 * np.cos(2 * np.pi * t_s / DAY_S))
        gains = np.array([1 - gone * 0.92, 1 - gone, 1 - gone * 1.05], np.float32)
        return np.asarray(bgr * gains, np.uint8)

    return apply


def _lights(view: View) -> Filter:
    """Lamps are switched every half a minute: half of the time only what comes through the windows is left."""
    columns = np.linspace(0, 1, view.width_px, dtype=np.float32)[None, :, None]
    left = np.broadcast_to(0.16 + 0.14 * columns, (view.height_px, view.width_px, 3)).copy()

    def apply(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        if t_s % (2 * SWITCH_S) < SWITCH_S:
            return bgr
        return cv2.multiply(bgr, left, dtype=cv2.CV_8U).astype(np.uint8, copy=False)

    return apply


def _headlights(view: View) -> Filter:
    """Every twelve seconds a pair of lamps sweeps over the picture within three, and dazzles in the middle."""
    x, y = np.meshgrid(np.linspace(0, 1, view.width_px), np.linspace(0, 1, view.height_px))

    def apply(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
        at = (t_s % HEADLIGHTS_S) / 3.0
        if at >= 1:
            return bgr
        strength = 60 + 300 * np.sin(np.pi * at)
        glare = sum(np.exp(-(((x - at - side) / 0.13) ** 2 + ((y - 0.6) / 0.16) ** 2)) for side in (-0.05, 0.05))
        return np.asarray(np.clip(bgr + (strength * glare)[..., None], 0, 255), np.uint8)

    return apply


def _exposure(bgr: Image, depth_m: Floats, t_s: float, rng: np.random.Generator) -> Image:
    """The camera sets its exposure anew every twenty seconds, in steps."""
    gain = (1.0, 1.35, 0.75, 1.15, 0.6)[int(t_s / EXPOSURE_S) % 5]
    return cv2.convertScaleAbs(bgr, alpha=gain).astype(np.uint8, copy=False)
