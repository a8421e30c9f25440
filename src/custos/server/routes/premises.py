"""Areas, doors and holders: how they are now, and what is on record of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from custos.model.event import source_of
from custos.pipeline.ports import EventQuery
from custos.server.access import Access, Right
from custos.server.openapi import EVERYWHERE, problems
from custos.server.routes.events import Cursor, Limit, bad_cursor
from custos.server.shapes.base import Asked, Instant, Page
from custos.server.shapes.event import CloudEventTold
from custos.server.shapes.premises import AreaTold, DoorTold, HolderTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["doors"], responses=problems(*EVERYWHERE))


class LogFilters(Asked):
    """Filters; all that are given must hold."""

    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


class HolderFilters(Asked):
    """`after`: the last id of the page before, which its `next_cursor` is."""

    limit: Limit = 100
    cursor: Cursor | None = None


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
    """Every door as it is now."""
    views = {view.id: view for view in wiring.deps.premises.doors()}
    told = [DoorTold.of(door, views.get(door.id)) for door in reach.site().access.doors]
    return Page[DoorTold](items=told, next_cursor=None)


@router.get("/doors/{door_id}")
def door(door_id: str, reach: Reach, wiring: Wired) -> DoorTold:
    """One door as it is now."""
    found = reach.door(door_id)
    views = {view.id: view for view in wiring.deps.premises.doors()}
    return DoorTold.of(found, views.get(found.id))


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
    known = sorted(reach.people(), key=lambda holder: holder.id)
    rest = [one for one in known if filters.cursor is None or one.id > filters.cursor]
    page, views = rest[: filters.limit], wiring.deps.premises.areas()
    more = page[-1].id if len(rest) > len(page) else None
    return Page[HolderTold](items=[HolderTold.of(one, views) for one in page], next_cursor=more)


@router.get("/holders/{holder_id}")
def holder(holder_id: str, reach: Reach, wiring: Wired) -> HolderTold:
    """One of them, and where they are."""
    return HolderTold.of(reach.holder(holder_id), wiring.deps.premises.areas())


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
