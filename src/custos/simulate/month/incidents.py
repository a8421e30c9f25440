"""The script: what really happens in the month, twenty kinds of it, with the events that betray it.

Every kind is a method of Script that makes things happen at a given time, the way people and devices would; what is
true of it is written down here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from custos.model.event import Json
from custos.pipeline.cloudevents import instant_text
from custos.simulate.month.background import Background
from custos.simulate.month.movements import Passage, bag_passages, local
from custos.simulate.month.openings import Doors
from custos.simulate.month.people import Person
from custos.simulate.month.premises import OUTSIDE, TILL_CAMERA, till_zone
from custos.simulate.month.sight import Cameras
from custos.simulate.month.sitefile import DURESS_CREDENTIAL, LOST_BADGE
from custos.simulate.month.telling import Recorder, Truth

NIGHT = (23.3, 28.8)
SETTLED = timedelta(minutes=8)
"""Whoever goes out for a moment is where they were so long before, and so long after."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is about on the day of an incident, and which ways everybody goes that day."""

    day: date
    workers: list[Person]
    passages: list[Passage]

    def settled_in(self, area: str, at: datetime) -> list[Person]:
        """Workers who are in that area at `at`, and go nowhere shortly before or after."""
        last: dict[str, str] = {}
        moving: set[str] = set()
        for passage in sorted(self.passages, key=lambda p: p.at):
            if passage.holder_id is None or passage.at > at + SETTLED:
                continue
            last[passage.holder_id] = passage.into
            if passage.at >= at - SETTLED:
                moving.add(passage.holder_id)
        return [p for p in self.workers if last.get(p.id) == area and p.id not in moving]


