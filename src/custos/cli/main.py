"""`custos`: the command line."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from custos import __version__
from custos.model.errors import CustosError


@dataclass(frozen=True, slots=True)
class Part:
    """Where a command, or a group of commands, is written, and what the list of commands says of it."""

    module: str
    attribute: str
    help: str


PARTS: Mapping[str, Part] = {
    "up": Part("up", "up", "Run everything on this machine: cameras, detection, incidents, console."),
    "down": Part("up", "down", "Stop the Custos that runs on a data directory."),
    "analyze": Part(
        "analyze",
        "analyze",
        "Detect, track and describe what happens in a recording: tracks, visits to zones, crossings of lines.",
    ),
    "simulate": Part(
        "simulate",
        "simulate",
        "Draw footage with exact truth, of a site that does not exist; or make up a month of its events.",
    ),
    "doctor": Part(
        "doctor", "doctor", "Check the machine, the model, codecs, disk, port and cameras, and say what to do."
    ),
    "discover": Part("discover", "discover", "Ask the local network which cameras and other ONVIF devices there are."),
    "models": Part(
        "models",
        "app",
        "Detection models: list them, get them, check them. They live in ~/.cache/custos/models, or where "
        "$CUSTOS_MODELS says.",
    ),
    "rules": Part("rules", "app", "Check, try and explain rules."),
    "eval": Part("evaluate", "app", "Score Custos against truth."),
    "import": Part("importing", "app", "Take events in from tables (CSV) of other systems."),
    "bench": Part("bench.command", "app", "Measure how much this machine carries."),
}
"""Every command. A part is read only when it is called: all of them together take seconds on a small machine."""


def whole(name: str) -> Any:
    """The command or group `name` of PARTS, read: one of typer's commands, whose types are private."""
    part = PARTS[name]
    found = getattr(importlib.import_module(f"custos.cli.{part.module}"), part.attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command


class Commands(TyperGroup):
    """`custos` itself: stand-ins for the list of commands, the command itself when it is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, part in PARTS.items():
            self.commands[name] = TyperCommand(name, help=part.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Read the part that is called."""
        if args and args[0] in PARTS:
            self.commands[args[0]] = whole(args[0])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="custos",
    cls=Commands,
    help="Turns the cameras, doors, tills and sensors of a site into one system that watches, understands and "
    "responds. Start with `custos up --demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
