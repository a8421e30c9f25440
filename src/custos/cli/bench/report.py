"""Two legs as figures, a table and a plot: `Report(footage, quiet, mixed)`; `figures()`, `table()`, `plot()`."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from rich.table import Table

from custos.cli.bench.footage import Footage
from custos.cli.bench.running import BEHIND_LIMIT_S, Leg, Sample, percentile

HOUR_S = 3600.0
Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Args:
    quiet: all cameras, and nothing happens. mixed: the same number, one in so many busy at a time.
    """

    footage: Footage
    quiet: Leg
    mixed: Leg

    @property
    def cpu_s_per_quiet_hour(self) -> float:
        """CPU seconds of an hour of one camera in which nothing happens."""
        return self.quiet.cpu_s / self.quiet.seconds * HOUR_S / len(self.quiet.cameras)

    @property
    def cpu_s_per_busy_hour(self) -> float | None:
        """The same of a camera in which something moves: what the mixed leg cost more, by the busy ones of it."""
        busy = self.footage.busy_cameras
        calm = len(self.mixed.cameras) - busy
        spent = self.mixed.cores * HOUR_S - calm * self.cpu_s_per_quiet_hour
        return spent / busy if busy else None

    def figures(self) -> dict[str, Value]:
        """Everything in numbers, for machines."""
        legs = {name: self._of(leg) for name, leg in (("quiet", self.quiet), ("mixed", self.mixed))}
        busy_hour = self.cpu_s_per_busy_hour
        return {
            "detector": self.mixed.detector,
            "footage": self.footage.told,
            "machine": machine(),
            "cameras": len(self.mixed.cameras),
            "carried": self.mixed.carried,
            "cpu_s_per_camera_hour_quiet": round(self.cpu_s_per_quiet_hour, 1),
            "cpu_s_per_camera_hour_busy": None if busy_hour is None else round(busy_hour, 1),
            **{f"{name}_{key}": value for name, leg in legs.items() for key, value in leg.items()},
        }

    def _of(self, leg: Leg) -> dict[str, Value]:
        latencies = leg.latencies_s
        cameras = leg.cameras.values()
        shares = {f"event_p{share:.0f}_s": share / 100 for share in (50, 95, 99)}
        return {
            "seconds": round(leg.seconds, 1),
            "cores": round(leg.cores, 3),
            "busy": round(leg.busy, 2),
            "awake": round(sum(sample.awake for sample in leg.samples) / max(len(leg.samples), 1), 2),
            "detections_fps": round(leg.detections_fps, 2),
            "strained": leg.strained,
            "late_percent_worst_camera": round(100 * max(camera.late_share for camera in cameras), 2),
            "behind_p95_worst_ten_seconds_s": round(max(camera.worst_behind_s for camera in cameras), 3),
            "events": len(latencies),
            **{key: round(percentile(latencies, share), 3) if latencies else None for key, share in shares.items()},
            "wanted": sum(camera.wanted for camera in leg.cameras.values()),
            "dropped": sum(camera.dropped for camera in leg.cameras.values()),
            "passed_over": sum(camera.passed_over for camera in leg.cameras.values()),
            "pss_mb": round(leg.pss_mb),
            "processes": leg.processes,
            "load_average": round(leg.load, 2),
        }

    def document(self) -> dict[str, object]:
        """The figures with what they were made of: samples and cameras."""
        legs = {"quiet": self.quiet, "mixed": self.mixed}
        return {
            **self.figures(),
            "samples": {name: [asdict(sample) for sample in leg.samples] for name, leg in legs.items()},
            "by_camera": {name: _by_camera(leg) for name, leg in legs.items()},
        }

    def table(self) -> Table:
        """For people."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("")
        table.add_column("nothing happens", justify="right")
        table.add_column(f"one in {self.footage.one_in} busy", justify="right")
        for row in self.rows():
            table.add_row(*row)
        return table

    def rows(self) -> list[tuple[str, str, str]]:
        """(what, quiet leg, mixed leg), in words and units."""
        quiet, mixed = self._of(self.quiet), self._of(self.mixed)
        busy = self.cpu_s_per_busy_hour
        cpu = (
            "CPU seconds per camera-hour",
            f"{self.cpu_s_per_quiet_hour:.0f}",
            "-" if busy is None else f"{busy:.0f}",
        )

        def pair(what: str, key: str, unit: str = "", digits: int = 2) -> tuple[str, str, str]:
            return what, _shown(quiet[key], unit, digits), _shown(mixed[key], unit, digits)

        return [
            ("cameras carried", _share(self.quiet), _share(self.mixed)),
            (f"{cpu[0]}, quiet / busy", cpu[1], cpu[2]),
            pair("processor cores in use", "cores"),
            pair("cameras with something moving", "busy", digits=1),
            pair("cameras decoded in full", "awake", digits=1),
            pair("detections a second", "detections_fps", digits=1),
            pair("more than 1 s behind, of the worst camera's looks", "late_percent_worst_camera", " %"),
            pair("behind, p95 of the worst ten seconds of any camera", "behind_p95_worst_ten_seconds_s", " s"),
            pair("cameras that were strained at some time", "strained", digits=0),
            *(pair(f"happening to event, p{p}", f"event_p{p}_s", " s") for p in (50, 95, 99)),
            pair("events measured", "events", digits=0),
            pair("pictures wanted by the detector", "wanted", digits=0),
            pair("  of them dropped", "dropped", digits=0),
            pair("pictures passed over", "passed_over", digits=0),
            pair("memory (PSS)", "pss_mb", " MB", 0),
            pair("processes", "processes", digits=0),
            pair("load average of the machine, highest", "load_average"),
        ]

    def plot(self) -> str:
        """The mixed leg over time, as SVG: cores in use, busy cameras, and how far behind the worst one is."""
        samples = self.mixed.samples
        title = f"{len(self.mixed.cameras)} cameras, one in {self.footage.one_in} busy, {self.mixed.detector}"
        return svg(
            title,
            [sample.at_s for sample in samples],
            [
                Panel("processor cores in use", [s.cores for s in samples], limit=float(os.cpu_count() or 1)),
                Panel("cameras with something moving", [float(s.busy) for s in samples]),
                Panel("seconds behind, worst camera", [s.behind_most_s for s in samples], limit=BEHIND_LIMIT_S),
            ],
        )


def _share(leg: Leg) -> str:
    return f"{leg.carried} of {len(leg.cameras)}"


def _by_camera(leg: Leg) -> dict[str, dict[str, Value]]:
    return {
        camera_id: {
            "looks": one.looks,
            "late": one.late,
            "worst_behind_s": one.worst_behind_s,
            "carried": one.is_carried,
            "reasons": "; ".join(sorted(one.reasons)),
            "wanted": one.wanted,
            "dropped": one.dropped,
            "passed_over": one.passed_over,
        }
        for camera_id, one in leg.cameras.items()
    }


def _shown(value: Value, unit: str, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}{unit}" if isinstance(value, int | float) else value


@dataclass(frozen=True, slots=True)
class Panel:
    """One curve. `limit`: a dashed line."""

    title: str
    values: Sequence[float]
    limit: float | None = None


_WIDTH, _PANEL, _LEFT, _RIGHT, _TOP = 760, 120, 52, 16, 34


def svg(title: str, at_s: Sequence[float], panels: Sequence[Panel]) -> str:
    """Curves over the same seconds, one below the other."""
    height = _TOP + _PANEL * len(panels) + 28
    end_s = max(at_s[-1], 1e-9) if at_s else 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{title}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _drawn(panel, at_s, end_s, _TOP + number * _PANEL)
    parts += [f'<text x="{_LEFT}" y="{height - 10}">0</text>']
    parts += [f'<text x="{_WIDTH - _RIGHT}" y="{height - 10}" text-anchor="end">{end_s:.0f} s</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def _drawn(panel: Panel, at_s: Sequence[float], end_s: float, top: int) -> list[str]:
    low, high = top + _PANEL - 18, top + 18
    most = max([*panel.values, panel.limit or 0.0, 1e-9]) * 1.05
    right = _WIDTH - _RIGHT

    def y(value: float) -> float:
        return low - value / most * (low - high)

    points = " ".join(
        f"{_LEFT + at / end_s * (right - _LEFT):.1f},{y(value):.1f}"
        for at, value in zip(at_s, panel.values, strict=True)
    )
    parts = [
        f'<text x="{_LEFT}" y="{top + 10}">{panel.title}</text>',
        f'<text x="{_LEFT - 6}" y="{high + 4}" text-anchor="end">{most:.1f}</text>',
        f'<text x="{_LEFT - 6}" y="{low + 4}" text-anchor="end">0</text>',
        f'<line x1="{_LEFT}" y1="{low}" x2="{right}" y2="{low}" stroke="#666"/>',
    ]
    if panel.limit is not None:
        at = f"{y(panel.limit):.1f}"
        parts.append(f'<line x1="{_LEFT}" y1="{at}" x2="{right}" y2="{at}" stroke="#b33" stroke-dasharray="5 4"/>')
    if points:
        parts.append(f'<polyline points="{points}" fill="none" stroke="#1668b8" stroke-width="1.5"/>')
    return parts


def machine() -> str:
    """One line on the machine the figures come from."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.processor() or "?")
    return f"{os.cpu_count()} cores ({model}), {psutil.virtual_memory().total / 2**30:.0f} GiB"


__all__ = ["Panel", "Report", "Sample", "svg"]
