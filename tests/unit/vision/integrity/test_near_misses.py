"""What must not be taken for an attack."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from tests.unit.vision.integrity.test_attacks import FPS, done, scene, watched

from custos.model.frame import Image
from custos.simulate.attacks import Attack, Strength, attacked
from custos.testing.clock import after
from custos.testing.stage import Actor, Stage, standing
from custos.vision.integrity import IntegrityWatch
from custos.vision.integrity.small_view import BLACK


def test_no_picture_at_all() -> None:
    watch = IntegrityWatch()
    watch.interrupted()
    assert watch.troubles() == ()
    assert watch.accept(after(0)) == []


def scaled(luma: Image, share: float, offset: float = 0.0) -> Image:
    return np.asarray(np.clip((luma.astype(np.float32) - 16) * share + 16 + offset, 0, 255), np.uint8)


@pytest.mark.parametrize("share", [0.2, 0.45, 1.5])
def test_lamps_are_switched(share: float) -> None:
    lights = [scaled(luma, share) if n >= 220 else luma for n, luma in enumerate(scene())]
    assert watched(lights) == []


@pytest.mark.parametrize("left", [0.24, 0.18])
def test_lamps_go_out_at_night(left: float) -> None:
    """Called black in an hour of drawn weather: nothing was brighter than a tenth of the range, yet all showed."""
    lights = [scaled(luma, 0.5 * (left if n >= 220 else 1.0)) for n, luma in enumerate(scene())]
    assert float(np.percentile(lights[-1], 95)) <= BLACK
    assert watched(lights) == []


def test_a_camera_changes_its_exposure_in_steps() -> None:
    steps = [
        scaled(luma, (1.0, 1.3, 0.8, 1.15)[n // 60 % 4], (0, 12, -4, 6)[n // 60 % 4]) for n, luma in enumerate(scene())
    ]
    assert watched(steps) == []


def test_night_falls() -> None:
    """To a fiftieth of the light, within four minutes: that blinds nobody by surprise."""
    dusk = (scaled(scene()[n % 330], max(0.02, 1 - n / 480)) for n in range(560))
    assert watched(dusk, watch=IntegrityWatch(loops=True), fps=2) == []


def test_headlights_sweep_over_the_picture() -> None:
    h, w = scene()[0].shape
    x, y = np.meshgrid(np.arange(w), np.arange(h))

    def lit(n: int, luma: Image) -> Image:
        at = (n - 220) * w / 25
        glare = 400 * np.exp(-(((x - at) / 60) ** 2 + ((y - h * 0.6) / 40) ** 2))
        return np.asarray(np.clip(luma * 0.5 + glare, 0, 255), np.uint8)

    assert watched(lit(n, luma) if n >= 200 else scaled(luma, 0.5) for n, luma in enumerate(scene())) == []


def test_rain_begins() -> None:
    rng = np.random.default_rng(3)

    def rainy(luma: Image) -> Image:
        drops = np.zeros_like(luma)
        for x, y, length in rng.integers((0, 0, 4), (256, 144, 14), (250, 3)):
            cv2.line(drops, (int(x), int(y)), (int(x) - 2, int(y + length)), (60,), 1)
        return np.asarray(cv2.add(scaled(luma, 0.75, 20), drops), np.uint8)

    assert watched(rainy(luma) if n >= 200 else luma for n, luma in enumerate(scene())) == []


def before_the_dock(share: float, from_s: float, to_s: float) -> Iterator[Image]:
    """A flat grey side of so much of the picture's width stands before the dock, from the bottom to almost the top."""
    for n, luma in enumerate(scene()):
        picture = luma.copy()
        if from_s * FPS <= n < to_s * FPS:
            h, w = picture.shape
            rng = np.random.default_rng(n)
            side = picture[h // 12 :, round(w * 0.1) : round(w * (0.1 + share))]
            side[:] = 90 + rng.normal(0, 1.5, side.shape)
        yield picture


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_truck_stops_close_for_three_seconds(share: float) -> None:
    assert watched(before_the_dock(share, 22, 25)) == []


def test_somebody_stands_close_for_long() -> None:
    assert watched(before_the_dock(0.1, 14, 33)) == []


def test_a_drawn_scene_without_noise_stands_still_and_is_not_frozen() -> None:
    """Every picture repeats the one before, but for somebody who passes now and then."""
    still = scene()[0]

    def drawn() -> Iterator[Image]:
        for n in range(900):
            picture = still.copy()
            if n % 200 < 20:
                picture[80:120, 20 + n % 200 * 10 : 40 + n % 200 * 10] = 60
            yield picture

    assert watched(drawn(), watch=IntegrityWatch(loops=True)) == []


def test_a_picture_that_has_never_changed_is_not_frozen() -> None:
    assert watched(scene()[0] for _ in range(400)) == []


def test_a_quiet_scene_under_heavy_compression_repeats_itself_and_is_neither_frozen_nor_replayed() -> None:
    """A key frame every two seconds shows one of the same few pictures; nothing changes in between."""
    shown = [scene()[n] for n in range(2)]
    assert watched(shown[n // 20 % 2] for n in range(900)) == []


def test_a_lamp_that_blinks_over_the_whole_picture_is_no_replay() -> None:
    blinking = [scaled(luma, 0.6 if n % 10 < 5 else 1.0) for n, luma in enumerate(scene())]
    assert watched(blinking) == []


def test_a_camera_on_a_mast_sways_in_the_wind() -> None:
    """A hundredth of the picture to and fro, twice a second."""

    def swaying() -> Iterator[Image]:
        for n, luma in enumerate(scene()):
            shift = 0.008 * np.sin(n * 1.3)
            yield from attacked(
                [luma], Attack.SHIFT, fps=FPS, from_s=0, strength=Strength(takes_s=0.01, shift=(shift, 0))
            )

    assert watched(swaying()) == []


def test_a_plain_wall_says_nothing() -> None:
    rng = np.random.default_rng(1)
    wall = [np.asarray(120 + rng.normal(0, 2, (180, 320)), np.uint8) for _ in range(20)]
    assert watched(wall[rng.integers(20)] for _ in range(300)) == []


def test_a_hand_before_the_lens_for_a_moment() -> None:
    for attack in (Attack.COVER, Attack.OBSTRUCT, Attack.BLIND_BRIGHT):
        short = [*done(attack)[:245], *scene()[245:]]
        assert watched(short) == [], attack


def test_another_size_is_another_picture() -> None:
    larger = [np.asarray(cv2.resize(luma, (640, 360)), np.uint8) for luma in scene()[:100]]
    watch = IntegrityWatch(loops=True)
    assert watched(scene()[:200], watch=watch) == []
    assert watched(larger, watch=watch, from_s=20) == []


def test_a_picture_a_second_is_enough_for_the_view() -> None:
    """A worker that decodes key frames only while all is quiet."""
    watch = IntegrityWatch()
    assert watched(scene()[:220:10], watch=watch, fps=1) == []
    said = watched(done(Attack.COVER)[220::10], watch=watch, from_s=22, fps=1)
    assert [s.type for s in said] == ["camera.covered"]


def test_standing_people_are_part_of_the_view() -> None:
    stage = Stage(Actor(standing((160, 200))))
    assert watched(stage.luma(n / FPS) for n in range(200)) == []
