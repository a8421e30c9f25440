"""The demo site: four clips, their truth and a site file, drawn once and kept.

demo = ensure_demo(directory, progress=show); demo.site_file
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkdtemp

from custos.model.errors import CustosError
from custos.simulate.clip import ClipRequest, clip_paths
from custos.simulate.devices import DEVICES_FILE, write_device_acts
from custos.simulate.drawing import Progress, draw_clips
from custos.simulate.render import Settings
from custos.simulate.scenes import SCENES
from custos.simulate.sitefile import write_site_file

_NO_DRAWING = ("devices.py", "episodes.py", "site.py", "sitefile.py")


@dataclass(frozen=True, slots=True)
class DemoSite:
    """Where the demo's files are.

    Args:
        directory: holds everything below.
        site_file: the site, to be opened like any other.
        clips: video by camera id.
        truth: what is in each frame, JSON lines, by camera id.
        mot: the same as MOTChallenge ground truth, by camera id.
        story: what happens, JSON lines, by camera id.
        devices: what doors and till tell in one round of the story, JSON lines.
        seconds: length of each clip.
        rendered: False when everything was already there.
        wall_s: how long it took.
    """

    directory: Path
    site_file: Path
    clips: dict[str, Path]
    truth: dict[str, Path]
    mot: dict[str, Path]
    story: dict[str, Path]
    devices: Path
    seconds: float
    rendered: bool
    wall_s: float


def ensure_demo(
    directory: Path, *, seconds: float = 240.0, seed: int = 7, progress: Progress | None = None
) -> DemoSite:
    """The demo site under `directory`, drawn by processes of low priority if it is not there yet.

    The folder's name carries a key of this program's drawing code and the parameters, so a newer version draws
    anew; it is moved into place when it is complete, so an interrupted run leaves no half site. Site file and what the
    devices tell are text, and are brought up to date without that.

    Raises:
        CustosError: the folder cannot be written, or a drawing process died.
    """
    started = time.monotonic()
    settings = Settings(seed=seed)
    place = directory / f"demo-{_content_key(settings, seconds)}"
    if (place / "site.yaml").is_file():
        _write_texts(place, settings)
        return _site(place, settings, seconds, rendered=False, wall_s=time.monotonic() - started)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        workshop = Path(mkdtemp(prefix=".demo-", dir=directory))
    except OSError as error:
        raise CustosError(f"the demo cannot be drawn: {error.strerror or error}.", where=str(directory)) from error
    try:
        draw_clips([ClipRequest(camera_id, workshop, seconds, settings) for camera_id in SCENES], progress)
        _write_texts(workshop, settings)
        _move(workshop, place)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return _site(place, settings, seconds, rendered=True, wall_s=time.monotonic() - started)


def _write_texts(place: Path, settings: Settings) -> None:
    """The site file, and what the devices tell; files that are as they should be stay untouched."""
    write_device_acts(place / f"{DEVICES_FILE}.part", settings.seed)
    write_site_file(place / "site.yaml.part", settings)
    for name in (DEVICES_FILE, "site.yaml"):
        part, file = place / f"{name}.part", place / name
        if file.is_file() and file.read_bytes() == part.read_bytes():
            part.unlink()
        else:
            part.replace(file)


def _move(workshop: Path, place: Path) -> None:
    try:
        workshop.rename(place)
    except OSError:
        # Another process finished the same site in the meantime: the same key is the same content.
        if not (place / "site.yaml").is_file():
            raise


def _site(place: Path, settings: Settings, seconds: float, *, rendered: bool, wall_s: float) -> DemoSite:
    clips = [clip_paths(camera_id, place, round(seconds * settings.fps)) for camera_id in SCENES]
    return DemoSite(
        directory=place,
        site_file=place / "site.yaml",
        clips={clip.camera_id: clip.video for clip in clips},
        truth={clip.camera_id: clip.truth for clip in clips},
        mot={clip.camera_id: clip.mot for clip in clips},
        story={clip.camera_id: clip.story for clip in clips},
        devices=place / DEVICES_FILE,
        seconds=seconds,
        rendered=rendered,
        wall_s=wall_s,
    )


def _content_key(settings: Settings, seconds: float) -> str:
    """Changes with the drawing code, that is with all that is not known to draw nothing, and with every parameter."""
    digest = hashlib.sha256(json.dumps([asdict(settings), seconds], default=str).encode())
    package = Path(__file__).parent
    for source in sorted(package.rglob("*.py")):
        if source.is_relative_to(package / "month") or source.name in _NO_DRAWING:
            continue
        digest.update(source.relative_to(package).as_posix().encode() + source.read_bytes())
    return digest.hexdigest()[:12]
