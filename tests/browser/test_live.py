"""The live page: moving pictures, and what Custos sees in them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Opener

WALK_WITHIN_MS = 200_000
"""The demo's story brings somebody before the street entrance at least this often."""

TIME_OF_VIDEO = "() => document.querySelector('video').currentTime"
MARKS_ON_OVERLAY = """() => {
  const canvas = document.querySelector('canvas[data-overlay]');
  if (!canvas?.width || !canvas.height) return false;
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value, i) => i % 4 === 3 && value > 0);
}"""
PLAYS_LIVE = """(after) => {
  const video = document.querySelector('video');
  const { currentTime, buffered } = video;
  return currentTime > after && buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime < 3;
}"""


WATCHED_S = 30
WATCHES = 8
"""Words on what is seen come late while the machine is overloaded, and several who walk cannot be told apart; what is
seen in one watch is added to that of the others. Boxes of another picture always fit badly."""
WIDTH, HEIGHT = 320, 180
SHIFTS = range(-12, 13)
"""Pictures, a tenth of a second apart, by which boxes are set against earlier and later pictures."""
IN_TIME = 3
MOTION_PX = 30
"""Fewer moving pixels than this around a box are grain, not somebody."""
STRIDE_PX = 6.0
"""Somebody who goes less far than this in a second fits every picture alike."""
ENOUGH = 20


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

HEAR_WORDS = """
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
window.words = [];
CanvasRenderingContext2D.prototype.clearRect = function (...all) {
  if (this.canvas.dataset.overlay) window.words = [];
  return clearRect.apply(this, all);
};
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  if (this.canvas.dataset.overlay) window.words.push(text);
  return fillText.call(this, text, ...place);
};
"""
"""Notes what stands in words on the overlay now."""

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


def _await_video(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 3")


def test_live_video_plays_at_the_live_edge(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/live")
    _await_video(page)
    before = page.evaluate(TIME_OF_VIDEO)
    page.wait_for_function(PLAYS_LIVE, arg=before + 2)
    assert page.evaluate("document.querySelector('video').error") is None
    picture(page, "live")


def test_boxes_are_drawn_over_the_picture(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/live")
    _await_video(page)
    page.keyboard.press("z")
    page.keyboard.press("v")  # what behaviours show has words too
    expect(page.get_by_role("button", name="Zones and lines (z)")).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(MARKS_ON_OVERLAY, timeout=WALK_WITHIN_MS)
    picture(page, "live-boxes")
    page.keyboard.press("b")
    page.wait_for_function(f"() => !({MARKS_ON_OVERLAY})()")


def test_what_behaviours_count_is_drawn_over_the_picture(
    open_page: Opener, picture: Callable[[Page, str], None]
) -> None:
    """The street's line counts stand at their lines, whoever walks."""
    page = open_page("/account")
    page.add_init_script(HEAR_WORDS)
    page.goto("/live")
    _await_video(page)
    page.keyboard.press("z")
    page.keyboard.press("b")
    page.wait_for_function("() => window.words.some((text) => /^left \\d+, right \\d+$/.test(text))")
    page.wait_for_function(MARKS_ON_OVERLAY)
    picture(page, "live-behaviours")
    page.keyboard.press("v")
    page.wait_for_function(f"() => window.words.length === 0 && !({MARKS_ON_OVERLAY})()")


def test_boxes_are_in_time_with_the_picture(open_page: Opener) -> None:
    """Boxes fit those who walk in the very picture they are drawn over better than in earlier or later ones."""
    page = open_page("/account")
    page.add_init_script(HEAR_LABELS)
    page.goto("/live")
    _await_video(page)
    page.keyboard.press("z")
    page.keyboard.press("v")  # what behaviours show has words too
    distances: dict[int, list[float]] = {shift: [] for shift in SHIFTS}
    for _ in range(WATCHES):
        page.wait_for_function("() => window.labels.length > 0", timeout=WALK_WITHIN_MS)
        for shift, found in _distances_by_shift(page.evaluate(WATCH, [WATCHED_S, WIDTH, HEIGHT])).items():
            distances[shift] += found
        misfit = {shift: float(np.median(found)) for shift, found in distances.items() if len(found) >= ENOUGH}
        if len(misfit) == len(SHIFTS) and min(misfit[s] for s in SHIFTS if abs(s) <= IN_TIME) == min(misfit.values()):
            return
    pytest.fail(f"boxes do not fit the pictures they are drawn over: {misfit}, {list(map(len, distances.values()))}")


def _distances_by_shift(seen: list[Seen]) -> dict[int, list[float]]:
    """How far boxes of who walks alone stand from what moves each number of pictures later, in pixels."""
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


def test_keys_choose_cameras_and_open_the_wall(open_page: Opener, picture: Callable[[Page, str], None]) -> None:
    page = open_page("/live")
    tiles = page.get_by_role("list", name="Cameras").get_by_role("button")
    expect(tiles.nth(3)).to_be_visible()
    page.keyboard.press("2")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("g")
    expect(page.get_by_role("heading", name="All cameras")).to_be_visible()
    page.wait_for_function("() => [...document.querySelectorAll('video')].filter(v => v.currentTime > 0).length >= 4")
    picture(page, "live-wall")
    page.keyboard.press("g")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    picture(page, "keys")


def test_the_palette_leads_to_a_camera(open_page: Opener) -> None:
    page = open_page("/events")
    expect(page.get_by_role("heading", name="Events", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to a page or a camera").fill("add a cam")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a camera")).to_be_visible()


def test_a_picture_stream_plays_where_the_browser_knows_no_media_source(open_page: Opener) -> None:
    """As on browsers without Media Source Extensions, and for codecs they cannot play."""
    page = open_page("/account")
    page.add_init_script("delete window.MediaSource; delete window.ManagedMediaSource;")
    page.goto("/live")
    still = page.locator("canvas[role=img]").first
    expect(still).to_be_visible()
    page.wait_for_function("() => document.querySelector('canvas[role=img]').width > 300")
    expect(page.get_by_text("Opening the picture")).to_have_count(0)
