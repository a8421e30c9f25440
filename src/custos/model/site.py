"""A site as its file describes it: cameras with zones and lines, rules, doors and areas. Values only; reading is an
adapter's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from custos.model.access import NO_ACCESS, AccessPlan
from custos.model.behaviours import BehaviourSpec
from custos.model.detections import class_ids
from custos.model.devices import Device
from custos.model.ground import Ground
from custos.model.naming import ID_PATTERN, Point, check_id, check_points, check_unique
from custos.model.places import PERSON, Direction, check_sensitivity, strictness
from custos.model.plan import CameraPlace, Placing, SitePlan
from custos.model.schedule import Hours, Schedule

__all__ = [
    "ID_PATTERN",
    "PERSON",
    "Camera",
    "DetectorChoice",
    "Direction",
    "Hours",
    "Line",
    "Point",
    "PresenceRule",
    "Schedule",
    "Severity",
    "Site",
    "Zone",
]


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on a camera's picture.

    Args:
        polygon: at least 3 points, normalised 0..1, origin top left; the closing edge is implied.
        classes: class or group names that count ("person", "vehicle", "unknown", ...).
        loiter_s: after this long inside, `zone.loitered`; None never.
        min_dwell_s: an object counts as inside only after this long (settles a flickering border).
        hours: visits begin and end within them only; None: always.
        sensitivity: 0..1; 0.5 takes `loiter_s` and `min_dwell_s` as they are, 1 halves them, 0 doubles them.
    """

    id: str
    name: str
    polygon: tuple[Point, ...]
    classes: tuple[str, ...] = PERSON
    loiter_s: float | None = None
    min_dwell_s: float = 0.3
    hours: Schedule | None = None
    sensitivity: float = 0.5

    def __post_init__(self) -> None:
        check_id(self.id, "zone")
        if len(set(self.polygon)) < 3:
            raise ValueError(
                f"zone {self.id!r}: a polygon needs 3 different points or more, got {len(set(self.polygon))}"
            )
        check_points(self.polygon, f"zone {self.id!r}")
        check_sensitivity(self.sensitivity, f"zone {self.id!r}")
        class_ids(self.classes)
        if self.loiter_s is not None and not 0 < self.loiter_s <= 86_400:
            raise ValueError(f"zone {self.id!r}: loiter_s must lie in 0..86400 s, got {self.loiter_s}")
        if not 0 <= self.min_dwell_s <= 60:
            raise ValueError(f"zone {self.id!r}: min_dwell_s must lie in 0..60 s, got {self.min_dwell_s}")

    @property
    def loiters_after_s(self) -> float | None:
        """`loiter_s` as it is in force: moved by the sensitivity."""
        return None if self.loiter_s is None else self.loiter_s * strictness(self.sensitivity)

    @property
    def inside_after_s(self) -> float:
        """`min_dwell_s` as it is in force: moved by the sensitivity."""
        return self.min_dwell_s * strictness(self.sensitivity)

    def place(self) -> Zone:
        """The place alone, for a behaviour that brings its own hours, sensitivity and time limits."""
        return replace(self, loiter_s=None, hours=None, sensitivity=0.5)


@dataclass(frozen=True, slots=True)
class Line:
    """A directed line on a camera's picture; crossing it in `direction` is an event.

    Args:
        hours: crossings within them are told; None: always.
        sensitivity: 0..1; how clearly somebody must be off the line before a side counts: 1 takes half the usual
            distance, 0 twice as much.
    """

    id: str
    name: str
    points: tuple[Point, Point]
    direction: Direction = Direction.ANY
    classes: tuple[str, ...] = PERSON
    hours: Schedule | None = None
    sensitivity: float = 0.5

    def __post_init__(self) -> None:
        check_id(self.id, "line")
        check_points(self.points, f"line {self.id!r}")
        if self.points[0] == self.points[1]:
            raise ValueError(f"line {self.id!r}: its two points are the same, {self.points[0]}")
        check_sensitivity(self.sensitivity, f"line {self.id!r}")
        class_ids(self.classes)

    def place(self) -> Line:
        """The place alone, for a behaviour that brings its own hours, sensitivity and direction."""
        return replace(self, direction=Direction.ANY, hours=None, sensitivity=0.5)


