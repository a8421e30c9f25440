"""An ordinary day: who goes through which door when, and why.

day_of(person, day, rng) -> list[Passage]; visitors(...), deliveries(...)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from custos.simulate.month.people import Person, visitor_badge
from custos.simulate.month.premises import DOOR, OUTSIDE, TIME_ZONE, WALK_MPS, distance_m, takes_credential, way

ZONE = ZoneInfo(TIME_ZONE)
LUNCH_H = 12.1
LEFT_A_MOMENT = 0.2
"""Days on which somebody leaves their things in the lobby for some minutes."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody at a door.

    Args:
        at: when they are at it.
        how: "badge", "handle" (from inside, told by the door's exit sensor), "free" (in the hours in which the door is
            unlocked for everybody), "open" (through a door that somebody else has opened), "force".
        goes: False for one who was let in and did not go.
        hold_s: how much longer than usual the door is kept open.
        seen: whether a camera there may see them at all.
        incident: number of the scripted incident.
    """

    at: datetime
    door_id: str
    into: str
    how: str
    holder_id: str | None = None
    credential: str | None = None
    goes: bool = True
    hold_s: float = 0.0
    seen: bool = True
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody in an area that a camera watches; `holder_id` None for one without a badge."""

    area_id: str
    since: datetime
    until: datetime
    incident: int | None = None


@dataclass(slots=True)
class Walked:
    """What came of somebody's day."""

    passages: list[Passage]
    stays: list[Stay]


def local(day: date, hours: float) -> datetime:
    """So many hours after midnight of the day, local time; past 24 in the next days."""
    whole, seconds = divmod(hours * 3600, 86_400)
    naive = datetime.combine(day, datetime.min.time()) + timedelta(days=int(whole), seconds=round(seconds, 3))
    return naive.replace(tzinfo=ZONE)


class Walker:
    """Somebody on the way through the house.

    Args:
        holder_id, credential: of the badge in the hand; None for one who has none.
    """

    def __init__(self, rng: Random, holder_id: str | None, credential: str | None, incident: int | None = None) -> None:
        self._rng = rng
        self._holder_id, self._credential, self._incident = holder_id, credential, incident
        self.area = OUTSIDE
        self._entered_at: datetime | None = None
        self.walked = Walked([], [])

    def go(self, to: str, at: datetime, *, how: str = "") -> datetime:
        """Walk to an area, from `at` on; when they are there."""
        before: str | None = None
        for door_id, into in way(self.area, to) if to != self.area else ():
            if before is not None:
                at += timedelta(seconds=distance_m(before, door_id) / WALK_MPS * self._rng.uniform(0.9, 1.4))
            self.through(door_id, into, at, how=how)
            at += timedelta(seconds=self._rng.uniform(2.5, 4.5))
            before = door_id
        return at

    def through(self, door_id: str, into: str, at: datetime, *, how: str = "", hold_s: float = 0.0) -> None:
        """One door."""
        needs = takes_credential(DOOR[door_id], into)
        how = how or ("badge" if needs else "handle")
        self.walked.passages.append(
            Passage(
                at, door_id, into, how, self._holder_id, self._credential if how == "badge" else None,
                hold_s=hold_s, incident=self._incident,
            )
        )  # fmt: skip
        if self._entered_at is not None:
            self.walked.stays.append(Stay(self.area, self._entered_at, at, self._incident))
        self.area = into
        self._entered_at = None if into == OUTSIDE else at + timedelta(seconds=self._rng.uniform(2, 4))


def day_of(person: Person, day: date, rng: Random) -> Walked:
    """What this person does on that day; nothing on most days off."""
    work = person.work
    if day.weekday() not in work.days or rng.random() > work.presence:
        return Walked([], [])
    start_h = person.shift[0] + person.early_h + rng.gauss(0, person.steady_h)
    end_h = person.shift[1] + 0.5 * person.early_h + rng.gauss(0, 1.6 * person.steady_h)
    if work.role in ("it", "manager", "lab") and rng.random() < 0.06:  # entitled to be late, and now and then is
        end_h += rng.uniform(1.5, 5.0)
    walker = Walker(rng, person.id, person.credential)
    at = walker.go(work.place, local(day, start_h))
    for leave_h, to, away_h in _trips(person, start_h, end_h, rng):
        leave_at = max(local(day, leave_h), at + timedelta(minutes=2))
        if leave_at >= local(day, end_h - 0.2):
            break
        at = walker.go(to, leave_at)
        at = walker.go(work.place, at + timedelta(hours=away_h))
    walker.go(OUTSIDE, max(local(day, end_h), at + timedelta(minutes=2)))
    return walker.walked


