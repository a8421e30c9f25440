"""The tracker, on drawn pictures: who keeps their name, who is believed, and when somebody is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest

from custos.model.detections import UNKNOWN_CLASS, Detections, Tracks, class_name
from custos.testing.stage import CAR, DOG, PERSON, Actor, Box, Stage, standing, walk
from custos.vision.attention import Interests
from custos.vision.motion import Motion, MotionGate
from custos.vision.tracking import Tracker, TrackerSettings

LEFT, MIDDLE, RIGHT = (40.0, 200.0), (160.0, 200.0), (280.0, 200.0)


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    at_s: float
    tracks: Tracks

    @property
    def ids(self) -> list[int]:
        return sorted(self.tracks.track_id.tolist())


def evenly(to_s: float, *, fps: float = 5, from_s: float = 0) -> list[float]:
    return [from_s + n / fps for n in range(round((to_s - from_s) * fps))]


class Watch:
    """A gate and a tracker before a stage. The detector looks at every picture unless told otherwise."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.tracker = Tracker()
        self._gate = MotionGate()

    def see(self, times_s: Iterable[float], *, looks: Callable[[float], bool] = lambda at_s: True) -> list[Moment]:
        return [self._step(at_s, looks(at_s)) for at_s in times_s]

    def _step(self, at_s: float, looks: bool) -> Moment:
        frame = self.stage.frame(at_s)
        motion = self._gate.update(frame.luma, at_s)
        found = self.stage.detections(at_s) if looks else None
        width_px, height_px = self.stage.width_px, self.stage.height_px
        tracks = self.tracker.update(
            found, motion, at_s=at_s, width_px=width_px, height_px=height_px, picture=lambda: frame.bgr
        )
        return Moment(at_s, tracks)


def interests(watch: Watch, at_s: float, *, changing: bool = True) -> Interests:
    mask = np.full((60, 80), changing)
    return watch.tracker.interests(Motion(mask, mask, is_moving=changing), at_s=at_s, width_px=320, height_px=240)


def id_at(moment: Moment, foot_x: float) -> int:
    """The id of the one track whose foot point is near there."""
    xs = moment.tracks.foot_points()[:, 0] * moment.tracks.width_px
    (row,) = np.flatnonzero(np.abs(xs - foot_x) < 16)
    return int(moment.tracks.track_id[row])


def ids_of(moments: Sequence[Moment]) -> set[int]:
    return set(chain.from_iterable(m.ids for m in moments))


def named_of(moments: Sequence[Moment]) -> set[int]:
    """Ids of tracks that were ever taken for something with a name."""
    return {
        track_id
        for m in moments
        for track_id, class_id in zip(m.tracks.track_id.tolist(), m.tracks.class_id.tolist(), strict=True)
        if class_id != UNKNOWN_CLASS
    }


def ended_of(moments: Sequence[Moment]) -> list[int]:
    return list(chain.from_iterable(m.tracks.ended for m in moments))


def passing(from_s: float = 2, to_s: float = 7) -> Callable[[float], tuple[float, float, float, float] | None]:
    return walk(LEFT, RIGHT, from_s=from_s, to_s=to_s)


# -- nobody


@pytest.mark.parametrize("looked", [True, False])
def test_nobody(looked: bool) -> None:
    moments = Watch(Stage()).see(evenly(3), looks=lambda at_s: looked)
    assert ids_of(moments) == set()
    assert ended_of(moments) == []


def test_whom_nobody_looks_at_is_something_that_moves_and_has_no_name() -> None:
    watch = Watch(Stage(Actor(passing())))
    moments = watch.see(evenly(9), looks=lambda at_s: False)
    assert named_of(moments) == set()
    assert len(ids_of(moments)) <= 1


# -- one


def test_somebody_who_walks_through_is_one_track_that_ends_once() -> None:
    moments = Watch(Stage(Actor(passing()))).see(evenly(12))
    (track_id,) = ids_of(moments)
    assert ended_of(moments) == [track_id]
    shown = [m for m in moments if m.ids]
    assert shown[0].at_s <= 2.8
    assert shown[-1].at_s >= 6.6
    middle = next(m for m in moments if m.at_s >= 4.5).tracks
    assert middle.observed.all()
    assert middle.confidence[0] == pytest.approx(0.85)
    assert class_name(int(middle.class_id[0])) == "person"
    assert middle.age_s[0] == pytest.approx(2.4, abs=0.25)
    assert middle.xyxy[0] == pytest.approx([148, 136, 172, 200], abs=6)


