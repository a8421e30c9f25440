"""One camera's life in a worker: what is told of it, and that it always comes back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.errors import CustosError
from custos.model.frame import Packet, StreamInfo, StreamLost, StreamOpened
from custos.model.ground import Ground
from custos.model.live import TrackView
from custos.pipeline import loop as loop_module
from custos.pipeline.pool import Seer
from custos.pipeline.ports import Source
from custos.testing.camera_rig import (
    CAMERA,
    H264,
    PASSER_BY,
    PATIENCE_S,
    SOMEBODY,
    Rig,
    StepSource,
    feed,
    opened,
    packet,
    packets,
)
from custos.testing.clock import after
from custos.testing.gated import GatedDetector
from custos.testing.sources import ScriptedSource
from custos.testing.stage import Actor, Stage, standing, walk

SOMEBODY_RESTLESS = Stage(
    *(
        Actor(walk((40 + 40 * n, 200), (280 - 40 * n, 200), from_s=4.0 * n, to_s=4.0 * n + 4, height_px=70))
        for n in range(12)
    )
)


def test_a_camera_without_pictures_is_connecting() -> None:
    rig = Rig(SOMEBODY, lambda: ScriptedSource([], live=True))
    with rig.running() as heard:
        state = rig.loop.state()
        assert (state.camera_id, state.state, state.latency_s) == ("yard", "connecting", None)
    assert heard.told == []


def test_a_camera_that_is_closed_before_it_was_started() -> None:
    rig = Rig(SOMEBODY, lambda: ScriptedSource([]))
    rig.loop.close()
    assert rig.heard.told == []


def test_connected_is_told_with_the_first_picture() -> None:
    rig = Rig(SOMEBODY, lambda: ScriptedSource([opened(), packet(0), packet(0.1)], live=True))
    with rig.running() as heard:
        heard.await_types("camera.connected")
        state = rig.loop.state()
        assert (state.state, state.codec, state.width_px, state.height_px) == ("connected", "h264", 320, 240)
        assert state.clock == "camera"
    connected = heard.last("camera.connected")
    assert connected.data == {"codec": "h264", "width_px": 320, "height_px": 240, "after_s": 0.0}
    assert (connected.at, connected.subject) == (after(0), "cameras/yard")


def test_what_happens_is_told_with_pictures() -> None:
    source = StepSource()
    rig = Rig(PASSER_BY, lambda: source)
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 12)
        heard.await_types("track.started", "zone.entered", "zone.left", "track.ended")
        assert rig.loop.state().latency_s is not None
    pictured = [e for e in heard.told if e.type in ("track.started", "zone.entered", "track.described")]
    assert [picture.id for picture in heard.pictures] == [event.id for event in pictured]
    for picture, event in zip(heard.pictures, pictured, strict=True):
        assert (picture.camera_id, picture.jpeg) == ("yard", b"jpeg 320")
        assert list(cast(tuple[float, ...], picture.box)) == event.data["box"]
        if event.type == "track.described":  # with the best picture, taken before
            assert picture.at.isoformat(timespec="milliseconds") == event.data["pictured_at"]
        else:
            assert picture.at >= event.at


def test_of_each_live_track_one_best_picture_is_kept_and_none_of_those_that_ended() -> None:
    source = StepSource()
    rig = Rig(PASSER_BY, lambda: source)
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 12)
        heard.await_types("track.started", "track.ended")
        assert rig.loop._best == {}


def test_lost_and_back_again() -> None:
    """Everything ends; whoever is there afterwards is somebody new."""
    source = StepSource()
    rig = Rig(SOMEBODY, lambda: source)
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 3)
        heard.await_types("track.started", "zone.entered")
        source.step(StreamLost("the camera closed the connection", after(3.2)))
        assert heard.types[-4:] == ["zone.left", "track.described", "track.ended", "camera.lost"]
        state = rig.loop.state()
        assert (state.state, state.reason, state.since, state.tracks) == (
            "lost",
            "the camera closed the connection",
            after(3.2),
            0,
        )
        assert heard.told[-1].data == {"reason": "the camera closed the connection"}
        source.step(StreamLost("still nothing", after(5)), StreamLost("still nothing", after(7)))
        assert heard.types.count("camera.lost") == 1
        assert rig.loop.state().reason == "still nothing"
        source.step(opened(10))
        feed(rig, source, 10, 13)
        heard.await_types("camera.lost", "camera.connected", "track.started")
    assert heard.last("camera.connected").data["after_s"] == 6.8
    subjects = {event.subject for event in heard.told if event.type == "track.started"}
    assert len(subjects) == 2


def test_stalled_is_told_too_and_what_became_of_it() -> None:
    source = StepSource()
    rig = Rig(SOMEBODY, lambda: source)
    with rig.running() as heard:
        source.step(opened(), packet(0))
        source.step(StreamLost("no picture for 10 s", after(10), kind="stalled"))
        assert rig.loop.state().state == "stalled"
        source.step(StreamLost("refused", after(12)), opened(14), packet(14))
        heard.await_types("camera.connected", "camera.stalled", "camera.lost", "camera.connected")
    assert heard.last("camera.connected").data["after_s"] == 4.0


def test_the_first_connection_was_not_away_however_long_it_took() -> None:
    source = StepSource()
    rig = Rig(SOMEBODY, lambda: source)
    with rig.running() as heard:
        source.step(StreamLost("refused", after(0)), opened(30), packet(30))
    assert heard.types[:2] == ["camera.lost", "camera.connected"]
    assert heard.told[1].data["after_s"] == 0.0


def unreachable() -> Source:
    raise CustosError("cannot be reached.", where="camera.example", remedy="Is it switched on?")


def broken() -> Source:
    raise ZeroDivisionError("division by zero")


def ended() -> Source:
    return ScriptedSource([opened(), packet(0)])


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (unreachable, "camera.example: cannot be reached. Is it switched on?"),
        (broken, "internal error: ZeroDivisionError"),
        (ended, "the stream has ended"),
    ],
)
def test_whatever_its_source_does_the_camera_comes_back(
    first: Callable[[], Source], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "REOPEN_S", 0.01)

    def good() -> Source:
        return ScriptedSource([opened(60), packet(60)], live=True)

    sources: Iterator[Callable[[], Source]] = iter([first, good])
    rig = Rig(SOMEBODY, lambda: next(sources)())
    with rig.running() as heard:
        heard.await_types("camera.lost", "camera.connected")
    assert heard.last("camera.lost").data == {"reason": reason}


# -- live


def live_rig() -> tuple[Rig, StepSource]:
    source = StepSource()
    return Rig(SOMEBODY, lambda: source), source


def test_nobody_watches_and_nothing_live_is_sent() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened(), *packets(0, 2))
        assert heard.live == []


def test_who_comes_late_gets_the_packets_since_the_last_key_frame() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened(), *packets(0, 1.5))
        rig.loop.watch(packets=True, pictures=False)
        source.step(*packets(1.5, 2.5))
        assert heard.live[0] == H264
        assert [p.dts_s for p in heard.packets()] == [p.dts_s for p in packets(1, 2.5)]
        rig.loop.watch(packets=True, pictures=False)  # once more: they have it all already
        rig.loop.watch(packets=False, pictures=False)
        sent = len(heard.packets())
        source.step(*packets(2.5, 3.5))
        assert len(heard.packets()) == sent == 15


def test_another_stream_is_announced_to_those_who_watch() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened(), packet(0))
        rig.loop.watch(packets=True, pictures=False)
        larger = replace(H264, width_px=640)
        source.step(StreamOpened(larger, after(1)), packet(1))
        shown = [live for live in heard.live if isinstance(live, StreamInfo | Packet)]
        assert shown == [H264, packet(0), larger, packet(1)]


def test_a_viewer_of_pictures_does_not_start_the_packets_of_the_others_again() -> None:
    """Symptom: a second viewer whose browser cannot play H.264 made the first one's picture stop."""
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened(), packet(0))
        rig.loop.watch(packets=True, pictures=False)
        rig.loop.watch(packets=True, pictures=True)
        source.step(*packets(0.1, 0.5))
        assert sum(isinstance(live, StreamInfo) for live in heard.live) == 1
        assert heard.jpegs()
        rig.loop.watch(packets=False, pictures=True)
        assert sum(isinstance(live, StreamInfo) for live in heard.live) == 2


