"""Counts over time and heat maps of a camera, from stored events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from custos.model.behaviours import BEHAVIOUR_KINDS, NOTABLE
from custos.model.event import Event
from custos.model.event_types import EVENT_TYPES
from custos.model.flow import FlowGrid, grid_of
from custos.model.instants import EARLIEST
from custos.model.site import Camera
from custos.pipeline.calibrations import doubts, last_view
from custos.pipeline.ports import EventQuery, Measured, MeasureQuery
from custos.server.openapi import EVERYWHERE, problems
from custos.server.problems import Fault, invalid
from custos.server.shapes.base import Asked, Instant
from custos.server.shapes.counts import BucketTold, CountsTold, DoubtTold, HeatMapTold, SeriesTold
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["counts"], responses=problems(*EVERYWHERE))

MAP = "flow.mapped"
DAY = timedelta(days=1)
MOST_BUCKETS = 2000
MOST_MAPS = 10_000
"""A month of maps every five minutes has fewer."""
STRAY = 0.1
"""Share of a map's time in which the camera may have shown another view: a move is told some seconds late."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """How events of one type are added up: fields that keep them apart, and fields that are numbers."""

    keys: tuple[str, ...]
    fields: tuple[str, ...] = ()
    closes: bool = False


def _of_measure(name: str) -> Counted:
    """An event that a behaviour tells every so often: all its numbers, by behaviour and place."""
    fields = EVENT_TYPES[name].fields
    keys = [f.name for f in fields if f.name in ("behaviour_id", "line_id", "zone_id")]
    numbers = tuple(f.name for f in fields if f.kind in ("number", "integer") and f.name != "confidence")
    return Counted(tuple(keys), numbers, closes="period_s" in numbers)


COUNTED: dict[str, Counted] = {
    **{name: _of_measure(name) for kind in BEHAVIOUR_KINDS.values() for name in kind.measures if name != MAP},
    "line.crossed": Counted(("line_id", "direction")),
    "zone.entered": Counted(("zone_id",)),
    "zone.loitered": Counted(("zone_id",)),
    **{name: Counted(("behaviour_id",)) for name in sorted(NOTABLE)},
}


class Span(Asked):
    """`until` is now, and `since` a day before, or the beginning of 1970, when left out."""

    since: Instant | None = None
    until: Instant | None = None
    behaviour_id: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")] | None = None


class CountFilters(Span):
    """`type` may be repeated; left out, everything that counts is told, and of what behaviours saw happen, that which
    those see that the camera has now."""

    type: Annotated[list[Annotated[str, Field(max_length=64)]], Field(default_factory=list, max_length=50)]
    bucket_s: Annotated[int, Field(ge=1, le=31 * 86_400)] = 3600


@router.get("/cameras/{camera_id}/counts")
def counts(camera_id: str, filters: Annotated[CountFilters, Query()], reach: Reach, wiring: Wired) -> CountsTold:
    """Counts over time, in buckets: what behaviours counted, how often each saw something happen, and crossings, visits
    and loitering themselves."""
    camera = reach.camera(camera_id)
    since, until = _span(filters, wiring)
    if (until - since) / timedelta(seconds=filters.bucket_s) > MOST_BUCKETS:
        told = f"these are more than {MOST_BUCKETS} buckets; ask for a shorter span or wider buckets"
        raise invalid([Fault("/bucket_s", told)])
    for i, name in enumerate(filters.type):
        if name not in COUNTED:
            raise invalid([Fault(f"/type/{i}", f"{name!r} is not counted; these are: {', '.join(COUNTED)}")])
    series: list[SeriesTold] = []
    for name in filters.type or _told_by(camera):
        how = COUNTED[name]
        if filters.behaviour_id is not None and "behaviour_id" not in how.keys:
            continue
        only = {} if filters.behaviour_id is None else {"behaviour_id": filters.behaviour_id}
        query = MeasureQuery(camera.id, name, since, until, filters.bucket_s, how.keys, how.fields, how.closes, only)
        series += _series(name, how, wiring.deps.store.measures(reach.site().id, query))
    doubted = doubts(wiring.deps.store, reach.site().id, camera.id, since, until)
    return CountsTold(
        since=since,
        until=until,
        bucket_s=filters.bucket_s,
        series=series,
        doubtful=[DoubtTold(since=one.since, until=one.until, reason=one.reason) for one in doubted],
    )