@pytest.mark.parametrize(
    "times_s",
    [
        pytest.param(evenly(12, fps=3), id="3 looks a second"),
        pytest.param(evenly(12, fps=25), id="25 looks a second"),
        pytest.param(np.cumsum(np.tile([0.04, 0.3, 0.1, 0.5, 0.2], 11)).tolist(), id="uneven"),
    ],
)
def test_one_walk_is_one_track_at_any_rate(times_s: list[float]) -> None:
    moments = Watch(Stage(Actor(passing()))).see(times_s)
    assert len(ids_of(moments)) == len(ended_of(moments)) == 1


def test_between_two_looks_the_track_goes_on() -> None:
    """Symptom: with five looks a second and 25 pictures, boxes jumped after the people."""
    watch = Watch(Stage(Actor(passing())))
    watch.see(evenly(4))
    seen = watch.see([4.0])[0].tracks
    ahead = watch.see([4.1], looks=lambda at_s: False)[0].tracks
    assert ahead.track_id.tolist() == seen.track_id.tolist()
    assert ahead.foot_points()[0, 0] > seen.foot_points()[0, 0] + 0.005


def test_a_doubtful_detection_keeps_a_track_but_does_not_make_one() -> None:
    faint = Watch(Stage(Actor(passing(), confidence=0.15)))
    assert named_of(faint.see(evenly(9))) == set()
    person = passing()
    fading = Stage(
        Actor(person, is_seen=lambda at_s: at_s < 4),
        Actor(person, level=None, confidence=0.2, is_seen=lambda s: s >= 4),
    )
    moments = Watch(fading).see(evenly(6.8))
    assert len(ids_of(moments)) == 1
    assert moments[-1].ids
    assert ended_of(moments) == []


def test_who_turns_is_shown_nearer_to_where_the_detector_sees_them_than_the_filter_is() -> None:
    out, back = walk(LEFT, RIGHT, from_s=0, to_s=4), walk(RIGHT, LEFT, from_s=4, to_s=8)
    stage = Stage(Actor(lambda at_s: out(at_s) if at_s < 4 else back(at_s)))
    off_px = []
    for settings in (TrackerSettings(lean=0), TrackerSettings()):
        watch = Watch(stage)
        watch.tracker = Tracker(settings)
        shown = {round(m.at_s, 1): m.tracks.xyxy for m in watch.see(evenly(5))}
        off_px.append(float(np.abs(shown[4.2] - stage.detections(4.2).xyxy).max()))
    assert off_px[0] > 4
    assert off_px[1] < 0.8 * off_px[0]


def falls(at_s: float) -> tuple[float, float, float, float]:
    """Walks until 4 s, and lies along the line of sight half a second later."""
    left, down = 28 + 30 * min(at_s, 4), min(max(at_s - 4, 0) / 0.5, 1)
    return left - 6 * down, 136 + 34 * down, left + 24 + 6 * down, 200 + 4 * down


def test_who_falls_has_the_box_they_are_seen_in_soon() -> None:
    """Symptom: sizes change slowly in the filter, and who lies is seldom looked at: for ten seconds the box was too
    tall to be that of somebody on the ground."""
    watch = Watch(Stage(Actor(falls)))
    moment = watch.see(evenly(5.2))[-1]
    assert moment.tracks.xyxy[0] == pytest.approx(falls(5), abs=1)


def test_whom_the_filter_has_not_followed_is_looked_at_again_at_once() -> None:
    watch = Watch(Stage(Actor(falls)))
    watch.see(evenly(4))
    assert not interests(watch, 3.9, changing=False).is_urgent.any()
    watch.see([4.0, 4.2, 4.5])
    assert interests(watch, 4.6, changing=False).is_urgent.tolist() == [True]
    watch.see(evenly(6.6, from_s=4.6))
    assert not interests(watch, 6.7, changing=False).is_urgent.any()


