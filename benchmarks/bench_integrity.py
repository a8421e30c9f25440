"""Attacks on cameras: seconds to the event for each act and clip, and false alarms in an hour of light and weather.

    .venv/bin/python benchmarks/bench_integrity.py [--footage DIR] [--only acts|hour|picture] [--write docs/integrity.md]
        [--keep DIR] [--full-rate CAMERA ...]

Acts are done to decoded pictures, which are then coded again (H.264) as the camera's stream would be; freezing and
looping are also done to the decoded pictures alone, as by whoever repeats packets. Real clips are third-party material
and not part of this repository: without the folder the simulated ones are measured alone. --keep DIR leaves the coded
hours there, which take minutes to draw, so that a changed threshold is tried against them in seconds.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from demo_site import machine

from custos.model.frame import Image
from custos.simulate.attacks import Attack, Strength, attacked
from custos.simulate.conditions import Condition
from custos.simulate.render import CameraRenderer, Settings
from custos.simulate.scenes import SCENES
from custos.simulate.story import STORY_S, Story
from custos.vision.integrity import CameraSighting, IntegrityWatch

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 1, 1, tzinfo=UTC)
FPS = 10
ACT_S, AFTER_S = 22.0, 12.0
SIZE = (320, 180)
"""Of the drawn pictures: a quarter of the work."""
REAL = {"PETS": ("pets-s2l1.mp4", 0), "one by one": ("one-by-one.mp4", 0)}
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


@dataclass
class Coded:
    """Pictures through H.264 and back, and the size of each packet."""

    fps: float
    crf: float = 26.0
    bitrate_bps: int | None = None
    gop: int = FPS
    sizes: list[int] = field(default_factory=list)

    def pictures(self, lumas: Iterable[Image]) -> Iterator[Image]:
        return decoded(self.packets(lumas))

    def packets(self, lumas: Iterable[Image]) -> Iterator[bytes]:
        encoder: VideoCodecContext | None = None
        for number, luma in enumerate(lumas):
            h, w = luma.shape
            encoder = encoder or self._encoder(w, h)
            planes = np.full((h * 3 // 2, w), 128, np.uint8)
            planes[:h] = luma
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = round(number * 1000 / self.fps), Fraction(1, 1000)
            for packet in encoder.encode(frame):
                self.sizes.append(packet.size)
                yield bytes(packet)

    def _encoder(self, width_px: int, height_px: int) -> VideoCodecContext:
        encoder = av.CodecContext.create("libx264", "w")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, 1000), Fraction(self.fps).limit_denominator(1001)
        encoder.gop_size, encoder.thread_count, encoder.max_b_frames = self.gop, 1, 0
        parameters = "scenecut=0:threads=1:no-deblock=0:deblock=0,0"
        options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": parameters}
        if self.bitrate_bps is None:
            options["crf"] = str(self.crf)
        else:
            encoder.bit_rate = self.bitrate_bps
            options |= {"maxrate": str(self.bitrate_bps * 3 // 2), "bufsize": str(self.bitrate_bps * 2)}
        encoder.options = options
        return encoder


def decoded(packets: Iterable[bytes]) -> Iterator[Image]:
    """Lumas of coded pictures."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    for packet in packets:
        for picture in decoder.decode(av.Packet(packet)):
            yield np.from_dlpack(picture.planes[0]).astype(np.uint8)


def drawn(camera_id: str, seconds: float, conditions: tuple[Condition, ...] = (), first: int = 0) -> Iterator[Image]:
    """Lumas of a simulated camera."""
    settings = Settings(fps=FPS, width_px=SIZE[0], height_px=SIZE[1], conditions=conditions)
    renderer = CameraRenderer(SCENES[camera_id], Story(settings.seed), settings)
    for number in range(round(seconds * FPS)):
        yield renderer.frame(first + number + 1).i420[: settings.height_px].copy()


def recorded(path: Path, first: int, pictures: int) -> Iterator[Image]:
    """Lumas of a file."""
    with av.open(str(path)) as video:
        for number, frame in enumerate(video.decode(video=0)):
            if number >= first + pictures:
                return
            if number >= first:
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
    others: tuple[str, ...]


def told(act: str, clip: str, kind: str, said: Sequence[CameraSighting]) -> Told:
    hits = [seconds_of(s) - ACT_S for s in said if s.type == kind and seconds_of(s) >= ACT_S]
    others = tuple(s.type for s in said if s.type != kind)
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


