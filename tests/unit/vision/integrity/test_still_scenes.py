"""A living scene that falls quiet, or is coded more coarsely, is not frozen; a still is, for as long as it lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from custos.model.frame import Image
from custos.testing.clock import after
from custos.testing.coding import Coded, decoded
from custos.vision.integrity import IntegrityWatch
from custos.vision.integrity.alike import Alike
from custos.vision.integrity.departed import departed

FPS = 5
SHAPES: Image = np.kron(np.random.default_rng(2).integers(50, 200, (12, 20), np.uint8), np.ones((8, 8), np.uint8))
PIXELS = 256


def quiet(seconds: float, noise: float, *, busy: float = 0.0, fps: int = FPS) -> Iterator[Image]:
    """An empty dock with the sensor's noise, with a share of its width in which all moves."""
    rng = np.random.default_rng(4)
    width = round(SHAPES.shape[1] * busy)
    for _ in range(round(seconds * fps)):
        luma = SHAPES.astype(float)
        luma[:, :width] = np.kron(rng.integers(60, 190, (6, 10)), np.ones((16, 16)))[:, :width]
        yield np.asarray(np.clip(luma + rng.normal(0, noise, luma.shape), 0, 255).round(), np.uint8)


@pytest.mark.parametrize(("noise", "busy"), [(0.6, 0.35), (1.0, 0.6), (0.6, 1.0)])
def test_a_dock_from_which_the_lorry_has_gone_is_not_frozen(noise: float, busy: float) -> None:
    """Symptom: movement was taken for the camera's noise; four seconds after it the camera was frozen for good."""
    lumas = [*quiet(40, noise, busy=busy, fps=1), *quiet(30, noise, fps=1)]
    watch = IntegrityWatch()
    said = [s for at_s, luma in enumerate(lumas) for s in watch.update(luma, after(at_s))]
    assert "camera.frozen" not in [s.type for s in said]


@pytest.mark.parametrize("reconnects", [True, False])
def test_a_dock_that_is_coded_more_coarsely_is_not_frozen(reconnects: bool) -> None:
    """Symptom: frozen five to nine seconds later, and for good. Between two key frames nothing is coded any more."""
    watch, said = IntegrityWatch(), []
    for crf, from_s in ((18, 0), (35, 30)):
        if crf == 35 and reconnects:
            watch.interrupted()
        packets = list(Coded(FPS, crf, gop=10).packets(quiet(30, 2.0)))
        for n, (luma, packet) in enumerate(zip(decoded(packets), packets, strict=True)):
            at = after(from_s + n / FPS)
            watch.packet(len(packet), at)
            said += watch.update(luma, at)
    assert said == []


def told(alike: Alike, values: Callable[[int], NDArray[np.int16]], from_s: int, to_s: int) -> list[int]:
    """The seconds in which it is frozen."""
    frozen = []
    for at_s in range(from_s, to_s):
        alike.step(values(at_s), float(at_s))
        if alike.check(float(at_s)):
            frozen.append(at_s)
    return frozen


def noisy(seed: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).normal(100, 2, PIXELS).round().astype(np.int16)


def test_nothing_has_been_seen() -> None:
    assert Alike().check(0.0) is None