def test_missed_for_a_second_and_back_is_the_same() -> None:
    stage = Stage(Actor(passing(2, 9), is_seen=lambda at_s: not 5 <= at_s < 6))
    moments = Watch(stage).see(evenly(9))
    assert len(ids_of(moments)) == 1
    assert moments[-1].ids
    unseen = [m for m in moments if 5 <= m.at_s < 6 and m.ids]
    assert all(not m.tracks.observed.any() for m in unseen)
    assert ended_of(moments) == []


def test_a_dog_for_a_moment_is_still_the_person() -> None:
    """Symptom: people seen from behind were called dogs now and then, and became somebody else each time."""
    way = passing()
    stage = Stage(
        Actor(way, is_seen=lambda at_s: round(at_s * 5) % 4 != 0),
        Actor(way, level=None, class_id=DOG, is_seen=lambda at_s: round(at_s * 5) % 4 == 0),
    )
    moments = Watch(stage).see(evenly(9))
    assert len(ids_of(moments)) == 1
    assert {int(c) for m in moments for c in m.tracks.class_id} == {0}


# -- several


@pytest.mark.parametrize(
    "hidden", [pytest.param(0.0, id="both seen"), pytest.param(0.6, id="one hidden while they pass")]
)
def test_two_who_cross_keep_their_ids(hidden: float) -> None:
    behind = walk((280, 190), (40, 190), from_s=2, to_s=8)
    stage = Stage(
        Actor(behind, level=200, is_seen=lambda at_s: abs(at_s - 5) >= hidden / 2),
        Actor(walk(LEFT, RIGHT, from_s=2, to_s=8)),
    )
    moments = Watch(stage).see(evenly(8))
    before = next(m for m in moments if m.at_s >= 3.5)
    after = next(m for m in moments if m.at_s >= 7)
    assert id_at(before, 100) == id_at(after, 240)
    assert id_at(before, 220) == id_at(after, 80)
    assert len(ids_of(moments)) == 2


def test_who_walks_behind_somebody_goes_on_for_a_moment() -> None:
    """Symptom: of two who walked side by side one was gone as soon as the detector saw them as one."""
    stage = Stage(
        Actor(walk((32, 196), (272, 196), from_s=1, to_s=9), level=200, is_seen=lambda at_s: not 5 <= at_s < 7),
        Actor(walk(LEFT, RIGHT, from_s=1, to_s=9)),
    )
    moments = Watch(stage).see(evenly(8.6))
    assert all(len(m.ids) == 2 for m in moments if 3 <= m.at_s < 5.7 or m.at_s >= 7.5)
    assert all(len(m.ids) == 1 for m in moments if 6.2 <= m.at_s < 7)
    assert len(ids_of(moments)) == 2


def test_who_joins_somebody_who_stands_stays_there_though_the_detector_sees_one_of_them() -> None:
    """Symptom: the track of who stopped beside somebody ran on as they had walked, and stood for ten seconds where
    nobody was; and after a second it was not shown."""
    stage = Stage(
        Actor(walk(LEFT, MIDDLE, from_s=1, to_s=4, stay_s=20)),
        Actor(walk((290, 206), (170, 206), from_s=4, to_s=8, stay_s=9), level=200, is_seen=lambda at_s: at_s < 7.7),
    )
    moments = Watch(stage).see(evenly(16))
    missed = [m for m in moments if m.at_s >= 8.4]
    assert all(len(m.ids) == 2 for m in missed)
    assert ids_of(missed) == ids_of(moments)
    feet = [sorted((m.tracks.foot_points()[:, 0] * 320).tolist()) for m in missed]
    assert all(abs(left - 160) < 4 and abs(right - 170) < 8 for left, right in feet)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param((150, 200), id="shows beside"),
        pytest.param((160, 200), id="covered"),
        pytest.param((168, 206), id="beside and behind"),
    ],
)
def test_who_leaves_behind_somebody_who_stands_is_shown_for_a_few_seconds_at_most(end: tuple[float, float]) -> None:
    """Symptom: somebody left by the door behind another who stood before it; the foreground of the other was in
    their box too, and for 22 seconds two were counted."""
    way = walk((290, 200), end, from_s=4, to_s=8)
    stage = Stage(
        Actor(walk(LEFT, MIDDLE, from_s=1, to_s=3, stay_s=20)),
        Actor(way, level=200, is_seen=lambda at_s: at_s < 7.7),  # and at 8 s they are gone
    )
    moments = Watch(stage).see(evenly(16))
    assert max(m.at_s for m in moments if len(m.ids) > 1) <= 8 + 5.2
    assert len(moments[-1].ids) == 1


