"""Processor time of a site of the demo's size while nothing happens: four cameras, 640x360, 10 fps, nobody walking.

    .venv/bin/python benchmarks/bench_idle.py [--minutes 2]

The pictures are the first five seconds of the demo's cameras, looped: light and grain change, nobody comes (the
cashier stands at the till).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import psutil
from demo_site import RunningSite, machine, running_site

from custos.simulate.clip import ClipRequest, render_clip

CAMERAS = ("street", "lobby", "dock", "shop")


def cpu_by_process(site: RunningSite) -> dict[str, float]:
    """CPU seconds so far, by the last word of each process's module."""
    used: dict[str, float] = {}
    for process in site.tree():
        try:
            line, times = process.cmdline(), process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        name = line[2].rsplit(".", 1)[-1] if len(line) > 2 else "other"
        used[name] = used.get(name, 0.0) + times.user + times.system
    return used


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        lines = ["site: {id: idle, name: Idle, time_zone: UTC}", "cameras:"]
        for camera_id in CAMERAS:
            clip = render_clip(ClipRequest(camera_id, folder, 5.0))
            lines.append(f"  - {{id: {camera_id}, name: {camera_id}, url: {clip.video.name}, loop: true}}")
        site_file = folder / "site.yaml"
        site_file.write_text("\n".join(lines) + "\n")
        with running_site(folder / "data", "--config", str(site_file)) as site:
            time.sleep(20)
            before, began = cpu_by_process(site), time.monotonic()
            time.sleep(arguments.minutes * 60)
            after, took_s = cpu_by_process(site), time.monotonic() - began
    print(f"machine: {machine()}")
    for name, used in sorted(after.items()):
        print(f"{name:12} {(used - before.get(name, 0.0)) / took_s:.3f} cores")
    print(f"{'together':12} {(sum(after.values()) - sum(before.values())) / took_s:.3f} cores")


if __name__ == "__main__":
    main()
