"""The keys of a site file, as Pydantic models: the JSON Schema and the checks come from one definition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, model_validator

from custos.adapters.sitefile import shape_access as access
from custos.adapters.sitefile import shape_behaviours as conduct
from custos.adapters.sitefile import shape_devices as told
from custos.adapters.sitefile.fields import (
    CROSSING,
    KNOWN_CLASSES,
    ONE_LINE,
    REFUSED,
    Classes,
    Id,
    Name,
    PointEntry,
    Polygon,
    Segment,
    Sensitivity,
    Week,
    known_time_zone,
    refusal,
)
from custos.adapters.sitefile.fields import Entry as _Entry

Metres = Annotated[float, Field(gt=0, le=100_000)]

__all__ = ["CROSSING", "ENTRIES", "KNOWN_CLASSES", "ONE_LINE", "REFUSED", "SiteFile", "json_schema", "keys_at"]


class SiteEntry(_Entry):
    """The premises this file is about."""

    id: Id = Field(description="Short name, part of every event's source: a-z, 0-9 and '-'.")
    name: Name = Field(description="What people call it.")
    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        "UTC", description="IANA name, 'Europe/Zurich'; the hours in rules are read in it."
    )
    demo: bool = Field(False, description="The site does not exist: its cameras are drawn. The console says so.")


class DetectorEntry(_Entry):
    """A model of your own, used only if its hash matches."""

    path: Name = Field(description="An ONNX file, relative to the site file.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(description="Its SHA-256: 64 hex digits.")
    family: Literal["yolox", "centernet"] = Field(description="How its input and output are to be read.")


class ZoneEntry(_Entry):
    """A polygon on the camera's picture."""

    id: Id = Field(description="Unique within the camera.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    polygon: Polygon = Field(
        description="Corners [x, y] in fractions of the picture, origin top left; the last edge is implied."
    )
    classes: Classes = Field(["person"], description="Classes and groups of classes that count.")
    loiter_s: Annotated[float, Field(gt=0, le=86_400)] | None = Field(
        None,
        description="Seconds of one visit after which it is told as loitering; never when left out.",
    )
    min_dwell_s: Annotated[float, Field(ge=0, le=60)] = Field(
        0.3, description="Seconds an object must be inside before it counts."
    )
    hours: Week | None = Field(
        None, description='Hours in which visits count, {mon-fri: "19:00-07:00"}; always when left out.'
    )
    sensitivity: Sensitivity = Field(
        0.5, description="0.5 takes loiter_s and min_dwell_s as they are, 1 halves them, 0 doubles them."
    )


class LineEntry(_Entry):
    """A directed line on the camera's picture."""

    id: Id = Field(description="Unique within the camera.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    points: Segment = Field(description="From [x, y] to [x, y], in fractions of the picture.")
    direction: Literal["any", "left", "right"] = Field(
        "any", description="Which way counts, looking from the first point to the second."
    )
    classes: Classes = Field(["person"], description="Classes and groups of classes that count.")
    hours: Week | None = Field(
        None, description='Hours in which crossings count, {mon-fri: "19:00-07:00"}; always when left out.'
    )
    sensitivity: Sensitivity = Field(
        0.5, description="How little off the line is a side of it: 1 takes half the usual distance, 0 twice as much."
    )


class HeightEntry(_Entry):
    """Something upright of known height in the camera's picture, such as a door."""

    bottom: PointEntry = Field(description="Where it stands, [x, y] in fractions of the picture.")
    top: PointEntry = Field(description="Where it ends, above its bottom.")
    height_m: Annotated[float, Field(ge=0.2, le=20)] = Field(description="From bottom to top, metres.")

    @model_validator(mode="after")
    def _is_upright(self) -> HeightEntry:
        if self.bottom[1] - self.top[1] < 0.02:
            raise refusal(
                f"the top {self.top} does not lie above the bottom {self.bottom}",
                "The second number counts downwards: the top's must be smaller by 0.02 or more.",
            )
        return self


class PlaceEntry(_Entry):
    """Where a camera stands on the site's plan, and what it overlooks."""

    position: PointEntry = Field(description="[x, y] on the plan, 0..1, origin top left.")
    bearing_deg: Annotated[float, Field(ge=0, le=360)] | None = Field(
        None, description="Which way it looks, degrees clockwise from the plan's upper edge."
    )
    view_deg: Annotated[float, Field(ge=1, le=360)] = Field(70, description="How wide it sees, degrees.")
    range_m: Annotated[float, Field(gt=0, le=10_000)] = Field(12, description="How far it sees, metres.")


class CameraEntry(_Entry):
    """A video source with its zones and lines."""

    id: Id = Field(description="Unique within the site.")
    name: Name | None = Field(None, description="What people call it; the id when left out.")
    url: Annotated[str, Field(min_length=1, max_length=2000, pattern=ONE_LINE)] = Field(
        description="rtsp://, http:// (MJPEG), a video file relative to the site file, or a device; "
        "secrets as ${ENV} or as a whole by !secret."
    )
    transport: Literal["tcp", "udp"] = Field("tcp", description="How RTSP carries its packets.")
    loop: bool = Field(False, description="A video file starts again at its end and is paced like a camera.")
    enabled: bool = Field(True, description="Whether the camera is used at all.")
    detect_fps: Annotated[float, Field(ge=0.1, le=60)] = Field(5.0, description="At most so many detections a second.")
    zones: list[ZoneEntry] = Field([], description="Polygons on the picture.")
    lines: list[LineEntry] = Field([], description="Directed lines on the picture.")
    behaviours: list[conduct.BehaviourEntry] = Field(
        [], description="What tracks may do in those zones and over those lines."
    )
    ground: conduct.GroundEntry | None = Field(None, description="Where metres lie in the picture.")
    heights: Annotated[list[HeightEntry], Field(max_length=16)] = Field(
        [], description="Things of known height, against which people are measured."
    )
    place: PlaceEntry | None = Field(None, description="Where it stands on the site's plan.")


class PlanEntry(_Entry):
    """The site from above."""

    image: Name | None = Field(
        None, description="A PNG, JPEG or SVG file beside the site file; drawn from areas and doors when left out."
    )
    width_m: Metres = Field(40, description="How wide the plan is on the ground, metres.")
    height_m: Metres | None = Field(None, description="How high; the image's own shape says so where there is one.")


Days = Annotated[int, Field(ge=1, le=3650)]


class RetentionEntry(_Entry):
    """For how long records are kept."""

    events_days: Days = Field(30, description="Events and their pictures that no incident rests on, days.")
    incident_pictures_days: Days = Field(
        90, description="Pictures of an incident, days from when it was resolved; of one that is not, always."
    )
    incidents_days: Annotated[int, Field(ge=0, le=36_500)] = Field(
        365, description="Incidents and their timelines, days from when they were resolved; 0 keeps them for ever."
    )


class RuleEntry(_Entry):
    """Someone in one of these zones, outside these hours, for longer than so many seconds."""

    id: Id = Field(description="Unique within the site.")
    title: Name = Field(description="The title of the incidents it opens.")
    zones: Annotated[list[str], Field(min_length=1)] = Field(description="Zones, as 'camera/zone'.")
    expected: Week | None = Field(
        None,
        description='Hours when presence is fine, {mon-fri: "07:00-19:00"}; never when left out.',
    )
    longer_than_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        0, description="Only visits of at least this many seconds."
    )
    severity: Literal["low", "medium", "high"] = Field("medium", description="How much it matters.")
    classes: Classes = Field(["person"], description="Classes and groups of classes that count.")
    group_gap_s: Annotated[float, Field(ge=0, le=86_400)] = Field(
        300, description="Visits with at most this many seconds between them belong to one incident."
    )


