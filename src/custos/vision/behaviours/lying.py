"""Somebody is down: goes from upright to low and wide, and stays so.

    (upright) --a: low and wide, the head gone down--> (down) --b: for lying_s, once--> (down) --c: up--> (upright)

b is `person.fell`, dated to a; c is `person.got_up`, after b. Bending and sitting leave a person taller than wide, or
do not last; somebody behind a counter, or cut off by the edge of the picture, is short without the head going down.
How tall and how high up somebody stands is what a quarter of the last three seconds in which they were upright reach: a
tracker's box may shrink for a while before it widens.
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
from custos.vision.behaviours.sighting import Sighting
from custos.vision.behaviours.within import inside, place_of

UPRIGHT = 0.62
"""Width over height of somebody who stands or walks, at most."""
LOW, WIDE = 0.66, 0.8
"""Height, against standing there, at most, and width over height at least, of one who lies."""
WIDE_ALONE = 1.4
"""Width over height that tells by itself, of somebody who was never seen upright."""
HEAD_DOWN = 0.3
"""By how much of the height the head must have come down."""
EDGE = 0.01
SAMPLES, SAMPLE_S, REACHED = 15, 0.2, 0.75
"""Of somebody upright: how many, how often, and the share of them that is shorter than who stands."""
RECOVERED = 0.75
UP_S = 1.0


@dataclass(slots=True)
class _Body:
    heights_px: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    tops_px: deque[float] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    sampled_at: datetime | None = None
    upright_at: datetime | None = None
    down_at: datetime | None = None
    up_at: datetime | None = None
    is_told: bool = False

    @property
    def height_px(self) -> float:
        """How tall it stands, lately."""
        return sorted(self.heights_px)[int(REACHED * len(self.heights_px))]

    @property
    def top_px(self) -> float:
        """How high in the picture its head is, standing."""
        return sorted(self.tops_px)[int((1 - REACHED) * len(self.tops_px))]

    def stands(self, top_px: float, height_px: float, at: datetime) -> None:
        """It is upright."""
        self.upright_at = at
        if self.sampled_at is None or at - self.sampled_at >= timedelta(seconds=SAMPLE_S):
            self.sampled_at = at
            self.heights_px.append(height_px)
            self.tops_px.append(top_px)


class Lying:
    """People who are down, in a zone or anywhere in the picture."""

    def __init__(self, spec: BehaviourSpec, zone: Zone | None) -> None:
        self._spec, self._zone = spec, zone
        self._lying_s = spec.value("lying_s")
        self._bodies: dict[int, _Body] = {}
        self._there: tuple[int, ...] = ()
        self._at: datetime | None = None

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        found: list[Sighting] = []
        self._at, self._there = at, tuple(tracks.track_id.tolist())
        here = inside(self._zone, tracks)
        for row, track_id in enumerate(self._there):
            if int(tracks.class_id[row]) in self._spec.class_ids or track_id in self._bodies:
                box = tracks.boxes_normalised()[row].tolist()
                if min(box[0], box[1]) > EDGE and max(box[2], box[3]) < 1 - EDGE:
                    found += self._judge(track_id, tracks.xyxy[row].tolist(), at, bool(here[row]))
        for track_id in tracks.ended:
            self._bodies.pop(track_id, None)
        return sorted(found, key=lambda sighting: sighting.at)

    def end(self) -> list[Sighting]:
        self._bodies.clear()
        return []

    def overlays(self) -> tuple[Overlay, ...]:
        marks = []
        for track_id in self._there:
            body = self._bodies.get(track_id)
            if body is not None and body.down_at is not None and self._at is not None:
                down_s = (self._at - body.down_at).total_seconds()
                marks.append(
                    Overlay(self._spec.id, f"down, {down_s:.0f} s", track_ids=(track_id,), is_alert=body.is_told)
                )
        return tuple(marks)

    def _judge(self, track_id: int, box: list[float], at: datetime, is_here: bool) -> list[Sighting]:
        body = self._bodies.setdefault(track_id, _Body())
        height_px, wide = box[3] - box[1], (box[2] - box[0]) / max(box[3] - box[1], 1.0)
        if self._is_low(body, box[1], height_px, wide):
            body.up_at = None
            body.down_at = body.down_at or at
            return self._told(track_id, body, height_px, at) if is_here else []
        found: list[Sighting] = []
        if body.down_at is not None:
            found = self._up(track_id, body, height_px, wide, at)
        if wide <= UPRIGHT and body.down_at is None:
            body.stands(box[1], height_px, at)
        return found

    def _is_low(self, body: _Body, top_px: float, height_px: float, wide: float) -> bool:
        if not body.heights_px:
            return wide >= WIDE_ALONE
        head_down = (top_px - body.top_px) / body.height_px
        return wide >= WIDE and height_px <= LOW * body.height_px and head_down >= HEAD_DOWN

    def _told(self, track_id: int, body: _Body, height_px: float, at: datetime) -> list[Sighting]:
        assert body.down_at is not None
        down_s = (at - body.down_at).total_seconds()
        # who was never seen upright may be sitting, or be cut off by something: wait twice as long
        if body.is_told or down_s < self._lying_s * (1 if body.heights_px else 2):
            return []
        body.is_told = True
        data: dict[str, Json] = {"lying_s": round(down_s, 2), **place_of(self._zone)}
        why = f"on the ground for {down_s:.0f} s"
        if body.upright_at is not None:
            fall_s = (body.down_at - body.upright_at).total_seconds()
            data |= {"fall_s": round(fall_s, 2), "height_share": round(height_px / body.height_px, 2)}
            why = f"went down within {max(fall_s, 0.1):.1f} s, {why}"
        return [Sighting("person.fell", track_id, body.down_at, {**data, "why": why})]

    def _up(self, track_id: int, body: _Body, height_px: float, wide: float, at: datetime) -> list[Sighting]:
        """Up for a while, or only a box that flickers."""
        assert body.down_at is not None
        stands = wide <= UPRIGHT or (bool(body.heights_px) and height_px >= RECOVERED * body.height_px)
        if not stands and wide >= WIDE:
            return []
        body.up_at = body.up_at or at
        if at - body.up_at < timedelta(seconds=UP_S):
            return []
        lying_s = (body.up_at - body.down_at).total_seconds()
        was_told, up_at = body.is_told, body.up_at
        body.down_at = body.up_at = None
        body.is_told = False
        if not was_told:
            return []
        data: dict[str, Json] = {
            "lying_s": round(lying_s, 2),
            "why": f"up again after {lying_s:.0f} s",
            **place_of(self._zone),
        }
        return [Sighting("person.got_up", track_id, up_at, data)]
