"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from custos.model.errors import UsageError
from custos.model.site import DetectorChoice


def cache_dir() -> Path:
    """What can be had again: $XDG_CACHE_HOME/custos, or ~/.cache/custos."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "custos"


def data_path(chosen: Path | None, *, demo: bool = False) -> Path:
    """What must not be lost: `chosen`, or $CUSTOS_DATA, or ~/.local/share/custos; the demo's stands below that."""
    if chosen is not None:
        return chosen.absolute()
    base = Path(os.environ.get("CUSTOS_DATA") or Path.home() / ".local" / "share" / "custos")
    return base / "demo" if demo else base


def models_dir() -> Path:
    """Where models live: $CUSTOS_MODELS, or the user's cache."""
    chosen = os.environ.get("CUSTOS_MODELS")
    return Path(chosen) if chosen else cache_dir() / "models"


DetectorOption = Annotated[
    str | None,
    typer.Option(
        "--detector",
        metavar="NAME|FILE",
        help="A model of `custos models list`, or an ONNX file by its path.",
    ),
]
DetectorHashOption = Annotated[
    str | None,
    typer.Option("--detector-sha256", metavar="HASH", help="The hash that the ONNX file must have."),
]
ThreadsOption = Annotated[
    int,
    typer.Option("--threads", min=1, max=64, help="CPU threads for the detector.", show_default="2, or 1 on one core"),
]
DEFAULT_THREADS = min(2, os.cpu_count() or 1)


def detector_choice(name: str | None, sha256: str | None, configured: DetectorChoice) -> DetectorChoice:
    """What the options say, or else what the site file says."""
    if name is None:
        if sha256 is not None:
            raise UsageError("--detector-sha256 without --detector.", remedy="Name the file with --detector.")
        return configured
    if Path(name).suffix == ".onnx" or os.sep in name:
        return DetectorChoice(name, path=name, sha256=sha256)
    return DetectorChoice(name)
