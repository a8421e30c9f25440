"""What every `Behaviour` must do. Each `check_*` takes a way to make one, and raises AssertionError.

@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_behaviour(check): check(lambda: ZoneVisits(zone), stroll)

The second argument is a story in which the behaviour has something to say: `story(seed) -> (at, Tracks), ...`.
Those of the kinds in `custos.model.behaviours` stand in `custos.testing.behaviour_cases`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from custos.model.detections import Tracks
from custos.model.event_types import EVENT_TYPES
from custos.testing.clock import START, after
from custos.vision.behaviours import Behaviour, Sighting

MakeBehaviour = Callable[[], Behaviour]


class Story(Protocol):
    """Tracks over time; another seed tells it another way."""

    def __call__(self, seed: int = 0) -> Iterator[tuple[datetime, Tracks]]: ...


Foot = tuple[float, float]
"""A foot point, in 0..1 of the picture."""
OF_THE_WALK = frozenset({"class", "confidence", "box", "path", "model", "subjects", "doubtful"})
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


def play(behaviour: Behaviour, story: Story, seed: int = 0) -> list[Sighting]:
    """What it says of a story, its end included."""
    said = [sighting for at, tracks in story(seed) for sighting in behaviour.update(tracks, at=at)]
    return said + behaviour.end()


def check_an_empty_picture(make: MakeBehaviour, story: Story) -> None:
    behaviour = make()
    assert behaviour.end() == []
    assert behaviour.update(tracks_at({}), at=START) == []
    assert behaviour.update(tracks_at({}), at=after(7200)) == []
    assert behaviour.end() == []


def check_the_end_of_somebody_never_seen(make: MakeBehaviour, story: Story) -> None:
    assert make().update(tracks_at({}, ended=(1, 2, 3)), at=START) == []


def check_it_says_something(make: MakeBehaviour, story: Story) -> None:
    """Otherwise the other checks would check nothing."""
    assert play(make(), story)


def check_its_sightings_are_known_types_with_their_fields(make: MakeBehaviour, story: Story) -> None:
    for sighting in play(make(), story):
        # what is about no track has a box of its own, and the walk adds nothing to it
        of_the_walk = OF_THE_WALK - ({"box"} if sighting.track_id is None else set())
        fields = {f.name: f.required for f in EVENT_TYPES[sighting.type].fields if f.name not in of_the_walk}
        required = {name for name, needed in fields.items() if needed}
        assert required <= set(sighting.data) <= set(fields), f"{sighting.type} has {sorted(sighting.data)}"


def check_its_sightings_are_of_tracks_it_was_told_of(make: MakeBehaviour, story: Story) -> None:
    """Of now or of the past; what one update says, it says in order. Others may have left already."""
    behaviour = make()
    known: set[int] = set()
    first_at: datetime | None = None
    for at, tracks in story():
        first_at = first_at or at
        known |= set(tracks.track_id.tolist())
        said = behaviour.update(tracks, at=at)
        assert {s.track_id for s in said} <= {None, *tracks.track_id.tolist(), *tracks.ended}
        assert {other for s in said for other in s.others} <= known
        assert all(s.track_id not in s.others for s in said), "somebody is named twice"
        assert all(first_at <= s.at <= at for s in said), "a sighting of the future, or from before the start"
        assert said == sorted(said, key=lambda s: s.at), "sightings are not in order"


def check_the_same_story_makes_the_same_sightings(make: MakeBehaviour, story: Story) -> None:
    assert play(make(), story, seed=1) == play(make(), story, seed=1)


def check_two_of_them_share_nothing(make: MakeBehaviour, story: Story) -> None:
    alone = play(make(), story, seed=2)
    one, other = make(), make()
    said: list[Sighting] = []
    for at, tracks in story(2):
        said += one.update(tracks, at=at)
        other.update(tracks_at({}, ended=tuple(range(20))), at=at)
    assert said + one.end() == alone


def check_nothing_is_kept_of_those_who_are_gone(make: MakeBehaviour, story: Story) -> None:
    """Everybody ends, an hour passes: what it holds then does not grow with how many there were."""
    behaviour = make()
    held = []
    for round_of in range(3):
        shift = timedelta(hours=2 * round_of)
        there: set[int] = set()
        for at, tracks in story(3):
            behaviour.update(_renumbered(tracks, 1000 * round_of), at=at + shift)
            there = set(tracks.track_id.tolist())
            last_at = at + shift
        ended = tuple(track_id + 1000 * round_of for track_id in sorted(there))
        behaviour.update(tracks_at({}, ended=ended), at=last_at + timedelta(seconds=1))
        behaviour.update(tracks_at({}), at=last_at + timedelta(hours=1))
        held.append(_kept(behaviour))
    assert held[2] <= held[0], f"it still holds something of tracks that have ended: {held}"


def check_after_the_end_nothing_is_left_to_say(make: MakeBehaviour, story: Story) -> None:
    behaviour = make()
    last_at = START
    for step, (at, tracks) in enumerate(story(4)):
        behaviour.update(tracks, at=at)
        last_at = at
        if step == 40:
            break
    behaviour.end()
    assert behaviour.end() == []
    assert behaviour.update(tracks_at({}, ended=tuple(range(20))), at=last_at + timedelta(seconds=1)) == []


def check_its_overlays_are_marks_on_the_picture(make: MakeBehaviour, story: Story) -> None:
    """Of things that are there, within the picture or a little beyond, and quickly told; at least once there is one."""
    behaviour = make()
    assert len(behaviour.overlays()) <= 1
    marked = 0
    for at, tracks in story(5):
        behaviour.update(tracks, at=at)
        for overlay in behaviour.overlays():
            marked += bool(overlay.text or overlay.track_ids or overlay.arrows or overlay.cells)
            assert set(overlay.track_ids) <= set(tracks.track_id.tolist()), "it marks somebody who is not there"
            assert len(overlay.text) <= 80
            points = [*((overlay.at and [overlay.at]) or ()), *(point for arrow in overlay.arrows for point in arrow)]
            assert all(-1 <= x <= 2 and -1 <= y <= 2 for x, y in points)
            assert all(0 <= strength <= 1 for *_, strength in overlay.cells)
    assert marked, "it has something to say in this story and draws nothing"


def _renumbered(tracks: Tracks, by: int) -> Tracks:
    ended = tuple(track_id + by for track_id in tracks.ended)
    return replace(tracks, track_id=tracks.track_id + by, ended=ended)


def _kept(thing: object, depth: int = 0) -> int:
    """How many things its containers hold, those of its parts included."""
    if isinstance(thing, Mapping):
        return len(thing) + sum(_kept(value, depth + 1) for value in thing.values())
    if isinstance(thing, list | tuple | set | frozenset | deque):
        return len(thing) + sum(_kept(value, depth + 1) for value in thing)
    if type(thing).__module__.startswith("custos.vision.behaviours") and depth < 8:
        return sum(_kept(value, depth + 1) for value in _attributes(thing).values())
    return 0


def _attributes(thing: object) -> dict[str, object]:
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return {**getattr(thing, "__dict__", {}), **{name: getattr(thing, name) for name in slots if hasattr(thing, name)}}


CHECKS: tuple[Callable[[MakeBehaviour, Story], None], ...] = (
    check_an_empty_picture,
    check_the_end_of_somebody_never_seen,
    check_it_says_something,
    check_its_sightings_are_known_types_with_their_fields,
    check_its_sightings_are_of_tracks_it_was_told_of,
    check_the_same_story_makes_the_same_sightings,
    check_two_of_them_share_nothing,
    check_nothing_is_kept_of_those_who_are_gone,
    check_after_the_end_nothing_is_left_to_say,
    check_its_overlays_are_marks_on_the_picture,
)
