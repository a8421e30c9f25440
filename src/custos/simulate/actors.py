"""Who plays in the story. The same id is the same person (or vehicle) in every camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custos.simulate.look import Bag, Hair, Look, Top, random_look
from custos.simulate.vehicle import SHAPES, Body, Paintwork

_PEOPLE: dict[str, Look] = {
    "visitor": Look(
        height_m=1.72, girth=1.05, hair=Hair.LONG, hair_colour=(35, 50, 80), top=Top.COAT, top_colour=(118, 50, 90),
        leg_colour=(70, 50, 42),
    ),
    "lingerer": Look(
        height_m=1.8, girth=1.06, skin=(120, 155, 205), hair_colour=(25, 28, 32), top=Top.JACKET,
        top_colour=(45, 42, 150), shirt_colour=(120, 120, 125), leg_colour=(70, 60, 56),
    ),
    "waiter": Look(
        height_m=1.78, girth=1.04, skin=(120, 155, 205), hair_colour=(25, 28, 32), top=Top.COAT,
        top_colour=(118, 62, 48), leg_colour=(55, 50, 48),
    ),
    "cashier": Look(height_m=1.7, top=Top.SHIRT, top_colour=(60, 125, 55), leg_colour=(50, 46, 44)),
    "driver": Look(
        height_m=1.82, girth=1.1, hair=Hair.CAP, hair_colour=(30, 42, 62), top=Top.VEST, top_colour=(40, 150, 235)
    ),
    "handler": Look(
        height_m=1.74, girth=1.06, skin=(85, 115, 165), top=Top.VEST, top_colour=(60, 225, 205), leg_colour=(90, 62, 45)
    ),
    "colleague": Look(
        height_m=1.68, girth=0.98, skin=(85, 115, 165), hair_colour=(25, 28, 32), top=Top.SHIRT,
        top_colour=(190, 170, 140), leg_colour=(60, 58, 56), bag=Bag.TOTE, bag_colour=(45, 70, 110),
    ),
    "clerk": Look(
        height_m=1.73, hair=Hair.LONG, hair_colour=(40, 70, 120), top=Top.SHIRT, top_colour=(70, 150, 60),
        leg_colour=(60, 52, 46),
    ),
    "late-worker": Look(
        height_m=1.76, girth=1.04, skin=(110, 145, 195), hair_colour=(60, 62, 66), top=Top.JACKET,
        top_colour=(105, 60, 40), shirt_colour=(205, 205, 210), leg_colour=(62, 58, 54), bag=Bag.TOTE,
        bag_colour=(40, 40, 45),
    ),
}  # fmt: skip
_VEHICLES: dict[str, Paintwork] = {
    "van": Paintwork(Body.VAN, (205, 120, 55)),
    "red-car": Paintwork(Body.CAR, (50, 45, 165)),
    "blue-car": Paintwork(Body.CAR, (150, 95, 55)),
    "silver-car": Paintwork(Body.CAR, (185, 185, 180)),
    "carton": Paintwork(Body.CARTON, (95, 135, 175)),
    "suitcase": Paintwork(Body.SUITCASE, (110, 60, 35)),
}
EXTRAS = 12
"""Passers-by and customers, "extra-0" and so on, dressed by the seed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that moves.

    Args:
        id: from 1, the same in all cameras.
        name: as the script calls it.
        look: a person's appearance, or
        paintwork: that of a vehicle, or of a thing that somebody puts down.
    """

    id: int
    name: str
    look: Look | None = None
    paintwork: Paintwork | None = None

    @property
    def class_name(self) -> str:
        """The COCO class a perfect detector would say."""
        return "person" if self.paintwork is None else SHAPES[self.paintwork.body].coco


def company(seed: int) -> dict[str, Actor]:
    """All actors by name."""
    rng = np.random.default_rng((seed, 1))
    looks = _PEOPLE | {f"extra-{i}": random_look(rng) for i in range(EXTRAS)}
    people = [Actor(i, name, look=look) for i, (name, look) in enumerate(looks.items(), start=1)]
    first = len(people) + 1
    vehicles = [Actor(i, name, paintwork=paint) for i, (name, paint) in enumerate(_VEHICLES.items(), start=first)]
    return {actor.name: actor for actor in people + vehicles}
