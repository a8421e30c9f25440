"""From a person entering the picture to the event in a real browser, on the demo site.

The truth is the simulator's: somebody has entered when at least half of the figure is to be seen and it is 42 pixels
tall or more (a person of 1.7 m at 25 pixels a metre, "detect" of IEC 62676-4). The clock
starts at the capture time of that frame and stops when a page in Chromium has the `track.started` message in hand.
A person counts as missed when no track starts within 6 s.

    .venv/bin/python benchmarks/bench_latency.py [--minutes 4]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from demo_site import RunningSite, demo_site, machine, truth_objects
from playwright.sync_api import sync_playwright

from custos.cli.options import cache_dir
from custos.simulate.story import STORY_S

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LISTEN = """
() => { window.heard = []; const s = new WebSocket(location.origin.replace('http', 'ws') + '/api/v1/events/live');
        s.onmessage = m => window.heard.push([Date.now(), m.data]); }
"""
HALF = 0.5
TALL_PX = 42.0
SEARCH_S = 6.0


@dataclass(frozen=True)
class Entry:
    """Somebody's coming into a picture, seconds since the clip began."""

    camera_id: str
    object_id: int
    at_s: float


def entries(footage: Path, camera_id: str) -> list[Entry]:
    """First frames with half of a person in them, after at least a second with less."""
    found, last_seen = [], dict[int, float]()
    for frame in truth_objects(footage, camera_id):
        at_s = float(str(frame["t_s"]))
        objects = frame["objects"]
        assert isinstance(objects, list)
        for one in objects:
            top, bottom = one["box_px"][1], one["box_px"][3]
            if one["class"] != "person" or one["visible"] < HALF or bottom - top < TALL_PX:
                continue
            if at_s - last_seen.get(one["id"], -10.0) > 1.0:
                found.append(Entry(camera_id, one["id"], at_s))
            last_seen[one["id"]] = at_s
    return found


def listen(site: RunningSite, minutes: float) -> list[tuple[float, dict[str, object]]]:
    """(time of receipt in Unix seconds, event) of everything a page hears."""
    name, value = site.cookie
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": site.base}])
        page = context.new_page()
        page.goto(f"{site.base}/api/v1/health")
        page.evaluate(LISTEN)
        time.sleep(minutes * 60)
        heard = page.evaluate("window.heard")
        browser.close()
    return [(ms / 1000, json.loads(text)) for ms, text in heard]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site:
        heard = listen(site, arguments.minutes)
        connected, story_began_s = _connected(site), site.story_began_s()
        footage = cache_dir() / "demo"
        latencies, missed, total = [], 0, 0
        now = time.time()
        for camera_id, began in connected.items():
            starts = [
                (at, _unix(str(e["time"])))
                for at, e in heard
                if e.get("type") == "custos.track.started" and str(e["source"]).endswith(f"/{camera_id}")
            ]
            rounds = range(int((now - story_began_s) // STORY_S) + 1)
            for entered in (story_began_s + n * STORY_S + e.at_s for n in rounds for e in entries(footage, camera_id)):
                if entered < began + 5 or entered > now - SEARCH_S - 2:
                    continue
                total += 1
                hits = [at - entered for at, started in starts if -1.0 <= started - entered <= SEARCH_S]
                if hits:
                    latencies.append(min(hits))
                else:
                    missed += 1
    latencies.sort()
    print(f"machine: {machine()}")
    print(f"people entering: {total}, found {len(latencies)}, missed {missed}")
    if latencies:
        p95 = latencies[min(len(latencies) - 1, int(0.95 * len(latencies)))]
        print(f"entering to event in the browser: median {statistics.median(latencies):.2f} s, p95 {p95:.2f} s")
        print("all: " + ", ".join(f"{one:.2f}" for one in latencies))


def _connected(site: RunningSite) -> dict[str, float]:
    items = site.get("/events?type=camera.connected&limit=50")["items"]
    assert isinstance(items, list)
    return {str(e["source"]).rsplit("/", 1)[1]: _unix(str(e["time"])) for e in items}


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    main()