def hour(camera_id: str, *, fps: float, keep: Path | None) -> tuple[list[CameraSighting], float]:
    """An hour of light and weather before one camera, coded; what is said of it, and what that took."""
    packets = coded_hour(camera_id, fps, keep)
    return watched(decoded(packets), [len(packet) for packet in packets], fps=fps)


def coded_hour(camera_id: str, fps: float, keep: Path | None) -> list[bytes]:
    """Some tens of megabytes."""
    kept = keep / f"{camera_id}-{fps:g}.npz" if keep else None
    if kept and kept.is_file():
        with np.load(kept) as there:
            ends = np.cumsum(there["sizes"])
            data = there["data"].tobytes()
        return [
            data[end - size : end] for end, size in zip(ends.tolist(), np.diff(ends, prepend=0).tolist(), strict=True)
        ]
    packets = list(Coded(fps, gop=max(round(fps), 1)).packets(hour_of_lumas(camera_id, fps)))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        sizes = np.array([len(packet) for packet in packets])
        np.savez(kept, sizes=sizes, data=np.frombuffer(b"".join(packets), np.uint8))
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


def measure_acts(footage: Path) -> list[str]:
    pictures = round((ACT_S + AFTER_S) * FPS)
    rows: list[Told] = []
    for camera_id in SCENES:
        rows += acts_on(f"{camera_id} (drawn)", list(drawn(camera_id, ACT_S + AFTER_S)))
    for clip, (name, first) in REAL.items():
        if (footage / name).is_file():
            rows += acts_on(clip, list(recorded(footage / name, first, pictures)))
    late = [row for row in rows if row.after_s is None or row.after_s > 10]
    lines = [
        f"Seconds from the act to the event. The act begins {ACT_S:.0f} s after the camera was first seen; clips are "
        f"coded at crf 26, a key frame a second, {FPS} pictures a second; drawn ones are {SIZE[0]}x{SIZE[1]}.",
        "",
        *table(rows),
        "",
        f"{len(rows) - len(late)} of {len(rows)} within 10 s.",
    ]
    costs = []
    for name, _ in REAL.values():
        if (footage / name).is_file():
            said, cost_ms = watched(recorded(footage / name, 0, 10_000))
            costs.append(
                f"`{name}` whole and unaltered: {told_of(said)}; {cost_ms:.2f} ms of processor for each picture."
            )
    return [*lines, "", *costs]


def told_of(said: Sequence[CameraSighting]) -> str:
    if not said:
        return "no event"
    return ", ".join(f"{s.type} at {seconds_of(s):.0f} s" for s in said)


def measure_hour(keep: Path | None, full_rate: Sequence[str]) -> list[str]:
    lines = [
        f"An hour of light and weather before the drawn cameras, {SIZE[0]}x{SIZE[1]}, coded: fifteen rounds of four minutes "
        "of daylight that comes and goes, lamps switched, rain, headlights, exposure in steps, and mixtures, changing at "
        "once from one to the next. The view is looked at once a second at any frame rate; at 2 pictures a second the "
        "stream's own facts are looked at a fifth as often as at 10.",
        "",
        "| camera | pictures a second | false alarms in the hour | processor, ms a picture |",
        "|---|---|---|---|",
    ]
    for camera_id, fps in [*((one, 2.0) for one in SCENES), *((one, float(FPS)) for one in full_rate)]:
        said, cost_ms = hour(camera_id, fps=fps, keep=keep)
        lines.append(f"| {camera_id} | {fps:g} | {told_of(said)} | {cost_ms:.2f} |")
        print(lines[-1], flush=True)
    return lines


def write(page: Path, mark: str, lines: list[str]) -> None:
    """Put the lines between the page's marks."""
    text = page.read_text()
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    made = f"{begin}\n\n" + "\n".join(lines) + f"\n\n{end}"
    page.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: made, text, flags=re.DOTALL))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--footage", type=Path, default=ROOT.parent / "shared" / "footage")
    parser.add_argument("--only", choices=("acts", "hour", "picture"))
    parser.add_argument("--write", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--full-rate", nargs="*", choices=tuple(SCENES), default=["dock"])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    parts: dict[str, Callable[[], list[str]]] = {
        "acts": lambda: measure_acts(arguments.footage),
        "hour": lambda: measure_hour(arguments.keep, arguments.full_rate),
    }
    if arguments.only in (None, "picture"):
        montage(ROOT / "docs" / "img" / "integrity.png")
    for mark, measure in parts.items():
        if arguments.only not in (None, mark):
            continue
        lines = [f"Measured on {machine()}.", "", *measure()]
        print("\n".join(lines), flush=True)
        if arguments.write:
            write(arguments.write, mark, lines)


if __name__ == "__main__":
    main()
