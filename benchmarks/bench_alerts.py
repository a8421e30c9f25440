"""The shipped rules over months they were not developed on: recall, alerts a day, precision, against raw device alarms.

    .venv/bin/python benchmarks/bench_alerts.py [--seeds 101 102 103] [--days 28] [--folder DIR] [--processes 2] [--write]

Months that stand in --folder already are not made again. --write puts the tables into docs/alerts.md after every month
that is done, so that a run that is cut short leaves those it has, and says which.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from report_page import ROOT, write_section

from custos.assurance.alerts import AlertScore
from custos.cli.living import score_month
from custos.simulate.month import MonthRequest, simulate_month, write_month

PAGE = ROOT / "docs" / "alerts.md"


def month(seed: int, days: int, folder: Path) -> AlertScore:
    """Make the month, unless it is there, and live through it."""
    if not (folder / "month.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_month(simulate_month(MonthRequest(days, seed)), folder)
    return score_month(folder)


def tables(scores: Mapping[int, AlertScore], days: int) -> str:
    """Markdown: each month, then kinds and rules over all of them."""
    lines = [
        f"Seeds {', '.join(map(str, scores))}, {days} days each; `benchmarks/bench_alerts.py`.",
        "",
        "| seed | incidents | found | recall | alerts | a day | right | wrong a day | devices' own alarms | fewer |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for seed, one in scores.items():
        lines.append(f"| {seed} | {_month(one)} |")
    if len(scores) > 1:
        lines.append(f"| together | {_month(together(list(scores.values())))} |")
    total = together(list(scores.values()))
    lines += ["", "| kind | true | found | recall |", "|---|---|---|---|"]
    lines += [
        f"| {k} | {true} | {found} | {found / true:.0%} |" for k, (true, found) in _kinds(scores.values()).items()
    ]
    lines += ["", "| rule | alerts | right | precision |", "|---|---|---|---|"]
    lines += [f"| {r} | {n} | {right} | {right / n:.0%} |" for r, (n, right) in _rules(scores.values()).items()]
    for level in ("medium", "high"):
        wrong = sum(_weight(a.severity) >= _weight(level) for a in total.wrong)
        lines += ["", f"Wrong alerts of level {level} or more: {wrong / total.days:.1f} a day."]
    return "\n".join(lines)


def _weight(severity: str) -> int:
    return ("low", "medium", "high").index(severity)


def _month(one: AlertScore) -> str:
    cells = (
        f"{one.true}", f"{one.found}", f"{one.recall:.3f}", f"{one.alerts}", f"{one.alerts_a_day:.1f}",
        f"{one.precision:.1%}", f"{len(one.wrong) / one.days:.1f}", f"{one.raw_alarms}", f"{one.reduction:.1%}",
    )  # fmt: skip
    return " | ".join(cells)


def together(scores: Sequence[AlertScore]) -> AlertScore:
    """All months as one; kinds and rules are left to the tables."""
    return AlertScore(
        days=sum(s.days for s in scores),
        raw_alarms=sum(s.raw_alarms for s in scores),
        alerts=sum(s.alerts for s in scores),
        right=sum(s.right for s in scores),
        true=sum(s.true for s in scores),
        found=sum(s.found for s in scores),
        kinds=(),
        rules=(),
        missed=tuple(one for s in scores for one in s.missed),
        wrong=tuple(one for s in scores for one in s.wrong),
    )


def _kinds(scores: Iterable[AlertScore]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for score in scores:
        for kind in score.kinds:
            true, found = sums.get(kind.kind, (0, 0))
            sums[kind.kind] = (true + kind.true, found + kind.found)
    return dict(sorted(sums.items()))


def _rules(scores: Iterable[AlertScore]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for score in scores:
        for rule in score.rules:
            alerts, right = sums.get(rule.rule_id, (0, 0))
            sums[rule.rule_id] = (alerts + rule.alerts, right + rule.right)
    return dict(sorted(sums.items()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    scores: dict[int, AlertScore] = {}
    with tempfile.TemporaryDirectory() as scratch, ProcessPoolExecutor(arguments.processes) as pool:
        folder = arguments.folder or Path(scratch)
        jobs = {
            pool.submit(month, seed, arguments.days, folder / f"seed-{seed}-{arguments.days}d"): seed
            for seed in arguments.seeds
        }
        for job in as_completed(jobs):
            scores[jobs[job]] = job.result()
            text = tables(dict(sorted(scores.items())), arguments.days)
            print(text, flush=True)
            for one in scores[jobs[job]].missed:
                print(f"missed: {one.kind} at {one.start_at:%Y-%m-%d %H:%M:%S}, {', '.join(sorted(one.places))}")
            for alert in scores[jobs[job]].wrong:
                print(f"wrong: {alert.rule_id} at {alert.opened_at:%Y-%m-%d %H:%M:%S}: {alert.why}", flush=True)
            if arguments.write:
                write_section("alerts", text, PAGE)


if __name__ == "__main__":
    main()
