"""Areas, doors and holders: how they are now, and what is on record of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from custos.model.access import Door, Holder
from custos.model.errors import CustosError
from custos.model.event import Event, Json, source_of
from custos.pipeline.ports import EventQuery
from custos.server.access import Access, Right
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import Problem
from custos.server.routes.events import Cursor, Limit, bad_cursor, last_told
from custos.server.shapes.base import NOTE_PATTERN, Asked, Instant, Page
from custos.server.shapes.event import CloudEventTold
from custos.server.shapes.premises import (
    WEEK_TYPES,
    AreaTold,
    DoorTold,
    HolderNameTold,
    HolderTold,
    PassingTold,
    ShuntAsked,
)
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["doors"], responses=problems(*EVERYWHERE))
WEEK = timedelta(days=7)
MOST_NAMED = 100
"""Holders or credentials whose names are asked for at once."""


class LogFilters(Asked):
    """Filters; all that are given must hold."""

    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


class HolderFilters(Asked):
    """`q`: words that must all occur in id, name, roles or credentials. `cursor`: the last id of the page before, which
    its `next_cursor` is."""

    q: Annotated[str, Field(max_length=100, pattern=NOTE_PATTERN)] = ""
    limit: Limit = 100
    cursor: Cursor | None = None


class HolderNameFilters(Asked):
    """`id`, `credential`: whom to name, each repeatable."""

    id: Annotated[list[str], Field(default_factory=list, max_length=MOST_NAMED)]
    credential: Annotated[list[str], Field(default_factory=list, max_length=MOST_NAMED)]


@router.get("/areas")
def areas(reach: Reach, wiring: Wired) -> Page[AreaTold]:
    """Every area, how many are in it, and, for those who may see people, who."""
    site = reach.site()
    views = {view.id: view for view in wiring.deps.premises.areas()}
    with_people = reach.may(Right.SEE_PEOPLE, site.id)
    told = [AreaTold.of(a, views.get(a.id), site.access, with_people=with_people) for a in site.access.areas]
    return Page[AreaTold](items=told, next_cursor=None)


@router.get("/doors")
def doors(reach: Reach, wiring: Wired) -> Page[DoorTold]:
    """Every door as it is now, and how its last seven days were."""
    told = _doors_told(reach.site().access.doors, reach, wiring)
    return Page[DoorTold](items=told, next_cursor=None)


@router.get("/doors/{door_id}")
def door(door_id: str, reach: Reach, wiring: Wired) -> DoorTold:
    """One door as it is now."""
    return _doors_told([reach.door(door_id)], reach, wiring)[0]


def _doors_told(doors: Sequence[Door], reach: Access, wiring: Wiring) -> list[DoorTold]:
    site_id = reach.site().id
    views = {view.id: view for view in wiring.deps.premises.doors()}
    since = wiring.deps.clock() - WEEK
    counts = wiring.deps.store.event_counts(site_id, types=list(WEEK_TYPES), since=since) if doors else {}
    sources = {one.id: source_of(site_id, "doors", one.id) for one in doors}
    newest = wiring.deps.store.newest_of_sources(site_id, list(sources.values()))
    told = []
    for one in doors:
        source = sources[one.id]
        week = {type_: counts.get((source, type_), 0) for type_ in WEEK_TYPES}
        told.append(DoorTold.of(one, views.get(one.id), week, last_told(newest.get(source), reach)))
    return told


@router.get("/doors/{door_id}/passing")
def passing(door_id: str, reach: Reach, wiring: Wired) -> PassingTold:
    """Who may go through a door now, each way."""
    found = reach.door(door_id, Right.SEE_PEOPLE)
    view = next((one for one in wiring.deps.premises.doors() if one.id == found.id), None)
    return PassingTold.of(found, view, reach.site().access, wiring.deps.clock())


@router.post("/doors/{door_id}/shunt", responses=problems(503))
async def shunt(door_id: str, asked: ShuntAsked, reach: Reach, wiring: Wired) -> DoorTold:
    """Put a door's alarms off for so long: maintenance, a delivery."""
    data: dict[str, Json] = {"for_s": asked.for_s, "detail": asked.reason}
    return await _tell_of_door("door.shunted", door_id, data, reach, wiring)


@router.delete("/doors/{door_id}/shunt", responses=problems(503))
async def unshunt(door_id: str, reach: Reach, wiring: Wired) -> DoorTold:
    """Put a door's alarms in force again."""
    return await _tell_of_door("door.unshunted", door_id, {}, reach, wiring)