def test_of_two_seen_as_one_both_are_shown_as_long_as_they_stand() -> None:
    """Symptom: whoever is covered whole by the other was given up, though the one box of both is larger than either."""
    apart = walk((290, 206), (164, 206), from_s=4, to_s=8, stay_s=12)
    both = standing((162, 206), width_px=28, height_px=72)
    stage = Stage(
        Actor(walk(LEFT, MIDDLE, from_s=1, to_s=3, stay_s=30), is_seen=lambda at_s: at_s < 7.7),
        Actor(apart, level=200, is_seen=lambda at_s: at_s < 7.7),
        Actor(both, level=None, is_seen=lambda at_s: at_s >= 7.7),
    )
    moments = Watch(stage).see(evenly(18))
    assert all(len(m.ids) == 2 for m in moments if m.at_s >= 8.4)
    assert len(ids_of(moments)) == 2


@pytest.mark.parametrize(("grown", "stays"), [(1.05, False), (1.09, True)])
def test_a_box_in_which_two_are_seen_as_one_has_grown_by_7_percent(grown: float, stays: bool) -> None:
    """Less is chance: who is covered whole is shown for some seconds, and then taken to have left behind the other."""
    covered = walk((290, 200), (160, 200), from_s=4, to_s=8, stay_s=12)
    both = standing((160, 200), height_px=64 * grown)
    stage = Stage(
        Actor(walk(LEFT, MIDDLE, from_s=1, to_s=3, stay_s=30), is_seen=lambda at_s: at_s < 7.7),
        Actor(covered, level=200, is_seen=lambda at_s: at_s < 7.7),
        Actor(both, level=None, is_seen=lambda at_s: at_s >= 7.7),
    )
    moments = Watch(stage).see(evenly(18))
    assert {len(m.ids) for m in moments if m.at_s >= 13.2} == {2 if stays else 1}


def there_and_back(start: tuple[float, float], end: tuple[float, float]) -> Callable[[float], Box | None]:
    """To `end` from 2 to 5 s, and back until 8 s."""
    there, back = walk(start, end, from_s=2, to_s=5), walk(end, start, from_s=5, to_s=8)
    return lambda at_s: there(at_s) or back(at_s)


@pytest.mark.parametrize("like", [0.0, 0.7])
def test_two_who_meet_unseen_and_turn_back_are_known_by_their_clothes(like: float) -> None:
    """By place and way alone they have walked past each other."""
    stage = Stage(
        Actor(there_and_back((290, 196), (172, 196)), level=200, is_seen=lambda at_s: abs(at_s - 5) > 0.5),
        Actor(there_and_back((30, 200), (148, 200)), is_seen=lambda at_s: abs(at_s - 5) > 0.5),
    )
    watch = Watch(stage)
    watch.tracker = Tracker(TrackerSettings(like=like))
    moments = watch.see(evenly(8))
    before = next(m for m in moments if m.at_s >= 4)
    after = next(m for m in moments if m.at_s >= 7)
    kept = id_at(before, 109) == id_at(after, 70) and id_at(before, 211) == id_at(after, 251)
    assert kept is (like > 0)


def test_one_thing_with_two_names_is_one_track() -> None:
    way = passing()
    stage = Stage(Actor(way, confidence=0.8), Actor(way, level=None, confidence=0.7, class_id=DOG))
    moments = Watch(stage).see(evenly(7))
    assert max(len(m.ids) for m in moments) == 1
    assert len(ids_of(moments)) == 1


def test_two_people_beside_each_other_are_two() -> None:
    stage = Stage(Actor(passing()), Actor(walk((10, 200), (250, 200), from_s=2, to_s=7), level=200))
    moments = Watch(stage).see(evenly(7))
    assert len(ids_of(moments)) == 2
    assert sum(len(m.ids) == 2 for m in moments) >= 15


def test_ids_are_never_given_twice() -> None:
    people = [Actor(passing(2 + 4 * n, 4 + 4 * n)) for n in range(4)]
    moments = Watch(Stage(*people)).see(evenly(22))
    assert len(ids_of(moments)) == 4
    assert sorted(ended_of(moments)) == sorted(ids_of(moments))


