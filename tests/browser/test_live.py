"""The live page: moving pictures, and what Custos sees in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

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
