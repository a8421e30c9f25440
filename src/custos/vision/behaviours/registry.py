"""From a camera's description to its behaviours: one constructor for each kind of `custos.model.behaviours`.

    def make(spec: BehaviourSpec, where: Where) -> Behaviour

Around each stands `Told`, which keeps to the spec's hours and says whose sighting it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from custos.model.behaviours import BehaviourSpec
from custos.model.detections import Tracks
from custos.model.overlay import Overlay
from custos.model.site import Camera, Line, Zone
from custos.vision.behaviours.approaching import Approaching
from custos.vision.behaviours.belongings import LeftBehind, Removed
from custos.vision.behaviours.counting import LineCount
from custos.vision.behaviours.crossing import LineCrossing
from custos.vision.behaviours.crowds import Density, Gathering, Scattering
from custos.vision.behaviours.floor import Floor
from custos.vision.behaviours.flows import FlowMap
from custos.vision.behaviours.following import Following
from custos.vision.behaviours.lying import Lying
from custos.vision.behaviours.occupancy import Occupancy, Presence
from custos.vision.behaviours.pairs import Meeting, Proximity
from custos.vision.behaviours.queues import Queue
from custos.vision.behaviours.returning import Returning
from custos.vision.behaviours.running import Running
from custos.vision.behaviours.sighting import Behaviour, Sighting
from custos.vision.behaviours.speed import Speed
from custos.vision.behaviours.stopping import Stopping
from custos.vision.behaviours.turning import Pacing, TurningBack
from custos.vision.behaviours.visits import ZoneVisits
from custos.vision.behaviours.whereabouts import OnTheGround
from custos.vision.behaviours.wrongway import WrongWay


@dataclass(frozen=True, slots=True)
class Where:
    """What a behaviour refers to, found.

    Args:
        zone, line: those of the spec's ids; None when it names none.
        floor: of the camera's ground calibration, when it has one.
    """

    zone: Zone | None = None
    line: Line | None = None
    floor: Floor | None = None

    @property
    def the_zone(self) -> Zone:
        """For kinds that must have one."""
        if self.zone is None:
            raise ValueError("this behaviour needs a zone")
        return self.zone

    @property
    def the_line(self) -> Line:
        """For kinds that must have one."""
        if self.line is None:
            raise ValueError("this behaviour needs a line")
        return self.line

    @property
    def the_floor(self) -> Floor:
        """For kinds that must have one."""
        if self.floor is None:
            raise ValueError("this behaviour needs the camera's ground")
        return self.floor


CONSTRUCTORS: dict[str, Callable[[BehaviourSpec, Where], Behaviour]] = {
    "line-count": lambda spec, where: LineCount(spec, where.the_line),
    "presence": lambda spec, where: Presence(spec, where.the_zone),
    "occupancy": lambda spec, where: Occupancy(spec, where.the_zone),
    "queue": lambda spec, where: Queue(spec, where.the_zone),
    "crowd": lambda spec, where: Density(spec, where.the_zone, where.the_floor),
    "gathering": lambda spec, where: Gathering(spec, where.zone, where.floor),
    "scattering": lambda spec, where: Scattering(spec, where.zone, where.floor),
    "wrong-way": lambda spec, where: WrongWay(spec, where.the_line, where.zone, where.floor),
    "following": lambda spec, where: Following(spec, where.the_line),
    "flow": lambda spec, where: FlowMap(spec),
    "speed": lambda spec, where: Speed(spec, where.zone, where.the_floor),
    "running": lambda spec, where: Running(spec, where.zone, where.floor),
    "stopping": lambda spec, where: Stopping(spec, where.zone),
    "person-down": lambda spec, where: Lying(spec, where.zone),
    "object-left": lambda spec, where: LeftBehind(spec, where.zone, where.floor),
    "object-removed": lambda spec, where: Removed(spec, where.zone),
    "proximity": lambda spec, where: Proximity(spec, where.zone, where.floor),
    "meeting": lambda spec, where: Meeting(spec, where.zone, where.floor),
    "vehicle-approach": lambda spec, where: Approaching(spec, where.zone, where.floor),
    "pacing": lambda spec, where: Pacing(spec, where.zone, where.floor),
    "turning-back": lambda spec, where: TurningBack(spec, where.zone, where.floor),
    "repeated-approach": lambda spec, where: Returning(spec, where.the_zone),
}


def make_behaviours(camera: Camera) -> list[Behaviour]:
    """The visits of every zone and the crossings of every line, then the camera's behaviours in their order."""
    drawn: list[Behaviour] = [*map(ZoneVisits, camera.zones), *map(LineCrossing, camera.lines)]
    return drawn + [make_behaviour(spec, camera) for spec in camera.behaviours]


def make_behaviour(spec: BehaviourSpec, camera: Camera) -> Behaviour:
    """One behaviour of a camera."""
    floor = Floor(camera.ground) if camera.ground is not None else None
    where = Where(camera.zone(spec.zone_id), camera.line(spec.line_id), floor)
    return Told(spec, CONSTRUCTORS[spec.kind](spec, where))


def refused_speeds(behaviours: Iterable[Behaviour]) -> dict[int, float]:
    """Tracks whose speed was impossible in the picture taken last, and the limit in m/s; each once, whoever says so."""
    return {
        track_id: limit_mps
        for told in behaviours
        if isinstance(told, Told) and isinstance(told.behaviour, OnTheGround)
        for track_id, limit_mps in told.behaviour.refused.items()
    }


class Told:
    """A behaviour that speaks within its hours only, and says which one it is."""

    def __init__(self, spec: BehaviourSpec, behaviour: Behaviour) -> None:
        self.spec = spec
        self.behaviour = behaviour

    def update(self, tracks: Tracks, *, at: datetime) -> list[Sighting]:
        return self._told(self.behaviour.update(tracks, at=at))

    def end(self) -> list[Sighting]:
        return self._told(self.behaviour.end())

    def overlays(self) -> tuple[Overlay, ...]:
        return self.behaviour.overlays()

    def _told(self, sightings: list[Sighting]) -> list[Sighting]:
        hours = self.spec.hours
        return [
            replace(one, data={"behaviour_id": self.spec.id, **one.data})
            for one in sightings
            if hours is None or hours.covers(one.at)
        ]