@router.get("/cameras/{camera_id}/heatmap")
def heatmap(camera_id: str, filters: Annotated[Span, Query()], reach: Reach, wiring: Wired) -> HeatMapTold:
    """Where objects stood and which way they went: the maps of a behaviour of kind `flow`, added up. Without
    `behaviour_id`, those of the behaviour that told one last. A camera that was moved shows another view: what was
    mapped of another view than the last in the span is left out."""
    camera = reach.camera(camera_id)
    since, until = _span(filters, wiring)
    view = last_view(wiring.deps.store, reach.site().id, camera.id, since, until)
    behaviour_id = filters.behaviour_id
    total: FlowGrid | None = None
    covered_s, maps = 0.0, 0
    for event in _maps(reach.site().id, camera.id, since, until, wiring):
        behaviour_id = behaviour_id or str(event.data.get("behaviour_id"))
        if event.data.get("behaviour_id") != behaviour_id:
            continue
        period_s = _number(event, "period_s")
        if view.elsewhere_s(event.at - timedelta(seconds=period_s), event.at) > STRAY * period_s:
            continue
        grid = grid_of(event.data)
        if total is not None and grid.seconds.shape != total.seconds.shape:
            continue  # from before its columns were changed
        total = grid if total is None else total + grid
        covered_s += period_s
        maps += 1
    return HeatMapTold.of(
        total or FlowGrid.empty(32, 18),
        behaviour_id=behaviour_id,
        since=since,
        until=until,
        covered_s=covered_s,
        maps=maps,
        moved_at=view.since,
    )


def _told_by(camera: Camera) -> list[str]:
    """Each type is a question to the store: a camera without behaviours needs few."""
    seen = {name for one in camera.behaviours for name in one.kind_of.events}
    return [name for name in COUNTED if name not in NOTABLE or name in seen]


def _span(filters: Span, wiring: Wiring) -> tuple[datetime, datetime]:
    until = filters.until or wiring.deps.clock()
    since = filters.since or max(until - DAY, EARLIEST)
    if since >= until:
        raise invalid([Fault("/since", "the span is empty: since must lie before until")])
    return since, until


def _series(name: str, how: Counted, measured: list[Measured]) -> list[SeriesTold]:
    by_keys: dict[tuple[str, ...], list[BucketTold]] = {}
    for one in measured:
        sums = dict(zip(how.fields, (round(v, 3) for v in one.sums), strict=True))
        peaks = dict(zip(how.fields, (round(v, 3) for v in one.peaks), strict=True))
        bucket = BucketTold(since=one.from_at, count=one.count, sums=sums, peaks=peaks)
        by_keys.setdefault(one.keys, []).append(bucket)
    return [
        SeriesTold(type=name, of=dict(zip(how.keys, keys, strict=True)), buckets=buckets)
        for keys, buckets in sorted(by_keys.items())
    ]


def _maps(site_id: str, camera_id: str, since: datetime, until: datetime, wiring: Wiring) -> Iterator[Event]:
    """Newest first."""
    query = EventQuery(types=(MAP,), camera_id=camera_id, since=since, until=until)
    cursor: str | None = None
    for _ in range(MOST_MAPS // _PAGE):
        page = wiring.deps.store.events(site_id, query, limit=_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
    raise invalid([Fault("/since", f"there are more than {MOST_MAPS} maps in this span; ask for a shorter one")])


def _number(event: Event, name: str) -> float:
    value = event.data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
