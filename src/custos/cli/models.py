"""`custos models`: which detection models are here, getting them, and checking them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

from custos.adapters.detectors import fetching
from custos.adapters.detectors.registry import ModelStatus, Registry
from custos.cli.options import models_dir
from custos.model.errors import CustosError, UsageError
from custos.model.event import Json

app = typer.Typer(
    help="Detection models: list them, get them, check them. "
    "They live in ~/.cache/custos/models, or where $CUSTOS_MODELS says.",
    no_args_is_help=True,
    add_completion=False,
)

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Models of `custos models list`.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON, for machines.")]


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """Show the models that Custos knows, best first."""
    registry = Registry(models_dir())
    statuses = registry.list()
    if as_json:
        _write_json(statuses)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "family", "input", "classes", "licence"):
        table.add_column(heading)
    table.add_column("size", justify="right")
    table.add_column("here")
    for status in statuses:
        entry = status.entry
        size = f"{entry.size_bytes / 1e6:.1f} MB"
        side = f"{entry.input_px} px"
        table.add_row(entry.name, entry.family, side, entry.classes, entry.licence, size, _state(status))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\nin {escape(str(registry.directory))}", style="dim", soft_wrap=True)


@app.command()
def pull(
    names: NamesArgument = None,
    everything: Annotated[bool, typer.Option("--all", help="Every model.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Get models. Without a name: the best one that can be had, unless one is here already."""
    if names and everything:
        raise UsageError("--all and names exclude each other.", remedy="Give one of them.")
    registry = Registry(models_dir())
    with _watched() as (log, progress):
        if names or everything:
            ready = _pull_each(registry, names or registry.manifest.names, log, progress)
        else:
            ready = [_pull_best(registry, log, progress)]
    if as_json:
        _write_json(ready)
    for status in ready if not as_json else ():
        typer.echo(f"{status.entry.name} is ready: {status.path}")


@app.command()
def verify(names: NamesArgument = None, as_json: JsonOption = False) -> None:
    """Compute hashes anew: of the named models, or of all that are here. Status 1 if one is wrong."""
    registry = Registry(models_dir())
    statuses = [registry.verify(name) for name in names] if names else registry.list()
    checked = statuses if names else [status for status in statuses if status.present]
    if as_json:
        _write_json(checked)
    else:
        console = Console(highlight=False)
        for status in checked:
            hashes = "" if status.verified else f" {status.sha256}, expected {status.entry.sha256}"
            console.print(f"{status.entry.name}: {_state(status)}{hashes}", soft_wrap=True)
    bad = [status.entry.name for status in checked if not status.verified]
    if bad:
        raise CustosError(
            f"not as they should be: {', '.join(bad)}.",
            where=str(registry.directory),
            remedy=f"Run `custos models pull {' '.join(bad)}`: it replaces what is wrong.",
        )
    if not checked:
        raise CustosError("no model is here.", where=str(registry.directory), remedy="Run `custos models pull`.")


def _pull_best(registry: Registry, log: Console, progress: fetching.Progress) -> ModelStatus:
    present = registry.best_present()
    if present is not None:
        return present
    reasons: list[str] = []
    for name in registry.manifest.names:
        try:
            return registry.pull(name, progress)
        except CustosError as error:
            reasons.append(error.what)
            log.print(f"[dim]{escape(error.what)} Trying the next model.[/]", soft_wrap=True)
    raise CustosError(
        f"no model could be had: {' '.join(reasons)}",
        remedy="Look at the network and at npm, then run `custos models pull` again: it goes on from there.",
    )


def _pull_each(
    registry: Registry, names: Sequence[str], log: Console, progress: fetching.Progress
) -> list[ModelStatus]:
    for name in names:
        registry.entry(name)  # a wrong name is told before anything is fetched
    ready: list[ModelStatus] = []
    failures: list[CustosError] = []
    for name in names:
        try:
            ready.append(registry.pull(name, progress))
        except CustosError as error:
            failures.append(error)
            log.print(f"[yellow]{escape(error.what)}[/]", soft_wrap=True)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise CustosError(f"{len(failures)} of {len(names)} models could not be had.", remedy=failures[0].remedy)
    return ready


@contextmanager
def _watched() -> Iterator[tuple[Console, fetching.Progress]]:
    """A console for notes and a callback for steps; both write to standard error. On a terminal: a bar."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield console, _LineProgress(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[model]}: {task.description}"),
        BarColumn(),
        _Amount(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield console, _BarProgress(bar)


class _Amount(DownloadColumn):
    """Bytes so far, where anybody counts them."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.total else Text("")


class _LineProgress:
    """A line per step, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""

    def __call__(self, step: fetching.Step) -> None:
        line = f"{step.model}: {step.doing}"
        if line != self._last:
            self._console.print(escape(line), soft_wrap=True)
        self._last = line


class _BarProgress:
    """A bar per model, each with what is being done now."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: fetching.Step) -> None:
        if step.model not in self._tasks:
            self._tasks[step.model] = self._bar.add_task(step.doing, model=step.model, total=step.total_bytes)
        self._bar.update(
            self._tasks[step.model],
            description=escape(step.doing),
            completed=step.done_bytes,
            total=step.total_bytes,
        )


def _state(status: ModelStatus) -> str:
    if status.verified:
        return "[green]yes, verified[/]"
    if status.present:
        return "[bold red]wrong hash[/]"
    return "[dim]no[/]"


def _write_json(statuses: Sequence[ModelStatus]) -> None:
    rows: list[Json] = [
        {
            "name": status.entry.name,
            "family": status.entry.family,
            "licence": status.entry.licence,
            "input_px": status.entry.input_px,
            "size_bytes": status.entry.size_bytes,
            "sha256": status.entry.sha256,
            "path": str(status.path),
            "present": status.present,
            "verified": status.verified,
        }
        for status in statuses
    ]
    typer.echo(json.dumps(rows, indent=2))
