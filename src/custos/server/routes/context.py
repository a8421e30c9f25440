"""The whole picture of an incident, as it was collected when it opened."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from custos.model.views import names_of
from custos.pipeline.cloudevents import instant_text
from custos.pipeline.collecting import LOOKED_BACK
from custos.server.access import Right
from custos.server.openapi import EVERYWHERE, jpeg, problems
from custos.server.shapes.context import ContextTeller, ContextTold
from custos.server.wiring import Reach, Wired

router = APIRouter(tags=["incidents"], responses=problems(*EVERYWHERE))

COLLECTED_WITHIN = LOOKED_BACK - timedelta(minutes=1)


@router.get("/incidents/{incident_id}/context")
def incident_context(incident_id: str, reach: Reach, wiring: Wired) -> ContextTold:
    """Pictures before and after, logs, people inside, related incidents, the place, and why it fired, event by
    event."""
    incident, site, store = reach.incident(incident_id), reach.site(), wiring.deps.store
    context = store.context(site.id, incident.id)
    ids = dict.fromkeys((*incident.event_ids, *(context.held_event_ids if context is not None else ())))
    events = {event.id: reach.shown(event) for event in store.events_by_id(site.id, list(ids))}
    related = [] if context is None else [one.incident_id for one in context.related]
    others = {one.id: one for i in related if (one := store.incident(site.id, i)) is not None}
    now, kept_days = wiring.deps.clock(), site.retention.incident_pictures_days
    teller = ContextTeller(
        incident,
        plan=site.access,
        events=events,
        pictured=set(store.pictured(site.id, list(ids))),
        kept=store.kept_snapshots(site.id, incident.id),
        kept_days=kept_days,
        is_over=incident.resolved_at is not None and now - incident.resolved_at >= timedelta(days=kept_days),
        names=names_of(site),
        others=others,
        with_people=reach.may(Right.SEE_PEOPLE, site.id),
    )
    is_due = now - incident.opened_at < COLLECTED_WITHIN
    return teller.told(context, "waiting" if is_due else "none")


@router.get(
    "/incidents/{incident_id}/snapshots/{snapshot_id}.jpg",
    response_class=Response,
    responses=jpeg("What a camera showed around the time."),
)
def incident_snapshot(incident_id: str, snapshot_id: str, reach: Reach, wiring: Wired) -> Response:
    """A picture that belongs to an incident's context."""
    found = reach.snapshot(incident_id, snapshot_id)
    return Response(found.jpeg, headers={"X-Captured-At": instant_text(found.at)}, media_type="image/jpeg")
