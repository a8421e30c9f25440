"""Who is in which area, as passages tell it: anti-passback, how many are inside, escorts, the first person in.

    pass_through(passage) / leave_unread(unread) -> list[Conclusion]     tick(at) -> list[Conclusion]

A holder is in one area at a time: the one their last passage led into. What is known is what was read: whoever goes out
by a button is still inside for the readers. So a second entry is a violation only when nobody can have left in between:
no door out of the area was opened without a credential since. And everything is forgiven at the area's hour every day:
from then on it is not known who is in, and any next step is right.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from custos.access.conclusion import Conclusion, Passage, Unread, Who
from custos.model.access import AccessPlan, AccessRole, Area, Passback
from custos.model.event import Json

ESCORT_S = 30.0
"""An escort goes through the same door within this time, before or after."""
DISAGREE_S = 60.0
"""Cameras must see more people than badges say for so long before it is told."""
ALONE_S = 20.0
"""The same where by their badges nobody is there at all: there is nobody whom a track that broke in two could be."""
UNREAD_FOR = timedelta(minutes=30)
"""Whoever came in without a credential may come into sight so long afterwards, or after they were last in sight."""
UNREAD_AHEAD = timedelta(seconds=30)
"""Clocks differ: whoever came into sight so long before a door opened may have come through it."""
RESUMED_S = 120.0
"""A camera whose picture broke off sees within this time who is still there, and who is new to it need not be new."""
MAX_PEOPLE = 100_000
MAX_SEEN = 2000
GONE_FOR = timedelta(hours=1)
"""For so long it is remembered who went: a coming from before that, heard later, is over."""
MAX_GONE = 2000
"""So many of them at each camera."""
MAX_ESCORTS = 200
"""Passages of escorts that are remembered."""
SEEN_FOR = timedelta(hours=12)
"""Nobody stays in a camera's zone longer: the end of the visit was lost."""


@dataclass(slots=True)
class Position:
    """Where somebody went last; `before` is where they were, should the controller take it back."""

    who: Who
    area: str
    at: datetime
    event_id: str
    door_id: str
    before: Position | None = None


@dataclass(slots=True)
class _Sighting:
    """Somebody in sight of a camera, since `at`, in one zone of an area or in several.

    Args:
        is_unread: they may have come in where it takes no credential.
        zones: when they came into each zone that they are in.
    """

    at: datetime
    event_id: str
    is_unread: bool
    zones: dict[str, datetime]

    def leave(self, zone_id: str, at: datetime) -> bool:
        """They left the zone at `at`; whether they are in none any more."""
        if self.zones.get(zone_id, at) <= at:
            self.zones.pop(zone_id, None)
        return not self.zones


@dataclass(slots=True)
class _AreaState:
    """What is known of one area.

    Args:
        unread_at: when somebody may last have come in, or been in sight, without a credential.
        broken_off: since when more were seen than badged, and when the picture broke off that showed it.
    """

    inside: dict[str, Position] = field(default_factory=dict)
    unread_exit_at: datetime | None = None
    unread_entry_at: datetime | None = None
    is_begun: bool = False
    is_overfilled: bool = False
    forgiven_on: date | None = None
    unread_at: datetime | None = None
    seen: OrderedDict[str, _Sighting] = field(default_factory=OrderedDict)
    more_since: datetime | None = None
    is_disagreed: bool = False
    broken_off: tuple[datetime, datetime] | None = None

    def has_more_than_badged(self) -> bool:
        """Whether cameras see more people than badges say, not counting those who may have come in without one."""
        badged = len(self.inside)
        return len(self.seen) > badged and len(self.strangers()) > badged

    def strangers(self) -> list[_Sighting]:
        """Those in sight who can only have come in with a credential."""
        return [one for one in self.seen.values() if not one.is_unread]

    def may_be_unread(self, at: datetime) -> None:
        """Somebody may have come in without a credential at `at`."""
        self.unread_at = _later(self.unread_at, at)
        for one in self.seen.values():
            one.is_unread = one.is_unread or one.at >= at - UNREAD_AHEAD

    def break_off(self, at: datetime) -> None:
        """A picture of it broke off."""
        if self.is_disagreed and self.more_since is not None:
            self.broken_off = self.more_since, at

    def resume(self, at: datetime) -> None:
        """More are seen than badged: as before, if nothing but the picture was gone in between, and not for long."""
        if self.broken_off is not None:
            since, broke_at = self.broken_off
            if self.more_since is None and at - broke_at <= timedelta(seconds=RESUMED_S):
                self.more_since, self.is_disagreed = since, True
            self.broken_off = None

    def tells_s(self) -> float:
        """For how long cameras must see more than badges say."""
        return DISAGREE_S if self.inside else ALONE_S


