"""What stands still, judged by its box; a tracker that loses a parked vehicle and finds it anew does not move it.

    (moving) --a: its box stays where it is--> (standing) --b: elsewhere for STIR_S, or gone for GONE_S--> (moving)

A box is where it was while it overlaps its place by SAME: that allows for jitter and for people who pass before it, and
creeping adds up because the place stays. A track that ends while it is stirring has moved off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from custos.geometry.boxes import iou
from custos.model.detections import Floats, Tracks

SAME = 0.72
STIR_S = 1.0
SETTLE_S = 2.0
"""So long after it has come its place is taken anew: it rolled on a little while its box already overlapped."""
GONE_S = 25.0
"""An ended track's place is kept for so long, for a new track that is found there."""
CAME = 0.72
"""It was seen to come when it overlaps the place where its track began by less: a track begins late."""


@dataclass(slots=True, eq=False)
class Stand:
    """One object's stay at its place.

    Args:
        track_id: its latest track.
        box: (1, 4) pixels: its place.
        since_at: since when it is there.
        seen_at: when it was there last.
        came: it was seen to move before; False for what has stood there since it was first seen.
        first: (1, 4) pixels: where its track began.
        gone_at: when its track ended; None while it goes on.
        told: what its behaviour has said of it last.
        is_stirring: its box was elsewhere just now.
        is_settled: it had come to rest when its place was taken.
    """

    track_id: int
    box: Floats
    since_at: datetime
    seen_at: datetime
    came: bool
    first: Floats
    gone_at: datetime | None = None
    told: str = ""
    is_stirring: bool = False
    is_settled: bool = False

    def still_s(self, at: datetime) -> float:
        """How long it has been there, up to `at`."""
        return (at - self.since_at).total_seconds()


class Standing:
    """Where each object of some classes stands."""

    def __init__(self, of: frozenset[int]) -> None:
        self._of = of
        self._stands: dict[int, Stand] = {}

    def update(self, tracks: Tracks, *, at: datetime) -> list[Stand]:
        """Take the tracks; returns the stands that are over: driven off, or gone for good."""
        over: list[Stand] = []
        for row, track_id in enumerate(tracks.track_id.tolist()):
            if int(tracks.class_id[row]) in self._of:
                over += self._step(track_id, tracks.xyxy[row : row + 1], at)
        for track_id in tracks.ended:
            stand = self._stands.get(track_id)
            if stand is not None and stand.is_stirring:
                over.append(self._stands.pop(track_id))
            elif stand is not None:
                stand.gone_at = at
        for stand in [s for s in self._stands.values() if s.gone_at is not None]:
            if stand.gone_at is not None and (at - stand.gone_at).total_seconds() >= GONE_S:
                over.append(self._stands.pop(stand.track_id))
        return over

    def end(self) -> list[Stand]:
        """All of them are over."""
        over, self._stands = list(self._stands.values()), {}
        return over

    def of(self, track_id: int) -> Stand | None:
        return self._stands.get(track_id)

    def all(self) -> list[Stand]:
        """Those of tracks that go on."""
        return [stand for stand in self._stands.values() if stand.gone_at is None]

    def _step(self, track_id: int, box: Floats, at: datetime) -> list[Stand]:
        stand = self._stands.get(track_id) or self._taken_over(track_id, box)
        if stand is None:
            self._stands[track_id] = Stand(track_id, box, at, at, came=False, first=box)
            return []
        stand.is_stirring = float(iou(stand.box, box)[0, 0]) < SAME
        if not stand.is_stirring:
            stand.seen_at = at
            if not stand.is_settled and stand.still_s(at) >= SETTLE_S:
                stand.box, stand.is_settled = box, True
            return []
        if (at - stand.seen_at).total_seconds() < STIR_S and stand.still_s(stand.seen_at) > STIR_S:
            return []
        came = stand.came or float(iou(stand.first, box)[0, 0]) < CAME
        self._stands[track_id] = Stand(track_id, box, at, at, came=came, first=stand.first)
        return [stand]

    def _taken_over(self, track_id: int, box: Floats) -> Stand | None:
        """The stand of an ended track at this place, which goes on under the new one."""
        free = [stand for stand in self._stands.values() if stand.gone_at is not None]
        if not free:
            return None
        overlaps = iou(box, np.concatenate([stand.box for stand in free]))[0]
        best = int(overlaps.argmax())
        if overlaps[best] < SAME:
            return None
        stand = self._stands.pop(free[best].track_id)
        stand.track_id, stand.gone_at = track_id, None
        self._stands[track_id] = stand
        return stand
