"""Everything that devices tell all day and all night though nothing is wrong: cameras' own motion detection, the
panel's detectors, tills, sensors, refused badges.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from custos.model.event import Json
from custos.simulate.month.movements import Passage, bags_of, local
from custos.simulate.month.openings import Doors
from custos.simulate.month.people import Person, visitor_badge
from custos.simulate.month.premises import (
    CAMERAS,
    DOORS,
    OUTSIDE,
    PANEL_ID,
    PANEL_ZONES,
    SENSORS,
    TILL_CAMERA,
    TILLS,
    till_zone,
)
from custos.simulate.month.sight import Cameras
from custos.simulate.month.telling import Recorder

ARMED_FROM_H, ARMED_UNTIL_H = 22.75, 29.5
SHOP_OPEN_H, SHOP_SHUT_H = 9.0, 19.5
INSECTS_PER_H, RAIN_PER_H, INDOORS_PER_H = 0.8, 3.6, 0.08
PANEL_FALSE_PER_NIGHT = 0.7
REFUSED_PER_DAY = 0.055
"""Of one person: a badge that was read badly, or a door that is not theirs."""
REFUSED_AWAY = timedelta(minutes=2)
"""Who goes through a door within this time, before or after, tries none elsewhere."""
UNLENT_BADGES = (7, 8)
"""Visitors' badges that nobody has given back."""
WAITS_AT_DOOR_PER_DAY = 0.6
"""Somebody waits before the staff entrance, to be fetched or for company at a cigarette."""
STOPS_BY_DAY, STOPS_AT_NIGHT = 5.0, 0.15
"""Vehicles that stop before the gate: deliveries by day; taxis and people who have lost their way at night."""
OPENED_TOO_EARLY = 0.05
"""Days on which somebody opens up before switching the panel off."""


