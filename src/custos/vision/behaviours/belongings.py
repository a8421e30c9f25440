"""Something is left behind, and something is taken away; and by whom.

Left:    (put down) --a: its owner is away, for after_s--> (left) --b: the place is as before--> (over)
Removed: (taken) --c: gone for after_s--> (told)

a is `object.left`; b is `object.retrieved`, after a; c is `object.removed`, also of something left that somebody else
takes. The owner is the track that was there when it was put down; while the owner is within near_m nothing is left,
and while somebody else stands at it the clock waits, because a tracker may have given the owner another name.
What it is nobody needs to know: `custos.vision.things` sees that the picture has changed for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custos.geometry.polygons import contains
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Thing, Tracks, class_name
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.whereabouts import PERSONS, OnTheGround, Whereabouts
from custos.vision.behaviours.within import place_of

AT_IT = 0.5
"""Somebody else is at it within so many times near_m."""


@dataclass(slots=True)
class _Belonging:
    alone_s: float = 0.0
    is_told: bool = False


class LeftBehind(OnTheGround):
    """Things put down in a zone, or anywhere in the picture."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._after_s, self._near_m = spec.value("after_s"), spec.value("near_m")
        self._where = Whereabouts(floor, of=spec.class_ids | PERSONS)
        self._belongings: dict[int, _Belonging] = {}
        self._marks: tuple[Overlay, ...] = ()
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        dt_s = 0.0 if self._last_at is None else (at - self._last_at).total_seconds()
        self._last_at = at
        found: list[Sighting] = []
        things = [thing for thing in tracks.things if not thing.is_gone and self._counts(thing)]
        for thing in things:
            found += self._judge(thing, tracks, dt_s, at)
        there = {thing.id for thing in things if not thing.is_over}
        self._belongings = {key: one for key, one in self._belongings.items() if key in there}
        self._marks = tuple(self._mark(thing) for thing in things if thing.id in self._belongings)
        return found

    def end(self) -> list[Sighting]:
        self._belongings.clear()
        self._where.forget()
        self._marks = ()
        self._last_at = None
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        return self._marks

    def _counts(self, thing: Thing) -> bool:
        return thing.class_id in self._spec.class_ids and _lies_in(self._zone, thing)

    def _judge(self, thing: Thing, tracks: Tracks, dt_s: float, at: datetime) -> list[Sighting]:
        one = self._belongings.setdefault(thing.id, _Belonging())
        if thing.is_over:
            return [self._retrieved(thing, at)] if one.is_told else []
        near = self._near(thing, tracks, self._near_m)
        if near.intersection(thing.by):
            one.alone_s = 0.0
        elif not self._near(thing, tracks, AT_IT * self._near_m):
            one.alone_s += dt_s
        if one.is_told or one.alone_s < self._after_s:
            return []
        one.is_told = True
        who = _who(thing.class_id)
        data: dict[str, Json] = {
            "box": list(thing.box),
            "still_s": round(thing.age_s, 1),
            "alone_s": round(one.alone_s, 1),
            "why": f"put down by {who} {thing.age_s:.0f} s ago, who has been away for {one.alone_s:.0f} s",
            **place_of(self._zone),
        }
        return [Sighting("object.left", None, at, data, others=thing.by)]

    def _retrieved(self, thing: Thing, at: datetime) -> Sighting:
        by_owner = bool(set(thing.over_by) & set(thing.by))
        who = "whoever left it" if by_owner else "somebody else" if thing.over_by else "nobody that was seen"
        data: dict[str, Json] = {
            "box": list(thing.box),
            "still_s": round(thing.age_s, 1),
            "by_owner": by_owner,
            "why": f"taken up after {thing.age_s:.0f} s, by {who}",
            **place_of(self._zone),
        }
        return Sighting("object.retrieved", None, at, data, others=thing.over_by)

    def _near(self, thing: Thing, tracks: Tracks, within_m: float) -> set[int]:
        """Its owners and people within so many metres of the thing; one whose distance cannot be told is near. What
        nobody can name and stands there is the thing itself."""
        left, _, right, bottom = thing.box
        point_px = ((left + right) / 2 * tracks.width_px, bottom * tracks.height_px)
        near = set()
        for track_id, class_id in zip(tracks.track_id.tolist(), tracks.class_id.tolist(), strict=True):
            if track_id in thing.by or class_id in PERSONS:
                reach_m = self._where.reach_m(track_id, point_px)
                if reach_m is None or reach_m <= within_m:
                    near.add(track_id)
        return near

    def _mark(self, thing: Thing) -> Overlay:
        one = self._belongings[thing.id]
        text = f"left, alone for {one.alone_s:.0f} s" if one.is_told else f"put down, alone for {one.alone_s:.0f} s"
        at = (thing.box[0], min(thing.box[3] + 0.06, 1.0))
        return Overlay(self._spec.id, text, at=at, cells=((*thing.box, 0.6),), is_alert=one.is_told)


class Removed:
    """Things that stood in a zone, or anywhere in the picture, and were taken."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None) -> None:
        self._spec, self._zone = spec, zone
        self._after_s = spec.value("after_s")
        self._told: set[int] = set()
        self._marks: tuple[Overlay, ...] = ()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        found: list[Sighting] = []
        marks: list[Overlay] = []
        for thing in tracks.things:
            if not _lies_in(self._zone, thing):
                continue
            stolen = thing.is_over and not thing.is_gone and thing.over_by and not set(thing.over_by) & set(thing.by)
            if stolen:
                found.append(self._tell(thing, thing.over_by, "somebody other than who had put it there", at))
            elif thing.is_gone and not thing.is_over and thing.class_id in self._spec.class_ids:
                if thing.id not in self._told and thing.age_s >= self._after_s:
                    self._told.add(thing.id)
                    found.append(self._tell(thing, thing.by, f"{_who(thing.class_id)} who was at it", at))
                text = f"something is gone, {thing.age_s:.0f} s"
                place = (thing.box[0], min(thing.box[3] + 0.06, 1.0))
                marks.append(Overlay(self._spec.id, text, at=place, cells=((*thing.box, 0.6),), is_alert=True))
        self._told &= {thing.id for thing in tracks.things}
        self._marks = tuple(marks)
        return found

    def end(self) -> list[Sighting]:
        self._told.clear()
        self._marks = ()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        return self._marks

    def _tell(self, thing: Thing, by: tuple[int, ...], who: str, at: datetime) -> Sighting:
        gone_s = thing.age_s if thing.is_gone else 0.0
        data: dict[str, Json] = {
            "box": list(thing.box),
            "gone_s": round(gone_s, 1),
            "why": f"something that stood here was taken by {who}",
            **place_of(self._zone),
        }
        return Sighting("object.removed", None, at, data, others=by)


def _lies_in(zone: Zone | None, thing: Thing) -> bool:
    left, _, right, bottom = thing.box
    return zone is None or bool(contains(zone.polygon, np.array([[(left + right) / 2, bottom]]))[0])


def _who(class_id: int) -> str:
    """In words: "a person"."""
    name = class_name(class_id)
    return "somebody" if name == "unknown" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
