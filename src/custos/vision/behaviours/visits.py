"""Who is in a zone: entered, left, loitered; one visit is one unbroken stay of one track.

After ONVIF's FieldDetector and LoiteringDetector, in true seconds.

    (outside) --a: inside for min_dwell_s--> (inside) --b: outside for LEAVE_S, or the track ended--> (outside)
    (inside)  --c: loiter_s since entering, once a visit--> (inside)

a is `zone.entered`, dated back to the first moment inside; b is `zone.left`, dated back to the last; c is
`zone.loitered`. A track that cannot be seen for a moment keeps its place until its tracker gives it up.

Outside the zone's hours nobody is inside: who is there when they begin enters then, and who is still there when they
end has left, so that every visit that was told of is also told to be over. The times move with its sensitivity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.geometry.polygons import Point, contains
from custos.model.detections import Tracks, class_ids
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.sighting import Sighting

LEAVE_S = 0.6
"""Outside for this long is outside: a foot point on the border flickers."""
MAKING_SURE_S = 1.0
"""A visit is dated back by at most this long, to the first detection of a track that was not yet believed."""


@dataclass(slots=True)
class _Stay:
    first_at: datetime
    last_at: datetime
    counts: bool = False  # its class does; until that is clear the stay is kept, not told
    is_visit: bool = False
    has_loitered: bool = False


class ZoneVisits:
    """The visits to one zone."""

    def __init__(self, zone: Zone, classes: frozenset[int] | None = None) -> None:
        """`classes` counts instead of the zone's own, for behaviours that choose theirs."""
        self.zone = zone
        self._classes = class_ids(zone.classes) if classes is None else classes
        self._stays: dict[int, _Stay] = {}
        self._known: set[int] = set()
        self._at: datetime | None = None
        self._feet: dict[int, Point] = {}

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        """What happened up to `at`, oldest first."""
        is_open = self.zone.hours is None or self.zone.hours.covers(at)
        sightings = [] if is_open else self.end()
        feet = tracks.foot_points()
        inside = contains(self.zone.polygon, feet) & is_open
        self._at = at
        self._feet = dict(zip(tracks.track_id.tolist(), ((x, y) for x, y in feet.tolist()), strict=True))
        for row, track_id in enumerate(tracks.track_id.tolist()):
            if inside[row]:
                stay = self._stays.get(track_id) or self._begin(track_id, at, float(tracks.age_s[row]))
                stay.counts = stay.counts or int(tracks.class_id[row]) in self._classes
                sightings += self._stay(track_id, stay, at)
            elif track_id in self._stays:
                sightings += self._outside(track_id, at)
        self._known = set(tracks.track_id.tolist()) | self._known.difference(tracks.ended)
        for track_id in tracks.ended:
            sightings += self._leave(track_id)
        return sorted(sightings, key=lambda s: s.at)

    def end(self) -> list[Sighting]:
        """Nothing more will come: everybody inside has left when last seen."""
        return [sighting for track_id in list(self._stays) for sighting in self._leave(track_id)]

    def present(self) -> frozenset[int]:
        """Tracks whose visit is going on."""
        return frozenset(track_id for track_id, stay in self._stays.items() if stay.is_visit)

    def overlays(self) -> tuple[Overlay, ...]:
        """How long everybody has been inside, at the feet of each; against the limit where there is one."""
        limit_s = self.zone.loiters_after_s
        if self._at is None:
            return ()
        marks = []
        for track_id, stay in self._stays.items():
            if not stay.is_visit or track_id not in self._feet:
                continue
            dwell_s = (self._at - stay.first_at).total_seconds()
            text = f"{dwell_s:.0f} s" if limit_s is None else f"{dwell_s:.0f} of {limit_s:.0f} s"
            text = f"loiters, {dwell_s:.0f} s" if stay.has_loitered else text
            foot = self._feet[track_id]
            marks.append(Overlay(self.zone.id, text, foot, track_ids=(track_id,), is_alert=stay.has_loitered))
        return tuple(marks)

    def _begin(self, track_id: int, at: datetime, age_s: float) -> _Stay:
        """A stay; one of a track that is new to us began while its tracker was still making sure of it."""
        unknown_s = 0.0 if track_id in self._known else min(age_s, MAKING_SURE_S)
        stay = self._stays[track_id] = _Stay(at - timedelta(seconds=unknown_s), at)
        return stay

    def _stay(self, track_id: int, stay: _Stay, at: datetime) -> list[Sighting]:
        stay.last_at = at
        dwell_s = (at - stay.first_at).total_seconds()
        found: list[Sighting] = []
        if not stay.is_visit and stay.counts and dwell_s >= self.zone.inside_after_s:
            stay.is_visit = True
            found.append(Sighting("zone.entered", track_id, stay.first_at, {"zone_id": self.zone.id}))
        limit_s = self.zone.loiters_after_s
        if limit_s is not None and stay.is_visit and not stay.has_loitered and dwell_s >= limit_s:
            stay.has_loitered = True
            loitered_at = stay.first_at + timedelta(seconds=limit_s)
            found.append(
                Sighting("zone.loitered", track_id, loitered_at, {"zone_id": self.zone.id, "dwell_s": limit_s})
            )
        return found

    def _outside(self, track_id: int, at: datetime) -> list[Sighting]:
        if (at - self._stays[track_id].last_at).total_seconds() < LEAVE_S:
            return []
        return self._leave(track_id)

    def _leave(self, track_id: int) -> list[Sighting]:
        stay = self._stays.pop(track_id, None)
        if stay is None or not stay.is_visit:
            return []
        dwell_s = round((stay.last_at - stay.first_at).total_seconds(), 3)
        return [Sighting("zone.left", track_id, stay.last_at, {"zone_id": self.zone.id, "dwell_s": dwell_s})]