@pytest.mark.parametrize("back_s", [0, -3600], ids=["", "the camera's clock is set back"])
def test_live_pictures(back_s: float) -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        rig.loop.watch(packets=False, pictures=True)
        source.step(opened(), *packets(0, 1))
        assert heard.live[0] == H264
        assert heard.packets() == []
        assert 8 <= len(heard.jpegs()) <= 10
        sent = len(heard.jpegs())
        source.step(*packets(1 + back_s, 2 + back_s))
        assert len(heard.jpegs()) >= sent + 8


def test_boxes_are_sent_while_somebody_watches() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 2)
        heard.await_types("track.started")
        rig.loop.watch(packets=True, pictures=False)
        (view,) = [live for live in heard.live if isinstance(live, TrackView)]
        (box,) = view.tracks
        assert (box.track_id, box.class_name, box.observed) == (1, "person", True)
        assert box.subject == heard.last("track.started").subject
        assert box.box == pytest.approx((148 / 320, 130 / 240, 172 / 320, 200 / 240), abs=0.02)


def test_a_snapshot_is_the_picture_of_this_moment() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        rig.loop.snapshot()
        assert heard.jpegs() == []
        source.step(opened(), packet(0))
        assert len(heard.jpegs()) == 1  # the next
        rig.loop.snapshot()
        assert len(heard.jpegs()) == 2  # the latest
        rig.clock.advance(60)
        rig.loop.snapshot()
        assert len(heard.jpegs()) == 2  # that one is old
        source.step(*packets(60, 60.5))
        assert len(heard.jpegs()) == 3


