"""The site, its cameras with zones and lines, and its rules."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from custos.model.behaviours import BehaviourKind, BehaviourSpec, Need, Stricter
from custos.model.ground import Ground
from custos.model.live import CameraState
from custos.model.site import (
    PERSON,
    Camera,
    Direction,
    HeightReference,
    Hours,
    Line,
    PresenceRule,
    Schedule,
    Severity,
    Zone,
)
from custos.server.shapes.base import WORD_PATTERN, Asked, Instant, Name, Told

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
PointTold = tuple[Fraction, Fraction]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
ClassNames = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(max_length=2000)]
DetectFps = Annotated[float, Field(ge=0.1, le=60.0)]
Transport = Literal["tcp", "udp"]
Sensitivity = Annotated[float, Field(ge=0, le=1)]


class HoursTold(Asked):
    """A span of the day on some weekdays (0 Monday .. 6 Sunday); "24:00" ends a day, an end before the start lies in
    the next one."""

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]
    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]

    @classmethod
    def of(cls, hours: Hours) -> HoursTold:
        end = "24:00" if hours.end == time(0) else f"{hours.end:%H:%M}"
        return cls.model_construct(weekdays=sorted(hours.weekdays), start=f"{hours.start:%H:%M}", end=end)

    def hours(self) -> Hours:
        end = time(0) if self.end == "24:00" else time.fromisoformat(self.end)
        return Hours(frozenset(self.weekdays), time.fromisoformat(self.start), end)


HoursSpans = Annotated[list[HoursTold], Field(min_length=1, max_length=50)]


def hours_told(schedule: Schedule | None) -> list[HoursTold] | None:
    """None: always."""
    return None if schedule is None else [HoursTold.of(span) for span in schedule.hours]


class ZoneTold(Asked):
    """A polygon on the picture; coordinates 0..1, origin top left. Both told and asked."""

    id: Id
    name: Name
    polygon: Annotated[list[PointTold], Field(min_length=3, max_length=64)]
    classes: ClassNames = Field(default_factory=lambda: list(PERSON))
    loiter_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    min_dwell_s: Annotated[float, Field(ge=0, le=60)] = 0.3
    hours: HoursSpans | None = None
    sensitivity: Sensitivity = 0.5

    @classmethod
    def of(cls, zone: Zone) -> ZoneTold:
        return cls.model_construct(
            id=zone.id,
            name=zone.name,
            polygon=list(zone.polygon),
            classes=list(zone.classes),
            loiter_s=zone.loiter_s,
            min_dwell_s=zone.min_dwell_s,
            hours=hours_told(zone.hours),
            sensitivity=zone.sensitivity,
        )


class LineTold(Asked):
    """A directed line; `left` and `right` as seen going from its first point to its second."""

    id: Id
    name: Name
    points: tuple[PointTold, PointTold]
    direction: Direction = Direction.ANY
    classes: ClassNames = Field(default_factory=lambda: list(PERSON))
    hours: HoursSpans | None = None
    sensitivity: Sensitivity = 0.5

    @classmethod
    def of(cls, line: Line) -> LineTold:
        return cls.model_construct(
            id=line.id,
            name=line.name,
            points=line.points,
            direction=line.direction,
            classes=list(line.classes),
            hours=hours_told(line.hours),
            sensitivity=line.sensitivity,
        )


class BehaviourTold(Asked):
    """Something tracks may do here; `GET /behaviour-kinds` lists the kinds and their settings. Both told and asked."""

    id: Id
    kind: Annotated[str, Field(min_length=1, max_length=63)]
    name: Name | None = None
    zone: Id | None = None
    line: Id | None = None
    classes: Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=100)] = Field(
        default_factory=list
    )
    hours: HoursSpans | None = None
    sensitivity: Sensitivity = 0.5
    direction: Direction | None = None
    settings: Annotated[dict[str, float], Field(max_length=50)] = Field(default_factory=dict)

    @classmethod
    def of(cls, behaviour: BehaviourSpec) -> BehaviourTold:
        return cls.model_construct(
            id=behaviour.id,
            kind=behaviour.kind,
            name=behaviour.name or behaviour.id,
            zone=behaviour.zone_id,
            line=behaviour.line_id,
            classes=list(behaviour.classes),
            hours=hours_told(behaviour.hours),
            sensitivity=behaviour.sensitivity,
            direction=behaviour.direction,
            settings=dict(behaviour.settings),
        )


PlaceTold = tuple[
    Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)],
    Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)],
]


class GroundTold(Asked):
    """Four points of the ground on the picture, going around, and their places in metres. Both told and asked."""

    image: tuple[PointTold, PointTold, PointTold, PointTold]
    metres: tuple[PlaceTold, PlaceTold, PlaceTold, PlaceTold]

    @classmethod
    def of(cls, ground: Ground) -> GroundTold:
        return cls.model_construct(image=ground.image, metres=ground.metres)


class HeightTold(Asked):
    """Something upright of known height that stands on the ground people walk on. Both told and asked."""

    bottom: PointTold
    top: PointTold
    height_m: Annotated[float, Field(ge=0.2, le=20, allow_inf_nan=False)]

    @classmethod
    def of(cls, height: HeightReference) -> HeightTold:
        return cls.model_construct(bottom=height.bottom, top=height.top, height_m=height.height_m)


class SettingTold(Told):
    """A number of a behaviour. `stricter`: how it moves when the behaviour is made less sensitive."""

    name: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str
    stricter: Stricter


class OrderTold(Told):
    """Two settings, by name: `less` must not be more than `more`."""

    less: str
    more: str


class BehaviourKindTold(Told):
    """One thing tracks may do. `zone`, `line`, `ground`: whether it needs one."""

    name: str
    meaning: str
    events: list[str]
    onvif_rule: str | None
    zone: Need
    line: Need
    ground: Need
    directions: bool
    classes: list[str]
    settings: list[SettingTold]
    orders: list[OrderTold]

    @classmethod
    def of(cls, kind: BehaviourKind) -> BehaviourKindTold:
        return cls.model_validate(kind, from_attributes=True)


Behaviours = Annotated[list[BehaviourTold], Field(max_length=64)]
Zones = Annotated[list[ZoneTold], Field(max_length=64)]
Lines = Annotated[list[LineTold], Field(max_length=64)]
Heights = Annotated[list[HeightTold], Field(max_length=16)]


class TroubleTold(Told):
    """What is wrong with a camera itself now; `words` for an operator. See docs/integrity.md."""

    what: Literal["blinded", "covered", "defocused", "degraded", "frozen", "moved", "obstructed", "replayed"]
    since: Instant
    words: str


class CameraStateTold(Told):
    """How a camera fares, over the last few seconds.

    `needs_recalibration`: it was moved, and nobody has confirmed or redrawn its zones since.
    `speeds_refused`: impossible speeds that were dropped in the last hour, all of them above `speeds_above_mps`."""

    state: Literal["connecting", "connected", "lost", "stalled", "disabled", "unserved"]
    since: Instant
    reason: str
    codec: str
    width_px: int
    height_px: int
    fps: float
    kbps: float
    detections_fps: float
    wanted: int
    dropped: int
    damaged: int
    latency_s: float | None
    moving: bool
    tracks: int
    clock: Literal["camera", "arrival", "file"]
    behind_s: float | None
    awake: bool
    passed_over: int
    integrity: list[TroubleTold]
    needs_recalibration: bool
    recalibration_reason: str
    speeds_refused: int
    speeds_above_mps: float

    @classmethod
    def of(cls, state: CameraState) -> CameraStateTold:
        return cls.model_validate(state, from_attributes=True)


class CameraTold(Told):
    """A camera; `url` without its credentials."""

    id: str
    name: str
    url: str
    transport: Transport
    loop: bool
    enabled: bool
    detect_fps: float
    zones: list[ZoneTold]
    lines: list[LineTold]
    behaviours: list[BehaviourTold]
    ground: GroundTold | None
    heights: list[HeightTold]
    state: CameraStateTold

    @classmethod
    def of(cls, camera: Camera, *, shown_url: str, state: CameraState) -> CameraTold:
        return cls(
            id=camera.id,
            name=camera.name,
            url=shown_url,
            transport="udp" if camera.transport == "udp" else "tcp",
            loop=camera.loop,
            enabled=camera.enabled,
            detect_fps=camera.detect_fps,
            zones=[ZoneTold.of(z) for z in camera.zones],
            lines=[LineTold.of(line) for line in camera.lines],
            behaviours=[BehaviourTold.of(b) for b in camera.behaviours],
            ground=None if camera.ground is None else GroundTold.of(camera.ground),
            heights=[HeightTold.of(height) for height in camera.heights],
            state=CameraStateTold.of(state),
        )


class NewCameraAsked(Asked):
    """`id` is made from the name when it is absent."""

    id: Id | None = None
    name: Name
    url: Annotated[str, Field(min_length=1, max_length=2000, pattern=WORD_PATTERN)]
    transport: Transport = "tcp"
    detect_fps: DetectFps = 5.0
    zones: Zones = Field(default_factory=list)
    lines: Lines = Field(default_factory=list)
    behaviours: Behaviours = Field(default_factory=list)
    ground: GroundTold | None = None
    heights: Heights = Field(default_factory=list)


class CameraAsked(Asked):
    """The whole camera; `url` "" keeps the present one, and so does leaving out `behaviours`, `ground` or
    `heights`."""

    name: Name
    url: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x1f\x7f]*$")]
    transport: Transport
    loop: bool
    enabled: bool
    detect_fps: DetectFps
    zones: Zones
    lines: Lines
    behaviours: Behaviours = Field(default_factory=list)
    ground: GroundTold | None = None
    heights: Heights = Field(default_factory=list)


class SiteTold(Told):
    """The site in numbers. `class_names`: what zones, lines and rules may name. `problem`: why what was saved last is
    not in force, for those who may change the site; "" when it is."""

    id: str
    name: str
    time_zone: str
    demo: bool
    version: str
    detector: str | None
    cameras: int
    open_incidents: int
    class_names: list[str]
    problem: str


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def schedule_text(schedule: Schedule) -> str:
    """ "Mon, Tue 08:00-18:00; Sat 09:00-12:00 (Europe/Berlin)"; "never" when it has no hours."""
    spans = [f"{', '.join(DAYS[d] for d in sorted(h.weekdays))} {h.start:%H:%M}-{h.end:%H:%M}" for h in schedule.hours]
    return f"{'; '.join(spans)} ({schedule.time_zone})" if spans else "never"


class RuleTold(Told):
    """Someone in one of these zones ("camera/zone") outside the `expected` hours; null: never expected."""

    id: str
    title: str
    kind: Literal["presence"] = "presence"
    zones: list[str]
    expected: str | None
    longer_than_s: float
    severity: Severity
    classes: list[str]

    @classmethod
    def of(cls, rule: PresenceRule) -> RuleTold:
        return cls(
            id=rule.id,
            title=rule.title,
            zones=[f"{camera_id}/{zone_id}" for camera_id, zone_id in rule.zones],
            expected=None if rule.expected is None else schedule_text(rule.expected),
            longer_than_s=rule.longer_than_s,
            severity=rule.severity,
            classes=list(rule.classes),
        )
