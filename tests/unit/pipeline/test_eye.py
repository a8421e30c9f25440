"""What is decoded: little while nothing happens, and nothing is missed when something does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest

from custos.adapters.sources.decode import PacketDecoder
from custos.adapters.sources.file import FileSource
from custos.model.event import Event
from custos.model.frame import Clock, Frame, Packet
from custos.model.site import Camera, Line, Zone
from custos.pipeline.analysis import Analysis, Summary
from custos.pipeline.eye import Eye, EyeSettings
from custos.testing.clips import write_stage_clip
from custos.testing.clock import START, after
from custos.testing.stage import Actor, Stage, StageDecoder, walk
from custos.vision.motion import MotionGate

EMPTY = Stage()
SETTINGS = EyeSettings()
QUIET_BYTES, MOVING_BYTES = 900, 2400


def passer(from_s: float, to_s: float) -> Stage:
    """Somebody crosses the whole picture."""
    return Stage(Actor(walk((-20, 200), (340, 200), from_s=from_s, to_s=to_s, height_px=90, width_px=34)))


def packet(number: int, *, gop: int = 10, size: int = QUIET_BYTES) -> Packet:
    return Packet(b"x" * size, number / 10, number / 10, after(number / 10), Clock.CAMERA, number % gop == 0)


class Watcher:
    """An eye, a decoder that draws a stage, and the part of the walk that an eye hears from."""

    def __init__(self, stage: Stage, *, settings: EyeSettings = SETTINGS) -> None:
        self.eye = Eye(StageDecoder(stage), settings=settings)
        self.walked: list[float] = []
        self._gate = MotionGate()

    def see(self) -> list[float]:
        """The pictures that are due, as the walk sees them, seconds."""
        frames = self.eye.see()
        for frame in frames:
            self._walk(frame)
        return [_s(frame.captured_at) for frame in frames]

    def feed(self, packets: list[Packet]) -> None:
        for one in packets:
            if self.eye.take(one):
                self.see()

    def _walk(self, frame: Frame) -> None:
        self.walked.append(_s(frame.captured_at))
        motion = self._gate.update(frame.luma, _s(frame.captured_at))
        self.eye.note(frame.captured_at, is_moving=motion.is_moving, is_calm=True)

    def between(self, from_s: float, to_s: float) -> list[float]:
        return [at for at in self.walked if from_s - 0.01 < at < to_s + 0.01]


def _s(at: datetime) -> float:
    return round((at - START).total_seconds(), 3)


def every(from_s: float, to_s: float) -> list[float]:
    return [round(n / 10, 3) for n in range(round(from_s * 10), round(to_s * 10) + 1)]


def sized(stage: Stage, seconds: float, *, gop: int = 10, telling: bool = True) -> list[Packet]:
    """A stream whose pictures are larger while somebody is there, or not."""
    there: Callable[[int], bool] = lambda n: telling and any(a.box(n / 10) for a in stage.actors)  # noqa: E731
    return [packet(n, gop=gop, size=MOVING_BYTES if there(n) else QUIET_BYTES) for n in range(round(seconds * 10))]


def test_nothing_to_see() -> None:
    watcher = Watcher(EMPTY)
    assert watcher.see() == []
    assert watcher.eye.flush() == []


def test_it_begins_awake_and_then_looks_at_key_frames_only() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 20))
    assert watcher.between(0, 3) == every(0, 3)
    assert not watcher.eye.is_awake
    assert watcher.between(12, 20) == [float(n) for n in range(12, 20)]


def test_whoever_must_see_everything_does() -> None:
    eye = Eye(StageDecoder(EMPTY), sleeps=False)
    frames = [frame for one in sized(EMPTY, 8) if eye.take(one) for frame in eye.see()]
    assert [_s(frame.captured_at) for frame in frames] == every(0, 7.9)


def test_somebody_who_watches_the_pictures_keeps_it_awake() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 10))
    watcher.eye.keep_awake(True)
    watcher.feed([packet(n) for n in range(100, 150)])
    watcher.eye.keep_awake(False)
    watcher.feed([packet(n) for n in range(150, 180)])
    assert watcher.between(10, 14.9) == every(10, 14.9)
    assert len(watcher.between(15, 18)) <= 4


def test_sizes_wake_it_between_key_frames_and_the_kept_pictures_are_seen() -> None:
    stage = passer(15.3, 19)
    watcher = Watcher(stage)
    watcher.feed(sized(stage, 15.6))
    assert watcher.eye.is_awake, "within three pictures"
    assert watcher.between(15, 15.5) == every(15, 15.5)
    watcher.feed(sized(stage, 30)[156:])
    assert watcher.between(15, 19) == every(15, 19)
    assert not watcher.eye.is_awake


@pytest.mark.parametrize("gop", [1, 10, 20, 1000], ids=["all-intra", "short", "long", "endless"])
def test_sizes_that_tell_nothing_miss_nothing(gop: int) -> None:
    """Somebody enters just after a key frame: at the next look all pictures since the last are seen, once, in order."""
    stage = passer(15.1, 19)
    watcher = Watcher(stage)
    watcher.feed(sized(stage, 30, gop=gop, telling=False))
    assert all(a < b for a, b in pairwise(watcher.walked))
    assert watcher.between(15.2, 19) == every(15.2, 19)
    quiet = watcher.between(6, 15)
    assert max(b - a for a, b in pairwise(quiet)) <= SETTINGS.look_s * SETTINGS.late + 0.11
    assert len(quiet) < 30
    assert not watcher.eye.is_awake


class HurriedDecoder(StageDecoder):
    """Packets come in while it decodes: they are read in another thread."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.eye: Eye | None = None
        self.coming: deque[Packet] = deque()

    def decode(self, packet: Packet) -> list[Frame]:
        if self.eye is not None and self.coming and not packet.is_keyframe:
            self.eye.take(self.coming.popleft())
        return super().decode(packet)