@dataclass(frozen=True, slots=True)
class HeightReference:
    """Something upright of known height in a camera's picture, standing on the ground people walk on: a door.

    Args:
        bottom, top: where it stands and where it ends, normalised 0..1.
        height_m: from one to the other.
    """

    bottom: Point
    top: Point
    height_m: float

    def __post_init__(self) -> None:
        check_points((self.bottom, self.top), "height reference")
        if self.bottom[1] - self.top[1] < 0.02:
            raise ValueError(
                "height reference: its top must lie at least 0.02 of the picture above its bottom, got "
                f"top {self.top}, bottom {self.bottom}"
            )
        if not 0.2 <= self.height_m <= 20:
            raise ValueError(f"height reference: height_m must lie in 0.2..20 m, got {self.height_m}")


@dataclass(frozen=True, slots=True)
class Camera:
    """A video source.

    Args:
        url: file path, rtsp://, http(s):// (MJPEG) or device path; may carry credentials, so never log it:
            log `custos.adapters.sources.redact(url)`.
        transport: "tcp" or "udp", for RTSP.
        loop: files start again at their end, and are paced like a camera.
        detect_fps: at most this many detections a second.
        behaviours: what tracks may do here; each names its zone or line by id.
        ground: where metres lie in the picture; speeds and distances need it.
        heights: things of known height in the picture; people are measured against them.
        place: where it stands on the site's plan.
    """

    id: str
    name: str
    url: str
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    transport: str = "tcp"
    loop: bool = False
    enabled: bool = True
    detect_fps: float = 5.0
    behaviours: tuple[BehaviourSpec, ...] = ()
    ground: Ground | None = None
    heights: tuple[HeightReference, ...] = ()
    place: CameraPlace | None = None

    def __post_init__(self) -> None:
        check_id(self.id, "camera")
        if not self.url:
            raise ValueError(f"camera {self.id!r}: url is empty")
        if self.transport not in ("tcp", "udp"):
            raise ValueError(f"camera {self.id!r}: transport must be 'tcp' or 'udp', got {self.transport!r}")
        if not 0.1 <= self.detect_fps <= 60:
            raise ValueError(f"camera {self.id!r}: detect_fps must lie in 0.1..60, got {self.detect_fps}")
        check_unique([z.id for z in self.zones], f"camera {self.id!r}: zone")
        check_unique([line.id for line in self.lines], f"camera {self.id!r}: line")
        check_unique([b.id for b in self.behaviours], f"camera {self.id!r}: behaviour")
        for behaviour in self.behaviours:
            behaviour.check_against(
                zones=[z.id for z in self.zones],
                lines=[line.id for line in self.lines],
                has_ground=self.ground is not None,
                where=f"camera {self.id!r}",
            )

    def zone(self, zone_id: str | None) -> Zone | None:
        return next((z for z in self.zones if z.id == zone_id), None)

    def line(self, line_id: str | None) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PresenceRule:
    """Someone in one of these zones outside these hours, for longer than so many seconds.

    Args:
        zones: (camera_id, zone_id) pairs.
        expected: hours in which presence is fine; None means presence is never fine.
        longer_than_s: one unbroken visit of at least this long.
        group_gap_s: further signals of this rule and zone within this long join the open incident.
    """

    id: str
    title: str
    zones: tuple[tuple[str, str], ...]
    expected: Schedule | None
    longer_than_s: float
    severity: Severity = Severity.MEDIUM
    classes: tuple[str, ...] = PERSON
    group_gap_s: float = 300.0

    def __post_init__(self) -> None:
        check_id(self.id, "rule")
        if not self.zones:
            raise ValueError(f"rule {self.id!r}: names no zone")
        if not 0 <= self.longer_than_s <= 86_400:
            raise ValueError(f"rule {self.id!r}: longer_than_s must lie in 0..86400 s, got {self.longer_than_s}")
        class_ids(self.classes)


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """Which model sees: "auto" (the best present), a name of the registry, or a file with its declared hash."""

    name: str = "auto"
    path: str | None = None
    sha256: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long records are kept.

    Args:
        events_days: events and their pictures that no incident rests on.
        incident_pictures_days: the pictures of an incident, from when it was resolved; of one that is not, always.
        incidents_days: incidents themselves, from when they were resolved, with all that belongs to them; 0 for ever.
    """

    events_days: int = 30
    incident_pictures_days: int = 90
    incidents_days: int = 365

    def __post_init__(self) -> None:
        if not 0 <= self.incidents_days <= 36_500:
            raise ValueError(f"retention: incidents_days must lie in 0..36500, got {self.incidents_days}")
        for name, days in (("events", self.events_days), ("incident_pictures", self.incident_pictures_days)):
            if not 1 <= days <= 3650:
                raise ValueError(f"retention: {name}_days must lie in 1..3650, got {days}")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the site file says."""

    id: str
    name: str
    time_zone: str = "UTC"
    cameras: tuple[Camera, ...] = ()
    rules: tuple[PresenceRule, ...] = ()
    detector: DetectorChoice = DetectorChoice()
    demo: bool = False
    access: AccessPlan = NO_ACCESS
    rules_off: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    plan: SitePlan | None = None
    retention: Retention = Retention()

    def __post_init__(self) -> None:
        check_id(self.id, "site")
        ZoneInfo(self.time_zone)
        check_unique([c.id for c in self.cameras], "camera")
        check_unique([r.id for r in self.rules], "rule")
        check_unique([d.id for d in self.devices], "device")
        known = {(c.id, z.id) for c in self.cameras for z in c.zones}
        for rule in self.rules:
            for pair in rule.zones:
                if pair not in known:
                    raise ValueError(
                        f"rule {rule.id!r}: no zone {'/'.join(pair)!r}; known: {sorted('/'.join(k) for k in known)}"
                    )

        self._check_seen()
        for device in self.devices:
            for camera_id in device.camera_ids:
                if self.camera(camera_id) is None:
                    raise ValueError(f"device {device.id!r}: no camera {camera_id!r}")

    def _check_seen(self) -> None:
        """What doors and areas say of cameras must be there: a camera cannot be taken away under a door."""
        cameras = {c.id: c for c in self.cameras}
        zones = {(c.id, z.id) for c in self.cameras for z in c.zones}
        lines = {(c.id, one.id): one for c in self.cameras for one in c.lines}
        for area in self.access.areas:
            for pair in area.zones:
                if pair not in zones:
                    raise ValueError(f"area {area.id!r}: no zone {'/'.join(pair)!r}")
        for view in self.access.views:
            if any(camera_id not in cameras for camera_id in view.cameras) or not set(view.zones) <= zones:
                raise ValueError(f"view of {view.of!r}: it names a camera or zone that is not there")
        for door in self.access.doors:
            for camera_id in door.cameras:
                if camera_id not in cameras:
                    raise ValueError(f"door {door.id!r}: no camera {camera_id!r}")
            if door.threshold is None:
                continue
            line = lines.get((door.threshold.camera_id, door.threshold.line_id))
            if line is None:
                raise ValueError(f"door {door.id!r}: no line '{door.threshold.camera_id}/{door.threshold.line_id}'")
            if line.direction is not Direction.ANY:
                raise ValueError(f"door {door.id!r}: its threshold {line.id!r} must count both directions")
            if line.hours is not None:
                raise ValueError(f"door {door.id!r}: its threshold {line.id!r} must count at all hours")

    def placed(self, placing: Placing) -> Site:
        """The site with things where `placing` says; ValueError when it names what is not there."""
        access = self.access
        for what, named, known in (
            ("area", placing.areas, [a.id for a in access.areas]),
            ("door", placing.doors, [d.id for d in access.doors]),
            ("camera", placing.cameras, [c.id for c in self.cameras]),
            ("view", placing.things, [v.of for v in access.views]),
        ):
            for one in named:
                if one not in known:
                    raise ValueError(f"there is no {what} {one!r}; known: {known}")
        return replace(
            self,
            cameras=tuple(replace(c, place=placing.cameras.get(c.id, c.place)) for c in self.cameras),
            access=replace(
                access,
                areas=tuple(replace(a, outline=placing.areas.get(a.id, a.outline)) for a in access.areas),
                doors=tuple(replace(d, position=placing.doors.get(d.id, d.position)) for d in access.doors),
                views=tuple(replace(v, position=placing.things.get(v.of, v.position)) for v in access.views),
            ),
        )

    def off_plan(self) -> Site:
        """The site without its plan, which nobody but a map needs, and without how long records are kept: what is left
        decides how it is watched."""
        access = self.access
        return replace(
            self,
            plan=None,
            retention=Retention(),
            cameras=tuple(replace(c, place=None) for c in self.cameras),
            access=replace(
                access,
                areas=tuple(replace(a, outline=()) for a in access.areas),
                doors=tuple(replace(d, position=None) for d in access.doors),
                views=tuple(replace(v, position=None) for v in access.views),
            ),
        )

    def device(self, device_id: str) -> Device | None:
        return next((d for d in self.devices if d.id == device_id), None)

    def camera(self, camera_id: str) -> Camera | None:
        return next((c for c in self.cameras if c.id == camera_id), None)
