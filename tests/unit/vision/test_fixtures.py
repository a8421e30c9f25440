"""Things of the place that a detector calls somebody."""

from __future__ import annotations

import numpy as np

from custos.model.detections import Detections
from custos.vision.fixtures import FORGET_S, MOST, TIMES, Fixtures

SIGN, PERSON = (100.0, 100.0, 112.0, 120.0), (95.0, 80.0, 118.0, 150.0)
NOBODY = np.zeros((0, 4), np.float32)


def seen(box: tuple[float, float, float, float], confidence: float = 0.4) -> Detections:
    return Detections(np.array([box], np.float32), np.array([confidence], np.float32), np.zeros(1, np.int64))


def after(times: int, *, confidence: float = 0.4, foreground: float = 0.0, believed: np.ndarray = NOBODY) -> Fixtures:
    fixtures = Fixtures()
    for n in range(times):
        fixtures.recognise(seen(SIGN, confidence), np.array([foreground]), believed, n / 5)
    return fixtures


def is_one(fixtures: Fixtures, detections: Detections, at_s: float = 5.0, foreground: float = 0.5) -> bool:
    (known,) = fixtures.recognise(detections, np.array([foreground]), NOBODY, at_s).tolist()
    return bool(known)


def test_nothing_is_a_fixture_at_first() -> None:
    assert len(Fixtures().recognise(Detections.empty(), np.zeros(0), NOBODY, 0.0)) == 0
    assert not is_one(Fixtures(), seen(SIGN), foreground=0.0)


def test_what_is_seen_there_again_and_again_on_the_background_is_one() -> None:
    assert not is_one(after(TIMES - 1), seen(SIGN))
    assert is_one(after(TIMES), seen(SIGN))  # also while somebody passes


def test_who_stands_before_it_is_none() -> None:
    assert not is_one(after(TIMES), seen(PERSON))


def test_what_stands_out_from_the_background_is_none() -> None:
    assert not is_one(after(20, foreground=0.5), seen(SIGN))


def test_what_the_detector_is_sure_of_is_none() -> None:
    assert not is_one(after(20, confidence=0.8), seen(SIGN, 0.8))
    assert not is_one(after(20), seen(SIGN, 0.8))


def test_what_is_tracked_is_none() -> None:
    assert not is_one(after(20, believed=np.array([SIGN], np.float32)), seen(SIGN))


def test_it_is_forgotten_in_time_and_few_are_kept() -> None:
    fixtures = after(TIMES)
    fixtures.recognise(seen((0, 0, 5, 5)), np.zeros(1), NOBODY, 2 * FORGET_S)
    assert not is_one(fixtures, seen(SIGN), at_s=2 * FORGET_S)
    kept = after(TIMES)
    for n in range(2 * MOST):
        kept.recognise(seen((20.0 * n, 200.0, 20.0 * n + 9, 220.0)), np.zeros(1), NOBODY, 1.0)
    assert is_one(kept, seen(SIGN))
