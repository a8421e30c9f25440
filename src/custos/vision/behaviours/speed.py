"""How fast objects go, in metres a second and kilometres an hour, over the calibrated ground.

    (unknown) --a: a speed is known--> (measured) --b: over limit_kmh for hold_s, once--> (measured)
    (measured) --c: left the zone, or ended--> (unknown)

b is `speed.exceeded`; c is `speed.measured`, with the typical and the highest speed of the passage. A speed counts for
what it is at least, given how well a pixel can be told on the ground there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.whereabouts import OnTheGround, Pace, Whereabouts, kmh
from custos.vision.behaviours.within import inside, place_of

KEPT = 100
"""Speeds of one passage that are kept for its typical one; every second one is dropped when there are more."""


@dataclass(slots=True)
class _Passage:
    since_at: datetime
    last_at: datetime
    speeds_mps: list[float] = field(default_factory=list)
    top_mps: float = 0.0
    over_at: datetime | None = None
    is_told: bool = False


class Speed(OnTheGround):
    """The speeds of everything that counts, in a zone or in the whole picture."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor) -> None:
        self._spec, self._zone = spec, zone
        self._limit_mps = spec.value("limit_kmh") / 3.6
        self._hold_s = spec.value("hold_s")
        self._where = Whereabouts(floor, of=spec.class_ids)
        self._passages: dict[int, _Passage] = {}
        self._marks: tuple[Overlay, ...] = ()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        found: list[Sighting] = []
        marks: list[Overlay] = []
        here = inside(self._zone, tracks)
        for row, track_id in enumerate(tracks.track_id.tolist()):
            pace = self._where.pace(track_id)
            if not here[row]:
                found += self._finish(track_id)
            elif pace is not None:
                found += self._measure(track_id, pace, at)
                marks.append(self._mark(tracks, row, pace))
        for track_id in tracks.ended:
            found += self._finish(track_id)
        self._marks = tuple(marks)
        return sorted(found, key=lambda sighting: sighting.at)

    def end(self) -> list[Sighting]:
        found = [sighting for track_id in list(self._passages) for sighting in self._finish(track_id)]
        self._where.forget()
        self._marks = ()
        return found

    def overlays(self) -> tuple[Overlay, ...]:
        return self._marks

    def _measure(self, track_id: int, pace: Pace, at: datetime) -> list[Sighting]:
        passage = self._passages.setdefault(track_id, _Passage(at, at))
        passage.last_at = at
        passage.speeds_mps.append(pace.mps)
        if len(passage.speeds_mps) > KEPT:
            del passage.speeds_mps[::2]
        passage.top_mps = max(passage.top_mps, pace.least_mps)
        if pace.least_mps <= self._limit_mps:
            passage.over_at = None
            return []
        passage.over_at = passage.over_at or at
        if passage.is_told or (at - passage.over_at).total_seconds() < self._hold_s:
            return []
        passage.is_told = True
        limit = kmh(self._limit_mps)
        data: dict[str, Json] = {
            "speed_mps": round(pace.mps, 2),
            "speed_kmh": kmh(pace.mps),
            "limit_kmh": limit,
            "why": f"{kmh(pace.mps):g} km/h where {limit:g} km/h are allowed",
            **place_of(self._zone),
        }
        return [Sighting("speed.exceeded", track_id, at, data)]

    def _finish(self, track_id: int) -> list[Sighting]:
        passage = self._passages.pop(track_id, None)
        if passage is None:
            return []
        typical = float(np.median(passage.speeds_mps))
        data: dict[str, Json] = {
            "speed_mps": round(typical, 2),
            "speed_kmh": kmh(typical),
            "top_kmh": kmh(max(passage.top_mps, typical)),
            "duration_s": round((passage.last_at - passage.since_at).total_seconds(), 2),
            **place_of(self._zone),
        }
        return [Sighting("speed.measured", track_id, passage.last_at, data)]

    def _mark(self, tracks: Tracks, row: int, pace: Pace) -> Overlay:
        left, top, _, _ = tracks.boxes_normalised()[row].tolist()
        text = f"{kmh(pace.mps):.0f} km/h"
        over = pace.least_mps > self._limit_mps
        return Overlay(
            self._spec.id, text, at=(left, top), track_ids=(int(tracks.track_id[row]),) if over else (), is_alert=over
        )
