"""What a person looks like: build, skin, hair, clothes, things carried."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

Colour = tuple[int, int, int]
"""Blue, green, red, 0..255: the colour under full light."""


class Hair(StrEnum):
    SHORT = "short"
    LONG = "long"
    BALD = "bald"
    CAP = "cap"


class Top(StrEnum):
    SHIRT = "shirt"  # short sleeves
    JUMPER = "jumper"
    JACKET = "jacket"  # open over a shirt
    COAT = "coat"  # to the knee
    VEST = "vest"  # high visibility, with bands


class Bag(StrEnum):
    NONE = "none"
    BACKPACK = "backpack"
    TOTE = "tote"


@dataclass(frozen=True, slots=True)
class Look:
    """One person's appearance; equal looks share their drawings."""

    height_m: float = 1.75
    girth: float = 1.0
    skin: Colour = (150, 180, 225)
    hair: Hair = Hair.SHORT
    hair_colour: Colour = (30, 40, 55)
    top: Top = Top.JUMPER
    top_colour: Colour = (120, 70, 40)
    shirt_colour: Colour = (220, 220, 215)
    leg_colour: Colour = (80, 55, 45)
    shoe_colour: Colour = (30, 30, 35)
    bag: Bag = Bag.NONE
    bag_colour: Colour = (50, 60, 90)

    def __post_init__(self) -> None:
        if not 1.0 <= self.height_m <= 2.2:
            raise ValueError(f"height_m must lie in 1.0..2.2 m, got {self.height_m}")


_SKINS: tuple[Colour, ...] = ((170, 195, 235), (150, 180, 225), (120, 155, 205), (85, 115, 165), (55, 75, 115))
_HAIR_COLOURS: tuple[Colour, ...] = ((25, 28, 32), (30, 42, 62), (45, 70, 105), (95, 145, 185), (140, 140, 145))
_TOP_COLOURS: tuple[Colour, ...] = (
    (130, 75, 40), (45, 45, 165), (70, 110, 55), (60, 60, 65), (95, 58, 45),
    (50, 110, 185), (110, 60, 110), (150, 110, 50),
)  # fmt: skip
_LEG_COLOURS: tuple[Colour, ...] = ((95, 60, 42), (50, 46, 44), (62, 78, 100), (70, 70, 72), (120, 85, 60))
_SHOES: tuple[Colour, ...] = ((28, 28, 30), (40, 60, 90), (205, 205, 205))


def random_look(rng: np.random.Generator) -> Look:
    """A passer-by."""
    pick = rng.integers
    return Look(
        height_m=round(float(rng.uniform(1.6, 1.88)), 2),
        girth=round(float(rng.uniform(0.98, 1.16)), 2),
        skin=_SKINS[pick(len(_SKINS))],
        hair=(Hair.SHORT, Hair.SHORT, Hair.LONG, Hair.LONG, Hair.BALD, Hair.CAP)[pick(6)],
        hair_colour=_HAIR_COLOURS[pick(len(_HAIR_COLOURS))],
        top=(Top.SHIRT, Top.JUMPER, Top.JUMPER, Top.JACKET, Top.COAT)[pick(5)],
        top_colour=_TOP_COLOURS[pick(len(_TOP_COLOURS))],
        leg_colour=_LEG_COLOURS[pick(len(_LEG_COLOURS))],
        shoe_colour=_SHOES[pick(len(_SHOES))],
        bag=(Bag.NONE, Bag.NONE, Bag.BACKPACK, Bag.TOTE)[pick(4)],
        bag_colour=_TOP_COLOURS[pick(len(_TOP_COLOURS))],
    )
