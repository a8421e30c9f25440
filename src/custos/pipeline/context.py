"""What the hub knows around an incident at one time: `ContextFacts.gather(incident, now) -> IncidentContext`.

Reads the store and the hub's consumers; pictures are `collecting`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from custos.correlation import RuleDefinition
from custos.incidents import context as domain
from custos.model.context import About, Cause, Collected, IncidentContext, Log, Occupancy, Place, Present, Related
from custos.model.event import Event, Incident, source_of
from custos.model.naming import Point
from custos.model.site import PresenceRule, Site
from custos.model.views import cameras_of, name_of, names_of, positions_of
from custos.pipeline.ports import EventQuery, IncidentQuery, Store
from custos.pipeline.premises import Premises

DOOR_EVENTS = 20
"""Of a door's log."""
HOLDER_EVENTS = 50
"""Of a holder's log of the day."""
MOST_DOORS = 3
MOST_HOLDERS = 5
COMPARED = 100
"""Earlier incidents that are looked at, the newest."""
COMPARED_EVENTS = 4
"""Of each of them, by its first events."""
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A context without its pictures, and what pictures to ask for: which cameras, and of which times."""

    context: IncidentContext
    cameras: tuple[str, ...]
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a site file says of places, by place; of a large site it is made once, not for each incident."""

    site: Site
    names: Mapping[str, str]
    positions: Mapping[str, Point]
    seen_by: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, site: Site) -> _Plan:
        return cls(site, names_of(site), positions_of(site), cameras_of(site))


class ContextFacts:
    """Synchronous and thread-safe.

    Args:
        site: the site as it is now.
        rules: those from files, as they are now.
    """

    def __init__(
        self, store: Store, premises: Premises, site: Callable[[], Site], rules: Callable[[], Sequence[RuleDefinition]]
    ) -> None:
        self._store = store
        self._premises = premises
        self._site = site
        self._rules = rules
        self._plan: _Plan | None = None

    def gather(self, incident: Incident, now: datetime) -> Gathered:
        """Everything but pictures, as it is known at `now`."""
        plan = self._present_plan()
        site = plan.site
        events = self._store.events_by_id(site.id, incident.event_ids)
        where = domain.surroundings(incident, events, site)
        context = IncidentContext(
            incident_id=incident.id,
            site_id=site.id,
            state=Collected.BEGUN,
            at=incident.opened_at,
            known_at=now,
            cause=self._cause(incident, site),
            places=tuple(Place(one, name_of(one, plan.names), plan.positions.get(one)) for one in where.places),
            holders=where.holders,
            event_ids=tuple(event.id for event in events),
            logs=self.logs(site, where.places, where.holders, incident.opened_at, until=now),
            people=self._people(where.places, plan.names),
            related=self._related(incident, where, site),
        )
        cameras = domain.cameras_that_see(incident, events, where.places, site, plan.seen_by)
        return Gathered(context, cameras, domain.moments(incident, events))

    def about(self, incident: Incident, known: Collection[str] = ()) -> About:
        """Where it is and whom it is about by the events that it has by now.

        Args:
            known: events of which that has been said.
        """
        site = self._site()
        asked = [event_id for event_id in incident.event_ids if event_id not in known]
        where = domain.surroundings(incident, self._store.events_by_id(site.id, asked), site)
        return About(incident.id, site.id, (*where.places, *(f"holders/{one}" for one in where.holders)))

    def logs(
        self, site: Site, places: Sequence[str], holders: Sequence[str], at: datetime, *, until: datetime
    ) -> tuple[Log, ...]:
        """The last events of the doors, and of the holders those of the site's day, up to `until`."""
        end = max(at, until) + MOMENT
        midnight = at.astimezone(ZoneInfo(site.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
        doors = [place for place in places if place.startswith("doors/")][:MOST_DOORS]
        asked = [
            (door, EventQuery(source=source_of(site.id, "doors", door.partition("/")[2]), until=end), DOOR_EVENTS)
            for door in doors
        ]
        asked += [
            (f"holders/{one}", EventQuery(subject=f"holders/{one}", since=midnight, until=end), HOLDER_EVENTS)
            for one in holders[:MOST_HOLDERS]
        ]
        return tuple(
            Log(of, tuple(event.id for event in self._store.events(site.id, query, limit=limit).items))
            for of, query, limit in asked
        )

    def final_logs(self, context: IncidentContext, now: datetime) -> tuple[Log, ...]:
        """The logs again, with what the seconds after it opened have added."""
        places = [one.place for one in context.places]
        return self.logs(self._site(), places, context.holders, context.at, until=now)

    def _present_plan(self) -> _Plan:
        site, plan = self._site(), self._plan
        if plan is None or plan.site is not site:
            self._plan = plan = _Plan.of(site)
        return plan

    def _cause(self, incident: Incident, site: Site) -> Cause:
        rule = next((one for one in self._rules() if one.id == incident.rule_id), None)
        if rule is not None:
            return Cause(rule.id, rule.title, rule.description, rule.false_positives)
        own = next((one for one in site.rules if one.id == incident.rule_id), None)
        return Cause(incident.rule_id, incident.title, "" if own is None else _presence_words(own, site))

    def _people(self, places: Sequence[str], names: Mapping[str, str]) -> tuple[Occupancy, ...]:
        wanted = {place.partition("/")[2] for place in places if place.startswith("areas/")}
        if not wanted:
            return ()
        return tuple(
            Occupancy(
                view.id,
                names.get(f"areas/{view.id}", view.id),
                tuple(Present(who.holder_id, who.credential, since) for who, since in view.inside),
                view.seen,
            )
            for view in self._premises.areas()
            if view.id in wanted
        )

    def _related(self, incident: Incident, where: domain.Surroundings, site: Site) -> tuple[Related, ...]:
        since = incident.opened_at - timedelta(seconds=domain.RELATED_S)
        query = IncidentQuery(since=since, until=incident.opened_at + MOMENT)
        others = [one for one in self._store.incidents(site.id, query, limit=COMPARED).items if one.id != incident.id]
        ids = [event_id for one in others for event_id in one.event_ids[:COMPARED_EVENTS]]
        events = {event.id: event for event in self._store.events_by_id(site.id, ids)}

        def resting(other: Incident) -> list[Event]:
            return [events[one] for one in other.event_ids[:COMPARED_EVENTS] if one in events]

        return domain.related(where, [(one, domain.surroundings(one, resting(one), site)) for one in others])


def _presence_words(rule: PresenceRule, site: Site) -> str:
    names = names_of(site)
    zones = ", ".join(names.get(f"zones/{camera}/{zone}", zone) for camera, zone in rule.zones)
    hours = " outside the hours in which that is expected" if rule.expected is not None else ""
    return f"Somebody in {zones} for longer than {rule.longer_than_s:g} s{hours}."
