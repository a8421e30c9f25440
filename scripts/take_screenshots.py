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
from playwright.sync_api import Page, sync_playwright

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
BEST_INCIDENTS = ("tailgating", "door-forced", "refund")
"""Parts of the ids of rules whose incidents show most, best first: a door, a holder, logs and pictures."""
COLOURS = 160


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(base_url=site.base, viewport={"width": 1280, "height": 800})
        name, value = site.cookie
        context.add_cookies([{"name": name, "value": value, "url": site.base}])
        page = context.new_page()
        page.goto("/live")
        page.locator("video").first.wait_for()  # before, nobody listens to keys
        page.keyboard.press("g")
        wait_for_people(page)
        keep(page, "live")
        time.sleep(max(0.0, site.story_began_s() + STORY_S + SETTLED_S - time.time()))
        page.goto(f"/incidents/{best_incident(site)}")
        page.get_by_role("region", name="Pictures before and after").get_by_role("button").first.wait_for()
        page.get_by_role("region", name="Where").locator("[data-lit]").first.wait_for()
        page.wait_for_timeout(1500)
        keep(page, "incident")
        page.goto("/map")
        page.get_by_role("heading", name="Map").wait_for()
        page.wait_for_timeout(3000)
        keep(page, "map")
        page.goto("/doors/stock")
        page.get_by_role("region", name="Log").get_by_role("link").first.wait_for()
        page.wait_for_timeout(3000)
        keep(page, "door")
        page.goto("/tills/till-1")
        page.get_by_role("region", name="At that moment").locator("img").wait_for()
        page.wait_for_timeout(1500)
        keep(page, "till")
        for name in ("devices", "rules"):
            page.goto(f"/{name}")
            page.get_by_role("table").wait_for()
            page.wait_for_timeout(1500)
            keep(page, name)
        browser.close()
    return 0


def wait_for_people(page: Page) -> None:
    """Until at least three tiles of the wall have marks on them, with all four playing."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].filter(v => v.currentTime > 1).length >= 4", timeout=60_000
    )
    page.keyboard.press("z")
    page.keyboard.press("v")  # zones and what behaviours show off: what is left on the overlay are boxes
    page.wait_for_timeout(2000)
    page.wait_for_function(
        """() => [...document.querySelectorAll('canvas[data-overlay]')].filter((c) => {
          const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          return pixels.some((value, i) => i % 4 === 3 && value > 0);
        }).length >= 3""",
        timeout=240_000,
    )
    page.keyboard.press("z")
    page.keyboard.press("v")
    page.wait_for_timeout(300)


def best_incident(site: RunningSite) -> str:
    items = site.get("/incidents?limit=50")["items"]
    assert isinstance(items, list)
    for part in BEST_INCIDENTS:
        for item in items:
            if str(item.get("rule_id", "")).startswith(part):
                return str(item["id"])
    return str(items[0]["id"])


def keep(page: Page, name: str) -> None:
    """As a PNG of few colours, a fifth of the size."""
    shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    write_small(FOLDER / f"{name}.png", np.asarray(shot, np.uint8), COLOURS)


if __name__ == "__main__":
    raise SystemExit(main())