# -- what stands still


def test_a_coat_rack_called_a_person_is_never_believed() -> None:
    """Symptom: most errors of a small detector are things that never move, called persons at middling confidence."""
    rack = Actor(standing(MIDDLE), confidence=0.5)
    moments = Watch(Stage(rack)).see(evenly(60))
    assert ids_of(moments) == set()


def test_somebody_who_stands_there_from_the_first_picture_is_believed() -> None:
    """Symptom: a person who was there already when the camera started did not exist until they moved."""
    moments = Watch(Stage(Actor(standing(MIDDLE), confidence=0.8))).see(evenly(10))
    assert len(ids_of(moments)) == 1
    shown = [m for m in moments if m.ids]
    assert shown[0].at_s <= 2
    assert len(shown) == len([m for m in moments if m.at_s >= shown[0].at_s])


@pytest.mark.parametrize(
    "times_s",
    [
        pytest.param([*evenly(3), 5, 7, 9, 9.2, 11, 21, 31, 31.2], id="looked at now and then"),
        pytest.param([*evenly(3), *evenly(9, from_s=3)], id="missed for a second"),
    ],
)
def test_who_stands_there_like_a_thing_stays_the_same_person(times_s: list[float]) -> None:
    """Symptom: with nothing moving the detector looks every two seconds, and at the first such look a person who had
    been there from the first picture was lost for good."""
    person = Actor(standing(MIDDLE), confidence=0.8, is_seen=lambda at_s: not 5 < at_s < 6)
    moments = Watch(Stage(person)).see(times_s)
    assert ids_of(moments) == {1}
    assert ended_of(moments) == []
    assert all(m.ids for m in moments if m.at_s >= 2 and not 5 < m.at_s < 6)


def test_who_passes_a_coat_rack_does_not_bring_it_to_life() -> None:
    stage = Stage(Actor(standing((170, 195), width_px=20), level=90, confidence=0.5), Actor(passing(3, 9)))
    moments = Watch(stage).see(evenly(20))
    assert [m.ids for m in moments if m.at_s < 3 or m.at_s >= 14] == [[]] * (3 * 5 + 6 * 5)
    assert sorted(ended_of(moments)) == sorted(ids_of(moments))


def test_who_stands_still_unseen_by_the_detector_is_there_as_long_as_their_place_is_foreground() -> None:
    """Symptom: somebody who sat down was lost within seconds, and came back as somebody else."""
    stage = Stage(Actor(walk(LEFT, MIDDLE, from_s=2, to_s=5, stay_s=24), is_seen=lambda at_s: at_s < 8 or at_s >= 28))
    moments = Watch(stage).see(evenly(29))
    assert len(ids_of(moments)) == 1
    assert all(m.ids for m in moments if m.at_s >= 4)
    assert not any(m.tracks.observed.any() for m in moments if 8 <= m.at_s < 28)
    assert moments[-1].tracks.observed.all()


def test_who_leaves_while_the_detector_does_not_see_them_is_not_kept_for_ever() -> None:
    stage = Stage(Actor(walk(LEFT, MIDDLE, from_s=2, to_s=5, stay_s=3), is_seen=lambda at_s: at_s < 6))
    moments = Watch(stage).see(evenly(75))
    assert len(ended_of(moments)) == 1
    assert moments[-1].ids == []


@pytest.mark.parametrize(
    ("start", "end", "once"),
    [
        pytest.param(LEFT, MIDDLE, (206, 200), id="behind a sign"),
        pytest.param((180, 200), (306, 200), (314, 200), id="out of the picture"),
    ],
)
def test_who_disappears_does_not_come_to_rest_where_something_else_once_stood(
    start: tuple[float, float], end: tuple[float, float], once: tuple[float, float]
) -> None:
    """Symptom: somebody walked behind a sign, or out of the picture, and their track stood for twenty seconds where
    another had stood while the background was learned: that place differs from the background since they have gone."""
    thing = standing(once)
    stage = Stage(
        Actor(lambda at_s: thing(at_s) if at_s < 3 else None, is_seen=lambda at_s: False),
        Actor(walk(start, end, from_s=4, to_s=7)),
    )
    moments = Watch(stage).see(evenly(14))
    assert len(ids_of(moments)) == 1
    assert not any(m.ids for m in moments if m.at_s >= 8)
    assert len(ended_of(moments)) == 1


