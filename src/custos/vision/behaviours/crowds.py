"""Crowds: people per square metre, people who come together all at once, and a group that scatters.

A group is everybody linked by steps of at most `link_m` from one to the next. Two who pass each other are no group,
nor is a party on its way through: members of a gathering stand, or all but stand.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

import numpy as np
from numpy.typing import NDArray

from custos.geometry.polygons import Point, contains
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.company import Company
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.holding import Holding
from custos.vision.behaviours.occupancy import Inside
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.trails import Mark, Trails, middle

OVER_S = 1.2
"""Speeds are means of this long."""
STILL_MPS = 0.6
RELEASE_S = 3.0
SNAPSHOT_S = 0.4
SAME_WAY = 0.8
"""A group whose ways add up to this share of their number goes away together; it does not scatter."""
GRID = 48


class Density:
    """People per square metre of a zone's ground; `crowd.formed` and `crowd.cleared`."""

    def __init__(self, spec: BehaviourSpec, zone: Zone, floor: Floor) -> None:
        self._spec, self._zone = spec, zone
        self._limit, self._least = spec.value("density"), spec.value("people")
        self._area_m2 = ground_m2(zone, floor)
        self._inside = Inside(spec, zone)
        self._dense = Holding(spec.value("hold_s"), release_s=RELEASE_S)
        self._since_at: datetime | None = None
        self._most = 0

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._inside.update(tracks, at)
        there = self._inside.track_ids
        was_on = self._dense.is_on
        holds = len(there) >= self._least and len(there) / self._area_m2 >= self._limit
        since_at = self._dense.update(holds, at)
        self._most = max(self._most, len(there))
        if since_at is not None:
            self._since_at, self._most = since_at, len(there)
            return [Sighting("crowd.formed", None, at, self._data(len(there)), there)]
        return self._cleared() if was_on and not self._dense.is_on else []

    def end(self) -> list[Sighting]:
        self._inside.end()
        was_on = self._dense.is_on
        self._dense.end()
        return self._cleared() if was_on else []

    def overlays(self) -> tuple[Overlay, ...]:
        count = len(self._inside.track_ids)
        text = f"{count / self._area_m2:.2f} people/m2"
        return (Overlay(self._spec.id, text, zone_id=self._zone.id, is_alert=self._dense.is_on),)

    def _data(self, count: int) -> dict[str, Json]:
        return {"zone_id": self._zone.id, "count": count, "density": round(count / self._area_m2, 3)}

    def _cleared(self) -> list[Sighting]:
        since_at, at = self._since_at, self._dense.last_at
        self._since_at = None
        if since_at is None or at is None:
            return []
        lasted_s = round((at - since_at).total_seconds(), 3)
        return [Sighting("crowd.cleared", None, at, {**self._data(self._most), "lasted_s": lasted_s})]


def ground_m2(zone: Zone, floor: Floor) -> float:
    """The ground a zone covers, square metres, at least 0.1; what lies above the horizon is none."""
    corners = np.array(zone.polygon)
    low, size = corners.min(axis=0), np.ptp(corners, axis=0)
    steps = (np.arange(GRID) + 0.5) / GRID
    points = low + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2) * size
    scales = floor.scale(points[contains(zone.polygon, points)])
    return max(float(np.nansum(scales**2)) * float(size.prod()) / GRID**2, 0.1)


