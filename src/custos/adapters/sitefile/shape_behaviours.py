"""The keys of a camera's behaviours and of its ground."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from custos.adapters.sitefile.fields import Classes, Entry, Id, Name, PointEntry, Sensitivity, Week, refusal
from custos.adapters.sitefile.problems import did_you_mean
from custos.model.behaviours import BEHAVIOUR_KINDS


def _known_kind(name: str) -> str:
    if name not in BEHAVIOUR_KINDS:
        remedy = did_you_mean(name, list(BEHAVIOUR_KINDS)) or f"There are: {', '.join(BEHAVIOUR_KINDS)}."
        raise refusal(f"no behaviour is called {name!r}", remedy)
    return name


Metres = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
FourPoints = Annotated[list[PointEntry], Field(min_length=4, max_length=4)]
FourPlaces = Annotated[
    list[Annotated[list[Metres], Field(min_length=2, max_length=2)]], Field(min_length=4, max_length=4)
]


class GroundEntry(Entry):
    """Four points of flat ground, clicked on the picture and measured on the spot."""

    image: FourPoints = Field(
        description="Four points [x, y] in fractions of the picture, going around a quadrangle on the ground."
    )
    metres: FourPlaces = Field(description="The same four on the ground, [x, y] in metres from any origin.")


class BehaviourEntry(Entry):
    """Something tracks may do here; docs/behaviours.md lists the kinds."""

    id: Id = Field(description="Unique within the camera.")
    kind: Annotated[str, AfterValidator(_known_kind)] = Field(
        description="What it looks for.", json_schema_extra={"enum": list(BEHAVIOUR_KINDS)}
    )
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    zone: Id | None = Field(None, description="A zone of this camera, by id, for kinds that have one.")
    line: Id | None = Field(None, description="A line of this camera, by id, for kinds that have one.")
    classes: Classes | None = Field(None, description="Classes and groups that count; the kind's own when left out.")
    hours: Week | None = Field(
        None, description='Hours in which it speaks, {mon-fri: "19:00-07:00"}; always when left out.'
    )
    sensitivity: Sensitivity = Field(
        0.5, description="0.5 takes the settings as they are, 1 halves the thresholds, 0 doubles them."
    )
    direction: Literal["any", "left", "right"] | None = Field(
        None, description="Which way over its line counts, for kinds that have directions."
    )
    settings: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        {}, description="Numbers of the kind, by name; those left out have the kind's default."
    )


ENTRIES: tuple[type[BaseModel], ...] = (BehaviourEntry, GroundEntry)
PLACES: dict[tuple[str, ...], type[BaseModel]] = {
    ("cameras", "behaviours"): BehaviourEntry,
    ("cameras", "ground"): GroundEntry,
}
