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
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, sync_playwright

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
LIVELY_S = (14.0, 100.0)
"""Within these seconds of the story, people are in the street, the lobby, the shop and at the dock."""
BEST_INCIDENTS = ("door-forced", "tailgating", "refund")
"""Parts of the ids of rules whose incidents show most, best first: a door, a holder, logs and pictures."""
NOBODY_THERE = "Refund of 89.00"
"""In the story, nobody stands before the till then."""
DESK: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 840, "height": 800}
"""Of the narrow one, parts stand two in a row in the README and can still be read."""
COLOURS = 160
EDGE_PX = 8


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(base_url=site.base, viewport=DESK)
        name, value = site.cookie
        context.add_cookies([{"name": name, "value": value, "url": site.base}])
        page = context.new_page()
        page.goto("/live")
        page.locator("video").first.wait_for()  # before, nobody listens to keys
        page.keyboard.press("g")
        save("live", busiest(page, site))
        page.goto("about:blank")  # four pictures at once keep the machine busy
        began = site.story_began_s()
        while not site.get("/events?type=door.forced&limit=1")["items"]:
            time.sleep(2)
        page.goto("/doors/stock")
        page.get_by_role("region", name="Incidents").get_by_role("link").first.wait_for(timeout=90_000)
        page.wait_for_timeout(3000)
        keep(page, "door", page.get_by_role("heading", level=1), page.get_by_role("region", name="Log"), height_px=520)
        time.sleep(max(0.0, began + STORY_S + SETTLED_S - time.time()))
        page.goto(f"/incidents/{best_incident(site)}")
        page.get_by_role("region", name="Pictures before and after").get_by_role("button").first.wait_for()
        page.get_by_role("region", name="Where").locator("[data-lit]").first.wait_for()
        page.wait_for_timeout(1500)
        keep(page, "incident")
        page.set_viewport_size(NARROW)
        page.goto("/map")
        sheet = page.locator("main [data-of='doors/stock']")
        sheet.wait_for()
        page.wait_for_timeout(3000)
        keep(page, "map", page.get_by_role("heading", level=1), sheet.locator(".."))
        page.set_viewport_size(DESK)
        page.goto("/tills/till-1")
        page.get_by_role("button", name=NOBODY_THERE).first.click()
        then = page.get_by_role("region", name="At that moment")
        then.locator("img").wait_for()
        page.wait_for_timeout(1500)
        keep(page, "till", then, page.get_by_role("region", name="Incidents"))
        for name in ("rules", "devices"):
            page.goto(f"/{name}")
            page.get_by_role("table").wait_for()
            page.wait_for_timeout(1500)
            keep(page, name, page.get_by_role("heading", level=1), page.get_by_role("table"), height_px=560)
        browser.close()
    return 0


def busiest(page: Page, site: RunningSite) -> bytes:
    """The wall while all four play, at the moment when most is boxed: something on each, if there is such a moment."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].filter(v => v.currentTime > 1).length >= 4", timeout=60_000
    )
    began, best, shot = site.story_began_s(), (-1, -1), page.screenshot()
    while time.time() < began + LIVELY_S[1]:
        if time.time() < began + LIVELY_S[0]:
            time.sleep(1)
            continue
        boxed = tracked(site)
        told = (sum(count > 0 for count in boxed), sum(boxed))
        if told > best:
            best, shot = told, page.screenshot()
        time.sleep(0.5)
    return shot


def tracked(site: RunningSite) -> list[int]:
    """How many people and things each camera follows now."""
    cameras = site.get("/cameras")["items"]
    assert isinstance(cameras, list)
    return [int(one["state"]["tracks"]) for one in cameras]


def best_incident(site: RunningSite) -> str:
    items = site.get("/incidents?limit=50")["items"]
    assert isinstance(items, list)
    for part in BEST_INCIDENTS:
        for item in items:
            if str(item.get("rule_id", "")).startswith(part):
                return str(item["id"])
    return str(items[0]["id"])


def keep(page: Page, name: str, *parts: Locator, height_px: int = 10_000) -> None:
    """What is seen, or the part of it that these lie in, at most so high."""
    if not parts:
        save(name, page.screenshot())
        return
    found = [box for part in parts if (box := part.bounding_box()) is not None]
    left, top = min(box["x"] for box in found) - EDGE_PX, min(box["y"] for box in found) - EDGE_PX
    right = max(box["x"] + box["width"] for box in found) + EDGE_PX
    bottom = min(max(box["y"] + box["height"] for box in found) + EDGE_PX, top + height_px)
    clip: FloatRect = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    save(name, page.screenshot(clip=clip))


def save(name: str, png: bytes) -> None:
    """As a PNG of few colours, a fifth of the size."""
    shot = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    write_small(FOLDER / f"{name}.png", np.asarray(shot, np.uint8), COLOURS)


if __name__ == "__main__":
    raise SystemExit(main())