class Script:
    """Makes incidents happen. `passages`: what it makes people do at doors, to be played with everybody else's."""

    def __init__(
        self, recorder: Recorder, cameras: Cameras, doors: Doors, background: Background, seed: int, threatened: Person
    ) -> None:
        self._recorder, self._cameras, self._doors, self._background = recorder, cameras, doors, background
        self._threatened = threatened
        self._rng = Random(f"{seed}/incidents")
        self.passages: list[Passage] = []

    @property
    def kinds(self) -> dict[str, Callable[[Cast], None]]:
        """Every kind by its name."""
        return {
            "forced-door": self._forced_door,
            "forced-door-unseen": self._forced_door_unseen,
            "tailgating": self._tailgating,
            "loitering-then-tailgating": self._loitering_then_tailgating,
            "door-held-open": self._door_held_open,
            "badge-passed-back": self._badge_passed_back,
            "badge-in-two-places": self._badge_in_two_places,
            "denied-then-forced": self._denied_then_forced,
            "intruder-without-badge": self._intruder_without_badge,
            "panel-alarm-with-person": self._panel_alarm_with_person,
            "refund-with-nobody": self._refund_with_nobody,
            "void-with-nobody": self._void_with_nobody,
            "drawer-with-nobody": self._drawer_with_nobody,
            "camera-covered-then-door": self._camera_covered_then_door,
            "lights-out-then-motion": self._lights_out_then_motion,
            "object-left": self._object_left,
            "crowd-at-exit": self._crowd_at_exit,
            "badge-tried-at-many-doors": self._badge_tried_at_many_doors,
            "lost-badge-used": self._lost_badge_used,
            "duress": self._duress,
            "vehicle-at-gate-at-night": self._vehicle_at_gate,
        }

    def _begin(self, kind: str, at: datetime, lasts_s: float, places: tuple[str, ...], story: str) -> int:
        number = len(self._recorder.truths) + 1
        self._recorder.truths[number] = Truth(number, kind, at, at + timedelta(seconds=lasts_s), places, story)
        return number

    def _at(self, cast: Cast, span_h: tuple[float, float]) -> datetime:
        return local(cast.day, self._rng.uniform(*span_h))

    def _settled(self, cast: Cast, area: str, at: datetime, roles: tuple[str, ...]) -> Person:
        """Somebody who is in that area then; anybody of the roles where nobody is."""
        there = [p for p in cast.settled_in(area, at) if p.work.role in roles]
        return self._rng.choice(there) if there else self._worker(cast, roles)

    def _worker(self, cast: Cast, roles: tuple[str, ...] = ()) -> Person:
        fit = [p for p in cast.workers if not roles or p.work.role in roles]
        return self._rng.choice(fit)

    # -- doors

    def _forced_door(self, cast: Cast) -> None:
        at = self._at(cast, NIGHT)
        door_id, area, zone = self._rng.choice(
            (("dock-side", "dock", "dock/floor"), ("shop-staff", "shop-back", "shop/floor"), ("staff", "stairs", ""))
        )
        number = self._begin(
            "forced-door", at, 240, (f"doors/{door_id}", f"areas/{area}"),
            "Somebody forces the door at night and comes in.",
        )  # fmt: skip
        self.passages.append(Passage(at, door_id, area, "force", incident=number))
        if zone:
            self._cameras.visit(zone, at + timedelta(seconds=20), 90, number)
        if area in ("dock", "shop-back"):
            alarmed_at = at + timedelta(seconds=25)
            self._background.panel(
                "panel.alarmed", alarmed_at, "BA", "burglary", "Burglary alarm", area=area, incident=number
            )
        self.passages.append(Passage(at + timedelta(seconds=200), door_id, OUTSIDE, "handle", incident=number))

    def _forced_door_unseen(self, cast: Cast) -> None:
        at = self._at(cast, NIGHT)
        door_id, area = self._rng.choice((("archive", "archive"), ("plant", "plant"), ("canteen-yard", "canteen")))
        number = self._begin(
            "forced-door-unseen", at, 30, (f"doors/{door_id}", f"areas/{area}"),
            "A door that no camera sees is forced at night.",
        )  # fmt: skip
        self.passages.append(Passage(at, door_id, area, "force", incident=number))

    def _tailgating(self, cast: Cast) -> None:
        self._tailgate("tailgating", cast, self._at(cast, (9.5, 16.5)), loiters=False)

    def _loitering_then_tailgating(self, cast: Cast) -> None:
        self._tailgate("loitering-then-tailgating", cast, self._at(cast, (9.5, 16.5)), loiters=True)

    def _tailgate(self, kind: str, cast: Cast, at: datetime, *, loiters: bool) -> None:
        """Out to the street and in again, as for a parcel, with somebody close behind who has no badge."""
        person = self._settled(cast, "office-1", at, ("office",))
        story = "Somebody without a badge follows a badge holder through the door."
        if loiters:
            story = "Somebody waits at the door for minutes and then follows a badge holder in."
        start = at - timedelta(seconds=150 if loiters else 0)
        number = self._begin(kind, start, 150 * loiters + 8, ("doors/staff", "areas/stairs"), story)
        ways = (("office-1", "stairs", -285), ("staff", OUTSIDE, -240), ("office-1", "office-1", 45))
        for door_id, into, after_s in ways:
            self.passages.append(self._badge(person, door_id, into, at + timedelta(seconds=after_s)))
        if loiters:
            self._background.wait_at("staff", "at-staff", start, 145, number)
        self.passages.append(self._badge(person, "staff", "stairs", at, incident=number))
        close = at + timedelta(seconds=self._rng.uniform(1.8, 2.8))
        self.passages.append(Passage(close, "staff", "stairs", "open", incident=number))

    def _badge(self, person: Person, door_id: str, into: str, at: datetime, incident: int | None = None) -> Passage:
        return Passage(at, door_id, into, "badge", person.id, person.credential, incident=incident)

    def _door_held_open(self, cast: Cast) -> None:
        at = self._at(cast, (10, 16))
        lasts_s = self._rng.uniform(420, 900)
        number = self._begin(
            "door-held-open", at, lasts_s, ("doors/dock-side", "areas/dock"),
            "The side door of the dock is wedged open and people walk in and out.",
        )  # fmt: skip
        self.passages.append(Passage(at, "dock-side", OUTSIDE, "handle", hold_s=lasts_s, incident=number))
        for i in range(self._rng.randint(3, 6)):
            into = OUTSIDE if i % 2 else "dock"
            through_at = at + timedelta(seconds=60 + 60 * i)
            self.passages.append(Passage(through_at, "dock-side", into, "open", incident=number))

    def _badge_passed_back(self, cast: Cast) -> None:
        at = self._at(cast, (10, 11.3))
        person = self._settled(cast, "office-1", at, ("office",))
        number = self._begin(
            "badge-passed-back", at, 100, ("doors/office-1", "areas/office-1"),
            "A badge whose holder is inside is handed out and used again to come in.",
        )  # fmt: skip
        for after_s in (0, 90):
            self.passages.append(
                self._badge(person, "office-1", "office-1", at + timedelta(seconds=after_s), incident=number)
            )

    def _badge_in_two_places(self, cast: Cast) -> None:
        person = self._worker(cast, ("warehouse", "facility"))
        at = self._at(cast, (9, 13.5))
        number = self._begin(
            "badge-in-two-places", at, 12, ("doors/shop-staff", "doors/dock-side"),
            "One badge is used at two doors a long walk apart within seconds: it was copied.",
        )  # fmt: skip
        for door_id, area, after_s in (("dock-side", "dock", 0), ("shop-staff", "shop-back", 9)):
            self.passages.append(self._badge(person, door_id, area, at + timedelta(seconds=after_s), incident=number))

    def _denied_then_forced(self, cast: Cast) -> None:
        at = self._at(cast, (20.0, 22.4))
        door_id, area = self._rng.choice((("server-room", "server-room"), ("cash", "cash"), ("archive", "archive")))
        number = self._begin(
            "denied-then-forced", at, 50, (f"doors/{door_id}", f"areas/{area}"),
            "A badge is refused twice, then the door is forced.",
        )  # fmt: skip
        person = self._worker(cast)
        for after_s in (0, 7):
            self._doors.deny(
                door_id, at + timedelta(seconds=after_s), "PermissionDenied", person.credential, person.id,
                incident=number,
            )  # fmt: skip
        self.passages.append(Passage(at + timedelta(seconds=35), door_id, area, "force", incident=number))

    def _badge_tried_at_many_doors(self, cast: Cast) -> None:
        at = self._at(cast, (18.5, 21.5))
        person = self._worker(cast, ("office", "shop", "warehouse"))
        doors = ["archive", "lab", "server-room", "store", "cash", "plant"]
        self._rng.shuffle(doors)
        tried = doors[: self._rng.randint(4, 5)]
        number = self._begin(
            "badge-tried-at-many-doors", at, 60 * len(tried), tuple(f"doors/{d}" for d in tried),
            "One badge is tried at door after door where it has no business.",
        )  # fmt: skip
        for i, door_id in enumerate(tried):
            when = at + timedelta(seconds=55 * i)
            self._doors.deny(door_id, when, "PermissionDenied", person.credential, person.id, incident=number)

    def _lost_badge_used(self, cast: Cast) -> None:
        at = self._at(cast, (6.5, 22))
        number = self._begin(
            "lost-badge-used", at, 20, ("doors/staff",), "A badge that was reported lost is tried at the entrance."
        )
        for after_s in (0, 9):
            self._doors.deny(
                "staff",
                at + timedelta(seconds=after_s),
                "CredentialBlocked",
                LOST_BADGE[1],
                LOST_BADGE[0],
                incident=number,
            )

    def _duress(self, cast: Cast) -> None:
        at = self._at(cast, (7, 21))
        number = self._begin(
            "duress", at, 30, ("doors/cash", "areas/cash"), "A holder is forced to open the cash office."
        )
        told: dict[str, Json] = {
            "door_id": "cash", "reader_id": "cash-in", "direction": "in",
            "credential": DURESS_CREDENTIAL, "holder_id": self._threatened.id,
        }  # fmt: skip
        self._recorder.tell("access.coerced", at, "doors/cash", told, incident=number)

    # -- pictures

    def _intruder_without_badge(self, cast: Cast) -> None:
        at = self._at(cast, NIGHT)
        zone, area = self._rng.choice(
            (("office/corridor", "office-2"), ("lab/bench", "lab"), ("server/aisle", "server-room"))
        )
        number = self._begin(
            "intruder-without-badge", at, 300, (f"areas/{area}", f"cameras/{zone.partition('/')[0]}"),
            "Somebody who hid until closing time walks about; no badge was used.",
        )  # fmt: skip
        for after_s in (0, 110, 230):
            self._cameras.visit(zone, at + timedelta(seconds=after_s), self._rng.uniform(30, 70), number)

    def _panel_alarm_with_person(self, cast: Cast) -> None:
        at = self._at(cast, NIGHT)
        area, zone = self._rng.choice((("warehouse", "warehouse/aisle"), ("shop", "shop/floor")))
        number = self._begin(
            "panel-alarm-with-person", at, 180, (f"areas/{area}", f"cameras/{zone.partition('/')[0]}"),
            "The panel alarms because somebody is there, and the camera sees them.",
        )  # fmt: skip
        self._cameras.visit(zone, at - timedelta(seconds=4), 150, number)
        self._background.panel("panel.alarmed", at, "BA", "burglary", "Burglary alarm", area=area, incident=number)

    def _camera_covered_then_door(self, cast: Cast) -> None:
        at = self._at(cast, (19, 22))
        number = self._begin(
            "camera-covered-then-door", at, 420, ("cameras/dock-side", "doors/dock-side", "areas/dock"),
            "The camera at the side door is covered; minutes later the door is opened from inside.",
        )  # fmt: skip
        covered: dict[str, Json] = {
            "since": instant_text(at - timedelta(seconds=4)), "score": 0.97, "words": "Something covers the lens.",
            "seen": 0.02, "flat": 0.95, "brightness": 40.0,
        }  # fmt: skip
        self._cameras.tell("camera.covered", "dock-side", at, covered, incident=number)
        over_at = at + timedelta(seconds=600)
        restored: dict[str, Json] = {
            "was": "camera.covered", "since": covered["since"], "duration_s": 604.0,
            "onvif_topic": "tns1:VideoSource/GlobalSceneChange",
        }  # fmt: skip
        self._cameras.tell("camera.restored", "dock-side", over_at, restored, incident=number)
        self._cameras.blind.append(("dock-side", at, over_at))
        opens_at = at + timedelta(seconds=self._rng.uniform(90, 280))
        self.passages.append(Passage(opens_at, "dock-side", OUTSIDE, "handle", hold_s=25, incident=number))

    def _lights_out_then_motion(self, cast: Cast) -> None:
        at = self._at(cast, (18.5, 21.0))
        number = self._begin(
            "lights-out-then-motion", at, 120, ("areas/shop", "cameras/shop"),
            "The light in the shop goes out before its time, and somebody moves in the dark.",
        )  # fmt: skip
        self._background.measure("shop-light", at, 4.0, number)
        for after_s in (12, 50):
            when = at + timedelta(seconds=after_s)
            told: dict[str, Json] = {"source": "VideoSource_1"}
            self._cameras.tell("motion.started", "shop", when, told, incident=number)
        self._background.measure("shop-light", at + timedelta(seconds=60), 5.0, number)

    def _object_left(self, cast: Cast) -> None:
        at = self._at(cast, (10, 17))
        number = self._begin(
            "object-left",
            at,
            120,
            ("cameras/lobby", "areas/lobby"),
            "Somebody puts a bag down in the lobby and leaves.",
        )
        self.passages += bag_passages(at, None, number)
        self._background.leave_bag(at, fetched_after_s=None, incident=number)

    def _crowd_at_exit(self, cast: Cast) -> None:
        at = self._at(cast, (17.0, 19.0))
        number = self._begin(
            "crowd-at-exit", at, 200, ("cameras/shop", "areas/shop"), "A crowd blocks the exit of the shop."
        )
        for i in range(self._rng.randint(11, 16)):
            came_at = at + timedelta(seconds=3.5 * i)
            self._cameras.visit("shop/exit", came_at, self._rng.uniform(110, 170), number)

    def _vehicle_at_gate(self, cast: Cast) -> None:
        at = self._at(cast, NIGHT)
        number = self._begin(
            "vehicle-at-gate-at-night", at, 400, ("cameras/gate",), "A vehicle stands at the gate in the night."
        )
        self._background.stop_at_gate(at, "car", 390.0, number)

    # -- tills

    def _refund_with_nobody(self, cast: Cast) -> None:
        self._at_empty_till("refund-with-nobody", cast, "pos.refunded", "A refund is booked with nobody at the till.")

    def _void_with_nobody(self, cast: Cast) -> None:
        self._at_empty_till("void-with-nobody", cast, "pos.voided", "A sale is cancelled after its customer has gone.")

    def _drawer_with_nobody(self, cast: Cast) -> None:
        self._at_empty_till(
            "drawer-with-nobody", cast, "pos.opened", "The drawer is opened with no sale and nobody there."
        )

    def _at_empty_till(self, kind: str, cast: Cast, type_: str, story: str) -> None:
        """Before the shop opens: nobody stands before the tills then."""
        at = self._at(cast, (8.7, 8.98))
        till_id = self._rng.choice(("till-1", "till-2", "till-3"))
        operator = self._worker(cast, ("shop",)).id
        places = (f"tills/{till_id}", f"cameras/{TILL_CAMERA}", f"zones/{till_zone(till_id)}")
        number = self._begin(kind, at, 5, places, story)
        amount = None if type_ == "pos.opened" else self._rng.uniform(40, 220)
        self._background.till(type_, at, till_id, operator, amount, number)