async def _tell_of_door(type_: str, door_id: str, data: dict[str, Json], reach: Access, wiring: Wiring) -> DoorTold:
    """Take in what somebody here has done to a door; the door as it is then."""
    found = await run_in_threadpool(reach.door, door_id, Right.HANDLE)
    source = source_of(reach.principal.site_id, "doors", found.id)
    told: dict[str, Json] = {"door_id": found.id, "actor": reach.principal.name, **data}
    event = Event(secrets.token_hex(16), type_, wiring.deps.clock(), source, f"doors/{found.id}", told)
    try:
        await wiring.deps.hub.accept([event])
    except CustosError as error:
        raise Problem(503, "This cannot be stored now; try again.", retry_after_s=5) from error
    return await run_in_threadpool(door, door_id, reach, wiring)


@router.get("/doors/{door_id}/log")
def door_log(
    door_id: str, filters: Annotated[LogFilters, Query()], reach: Reach, wiring: Wired
) -> Page[CloudEventTold]:
    """What a door, its readers and Custos say of it, newest first."""
    found = reach.door(door_id)
    source = source_of(reach.site().id, "doors", found.id)
    return _log(EventQuery(source=source, since=filters.since, until=filters.until), filters, reach, wiring)


@router.get("/holders")
def holders(filters: Annotated[HolderFilters, Query()], reach: Reach, wiring: Wired) -> Page[HolderTold]:
    """Those to whom credentials belong, by their ids."""
    words = filters.q.casefold().split()
    known = sorted((h for h in reach.people() if _is_meant(h, words)), key=lambda holder: holder.id)
    rest = [one for one in known if filters.cursor is None or one.id > filters.cursor]
    page = rest[: filters.limit]
    more = page[-1].id if len(rest) > len(page) else None
    return Page[HolderTold](items=_holders_told(page, reach, wiring), next_cursor=more)


def _is_meant(holder: Holder, words: Sequence[str]) -> bool:
    numbers = [c.number for c in holder.credentials if not c.is_duress]
    text = " ".join((holder.id, holder.name, *holder.roles, *numbers)).casefold()
    return all(word in text for word in words)


def _holders_told(holders: Sequence[Holder], reach: Access, wiring: Wiring) -> list[HolderTold]:
    views = wiring.deps.premises.areas()
    newest = wiring.deps.store.newest_of_subjects(reach.site().id, [f"holders/{one.id}" for one in holders])
    plan, now = reach.site().access, wiring.deps.clock()
    return [HolderTold.of(h, views, last_told(newest.get(f"holders/{h.id}"), reach), plan, now) for h in holders]


@router.get("/holder-names")
def holder_names(filters: Annotated[HolderNameFilters, Query()], reach: Reach) -> Page[HolderNameTold]:
    """What holders are called, by their ids or by credentials: for events, which name nobody."""
    known, site = {one.id: one for one in reach.people()}, reach.site()
    asked = {f"holders/{one}": known.get(one) for one in filters.id}
    for number in filters.credential:
        found = site.access.credential(number)
        asked[f"credentials/{number}"] = None if found is None else found[0]
    told = [HolderNameTold(of=of, id=one.id, name=one.name) for of, one in asked.items() if one is not None]
    return Page[HolderNameTold](items=told, next_cursor=None)


@router.get("/holders/{holder_id}")
def holder(holder_id: str, reach: Reach, wiring: Wired) -> HolderTold:
    """One of them, and where they are."""
    return _holders_told([reach.holder(holder_id)], reach, wiring)[0]


@router.get("/holders/{holder_id}/log")
def holder_log(
    holder_id: str, filters: Annotated[LogFilters, Query()], reach: Reach, wiring: Wired
) -> Page[CloudEventTold]:
    """Where somebody went, was refused, and what was found of it, newest first."""
    found = reach.holder(holder_id)
    query = EventQuery(subject=f"holders/{found.id}", since=filters.since, until=filters.until)
    return _log(query, filters, reach, wiring)


def _log(query: EventQuery, filters: LogFilters, reach: Access, wiring: Wiring) -> Page[CloudEventTold]:
    try:
        page = wiring.deps.store.events(reach.site().id, query, limit=filters.limit, cursor=filters.cursor)
    except ValueError as problem:
        raise bad_cursor() from problem
    return Page[CloudEventTold](
        items=[CloudEventTold.of(reach.shown(e)) for e in page.items], next_cursor=page.next_cursor
    )
