"""Who works there: two hundred holders with roles, shifts and habits.

people(seed) -> list[Person]
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_GIVEN = (
    "Ada Amir Anna Boris Carla Chen Dario Elif Emma Femi Fatima Goran Greta Hana Hugo Ines Ivan Jana Jonas "
    "Kemal Lara Leo Lina Marco Maya Milan Nadia Nils Olga Omar Paula Pavel Rita Samir Sara Tariq Tom Uma Vera "
    "Yara"
)
_FAMILY = (
    "Abt Baumann Costa Demir Egger Fischer Graf Huber Imhof Jovic Keller Lang Meier Novak Okafor Petrov Rossi "
    "Schmid Tanner Usman Vogel Weber Yilmaz Zimmermann Amsler"
)


@dataclass(frozen=True, slots=True)
class Work:
    """How a kind of people works.

    Args:
        role: id of the access role.
        count: how many there are.
        place: the area where they work. rounds: further areas they go to, now and then.
        days: weekdays, 0 Monday. shifts: (start, end) in hours of the day; past 24 is the next day.
        presence: the share of their days on which they come.
        trips: how often a day they go somewhere else.
        entrance: the area through which they come in.
    """

    role: str
    count: int
    place: str
    days: frozenset[int]
    shifts: tuple[tuple[float, float], ...]
    presence: float = 0.86
    rounds: tuple[str, ...] = ()
    trips: float = 2.0
    has_lunch: bool = True


WEEK = frozenset(range(5))
SHOP_WEEK = frozenset(range(6))
DAILY = frozenset(range(7))
WORK: tuple[Work, ...] = (
    Work("office", 74, "office-1", WEEK, ((8.2, 17.3),), rounds=("office-2", "archive", "canteen")),
    Work("office", 22, "office-2", WEEK, ((8.6, 17.8),), rounds=("office-1", "canteen")),
    Work("warehouse", 34, "warehouse", WEEK, ((6.0, 14.2), (13.8, 21.7)), rounds=("dock", "canteen"), trips=5.0),
    Work("lab", 14, "lab", WEEK, ((8.4, 17.6),), rounds=("store", "office-1"), trips=4.0),
    Work("shop", 22, "shop", SHOP_WEEK, ((8.5, 14.5), (13.5, 20.2)), 0.55, ("shop-back",), 2.0, has_lunch=False),
    Work("it", 6, "office-2", WEEK, ((8.8, 18.2),), rounds=("server-room", "office-1"), trips=3.0),
    Work("facility", 5, "plant", WEEK, ((6.8, 15.8),), rounds=("warehouse", "dock", "lab", "office-1"), trips=6.0),
    Work("manager", 8, "office-2", WEEK, ((8.0, 19.5),), rounds=("office-1", "lab", "warehouse", "cash")),
    Work("cleaner", 9, "office-1", WEEK, ((19.2, 22.4),), 0.7, ("office-2", "lab", "lobby"), 3.0, has_lunch=False),
    Work("guard", 6, "lobby", DAILY, ((21.8, 30.0),), 0.34, ("office-1", "warehouse", "lab"), 4.0, has_lunch=False),
)
VISITOR_BADGES = 8


@dataclass(frozen=True, slots=True)
class Person:
    """A holder and how this one differs from the others: `early_h` shifts the day, `steady_h` is how much it varies."""

    id: str
    name: str
    work: Work
    credential: str
    shift: tuple[float, float]
    early_h: float
    steady_h: float
    needs_longer: bool = False
    smokes: bool = False


def people(seed: int) -> list[Person]:
    """Everybody who has a badge of their own, in the order of their ids; the same for a seed."""
    rng = Random(f"{seed}/people")
    names = [f"{given} {family}" for given in _GIVEN.split() for family in _FAMILY.split()]
    rng.shuffle(names)
    found: list[Person] = []
    for work in WORK:
        for i in range(work.count):
            number = len(found) + 1
            found.append(
                Person(
                    id=f"h-{number:03d}",
                    name=names[number],
                    work=work,
                    credential=f"{100000 + 37 * number}",
                    shift=work.shifts[i % len(work.shifts)],
                    early_h=rng.gauss(0, 0.45),
                    steady_h=abs(rng.gauss(0.15, 0.08)) + 0.03,
                    needs_longer=rng.random() < 0.02,
                    smokes=rng.random() < 0.2,
                )
            )
    return found


def visitor_badge(number: int) -> tuple[str, str]:
    """(holder id, credential) of a badge that is lent to visitors."""
    return f"visitor-{number}", f"{900000 + 11 * number}"
