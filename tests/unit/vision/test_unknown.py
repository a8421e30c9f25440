"""What moves and no detector can name: followed when it goes somewhere, left alone when it does not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from math import sin

import numpy as np
import pytest

from custos.model.detections import UNKNOWN_CLASS, Tracks
from custos.testing.stage import Actor, Box, Stage, walk
from custos.vision.motion import MotionGate
from custos.vision.tracking import Tracker


def never(at_s: float) -> bool:
    return False


def watch(stage: Stage, to_s: float, *, fps: float = 10) -> list[Tracks]:
    """The detector looks at every other picture."""
    gate, tracker, seen = MotionGate(), Tracker(), []
    for n in range(round(to_s * fps)):
        at_s = n / fps
        motion = gate.update(stage.luma(at_s), at_s)
        found = stage.detections(at_s) if n % 2 == 0 else None
        seen.append(tracker.update(found, motion, at_s=at_s, width_px=320, height_px=240))
    return seen


def unknown_ids(seen: list[Tracks]) -> set[int]:
    return set(chain.from_iterable(t.track_id[t.class_id == UNKNOWN_CLASS].tolist() for t in seen))


def crossing(from_s: float = 3, to_s: float = 8) -> Callable[[float], Box | None]:
    return walk((30, 200), (290, 200), from_s=from_s, to_s=to_s)


def test_nothing_moves() -> None:
    assert unknown_ids(watch(Stage(), 6)) == set()


@pytest.mark.parametrize("fps", [5, 10, 25])
def test_what_no_detector_sees_and_crosses_the_picture_is_one_unknown_that_ends_once(fps: float) -> None:
    seen = watch(Stage(Actor(crossing(), is_seen=never)), 12, fps=fps)
    (track_id,) = unknown_ids(seen)
    assert list(chain.from_iterable(t.ended for t in seen)) == [track_id]
    shown = [n / fps for n, t in enumerate(seen) if len(t)]
    assert shown[0] <= 5.0
    assert shown[-1] >= 7.5
    middle = seen[round(6 * fps)]
    assert middle.xyxy[0] == pytest.approx([174, 136, 198, 200], abs=14)


def test_who_is_tracked_is_not_unknown_too() -> None:
    seen = watch(Stage(Actor(crossing())), 12)
    assert unknown_ids(seen) == set()
    assert any(len(t) for t in seen)


def test_who_gets_a_name_is_no_longer_unknown() -> None:
    seen = watch(Stage(Actor(crossing(), is_seen=lambda at_s: at_s >= 6)), 12)
    (unknown,) = unknown_ids(seen)
    assert all(len(t) <= 1 for t in seen)
    assert unknown in list(chain.from_iterable(t.ended for t in seen))
    assert {int(c) for t in seen[65:75] for c in t.class_id} == {0}


def swaying(at_s: float) -> Box | None:
    x = 160 + 25 * sin(3 * at_s)
    return x - 15, 60, x + 15, 110


def test_a_swaying_branch_is_no_track() -> None:
    assert unknown_ids(watch(Stage(Actor(swaying, is_seen=never)), 20)) == set()


def test_a_light_that_goes_on_is_no_track() -> None:
    lit = Stage(light=lambda at_s: 60.0 if 4 <= at_s < 7 else 0.0)
    assert unknown_ids(watch(lit, 12)) == set()
    pool = Actor(lambda at_s: (60, 60, 200, 200) if 4 <= at_s < 9 else None, level=200, is_seen=never)
    assert unknown_ids(watch(Stage(pool), 14)) == set()


def test_a_shadow_is_no_track_beside_its_person() -> None:
    way = crossing()

    def shadow(at_s: float) -> Box | None:
        box = way(at_s)
        return None if box is None else (box[2] - 2, box[3] - 12, box[2] + 40, box[3])

    assert unknown_ids(watch(Stage(Actor(shadow, level=70, is_seen=never), Actor(way)), 12)) == set()


def test_specks_and_snow_are_no_tracks() -> None:
    chance = np.random.default_rng(3)
    flakes = [
        Actor(
            walk((x, 0), (x + 20, 240), from_s=2 + d, to_s=3.2 + d, width_px=5, height_px=5), level=250, is_seen=never
        )
        for x, d in chance.uniform((0, 0), (300, 8), (60, 2)).tolist()
    ]
    assert unknown_ids(watch(Stage(*flakes), 12)) == set()


def test_ids_are_shared_with_the_tracks_and_never_given_twice() -> None:
    stage = Stage(Actor(crossing(), is_seen=never), Actor(walk((290, 110), (30, 110), from_s=3, to_s=9), level=220))
    seen = watch(stage, 14)
    ended = list(chain.from_iterable(t.ended for t in seen))
    assert sorted(ended) == [1, 2]
