"""The motion gate: what opens it, what it keeps, and what it forgives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from custos.model.frame import Image
from custos.testing.stage import Actor, Stage, standing, walk
from custos.vision.motion import Motion, MotionGate

WIDTH, HEIGHT = 320, 240
MIDDLE = (160.0, 160.0)


def play(gate: MotionGate, stage: Stage, from_s: float, to_s: float, *, fps: float = 10) -> list[Motion]:
    times = from_s + np.arange(round((to_s - from_s) * fps)) / fps
    return [gate.update(stage.luma(float(t)), float(t)) for t in times]


def box(*xyxy: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([xyxy], np.float32)


def test_the_first_picture_tells_nothing() -> None:
    motion = MotionGate().update(Stage().luma(0), 0)
    assert not motion.is_moving
    assert not motion.foreground.any()
    assert not motion.changing.any()


def test_grain_does_not_open_the_gate() -> None:
    motions = play(MotionGate(), Stage(Actor(standing(MIDDLE))), 0, 10)
    assert not any(m.is_moving for m in motions)
    assert not any(m.foreground.any() for m in motions)


def test_somebody_who_walks_opens_it_and_it_closes_behind_them() -> None:
    stage = Stage(Actor(walk((40, 200), (280, 200), from_s=3, to_s=6)))
    gate = MotionGate()
    assert not any(m.is_moving for m in play(gate, stage, 0, 3))
    walking = play(gate, stage, 3, 6)
    assert all(m.is_moving for m in walking[3:])
    after = play(gate, stage, 6, 9)
    assert after[3].is_moving  # held for a moment
    assert not after[-1].is_moving
    assert not after[-1].foreground.any()


@pytest.mark.parametrize("fps", [2, 25])
def test_a_slow_and_a_fast_camera_see_the_same(fps: float) -> None:
    stage = Stage(Actor(walk((40, 200), (280, 200), from_s=3, to_s=6)))
    motions = play(MotionGate(), stage, 0, 6, fps=fps)
    assert [m.is_moving for m in motions[int(3.6 * fps) :]] == [True] * (len(motions) - int(3.6 * fps))
    assert not any(m.is_moving for m in motions[: int(3 * fps)])


def step(at_s: float) -> float:
    return 40.0 if at_s >= 5 else 0.0


def dawn(at_s: float) -> float:
    return max(0.0, at_s - 5) * 4


@pytest.mark.parametrize("light", [step, dawn], ids=["a step", "slowly"])
def test_a_change_of_light_is_not_taken_for_people(light: Callable[[float], float]) -> None:
    """Symptom: when the exposure changed, the whole picture was foreground for minutes."""
    motions = play(MotionGate(), Stage(light=light), 0, 12)
    assert max(float(m.foreground.mean()) for m in motions) < 0.05
    assert not motions[-1].is_moving


def test_somebody_who_walks_while_the_light_changes_is_seen() -> None:
    stage = Stage(Actor(walk((40, 200), (280, 200), from_s=4, to_s=8)), light=step)
    motions = play(MotionGate(), stage, 0, 8)
    last = motions[-1]
    assert last.is_moving
    assert last.foreground_fraction(box(262, 136, 286, 200), WIDTH, HEIGHT)[0] > 0.6
    assert last.foreground.mean() < 0.1


def test_who_stops_stays_foreground_for_a_minute_and_more() -> None:
    """Symptom: a person who stood still melted into the background within seconds."""
    stage = Stage(Actor(walk((40, 200), (160, 200), from_s=3, to_s=5, stay_s=1000)))
    gate = MotionGate()
    play(gate, stage, 0, 5)
    motions = play(gate, stage, 5, 75, fps=4)
    place = box(148, 136, 172, 200)
    assert min(m.foreground_fraction(place, WIDTH, HEIGHT)[0] for m in motions) > 0.8
    assert not motions[-1].is_moving


def test_where_somebody_stood_for_a_moment_is_background_at_once() -> None:
    stage = Stage(Actor(walk((40, 200), (160, 200), from_s=3, to_s=5, stay_s=5)))
    motions = play(MotionGate(), stage, 0, 12)
    assert not motions[-1].foreground.any()


def test_a_picture_of_another_size_begins_anew() -> None:
    gate = MotionGate()
    play(gate, Stage(), 0, 3)
    small = Stage(size=(160, 90))
    first, *others = play(gate, small, 3, 6)
    assert first.foreground.shape == (90, 160)
    assert not any(m.foreground.any() or m.is_moving for m in (first, *others))


def test_what_is_forgotten_is_learned_anew() -> None:
    gate = MotionGate()
    play(gate, Stage(), 0, 3)
    gate.forget()
    other = Stage(Actor(standing(MIDDLE, width_px=200, height_px=100)))
    assert not any(m.foreground.any() for m in play(gate, other, 3, 6))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 50), (400, 3)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    gate = MotionGate()
    dark, bright = (np.full((size[1], size[0]), level, np.uint8) for level in (10, 200))
    for n, luma in enumerate((dark, dark, bright)):
        assert gate.update(luma, n / 10).foreground.shape[0] >= 1


def motion_of(*places: tuple[int, int, int, int]) -> Motion:
    """(60, 80): a quarter of the picture's width and height; `places` are foreground, in the picture's pixels."""
    mask = np.zeros((HEIGHT // 4, WIDTH // 4), bool)
    for left, top, right, bottom in places:
        mask[top // 4 : bottom // 4, left // 4 : right // 4] = True
    return Motion(mask, ~mask, is_moving=True)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param((40, 40, 80, 120), 1.0, id="just it"),
        pytest.param((40, 40, 120, 120), 0.5, id="half"),
        pytest.param((160, 40, 200, 120), 0.0, id="elsewhere"),
        pytest.param((60, 60, 60, 100), 0.0, id="without width"),
        pytest.param((-400, -400, -100, -100), 0.0, id="outside the picture"),
        pytest.param((-100, -100, 500, 500), 40 * 80 / (WIDTH * HEIGHT), id="larger than the picture"),
    ],
)
def test_shares_of_a_box(place: tuple[float, float, float, float], expected: float) -> None:
    motion = motion_of((40, 40, 80, 120))
    assert motion.foreground_fraction(box(*place), WIDTH, HEIGHT)[0] == pytest.approx(expected, abs=1e-3)
    if expected:
        assert motion.changing_fraction(box(*place), WIDTH, HEIGHT)[0] == pytest.approx(1 - expected, abs=1e-3)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([], 1.0, id="nobody else"),
        pytest.param([(0, 40, 52, 120)], 0.5, id="somebody before half of it, and two pixels of the gate around them"),
        pytest.param([(0, 40, 52, 120), (76, 40, 200, 120)], 0.2, id="two"),
        pytest.param([(36, 36, 84, 124)], 0.0, id="covered"),
        pytest.param([(160, 40, 200, 120), (-200, -200, -100, -100)], 1.0, id="elsewhere"),
    ],
)
def test_the_foreground_beside_others(others: list[tuple[float, float, float, float]], expected: float) -> None:
    motion = motion_of((40, 40, 80, 120))
    boxes = np.array(others, np.float32).reshape(-1, 4)
    assert motion.foreground_beside(box(40, 40, 80, 120)[0], boxes, WIDTH, HEIGHT) == pytest.approx(expected)
    assert motion.foreground.sum() == 10 * 20  # it is left as it was
    assert motion.foreground_beside(box(-90, -90, -50, -50)[0], boxes, WIDTH, HEIGHT) == 0


def test_no_boxes() -> None:
    motion = motion_of((40, 40, 80, 120))
    nothing = np.zeros((0, 4), np.float32)
    assert motion.foreground_fraction(nothing, WIDTH, HEIGHT).shape == (0,)
    assert motion.support(nothing, WIDTH, HEIGHT).shape == (0,)


def support_of(place: tuple[float, float, float, float], *foreground: tuple[int, int, int, int]) -> float:
    return float(motion_of(*foreground).support(box(*place), WIDTH, HEIGHT)[0])


def test_support_is_for_boxes_that_fit_what_stands_out() -> None:
    figure = (120, 80, 160, 200)
    assert support_of(figure) == 0  # nothing stands out
    assert support_of(figure, figure) == pytest.approx(1.0)
    assert support_of(figure, (0, 0, WIDTH, HEIGHT)) < 0.5  # everything does: that says nothing of this box
    assert support_of((120, 80, 290, 200), figure) < 0.5  # much too wide
    assert support_of((0, 80, 40, 200), figure) == 0  # elsewhere


def test_two_gates_share_nothing() -> None:
    one, other = MotionGate(), MotionGate()
    play(one, Stage(Actor(standing(MIDDLE))), 0, 3)
    assert not any(m.foreground.any() for m in play(other, Stage(), 0, 3))


def test_the_picture_is_left_alone() -> None:
    luma: Image = Stage().luma(0)
    before = luma.copy()
    gate = MotionGate()
    gate.update(luma, 0)
    gate.update(luma, 0.1)
    assert (luma == before).all()