def _detector_form(value: object) -> str:
    return "file" if isinstance(value, dict | DetectorEntry) else "name"


Detector = Annotated[
    Annotated[Name, Tag("name")] | Annotated[DetectorEntry, Tag("file")], Discriminator(_detector_form)
]


class SiteFile(_Entry):
    """A Custos site file."""

    site: SiteEntry
    detector: Detector = Field(
        "auto",
        description="'auto' (the best model present), a name of `custos models list`, or a file.",
    )
    cameras: list[CameraEntry] = Field([], max_length=1000, description="The video sources.")
    rules: list[RuleEntry] = Field([], max_length=1000, description="What opens an incident.")
    areas: list[access.AreaEntry] = Field([], max_length=1000, description="Spaces that people can be in.")
    doors: list[access.DoorEntry] = Field([], max_length=1000, description="What joins areas.")
    roles: list[access.RoleEntry] = Field([], max_length=1000, description="What holders may.")
    holders: access.Holders = Field([], description="Whom credentials belong to: a list, or a file of them.")
    schedules: list[access.ScheduleEntry] = Field([], max_length=1000, description="Hours with a name.")
    holidays: list[access.HolidayEntry] = Field([], max_length=1000, description="Days with other hours.")
    rules_off: list[str] = Field([], max_length=1000, description="Rules from rule files that are not used here.")
    views: list[access.ViewEntry] = Field(
        [], max_length=1000, description="Where cameras see tills, panels and sensors."
    )
    devices: list[told.DeviceEntry] = Field([], max_length=1000, description="What tells events and is no camera.")
    plan: PlanEntry | None = Field(None, description="The site from above, for the map.")
    retention: RetentionEntry | None = Field(None, description="For how long records are kept.")


ENTRIES: tuple[type[BaseModel], ...] = (
    SiteFile, SiteEntry, DetectorEntry, CameraEntry, ZoneEntry, LineEntry, HeightEntry, RuleEntry,
    PlanEntry, PlaceEntry, RetentionEntry,
    *access.ENTRIES, *told.ENTRIES, *conduct.ENTRIES,
)  # fmt: skip


def keys_at(location: tuple[str | int, ...]) -> list[str]:
    """The keys that are known at a place of the file: () gives site, detector, cameras, rules."""
    names = [part for part in location if isinstance(part, str)]
    entries: dict[tuple[str, ...], type[BaseModel]] = {
        (): SiteFile,
        ("site",): SiteEntry,
        ("detector",): DetectorEntry,
        ("cameras",): CameraEntry,
        ("cameras", "zones"): ZoneEntry,
        ("cameras", "lines"): LineEntry,
        ("cameras", "heights"): HeightEntry,
        ("rules",): RuleEntry,
        ("plan",): PlanEntry,
        ("retention",): RetentionEntry,
        ("cameras", "place"): PlaceEntry,
        **access.PLACES,
        **told.PLACES,
        **conduct.PLACES,
    }
    entry = entries.get(tuple(names))
    return list(entry.model_fields) if entry else []


def json_schema() -> dict[str, object]:
    """JSON Schema (draft 2020-12) of a site file."""
    schema = SiteFile.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Custos site file", **schema}
