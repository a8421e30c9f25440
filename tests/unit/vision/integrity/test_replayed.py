"""What comes again in the ring of one camera, of marks that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.vision.integrity.test_echo import ACT, LAMP, Changes, left, noise, steps

from custos.vision.integrity.replayed import Repetition
from custos.vision.integrity.sighting import Evidence

FPS = 10


def faint(changes: Changes, share: float) -> Changes:
    """As of a camera with little noise, or as coded: so much of it shows."""
    shows = np.random.default_rng(7).random(changes.shape) < share
    return np.where(shows, changes, 0).astype(np.int8)


def heard(changes: Changes) -> list[tuple[int, Evidence]]:
    """The pictures at which something is told, and what."""
    repetition, told = Repetition(), []
    for number, step in enumerate(steps(changes)):
        repetition.step(step, number / FPS)
        if number % FPS == 0 and (evidence := repetition.check(number / FPS)) is not None:
            told.append((number, evidence))
    return told


def test_nothing() -> None:
    assert Repetition().check(0.0) is None
    assert heard(noise(0)) == []


@pytest.mark.parametrize("shows", [0.15, 1.0])
def test_noise_that_is_new_all_the_time(shows: float) -> None:
    assert heard(faint(noise(400), shows)) == []


@pytest.mark.parametrize(("shows", "share"), [(1.0, 1.0), (1.0, 0.7), (0.3, 1.0)])
def test_a_recording_is_told_as_long_as_it_runs(shows: float, share: float) -> None:
    live, again = faint(noise(360), shows), np.arange(360 - ACT) % 83 + ACT - 83
    told = heard(np.concatenate([live[:ACT], left(live[again], share)]))
    first, evidence = told[0]
    assert ACT < first <= ACT + 50
    assert evidence["ago_s"] == 8.3
    assert [number for number, _ in told] == list(range(first, 360, FPS))


@pytest.mark.parametrize("half", [10, 20])
def test_a_lamp_that_blinks_is_none(half: int) -> None:
    """Symptom: a lamp that was switched every second or two was a recording: in a picture with little noise the few in
    which it is switched have most of the marks, and fit themselves."""
    changes = faint(noise(500), 0.15)
    changes[230 :: 2 * half], changes[230 + half :: 2 * half] = LAMP, -LAMP
    assert heard(changes) == []
