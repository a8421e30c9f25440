"""The kinds of values that keys of a site file take, each with its check."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from custos.adapters.sitefile.hours import read_hours
from custos.adapters.sitefile.problems import Refused, did_you_mean
from custos.geometry.polygons import first_self_crossing
from custos.model.detections import CLASS_GROUPS, COCO_CLASSES
from custos.model.places import SOME_AREA, polygon_flaw
from custos.model.site import ID_PATTERN

SECRET_KEYS = ("token", "password", "key")
"""Keys of devices whose values are secrets: written as `${ENV}` or `!secret name`, and never told again."""
KNOWN_CLASSES = (*COCO_CLASSES, *CLASS_GROUPS, "unknown")
REFUSED = "refused"
"""Type of the error that carries `what` and `remedy` in its context."""
CROSSING = "polygon_crosses_itself"
"""Type of the error that carries the crossing edges in its context: `first`, `second`."""


def refusal(what: str, remedy: str = "") -> PydanticCustomError:
    """The error of a value that makes no sense: why, and how to mend it."""
    return PydanticCustomError(REFUSED, "{what}", {"what": what, "remedy": remedy})


def _known_class(name: str) -> str:
    if name not in KNOWN_CLASSES:
        raise refusal(f"no class or group is called {name!r}", did_you_mean(name, KNOWN_CLASSES))
    return name


def known_time_zone(name: str) -> str:
    """`name`, when the IANA database has it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        remedy = did_you_mean(name, available_timezones()) or "Write it like 'Europe/Zurich'."
        raise refusal(f"no time zone is called {name!r}", remedy) from error
    return name


def _sensible_hours(week: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    try:
        read_hours(week)
    except Refused as error:
        raise refusal(error.what, error.remedy) from error
    return week


def _simple_polygon(points: list[list[float]]) -> list[list[float]]:
    corners = [(x, y) for x, y in points]
    if len(set(corners)) < 3:
        raise refusal(f"a polygon needs 3 different points or more, got {len(set(corners))}")
    crossing = first_self_crossing(corners)
    if crossing:
        edges = {"first": crossing[0], "second": crossing[1]}
        raise PydanticCustomError(CROSSING, "the polygon crosses itself", edges)
    return points


def _some_area(points: list[list[float]]) -> list[list[float]]:
    if polygon_flaw([(x, y) for x, y in points], least_area=SOME_AREA, least_breadth=0.0):
        raise refusal("the outline has no area", "Draw its corners further apart, not all on one line.")
    return points


def _two_different(points: list[list[float]]) -> list[list[float]]:
    if points[0] == points[1]:
        raise refusal(f"the two points of a line are the same, {points[0]}")
    return points


Id = Annotated[str, Field(pattern=ID_PATTERN.pattern)]
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=ONE_LINE)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
PointEntry = Annotated[list[Fraction], Field(min_length=2, max_length=2)]
Polygon = Annotated[list[PointEntry], Field(min_length=3, max_length=500), AfterValidator(_simple_polygon)]
"""On a picture."""
Outline = Annotated[Polygon, AfterValidator(_some_area)]
"""On a plan, where a small room of a large site is small indeed."""
Segment = Annotated[list[PointEntry], Field(min_length=2, max_length=2), AfterValidator(_two_different)]
Classes = Annotated[list[Annotated[str, AfterValidator(_known_class)]], Field(min_length=1)]
Week = Annotated[dict[str, str | list[str]], Field(min_length=1), AfterValidator(_sensible_hours)]
Sensitivity = Annotated[float, Field(ge=0, le=1)]


class Entry(BaseModel):
    """Keys of one place; one that nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
