"""Two cues of unease, told from movement alone: turning back, and pacing to and fro.

`person.turned_back`: the path goes one way for at least leg_m and then back along itself for as much, without staying
where it turned for longer than stay_s: whoever stays had something to do there.
`person.paced`: at least `turns` such turns within window_s.

Neither says why; a rule or a person weighs them. Somebody who goes round a corner, stops, or waits has not turned.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.legs import Legs, Turn
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.whereabouts import EPOCH, OnTheGround, Whereabouts
from custos.vision.behaviours.within import inside, place_of

SHOWN_S = 4.0
NEAR_M = 2.0


@dataclass(slots=True)
class _Walker:
    legs: Legs
    turns: deque[Turn] = field(default_factory=lambda: deque(maxlen=50))
    told_at: datetime | None = None


class _Turns(OnTheGround):
    """What both share: the turns of everybody who counts."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        self._spec, self._zone = spec, zone
        self._leg_m = spec.value("leg_m")
        self._where = Whereabouts(floor, of=spec.class_ids)
        self._walkers: dict[int, _Walker] = {}
        self._there: tuple[int, ...] = ()
        self._at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        self._where.update(tracks, at=at)
        self._at, self._there = at, tuple(tracks.track_id.tolist())
        found: list[Sighting] = []
        here = inside(self._zone, tracks)
        for row, track_id in enumerate(self._there):
            fixes = self._where.fixes(track_id)
            if not here[row] or not fixes:
                continue
            walker = self._walkers.get(track_id)
            if walker is None:
                walker = self._walkers[track_id] = _Walker(Legs(self._leg_m, NEAR_M))
            turn = walker.legs.step(fixes[-1])
            if turn is not None:
                walker.turns.append(turn)
                found += self._turned(track_id, walker, turn, at)
        for track_id in tracks.ended:
            self._walkers.pop(track_id, None)
        return found

    def end(self) -> list[Sighting]:
        self._walkers.clear()
        self._where.forget()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        marks = []
        for track_id in self._there:
            walker = self._walkers.get(track_id)
            if walker is None or walker.told_at is None or self._at is None:
                continue
            if (self._at - walker.told_at).total_seconds() <= SHOWN_S:
                marks.append(Overlay(self._spec.id, self._words(walker), track_ids=(track_id,), is_alert=True))
        return tuple(marks)

    def _turned(self, track_id: int, walker: _Walker, turn: Turn, at: datetime) -> list[Sighting]:
        raise NotImplementedError

    def _words(self, walker: _Walker) -> str:
        raise NotImplementedError

    @property
    def _about(self) -> str:
        return "about " if self._where.is_estimate else ""


class TurningBack(_Turns):
    """Somebody walks back the way they came."""

    def _turned(self, track_id: int, walker: _Walker, turn: Turn, at: datetime) -> list[Sighting]:
        if turn.stay_s > self._spec.value("stay_s"):
            return []
        walker.told_at = at
        data: dict[str, Json] = {
            "distance_m": round(turn.out_m, 1),
            "stay_s": round(turn.stay_s, 1),
            "estimate": self._where.is_estimate,
            "why": f"turned back after {self._about}{turn.out_m:.0f} m",
            **place_of(self._zone),
        }
        return [Sighting("person.turned_back", track_id, at, data)]

    def _words(self, walker: _Walker) -> str:
        return f"turned back after {walker.turns[-1].out_m:.0f} m"


class Pacing(_Turns):
    """Somebody walks to and fro; told once, and again only after a window without turns."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None, floor: Floor | None) -> None:
        super().__init__(spec, zone, floor)
        self._least, self._window_s = round(spec.value("turns")), spec.value("window_s")

    def _turned(self, track_id: int, walker: _Walker, turn: Turn, at: datetime) -> list[Sighting]:
        if len(walker.turns) > 1 and turn.at_s - walker.turns[-2].at_s > self._window_s:
            walker.told_at = None
        now = EPOCH + timedelta(seconds=turn.at_s)
        recent = [one for one in walker.turns if turn.at_s - one.at_s <= self._window_s]
        if len(recent) < self._least:
            return []
        if walker.told_at is not None:
            return []
        walker.told_at = at
        span_s = (at - now).total_seconds() + turn.at_s - recent[0].at_s
        mean_m = sum(one.out_m for one in recent) / len(recent)
        data: dict[str, Json] = {
            "turns": len(recent),
            "distance_m": round(mean_m, 1),
            "duration_s": round(span_s, 1),
            "estimate": self._where.is_estimate,
            "why": f"turned {len(recent)} times in {span_s:.0f} s, {self._about}{mean_m:.0f} m to and fro",
            **place_of(self._zone),
        }
        return [Sighting("person.paced", track_id, at, data)]

    def _words(self, walker: _Walker) -> str:
        return f"paces, {len(walker.turns)} turns"
