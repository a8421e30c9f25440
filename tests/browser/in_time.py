"""Whether boxes are drawn over the very picture they belong to: they are set against what moves in the page's video,
in this picture and in earlier and later ones."""

from __future__ import annotations

import base64
from typing import TypedDict

import numpy as np
from playwright.sync_api import Page

WIDTH, HEIGHT = 320, 180
SHIFTS = range(-12, 13)
"""Pictures, a tenth of a second apart, by which boxes are set against earlier and later pictures."""
MOTION_PX = 30
"""Fewer moving pixels than this around a box are grain, not somebody."""
STRIDE_PX = 6.0
"""Somebody who goes less far than this in a second fits every picture alike."""


class Seen(TypedDict):
    """One look at the page: the video's green as base64, and the corners of the boxes then drawn, in 0..1."""

    picture: str
    labels: list[list[float]]


Moved = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

HEAR_LABELS = """
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
window.labels = [];
CanvasRenderingContext2D.prototype.clearRect = function (...all) {
  if (this.canvas.dataset.overlay) window.labels = [];
  return clearRect.apply(this, all);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const { clientWidth: w, clientHeight: h } = this.canvas;
  if (this.canvas.dataset.overlay) window.labels.push([(x - 4) / w, (y + 13.5) / h]);
  return fillText.call(this, text, x, y);
};
"""
"""Notes the left upper corner of every box, in 0..1: a label stands just above it."""

WATCH = """async ([seconds, width, height]) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const g = canvas.getContext('2d', { willReadFrequently: true });
  const seen = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done, 100));
    g.drawImage(document.querySelector('video'), 0, 0, width, height);
    const green = g.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 1);
    const text = Array.from(green, (value) => String.fromCharCode(value)).join('');
    seen.push({ picture: btoa(text), labels: window.labels.slice() });
  }
  return seen;
}"""


def watch(page: Page, seconds: float) -> dict[int, list[float]]:
    """How far boxes of who walks alone stand from what moves each number of pictures later, in pixels."""
    return _distances_by_shift(page.evaluate(WATCH, [seconds, WIDTH, HEIGHT]))


def _distances_by_shift(seen: list[Seen]) -> dict[int, list[float]]:
    raw = b"".join(base64.b64decode(one["picture"]) for one in seen)
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH).astype(np.int16)
    moved = np.abs(pictures - np.median(pictures[::5], axis=0)) > 28
    corners = {i: one["labels"][0] for i, one in enumerate(seen) if len(one["labels"]) == 1}
    walking = {i: corner for i, corner in corners.items() if _stride_px(corners, i) >= STRIDE_PX}
    return {shift: _distances(moved, walking, shift) for shift in SHIFTS}


def _stride_px(corners: dict[int, list[float]], i: int) -> float:
    """How far the box of picture `i` goes sideways in the second around it."""
    if i - 5 not in corners or i + 5 not in corners:
        return 0.0
    return abs(corners[i + 5][0] - corners[i - 5][0]) * WIDTH


def _distances(moved: Moved, corners: dict[int, list[float]], shift: int) -> list[float]:
    """How far each box stands from what moves `shift` pictures later, in pixels."""
    distances = []
    for i, (left, top) in corners.items():
        if not 0 <= i + shift < len(moved):
            continue
        x, y = left * WIDTH, top * HEIGHT
        rows, columns = np.nonzero(moved[i + shift])
        near = (abs(columns - x) < 40) & (rows > y - 25) & (rows < y + 80)
        if near.sum() > MOTION_PX:
            distances.append(abs(x - columns[near].min()) + abs(y - rows[near].min()))
    return distances
