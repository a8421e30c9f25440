"""`custos bench`: how much this machine carries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from custos.cli.bench.footage import Footage, drawn, given
from custos.cli.bench.report import Report
from custos.cli.bench.running import measure
from custos.cli.options import (
    DEFAULT_THREADS,
    DetectorHashOption,
    DetectorOption,
    ThreadsOption,
    cache_dir,
    detector_choice,
    models_dir,
)
from custos.model.errors import CustosError, UsageError
from custos.model.site import DetectorChoice
from custos.simulate.clip import FrameProgress

app = typer.Typer(help="Measure how much this machine carries.", no_args_is_help=True, add_completion=False)


@app.callback()
def _root() -> None:
    pass


@app.command()
def pipeline(
    cameras: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 16,
    one_in: Annotated[
        int, typer.Option("--one-in", min=1, max=100, help="One camera in so many is busy at a time.")
    ] = 10,
    seconds: Annotated[float, typer.Option(min=5, max=86_400, help="Measured, of each of the two runs.")] = 60.0,
    warm_up: Annotated[float, typer.Option("--warm-up", min=0, max=3600, help="Seconds before that.")] = 20.0,
    quiet: Annotated[Path | None, typer.Option(help="A recording in which nothing happens.", metavar="FILE")] = None,
    busy: Annotated[Path | None, typer.Option(help="A recording in which much happens.", metavar="FILE")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write curves over time here (SVG).", metavar="FILE")] = None,
    detector: DetectorOption = None,
    detector_sha256: DetectorHashOption = None,
    threads: ThreadsOption = DEFAULT_THREADS,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """How many cameras this machine carries: a real worker, paced cameras, first all quiet, then some of them busy.

    Without --quiet and --busy the cameras show the simulated dock, drawn once.
    """
    choice = detector_choice(detector, detector_sha256, DetectorChoice())
    if choice.path is not None:
        choice = DetectorChoice(choice.name, str(Path(choice.path).absolute()), choice.sha256, choice.family)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[leg]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("drawing the footage, once", total=None, leg="")

        def told(what: str, done: float, total: float) -> None:
            bar.update(task, description=what, completed=done, total=total)

        footage = _footage(
            quiet,
            busy,
            cameras=cameras,
            one_in=one_in,
            progress=lambda done, total: told("drawing the footage, once", done, total),
        )
        legs = []
        for name, shown in (("nothing happens", footage.quiet), (f"one in {one_in} busy", footage.mixed)):
            bar.update(task, leg=name)
            legs.append(
                measure(
                    shown,
                    choice=choice,
                    models=models_dir(),
                    threads=threads,
                    warm_up_s=warm_up,
                    seconds=seconds,
                    told=told,
                )
            )
    report = Report(footage, *legs)
    if plot is not None:
        _write(plot, report.plot())
    if as_json:
        typer.echo(json.dumps(report.document(), indent=2))
        return
    console = Console(highlight=False)
    console.print(f"{report.mixed.detector}; {footage.told}")
    console.print(report.table())
    console.print(f"{seconds:.0f} s each, on {report.figures()['machine']}", style="dim")


def _footage(quiet: Path | None, busy: Path | None, *, cameras: int, one_in: int, progress: FrameProgress) -> Footage:
    if (quiet is None) != (busy is None):
        raise UsageError("--quiet and --busy go together.", remedy="Give both, or neither for simulated footage.")
    if quiet is not None and busy is not None:
        return given(quiet, busy, cameras=cameras, one_in=one_in)
    return drawn(cache_dir() / "bench", cameras=cameras, one_in=one_in, progress=progress)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise CustosError(f"the plot cannot be written: {error.strerror}.", where=str(path)) from error
