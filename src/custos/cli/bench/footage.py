"""What the cameras of a benchmark show: `drawn(directory, one_in=10) -> Footage`, drawn once and kept.

The dock of the simulated site, in slots of 20 seconds: in one slot of `one_in` somebody comes, walks about and goes, in
the others nobody is there. Camera number i has its busy slot at i modulo `one_in`, so that always the same share of the
cameras is busy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2

from custos.adapters.media.encode import H264Writer
from custos.model.errors import CustosError, UsageError
from custos.model.site import Camera
from custos.simulate.clip import QUALITY, FrameProgress
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Story

SCENE = "dock"
SLOT_S = 20
QUIET_FROM_S, BUSY_FROM_S = 62, 85
"""In the story's time: nobody is at the dock; somebody comes there for 16 seconds."""
SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class Footage:
    """Cameras for two runs: in one nothing happens, in the other one in `one_in` is busy at a time."""

    quiet: tuple[Camera, ...]
    mixed: tuple[Camera, ...]
    one_in: int
    told: str

    @property
    def busy_cameras(self) -> float:
        """How many are busy at a time, on average."""
        return len(self.mixed) / self.one_in


def drawn(directory: Path, *, cameras: int, one_in: int, progress: FrameProgress | None = None) -> Footage:
    """The simulated dock, as often as there are cameras.

    Args:
        directory: of the cache.
        one_in: cameras of which one is busy at a time.
    Raises:
        CustosError: the files cannot be written.
    """
    folder = directory / f"dock-{_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        quiet, busy = _slots(folder, progress)
        phases = [_phase(folder, quiet, busy, busy_slot=n, slots=one_in) for n in range(min(one_in, cameras))]
    except OSError as error:
        raise CustosError(
            f"the footage cannot be written: {error.strerror or error}.",
            where=str(folder),
            remedy="Check that the folder may be written to and that the disk is not full.",
        ) from error
    scene = SCENES[SCENE]
    shown = scene.camera(str(quiet), scene.view(SETTINGS.width_px, SETTINGS.height_px))
    numbered = [replace(shown, id=f"cam-{n:03}", name=f"Camera {n}", loop=True) for n in range(cameras)]
    mixed = [replace(camera, url=str(phases[n % one_in])) for n, camera in enumerate(numbered)]
    told = f"the simulated dock, {SETTINGS.width_px}x{SETTINGS.height_px}, {SETTINGS.fps:g} fps, one in {one_in} busy"
    return Footage(tuple(numbered), tuple(mixed), one_in, told)


def given(quiet: Path, busy: Path, *, cameras: int, one_in: int) -> Footage:
    """Two recordings: every `one_in`-th camera plays the busy one, the others the quiet one."""
    for file in (quiet, busy):
        if not file.is_file():
            raise UsageError("there is no such file.", where=str(file))
    ids = [f"cam-{n:03}" for n in range(cameras)]
    calm = tuple(Camera(one, one, str(quiet.absolute()), loop=True) for one in ids)
    mixed = tuple(
        replace(camera, url=str(busy.absolute())) if n % one_in == 0 else camera for n, camera in enumerate(calm)
    )
    return Footage(calm, mixed, one_in, f"{quiet.name}, and {busy.name} on one camera in {one_in}")


def _digest() -> str:
    """Changes with what is drawn."""
    told = repr((SETTINGS, QUALITY, SCENE, SLOT_S, QUIET_FROM_S, BUSY_FROM_S))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _slots(folder: Path, progress: FrameProgress | None) -> tuple[Path, Path]:
    cv2.setNumThreads(1)
    renderer = CameraRenderer(SCENES[SCENE], Story(SETTINGS.seed), SETTINGS)
    frames = round(SLOT_S * SETTINGS.fps)
    paths = (folder / "quiet.mp4", folder / "busy.mp4")
    for number, (path, from_s) in enumerate(zip(paths, (QUIET_FROM_S, BUSY_FROM_S), strict=True)):
        if path.exists():
            continue
        first = round(from_s * SETTINGS.fps) + 1
        size = {"width_px": SETTINGS.width_px, "height_px": SETTINGS.height_px}
        with H264Writer(path, **size, fps=SETTINGS.fps, quality=QUALITY) as out:
            for index in range(first, first + frames):
                out.write_i420(renderer.frame(index).i420)
                if progress is not None:
                    progress(number * frames + index - first + 1, 2 * frames)
    return paths


def _phase(folder: Path, quiet: Path, busy: Path, *, busy_slot: int, slots: int) -> Path:
    """So many slots, one of them busy; the same packets, one after the other."""
    path = folder / f"{busy_slot + 1}-of-{slots}.mp4"
    if not path.exists():
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        _joined([busy if slot == busy_slot else quiet for slot in range(slots)], part)
        part.replace(path)
    return path


def _joined(clips: Sequence[Path], target: Path) -> None:
    with av.open(str(target), "w", format="mp4") as output:
        stream = None
        for number, clip in enumerate(clips):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                stream = stream or output.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.size and packet.pts is not None and packet.dts is not None:
                        shift = round(Fraction(number * SLOT_S) / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        output.mux(packet)
