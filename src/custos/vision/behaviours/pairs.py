"""Two people near each other: within reach, and meeting.

    (apart) --a: within distance_m--> (close) --b: for hold_s--> (told) --c: apart for PART_S--> (apart)

b is `people.neared` for proximity, whatever the two do; for a meeting it is `people.met`, and the two count as close
only while both stand or stroll: two who pass each other have not met. c is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import numpy as np

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.whereabouts import OnTheGround, Whereabouts
from custos.vision.behaviours.within import inside, place_of

PART_S = 1.2
"""Two who lose sight of each other for a moment have not parted, and neither has a pair of which one is hidden."""
LOOSE = 1.25
"""They part at so many times the distance at which they come together."""


@dataclass(slots=True)
class _Pair:
    since_at: datetime
    close_at: datetime
    sum_m: float = 0.0
    count: int = 0
    is_told: bool = False

    @property
    def mean_m(self) -> float:
        return self.sum_m / max(self.count, 1)


class _Pairs(OnTheGround):
    """What both share: who is close to whom, and since when."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        # a closer distance and a longer time are stricter; the spec moves both
        self._distance_m, self._hold_s = spec.value("distance_m"), spec.value("hold_s")
        self._where = Whereabouts(floor, of=spec.class_ids)
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._there: frozenset[int] = frozenset()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        self._there = frozenset(tracks.track_id.tolist())
        counted = inside(self._zone, tracks) & np.isin(tracks.class_id, list(self._spec.class_ids))
        here = [int(track_id) for track_id in tracks.track_id[counted]]
        found: list[Sighting] = []
        for one, other in combinations(sorted(here), 2):
            found += self._judge((one, other), at)
        ended = set(tracks.ended)
        over = [
            ids
            for ids, pair in self._pairs.items()
            if ended.intersection(ids) or (at - pair.close_at).total_seconds() > PART_S
        ]
        for ids in over:
            del self._pairs[ids]
        return found

    def end(self) -> list[Sighting]:
        self._pairs.clear()
        self._where.forget()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        return tuple(
            Overlay(self._spec.id, f"{pair.mean_m:.1f} m apart", track_ids=ids, is_alert=pair.is_told)
            for ids, pair in self._pairs.items()
            if self._there.issuperset(ids)
        )

    def _judge(self, ids: tuple[int, int], at: datetime) -> list[Sighting]:
        apart_m = self._where.apart_m(*ids)
        pair = self._pairs.get(ids)
        limit_m = self._distance_m * (LOOSE if pair is not None else 1.0)
        if apart_m is None or apart_m > limit_m or not self._are_close(ids):
            return []
        if pair is None:
            pair = self._pairs[ids] = _Pair(at, at)
        pair.close_at = at
        pair.sum_m, pair.count = pair.sum_m + apart_m, pair.count + 1
        close_s = (at - pair.since_at).total_seconds()
        if pair.is_told or close_s < self._hold_s:
            return []
        pair.is_told = True
        return [self._tell(ids, pair, close_s, at)]

    def _are_close(self, ids: tuple[int, int]) -> bool:
        """Besides the distance."""
        return True

    def _tell(self, ids: tuple[int, int], pair: _Pair, close_s: float, at: datetime) -> Sighting:
        about = "about " if self._where.is_estimate else ""
        data: dict[str, Json] = {
            "distance_m": round(pair.mean_m, 2),
            "duration_s": round(close_s, 2),
            "estimate": self._where.is_estimate,
            "why": self._words(f"{about}{pair.mean_m:.1f} m", close_s),
            **place_of(self._zone),
        }
        return Sighting(self._spec.kind_of.events[0], ids[0], at, data, others=ids[1:])

    def _words(self, distance: str, close_s: float) -> str:
        raise NotImplementedError


class Proximity(_Pairs):
    """Two come within reach of each other."""

    def _words(self, distance: str, close_s: float) -> str:
        return f"within {distance} of each other for {close_s:.0f} s"


class Meeting(_Pairs):
    """Two stand together."""

    def _are_close(self, ids: tuple[int, int]) -> bool:
        paces = [self._where.pace(track_id) for track_id in ids]
        return all(pace is not None and pace.mps <= self._spec.value("slow_mps") for pace in paces)

    def _words(self, distance: str, close_s: float) -> str:
        return f"stand together, {distance} apart, for {close_s:.0f} s"
