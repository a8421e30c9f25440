"""`custos doctor`: is all that Custos leans on here in order, and what is to be done where it is not?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from custos.cli import checks
from custos.cli.checks import Finding, State
from custos.cli.options import DEFAULT_THREADS, data_path, models_dir
from custos.model.site import DetectorChoice

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


def doctor(
    config: Annotated[Path | None, typer.Option(help="Check this site file and its cameras too.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where Custos keeps, or will keep, its data.")] = None,
    host: Annotated[str, typer.Option(help="The address that the console is to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The console's port.")] = 8420,
    timeout: Annotated[float, typer.Option(min=1, max=120, help="Seconds that a camera has to answer.")] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check the machine, the model, codecs, disk, port and cameras, and say what to do.

    Ends with status 1 when something must be mended before Custos can work here.
    """
    console = Console(highlight=False)
    folder = data_path(data_dir)
    if as_json:
        findings = list(_examine(config, folder, host, port, timeout))
        typer.echo(_as_json(findings))
    else:
        with console.status("Looking at this machine ..."):
            findings = list(_examine(config, folder, host, port, timeout))
        _print(console, findings)
    if any(one.state is State.FAIL for one in findings):
        raise typer.Exit(1)


def _examine(config: Path | None, data_dir: Path, host: str, port: int, timeout_s: float) -> Iterator[Finding]:
    yield from checks.check_machine()
    checked = checks.check_site(config) if config else None
    site = checked.site if checked else None
    yield from checks.check_model(models_dir(), site.detector if site else DetectorChoice(), DEFAULT_THREADS)
    yield from checks.check_codecs()
    yield from checks.check_disk(data_dir)
    yield checks.check_port(host, port)
    if checked:
        yield from checked.findings
    if site:
        yield from checks.check_cameras(site.cameras, timeout_s)


def _as_json(findings: Sequence[Finding]) -> str:
    rows = [
        {"subject": one.subject, "state": one.state.value, "found": one.found, "remedy": one.remedy} for one in findings
    ]
    healthy = all(one.state is not State.FAIL for one in findings)
    return json.dumps({"healthy": healthy, "findings": rows}, indent=2)


def _print(console: Console, findings: Sequence[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("what", style="bold", no_wrap=True)
    table.add_column("found")
    for one in findings:
        found = escape(one.found)
        if one.remedy:
            found += f"\n[dim]-> {escape(one.remedy)}[/]"
        table.add_row(f"[{_COLOURS[one.state]}]{one.state.value:>4}[/]", one.subject, found)
    console.print(table)
    failed = sum(one.state is State.FAIL for one in findings)
    warned = sum(one.state is State.WARN for one in findings)
    console.print()
    if failed:
        console.print(f"[red]{failed} must be mended[/] before Custos can work here.")
    elif warned:
        console.print(f"[yellow]Custos works here;[/] {warned} could be better.")
    else:
        console.print("[green]All is well.[/]")
