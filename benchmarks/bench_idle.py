"""Processor time of a site of the demo's size while nothing happens: four cameras, 640x360, 10 fps, nobody walking.

    .venv/bin/python benchmarks/bench_idle.py [--minutes 2]

The demo's cameras film their scenes while only the cashier is there, who stands at the till: light and grain change,
nobody comes. The clips are looped every 20 s.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from demo_site import RunningSite, machine, running_site

from custos.adapters.media.encode import H264Writer
from custos.simulate.clip import QUALITY
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Appearance, Story

CAMERAS = ("street", "lobby", "dock", "shop")
CLIP_S = 20.0


class Quiet:
    """The demo's story without anybody who comes or goes."""

    def __init__(self, seed: int) -> None:
        story = Story(seed)
        self.appearances = {camera_id: self._staying(played) for camera_id, played in story.appearances.items()}

    def _staying(self, played: Sequence[Appearance]) -> list[Appearance]:
        return [one for one in played if one.actor.name == "cashier"]


def film(camera_id: str, folder: Path) -> Path:
    """A clip of the camera's scene while nothing happens."""
    settings, video = Settings(), folder / f"{camera_id}.mp4"
    renderer = CameraRenderer(SCENES[camera_id], Quiet(settings.seed), settings)
    size = {"width_px": settings.width_px, "height_px": settings.height_px}
    with H264Writer(video, **size, fps=settings.fps, quality=QUALITY) as writer:
        for index in range(1, round(CLIP_S * settings.fps) + 1):
            writer.write_i420(renderer.frame(index).i420)
    return video


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
            video = film(camera_id, folder)
            lines.append(f"  - {{id: {camera_id}, name: {camera_id}, url: {video.name}, loop: true}}")
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
