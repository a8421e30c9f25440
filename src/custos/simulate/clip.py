"""One camera's story into files: `render_clip(request, progress) -> Clip`. Each file appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import cv2

from custos.adapters.media.encode import H264Writer, Quality
from custos.model.errors import CustosError, UsageError
from custos.simulate.files import happenings, mot_lines, truth_line, write_story
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import Cover, Script, Story

FrameProgress = Callable[[int, int], None]
"""Called with frames done and frames in all."""
DEFAULT = Settings()
_EVERY = 20
QUALITY = Quality(crf=26, preset="ultrafast", gop_frames=10)
"""A key frame each second, so that a live picture starts at once."""


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """What to film, and where to put it.

    Args:
        camera_id: a key of SCENES.
        directory: exists; gets `<camera>.mp4`, `<camera>.truth.jsonl`, `<camera>.gt.txt`, `<camera>.story.jsonl`.
        seconds: length of the clip; it loops seamlessly at multiples of STORY_S.
        settings: how to film.
        quality: how to encode.
    """

    camera_id: str
    directory: Path
    seconds: float = 240.0
    settings: Settings = DEFAULT
    quality: Quality = QUALITY

    def __post_init__(self) -> None:
        if self.camera_id not in SCENES:
            raise UsageError(
                f"no simulated camera is called {self.camera_id!r}.", remedy=f"There are: {', '.join(SCENES)}."
            )
        if not 0 < self.seconds <= 86_400:
            raise UsageError(f"seconds must lie in 0..86400, got {self.seconds}.")

    @property
    def frames(self) -> int:
        return max(1, round(self.seconds * self.settings.fps))


@dataclass(frozen=True, slots=True)
class Clip:
    """The files of one camera."""

    camera_id: str
    video: Path
    truth: Path
    mot: Path
    story: Path
    frames: int


def clip_paths(camera_id: str, directory: Path, frames: int) -> Clip:
    """Where a camera's files lie in a directory."""
    named = [directory / f"{camera_id}{ending}" for ending in (".mp4", ".truth.jsonl", ".gt.txt", ".story.jsonl")]
    return Clip(camera_id, named[0], named[1], named[2], named[3], frames)


def render_clip(request: ClipRequest, progress: FrameProgress | None = None) -> Clip:
    """Draw and encode one camera's clip, with its truth.

    Raises:
        CustosError: a file cannot be written.
    """
    story = Story(request.settings.seed)
    return film_clip(request, story, story.covers, progress)


def film_clip(
    request: ClipRequest, script: Script, covers: Sequence[Cover] = (), progress: FrameProgress | None = None
) -> Clip:
    """The same of any script; `covers`: when somebody covers a lens.

    Raises:
        CustosError: a file cannot be written.
    """
    cv2.setNumThreads(1)
    clip = clip_paths(request.camera_id, request.directory, request.frames)
    scene = SCENES[request.camera_id]
    renderer = CameraRenderer(scene, script, request.settings, covers)
    try:
        with ExitStack() as stack:
            truth, mot = stack.enter_context(_Whole(clip.truth)), stack.enter_context(_Whole(clip.mot))
            video = stack.enter_context(_video(clip.video, request))
            for index in range(1, request.frames + 1):
                drawn = renderer.frame(index)
                video.write_i420(drawn.i420)
                truth.write(truth_line(drawn.truth) + "\n")
                rows = mot_lines(drawn.truth, request.settings.width_px, request.settings.height_px)
                mot.writelines(row + "\n" for row in rows)
                if progress is not None and (index % _EVERY == 0 or index == request.frames):
                    progress(index, request.frames)
        write_story(clip.story, happenings(script, scene, renderer.view), request.seconds)
    except OSError as error:
        raise CustosError(
            f"the clip cannot be written: {error.strerror or error}.",
            where=str(request.directory),
            remedy="Check that the folder exists, may be written to, and that the disk is not full.",
        ) from error
    return clip


def _video(path: Path, request: ClipRequest) -> H264Writer:
    settings = request.settings
    return H264Writer(
        path, width_px=settings.width_px, height_px=settings.height_px, fps=settings.fps, quality=request.quality
    )


class _Whole:
    """A text file that gets its name only when it is complete."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.{os.getpid()}.part")

    def __enter__(self) -> TextIO:
        self._file = self._part.open("w", encoding="utf-8")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)