# -- the end, and what is too much


def test_closing_ends_visits_and_tracks() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 3)
        heard.await_types("track.started", "zone.entered")
        rig.loop.close()
        assert heard.types[-3:] == ["zone.left", "track.described", "track.ended"]
        rig.loop.close()
    assert heard.types.count("track.ended") == 1


def test_closing_while_the_source_is_being_opened() -> None:
    """Symptom: a camera that was removed while it was being opened was read for ever."""
    opening, may_open = threading.Event(), threading.Event()
    source = ScriptedSource([], live=True)

    def slow() -> Source:
        opening.set()
        assert may_open.wait(PATIENCE_S)
        return source

    rig = Rig(SOMEBODY, slow)
    rig.loop.start()
    assert opening.wait(PATIENCE_S)
    closing = threading.Thread(target=rig.loop.close)
    closing.start()
    assert rig.loop._closing.wait(PATIENCE_S)
    may_open.set()
    closing.join(PATIENCE_S)
    assert not closing.is_alive()


def test_a_detector_that_cannot_keep_up_is_told_of_until_it_can_again() -> None:
    """And the packets, which a recording would be made of, go on all the same."""
    source, detector = StepSource(), GatedDetector()
    rig = Rig(SOMEBODY_RESTLESS, lambda: source, detector)
    with rig.running() as heard:
        rig.loop.watch(packets=True, pictures=False)
        source.step(opened())
        for one in packets(0, 24):
            rig.clock.advance(0.1)
            source.step(one)
        heard.await_types("camera.overloaded")
        state = rig.loop.state()
        assert state.wanted >= 10
        assert state.dropped >= state.wanted - 6
        assert state.fps == pytest.approx(10, abs=1)
        assert (state.state, state.reason) == ("connected", heard.last("camera.overloaded").data["reason"])
        assert "the detector is too busy" in state.reason
        assert heard.packets() == packets(0, 24)
        detector.let(1000)
        feed(rig, source, 24, 46)
        assert heard.types.count("camera.overloaded") == 1
        heard.await_types("camera.overloaded", "camera.recovered")
        assert rig.loop.state().reason == ""
    data = heard.last("camera.overloaded").data
    dropped, wanted = data["dropped"], data["wanted"]
    assert isinstance(dropped, int)
    assert isinstance(wanted, int)
    assert wanted - 6 <= dropped <= wanted
    assert data["passed_over"] == 0


class Slow:
    """A `Pool` in which nobody has time, until `catch_up`."""

    def __init__(self) -> None:
        self._called: Seer | None = None

    def call(self, seer: Seer) -> None:
        self._called = seer

    def dismiss(self, seer: Seer) -> None:
        self._called = None

    def catch_up(self) -> None:
        while self._called is not None and self._called.see():
            pass


