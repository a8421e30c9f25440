"""Attacks on cameras: seconds to the event for each act and clip, and false alarms in an hour of light and weather.

    .venv/bin/python benchmarks/bench_integrity.py [--footage DIR] [--only acts|hour|picture] [--write docs/integrity.md]
        [--keep DIR] [--full-rate CAMERA ...] [--round-s 240] [--full-round-s 240] [--processes 2]

Everything is watched as a live camera is: packets go through the eye, which decodes them all only while something
happens, and its pictures through the walk; the detector alone is left out. Acts are done to pictures, which are then
coded (H.264) as the camera's stream would be; freezing and looping are also done to the packets alone. Real clips are
third-party material and not part of this repository: without the folder the simulated ones are measured alone. --write replaces all that
stands between the page's marks. What has been measured of a clip is kept (in the cache, or in --keep DIR) as long as
neither the watch nor the simulator changes, so that an interrupted run goes on with the next clip; the coded hours are
kept as well, which take minutes to draw, so that a changed threshold is tried against them in seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from pathlib import Path

import av
import cv2
import numpy as np
from demo_site import machine
from kept import Kept, kept_in, side_by_side
from report_page import ROOT, write_section

from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.model.event import Event
from custos.model.frame import Clock, Image, Packet, StreamInfo, StreamOpened
from custos.model.site import Camera
from custos.pipeline.analysis import Analysis
from custos.pipeline.ports import Source
from custos.simulate.attacks import Attack, Strength, attacked
from custos.simulate.conditions import Condition
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story
from custos.testing.clock import START, after
from custos.testing.coding import Coded, sent
from custos.testing.sources import ScriptedSource
from custos.testing.stage import Stage

FPS, GOP = 10, 10
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
}
LOOPS_S = (8.0, 8.3, 11.7)
"""Lengths of the recording that is looped: whole groups of pictures, as which it is coded nearly as it was, and not."""
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
"""At four minutes each: an hour. From one to the next the weather changes at once."""


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


@dataclass(frozen=True)
class Watched:
    """What is told of a camera as it is watched live.

    Args:
        packets: how many the stream had. decoded: how many pictures were decoded, some perhaps twice.
        cost_ms: processor time, milliseconds for each packet: decoding, motion and the watch, without a detector.
    """

    said: list[Event]
    packets: int
    decoded: int
    cost_ms: float

    @property
    def decoded_share(self) -> float:
        return self.decoded / max(self.packets, 1)


def watched(source: Source, packets: int) -> Watched:
    """The source through eye and walk, as those of a live camera."""
    made = count(1)
    analysis = Analysis(
        source,
        PacketDecoder,
        Stage(),
        Camera("bench", "Bench", "rtsp://camera.example/bench"),
        site_id="bench",
        session="s",
        new_id=lambda: f"e-{next(made)}",
        every_picture=False,
    )
    began_s = time.process_time()
    said = [event for step in analysis for event in step.events if event.type.startswith("camera.")]
    cost_ms = (time.process_time() - began_s) * 1000 / max(packets, 1)
    return Watched(said, packets, analysis.summary.decoded, cost_ms)


def scripted(packets: Sequence[Packet], size: tuple[int, int]) -> Watched:
    """Packets of pictures of that size, (width, height)."""
    opened = StreamOpened(StreamInfo("h264", *size), START)
    return watched(ScriptedSource([opened, *packets]), len(packets))


@dataclass(frozen=True)
class Told:
    """One act on one clip: seconds to the event (None: not told), what else was said, and the share that was decoded."""

    act: str
    clip: str
    after_s: float | None
    others: list[str]
    decoded_share: float


def told(act: str, clip: str, kind: str, seen: Watched) -> Told:
    hits = [seconds_of(e) - ACT_S for e in seen.said if e.type == kind and seconds_of(e) >= ACT_S]
    others = [e.type for e in seen.said if e.type != kind]
    others += [e.type for e in seen.said if e.type == kind and seconds_of(e) < ACT_S]
    return Told(act, clip, round(hits[0], 1) if hits else None, others, round(seen.decoded_share, 3))


def seconds_of(event: Event) -> float:
    return (event.at - START).total_seconds()


def acts_on(clip: str, clean: list[Image]) -> Iterator[Told]:
    """Every act on one clip."""
    size = (clean[0].shape[1], clean[0].shape[0])
    for attack, kind in ACTS.items():
        pictures = attacked(clean, attack, fps=FPS, from_s=ACT_S)
        yield told(f"{attack}, coded anew", clip, kind, scripted(coded(pictures), size))
    for loop_s in LOOPS_S:
        pictures = attacked(clean, Attack.LOOP, fps=FPS, from_s=ACT_S, strength=Strength(loop_s=loop_s))
        yield told(f"loop of {loop_s:g} s, coded anew", clip, "camera.replayed", scripted(coded(pictures), size))
    live = coded(clean)
    for act, kind, packets in (
        ("freeze, its last key frame repeated", "camera.frozen", repeated(live, GOP, 1)),
        ("loop of 8 s, packets repeated", "camera.replayed", repeated(live, 8 * FPS, 8 * FPS)),
    ):
        yield told(act, clip, kind, scripted(packets, size))
    yield from degradations(clip, clean, live, size)


def coded(pictures: Iterable[Image]) -> list[Packet]:
    return sent(list(Coded(FPS, gop=GOP).packets(pictures)), fps=FPS, gop=GOP)


def repeated(live: Sequence[Packet], back: int, length: int) -> list[Packet]:
    """The stream, and from the act on `length` packets of it again and again, from the one `back` before the act."""
    act = round(ACT_S * FPS)
    again = [live[act - back + (n - act) % length] if n >= act else live[n] for n in range(len(live))]
    return [timed(packet, n / FPS) for n, packet in enumerate(again)]


def timed(packet: Packet, at_s: float) -> Packet:
    return Packet(packet.data, at_s, at_s, after(at_s), Clock.CAMERA, is_keyframe=packet.is_keyframe)


def degradations(clip: str, clean: list[Image], live: Sequence[Packet], size: tuple[int, int]) -> Iterator[Told]:
    act = round(ACT_S * FPS)
    seldom = [*range(act), *range(act, len(clean), 4)]
    slow = coded(clean[n] for n in seldom)
    packets = [timed(packet, n / FPS) for packet, n in zip(slow, seldom, strict=True)]
    yield told("frame rate to a quarter", clip, "camera.degraded", scripted(packets, size))
    usual_bps = sum(len(packet.data) for packet in live[:act]) * 8 / ACT_S
    starved = Coded(FPS, bitrate_bps=max(round(usual_bps * 0.15), 12_000), gop=GOP)
    late = sent(list(starved.packets(clean[act:])), fps=FPS, gop=GOP)
    packets = [*live[:act], *(timed(packet, (act + n) / FPS) for n, packet in enumerate(late))]
    yield told("bitrate to a seventh", clip, "camera.degraded", scripted(packets, size))


def coded_hour(hour: Hour, keep: Path) -> list[bytes]:
    """Some tens of megabytes."""
    kept = Kept("integrity-hours", "simulate", folder=keep).path(f"{hour.name}.npz")
    if kept.is_file():
        with np.load(kept) as there:
            ends = np.cumsum(there["sizes"])
            data = there["data"].tobytes()
        return [
            data[end - size : end] for end, size in zip(ends.tolist(), np.diff(ends, prepend=0).tolist(), strict=True)
        ]
    packets = list(Coded(hour.fps, gop=hour.gop).packets(hour_of_lumas(hour)))
    sizes = np.array([len(packet) for packet in packets])
    part = kept.with_name(f"{kept.name}.part.npz")
    np.savez(part, sizes=sizes, data=np.frombuffer(b"".join(packets), np.uint8))
    part.replace(kept)
    return packets


def hour_of_lumas(hour: Hour) -> Iterator[Image]:
    """The story again and again, each time in other light and weather."""
    made = count()
    for conditions in ROUNDS:
        settings = Settings(fps=hour.fps, width_px=SIZE[0], height_px=SIZE[1], conditions=conditions)
        renderer = CameraRenderer(SCENES[hour.camera_id], Story(settings.seed), settings)
        for _ in range(round(hour.round_s * hour.fps)):
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
    """What was said where nothing should be, the share of the pictures that was decoded, and what it took,
    milliseconds of processor for each picture of the stream."""

    said: str
    decoded_share: float
    cost_ms: float


@dataclass(frozen=True)
class Hour:
    """All light and weather before one camera, `round_s` of each."""

    camera_id: str
    fps: float
    round_s: float

    @property
    def name(self) -> str:
        return f"{self.camera_id}-{self.fps:g}-{self.round_s:g}"

    @property
    def gop(self) -> int:
        """A key frame a second."""
        return max(round(self.fps), 1)

    @property
    def minutes(self) -> float:
        return len(ROUNDS) * self.round_s / 60


def clips(footage: Path) -> list[Clip]:
    real = [Clip(name, recording=footage / file) for name, file in REAL.items() if (footage / file).is_file()]
    return [*(Clip(f"{camera_id} (drawn)", camera_id) for camera_id in SCENES), *real]


def measured(keep: Path) -> Kept:
    """What was measured with this watch, this walk and this simulator."""
    return Kept("integrity", "vision", "pipeline", "simulate", Path(__file__), folder=keep)


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
    with av.open(str(recording)) as video:
        packets = sum(packet.size > 0 for packet in video.demux(video=0))
    return [cost_of(watched(FileSource(recording, "bench", START), packets))]


def cost_of(seen: Watched) -> Cost:
    return Cost(told_of(seen.said), round(seen.decoded_share, 3), seen.cost_ms)


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
            f"`{clip.recording.name}` whole and unaltered: {cost.said}; {cost.decoded_share:.0%} decoded, "
            f"{cost.cost_ms:.2f} ms of processor for each picture."
            for cost in costs_here
            if clip.recording is not None
        ]
    late = [row for row in rows if row.after_s is None or row.after_s > 10]
    shares = {clip: [row.decoded_share for row in rows if row.clip == clip] for clip in {row.clip: 0 for row in rows}}
    return [
        f"Seconds from the act to the event, of a camera watched as it is live: all is decoded while something moves, "
        f"else a picture a second. The act begins {ACT_S:.0f} s after the camera was first seen; clips are "
        f"coded at crf 26, a key frame a second, {FPS} pictures a second; drawn ones are {SIZE[0]}x{SIZE[1]}. Where "
        "another event was told as well, it is named.",
        "",
        *table(rows),
        "",
        f"{len(rows) - len(late)} of {len(rows)} within 10 s. Decoded of the pictures, on average: "
        + ", ".join(f"{clip} {sum(share) / len(share):.0%}" for clip, share in shares.items())
        + ".",
        *(["", *costs] if costs else []),
    ]


def told_of(said: Sequence[Event]) -> str:
    if not said:
        return "no event"
    return ", ".join(f"{e.type} at {seconds_of(e):.0f} s" for e in said)


def hour_of(task: tuple[Hour, Path]) -> Cost:
    """What is said of an hour of light and weather before one camera, coded."""
    hour, keep = task
    cv2.setNumThreads(1)
    kept, began_s, name = measured(keep), time.monotonic(), f"hour-{hour.name}"

    def watch() -> list[Cost]:
        return [cost_of(scripted(sent(coded_hour(hour, keep), fps=hour.fps, gop=hour.gop), SIZE))]

    (cost,) = kept.rows(name, Cost, watch)
    print(f"{name}: {cost.said}, {time.monotonic() - began_s:.0f} s", flush=True)
    return cost


def measure_hour(arguments: argparse.Namespace) -> list[str]:
    """About 35 minutes of one core the first time, most of it drawing: 4 for each camera at 2 pictures a second, 18 for
    the one at 10; 3 in all when the hours are kept."""
    hours = [
        *(Hour(one, float(FPS), arguments.full_round_s) for one in arguments.full_rate),
        *(Hour(one, 2.0, arguments.round_s) for one in SCENES),
    ]
    costs = side_by_side(hour_of, [(hour, arguments.keep) for hour in hours], arguments.processes)
    return [
        f"Light and weather before the drawn cameras, {SIZE[0]}x{SIZE[1]}, coded, a key frame a second, and watched as "
        "live cameras are: fifteen rounds of daylight that comes and goes, lamps switched, rain, headlights, exposure in "
        "steps, and mixtures, changing at once from one to the next. Four minutes a round make an hour. At 2 pictures a "
        "second every other one is a key frame, so that a camera that dozes sees half of them; at 10 it sees a tenth.",
        "",
        "| camera | pictures a second | minutes | false alarms | decoded | processor, ms a picture |",
        "|---|---|---|---|---|---|",
        *(
            f"| {hour.camera_id} | {hour.fps:g} | {hour.minutes:g} | {cost.said} | {cost.decoded_share:.0%} "
            f"| {cost.cost_ms:.2f} |"
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
    parser.add_argument("--round-s", type=float, default=STORY_S, help="seconds of each light and weather")
    parser.add_argument("--full-round-s", type=float, default=STORY_S, help="the same at the full rate")
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
