"""Memory and processor of the running demo site over time: a curve, and whether it is flat.

    .venv/bin/python benchmarks/bench_memory.py --minutes 60 --curve docs/memory.svg

Memory is the sum over all processes of the proportional set size: what would be free if the site were not there.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from demo_site import RunningSite, demo_site, machine

EVERY_S = 10.0
LIMIT_MB = 900


@dataclass(frozen=True)
class Sample:
    """One reading: seconds since the start, megabytes, cores in use since the reading before."""

    at_s: float
    pss_mb: float
    rss_mb: float
    cores: float


def watch(site: RunningSite, minutes: float) -> list[Sample]:
    """A reading every 10 s."""
    began, samples = time.monotonic(), list[Sample]()
    before, before_s = _cpu_s(site), began
    while time.monotonic() - began < minutes * 60:
        time.sleep(EVERY_S)
        now, used = time.monotonic(), _cpu_s(site)
        pss = rss = 0
        for process in site.tree():
            try:
                memory = process.memory_full_info()
            except psutil.NoSuchProcess:
                continue
            pss += memory.pss
            rss += memory.rss
        samples.append(Sample(now - began, pss / 1e6, rss / 1e6, (used - before) / (now - before_s)))
        before, before_s = used, now
    return samples


def _cpu_s(site: RunningSite) -> float:
    total = 0.0
    for process in site.tree():
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def curve(samples: list[Sample], title: str) -> str:
    """The samples as a small SVG: memory over time, the limit dashed."""
    width, height, left, top = 720, 260, 56, 34
    end_s, most = samples[-1].at_s, LIMIT_MB * 1.1
    points = " ".join(
        f"{left + s.at_s / end_s * (width - left - 16):.1f},{top + (1 - s.pss_mb / most) * (height - top - 36):.1f}"
        for s in samples
    )
    limit = top + (1 - LIMIT_MB / most) * (height - top - 36)
    bottom = height - 36
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<rect width="{width}" height="{height}" fill="#fff"/>
<text x="{left}" y="20" font-size="14">{title}</text>
<line x1="{left}" y1="{limit:.1f}" x2="{width - 16}" y2="{limit:.1f}" stroke="#b33" stroke-dasharray="5 4"/>
<text x="8" y="{limit + 4:.1f}" fill="#b33">{LIMIT_MB}</text>
<line x1="{left}" y1="{bottom}" x2="{width - 16}" y2="{bottom}" stroke="#666"/>
<text x="8" y="{bottom + 4}">0 MB</text>
<text x="{left}" y="{height - 12}">0</text><text x="{width - 76}" y="{height - 12}">{end_s / 60:.0f} min</text>
<polyline points="{points}" fill="none" stroke="#1668b8" stroke-width="1.5"/>
</svg>
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--curve", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site:
        samples = watch(site, arguments.minutes)
    quarter = max(1, len(samples) // 4)
    settled = samples[quarter:]
    first = sum(s.pss_mb for s in settled[:quarter]) / len(settled[:quarter])
    last = sum(s.pss_mb for s in settled[-quarter:]) / len(settled[-quarter:])
    cores = sorted(s.cores for s in samples)
    print(f"machine: {machine()}")
    print(
        f"memory (PSS): most {max(s.pss_mb for s in samples):.0f} MB; RSS summed, most {max(s.rss_mb for s in samples):.0f} MB"
    )
    print(f"second quarter {first:.0f} MB, last quarter {last:.0f} MB: {last - first:+.0f} MB")
    print(f"cores in use: median {cores[len(cores) // 2]:.2f}, quietest tenth {cores[len(cores) // 10]:.2f}")
    if arguments.curve:
        title = f"Memory of the demo site, 4 cameras, {arguments.minutes:.0f} minutes"
        arguments.curve.write_text(curve(samples, title))


if __name__ == "__main__":
    main()