def test_a_processor_that_cannot_keep_up_is_told_of() -> None:
    source, pool = StepSource(), Slow()
    rig = Rig(SOMEBODY, lambda: source, pool=pool)
    with rig.running() as heard:
        rig.loop.watch(packets=True, pictures=False)
        source.step(opened())
        for number, one in enumerate(packets(0, 23)):
            rig.clock.advance(0.1)
            source.step(one)
            if number % 30 == 0:
                pool.catch_up()
        heard.await_types("camera.overloaded")
        state = rig.loop.state()
        assert state.passed_over > 30
        assert "the processor is too busy" in state.reason
        assert heard.packets() == packets(0, 23)
        assert state.behind_s is not None


def test_packets_go_on_while_a_picture_is_being_walked() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        rig.loop.watch(packets=True, pictures=False)
        with rig.loop._lock:  # a walk that takes its time
            source.offer(opened())
        source.step()
        with rig.loop._lock:
            source.offer(packet(0))
            heard.wait(lambda: len(heard.packets()) == 1)
        source.step()


def test_nothing_happens_and_few_pictures_are_decoded() -> None:
    source, decoded = StepSource(), Counter[int]()
    rig = Rig(Stage(), lambda: source, decoded=decoded)
    with rig.running():
        source.step(opened())
        feed(rig, source, 0, 20)
        state = rig.loop.state()
        assert (state.awake, state.moving, state.state) == (False, False, "connected")
        assert state.fps == pytest.approx(10, abs=0.5)
    assert decoded.total() < 70, "3 s from the start, then a picture or two a second; 200 came"


def test_lost_and_back_in_the_middle_of_a_group() -> None:
    """Dozing, with packets kept; the new stream begins where it likes, and who is there by then is seen."""
    source = StepSource()
    late = Stage(Actor(standing((160, 200), height_px=70), level=40, is_seen=lambda at_s: at_s > 12.5))
    rig = Rig(late, lambda: source)
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 12.4)
        assert not rig.loop.state().awake
        source.step(StreamLost("closed", after(12.4)), opened(12.6))
        feed(rig, source, 12.7, 16)
        heard.await_types("camera.lost", "camera.connected", "track.started", "zone.entered")
    assert heard.types.count("track.started") == 1


def test_what_the_detector_saw_before_the_stream_was_lost_is_not_for_the_new_one() -> None:
    """Symptom: a picture that was still being looked at brought people of before into the stream after."""
    source, detector = StepSource(), GatedDetector(SOMEBODY.detect)
    rig = Rig(SOMEBODY, lambda: source, detector)
    with rig.running() as heard:
        source.step(opened(), packet(0))
        detector.await_batch()
        source.step(StreamLost("closed", after(1)), opened(60), packet(60))
        detector.let(1000)
        detector.await_batch()
        for one in packets(60.1, 63):
            rig.clock.advance(0.1)
            source.step(one)
        heard.await_types("camera.lost", "camera.connected", "track.started")
    assert heard.last("track.started").at >= after(60)


def test_new_zones_without_a_new_stream() -> None:
    rig, source = live_rig()
    with rig.running() as heard:
        source.step(opened())
        feed(rig, source, 0, 3)
        heard.await_types("zone.entered")
        rig.loop.configure(replace(CAMERA, zones=()))
        assert heard.types[-1] == "zone.left"
        assert rig.loop.camera.zones == ()


def test_speeds_that_nobody_can_go_at_are_counted_until_the_ground_is_calibrated_anew() -> None:
    """By this calibration the picture is 900 m wide, and whoever walks through it goes at 135 m/s."""
    square = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    absurd = Ground(square, ((0.0, 0.0), (900.0, 0.0), (900.0, 20.0), (0.0, 20.0)))
    source = StepSource()
    rig = Rig(PASSER_BY, lambda: source)
    calibrated = replace(CAMERA, behaviours=(BehaviourSpec("run", "running"),), ground=absurd)
    rig.loop.configure(calibrated)
    with rig.running():
        source.step(opened())
        feed(rig, source, 0, 6)
        state = rig.loop.state()
        assert state.speeds_refused > 3
        assert state.speeds_above_mps == 12.5
        rig.loop.configure(replace(calibrated, zones=()))
        assert rig.loop.state().speeds_refused >= state.speeds_refused
        rig.loop.configure(replace(calibrated, ground=None))
        state = rig.loop.state()
        assert (state.speeds_refused, state.speeds_above_mps) == (0, 0.0)
    assert "person.ran" not in rig.heard.types
