"""The filter for boxes: where something is, how fast it goes, and where it will be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from custos.vision.kalman import Columns, Kalman, to_centre, to_corners

STANDING = np.array([[100.0, 100.0, 40.0, 80.0]])
KEEP_SPEED = np.ones(1)
ROW = np.array([0])
SURE = np.ones(1)


def moved(by_px: float) -> Columns:
    """That much to the right."""
    boxes: Columns = STANDING + np.array([[by_px, 0, 0, 0]])
    return boxes


def followed(times_s: np.ndarray[tuple[int], np.dtype[np.float64]], speed_px_s: float) -> Kalman:
    """After measurements at these times of something that goes right so fast."""
    kalman = Kalman.of(STANDING)
    for before_s, at_s in pairwise(times_s.tolist()):
        kalman.predict(np.array([at_s - before_s]), KEEP_SPEED)
        kalman.correct(ROW, moved(speed_px_s * at_s), SURE)
    return kalman


def test_no_boxes() -> None:
    kalman = Kalman.of(np.zeros((0, 4)))
    kalman.predict(np.zeros(0), np.zeros(0))
    assert kalman.position.shape == (0, 4)
    assert to_corners(to_centre(np.zeros((0, 4)))).shape == (0, 4)


def test_corners_and_back() -> None:
    xyxy = np.array([[10, 20, 30, 80], [0, 0, 1, 1]], np.float32)
    assert to_corners(to_centre(xyxy)).tolist() == xyxy.tolist()
    assert to_corners(np.array([[5.0, 5.0, 0.0, -3.0]])).tolist() == [[4.5, 4.5, 5.5, 5.5]]


@pytest.mark.parametrize(
    "times_s",
    [np.arange(0, 3, 0.2), np.arange(0, 3, 0.04), np.cumsum(np.tile([0.04, 0.4, 0.1, 0.26], 4))],
    ids=["5 a second", "25 a second", "uneven"],
)
def test_a_speed_is_learned_in_true_seconds(times_s: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    kalman = followed(times_s, speed_px_s=60)
    assert kalman.speed[0, 0] == pytest.approx(60, rel=0.15)
    assert kalman.speed[0, 1:] == pytest.approx(0, abs=1)
    before = kalman.position[0, 0]
    kalman.predict(np.array([0.5]), KEEP_SPEED)
    assert kalman.position[0, 0] - before == pytest.approx(30, rel=0.15)


def test_a_damped_speed_fades_and_no_time_forgets_it() -> None:
    kalman = followed(np.arange(0, 3, 0.2), speed_px_s=60)
    speed = kalman.speed[0, 0]
    kalman.predict(np.array([1.0]), np.array([0.5]))
    assert kalman.speed[0, 0] == pytest.approx(speed / 2)
    kalman.predict(np.array([0.0]), KEEP_SPEED)
    assert kalman.speed[0, 0] == 0


def spread(kalman: Kalman) -> Columns:
    return np.sqrt(kalman.pp)


def test_what_is_not_seen_becomes_uncertain_and_what_is_seen_certain() -> None:
    kalman = Kalman.of(STANDING)
    start = spread(kalman)
    kalman.predict(np.array([1.0]), KEEP_SPEED)
    later = spread(kalman)
    assert (later > start).all()
    kalman.correct(ROW, STANDING, SURE)
    assert (spread(kalman) < later).all()
    assert (kalman.vv > 0).all()


def test_a_doubtful_measurement_weighs_less() -> None:
    sure, doubtful = Kalman.of(STANDING), Kalman.of(STANDING)
    sure.correct(ROW, moved(10), SURE)
    doubtful.correct(ROW, moved(10), np.array([0.1]))
    assert 100 < doubtful.position[0, 0] < sure.position[0, 0] < 110


def test_a_box_never_shrinks_to_nothing() -> None:
    kalman = Kalman.of(STANDING)
    kalman.speed[0, 2:] = -100
    kalman.predict(np.array([5.0]), KEEP_SPEED)
    assert kalman.position[0, 2:].tolist() == [1.0, 1.0]


def test_rows_are_kept_joined_and_begun_anew_each_alone() -> None:
    kalman = followed(np.arange(0, 3, 0.2), speed_px_s=60).join(Kalman.of(STANDING))
    other = kalman.keep(np.array([False, True]))
    kalman.place(0, STANDING + 7)
    assert kalman.position.tolist() == [(STANDING[0] + 7).tolist(), STANDING[0].tolist()]
    assert kalman.speed[0].tolist() == [0, 0, 0, 0]
    kalman.speed[0] = 3.0
    kalman.rest(0, STANDING[0] + 9)
    assert kalman.position.tolist() == [(STANDING[0] + 9).tolist(), STANDING[0].tolist()]
    assert kalman.speed[0].tolist() == [0, 0, 0, 0]
    assert other.position.tolist() == STANDING.tolist()


def test_two_filters_share_nothing() -> None:
    start = STANDING.copy()
    one, other = Kalman.of(start), Kalman.of(start)
    one.predict(np.array([1.0]), KEEP_SPEED)
    one.correct(ROW, STANDING + 20, SURE)
    assert other.position.tolist() == start.tolist() == STANDING.tolist()
