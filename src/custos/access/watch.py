"""All doors and areas of a site: `update(event) -> list[Event]`, `advance(at) -> list[Event]`.

What one use of a credential gives away is told at once. What depends on order, or on something missing, goes through
`Ordering` and is told LATE_S later. The same events, in any order within that tolerance, and however often, make the
same conclusions with the same ids; so a restart that hears the stored events again repeats nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from custos.access.areas import Areas
from custos.access.conclusion import Conclusion, Passage, Unread, Who
from custos.access.credentials import CredentialWatch
from custos.access.door import DoorMachine, Outcome, into_of, who_of
from custos.access.opening import Crossing
from custos.access.ordering import Ordering, place_of
from custos.model.access import Door
from custos.model.blindness import (
    BLIND_TYPES,
    PICTURE_STOPPED,
    SIGNAL_TYPES,
    SIGNALS_S,
    Blindness,
    blind_words,
    tells_of_picture,
)
from custos.model.calibration import Moves, begun
from custos.model.event import Event
from custos.model.site import Site
from custos.model.state_types import STATE_TYPES

DEVICES_S = 36 * 3600.0
"""So much of the past a start hears again: whoever came in yesterday evening is still in."""
SIGHT_S = 3600.0
"""What cameras saw matters for as long as a door may stand open."""
_OF_DEVICES = (
    "access.granted", "access.denied", "access.taken", "access.not_taken", "access.coerced", "exit.requested",
    "door.opened", "door.closed", "door.locked", "door.unlocked", "door.mode_changed", "door.alarmed", "door.tampered",
    "door.shunted", "door.unshunted", "device.lost", "device.connected",
    *BLIND_TYPES, "camera.moved", "camera.recalibrated",
)  # fmt: skip
_OF_SIGHT = ("line.crossed", "zone.entered", "zone.left", "track.ended")
MOVED = "was moved, and nobody has confirmed its lines since"


@dataclass(frozen=True, slots=True)
class DoorView:
    """A door as it is now, in ONVIF's terms.

    Args:
        contact: "open", "closed" or "unknown". lock: "unlocked" when it stands unlocked, else "locked".
        alarm: "normal", "forced", "held" or "propped". own_alarm, mode: what its controller says, "" for nothing.
        people: in the present opening; None while it is closed, or nobody counts. uncounted: why nobody counts.
    """

    id: str
    contact: str
    lock: str
    alarm: str
    own_alarm: str
    mode: str
    is_online: bool
    is_tampered: bool
    is_shunted: bool
    is_free: bool
    opened_at: datetime | None
    changed_at: datetime | None
    people: tuple[int, int] | None
    uncounted: str


@dataclass(frozen=True, slots=True)
class AreaView:
    """Who is in an area: by their credentials, and how many cameras see (None where none looks, or all that do were
    moved and nobody has confirmed their zones since).

    Args:
        disagreed_since: since when cameras have seen more than credentials say, once `area.disagreed` was told and
            until they agree again. A camera whose pictures begin anew, as at a start, sees everybody come anew: it
            goes on where cameras see more again within two minutes after the pictures broke off.
    """

    id: str
    inside: tuple[tuple[Who, datetime], ...]
    seen: int | None
    disagreed_since: datetime | None = None


class AccessWatch:
    """The doors and areas of one site. Bounded; the same events make the same conclusions."""

    memory: Mapping[str, float] = {
        **dict.fromkeys(_OF_DEVICES, DEVICES_S),
        **dict.fromkeys(_OF_SIGHT, SIGHT_S),
        **dict.fromkeys(SIGNAL_TYPES, SIGNALS_S),
    }
    lasting: Mapping[str, float] = dict.fromkeys(STATE_TYPES, DEVICES_S)

    def __init__(self, site: Site) -> None:
        plan = site.access
        self._site_id = site.id
        self._plan = plan
        self._ordering = Ordering()
        self._machines = {door.id: DoorMachine(door, plan) for door in plan.doors}
        self._areas = Areas(plan, site.time_zone)
        self._credentials = CredentialWatch(plan)
        self._by_line = {(d.threshold.camera_id, d.threshold.line_id): d for d in plan.doors if d.threshold is not None}
        self._nth = {door_id: n for n, door_id in enumerate(self._machines)}
        self._due: dict[str, datetime | None] = dict.fromkeys(self._machines)
        self._next: list[tuple[datetime, int, str]] = []  # a heap; an entry that `_due` does not bear out is over
        self._linked = {
            door.id: [
                other
                for other in self._machines.values()
                if other.door.id in door.interlock or door.id in other.door.interlock
            ]
            for door in plan.doors
        }
        self._blindness = Blindness()
        self._moved: set[str] = set()
        self._moves = Moves()
        self._cameras = {camera for camera, _ in self._by_line} | {c for a in plan.areas for c, _ in a.zones}
        self._at: datetime | None = None

    def update(self, event: Event) -> list[Event]:
        """What the event brings to light, now or of those before it."""
        if event.site_id != self._site_id or event.type not in self.memory or not self._concerns(event):
            return []
        found: list[Conclusion] = []
        door = self._door_of(event)
        if door is not None:
            found += self._credentials.hear(event, door)
        for ready in self._ordering.add(event):
            found += self._take(ready)
        return self._told(found + self._reach())

    def recall(self, events: Sequence[Event]) -> None:
        """What last was said of doors, cameras and devices long ago: it may still be so. Called before anything else.

        Who unlocked a door then is not known any more: being unlocked is a state only where the door says that it locks
        as well, and did so earlier. What was told within one second, or without an end ever, is the end of a grant.
        """
        locked_at: dict[str | None, datetime] = {}
        for event in events:
            if event.type == "door.locked":
                locked_at[event.door_id] = max(event.at, locked_at.get(event.door_id, event.at))
        for event in sorted(events, key=place_of):
            is_over = event.type == "door.unlocked" and event.at <= locked_at.get(event.door_id, event.at)
            if event.site_id == self._site_id and event.type in self.lasting and not is_over and self._concerns(event):
                self._apply(event)

    def advance(self, at: datetime) -> list[Event]:
        """It is `at`; what that brings to light."""
        found = [one for ready in self._ordering.until(at) for one in self._take(ready)]
        return self._told(found + self._reach())

    # -- what is known

    def doors(self, at: datetime) -> list[DoorView]:
        """Every door as it is at `at`, in the order of the site file."""
        return [_view(machine, at) for machine in self._machines.values()]

    def areas(self) -> list[AreaView]:
        """Every area, in the order of the site file."""
        return [self._area_view(area.id) for area in self._plan.areas]

    def _area_view(self, area_id: str) -> AreaView:
        inside, area = tuple((p.who, p.at) for p in self._areas.inside(area_id)), self._plan.area(area_id)
        looks = area is not None and not {camera_id for camera_id, _ in area.zones} <= self._moved
        seen = self._areas.seen(area_id) if looks else None
        return AreaView(area_id, inside, seen, self._areas.disagreed_since(area_id))

    # -- one event at a time, in order

    def _concerns(self, event: Event) -> bool:
        if event.type.startswith(("door.", "access.", "exit.")):
            return event.door_id in self._machines
        if event.type.startswith("device."):
            return any(m.door.device == event.data.get("device_id") for m in self._machines.values())
        if event.type == "line.crossed":
            return (event.camera_id, event.data.get("line_id")) in self._by_line
        return event.camera_id in self._cameras

    def _door_of(self, event: Event) -> Door | None:
        machine = self._machines.get(event.door_id or "")
        return machine.door if machine is not None else None

    def _take(self, event: Event) -> list[Conclusion]:
        door = self._door_of(event)
        hurried = self._credentials.hear_in_turn(event, door) if door is not None else []
        return self._tick(event.at) + hurried + self._apply(event)

    def _apply(self, event: Event) -> list[Conclusion]:
        if event.type == "line.crossed":
            return self._cross(event)
        if event.type.startswith(("zone.", "track.", "camera.")):
            return self._see(event)
        if event.type.startswith("device."):
            for machine in self._machines.values():
                if machine.door.device == event.data.get("device_id"):
                    (machine.lose if event.type == "device.lost" else machine.find)()
                    self._set_due(machine)
            return []
        machine = self._machines[event.door_id or ""]
        self._look(machine, event.at)
        if event.type == "access.denied" and "passback" in str(event.data.get("reason", "")).lower().replace("-", ""):
            return self._refused(event, machine.door)
        found = self._follow(machine.hear(event))
        self._set_due(machine)
        return found + (self._interlock(machine, event) if event.type == "door.opened" else [])

    def _refused(self, event: Event, door: Door) -> list[Conclusion]:
        who, into = who_of(event, self._plan), into_of(event, door)
        if not who.is_somebody:
            return []
        return self._areas.refuse(Passage(event.at, door.id, door.other_side(into), into, who, event.id))

    def _follow(self, outcomes: Iterable[Outcome]) -> list[Conclusion]:
        found: list[Conclusion] = []
        for outcome in outcomes:
            if isinstance(outcome, Conclusion):
                found.append(outcome)
            elif isinstance(outcome, Passage):
                found += self._areas.pass_through(outcome)
            else:
                assert isinstance(outcome, Unread)
                found += self._areas.leave_unread(outcome)
        return found

    def _cross(self, event: Event) -> list[Conclusion]:
        door = self._by_line[(event.camera_id or "", str(event.data.get("line_id")))]
        direction = event.data.get("direction")
        if door.threshold is None or direction not in ("left", "right"):
            return []
        if not self._shows_people(event):
            return []
        step = 1 if direction == door.threshold.inward else -1
        crossing = Crossing(event.at, event.subject or event.id, step, event.id)
        machine = self._machines[door.id]
        found = self._follow(machine.cross(crossing))
        self._set_due(machine)
        return found

    def _shows_people(self, passed: Event) -> bool:
        """Whether a person crossed a threshold, or came into a zone, there, as far as anybody knows: in a recording
        nobody does, and when a camera is moved, what it shows moves through its lines and zones."""
        camera_id = passed.camera_id or ""
        if passed.data.get("doubtful") or self._moves.hold(camera_id, passed.at):
            return False
        return "camera.replayed" not in self._blindness.causes(camera_id, passed.at)

    def _see(self, event: Event) -> list[Conclusion]:
        camera_id, zone_id = event.camera_id or "", event.data.get("zone_id")
        if event.type == "zone.entered" and event.subject is not None and event.data.get("class") == "person":
            if not self._shows_people(event):
                return []
            return self._areas.see(camera_id, str(zone_id), event.subject, event.id, event.at)
        if event.type in ("zone.left", "track.ended") and event.subject is not None:
            out_of, is_person = str(zone_id) if event.type == "zone.left" else None, event.data.get("class") == "person"
            return self._areas.lose_sight(camera_id, out_of, event.subject, event.at, remember=is_person)
        return self._watch(event, camera_id) if event.type.startswith("camera.") else []

    def _watch(self, event: Event, camera_id: str) -> list[Conclusion]:
        """A camera went blind, or sees again."""
        self._blindness.recall(event)  # at a start signals of weeks ago come after states of days ago
        if event.type == "camera.moved":
            self._moved.add(camera_id)
            self._moves.hear(event)
        elif event.type == "camera.recalibrated":
            self._moved.discard(camera_id)
        for machine in self._machines.values():
            if machine.door.threshold is not None and machine.door.threshold.camera_id == camera_id:
                self._look(machine, event.at)
                if event.type == "camera.moved":
                    machine.withdraw(begun(event))
                    self._set_due(machine)
        if tells_of_picture(event):
            remember = event.type in PICTURE_STOPPED  # a device tells of its signal by its own clock
            return self._areas.lose_sight(camera_id, None, None, event.at, remember=remember)
        return []

    def _look(self, machine: DoorMachine, at: datetime) -> None:
        """Let the door know whether the camera over its threshold sees at `at`."""
        if machine.door.threshold is not None:
            camera_id = machine.door.threshold.camera_id
            causes = self._blindness.causes(camera_id, at)
            machine.see(blind_words(causes[0]) if causes else MOVED if camera_id in self._moved else "")

    def _interlock(self, machine: DoorMachine, event: Event) -> list[Conclusion]:
        found: list[Conclusion] = []
        opening = machine.opening
        if opening is None or opening.event_id != event.id or machine.is_shunted(event.at):
            return found
        for other in self._linked[machine.door.id]:
            standing = other.opening
            if standing is None or standing.closed_at is not None or other.is_shunted(event.at):
                continue
            if opening.closed_at is not None and opening.closed_at < standing.opened_at:
                continue  # heard so late that it was over by then
            reason = f"{machine.door.name} was opened while {other.door.name} stood open"
            rests, told = (standing.event_id, event.id), {"other_door_id": other.door.id}
            place = ("doors", machine.door.id)
            found.append(Conclusion("door.interlocked", event.at, place, reason, rests, dict(told)))
        return found

    # -- time

    def _reach(self) -> list[Conclusion]:
        reached = self._ordering.reached
        return self._tick(reached) if reached is not None else []

    def _tick(self, at: datetime) -> list[Conclusion]:
        """Everything that was due by `at`, the earliest first."""
        if self._at is not None and at <= self._at:
            return []
        found: list[Conclusion] = []
        while (due := self._next_due()) is not None and due <= at:
            for door_id in self._due_by(due):
                machine = self._machines[door_id]
                found += self._follow(machine.tick(due))
                self._set_due(machine)
            found += self._areas.tick(due)
        self._areas.forgive(at)
        self._at = at
        return found

    def _next_due(self) -> datetime | None:
        while self._next and self._due[self._next[0][2]] != self._next[0][0]:
            heapq.heappop(self._next)
        areas = self._areas.due_at()
        if not self._next:
            return areas
        return self._next[0][0] if areas is None else min(areas, self._next[0][0])

    def _set_due(self, machine: DoorMachine) -> None:
        """When the door has something to do next: of a thousand doors, only those that are due are looked at."""
        door_id, due = machine.door.id, machine.due_at()
        if due is not None and due != self._due[door_id]:
            heapq.heappush(self._next, (due, self._nth[door_id], door_id))
        self._due[door_id] = due

    def _due_by(self, at: datetime) -> list[str]:
        """The doors that are due, in the order of the site file."""
        ready: set[str] = set()
        while self._next and self._next[0][0] <= at:
            due, _, door_id = heapq.heappop(self._next)
            if self._due[door_id] == due:
                ready.add(door_id)
                self._due[door_id] = None
        return sorted(ready, key=self._nth.__getitem__)

    def _told(self, found: Iterable[Conclusion]) -> list[Event]:
        return [one.event(self._site_id) for one in found]


def _view(machine: DoorMachine, at: datetime) -> DoorView:
    opening = machine.opening
    stands = machine.stands_open_to_all(at)
    counted = opening is not None and not machine.uncounted()
    return DoorView(
        id=machine.door.id,
        contact={True: "open", False: "closed", None: "unknown"}[machine.is_open],
        lock="unlocked" if stands in ("free", "unlocked") else "locked",
        alarm=machine.alarm,
        own_alarm=machine.own_alarm,
        mode=machine.mode,
        is_online=machine.is_online,
        is_tampered=machine.is_tampered,
        is_shunted=machine.is_shunted(at),
        is_free=stands == "free",
        opened_at=opening.opened_at if opening is not None and opening.closed_at is None else None,
        changed_at=machine.changed_at,
        people=opening.people() if opening is not None and counted else None,
        uncounted=machine.uncounted(),
    )


def build_access(site: Site) -> list[AccessWatch]:
    """What watches the site's doors and areas; nothing where it has none."""
    return [AccessWatch(site)] if site.access.doors else []
