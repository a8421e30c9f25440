"""What every `Behaviour` must do. Each `check_*` takes a way to make one and raises AssertionError.

@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_behaviour(check): check(lambda: ZoneVisits(zone))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from datetime import datetime

import numpy as np

from custos.model.detections import Tracks
from custos.model.event_types import EVENT_TYPES
from custos.pipeline.camera import Behaviour
from custos.testing.clock import START, after
from custos.vision.behaviours import Sighting

MakeBehaviour = Callable[[], Behaviour]
Foot = tuple[float, float]
"""A foot point, in 0..1 of the picture."""
OF_THE_WALK = frozenset({"class", "confidence", "box", "path", "model"})
"""Fields that the camera walk adds to what a behaviour says."""


def tracks_at(
    feet: Mapping[int, Foot], *, ended: tuple[int, ...] = (), class_id: int = 0, age_s: float = 0.0
) -> Tracks:
    """Tracks, by id, of objects that stand there, in a picture of 1000 x 1000 pixels."""
    n = len(feet)
    x, y = (np.array([foot[axis] for foot in feet.values()], np.float32) * 1000 for axis in (0, 1))
    return Tracks(
        np.stack([x - 20, y - 100, x + 20, y], axis=1).astype(np.float32).reshape(n, 4),
        np.full(n, 0.8, np.float32),
        np.full(n, class_id, np.int64),
        np.array(list(feet), np.int64),
        np.ones(n, np.bool_),
        np.full(n, age_s, np.float32),
        1000,
        1000,
        ended,
    )


def stroll(seed: int = 0, people: int = 20, fps: float = 5.0) -> Iterator[tuple[datetime, Tracks]]:
    """People who come one after another, wander about the picture, and end."""
    chance = np.random.default_rng(seed)
    there: dict[int, Foot] = {}
    left, step = people, 0
    while left or there:
        step += 1
        ended = tuple(track_id for track_id in there if chance.random() < 0.02)
        for track_id in ended:
            del there[track_id]
        for track_id, (x, y) in there.items():
            dx, dy = chance.normal(0, 0.06, 2)
            there[track_id] = float(np.clip(x + dx, 0, 1)), float(np.clip(y + dy, 0, 1))
        if left and chance.random() < 0.2:
            there[people - left + 1] = float(chance.random()), float(chance.random())
            left -= 1
        yield after(step / fps), tracks_at(there, ended=ended, age_s=step / fps)


def play(behaviour: Behaviour, seed: int = 0) -> list[Sighting]:
    """What it says of a stroll, its end included."""
    said = [sighting for at, tracks in stroll(seed) for sighting in behaviour.update(tracks, at=at)]
    return said + behaviour.end()


def check_an_empty_picture(make: MakeBehaviour) -> None:
    behaviour = make()
    assert behaviour.end() == []
    assert behaviour.update(tracks_at({}), at=START) == []
    assert behaviour.end() == []


def check_the_end_of_somebody_never_seen(make: MakeBehaviour) -> None:
    assert make().update(tracks_at({}, ended=(1, 2, 3)), at=START) == []


def check_it_says_something_of_a_stroll(make: MakeBehaviour) -> None:
    """Otherwise the other checks would check nothing."""
    assert play(make())


def check_its_sightings_are_known_types_with_their_fields(make: MakeBehaviour) -> None:
    for sighting in play(make()):
        fields = {f.name: f.required for f in EVENT_TYPES[sighting.type].fields if f.name not in OF_THE_WALK}
        required = {name for name, needed in fields.items() if needed}
        assert required <= set(sighting.data) <= set(fields), f"{sighting.type} has {sorted(sighting.data)}"


def check_its_sightings_are_of_tracks_it_was_told_of(make: MakeBehaviour) -> None:
    """Of now or of the past; what one update says, it says in order."""
    behaviour = make()
    for at, tracks in stroll():
        said = behaviour.update(tracks, at=at)
        assert {s.track_id for s in said} <= {*tracks.track_id.tolist(), *tracks.ended}
        assert all(START <= s.at <= at for s in said), "a sighting of the future, or from before the start"
        assert said == sorted(said, key=lambda s: s.at), "sightings are not in order"


def check_the_same_story_makes_the_same_sightings(make: MakeBehaviour) -> None:
    assert play(make(), seed=1) == play(make(), seed=1)


def check_two_of_them_share_nothing(make: MakeBehaviour) -> None:
    alone = play(make(), seed=2)
    one, other = make(), make()
    said: list[Sighting] = []
    for at, tracks in stroll(2):
        said += one.update(tracks, at=at)
        other.update(tracks_at({}, ended=tuple(range(20))), at=at)
    assert said + one.end() == alone


def check_nothing_is_kept_of_those_who_are_gone(make: MakeBehaviour) -> None:
    behaviour = make()
    fresh = _kept(behaviour)
    for at, tracks in stroll(3, people=100):
        behaviour.update(tracks, at=at)
    assert _kept(behaviour) == fresh, "it still holds something of tracks that have ended"


def check_after_the_end_nothing_is_left_to_say(make: MakeBehaviour) -> None:
    behaviour = make()
    for step, (at, tracks) in enumerate(stroll(4)):
        behaviour.update(tracks, at=at)
        if step == 40:
            break
    behaviour.end()
    assert behaviour.end() == []
    assert behaviour.update(tracks_at({}, ended=tuple(range(20))), at=after(100)) == []


def _kept(behaviour: Behaviour) -> int:
    """How many things its containers hold."""
    return sum(len(value) for value in vars(behaviour).values() if isinstance(value, Sized))


CHECKS: tuple[Callable[[MakeBehaviour], None], ...] = (
    check_an_empty_picture,
    check_the_end_of_somebody_never_seen,
    check_it_says_something_of_a_stroll,
    check_its_sightings_are_known_types_with_their_fields,
    check_its_sightings_are_of_tracks_it_was_told_of,
    check_the_same_story_makes_the_same_sightings,
    check_two_of_them_share_nothing,
    check_nothing_is_kept_of_those_who_are_gone,
    check_after_the_end_nothing_is_left_to_say,
)
