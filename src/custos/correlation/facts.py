"""What conditions may ask of the site and of what its cameras see: `Facts.functions`, and group keys of events."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custos.correlation.cel import CelFailure, Function, Value, Values
from custos.correlation.whereabouts import LONGEST_STAY, Whereabouts
from custos.model.blindness import (
    ATTACKED,
    BLIND_TYPES,
    PICTURE_STATES,
    PICTURE_STOPPED,
    SIGNAL_TYPES,
    SIGNALS_S,
    Blindness,
    tells_of_picture,
)
from custos.model.event import Event
from custos.model.site import Site
from custos.model.views import areas_of, cameras_of, name_of, names_of

REMEMBERED = timedelta(minutes=10)
"""Who was seen is remembered so long after they left."""
MAX_SEEN = 2000
MAX_OVER = 500
"""Of so many who are forgotten, in each place, a coming that is heard even later begins no stay."""
BRIEF = timedelta(seconds=3)
"""Two tracks that are there together for less than this may be one person: a track that broke in two."""
AROUND = timedelta(seconds=10)
"""Whose credential was used so long after they came into sight, or before they were, is who was seen."""
AHEAD = timedelta(seconds=90)
"""A zone with hours counts when these go on for so long from where a rule begins to look: of two rules that begin
there, one that is judged at once and one that waits get the same answer."""
SIGHT_TYPES = ("track.started", "track.ended", "zone.entered", "zone.left", *BLIND_TYPES)
"""What `people` and `watched` follow from."""
FROM, TO, FACTS = " from", " to", " facts"
"""Names under which a condition's values carry the times that `people` looks between, and the site."""


@dataclass(slots=True)
class _Stay:
    """One subject's time in one place, whatever the order in which it is heard.

    `came_at`: their newest coming. `left_at`: their newest going. `lost_at`: when their track or the picture was last
    over. What is older than the newest coming ends nothing; `until` follows from the others.
    """

    since: datetime
    came_at: datetime
    left_at: datetime | None = None
    lost_at: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Place:
    """Who is, and lately was, in one picture or zone. `over`: whose stay is forgotten, and when it ended."""

    stays: OrderedDict[str, _Stay] = field(default_factory=OrderedDict)
    over: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    _ends: list[tuple[datetime, str]] = field(default_factory=list)  # a heap; what no stay bears out is over

    def come(self, subject: str, at: datetime, lost_at: datetime | None) -> None:
        """They came at `at`; their track or the picture was last over at `lost_at`."""
        stay = self.stays.get(subject)
        if stay is None:
            over_at = self.over.get(subject)
            if over_at is not None and at <= over_at:
                return  # of a stay that is forgotten
            stay = self._begin(subject, at)
        stay.since, stay.came_at = min(stay.since, at), max(stay.came_at, at)
        stay.lost_at = _later(stay.lost_at, lost_at)
        self._judge(subject, stay)

    def leave(self, subject: str, at: datetime) -> None:
        """They left at `at`. Whose coming has not been heard yet was there until then."""
        stay = self.stays.get(subject) or self._begin(subject, at)
        stay.since, stay.left_at = min(stay.since, at), _later(stay.left_at, at)
        self._judge(subject, stay)

    def lose(self, subject: str, at: datetime) -> None:
        """Their track, or the picture, was over at `at`."""
        stay = self.stays.get(subject)
        if stay is not None:
            stay.lost_at = _later(stay.lost_at, at)
            self._judge(subject, stay)

    def ended_at(self, subject: str) -> datetime | None:
        """When they last left; None where that is not known."""
        stay = self.stays.get(subject)
        return stay.left_at if stay is not None else self.over.get(subject)

    def forget_until(self, at: datetime) -> None:
        """Forget the stays that ended before `at`, but for their end."""
        while self._ends and self._ends[0][0] < at:
            until, subject = heapq.heappop(self._ends)
            stay = self.stays.get(subject)
            if stay is not None and stay.until == until:
                del self.stays[subject]
                self._remember(subject, until)

    def _begin(self, subject: str, at: datetime) -> _Stay:
        """A stay from `at` on; the oldest give way to it."""
        stay = self.stays[subject] = _Stay(at, at)
        while len(self.stays) > MAX_SEEN:
            oldest, given_up = self.stays.popitem(last=False)
            if given_up.until is not None:
                self._remember(oldest, given_up.until)
        return stay

    def _remember(self, subject: str, until: datetime) -> None:
        self.over[subject] = max(until, self.over.get(subject, until))
        self.over.move_to_end(subject)
        while len(self.over) > MAX_OVER:
            self.over.popitem(last=False)

    def _judge(self, subject: str, stay: _Stay) -> None:
        """Whether, and since when, the stay is over."""
        ends = (one for one in (stay.left_at, stay.lost_at) if one is not None and one >= stay.came_at)
        stay.until = next(ends, None)
        if stay.until is None:
            return
        heapq.heappush(self._ends, (stay.until, subject))
        if len(self._ends) > 2 * MAX_SEEN:
            self._ends = [(one.until, s) for s, one in self.stays.items() if one.until is not None]
            heapq.heapify(self._ends)


