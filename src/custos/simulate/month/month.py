"""Puts the month together: ordinary days, everything devices tell in vain, and the script among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from custos.model.event import Event
from custos.simulate.month.background import Background
from custos.simulate.month.incidents import Cast, Script
from custos.simulate.month.movements import (
    Passage,
    Stay,
    Walked,
    bag_passages,
    bags_of,
    day_of,
    deliveries,
    local,
    visitors,
)
from custos.simulate.month.openings import Doors
from custos.simulate.month.people import Person, people
from custos.simulate.month.premises import DOORS
from custos.simulate.month.sight import Cameras
from custos.simulate.month.sitefile import duress_holder
from custos.simulate.month.telling import Recorder, Telling, Truth

RAW_ALARMS = frozenset(
    {
        "access.coerced",
        "access.denied",
        "camera.covered",
        "door.alarmed",
        "motion.started",
        "panel.alarmed",
        "pos.opened",
        "pos.refunded",
        "pos.voided",
        "vehicle.stopped",
        "object.left",
        "zone.loitered",
    }
)
"""What rings in a control room that has the devices and nothing that joins them."""


def is_raw_alarm(event: Event) -> bool:
    """Whether a device by itself would ring for this."""
    return event.type in RAW_ALARMS and event.data.get("alarm") != "Normal"


NEEDS_NOBODY = frozenset({"forced-door", "forced-door-unseen", "intruder-without-badge"})
"""Kinds that happen on days on which nobody works, too."""
FIRST_DAY = date(2026, 3, 2)
"""A Monday; the clocks change in the fourth week."""


@dataclass(frozen=True, slots=True)
class MonthRequest:
    """What to make.

    Args:
        days: 1..366. seed: the same seed makes the same month.
        first_day: local date of the first day.
    """

    days: int = 28
    seed: int = 1
    first_day: date = FIRST_DAY

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 366:
            raise ValueError(f"days must lie in 1..366, got {self.days}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")


@dataclass(frozen=True, slots=True)
class Month:
    """What was told, in the order in which it was heard, what was true, and who was there."""

    request: MonthRequest
    tellings: list[Telling]
    truth: list[Truth]
    people: list[Person]

    def false_share(self) -> float:
        """The share of raw device alarms that belong to no incident of the script."""
        raw = [t for t in self.tellings if is_raw_alarm(t.event)]
        return sum(t.incident is None for t in raw) / len(raw) if raw else 1.0


Progress = Callable[[int, int], None]
"""Hears how many of how many steps are done."""


def simulate_month(request: MonthRequest, progress: Progress = lambda done, total: None) -> Month:
    """The month of these days and this seed."""
    recorder = Recorder(request.seed)
    cameras = Cameras(recorder, request.seed)
    doors = Doors(recorder, cameras, request.seed)
    background = Background(recorder, cameras, doors, request.seed)
    everybody = people(request.seed)
    script = Script(recorder, cameras, doors, background, request.seed, duress_holder(everybody))
    days = [request.first_day + timedelta(days=n) for n in range(request.days)]
    _cut_lines(recorder, days, request.seed)
    present: dict[date, _Day] = {}
    for day in days:
        present[day] = _ordinary_day(day, everybody, request.seed)
        progress(len(present), 4 * len(days))
    _stage(script, days, present, request.seed)
    passages = [p for there in present.values() for p in there.passages]
    doors.play([*passages, *script.passages])
    scripted: dict[date, list[Passage]] = {}
    for passage in script.passages:
        scripted.setdefault(passage.at.date(), []).append(passage)
    for n, day in enumerate(days):
        progress(3 * len(days) + n, 4 * len(days))
        for stay in present[day].stays:
            cameras.stay(stay)
        background.day(day, present[day].workers, present[day].passages + scripted.get(day, []))
    cameras.settle()
    told = sorted(recorder.tellings, key=lambda t: (t.heard_at, t.event.id))
    truth = sorted(recorder.truths.values(), key=lambda t: (t.start_at, t.number))
    return Month(request, told, truth, everybody)


@dataclass(frozen=True, slots=True)
class _Day:
    workers: list[Person]
    passages: list[Passage]
    stays: list[Stay]


def _ordinary_day(day: date, everybody: list[Person], seed: int) -> _Day:
    walked: list[Walked] = []
    workers: list[Person] = []
    free_people: list[Person] = []
    for person in everybody:
        went = day_of(person, day, Random(f"{seed}/{person.id}/{day}"))
        (workers if went.passages else free_people).append(person)
        walked.append(went)
    rng = Random(f"{seed}/guests/{day}")
    walked += visitors(day, free_people, rng)
    passages = [p for w in walked for p in w.passages]
    passages += [p for at, fetched_after_s in bags_of(day, seed) for p in bag_passages(at, fetched_after_s)]
    return _Day(workers, [*passages, *deliveries(day, rng)], [s for w in walked for s in w.stays])


def _stage(script: Script, days: list[date], present: dict[date, _Day], seed: int) -> None:
    """Each kind two to four times in a month, on days on which the people it needs are there."""
    rng = Random(f"{seed}/script")
    working = [day for day in days if day.weekday() < 5] or days
    for name, play in script.kinds.items():
        times = max(1, round(rng.randint(2, 4) * len(days) / 28))
        for day in sorted(rng.sample(working, min(times, len(working)))):
            cast = Cast(day, present[day].workers, present[day].passages)
            has_everybody = {"office", "shop", "warehouse", "manager"} <= {p.work.role for p in cast.workers}
            if has_everybody or name in NEEDS_NOBODY:
                play(cast)


def _cut_lines(recorder: Recorder, days: list[date], seed: int) -> None:
    """Now and then the line to a door's controller is down for minutes."""
    rng = Random(f"{seed}/lines")
    for day in days:
        if rng.random() < 0.15:
            since = local(day, rng.uniform(0, 23))
            until = since + timedelta(minutes=rng.uniform(3, 25))
            recorder.cut_off(f"doors/{rng.choice(DOORS).id}", since, until)
