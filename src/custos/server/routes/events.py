"""Events, their pictures and their types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from custos.model.event import Event
from custos.model.event_types import EVENT_TYPES
from custos.pipeline.cloudevents import instant_text
from custos.pipeline.ports import EventQuery
from custos.server.access import Access
from custos.server.openapi import EVERYWHERE, jpeg, problems
from custos.server.problems import Fault, invalid
from custos.server.shapes.base import WORD_PATTERN, Asked, Instant, Page
from custos.server.shapes.event import CloudEventTold, EventTypeTold
from custos.server.wiring import Reach, Wired

router = APIRouter(tags=["events"], responses=problems(*EVERYWHERE))

TypeFilter = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z_]*(\.[a-z_]+)*\.?$")]
MOST_TYPES = 50
"""Of one question, or one listener: every event is held against what each listener asked for."""
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=WORD_PATTERN)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(min_length=1, max_length=400, pattern=WORD_PATTERN)]


class EventFilters(Asked):
    """Filters; all that are given must hold. `type` may be repeated; one ending in "." is a prefix."""

    type: Annotated[list[TypeFilter], Field(default_factory=list, max_length=MOST_TYPES)]
    camera_id: Word | None = None
    subject: Word | None = None
    source: Word | None = None
    since: Instant | None = None
    until: Instant | None = None
    limit: Limit = 100
    cursor: Cursor | None = None


def bad_cursor() -> Exception:
    return invalid([Fault("/cursor", "this cursor was not made by this list; begin again without one")])


def last_told(event: Event | None, reach: Access) -> CloudEventTold | None:
    """The newest of something, where there is one, as this principal may see it."""
    return None if event is None else CloudEventTold.of(reach.shown(event))


@router.get("/events")
def events(filters: Annotated[EventFilters, Query()], reach: Reach, wiring: Wired) -> Page[CloudEventTold]:
    """Events, newest first. A `subject` that is somebody is for those who may see people."""
    reach.asks_about(filters.subject)
    reach.asks_about(filters.source and filters.source.split("/", 3)[-1])  # "/sites/hq/holders/ada"
    query = EventQuery(
        types=tuple(filters.type),
        camera_id=filters.camera_id,
        subject=filters.subject,
        source=filters.source,
        since=filters.since,
        until=filters.until,
    )
    site = reach.site()
    try:
        page = wiring.deps.store.events(site.id, query, limit=filters.limit, cursor=filters.cursor)
    except ValueError as problem:
        raise bad_cursor() from problem
    return Page[CloudEventTold](
        items=[CloudEventTold.of(reach.shown(e)) for e in page.items], next_cursor=page.next_cursor
    )


@router.get("/events/{event_id}")
def event(event_id: str, reach: Reach) -> CloudEventTold:
    """One event."""
    return CloudEventTold.of(reach.shown(reach.event(event_id)))


@router.get("/events/{event_id}/picture.jpg", response_class=Response, responses=jpeg("What it looked like."))
def picture(event_id: str, reach: Reach) -> Response:
    """The picture of an event."""
    found = reach.picture(event_id)
    return Response(found.jpeg, headers={"X-Captured-At": instant_text(found.at)}, media_type="image/jpeg")


@router.get("/event-types")
async def event_types(reach: Reach) -> Page[EventTypeTold]:
    """Every type of event Custos knows."""
    return Page[EventTypeTold](items=[EventTypeTold.of(t) for t in EVENT_TYPES.values()], next_cursor=None)
