"""What comes again at one sharp distance, of marks that are made up: no picture is drawn and nothing is coded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from custos.vision.integrity.echo import LONGEST, SHORTEST, Echo
from custos.vision.integrity.fingerprint import PIXELS, Step
from custos.vision.integrity.sighting import Evidence

GOP, ACT = 10, 240
Changes = np.ndarray[tuple[int, ...], np.dtype[np.int8]]


def noise(pictures: int, seed: int = 1) -> Changes:
    """(pictures, PIXELS) of -1, 0, 1: what a sensor's noise does from picture to picture. A pixel that rose falls."""
    levels = np.random.default_rng(seed).normal(0, 1, (pictures + 1, PIXELS))
    steps = np.diff(levels, axis=0)
    return np.asarray(np.where(np.abs(steps) < 0.7, 0, np.sign(steps)), np.int8)


def left(changes: Changes, share: float, seed: int = 2) -> Changes:
    """As coded anew: so much of it is left, and the rest is the coding's."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(changes.shape) < share, changes, noise(len(changes), seed + 1)).astype(np.int8)


def looped(back: int, share: float, pictures: int = 360) -> Changes:
    """Live until ACT, then the last `back` pictures again and again."""
    live = noise(pictures)
    again = np.arange(pictures - ACT) % back + ACT - back
    return np.concatenate([live[:ACT], left(live[again], share)])


def steps(changes: Changes) -> Iterator[Step]:
    for one in changes:
        rose, fell = (np.packbits(one == sign).view(np.uint64) for sign in (1, -1))
        yield Step(rose, fell, float((one != 0).mean()), 1.0)


def heard(changes: Changes, *, gop: int = GOP, decoded: Sequence[range] | None = None) -> list[tuple[int, Evidence]]:
    """The pictures at which something is told, and what; `decoded`: only these."""
    echo, told, before = Echo(), [], -1
    for number, step in enumerate(steps(changes)):
        if number % gop == 0:
            echo.key(number)
        if decoded is None or any(number in span for span in decoded):
            echo.step(step if before == number - 1 else None, number, number / 10)
            before = number
        if (evidence := echo.check()) is not None:
            told.append((number, {**evidence, "distance": echo.distance}))
    return told


def test_nothing() -> None:
    assert Echo().check() is None
    assert heard(noise(0)) == []


@pytest.mark.parametrize("gop", [1, 10])
def test_noise_that_is_new_all_the_time(gop: int) -> None:
    assert heard(noise(400), gop=gop) == []


@pytest.mark.parametrize(("back", "share"), [(83, 1.0), (117, 0.25), (SHORTEST + 2, 0.5)])
def test_a_recording_of_any_length_is_told_within_five_seconds(back: int, share: float) -> None:
    told = heard(looped(back, share))
    assert told
    first, evidence = told[0]
    assert ACT < first <= ACT + 50
    assert evidence["distance"] == back
    assert evidence["repetition"] == "coded anew"
    assert [number for number, _ in told] == list(range(first, 360)), "and as long as it runs"


def test_a_live_picture_ends_it() -> None:
    live = noise(520, seed=5)
    told = heard(np.concatenate([looped(83, 0.4), live[360:]]))
    assert told[-1][0] < 360 + 50


def test_too_little_is_left_of_the_noise() -> None:
    assert heard(looped(83, 0.02)) == []


def test_a_codec_that_repeats_itself_beside_its_key_frames() -> None:
    """Of a still night at few bits: the pictures after key frames are like those after all the others."""
    changes, own = noise(400), noise(1, seed=9)
    changes[::GOP], changes[1::GOP] = left(np.repeat(own, 40, 0), 0.6), left(np.repeat(own, 40, 0), 0.6, seed=6)
    assert heard(changes) == []


def test_a_lamp_that_is_switched_fits_one_that_was_switched_once() -> None:
    """Symptom: while little was decoded, two steps of exposure in half an hour of rain were a recording."""
    changes = noise(400)
    changes[250:254] = changes[167:171]
    assert heard(changes) == []


LAMP = np.sign(np.random.default_rng(5).normal(0, 1, PIXELS)).astype(np.int8)
"""What the whole picture does when a lamp goes on: brighter here and less so there."""


@pytest.mark.parametrize(
    ("on", "off"),
    [
        ((250, 334), (290,)),
        ((250, 334), (290, 374)),
        (range(210, 600, 84), range(252, 600, 84)),
        (range(205, 600, 26), range(218, 600, 26)),
        (range(205, 600, 20), range(215, 600, 20)),
    ],
)
@pytest.mark.parametrize("lit", [PIXELS, 640])
def test_a_lamp_that_is_switched_on_again(on: Sequence[int], off: Sequence[int], lit: int) -> None:
    """Symptom: a light switched on twice in two minutes was a recording, as one picture fitted by very far."""
    changes = noise(600)
    changes[list(on), :lit], changes[list(off), :lit] = LAMP[:lit], -LAMP[:lit]
    assert heard(changes) == []


@pytest.mark.parametrize("keys", [range(0, 500, 100), range(0, 500, 230), (0, 97, 250, 371, 483)])
def test_key_frames_that_are_alike_in_long_groups(keys: Sequence[int]) -> None:
    """Symptom: on still nights of groups of 100 and 230 pictures the only distance between two key frames was a
    recording's, until a fourth had come."""
    changes, own, echo = noise(500), noise(2, seed=9), Echo()
    for number in keys:
        changes[number : number + 2] = own
    for number, step in enumerate(steps(changes)):
        if number in keys:
            echo.key(number)
        echo.step(step, number, number / 10)
        assert echo.check() is None