class Background:
    """What goes on."""

    def __init__(self, recorder: Recorder, cameras: Cameras, doors: Doors, seed: int) -> None:
        self._recorder, self._cameras, self._doors, self._seed = recorder, cameras, doors, seed
        self._receipt = 1000

    def day(self, day: date, present: list[Person], passages: list[Passage]) -> None:
        """One day and the night after it, with those who are there and their ways through doors."""
        rng = Random(f"{self._seed}/background/{day}")
        self._panel(day, rng)
        self._motion(day, rng)
        self._sensors(day, rng)
        self._denials(day, present, passages)
        self._harmless(day, rng)
        if day.weekday() < 6:
            self._tills(day, [p for p in present if p.work.role == "shop"], rng)

    def panel(
        self, type_: str, at: datetime, code: str, kind: str, meaning: str, *,
        area: str | None = None, incident: int | None = None,
    ) -> str:  # fmt: skip
        """A report of the intrusion panel, in SIA's codes; the event's id."""
        told: dict[str, Json] = {
            "panel_id": PANEL_ID, "code_system": "sia", "code": code, "kind": kind, "meaning": meaning,
            "partition": "1",
        }  # fmt: skip
        if area is not None:
            told["zone"] = PANEL_ZONES[area]
        return self._recorder.tell(type_, at, f"panels/{PANEL_ID}", told, incident=incident)

    def till(
        self, type_: str, at: datetime, till_id: str, operator: str, amount: float | None, incident: int | None = None
    ) -> str:
        """A till's line; the event's id."""
        self._receipt += 1
        told: dict[str, Json] = {
            "till_id": till_id, "operator": operator, "receipt": f"{self._receipt}", "currency": "CHF",
        }  # fmt: skip
        if amount is not None:
            told["amount"] = round(amount, 2)
        return self._recorder.tell(type_, at, f"tills/{till_id}", told, incident=incident)

    def measure(self, sensor_id: str, at: datetime, value: float, incident: int | None = None) -> str:
        """A sensor's value; the event's id."""
        quantity, unit = next((q, u) for name, q, u in SENSORS if name == sensor_id)
        told: dict[str, Json] = {
            "sensor_id": sensor_id, "quantity": quantity, "value": round(value, 1), "unit": unit,
        }  # fmt: skip
        return self._recorder.tell("sensor.measured", at, f"sensors/{sensor_id}", told, incident=incident)

    def _panel(self, day: date, rng: Random) -> None:
        self.panel("panel.disarmed", local(day, 5.5 + rng.gauss(0, 0.05)), "OP", "opening", "Opening report")
        if rng.random() < OPENED_TOO_EARLY:
            early = local(day, 5.3 + rng.gauss(0, 0.05))
            self.panel("panel.alarmed", early, "BA", "burglary", "Burglary alarm", area="warehouse")
        armed_at = local(day, ARMED_FROM_H + rng.gauss(0, 0.05))
        self.panel("panel.armed", armed_at, "CL", "closing", "Closing report")
        self.panel("panel.tested", local(day, 27.0), "RP", "test", "Automatic test")
        at_h = ARMED_FROM_H + rng.expovariate(PANEL_FALSE_PER_NIGHT / (ARMED_UNTIL_H - ARMED_FROM_H))
        while at_h < ARMED_UNTIL_H - 0.2:
            area = rng.choice(sorted(PANEL_ZONES))
            at = local(day, at_h)
            self.panel("panel.alarmed", at, "BA", "burglary", "Burglary alarm", area=area)
            self.panel("panel.restored", at + timedelta(minutes=3), "BR", "burglary", "Burglary restored", area=area)
            at_h += rng.expovariate(PANEL_FALSE_PER_NIGHT / (ARMED_UNTIL_H - ARMED_FROM_H))

    def _motion(self, day: date, rng: Random) -> None:
        """Insects, rain and headlights outdoors; shadows and switched lights indoors. Only at night does it alarm."""
        is_wet = Random(f"{self._seed}/weather/{day}").random() < 0.2
        for camera in CAMERAS:
            per_h = INDOORS_PER_H if not camera.outdoors else INSECTS_PER_H + (RAIN_PER_H if is_wet else 0.0)
            at_h = ARMED_FROM_H + rng.expovariate(per_h)
            while at_h < ARMED_UNTIL_H:
                at = local(day, at_h)
                told: dict[str, Json] = {"source": "VideoSource_1"}
                self._cameras.tell("motion.started", camera.id, at, told)
                self._cameras.tell("motion.ended", camera.id, at + timedelta(seconds=rng.uniform(1, 20)), told)
                at_h += rng.expovariate(per_h)

    def _sensors(self, day: date, rng: Random) -> None:
        for minute in range(0, 1440, 10):
            at = local(day, minute / 60 + rng.uniform(0, 0.002))
            is_lit = 6 <= at.hour < 22
            self.measure("server-temp", at, 21.5 + rng.gauss(0, 0.3))
            self.measure("store-temp", at, 4.2 + rng.gauss(0, 0.25))
            self.measure("warehouse-light", at, (310 if is_lit else 6) + rng.gauss(0, 2))
            self.measure("shop-light", at, (520 if is_lit else 9) + rng.gauss(0, 2))

    def _harmless(self, day: date, rng: Random) -> None:
        """What cameras tell rightly, and nobody need do anything about."""
        for at, fetched_after_s in bags_of(day, self._seed):
            self.leave_bag(at, fetched_after_s=fetched_after_s)
        for at_h in _moments(rng, WAITS_AT_DOOR_PER_DAY if day.weekday() < 5 else 0.0, 8, 18):
            self.wait_at("staff", "at-staff", local(day, at_h), rng.uniform(65, 300))
        for per_day, span in ((STOPS_BY_DAY if day.weekday() < 5 else 0.5, (6.5, 18.5)), (STOPS_AT_NIGHT, (22, 29))):
            for at_h in _moments(rng, per_day, *span):
                self.stop_at_gate(local(day, at_h), rng.choice(("car", "truck")), rng.uniform(95, 600))

    def leave_bag(self, at: datetime, *, fetched_after_s: float | None, incident: int | None = None) -> None:
        """Somebody puts a bag down in the lobby and goes; None: and does not come back for it."""
        camera_id, zone_id = "lobby", "floor"
        subject, seen, tell = self._cameras.track(camera_id), self._cameras.seen(), self._cameras.tell
        in_zone: dict[str, Json] = {"zone_id": zone_id, **seen}
        steps: tuple[tuple[str, float, dict[str, Json]], ...] = (
            ("track.started", -2.0, seen), ("zone.entered", 0.0, in_zone),
            ("zone.left", 35.0, {**in_zone, "dwell_s": 35.0}), ("track.ended", 37.0, {**seen, "duration_s": 39.0}),
        )  # fmt: skip
        for type_, after_s, told in steps:
            tell(type_, camera_id, at + timedelta(seconds=after_s), told, subject=subject, incident=incident)
        bag: dict[str, Json] = {
            "box": seen["box"], "zone_id": zone_id, "behaviour_id": "left",
            "why": "Something was put down, and its owner has gone", "subjects": [subject],
        }  # fmt: skip
        left: dict[str, Json] = {**bag, "still_s": 85.0, "alone_s": 60.0}
        tell("object.left", camera_id, at + timedelta(seconds=95), left, incident=incident)
        if fetched_after_s is not None:
            why = "What had been left is gone"
            fetched: dict[str, Json] = {**bag, "why": why, "still_s": 85.0 + fetched_after_s, "by_owner": False}
            tell("object.retrieved", camera_id, at + timedelta(seconds=95 + fetched_after_s), fetched)

    def wait_at(self, camera_id: str, zone_id: str, at: datetime, stays_s: float, incident: int | None = None) -> None:
        """Somebody stands in a zone for longer than its minute."""
        subject, seen = self._cameras.track(camera_id), self._cameras.seen()
        in_zone: dict[str, Json] = {"zone_id": zone_id, **seen}
        stay_s = round(stays_s, 2)
        steps: tuple[tuple[str, float, dict[str, Json]], ...] = (
            ("track.started", -1.0, seen), ("zone.entered", 0.0, in_zone),
            ("zone.loitered", 60.0, {**in_zone, "dwell_s": 60.0}),
            ("zone.left", stay_s, {**in_zone, "dwell_s": stay_s}),
            ("track.ended", stay_s + 1, {**seen, "duration_s": stay_s + 2}),
        )  # fmt: skip
        for type_, after_s, told in steps:
            when = at + timedelta(seconds=after_s)
            self._cameras.tell(type_, camera_id, when, told, subject=subject, incident=incident)

    def stop_at_gate(self, at: datetime, class_: str, stays_s: float, incident: int | None = None) -> None:
        """A vehicle stops before the gate and drives on."""
        subject, seen, stay_s = self._cameras.track("gate"), self._cameras.seen(class_), round(stays_s, 2)
        in_zone: dict[str, Json] = {"zone_id": "gate", **seen}
        stands: dict[str, Json] = {
            **in_zone, "still_s": 90.0, "behaviour_id": "stopped", "why": f"A {class_} has stood still for 90 s",
        }  # fmt: skip
        steps: tuple[tuple[str, float, dict[str, Json]], ...] = (
            ("track.started", -3.0, seen), ("zone.entered", 0.0, in_zone), ("vehicle.stopped", 95.0, stands),
            ("zone.left", stay_s, {**in_zone, "dwell_s": stay_s}),
            ("track.ended", stay_s + 3, {**seen, "duration_s": stay_s + 6}),
        )  # fmt: skip
        for type_, after_s, told in steps:
            if type_ == "vehicle.stopped" and stay_s < after_s:
                continue
            when = at + timedelta(seconds=after_s)
            self._cameras.tell(type_, "gate", when, told, subject=subject, incident=incident)

    def _denials(self, day: date, present: list[Person], passages: list[Passage]) -> None:
        """Badges read badly, people at doors that are not theirs, of the area where they are; visitors' badges past
        their hours."""
        rng = Random(f"{self._seed}/refusals/{day}")
        ways: dict[str, list[Passage]] = {}
        for passage in sorted(passages, key=lambda p: p.at):
            if passage.holder_id is not None:
                ways.setdefault(passage.holder_id, []).append(passage)
        for person in present:
            if rng.random() >= REFUSED_PER_DAY:
                continue
            at = local(day, rng.uniform(*_inside(person)))
            reason = rng.choice(("CredentialNotEnabled", "AccessDenied", "PermissionDenied", "InvalidCredential"))
            doors = _readers_at(_settled_at(ways.get(person.id, []), at))
            if doors:
                door_id, way = rng.choice(doors)
                self._doors.deny(door_id, at, reason, person.credential, person.id, way=way)
        if day.weekday() < 5 and rng.random() < 0.3:
            holder_id, credential = visitor_badge(rng.choice(UNLENT_BADGES))
            self._doors.deny("office-1", local(day, rng.uniform(9, 17)), "CredentialExpired", credential, holder_id)

    def _tills(self, day: date, staff: list[Person], rng: Random) -> None:
        """Sales with somebody there; refunds, voids and opened drawers with somebody there too."""
        if not staff:
            return
        for till_id in TILLS:
            busy = 14.0 if till_id == "till-1" else 7.0
            at_h = SHOP_OPEN_H + rng.expovariate(busy)
            while at_h < SHOP_SHUT_H - 0.1:
                at = local(day, at_h)
                operator = staff[(int(at_h) + TILLS.index(till_id)) % len(staff)].id
                stays_s = rng.uniform(35, 110)
                self._cameras.visit(f"{TILL_CAMERA}/{till_zone(till_id)}", at, stays_s)
                pays_at = at + timedelta(seconds=0.7 * stays_s)
                self._pay(till_id, pays_at, operator, rng)
                self._cameras.visit(
                    "shop/exit", at + timedelta(seconds=stays_s + rng.uniform(8, 20)), rng.uniform(4, 15)
                )
                at_h += stays_s / 3600 + rng.expovariate(busy)

    def _pay(self, till_id: str, at: datetime, operator: str, rng: Random) -> None:
        amount, chance = rng.lognormvariate(3.0, 0.8), rng.random()
        if chance < 0.015:
            self.till("pos.refunded", at, till_id, operator, amount)
            return
        if chance < 0.03:
            self.till("pos.voided", at - timedelta(seconds=6), till_id, operator, amount)
        elif chance < 0.045:
            self.till("pos.overridden", at - timedelta(seconds=8), till_id, operator, amount)
        elif chance < 0.052:  # somebody asks for change
            self.till("pos.opened", at - timedelta(seconds=4), till_id, operator, None)
        self.till("pos.sold", at, till_id, operator, amount)


def _inside(person: Person) -> tuple[float, float]:
    return person.shift[0] + 0.6, min(person.shift[1] - 0.6, 23.5)


def _settled_at(way: list[Passage], at: datetime) -> str | None:
    """Where somebody is who goes this way through doors; None while they are on the way, and when they are outside."""
    if any(abs(passage.at - at) <= REFUSED_AWAY for passage in way):
        return None
    area = next((passage.into for passage in reversed(way) if passage.at < at), OUTSIDE)
    return None if area == OUTSIDE else area


def _readers_at(area_id: str | None) -> list[tuple[str, str]]:
    """(door, "in" or "out") of the readers that hang in this area."""
    found = [(door.id, "in") for door in DOORS if door.outer == area_id and door.reads_in]
    return found + [(door.id, "out") for door in DOORS if door.inner == area_id and door.reads_out]


def _moments(rng: Random, per_day: float, since_h: float, until_h: float) -> Iterator[float]:
    """Hours of the day at which something happens that happens so often in this span."""
    if per_day <= 0:
        return
    at_h = since_h + rng.expovariate(per_day / (until_h - since_h))
    while at_h < until_h:
        yield at_h
        at_h += rng.expovariate(per_day / (until_h - since_h))
