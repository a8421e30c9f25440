"""What cameras tell of people: tracks, lines crossed, zones entered, left and filled; some are missed.

What Custos's own cameras tell is kept until it has been stored, so it comes late or twice, and is never lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from custos.model.event import Json
from custos.simulate.month.movements import Stay
from custos.simulate.month.premises import AREA, DOOR, FULL_ZONES, is_in
from custos.simulate.month.telling import Recorder

MISSED_BY_DAY, MISSED_BY_NIGHT = 0.01, 0.025
INWARD, OUTWARD = "left", "right"


class Cameras:
    """Every camera of the site.

    Args:
        seed: names the tracks.
    """

    def __init__(self, recorder: Recorder, seed: int) -> None:
        self._recorder, self._seed = recorder, seed
        self._rng = Random(f"{seed}/cameras")
        self._tracks = 0
        self._in_full_zones: dict[str, list[tuple[datetime, int, str, int | None]]] = {}
        self.blind: list[tuple[str, datetime, datetime]] = []
        """(camera, since, until) in which it sees nothing, because somebody covered it or the light is out."""

    def track(self, camera_id: str) -> str:
        """A new object's name."""
        self._tracks += 1
        return f"tracks/{camera_id}-m{self._seed}-{self._tracks}"

    def sees(self, camera_id: str, at: datetime) -> bool:
        return not any(name == camera_id and since <= at < until for name, since, until in self.blind)

    def crossing(self, door_id: str, into: str, at: datetime, incident: int | None) -> None:
        """Somebody goes over a door's threshold."""
        door = DOOR[door_id]
        missed = MISSED_BY_DAY if 7 <= at.hour < 19 else MISSED_BY_NIGHT
        if not door.camera or not self.sees(door.camera, at) or self._rng.random() < missed:
            return
        subject = self.track(door.camera)
        before_s, after_s = self._rng.uniform(0.8, 2.5), self._rng.uniform(0.8, 2.5)
        self._visit(door.camera, door.zone, at - timedelta(seconds=before_s), before_s + after_s, subject, incident)
        data = {"line_id": door.threshold, "direction": INWARD if is_in(door, into) else OUTWARD, **self.seen()}
        self.tell("line.crossed", door.camera, at, data, subject=subject, incident=incident)

    def stay(self, stay: Stay) -> None:
        """Somebody is in an area that a camera watches."""
        camera_id, _, zone_id = AREA[stay.area_id].zone.partition("/")
        stays_s = (stay.until - stay.since).total_seconds() - 2.0
        if not camera_id or stays_s < 1.0 or not self.sees(camera_id, stay.since) or self._rng.random() < 0.01:
            return
        self._visit(
            camera_id, zone_id, stay.since + timedelta(seconds=1), stays_s, self.track(camera_id), stay.incident
        )

    def visit(self, place: str, at: datetime, stays_s: float, incident: int | None = None) -> list[str]:
        """Somebody in a zone, "tills/front-1"; the ids of what was told."""
        camera_id, _, zone_id = place.partition("/")
        if not self.sees(camera_id, at):
            return []
        return self._visit(camera_id, zone_id, at, stays_s, self.track(camera_id), incident)

    def tell(
        self,
        type_: str,
        camera_id: str,
        at: datetime,
        data: dict[str, Json],
        *,
        subject: str | None = None,
        incident: int | None = None,
    ) -> str:
        """Anything else that a camera tells."""
        return self._recorder.tell(
            type_, at, f"cameras/{camera_id}", data, subject=subject, incident=incident, lossless=True
        )

    def seen(self, class_: str = "person") -> dict[str, Json]:
        """What every event of an object says of it."""
        left, top = self._rng.uniform(0.1, 0.8), self._rng.uniform(0.1, 0.5)
        box: list[Json] = [round(v, 3) for v in (left, top, left + 0.08, top + 0.35)]
        return {"class": class_, "confidence": round(self._rng.uniform(0.5, 0.95), 2), "box": box}

    def settle(self) -> None:
        """Tell of the zones that were full, once everybody's visits are known."""
        for place, limit in FULL_ZONES.items():
            camera_id, _, zone_id = place.partition("/")
            for at, inside in _fillings(self._in_full_zones.pop(place, []), limit):
                subjects: list[Json] = [subject for subject, _ in inside]
                told: dict[str, Json] = {
                    "behaviour_id": "full", "zone_id": zone_id, "count": len(inside), "limit": limit,
                    "subjects": subjects,
                }  # fmt: skip
                self.tell("zone.filled", camera_id, at, told, incident=inside[-1][1])

    def _visit(
        self, camera_id: str, zone_id: str, at: datetime, stays_s: float, subject: str, incident: int | None
    ) -> list[str]:
        """Somebody comes into the picture and a zone of it, and goes again."""
        seen, last_at = self.seen(), at + timedelta(seconds=stays_s)
        in_zone: dict[str, Json] = {"zone_id": zone_id, **seen}
        if f"{camera_id}/{zone_id}" in FULL_ZONES:
            held = self._in_full_zones.setdefault(f"{camera_id}/{zone_id}", [])
            held += [(at, 1, subject, incident), (last_at, -1, subject, incident)]
        whole_s = round(stays_s + 1.2, 2)
        return [
            self.tell(type_, camera_id, when, data, subject=subject, incident=incident)
            for type_, when, data in (
                ("track.started", at - timedelta(seconds=0.6), seen),
                ("zone.entered", at, in_zone),
                ("zone.left", last_at, {**in_zone, "dwell_s": round(stays_s, 2)}),
                ("track.ended", last_at + timedelta(seconds=0.6), {**seen, "duration_s": whole_s}),
            )
        ]


def _fillings(
    visits: list[tuple[datetime, int, str, int | None]], limit: int
) -> Iterator[tuple[datetime, list[tuple[str, int | None]]]]:
    """When there were as many inside as the limit, and who; told again only after it was less than that."""
    inside: dict[str, int | None] = {}
    for at, step, subject, incident in sorted(visits, key=lambda v: (v[0], v[2])):
        if step > 0:
            inside[subject] = incident
            if len(inside) == limit:
                yield at, list(inside.items())
        else:
            inside.pop(subject, None)