def test_packets_that_come_in_during_a_look_take_nothing_from_it() -> None:
    """Symptom: a packet that came in while a dozing eye looked made it forget what that look had left out; when the
    look saw somebody, how they came in was never decoded."""
    stage = passer(19.4, 23)
    decoder = HurriedDecoder(stage)
    watcher = Watcher(stage)
    watcher.eye = decoder.eye = Eye(decoder, settings=SETTINGS)
    packets = sized(stage, 24, gop=20, telling=False)
    watcher.feed(packets[:194])
    for one in packets[194:214]:
        watcher.eye.take(one)
    decoder.coming.append(packets[214])
    watcher.see()
    assert not decoder.coming
    assert watcher.between(19.4, 21.3) == every(19.4, 21.3)


def test_sizes_that_missed_a_movement_are_trusted_less_until_they_tell_again() -> None:
    stage = passer(15.1, 19)
    watcher = Watcher(stage)
    watcher.feed(sized(stage, 32, telling=False))
    assert len(watcher.between(13, 15)) <= 3
    assert len(watcher.between(28, 30)) >= 4, "twice as often"


def test_a_false_alarm_is_short_and_learned() -> None:
    """Rain begins: the sizes grow, nothing moves."""
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 15))
    watcher.feed([packet(n, size=MOVING_BYTES) for n in range(150, 450)])
    assert len(watcher.between(15, 18)) > 8
    assert not watcher.eye.is_awake
    assert len(watcher.between(38, 45)) <= 10


def test_an_attack_on_the_camera_wakes_it_and_keeps_it_awake() -> None:
    eye, awake = Eye(StageDecoder(EMPTY)), []
    for number, one in enumerate(sized(EMPTY, 24)):
        if eye.take(one):
            for frame in eye.see():
                eye.note(frame.captured_at, is_moving=False, is_calm=True, wants_all=100 <= number < 180)
        awake.append(eye.is_awake)
    assert not any(awake[60:100])
    assert all(awake[110:180])
    assert not any(awake[200:])


def test_tracks_in_doubt_keep_it_awake_for_a_while() -> None:
    eye = Eye(StageDecoder(EMPTY))
    still: list[bool] = []
    for one in sized(EMPTY, 8):
        if eye.take(one):
            for frame in eye.see():
                eye.note(frame.captured_at, is_moving=False, is_calm=False)
        still.append(eye.is_awake)
    assert still.index(False) == pytest.approx(60, abs=1)


def test_too_far_behind_awake_goes_on_with_the_newest_key_frame() -> None:
    watcher = Watcher(EMPTY)
    for one in sized(EMPTY, 2.6):
        watcher.eye.take(one)
    assert watcher.see() == every(2, 2.5)
    assert watcher.eye.passed_over == 20
    assert not watcher.eye.is_due


def test_too_far_behind_without_a_key_frame_decodes_all_and_shows_the_last() -> None:
    watcher = Watcher(EMPTY)
    for one in sized(EMPTY, 2.6, gop=1000):
        watcher.eye.take(one)
    assert watcher.see() == [2.5]
    assert watcher.eye.passed_over == 25
    assert watcher.eye.decoded == 26


def test_too_far_behind_dozing_looks_at_the_newest_only() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 12))
    for one in sized(EMPTY, 16)[120:]:
        watcher.eye.take(one)
    assert watcher.see() == [15.0]
    assert watcher.eye.passed_over == 3


def test_very_late_and_dozing_it_does_not_decode_all_that_it_has_missed() -> None:
    """Symptom: on a machine that could not keep up, cameras decoded ever longer backlogs, and memory rose by a GB."""
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 12))
    decoded = watcher.eye.decoded
    for one in sized(EMPTY, 42)[120:]:
        watcher.eye.take(one)
    assert watcher.see() == [41.0]
    assert watcher.eye.decoded - decoded <= 10


