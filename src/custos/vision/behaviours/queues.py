"""A queue: how many wait in a zone, and for how long.

Whoever has been in the zone for `join_s` has joined, and has waited since coming in; somebody who walks through has
not. Waiting ends with the visit. No ONVIF rule; the numbers are those of its OccupancyCounting and of queue theory:
length, waiting time, and how many were served.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.event import Json
from custos.model.overlay import Overlay
from custos.model.site import Zone
from custos.vision.behaviours.holding import Holding
from custos.vision.behaviours.occupancy import Inside
from custos.vision.behaviours.periods import Period
from custos.vision.behaviours.sighting import Sighting

RELEASE_S = 3.0
"""A queue that has grown is short again only after so long below its limit."""


@dataclass(slots=True)
class _Sums:
    """Of one period."""

    most: int = 0
    served: int = 0
    waited_s: float = 0.0
    longest_s: float = 0.0


class Queue:
    """The queue in one zone."""

    def __init__(self, spec: BehaviourSpec, zone: Zone) -> None:
        self._spec, self._zone = spec, zone
        self._inside = Inside(spec, zone)
        self._join_s, self._limit = spec.value("join_s"), round(spec.value("limit"))
        self._max_wait_s = spec.value("max_wait_s")
        self._period = Period(spec.value("period_s"))
        self._long = Holding(spec.value("hold_s"), release_s=RELEASE_S)
        self._waiting: tuple[int, ...] = ()
        self._is_slow, self._longest_s = False, 0.0
        self._sums = _Sums()
        self._last_at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        over = self._period.over(at)
        found = self._tell(*over) if over else []
        self._last_at = at
        for move in self._inside.update(tracks, at):
            self._move(move)
        self._waiting = tuple(t for t in self._inside.track_ids if self._inside.stay_s(t, at) >= self._join_s)
        longest_s = max((self._inside.stay_s(t, at) for t in self._waiting), default=0.0)
        self._longest_s = longest_s
        self._sums.most = max(self._sums.most, len(self._waiting))
        self._sums.longest_s = max(self._sums.longest_s, longest_s)
        return found + self._notable(longest_s, at)

    def end(self) -> list[Sighting]:
        for move in self._inside.end():
            self._move(move)
        cut = self._period.end(self._last_at)
        self._waiting = ()
        found = self._tell(*cut) if cut else []
        self._sums, self._last_at, self._is_slow = _Sums(), None, False
        self._long.end()
        return found

    def overlays(self) -> tuple[Overlay, ...]:
        longest_s = self._longest_s
        text = f"queue {len(self._waiting)}" + (f", longest {longest_s:.0f} s" if self._waiting else "")
        is_alert = self._long.is_on or self._is_slow
        there = tuple(t for t in self._waiting if t in self._inside.track_ids)
        return (Overlay(self._spec.id, text, zone_id=self._zone.id, track_ids=there, is_alert=is_alert),)

    def _move(self, move: Sighting) -> None:
        waited_s = float(str(move.data.get("dwell_s", 0.0)))  # it has one when the visit is over
        if waited_s >= self._join_s:
            self._sums.served += 1
            self._sums.waited_s += waited_s
            self._sums.longest_s = max(self._sums.longest_s, waited_s)

    def _notable(self, longest_s: float, at: datetime) -> list[Sighting]:
        found = []
        place: dict[str, Json] = {"zone_id": self._zone.id, "length": len(self._waiting)}
        if self._long.update(len(self._waiting) >= self._limit, at) is not None:
            data: dict[str, Json] = {**place, "longest_s": round(longest_s, 3), "limit": self._limit}
            found.append(Sighting("queue.grew", None, at, data, self._waiting))
        was_slow, self._is_slow = self._is_slow, longest_s >= self._max_wait_s
        if self._is_slow and not was_slow:
            first = max(self._waiting, key=lambda t: self._inside.stay_s(t, at))
            others = tuple(t for t in self._waiting if t != first)
            found.append(Sighting("queue.delayed", first, at, {**place, "wait_s": round(longest_s, 3)}, others))
        return found

    def _tell(self, at: datetime, period_s: float) -> list[Sighting]:
        sums, length = self._sums, len(self._waiting)
        self._sums = _Sums(most=length)
        if not (sums.most or sums.served):
            return []
        data: dict[str, Json] = {
            "zone_id": self._zone.id,
            "length": length,
            "most": sums.most,
            "served": sums.served,
            "waited_s": round(sums.waited_s, 3),
            "longest_s": round(sums.longest_s, 3),
            "period_s": round(period_s, 3),
        }
        return [Sighting("queue.counted", None, at, data)]
