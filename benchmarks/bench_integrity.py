"""Attacks on cameras: seconds to the event for each act and clip, and false alarms in an hour of light and weather.

    .venv/bin/python benchmarks/bench_integrity.py [--footage DIR] [--only acts|hour|picture] [--write docs/integrity.md]
        [--keep DIR] [--full-rate CAMERA ...] [--processes 2]

Acts are done to decoded pictures, which are then coded again (H.264) as the camera's stream would be; freezing and
looping are also done to the decoded pictures alone, as by whoever repeats packets. Real clips are third-party material
and not part of this repository: without the folder the simulated ones are measured alone. --write replaces all that
stands between the page's marks. What has been measured of a clip is kept (in the cache, or in --keep DIR) as long as
neither the watch nor the simulator changes, so that an interrupted run goes on with the next clip; the coded hours are
kept as well, which take minutes to draw, so that a changed threshold is tried against them in seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path

import av
import cv2
import numpy as np
from demo_site import machine
from kept import Kept, kept_in, side_by_side
from report_page import ROOT, write_section

from custos.model.frame import Image
from custos.simulate.attacks import Attack, Strength, attacked
from custos.simulate.conditions import Condition
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story
from custos.testing.coding import Coded, decoded
from custos.vision.integrity import CameraSighting, IntegrityWatch

START = datetime(2026, 1, 1, tzinfo=UTC)
FPS = 10
ACT_S, AFTER_S = 22.0, 12.0
SIZE = (320, 180)
"""Of the drawn pictures: a quarter of the work."""
REAL = {"PETS": "pets-s2l1.mp4", "one by one": "one-by-one.mp4"}
ACTS: dict[Attack, str] = {
    Attack.COVER: "camera.covered",
    Attack.BLIND_DARK: "camera.blinded",
    Attack.BLIND_BRIGHT: "camera.blinded",
    Attack.DEFOCUS: "camera.defocused",
    Attack.SHIFT: "camera.moved",
    Attack.TURN: "camera.moved",
    Attack.AWAY: "camera.moved",
    Attack.OBSTRUCT: "camera.obstructed",
    Attack.FREEZE: "camera.frozen",
    Attack.LOOP: "camera.replayed",
}
ROUNDS: tuple[tuple[Condition, ...], ...] = (
    (),
    (Condition.DAYLIGHT,),
    (Condition.LIGHTS,),
    (Condition.RAIN,),
    (Condition.NIGHT, Condition.HEADLIGHTS),
    (Condition.EXPOSURE,),
    (Condition.DAYLIGHT, Condition.RAIN),
    (Condition.NIGHT, Condition.RAIN, Condition.HEADLIGHTS),
    (Condition.LIGHTS, Condition.EXPOSURE),
    (Condition.DUSK, Condition.HEADLIGHTS),
    (Condition.DAYLIGHT, Condition.EXPOSURE),
    (Condition.NIGHT, Condition.LIGHTS),
    (Condition.RAIN, Condition.EXPOSURE),
    (Condition.DUSK, Condition.LIGHTS),
    (Condition.DAYLIGHT,),
)
"""Four minutes each, fifteen times: an hour. From one to the next the weather changes at once."""


def drawn(camera_id: str, seconds: float, conditions: tuple[Condition, ...] = (), first: int = 0) -> Iterator[Image]:
    """Lumas of a simulated camera."""
    settings = Settings(fps=FPS, width_px=SIZE[0], height_px=SIZE[1], conditions=conditions)
    renderer = CameraRenderer(SCENES[camera_id], Story(settings.seed), settings)
    for number in range(round(seconds * FPS)):
        yield renderer.frame(first + number + 1).i420[: settings.height_px].copy()


def recorded(path: Path, pictures: int | None = None) -> Iterator[Image]:
    """Lumas of a file, or of its first pictures."""
    with av.open(str(path)) as video:
        for frame in islice(video.decode(video=0), pictures):
            yield np.from_dlpack(frame.planes[0]).astype(np.uint8)


def watched(
    lumas: Iterable[Image], sizes: Sequence[int] = (), *, fps: float = FPS, at_s: Callable[[int], float] | None = None
) -> tuple[list[CameraSighting], float]:
    """What is said of the pictures, and what that took, milliseconds of processor time for each."""
    watch, said, spent_s, number = IntegrityWatch(), list[CameraSighting](), 0.0, 0
    for number, luma in enumerate(lumas):
        at = START + timedelta(seconds=at_s(number) if at_s else number / fps)
        began_s = time.process_time()
        watch.packet(sizes[number] if number < len(sizes) else 4000, at)
        said += watch.update(luma, at)
        spent_s += time.process_time() - began_s
    return said, spent_s * 1000 / (number + 1)


@dataclass(frozen=True)
class Told:
    """One act on one clip: seconds to the event (None: not told), and what else was said."""

    act: str
    clip: str
    after_s: float | None
    others: list[str]


def told(act: str, clip: str, kind: str, said: Sequence[CameraSighting]) -> Told:
    hits = [seconds_of(s) - ACT_S for s in said if s.type == kind and seconds_of(s) >= ACT_S]
    others = [s.type for s in said if s.type != kind]
    return Told(act, clip, round(hits[0], 1) if hits else None, others)


def seconds_of(sighting: CameraSighting) -> float:
    return (sighting.at - START).total_seconds()


def acts_on(clip: str, clean: list[Image]) -> Iterator[Told]:
    """Every act on one clip."""
    fresh = len(clean)
    for attack, kind in ACTS.items():
        coded = Coded(FPS)
        pictures = coded.pictures(attacked(clean[:fresh], attack, fps=FPS, from_s=ACT_S))
        yield told(f"{attack}, coded anew", clip, kind, watched_coded(pictures, coded))
    for attack in (Attack.FREEZE, Attack.LOOP):
        exact = list(attacked(Coded(FPS).pictures(clean), attack, fps=FPS, from_s=ACT_S))
        yield told(f"{attack}, packets repeated", clip, ACTS[attack], watched(exact)[0])
    yield from degradations(clip, clean)


def watched_coded(pictures: Iterable[Image], coded: Coded) -> list[CameraSighting]:
    return watched(list(pictures), coded.sizes)[0]


def degradations(clip: str, clean: list[Image]) -> Iterator[Told]:
    act = round(ACT_S * FPS)
    coded = Coded(FPS)
    pictures = list(coded.pictures(clean))
    slow = [*range(act), *range(act, len(clean), 4)]
    said, _ = watched([pictures[n] for n in slow], [coded.sizes[n] for n in slow], at_s=lambda n: slow[n] / FPS)
    yield told("frame rate to a quarter", clip, "camera.degraded", said)
    usual_bps = sum(coded.sizes[:act]) * 8 / ACT_S
    starved = Coded(FPS, bitrate_bps=max(round(usual_bps * 0.15), 12_000))
    late = list(starved.pictures(clean[act:]))
    said, _ = watched([*pictures[:act], *late], [*coded.sizes[:act], *starved.sizes])
    yield told("bitrate to a seventh", clip, "camera.degraded", said)


def coded_hour(camera_id: str, fps: float, keep: Path) -> list[bytes]:
    """Some tens of megabytes."""
    kept = Kept("integrity-hours", "simulate", folder=keep).path(f"{camera_id}-{fps:g}.npz")
    if kept.is_file():
        with np.load(kept) as there:
            ends = np.cumsum(there["sizes"])
            data = there["data"].tobytes()
        return [
            data[end - size : end] for end, size in zip(ends.tolist(), np.diff(ends, prepend=0).tolist(), strict=True)
        ]
    packets = list(Coded(fps, gop=max(round(fps), 1)).packets(hour_of_lumas(camera_id, fps)))
    sizes = np.array([len(packet) for packet in packets])
    part = kept.with_name(f"{kept.name}.part.npz")
    np.savez(part, sizes=sizes, data=np.frombuffer(b"".join(packets), np.uint8))
    part.replace(kept)
    return packets


def hour_of_lumas(camera_id: str, fps: float) -> Iterator[Image]:
    """The story again and again, each time in other light and weather."""
    made = count()
    for conditions in ROUNDS:
        settings = Settings(fps=fps, width_px=SIZE[0], height_px=SIZE[1], conditions=conditions)
        renderer = CameraRenderer(SCENES[camera_id], Story(settings.seed), settings)
        for _ in range(round(STORY_S * fps)):
            yield renderer.frame(next(made) + 1).i420[: settings.height_px].copy()


def table(rows: Sequence[Told]) -> list[str]:
    clips = list(dict.fromkeys(row.clip for row in rows))
    lines = [f"| act | {' | '.join(clips)} |", f"|---|{'---|' * len(clips)}"]
    for act in dict.fromkeys(row.act for row in rows):
        cells = []
        for clip in clips:
            row = next((r for r in rows if (r.act, r.clip) == (act, clip)), None)
            if row is None:
                cells.append("")
                continue
            others = (
                f" ({', '.join(sorted({o.removeprefix('camera.') for o in row.others}))} too)" if row.others else ""
            )
            cells.append(("not told" if row.after_s is None else f"{row.after_s:.1f} s") + others)
        lines.append(f"| {act} | {' | '.join(cells)} |")
    return lines


def montage(path: Path) -> None:
    """What each act looks like, on the simulated dock."""
    settings = Settings()
    renderer = CameraRenderer(SCENES["dock"], Story(settings.seed), settings)
    clean = renderer.frame(420).bgr
    tiles = [("as it should be", clean)]
    for attack in (
        Attack.COVER, Attack.BLIND_DARK, Attack.BLIND_BRIGHT, Attack.DEFOCUS, Attack.SHIFT, Attack.TURN, Attack.AWAY,
        Attack.OBSTRUCT,
    ):  # fmt: skip
        *_, picture = attacked([clean] * 8, attack, fps=FPS, from_s=0, strength=replace(Strength(), takes_s=0.5))
        tiles.append((f"{attack}: {ACTS[attack]}", picture))
    small = []
    for title, picture in tiles:
        tile = np.asarray(cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)
        cv2.rectangle(tile, (0, 160), (320, 180), (30, 30, 30), -1)
        cv2.putText(tile, title, (6, 174), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (240, 240, 240), 1, cv2.LINE_AA)
        small.append(tile)
    rows = [np.hstack(small[n : n + 3]) for n in range(0, len(small), 3)]
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_PNG_COMPRESSION, 9])


@dataclass(frozen=True)
class Clip:
    """Something to do every act to: a simulated camera, or a real recording."""

    name: str
    camera_id: str = ""
    recording: Path | None = None

    def pictures(self) -> list[Image]:
        """As many as an act takes."""
        if self.recording is None:
            return list(drawn(self.camera_id, ACT_S + AFTER_S))
        return list(recorded(self.recording, round((ACT_S + AFTER_S) * FPS)))


@dataclass(frozen=True)
class Cost:
    """What was said where nothing should be, and what watching took, milliseconds of processor time a picture."""

    said: str
    cost_ms: float


@dataclass(frozen=True)
class Hour:
    """An hour before one camera."""

    camera_id: str
    fps: float


def clips(footage: Path) -> list[Clip]:
    real = [Clip(name, recording=footage / file) for name, file in REAL.items() if (footage / file).is_file()]
    return [*(Clip(f"{camera_id} (drawn)", camera_id) for camera_id in SCENES), *real]


def measured(keep: Path) -> Kept:
    """What was measured with this watch and this simulator."""
    return Kept("integrity", "vision/integrity", "simulate", Path(__file__), folder=keep)


def acts_of(task: tuple[Clip, Path]) -> tuple[list[Told], list[Cost]]:
    """Every act on one clip, and what is said of a real one whole and unaltered."""
    clip, keep = task
    cv2.setNumThreads(1)
    kept, began_s = measured(keep), time.monotonic()
    name = clip.name.split(" (")[0].replace(" ", "-")
    rows = kept.rows(f"acts-{name}", Told, lambda: acts_on(clip.name, clip.pictures()))
    costs: list[Cost] = []
    if clip.recording is not None:
        costs = kept.rows(f"whole-{name}", Cost, partial(whole_of, clip.recording))
    print(f"{clip.name}: {len(rows)} acts, {time.monotonic() - began_s:.0f} s", flush=True)
    return rows, costs


def whole_of(recording: Path) -> list[Cost]:
    return [watched_whole(recorded(recording))]


def watched_whole(lumas: Iterable[Image], sizes: Sequence[int] = (), fps: float = FPS) -> Cost:
    said, cost_ms = watched(lumas, sizes, fps=fps)
    return Cost(told_of(said), cost_ms)


def measure_acts(arguments: argparse.Namespace) -> list[str]:
    """About ten minutes of one core: one for each clip that is drawn, two to three for each real one."""
    rows: list[Told] = []
    costs = []
    tasks = [(clip, arguments.keep) for clip in clips(arguments.footage)]
    for (clip, _), (told_here, costs_here) in zip(
        tasks, side_by_side(acts_of, tasks, arguments.processes), strict=True
    ):
        rows += told_here
        costs += [
            f"`{clip.recording.name}` whole and unaltered: {cost.said}; {cost.cost_ms:.2f} ms of processor for each picture."
            for cost in costs_here
            if clip.recording is not None
        ]
    late = [row for row in rows if row.after_s is None or row.after_s > 10]
    return [
        f"Seconds from the act to the event. The act begins {ACT_S:.0f} s after the camera was first seen; clips are "
        f"coded at crf 26, a key frame a second, {FPS} pictures a second; drawn ones are {SIZE[0]}x{SIZE[1]}. Where "
        "another event was told as well, it is named.",
        "",
        *table(rows),
        "",
        f"{len(rows) - len(late)} of {len(rows)} within 10 s.",
        *(["", *costs] if costs else []),
    ]


def told_of(said: Sequence[CameraSighting]) -> str:
    if not said:
        return "no event"
    return ", ".join(f"{s.type} at {seconds_of(s):.0f} s" for s in said)


def hour_of(task: tuple[Hour, Path]) -> Cost:
    """What is said of an hour of light and weather before one camera, coded."""
    hour, keep = task
    cv2.setNumThreads(1)
    kept, began_s, name = measured(keep), time.monotonic(), f"hour-{hour.camera_id}-{hour.fps:g}"

    def watch() -> list[Cost]:
        packets = coded_hour(hour.camera_id, hour.fps, keep)
        return [watched_whole(decoded(packets), [len(packet) for packet in packets], fps=hour.fps)]

    (cost,) = kept.rows(name, Cost, watch)
    print(f"{name}: {cost.said}, {time.monotonic() - began_s:.0f} s", flush=True)
    return cost


def measure_hour(arguments: argparse.Namespace) -> list[str]:
    """About 35 minutes of one core the first time, most of it drawing: 4 for each camera at 2 pictures a second, 18 for
    the one at 10; 3 in all when the hours are kept."""
    hours = [*(Hour(one, 2.0) for one in SCENES), *(Hour(one, float(FPS)) for one in arguments.full_rate)]
    costs = side_by_side(hour_of, [(hour, arguments.keep) for hour in hours], arguments.processes)
    return [
        f"An hour of light and weather before the drawn cameras, {SIZE[0]}x{SIZE[1]}, coded: fifteen rounds of four "
        "minutes of daylight that comes and goes, lamps switched, rain, headlights, exposure in steps, and mixtures, "
        "changing at once from one to the next. The view is looked at once a second at any frame rate; at 2 pictures a "
        "second the stream's own facts are looked at a fifth as often as at 10.",
        "",
        "| camera | pictures a second | false alarms in the hour | processor, ms a picture |",
        "|---|---|---|---|",
        *(
            f"| {hour.camera_id} | {hour.fps:g} | {cost.said} | {cost.cost_ms:.2f} |"
            for hour, cost in zip(hours, costs, strict=True)
        ),
    ]


PARTS = {"acts": measure_acts, "hour": measure_hour}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--only", choices=(*PARTS, "picture"))
    parser.add_argument("--write", type=Path)
    parser.add_argument("--keep", type=Path, default=kept_in())
    parser.add_argument("--full-rate", nargs="*", choices=tuple(SCENES), default=["dock"])
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.only in (None, "picture"):
        montage(ROOT / "docs" / "img" / "integrity.png")
    for name, measure in PARTS.items():
        if arguments.only not in (None, name):
            continue
        text = "\n".join([f"Measured on {machine()}.", "", *measure(arguments)])
        print(text, flush=True)
        if arguments.write:
            write_section(name, text, arguments.write)


if __name__ == "__main__":
    main()