VAN = {"width_px": 150.0, "height_px": 110.0}


@pytest.mark.parametrize(
    ("driver_level", "van_level", "stays"),
    [
        pytest.param(40, 200, False, id="gets in"),
        pytest.param(86, 92, False, id="gets into one of about their colour"),
        pytest.param(40, 200, True, id="stands on"),
    ],
)
def test_who_gets_into_a_van_is_gone_and_who_stands_before_it_is_not(
    driver_level: int, van_level: int, stays: bool
) -> None:
    """Symptom: a van that has come is foreground, and so its driver stood before it for as long as the van did."""
    stage = Stage(
        Actor(walk((420, 210), (160, 210), from_s=1, to_s=3, stay_s=60, **VAN), level=van_level, class_id=CAR),
        Actor(
            walk((30, 214), (150, 214), from_s=5, to_s=8, stay_s=20 if stays else 0.6),
            level=driver_level,
            is_seen=lambda at_s: at_s <= 8.6,
        ),
    )
    moments = Watch(stage).see(evenly(18))
    (driver,) = {
        int(i) for m in moments for i, c in zip(m.tracks.track_id, m.tracks.class_id, strict=True) if c == PERSON
    }
    last_s = max(m.at_s for m in moments if driver in m.ids)
    assert (last_s > 17) is stays
    assert (driver in ended_of(moments)) is not stays
    if not stays:
        assert last_s < 10.5


def test_a_van_that_has_driven_off_ends() -> None:
    """Symptom: the detector lost it at the border of the picture, where the background had half learned the parked van:
    it stood there for another twenty seconds."""
    comes = walk((420, 210), (200, 210), from_s=1, to_s=3, stay_s=45, **VAN)
    leaves = walk((200, 210), (420, 210), from_s=48, to_s=51, **VAN)
    van = Actor(lambda at_s: comes(at_s) or leaves(at_s), level=200, class_id=CAR, is_seen=lambda at_s: at_s < 49.4)
    moments = Watch(Stage(van)).see(evenly(56))
    (track_id,) = named_of(moments)
    assert max(m.at_s for m in moments if track_id in m.ids) < 51
    assert track_id in ended_of(moments)


def test_who_is_no_longer_believed_ends_too() -> None:
    """Symptom: a track that drifted onto a coat rack was shown no more, but never ended: its visit went on for ever."""
    stage = Stage(
        Actor(walk(LEFT, MIDDLE, from_s=2, to_s=5)),
        Actor(standing(MIDDLE), level=None, confidence=0.5, is_seen=lambda at_s: 5 < at_s < 15),
    )
    moments = Watch(stage).see(evenly(30))
    assert len(ids_of(moments)) == 1
    assert ended_of(moments) == sorted(ids_of(moments))


# -- two cameras


def test_two_trackers_share_nothing() -> None:
    """Symptom, in another tracker: ids in a class variable; one camera's reset gave another camera's people one id."""
    people = (Actor(passing(2, 9)), Actor(walk((280, 120), (40, 120), from_s=2, to_s=9), level=200))
    one, other = Watch(Stage(*people)), Watch(Stage(*people))
    for at_s in evenly(5):
        assert one.see([at_s])[0].ids == other.see([at_s])[0].ids
    one.tracker = Tracker()
    other_ids = [other.see([at_s])[0].ids for at_s in evenly(8, from_s=5)]
    assert other_ids == [[1, 2]] * 15
    assert ids_of(one.see(evenly(8, from_s=5))) == {1, 2}


# -- how soon to look again


def test_who_wants_to_be_looked_at() -> None:
    alone = Watch(Stage(Actor(walk(LEFT, MIDDLE, from_s=2, to_s=5, stay_s=9), is_seen=lambda at_s: at_s < 8)))
    assert len(interests(alone, 0).xyxy) == 0
    alone.see(evenly(4))
    walking = interests(alone, 4.0)
    assert walking.is_urgent.tolist() == [True]  # fast
    assert walking.looked_s == pytest.approx([3.8])
    assert walking.xyxy[0, 2] > 120  # where it should be by now
    alone.see(evenly(7.8, from_s=4))
    assert interests(alone, 7.8, changing=False).stirs.tolist() == [False]
    alone.see(evenly(9, from_s=7.8))
    missed = interests(alone, 9.0, changing=False)
    assert missed.is_urgent.tolist() == missed.stirs.tolist() == [True]
    slowly = Watch(Stage(Actor(walk((150, 200), MIDDLE, from_s=0, to_s=5))))
    slowly.see(evenly(4))
    assert interests(slowly, 4.0).is_urgent.tolist() == [False]


