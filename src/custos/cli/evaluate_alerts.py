"""`custos eval alerts`: the rules over months that never happened, against what was true of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from custos.assurance.alerts import AlertScore
from custos.cli.living import score_month


def alerts(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders that `custos simulate --site` has written.", metavar="FOLDER...")
    ],
    misses: Annotated[bool, typer.Option("--misses", help="List every incident that no alert found.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="List every alert that found nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Recall of scripted incidents, alerts a day, precision of each rule, and how much less that is than the devices'
    own alarms."""
    scores = [_watched(folder, quiet=as_json) for folder in folders]
    if as_json:
        shown = [{"folder": str(f), **_numbers(s), **asdict(s)} for f, s in zip(folders, scores, strict=True)]
        typer.echo(json.dumps(shown, indent=2, default=_plain))
        return
    for folder, score in zip(folders, scores, strict=True):
        _print(folder, score, misses=misses, wrong=wrong)


def _numbers(score: AlertScore) -> dict[str, float]:
    return {
        "recall": score.recall,
        "precision": score.precision,
        "alerts_a_day": score.alerts_a_day,
        "reduction": score.reduction,
    }


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _watched(folder: Path, *, quiet: bool) -> AlertScore:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("living through it", total=None)
        return score_month(folder, lambda done, total: progress.update(task, completed=done, total=total))


def _print(folder: Path, score: AlertScore, *, misses: bool, wrong: bool) -> None:
    console = Console(highlight=False)
    console.print(
        f"[bold]{folder}[/bold]: {score.found} of {score.true} incidents found, recall {score.recall:.3f}; "
        f"{score.alerts} alerts in {score.days:.0f} days, {score.alerts_a_day:.1f} a day, "
        f"{score.precision:.1%} of them right; the devices' own alarms: {score.raw_alarms}, {score.reduction:.1%} fewer"
    )
    kinds = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("kind", "true", "found", "seconds to the alert"):
        kinds.add_column(column, justify="left" if column == "kind" else "right")
    for kind in score.kinds:
        kinds.add_row(
            kind.kind, str(kind.true), str(kind.found), "–" if kind.delay_s is None else f"{kind.delay_s:.0f}"
        )
    rules = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("rule", "alerts", "right", "precision"):
        rules.add_column(column, justify="left" if column == "rule" else "right")
    for rule in score.rules:
        rules.add_row(rule.rule_id, str(rule.alerts), str(rule.right), f"{rule.precision:.0%}")
    console.print(kinds)
    console.print(rules)
    for one in score.missed if misses else ():
        console.print(f"missed: {one.kind} at {one.start_at:%Y-%m-%d %H:%M:%S}, {', '.join(sorted(one.places))}")
    for alert in score.wrong if wrong else ():
        told = sorted({place for place, _ in alert.told})
        when = f"{alert.opened_at:%Y-%m-%d %H:%M:%S}"
        console.print(f"wrong: {alert.rule_id} at {when}, {', '.join(told)}: {alert.why}")
