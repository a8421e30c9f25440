"""What one machine carries: `custos bench pipeline` with 32 cameras and a YOLOX-nano, and 16 with centernet-mb3.

    .venv/bin/python benchmarks/bench_pipeline.py [--seconds 120] [--write]

Reach: no camera more than 1 s behind at p95. --write puts tables and plots into docs/performance.md; run it on a
machine that does nothing else. The YOLOX-nano file stands beside the project (shared/models); without it that half is
left out, and the page says so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from report_page import ROOT, write_section

YOLOX = ROOT.parent / "shared" / "models" / "yolox_nano-reexport.onnx"
ROWS = (
    ("cameras carried, no more than 1 s behind at p95", "carried", "cameras"),
    ("CPU seconds per camera-hour, quiet", "cpu_s_per_camera_hour_quiet", None),
    ("CPU seconds per camera-hour, busy", "cpu_s_per_camera_hour_busy", None),
    ("processor cores, nothing happens", "quiet_cores", None),
    ("processor cores, one in ten busy", "mixed_cores", None),
    ("detections a second", "mixed_detections_fps", None),
    ("looks at which the worst camera was more than 1 s behind, %", "mixed_late_percent_worst_camera", None),
    ("behind, p95 of the worst ten seconds of any camera, s", "mixed_behind_p95_worst_ten_seconds_s", None),
    ("cameras that were strained at some time", "mixed_strained", "cameras"),
    ("happening to event, p50, s", "mixed_event_p50_s", None),
    ("happening to event, p95, s", "mixed_event_p95_s", None),
    ("happening to event, p99, s", "mixed_event_p99_s", None),
    ("pictures the detector should have seen and did not", "mixed_dropped", "mixed_wanted"),
    ("pictures passed over for lack of time", "mixed_passed_over", None),
    ("memory (PSS), MB", "mixed_pss_mb", None),
    ("highest load average meanwhile", "mixed_load_average", None),
)


def bench(cameras: int, seconds: float, plot: Path, *detector: str) -> dict[str, object]:
    command = [sys.executable, "-m", "custos.cli.main", "bench", "pipeline", "--json", "--cameras", str(cameras)]
    command += ["--seconds", str(seconds), "--warm-up", "30", "--plot", str(plot), *detector]
    told: dict[str, object] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    plots = {name: ROOT / "docs" / f"pipeline-{name}.svg" for name in ("yolox", "centernet")}
    runs: dict[str, dict[str, object]] = {}
    if YOLOX.exists():
        sha256 = hashlib.sha256(YOLOX.read_bytes()).hexdigest()
        given = ("--detector", str(YOLOX), "--detector-sha256", sha256)
        runs["yolox"] = bench(32, arguments.seconds, plots["yolox"], *given)
    runs["centernet"] = bench(16, arguments.seconds, plots["centernet"], "--detector", "centernet-mb3")
    told = list(runs.values())
    lines = ["| | " + " | ".join(f"{run['cameras']} cameras, `{run['detector']}`" for run in told) + " |"]
    lines.append("|---|" + "---|" * len(told))
    for words, key, whole in ROWS:
        cells = [f"{run[key]}" + (f" of {run[whole]}" if whole else "") for run in told]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    lines += ["", f"Taken {datetime.now(UTC):%Y-%m-%d} on {told[0]['machine']}; {told[0]['footage']}."]
    if "yolox" not in runs:
        lines.append("The YOLOX-nano file was not there, so that half is missing.")
    lines += [""] + [f"![{run['cameras']} cameras over time](pipeline-{name}.svg)" for name, run in runs.items()]
    text = "\n".join(lines)
    print(text)
    if arguments.write:
        write_section("pipeline", text)


if __name__ == "__main__":
    main()
