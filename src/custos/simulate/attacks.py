"""What somebody does to a camera, done to its pictures: `attack.picture(clean, number, since)` for every picture.

Each attack begins at a picture's number and says what the camera shows then. Pictures are (h, w) or (h, w, 3) uint8;
those before the attack, and after its end, come out as they went in. What happens to the stream rather than to the
picture (a low frame rate, a low bitrate) is done by whoever encodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from custos.simulate.layer import Image


class Attack(StrEnum):
    COVER = "cover"
    BLIND_DARK = "blind-dark"
    BLIND_BRIGHT = "blind-bright"
    DEFOCUS = "defocus"
    SHIFT = "shift"
    TURN = "turn"
    AWAY = "away"
    OBSTRUCT = "obstruct"
    FREEZE = "freeze"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of it.

    Args:
        takes_s: from the beginning until the act is done.
        blur_px: of a lens out of focus, in a picture 640 px wide.
        shift: of a turned camera, in picture widths and heights. turn_deg: clockwise.
        part: share of the width that is obstructed, from the left.
        level: grey level of what covers the lens.
        dark: what is left of the light.
        loop_s: length of the recording that is played over and over.
    """

    takes_s: float = 0.6
    blur_px: float = 6.0
    shift: tuple[float, float] = (0.12, 0.05)
    turn_deg: float = 6.0
    part: float = 0.35
    level: float = 48.0
    dark: float = 0.03
    loop_s: float = 8.0


def attacked(
    pictures: Iterable[Image], attack: Attack, *, fps: float, from_s: float, strength: Strength = Strength()
) -> Iterator[Image]:
    """The pictures of a camera to which `attack` is done from `from_s` on."""
    act = _ACTS.get(attack)
    first = round(from_s * fps)
    rng = np.random.default_rng(5)
    kept: list[Image] = []
    for number, picture in enumerate(pictures):
        if attack in (Attack.FREEZE, Attack.LOOP):
            if number < first:
                kept = [*kept, picture][-max(round(strength.loop_s * fps), 1) :]
                yield picture
            else:
                yield kept[-1] if attack is Attack.FREEZE else kept[(number - first) % len(kept)]
        elif number < first or act is None:
            yield picture
        else:
            done = min((number - first + 1) / max(strength.takes_s * fps, 1.0), 1.0)
            yield act(picture, done, strength, rng)


def covered(picture: Image, done: float, rng: np.random.Generator) -> Image:
    """The picture of a camera over whose lens cloth has come by `done` (0..1)."""
    return picture if done <= 0 else _cover(picture, done, Strength(), rng)


Act = Callable[[Image, float, Strength, np.random.Generator], Image]


def _cover(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    """Cloth close to the lens: dark, soft, a little lighter to one side; it comes in from the right."""
    h, w = picture.shape[:2]
    x = np.linspace(0, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    level = strength.level * (0.8 + 0.3 * x + 0.15 * np.sin(3 * y))
    edge = np.clip((x - (1 - 1.2 * done)) / 0.15, 0, 1)
    return _over(picture, level + rng.normal(0, 1.2, (h, w)), np.broadcast_to(edge, (h, w)))


def _blind_dark(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    """The light goes; what the sensor's own noise leaves."""
    share = 1 - done * (1 - strength.dark)
    noise = rng.normal(0, 1.0, picture.shape[:2]).astype(np.float32)
    dimmed = (picture.astype(np.float32) - 16) * np.float32(share) + 16
    return _clipped(dimmed + (noise if picture.ndim == 2 else noise[..., None]))


def _blind_bright(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    """A torch into the lens: glare all over, white around its middle."""
    h, w = picture.shape[:2]
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    glare = done * (90 + 330 * np.exp(-(x * x + y * y) / 0.7))
    return _clipped(picture.astype(np.float32) + (glare if picture.ndim == 2 else glare[..., None]))


def _defocus(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    sigma = max(strength.blur_px * picture.shape[1] / 640 * done, 0.05)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _shift(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    return _warped(picture, strength.shift[0] * done, strength.shift[1] * done, 0.0)


def _turn(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    return _warped(picture, 0.0, 0.0, strength.turn_deg * done)


def _away(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    """The camera is turned to what it has never shown: here, its own picture upside down, mirrored and enlarged."""
    other = np.asarray(cv2.resize(picture[::-1, ::-1], None, fx=1.5, fy=1.5), np.uint8)
    h, w = picture.shape[:2]
    return other[:h, :w] if done >= 1 else _warped(picture, done, 0.0, 0.0)


def _obstruct(picture: Image, done: float, strength: Strength, rng: np.random.Generator) -> Image:
    """Tape over the left part of the lens, with the soft edge that everything close to it has."""
    h, w = picture.shape[:2]
    x = np.linspace(0, 1, w, dtype=np.float32)[None, :]
    edge = np.clip((strength.part * done - x) / 0.04 + 0.5, 0, 1)
    return _over(picture, strength.level + rng.normal(0, 1.2, (h, w)), np.broadcast_to(edge, (h, w)))


def _warped(picture: Image, x: float, y: float, turn_deg: float) -> Image:
    h, w = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), -turn_deg, 1.0)
    matrix[:, 2] += x * w, y * h
    warped = cv2.warpAffine(picture, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(warped, np.uint8)


def _over(picture: Image, level: np.ndarray[tuple[int, ...], np.dtype[np.floating]], share: object) -> Image:
    """`level` (h, w) laid over the picture where `share` (h, w) is 1."""
    cover, mix = np.asarray(level, np.float32), np.asarray(share, np.float32)
    if picture.ndim == 3:
        cover, mix = cover[..., None], mix[..., None]
    return _clipped(picture.astype(np.float32) * (1 - mix) + cover * mix)


def _clipped(picture: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Image:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


_ACTS: dict[Attack, Act] = {
    Attack.COVER: _cover,
    Attack.BLIND_DARK: _blind_dark,
    Attack.BLIND_BRIGHT: _blind_bright,
    Attack.DEFOCUS: _defocus,
    Attack.SHIFT: _shift,
    Attack.TURN: _turn,
    Attack.AWAY: _away,
    Attack.OBSTRUCT: _obstruct,
}
