"""Who is down, by the shape of a box over time; what only shortens a box is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.testing.clock import after
from custos.vision.behaviours.lying import Lying
from custos.vision.behaviours.sighting import Sighting

Box = tuple[float, float, float, float]
STANDS: Box = (300, 100, 345, 220)
LIES: Box = (270, 178, 380, 222)
BENDS: Box = (290, 130, 355, 220)
SITS: Box = (295, 150, 350, 220)
BEHIND_A_COUNTER: Box = (300, 100, 350, 160)
AT_THE_LOWER_EDGE: Box = (300, 290, 375, 360)
TIES_A_SHOE: Box = (296, 156, 346, 220)
LIES_ALONG: Box = (298, 172, 346, 228)
"""Along the line of sight, as a camera sees it from above: shorter than wide by little only."""


def person(box: Box | None, ended: tuple[int, ...] = ()) -> Tracks:
    n = 0 if box is None else 1
    return Tracks(
        np.array([box] if box else [], np.float32).reshape(n, 4), np.full(n, 0.8, np.float32), np.zeros(n, np.int64),
        np.ones(n, np.int64), np.ones(n, np.bool_), np.zeros(n, np.float32), 640, 360, ended,
    )  # fmt: skip


def play(boxes: Sequence[Box | None], step_s: float = 0.2, **how: float) -> list[Sighting]:
    lying = Lying(BehaviourSpec("down", "person-down", settings=how), None)
    return [one for i, box in enumerate(boxes) for one in lying.update(person(box), at=after(i * step_s))]


def goes_away(step: int) -> Box:
    """Along the middle of the picture into the distance: half as tall after 8 s."""
    height, foot = 120 / (1 + step * 0.025), 220 - 1.5 * step
    return 320 - 0.19 * height, foot - height, 320 + 0.19 * height, foot


def types(said: Sequence[Sighting]) -> list[str]:
    return [one.type for one in said]


def test_nobody_is_down_in_an_empty_picture() -> None:
    assert play([None] * 20) == []


def test_a_fall_is_told_when_it_has_lasted_and_dated_to_the_fall() -> None:
    said = play([*[STANDS] * 10, *[LIES] * 30])
    assert types(said) == ["person.fell"]
    assert said[0].at == after(2.0)
    assert said[0].data["lying_s"] == 4.0
    assert said[0].data["fall_s"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    "pose",
    [BENDS, SITS, TIES_A_SHOE, BEHIND_A_COUNTER, AT_THE_LOWER_EDGE],
    ids=["bends", "sits", "ties a shoe", "counter", "edge"],
)
def test_what_is_short_without_lying_is_not_told(pose: Box) -> None:
    assert play([*[STANDS] * 10, *[pose] * 100]) == []


def test_who_falls_along_the_line_of_sight_is_told_though_the_tracker_is_slow_to_follow() -> None:
    """Symptom: the track's box shrank for a second after the fall, still upright in shape, and what it had shrunk to
    was taken for the height of somebody who stands."""
    shrinks: list[Box] = [*[(302.0, 146.0, 342.0, 224.0)] * 3, *[(301.0, 160.0, 340.0, 226.0)] * 17]
    said = play([*[STANDS] * 30, *shrinks, *[LIES_ALONG] * 50], step_s=0.1)
    assert types(said) == ["person.fell"]
    assert (said[0].at - after(5)).total_seconds() == pytest.approx(0, abs=0.05)


def test_who_falls_while_walking_away_is_told() -> None:
    """Symptom: their head was taken to have been as low in the picture as three seconds before, when they were near."""
    heights, tops = (
        (123, 122, 122, 118, 114, 109, 105, 102, 98, 99, 98),
        (194, 192, 189, 176, 168, 157, 152, 144, 139, 136, 138),
    )
    away: list[Box] = [
        (335.0, top, 335 + 0.4 * height, top + height) for height, top in zip(heights, tops, strict=True)
    ]
    lies: Box = (331, 200, 373, 249)
    assert types(play([*away, (334, 174, 370, 249), *[lies] * 30])) == ["person.fell"]


def test_who_walks_away_into_the_distance_is_not_told() -> None:
    assert play([goes_away(step) for step in range(60)]) == []


def test_down_for_a_moment_is_not_told() -> None:
    assert play([*[STANDS] * 10, *[LIES] * 15, *[STANDS] * 20]) == []


def test_a_box_that_flickers_does_not_begin_the_time_anew() -> None:
    said = play([*[STANDS] * 10, *([*[LIES] * 6, STANDS] * 6)])
    assert types(said) == ["person.fell"]
    assert said[0].at == after(2.0)


def test_getting_up_is_told_once_after_the_fall_was() -> None:
    said = play([*[STANDS] * 10, *[LIES] * 40, *[SITS] * 3, *[STANDS] * 30])
    assert types(said) == ["person.fell", "person.got_up"]
    assert after(10.0) <= said[1].at <= after(10.8)
    assert said[1].data["lying_s"] == pytest.approx(8.3, abs=0.4)


def test_who_was_never_seen_upright_is_told_later_and_only_when_very_wide() -> None:
    assert types(play([LIES] * 30)) == []
    assert types(play([LIES] * 60)) == ["person.fell"]
    assert play([(300, 150, 375, 220)] * 100) == []


def test_a_second_fall_is_another_one() -> None:
    once = [*[STANDS] * 10, *[LIES] * 30, *[STANDS] * 20]
    assert types(play([*once, *once])).count("person.fell") == 2