def test_where_nobody_looked_nobody_is_missed() -> None:
    """Looked at in parts: a track outside of them goes on as if nobody had looked."""
    stage = Stage(
        Actor(walk((40, 200), (120, 200), from_s=2, to_s=8)), Actor(walk((280, 120), (220, 120), from_s=2, to_s=8))
    )
    watch = Watch(stage)
    watch.see(evenly(4))
    left = np.array([[0, 0, 160, 240]])
    nothing, gate = Detections.empty(), MotionGate()
    for at_s in (4.0, 4.2, 4.4, 4.6):
        motion = gate.update(stage.luma(at_s), at_s)
        tracks = watch.tracker.update(nothing, motion, at_s=at_s, width_px=320, height_px=240, regions=left)
    assert tracks.track_id.tolist() == [2]
    assert tracks.observed.tolist() == [True]


def test_somebody_clear_is_there_at_once() -> None:
    """Symptom: whoever came in was told of half a second later, though the detector was sure at the first look."""
    moments = Watch(Stage(Actor(passing()))).see(evenly(4))
    shown = [m for m in moments if m.ids]
    assert shown[0].at_s <= 2.2


def test_a_sign_does_not_take_over_who_passed_behind_it() -> None:
    """Symptom: weak detections of a sign before which somebody had passed drew the track onto it and kept it there."""
    sign = Actor(standing((165, 195), width_px=14, height_px=22), level=90, confidence=0.4)
    moments = Watch(Stage(sign, Actor(passing(8, 13)))).see(evenly(22))
    assert [m.ids for m in moments if m.at_s >= 16.5] == [[]] * len([m for m in moments if m.at_s >= 16.5])
    assert len(ids_of(moments)) == 1


# -- anything at all


@pytest.mark.parametrize("seed", range(8))
def test_whatever_comes_in_what_goes_out_makes_sense(seed: int) -> None:
    """Ids are never reused; who was shown and is gone for good has ended, once; nobody comes back from the end."""
    chance = np.random.default_rng(seed)
    tracker, at_s = Tracker(), 0.0
    shown: set[int] = set()
    ended: list[int] = []
    for _ in range(150):
        at_s += float(chance.exponential(0.3))
        tracks = tracker.update(_some(chance), _motion(chance), at_s=at_s, width_px=320, height_px=240)
        assert not set(tracks.track_id.tolist()) & set(ended)
        shown |= set(tracks.track_id.tolist())
        ended += tracks.ended
    nothing = Motion(np.zeros((60, 80), bool), np.zeros((60, 80), bool), is_moving=False)
    for _ in range(60):
        at_s += 1
        tracks = tracker.update(Detections.empty(), nothing, at_s=at_s, width_px=320, height_px=240)
        ended += tracks.ended
    assert len(tracks) == 0
    assert len(ended) == len(set(ended))
    assert set(ended) >= shown


def _some(chance: np.random.Generator) -> Detections | None:
    if chance.random() < 0.3:
        return None
    n = int(chance.integers(0, 5))
    foot = chance.choice([60.0, 65.0, 150.0, 240.0], n)
    left_top = np.stack([foot, chance.choice([100.0, 110.0], n)], axis=1)
    xyxy = np.concatenate([left_top, left_top + chance.choice([20.0, 60.0], (n, 2))], axis=1).astype(np.float32)
    confidence = chance.uniform(0.1, 1, n).astype(np.float32)
    return Detections(xyxy, confidence, chance.choice([0, 0, 0, DOG, 2], n).astype(np.int64))


def _motion(chance: np.random.Generator) -> Motion:
    foreground, changing = (chance.random((60, 80)) < chance.random() for _ in range(2))
    return Motion(foreground, changing, is_moving=True)
