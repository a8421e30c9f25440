"""A camera that dozes shows its watch a picture a second; what is done to its stream is told all the same, in time.

All pictures are drawn, coded as a camera's would be, and go through the eye as those of a live camera do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count

import numpy as np
import pytest

from custos.adapters.sources.decode import PacketDecoder
from custos.model.event import Event
from custos.model.frame import Image, Packet, StreamInfo, StreamOpened
from custos.model.site import Camera
from custos.pipeline.analysis import Analysis
from custos.simulate.attacks import Attack, Strength, attacked
from custos.testing.clock import START
from custos.testing.coding import Coded, sent
from custos.testing.sources import ScriptedSource
from custos.testing.stage import Stage

FPS, GOP = 10, 10
ACT_S, IN_TIME_S = 22.0, 10.0
SHAPES: Image = np.kron(np.random.default_rng(2).integers(50, 200, (12, 20), np.uint8), np.ones((8, 8), np.uint8))


@cache
def quiet(seconds: float, noise: float = 3.0) -> tuple[Image, ...]:
    """An empty dock, with so many grey levels of the sensor's noise."""
    rng = np.random.default_rng(4)
    return tuple(
        np.asarray(np.clip(SHAPES + rng.normal(0, noise, SHAPES.shape), 0, 255).round(), np.uint8)
        for _ in range(round(seconds * FPS))
    )


def told(packets: Sequence[Packet], *, every_picture: bool = False) -> list[Event]:
    """What is told of the camera itself."""
    ids, (h, w) = count(1), SHAPES.shape
    analysis = Analysis(
        ScriptedSource([StreamOpened(StreamInfo("h264", w, h), START), *packets]),
        PacketDecoder,
        Stage(),
        Camera("dock", "Dock", "rtsp://camera.example/dock"),
        site_id="hq",
        session="s",
        new_id=lambda: f"e-{next(ids)}",
        every_picture=every_picture,
    )
    events = [event for step in analysis for event in step.events]
    if not every_picture:
        assert analysis.summary.decoded < 0.9 * len(packets) or not packets, "it did not doze"
    return [event for event in events if event.type.startswith("camera.")]


def coded(lumas: Sequence[Image], crf: float, gop: int = GOP) -> list[Packet]:
    return sent(list(Coded(FPS, crf, gop=gop).packets(lumas)), fps=FPS, gop=gop)


def frozen(seconds: float, noise: float = 3.0) -> list[Image]:
    return list(attacked(quiet(seconds, noise), Attack.FREEZE, fps=FPS, from_s=ACT_S))


def only(events: Sequence[Event], kind: str) -> Event:
    assert [event.type for event in events] == [kind]
    assert 0 <= (events[0].at - START).total_seconds() - ACT_S <= IN_TIME_S
    return events[0]


def test_a_stream_without_a_picture() -> None:
    assert told([]) == []


@pytest.mark.parametrize("crf", [18, 26, 35])
def test_a_living_camera_is_left_alone(crf: float) -> None:
    assert told(coded(quiet(34), crf)) == []


@pytest.mark.parametrize(("crf", "gop"), [(18, 10), (26, 10), (26, 20), (35, 10)])
def test_a_still_coded_anew_is_frozen_and_stays_so(crf: float, gop: int) -> None:
    """Symptom: told after six seconds when every picture was decoded, and never of a camera that dozed; and at a high
    quality over after ten, though it still stood."""
    event = only(told(coded(frozen(48), crf, gop)), "camera.frozen")
    assert event.data["still_s"] != 0


def test_it_stays_frozen_when_every_picture_is_decoded() -> None:
    """Symptom: told after nine seconds, and over ten later: its own beginning had been taken for usual."""
    only(told(coded(frozen(48), 18), every_picture=True), "camera.frozen")


def test_the_last_key_frame_sent_over_and_over_is_frozen() -> None:
    packets = coded(quiet(ACT_S), 26)
    still = [packets[-GOP].data] * round(12 * FPS)
    again = sent([*(one.data for one in packets), *still], fps=FPS, gop=GOP)
    only(told(again), "camera.frozen")


def test_a_stream_that_comes_alive_again_is_restored() -> None:
    lumas = [*frozen(36), *quiet(46)[-90:]]
    events = told(coded(lumas, 26))
    assert [event.type for event in events] == ["camera.frozen", "camera.restored"]
    assert events[1].data["was"] == "camera.frozen"


@pytest.mark.parametrize("crf", [18, 35])
def test_packets_that_come_again_are_replayed(crf: float) -> None:
    """Nothing is decoded for it."""
    live = [one.data for one in coded(quiet(ACT_S), crf)]
    loop = live[-7 * GOP :]
    event = only(told(sent([*live, *loop, *loop], fps=FPS, gop=GOP)), "camera.replayed")
    assert (event.data["ago_s"], event.data["repetition"]) == (7.0, "exact")


@pytest.mark.parametrize("loop_s", [8.3, 11.7])
def test_a_recording_coded_anew_is_told_whatever_its_length(loop_s: float) -> None:
    """Symptom: with every picture decoded it was told at a high quality, and not within 45 s at crf 26: too little of
    the noise was left in any one picture."""
    shown = attacked(quiet(36), Attack.LOOP, fps=FPS, from_s=ACT_S, strength=Strength(loop_s=loop_s))
    event = only(told(coded(list(shown), 26), every_picture=True), "camera.replayed")
    assert event.data["ago_s"] == pytest.approx(loop_s, abs=0.02)
    assert event.data["repetition"] == "coded anew"


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0])
def test_a_still_night_under_strong_compression_is_neither_frozen_nor_replayed(noise: float) -> None:
    """Of most pictures nothing is coded at all, and key frames are alike or nearly."""
    assert told(coded(quiet(40, noise), 35)) == []


@pytest.mark.parametrize(("noise", "every_picture"), [(0.6, False), (3.0, False), (1.0, True)])
def test_a_still_night_at_a_low_bitrate_is_neither_frozen_nor_replayed(noise: float, every_picture: bool) -> None:
    data = list(Coded(FPS, bitrate_bps=16_000).packets(quiet(40, noise)))
    assert told(sent(data, fps=FPS, gop=GOP), every_picture=every_picture) == []


def passed(seconds: float) -> Iterator[Image]:
    """A drawn scene without noise; a dark figure goes by now and then."""
    for n in range(round(seconds * FPS)):
        luma = SHAPES.copy()
        if n % 150 < 20:
            luma[40:80, n % 150 * 7 : n % 150 * 7 + 14] = 20
        yield luma


def test_a_scene_without_noise_in_which_somebody_passes_is_neither_frozen_nor_replayed() -> None:
    """After each passing the same packets come as after the one before."""
    assert told(coded(list(passed(50)), 26)) == []


def test_lamps_that_are_switched_change_the_noise_and_freeze_nothing() -> None:
    """In the light the sensor needs less gain: a tenth of the noise is left at once."""
    lit = [np.asarray(np.clip(luma.astype(np.int16) + 40, 0, 255), np.uint8) for luma in quiet(40, 0.6)[300:]]
    dark = quiet(30, 4.0)
    assert told(coded([*dark, *lit, *lit], 22)) == []
