"""Every behaviour Custos knows, with its settings and what it needs; and one behaviour as a camera has it.

`docs/behaviours.md` is generated from this table. Geometry is drawn once, in zones and lines; a behaviour refers to
it by id. A kind's constructor stands in `custos.vision.behaviours.registry`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, isfinite
from types import MappingProxyType

from custos.model.detections import class_ids
from custos.model.naming import check_id
from custos.model.places import PERSON, Direction, check_sensitivity, strictness
from custos.model.schedule import Schedule


class Need(StrEnum):
    """Whether a behaviour is given something: it has no use for it, may have it, or must."""

    NO = "no"
    MAY = "may"
    MUST = "must"


class Stricter(StrEnum):
    """How a setting moves when a behaviour is made less sensitive."""

    SAME = "same"
    HIGHER = "higher"  # more seconds, more metres, more people are needed
    LOWER = "lower"  # fewer seconds between two who follow each other


@dataclass(frozen=True, slots=True)
class Setting:
    """A number of a behaviour. Its name carries its unit where it has one: `gap_s`; `unit` is for people."""

    name: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str
    stricter: Stricter = Stricter.SAME


@dataclass(frozen=True, slots=True)
class Order:
    """Two settings of which the one must not be more than the other, by their names. They move alike with the
    sensitivity, so that what holds for the settings as given holds for them in force."""

    less: str
    more: str


@dataclass(frozen=True, slots=True)
class BehaviourKind:
    """One thing tracks may do.

    Args:
        name: as in the site file.
        meaning: one sentence, for people.
        events: types of the events it makes, all in `custos.model.event_types`.
        onvif_rule: the ONVIF analytics rule after which it is shaped, or None.
        zone, line, ground: what it needs.
        directions: whether `direction` chooses a way over its line.
        settings: its numbers.
        classes: what counts when a behaviour does not say.
        things: whether it looks for lasting changes of the picture (`custos.model.detections.Thing`).
        orders: which of its settings must not be more than which.
        measures: those of `events` that tell a number every so often rather than that something happened; they carry
            no picture.
    """

    name: str
    meaning: str
    events: tuple[str, ...]
    onvif_rule: str | None = None
    zone: Need = Need.NO
    line: Need = Need.NO
    ground: Need = Need.NO
    directions: bool = False
    settings: tuple[Setting, ...] = ()
    classes: tuple[str, ...] = PERSON
    measures: tuple[str, ...] = ()
    things: bool = False
    orders: tuple[Order, ...] = ()

    def setting(self, name: str) -> Setting:
        """KeyError for one it does not have."""
        for one in self.settings:
            if one.name == name:
                return one
        raise KeyError(f"behaviour {self.name!r} has no setting {name!r}")


_PERIOD = Setting("period_s", "s", 60.0, 5.0, 3600.0, "how often the numbers are told; periods begin on whole ones")

BEHAVIOUR_KINDS: dict[str, BehaviourKind] = {
    kind.name: kind
    for kind in (
        BehaviourKind(
            "line-count",
            "Counts who crosses a line, each way, and tells the sums every period.",
            ("line.counted",),
            onvif_rule="tt:LineCounting",
            line=Need.MUST,
            directions=True,
            settings=(_PERIOD,),
            measures=("line.counted",),
        ),
        BehaviourKind(
            "presence",
            "Tells when a zone is taken by anybody and when it is empty again, as a whole.",
            ("zone.occupied", "zone.vacated"),
            onvif_rule="tt:FieldDetector",
            zone=Need.MUST,
            settings=(
                Setting("after_s", "s", 1.0, 0.0, 3600.0, "somebody must have been inside so long", Stricter.HIGHER),
                Setting("clear_s", "s", 2.0, 0.0, 3600.0, "nobody must have been inside for so long"),
            ),
        ),
        BehaviourKind(
            "occupancy",
            "Counts how many are in a zone and for how long, and tells when there are too many.",
            ("zone.counted", "zone.filled"),
            onvif_rule="tt:OccupancyCounting",
            zone=Need.MUST,
            settings=(
                _PERIOD,
                Setting("limit", "people", 0.0, 0.0, 10_000.0, "so many fill the zone; 0: any number is fine"),
                Setting("hold_s", "s", 2.0, 0.0, 3600.0, "the limit must be reached for so long", Stricter.HIGHER),
            ),
            measures=("zone.counted",),
        ),
        BehaviourKind(
            "queue",
            "Measures a queue in a zone: its length and the waiting time; tells when either is too much.",
            ("queue.counted", "queue.grew", "queue.delayed"),
            zone=Need.MUST,
            settings=(
                _PERIOD,
                Setting("join_s", "s", 4.0, 0.0, 600.0, "whoever is in the zone for so long has joined the queue"),
                Setting("limit", "people", 5.0, 1.0, 1000.0, "so many waiting are a long queue", Stricter.HIGHER),
                Setting("hold_s", "s", 10.0, 0.0, 3600.0, "it must be long for so long", Stricter.HIGHER),
                Setting("max_wait_s", "s", 300.0, 1.0, 86_400.0, "a wait that is too long", Stricter.HIGHER),
            ),
            measures=("queue.counted",),
        ),
        BehaviourKind(
            "crowd",
            "Tells when people stand too densely in a zone, by the square metre, and when they no longer do.",
            ("crowd.formed", "crowd.cleared"),
            zone=Need.MUST,
            ground=Need.MUST,
            settings=(
                Setting("density", "people/m2", 0.5, 0.02, 8.0, "more than this is dense", Stricter.HIGHER),
                Setting("people", "people", 4.0, 2.0, 1000.0, "fewer are no crowd"),
                Setting("hold_s", "s", 3.0, 0.0, 3600.0, "it must be dense for so long", Stricter.HIGHER),
            ),
        ),
        BehaviourKind(
            "gathering",
            "Tells when people come together suddenly and stay: a group that stands, where there was none.",
            ("crowd.gathered",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("people", "people", 4.0, 2.0, 1000.0, "so many are a gathering", Stricter.HIGHER),
                Setting("within_s", "s", 10.0, 1.0, 600.0, "it was half as large so long ago", Stricter.LOWER),
                Setting("link_m", "m", 2.0, 0.3, 20.0, "members stand at most this far from the next"),
                Setting("hold_s", "s", 2.0, 0.0, 600.0, "it must stand for so long", Stricter.HIGHER),
            ),
        ),
        BehaviourKind(
            "scattering",
            "Tells when a group breaks up in a hurry, its members making off in different directions.",
            ("crowd.scattered",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("people", "people", 4.0, 3.0, 1000.0, "so many are a group"),
                Setting("within_s", "s", 5.0, 1.0, 60.0, "it was together so short a while ago", Stricter.LOWER),
                Setting("away_mps", "m/s", 1.6, 0.5, 10.0, "members make off at least this fast", Stricter.HIGHER),
                Setting("share", "share", 0.6, 0.2, 1.0, "of the members must have made off"),
                Setting("link_m", "m", 2.0, 0.3, 20.0, "members stand at most this far from the next"),
            ),
        ),
        BehaviourKind(
            "wrong-way",
            "Tells of somebody who goes against the way from the line's first point to its second.",
            ("direction.violated",),
            zone=Need.MAY,
            line=Need.MUST,
            ground=Need.MAY,
            classes=("person", "vehicle"),
            settings=(
                Setting("angle_degrees", "degrees", 120.0, 95.0, 175.0, "so far off the right way is against it"),
                Setting("hold_s", "s", 1.5, 0.2, 60.0, "against it for so long in all", Stricter.HIGHER),
            ),
        ),
        BehaviourKind(
            "following",
            "Tells of somebody who goes through a line right behind another, the same way.",
            ("line.followed",),
            line=Need.MUST,
            directions=True,
            settings=(Setting("gap_s", "s", 2.0, 0.1, 60.0, "at most so long after the one ahead", Stricter.LOWER),),
        ),
        BehaviourKind(
            "flow",
            "Maps where objects stand and which way they go, as a heat map of the camera every period.",
            ("flow.mapped",),
            settings=(
                Setting("period_s", "s", 300.0, 5.0, 3600.0, "how often the map is told; periods begin on whole ones"),
                Setting("columns", "", 32.0, 8.0, 96.0, "cells across the picture; down it has 9/16 as many"),
            ),
            classes=("person", "vehicle"),
            measures=("flow.mapped",),
        ),
        BehaviourKind(
            "speed",
            "How fast objects go over the ground, in m/s and km/h, and which go faster than a limit.",
            ("speed.measured", "speed.exceeded"),
            zone=Need.MAY,
            ground=Need.MUST,
            settings=(
                Setting("limit_kmh", "km/h", 30.0, 1.0, 300.0, "faster than this is too fast"),
                Setting("hold_s", "s", 0.5, 0.1, 10.0, "too fast for this long", Stricter.HIGHER),
            ),
            classes=("vehicle",),
            measures=("speed.measured",),
        ),
        BehaviourKind(
            "running",
            "Somebody runs.",
            ("person.ran",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("limit_mps", "m/s", 2.5, 1.0, 10.0, "faster than this is running; walking ends at about 2.1"),
                Setting("hold_s", "s", 0.5, 0.1, 10.0, "runs for this long", Stricter.HIGHER),
            ),
        ),
        BehaviourKind(
            "stopping",
            "A vehicle stops, parks, and drives off again.",
            ("vehicle.stopped", "vehicle.parked", "vehicle.departed"),
            zone=Need.MAY,
            settings=(
                Setting("stop_s", "s", 10.0, 1.0, 3600.0, "still for this long is a stop", Stricter.HIGHER),
                Setting("park_s", "s", 120.0, 1.0, 86_400.0, "still for this long is parking", Stricter.HIGHER),
            ),
            classes=("vehicle",),
            orders=(Order("stop_s", "park_s"),),
        ),
        BehaviourKind(
            "person-down",
            "Somebody falls, or lies down, and stays on the ground.",
            ("person.fell", "person.got_up"),
            zone=Need.MAY,
            settings=(Setting("lying_s", "s", 4.0, 0.5, 600.0, "on the ground for this long", Stricter.HIGHER),),
        ),
        BehaviourKind(
            "object-left",
            "Something is put down and its owner goes away, whatever it is.",
            ("object.left", "object.retrieved"),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("after_s", "s", 20.0, 1.0, 3600.0, "its owner has been away for this long", Stricter.HIGHER),
                Setting("near_m", "m", 3.0, 0.5, 50.0, "within this the owner is still with it"),
            ),
            classes=("person", "vehicle", "unknown"),
            things=True,
        ),
        BehaviourKind(
            "object-removed",
            "Something that stood there is taken away, whatever it is.",
            ("object.removed",),
            zone=Need.MAY,
            settings=(Setting("after_s", "s", 4.0, 1.0, 3600.0, "gone for this long", Stricter.HIGHER),),
            classes=("person", "vehicle", "unknown"),
            things=True,
        ),
        BehaviourKind(
            "proximity",
            "Two stay within reach of each other, whatever they do.",
            ("people.neared",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("distance_m", "m", 1.2, 0.2, 20.0, "as near as this", Stricter.LOWER),
                Setting("hold_s", "s", 3.0, 0.2, 600.0, "for this long", Stricter.HIGHER),
            ),
        ),
        BehaviourKind(
            "meeting",
            "Two people come together and stand with each other.",
            ("people.met",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("distance_m", "m", 1.8, 0.5, 10.0, "as near as this", Stricter.LOWER),
                Setting("hold_s", "s", 4.0, 0.5, 600.0, "for this long", Stricter.HIGHER),
                Setting("slow_mps", "m/s", 0.6, 0.1, 3.0, "slower than this is standing"),
            ),
        ),
        BehaviourKind(
            "vehicle-approach",
            "Somebody walks up to a standing vehicle and stays at its side.",
            ("vehicle.approached",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("near_m", "m", 1.5, 0.3, 10.0, "as near to it as this"),
                Setting("stay_s", "s", 3.0, 0.5, 600.0, "for this long", Stricter.HIGHER),
                Setting("from_m", "m", 3.0, 0.5, 50.0, "having been as far away as this while it stood"),
            ),
            orders=(Order("near_m", "from_m"),),
        ),
        BehaviourKind(
            "pacing",
            "Somebody walks to and fro: a cue of unease, from movement alone.",
            ("person.paced",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("turns", "", 4.0, 2.0, 50.0, "so many turns", Stricter.HIGHER),
                Setting("window_s", "s", 60.0, 5.0, 3600.0, "within this time"),
                Setting("leg_m", "m", 1.5, 0.5, 100.0, "ways there and back shorter than this do not count"),
            ),
        ),
        BehaviourKind(
            "turning-back",
            "Somebody walks one way, turns round and walks back: a cue of unease, from movement alone.",
            ("person.turned_back",),
            zone=Need.MAY,
            ground=Need.MAY,
            settings=(
                Setting("leg_m", "m", 3.0, 0.5, 100.0, "this far there, and this far back", Stricter.HIGHER),
                Setting("stay_s", "s", 4.0, 1.0, 600.0, "who stays around the turn for longer had an errand there"),
            ),
        ),
        BehaviourKind(
            "repeated-approach",
            "Somebody comes up to a zone again and again: a cue of unease, from movement alone.",
            ("person.returned",),
            zone=Need.MUST,
            settings=(
                Setting("times", "", 3.0, 2.0, 50.0, "so often", Stricter.HIGHER),
                Setting("window_s", "s", 600.0, 10.0, 86_400.0, "within this time"),
                Setting("away_s", "s", 4.0, 0.5, 600.0, "outside for this long is having gone away"),
            ),
        ),
    )
}

OF_PLACES: dict[str, BehaviourKind] = {
    place.name: place
    for place in (
        BehaviourKind(
            "line",
            "Every line tells who crosses it, and which way.",
            ("line.crossed",),
            onvif_rule="tt:LineDetector",
            line=Need.MUST,
            directions=True,
        ),
        BehaviourKind(
            "zone",
            "Every zone tells who enters it, and who leaves it after how long.",
            ("zone.entered", "zone.left"),
            onvif_rule="tt:FieldDetector",
            zone=Need.MUST,
            settings=(Setting("min_dwell_s", "s", 0.3, 0.0, 60.0, "inside for so long is a visit", Stricter.HIGHER),),
        ),
        BehaviourKind(
            "loitering",
            "A zone with `loiter_s` tells who stays in it for longer than that.",
            ("zone.loitered",),
            onvif_rule="tt:LoiteringDetector",
            zone=Need.MUST,
            settings=(Setting("loiter_s", "s", inf, 0.0, 86_400.0, "so long a visit is loitering", Stricter.HIGHER),),
        ),
    )
}
"""What zones and lines tell by themselves: their settings, classes, hours and sensitivity are keys of the zone or the
line, and no behaviour is set up for it."""
NOTABLE = frozenset(event for kind in BEHAVIOUR_KINDS.values() for event in kind.events if event not in kind.measures)
"""Events of behaviours that say that something happened; they carry a picture."""
NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BehaviourSpec:
    """A behaviour of one camera, as the site file describes it.

    Args:
        kind: a key of BEHAVIOUR_KINDS.
        name: what people call it; the id when empty.
        zone_id, line_id: of the same camera.
        classes: class or group names that count; empty: those of the kind.
        hours: it speaks only then; None: always.
        sensitivity: 0..1; 0.5 takes the settings as they are, 1 halves the thresholds, 0 doubles them.
        direction: for kinds that have directions; None is any.
        settings: by name; those left out have the kind's default.
    """

    id: str
    kind: str
    name: str = ""
    zone_id: str | None = None
    line_id: str | None = None
    classes: tuple[str, ...] = ()
    hours: Schedule | None = None
    sensitivity: float = 0.5
    direction: Direction | None = None
    settings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_id(self.id, "behaviour")
        what = f"behaviour {self.id!r}"
        kind = BEHAVIOUR_KINDS.get(self.kind)
        if kind is None:
            raise ValueError(f"{what}: no kind is called {self.kind!r}; there are {', '.join(BEHAVIOUR_KINDS)}")
        check_sensitivity(self.sensitivity, what)
        class_ids(self.classes)
        if self.direction is not None and not kind.directions:
            raise ValueError(f"{what}: a {self.kind!r} has no direction; leave it out")
        for name, need, given in (("zone", kind.zone, self.zone_id), ("line", kind.line, self.line_id)):
            if need is Need.MUST and given is None:
                raise ValueError(f"{what}: a {self.kind!r} needs a {name}; name one of this camera's")
            if need is Need.NO and given is not None:
                raise ValueError(f"{what}: a {self.kind!r} has no use for a {name}; leave it out")
        for setting, value in self.settings.items():
            fault = setting_fault(kind, setting, value)
            if fault:
                raise ValueError(f"{what}: {fault}")
        for fault in order_faults(kind, self.settings).values():
            raise ValueError(f"{what}: {fault}")

    def check_against(self, *, zones: Sequence[str], lines: Sequence[str], has_ground: bool, where: str) -> None:
        """ValueError unless everything it refers to is there."""
        for what, given, known in (("zone", self.zone_id, zones), ("line", self.line_id, lines)):
            if given is not None and given not in known:
                raise ValueError(
                    f"{where}: behaviour {self.id!r} uses {what} {given!r}, which is not there; known: "
                    f"{', '.join(known) or 'none'}"
                )
        if self.kind_of.ground is Need.MUST and not has_ground:
            raise ValueError(
                f"{where}: behaviour {self.id!r} ({self.kind}) measures metres and needs the camera's ground: click "
                "four points of the ground and give their places in metres"
            )

    @property
    def kind_of(self) -> BehaviourKind:
        return BEHAVIOUR_KINDS[self.kind]

    @property
    def class_ids(self) -> frozenset[int]:
        """What counts."""
        return class_ids(self.classes or self.kind_of.classes)

    def value(self, name: str) -> float:
        """A setting as it is in force: as given or by default, moved by the sensitivity where it is a threshold."""
        setting = self.kind_of.setting(name)
        value = float(self.settings.get(name, setting.default))
        factor = strictness(self.sensitivity)
        if setting.stricter is Stricter.HIGHER:
            return value * factor
        return value / factor if setting.stricter is Stricter.LOWER else value


def setting_fault(kind: BehaviourKind, name: str, value: float) -> str:
    """Why this kind cannot have this setting, in words; empty when it can."""
    known = [one.name for one in kind.settings]
    if name not in known:
        there_are = f"it has {', '.join(known)}" if known else "it has none"
        return f"a {kind.name!r} has no setting {name!r}; {there_are}"
    setting = kind.setting(name)
    if not isfinite(value) or not setting.low <= value <= setting.high:
        unit = f" {setting.unit}" if setting.unit else ""
        return f"{name} must lie in {setting.low:g}..{setting.high:g}{unit}, got {value:g}"
    return ""


def order_faults(kind: BehaviourKind, settings: Mapping[str, float]) -> dict[str, str]:
    """What is wrong with the order of these settings, in words, by a setting that is given and can be mended."""
    found: dict[str, str] = {}
    for order in kind.orders:
        less, more = (float(settings.get(name, kind.setting(name).default)) for name in (order.less, order.more))
        if less > more:
            told = [_as_set(kind.setting(name), settings) for name in (order.less, order.more)]
            name = order.less if order.less in settings else order.more
            found[name] = (
                f"{order.less} must not be more than {order.more}, but it is {told[0]} and {order.more} {told[1]}"
            )
    return found


def _as_set(setting: Setting, settings: Mapping[str, float]) -> str:
    """ "120 s by default"."""
    unit = f" {setting.unit}" if setting.unit else ""
    by_default = "" if setting.name in settings else " by default"
    return f"{settings.get(setting.name, setting.default):g}{unit}{by_default}"