@dataclass(slots=True)
class _Gone:
    """Who went out of sight of one camera, the latest heard last: out of a zone, or (None) for good. Bounded."""

    went: OrderedDict[tuple[str | None, str], datetime] = field(default_factory=OrderedDict)
    stopped_at: datetime | None = None

    def note(self, zone_id: str | None, subject: str | None, at: datetime) -> None:
        """They went at `at`; with None everybody did."""
        if subject is None:
            self.stopped_at = _later(self.stopped_at, at)
            return
        self.went[zone_id, subject] = _later(self.went.get((zone_id, subject)), at)
        self.went.move_to_end((zone_id, subject))
        while len(self.went) > MAX_GONE or next(iter(self.went.values())) < at - GONE_FOR:
            self.went.popitem(last=False)

    def is_over(self, zone_id: str, subject: str, at: datetime) -> bool:
        """Whether who came into the zone at `at` has gone since."""
        known = (self.stopped_at, self.went.get((zone_id, subject)), self.went.get((None, subject)))
        return any(gone_at is not None and at <= gone_at for gone_at in known)


@dataclass(slots=True)
class _Unaccompanied:
    """Somebody who needs an escort went in, and none has come yet."""

    passage: Passage
    until: datetime


class Areas:
    """Positions of people in the areas of a site. Bounded."""

    def __init__(self, plan: AccessPlan, time_zone: str) -> None:
        self._plan = plan
        self._zone = ZoneInfo(time_zone)
        self._states = {area.id: _AreaState() for area in plan.areas}
        self._nth = {area_id: n for n, area_id in enumerate(self._states)}
        self._positions: OrderedDict[str, Position] = OrderedDict()
        self._forgive_next: datetime | None = None
        self._waiting: list[_Unaccompanied] = []
        self._escorts: deque[Passage] = deque(maxlen=MAX_ESCORTS)
        self._zones = {pair: area.id for area in plan.areas for pair in area.zones}
        self._zones_of: dict[str, list[tuple[str, str]]] = {}
        for (camera_id, zone_id), area_id in self._zones.items():
            self._zones_of.setdefault(camera_id, []).append((zone_id, area_id))
        self._gone = {camera_id: _Gone() for camera_id in self._zones_of}
        self._doubtful: dict[str, datetime] = {}  # areas that show more than have badged, and when that is told
        self._changed: set[str] = set()  # areas in which somebody came or went since they were last compared
        self._oldest_seen_at: datetime | None = None  # nobody in sight came into it earlier than this

    # -- what is known

    def inside(self, area_id: str) -> list[Position]:
        """Who is in the area by what was read, the latest last."""
        state = self._states.get(area_id)
        return sorted(state.inside.values(), key=lambda p: p.at) if state is not None else []

    def seen(self, area_id: str) -> int | None:
        """How many people cameras see there; None where none looks."""
        area, state = self._plan.area(area_id), self._states.get(area_id)
        return len(state.seen) if area is not None and state is not None and area.zones else None

    def disagreed_since(self, area_id: str) -> datetime | None:
        """Since when cameras have seen more people there than badges say; None where that was not told, or is over."""
        state = self._states.get(area_id)
        return state.more_since if state is not None and state.is_disagreed else None

    def position(self, who: Who) -> Position | None:
        return self._positions.get(who.key)

    # -- passages

    def pass_through(self, passage: Passage) -> list[Conclusion]:
        """Somebody went from one area into another."""
        if passage.is_undone:
            return self._take_back(passage)
        roles = self._roles(passage.who)
        violated = self._judge(passage, roles)
        self._move(passage)
        found = [*violated, *self._first_in(passage, roles), *self._count(passage)]
        return found + self._escort(passage, roles)

    def leave_unread(self, unread: Unread) -> list[Conclusion]:
        """Somebody may have left `from_area` and come into `into_area` without a credential."""
        left, entered = self._states.get(unread.from_area), self._states.get(unread.into_area)
        if left is not None:
            left.unread_exit_at = _later(left.unread_exit_at, unread.at)
        if entered is not None:
            entered.unread_entry_at = _later(entered.unread_entry_at, unread.at)
            entered.may_be_unread(unread.at)
            self._compare(unread.into_area, unread.at)
        return []

    def refuse(self, passage: Passage) -> list[Conclusion]:
        """The controller itself refused somebody for anti-passback: they stay where they were."""
        area = self._plan.area(passage.into_area)
        if area is None or area.passback is Passback.NONE:
            return []
        here = self._positions.get(passage.who.key)
        missing, step = self._refused(passage, here)
        return [self._violation(passage, area, missing, here, step)]

    def _refused(self, passage: Passage, here: Position | None) -> tuple[str, str]:
        """Which step the controller missed, as far as what was read tells, in a word and in a sentence."""
        into, origin = self._name(passage.into_area), self._name(passage.from_area)
        refused = f"The controller refused the way into {into} for anti-passback"
        if here is None:
            return "unknown", f"{refused}; where they were before is not known"
        if here.area == passage.into_area:
            return "exit", f"Tried to go into {into} again without having left it; the controller refused"
        if here.area == passage.from_area:
            return "unknown", f"{refused}, though by what was read they came from {origin}"
        return "entry", f"{refused}: they had not entered {origin}, and were last read into {self._name(here.area)}"

    def _judge(self, passage: Passage, roles: list[AccessRole]) -> list[Conclusion]:
        here = self._positions.get(passage.who.key)
        if here is None or any(role.is_exempt for role in roles) or here.at > passage.at:
            return []
        into = self._plan.area(passage.into_area)
        if here.area == passage.into_area and into is not None and not into.is_outside:
            if self._came_twice(into, here, passage.at):
                return [self._violation(passage, into, "exit", here)]
        elif here.area != passage.from_area:
            area = self._plan.area(passage.from_area)
            if area is not None and self._cannot_be_in(area, here):
                return [self._violation(passage, area, "entry", here)]
        return []

    def _came_twice(self, area: Area, here: Position, at: datetime) -> bool:
        if area.passback in (Passback.NONE,):
            return False
        if area.passback is Passback.TIMED:
            return at - here.at < timedelta(seconds=area.passback_s)
        left_at = self._states[area.id].unread_exit_at
        return left_at is None or left_at <= here.at

    def _cannot_be_in(self, area: Area, here: Position) -> bool:
        """Whether nobody can have come into the area unread since `here`."""
        if area.passback not in (Passback.SOFT, Passback.HARD):
            return False
        came_at = self._states[area.id].unread_entry_at
        return came_at is None or came_at <= here.at

    def _missed(self, passage: Passage, missing: str) -> str:
        """The step that is missing, in a sentence."""
        into, origin = self._plan.area(passage.into_area), self._name(passage.from_area)
        if missing == "exit":
            return f"Went into {self._name(passage.into_area)} twice without leaving it"
        if into is not None and into.is_outside:
            return f"Left {origin} without having entered it"
        return f"Went into {self._name(passage.into_area)} without having entered {origin}"

    def _violation(
        self, passage: Passage, area: Area, missing: str, here: Position | None, step: str = ""
    ) -> Conclusion:
        rests = (*((here.event_id,) if here is not None else ()), passage.event_id)
        told: dict[str, Json] = {
            **passage.who.data,
            "area_id": area.id,
            "mode": area.passback.value,
            "missing": missing,
        }
        place, reason = ("doors", passage.door_id), step or self._missed(passage, missing)
        return Conclusion("access.passback_violated", passage.at, place, reason, rests, told, "", passage.who.subject)

    def _name(self, area_id: str) -> str:
        area = self._plan.area(area_id)
        return area.name if area is not None else "?"

    def _move(self, passage: Passage) -> None:
        key = passage.who.key
        before = self._positions.pop(key, None)
        if before is not None:
            before.before = None
            if before.at > passage.at:  # heard too late: it is known where they went since
                self._positions[key] = before
                return
            self._take_out(before)
        self._place(Position(passage.who, passage.into_area, passage.at, passage.event_id, passage.door_id, before))
        if len(self._positions) > MAX_PEOPLE:
            self._take_out(self._positions.popitem(last=False)[1])

    def _place(self, position: Position) -> None:
        self._positions[position.who.key] = position
        area, state = self._plan.area(position.area), self._states.get(position.area)
        if area is not None and state is not None and not area.is_outside:
            state.inside[position.who.key] = position
            self._changed.add(position.area)

    def _take_back(self, passage: Passage) -> list[Conclusion]:
        here = self._positions.get(passage.who.key)
        if here is None or here.event_id != passage.event_id:
            return []
        self._drop(passage.who.key)
        if here.before is not None:
            self._place(here.before)
        self._waiting = [w for w in self._waiting if w.passage.event_id != passage.event_id]
        return []

    def _drop(self, key: str) -> None:
        position = self._positions.pop(key, None)
        if position is not None:
            self._take_out(position)

    def _take_out(self, position: Position) -> None:
        """They are no longer in the area."""
        if (state := self._states.get(position.area)) is not None:
            state.inside.pop(position.who.key, None)
            self._changed.add(position.area)

    def _roles(self, who: Who) -> list[AccessRole]:
        holder = self._plan.holder(who.holder_id) if who.holder_id is not None else None
        known = [self._plan.role(one) for one in holder.roles] if holder is not None else []
        return [role for role in known if role is not None]

    # -- first person in, and how many

    def _first_in(self, passage: Passage, roles: list[AccessRole]) -> list[Conclusion]:
        area, state = self._plan.area(passage.into_area), self._states.get(passage.into_area)
        if area is None or state is None or not area.first_in or state.is_begun:
            return []
        if any(role.id in area.first_in for role in roles):
            state.is_begun = True
            return []
        words = " or ".join(area.first_in)
        reason = f"Came into {area.name} before anybody who must be the first there ({words})"
        told: dict[str, Json] = {**passage.who.data, "area_id": area.id}
        place, rests = ("doors", passage.door_id), (passage.event_id,)
        return [Conclusion("access.preceded", passage.at, place, reason, rests, told, "", passage.who.subject)]

    def _count(self, passage: Passage) -> list[Conclusion]:
        for area_id in (passage.from_area, passage.into_area):
            area, state = self._plan.area(area_id), self._states.get(area_id)
            if area is None or state is None or area.max_people is None:
                continue
            people = len(state.inside)
            was, state.is_overfilled = state.is_overfilled, people > area.max_people
            if state.is_overfilled and not was:
                told: dict[str, Json] = {"people": people, "limit": area.max_people}
                reason = f"{people} people are in {area.name}; {area.max_people} may be"
                rests = (passage.event_id,)
                return [Conclusion("area.overfilled", passage.at, ("areas", area.id), reason, rests, told)]
        return []

    # -- escorts

    def _escort(self, passage: Passage, roles: list[AccessRole]) -> list[Conclusion]:
        escorts = any(role.escorts for role in roles)
        if escorts:
            self._escorts.append(passage)
            self._waiting = [w for w in self._waiting if not _together(w.passage, passage)]
        area = self._plan.area(passage.into_area)
        needs = any(role.needs_escort for role in roles) and not escorts
        if needs and area is not None and not area.is_outside and not self._accompanied(passage):
            self._waiting.append(_Unaccompanied(passage, passage.at + timedelta(seconds=ESCORT_S)))
            self._waiting = self._waiting[-1000:]
        return self._left_alone(passage) if escorts else []

    def _accompanied(self, passage: Passage) -> bool:
        return any(_together(passage, escort) for escort in self._escorts if escort.who.key != passage.who.key)

    def _left_alone(self, passage: Passage) -> list[Conclusion]:
        """The last escort has left, and somebody who needs one is still there, and has not just left with them."""
        state = self._states.get(passage.from_area)
        if state is None:
            return []
        there = [(p, self._roles(p.who)) for p in state.inside.values()]
        if any(role.escorts for _, roles in there for role in roles):
            return []
        until = passage.at + timedelta(seconds=ESCORT_S)
        known = {w.passage.who.key for w in self._waiting}
        for position, roles in there:
            if any(role.needs_escort for role in roles) and position.who.key not in known:
                left = Passage(passage.at, passage.door_id, "", passage.from_area, position.who, passage.event_id)
                self._waiting.append(_Unaccompanied(left, until))
        return []

    def _unescorted(self, waiting: _Unaccompanied) -> list[Conclusion]:
        passage = waiting.passage
        here = self._positions.get(passage.who.key)
        if here is None or here.area != passage.into_area:
            return []  # gone again
        if not passage.from_area and any(
            role.escorts for p in self._states[passage.into_area].inside.values() for role in self._roles(p.who)
        ):
            return []
        area = self._plan.area(passage.into_area)
        name = area.name if area is not None else passage.into_area
        reason = (
            f"Needs an escort and went into {name} without one"
            if passage.from_area
            else f"Needs an escort and was left alone in {name}"
        )
        told: dict[str, Json] = {**passage.who.data, "area_id": passage.into_area}
        rests = tuple(dict.fromkeys((here.event_id, passage.event_id)))
        place = ("doors", passage.door_id)
        return [Conclusion("access.unescorted", waiting.until, place, reason, rests, told, "", passage.who.subject)]

    # -- what cameras see

    def see(self, camera_id: str, zone_id: str, subject: str, event_id: str, at: datetime) -> list[Conclusion]:
        """Somebody is in a zone of an area."""
        area_id = self._zones.get((camera_id, zone_id))
        if area_id is None:
            return []
        state, known = self._states[area_id], self._states[area_id].seen.get(subject)
        zones = known.zones if known is not None else {}
        if self._gone[camera_id].is_over(zone_id, subject, at) or at < zones.get(zone_id, at):
            return []  # heard by more too late than events are held back: they are not there any more, or again
        if known is not None and known.at <= at and zones.keys() - {zone_id}:
            zones[zone_id] = at  # in sight all the while: whoever came in since, it is not them
        else:
            is_unread = state.unread_at is not None and at <= state.unread_at + UNREAD_FOR
            state.seen[subject] = _Sighting(at, event_id, is_unread, {**zones, zone_id: at})
        state.seen.move_to_end(subject)
        self._oldest_seen_at = at if self._oldest_seen_at is None else min(at, self._oldest_seen_at)
        while len(state.seen) > MAX_SEEN:
            state.seen.popitem(last=False)
        return self._compare(area_id, at)

    def lose_sight(
        self, camera_id: str, zone_id: str | None, subject: str | None, at: datetime, *, remember: bool = True
    ) -> list[Conclusion]:
        """Somebody has left a zone (or, with None, everybody of this camera is gone from sight).

        Args:
            remember: whether a coming from before `at` that is heard later is over as well. Not for things, which would
                crowd out people, nor where another clock than that of the comings says when it was.
        """
        if remember and camera_id in self._gone:
            self._gone[camera_id].note(zone_id, subject, at)
        for its_zone, area_id in self._zones_of.get(camera_id, ()):
            if zone_id not in (None, its_zone):
                continue
            state = self._states[area_id]
            if subject is None:
                state.break_off(at)
            candidates = list(state.seen) if subject is None else [subject] if subject in state.seen else []
            for one in [s for s in candidates if s.startswith(f"tracks/{camera_id}-")]:
                if state.seen[one].leave(its_zone, at) and state.seen.pop(one).is_unread:
                    state.unread_at = _later(state.unread_at, at)
            self._compare(area_id, at)
        return []

    def _compare(self, area_id: str, at: datetime) -> list[Conclusion]:
        self._forget_long_seen(at)
        self._changed.discard(area_id)
        state = self._states[area_id]
        area = self._plan.area(area_id)
        is_open_to_all = area is not None and area.is_outside  # nobody is counted there
        if is_open_to_all or not state.has_more_than_badged():
            state.more_since, state.is_disagreed = None, False
            self._doubtful.pop(area_id, None)
            return []
        state.resume(at)
        state.more_since = state.more_since or at
        if not state.is_disagreed:
            self._doubtful[area_id] = state.more_since + timedelta(seconds=state.tells_s())
        return []

    def _forget_long_seen(self, at: datetime) -> None:
        """Whoever has been in sight for longer than anybody stays."""
        if self._oldest_seen_at is None or self._oldest_seen_at + SEEN_FOR > at:
            return
        for area_id, state in self._states.items():
            for subject, one in list(state.seen.items()):
                for zone_id in [zone_id for zone_id, came_at in one.zones.items() if came_at + SEEN_FOR <= at]:
                    if one.leave(zone_id, at):
                        del state.seen[subject]
                        self._changed.add(area_id)
        left = (c for state in self._states.values() for one in state.seen.values() for c in one.zones.values())
        self._oldest_seen_at = min(left, default=None)

    # -- time

    def due_at(self) -> datetime | None:
        """When `tick` has something to do next, but for the hour of forgiveness."""
        moments = [w.until for w in self._waiting]
        return min([*moments, *self._doubtful.values()], default=None)

    def tick(self, at: datetime) -> list[Conclusion]:
        """It is `at`: forgive, and tell what has waited long enough."""
        found: list[Conclusion] = []
        ready = [w for w in self._waiting if w.until <= at]
        self._waiting = [w for w in self._waiting if w.until > at]
        for waiting in ready:
            found += self._unescorted(waiting)
        for area_id in self._to_look_at(at):
            self._compare(area_id, at)
            state = self._states[area_id]
            if state.more_since is None or state.is_disagreed:
                continue
            due = state.more_since + timedelta(seconds=state.tells_s())
            if due <= at:
                found.append(self._disagreed(area_id, state, due))
        self.forgive(at)
        return found

    def _to_look_at(self, at: datetime) -> list[str]:
        """The areas in which something changed or is due, in the order of the site file: of a thousand, a few."""
        self._forget_long_seen(at)
        due = {area_id for area_id, until in self._doubtful.items() if until <= at}
        return sorted(self._changed | due, key=self._nth.__getitem__)

    def _disagreed(self, area_id: str, state: _AreaState, at: datetime) -> Conclusion:
        state.is_disagreed = True
        self._doubtful.pop(area_id, None)
        area = self._plan.area(area_id)
        strangers = state.strangers()
        seen, badged = len(strangers), len(state.inside)
        reason = f"Cameras see {seen} in {area.name if area else area_id}; by their badges {badged} are there"
        told: dict[str, Json] = {"seen": seen, "badged": badged}
        rests = tuple(one.event_id for one in strangers)
        return Conclusion("area.disagreed", at, ("areas", area_id), reason, rests, told)

    def forgive(self, at: datetime) -> None:
        """Forget who is in, once a day, in every area whose hour has come."""
        if self._forgive_next is not None and at < self._forgive_next:
            return
        self._forgive_next = self._next_hour(at)
        for area in self._plan.areas:
            if area.forgive_at is None:
                continue
            state, day = self._states[area.id], self._day(at, area.forgive_at)
            if state.forgiven_on is None:
                state.forgiven_on = day
            elif day > state.forgiven_on:
                state.forgiven_on, state.is_begun, state.is_overfilled = day, False, False
                if state.inside or state.seen:  # somebody is there, and from now on nobody knows who
                    state.may_be_unread(at)
                for key in list(state.inside):
                    self._drop(key)
                self._changed.add(area.id)
                for one in state.seen.values():
                    one.is_unread = True

    def _next_hour(self, at: datetime) -> datetime:
        """The next instant at which some area forgives."""
        local = at.astimezone(self._zone)
        hours = {area.forgive_at for area in self._plan.areas if area.forgive_at is not None}
        days = [local.date() + timedelta(days=n) for n in (0, 1)]
        moments = [datetime.combine(day, hour, self._zone).astimezone(UTC) for day in days for hour in hours]
        return min((m for m in moments if m > at), default=at + timedelta(days=1))

    def _day(self, at: datetime, begins: time) -> date:
        """The day that `at` belongs to when days begin at this local time."""
        local = at.astimezone(self._zone)
        return local.date() if local.time().replace(tzinfo=None) >= begins else local.date() - timedelta(days=1)


def _together(one: Passage, other: Passage) -> bool:
    same_way = (one.door_id, one.into_area) == (other.door_id, other.into_area)
    return same_way and abs((one.at - other.at).total_seconds()) <= ESCORT_S


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