class Sight:
    """Who is, and lately was, in the pictures and zones of the cameras. Bounded."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._of_camera: dict[str, set[str]] = {}
        self._blindness = Blindness()
        self._stopped_at: dict[str, datetime] = {}  # when each camera's pictures last stopped

    def hear(self, event: Event) -> None:
        """Note that somebody came into sight, or went; in whatever order the events of a camera come."""
        camera_id = event.camera_id
        if camera_id is None:
            return
        if event.type in BLIND_TYPES:
            self._blindness.hear(event)
            if tells_of_picture(event):
                self._end_stays(event, camera_id)
        elif event.subject is None or event.data.get("class") != "person":
            return
        elif event.type == "track.started":
            self._come(f"cameras/{camera_id}", event.subject, camera_id, event.at)
        elif event.type == "track.ended":
            self._end_track(event.subject, camera_id, event.at)
        elif event.type == "zone.entered":
            self._come(f"zones/{camera_id}/{event.data.get('zone_id')}", event.subject, camera_id, event.at)
        elif event.type == "zone.left":
            place = self._place(f"zones/{camera_id}/{event.data.get('zone_id')}", camera_id)
            place.leave(event.subject, event.at)
            place.forget_until(event.at - REMEMBERED)

    def recall(self, event: Event) -> None:
        """Note what was done to a camera long ago, in any order; what is known to be newer counts."""
        if event.type in BLIND_TYPES:
            self._blindness.recall(event)

    def is_blind(self, camera_id: str, at: datetime) -> bool:
        """Whether the camera's picture is gone, or shows nothing for what was done to it."""
        return self._blindness.is_blind(camera_id, at)

    def people(self, place: str, since: datetime, until: datetime) -> set[str]:
        """Whom the camera or zone showed at some time in between."""
        known = self._places.get(place)
        return {
            subject
            for subject, stay in (known.stays.items() if known is not None else ())
            if stay.since <= until and (stay.until is None or stay.until >= since) and until - stay.since < LONGEST_STAY
        }

    def moments(self, place: str, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
        """When somebody came into sight there (or, there already, at the beginning), and how many were to be seen then:
        each moment BRIEF later, or when their stay was over before that."""
        stays = [
            (max(stay.since, since), until if stay.until is None else min(stay.until, until))
            for stay in self._stays_at(place)
            if stay.since <= until and (stay.until is None or stay.until >= since) and until - stay.since < LONGEST_STAY
        ]
        moments = {min(first + BRIEF, last) for first, last in stays}
        return [(at, sum(first <= at <= last for first, last in stays)) for at in sorted(moments)]

    def _stays_at(self, place: str) -> list[_Stay]:
        known = self._places.get(place)
        return list(known.stays.values()) if known is not None else []

    def _come(self, name: str, subject: str, camera_id: str, at: datetime) -> None:
        """What ends a stay in a zone, besides leaving it, may have been heard before its beginning."""
        in_picture = self._places.get(f"cameras/{camera_id}")
        ended_at = in_picture.ended_at(subject) if in_picture is not None and name.startswith("zones/") else None
        self._place(name, camera_id).come(subject, at, _later(ended_at, self._stopped_at.get(camera_id)))

    def _end_track(self, subject: str, camera_id: str, at: datetime) -> None:
        in_picture = self._place(f"cameras/{camera_id}", camera_id)
        in_picture.leave(subject, at)
        for place in (self._places[name] for name in self._of_camera[camera_id]):
            if place is not in_picture:
                place.lose(subject, at)
            place.forget_until(at - REMEMBERED)

    def _end_stays(self, event: Event, camera_id: str) -> None:
        if event.type in PICTURE_STOPPED:  # a coming from before, heard later, is over
            self._stopped_at[camera_id] = max(event.at, self._stopped_at.get(camera_id, event.at))
        for place in (self._places[name] for name in self._of_camera.get(camera_id, ())):
            for subject, stay in place.stays.items():
                if stay.until is None and stay.came_at <= event.at:
                    place.lose(subject, event.at)

    def _place(self, name: str, camera_id: str) -> _Place:
        self._of_camera.setdefault(camera_id, set()).add(name)
        return self._places.setdefault(name, _Place())


class Facts:
    """The site, as conditions and groups see it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._plan = site.access
        self._zone = ZoneInfo(site.time_zone)
        self.sight = Sight()
        self._whereabouts = Whereabouts(site)
        self.lasting: Mapping[str, float] = dict.fromkeys(PICTURE_STATES, LONGEST_STAY.total_seconds())
        """The types of which the newest counts, however long ago it was; so much of their past is in `long_ago`."""
        self.long_ago: Mapping[str, float] = {
            **dict.fromkeys((*self._whereabouts.types, *ATTACKED), LONGEST_STAY.total_seconds()),
            **self.lasting,
            **dict.fromkeys(SIGNAL_TYPES, SIGNALS_S),
        }
        """The types of which even what is long over counts, each with for how many seconds."""
        self.types = frozenset({*SIGHT_TYPES, *self.long_ago})
        """All that `functions` follow from."""
        self._cameras_of = cameras_of(site)
        self._areas_seen_at = areas_of(site)
        self._doors_of_camera: dict[str, list[str]] = {}
        for door in self._plan.doors:
            for camera_id in door.cameras:
                self._doors_of_camera.setdefault(camera_id, []).append(door.id)
        self._areas_of_zone = {pair: area.id for area in self._plan.areas for pair in area.zones}
        self._areas_of_camera: dict[str, list[str]] = {}
        for (camera_id, _), area_id in self._areas_of_zone.items():
            areas = self._areas_of_camera.setdefault(camera_id, [])
            if area_id not in areas:
                areas.append(area_id)
        self._schedules_of = _schedules_of(site)
        self._viewed = _viewed(site)
        self._hours_of = {f"zones/{c.id}/{z.id}": z.hours for c in site.cameras for z in c.zones if z.hours is not None}
        self._names = names_of(site)
        self.functions: Mapping[str, tuple[int, Function]] = {
            "people": (1, self._people),
            "badged": (1, self._badged_in),
            "watched": (1, self._watched),
            "anyone_may": (1, self._anyone_may),
            "after_hours": (1, self._after_hours),
            "explained": (1, self._explained),
            "unexplained": (1, self._unexplained),
            "in_schedule": (1, self._in_schedule),
            "is_night": (0, self._is_night),
            "area_of": (1, self._area_of),
            "from_outside": (1, self._from_outside),
            "doors_of": (1, self._doors_of),
        }

    def hear(self, event: Event) -> None:
        """Note what conditions may ask for later."""
        self.sight.hear(event)
        self._whereabouts.hear(event)

    def remember(self, event: Event) -> None:
        """Note what was long ago, of the types in `long_ago`."""
        if event.type in self.long_ago:
            self.sight.recall(event)
            self._whereabouts.hear(event)

    def name(self, place: str) -> str:
        """What people call "doors/front"; its id where it has no name."""
        return name_of(place, self._names)

    def values(self, event: Event) -> dict[str, Value]:
        """An event as a condition sees it."""
        door = event.door_id or ""
        return {
            "id": event.id,
            "type": event.type,
            "at": event.at,
            "source": event.source,
            "subject": event.subject or "",
            "data": event.data,
            "door": door,
            "camera": event.camera_id or "",
            "area": next(iter(self.keys(event, "area")), ""),
            "place": _place(event),
        }

    def keys(self, event: Event, by: str) -> list[str]:
        """The groups an event belongs to: a camera that sees two doors tells of both."""
        if by.startswith("data."):
            value = event.data.get(by[5:])
            return [str(value)] if isinstance(value, str | int | float) else []
        known = _KEYS.get(by)
        return known(self, event) if known is not None else []

    def cameras(self, place: str) -> tuple[str, ...]:
        """Cameras and zones that see a place: "cameras/lobby", "zones/lobby/desk"."""
        if place.startswith(("cameras/", "zones/")):
            return (place,)
        return self._cameras_of.get(self._viewed_as(place), ())

    def areas(self, place: str) -> tuple[str, ...]:
        """The areas that a place is, or covers: of a panel's zone those that the site file says."""
        return self._areas_seen_at.get(self._viewed_as(place), ())

    def _viewed_as(self, place: str) -> str:
        """A zone of a panel that has no view of its own is seen as the whole panel."""
        kind, _, own = place.partition("/")
        if kind == "panels" and place not in self._cameras_of:
            return f"panels/{own.partition('/')[0]}"
        return place

    # -- keys

    def _doors(self, event: Event) -> list[str]:
        if event.door_id is not None:
            return [event.door_id]
        return self._doors_of_camera.get(event.camera_id or "", [])

    def _cameras(self, event: Event) -> list[str]:
        if event.camera_id is not None:
            return [event.camera_id]
        seen = [camera.split("/")[1] for place in self._places(event) for camera in self.cameras(place)]
        return list(dict.fromkeys(seen))

    def _places(self, event: Event) -> list[str]:
        named = {"doors": event.door_id, "tills": event.data.get("till_id"), "panels": event.data.get("panel_id")}
        named |= {"sensors": event.data.get("sensor_id"), "areas": event.data.get("area_id")}
        return [f"{kind}/{one}" for kind, one in named.items() if isinstance(one, str)]

    def _zones(self, event: Event) -> list[str]:
        zone_id = event.data.get("zone_id")
        return [f"{event.camera_id}/{zone_id}"] if event.camera_id is not None and isinstance(zone_id, str) else []

    def _areas(self, event: Event) -> list[str]:
        for name in ("area_id", "into_area"):
            area_id = event.data.get(name)
            if isinstance(area_id, str):
                return [area_id]
        door = self._plan.door(event.door_id) if event.door_id is not None else None
        if door is not None:
            return [door.areas[1]]
        if event.source.split("/")[3:4] == ["panels"]:
            return list(self.areas(_place(event)))
        pair = (event.camera_id or "", str(event.data.get("zone_id")))
        if pair in self._areas_of_zone:
            return [self._areas_of_zone[pair]]
        return self._areas_of_camera.get(event.camera_id or "", [])

    def _of_view(self, event: Event, kind: str) -> list[str]:
        own = event.data.get(f"{kind[:-1]}_id")
        if isinstance(own, str):
            return [own]
        zone_id = event.data.get("zone_id")
        seen = [f"cameras/{event.camera_id}", f"zones/{event.camera_id}/{zone_id}"]
        found = [one for place in seen for one in self._viewed.get(place, ()) if one.startswith(f"{kind}/")]
        return list(dict.fromkeys(one.split("/")[1] for one in found))

    # -- functions of conditions

    def _people(self, values: Values, place: Value) -> Value:
        """How many people cameras saw there, around the event."""
        since, until = values.get(FROM), values.get(TO)
        if not isinstance(place, str) or not isinstance(since, datetime) or not isinstance(until, datetime):
            raise CelFailure(f"people({place!r})")
        seen: set[str] = set()
        for camera in self.cameras(place):
            seen |= self.sight.people(camera, since, until)
        return len(seen)

    def _badged_in(self, values: Values, area_id: Value) -> Value:
        """How many people are in the area by their credentials, when the events are over."""
        at = values.get(TO)
        if not isinstance(at, datetime):
            raise CelFailure("badged()")
        return self._whereabouts.inside(str(area_id), at)

    def _watched(self, values: Values, place: Value) -> Value:
        """Whether a camera sees it that has a picture, and to which nothing was done; a zone of a camera does in its
        hours, all around the event."""
        since, until = values.get(FROM), values.get(TO)
        if not isinstance(since, datetime) or not isinstance(until, datetime):
            raise CelFailure("watched()")
        cameras = self.cameras(place) if isinstance(place, str) else ()
        return any(
            self._is_open(camera, since, until) and not self.sight.is_blind(camera.split("/")[1], until)
            for camera in cameras
        )

    def _is_open(self, camera: str, since: datetime, until: datetime) -> bool:
        """Whether a camera or zone tells of everybody in between: outside its hours a zone tells of nobody. One that
        told of somebody was open."""
        hours = self._hours_of.get(camera)
        if hours is None or hours.covers_all(since, max(until, since + AHEAD)):
            return True
        return bool(self.sight.people(camera, since, until))

    def _anyone_may(self, values: Values, area_id: Value) -> Value:
        """Whether any role allows anybody into the area at this time; true where no role says anything."""
        at = values.get(TO)
        area = self._plan.area(str(area_id))
        if not isinstance(at, datetime) or area is None or area.is_outside or not self._plan.roles:
            return True
        return any(self._plan.in_force(schedule, at) for schedule in self._schedules_of.get(area.id, ()))

    def _after_hours(self, values: Values, area_id: Value) -> Value:
        """Whether the hours of all who have hours there are over; false where no role says anything of hours, but some
        may be there always."""
        at = values.get(TO)
        area = self._plan.area(str(area_id))
        if not isinstance(at, datetime) or area is None or area.is_outside or not self._plan.roles:
            return False
        schedules = self._schedules_of.get(area.id, ())
        limited = [schedule for schedule in schedules if schedule is not None]
        if not limited:
            return not schedules
        return not any(self._plan.in_force(schedule, at) for schedule in limited)

    def _explained(self, values: Values, area_id: Value) -> Value:
        """How many, by their credentials, explain that somebody is in the area now."""
        at, wanted = values.get(TO), str(area_id)
        if not isinstance(at, datetime):
            raise CelFailure("explained()")
        return sum(
            self._is_there(who, area, came_at, (wanted,), at) or self._is_entitled(who, area, wanted, at)
            for who, area, came_at in self._whereabouts.there(at)
        )

    def _is_there(self, who: str, area: str, came_at: datetime, wanted: Iterable[str], at: datetime) -> bool:
        """Whether somebody is, by their credential, in one of these areas, or where they come into it unread."""
        reached_from = self._whereabouts.reached_from
        if not any(area in reached_from.get(one, ()) for one in wanted):
            return False
        return self._whereabouts.explains(who, area, came_at, at)

    def _unexplained(self, values: Values, place: Value) -> Value:
        """How many more people one camera saw there at one time, around the event, than are there by credentials."""
        since, until = values.get(FROM), values.get(TO)
        if not isinstance(place, str) or not isinstance(since, datetime) or not isinstance(until, datetime):
            raise CelFailure(f"unexplained({place!r})")
        areas = self.areas(place)
        moments = [one for camera in self.cameras(place) for one in self.sight.moments(camera, since, until)]
        return max((seen - len(self._those_there(areas, at)) for at, seen in moments), default=0)

    def _those_there(self, areas: Sequence[str], at: datetime) -> set[str]:
        """Who is in one of these areas at about that time, by their credentials, and may be there."""
        near = {one for area_id in areas for one in self._whereabouts.reached_from.get(area_id, ())}
        return {
            who
            for when in ((at - AROUND, at, at + AROUND) if areas else ())
            for who, area, came_at in self._whereabouts.there(when, near)
            if self._is_there(who, area, came_at, areas, when)
        }

    def _is_entitled(self, who: str, area_id: str, wanted: str, at: datetime) -> bool:
        """Whether somebody who is on the site may be in an area of it now."""
        area, holder = self._plan.area(area_id), self._plan.holder(who)
        if area is None or area.is_outside or holder is None:
            return False
        return self._whereabouts.may(holder, wanted, at)

    def _in_schedule(self, values: Values, schedule_id: Value) -> Value:
        at = values.get(TO)
        if not isinstance(at, datetime) or self._plan.schedule(str(schedule_id)) is None:
            raise CelFailure(f"there is no schedule {schedule_id!r}")
        return self._plan.in_force(str(schedule_id), at)

    def _is_night(self, values: Values) -> Value:
        """Between ten and six, by the site's clock."""
        at = values.get(TO)
        if not isinstance(at, datetime):
            raise CelFailure("is_night()")
        return not 6 <= at.astimezone(self._zone).hour < 22

    def _area_of(self, values: Values, door_id: Value) -> Value:
        door = self._plan.door(str(door_id))
        return door.areas[1] if door is not None else ""

    def _from_outside(self, values: Values, door_id: Value) -> Value:
        """Whether one of the door's sides is outside; so is a door that is not known."""
        door = self._plan.door(str(door_id))
        sides = [self._plan.area(one) for one in door.areas] if door is not None else [None]
        return any(area is None or area.is_outside for area in sides)

    def _doors_of(self, values: Values, device_id: Value) -> Value:
        """How many doors that device tells of."""
        return sum(door.device == device_id for door in self._plan.doors)


_KEYS: Mapping[str, Callable[[Facts, Event], list[str]]] = {
    "site": lambda facts, event: ["site"],
    "door": Facts._doors,
    "camera": Facts._cameras,
    "zone": Facts._zones,
    "area": Facts._areas,
    "till": lambda facts, event: facts._of_view(event, "tills"),
    "panel": lambda facts, event: facts._of_view(event, "panels"),
    "sensor": lambda facts, event: facts._of_view(event, "sensors"),
    "holder": lambda facts, event: facts.keys(event, "data.holder_id"),
    "credential": lambda facts, event: facts.keys(event, "data.credential"),
    "subject": lambda facts, event: [event.subject] if event.subject is not None else [],
}
GROUPS = tuple(_KEYS)
"""What `group-by` may name, besides `data.<field>`."""


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _place(event: Event) -> str:
    """Who says so, as a place: "doors/front"; of a panel with the zone it names, "panels/p/11"."""
    place, zone = "/".join(event.source.split("/")[3:5]), event.data.get("zone")
    return f"{place}/{zone}" if place.startswith("panels/") and isinstance(zone, str) and zone else place


def _asked(name: str) -> Function:
    """Conditions are compiled before there is a site: their functions ask the facts that come with the values."""

    def ask(values: Values, *arguments: Value) -> Value:
        facts = values.get(FACTS)
        if not isinstance(facts, Facts):
            raise CelFailure(f"{name}: there is no site")
        return facts.functions[name][1](values, *arguments)

    return ask


FUNCTIONS: Mapping[str, tuple[int, Function]] = {
    name: (arguments, _asked(name))
    for name, arguments in (
        ("people", 1), ("badged", 1), ("watched", 1), ("anyone_may", 1), ("in_schedule", 1), ("is_night", 0),
        ("after_hours", 1), ("explained", 1), ("unexplained", 1),
        ("area_of", 1), ("from_outside", 1), ("doors_of", 1),
    )
}  # fmt: skip
"""What conditions may call, with how many arguments."""


def _schedules_of(site: Site) -> dict[str, tuple[str | None, ...]]:
    """By area: the schedules in which some role may go there, or by one of its doors; None is always."""
    doors_of: dict[str, set[str]] = {}
    for door in site.access.doors:
        for area_id in door.areas:
            doors_of.setdefault(area_id, set()).add(door.id)
    found: dict[str, dict[str | None, None]] = {}
    for may in (may for role in site.access.roles for may in role.may):
        by_door = [area_id for area_id, doors in doors_of.items() if may.doors and not doors.isdisjoint(may.doors)]
        for area_id in (*may.areas, *by_door):
            found.setdefault(area_id, {})[may.schedule] = None
    return {area_id: tuple(schedules) for area_id, schedules in found.items()}


def _viewed(site: Site) -> dict[str, list[str]]:
    """By camera and zone: what is seen there. A zone's view is one of its camera too."""
    seen: dict[str, list[str]] = {}
    for view in site.access.views:
        places = [f"cameras/{c}" for c in view.cameras] + [f"zones/{c}/{z}" for c, z in view.zones]
        for place in places:
            seen.setdefault(place, []).append(view.of)
    return seen
