"""How many are in a zone, for how long, with history; and a zone that is taken or given up as a whole.

After ONVIF's OccupancyCounting and FieldDetector. Who is inside is judged by `ZoneVisits`, so that a foot point on the
border neither comes nor goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.company import EVERY_CLASS, Company
from custos.vision.behaviours.holding import Holding
from custos.vision.behaviours.periods import Period
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.visits import ZoneVisits


class Inside:
    """Who of a behaviour's company is in its zone."""

    def __init__(self, spec: BehaviourSpec, zone: Zone) -> None:
        self._company = Company(spec)
        self._visits = ZoneVisits(zone.place(), EVERY_CLASS)
        self._there: tuple[int, ...] = ()
        self._came_at: dict[int, datetime] = {}

    def update(self, tracks: Tracks, at: datetime) -> list[Sighting]:
        """The visits that began and ended."""
        chosen = self._company.of(tracks)
        moves = self._visits.update(chosen, at=at)
        for move in moves:
            if move.track_id is not None and move.type == "zone.entered":
                self._came_at[move.track_id] = move.at
            elif move.track_id is not None:
                self._came_at.pop(move.track_id, None)
        present = self._visits.present()
        self._there = tuple(t for t in chosen.track_id.tolist() if t in present)
        return moves

    def end(self) -> list[Sighting]:
        self._company.end()
        self._there = ()
        self._came_at.clear()
        return self._visits.end()

    def stay_s(self, track_id: int, at: datetime) -> float:
        """How long somebody has been inside; 0 for somebody who is not."""
        came_at = self._came_at.get(track_id)
        return 0.0 if came_at is None else (at - came_at).total_seconds()

    @property
    def track_ids(self) -> tuple[int, ...]:
        """Who is inside and known of now, in the tracker's order."""
        return self._there


@dataclass(slots=True)
class _Sums:
    """Of one period."""

    most: int = 0
    presence_s: float = 0.0
    entered: int = 0
    left: int = 0
    dwells_s: list[float] = field(default_factory=list)


class Occupancy:
    """The numbers of one zone; `zone.filled` when they reach the limit."""

    def __init__(self, spec: BehaviourSpec, zone: Zone) -> None:
        self._spec, self._zone = spec, zone
        self._inside = Inside(spec, zone)
        self._period = Period(spec.value("period_s"))
        self._filled = Holding(spec.value("hold_s"), release_s=spec.value("hold_s"))
        self._limit = round(spec.value("limit"))
        self._sums = _Sums()
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        over = self._period.over(at)
        found = self._tell(*over) if over else []
        self._pass(at)
        for move in self._inside.update(tracks, at):
            self._count(move)
        count = len(self._inside.track_ids)
        self._sums.most = max(self._sums.most, count)
        since = self._filled.update(bool(self._limit) and count >= self._limit, at)
        if since is not None:
            data: dict[str, Json] = {"zone_id": self._zone.id, "count": count, "limit": self._limit}
            found.append(Sighting("zone.filled", None, at, data, self._inside.track_ids))
        return found

    def end(self) -> list[Sighting]:
        for move in self._inside.end():
            self._count(move)
        cut = self._period.end(self._last_at)
        found = self._tell(*cut) if cut else []
        self._sums, self._last_at = _Sums(), None
        self._filled.end()
        return found

    def overlays(self) -> tuple[Overlay, ...]:
        there = self._inside.track_ids
        of = f" of {self._limit}" if self._limit else ""
        return (Overlay(self._spec.id, f"{len(there)}{of} inside", zone_id=self._zone.id, is_alert=self._filled.is_on),)

    def _pass(self, at: datetime) -> None:
        """Those who were inside at the last update have been so until now."""
        if self._last_at is not None and at > self._last_at:
            self._sums.presence_s += len(self._inside.track_ids) * (at - self._last_at).total_seconds()
        self._last_at = at

    def _count(self, move: Sighting) -> None:
        if move.type == "zone.entered":
            self._sums.entered += 1
        else:
            self._sums.left += 1
            self._sums.dwells_s.append(float(str(move.data["dwell_s"])))

    def _tell(self, at: datetime, period_s: float) -> list[Sighting]:
        sums, count = self._sums, len(self._inside.track_ids)
        self._sums = _Sums(most=count)
        if not (sums.most or sums.entered or sums.left):
            return []
        data: dict[str, Json] = {
            "zone_id": self._zone.id,
            "count": count,
            "most": sums.most,
            "presence_s": round(sums.presence_s, 3),
            "entered": sums.entered,
            "left": sums.left,
            "dwell_s": round(sum(sums.dwells_s), 3),
            "period_s": round(period_s, 3),
        }
        return [Sighting("zone.counted", None, at, data)]


class Presence:
    """A zone as a whole: `zone.occupied` when somebody is in it, `zone.vacated` when nobody is any more."""

    def __init__(self, spec: BehaviourSpec, zone: Zone) -> None:
        self._spec, self._zone = spec, zone
        self._inside = Inside(spec, zone)
        self._after_s = spec.value("after_s")
        self._taken = Holding(0.0, release_s=spec.value("clear_s"))
        self._since_at: datetime | None = None
        self._most = 0

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._inside.update(tracks, at)
        there = self._inside.track_ids
        was_on = self._taken.is_on
        first_s = max((self._inside.stay_s(track_id, at) for track_id in there), default=0.0)
        counts = bool(there) and (was_on or first_s >= self._after_s)
        self._most = max(self._most, len(there))
        if self._taken.update(counts, at) is not None:
            self._since_at, self._most = at - timedelta(seconds=first_s), len(there)
            return [Sighting("zone.occupied", there[0], at, {"zone_id": self._zone.id}, there[1:])]
        return self._vacated() if was_on and not self._taken.is_on else []

    def end(self) -> list[Sighting]:
        """Whoever was there last has left."""
        self._inside.end()
        was_on = self._taken.is_on
        self._taken.end()
        return self._vacated() if was_on else []

    def overlays(self) -> tuple[Overlay, ...]:
        is_on = self._taken.is_on
        return (Overlay(self._spec.id, "occupied" if is_on else "", zone_id=self._zone.id, is_alert=is_on),)

    def _vacated(self) -> list[Sighting]:
        since_at, at = self._since_at, self._taken.last_at
        self._since_at = None
        if since_at is None or at is None:
            return []
        occupied_s = round((at - since_at).total_seconds(), 3)
        data: dict[str, Json] = {"zone_id": self._zone.id, "occupied_s": occupied_s, "most": self._most}
        return [Sighting("zone.vacated", None, at, data)]
