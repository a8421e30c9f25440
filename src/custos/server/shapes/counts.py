"""Counts over time and heat maps, made of stored events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from custos.model.flow import FlowGrid
from custos.server.shapes.base import Instant, Told

Way = Annotated[list[float], Field(min_length=2, max_length=2)]
"""x, y; no tuple: fuzzers of OpenAPI stumble over `prefixItems` at the top of an answer."""


class BucketTold(Told):
    """One span of time: how many events, and the sums and the highest values of their numbers, by field."""

    since: Instant
    count: int
    sums: dict[str, float]
    peaks: dict[str, float]


class SeriesTold(Told):
    """Events of one type and of one thing; `of` says which: {"line_id": "gate", "direction": "left"}. Buckets without
    an event are left out."""

    type: str
    of: dict[str, str]
    buckets: list[BucketTold]


class DoubtTold(Told):
    """From when to when zones and lines were in doubt, as the camera had been moved; no `until` while nobody has
    confirmed or redrawn them."""

    since: Instant
    until: Instant | None
    reason: str


class CountsTold(Told):
    """Buckets of `bucket_s` seconds, the first from `since`. `doubtful`: what was counted then may not be so."""

    since: Instant
    until: Instant
    bucket_s: int
    series: list[SeriesTold]
    doubtful: list[DoubtTold]


class HeatMapTold(Told):
    """A grid over the picture, row by row from its top left. `seconds`: object seconds in each cell; `ways`: the sum of
    the moves that began in it, [x, y] in fractions of the picture; `covered_s`: how long there was something to map;
    `moved_at`: from when in this span the camera has had the view that is mapped, null when from its beginning; nothing
    that was mapped while it showed another is in it."""

    behaviour_id: str | None
    since: Instant
    until: Instant
    columns: int
    rows: int
    covered_s: float
    maps: int
    moved_at: Instant | None
    seconds: list[float]
    ways: list[Way]

    @classmethod
    def of(
        cls,
        grid: FlowGrid,
        *,
        behaviour_id: str | None,
        since: Instant,
        until: Instant,
        covered_s: float,
        maps: int,
        moved_at: datetime | None = None,
    ) -> HeatMapTold:
        return cls(
            behaviour_id=behaviour_id,
            since=since,
            until=until,
            columns=grid.columns,
            rows=grid.rows,
            covered_s=round(covered_s, 3),
            maps=maps,
            moved_at=moved_at,
            seconds=[round(float(one), 2) for one in grid.seconds.ravel()],
            ways=[[round(float(x), 4), round(float(y), 4)] for x, y in grid.ways.reshape(-1, 2)],
        )
