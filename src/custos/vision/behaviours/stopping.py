"""A vehicle that stops, parks, and drives off again.

    (moving) --a: still for stop_s--> (stopped) --b: still for park_s--> (parked) --c: moves, or is gone--> (moving)

a is `vehicle.stopped`, for one that was seen to come; b is `vehicle.parked`; both are dated to when the time was up. c
is `vehicle.departed`, after either, dated to when it was last there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from custos.geometry.polygons import contains
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.standing import Stand, Standing
from custos.vision.behaviours.within import place_of


class Stopping:
    """Vehicles that stand in a zone, or anywhere in the picture."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None) -> None:
        self._spec, self._zone = spec, zone
        self._stop_s, self._park_s = spec.value("stop_s"), spec.value("park_s")
        self._standing = Standing(spec.class_ids)
        self._at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        found: list[Sighting] = []
        self._at = at
        present = {*tracks.track_id.tolist(), *tracks.ended}
        for stand in self._standing.update(tracks, at=at):
            found += self._departed(stand, present)
        for stand in self._standing.all():
            if stand.track_id in present and self._counts(stand, tracks):
                found += self._judge(stand, at)
        return sorted(found, key=lambda sighting: sighting.at)

    def end(self) -> list[Sighting]:
        """What stands there has not driven off."""
        self._standing.end()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        if self._at is None:
            return ()
        return tuple(
            Overlay(
                self._spec.id,
                f"{stand.told}, {stand.still_s(self._at):.0f} s",
                track_ids=(stand.track_id,),
                is_alert=stand.told == "parked",
            )
            for stand in self._standing.all()
            if stand.told
        )

    def _counts(self, stand: Stand, tracks: Tracks) -> bool:
        if self._zone is None:
            return True
        left, _, right, bottom = stand.box[0].tolist()
        foot = np.array([[(left + right) / 2 / tracks.width_px, bottom / tracks.height_px]])
        return bool(contains(self._zone.polygon, foot)[0])

    def _judge(self, stand: Stand, at: datetime) -> list[Sighting]:
        still_s = stand.still_s(at)
        found: list[Sighting] = []
        if not stand.told and still_s >= self._stop_s:
            stand.told = "stopped"
            if stand.came:
                found.append(self._tell("vehicle.stopped", stand, self._stop_s, "stopped"))
        if stand.told == "stopped" and still_s >= self._park_s:
            stand.told = "parked"
            found.append(self._tell("vehicle.parked", stand, self._park_s, "has parked"))
        return found

    def _tell(self, event: str, stand: Stand, after_s: float, what: str) -> Sighting:
        data: dict[str, Json] = {
            "still_s": round(after_s, 2),
            "why": f"{what}: still for {after_s:.0f} s",
            **place_of(self._zone),
        }
        return Sighting(event, stand.track_id, stand.since_at + timedelta(seconds=after_s), data)

    def _departed(self, stand: Stand, present: set[int]) -> list[Sighting]:
        if not stand.told:
            return []
        still_s = round(stand.still_s(stand.seen_at), 2)
        data: dict[str, Json] = {"still_s": still_s, "why": f"gone after {still_s:.0f} s", **place_of(self._zone)}
        if stand.track_id in present:
            return [Sighting("vehicle.departed", stand.track_id, stand.seen_at, data)]
        return [Sighting("vehicle.departed", None, stand.seen_at, data, others=(stand.track_id,))]
