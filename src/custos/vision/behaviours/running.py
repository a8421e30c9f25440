"""Somebody runs: faster than anybody walks, for long enough that it is no stumble of the tracker.

    (walking) --a: limit_mps or more for hold_s--> (running) --b: slower than CALM of it for CALM_S--> (walking)

a is `person.ran`, told once a run. Walking turns into running at about 2.0 to 2.2 m/s (Rotstein et al. 2005); the
limit lies above it. Without calibration the speed is an estimate by the person's height, and said to be one.
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
from custos.vision.behaviours.whereabouts import OnTheGround, Pace, Whereabouts, kmh
from custos.vision.behaviours.within import inside, place_of

CALM, CALM_S = 0.8, 2.0


@dataclass(slots=True)
class _Run:
    since_at: datetime
    fast_at: datetime
    top_mps: float
    is_told: bool = False


class Running(OnTheGround):
    """Runs in a zone, or in the whole picture."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._limit_mps = spec.value("limit_mps")
        self._hold_s = spec.value("hold_s")
        self._where = Whereabouts(floor, of=spec.class_ids)
        self._runs: dict[int, _Run] = {}
        self._there: tuple[int, ...] = ()

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        found: list[Sighting] = []
        here = inside(self._zone, tracks)
        self._there = tuple(tracks.track_id.tolist())
        for row, track_id in enumerate(self._there):
            pace = self._where.pace(track_id) if here[row] else None
            if pace is not None:
                found += self._judge(track_id, pace, at)
        for track_id in tracks.ended:
            self._runs.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        self._runs.clear()
        self._where.forget()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        running = [track_id for track_id in self._there if track_id in self._runs and self._runs[track_id].is_told]
        return tuple(
            Overlay(self._spec.id, f"runs, {kmh(self._runs[one].top_mps):.0f} km/h", track_ids=(one,), is_alert=True)
            for one in running
        )

    def _judge(self, track_id: int, pace: Pace, at: datetime) -> list[Sighting]:
        run = self._runs.get(track_id)
        if pace.least_mps < self._limit_mps:
            if run is not None and not run.is_told:
                del self._runs[track_id]
            elif run is not None and pace.mps >= CALM * self._limit_mps:
                run.fast_at = at
            elif run is not None and (at - run.fast_at).total_seconds() >= CALM_S:
                del self._runs[track_id]
            return []
        if run is None:
            run = self._runs[track_id] = _Run(at, at, pace.mps)
        run.fast_at, run.top_mps = at, max(run.top_mps, pace.mps)
        if run.is_told or (at - run.since_at).total_seconds() < self._hold_s:
            return []
        run.is_told = True
        about = "about " if self._where.is_estimate else ""
        data: dict[str, Json] = {
            "speed_mps": round(pace.mps, 2),
            "speed_kmh": kmh(pace.mps),
            "estimate": self._where.is_estimate,
            "why": f"ran at {about}{pace.mps:.1f} m/s ({kmh(pace.mps):.0f} km/h)",
            **place_of(self._zone),
        }
        return [Sighting("person.ran", track_id, at, data)]
