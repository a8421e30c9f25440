"""Somebody walks up to a vehicle that stands, and stays at its side.

    (far) --a: at least from_m away from it while it stands--> (coming) --b: within near_m, slow, for stay_s--> (told)

b is `vehicle.approached`. Whoever first comes to light beside a vehicle got out of it and is not told; nor is one who
walks past without staying. Getting in looks the same as meddling with a door: this is a cue, and says only what was
seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.standing import Stand, Standing
from custos.vision.behaviours.whereabouts import VEHICLES, OnTheGround, Whereabouts
from custos.vision.behaviours.within import inside, place_of

STANDS_S = 3.0
SLOW_MPS = 0.6
BAND = 0.4
"""Of a vehicle's box this lowest part is taken for where it stands on the ground."""


@dataclass(slots=True)
class _Approach:
    near_at: datetime | None = None
    last_m: float = 0.0
    is_told: bool = False


class Approaching(OnTheGround):
    """Approaches to the vehicles of one camera; the zone, if there is one, is where the person ends up."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._near_m, self._stay_s, self._from_m = spec.value("near_m"), spec.value("stay_s"), spec.value("from_m")
        self._where = Whereabouts(floor, of=spec.class_ids)
        self._standing = Standing(VEHICLES)
        self._approaches: dict[tuple[int, int], _Approach] = {}  # person, vehicle
        self._there: frozenset[int] = frozenset()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        self._there = frozenset(tracks.track_id.tolist())
        moved = {stand.track_id for stand in self._standing.update(tracks, at=at)}
        gone = moved.union(tracks.ended)
        self._approaches = {ids: one for ids, one in self._approaches.items() if not gone.intersection(ids)}
        stands = [s for s in self._standing.all() if s.track_id in self._there and s.still_s(at) >= STANDS_S]
        found: list[Sighting] = []
        here = inside(self._zone, tracks)
        for row, track_id in enumerate(tracks.track_id.tolist()):
            if int(tracks.class_id[row]) in self._spec.class_ids:
                for stand in stands:
                    found += self._judge(track_id, stand, at, bool(here[row]), tracks.xyxy[row].tolist())
        return found

    def end(self) -> list[Sighting]:
        self._approaches.clear()
        self._standing.end()
        self._where.forget()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        return tuple(
            Overlay(self._spec.id, f"{one.last_m:.1f} m from it", track_ids=ids, is_alert=one.is_told)
            for ids, one in self._approaches.items()
            if one.near_at is not None and self._there.issuperset(ids)
        )

    def _judge(self, person: int, stand: Stand, at: datetime, is_here: bool, box: list[float]) -> list[Sighting]:
        gap_m = self._gap_m(person, stand, box)
        if gap_m is None:
            return []
        ids = (person, stand.track_id)
        approach = self._approaches.get(ids)
        if gap_m >= self._from_m:
            self._approaches[ids] = _Approach()
            return []
        if approach is None:
            return []
        approach.last_m = gap_m
        pace = self._where.pace(person)
        if gap_m > self._near_m or not is_here or pace is None or pace.mps > SLOW_MPS:
            if gap_m > 1.3 * self._near_m or (pace is not None and pace.mps > 1.5 * SLOW_MPS):
                approach.near_at = None
            return []
        approach.near_at = approach.near_at or at
        near_s = (at - approach.near_at).total_seconds()
        if approach.is_told or near_s < self._stay_s:
            return []
        approach.is_told = True
        return [self._tell(ids, stand, gap_m, near_s, at)]

    def _tell(self, ids: tuple[int, int], stand: Stand, gap_m: float, near_s: float, at: datetime) -> Sighting:
        about = "about " if self._where.is_estimate else ""
        still_s = stand.still_s(at)
        data: dict[str, Json] = {
            "distance_m": round(gap_m, 2),
            "duration_s": round(near_s, 2),
            "still_s": round(still_s, 1),
            "estimate": self._where.is_estimate,
            "why": f"walked up to a vehicle that has stood for {still_s:.0f} s, and stays {about}{gap_m:.1f} m from it",
            **place_of(self._zone),
        }
        return Sighting("vehicle.approached", ids[0], at, data, others=ids[1:])

    def _gap_m(self, person: int, stand: Stand, box: list[float]) -> float | None:
        """From the feet to the nearest point of where the vehicle stands."""
        left, top, right, bottom = stand.box[0].tolist()
        x, y = (box[0] + box[2]) / 2, box[3]
        nearest = min(max(x, left), right), min(max(y, bottom - BAND * (bottom - top)), bottom)
        return self._where.reach_m(person, nearest)
