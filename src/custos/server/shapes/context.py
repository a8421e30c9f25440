"""What was collected of an incident when it opened. Who somebody is stands only in what is told to those who may see
people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from custos.incidents.context import RELATED_S
from custos.model.access import AccessPlan
from custos.model.context import IncidentContext, Occupancy, Place, Related
from custos.model.event import Event, Incident, IncidentState
from custos.model.pictured import had_picture
from custos.model.views import name_of
from custos.pipeline.words import event_words
from custos.server.shapes.base import Instant, Told
from custos.server.shapes.premises import InsideTold
from custos.server.shapes.site import PointTold

HOLDER = "holders/"


class CauseTold(Told):
    """The rule that fired, as it stood then: what it looks for, and what else may look like this."""

    rule_id: str
    title: str
    description: str
    falsepositives: list[str]


class WhereTold(Told):
    """`place`: "doors/front", "areas/office", "cameras/lobby", ...; `position`: on the site's plan, null when it is not
    drawn there."""

    place: str
    name: str
    position: PointTold | None

    @classmethod
    def of(cls, place: Place) -> WhereTold:
        return cls(place=place.place, name=place.name, position=place.position)


class NamedTold(Told):
    id: str
    name: str


class HappenedTold(Told):
    """An event in plain words. `place` and `place_name`: where, null when it is not told; `offset_s`: from when the
    incident opened; `pictured`: whether it has a picture; `holder`: whom it is about, for those who may see people."""

    event_id: str
    type: str
    at: Instant
    offset_s: float
    words: str
    place: str | None
    place_name: str | None
    pictured: bool
    holder: NamedTold | None


class ShotTold(Told):
    """A picture at /api/v1/incidents/{incident_id}/snapshots/{id}.jpg; `offset_s`: from when the incident opened."""

    id: str
    at: Instant
    offset_s: float


class CameraStripTold(Told):
    """What a camera that sees the place showed, the oldest first; `missing` says why there is nothing."""

    camera_id: str
    name: str
    shots: list[ShotTold]
    missing: str


class LogTold(Told):
    """What a door's or a holder's log had, the newest first. `of`: "doors/front" or "holders/ada"."""

    of: str
    name: str
    events: list[HappenedTold]


class OccupancyTold(Told):
    """Who was in an area. `people`: by their credentials; `seen`: by cameras, null where none looks; `inside`: who they
    were, null for those who may not see people."""

    area_id: str
    name: str
    people: int
    seen: int | None
    inside: list[InsideTold] | None

    @classmethod
    def of(cls, area: Occupancy, plan: AccessPlan, *, with_people: bool) -> OccupancyTold:
        inside = [
            InsideTold(
                holder_id=one.holder_id,
                name=holder.name if (holder := plan.holder(one.holder_id or "")) is not None else None,
                credential=one.credential,
                since=one.since,
            )
            for one in area.inside
        ]
        return cls(
            area_id=area.area_id,
            name=area.name,
            people=len(inside),
            seen=area.seen,
            inside=inside if with_people else None,
        )


class RelatedTold(Told):
    """An earlier incident; `state`: its state now; `shared`: the places and holders that both are about."""

    id: str
    number: int
    title: str
    opened_at: Instant
    state: IncidentState
    shared: list[WhereTold]


class ContextTold(Told):
    """The whole picture of an incident as it was when it opened; it does not change once `state` is `done`.

    `state`: `waiting` to be collected, `begun` (what comes after it opened is still awaited), `done`, or `none` for an
    incident older than this. `because`: the events it rests on. `map_at`: the place to open the site's map at.
    `recorded`: whether there are clips. `pictures_deleted`: that the incident's pictures have been kept for long enough
    and are gone, in words; "" otherwise. `people` and `related` are as of `known_at`. `holders`: whom it is about, null
    for those who may not see people, who get no log of a holder either.
    """

    incident_id: str
    state: Literal["none", "waiting", "begun", "done"]
    at: Instant
    known_at: Instant | None
    cause: CauseTold | None
    because: list[HappenedTold]
    places: list[WhereTold]
    map_at: str | None
    cameras: list[CameraStripTold]
    recorded: bool
    pictures_deleted: str
    logs: list[LogTold]
    people: list[OccupancyTold]
    holders: list[NamedTold] | None
    related: list[RelatedTold]
    related_within_s: float


class ContextTeller:
    """Tells a context to one principal.

    Args:
        events: those that the context and the incident name, by id, as the principal may see them.
        pictured: ids of those that have a picture.
        kept: ids of the snapshots that are still there.
        kept_days: for how long pictures are kept after an incident was resolved.
        is_over: so long has passed.
        names: of places as the site file has them now.
        others: the related incidents as they are now, by id.
        with_people: whether the principal may see people.
    """

    def __init__(
        self,
        incident: Incident,
        *,
        plan: AccessPlan,
        events: Mapping[str, Event],
        pictured: set[str],
        kept: set[str],
        kept_days: int,
        is_over: bool,
        names: Mapping[str, str],
        others: Mapping[str, Incident],
        with_people: bool,
    ) -> None:
        self._incident = incident
        self._plan = plan
        self._events = events
        self._pictured = pictured
        self._kept = kept
        self._kept_days = kept_days
        self._is_over = is_over
        self._names = names
        self._others = others
        self._with_people = with_people

    def told(self, context: IncidentContext | None, missing: Literal["none", "waiting"]) -> ContextTold:
        """`missing`: what to say where there is no context."""
        incident = self._incident
        places = () if context is None else context.places
        cause = None if context is None else context.cause
        return ContextTold(
            incident_id=incident.id,
            state=missing if context is None else context.state.value,
            at=incident.opened_at,
            known_at=None if context is None else context.known_at,
            cause=None
            if cause is None
            else CauseTold(
                rule_id=cause.rule_id,
                title=cause.title,
                description=cause.description,
                falsepositives=list(cause.false_positives),
            ),
            because=self._happened(incident.event_ids),
            places=[WhereTold.of(one) for one in places],
            map_at=next((one.place for one in places if one.position is not None), None),
            cameras=[] if context is None else self._strips(context),
            recorded=False,
            pictures_deleted=self._deleted(context),
            logs=[] if context is None else self._logs(context),
            people=[]
            if context is None
            else [OccupancyTold.of(one, self._plan, with_people=self._with_people) for one in context.people],
            holders=None if not self._with_people else self._holders(() if context is None else context.holders),
            related=[] if context is None else [told for one in context.related if (told := self._related(one))],
            related_within_s=RELATED_S,
        )

    def _happened(self, event_ids: Sequence[str]) -> list[HappenedTold]:
        return [self._one(self._events[event_id]) for event_id in event_ids if event_id in self._events]

    def _one(self, event: Event) -> HappenedTold:
        place, holder = _place_of(event), self._holder_of(event)
        return HappenedTold(
            event_id=event.id,
            type=event.type,
            at=event.at,
            offset_s=self._offset_s(event.at),
            words=event_words(event, self._names, None if holder is None else holder.name),
            place=place,
            place_name=None if place is None else self._name(place),
            pictured=event.id in self._pictured,
            holder=holder,
        )

    def _holder_of(self, event: Event) -> NamedTold | None:
        """The event is as the principal may see it: for those who may not see people it names nobody."""
        holder_id = event.data.get("holder_id")
        if not isinstance(holder_id, str):
            known = self._plan.credential(str(event.data.get("credential")))
            holder_id = None if known is None else known[0].id
        return None if holder_id is None else NamedTold(id=holder_id, name=self._name(HOLDER + holder_id))

    def _deleted(self, context: IncidentContext | None) -> str:
        """Pictures that were collected are missing, or it is time and of those that events came with none is left."""
        shots = {shot.snapshot_id for strip in ([] if context is None else context.strips) for shot in strip.shots}
        had = any(had_picture(event) for event in self._events.values())
        if shots <= self._kept and not (had and self._is_over and not self._pictured and not self._kept):
            return ""
        days = "a day" if self._kept_days == 1 else f"{self._kept_days} days"
        return f"The pictures were deleted: they are kept for {days} after an incident is resolved."

    def _strips(self, context: IncidentContext) -> list[CameraStripTold]:
        deleted = self._deleted(context)
        strips = []
        for strip in context.strips:
            shots = [s for s in strip.shots if s.snapshot_id in self._kept]
            told = [ShotTold(id=s.snapshot_id, at=s.at, offset_s=self._offset_s(s.at)) for s in shots]
            missing = strip.missing or ("" if told else deleted)
            strips.append(CameraStripTold(camera_id=strip.camera_id, name=strip.name, shots=told, missing=missing))
        return strips

    def _logs(self, context: IncidentContext) -> list[LogTold]:
        return [
            LogTold(of=log.of, name=self._name(log.of), events=self._happened(log.event_ids))
            for log in context.logs
            if self._with_people or not log.of.startswith(HOLDER)
        ]

    def _holders(self, ids: Sequence[str]) -> list[NamedTold]:
        return [NamedTold(id=one, name=self._name(HOLDER + one)) for one in ids]

    def _related(self, related: Related) -> RelatedTold | None:
        """None where it is gone, or where all that both share is somebody whom the principal may not know."""
        now = self._others.get(related.incident_id)
        shared = [one for one in related.shared if self._with_people or not one.startswith(HOLDER)]
        if now is None or not shared:
            return None
        return RelatedTold(
            id=related.incident_id,
            number=related.number,
            title=related.title,
            opened_at=related.opened_at,
            state=now.state,
            shared=[WhereTold(place=one, name=self._name(one), position=None) for one in shared],
        )

    def _name(self, place: str) -> str:
        own_id = place.partition("/")[2]
        if place.startswith(HOLDER):
            holder = self._plan.holder(own_id)
            return own_id if holder is None else holder.name
        return name_of(place, self._names)

    def _offset_s(self, at: Instant) -> float:
        return round((at - self._incident.opened_at).total_seconds(), 1)


def _place_of(event: Event) -> str | None:
    """The zone, door, area, camera or device that tells of it."""
    zone_id = event.data.get("zone_id")
    if event.camera_id is not None and isinstance(zone_id, str):
        return f"zones/{event.camera_id}/{zone_id}"
    if event.door_id is not None:
        return f"doors/{event.door_id}"
    parts = event.source.split("/")
    return f"{parts[3]}/{parts[4]}" if len(parts) >= 5 else None
