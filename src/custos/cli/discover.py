"""`custos discover`: ONVIF devices on the local network."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from custos.adapters.devices.discovery import discover as ask


def discover(
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="How long to wait for answers.")] = 4.0,
    interface: Annotated[
        str | None, typer.Option(help="Address of this machine from which to ask.", metavar="ADDRESS")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Ask the local network which cameras and other ONVIF devices there are."""
    found = asyncio.run(ask(wait_s=seconds, interface=interface))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    console = Console(highlight=False)
    if not found:
        console.print("nobody answered: is multicast let through, and is this machine in the cameras' network?")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("address", "name", "hardware", "location", "url"):
        table.add_column(heading)
    for one in found:
        table.add_row(one.address, one.name, one.hardware, one.location, one.url)
    console.print(table)
