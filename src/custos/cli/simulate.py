"""`custos simulate`: footage with exact truth."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from custos.model.errors import CustosError, UsageError
from custos.simulate.clip import QUALITY, Clip, ClipRequest
from custos.simulate.conditions import Condition
from custos.simulate.devices import DEVICES_FILE, write_device_acts
from custos.simulate.drawing import draw_clips
from custos.simulate.month import MonthRequest, simulate_month, write_month
from custos.simulate.month.month import Month
from custos.simulate.month.pictures import Drawn, chosen, draw_pictures
from custos.simulate.month.premises import SITE_ID
from custos.simulate.month.writing import write_index
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.sitefile import write_site_file

CAMERAS = ", ".join(SCENES)


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the clips and their truth; made if need be.", metavar="DIR")],
    camera: Annotated[
        list[str] | None, typer.Option(help=f"Only this camera ({CAMERAS}); may be given again.", metavar="ID")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length; the story repeats after 240 s.")] = 240.0,
    seed: Annotated[int, typer.Option(min=0, help="Dresses the extras, shifts them a little, makes the grain.")] = 7,
    condition: Annotated[
        list[Condition] | None, typer.Option(help="Time of day or weather; may be given again.")
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames a second, 0.5 to 60.")] = 10.0,
    size: Annotated[str, typer.Option(help="Picture size, even numbers.", metavar="WxH")] = "640x360",
    bitrate: Annotated[
        int | None, typer.Option(help="Kilobits a second, instead of constant quality.", metavar="KBIT")
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(
            help=f"Instead of footage: all that the doors, cameras, tills, sensors and the panel of this site tell "
            f"({SITE_ID}), and what was true.",
            metavar="NAME",
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="With --site: how many days, 1 to 366.")] = 28,
    pictures: Annotated[
        int, typer.Option(min=0, max=200, help="With --site: draw clips of so many of its incidents.", metavar="N")
    ] = 0,
) -> None:
    """Draw footage with exact truth, of a site that does not exist; or make up a month of its events."""
    if site is not None:
        _month(site, days, seed, out, pictures)
        return
    if pictures:
        raise UsageError("--pictures is of a month's incidents.", remedy="Say which site: --site NAME.")
    settings = _settings(seed, fps, size, tuple(condition or ()))
    quality = QUALITY if bitrate is None else replace(QUALITY, bitrate_bps=_bits(bitrate))
    chosen = list(dict.fromkeys(camera or SCENES))
    requests = [ClipRequest(one, out, seconds, settings, quality) for one in chosen]
    _make_folder(out)
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("drawing", total=None)
        clips = draw_clips(requests, lambda done, total: progress.update(task, completed=done, total=total))
    site_file = None
    if set(chosen) == set(SCENES):
        site_file = out / "site.yaml"
        write_site_file(site_file, settings)
        write_device_acts(out / DEVICES_FILE, seed)
    _summary(clips, site_file, time.monotonic() - started)


def _month(site: str, days: int, seed: int, out: Path, pictures: int) -> None:
    if site != SITE_ID:
        raise UsageError(f"there is no site {site!r}.", remedy=f"The site is called {SITE_ID}.")
    try:
        request = MonthRequest(days, seed)
    except ValueError as error:
        raise UsageError(f"{error}.", remedy="See `custos simulate --help`.") from error
    _make_folder(out)
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("living through it", total=None)
        month = simulate_month(request, lambda done, total: progress.update(task, completed=done, total=total))
        progress.update(task, description="writing", total=None)
        try:
            files = write_month(month, out)
        except OSError as error:
            raise CustosError(f"the month cannot be written: {error.strerror or error}.", where=str(out)) from error
        drawn = _pictures(month, out, pictures, progress, task) if pictures else []
    console = Console(highlight=False)
    span, took_s = "a day" if days == 1 else f"{days} days", time.monotonic() - started
    console.print(f"{len(month.tellings)} events of {span} in {files.events}, {took_s:.0f} s")
    console.print(
        f"{len(month.truth)} incidents in {files.truth}; of the devices' own alarms {month.false_share():.1%} are false"
    )
    if drawn:
        console.print(f"{len(drawn)} of them as clips with exact truth, see {out / 'pictures.jsonl'}")
    console.print(f"the site: {files.site}", style="dim")


def _pictures(month: Month, out: Path, most: int, progress: Progress, task: TaskID) -> list[Drawn]:
    progress.update(task, description="drawing")
    truths = chosen(month.truth, most)
    drawn = draw_pictures(
        truths,
        out / "pictures",
        month.request.seed,
        lambda done, total: progress.update(task, completed=done, total=total),
    )
    write_index(drawn, out)
    return drawn


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CustosError(f"the folder cannot be made: {error.strerror or error}.", where=str(out)) from error


def _settings(seed: int, fps: float, size: str, conditions: tuple[Condition, ...]) -> Settings:
    width, _, height = size.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size must be WIDTHxHEIGHT, got {size!r}.", remedy="Write it like 640x360.")
    try:
        return Settings(seed, fps, int(width), int(height), conditions)
    except ValueError as error:
        raise UsageError(f"{error}.", remedy="See `custos simulate --help`.") from error


def _bits(kilobits: int) -> int:
    if not 10 <= kilobits <= 100_000:
        raise UsageError(f"--bitrate must lie in 10..100000 kbit/s, got {kilobits}.")
    return kilobits * 1000


def _summary(clips: list[Clip], site_file: Path | None, took_s: float) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("video")
    table.add_column("frames", justify="right")
    table.add_column("size", justify="right")
    for clip in clips:
        table.add_row(clip.video.name, str(clip.frames), f"{clip.video.stat().st_size / 1e6:.1f} MB")
    console = Console(highlight=False)
    console.print(table)
    console.print("beside each: .truth.jsonl (every frame), .gt.txt (MOTChallenge), .story.jsonl", style="dim")
    frames = sum(clip.frames for clip in clips)
    console.print(f"{frames} frames in {took_s:.1f} s, {frames / took_s:.0f} a second, in {clips[0].video.parent}")
    if site_file is not None:
        console.print(f"try: custos up --config {site_file}", style="dim")