def test_a_still_is_frozen_as_long_as_it_lasts_and_may_freeze_again() -> None:
    """Its coding makes two pictures of it, in turn."""
    alike = Alike()
    assert told(alike, noisy, 0, 30) == []
    frozen = told(alike, lambda at_s: noisy(29 + at_s // 4 % 2), 30, 200)
    assert frozen[0] <= 36
    assert frozen == list(range(frozen[0], 200))
    assert told(alike, noisy, 200, 240)[-1] <= 203
    assert told(alike, lambda _: noisy(239), 240, 280)[0] <= 246


def test_new_pictures_that_keep_coming_are_a_living_cameras() -> None:
    """It codes noise in key frames only, of late, and those are five seconds apart."""
    alike = Alike()
    assert told(alike, noisy, 0, 30) == []
    frozen = told(alike, lambda at_s: noisy(at_s // 5 + 1000), 30, 200)
    assert 30 < frozen[0] <= frozen[-1] < 75
    assert told(alike, lambda at_s: noisy(at_s if at_s < 240 else 240), 200, 280) == []


def test_after_a_reconnection_what_is_usual_is_learned_anew() -> None:
    alike = Alike()
    assert told(alike, noisy, 0, 30) == []
    alike.forget()
    assert told(alike, lambda _: noisy(29), 30, 90) == []
    assert told(alike, noisy, 90, 1100) == []
    assert told(alike, lambda _: noisy(1099), 1100, 1110)


@pytest.mark.parametrize("crf", [(26, 26), (26, 18), (18, 40)])
def test_a_still_that_reconnects_is_frozen_until_it_lives(crf: tuple[int, int]) -> None:
    """Symptom: over a second after the reconnection, as nothing was known of the stream, and never told again."""
    lively = [*quiet(40, 3.0)]
    still, clip = [lively[-11]] * 10 * FPS, lively[: 30 * FPS]
    watch, said = IntegrityWatch(), list[tuple[str, int]]()

    def see(lumas: list[Image], crf: int, from_s: int) -> None:
        for n, luma in enumerate(Coded(FPS, crf, gop=5).pictures(lumas)):
            said.extend((one.type, round(n / FPS + from_s)) for one in watch.update(luma, after(from_s + n / FPS)))

    see([*clip, *still], crf[0], 0)
    watch.interrupted()
    see([*still, *still, *still], crf[1], 50)
    watch.interrupted()
    see([*still, *lively[-10 * FPS :]], crf[1], 100)
    assert [kind for kind, _ in said] == ["camera.frozen", "camera.restored"]
    assert 110 < said[1][1] <= 117


def walker(seconds: float, width: int, height: int, pixels: int) -> Iterator[Image]:
    """The same dock at night, without noise: all that moves is a person, by so many pixels a picture."""
    for n in range(round(seconds * FPS)):
        luma = SHAPES.copy()
        luma[(at := 10 + pixels * n % 60) : at + height, 70 : 70 + width] = 25
        yield luma


WITHOUT_NOISE = {
    "a walker": [*walker(8, 11, 28, 3)],
    "somebody farther off": [*walker(14, 6, 16, 1)],
    "another view": [SHAPES[:, ::-1].copy()] * 8 * FPS,
    "another light": [np.asarray(SHAPES * 0.8, np.uint8)] * 8 * FPS,
}


@pytest.mark.parametrize("seen", WITHOUT_NOISE)
@pytest.mark.parametrize("told_by", ["from second to second", "from picture to picture"])
def test_a_frozen_camera_that_comes_back_alive_is_restored_without_noise(told_by: str, seen: str) -> None:
    """Symptom: its noise was coded away by then, and it stayed frozen without limit, however much moved."""
    lively = [*quiet(30, 3.0)]
    lumas = [*lively, *[lively[-1]] * 10 * FPS]
    watch = IntegrityWatch()
    pictures = Coded(FPS, 26, gop=5).pictures(lumas) if told_by == "from second to second" else lumas
    said = [s.type for n, luma in enumerate(pictures) for s in watch.update(luma, after(n / FPS))]
    assert said == ["camera.frozen"]
    watch.interrupted()
    watch.interrupted()
    said = [s.type for n, luma in enumerate(WITHOUT_NOISE[seen]) for s in watch.update(luma, after(60 + n / FPS))]
    assert said == ["camera.restored"]


def test_only_what_is_beyond_a_stills_coding_departs_from_it() -> None:
    still = noisy(0) + np.arange(PIXELS, dtype=np.int16) // 4
    recoded = still // 16 * 16 + np.int16(8)
    assert not departed(still, [still], still)
    assert not departed(recoded, [still], still)
    assert departed(still + np.int16(8), [still + np.int16(8)], still)
    assert departed(still[::-1], [still[::-1]], still)
    patch = still.copy()
    patch[40:44] += 40
    assert departed(patch, [still], still)
    assert not departed(patch, [patch, still], still), "what comes again is the still's coding"
    black = np.zeros_like(still)
    assert not departed(black, [black], black)


def test_a_person_who_says_that_it_is_not_frozen_is_believed() -> None:
    """Symptom: the next look said it again."""
    watch = IntegrityWatch()
    lumas = [*quiet(30, 2.0)]
    said = [s.type for n, luma in enumerate(lumas) for s in watch.update(luma, after(n / FPS))]
    said += [s.type for n in range(15 * FPS) for s in watch.update(lumas[-1], after(30 + n / FPS))]
    assert said == ["camera.frozen"]
    assert [s.type for s in watch.accept(after(45))] == ["camera.restored"]
    assert [s for n in range(30 * FPS) for s in watch.update(lumas[-1], after(45 + n / FPS))] == []
