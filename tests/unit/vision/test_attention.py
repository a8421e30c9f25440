"""When the detector looks and where; the squares it looks at, and what comes of them."""

from __future__ import annotations

import numpy as np
import pytest

from custos.model.detections import Detections
from custos.vision.attention import (
    MOST_SQUARES,
    QUIET_LOOK_S,
    RESTING_LOOK_S,
    WHOLE_LOOK_S,
    WIDER,
    Attention,
    Interests,
)
from custos.vision.motion import Motion
from custos.vision.regions import STEP_PX, Regions, assemble, cover, side_px

WIDTH, HEIGHT = 640, 360
SMALL, LARGE = (100.0, 100.0, 120.0, 150.0), (100.0, 50.0, 180.0, 300.0)
Box = tuple[float, float, float, float]


def moving(*places: Box) -> Motion:
    """(90, 160): a quarter of the picture's size."""
    mask = np.zeros((HEIGHT // 4, WIDTH // 4), bool)
    for left, top, right, bottom in places:
        mask[int(top) // 4 : int(bottom) // 4, int(left) // 4 : int(right) // 4] = True
    return Motion(mask, mask, is_moving=bool(places))


def tracks(*boxes: Box, looked_s: float = 10.0, urgent: bool = True, stirs: bool = True) -> Interests:
    n = len(boxes)
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    return Interests(xyxy, np.full(n, looked_s), np.full(n, urgent and stirs), np.full(n, stirs))


def turn(attention: Attention, interests: Interests, motion: Motion, at_s: float) -> Regions | None:
    return attention.turn(interests, motion, at_s=at_s, most_fps=5, width_px=WIDTH, height_px=HEIGHT)


def started(whole_s: float = 10.0) -> Attention:
    """That began long ago and saw the whole picture at `whole_s`."""
    attention = Attention()
    turn(attention, tracks(), moving(), 0.0)
    assert turn(attention, tracks(LARGE, looked_s=0), moving(LARGE), whole_s) is not None
    return attention


def test_at_the_start_the_whole_picture_is_looked_at_in_turn() -> None:
    attention = Attention()
    looks = [turn(attention, tracks(), moving(), n / 10) for n in range(20)]
    assert [one is not None for one in looks] == [True, False] * 10
    assert all(len(one) == 0 for one in looks if one is not None)


def test_with_nothing_there_it_hardly_looks() -> None:
    attention = started()
    assert turn(attention, tracks(), moving(), 10 + QUIET_LOOK_S - 0.1) is None
    assert turn(attention, tracks(), moving(), 10 + QUIET_LOOK_S) is not None


@pytest.mark.parametrize(
    ("interests", "due_s"),
    [
        pytest.param(tracks(SMALL), 0.2, id="urgent"),
        pytest.param(tracks(SMALL, urgent=False), 0.4, id="settled"),
        pytest.param(tracks(SMALL, stirs=False), RESTING_LOOK_S, id="at rest"),
    ],
)
def test_everything_has_its_rhythm(interests: Interests, due_s: float) -> None:
    elsewhere = moving((500, 0, 504, 4))  # too little to be worth a look
    at = [10 + n / 10 for n in range(1, 40)]
    attention = started()
    first = next(at_s for at_s in at if turn(attention, interests, elsewhere, at_s) is not None)
    assert first - 10 == pytest.approx(due_s, rel=0.12)


def test_what_is_small_is_looked_at_in_a_square() -> None:
    regions = turn(started(), tracks(SMALL), moving(SMALL), 10.2)
    assert regions is not None
    ((left, top, right, bottom),) = regions.tolist()
    assert right - left == bottom - top == side_px(WIDTH, HEIGHT) == 320
    assert left < SMALL[0]
    assert right > SMALL[2]
    assert top < SMALL[1]
    assert bottom > SMALL[3]


def test_what_does_not_fit_into_one_square_may_fit_into_a_wider_one() -> None:
    apart = tracks(SMALL, (400, 200, 420, 250))
    regions = turn(started(), apart, moving(SMALL), 10.2)
    assert regions is not None
    ((left, top, right, bottom),) = regions.tolist()
    assert right - left == bottom - top == min(round(WIDER * 320), HEIGHT)
    assert left < SMALL[0]
    assert right > 420
    too_far = turn(started(), tracks(SMALL, (600, 200, 620, 250)), moving(SMALL), 10.2)
    assert too_far is not None
    assert len(too_far) == 2


@pytest.mark.parametrize(
    ("urgent", "squares"),
    [pytest.param(True, [1, 2], id="due at every turn"), pytest.param(False, [1, 1, 2], id="due at every other")],
)
def test_another_square_for_little_waits_for_one_turn(urgent: bool, squares: list[int]) -> None:
    crowd = [(40.0 + 20 * n, 100.0, 55.0 + 20 * n, 150.0) for n in range(10)]
    far = (600.0, 200.0, 620.0, 250.0)
    both = tracks(*crowd, far)
    is_urgent = np.array([*[True] * len(crowd), urgent])
    attention = started()
    for n, expected in enumerate(squares):
        looked_s = np.array([9.7 + n / 5, *[10.0 + n / 5] * (len(crowd) - 1), 10.0])  # one of the crowd is neediest
        seen = turn(attention, Interests(both.xyxy, looked_s, is_urgent, both.stirs), moving(SMALL), 10.2 + n / 5)
        assert seen is not None
        assert len(seen) == expected
        left, _, right, _ = seen[0].tolist()
        assert left <= crowd[0][0]
        assert right >= crowd[-1][2]


def test_what_is_large_is_looked_at_in_the_whole_picture() -> None:
    regions = turn(started(), tracks(LARGE, SMALL), moving(LARGE), 10.2)
    assert regions is not None
    assert len(regions) == 0


def test_the_whole_picture_has_its_turn_all_the_same() -> None:
    attention = started()
    at = [10 + n / 5 for n in range(1, 16)]
    looks = {s: turn(attention, tracks(SMALL, looked_s=s - 0.2), moving(SMALL), s) for s in at}
    whole = [s for s, regions in looks.items() if regions is not None and not len(regions)]
    assert whole[0] - 10 == pytest.approx(WHOLE_LOOK_S, abs=0.21)


def test_something_new_that_moves_is_looked_at_first() -> None:
    settled = tracks((20, 20, 40, 70), (600, 20, 620, 70), (300, 300, 320, 340))
    new = (560.0, 260.0, 580.0, 310.0)
    regions = turn(started(), settled, moving((20, 20, 40, 70), new), 10.2)
    assert regions is not None
    assert len(regions) == MOST_SQUARES
    left, top, right, bottom = regions[0].tolist()
    assert left <= new[0]
    assert top <= new[1]
    assert right >= new[2]
    assert bottom >= new[3]


# -- squares


def test_nothing_to_cover() -> None:
    assert cover(np.zeros((0, 4)), np.zeros(0), width_px=WIDTH, height_px=HEIGHT).shape == (0, 4)
    assert len(cover(np.array([SMALL]), np.zeros(1), width_px=WIDTH, height_px=HEIGHT)) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [(640, 360), (480, 360), (1920, 1080), (100, 300)])
def test_squares_hold_everything_uncut_and_lie_in_the_picture(seed: int, size: tuple[int, int]) -> None:
    chance = np.random.default_rng(seed)
    width_px, height_px = size
    side = side_px(width_px, height_px)
    left_top = chance.uniform(-10, [width_px, height_px], (12, 2))
    boxes = np.concatenate([left_top, left_top + chance.uniform(1, side / 2, (12, 2))], axis=1)
    squares = cover(boxes, chance.uniform(0.1, 2, 12), width_px=width_px, height_px=height_px)
    shown = np.clip(boxes, 0, [width_px, height_px] * 2)
    held = (shown[:, None, :2] >= squares[None, :, :2]).all(2) & (shown[:, None, 2:] <= squares[None, :, 2:]).all(2)
    assert held.any(axis=1).all()
    assert (squares[:, :2] >= 0).all()
    assert (squares[:, 2:] <= [width_px, height_px]).all()
    assert (squares[:, 2:] - squares[:, :2] == side).all()


def test_neighbours_share_a_square_and_squares_begin_at_steps() -> None:
    near = np.array([SMALL, (300, 120, 320, 170), (200, 200, 220, 260)])
    (square,) = cover(near, np.ones(3), width_px=WIDTH, height_px=HEIGHT).tolist()
    assert square[0] % STEP_PX == 0


def found(*rows: tuple[float, float, float, float, float]) -> Detections:
    columns = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(columns[:, :4].copy(), columns[:, 4].copy(), np.zeros(len(rows), np.int64))


def test_what_was_found_in_two_squares_is_one_and_cut_things_are_left_out() -> None:
    squares = np.array([[0, 0, 320, 320], [160, 0, 480, 320]])
    one = found((200, 50, 220, 100, 0.6), (310, 50, 320, 100, 0.9), (0, 10, 20, 60, 0.7))
    other = found((41, 50, 61, 100, 0.8), (155, 50, 180, 100, 0.85))
    whole = assemble([one, other], squares, width_px=WIDTH, height_px=HEIGHT)
    kept = sorted(zip(whole.xyxy[:, 0].tolist(), whole.confidence.round(2).tolist(), strict=True))
    assert kept == [(0, pytest.approx(0.7)), (201, pytest.approx(0.8)), (315, pytest.approx(0.85))]


def test_no_squares_nothing_found() -> None:
    assert len(assemble([], np.zeros((0, 4), np.int64), width_px=WIDTH, height_px=HEIGHT)) == 0


def test_two_found_in_one_square_are_two() -> None:
    pair = found((100, 50, 120, 100, 0.6), (104, 50, 124, 100, 0.8))
    assert len(assemble([pair], np.array([[0, 0, 320, 320]]), width_px=WIDTH, height_px=HEIGHT)) == 2
