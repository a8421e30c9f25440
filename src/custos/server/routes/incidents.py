"""Incidents, and what people do to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from custos.incidents.lifecycle import Action, Change, Refused
from custos.model.event import Event, Incident, IncidentState
from custos.pipeline.ports import Conflict, EventQuery, IncidentQuery, Store
from custos.server.access import Access, Right
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import Fault, Problem, invalid, not_found
from custos.server.routes.events import Cursor, Limit, Word, bad_cursor
from custos.server.shapes.base import Asked, Instant, Page
from custos.server.shapes.event import CloudEventTold
from custos.server.shapes.incident import (
    ChangeAsked,
    IncidentDetailTold,
    IncidentTold,
    PathTold,
    PictureTold,
    TimelineTold,
)
from custos.server.shapes.site import ZoneTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["incidents"], responses=problems(*EVERYWHERE))

SUBJECTS_SHOWN = 50
WITNESSES = 50
ABOUT_PATTERN = r"^(areas|cameras|doors|holders|panels|sensors|tills)/[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
_ETAG = {"ETag": {"description": "The version, quoted.", "schema": {"type": "string"}}}


class IncidentFilters(Asked):
    """Filters; all that are given must hold. `state` may be repeated. `about`: a place or a holder that the incident
    concerned when it opened, "doors/front" or "holders/ada"."""

    state: Annotated[list[IncidentState], Field(default_factory=list, max_length=10)]
    camera_id: Word | None = None
    about: Annotated[str, Field(pattern=ABOUT_PATTERN)] | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@router.get("/incidents")
def incidents(filters: Annotated[IncidentFilters, Query()], reach: Reach, wiring: Wired) -> Page[IncidentTold]:
    """Incidents, newest first; `since` and `until` are about `opened_at`."""
    kind, _, one = (filters.about or "").partition("/")
    if kind == "holders":
        reach.holder(one)  # whom something is about is told to those who may see people
    query = IncidentQuery(
        states=tuple(filters.state),
        camera_id=filters.camera_id,
        about=filters.about,
        since=filters.since,
        until=filters.until,
    )
    site, store = reach.site(), wiring.deps.store
    try:
        page = store.incidents(site.id, query, limit=filters.limit, cursor=filters.cursor)
    except ValueError as problem:
        raise bad_cursor() from problem
    pictured = set(store.pictured(site.id, [e for i in page.items for e in _eyewitnesses(i)]))
    items = [IncidentTold.of(reach.shown_incident(i), _first(_eyewitnesses(i), pictured)) for i in page.items]
    return Page[IncidentTold](items=items, next_cursor=page.next_cursor)


@router.get("/incidents/{incident_id}", responses={200: {"headers": _ETAG}})
def incident(incident_id: str, response: Response, reach: Reach, wiring: Wired) -> IncidentDetailTold:
    """One incident with everything there is to know of it."""
    return _detail(reach.incident(incident_id), response, reach, wiring)


@router.post("/incidents/{incident_id}/changes", responses={200: {"headers": _ETAG}, **problems(409, 412)})
async def change_incident(
    incident_id: str,
    asked: ChangeAsked,
    response: Response,
    reach: Reach,
    wiring: Wired,
    if_match: Annotated[str | None, Header(description="An ETag of this incident; optional.")] = None,
) -> IncidentDetailTold:
    """Do something to an incident: 409 when it is no longer at `version`, or its state does not allow it."""
    present = await run_in_threadpool(reach.incident, incident_id, Right.HANDLE)
    if if_match is not None and not _matches(if_match, present):
        raise Problem(412, f"The incident is at version {present.version} now.", kind="stale-version")
    change = _change(asked, reach, wiring)
    try:
        changed = await wiring.deps.hub.change_incident(present.id, change, version=asked.version)
    except Conflict as stale:
        told = "Somebody else has changed the incident. Look at it again."
        raise Problem(409, told, kind="stale-version") from stale
    except Refused as refusal:
        told = f"{refusal.what} {refusal.remedy}".strip()
        raise Problem(409, told, kind="change-refused") from refusal
    except LookupError as gone:
        raise not_found("incident") from gone
    return await run_in_threadpool(_detail, changed, response, reach, wiring)


def _matches(if_match: str, incident: Incident) -> bool:
    tags = [tag.strip() for tag in if_match.split(",")]
    return "*" in tags or _etag(incident) in tags


def _etag(incident: Incident) -> str:
    return f'"{incident.version}"'


def _change(asked: ChangeAsked, reach: Access, wiring: Wiring) -> Change:
    faults = []
    if asked.action is Action.RESOLVE and asked.disposition is None:
        faults.append(Fault("/disposition", "resolving needs a disposition: how it ended"))
    if asked.action is not Action.RESOLVE and asked.disposition is not None:
        faults.append(Fault("/disposition", "only resolving takes a disposition"))
    if asked.action is Action.NOTE and not (asked.note or "").strip():
        faults.append(Fault("/note", "the note is empty"))
    if faults:
        raise invalid(faults)
    return Change(
        action=asked.action,
        actor=reach.principal.name,
        at=wiring.deps.clock(),
        disposition=asked.disposition,
        note=asked.note or "",
        assignee=asked.assignee,
    )


def _detail(incident: Incident, response: Response, reach: Access, wiring: Wiring) -> IncidentDetailTold:
    store, incident = wiring.deps.store, reach.shown_incident(incident)
    witnesses = _eyewitnesses(incident)
    picture_id = _first(witnesses, set(store.pictured(incident.site_id, witnesses)))
    picture = store.picture(incident.site_id, picture_id) if picture_id else None
    camera = reach.site().camera(incident.camera_id) if incident.camera_id else None
    zone = next((z for z in camera.zones if z.id == incident.zone_id), None) if camera else None
    response.headers["ETag"] = _etag(incident)
    return IncidentDetailTold(
        **IncidentTold.of(incident, picture_id).model_dump(),
        timeline=[TimelineTold.of(entry) for entry in incident.timeline],
        events=[CloudEventTold.of(reach.shown(e)) for e in store.events_by_id(incident.site_id, incident.event_ids)],
        picture=PictureTold.of(picture) if picture else None,
        paths=[p for s in incident.subjects[:SUBJECTS_SHOWN] if (p := _path(s, incident.site_id, store))],
        zone=ZoneTold.of(zone) if zone else None,
    )


def _eyewitnesses(incident: Incident) -> tuple[str, ...]:
    """The events whose pictures may stand for the incident: its first ones, so that a list stays cheap."""
    return incident.event_ids[:WITNESSES]


def _first(event_ids: tuple[str, ...], pictured: set[str]) -> str | None:
    return next((e for e in event_ids if e in pictured), None)


def _path(subject: str, site_id: str, store: Store) -> PathTold | None:
    """Where the subject has been, as its richest event tells; None when none tells."""
    events = store.events(site_id, EventQuery(subject=subject), limit=200).items
    richest = max(events, key=lambda event: len(_points(event)), default=None)
    if richest is None or not _points(richest):
        return None
    class_name = richest.data.get("class")
    return PathTold.model_validate(
        {
            "subject": subject,
            "camera_id": richest.camera_id,
            "class": class_name if isinstance(class_name, str) else "unknown",
            "points": _points(richest),
            "started_at": next((e.at for e in events if e.type == "track.started"), None),
            "ended_at": next((e.at for e in events if e.type == "track.ended"), None),
        }
    )


def _points(event: Event) -> list[tuple[float, float]]:
    path = event.data.get("path")
    if not isinstance(path, list):
        return []
    return [
        (float(p[0]), float(p[1]))
        for p in path
        if isinstance(p, list) and len(p) == 2 and isinstance(p[0], int | float) and isinstance(p[1], int | float)
    ]