@pytest.mark.parametrize("outage_s", [0.0, 600.0, -3600.0])
def test_it_is_told_how_long_ago_it_was_over_an_outage_too(outage_s: float) -> None:
    """Symptom: ten minutes without a stream, and a recording of before it was called 159 s old, for 608. Where the
    clock was set back, it is as old as its pictures are many."""
    echo = Echo()
    for number, step in enumerate(steps(looped(83, 0.5, 300))):
        echo.step(step, number, number / 10 + (outage_s if number >= ACT else 0.0))
    assert (evidence := echo.check()) is not None
    assert evidence["ago_s"] == pytest.approx(8.3 + max(outage_s, 0.0), abs=0.01)


def test_what_nobody_can_know_any_more_is_over() -> None:
    """Symptom: of a camera that is behind four pictures in ten are decoded; it was told for ever and kept it behind."""
    changes = np.concatenate([looped(83, 0.4), noise(400, seed=5)])
    told = heard(changes, decoded=[range(360), *(range(n, n + 3) for n in range(360, 760, 10))])
    assert 360 + 100 < told[-1][0] < 360 + 360


def test_a_recording_in_which_little_moves_stays_told_from_one_pass_to_the_next() -> None:
    """In 100 pictures of every 303 something moves, and all is decoded; of the others one of ten until it is told."""
    back, busy, end = 303, 100, 3 * 303
    changes, echo, told, before = noise(end), Echo(), [], -1
    changes[back:] = left(changes[np.arange(back, end) % back], 0.5)
    for number, step in enumerate(steps(changes)):
        if number % GOP == 0:
            echo.key(number)
        if number % back < busy or number % GOP == 0 or echo.check() is not None:
            echo.step(step if before == number - 1 else None, number, number / 10)
            before = number
        told.append(echo.check() is not None)
    assert told.index(True) < back + 60
    assert all(told[told.index(True) :])


def test_what_fits_at_two_distances_is_told_at_neither() -> None:
    changes, one = noise(400), np.random.default_rng(8).random(PIXELS) < 0.5
    for number in range(240, 400):
        changes[number] = np.where(one, changes[number - 63], changes[number - 97])
    assert heard(changes) == []


def test_light_that_returns_fits_at_several_distances_next_to_each_other() -> None:
    """Symptom: a headlight that swept over the wall every 12 seconds was a recording: what moves slowly fits a little
    earlier and later as well, and noise does not."""
    white = np.random.default_rng(3).normal(0, 1, (408, PIXELS))
    changes = np.asarray(np.sign(sum(white[lag : lag + 400] for lag in range(4))), np.int8)
    for number in range(240, 400):
        changes[number] = changes[number - 63]
    assert heard(changes) == []


def test_somebody_who_goes_where_somebody_went_fills_few_parts_of_the_picture() -> None:
    changes = noise(400)
    changes[240:300, :192] = changes[157:217, :192]
    assert heard(changes) == []


def test_pictures_a_second_apart_tell_nothing_and_take_nothing_back() -> None:
    """Of a camera that dozes one picture in ten is decoded: what was told stands until more is seen."""
    changes = looped(83, 0.4)
    seldom = [range(n, n + 1) for n in range(0, 360, 10)]
    assert heard(changes, decoded=seldom) == []
    told = heard(changes, decoded=[range(300), *seldom])
    assert told[-1][0] == 359


def test_more_pictures_than_are_kept() -> None:
    echo = Echo()
    for number, step in enumerate(steps(noise(LONGEST + 300))):
        echo.step(step, number, number / 10)
    assert echo.check() is None
    for number, step in enumerate(steps(looped(83, 0.4))):
        echo.step(step, 10 * LONGEST + number, LONGEST + number / 10)
    assert echo.distance == 83
