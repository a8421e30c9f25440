"""`custos`: the command line."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from custos import __version__
from custos.cli.analyze import analyze
from custos.cli.bench.command import app as bench_app
from custos.cli.discover import discover
from custos.cli.doctor import doctor
from custos.cli.evaluate import app as evaluate_app
from custos.cli.importing import app as import_app
from custos.cli.models import app as models_app
from custos.cli.rules import app as rules_app
from custos.cli.simulate import simulate
from custos.cli.up import down, up
from custos.model.errors import CustosError

app = typer.Typer(
    name="custos",
    help="Turns the cameras, doors, tills and sensors of a site into one system that watches, understands and "
    "responds. Start with `custos up --demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(down)
app.command()(analyze)
app.command()(simulate)
app.command()(doctor)
app.command()(discover)
app.add_typer(models_app, name="models")
app.add_typer(rules_app, name="rules")
app.add_typer(evaluate_app, name="eval")
app.add_typer(import_app, name="import")
app.add_typer(bench_app, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"custos {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; errors a person can act on end in one clear line."""
    try:
        app()
    except CustosError as error:
        _explain(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # whoever read our output has gone (`custos ... | head`); nothing more can be said
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _explain(error: CustosError) -> None:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    place = f"{error.where}: " if error.where else ""
    console.print(f"[bold red]error:[/] {_escaped(place + error.what)}")
    if error.remedy:
        console.print(f"  {_escaped(error.remedy)}", style="dim")


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
