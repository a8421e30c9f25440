"""What cameras tell of people: lines crossed and zones entered and left, missed and invented now and then."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from custos.model.event import Json
from custos.simulate.month.movements import Stay
from custos.simulate.month.premises import AREA, DOOR, is_in
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
        self._zone(door.camera, door.zone, at - timedelta(seconds=before_s), before_s + after_s, subject, incident)
        data = {"line_id": door.threshold, "direction": INWARD if is_in(door, into) else OUTWARD, **self.seen()}
        self._recorder.tell("line.crossed", at, f"cameras/{door.camera}", data, subject=subject, incident=incident)

    def stay(self, stay: Stay) -> None:
        """Somebody is in an area that a camera watches."""
        camera_id, _, zone_id = AREA[stay.area_id].zone.partition("/")
        stays_s = (stay.until - stay.since).total_seconds() - 2.0
        if not camera_id or stays_s < 1.0 or not self.sees(camera_id, stay.since) or self._rng.random() < 0.01:
            return
        self._zone(camera_id, zone_id, stay.since + timedelta(seconds=1), stays_s, self.track(camera_id), stay.incident)

    def visit(self, place: str, at: datetime, stays_s: float, incident: int | None = None) -> list[str]:
        """Somebody in a zone, "tills/front-1"; the ids of what was told."""
        camera_id, _, zone_id = place.partition("/")
        if not self.sees(camera_id, at):
            return []
        return self._zone(camera_id, zone_id, at, stays_s, self.track(camera_id), incident)

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
        return self._recorder.tell(type_, at, f"cameras/{camera_id}", data, subject=subject, incident=incident)

    def seen(self, class_: str = "person") -> dict[str, Json]:
        """What every event of an object says of it."""
        left, top = self._rng.uniform(0.1, 0.8), self._rng.uniform(0.1, 0.5)
        box: list[Json] = [round(v, 3) for v in (left, top, left + 0.08, top + 0.35)]
        return {"class": class_, "confidence": round(self._rng.uniform(0.5, 0.95), 2), "box": box}

    def _zone(
        self, camera_id: str, zone_id: str, at: datetime, stays_s: float, subject: str, incident: int | None
    ) -> list[str]:
        source = f"cameras/{camera_id}"
        seen = self.seen()
        entered: dict[str, Json] = {"zone_id": zone_id, **seen}
        left: dict[str, Json] = {**entered, "dwell_s": round(stays_s, 2)}
        first = self._recorder.tell("zone.entered", at, source, entered, subject=subject, incident=incident)
        last_at = at + timedelta(seconds=stays_s)
        return [first, self._recorder.tell("zone.left", last_at, source, left, subject=subject, incident=incident)]