def _trips(person: Person, start_h: float, end_h: float, rng: Random) -> list[tuple[float, str, float]]:
    """(when, where to, for how long), in order."""
    work = person.work
    trips: list[tuple[float, str, float]] = []
    if work.has_lunch and start_h < 11:
        to = "canteen" if rng.random() < 0.7 else OUTSIDE
        trips.append((LUNCH_H + rng.gauss(0, 0.35), to, rng.uniform(0.4, 0.8)))
    count = min(8, int(rng.expovariate(1 / work.trips))) if work.trips else 0
    trips += [
        (rng.uniform(start_h + 0.5, end_h - 0.5), rng.choice(work.rounds), rng.uniform(0.05, 0.4)) for _ in range(count)
    ]
    trips += [
        (hour + rng.gauss(0, 0.2), OUTSIDE, rng.uniform(0.1, 0.2))
        for hour in (10.0, 15.2)
        if person.smokes and start_h < hour < end_h - 0.5 and rng.random() < 0.8
    ]
    return sorted(trips)


def visitors(day: date, free_people: list[Person], rng: Random) -> list[Walked]:
    """People with a lent badge who are fetched in the lobby and taken back to it; their hosts have no other errand that
    day, so that everybody is in one place at a time."""
    if day.weekday() > 4:
        return []
    hosts = [p for p in free_people if p.work.role in ("office", "lab", "manager")]
    rng.shuffle(hosts)
    found: list[Walked] = []
    for badge, host in zip(range(1, 1 + min(6, int(rng.expovariate(1 / 2.5)))), hosts, strict=False):
        came_at = local(day, rng.uniform(9.0, 15.0))
        left_at = came_at + timedelta(hours=rng.uniform(0.5, 2.0))
        found += _visit(host, visitor_badge(badge), came_at, left_at, rng)
    return found


def _visit(host: Person, badge: tuple[str, str], came_at: datetime, left_at: datetime, rng: Random) -> list[Walked]:
    """The host goes ahead with a badge, the visitor follows a moment later with the lent one."""
    ahead, behind = Walker(rng, host.id, host.credential), Walker(rng, *badge)
    ahead.go("lobby", came_at - timedelta(minutes=4))
    behind.through("front", "lobby", came_at - timedelta(minutes=rng.uniform(1, 3)), how="free")
    inside = "lab" if host.work.place == "lab" else "office-1"
    lag = timedelta(seconds=rng.uniform(1.5, 3.5))
    for start, end, at in (("lobby", inside, came_at), (inside, "lobby", left_at)):
        for door_id, into in way(start, end):
            ahead.through(door_id, into, at)
            behind.through(door_id, into, at + lag)
            at += timedelta(seconds=rng.uniform(10, 20))
    away_at = left_at + timedelta(minutes=2)
    behind.through("front", OUTSIDE, away_at, how="free")
    ahead.through("front", OUTSIDE, away_at + timedelta(minutes=1), how="free")
    return [ahead.walked, behind.walked]


def bags_of(day: date, seed: int) -> list[tuple[datetime, float]]:
    """When somebody puts their things down in the lobby and goes, and how long after it was told they fetch them."""
    rng = Random(f"{seed}/bags/{day}")
    if day.weekday() > 4 or rng.random() >= LEFT_A_MOMENT:
        return []
    return [(local(day, rng.uniform(9, 17)), rng.uniform(15, 600))]


def bag_passages(at: datetime, fetched_after_s: float | None, incident: int | None = None) -> list[Passage]:
    """Whoever leaves a bag in the lobby comes and goes by the front door, and again to fetch it."""
    steps = [(-15.0, "lobby"), (42.0, OUTSIDE)]
    if fetched_after_s is not None:
        steps += [(80.0 + fetched_after_s, "lobby"), (110.0 + fetched_after_s, OUTSIDE)]
    return [Passage(at + timedelta(seconds=s), "front", into, "free", incident=incident) for s, into in steps]


def deliveries(day: date, rng: Random) -> list[Passage]:
    """Gates of the dock that stand open while goods come in, opened by somebody of the warehouse."""
    if day.weekday() > 4:
        return []
    found = []
    for _ in range(rng.randint(3, 6)):
        at = local(day, rng.uniform(7, 17))
        gate = rng.choice(("dock-1", "dock-2"))
        found.append(Passage(at, gate, OUTSIDE, "handle", hold_s=rng.uniform(240, 780)))
    return found
