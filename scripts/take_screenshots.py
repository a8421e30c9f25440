"""The README's screenshots, of the demo as anybody sees it: `python scripts/take_screenshots.py` writes docs/img.

Starts `custos up --demo` in a folder of its own, signs in through the one-time link, waits for one round of the story
(about four minutes) and takes pictures with Chromium.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "img"
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "scripts")]

from demo_site import RunningSite, demo_site  # noqa: E402
from draw_behaviours import write_small  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
STORY_S = 240.0
SETTLED_S = 20.0
"""So long after the story the incidents of its end have everything that belongs to them."""
LIVELY_S = 178.0
"""Until then in the story, from the forced door on, customers wait at the till."""
ALL_IN_SHOP = 3
"""Two customers and the cashier."""
BEST_INCIDENTS = ("door-forced", "tailgating", "refund")
"""Parts of the ids of rules whose incidents show most, best first: a door, a holder, logs and pictures."""
NOBODY_THERE = "Refund of 89.00"
"""In the story, nobody stands before the till then."""
DESK: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 840, "height": 800}
"""Of the narrow one, parts stand two in a row in the README and can still be read."""
COLOURS = 160
EDGE_PX = 8


COUNT_NAMES = """(() => {
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...where) {
    this.canvas.named = 0;
    clearRect.apply(this, where);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    if (/ \\d+%$/.test(text)) this.canvas.named += 1;
    fillText.call(this, text, ...where);
  };
})()"""
"""Counts on the overlay the names of boxes that are drawn: "person 87%"."""
BOXED = "() => document.querySelector('canvas[data-overlay]')?.named ?? 0"
PLAYING = "() => document.querySelector('video')?.currentTime > 1"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(base_url=site.base, viewport=DESK)
        name, value = site.cookie
        context.add_cookies([{"name": name, "value": value, "url": site.base}])
        context.add_init_script(COUNT_NAMES)
        shots = take(context.new_page(), site)
        browser.close()
    for name, png in shots.items():  # it takes the processor from no story now
        save(name, png)
    return 0


def take(page: Page, site: RunningSite) -> dict[str, bytes]:
    """Every picture, by name, as the story goes on."""
    shots = {}
    began = site.story_began_s()
    while not site.get("/incidents?about=doors/stock")["items"]:
        time.sleep(1)
    page.goto("/doors/stock")
    page.get_by_role("region", name="Incidents").get_by_role("link").first.wait_for()
    heading = page.get_by_role("heading", level=1)
    page.wait_for_timeout(1500)
    shots["door"] = shot(page, heading, page.get_by_role("region", name="Log"), height_px=520)
    page.goto("/live?camera=shop")
    shots["live"] = busiest(page, began + LIVELY_S)
    page.goto("/doors")  # a live picture keeps the machine busy
    time.sleep(max(0.0, began + STORY_S + SETTLED_S - time.time()))
    page.goto(f"/incidents/{best_incident(site)}")
    page.get_by_role("region", name="Pictures before and after").get_by_role("button").first.wait_for()
    page.get_by_role("region", name="Where").locator("[data-lit]").first.wait_for()
    page.wait_for_timeout(1500)
    shots["incident"] = page.screenshot()
    page.set_viewport_size(NARROW)
    page.goto("/map")
    pin = page.locator("main [data-of='doors/stock']")
    pin.wait_for()
    page.wait_for_timeout(3000)
    shots["map"] = shot(page, heading, pin.locator(".."), height_px=560)
    page.set_viewport_size(DESK)
    page.goto("/tills/till-1")
    page.get_by_role("button", name=NOBODY_THERE).first.click()
    then = page.get_by_role("region", name="At that moment")
    then.locator("img").wait_for()
    page.wait_for_timeout(1500)
    shots["till"] = shot(page, then, page.get_by_role("region", name="Incidents"), height_px=560)
    for name in ("rules", "devices"):
        page.goto(f"/{name}")
        page.get_by_role("table").wait_for()
        page.wait_for_timeout(1500)
        shots[name] = shot(page, heading, page.get_by_role("table"), height_px=560)
    return shots


def busiest(page: Page, until_s: float) -> bytes:
    """A camera's live picture at the moment when most is boxed, sooner once all are."""
    page.wait_for_function(PLAYING, timeout=60_000)
    best, found = -1, b""
    while not found or (best < ALL_IN_SHOP and time.time() < until_s):
        if (message := page.get_by_role("button", name="Dismiss")).count():
            message.first.click()
        if page.evaluate(BOXED) > best:
            png = page.screenshot()
            # What is drawn has moved on meanwhile.
            if (now := int(page.evaluate(BOXED))) > best:
                best, found = now, png
        time.sleep(0.3)
    return found


def best_incident(site: RunningSite) -> str:
    items = site.get("/incidents?limit=50")["items"]
    assert isinstance(items, list)
    for part in BEST_INCIDENTS:
        for item in items:
            if str(item.get("rule_id", "")).startswith(part):
                return str(item["id"])
    return str(items[0]["id"])


def shot(page: Page, *parts: Locator, height_px: int) -> bytes:
    """The part of what is seen that these lie in, at most so high."""
    found = [box for part in parts if (box := part.bounding_box()) is not None]
    left, top = min(box["x"] for box in found) - EDGE_PX, min(box["y"] for box in found) - EDGE_PX
    right = max(box["x"] + box["width"] for box in found) + EDGE_PX
    bottom = min(max(box["y"] + box["height"] for box in found) + EDGE_PX, top + height_px)
    return page.screenshot(clip={"x": left, "y": top, "width": right - left, "height": bottom - top})


def save(name: str, png: bytes) -> None:
    """As a PNG of few colours, a fifth of the size."""
    shot = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    write_small(FOLDER / f"{name}.png", np.asarray(shot, np.uint8), COLOURS)


if __name__ == "__main__":
    raise SystemExit(main())