class Groups:
    """Who stands near whom, within a zone where there is one."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None, *, window_s: float) -> None:
        self._zone = zone
        self._link_m = spec.value("link_m")
        self._company = Company(spec)
        self.trails = Trails(window_s, floor)

    def update(self, tracks: Tracks, at: datetime, *, standing: bool) -> list[int]:
        """The largest group, by track id; of those who stand only, if so wanted. [] when there is none."""
        chosen = self._company.of(tracks)
        self.trails.update(chosen, at)
        inside = [True] * len(chosen) if self._zone is None else contains(self._zone.polygon, chosen.foot_points())
        ids = [t for t, is_in in zip(chosen.track_id.tolist(), inside, strict=True) if is_in]
        if standing:
            ids = [t for t in ids if self._stands(t)]
        return max(linked(ids, self.trails.apart_m(ids) <= self._link_m), key=len, default=[])

    def end(self) -> None:
        self._company.end()
        self.trails.end()

    def _stands(self, track_id: int) -> bool:
        """Somebody new is taken to stand: who is there from the start has not just come."""
        way = self.trails.velocity_mps(track_id, OVER_S)
        return way is None or hypot(*way) < STILL_MPS


def linked(ids: list[int], near: NDArray[np.bool_]) -> list[list[int]]:
    """The groups of two or more that the (n, n) links make."""
    left, groups = set(range(len(ids))), []
    while left:
        group, edge = set[int](), {left.pop()}
        while edge:
            one = edge.pop()
            group.add(one)
            new = {int(j) for j in np.flatnonzero(near[one])} & left
            left -= new
            edge |= new
        if len(group) > 1:
            groups.append([ids[i] for i in sorted(group)])
    return groups


class Gathering:
    """People who come together: a group that stands, and was half as large or less a short while ago."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._people, self._within_s = spec.value("people"), spec.value("within_s")
        self._groups = Groups(spec, zone, floor, window_s=2 * OVER_S)
        self._sizes: deque[tuple[datetime, int]] = deque()
        self._gathered = Holding(spec.value("hold_s"), release_s=RELEASE_S)
        self._members: tuple[int, ...] = ()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._members = tuple(self._groups.update(tracks, at, standing=True))
        size = len(self._members)
        while self._sizes and (at - self._sizes[0][0]).total_seconds() > self._within_s:
            self._sizes.popleft()
        before = min((one for _, one in self._sizes), default=size)
        self._sizes.append((at, size))
        is_sudden = size >= self._people and (self._gathered.is_on or before <= self._people / 2)
        if self._gathered.update(is_sudden, at) is None:
            return []
        data: dict[str, Json] = {"count": size, "before": before, "within_s": self._within_s}
        if self._zone is not None:
            data["zone_id"] = self._zone.id
        return [Sighting("crowd.gathered", None, at, data, self._members)]

    def end(self) -> list[Sighting]:
        self._groups.end()
        self._sizes.clear()
        self._members = ()
        self._gathered.end()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        zone_id = self._zone.id if self._zone else None
        is_on = self._gathered.is_on
        text = f"group of {len(self._members)}" if self._members else ""
        return (Overlay(self._spec.id, text, None, zone_id, track_ids=self._members, is_alert=is_on),)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A group as it was."""

    at: datetime
    members: frozenset[int]
    middle: Mark


class Scattering:
    """A group whose members make off in different ways, fast, within a few seconds."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._people, self._within_s = spec.value("people"), spec.value("within_s")
        self._away_mps, self._share = spec.value("away_mps"), spec.value("share")
        self._link_m = spec.value("link_m")
        self._groups = Groups(spec, zone, floor, window_s=2 * OVER_S)
        self._snapshots: deque[_Snapshot] = deque()
        self._fled: dict[int, tuple[datetime, Point]] = {}
        self._quiet_until: datetime | None = None
        self._there: frozenset[int] = frozenset()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        group = self._groups.update(tracks, at, standing=False)
        self._there = frozenset(tracks.track_id.tolist())
        self._forget(at)
        if len(group) >= self._people and self._is_due(at):
            marks = [self._groups.trails.of(track_id)[-1] for track_id in group]
            self._snapshots.append(_Snapshot(at, frozenset(group), middle(marks)))
        self._watch(at)
        return self._scattered(at)

    def end(self) -> list[Sighting]:
        self._groups.end()
        self._snapshots.clear()
        self._fled.clear()
        self._quiet_until = None
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        is_on = self._quiet_until is not None
        fled = tuple(track_id for track_id in self._fled if track_id in self._there) if is_on else ()
        zone_id = self._zone.id if self._zone else None
        return (Overlay(self._spec.id, "scattered" if is_on else "", None, zone_id, track_ids=fled, is_alert=is_on),)

    def _is_due(self, at: datetime) -> bool:
        return not self._snapshots or (at - self._snapshots[-1].at).total_seconds() >= SNAPSHOT_S

    def _forget(self, at: datetime) -> None:
        while self._snapshots and (at - self._snapshots[0].at).total_seconds() > self._within_s:
            self._snapshots.popleft()
        gone = [t for t, (fled_at, _) in self._fled.items() if (at - fled_at).total_seconds() > self._within_s]
        for track_id in gone:
            del self._fled[track_id]
        if self._quiet_until is not None and at >= self._quiet_until:
            self._quiet_until = None

    def _watch(self, at: datetime) -> None:
        """Who makes off from where their group was."""
        for snapshot in self._snapshots:
            for track_id in snapshot.members:
                marks = self._groups.trails.of(track_id)
                way = self._groups.trails.velocity_mps(track_id, OVER_S)
                if not marks or way is None:
                    continue
                out = self._groups.trails.move_m(snapshot.middle, marks[-1])
                far_m = hypot(*out)
                if far_m < self._link_m:
                    continue
                outward_mps = (way[0] * out[0] + way[1] * out[1]) / far_m
                if outward_mps >= self._away_mps:
                    self._fled[track_id] = at, (out[0] / far_m, out[1] / far_m)

    def _scattered(self, at: datetime) -> list[Sighting]:
        if self._quiet_until is not None:
            return []
        for snapshot in self._snapshots:
            fled = sorted(snapshot.members & self._fled.keys())
            if len(fled) < max(self._share * len(snapshot.members), 2):
                continue
            ways = np.array([self._fled[track_id][1] for track_id in fled])
            if float(np.hypot(*ways.mean(axis=0))) >= SAME_WAY:
                continue
            self._quiet_until = at + timedelta(seconds=self._within_s)
            data: dict[str, Json] = {"count": len(snapshot.members), "fled": len(fled)}
            if self._zone is not None:
                data["zone_id"] = self._zone.id
            return [Sighting("crowd.scattered", None, at, data, tuple(fled))]
        return []