def test_very_late_and_woken_it_goes_back_a_few_seconds_only() -> None:
    stage = passer(30.1, 33)
    watcher = Watcher(stage)
    watcher.feed(sized(stage, 12))
    for one in sized(stage, 30.4)[120:]:
        watcher.eye.take(one)
    assert watcher.eye.is_awake
    seen = watcher.see()
    assert seen == every(seen[0], 30.3)
    assert 4 <= seen[-1] - seen[0] <= SETTINGS.again_packets / 10


def test_what_was_kept_while_it_dozed_is_no_delay() -> None:
    stage = passer(15.1, 19)
    watcher = Watcher(stage)
    watcher.feed(sized(stage, 15.1))
    for one in sized(stage, 16.3)[151:]:
        watcher.eye.take(one)
    seen = watcher.see()
    assert seen[:3] == every(15.1, 15.3)
    assert watcher.eye.was_kept(after(15.1))
    assert not watcher.eye.was_kept(after(16.2))


def test_the_end_shows_what_was_kept() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 12.5))
    assert [_s(frame.captured_at) for frame in watcher.eye.flush()] == every(12.1, 12.4)


def test_a_clock_that_is_set_back_does_not_end_the_looking() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed(sized(EMPTY, 12))
    back = [packet(n, size=QUIET_BYTES) for n in range(-36_000, -35_900)]
    watcher.feed(back)
    assert len([at for at in watcher.walked if at < 0]) >= 9


def test_a_stream_without_key_frames_is_not_kept_for_ever() -> None:
    watcher = Watcher(EMPTY)
    watcher.feed([packet(n, gop=10**6) for n in range(1000)])
    assert len(watcher.eye._kept) <= SETTINGS.again_packets + 20


# -- with real codecs, from packets to events, against decoding everything

CAMERA = Camera(
    "yard",
    "Yard",
    "-",
    (Zone("mid", "Middle", ((0.3, 0.4), (0.7, 0.4), (0.7, 1.0), (0.3, 1.0))),),
    (Line("gate", "Gate", ((0.5, 0.0), (0.5, 1.0))),),
)
CLIPS: dict[str, dict[str, object]] = {
    "h264": {},
    "h264 long groups": {"gop": 80},
    "h264 reordered": {"b_frames": 2},
    "h264 constant bit rate": {"bitrate_bps": 400_000},
    "hevc": {"codec": "libx265"},
    "hevc long groups": {"codec": "libx265", "gop": 80},
    "mjpeg": {"codec": "mjpeg"},
}
FIRST_S, SECOND_S, END_S = 6.3, 12.7, 18
SMALL = (240, 180)
VISITORS = Stage(
    Actor(walk((-20, 150), (260, 150), from_s=FIRST_S, to_s=FIRST_S + 2, height_px=70, width_px=26)),
    Actor(walk((260, 160), (-20, 160), from_s=SECOND_S, to_s=SECOND_S + 2, height_px=70, width_px=26)),
    size=SMALL,
)


def analysed(clip: Path, *, every_picture: bool) -> tuple[list[Event], Summary]:
    ids = count()
    analysis = Analysis(
        FileSource(clip, CAMERA.id, START),
        PacketDecoder,
        VISITORS,
        CAMERA,
        site_id="hq",
        session="s",
        new_id=lambda: f"e-{next(ids)}",
        every_picture=every_picture,
    )
    return [event for step in analysis for event in step.events], analysis.summary


@pytest.mark.parametrize("kind", CLIPS)
def test_no_event_is_lost_by_decoding_less(kind: str, tmp_path: Path) -> None:
    clip = tmp_path / ("clip.avi" if kind == "mjpeg" else "clip.mp4")
    write_stage_clip(clip, VISITORS, seconds=END_S, **CLIPS[kind])  # type: ignore[arg-type]
    expected, whole = analysed(clip, every_picture=True)
    found, summary = analysed(clip, every_picture=False)
    assert [event.type for event in found] == [event.type for event in expected]
    assert [event.type for event in found].count("line.crossed") == 2
    for ours, theirs in zip(found, expected, strict=True):
        assert abs(ours.at - theirs.at) <= timedelta(seconds=0.35), (ours.type, ours.at, theirs.at)
    assert whole.frames == END_S * 10
    assert summary.frames < 170


def test_a_stream_that_changes_begins_anew(tmp_path: Path) -> None:
    """From the middle of a quiet spell into another size: nothing is damaged, and it dozes again."""
    stages = (Stage(size=SMALL), Stage(size=(320, 240)))
    for number, stage in enumerate(stages):  # a raw stream has 25 pictures a second
        write_stage_clip(tmp_path / f"{number}.h264", stage, seconds=6, fps=25, gop=25)
    whole = b"".join((tmp_path / f"{number}.h264").read_bytes() for number in range(2))
    (tmp_path / "both.h264").write_bytes(whole)
    _, summary = analysed(tmp_path / "both.h264", every_picture=False)
    assert summary.damaged == 0
    assert 2 * 75 <= summary.frames < 2 * 125
