"""Decoding what activity asks for against decoding everything: the same clips, the same detector, events compared.

    .venv/bin/python benchmarks/bench_recall.py [--detector FILE --detector-sha256 HASH] [--seconds 120] [--write]

Clips: the four cameras of the simulated site as drawn (a key frame a second), the dock with a key frame every 25 s, at
a constant bit rate, and as H.265; and the real clips, where they are there. An event is found again when one of the
same type, zone or line is told within a second of it. --write puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import cv2
from report_page import ROOT, write_section

from custos.adapters.detectors.opening import open_detector
from custos.adapters.sitefile.reader import read_site
from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.cli.options import detector_choice, models_dir
from custos.model.event import Event
from custos.model.site import Camera, DetectorChoice
from custos.pipeline.analysis import Analysis, Summary
from custos.pipeline.ports import Detector
from custos.simulate.clip import ClipRequest, render_clip
from custos.simulate.scenes import SCENES

AT = datetime(2026, 1, 1, tzinfo=UTC)
COMPARED = ("track.started", "zone.entered", "zone.left", "zone.loitered", "line.crossed")
WITHIN = timedelta(seconds=1.0)
AGAIN: dict[str, tuple[str, dict[str, str]]] = {
    "dock, key frame every 25 s": ("libx264", {"g": "250", "bf": "0", "crf": "26"}),
    "dock, constant 400 kbit/s": (
        "libx264",
        {"g": "20", "bf": "0", "b": "400k", "minrate": "400k", "maxrate": "400k", "bufsize": "200k"},
    ),
    "dock, H.265": ("libx265", {"g": "20", "x265-params": "bframes=0:log-level=error:pools=1"}),
}


@dataclass(frozen=True)
class Run:
    """One way of walking one clip."""

    events: list[Event]
    summary: Summary
    cpu_s: float


def run(video: Path, camera: Camera, detector: Detector, *, every_picture: bool) -> Run:
    ids = itertools.count()
    began = time.process_time()
    analysis = Analysis(
        FileSource(video, camera.id, AT),
        PacketDecoder,
        detector,
        camera,
        site_id="bench",
        session="s",
        new_id=lambda: f"e{next(ids)}",
        every_picture=every_picture,
    )
    events = [event for step in analysis for event in step.events if event.type in COMPARED]
    return Run(events, analysis.summary, time.process_time() - began)


def found_again(expected: Sequence[Event], found: Sequence[Event]) -> int:
    """How many of the expected events have one of their kind among the found, each used once."""
    left = list(found)
    count = 0
    for event in expected:
        near = [one for one in left if _kind(one) == _kind(event) and abs(one.at - event.at) <= WITHIN]
        if near:
            left.remove(min(near, key=lambda one: abs(one.at - event.at)))
            count += 1
    return count


def _kind(event: Event) -> tuple[str, object, object]:
    return event.type, event.data.get("zone_id"), event.data.get("line_id")


def encoded_again(clip: Path, target: Path, codec: str, options: dict[str, str]) -> Path:
    with av.open(str(clip)) as source, av.open(str(target), "w") as output:
        stream = output.add_stream(codec, rate=10, options={"preset": "ultrafast", **options})
        assert isinstance(stream, av.VideoStream)
        video = source.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for index, frame in enumerate(source.decode(video)):
            frame.pts, frame.pict_type = index, av.video.frame.PictureType.NONE
            frame.time_base = Fraction(1, 10)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target


def clips(folder: Path, seconds: float) -> list[tuple[str, Path, Camera]]:
    made = []
    for camera_id, scene in SCENES.items():
        clip = render_clip(ClipRequest(camera_id, folder, seconds))
        made.append((f"{camera_id} (simulated)", clip.video, scene.camera(str(clip.video), scene.view(640, 360))))
    dock = next(one for one in made if one[0].startswith("dock"))
    for number, (name, (codec, options)) in enumerate(AGAIN.items()):
        made.append((name, encoded_again(dock[1], folder / f"again-{number}.mp4", codec, options), dock[2]))
    footage = ROOT.parent / "shared" / "footage"
    if (footage / "one-by-one.mp4").exists():
        table = read_site(ROOT / "examples" / "one-by-one.yaml").cameras[0]
        made.append(("one-by-one (real)", footage / "one-by-one.mp4", table))
        made.append(("PETS S2.L1 (real)", footage / "pets-s2l1.mp4", Camera("pets", "PETS", "-")))
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--detector")
    parser.add_argument("--detector-sha256")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    choice = detector_choice(arguments.detector, arguments.detector_sha256, DetectorChoice())
    detector = open_detector(choice, models_dir(), 1)
    lines = [
        f"Detector: `{detector.name}`.",
        "",
        "| clip | events, decoding all | found again | told besides | pictures walked | CPU seconds |",
        "|---|---|---|---|---|---|",
    ]
    total = again = 0
    with tempfile.TemporaryDirectory() as text:
        for name, video, camera in clips(Path(text), arguments.seconds):
            whole = run(video, camera, detector, every_picture=True)
            less = run(video, camera, detector, every_picture=False)
            hits = found_again(whole.events, less.events)
            total, again = total + len(whole.events), again + hits
            walked = f"{less.summary.frames} of {whole.summary.frames}"
            cpu = f"{less.cpu_s:.1f} against {whole.cpu_s:.1f}"
            besides = len(less.events) - hits
            lines.append(f"| {name} | {len(whole.events)} | {hits} | {besides} | {walked} | {cpu} |")
            print(lines[-1], flush=True)
    lines += ["", f"Together {again} of {total} events are found again."]
    print(lines[-1])
    if arguments.write:
        write_section("recall", "\n".join(lines))


if __name__ == "__main__":
    main()
