"""Who is where by their credentials, and who of them is likely to have left: `Whereabouts.hear(event)`.

    (unknown) --a: access.passed--> (in an area) --a--> (in another)
    (in an area) --b: somebody leaves by a way that asks for no credential--> (left) --a, c--> (in an area)

(a) says who. (b) does not: somebody went outside, and readers know nothing of it. It counts where it was seen or told:
a camera counted somebody out over the door's threshold, or, at a door whose threshold no camera sees, somebody inside
asked for it, it opened, and nobody was let in by it. Whoever went is taken to be the least missed: first somebody who
had come in without a credential, then who may not be there now, then who has hours there, then who came first. A camera
that sees somebody come in by such a way takes back the last that had left by the same door within RETURN (c), unless
that door was forced: then they are a stranger. So a crossing that is missed leaves people inside, where they explain
too much, and never makes one who may be there a stranger.

A camera that is moved tells so seconds later, and what it shows meanwhile moves through its lines: who was taken to go
or come by these is put back.

What nobody saw ends by itself: after LONGEST_STAY, and for those with hours LINGER after these are over.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from custos.model.access import AccessPlan, Door, Holder
from custos.model.calibration import Moves, begun
from custos.model.event import Event
from custos.model.site import Site

LONGEST_STAY = timedelta(hours=12)
"""What a credential was used for longer ago says nothing of who is there."""
LINGER = timedelta(hours=4)
"""Whose hours are over, or who was let in outside them, still explains somebody for so long."""
LINGER_STEP = timedelta(hours=1)
RETURN = timedelta(hours=1)
"""Who comes in without a credential so soon after somebody left without one, by the same door, is the one who left."""
ONE_PASSAGE = timedelta(seconds=30)
"""A credential, or the forcing of a door, and the crossing that belongs to it are no further apart."""
LET_IN = timedelta(seconds=10)
"""A door that somebody was let in by so soon before or after was not opened in order to leave."""
REQUEST_LASTS = timedelta(seconds=2)
"""A door may open so long after its release is over."""
ON_THE_WAY = timedelta(minutes=1)
"""Who left may have been seen so long afterwards, by clocks that differ, or by who asks what was seen just before."""
MAX_BADGED = 20_000
MAX_STEPS = 8
"""Remembered of one person."""
MAX_OF_DOOR = 200
MAX_CROSSED = 500
"""Crossings that can be taken back."""
BADGE_TYPES = ("access.passed",)
LEAVING_TYPES = ("line.crossed", "exit.requested", "door.opened", "door.forced", "camera.moved")
"""What says that somebody left without a credential, and came in without one; or that nobody did."""


@dataclass(slots=True)
class _Left:
    """Somebody went outside without a credential, and who that is taken to be. `subject`: what was seen to go."""

    at: datetime
    who: str
    subject: str


@dataclass(slots=True)
class _Came:
    """Somebody came in without a credential. `left`: whom they are taken to be; None for a stranger. `read_at`: when a
    badge said who it was after all."""

    at: datetime
    into: str
    subject: str
    left: _Left | None
    read_at: datetime | None = None


@dataclass(slots=True)
class _Crossed:
    """A crossing, and what takes back what was made of it."""

    at: datetime
    camera_id: str
    undo: Callable[[], None]


class _DoorLog:
    """What was heard at one door that leads outside, as far as it is still to be paired. Bounded."""

    def __init__(self) -> None:
        self.passes: deque[datetime] = deque(maxlen=MAX_OF_DOOR)
        self.came: deque[_Came] = deque(maxlen=MAX_OF_DOOR)
        self.asked: deque[datetime] = deque(maxlen=MAX_OF_DOOR)
        self.let_in: deque[datetime] = deque(maxlen=MAX_OF_DOOR)
        self.forced: deque[datetime] = deque(maxlen=MAX_OF_DOOR)
        self.left: deque[_Left] = deque(maxlen=MAX_OF_DOOR)


class Whereabouts:
    """Where the holders of credentials are. Bounded."""

    def __init__(self, site: Site) -> None:
        self._plan = site.access
        self._steps: OrderedDict[str, list[tuple[datetime, str]]] = OrderedDict()
        self._went: dict[str, Counter[str]] = {}
        """Of each area who went there, and how often, by the remembered steps: of thousands on a site few matter."""
        self._left: dict[str, list[datetime]] = {}
        self._doors = {d.id: d for d in self._plan.doors if _inside_of(d, self._plan) and not _reads_out(d, self._plan)}
        self._doors_of = {a.id: [d for d in self._plan.doors if a.id in d.areas] for a in self._plan.areas}
        self._logs = {door_id: _DoorLog() for door_id in self._doors}
        self._by_line = {
            (d.threshold.camera_id, d.threshold.line_id): d for d in self._doors.values() if d.threshold is not None
        }
        self._moves = Moves()
        self._crossed: deque[_Crossed] = deque(maxlen=MAX_CROSSED)
        self.reached_from = unread_into(site)

    @property
    def types(self) -> tuple[str, ...]:
        """The types of events it follows from, at this site."""
        return (*BADGE_TYPES, *(LEAVING_TYPES if self._doors else ()))

    def hear(self, event: Event) -> None:
        """Note that somebody went somewhere."""
        if event.type == "access.passed":
            self._pass(event)
        elif event.type == "line.crossed":
            door = self._by_line.get((event.camera_id or "", str(event.data.get("line_id"))))
            if door is not None:
                self._cross(event, door)
        elif event.type == "camera.moved":
            self._move(event)
        elif event.type == "exit.requested" and event.door_id in self._logs:
            self._logs[event.door_id].asked.append(event.at)
        elif event.type == "door.opened" and event.door_id in self._logs:
            self._open(event, self._doors[event.door_id])
        elif event.type == "door.forced" and event.door_id in self._logs:
            self._force(event.at, self._logs[event.door_id])

    def inside(self, area_id: str, at: datetime) -> int:
        """How many went in there last by their credentials, not too long ago."""
        return sum(1 for _ in self.badged(at, (area_id,)))

    def badged(self, at: datetime, areas: Collection[str] | None = None) -> Iterator[tuple[str, str, datetime]]:
        """Of everybody whose credential was used, not too long before `at`: who, where they went last, and when.

        Args:
            areas: only those who went last to one of them.
        """
        for who in self._steps if areas is None else {who for area in areas for who in self._went.get(area, ())}:
            last = next((step for step in reversed(self._steps[who]) if step[0] <= at), None)
            if last is not None and at - last[0] <= LONGEST_STAY and (areas is None or last[1] in areas):
                yield who, last[1], last[0]

    def there(self, at: datetime, areas: Collection[str] | None = None) -> Iterator[tuple[str, str, datetime]]:
        """The same, without those who are taken to have left since."""
        for who, area, came_at in self.badged(at, areas):
            if not any(came_at < left_at <= at - ON_THE_WAY for left_at in self._left.get(who, ())):
                yield who, area, came_at

    def may(self, holder: Holder, area_id: str, at: datetime) -> bool:
        """Whether the plan lets this holder into the area at `at`, by any of its doors."""
        return any(self._plan.permits(holder, door, area_id, at) for door in self._doors_of.get(area_id, ()))

    def explains(self, who: str, area_id: str, came_at: datetime, at: datetime) -> bool:
        """Whether who went into an area at `came_at` still is a reason for somebody to be there: who has no hours there
        for as long as they may be there; others until LINGER after their hours, or after they were let in."""
        holder = self._plan.holder(who)
        if holder is None or at - came_at <= LINGER:
            return True
        steps = range(int(LINGER / LINGER_STEP) + 1)
        return any(self.may(holder, area_id, at - n * LINGER_STEP) for n in steps)

    # -- what it hears

    def _pass(self, event: Event) -> None:
        into = event.data.get("into_area")
        if not isinstance(into, str):
            return
        who = str(event.data.get("holder_id") or event.data.get("credential"))
        steps = self._steps.setdefault(who, [])
        if (event.at, into) in steps:
            return
        insort(steps, (event.at, into))
        self._went.setdefault(into, Counter())[who] += 1
        self._unlearn(who, steps[:-MAX_STEPS])
        del steps[:-MAX_STEPS]
        self._steps.move_to_end(who)
        while len(self._steps) > MAX_BADGED:
            longest_ago, forgotten = self._steps.popitem(last=False)
            self._unlearn(longest_ago, forgotten)
            self._left.pop(longest_ago, None)
        log, door = self._logs.get(event.door_id or ""), self._doors.get(event.door_id or "")
        if log is None or door is None or into != _inside_of(door, self._plan):
            return
        log.let_in.append(event.at)
        for left in [one for one in log.left if door.threshold is None and abs(one.at - event.at) <= LET_IN]:
            self._take_back(left)
            log.left.remove(left)
        self._read(log, event.at)

    def _unlearn(self, who: str, steps: Iterable[tuple[datetime, str]]) -> None:
        for _, area_id in steps:
            went = self._went[area_id]
            went[who] -= 1
            if not went[who]:
                del went[who]

    def _read(self, log: _DoorLog, at: datetime) -> None:
        """A badge says who came in just before; or who will be seen to."""
        unread = next((c for c in reversed(log.came) if abs(c.at - at) <= ONE_PASSAGE), None)
        if unread is None:
            log.passes.append(at)
            return
        log.came.remove(unread)  # it was this credential's holder
        unread.read_at = at
        if unread.left is not None:
            self._go(log, unread.left)

    def _cross(self, event: Event, door: Door) -> None:
        direction, threshold = event.data.get("direction"), door.threshold
        if threshold is None or direction not in ("left", "right") or not _is_surely_somebody(event):
            return
        if self._moves.hold(threshold.camera_id, event.at):
            return
        log, subject, inside = self._logs[door.id], event.subject or event.id, _inside_of(door, self._plan)
        is_inward = (door.areas[1] if direction == threshold.inward else door.areas[0]) == inside
        undo = (self._come if is_inward else self._go_out)(log, inside, event.at, subject)
        if undo is not None:
            self._crossed.append(_Crossed(event.at, threshold.camera_id, undo))

    def _come(self, log: _DoorLog, inside: str, at: datetime, subject: str) -> Callable[[], None] | None:
        """Somebody came in over the threshold; what takes that back, None when there is nothing to."""
        read = next((passed_at for passed_at in log.passes if abs(passed_at - at) <= ONE_PASSAGE), None)
        if read is not None:
            log.passes.remove(read)
            return lambda: log.passes.append(read)
        if any(c.subject == subject and c.at == at for c in log.came):
            return None
        came = _Came(at, inside, subject, None if _is_forced(log, at) else self._returned(log, at))
        log.came.append(came)
        return lambda: self._uncome(log, came)

    def _go_out(self, log: _DoorLog, inside: str, at: datetime, subject: str) -> Callable[[], None] | None:
        """Somebody went out over the threshold; as `_come`."""
        if any(left.subject == subject and left.at == at for left in log.left):
            return None  # heard already
        turned = next((c for c in log.came if c.subject == subject and c.at <= at), None)
        if turned is not None:  # looked in, and went again
            self._uncome(log, turned)
            return lambda: self._come_back(log, turned)
        stranger = self._stranger_leaves(inside, at)
        if stranger is not None:
            of_door, came = stranger
            return lambda: self._come_back(of_door, came)
        gone = self._leave(log, inside, at, subject)
        return None if gone is None else lambda: self._stay(log, gone)

    def _move(self, event: Event) -> None:
        """What crossed since the camera began to be moved was the picture: the newest is taken back first."""
        self._moves.hear(event)
        void = [c for c in self._crossed if c.camera_id == event.camera_id and begun(event) <= c.at <= event.at]
        for crossed in reversed(void):
            self._crossed.remove(crossed)
            crossed.undo()

    def _uncome(self, log: _DoorLog, came: _Came) -> None:
        """They are not inside, or not any more. Where a badge has said meanwhile who it was, its holder is yet to be
        seen."""
        if came in log.came:
            log.came.remove(came)
            if came.left is not None:
                self._go(log, came.left)
        elif came.read_at is not None:
            self._read(log, came.read_at)
            came.read_at = None

    def _come_back(self, log: _DoorLog, came: _Came) -> None:
        """Who came did not go again after all. A badge that was read meanwhile may say who it was, and a door that was
        forced meanwhile who it was not."""
        log.came.append(came)
        if came.left is not None and _is_forced(log, came.at):
            came.left = None
        if came.left is not None:
            self._stay(log, came.left)
        read_at = next((at for at in log.passes if abs(at - came.at) <= ONE_PASSAGE), None)
        if read_at is not None:
            log.passes.remove(read_at)
            self._read(log, read_at)

    def _stay(self, log: _DoorLog, left: _Left) -> None:
        """Who was taken to have left has not, unless they are back anyway."""
        if left in log.left:
            log.left.remove(left)
            self._take_back(left)

    def _open(self, event: Event, door: Door) -> None:
        """At a door whose threshold no camera sees."""
        log, allowed = self._logs[door.id], timedelta(seconds=door.release_time_s) + REQUEST_LASTS
        if door.threshold is not None or any(left.at == event.at for left in log.left):
            return
        asked = next((at for at in reversed(log.asked) if timedelta() <= event.at - at <= allowed), None)
        if asked is None or any(abs(at - event.at) <= LET_IN for at in log.let_in):
            return
        log.asked.remove(asked)  # a contact that bounces opens once
        self._leave(log, _inside_of(door, self._plan), event.at, event.id, is_sure=False)

    def _force(self, at: datetime, log: _DoorLog) -> None:
        """Whoever comes by a door that was forced is not who left by it. That it was is often told after they came."""
        log.forced.append(at)
        for came in log.came:
            if came.left is not None and abs(came.at - at) <= ONE_PASSAGE:
                self._go(log, came.left)
                came.left = None

    # -- who it is taken to be

    def _leave(self, log: _DoorLog, inside: str, at: datetime, subject: str, *, is_sure: bool = True) -> _Left | None:
        """Somebody of those who may be there left: whoever it is taken to be. Who only opened a door may have stayed:
        that counts for those whose hours are over, and for nobody who may be there."""
        reach = self.reached_from.get(inside, frozenset())
        near = [
            (self._claim(who, area, at), came_at, who)
            for who, area, came_at in self.there(at + ON_THE_WAY, reach)
            if came_at < at
        ]
        claim, _, who = min(near, default=(0, at, ""))
        if not who or (claim and not is_sure):
            return None
        left = _Left(at, who, subject)
        self._go(log, left)
        return left

    def _claim(self, who: str, area_id: str, at: datetime) -> int:
        """How well it is explained that who is in an area stays there: 0 who may not be there now, 1 who may in certain
        hours, 2 who always may."""
        holder = self._plan.holder(who)
        if holder is None or not self.may(holder, area_id, at):
            return 0
        has_hours = not any(
            may.schedule is None and (area_id in may.areas or any(area_id in d.areas for d in self._of(may.doors)))
            for role in (self._plan.role(one) for one in holder.roles)
            if role is not None
            for may in role.may
        )
        return 1 if has_hours else 2

    def _of(self, door_ids: Iterable[str]) -> list[Door]:
        return [door for one in door_ids if (door := self._plan.door(one)) is not None]

    def _stranger_leaves(self, inside: str, at: datetime) -> tuple[_DoorLog, _Came] | None:
        """Who came in without a credential and may be the one who leaves, with the door they came by; they are gone
        then. None where nobody is."""
        reach = self.reached_from.get(inside, frozenset())
        for log in self._logs.values():
            for came in log.came:
                if came.left is None and came.into in reach and timedelta() <= at - came.at <= LONGEST_STAY:
                    log.came.remove(came)
                    return log, came
        return None

    def _returned(self, log: _DoorLog, at: datetime) -> _Left | None:
        """The last who left by this door without a credential, not too long ago: they are back."""
        recent = [one for one in log.left if one.at <= at <= one.at + RETURN]
        if not recent:
            return None
        left = max(recent, key=lambda one: one.at)
        log.left.remove(left)
        self._take_back(left)
        return left

    def _go(self, log: _DoorLog, left: _Left) -> None:
        """Take it that they left, now or, after all, then."""
        log.left.append(left)
        insort(self._left.setdefault(left.who, []), left.at)
        del self._left[left.who][:-MAX_STEPS]

    def _take_back(self, left: _Left) -> None:
        if left.at in (known := self._left.get(left.who, [])):
            known.remove(left.at)


def _is_forced(log: _DoorLog, at: datetime) -> bool:
    """Whether the door was forced about when somebody came by it."""
    return any(abs(forced_at - at) <= ONE_PASSAGE for forced_at in log.forced)


def _is_surely_somebody(event: Event) -> bool:
    """A vehicle at a gate is nobody, and lines of a camera that was moved lie elsewhere."""
    return event.data.get("class", "person") == "person" and not event.data.get("doubtful", False)


def _inside_of(door: Door, plan: AccessPlan) -> str:
    """The side of a door to the outside that is not; "" of other doors."""
    outside = [one for one in door.areas if (area := plan.area(one)) is not None and area.is_outside]
    return door.other_side(outside[0]) if len(outside) == 1 else ""


def _reads_out(door: Door, plan: AccessPlan) -> bool:
    return door.has_reader_into(door.other_side(_inside_of(door, plan)))


def unread_into(site: Site) -> dict[str, frozenset[str]]:
    """By area: itself, and all from which it is reached without a reader; none that is outside."""
    inside = {area.id for area in site.access.areas if not area.is_outside}
    found: dict[str, frozenset[str]] = {}
    for area_id in inside:
        reached, open_ends = {area_id}, [area_id]
        while open_ends:
            into = open_ends.pop()
            for door in site.access.doors:
                origin = door.other_side(into) if into in door.areas else ""
                if origin in inside - reached and not door.has_reader_into(into):
                    reached.add(origin)
                    open_ends.append(origin)
        found[area_id] = frozenset(reached)
    return found
